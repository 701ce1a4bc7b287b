//! Attacks by a stolen administrator that are more, or less, than an added address.

use super::super::campaign::{Campaign, addresses};
use super::super::connector::Connector;
use super::super::intrusion::{HEADERS, steal_admin, strip_headers};
use super::super::time;
use super::super::world::World;
use super::added_address::{INTRUDER, bank, with_address};
use super::{DOUBTFUL, GUILTY, INNOCENT, NOT_ACCUSED, SUPPORTED};

/// The connector is renamed with the same command.
pub fn renames(world: &mut World) {
    let old = world.headquarters.clone();
    let (signed_in, changed) = (world.at(32, 21, 50), world.at(32, 22, 15));
    let actor = steal_admin(world, 0, signed_in, INTRUDER);
    let (new, ips) = ("Inbound from HQ Exchange 2", with_address(world, &old, INTRUDER));
    world.change_with_old_values(
        changed,
        &actor,
        &old,
        &[("SenderIPAddresses", &ips), ("Name", new), ("RequireTls", "False")],
    );
    let (p1, p2) = bank(world);
    Campaign::spam(
        new,
        changed + 40 * time::MINUTE,
        changed + 34 * time::HOUR,
        580,
        &[INTRUDER],
        &p1,
        &p2,
    )
    .send(world);
    world.expect(
        new,
        GUILTY,
        &[
            ("unauthorized_change", SUPPORTED),
            ("compromised_admin", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// The domain that will be sent from is made an accepted one before the connector is created.
pub fn accepted_domain_first(world: &mut World) {
    let start = world.at(33, 23, 14);
    let actor = steal_admin(world, 1, start, INTRUDER);
    world.accept_domain(start + 9 * time::MINUTE, &actor, "payroll-notice.example");
    let mut r = world.random("connector");
    let mut connector = Connector::by_address("HQ Relay", &[INTRUDER], start + 21 * time::MINUTE, &mut r);
    connector.require_tls = false;
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    let p1 = addresses(&["payroll", "hr.notice"], "payroll-notice.example");
    Campaign::spam(
        "HQ Relay",
        start + time::HOUR,
        start + 15 * time::HOUR,
        430,
        &[INTRUDER],
        &p1,
        &[],
    )
    .send(world);
    world.expect(
        "HQ Relay",
        GUILTY,
        &[
            ("unprovisioned_domain", SUPPORTED),
            ("unexpected_connector", SUPPORTED),
            ("compromised_admin", SUPPORTED),
        ],
    );
    world.expect_others(NOT_ACCUSED);
}

/// Auditing goes off, takes effect within the hour, and comes back five hours later. No record in between.
pub fn audit_switched_off(world: &mut World) {
    let name = world.headquarters.clone();
    let start = world.at(31, 0, 30);
    let actor = steal_admin(world, 0, start, INTRUDER);
    let settings = "Admin Audit Log Settings";
    world.cmdlet(
        start + 6 * time::MINUTE,
        &actor,
        "Set-AdminAuditLogConfig",
        settings,
        &[("UnifiedAuditLogIngestionEnabled", "False")],
    );
    let (off, on) = (start + 50 * time::MINUTE, start + 6 * time::HOUR);
    let ips = with_address(world, &name, INTRUDER);
    world.change_unseen(off + 35 * time::MINUTE, &name, &[("SenderIPAddresses", &ips)]);
    world.audit.retain(|record| !(off..on).contains(&record.time));
    world.cmdlet(
        on + 2 * time::MINUTE,
        &actor,
        "Set-AdminAuditLogConfig",
        settings,
        &[("UnifiedAuditLogIngestionEnabled", "True")],
    );
    let (p1, p2) = bank(world);
    Campaign::spam(
        &name,
        off + 55 * time::MINUTE,
        on + 20 * time::HOUR,
        560,
        &[INTRUDER],
        &p1,
        &p2,
    )
    .send(world);
    world.expect(
        &name,
        DOUBTFUL,
        &[("audit_tampering", SUPPORTED), ("source_ip_mismatch", SUPPORTED)],
    );
    world.expect_others(NOT_ACCUSED);
}

/// No name, domain or address changes: mail becomes internal, and the last hop is not looked at.
pub fn trust_flags_only(world: &mut World) {
    let name = world.branch.clone();
    let (signed_in, changed) = (world.at(32, 3, 1), world.at(32, 3, 33));
    let actor = steal_admin(world, 1, signed_in, INTRUDER);
    world.change_connector(
        changed,
        &actor,
        &name,
        &[
            ("TreatMessagesAsInternal", "True"),
            ("EFSkipLastIP", "True"),
            ("RequireTls", "False"),
        ],
    );
    world.expectation.attack_lasted(signed_in, changed);
    let parameters = [
        ("Name", "Tidy headers"),
        ("RemoveHeader", HEADERS[10]),
        ("Enabled", "True"),
        ("Mode", "Enforce"),
    ];
    world.cmdlet(changed + 5 * time::MINUTE, &actor, "New-TransportRule", "", &parameters);
    world.expect(
        &name,
        DOUBTFUL,
        &[("unauthorized_change", SUPPORTED), ("compromised_admin", SUPPORTED)],
    );
    world.expect_others(NOT_ACCUSED);
}

/// The connector's certificate becomes one of the attacker's host, with a name that looks like the victim's. Played in
/// the hybrid tenant; the session comes over IPv6.
pub fn certificate_swap(world: &mut World) {
    let name = world.headquarters.clone();
    let (signed_in, changed) = (world.at(31, 3, 8), world.at(31, 3, 36));
    let actor = steal_admin(world, 0, signed_in, "2001:db8:44:9::17");
    let swap = [("TlsSenderCertificateName", "mail.contoso-relay.example")];
    world.change_connector(changed, &actor, &name, &swap);
    let (p1, p2) = bank(world);
    let (from, to) = (changed + 25 * time::MINUTE, changed + 28 * time::HOUR);
    Campaign::spam(&name, from, to, 540, &[INTRUDER], &p1, &p2).send(world);
    let certain = [
        ("unauthorized_change", SUPPORTED),
        ("compromised_admin", SUPPORTED),
        ("source_ip_mismatch", SUPPORTED),
    ];
    world.expect(&name, GUILTY, &certain);
    world.expect_others(INNOCENT);
}

/// Everything was done before the export begins: hostile mail from the first day on, and no clean history.
pub fn older_than_export(world: &mut World) {
    let name = world.headquarters.clone();
    let ips = with_address(world, &name, INTRUDER);
    world.change_unseen(world.from - 3 * time::DAY, &name, &[("SenderIPAddresses", &ips)]);
    let (p1, p2) = bank(world);
    let (from, to) = (world.from, world.to);
    Campaign::spam(&name, from, to, 900, &[INTRUDER], &p1, &p2).send(world);
    world.expect(&name, DOUBTFUL, &[("source_ip_mismatch", SUPPORTED)]);
    world.expect_others(NOT_ACCUSED);
}

/// A connector and a rule whose names break careless reports: quotes, commas, markup, a formula, right-to-left text.
pub fn hostile_names(world: &mut World) {
    let start = world.at(32, 2, 14);
    let actor = steal_admin(world, 1, start, INTRUDER);
    let name = "=HYPERLINK(\"http://192.0.2.80\",\"HQ\"), <img src=x onerror=alert(1)> \u{202e}yaler";
    let mut r = world.random("connector");
    let mut connector = Connector::by_address(name, &[INTRUDER], start + 25 * time::MINUTE, &mut r);
    connector.require_tls = false;
    connector.comment = "'; Remove-Mailbox *; '\r\n\u{1b}[31mred".to_owned();
    let mut parameters = connector.admin_center_parameters();
    parameters.push(("Comment".to_owned(), connector.comment.clone()));
    world.create_connector(&actor, connector, &parameters);
    strip_headers(world, &actor, start + 28 * time::MINUTE, 4);
    let (p1, p2) = bank(world);
    let (from, to) = (start + 50 * time::MINUTE, start + 20 * time::HOUR);
    Campaign::spam(name, from, to, 480, &[INTRUDER], &p1, &p2).send(world);
    world.expect(
        name,
        GUILTY,
        &[
            ("unexpected_connector", SUPPORTED),
            ("compromised_admin", SUPPORTED),
            ("source_ip_mismatch", SUPPORTED),
        ],
    );
    world.expect_others(NOT_ACCUSED);
}
