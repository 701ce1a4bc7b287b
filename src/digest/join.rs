//! How two facts about one message and recipient become one.
//!
//! Every rule is a maximum or minimum over values, never over ids or arrival, so that joining is associative,
//! commutative and idempotent: any order of chunks, files and machines gives the same fact. Of different values the
//! one of the row nearest to the sender's host is kept, and each keeps its row's nearness for the next join.

use std::cmp::{Ordering, Reverse};

use super::fact::Part;
use super::{Fact, Flags, Names, SenderClass, Sources};
use crate::records::address;

/// Joins `other` into `fact`. Both carry the ids of the same digest and have the same key.
pub fn join(fact: &mut Fact, other: &Fact, names: &Names, sources: &Sources) {
    let (mine, theirs) = (*fact, *other);
    join_place(fact, &theirs);
    fact.time = mine.time.min(theirs.time);
    fact.set_outcome(mine.status().max(theirs.status()), mine.verdict().max(theirs.verdict()));
    fact.set_code(mine.code().max(theirs.code()));
    fact.flags = Flags(
        (mine.flags.0 | theirs.flags.0) & !(Flags::SENDER_UNSURE | Flags::SENDER_IS_P2 | Flags::CONNECTOR_UNSURE),
    );

    let both = [&mine, &theirs];
    fact.recipient_domain = first(both, |f| named(f.recipient_domain, names)).recipient_domain;
    let connector = first(both, |f| {
        let (none, name) = named(f.connector, names);
        // One that is inbound for certain tells more than one that may be either.
        let unsure = f.flags.has(Flags::CONNECTOR_UNSURE);
        (none, unsure, far(f, Part::Connector), name)
    });
    fact.connector = connector.connector;
    fact.flags.set(connector.flags.0 & Flags::CONNECTOR_UNSURE);
    fact.set_nearness(Part::Connector, connector.nearness(Part::Connector));
    let source = first(both, |f| {
        let address = sources.get(f.source);
        // A public address tells more than one inside a network or inside the service.
        let (none, local) = (address.is_none(), address.is_some_and(|a| !address::is_public(*a)));
        (none, local, far(f, Part::Source), address)
    });
    fact.source = source.source;
    fact.set_nearness(Part::Source, source.nearness(Part::Source));

    let envelope = first(both, |f| envelope_order(f, names));
    fact.p1_domain = envelope.p1_domain;
    fact.class = envelope.class;
    fact.flags.set(envelope.flags.0 & Flags::SENDER_UNSURE);
    fact.set_nearness(Part::Envelope, envelope.nearness(Part::Envelope));
    let header = first(both, |f| header_order(f, names));
    fact.p2_domain = header.p2_domain;
    fact.flags.set(header.flags.0 & Flags::SENDER_IS_P2);
    fact.set_nearness(Part::Header, header.nearness(Part::Header));
    // The sender belongs to the part it was read from: P2 where any row gives one, else P1.
    fact.sender = if header.flags.has(Flags::SENDER_IS_P2) {
        header.sender
    } else {
        first(both, |f| (envelope_order(f, names), f.sender == 0, f.sender)).sender
    };
}

/// The fact that comes first by a key.
fn first<'f, K: Ord>(both: [&'f Fact; 2], key: impl Fn(&'f Fact) -> K) -> &'f Fact {
    let [mine, theirs] = both;
    if key(theirs) < key(mine) { theirs } else { mine }
}

/// The row to cite: the one that tells most, then the lowest path and record.
fn join_place(fact: &mut Fact, other: &Fact) {
    let order = other.rank().cmp(&fact.rank()).then(fact.origin().cmp(&other.origin()));
    if order == Ordering::Greater {
        fact.take_place(other);
    }
}

/// A name; none comes behind any.
fn named(id: u32, names: &Names) -> (bool, Option<&str>) {
    let name = names.get(id).map(AsRef::as_ref);
    (name.is_none(), name)
}

/// The nearer row comes first.
fn far(fact: &Fact, part: Part) -> Reverse<u8> {
    Reverse(fact.nearness(part))
}

/// A column that is P1 for certain comes before one that may be P2, any before none; then the nearer row.
fn envelope_order<'n>(f: &Fact, names: &'n Names) -> (u8, Reverse<u8>, Option<&'n str>, SenderClass) {
    let certainty = match (f.class == SenderClass::Unknown, f.flags.has(Flags::SENDER_UNSURE)) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => 0,
    };
    (certainty, far(f, Part::Envelope), named(f.p1_domain, names).1, f.class)
}

/// A header sender with a domain comes before one without, any before none; then the nearer row.
fn header_order<'n>(f: &Fact, names: &'n Names) -> (bool, bool, Reverse<u8>, Option<&'n str>, u32) {
    let is_p2 = f.flags.has(Flags::SENDER_IS_P2);
    let (none, name) = named(f.p2_domain, names);
    (
        !is_p2,
        none,
        far(f, Part::Header),
        name,
        if is_p2 { f.sender } else { 0 },
    )
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::join;
    use crate::digest::fact::Part;
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
            time in 0i64..5, file in 0u32..3, record in 1u32..4, rank in 0u8..8, near in prop::array::uniform4(0u8..4),
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
            if flags & Flags::SENDER_IS_P2 == 0 { f.p2_domain = 0; }
            if f.connector == 0 { flags &= !Flags::CONNECTOR_UNSURE; }
            if f.class == SenderClass::Unknown { flags &= !Flags::SENDER_UNSURE; f.p1_domain = 0; }
            f.flags = Flags(flags);
            // What was joined before has parts of rows at different places.
            for (part, near) in [Part::Connector, Part::Source, Part::Envelope, Part::Header].into_iter().zip(near) {
                f.set_nearness(part, near);
            }
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

    #[test]
    fn the_row_nearest_to_the_sender_wins_whatever_the_alphabet_says() {
        let (names, sources) = dictionary();
        let row = |rank, p1, class, connector, p2, source| {
            let origin = Origin {
                file: 0,
                record: 1,
                offset: 0,
            };
            let mut f = Fact::new(1, 1, Time(0), origin, rank);
            (f.p1_domain, f.class, f.connector, f.p2_domain, f.source) = (p1, class, connector, p2, source);
            (f.sender, f.flags) = (u32::from(rank), Flags(Flags::SENDER_IS_P2));
            f
        };
        // 1 m.example, 2 z.example, 3 a.example; 2 203.0.113.9, 3 198.51.100.7.
        let received = row(7, 2, SenderClass::Ordinary, 2, 2, 2);
        let sent = row(3, 3, SenderClass::Srs, 3, 3, 3);
        let summary = row(2, 1, SenderClass::Ordinary, 1, 1, 3);
        for order in [
            [received, sent, summary],
            [summary, sent, received],
            [sent, received, summary],
        ] {
            let [mut fact, second, third] = order;
            join(&mut fact, &second, &names, &sources);
            join(&mut fact, &third, &names, &sources);
            assert_eq!(
                (
                    fact.p1_domain,
                    fact.class,
                    fact.connector,
                    fact.p2_domain,
                    fact.source,
                    fact.sender
                ),
                (2, SenderClass::Ordinary, 2, 2, 2, 7)
            );
        }
    }
}
