//! Floods, falls and odd senders that are harmless.

use super::super::campaign::{Campaign, Targets, addresses};
use super::super::connector::Kind;
use super::super::message::Via;
use super::super::scenarios::{INNOCENT, NOT_ACCUSED, NOT_SUPPORTED};
use super::super::time;
use super::super::traffic;
use super::super::world::{ApprovedChange, World};
use super::Answer;
use super::scene::{self, Scene};

/// The mail of a site comes over on one working day, three to eight times as much as before, and stays. Half of the
/// analysts have a change ticket.
pub fn migration(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    let first = scene.work_day(world);
    let start = world.at(first, 6, 0);
    let ticket = scene.r.chance(500);
    if ticket {
        let actor = scene.admin(world, start);
        world.change_connector(start, &actor, &name, &[("Comment", "CHG-1042: site B moved")]);
        let (from, to) = (start - 2 * time::HOUR, start + 12 * time::HOUR);
        world.approved.push(ApprovedChange {
            connector: name.clone(),
            from,
            to,
            note: "CHG-1042",
        });
    }
    let domain = world.setup.profile.domain;
    let p1: Vec<String> = (1..=40).map(|n| format!("site.b{n:02}@{domain}")).collect();
    let daily = scene.usual.max(10) * scene.r.between(3, 8) as u64;
    let zone = world.setup.profile.zone;
    for day in first..world.setup.days {
        let (from, to) = (world.at(day, 7, 0), world.at(day, 18, 0));
        if world.tenant.works(time::to_local(zone, from)) {
            Campaign {
                targets: Targets::Correspondents,
                subjects: &["Order confirmation", "Delivery note", "Re: Offer"],
                spam: 2,
                bounces: 10,
                hostile: false,
                ..Campaign::spam(&name, from, to, daily, &world.setup.profile.mail_servers, &p1, &[])
            }
            .send(world);
        }
    }
    let none = [
        "sender_mismatch",
        "spam_delivery",
        "source_ip_mismatch",
        "unauthorized_change",
    ];
    let answer = if ticket {
        &Answer::Ambiguous.verdicts()[..2]
    } else {
        Answer::Ambiguous.verdicts()
    };
    world.expect(&name, answer, &none.map(|id| (id, NOT_SUPPORTED)));
    world.expect_others(INNOCENT);
}

/// Every week from the first one on, up to six times a day's mail.
pub fn newsletter(world: &mut World, scene: &mut Scene) {
    let messages = scene.usual.max(15) * scene.r.between(2, 6) as u64;
    let first = scene.day % 7;
    scene::newsletter(world, first, messages);
    unchanged(world);
}

/// No rise of anything on the connector of the main site.
fn unchanged(world: &mut World) {
    let name = world.headquarters.clone();
    let none = [
        "sender_mismatch",
        "unprovisioned_domain",
        "spam_delivery",
        "source_ip_mismatch",
        "unauthorized_change",
    ];
    world.expect(&name, INNOCENT, &none.map(|id| (id, NOT_SUPPORTED)));
    world.expect_others(INNOCENT);
}

/// Forwarders (SRS), lists (VERP), tagged senders (BATV) and a sending service whose bounces come back to itself, all
/// from the first day on.
pub fn rewritten_senders(world: &mut World, scene: &mut Scene) {
    scene::forwards(world, (scene.usual * 150).max(2000));
    let mut r = world.random("rewritten");
    let via = Via {
        name: world.headquarters.clone(),
        kind: Kind::OnPremises,
    };
    let source = world.setup.profile.mail_servers[0];
    let domain = world.setup.profile.domain;
    let mut messages = Vec::new();
    for (midnight, working) in traffic::days(world) {
        let mean = scene.usual.max(10) * if working { 200 } else { 20 };
        for _ in 0..r.count(mean) {
            let time = traffic::moment(&world.tenant, midnight, working, &mut r);
            let recipient = traffic::outside(&world.tenant, &mut r);
            let own = r.pick(&world.tenant.on_premises).clone();
            let (p1, p2) = match r.below(3) {
                0 => (
                    format!("members-bounces+{}@corp.{domain}", recipient.replace('@', "=")),
                    own,
                ),
                1 => (format!("prvs={:010x}={own}", r.below(1 << 40)), own),
                // The service's domain in the envelope, the organisation's in the header.
                _ => (
                    format!("bounce-{}@mail.helpdesk-service.example", r.between(1000, 9999)),
                    own,
                ),
            };
            let mut message = traffic::draft(time, &p1, &recipient, &world.tenant, &mut r);
            message.p2 = p2;
            source.clone_into(&mut message.source_ip);
            message.via = Some(via.clone());
            messages.push(message);
        }
    }
    world.messages.append(&mut messages);
    unchanged(world);
}

/// Delivery reports for mail that others forged.
pub fn backscatter(world: &mut World, scene: &mut Scene) {
    let name = world.headquarters.clone();
    let source = [world.setup.profile.mail_servers[0]];
    let p2 = addresses(&["postmaster"], world.setup.profile.domain);
    let from = scene.moment(world);
    let to = from + scene.r.between(3, 20) * time::HOUR;
    let messages = scene.usual * scene.r.between(1, 3) as u64 + 30;
    Campaign {
        targets: Targets::Correspondents,
        subjects: &[
            "Undeliverable: Offer",
            "Delivery Status Notification (Failure)",
            "Automatic reply: out of office",
        ],
        spam: 0,
        bounces: 20,
        hostile: false,
        ..Campaign::spam(&name, from, to, messages, &source, &[], &p2)
    }
    .send(world);
    unchanged(world);
}

/// For a week hardly anybody works, and no list of holidays says so.
pub fn falling_volume(world: &mut World, scene: &mut Scene) {
    let mut r = world.random("holidays");
    let kept = scene.r.below(150);
    let (from, to) = (world.at(scene.day, 0, 0), world.at(scene.day + 7, 0, 0));
    world
        .messages
        .retain(|m| !(from..to).contains(&m.time) || r.chance(kept));
    unchanged(world);
    // Where nobody at all wrote for days, an export that lacks them looks the same.
    let left = world.messages.iter().filter(|m| (from..to).contains(&m.time)).count();
    if left < 20 {
        world.expectation.all(NOT_ACCUSED);
    }
}
