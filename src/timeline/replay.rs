//! One connector's records and snapshots, played in order of time into states and events.

use std::collections::{HashMap, HashSet};

use crate::digest::Digest;
use crate::records::{ConnectorType, Time, cmdlet};

use super::connectors::Entry;
use super::custody::Sessions;
use super::reference::new_name;
use super::snapshot::{self, Sight};
use super::state::{Mark, Outcome, States, Write};
use super::step::Step;
use super::subject::{Subject, Verb};
use super::value::{canonical, connector_parameter, is_noise};
use super::wording::sentence;
use super::{Action, Connector, Event};

/// How often an automation must set the same before its first run counts as having changed nothing.
const REAPPLIED: u32 = 3;

/// A connector with the events of its own records; each with the record's index, where it has one.
pub(super) struct Draft {
    pub connector: Connector,
    pub events: Vec<(Event, Option<usize>)>,
}

/// What the whole log says that a single connector's records do not.
pub(super) struct Frame {
    /// First and last Exchange cmdlet in the log.
    pub cmdlets: Option<(Time, Time)>,
    /// The last moment that any evidence speaks of.
    pub last: Time,
}

impl Frame {
    pub(super) fn new(digest: &Digest, steps: &[Step], last_mail: Option<Time>) -> Self {
        let mut cmdlets: Option<(Time, Time)> = None;
        for step in steps {
            if step.event.record_type == Some(1) || cmdlet(&step.event.operation).is_some() {
                let t = step.event.time;
                cmdlets = Some(cmdlets.map_or((t, t), |(a, b)| (a.min(t), b.max(t))));
            }
        }
        let snapshots = digest.connectors.iter().flat_map(|s| [s.created, s.changed]).flatten();
        let last = digest
            .events
            .iter()
            .map(|e| e.time)
            .chain(snapshots)
            .chain(last_mail)
            .chain(digest.sightings.values().map(|s| s.last.0))
            .max()
            .unwrap_or_default();
        Frame { cmdlets, last }
    }

    /// Whether the log holds cmdlets on both sides of a moment.
    pub(super) fn surrounds(&self, time: Time) -> bool {
        self.cmdlets.is_some_and(|(first, last)| first <= time && time <= last)
    }
}

/// Something to play, in order of time; a record before a snapshot of the same moment.
enum Moment<'a> {
    Record(usize, &'a Step<'a>),
    /// A snapshot's WhenCreated that no record explains.
    Birth,
    Sight(Sight<'a>),
}

/// Plays one connector.
pub(super) fn play(entry: &Entry, digest: &Digest, steps: &[Step], frame: &Frame, sessions: &Sessions) -> Draft {
    let records: Vec<(usize, &Step)> = entry.steps.iter().filter_map(|&i| Some((i, steps.get(i)?))).collect();
    let made: Vec<Time> = records
        .iter()
        .filter(|(_, s)| s.event.succeeded && s.subject == Subject::InboundConnector(Verb::New))
        .map(|(_, s)| s.event.time)
        .collect();
    let mut held = reapplied(&records);
    // A stranger's repetition is no habit of the organisation's.
    held.retain(|&index| sessions.is_strange(index) != Some(true));
    let mut moments: Vec<(Time, u8, usize, Moment)> = records
        .iter()
        .map(|&(i, s)| (s.event.time, 1, i, Moment::Record(i, s)))
        .collect();
    let removed = records
        .iter()
        .rfind(|(_, s)| s.event.succeeded)
        .filter(|(_, s)| s.subject == Subject::InboundConnector(Verb::Remove))
        .map(|(_, s)| s.event.time);
    let sights = snapshot::sights(entry, digest, frame, removed);
    for (n, born) in snapshot::births(&sights, &made).into_iter().enumerate() {
        moments.push((born, 0, n, Moment::Birth));
    }
    for (n, sight) in sights.into_iter().enumerate() {
        moments.push((sight.played, 2, n, Moment::Sight(sight)));
    }
    moments.sort_by_key(|m| (m.0, m.1, m.2));

    let first = moments.iter().find(|m| match &m.3 {
        Moment::Record(_, step) => step.event.succeeded,
        _ => true,
    });
    let begins = first.is_some_and(|m| match &m.3 {
        Moment::Record(_, step) => step.subject == Subject::InboundConnector(Verb::New),
        Moment::Birth => true,
        Moment::Sight(_) => false,
    });
    let known = first.is_some();
    let mut states = States::new(entry.names.first().map_or("", String::as_str), !begins);
    let mut events = Vec::with_capacity(records.len() + 1);
    let (mut last_change, mut clock): (Option<Time>, Time) = (None, Time(i64::MIN));
    for (time, _, _, moment) in moments {
        match moment {
            Moment::Record(index, step) => {
                let held = held.contains(&index);
                events.push((record(step, &mut states, held), Some(index)));
                if step.event.succeeded {
                    last_change = Some(time);
                }
            }
            Moment::Birth => {
                states.play(time, Mark::Born, None, &[], false);
            }
            Moment::Sight(sight) => {
                let at = sight.changed.unwrap_or(time).max(clock);
                let outcome = states.play(at, Mark::Seen, Some(sight.name()), &sight.writes(), false);
                let explained = made.iter().any(|&m| m <= sight.played);
                events.extend(sight.event(outcome, explained, last_change, frame).map(|e| (e, None)));
            }
        }
        clock = clock.max(time);
    }
    let connector = connector(entry, if known { states.finish() } else { Vec::new() });
    Draft { connector, events }
}

fn connector(entry: &Entry, states: Vec<super::State>) -> Connector {
    let kind = states
        .iter()
        .rev()
        .find_map(|s| s.parameters.get("ConnectorType").and_then(|t| ConnectorType::parse(t)));
    let mut names: Vec<String> = entry.names.clone();
    if names.is_empty() {
        names.extend(entry.ids.last().cloned());
    }
    Connector {
        name: names.last().cloned().unwrap_or_default(),
        names,
        id: entry.ids.last().cloned(),
        kind,
        present_in_snapshot: !entry.snapshots.is_empty(),
        states,
        events: Vec::new(),
        related_left_out: 0,
    }
}

/// Records of an automation's first run: the same actor set the same full parameter set at least three times
/// and nothing else touched any of it in between.
fn reapplied(records: &[(usize, &Step)]) -> HashSet<usize> {
    type Key = (Option<String>, Vec<(String, String)>);
    let mut keys: HashMap<Key, usize> = HashMap::new();
    // By key: first record of the present run, and how long it is.
    let mut runs: Vec<(usize, u32)> = Vec::new();
    let mut last_hand: HashMap<String, usize> = HashMap::new();
    let mut found = HashSet::new();
    for &(index, step) in records.iter().filter(|(_, s)| s.event.succeeded) {
        if step.subject != Subject::InboundConnector(Verb::Set) || step.parameters_lost() {
            last_hand.clear();
            continue;
        }
        let mut set: Vec<(String, String)> = writes(step)
            .into_iter()
            .map(|w| (w.parameter.to_lowercase(), canonical(&w.parameter, &w.value)))
            .collect();
        set.sort();
        let parameters: Vec<String> = set.iter().map(|(p, _)| p.clone()).collect();
        let fresh = keys.len();
        let key = *keys.entry((step.actor.clone(), set)).or_insert(fresh);
        let unbroken = !parameters.is_empty() && parameters.iter().all(|p| last_hand.get(p) == Some(&key));
        if runs.len() <= key {
            runs.resize(key + 1, (index, 0));
        }
        if let Some(run) = runs.get_mut(key) {
            *run = if unbroken { (run.0, run.1 + 1) } else { (index, 1) };
            if run.1 >= REAPPLIED {
                found.insert(run.0);
            }
        }
        last_hand.extend(parameters.into_iter().map(|p| (p, key)));
    }
    found
}

/// What a record sets: typed parameters, and properties that only its ModifiedProperties name.
fn writes(step: &Step) -> Vec<Write> {
    let event = step.event;
    let modified = |name: &str| {
        event
            .modified
            .iter()
            .find(|m| m.name.trim().eq_ignore_ascii_case(name.trim()))
    };
    let mut found: Vec<Write> = match step.subject {
        Subject::InboundConnector(Verb::Enable) => vec![("Enabled", "True")],
        Subject::InboundConnector(Verb::Disable) => vec![("Enabled", "False")],
        _ => event.parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect(),
    }
    .into_iter()
    .filter(|(name, _)| !is_noise(name))
    .map(|(name, value)| Write {
        parameter: name.trim().to_owned(),
        value: value.to_owned(),
        old: modified(name).and_then(|m| m.old.clone()),
        new: modified(name)
            .filter(|_| super::value::is_incremental(value))
            .and_then(|m| m.new.clone()),
    })
    .collect();
    for property in &event.modified {
        let typed = found
            .iter()
            .any(|w| w.parameter.eq_ignore_ascii_case(property.name.trim()));
        if let (false, Some(parameter), Some(new)) = (typed, connector_parameter(&property.name), &property.new)
            && parameter != "Name"
        {
            found.push(Write {
                parameter: parameter.to_owned(),
                value: new.clone(),
                old: property.old.clone(),
                new: None,
            });
        }
    }
    found
}

fn record(step: &Step, states: &mut States, held: bool) -> Event {
    let Subject::InboundConnector(verb) = step.subject else {
        return step.to_event(Action::Related, String::new());
    };
    let event = step.event;
    let action = match verb {
        Verb::New => Action::Created,
        Verb::Set => Action::Changed,
        Verb::Enable => Action::Enabled,
        Verb::Disable => Action::Disabled,
        Verb::Remove => Action::Removed,
    };
    let object = step.object().to_owned();
    if !event.succeeded {
        let summary = format!(
            "{} tried {} on the connector {object}, and it failed.",
            step.who(),
            event.operation
        );
        return step.to_event(action, summary);
    }
    let writes = writes(step);
    let name = match verb {
        Verb::New => new_name(step),
        Verb::Set => event
            .parameter("Name")
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map(str::to_owned),
        _ => None,
    };
    let mark = match verb {
        Verb::New => Mark::Born,
        Verb::Remove => Mark::Removed,
        Verb::Set if step.parameters_lost() => Mark::Lost,
        _ => Mark::Set,
    };
    let known_before: Vec<bool> = writes
        .iter()
        .map(|w| w.old.is_some() || states.now(&w.parameter).is_some())
        .collect();
    let Outcome { changes, no_op } = states.play(event.time, mark, name.as_deref(), &writes, held);
    let action = match (verb, changes.as_slice()) {
        (Verb::Set, [only]) if only.parameter == "Enabled" => match only.after.as_deref() {
            Some("True") => Action::Enabled,
            Some("False") => Action::Disabled,
            _ => action,
        },
        _ => action,
    };
    let inferred = no_op && held && known_before.iter().any(|k| !k);
    let summary = sentence(step, verb, &object, &changes, no_op, inferred);
    Event {
        no_op,
        changes,
        ..step.to_event(action, summary)
    }
}
