//! Blocks of connectors: rows of Get-BlockedConnector, refusals in the trace, and releases.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::digest::Digest;
use crate::records::{BlockedConnector, Origin, Time};

use super::bearer::{Bearer, Bearers};
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
    /// Rows of Get-BlockedConnector that mean one of several connectors, and nothing tells which.
    open: Vec<usize>,
    /// Remove-BlockedConnector records.
    pub released: BTreeMap<usize, Vec<usize>>,
}

impl Blocks {
    /// Finds the connector of each; one that can be none of those known becomes an entry of its own.
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
        let mut unheard: Vec<(usize, String)> = Vec::new();
        let mut listed: BTreeSet<usize> = BTreeSet::new();
        for (index, row) in digest.blocked.iter().enumerate() {
            let Some(named) = reference(&row.connector) else {
                continue;
            };
            let time = row.time.unwrap_or(Time(i64::MAX));
            let entry = match (registry.find_at(&row.connector, time), named) {
                (Some(entry), _) => entry,
                (None, Reference::Name(name)) => {
                    let entry = registry.add_named(&name);
                    listed.insert(entry);
                    entry
                }
                (None, Reference::Id(id)) => {
                    unheard.push((index, id));
                    continue;
                }
            };
            blocks.rows.entry(entry).or_default().push(index);
        }
        let releases = releases(steps);
        let ids = unheard.iter().map(|(_, id)| id.clone());
        let released = releases
            .iter()
            .flat_map(|(index, texts)| texts.iter().map(move |t| (*index, *t)));
        let released = released.filter_map(|(index, text)| match reference(text)? {
            Reference::Id(id) if find(registry, steps, index, text).is_none() => Some(id),
            _ => None,
        });
        let bearers = Bearers::new(
            ids.chain(released).collect(),
            &blocks.refused,
            &listed,
            registry,
            digest,
        );
        for (index, id) in unheard {
            match bearers.of(&id) {
                Bearer::This(entry) => blocks.rows.entry(entry).or_default().push(index),
                Bearer::OneOfSeveral => blocks.open.push(index),
                Bearer::NoneKnown => {
                    let entry = registry
                        .find_at(&id, Time(i64::MAX))
                        .unwrap_or_else(|| registry.add(&id));
                    blocks.rows.entry(entry).or_default().push(index);
                }
            }
        }
        for (index, texts) in releases {
            let entry = texts.into_iter().find_map(|text| {
                find(registry, steps, index, text).or_else(|| match reference(text)? {
                    Reference::Id(id) => bearers.of(&id).known(),
                    Reference::Name(_) => None,
                })
            });
            if let Some(entry) = entry {
                blocks.released.entry(entry).or_default().push(index);
            }
        }
        blocks
    }

    /// The blocks that mean one of several connectors.
    pub(super) fn open(&self, digest: &Digest, last: Time) -> Vec<Event> {
        let rows = self.open.iter().filter_map(|&i| digest.blocked.get(i));
        rows.map(|row| Event {
            summary: format!(
                "The list of blocked connectors holds {}{}; nothing tells which of the connectors without a known Guid it is.",
                brief(row.connector.trim()),
                because(row)
            ),
            ..row_event(row, row.connector.trim(), row.time.unwrap_or(last))
        })
        .collect()
    }

    /// Whether a block, a refusal or a release concerns the connector.
    pub(super) fn concern(&self, entry: usize) -> bool {
        self.refused.contains_key(&entry) || self.rows.contains_key(&entry) || self.released.contains_key(&entry)
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
            let event = row_event(row, name, time);
            // The same block may stand in several exports of the list.
            let is_same = |e: &&mut Event| e.time == event.time && e.parameters == event.parameters;
            match found.iter_mut().find(is_same) {
                Some(known) => known.cites.extend(event.cites),
                None => found.push(event),
            }
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

/// Remove-BlockedConnector records, each with what it may call the connector.
fn releases<'a>(steps: &'a [Step]) -> Vec<(usize, Vec<&'a str>)> {
    let releases = steps.iter().enumerate().filter(|(_, s)| s.subject == Subject::Unblock);
    releases
        .map(|(index, step)| {
            let named = ["ConnectorId", "Identity"]
                .into_iter()
                .filter_map(|p| step.event.parameter(p));
            let texts = named.chain(std::iter::once(step.event.object.as_str()));
            (index, texts.filter(|t| reference(t).is_some()).collect())
        })
        .collect()
}

/// The connector that a record's text names at its moment.
fn find(registry: &Registry, steps: &[Step], index: usize, text: &str) -> Option<usize> {
    registry.find_at(text, steps.get(index)?.event.time)
}

fn row_event(row: &BlockedConnector, name: &str, time: Time) -> Event {
    let cite = Cite {
        time,
        origin: row.origin,
        id: None,
    };
    let mut event = block(
        "Get-BlockedConnector",
        name,
        format!("The list of blocked connectors holds {name}{}.", because(row)),
        cite,
    );
    event.parameters.push(("ConnectorId".to_owned(), row.connector.clone()));
    event
        .parameters
        .extend(reason(row).map(|r| ("Reason".to_owned(), r.to_owned())));
    event
}

fn reason(row: &BlockedConnector) -> Option<&str> {
    row.reason.as_deref().map(str::trim).filter(|r| !r.is_empty())
}

fn because(row: &BlockedConnector) -> String {
    reason(row).map_or_else(String::new, |r| format!(": {}", brief(r)))
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
        parameters_lost: false,
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
