//! Ordinary mail: who writes to whom, when, and how often.

use super::connector::Kind;
use super::message::{Direction, Message, NO_SUCH_RECIPIENT, Outcome, Via, domain_of};
use super::random::Random;
use super::tenant::Tenant;
use super::time::{self, Millis};
use super::world::World;

/// How likely a message is in each hour of a working day, by the local clock.
pub const WORKING_HOURS: [u64; 24] = [
    2, 1, 1, 1, 2, 4, 10, 30, 70, 90, 95, 80, 50, 75, 90, 85, 70, 45, 20, 10, 8, 6, 4, 3,
];
/// The same on other days.
pub const IDLE_HOURS: [u64; 24] = [
    3, 2, 2, 2, 2, 3, 5, 8, 12, 14, 14, 12, 10, 10, 10, 10, 9, 8, 8, 8, 7, 6, 5, 4,
];

const SUBJECTS: [&str; 20] = [
    "Order confirmation",
    "Invoice",
    "Delivery note",
    "Meeting on Thursday",
    "Re: Offer for spare parts",
    "Shipping notice",
    "Weekly status report",
    "Re: Question about the contract",
    "Fwd: Drawing, revision C",
    "Reminder: open items",
    "Minutes of the meeting",
    "Price list, valid from next month",
    "Re: Re: Test results",
    "Payment advice",
    "Travel plan",
    "Complaint about delivery",
    "Maintenance window on Sunday",
    "Your request",
    "Training dates",
    "Purchase order",
];

/// Subjects that break careless readers: separators, quotes, line ends, other scripts, spreadsheet formulas, markup.
const AWKWARD_SUBJECTS: [&str; 10] = [
    "Angebot f\u{fc}r M\u{fc}ller & S\u{f6}hne, \"dringend\"",
    "=HYPERLINK(\"http://192.0.2.80/x\",\"Open invoice\")",
    "Line one\r\nline two, and a comma",
    "\u{a3}100 \u{2013} caf\u{e9} / na\u{ef}ve \u{1f4e6}",
    "+49 30 000000: please call back",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "<script>alert(1)</script> \"quoted\"",
    "Re: \u{8acb}\u{6c42}\u{66f8}\u{306b}\u{3064}\u{3044}\u{3066}",
    "\"\"",
    "invoice \u{202e}fdp.exe",
];

/// The subject of an ordinary message.
pub fn subject(r: &mut Random) -> String {
    if r.chance(25) {
        return (*r.pick(&AWKWARD_SUBJECTS)).to_owned();
    }
    let text = *r.pick(&SUBJECTS);
    if r.chance(600) {
        format!("{text} {}", r.between(10_000, 99_999))
    } else {
        text.to_owned()
    }
}

/// A moment on the local day that begins at `midnight` (local milliseconds), in UTC.
pub fn moment(tenant: &Tenant, midnight: Millis, working: bool, r: &mut Random) -> Millis {
    let hours = if working { &WORKING_HOURS } else { &IDLE_HOURS };
    let hour = r.weighted(hours) as i64;
    time::from_local(
        tenant.profile.zone,
        midnight + hour * time::HOUR + r.between(0, time::HOUR - 1),
    )
}

/// The local midnights of a world's days, each with whether people work.
pub fn days(world: &World) -> Vec<(Millis, bool)> {
    let (year, month, day) = world.setup.start;
    let first = time::utc(year, month, day, 0, 0);
    (0..world.setup.days)
        .map(|n| first + n * time::DAY)
        .map(|midnight| (midnight, world.tenant.works(midnight)))
        .collect()
}

/// A recipient outside: mostly a known one, now and then one that nobody wrote to before.
pub fn outside(tenant: &Tenant, r: &mut Random) -> String {
    let correspondent = &tenant.correspondents[r.ranked(tenant.correspondents.len())];
    if r.chance(30) {
        return format!(
            "{}{}@{}",
            r.pick(&["desk", "team", "branch", "office"]),
            r.between(10, 999),
            correspondent.domain
        );
    }
    let known = &correspondent.people[r.ranked(correspondent.people.len())];
    // The same person, as someone typed it.
    if r.chance(20) {
        return known[..1].to_ascii_uppercase() + &known[1..];
    }
    known.clone()
}

/// A message with everything but its route filled in; the caller changes what differs.
pub fn draft(time: Millis, p1: &str, recipient: &str, tenant: &Tenant, r: &mut Random) -> Message {
    let to_us = tenant.accepts(domain_of(recipient));
    let from_us = tenant.accepts(domain_of(p1));
    let direction = match (from_us, to_us) {
        (true, true) => Direction::IntraOrg,
        (_, false) => Direction::Outbound,
        (false, true) => Direction::Inbound,
    };
    let host = if from_us {
        format!("mail.{}", tenant.profile.domain)
    } else {
        domain_of(p1).to_owned()
    };
    Message {
        time,
        network_id: r.guid(),
        internet_id: format!("<{:016x}.{}@{host}>", r.next(), r.between(100, 999)),
        p1: p1.to_owned(),
        p2: p1.to_owned(),
        recipient: recipient.to_owned(),
        subject: subject(r),
        source_ip: String::new(),
        via: None,
        direction,
        outcome: Outcome::Delivered,
        threat: None,
        scl: if direction == Direction::IntraOrg { -1 } else { 1 },
        sfv: if direction == Direction::IntraOrg {
            "SKI"
        } else {
            "NSPM"
        },
        sender_object: None,
        size: 3_000 + r.below(90_000) + if r.chance(150) { r.below(3_000_000) } else { 0 },
        outbound_ip: if direction == Direction::Outbound {
            format!("40.107.{}.{}", r.between(1, 15), r.between(2, 250))
        } else {
            String::new()
        },
    }
}

/// One message from the organisation's own servers, with its recipients.
pub fn from_servers(tenant: &Tenant, via: &Via, source_ip: &str, time: Millis, r: &mut Random) -> Vec<Message> {
    let sender = r.pick(&tenant.on_premises).clone();
    let recipient = if r.chance(650) {
        outside(tenant, r)
    } else {
        r.pick(&tenant.users).address.clone()
    };
    let mut message = draft(time, &sender, &recipient, tenant, r);
    source_ip.clone_into(&mut message.source_ip);
    message.via = Some(via.clone());
    match r.below(1000) {
        // An out-of-office reply or a delivery report: no envelope sender at all.
        0..12 => message.p1.clear(),
        // A ticket system takes bounces at an address of its own, in the same organisation.
        12..35 => message.p1 = format!("bounce+case{}@corp.{}", r.between(1000, 9999), tenant.profile.domain),
        35..45 => message.outcome = Outcome::Failed(NO_SUCH_RECIPIENT),
        45..48 if message.direction == Direction::Outbound => {
            (message.outcome, message.threat, message.scl, message.sfv) = (Outcome::Junked, Some("Spam"), 5, "SPM");
        }
        _ => {}
    }
    let mut all = vec![message];
    for _ in 0..if r.chance(100) { r.between(1, 2) } else { 0 } {
        let other = outside(tenant, r);
        if all.iter().all(|copy| copy.recipient != other) && all[0].direction == Direction::Outbound {
            let copy = Message {
                recipient: other,
                ..all[0].clone()
            };
            all.push(copy);
        }
    }
    all
}

fn from_outside(tenant: &Tenant, time: Millis, r: &mut Random) -> Message {
    let correspondent = &tenant.correspondents[r.ranked(tenant.correspondents.len())];
    let recipient = r.pick(&tenant.users).address.clone();
    let spam = r.chance(80);
    let sender = if spam {
        format!("offer{}@list{}.example", r.between(1, 99), r.between(1, 40))
    } else {
        correspondent.people[r.ranked(correspondent.people.len())].clone()
    };
    let mut message = draft(time, &sender, &recipient, tenant, r);
    message.source_ip = if spam {
        format!("192.0.2.{}", r.between(2, 250))
    } else {
        correspondent.server.clone()
    };
    if spam {
        let outcome = if r.chance(700) {
            Outcome::Junked
        } else {
            Outcome::Quarantined
        };
        (message.outcome, message.threat, message.scl, message.sfv) = (outcome, Some("Spam"), 6, "SPM");
    } else if r.chance(60) {
        message.p1 = format!(
            "bounces+{}={}@mailer.{}",
            message.recipient.replace('@', "="),
            r.between(1, 99),
            correspondent.domain
        );
    }
    message
}

/// Fills a world with ordinary mail.
pub fn ordinary(world: &mut World) {
    let mut r = world.random("traffic");
    let volume = world.setup.volume;
    let profile = world.setup.profile;
    let (main, branch, partner) = (&world.connectors[0], &world.connectors[1], &world.connectors[2]);
    let via = |name: &str, kind| Via {
        name: name.to_owned(),
        kind,
    };
    let (main, branch, partner) = (
        via(&main.name, Kind::OnPremises),
        via(&branch.name, Kind::OnPremises),
        via(&partner.name, Kind::Partner),
    );
    let mut messages = Vec::new();
    let tenant = &world.tenant;
    for (midnight, working) in days(world) {
        let count = |mean: u64, r: &mut Random| r.count(if working { mean * 1000 } else { mean * 100 });
        for _ in 0..count(volume.headquarters, &mut r) {
            let server = *r.pick(&profile.mail_servers);
            let time = moment(tenant, midnight, working, &mut r);
            messages.extend(from_servers(tenant, &main, server, time, &mut r));
        }
        for _ in 0..count(volume.branch, &mut r) {
            let time = moment(tenant, midnight, working, &mut r);
            messages.extend(from_servers(tenant, &branch, profile.branch_relay, time, &mut r));
        }
        for _ in 0..count(volume.partner, &mut r) {
            let time = moment(tenant, midnight, working, &mut r);
            let supplier = &tenant.correspondents[0];
            let mut message = draft(
                time,
                &r.pick(&supplier.people).clone(),
                &r.pick(&tenant.users).address.clone(),
                tenant,
                &mut r,
            );
            message.source_ip.clone_from(&supplier.server);
            message.via = Some(partner.clone());
            messages.push(message);
        }
        for _ in 0..count(volume.cloud_out, &mut r) {
            let time = moment(tenant, midnight, working, &mut r);
            let user = r.pick(&tenant.users).clone();
            let recipient = if r.chance(700) {
                outside(tenant, &mut r)
            } else {
                r.pick(&tenant.users).address.clone()
            };
            let mut message = draft(time, &user.address, &recipient, tenant, &mut r);
            message.sender_object = Some(user.object_id);
            messages.push(message);
        }
        for _ in 0..count(volume.cloud_in, &mut r) {
            let time = moment(tenant, midnight, working, &mut r);
            messages.push(from_outside(tenant, time, &mut r));
        }
    }
    world.messages.extend(messages);
}
