//! What the message trace knows of connectors: their names, their kind, and the first refusal of a blocked one.

use std::collections::BTreeMap;

use crate::digest::{Digest, Flags};
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

/// Reads the facts once. Names in order of their first mail; the last is the time of the last mail.
pub(super) fn traced(digest: &Digest) -> (Vec<Traced>, Option<Time>) {
    let mut found: Vec<Traced> = Vec::new();
    // By number of the name: its place in `found`, from 1 on.
    let mut places: Vec<u32> = vec![0; digest.names.len() + 1];
    let mut last = None;
    for fact in digest.facts.iter() {
        last = last.max(Some(fact.time()));
        // A name that may be an outbound connector's makes no inbound one.
        let named = fact.connector != 0 && !fact.flags.has(Flags::CONNECTOR_UNSURE);
        let Some(place) = places.get_mut(fact.connector as usize).filter(|_| named) else {
            continue;
        };
        if *place == 0 {
            found.push(Traced {
                name: digest
                    .names
                    .get(fact.connector)
                    .map_or_else(String::new, |n| n.trim().to_owned()),
                flags: Flags(0),
                first: fact.time(),
                refused: BTreeMap::new(),
            });
            *place = u32::try_from(found.len()).unwrap_or(u32::MAX);
        }
        let Some(traced) = found.get_mut(*place as usize - 1) else {
            continue;
        };
        traced.flags.set(fact.flags.0 & (Flags::ON_PREMISES | Flags::PARTNER));
        traced.first = traced.first.min(fact.time());
        if fact.code() == SmtpCode::BadInboundConnector {
            let here = (fact.time(), fact.origin());
            let day = fact.time().0.div_euclid(Time::DAY);
            traced
                .refused
                .entry(day)
                .and_modify(|known| *known = (*known).min(here))
                .or_insert(here);
        }
    }
    found.retain(|t| !t.name.is_empty());
    found.sort_by(|a, b| (a.first, &a.name).cmp(&(b.first, &b.name)));
    (found, last)
}
