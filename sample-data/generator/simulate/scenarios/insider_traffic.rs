//! What only traffic shows: a mail server in other hands, and floods that are harmless.

use super::super::campaign::{Campaign, Targets, addresses, own_senders};
use super::super::connector::Kind;
use super::super::message::Via;
use super::super::traffic;
use super::super::world::World;
use super::{DOUBTFUL, INNOCENT, NOT_SUPPORTED, SUPPORTED};

/// The organisation's own server sends spam: the address is right and nothing was configured.
pub fn own_host(world: &mut World) {
    let name = world.headquarters.clone();
    let source = [world.setup.profile.mail_servers[1]];
    let (p1, p2) = (
        own_senders(world),
        addresses(&["security", "service.center"], "woodgrovebank.com"),
    );
    let (from, to) = (world.at(33, 1, 0), world.at(35, 5, 0));
    Campaign::spam(&name, from, to, 900, &source, &p1, &p2).send(world);
    world.expect(
        &name,
        DOUBTFUL,
        &[
            ("volume_spike", SUPPORTED),
            ("sender_mismatch", SUPPORTED),
            ("spam_delivery", SUPPORTED),
            ("unauthorized_change", NOT_SUPPORTED),
            ("source_ip_mismatch", NOT_SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// Delivery reports for mail that others forged: many, outbound, without an envelope sender.
pub fn backscatter(world: &mut World) {
    let name = world.headquarters.clone();
    let source = [world.setup.profile.mail_servers[0]];
    let p2 = addresses(&["postmaster"], world.setup.profile.domain);
    let (from, to) = (world.at(32, 8, 0), world.at(32, 20, 0));
    let subjects = [
        "Undeliverable: Offer",
        "Delivery Status Notification (Failure)",
        "Automatic reply: out of office",
    ];
    Campaign {
        targets: Targets::Correspondents,
        subjects: &subjects,
        spam: 0,
        bounces: 20,
        hostile: false,
        ..Campaign::spam(&name, from, to, 70, &source, &[], &p2)
    }
    .send(world);
    world.expect(&name, INNOCENT, &[("sender_mismatch", NOT_SUPPORTED)]);
    world.expect_others(INNOCENT);
}

/// On every working day some mail from outside is forwarded to outside by the own servers: the envelope sender is
/// rewritten to the own domain (SRS), the header sender stays.
pub fn forwarding(world: &mut World) {
    forward(world, 5000);
    let name = world.headquarters.clone();
    world.expect(&name, INNOCENT, &[("sender_mismatch", NOT_SUPPORTED)]);
    world.expect_others(INNOCENT);
}

/// Such mail, so many thousandths of a message on a working day and a tenth of it on others.
pub fn forward(world: &mut World, mean_milli: u64) {
    let mut r = world.random("forwarding");
    let via = Via {
        name: world.headquarters.clone(),
        kind: Kind::OnPremises,
    };
    let source = world.setup.profile.mail_servers[0];
    let mut messages = Vec::new();
    for (midnight, working) in traffic::days(world) {
        for _ in 0..r.count(if working { mean_milli } else { mean_milli / 10 }) {
            let correspondent = r.pick(&world.tenant.correspondents).clone();
            let sender = correspondent.people[0].clone();
            let (local, domain) = sender.split_once('@').unwrap_or((sender.as_str(), ""));
            let p1 = format!(
                "SRS0={:04x}=X{}={domain}={local}@{}",
                r.below(1 << 16),
                r.between(1, 9),
                world.setup.profile.domain
            );
            let time = traffic::moment(&world.tenant, midnight, working, &mut r);
            let recipient = format!("private{:02}@freemail.example", r.between(1, 6));
            let mut message = traffic::draft(time, &p1, &recipient, &world.tenant, &mut r);
            message.p2.clone_from(&sender);
            source.clone_into(&mut message.source_ip);
            message.via = Some(via.clone());
            messages.push(message);
        }
    }
    world.messages.append(&mut messages);
}
