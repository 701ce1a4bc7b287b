//! How two facts about one message and recipient become one.
//!
//! Every rule is a maximum or minimum over values, never over ids or arrival, so that joining is associative,
//! commutative and idempotent: any order of chunks, files and machines gives the same fact.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::{Fact, Flags, Names, Sources};

/// Joins `other` into `fact`. Both carry the ids of the same digest and have the same key.
pub fn join(fact: &mut Fact, other: &Fact, names: &Names, sources: &Sources) {
    let (mine, theirs) = (*fact, *other);
    join_place(fact, &theirs);
    fact.time = mine.time.min(theirs.time);
    fact.connector = first_name(mine.connector, theirs.connector, names);
    fact.source = better_source(mine.source, theirs.source, sources);
    fact.p2_domain = first_name(mine.p2_domain, theirs.p2_domain, names);
    fact.recipient_domain = first_name(mine.recipient_domain, theirs.recipient_domain, names);
    fact.set_outcome(mine.status().max(theirs.status()), mine.verdict().max(theirs.verdict()));
    fact.set_code(mine.code().max(theirs.code()));

    fact.flags = Flags((mine.flags.0 | theirs.flags.0) & !(Flags::SENDER_UNSURE | Flags::SENDER_IS_P2));
    let envelope = if envelope_order(&mine, &theirs, names).is_le() {
        mine
    } else {
        theirs
    };
    fact.p1_domain = envelope.p1_domain;
    fact.class = envelope.class;
    fact.flags.set(envelope.flags.0 & Flags::SENDER_UNSURE);
    let sender = if sender_order(&mine) <= sender_order(&theirs) {
        mine
    } else {
        theirs
    };
    fact.sender = sender.sender;
    fact.flags.set(sender.flags.0 & Flags::SENDER_IS_P2);
}

/// The row to cite: the one that tells most, then the lowest path and record.
fn join_place(fact: &mut Fact, other: &Fact) {
    let order = other.rank().cmp(&fact.rank()).then(fact.origin().cmp(&other.origin()));
    if order == Ordering::Greater {
        fact.take_place(other);
    }
}

/// Of two names the alphabetically first; none loses to any.
fn first_name(a: u32, b: u32, names: &Names) -> u32 {
    match (names.get(a), names.get(b)) {
        (Some(x), Some(y)) if y < x => b,
        (None, Some(_)) => b,
        _ => a,
    }
}

/// A public address tells more than one inside a network or inside the service.
fn better_source(a: u32, b: u32, sources: &Sources) -> u32 {
    let key = |id| sources.get(id).map(|ip: &IpAddr| (!is_public(ip), *ip));
    match (key(a), key(b)) {
        (Some(x), Some(y)) if y < x => b,
        (None, Some(_)) => b,
        _ => a,
    }
}

fn is_public(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast())
        }
        IpAddr::V6(v6) => {
            // fc00::/7 is local; 2603:10b6::/32 and 2a01:111::/32 are hosts inside Exchange Online.
            let segments = v6.segments();
            let local = segments[0] & 0xfe00 == 0xfc00 || segments[0] & 0xffc0 == 0xfe80;
            let service = matches!((segments[0], segments[1]), (0x2603, 0x10b6) | (0x2a01, 0x0111));
            !(local || service || v6.is_loopback() || v6.is_unspecified())
        }
    }
}

/// A column that is P1 for certain beats one that may be P2; any beats none.
fn envelope_order(a: &Fact, b: &Fact, names: &Names) -> Ordering {
    let certainty = |f: &Fact| match (
        f.class == super::SenderClass::Unknown,
        f.flags.has(Flags::SENDER_UNSURE),
    ) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => 0,
    };
    certainty(a)
        .cmp(&certainty(b))
        .then_with(|| names.get(a.p1_domain).cmp(&names.get(b.p1_domain)))
        .then(a.class.cmp(&b.class))
}

/// P2 before P1, a known sender before none.
fn sender_order(f: &Fact) -> (bool, bool, u32) {
    (f.sender == 0, !f.flags.has(Flags::SENDER_IS_P2), f.sender)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::join;
    use crate::digest::{Fact, Flags, Names, SenderClass, Sources};
    use crate::records::{FilterVerdict, Origin, SmtpCode, Status, Time};

    fn dictionary() -> (Names, Sources) {
        let (mut names, mut sources) = (Names::default(), Sources::default());
        // Out of order on purpose: the rules must look at the names, not at their numbers.
        for name in ["m.example", "z.example", "a.example"] {
            names.intern(name);
        }
        for ip in ["10.0.0.5", "203.0.113.9", "198.51.100.7"] {
            sources.insert(ip.parse::<IpAddr>().unwrap());
        }
        (names, sources)
    }

    prop_compose! {
        fn fact()(
            time in 0i64..5, file in 0u32..3, record in 1u32..4, rank in 0u8..4,
            ids in prop::array::uniform5(0u32..4), sender in 0u32..3, class in 0u8..6,
            status in 0u8..7, verdict in 0u8..5, code in 0u8..3, flags in 0u8..=255,
        ) -> Fact {
            let mut f = Fact::new(7, 9, Time(time), Origin { file, record, offset: u64::from(record) * 10 }, rank);
            [f.connector, f.source, f.p1_domain, f.p2_domain, f.recipient_domain] = ids;
            f.sender = sender;
            f.class = [SenderClass::Unknown, SenderClass::Ordinary, SenderClass::Null, SenderClass::Srs, SenderClass::Verp, SenderClass::Batv][class as usize];
            f.set_outcome(
                [Status::Unknown, Status::Pending, Status::Expanded, Status::Delivered, Status::Failed, Status::Junk, Status::Quarantined][status as usize],
                [FilterVerdict::None, FilterVerdict::Clean, FilterVerdict::Spam, FilterVerdict::Phish, FilterVerdict::Malware][verdict as usize],
            );
            f.set_code([SmtpCode::None, SmtpCode::NoSuchRecipient, SmtpCode::BadInboundConnector][code as usize]);
            // A row without a sender says nothing about what kind of sender it is.
            let mut flags = flags;
            if f.sender == 0 { flags &= !Flags::SENDER_IS_P2; }
            if f.class == SenderClass::Unknown { flags &= !Flags::SENDER_UNSURE; f.p1_domain = 0; }
            f.flags = Flags(flags);
            f
        }
    }

    proptest! {
        #[test]
        fn joining_does_not_depend_on_order(a in fact(), b in fact(), c in fact()) {
            let (names, sources) = dictionary();
            let both = |mut x: Fact, y: Fact| { join(&mut x, &y, &names, &sources); x };
            prop_assert_eq!(both(a, b), both(b, a));
            prop_assert_eq!(both(both(a, b), c), both(a, both(b, c)));
            prop_assert_eq!(both(a, a), a);
        }
    }

    #[test]
    fn the_richest_value_of_each_field_wins() {
        let (names, sources) = dictionary();
        let at = |record, rank| {
            Fact::new(
                1,
                1,
                Time(i64::from(record)),
                Origin {
                    file: 0,
                    record,
                    offset: 0,
                },
                rank,
            )
        };
        let mut summary = at(1, 1);
        summary.set_outcome(Status::Delivered, FilterVerdict::None);
        summary.source = 1;
        summary.p1_domain = 1;
        summary.class = SenderClass::Ordinary;
        summary.flags.set(Flags::SENDER_UNSURE);
        let mut receive = at(2, 3);
        receive.source = 2;
        receive.connector = 2;
        receive.p1_domain = 2;
        receive.class = SenderClass::Ordinary;
        receive.set_outcome(Status::Unknown, FilterVerdict::Spam);
        join(&mut summary, &receive, &names, &sources);
        assert_eq!(summary.origin().record, 2, "the row that tells more is cited");
        assert_eq!(summary.time, 1);
        assert_eq!(summary.source, 2, "a public address over a private one");
        assert_eq!((summary.p1_domain, summary.flags.has(Flags::SENDER_UNSURE)), (2, false));
        assert_eq!(
            (summary.status(), summary.verdict()),
            (Status::Delivered, FilterVerdict::Spam)
        );
    }
}
