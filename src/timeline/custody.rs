//! Whose hand an actor without sign-ins of its own is in.
//!
//! An application acts with credentials that someone gave it. If the giver's session was not the owner's,
//! nor are the application's events; and so along the chain. A new account that such a giver made or
//! empowered is in the same hand.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::records::Time;

use super::actor::ActorBook;
use super::history::{History, Network};
use super::session::{CredentialChange, Judged, judge};
use super::step::Step;
use super::subject::Subject;
use super::{ActorKind, Cite, Session};

/// Power given this shortly before the first connector change was given for it, likely as not.
const JUST_BEFORE: i64 = 7 * Time::DAY;
const GIVEN_JUST_BEFORE: f64 = 0.5;
/// Given in a session that was not the owner's.
const GIVEN_BY_STRANGER: f64 = 1.0;
/// How long a chain of givers is followed.
const LONGEST_CHAIN: usize = 8;

/// Account, network and minute since 1970.
type Moment = (String, Option<Network>, i64);

/// Judges the session behind every record.
pub(super) struct Sessions<'a> {
    steps: &'a [Step<'a>],
    book: &'a ActorBook,
    history: &'a History,
    on_premises: &'a [IpNet],
    /// Who or what a grant names, to the grants' record indexes in order of time.
    grants: HashMap<String, Vec<usize>>,
    /// By actor.
    credentials: HashMap<String, Vec<CredentialChange>>,
    /// By actor: its first connector change.
    first_change: HashMap<&'a str, Time>,
    /// By actor and session id: an address that a record of the session carries.
    addresses: HashMap<(&'a str, &'a str), IpAddr>,
    judged: RefCell<HashMap<usize, Judged>>,
    /// Sign-in judgements: bursts of records share one session.
    by_minute: RefCell<HashMap<Moment, Judged>>,
}

impl<'a> Sessions<'a> {
    pub(super) fn new(
        steps: &'a [Step<'a>],
        book: &'a ActorBook,
        history: &'a History,
        on_premises: &'a [IpNet],
    ) -> Self {
        let mut sessions = Sessions {
            steps,
            book,
            history,
            on_premises,
            grants: HashMap::new(),
            credentials: HashMap::new(),
            first_change: HashMap::new(),
            addresses: HashMap::new(),
            judged: RefCell::default(),
            by_minute: RefCell::default(),
        };
        for (index, step) in steps.iter().enumerate() {
            let actor = step.actor.as_deref();
            if let (Subject::InboundConnector(_), Some(actor)) = (step.subject, actor) {
                sessions.first_change.entry(actor).or_insert(step.event.time);
            }
            if let (Some(actor), Some(session), Some(address)) =
                (actor, step.event.session_id.as_deref(), step.event.client_ip)
                && !session.is_empty()
                && Network::of(address).is_some()
            {
                sessions.addresses.entry((actor, session)).or_insert(address);
            }
            if !step.subject.is_grant() || !step.event.succeeded {
                continue;
            }
            let mentions = step.mentions();
            if let (Subject::Account | Subject::Application, Some(network)) =
                (step.subject, step.event.client_ip.and_then(Network::of))
            {
                // A password or second factor concerns its account, an application's credentials their giver.
                let concerned: BTreeSet<&str> = match step.subject {
                    Subject::Account => mentions.iter().map(String::as_str).chain(actor).collect(),
                    _ => actor.into_iter().collect(),
                };
                for account in concerned {
                    sessions
                        .credentials
                        .entry(account.to_owned())
                        .or_default()
                        .push(CredentialChange {
                            time: step.event.time,
                            network,
                            cite: step.cite(),
                        });
                }
            }
            for mention in mentions {
                sessions.grants.entry(mention).or_default().push(index);
            }
        }
        sessions
    }

    /// What is to be said of the session behind a record.
    pub(super) fn of(&self, index: usize) -> Judged {
        if let Some(known) = self.judged.borrow().get(&index) {
            return known.clone();
        }
        let found = self.follow(index, &mut HashSet::new(), 0);
        self.judged.borrow_mut().insert(index, found.clone());
        found
    }

    /// `asked` keeps a record from being asked twice: givers may have empowered one another.
    fn follow(&self, index: usize, asked: &mut HashSet<usize>, depth: usize) -> Judged {
        if depth > LONGEST_CHAIN || !asked.insert(index) {
            return Judged::default();
        }
        let Some((step, actor)) = self.steps.get(index).and_then(|s| Some((s, s.actor.as_deref()?))) else {
            return Judged::default();
        };
        match step.kind {
            ActorKind::Service | ActorKind::Unknown => Judged::default(),
            ActorKind::Application => Judged {
                session: self.in_custody(actor, step.event.time, true, asked, depth),
                ..Judged::default()
            },
            ActorKind::User | ActorKind::Partner => {
                let own = self.sign_ins(actor, step);
                match own.session {
                    Some(_) => own,
                    None => Judged {
                        session: self.in_custody(actor, step.event.time, false, asked, depth),
                        ..own
                    },
                }
            }
        }
    }

    fn sign_ins(&self, actor: &str, step: &Step) -> Judged {
        let session = step.event.session_id.as_deref().unwrap_or_default();
        let address = step
            .event
            .client_ip
            .filter(|a| Network::of(*a).is_some())
            .or_else(|| self.addresses.get(&(actor, session)).copied());
        let network = address.and_then(Network::of);
        let key = (actor.to_owned(), network, step.event.time.0.div_euclid(Time::HOUR / 60));
        if let Some(known) = self.by_minute.borrow().get(&key) {
            return known.clone();
        }
        let credentials = self.credentials.get(actor).map_or(&[][..], Vec::as_slice);
        let found = judge(
            self.history,
            self.on_premises,
            credentials,
            actor,
            address,
            step.event.time,
        );
        self.by_minute.borrow_mut().insert(key, found.clone());
        found
    }

    /// Records that gave this actor power, by a moment.
    fn given(&self, actor: &str, by: Time) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .book
            .spellings(actor)
            .filter_map(|s| self.grants.get(s))
            .flatten()
            .copied()
            .filter(|&i| {
                self.steps
                    .get(i)
                    .is_some_and(|s| s.event.time <= by && s.actor.as_deref() != Some(actor))
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Everyone who gave this actor power, by a moment.
    pub(super) fn givers(&self, actor: &str, by: Time) -> BTreeSet<String> {
        self.given(actor, by)
            .into_iter()
            .filter_map(|i| self.steps.get(i)?.actor.clone())
            .collect()
    }

    /// Whether a record gives this actor power.
    pub(super) fn gives(&self, index: usize, actor: &str) -> bool {
        self.book
            .spellings(actor)
            .filter_map(|s| self.grants.get(s))
            .any(|records| records.binary_search(&index).is_ok())
    }

    fn in_custody(
        &self,
        actor: &str,
        time: Time,
        application: bool,
        asked: &mut HashSet<usize>,
        depth: usize,
    ) -> Option<Session> {
        let given = self.given(actor, time);
        let stranger = given.iter().find_map(|&i| {
            let session = self.follow(i, asked, depth + 1).session.filter(Session::is_anomalous)?;
            Some((i, session))
        });
        if let Some((step, session)) = stranger.and_then(|(i, s)| Some((self.steps.get(i)?, s))) {
            let mut cites: Vec<Cite> = vec![step.cite()];
            cites.extend(session.cites);
            let reason = session.anomalies.first().map_or(String::new(), |a| format!(": {a}"));
            return Some(Session {
                anomalies: vec![format!(
                    "{} by {} gave it its power, in a session that was not the owner's{reason}",
                    step.event.operation.trim_end_matches('.'),
                    step.who()
                )],
                weight: GIVEN_BY_STRANGER,
                history_days: 0,
                cites,
            });
        }
        let first_change = *self.first_change.get(actor).filter(|_| application)?;
        let just_before = given
            .into_iter()
            .filter_map(|i| self.steps.get(i))
            .find(|s| (0..=JUST_BEFORE).contains(&first_change.0.saturating_sub(s.event.time.0)))?;
        Some(Session {
            anomalies: vec![format!(
                "{} by {} came within the week before its first connector change",
                just_before.event.operation.trim_end_matches('.'),
                just_before.who()
            )],
            weight: GIVEN_JUST_BEFORE,
            history_days: 0,
            cites: vec![just_before.cite()],
        })
    }
}
