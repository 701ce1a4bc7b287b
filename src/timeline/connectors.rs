//! Which connector a record speaks of: by GUID where it gives one, else by the name borne at that moment.
//!
//! Names are followed through renames; a connector made again under a name it bore before stays one entry.

use std::collections::{HashMap, HashSet};

use crate::digest::Digest;
use crate::records::{ConnectorSnapshot, Time};

use super::reference::{Reference, fold, new_name, reference};
use super::step::Step;
use super::subject::{Subject, Verb};

/// A snapshot counts as later than a record this close to it: WhenChanged and CreationTime are two clocks.
const CLOCK_SLACK: i64 = Time::HOUR / 60;
/// A connector made this close to a snapshot's WhenCreated is that snapshot's connector.
const BIRTH_SLACK: i64 = 2 * CLOCK_SLACK;

/// One connector under all its names.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Oldest first, as written.
    pub names: Vec<String>,
    pub ids: Vec<String>,
    /// Indexes of its New-, Set-, Enable-, Disable- and Remove- records.
    pub steps: Vec<usize>,
    /// Indexes of its snapshots.
    pub snapshots: Vec<usize>,
    /// Taken up into another entry.
    absorbed: Option<usize>,
}

/// All inbound connectors that anything names.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
    /// Who bore a name since when, in order of time.
    bearers: HashMap<String, Vec<(Time, usize)>>,
}

impl Registry {
    /// Walks records and snapshots in order of time.
    pub(super) fn new(digest: &Digest, steps: &[Step]) -> Self {
        let mut registry = Registry::default();
        let snapshots = &digest.connectors;
        let mut walk: Vec<(Time, u8, usize)> = steps
            .iter()
            .enumerate()
            .filter(|(_, s)| matches!(s.subject, Subject::InboundConnector(_)))
            .map(|(i, s)| (s.event.time, 0, i))
            .collect();
        walk.extend(snapshots.iter().enumerate().map(|(i, s)| {
            let known = s
                .changed
                .map_or(Time(i64::MAX), |t| Time(t.0.saturating_add(CLOCK_SLACK)));
            (known, 1, i)
        }));
        walk.sort();
        let made: HashSet<String> = steps
            .iter()
            .filter(|s| s.subject == Subject::InboundConnector(Verb::New))
            .filter_map(|s| s.event.parameter("Name").map(fold))
            .collect();
        let births = births(snapshots, &made);
        let seen: HashSet<String> = snapshots.iter().map(|s| fold(&s.name)).collect();
        for (_, what, index) in walk {
            if what == 1 {
                if let Some(snapshot) = snapshots.get(index) {
                    registry.see(index, snapshot, &seen);
                }
            } else if let Some(step) = steps.get(index) {
                registry.record(index, step, &births);
            }
        }
        for entry in &mut registry.entries {
            entry.steps.sort_unstable();
        }
        registry
    }

    fn record(&mut self, index: usize, step: &Step, births: &[(Time, &str, String)]) {
        let Subject::InboundConnector(verb) = step.subject else {
            return;
        };
        let event = step.event;
        let time = event.time;
        if verb == Verb::New {
            let Some(name) = new_name(step) else { return };
            let entry = match self.holder(&name) {
                Some(entry) => entry,
                None => self.found(time, &name),
            };
            if event.succeeded {
                self.bear(entry, time, &name);
                self.link_birth(entry, time, &name, births);
            }
            self.take(entry, index);
            return;
        }
        let (mut name, mut id) = (None, None);
        for text in [event.parameter("Identity").unwrap_or_default(), event.object.as_str()] {
            match reference(text) {
                Some(Reference::Name(n)) if name.is_none() => name = Some(n),
                Some(Reference::Id(i)) if id.is_none() => id = Some(i),
                _ => {}
            }
        }
        let Some(entry) = self.resolve(time, name.as_deref(), id.as_deref()) else {
            return;
        };
        if let Some(new) = event.parameter("Name").map(str::trim).filter(|n| !n.is_empty())
            && verb == Verb::Set
            && event.succeeded
        {
            self.bear(entry, time, new);
        }
        self.take(entry, index);
    }

    /// The entry of a record by what it calls the connector, made if nothing is known of it yet.
    fn resolve(&mut self, time: Time, name: Option<&str>, id: Option<&str>) -> Option<usize> {
        let by_id = id.and_then(|i| self.by_guid(i));
        let by_name = name.and_then(|n| self.holder(n));
        let entry = match (by_id, by_name) {
            (Some(a), Some(b)) if a != b => {
                let nameless = self.entries.get(a).is_some_and(|e| e.names.is_empty());
                let without_id = self.entries.get(b).is_some_and(|e| e.ids.is_empty());
                if nameless && without_id {
                    self.absorb(b, a);
                    b
                } else {
                    a
                }
            }
            (Some(a), _) => {
                if let Some(name) = name {
                    self.bear(a, time, name);
                }
                a
            }
            (None, Some(b)) => b,
            (None, None) => match name.and_then(|n| self.former(n)) {
                Some(entry) => entry,
                None => match (name, id) {
                    (Some(name), _) => self.found(time, name),
                    (None, Some(_)) => self.push(),
                    (None, None) => return None,
                },
            },
        };
        if let Some(id) = id {
            self.own(entry, id);
        }
        Some(entry)
    }

    fn see(&mut self, index: usize, snapshot: &ConnectorSnapshot, seen: &HashSet<String>) {
        let name = snapshot.name.trim();
        if name.is_empty() && snapshot.id.as_deref().is_none_or(|id| id.trim().is_empty()) {
            return;
        }
        let time = snapshot.changed.or(snapshot.created).unwrap_or(Time(i64::MAX));
        let by_id = snapshot.id.as_deref().and_then(|i| self.by_guid(i));
        let by_name = self.holder(name);
        let entry = match (by_id, by_name) {
            (Some(a), Some(b)) if a != b => {
                if self.entries.get(b).is_some_and(|e| e.ids.is_empty()) {
                    self.absorb(a, b);
                }
                a
            }
            (Some(a), _) => a,
            (None, Some(b)) => b,
            (None, None) => {
                // A former bearer has its name back only if the name it took since stands in no snapshot.
                let back = self.former(name).filter(|&e| {
                    self.entries
                        .get(e)
                        .is_some_and(|e| e.ids.is_empty() && e.names.last().is_none_or(|n| !seen.contains(&fold(n))))
                });
                match back {
                    Some(entry) => entry,
                    None => self.push(),
                }
            }
        };
        if !name.is_empty() {
            self.bear(entry, time, name);
        }
        if let Some(id) = snapshot.id.as_deref() {
            self.own(entry, id);
        }
        if let Some(e) = self.entries.get_mut(entry) {
            e.snapshots.push(index);
        }
    }

    /// A creation record gives no GUID: a snapshot born in the same minutes under another name is the same
    /// connector, if no record made that other name.
    fn link_birth(&mut self, entry: usize, time: Time, name: &str, births: &[(Time, &str, String)]) {
        let from = births.partition_point(|(created, ..)| created.0 < time.0.saturating_sub(BIRTH_SLACK));
        let later = births.get(from..).unwrap_or_default().iter();
        let twins = later.take_while(|(created, ..)| created.0 <= time.0.saturating_add(BIRTH_SLACK));
        let own = fold(name);
        let mut ids = twins.filter(|(_, _, other)| *other != own).map(|(_, id, _)| *id);
        if let Some(id) = ids.next()
            && ids.all(|other| other == id)
            && self.by_guid(id).is_none()
        {
            self.own(entry, id);
        }
    }

    /// An entry for a connector that only mail names, with the name as the trace writes it.
    pub(super) fn add_named(&mut self, name: &str) -> usize {
        self.found(Time(i64::MIN), name)
    }

    /// An entry for a connector that neither a record nor a snapshot gave, by name or GUID.
    pub(super) fn add(&mut self, name: &str) -> usize {
        match reference(name) {
            Some(Reference::Id(id)) => {
                let entry = self.push();
                self.own(entry, &id);
                entry
            }
            Some(Reference::Name(name)) => self.add_named(&name),
            None => self.add_named(name),
        }
    }

    /// Who bore a name at a moment: the last to take it by then, else the first ever to.
    pub(super) fn bearer_at(&self, name: &str, time: Time) -> Option<usize> {
        let bearers = self.bearers.get(&fold(name))?;
        bearers
            .iter()
            .rev()
            .find(|(from, _)| *from <= time)
            .or_else(|| bearers.first())
            .map(|&(_, e)| self.root(e))
    }

    /// The entry of a GUID or a name at a moment.
    pub(super) fn find_at(&self, text: &str, time: Time) -> Option<usize> {
        match reference(text)? {
            Reference::Id(id) => self.by_guid(&id).or_else(|| self.bearer_at(&id, time)),
            Reference::Name(name) => self.bearer_at(&name, time),
        }
    }

    /// Entries that were not taken up into another, with their numbers.
    pub(super) fn live(&self) -> impl Iterator<Item = (usize, &Entry)> {
        self.entries.iter().enumerate().filter(|(_, e)| e.absorbed.is_none())
    }

    fn by_guid(&self, id: &str) -> Option<usize> {
        self.by_id.get(&fold(id)).map(|&e| self.root(e))
    }

    fn holder(&self, name: &str) -> Option<usize> {
        let entry = self.by_name.get(&fold(name)).map(|&e| self.root(e));
        // A connector may be named like a GUID.
        entry.or_else(|| self.by_guid(name))
    }

    fn former(&self, name: &str) -> Option<usize> {
        self.bearers.get(&fold(name))?.last().map(|&(_, e)| self.root(e))
    }

    fn root(&self, mut entry: usize) -> usize {
        while let Some(into) = self.entries.get(entry).and_then(|e| e.absorbed) {
            entry = into;
        }
        entry
    }

    fn push(&mut self) -> usize {
        self.entries.push(Entry::default());
        self.entries.len() - 1
    }

    fn found(&mut self, time: Time, name: &str) -> usize {
        let entry = self.push();
        self.bear(entry, time, name);
        entry
    }

    fn take(&mut self, entry: usize, step: usize) {
        if let Some(e) = self.entries.get_mut(entry) {
            e.steps.push(step);
        }
    }

    fn own(&mut self, entry: usize, id: &str) {
        let id = fold(id);
        if id.is_empty() {
            return;
        }
        if let Some(e) = self.entries.get_mut(entry)
            && !e.ids.contains(&id)
        {
            e.ids.push(id.clone());
        }
        self.by_id.insert(id, entry);
    }

    /// From this moment the entry bears the name, and no other entry does.
    fn bear(&mut self, entry: usize, time: Time, name: &str) {
        let key = fold(name);
        let Some(e) = self.entries.get_mut(entry) else { return };
        let last = e.names.last().map(|n| fold(n));
        if last.as_ref() == Some(&key) && self.by_name.get(&key) == Some(&entry) {
            return;
        }
        if last.as_ref() != Some(&key) {
            e.names.push(name.trim().to_owned());
        }
        if let Some(old) = last
            && self.by_name.get(&old) == Some(&entry)
        {
            self.by_name.remove(&old);
        }
        self.by_name.insert(key.clone(), entry);
        self.bearers.entry(key).or_default().push((time, entry));
    }

    /// Takes one entry up into another: two spellings of one connector.
    fn absorb(&mut self, into: usize, from: usize) {
        let Some(taken) = self.entries.get_mut(from).map(std::mem::take) else {
            return;
        };
        if let Some(e) = self.entries.get_mut(from) {
            e.absorbed = Some(into);
        }
        let Some(e) = self.entries.get_mut(into) else { return };
        let mut names = taken.names.clone();
        for name in e.names.drain(..) {
            if names.last().is_none_or(|n| fold(n) != fold(&name)) {
                names.push(name);
            }
        }
        e.names = names;
        for id in &taken.ids {
            if !e.ids.contains(id) {
                e.ids.push(id.clone());
            }
        }
        e.steps.extend(taken.steps);
        e.snapshots.extend(taken.snapshots);
        for name in &taken.names {
            if let Some(holder) = self.by_name.get_mut(&fold(name)).filter(|h| **h == from) {
                *holder = into;
            }
        }
        for id in &taken.ids {
            self.by_id.insert(id.clone(), into);
        }
    }
}

/// Snapshots of names that no record made: when each was created, its GUID and its name in lower case, by time.
fn births<'a>(snapshots: &'a [ConnectorSnapshot], made: &HashSet<String>) -> Vec<(Time, &'a str, String)> {
    let mut births: Vec<(Time, &str, String)> = snapshots
        .iter()
        .filter_map(|s| Some((s.created?, s.id.as_deref()?, fold(&s.name))))
        .filter(|(_, _, name)| !made.contains(name))
        .collect();
    births.sort();
    births
}
