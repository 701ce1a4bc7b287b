//! What else the same hand did around a connector's changes: rules, domains, applications, roles, sign-ins.
//!
//! Nothing is copied to a connector because it happened at the same time: it must be by an actor who touched
//! that connector, or by who gave that actor its power, and in a session of the same character. An intruder's
//! deeds do not fall on what the owner of the account did that week.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::records::Time;

use super::anomaly::SignedIn;
use super::custody::Sessions;
use super::session::Judged;
use super::step::Step;
use super::{Action, ActorKind, Event, Session};

/// How far before an event of the connector a related one may lie, and how far after.
const BEFORE: i64 = 7 * Time::DAY;
const AFTER: i64 = Time::DAY;
/// Related events on one connector at most: those nearest to its own.
const MOST: usize = 500;
/// A sign-in is shown from this weight of its session on.
const SHOWN: f64 = 0.5;

/// Events of the tenant that may relate, by actor, in order of time.
pub(super) struct Candidates<'a> {
    by_actor: HashMap<&'a str, Vec<usize>>,
    events: HashMap<usize, &'a Event>,
}

impl<'a> Candidates<'a> {
    /// `tenant`: events with the index of their record.
    pub(super) fn new(steps: &'a [Step<'a>], tenant: &'a [(Event, usize)]) -> Self {
        let mut found = Candidates {
            by_actor: HashMap::new(),
            events: HashMap::new(),
        };
        for (event, index) in tenant {
            let Some(step) = steps.get(*index).filter(|s| s.subject.can_relate()) else {
                continue;
            };
            if let (Some(actor), true) = (step.actor.as_deref(), is_someone(step.kind)) {
                found.by_actor.entry(actor).or_default().push(*index);
                found.events.insert(*index, event);
            }
        }
        found
    }

    /// What relates to a connector, given the records of its own events that changed something.
    pub(super) fn of(&self, anchors: &[usize], steps: &[Step], sessions: &Sessions) -> Vec<Event> {
        let mut anchors: Vec<usize> = anchors.to_vec();
        anchors.sort_unstable();
        let mut hands: BTreeMap<&str, BTreeMap<Option<bool>, Vec<Time>>> = BTreeMap::new();
        let mut applications: BTreeMap<&str, Vec<Time>> = BTreeMap::new();
        let mut sign_ins = SignIns::default();
        for index in anchors {
            let Some(step) = steps.get(index).filter(|s| is_someone(s.kind)) else {
                continue;
            };
            let Some(actor) = step.actor.as_deref() else { continue };
            let moments = hands.entry(actor).or_default();
            moments
                .entry(sessions.is_strange(index))
                .or_default()
                .push(step.event.time);
            if step.kind == ActorKind::Application {
                applications.entry(actor).or_default().push(step.event.time);
            }
            sign_ins.add(step, sessions.of(index));
        }
        let mut chosen: Vec<(usize, u64)> = Vec::new();
        for (actor, moments) in &hands {
            for &index in self.by_actor.get(actor).into_iter().flatten() {
                let Some(step) = steps.get(index) else { continue };
                let own = sessions.is_strange(index);
                let near = moments
                    .iter()
                    .filter(|(theirs, _)| own.is_none() || theirs.is_none() || own == **theirs)
                    .filter_map(|(_, times)| nearest(step.event.time, times))
                    .min();
                chosen.extend(near.map(|d| (index, d)));
            }
        }
        for (application, moments) in &applications {
            for index in self.of_givers(application, steps, sessions) {
                let Some(step) = steps.get(index) else { continue };
                if let Some(distance) = nearest(step.event.time, moments) {
                    chosen.push((index, distance));
                    sign_ins.add(step, sessions.of(index));
                }
            }
        }
        chosen.sort_unstable();
        chosen.dedup_by_key(|(index, _)| *index);
        chosen.sort_by_key(|&(index, distance)| (distance, index));
        chosen
            .into_iter()
            .take(MOST)
            .filter_map(|(index, _)| self.events.get(&index).map(|e| (*e).clone()))
            .chain(sign_ins.found.into_values())
            .collect()
    }

    /// What gave an application its power, and what else the givers did in a stranger's session.
    fn of_givers(&self, application: &str, steps: &[Step], sessions: &Sessions) -> Vec<usize> {
        let given = sessions.given(application);
        let givers: BTreeSet<&str> = given.iter().filter_map(|&i| steps.get(i)?.actor.as_deref()).collect();
        let mut found: Vec<usize> = given.iter().copied().filter(|i| self.events.contains_key(i)).collect();
        for giver in givers {
            let deeds = self.by_actor.get(giver).into_iter().flatten().copied();
            found.extend(deeds.filter(|&i| sessions.is_strange(i) == Some(true)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn is_someone(kind: ActorKind) -> bool {
    matches!(kind, ActorKind::User | ActorKind::Application | ActorKind::Partner)
}

/// Distance to the nearest moment for which this time lies in the window. `moments` ascend.
fn nearest(time: Time, moments: &[Time]) -> Option<u64> {
    let after = moments.partition_point(|m| *m < time);
    let neighbours = [after.checked_sub(1).and_then(|i| moments.get(i)), moments.get(after)];
    neighbours
        .into_iter()
        .flatten()
        .filter(|m| (-AFTER..=BEFORE).contains(&m.0.saturating_sub(time.0)))
        .map(|m| m.0.abs_diff(time.0))
        .min()
}

/// Sign-ins worth showing, each once.
#[derive(Default)]
struct SignIns {
    found: BTreeMap<(Time, String, bool), Event>,
}

impl SignIns {
    fn add(&mut self, step: &Step, judged: Option<&Judged>) {
        let Some((judged, session, actor)) = judged.and_then(|j| Some((j, j.session.as_ref()?, step.actor.as_ref()?)))
        else {
            return;
        };
        let in_window = |at: &SignedIn| nearest(at.time, &[step.event.time]).is_some();
        if let Some(sign_in) = judged
            .sign_in
            .as_ref()
            .filter(|s| session.weight >= SHOWN && in_window(s))
        {
            let why = session.anomalies.join("; ");
            let summary = format!("{actor} signed in, and {why}.");
            self.put(actor, true, sign_in, summary, session);
        }
        if let Some((count, first)) = judged.failures.as_ref().filter(|(_, f)| in_window(f)) {
            let summary = format!("{count} sign-ins of {actor} failed before one succeeded.");
            self.put(actor, false, first, summary, session);
        }
    }

    fn put(&mut self, actor: &str, succeeded: bool, at: &SignedIn, summary: String, session: &Session) {
        let anomalous = session.is_anomalous();
        self.found
            .entry((at.time, actor.to_owned(), succeeded))
            .or_insert_with(|| Event {
                time: at.time,
                action: Action::Related,
                operation: if succeeded { "UserLoggedIn" } else { "UserLoginFailed" }.to_owned(),
                object: actor.to_owned(),
                actor: Some(actor.to_owned()),
                client_ip: at.address,
                session_id: None,
                intended: anomalous.then_some(false),
                intended_because: if anomalous {
                    "The session was not the owner's.".to_owned()
                } else {
                    "A sign-in alone does not tell whether it was the owner's.".to_owned()
                },
                no_op: false,
                succeeded,
                changes: Vec::new(),
                parameters_lost: false,
                parameters: Vec::new(),
                summary,
                session: Some(session.clone()),
                cites: at.cites.clone(),
            });
    }
}
