//! Blocks of connectors: rows of Get-BlockedConnector, refusals in the trace, and releases.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::digest::Digest;
use crate::records::{BlockedConnector, Origin, Time};

use super::connectors::Registry;
use super::reference::{Reference, fold, reference};
use super::step::{Step, brief};
use super::subject::Subject;
use super::traffic::Traced;
use super::{Action, Cite, Event};

/// A refusal this close to a block that is on the timeline already is that block.
const SAME_BLOCK: i64 = Time::HOUR;

/// What is known of blocks, by connector's number in the registry.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// First mail refused with 5.7.711.
    pub refused: BTreeMap<usize, (Time, Origin)>,
    /// Rows of Get-BlockedConnector.
    rows: BTreeMap<usize, Vec<usize>>,
    /// Remove-BlockedConnector records.
    pub released: BTreeMap<usize, Vec<usize>>,
}

impl Blocks {
    /// Finds the connector of each; one that nothing else names becomes an entry of its own.
    pub(super) fn new(digest: &Digest, steps: &[Step], traced: &[Traced], registry: &mut Registry) -> Self {
        let mut blocks = Blocks::default();
        for mail in traced {
            for &(time, origin) in mail.refused.values() {
                if let Some(entry) = registry.bearer_at(&mail.name, time) {
                    let here = (time, origin);
                    blocks
                        .refused
                        .entry(entry)
                        .and_modify(|known| *known = (*known).min(here))
                        .or_insert(here);
                }
            }
        }
        for (index, row) in digest.blocked.iter().enumerate() {
            if reference(&row.connector).is_none() {
                continue;
            }
            let time = row.time.unwrap_or(Time(i64::MAX));
            let entry = registry
                .find_at(&row.connector, time)
                .or_else(|| blocks.only_candidate(&row.connector, registry, digest))
                .unwrap_or_else(|| registry.add(&row.connector));
            blocks.rows.entry(entry).or_default().push(index);
        }
        for (index, step) in steps.iter().enumerate().filter(|(_, s)| s.subject == Subject::Unblock) {
            let named = ["ConnectorId", "Identity"]
                .into_iter()
                .filter_map(|p| step.event.parameter(p));
            let entry = named
                .chain(std::iter::once(step.event.object.as_str()))
                .filter(|text| reference(text).is_some())
                .find_map(|text| {
                    registry
                        .find_at(text, step.event.time)
                        .or_else(|| blocks.only_candidate(text, registry, digest))
                });
            if let Some(entry) = entry {
                blocks.released.entry(entry).or_default().push(index);
            }
        }
        blocks
    }

    /// The connector that a GUID must belong to although no export gives it: one whose own GUID is not known, and
    /// which an alert names beside this one, or whose mail was refused, or which is the only such one on record.
    fn only_candidate(&self, text: &str, registry: &Registry, digest: &Digest) -> Option<usize> {
        let Some(Reference::Id(id)) = reference(text) else {
            return None;
        };
        let nameless: BTreeSet<usize> = registry
            .live()
            .filter(|(_, e)| e.ids.is_empty())
            .map(|(i, _)| i)
            .collect();
        let alerted = |i: &usize| {
            registry
                .live()
                .any(|(j, e)| j == *i && named_beside(&id, &e.names, digest))
        };
        let only = |list: Vec<usize>| if let [one] = list.as_slice() { Some(*one) } else { None };
        only(nameless.iter().copied().filter(alerted).collect())
            .or_else(|| {
                only(
                    nameless
                        .iter()
                        .copied()
                        .filter(|e| self.refused.contains_key(e))
                        .collect(),
                )
            })
            .or_else(|| {
                only(
                    registry
                        .live()
                        .filter(|(_, e)| e.ids.is_empty() && !e.steps.is_empty())
                        .map(|(i, _)| i)
                        .collect(),
                )
            })
    }

    /// The blocks of one connector that are not on its timeline yet.
    pub(super) fn events(&self, entry: usize, name: &str, digest: &Digest, known: &[Event], last: Time) -> Vec<Event> {
        let refused = self.refused.get(&entry);
        let mut found: Vec<Event> = Vec::new();
        for row in self
            .rows
            .get(&entry)
            .into_iter()
            .flatten()
            .filter_map(|&i| digest.blocked.get(i))
        {
            let time = row.time.or(refused.map(|r| r.0)).unwrap_or(last);
            found.push(row_event(row, name, time));
        }
        if let Some(&(time, origin)) = refused {
            let near =
                |e: &Event| e.action == Action::Blocked && e.time.0.abs_diff(time.0) <= SAME_BLOCK.unsigned_abs();
            if !known.iter().chain(&found).any(near) {
                let cite = Cite { time, origin, id: None };
                let summary = format!(
                    "Exchange Online refused mail through the connector {name} as coming from a bad inbound connector (5.7.711): it was blocked by then."
                );
                found.push(block("5.7.711", name, summary, cite));
            }
        }
        found
    }
}

/// Whether some alert holds a GUID and, in another field, one of the names.
fn named_beside(id: &str, names: &[String], digest: &Digest) -> bool {
    digest.events.iter().filter(|e| e.record_type == Some(40)).any(|alert| {
        let holds = |wanted: &str| {
            alert
                .extended
                .iter()
                .any(|(_, value)| value.trim().eq_ignore_ascii_case(wanted))
        };
        holds(id) && names.iter().any(|name| holds(name))
    })
}

fn row_event(row: &BlockedConnector, name: &str, time: Time) -> Event {
    let cite = Cite {
        time,
        origin: row.origin,
        id: None,
    };
    let reason = row.reason.as_deref().map(str::trim).filter(|r| !r.is_empty());
    let because = reason.map_or_else(String::new, |r| format!(": {}", brief(r)));
    let mut event = block(
        "Get-BlockedConnector",
        name,
        format!("The list of blocked connectors holds {name}{because}."),
        cite,
    );
    event.parameters.push(("ConnectorId".to_owned(), row.connector.clone()));
    event
        .parameters
        .extend(reason.map(|r| ("Reason".to_owned(), r.to_owned())));
    event
}

fn block(operation: &str, name: &str, summary: String, cite: Cite) -> Event {
    Event {
        time: cite.time,
        action: Action::Blocked,
        operation: operation.to_owned(),
        object: name.to_owned(),
        actor: None,
        client_ip: None,
        session_id: None,
        intended: None,
        intended_because: "Microsoft's protection did it.".to_owned(),
        no_op: false,
        succeeded: true,
        changes: Vec::new(),
        parameters: Vec::new(),
        summary,
        session: None,
        cites: vec![cite],
    }
}

/// Adds the connectors that only the trace names. Names of outbound connectors, which some traces give in the
/// same column, are left out.
pub(super) fn add_traced(traced: &[Traced], steps: &[Step], registry: &mut Registry) -> HashMap<usize, usize> {
    let outbound: BTreeSet<String> = steps
        .iter()
        .filter(|s| s.subject == Subject::OutboundConnector)
        .flat_map(|s| {
            [
                s.event.parameter("Name"),
                s.event.parameter("Identity"),
                Some(s.event.object.as_str()),
            ]
            .into_iter()
            .flatten()
        })
        .filter_map(|text| match reference(text)? {
            Reference::Name(name) | Reference::Id(name) => Some(fold(&name)),
        })
        .collect();
    let mut by_entry = HashMap::new();
    for (index, mail) in traced.iter().enumerate() {
        let entry = match registry.bearer_at(&mail.name, mail.first) {
            Some(entry) => entry,
            None if outbound.contains(&fold(&mail.name)) => continue,
            None => registry.add_named(&mail.name),
        };
        by_entry.entry(entry).or_insert(index);
    }
    by_entry
}
