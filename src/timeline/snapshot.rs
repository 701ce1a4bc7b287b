//! What exports of the configuration show, set beside what the records tell.

use crate::digest::Digest;
use crate::records::{ConnectorSnapshot, Time};

use super::connectors::Entry;
use super::replay::Frame;
use super::state::{Outcome, Write};
use super::value::is_noise;
use super::wording::told;
use super::{Action, Cite, Event};

/// WhenChanged and a record's time are two clocks; a snapshot this little later is played after the record.
const CLOCK_SLACK: i64 = Time::HOUR / 60;
/// WhenChanged later than the last record by more than this has no record.
const UNEXPLAINED: i64 = Time::HOUR / 12;
/// A creation record this close to WhenCreated is that creation, even if an export gave local time.
const SAME_BIRTH: i64 = Time::DAY;

/// Snapshots of one connector that say the same of the same moment.
pub(super) struct Sight<'a> {
    snapshot: &'a ConnectorSnapshot,
    pub changed: Option<Time>,
    /// When it is played.
    pub played: Time,
    /// When it stands on the timeline.
    shown: Time,
    cites: Vec<Cite>,
}

/// The snapshots of a connector, oldest state first.
pub(super) fn sights<'a>(entry: &Entry, digest: &'a Digest, frame: &Frame, removed: Option<Time>) -> Vec<Sight<'a>> {
    // An export that does not say when is of the end; of a connector removed in the end, of just before.
    let undated = removed.map_or(frame.last, |t| Time(t.0.saturating_sub(1)));
    let mut found: Vec<Sight> = Vec::new();
    let mut snapshots: Vec<&ConnectorSnapshot> = entry
        .snapshots
        .iter()
        .filter_map(|&i| digest.connectors.get(i))
        .collect();
    snapshots.sort_by_key(|s| (s.changed.unwrap_or(undated), s.origin));
    for snapshot in snapshots {
        let shown = snapshot.changed.or(snapshot.created).unwrap_or(undated);
        let cite = Cite {
            time: shown,
            origin: snapshot.origin,
            id: snapshot.id.clone(),
        };
        match found.last_mut() {
            Some(last)
                if last.changed == snapshot.changed
                    && last.snapshot.name == snapshot.name
                    && last.snapshot.parameters == snapshot.parameters =>
            {
                last.cites.push(cite);
            }
            _ => found.push(Sight {
                snapshot,
                changed: snapshot.changed,
                played: snapshot
                    .changed
                    .map_or(undated, |t| Time(t.0.saturating_add(CLOCK_SLACK))),
                shown,
                cites: vec![cite],
            }),
        }
    }
    found
}

/// Creations that only WhenCreated tells of.
pub(super) fn births(sights: &[Sight], made: &[Time]) -> Vec<Time> {
    let mut births: Vec<Time> = sights
        .iter()
        .filter_map(|s| {
            s.snapshot
                .created
                .filter(|&c| s.changed.is_none_or(|changed| c <= changed))
        })
        .filter(|born| !made.iter().any(|m| m.0.abs_diff(born.0) <= SAME_BIRTH.unsigned_abs()))
        .collect();
    births.sort();
    births.dedup();
    births
}

impl Sight<'_> {
    pub(super) fn name(&self) -> &str {
        &self.snapshot.name
    }

    /// Its values as a moment of the replay.
    pub(super) fn writes(&self) -> Vec<Write> {
        self.snapshot
            .parameters
            .iter()
            .filter(|(n, _)| !is_noise(n))
            .map(|(n, v)| Write {
                parameter: n.clone(),
                value: v.clone(),
                old: None,
                new: None,
            })
            .collect()
    }

    /// Its place on the timeline: where no record made the connector, or no record explains what it shows.
    pub(super) fn event(
        &self,
        outcome: Outcome,
        created: bool,
        last_change: Option<Time>,
        frame: &Frame,
    ) -> Option<Event> {
        let late = self.changed.filter(|&changed| {
            last_change.is_none_or(|l| changed.0.saturating_sub(l.0) > UNEXPLAINED) && frame.surrounds(changed)
        });
        let name = &self.snapshot.name;
        let summary = if !outcome.changes.is_empty() {
            format!(
                "An export of the configuration shows the connector {name} with {}; no record in the audit log explains it.",
                told(&outcome.changes)
            )
        } else if let Some(changed) = late {
            format!(
                "An export of the configuration says that the connector {name} was last changed at {changed}; no record in the audit log explains it."
            )
        } else if created {
            return None;
        } else {
            format!("The connector {name} stands in an export of the configuration; no record tells of its creation.")
        };
        Some(Event {
            time: self.shown,
            action: Action::SeenInSnapshot,
            operation: String::new(),
            object: name.clone(),
            actor: None,
            client_ip: None,
            session_id: None,
            intended: None,
            intended_because: "A snapshot shows what was set, not who set it.".to_owned(),
            no_op: false,
            succeeded: true,
            changes: outcome.changes,
            parameters_lost: false,
            parameters: self.snapshot.parameters.clone(),
            summary,
            session: None,
            cites: self.cites.clone(),
        })
    }
}
