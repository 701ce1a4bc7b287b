//! Attacks that keep out of the log, or whose actor is no user of the tenant.

use super::super::audit::Actor;
use super::super::campaign::addresses;
use super::super::connector::Connector;
use super::super::expectation::Verdict;
use super::super::intrusion::{HEADERS, plant_application, remove_rules, strip_headers};
use super::super::scenarios::{INNOCENT, NOT_ACCUSED, NOT_SUPPORTED, SUPPORTED};
use super::super::time;
use super::super::world::World;
use super::Answer;
use super::attacks::{attacked, break_in, makes_connector, with_addresses};
use super::scene::Scene;

/// Names under which applications are planted.
const APPLICATIONS: [&str; 3] = ["Mail Backup Service", "Hybrid Sync Agent", "Compliance Export"];

/// An application is planted, sleeps, and makes the connector; now and then it also makes rules and cleans up.
pub fn application(world: &mut World, scene: &mut Scene) {
    let asleep = scene.r.between(1, (scene.day - 7).clamp(1, 30));
    let mut planted = Scene {
        day: scene.day - asleep,
        ..scene.clone()
    };
    let (admin, first) = break_in(world, &mut planted, 1);
    let app = plant_application(world, first, &admin, APPLICATIONS[scene.r.index(APPLICATIONS.len())]);
    let sources = vec![scene.host(), scene.host()];
    let actor = app.actor(&sources[0]);
    let made = scene.moment(world);
    let name = "Exchange Relay Service";
    makes_connector(world, &actor, name, &sources, made);
    let rules = if scene.r.chance(600) {
        strip_headers(world, &actor, made + 3 * time::MINUTE, 8)
    } else {
        Vec::new()
    };
    let (hours, messages) = (scene.r.between(3, 30), scene.campaign_size());
    let mut labels = scene.spam(world, name, made + 15 * time::MINUTE, hours, messages, &sources);
    labels.retain(|(id, _)| !["volume_spike", "unfamiliar_recipients"].contains(id));
    let mut more = vec![("unexpected_connector", SUPPORTED), ("source_ip_mismatch", SUPPORTED)];
    if !rules.is_empty() {
        more.push(("transport_rule_tampering", SUPPORTED));
    }
    if scene.r.chance(500) {
        let end = made + hours * time::HOUR + 30 * time::MINUTE;
        remove_rules(world, &actor, end, &rules);
        world.remove_connector(end + time::MINUTE, &actor, name);
        more.push(("short_lived_connector", SUPPORTED));
    }
    attacked(world, scene, name, labels, &more);
}

/// A partner with delegated rights: ExternalAccess is true and the name is of another tenant.
pub fn partner(world: &mut World, scene: &mut Scene) {
    let made = scene.moment(world);
    let actor = Actor {
        user_id: "support.desk@managed-services.example".to_owned(),
        user_key: format!("10032{:011X}", scene.r.below(1 << 44)),
        user_type: 2,
        ip: Some(scene.session_ip.clone()),
        external: true,
        app_id: None,
        session: Some(scene.r.guid()),
    };
    world.expectation.compromised_accounts.push(actor.user_id.clone());
    let sources = vec![scene.host()];
    makes_connector(world, &actor, "Relay 02", &sources, made);
    let mut more = vec![("unexpected_connector", SUPPORTED), ("source_ip_mismatch", SUPPORTED)];
    if scene.r.chance(400) {
        strip_headers(world, &actor, made + 4 * time::MINUTE, 3);
        more.push(("transport_rule_tampering", SUPPORTED));
    }
    let (hours, messages) = (scene.r.between(3, 40), scene.campaign_size());
    let mut labels = scene.spam(world, "Relay 02", made + 20 * time::MINUTE, hours, messages, &sources);
    labels.retain(|(id, _)| !["volume_spike", "unfamiliar_recipients"].contains(id));
    labels.extend(more);
    world.expect("Relay 02", Answer::Provable.verdicts(), &labels);
    world.expect_others(INNOCENT);
}

/// Auditing goes off, takes effect within the hour, and comes back hours later.
pub fn audit_off(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    let (actor, switched) = break_in(world, scene, 0);
    let settings = "Admin Audit Log Settings";
    let switch = |value| [("UnifiedAuditLogIngestionEnabled", value)];
    world.cmdlet(switched, &actor, "Set-AdminAuditLogConfig", settings, &switch("False"));
    let off = switched + scene.r.between(15, 58) * time::MINUTE;
    let on = off + scene.r.between(4, 14) * time::HOUR;
    let host = scene.host();
    let ips = with_addresses(world, &name, std::slice::from_ref(&host));
    world.change_unseen(off + 35 * time::MINUTE, &name, &[("SenderIPAddresses", &ips)]);
    world.audit.retain(|record| !(off..on).contains(&record.time));
    world.cmdlet(
        on + 2 * time::MINUTE,
        &actor,
        "Set-AdminAuditLogConfig",
        settings,
        &switch("True"),
    );
    let (hours, messages) = (scene.r.between(8, 40), scene.campaign_size());
    let labels = scene.spam(world, &name, off + 55 * time::MINUTE, hours, messages, &[host]);
    let more = [("audit_tampering", SUPPORTED), ("source_ip_mismatch", SUPPORTED)];
    world.expectation.attack_lasted(switched, switched);
    let labels: Vec<_> = labels.into_iter().chain(more).collect();
    world.expect(&name, Answer::Provable.verdicts(), &labels);
    // Nobody can know what else was done while nothing was recorded.
    world.expect_others(NOT_ACCUSED);
}

/// The wizard's name and source without its siblings, made by a planted application or in a stolen session.
pub fn wizard_mimicry(world: &mut World, scene: &mut Scene) {
    let (admin, first) = break_in(world, scene, 0);
    let (actor, made) = if scene.r.chance(500) {
        let app = plant_application(world, first, &admin, APPLICATIONS[scene.r.index(APPLICATIONS.len())]);
        (
            app.actor(&scene.session_ip),
            first + scene.r.between(1, 30) * time::HOUR,
        )
    } else {
        (admin, first)
    };
    let mut r = world.random("connector");
    let host = scene.host();
    let certificate = *scene.r.pick(&["relay-host.example", "mail.exchange-hybrid.example"]);
    let mut connector = Connector::hybrid(r.guid(), certificate, made, &mut r);
    if scene.r.chance(500) {
        connector.sender_ips = vec![host.clone()];
    }
    let name = connector.name.clone();
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    let (hours, messages) = (scene.r.between(5, 40), scene.campaign_size());
    let mut labels = scene.spam(world, &name, made + 30 * time::MINUTE, hours, messages, &[host]);
    labels.retain(|(id, _)| !["volume_spike", "unfamiliar_recipients"].contains(id));
    labels.extend([("unexpected_connector", SUPPORTED), ("source_ip_mismatch", SUPPORTED)]);
    world.expect(&name, Answer::Provable.verdicts(), &labels);
    world.expect_others(INNOCENT);
}

/// Mail becomes internal and the last hop is not looked at; nothing has come through yet.
pub fn trust_flags(world: &mut World, scene: &mut Scene) {
    let name = world.branch.clone();
    let (actor, changed) = break_in(world, scene, 1);
    let flags = [
        ("TreatMessagesAsInternal", "True"),
        ("EFSkipLastIP", "True"),
        ("CloudServicesMailEnabled", "True"),
    ];
    let many = scene.r.between(1, 3) as usize;
    world.change_connector(changed, &actor, &name, &flags[..many]);
    world.expectation.attack_lasted(changed, changed);
    if scene.r.chance(500) {
        let parameters = [
            ("Name", "Tidy headers"),
            ("RemoveHeader", HEADERS[10]),
            ("Enabled", "True"),
            ("Mode", "Enforce"),
        ];
        world.cmdlet(changed + 5 * time::MINUTE, &actor, "New-TransportRule", "", &parameters);
    }
    let mut labels: Vec<_> = scene.hand().into_iter().collect();
    if !labels.is_empty() {
        labels.push(("unauthorized_change", SUPPORTED));
    }
    world.expect(&name, Answer::Doubtful.verdicts(), &labels);
    world.expect_others(INNOCENT);
}

/// An attack that neither filters nor senders show: more mail to strangers, as a new line of business has it.
const UNTOLD: &[Verdict] = &[Verdict::LikelyCompromised, Verdict::Suspicious, Verdict::NotAssessable];

/// The organisation's own server sends; the address is right and nothing was configured. Now and then Microsoft
/// notices.
pub fn own_host(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    let source = vec![world.setup.profile.mail_servers[1].to_owned()];
    let from = scene.moment(world);
    let (hours, messages) = (
        scene.r.between(10, 60),
        scene.campaign_size().max(scene.usual * 2) + 100,
    );
    let mut labels = scene.spam(world, &name, from, hours, messages, &source);
    if scene.r.chance(300) {
        let noticed = from + hours * time::HOUR / 2;
        world.block(noticed, &name, &[&source[0]]);
        super::super::campaign::refuse(world, &name, noticed, from + hours * time::HOUR);
        labels.retain(|(id, _)| *id == "sender_mismatch");
        labels.push(("connector_blocked", SUPPORTED));
    }
    labels.extend([
        ("unauthorized_change", NOT_SUPPORTED),
        ("source_ip_mismatch", NOT_SUPPORTED),
    ]);
    let told = ["spam_delivery", "sender_mismatch", "connector_blocked"];
    let shows = labels
        .iter()
        .any(|(id, states)| told.contains(id) && *states == SUPPORTED);
    let answer = if shows { Answer::Doubtful.verdicts() } else { UNTOLD };
    world.expect(&name, answer, &labels);
    world.expect_others(INNOCENT);
}

/// Hostile mail from the first day of the export on, from an address that was added before it.
pub fn older(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    // What nobody knows the organisation's hosts by is in no export at all.
    world.knows_hosts = true;
    let host = scene.host();
    let ips = with_addresses(world, &name, std::slice::from_ref(&host));
    world.change_unseen(
        world.from - scene.r.between(2, 20) * time::DAY,
        &name,
        &[("SenderIPAddresses", &ips)],
    );
    let days = (world.to - world.from) / time::DAY;
    let messages = (scene.campaign_size() + days as u64 * 10).min(4000);
    let p1 = super::super::campaign::own_senders(world);
    let p2 = addresses(&["security", "alerts"], "woodgrovebank.com");
    let (from, to) = (world.from, world.to);
    super::super::campaign::Campaign::spam(&name, from, to, messages, &[&host], &p1, &p2).send(world);
    world.expect(&name, Answer::Doubtful.verdicts(), &[("source_ip_mismatch", SUPPORTED)]);
    world.expect_others(NOT_ACCUSED);
}
