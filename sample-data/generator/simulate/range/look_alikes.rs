//! Work on connectors that looks like an attack.

use super::super::audit::{self, Actor};
use super::super::campaign::{Campaign, Targets, addresses};
use super::super::connector::{Connector, Kind};
use super::super::intrusion::Application;
use super::super::message::{Direction, Message, Via};
use super::super::scenarios::look_alikes::wizard_on;
use super::super::scenarios::{INNOCENT, NOT_SUPPORTED};
use super::super::time::{self, Millis};
use super::super::world::{World, admin_actor};
use super::scene::Scene;

/// The label of a connector about which something harmless happened; the others are as innocent.
fn harmless(world: &mut World, connector: &str) {
    let none = [
        "unexpected_connector",
        "unauthorized_change",
        "compromised_admin",
        "source_ip_mismatch",
        "sender_mismatch",
        "transport_rule_tampering",
        "short_lived_connector",
    ];
    world.expect(connector, INNOCENT, &none.map(|id| (id, NOT_SUPPORTED)));
    world.expect_others(INNOCENT);
}

/// Working days from the day after the event to the end.
fn later(world: &World, day: i64) -> Vec<i64> {
    let zone = world.setup.profile.zone;
    (day + 1..world.setup.days)
        .filter(|day| world.tenant.works(time::to_local(zone, world.at(*day, 12, 0))))
        .collect()
}

/// The wizard's run.
pub fn wizard(world: &mut World, scene: &mut Scene) {
    let hour = scene.r.between(8, 17);
    let known = world.connectors.len();
    // The sign-in of the session comes first.
    let time = world.at(scene.work_day(world), hour, 0);
    scene.admin(world, time);
    wizard_on(world, scene.work_day(world), hour);
    let made = world.connectors.get(known).map(|c| c.name.clone()).unwrap_or_default();
    harmless(world, &made);
}

/// A connector for the printers of a site, from its gateway's address.
pub fn printer(world: &mut World, scene: &mut Scene) {
    let made = scene.work_moment(world);
    let actor = scene.admin(world, made);
    let mut r = world.random("printer");
    let source = [world.setup.profile.office];
    let name = *scene.r.pick(&["Printers", "Scan to mail", "MFP relay 3rd floor"]);
    let mut connector = Connector::by_address(name, &source, made, &mut r);
    (connector.require_tls, connector.restrict_to_ips) = (false, scene.r.chance(500));
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    let p1 = addresses(&["scanner01", "scanner02"], world.setup.profile.domain);
    let scans = scene.r.between(3, 25) as u64;
    for day in later(world, scene.day) {
        let (from, to) = (world.at(day, 8, 0), world.at(day, 17, 0));
        Campaign {
            targets: Targets::Staff,
            subjects: &["Scanned document"],
            spam: 0,
            bounces: 0,
            hostile: false,
            ..Campaign::spam(name, from, to, scans, &source, &p1, &[])
        }
        .send(world);
    }
    harmless(world, name);
}

/// Mail from outside comes through the gateway from `since` on.
fn rerouted(world: &mut World, connector: &str, since: Millis, hosts: &[&str]) {
    let mut r = world.random("rerouted");
    for message in world.messages.iter_mut() {
        if message.time >= since && message.via.is_none() && message.direction == Direction::Inbound {
            (*r.pick(hosts)).clone_into(&mut message.source_ip);
            message.via = Some(Via {
                name: connector.to_owned(),
                kind: Kind::Partner,
            });
        }
    }
}

/// A filtering service: a Partner connector by certificate and addresses, an outbound connector, a rule that trusts
/// its verdicts, all in one session.
pub fn mail_gateway(world: &mut World, scene: &mut Scene) {
    let made = scene.work_moment(world);
    let actor = scene.admin(world, made);
    let mut r = world.random("gateway");
    let name = *scene.r.pick(&["Mail gateway inbound", "Cloud filter - inbound"]);
    let mut connector = Connector::partner(name, "mail-filter.example", made, &mut r);
    connector.sender_domains = vec!["smtp:*;1".to_owned()];
    let hosts = ["202.196.224.11", "202.196.224.12"];
    if scene.r.chance(500) {
        connector.sender_ips = vec!["202.196.224.0/24".to_owned()];
        connector.restrict_to_ips = true;
    }
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    let outbound = [
        ("Name", "Mail gateway outbound"),
        ("ConnectorType", "Partner"),
        ("SmartHosts", "out.mail-filter.example"),
    ];
    world.cmdlet(
        made + 2 * time::MINUTE,
        &actor,
        "New-OutboundConnector",
        "Mail gateway outbound",
        &outbound,
    );
    let rule = [
        ("Name", "Trust the gateway"),
        ("SenderIpRanges", "202.196.224.0/24"),
        ("SetSCL", "-1"),
        ("Enabled", "True"),
    ];
    world.cmdlet(
        made + 4 * time::MINUTE,
        &actor,
        "New-TransportRule",
        "Trust the gateway",
        &rule,
    );
    rerouted(world, name, made + 10 * time::MINUTE, &hosts);
    harmless(world, name);
}

/// The directory records of a consent that an administrator gives to a vendor's application.
fn consent(world: &mut World, time: Millis, actor: &Actor, app: &Application) {
    let mut r = world.random("consent");
    let (app_id, principal) = (app.app_id.to_string(), app.service_principal.to_string());
    let target = [(principal.as_str(), 1), (app_id.as_str(), 2), (app.name, 4)];
    let steps = [
        (
            "Add service principal.",
            vec![
                ("DisplayName", app.name, "[]"),
                ("AppPrincipalId", app_id.as_str(), "[]"),
            ],
        ),
        (
            "Add app role assignment to service principal.",
            vec![
                ("AppRole.Value", "Exchange.ManageAsApp", ""),
                ("ServicePrincipal.ObjectID", principal.as_str(), ""),
            ],
        ),
        (
            "Consent to application.",
            vec![("ConsentContext.IsAdminConsent", "True", "")],
        ),
        (
            "Add member to role.",
            vec![("Role.DisplayName", "Exchange Administrator", "")],
        ),
    ];
    for (at, (operation, modified)) in steps.iter().enumerate() {
        let when = time + at as i64 * 20 * time::SECOND;
        let record = audit::directory(when, actor, operation, &app_id, &target, modified, &mut r);
        world.audit.push(record);
    }
}

/// A signature service: after the administrator's consent its application makes an inbound connector by certificate, an
/// outbound one and a rule. From then on the mail of cloud mailboxes goes out to the service and comes back.
pub fn signature_service(world: &mut World, scene: &mut Scene) {
    let agreed = scene.work_moment(world);
    let admin = scene.admin(world, agreed);
    let mut r = world.random("signatures");
    let app = Application {
        name: "Mail signatures",
        app_id: r.guid(),
        service_principal: r.guid(),
    };
    consent(world, agreed, &admin, &app);
    let actor = app.actor("202.196.224.40");
    let made = agreed + scene.r.between(2, 40) * time::MINUTE;
    let name = "Mail signatures inbound";
    let mut connector = Connector::by_address(name, &[], made, &mut r);
    "Default".clone_into(&mut connector.source);
    "*.signatures.example".clone_into(&mut connector.certificate);
    (connector.restrict_to_ips, connector.restrict_to_certificate) = (false, true);
    (connector.cloud_services_mail, connector.treat_as_internal) = (true, false);
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    let outbound = [
        ("Name", "Mail signatures outbound"),
        ("ConnectorType", "OnPremises"),
        ("SmartHosts", "smtp.signatures.example"),
    ];
    world.cmdlet(
        made + time::MINUTE,
        &actor,
        "New-OutboundConnector",
        "Mail signatures outbound",
        &outbound,
    );
    let rule = [
        ("Name", "Mail signatures"),
        ("RouteMessageOutboundConnector", "Mail signatures outbound"),
        ("Enabled", "True"),
    ];
    world.cmdlet(
        made + 2 * time::MINUTE,
        &actor,
        "New-TransportRule",
        "Mail signatures",
        &rule,
    );
    let mut back: Vec<Message> = Vec::new();
    for message in world
        .messages
        .iter()
        .filter(|m| m.time >= made && m.sender_object.is_some())
    {
        back.push(Message {
            time: message.time + 4 * time::SECOND,
            network_id: r.guid(),
            source_ip: (*r.pick(&["202.196.224.41", "202.196.224.42"])).to_owned(),
            via: Some(Via {
                name: name.to_owned(),
                kind: Kind::OnPremises,
            }),
            sender_object: None,
            ..message.clone()
        });
    }
    world.messages.append(&mut back);
    let none = [
        "unexpected_connector",
        "compromised_admin",
        "sender_mismatch",
        "transport_rule_tampering",
    ];
    world.expect(name, INNOCENT, &none.map(|id| (id, NOT_SUPPORTED)));
    world.expect_others(INNOCENT);
}

/// An encryption product's connector, and rules that remove the headers that it adds itself.
pub fn encryption_gateway(world: &mut World, scene: &mut Scene) {
    let made = scene.work_moment(world);
    let actor = scene.admin(world, made);
    let mut r = world.random("encryption");
    let name = "[Encryption.cloud] Inbound";
    let connector = Connector::partner(name, "mail-encryption.example", made, &mut r);
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    let headers = [
        "X-SM-incoming",
        "X-SM-outgoing",
        "X-SM-smime-signed",
        "X-SM-internal",
        "X-SM-ruleset-loop",
    ];
    for (at, header) in headers.iter().enumerate() {
        let rule = format!("[Encryption.cloud] - 9{at}0 remove {header}");
        let typed = [
            ("Name", rule.as_str()),
            ("RemoveHeader", header),
            ("Enabled", "True"),
            ("Mode", "Enforce"),
        ];
        world.cmdlet(
            made + (1 + at as i64) * time::MINUTE,
            &actor,
            "New-TransportRule",
            "",
            &typed,
        );
    }
    harmless(world, name);
}

/// One of the mail servers gets another address, inside the organisation's networks or in a new one that org.toml does
/// not know yet.
pub fn renumbering(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    let changed = scene.work_moment(world);
    let actor = scene.admin(world, changed);
    let [stays, goes] = world.setup.profile.mail_servers;
    let outside = scene.r.chance(500);
    let comes = if outside {
        "202.196.224.9".to_owned()
    } else {
        let site = stays.rsplit_once('.').map_or("", |(n, _)| n);
        let last: i64 = stays.rsplit_once('.').and_then(|(_, n)| n.parse().ok()).unwrap_or(1);
        format!("{site}.{}", last + 3)
    };
    // A move to another network takes both servers; the old addresses fall silent.
    let kept = if outside { Vec::new() } else { vec![stays.to_owned()] };
    let ips = kept
        .iter()
        .cloned()
        .chain([comes.clone()])
        .collect::<Vec<_>>()
        .join(";");
    let changes = [("SenderIPAddresses", ips.as_str())];
    if scene.r.chance(300) {
        world.change_with_old_values(changed, &actor, &name, &changes);
    } else {
        world.change_connector(changed, &actor, &name, &changes);
    }
    let moved = |m: &Message| m.source_ip == goes || (outside && m.source_ip == stays);
    for message in world
        .messages
        .iter_mut()
        .filter(|m| m.time >= changed && m.connector() == name && moved(m))
    {
        message.source_ip.clone_from(&comes);
    }
    harmless(world, &name);
}

/// The certificate was renewed; its subject is set again. Played in a hybrid tenant.
pub fn certificate_renewal(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    let changed = scene.work_moment(world);
    let actor = scene.admin(world, changed);
    let certificate = world.connector(&name).certificate.clone();
    let changes = [
        ("TlsSenderCertificateName", certificate.as_str()),
        ("RequireTls", "True"),
    ];
    world.change_connector(changed, &actor, &name, &changes);
    harmless(world, &name);
}

/// The service sets, of no consequence for what comes in, what is set already.
pub fn service_actor(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    let source = world.connector(&name).source.clone();
    let times = scene.r.between(1, 3);
    for _ in 0..times {
        let time = scene.moment(world) + scene.r.between(0, 72) * time::HOUR;
        let mut actor = Actor::service();
        let process = *scene.r.pick(&[
            "Microsoft.Exchange.ServiceHost",
            "Microsoft.Exchange.AdminApi.NetCore",
            "w3wp",
        ]);
        actor.user_id = format!("NT AUTHORITY\\SYSTEM ({process})");
        actor.user_key.clone_from(&actor.user_id);
        world.change_connector(time, &actor, &name, &[("ConnectorSource", &source)]);
    }
    harmless(world, &name);
}

/// Automation sets what is set already, every night, in an account of its own.
pub fn reapplied(world: &mut World, scene: &mut Scene) {
    let account = world.tenant.admins[1].clone();
    let office = world.setup.profile.office;
    let with_old = scene.r.chance(500);
    for day in 1..world.setup.days {
        let time = world.at(day, 3, 15);
        let session = scene.r.guid();
        let mut actor = admin_actor(&account, office);
        actor.session = Some(session);
        let sign_in = audit::SignIn {
            user_id: &account.address,
            object_id: account.object_id,
            ip: office,
            agent: "PowerShell/7.4 DSC",
            application: audit::OFFICE_PORTAL,
            error: None,
            session: Some(session),
        };
        let record = sign_in.record(time - 40 * time::SECOND, &mut scene.r);
        world.audit.push(record);
        for name in [world.headquarters.clone(), world.branch.clone()] {
            let ips = world.connector(&name).sender_ips.join(";");
            let mut values = vec![("RequireTls", "True"), ("Enabled", "True")];
            if !ips.is_empty() {
                values.push(("SenderIPAddresses", ips.as_str()));
            }
            if with_old {
                world.change_with_old_values(time, &actor, &name, &values);
            } else {
                world.change_connector(time, &actor, &name, &values);
            }
        }
    }
    let name = world.headquarters.clone();
    harmless(world, &name);
}

/// A responder removes a connector that nobody used and tightens the branch's.
pub fn responder(world: &mut World, scene: &mut Scene) {
    let mut r = world.random("responder");
    let old = world.from - 500 * time::DAY;
    let address = format!(
        "{}.250",
        world.setup.profile.office.rsplit_once('.').map_or("", |(n, _)| n)
    );
    let forgotten = Connector::by_address("Legacy fax relay", &[&address], old, &mut r);
    world.connectors.push(forgotten);
    let address = format!("incident.response@{}", world.setup.profile.domain);
    let mut actor = admin_actor(&world.tenant.admins[0], world.setup.profile.office);
    (actor.user_id, actor.user_key) = (address.clone(), format!("10032{:011X}", r.below(1 << 44)));
    actor.session = Some(r.guid());
    let start = scene.work_moment(world);
    world.remove_connector(start, &actor, "Legacy fax relay");
    let branch = world.branch.clone();
    let tight = [("RequireTls", "True"), ("RestrictDomainsToIPAddresses", "True")];
    world.change_connector(start + 6 * time::MINUTE, &actor, &branch, &tight);
    world.responders.push(address);
    world.expect(
        "Legacy fax relay",
        super::super::scenarios::NOT_ACCUSED,
        &[("unauthorized_change", NOT_SUPPORTED)],
    );
    harmless(world, &branch);
}
