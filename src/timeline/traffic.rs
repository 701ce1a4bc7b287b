//! What the message trace knows of connectors: their names, their kind, and the first refusal of a blocked one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::digest::{Digest, Fact, Flags};
use crate::records::{ConnectorType, Origin, SmtpCode, Time};

/// What the trace says of one connector name.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    pub name: String,
    flags: Flags,
    pub first: Time,
    /// By day: the first mail refused with 5.7.711.
    pub refused: BTreeMap<i64, (Time, Origin)>,
}

impl Traced {
    /// Notes mail that was refused on a day.
    fn refuse(&mut self, day: i64, here: (Time, Origin)) {
        let first = self.refused.entry(day).or_insert(here);
        *first = (*first).min(here);
    }

    /// Adds what other facts say of the same name.
    fn absorb(&mut self, other: Traced) {
        self.flags.set(other.flags.0);
        self.first = self.first.min(other.first);
        other.refused.into_iter().for_each(|(day, here)| self.refuse(day, here));
    }

    /// Its kind; where rows disagree, OnPremises: the kind that can relay.
    pub(super) fn kind(&self) -> Option<ConnectorType> {
        if self.flags.has(Flags::ON_PREMISES) {
            Some(ConnectorType::OnPremises)
        } else if self.flags.has(Flags::PARTNER) {
            Some(ConnectorType::Partner)
        } else {
            None
        }
    }
}

/// Reads the facts once, on all cores. Names in order of their first mail; the last is the time of the last mail.
pub(super) fn traced(digest: &Digest) -> (Vec<Traced>, Option<Time>) {
    let (mut by_number, mut last) = (BTreeMap::new(), None);
    for (more, time) in digest.facts.each_list(|facts| of_list(facts, digest)) {
        last = last.max(time);
        for (number, traced) in more {
            match by_number.entry(number) {
                Entry::Vacant(place) => drop(place.insert(traced)),
                Entry::Occupied(mut known) => known.get_mut().absorb(traced),
            }
        }
    }
    let mut found: Vec<Traced> = by_number.into_values().collect();
    found.retain(|t| !t.name.is_empty());
    found.sort_by(|a, b| (a.first, &a.name).cmp(&(b.first, &b.name)));
    (found, last)
}

/// What some facts say, by the number of the connector's name; and the time of the last of them.
fn of_list(facts: &[Fact], digest: &Digest) -> (BTreeMap<u32, Traced>, Option<Time>) {
    let (mut found, mut last) = (BTreeMap::new(), None);
    for fact in facts {
        last = last.max(Some(fact.time()));
        // A name that may be an outbound connector's makes no inbound one.
        if fact.connector == 0 || fact.flags.has(Flags::CONNECTOR_UNSURE) {
            continue;
        }
        let traced = found.entry(fact.connector).or_insert_with(|| Traced {
            name: digest
                .names
                .get(fact.connector)
                .map_or_else(String::new, |n| n.trim().to_owned()),
            flags: Flags(0),
            first: fact.time(),
            refused: BTreeMap::new(),
        });
        traced.flags.set(fact.flags.0 & (Flags::ON_PREMISES | Flags::PARTNER));
        traced.first = traced.first.min(fact.time());
        if fact.code() == SmtpCode::BadInboundConnector {
            let day = fact.time().0.div_euclid(Time::DAY);
            traced.refuse(day, (fact.time(), fact.origin()));
        }
    }
    (found, last)
}
