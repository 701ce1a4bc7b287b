//! A connector's configuration over time, as full as the evidence allows.
//!
//! Each parameter is a column of segments between the moments that set it. Whatever tells a segment's value —
//! the record that begins it, a snapshot within it, the old value in the record that ends it — tells it for
//! the whole segment: that is how a snapshot is walked backwards.

use std::collections::BTreeMap;

use crate::records::Time;

use super::value::{apply, canonical, connector_parameter, is_incremental, same};
use super::{Change, State};

/// What happens to a connector at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Born,
    Set,
    Removed,
    /// Something was set, and the record no longer tells what.
    Lost,
    /// A snapshot says what it was like.
    Seen,
}

/// Value of a parameter that a moment sets or shows.
#[derive(Debug, Clone)]
pub(super) struct Write {
    pub parameter: String,
    pub value: String,
    /// The value before, where the record carries it.
    pub old: Option<String>,
    /// The value after, where the record carries it beside what was typed.
    pub new: Option<String>,
}

/// What a moment did.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub changes: Vec<Change>,
    /// Every value was already there.
    pub no_op: bool,
}

/// Values of one parameter, each from an interval on.
#[derive(Debug)]
struct Column {
    display: String,
    segments: Vec<(usize, Option<String>)>,
}

/// The states of one connector under construction. Interval 0 is before the first moment.
#[derive(Debug)]
pub(super) struct States {
    columns: BTreeMap<String, Column>,
    /// First interval of the present life.
    life: usize,
    /// The intervals that begin with a change nobody can read, in ascending order.
    lost: Vec<usize>,
    intervals: Vec<Interval>,
}

#[derive(Debug, Clone)]
struct Interval {
    from: Option<Time>,
    name: String,
    exists: bool,
}

impl States {
    /// Nothing known yet but a name; `exists` before the first moment.
    pub(super) fn new(name: &str, exists: bool) -> Self {
        States {
            columns: BTreeMap::new(),
            life: 0,
            lost: Vec::new(),
            intervals: vec![Interval {
                from: None,
                name: name.to_owned(),
                exists,
            }],
        }
    }

    /// Plays one moment. `name` is the name borne from then on. `held` says that the values were there
    /// already, known by other means (an automation that sets the same again and again).
    pub(super) fn play(&mut self, time: Time, mark: Mark, name: Option<&str>, writes: &[Write], held: bool) -> Outcome {
        let next = self.intervals.len();
        let before = self.intervals.last().map(|i| i.name.clone()).unwrap_or_default();
        let mut outcome = Outcome::default();
        if matches!(mark, Mark::Born | Mark::Removed) {
            self.life = next;
            for column in self.columns.values_mut() {
                column.segments.push((next, None));
            }
        }
        if mark == Mark::Lost {
            self.lost.push(next);
            for column in self.columns.values_mut() {
                column.segments.push((next, None));
            }
        }
        for write in writes.iter().filter(|w| !w.parameter.eq_ignore_ascii_case("Name")) {
            let change = match mark {
                Mark::Removed | Mark::Lost => None,
                Mark::Seen => self.see(write, next),
                Mark::Born => Some(self.begin(write, next)),
                Mark::Set => self.set(write, next, held),
            };
            outcome.changes.extend(change);
        }
        let renamed = name.filter(|n| n.trim().to_lowercase() != before.trim().to_lowercase());
        if let Some(name) = renamed.filter(|_| mark != Mark::Removed) {
            let known = !before.is_empty() && mark != Mark::Born;
            outcome.changes.push(Change {
                parameter: "Name".to_owned(),
                before: known.then(|| before.clone()),
                after: Some(name.trim().to_owned()),
                before_known: known || mark == Mark::Born,
            });
        } else if mark == Mark::Born
            && let Some(name) = name
        {
            outcome.changes.push(Change {
                parameter: "Name".to_owned(),
                before: None,
                after: Some(name.trim().to_owned()),
                before_known: true,
            });
        }
        outcome.no_op = mark == Mark::Set && outcome.changes.is_empty() && !writes.is_empty();
        self.intervals.push(Interval {
            from: Some(time),
            name: name.map_or(before, |n| n.trim().to_owned()),
            exists: mark != Mark::Removed,
        });
        outcome
    }

    fn column(&mut self, parameter: &str) -> &mut Column {
        let since = self.lost.iter().copied().filter(|&l| l > self.life);
        let life = self.life;
        self.columns
            .entry(parameter.trim().to_lowercase())
            .or_insert_with(|| Column {
                display: connector_parameter(parameter).unwrap_or(parameter.trim()).to_owned(),
                segments: std::iter::once(life).chain(since).map(|from| (from, None)).collect(),
            })
    }

    fn begin(&mut self, write: &Write, next: usize) -> Change {
        let value = canonical(&write.parameter, write.new.as_deref().unwrap_or(&write.value));
        let column = self.column(&write.parameter);
        column.put(next, Some(value.clone()));
        Change {
            parameter: column.display.clone(),
            before: None,
            after: Some(value),
            before_known: true,
        }
    }

    fn see(&mut self, write: &Write, next: usize) -> Option<Change> {
        let value = canonical(&write.parameter, &write.value);
        let column = self.column(&write.parameter);
        match column.last().clone() {
            Some(known) if same(&write.parameter, &known, &value) => None,
            Some(known) => {
                column.put(next, Some(value.clone()));
                Some(Change {
                    parameter: column.display.clone(),
                    before: Some(known),
                    after: Some(value),
                    before_known: true,
                })
            }
            None => {
                column.learn(value);
                None
            }
        }
    }

    fn set(&mut self, write: &Write, next: usize, held: bool) -> Option<Change> {
        let parameter = &write.parameter;
        let column = self.column(parameter);
        if let Some(old) = &write.old {
            column.learn(canonical(parameter, old));
        }
        // The record's own old value outranks the replay: it was there when the cmdlet ran.
        let before = match &write.old {
            Some(old) => Some(canonical(parameter, old)),
            None => column.last().clone(),
        };
        let (after, certain) = match (&write.new, is_incremental(&write.value)) {
            (Some(new), _) => (canonical(parameter, new), true),
            (None, false) => (canonical(parameter, &write.value), true),
            (None, true) => match before.as_ref().and_then(|b| apply(parameter, b, &write.value)) {
                Some(after) => (after, true),
                None => (write.value.trim().to_owned(), false),
            },
        };
        match before {
            Some(before) if certain && same(parameter, &before, &after) => {
                if !column.last().as_ref().is_some_and(|v| same(parameter, v, &after)) {
                    column.put(next, Some(after));
                }
                None
            }
            None if held && certain => {
                column.learn(after);
                None
            }
            before => {
                column.put(next, certain.then(|| after.clone()));
                Some(Change {
                    parameter: column.display.clone(),
                    before_known: before.is_some(),
                    before,
                    after: Some(after),
                })
            }
        }
    }

    /// The value of a parameter after the last moment played.
    pub(super) fn now(&self, parameter: &str) -> Option<&str> {
        self.columns.get(&parameter.to_lowercase())?.last().as_deref()
    }

    /// What stood before a change that nobody can read is taken to stand on, where nothing tells what it set.
    fn bridge(&mut self) {
        for column in self.columns.values_mut() {
            let mut standing: Option<String> = None;
            for (from, value) in &mut column.segments {
                if value.is_none() && self.lost.binary_search(from).is_ok() {
                    value.clone_from(&standing);
                }
                standing.clone_from(value);
            }
        }
    }

    /// The states, each where something differs from the one before.
    pub(super) fn finish(mut self) -> Vec<State> {
        self.bridge();
        let mut states: Vec<State> = Vec::new();
        let mut cursors: Vec<(&Column, usize)> = self.columns.values().map(|c| (c, 0)).collect();
        let mut parameters: BTreeMap<String, String> = BTreeMap::new();
        for (k, interval) in self.intervals.iter().enumerate() {
            for (column, at) in &mut cursors {
                while let Some((from, value)) = column.segments.get(*at)
                    && *from <= k
                {
                    match value {
                        Some(value) => parameters.insert(column.display.clone(), value.clone()),
                        None => parameters.remove(&column.display),
                    };
                    *at += 1;
                }
            }
            let state = State {
                from: interval.from,
                name: interval.name.clone(),
                exists: interval.exists,
                parameters: if interval.exists {
                    parameters.clone()
                } else {
                    BTreeMap::new()
                },
            };
            let repeats = states.last().is_some_and(|last| {
                last.exists == state.exists && last.name == state.name && last.parameters == state.parameters
            });
            if !repeats {
                states.push(state);
            }
        }
        states
    }
}

impl Column {
    fn last(&self) -> &Option<String> {
        const NOTHING: &Option<String> = &None;
        self.segments.last().map_or(NOTHING, |(_, v)| v)
    }

    fn put(&mut self, from: usize, value: Option<String>) {
        match self.segments.last_mut() {
            Some((start, v)) if *start == from => *v = value,
            _ => self.segments.push((from, value)),
        }
    }

    /// The present segment had this value all along, if none is known for it.
    fn learn(&mut self, value: String) {
        if let Some((_, held @ None)) = self.segments.last_mut() {
            *held = Some(value);
        }
    }
}
