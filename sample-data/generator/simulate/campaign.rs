//! Mail that someone sends through a connector who should not, and mail that only looks so.

use super::message::{BLOCKED_CONNECTOR, Message, NO_SUCH_RECIPIENT, Outcome, Via};
use super::random::Random;
use super::time::Millis;
use super::traffic;
use super::world::World;

/// To whom a campaign writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// People whom the organisation never wrote to; half of them at one free mail service.
    Strangers,
    /// Partners of the organisation.
    Correspondents,
    /// Subscribers: the same two hundred each time.
    Subscribers,
    /// A list of so many, each at the same address every time.
    List(u64),
    /// The organisation's own staff.
    Staff,
}

/// The lures of public reports: prizes, not malware.
pub const LURES: [&str; 5] = [
    "Congratulations! Claim your reward",
    "Your loyalty prize is waiting, confirm today",
    "=cmd|' /C calc'!A0 You have won",
    "Final notice: unclaimed gift card",
    "You are our winner \u{1f381}",
];

/// Where the recipient goes in an envelope sender.
const RECIPIENT: &str = "{recipient}";

/// A batch of messages.
#[derive(Clone, Debug)]
pub struct Campaign<'a> {
    pub connector: &'a str,
    pub from: Millis,
    pub to: Millis,
    pub messages: u64,
    /// Recipients of one message, at most.
    pub recipients: i64,
    pub sources: &'a [&'a str],
    /// Envelope senders; empty for the null sender alone.
    pub p1: &'a [String],
    /// Header senders; where there is none, the header shows the envelope sender.
    pub p2: &'a [String],
    pub targets: Targets,
    pub subjects: &'a [&'a str],
    /// How many of a thousand are found to be spam.
    pub spam: u64,
    /// How many of a thousand go to addresses that do not exist.
    pub bounces: u64,
    /// Whether the messages are the attacker's.
    pub hostile: bool,
}

impl<'a> Campaign<'a> {
    /// Spam to strangers, as in most of the attacks.
    pub fn spam(
        connector: &'a str,
        from: Millis,
        to: Millis,
        messages: u64,
        sources: &'a [&'a str],
        p1: &'a [String],
        p2: &'a [String],
    ) -> Self {
        Self {
            connector,
            from,
            to,
            messages,
            recipients: 1,
            sources,
            p1,
            p2,
            targets: Targets::Strangers,
            subjects: &LURES,
            spam: 420,
            bounces: 60,
            hostile: true,
        }
    }

    fn recipient(&self, world: &World, r: &mut Random) -> String {
        match self.targets {
            Targets::Strangers => {
                let local = format!(
                    "{}{}",
                    r.pick(&["reader", "member", "guest", "client", "user"]),
                    r.between(1000, 999_999)
                );
                let domain = match r.below(10) {
                    0..5 => "freemail.example".to_owned(),
                    5..7 => "webpost.example".to_owned(),
                    _ => format!("household{}.example", r.between(1, 400)),
                };
                format!("{local}@{domain}")
            }
            Targets::Correspondents => traffic::outside(&world.tenant, r),
            Targets::Subscribers => format!(
                "subscriber{:03}@{}",
                r.between(1, 200),
                world.tenant.correspondents[r.index(12)].domain
            ),
            Targets::List(members) => {
                let member = r.below(members) as usize;
                let domain = &world.tenant.correspondents[member % 12].domain;
                format!("subscriber{member:04}@{domain}")
            }
            Targets::Staff => r.pick(&world.tenant.users).address.clone(),
        }
    }

    /// Puts the messages into the world.
    pub fn send(&self, world: &mut World) {
        let mut r = world.random("campaign");
        let kind = world.connector(self.connector).kind;
        let via = Via {
            name: self.connector.to_owned(),
            kind,
        };
        let mut all: Vec<Message> = Vec::new();
        for _ in 0..self.messages {
            let time = r.between(self.from, self.to - 1);
            let first = self.recipient(world, &mut r);
            let p1 = if self.p1.is_empty() {
                String::new()
            } else {
                r.pick(self.p1).replace(RECIPIENT, &first.replace('@', "="))
            };
            let mut message = traffic::draft(time, &p1, &first, &world.tenant, &mut r);
            if !self.p2.is_empty() {
                message.p2.clone_from(r.pick(self.p2));
            }
            (*r.pick(self.sources)).clone_into(&mut message.source_ip);
            message.via = Some(via.clone());
            message.size = r.between(6_000, 24_000) as u64;
            message.subject = (*r.pick(self.subjects)).to_owned();
            if r.chance(self.bounces) {
                message.outcome = Outcome::Failed(NO_SUCH_RECIPIENT);
            } else if r.chance(self.spam) {
                let outcome = if r.chance(850) {
                    Outcome::Junked
                } else {
                    Outcome::Quarantined
                };
                (message.outcome, message.threat, message.scl, message.sfv) =
                    (outcome, Some("Spam"), *r.pick(&[5, 6, 9]), "SPM");
            }
            let begin = all.len();
            all.push(message);
            for _ in 1..r.between(1, self.recipients) {
                let recipient = self.recipient(world, &mut r);
                if all[begin..].iter().all(|copy| copy.recipient != recipient) {
                    let copy = Message {
                        recipient,
                        ..all[begin].clone()
                    };
                    all.push(copy);
                }
            }
        }
        if self.hostile {
            world.expectation.attack_lasted(self.from, self.to);
            world
                .expectation
                .hostile_messages
                .extend(all.iter().map(|message| message.network_id.to_string()));
        }
        world.messages.append(&mut all);
    }
}

/// From `from` to `to` the service refuses everything that comes through the connector, good mail too.
pub fn refuse(world: &mut World, connector: &str, from: Millis, to: Millis) {
    for message in world
        .messages
        .iter_mut()
        .filter(|m| (from..to).contains(&m.time) && m.connector() == connector)
    {
        message.outcome = Outcome::Failed(BLOCKED_CONNECTOR);
        message.outbound_ip.clear();
    }
}

/// An envelope sender that takes back bounces with the recipient written into it (VERP), for newsletters.
pub fn verp(domain: &str) -> Vec<String> {
    vec![format!("news-bounce+{RECIPIENT}@{domain}")]
}

/// `names` at `domain`.
pub fn addresses(names: &[&str], domain: &str) -> Vec<String> {
    names.iter().map(|name| format!("{name}@{domain}")).collect()
}

/// Some of the organisation's own senders.
pub fn own_senders(world: &World) -> Vec<String> {
    world.tenant.on_premises.iter().take(4).cloned().collect()
}
