//! What else the same hand did around a connector's changes: rules, domains, applications, roles, sign-ins.
//!
//! Nothing is copied to a connector because it happened at the same time: it must be by an actor who touched
//! that connector, or by who gave that actor its power, and in a session of the same character. An intruder's
//! deeds do not fall on what the owner of the account did that week. Where one hand touched many connectors, a
//! deed belongs to those that it touched nearest in time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::records::Time;

use super::anomaly::SignedIn;
use super::custody::Sessions;
use super::moments::{Moments, in_window};
use super::session::Judged;
use super::step::Step;
use super::{Action, ActorKind, Event, Session};

/// Related events on one connector at most, and sign-ins at most: those nearest to its doubtful events, then to
/// its others. One that is left out stands in the tenant's timeline.
const MOST: usize = 200;
/// Of those who gave an application its power, the last so many are followed.
const GIVERS: usize = 50;
/// A sign-in is shown from this weight of its session on.
const SHOWN: f64 = 0.5;

/// An event of a connector that changed something.
pub(super) struct Anchor {
    /// Index of its record.
    pub step: usize,
    /// Nothing says that it was meant.
    pub doubtful: bool,
}

/// What relates to one connector.
#[derive(Default)]
pub(super) struct Related {
    pub events: Vec<Event>,
    /// How many more there are.
    pub left_out: usize,
}

/// What relates to each of several connectors, given the anchors of each. `tenant`: events with the index of
/// their record.
pub(super) fn relate(
    steps: &[Step],
    tenant: &[(Event, usize)],
    sessions: &Sessions,
    anchors: &[Vec<Anchor>],
) -> Vec<Related> {
    let mut search = Search {
        steps,
        sessions,
        found: anchors.iter().map(|_| Found::default()).collect(),
    };
    let touched = Touched::new(steps, sessions, anchors);
    for (connector, anchors) in anchors.iter().enumerate() {
        for anchor in anchors {
            search.note(connector, anchor);
        }
    }
    let mut events: HashMap<usize, &Event> = HashMap::new();
    for (event, index) in tenant {
        if let Some(step) = steps.get(*index).filter(|s| s.subject.can_relate() && is_someone(s)) {
            events.insert(*index, event);
            search.deed(step, *index, &touched);
        }
    }
    search.powers(&touched, &events);
    search.found.into_iter().map(|f| f.choose(&events)).collect()
}

fn is_someone(step: &Step) -> bool {
    step.actor.is_some() && matches!(step.kind, ActorKind::User | ActorKind::Application | ActorKind::Partner)
}

/// When each hand touched which connectors.
#[derive(Default)]
struct Touched<'a> {
    /// By actor and by whether its session was a stranger's.
    hands: HashMap<&'a str, BTreeMap<Option<bool>, Moments>>,
    applications: BTreeMap<&'a str, Moments>,
    /// By giver: what the applications touched that it gave power to.
    givers: HashMap<&'a str, Moments>,
}

impl<'a> Touched<'a> {
    fn new(steps: &'a [Step], sessions: &Sessions, anchors: &[Vec<Anchor>]) -> Self {
        let mut touched = Touched::default();
        for (connector, anchors) in anchors.iter().enumerate() {
            for index in anchors.iter().map(|a| a.step) {
                let Some(step) = steps.get(index).filter(|s| is_someone(s)) else {
                    continue;
                };
                let Some(actor) = step.actor.as_deref() else { continue };
                let hand = touched.hands.entry(actor).or_default();
                let moments = hand.entry(sessions.is_strange(index)).or_default();
                moments.add(step.event.time, connector);
                if step.kind == ActorKind::Application {
                    let moments = touched.applications.entry(actor).or_default();
                    moments.add(step.event.time, connector);
                }
            }
        }
        for (application, moments) in &touched.applications {
            let mut givers: BTreeSet<&str> = BTreeSet::new();
            for &index in sessions.given(application).iter().rev() {
                if givers.len() < GIVERS {
                    givers.extend(steps.get(index).and_then(|s| s.actor.as_deref()));
                }
            }
            for giver in givers {
                touched.givers.entry(giver).or_default().extend(moments);
            }
        }
        let hands = touched.hands.values_mut().flat_map(|h| h.values_mut());
        let others = touched.applications.values_mut().chain(touched.givers.values_mut());
        hands.chain(others).for_each(Moments::in_order);
        touched
    }
}

/// What was found for one connector.
#[derive(Default)]
struct Found {
    /// Index of the record, and distance from the connector's nearest event.
    deeds: Vec<(usize, Time, u64)>,
    sign_ins: SignIns,
    doubtful: Moments,
}

struct Search<'a> {
    steps: &'a [Step<'a>],
    sessions: &'a Sessions,
    found: Vec<Found>,
}

impl Search<'_> {
    /// Takes up an anchor of a connector, with the sign-in behind it.
    fn note(&mut self, connector: usize, anchor: &Anchor) {
        let Some(step) = self.steps.get(anchor.step) else {
            return;
        };
        if let Some(found) = self.found.get_mut(connector) {
            if anchor.doubtful {
                found.doubtful.add(step.event.time, connector);
            }
            if is_someone(step) {
                found.sign_ins.add(step, self.sessions.of(anchor.step));
            }
        }
    }

    /// A deed of a hand: it belongs to what the same hand touched in a session of the same character.
    fn deed(&mut self, step: &Step, index: usize, touched: &Touched) {
        let actor = step.actor.as_deref().unwrap_or_default();
        let own = self.sessions.is_strange(index);
        if let Some(hand) = touched.hands.get(actor) {
            let alike = hand
                .iter()
                .filter(|(theirs, _)| own.is_none() || theirs.is_none() || own == **theirs);
            let reached = Moments::nearest_of(alike.map(|(_, m)| m), step.event.time);
            self.place(index, step, reached, false);
        }
        if let Some(moments) = touched.givers.get(actor).filter(|_| own == Some(true)) {
            self.place(index, step, moments.nearest(step.event.time), true);
        }
    }

    /// What gave the applications their power.
    fn powers(&mut self, touched: &Touched, events: &HashMap<usize, &Event>) {
        for (application, moments) in &touched.applications {
            for &index in self.sessions.given(application) {
                if let Some(step) = self.steps.get(index).filter(|_| events.contains_key(&index)) {
                    self.place(index, step, moments.nearest(step.event.time), true);
                }
            }
        }
    }

    fn place(&mut self, index: usize, step: &Step, reached: Vec<(u64, usize)>, with_sign_in: bool) {
        for (distance, connector) in reached {
            let Some(found) = self.found.get_mut(connector) else {
                continue;
            };
            found.deeds.push((index, step.event.time, distance));
            if with_sign_in {
                found.sign_ins.add(step, self.sessions.of(index));
            }
        }
    }
}

impl Found {
    fn choose(mut self, events: &HashMap<usize, &Event>) -> Related {
        self.doubtful.in_order();
        let mut deeds = self.deeds;
        deeds.sort_unstable_by_key(|&(index, _, distance)| (index, distance));
        deeds.dedup_by_key(|(index, ..)| *index);
        let total = deeds.len() + self.sign_ins.found.len();
        deeds.sort_by_cached_key(|&(index, time, distance)| {
            let doubtful = self.doubtful.nearest(time).first().map(|(d, _)| *d);
            (doubtful.is_none(), doubtful.unwrap_or(distance), index)
        });
        let deeds = deeds.into_iter().take(MOST);
        let chosen = deeds.filter_map(|(index, ..)| events.get(&index).map(|e| (*e).clone()));
        let events: Vec<Event> = chosen.chain(self.sign_ins.found.into_values().take(MOST)).collect();
        Related {
            left_out: total - events.len(),
            events,
        }
    }
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
        let in_window = |at: &SignedIn| in_window(at.time, step.event.time);
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
