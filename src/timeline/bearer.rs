//! The connector that a GUID must belong to although no export gives it.
//!
//! Of the connectors whose own GUID is not known it is the one that an alert names beside the GUID. Else, as two
//! unknown GUIDs cannot both be one connector, a single one is that of the only connector whose mail was refused,
//! or of the only one there is; a connector that only the trace names counts too.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::digest::Digest;
use crate::records::{Origin, Time};

use super::alert::Alert;
use super::connectors::Registry;
use super::reference::fold;
use super::subject::Subject;

/// Whose an unknown GUID is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearer {
    /// Number in the registry.
    This(usize),
    OneOfSeveral,
    /// Every known connector has another GUID.
    NoneKnown,
}

impl Bearer {
    pub(super) fn known(self) -> Option<usize> {
        match self {
            Bearer::This(entry) => Some(entry),
            Bearer::OneOfSeveral | Bearer::NoneKnown => None,
        }
    }
}

/// The answers for all GUIDs that no export explains.
pub(super) struct Bearers(HashMap<String, Bearer>);

impl Bearers {
    /// `unknown`: GUIDs in lower case that the registry does not have. `refused`: entries with refused mail.
    /// `listed`: entries that the list of blocked connectors alone gives, and by name: what it lists by GUID beside
    /// them is hardly the same.
    pub(super) fn new(
        unknown: BTreeSet<String>,
        refused: &BTreeMap<usize, (Time, Origin)>,
        listed: &BTreeSet<usize>,
        registry: &Registry,
        digest: &Digest,
    ) -> Self {
        let unnumbered: Vec<(usize, HashSet<String>)> = registry
            .live()
            .filter(|(_, e)| e.ids.is_empty())
            .map(|(i, e)| (i, e.names.iter().map(|n| fold(n)).collect()))
            .collect();
        let alone = unknown.len() == 1;
        let refused = only(unnumbered.iter().map(|(i, _)| *i).filter(|i| refused.contains_key(i)));
        let single = only(unnumbered.iter().map(|(i, _)| *i)).filter(|i| !listed.contains(i));
        let mut beside = beside(&unknown, digest);
        let answers = unknown.into_iter().map(|id| {
            let words = beside.remove(&id).unwrap_or_default();
            let alerted = unnumbered.iter().filter(|(_, names)| !names.is_disjoint(&words));
            let alerted = only(alerted.map(|(i, _)| *i));
            let bearer = match alerted.or(refused.or(single).filter(|_| alone)) {
                Some(entry) => Bearer::This(entry),
                None if unnumbered.is_empty() => Bearer::NoneKnown,
                None => Bearer::OneOfSeveral,
            };
            (id, bearer)
        });
        Bearers(answers.collect())
    }

    pub(super) fn of(&self, id: &str) -> Bearer {
        self.0.get(&fold(id)).copied().unwrap_or(Bearer::OneOfSeveral)
    }
}

/// The one there is, if there is but one.
fn only(mut found: impl Iterator<Item = usize>) -> Option<usize> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// By GUID: what else the alerts that hold it may name.
fn beside(ids: &BTreeSet<String>, digest: &Digest) -> HashMap<String, HashSet<String>> {
    let mut found: HashMap<String, HashSet<String>> = HashMap::new();
    if ids.is_empty() {
        return found;
    }
    for event in digest.events.iter().filter(|e| Subject::of(e) == Subject::Alert) {
        let alert = Alert::read(event);
        for id in alert.said().iter().filter(|v| ids.contains(*v)) {
            found
                .entry(id.clone())
                .or_default()
                .extend(alert.said().iter().cloned());
        }
    }
    found
}
