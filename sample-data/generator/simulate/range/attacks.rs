//! Attacks that leave their records: changed connectors and new ones, made in a stolen administrator's session.

use super::super::audit::Actor;
use super::super::campaign::{Campaign, Targets, addresses, refuse};
use super::super::connector::Connector;
use super::super::intrusion::strip_headers;
use super::super::scenarios::{INNOCENT, NOT_ACCUSED, SUPPORTED};
use super::super::time::{self, Millis};
use super::super::world::World;
use super::scene::Scene;
use super::{Answer, RAMP};

/// States of an indicator, as labels hold them.
pub type Label = (&'static str, &'static [&'static str]);

/// The label of a connector that was attacked; the others are innocent.
pub fn attacked(world: &mut World, scene: &Scene, connector: &str, mut labels: Vec<Label>, more: &[Label]) {
    labels.extend(scene.hand());
    labels.extend(more);
    world.expect(connector, Answer::Provable.verdicts(), &labels);
    world.expect_others(INNOCENT);
}

/// The connector's addresses with more behind them, as Set-InboundConnector must spell them.
pub fn with_addresses(world: &World, connector: &str, more: &[String]) -> String {
    let mut all = world.connector(connector).sender_ips.clone();
    all.extend(more.iter().cloned());
    all.join(";")
}

/// A stolen session at the event's hour, and half an hour later the moment of the deed.
pub fn break_in(world: &mut World, scene: &mut Scene, admin: usize) -> (Actor, Millis) {
    let signed_in = scene.moment(world);
    let actor = scene.enter(world, admin, signed_in);
    (actor, signed_in + scene.r.between(12, 45) * time::MINUTE)
}

/// Breaks in and adds `more` to the connector of the main site; says when.
fn opens(world: &mut World, scene: &mut Scene, more: &[String]) -> (String, Actor, Millis) {
    let name = world.headquarters.clone();
    let (actor, changed) = break_in(world, scene, 0);
    let ips = with_addresses(world, &name, more);
    let changes = [("SenderIPAddresses", ips.as_str())];
    // Some tenants' records tell the old values, too.
    if scene.r.chance(300) {
        world.change_with_old_values(changed, &actor, &name, &changes);
    } else {
        world.change_connector(changed, &actor, &name, &changes);
    }
    world.expectation.attack_lasted(changed, changed);
    (name, actor, changed)
}

const CHANGED: [Label; 2] = [("unauthorized_change", SUPPORTED), ("source_ip_mismatch", SUPPORTED)];
const CREATED: [Label; 2] = [("unexpected_connector", SUPPORTED), ("source_ip_mismatch", SUPPORTED)];

/// A tenth of the connector's mail on the first day, twelve per cent more each day.
pub fn slow_ramp(world: &mut World, scene: &mut Scene) {
    let host = scene.host();
    let (name, _, _) = opens(world, scene, std::slice::from_ref(&host));
    // Hundredths of a message a day.
    let mut rate = scene.usual.max(20) * 10;
    for day in scene.day + 1..scene.day + RAMP {
        let from = world.at(day, 0, 0);
        scene.spam(world, &name, from, 24, rate / 100, std::slice::from_ref(&host));
        rate = rate * 112 / 100;
    }
    attacked(world, scene, &name, Vec::new(), &CHANGED);
}

/// One address, or a /24 in the neighbourhood of the organisation's own network.
pub fn added_address(world: &mut World, scene: &mut Scene) {
    let mut sources = vec![scene.host()];
    let mut listed = sources.clone();
    if scene.r.chance(400) {
        if scene.r.chance(500) {
            // Beside the good ones: the same /24, outside the networks of org.toml.
            let near = world.setup.profile.mail_servers[0]
                .rsplit_once('.')
                .map_or("", |(n, _)| n);
            scene.network = near.to_owned();
            sources = vec![format!("{near}.{}", scene.r.between(200, 250))];
            listed.clone_from(&sources);
        } else {
            listed = vec![format!("{}.0/24", scene.network)];
            sources = (0..8).map(|_| scene.host()).collect();
        }
    }
    let (name, _, changed) = opens(world, scene, &listed);
    let hours = scene.r.between(4, 40);
    let messages = scene.campaign_size();
    let from = changed + scene.r.between(10, 300) * time::MINUTE;
    let labels = scene.spam(world, &name, from, hours, messages, &sources);
    attacked(world, scene, &name, labels, &CHANGED);
}

/// As much as a working day brings, at a weekend or in one night.
pub fn idle_time_burst(world: &mut World, scene: &mut Scene) {
    let zone = world.setup.profile.zone;
    let working = |world: &World, day: i64| world.tenant.works(time::to_local(zone, world.at(day, 12, 0)));
    let idle = (scene.day..scene.day + 8).find(|day| !working(world, *day));
    let night = scene.r.chance(300);
    scene.day = if night { scene.day } else { idle.unwrap_or(scene.day) };
    scene.hour = 1;
    let host = scene.host();
    let (name, _, changed) = opens(world, scene, std::slice::from_ref(&host));
    let messages = (scene.usual * 13 / 10).max(60);
    let hours = if night { 4 } else { 18 };
    let from = changed + 20 * time::MINUTE;
    let mut labels = scene.spam(world, &name, from, hours, messages, &[host]);
    if !night {
        labels.retain(|(id, _)| *id != "volume_spike");
        labels.push(("volume_spike", SUPPORTED));
    }
    attacked(world, scene, &name, labels, &CHANGED);
}

/// What was changed is changed back some hours later; now and then the connector bore another name in between.
pub fn change_send_revert(world: &mut World, scene: &mut Scene) {
    let host = scene.host();
    let before = world.connector(&world.headquarters).sender_ips.join(";");
    let (old, actor, changed) = opens(world, scene, std::slice::from_ref(&host));
    let renamed = scene.r.chance(400) && scene.logged;
    let name = if renamed { format!("{old} (2)") } else { old.clone() };
    if renamed {
        let when = changed + 2 * time::MINUTE;
        world.change_connector(when, &actor, &old, &[("Name", &name)]);
    }
    let hours = scene.r.between(3, 16);
    let messages = scene.campaign_size();
    let labels = scene.spam(world, &name, changed + 10 * time::MINUTE, hours, messages, &[host]);
    let back = changed + hours * time::HOUR + 20 * time::MINUTE;
    world.change_connector(back, &actor, &name, &[("SenderIPAddresses", &before)]);
    if renamed {
        world.change_connector(back + time::MINUTE, &actor, &name, &[("Name", &old)]);
    }
    let more = [CHANGED[0], CHANGED[1], ("short_lived_connector", SUPPORTED)];
    attacked(world, scene, &old, labels, &more);
}

/// Makes a connector as an intruder would: by address, open to all domains, without TLS.
pub fn makes_connector(world: &mut World, actor: &Actor, name: &str, sources: &[String], time: Millis) {
    let mut r = world.random("connector");
    let listed: Vec<&str> = sources.iter().map(String::as_str).collect();
    let mut connector = Connector::by_address(name, &listed, time, &mut r);
    (connector.require_tls, connector.restrict_to_ips) = (false, false);
    "Default".clone_into(&mut connector.source);
    let parameters = connector.admin_center_parameters();
    world.create_connector(actor, connector, &parameters);
    world.expectation.attack_lasted(time, time);
}

/// Names that an intruder gives.
const NAMES: [&str; 4] = ["Exchange Relay", "SMTP Relay 2", "Inbound from Backup Site", "relay01"];

/// Created, used, removed within hours or days.
pub fn create_use_remove(world: &mut World, scene: &mut Scene) {
    let sources = vec![scene.host(), scene.host()];
    let (actor, made) = break_in(world, scene, 1);
    let name = *scene.r.pick(&NAMES);
    makes_connector(world, &actor, name, &sources, made);
    if scene.r.chance(400) {
        let rules = scene.r.between(3, 11) as usize;
        strip_headers(world, &actor, made + 4 * time::MINUTE, rules);
    }
    let hours = scene.r.between(3, 60);
    let messages = scene.campaign_size();
    let mut labels = scene.spam(world, name, made + 25 * time::MINUTE, hours, messages, &sources);
    // It has no past of its own to jump from.
    labels.retain(|(id, _)| !["volume_spike", "unfamiliar_recipients"].contains(id));
    world.remove_connector(made + hours * time::HOUR + 40 * time::MINUTE, &actor, name);
    let more = [CREATED[0], CREATED[1], ("short_lived_connector", SUPPORTED)];
    attacked(world, scene, name, labels, &more);
}

/// The same actor removes the block and goes on.
pub fn self_unblock(world: &mut World, scene: &mut Scene) {
    let host = scene.host();
    let (name, actor, changed) = opens(world, scene, std::slice::from_ref(&host));
    let noticed = changed + scene.r.between(2, 6) * time::HOUR;
    let unblocked = noticed + scene.r.between(20, 300) * time::MINUTE;
    let hours = (unblocked - changed) / time::HOUR + 9;
    let messages = scene.campaign_size() + 150;
    let labels = scene.spam(
        world,
        &name,
        changed + 15 * time::MINUTE,
        hours,
        messages,
        std::slice::from_ref(&host),
    );
    world.block(noticed, &name, &[&host]);
    refuse(world, &name, noticed, unblocked + 35 * time::MINUTE);
    let id = world.connector(&name).guid.to_string();
    let typed = [("ConnectorId", id.as_str()), ("Reason", "false positive")];
    world.cmdlet(unblocked, &actor, "Remove-BlockedConnector", &id, &typed);
    world.blocked.clear();
    let more = [
        CHANGED[0],
        CHANGED[1],
        ("self_unblock", SUPPORTED),
        ("connector_blocked", SUPPORTED),
        ("connector_alert", SUPPORTED),
    ];
    // Refused mail has no verdict of a filter and no usual volume.
    let labels = labels.into_iter().filter(|(id, _)| *id == "sender_mismatch").collect();
    attacked(world, scene, &name, labels, &more);
}

/// Ten to fifty letters in office hours, to partners, in the managing director's name.
pub fn low_volume_fraud(world: &mut World, scene: &mut Scene) {
    let host = scene.host();
    scene.hour = *scene.r.pick(&[4, 5, 6]);
    scene.day = scene.work_day(world);
    let (name, _, _) = opens(world, scene, std::slice::from_ref(&host));
    let p1 = addresses(&["managing.director"], world.setup.profile.domain);
    let messages = scene.r.between(10, 50) as u64;
    let (from, to) = (world.at(scene.day, 8, 10), world.at(scene.day + 2, 16, 0));
    Campaign {
        targets: Targets::Correspondents,
        subjects: &[
            "Changed bank details for invoice 20418",
            "Confidential: payment today",
            "Re: outstanding transfer",
        ],
        spam: 0,
        bounces: 0,
        ..Campaign::spam(&name, from, to, messages, &[&host], &p1, &[])
    }
    .send(world);
    attacked(world, scene, &name, Vec::new(), &CHANGED);
}

/// New-AcceptedDomain, then the connector, then mail from the new domain.
pub fn accepted_domain_first(world: &mut World, scene: &mut Scene) {
    let (actor, time) = break_in(world, scene, 1);
    let domain = *scene.r.pick(&["payroll-notice.example", "account-services.example"]);
    world.accept_domain(time, &actor, domain);
    let sources = vec![scene.host()];
    let name = *scene.r.pick(&NAMES);
    let made = time + scene.r.between(8, 200) * time::MINUTE;
    makes_connector(world, &actor, name, &sources, made);
    let p1 = addresses(&["payroll", "hr.notice"], domain);
    let hosts: Vec<&str> = sources.iter().map(String::as_str).collect();
    let (from, to) = (made + time::HOUR, made + scene.r.between(8, 40) * time::HOUR);
    let messages = scene.campaign_size();
    Campaign::spam(name, from, to, messages, &hosts, &p1, &[]).send(world);
    let more = [
        CREATED[0],
        CREATED[1],
        ("unprovisioned_domain", SUPPORTED),
        ("spam_delivery", SUPPORTED),
    ];
    attacked(world, scene, name, Vec::new(), &more);
}

/// The hybrid connector takes the certificate of a forgotten host below the organisation's own domain, which an
/// intruder got hold of. Played in a hybrid tenant.
pub fn certificate_takeover(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    let (actor, changed) = break_in(world, scene, 0);
    let forgotten = format!(
        "{}.{}",
        scene.r.pick(&["old-extranet", "promo2019", "vpn2"]),
        world.setup.profile.domain
    );
    world.change_connector(changed, &actor, &name, &[("TlsSenderCertificateName", &forgotten)]);
    let host = scene.host();
    let (hours, messages) = (scene.r.between(5, 40), scene.campaign_size());
    let labels = scene.spam(world, &name, changed + 25 * time::MINUTE, hours, messages, &[host]);
    world.expectation.attack_lasted(changed, changed);
    attacked(world, scene, &name, labels, &CHANGED);
}

/// Both on-premises connectors get a /24, and dozens of its addresses share the mail.
pub fn split(world: &mut World, scene: &mut Scene) {
    let (actor, start) = break_in(world, scene, 0);
    let listed = vec![format!("{}.0/24", scene.network)];
    for (at, name) in [world.headquarters.clone(), world.branch.clone()]
        .into_iter()
        .enumerate()
    {
        let changed = start + 5 * at as i64 * time::MINUTE;
        let ips = with_addresses(world, &name, &listed);
        world.change_connector(changed, &actor, &name, &[("SenderIPAddresses", &ips)]);
        let sources: Vec<String> = (0..30).map(|_| scene.host()).collect();
        let messages = scene.campaign_size() / 2;
        scene.spam(world, &name, changed + 30 * time::MINUTE, 30, messages, &sources);
        attacked(world, scene, &name, Vec::new(), &CHANGED);
    }
}

/// A name that breaks careless reports.
pub const HOSTILE: &str = "=HYPERLINK(\"http://192.0.2.80\",\"HQ\"), <img src=x onerror=alert(1)> \u{202e}yaler";

/// The name of the connector is the attack on the analyst.
pub fn hostile_names(world: &mut World, scene: &mut Scene) {
    let (actor, made) = break_in(world, scene, 1);
    let sources = vec![scene.host()];
    makes_connector(world, &actor, HOSTILE, &sources, made);
    strip_headers(world, &actor, made + 3 * time::MINUTE, 4);
    let (hours, messages) = (scene.r.between(5, 40), scene.campaign_size());
    scene.spam(world, HOSTILE, made + 50 * time::MINUTE, hours, messages, &sources);
    world.expect_others(NOT_ACCUSED);
    let more = [CREATED[0], CREATED[1], ("transport_rule_tampering", SUPPORTED)];
    attacked(world, scene, HOSTILE, Vec::new(), &more);
}
