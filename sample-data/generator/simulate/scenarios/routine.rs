//! Routine of administrators, products and responders.

use super::super::audit::{OFFICE_PORTAL, SignIn};
use super::super::connector::Connector;
use super::super::intrusion::Application;
use super::super::tenant::AGENTS;
use super::super::time;
use super::super::world::{World, admin_actor};
use super::{INNOCENT, NOT_ACCUSED, NOT_SUPPORTED};

/// The certificate was renewed, and its subject is set again. Played in the hybrid tenant.
pub fn certificate(world: &mut World) {
    let name = world.headquarters.clone();
    let actor = world.admin();
    let certificate = world.connector(&name).certificate.clone();
    let changed = world.at(30, 17, 40);
    world.change_connector(
        changed,
        &actor,
        &name,
        &[("TlsSenderCertificateName", &certificate), ("RequireTls", "True")],
    );
    world.expect(&name, INNOCENT, &[("unauthorized_change", NOT_SUPPORTED)]);
    world.expect_others(INNOCENT);
}

/// Automation sets what is already set, every night, in the name of the administrator's automation account.
pub fn reapplied(world: &mut World) {
    let account = world.tenant.admins[1].clone();
    let office = world.setup.profile.office;
    for day in 1..world.setup.days {
        let mut r = world.random("automation session");
        let mut actor = admin_actor(&account, office);
        let session = r.guid();
        actor.session = Some(session);
        let time = world.at(day, 3, 15);
        let agent = "PowerShell/7.4 DSC";
        let (user_id, object_id) = (account.address.as_str(), account.object_id);
        let sign_in = SignIn {
            user_id,
            object_id,
            ip: office,
            agent,
            application: OFFICE_PORTAL,
            error: None,
            session: Some(session),
        };
        world.audit.push(sign_in.record(time - 40 * time::SECOND, &mut r));
        for name in [world.headquarters.clone(), world.branch.clone()] {
            let ips = world.connector(&name).sender_ips.join(";");
            world.change_with_old_values(
                time,
                &actor,
                &name,
                &[("SenderIPAddresses", &ips), ("RequireTls", "True"), ("Enabled", "True")],
            );
        }
    }
    world.expect_others(INNOCENT);
}

/// An encryption product: its own application adds a partner connector by certificate and rules that remove the
/// headers that the product itself adds.
pub fn gateway(world: &mut World) {
    let mut r = world.random("gateway");
    let start = world.at(29, 10, 30);
    let app = Application {
        name: "Mail encryption",
        app_id: r.guid(),
        service_principal: r.guid(),
    };
    let actor = world.admin();
    let mut connector = Connector::partner("[Encryption.cloud] Inbound", "mail-encryption.example", start, &mut r);
    connector.comment = format!("Set up by the product, application {}", app.app_id);
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    for (at, header) in [
        "X-SM-incoming",
        "X-SM-outgoing",
        "X-SM-smime-signed",
        "X-SM-internal",
        "X-SM-ruleset-loop",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("[Encryption.cloud] - 9{at}0 remove {header}");
        let parameters = [
            ("Name", name.as_str()),
            ("RemoveHeader", header),
            ("Comments", "part of the product"),
            ("Enabled", "True"),
            ("Mode", "Enforce"),
        ];
        world.cmdlet(
            start + (1 + at as i64) * time::MINUTE,
            &actor,
            "New-TransportRule",
            "",
            &parameters,
        );
    }
    world.expect(
        "[Encryption.cloud] Inbound",
        NOT_ACCUSED,
        &[("transport_rule_tampering", NOT_SUPPORTED)],
    );
    world.expect_others(INNOCENT);
}

/// A responder, named in org.toml, removes a connector that nobody used and tightens the branch's.
pub fn cleanup(world: &mut World) {
    let mut r = world.random("responder");
    let old = world.from - 500 * time::DAY;
    let forgotten = Connector::by_address("Legacy fax relay", &["2.125.160.221"], old, &mut r);
    world.connectors.push(forgotten);
    let responder = format!("incident.response@{}", world.setup.profile.domain);
    let mut actor = admin_actor(&world.tenant.admins[0], "81.2.69.172");
    (actor.user_id, actor.user_key) = (responder.clone(), format!("10032{:011X}", r.below(1 << 44)));
    let session = r.guid();
    actor.session = Some(session);
    let start = world.at(36, 18, 30);
    let object_id = r.guid();
    let sign_in = SignIn {
        user_id: &responder,
        object_id,
        ip: "81.2.69.172",
        agent: AGENTS[0],
        application: OFFICE_PORTAL,
        error: None,
        session: Some(session),
    };
    world.audit.push(sign_in.record(start - 12 * time::MINUTE, &mut r));
    world.remove_connector(start, &actor, "Legacy fax relay");
    let branch = world.branch.clone();
    world.change_connector(
        start + 6 * time::MINUTE,
        &actor,
        &branch,
        &[("RequireTls", "True"), ("RestrictDomainsToIPAddresses", "True")],
    );
    world.responders.push(responder);
    world.expect(
        "Legacy fax relay",
        NOT_ACCUSED,
        &[("unauthorized_change", NOT_SUPPORTED)],
    );
    world.expect(&branch, INNOCENT, &[("unauthorized_change", NOT_SUPPORTED)]);
    world.expect_others(INNOCENT);
}

/// Four days of sign-ins from another network; mailboxes are changed, connectors are not.
pub fn travel(world: &mut World) {
    let account = world.tenant.admins[0].clone();
    let hotel = "198.51.100.200";
    let mut r = world.random("travel");
    let (user_id, object_id) = (account.address.as_str(), account.object_id);
    for day in 29..33 {
        for hour in [7, 19] {
            let session = r.guid();
            let sign_in = SignIn {
                user_id,
                object_id,
                ip: hotel,
                agent: account.agent,
                application: OFFICE_PORTAL,
                error: None,
                session: Some(session),
            };
            let time = world.at(day, hour, r.between(0, 59));
            world.audit.push(sign_in.record(time, &mut r));
            let mut actor = admin_actor(&account, hotel);
            actor.session = Some(session);
            let user = world.tenant.users[day as usize % 24].address.clone();
            world.cmdlet(
                time + 9 * time::MINUTE,
                &actor,
                "Set-Mailbox",
                &user,
                &[("Identity", user.as_str()), ("LitigationHoldEnabled", "False")],
            );
        }
    }
    for name in [world.headquarters.clone(), world.branch.clone()] {
        world.expect(
            &name,
            INNOCENT,
            &[
                ("compromised_admin", NOT_SUPPORTED),
                ("unauthorized_change", NOT_SUPPORTED),
            ],
        );
    }
    world.expect_others(INNOCENT);
}
