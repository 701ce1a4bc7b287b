//! The messages to purge and whose recipients to warn.

use std::collections::BTreeSet;

use super::{Cell, Mail, Seen};
use crate::digest::Fact;

/// A message to one recipient that carries a sign of abuse.
#[derive(Debug, Clone)]
pub struct Suspect<'a> {
    pub fact: &'a Fact,
    /// The signs, in words.
    pub why: String,
}

impl Mail {
    /// The mail of a connector (index on the timeline) in its doubtful time that carries a sign: a foreign header
    /// domain behind an own envelope, an unprovisioned sender, a foreign source, or unwanted by a filter. Domains
    /// that the connector carried in its undoubted past are no sign. With `unexpected`, the connector itself is
    /// the sign and all its mail counts. In order of time.
    pub fn suspects(&self, connector: usize, unexpected: bool) -> Vec<Suspect<'_>> {
        let Some(mail) = self.connectors.get(connector) else {
            return Vec::new();
        };
        let Some(period) = &mail.period else {
            return Vec::new();
        };
        let past = || mail.pairs.iter().filter(|p| !p.test);
        let carried = Carried {
            headers: past().map(|p| p.p2).collect(),
            senders: past().flat_map(|p| [p.p1, p.p2]).collect(),
        };
        let hosts = mail.hosts.as_ref();
        let is_foreign =
            |source: u32| hosts.is_some_and(|h| h.foreign.contains(&source) && !h.carried_before.contains(&source));
        self.of(connector)
            .iter()
            .filter(|s| period.is_test(s.fact.time) || (unexpected && period.window.contains(s.fact.time())))
            .filter_map(|s| {
                let mut why = carried.signs(s);
                if is_foreign(s.fact.source) {
                    why.push("from a host that is not the organisation's");
                }
                if unexpected {
                    why.push("through a connector that nobody meant to create");
                }
                (!why.is_empty()).then(|| Suspect {
                    fact: &s.fact,
                    why: why.join("; "),
                })
            })
            .collect()
    }
}

/// Sender domains of the undoubted past.
struct Carried {
    headers: BTreeSet<u32>,
    senders: BTreeSet<u32>,
}

impl Carried {
    fn signs(&self, seen: &Seen) -> Vec<&'static str> {
        let fact = &seen.fact;
        let mut why = Vec::new();
        let new = |domain: u32| domain != 0 && !self.senders.contains(&domain);
        if seen.outbound() && seen.cell() == Cell::OwnForeign && !self.headers.contains(&fact.p2_domain) {
            why.push("a foreign header sender behind an own envelope sender");
        } else if seen.outbound() && seen.unprovisioned() && (new(fact.p1_domain) || new(fact.p2_domain)) {
            why.push("a sender domain that was not provisioned");
        }
        if seen.outbound() && seen.fresh() {
            why.push("a sender domain that had only just been accepted");
        }
        if fact.is_spam() {
            why.push("filtered as unwanted");
        }
        why
    }
}
