//! Attacks whose actor is no user of the tenant: applications and partners.

use super::super::audit::Actor;
use super::super::campaign::{Campaign, addresses, own_senders, refuse};
use super::super::connector::Connector;
use super::super::intrusion::{plant_application, remove_rules, steal_admin, strip_headers};
use super::super::time::{self, Millis};
use super::super::world::World;
use super::{GUILTY, NOT_ACCUSED, SUPPORTED};

/// Where the campaign connects from.
pub const SENDERS: [&str; 2] = ["91.219.236.10", "91.219.236.15"];
/// Where the stolen administrator signs in from.
pub const INTRUDER: &str = "67.43.156.20";

fn typed(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// How the attack with header rules is played.
#[derive(Clone, Copy, Debug)]
pub struct HeaderRules {
    /// Day of the planted application, day of the campaign.
    pub planted: i64,
    pub day: i64,
    pub messages: u64,
    pub rules: usize,
    /// Whether Microsoft notices: an alert, a block, and refused mail until the connector is removed.
    pub noticed: bool,
}

/// The pattern of 2022: credential stuffing, an application with a credential and a role of its own, weeks later at
/// night a connector and rules, spam, and the removal of both.
pub fn header_rules_with(world: &mut World, plan: HeaderRules) {
    let first: Millis = world.at(plan.planted, 1, 12);
    let admin = steal_admin(world, 1, first, INTRUDER);
    let app = plant_application(world, first + 7 * time::MINUTE, &admin, "Mail Backup Service");
    let actor = app.actor(SENDERS[0]);

    let start = world.at(plan.day, 1, 26);
    let mut r = world.random("connector");
    let mut connector = Connector::by_address("Exchange Relay Service", &SENDERS, start, &mut r);
    (connector.source, connector.require_tls, connector.restrict_to_ips) = ("Default".to_owned(), false, false);
    let name = connector.name.clone();
    let parameters = typed(&[
        ("Name", &name),
        ("ConnectorType", "OnPremises"),
        ("SenderDomains", "*"),
        ("SenderIPAddresses", &SENDERS.join(";")),
        ("RequireTls", "False"),
        ("Enabled", "True"),
    ]);
    world.create_connector(&actor, connector, &parameters);
    let rules = strip_headers(world, &actor, start + 3 * time::MINUTE, plan.rules);

    let (p1, p2) = (
        own_senders(world),
        addresses(&["rewards", "prize.team"], "humongousinsurance.com"),
    );
    let (from, to) = (start + 14 * time::MINUTE, start + 3 * time::HOUR + 20 * time::MINUTE);
    Campaign {
        recipients: 2,
        ..Campaign::spam(&name, from, to, plan.messages, &SENDERS, &p1, &p2)
    }
    .send(world);
    if plan.noticed {
        let noticed = to - 24 * time::MINUTE;
        world.block(noticed, &name, &SENDERS);
        refuse(world, &name, noticed, to);
    }
    remove_rules(world, &actor, to + 11 * time::MINUTE, &rules);
    let mut last = actor.clone();
    last.ip = Some(SENDERS[1].to_owned());
    world.remove_connector(to + 13 * time::MINUTE, &last, &name);
    world.expectation.attack_lasted(first, to + 13 * time::MINUTE);
    world.expect(
        &name,
        GUILTY,
        &[
            ("unexpected_connector", SUPPORTED),
            ("short_lived_connector", SUPPORTED),
            ("transport_rule_tampering", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
            ("spam_delivery", SUPPORTED),
        ],
    );
    world.expect_others(NOT_ACCUSED);
}

/// The pattern of 2022 at ordinary size.
pub fn header_rules(world: &mut World) {
    header_rules_with(
        world,
        HeaderRules {
            planted: 18,
            day: 34,
            messages: 520,
            rules: 10,
            noticed: true,
        },
    );
}

/// A connector that looks like the wizard's, made by a planted application and left in place.
pub fn wizard_mimicry(world: &mut World) {
    let first = world.at(29, 23, 5);
    let admin = steal_admin(world, 0, first, INTRUDER);
    let app = plant_application(world, first + 11 * time::MINUTE, &admin, "Hybrid Sync Agent");
    let actor = app.actor(INTRUDER);
    let start = world.at(31, 3, 2);
    let mut r = world.random("connector");
    let server = r.guid();
    let mut connector = Connector::hybrid(server, "relay-host.example", start, &mut r);
    connector.sender_ips = vec![SENDERS[0].to_owned()];
    let name = connector.name.clone();
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    let (p1, p2) = (own_senders(world), addresses(&["service"], "woodgrovebank.com"));
    Campaign::spam(
        &name,
        start + 30 * time::MINUTE,
        start + 26 * time::HOUR,
        460,
        &SENDERS[..1],
        &p1,
        &p2,
    )
    .send(world);
    world.expect(
        &name,
        GUILTY,
        &[("unexpected_connector", SUPPORTED), ("source_ip_mismatch", SUPPORTED)],
    );
    world.expect_others(NOT_ACCUSED);
}

/// A partner with delegated rights makes a connector: ExternalAccess is true and the name is of another tenant.
pub fn partner(world: &mut World) {
    let start = world.at(32, 22, 48);
    let mut r = world.random("partner");
    let actor = Actor {
        user_id: "support.desk@managed-services.example".to_owned(),
        user_key: format!("10032{:011X}", r.below(1 << 44)),
        user_type: 2,
        ip: Some("89.160.20.200".to_owned()),
        external: true,
        app_id: None,
        session: Some(r.guid()),
    };
    let mut connector = Connector::by_address("Relay 02", &SENDERS, start, &mut r);
    connector.require_tls = false;
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    world.expectation.compromised_accounts.push(actor.user_id.clone());
    let (p1, p2) = (own_senders(world), addresses(&["billing"], "consolidatedmessenger.com"));
    Campaign::spam(
        "Relay 02",
        start + 20 * time::MINUTE,
        start + 9 * time::HOUR,
        540,
        &SENDERS,
        &p1,
        &p2,
    )
    .send(world);
    strip_headers(world, &actor, start + 4 * time::MINUTE, 3);
    world.expect(
        "Relay 02",
        GUILTY,
        &[
            ("unexpected_connector", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
            ("unfamiliar_recipients", &["supported", "not_assessable"]),
        ],
    );
    world.expect_others(NOT_ACCUSED);
}
