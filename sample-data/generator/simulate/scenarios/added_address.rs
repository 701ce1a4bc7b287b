//! Attacks by a stolen administrator who adds an address to a good connector.

use super::super::campaign::{Campaign, Targets, addresses, own_senders, refuse};
use super::super::intrusion::steal_admin;
use super::super::time::{self, Millis};
use super::super::world::World;
use super::{DOUBTFUL, GUILTY, INNOCENT, SUPPORTED};

/// The address that is added, and the network that the administrator is stolen from.
pub const INTRUDER: &str = "91.219.236.10";

/// The connector's addresses with `more` behind them, as a Set-InboundConnector must spell them.
pub fn with_address(world: &World, connector: &str, more: &str) -> String {
    let mut all = world.connector(connector).sender_ips.clone();
    all.push(more.to_owned());
    all.join(";")
}

fn add_address(world: &mut World, signed_in: Millis, changed: Millis) -> String {
    let name = world.headquarters.clone();
    let actor = steal_admin(world, 0, signed_in, INTRUDER);
    let ips = with_address(world, &name, INTRUDER);
    world.change_connector(changed, &actor, &name, &[("SenderIPAddresses", &ips)]);
    world.expectation.attack_lasted(signed_in, changed);
    name
}

/// Envelope senders of the victim, header senders of a bank.
pub fn bank(world: &World) -> (Vec<String>, Vec<String>) {
    (
        own_senders(world),
        addresses(&["security", "service.center", "alerts"], "woodgrovebank.com"),
    )
}

/// An address is added to the connector of the main site at `changed`; spam goes on for `hours`.
pub fn adds_address_at(world: &mut World, signed_in: Millis, changed: Millis, hours: i64, messages: u64) {
    let name = add_address(world, signed_in, changed);
    let (p1, p2) = bank(world);
    let from = changed + 18 * time::MINUTE;
    Campaign::spam(&name, from, from + hours * time::HOUR, messages, &[INTRUDER], &p1, &p2).send(world);
    world.expect(
        &name,
        GUILTY,
        &[
            ("unauthorized_change", SUPPORTED),
            ("compromised_admin", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
            ("sender_mismatch", SUPPORTED),
            ("volume_spike", SUPPORTED),
            ("spam_delivery", SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// The plain case, on a Thursday night.
pub fn adds_address(world: &mut World) {
    let (signed_in, changed) = (world.at(31, 2, 10), world.at(31, 2, 41));
    adds_address_at(world, signed_in, changed, 29, 620);
}

/// The volume grows by twelve per cent a day from a tenth of the connector's own.
pub fn slow_ramp(world: &mut World) {
    let (signed_in, changed) = (world.at(30, 4, 20), world.at(30, 4, 44));
    let name = add_address(world, signed_in, changed);
    let (p1, p2) = bank(world);
    // Hundredths of a message a day.
    let mut rate = world.setup.volume.headquarters * 10;
    for day in 31..world.setup.days {
        let (from, to) = (world.at(day, 0, 0), world.at(day, 23, 59));
        Campaign::spam(&name, from, to, rate / 100, &[INTRUDER], &p1, &p2).send(world);
        rate = rate * 112 / 100;
    }
    world.expect(
        &name,
        GUILTY,
        &[
            ("unauthorized_change", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
            ("sender_mismatch", SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// On Saturday as much as on a working day: too little for a limit over all days, too much for a Saturday.
pub fn weekend_burst(world: &mut World) {
    let (signed_in, changed) = (world.at(32, 20, 5), world.at(32, 20, 31));
    let name = add_address(world, signed_in, changed);
    let (p1, p2) = bank(world);
    let messages = world.setup.volume.headquarters * 13 / 10;
    let (from, to) = (world.at(33, 5, 0), world.at(33, 17, 0));
    Campaign::spam(&name, from, to, messages, &[INTRUDER], &p1, &p2).send(world);
    world.expect(
        &name,
        GUILTY,
        &[
            ("unauthorized_change", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
            ("volume_spike", SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// Alert and block; the same actor removes the block forty minutes later, and the spam goes on.
pub fn self_unblock(world: &mut World) {
    let (signed_in, changed) = (world.at(31, 1, 30), world.at(31, 1, 52));
    let name = world.headquarters.clone();
    let actor = steal_admin(world, 0, signed_in, INTRUDER);
    let ips = with_address(world, &name, INTRUDER);
    world.change_connector(changed, &actor, &name, &[("SenderIPAddresses", &ips)]);
    let (p1, p2) = bank(world);
    let noticed = changed + 3 * time::HOUR;
    let unblocked = noticed + 40 * time::MINUTE;
    Campaign::spam(
        &name,
        changed + 15 * time::MINUTE,
        unblocked + 8 * time::HOUR,
        760,
        &[INTRUDER],
        &p1,
        &p2,
    )
    .send(world);
    world.block(noticed, &name, &[INTRUDER]);
    // An unblocking may take an hour.
    refuse(world, &name, noticed, unblocked + 35 * time::MINUTE);
    let id = world.connector(&name).guid.to_string();
    world.cmdlet(
        unblocked,
        &actor,
        "Remove-BlockedConnector",
        &id,
        &[("ConnectorId", id.as_str()), ("Reason", "false positive")],
    );
    world.blocked.clear();
    world.expect(
        &name,
        GUILTY,
        &[
            ("self_unblock", SUPPORTED),
            ("connector_blocked", SUPPORTED),
            ("connector_alert", SUPPORTED),
            ("unauthorized_change", SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// The added address is taken away after seven hours, so that the snapshot is what it was.
pub fn change_send_revert(world: &mut World) {
    let name = world.headquarters.clone();
    let before = world.connector(&name).sender_ips.join(";");
    let (signed_in, changed) = (world.at(31, 21, 12), world.at(31, 21, 40));
    let actor = steal_admin(world, 0, signed_in, INTRUDER);
    let ips = with_address(world, &name, INTRUDER);
    world.change_connector(changed, &actor, &name, &[("SenderIPAddresses", &ips)]);
    let (p1, p2) = bank(world);
    Campaign::spam(
        &name,
        changed + 10 * time::MINUTE,
        changed + 7 * time::HOUR,
        450,
        &[INTRUDER],
        &p1,
        &p2,
    )
    .send(world);
    world.change_connector(
        changed + 7 * time::HOUR + 4 * time::MINUTE,
        &actor,
        &name,
        &[("SenderIPAddresses", &before)],
    );
    world.expect(
        &name,
        GUILTY,
        &[
            ("short_lived_connector", SUPPORTED),
            ("unauthorized_change", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// Twenty letters in office hours, both senders the managing director, to known partners: no volume, no spam.
pub fn low_volume_fraud(world: &mut World) {
    let (signed_in, changed) = (world.at(31, 6, 2), world.at(31, 6, 25));
    let name = add_address(world, signed_in, changed);
    let p1 = addresses(&["managing.director"], world.setup.profile.domain);
    let (from, to) = (world.at(31, 9, 10), world.at(32, 15, 40));
    let subjects = [
        "Changed bank details for invoice 20418",
        "Confidential: payment today",
        "Re: outstanding transfer",
    ];
    Campaign {
        targets: Targets::Correspondents,
        subjects: &subjects,
        spam: 0,
        bounces: 0,
        ..Campaign::spam(&name, from, to, 20, &[INTRUDER], &p1, &[])
    }
    .send(world);
    world.expect(
        &name,
        DOUBTFUL,
        &[
            ("unauthorized_change", SUPPORTED),
            ("compromised_admin", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// Both on-premises connectors get an address, and each carries half of the campaign.
pub fn two_connectors(world: &mut World) {
    let start = world.at(31, 2, 20);
    let actor = steal_admin(world, 0, start, INTRUDER);
    let (p1, p2) = bank(world);
    for (at, (name, ip)) in [
        (world.headquarters.clone(), INTRUDER),
        (world.branch.clone(), "91.219.236.15"),
    ]
    .into_iter()
    .enumerate()
    {
        let changed = start + (20 + 4 * at as i64) * time::MINUTE;
        let ips = with_address(world, &name, ip);
        world.change_connector(changed, &actor, &name, &[("SenderIPAddresses", &ips)]);
        Campaign::spam(
            &name,
            changed + 30 * time::MINUTE,
            changed + 25 * time::HOUR,
            300,
            &[ip],
            &p1,
            &p2,
        )
        .send(world);
        world.expect(
            &name,
            GUILTY,
            &[("unauthorized_change", SUPPORTED), ("source_ip_mismatch", SUPPORTED)],
        );
    }
    world.expect_others(INNOCENT);
}
