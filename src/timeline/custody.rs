//! Whose hand is behind each record.
//!
//! A person is judged by sign-ins. An application has none: it acts with credentials that someone gave it. If
//! the giver's session was not the owner's, nor are the application's events; and so along the chain. A new
//! account that such a giver made or empowered is in the same hand. A network from which a stranger came to an account
//! stays the stranger's: it does not become the owner's by being used for days.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use crate::digest::hashes::hash_session;
use crate::places::Places;
use crate::records::Time;
use crate::settings::{Organization, Tuning};

use super::actor::ActorBook;
use super::anomaly::CredentialChange;
use super::history::{History, Network};
use super::session::{Judged, Moment, judge};
use super::step::Step;
use super::subject::Subject;
use super::{ActorKind, Cite, Session};

/// Account, network, session and minute since 1970.
type Minute<'a> = (&'a str, Option<Network>, Option<u64>, i64);

/// The session behind every record.
pub(super) struct Sessions {
    judged: Vec<Judged>,
    /// By actor: the records, by others, that gave it power, in order of time.
    given: HashMap<String, Vec<usize>>,
}

/// What the log says of accounts and applications beside their sign-ins.
struct Log<'a> {
    /// By actor.
    credentials: HashMap<String, Vec<CredentialChange>>,
    /// By actor and session id: an address that a record of the session carries.
    addresses: HashMap<(&'a str, &'a str), IpAddr>,
    /// By actor: its first connector change.
    first_change: HashMap<&'a str, Time>,
    /// By record that gives power: those who receive it, other than the giver.
    receivers: HashMap<usize, Vec<String>>,
}

impl Sessions {
    /// Judges the records in order of time: power given in a stranger's session is the stranger's from then on.
    pub(super) fn new(
        steps: &[Step],
        book: &ActorBook,
        history: &History,
        organization: &Organization,
        places: &Places,
    ) -> Self {
        let tuning = &organization.tuning;
        let just_before = tuning.thresholds.given_just_before;
        let log = Log::new(steps, book);
        let mut given: HashMap<String, Vec<usize>> = HashMap::new();
        let mut in_hand: HashMap<&str, Session> = HashMap::new();
        let mut just_given: HashMap<&str, Session> = HashMap::new();
        let mut by_minute: HashMap<Minute, Judged> = HashMap::new();
        let mut stayed: HashMap<(&str, Network), Session> = HashMap::new();
        let mut judged = Vec::with_capacity(steps.len());
        for (index, step) in steps.iter().enumerate() {
            let mut found = Judged::default();
            let actor = step.actor.as_deref().unwrap_or_default();
            match step.kind {
                ActorKind::Service | ActorKind::Unknown => {}
                ActorKind::Application => {
                    found.session = in_hand.get(actor).or_else(|| just_given.get(actor)).cloned();
                }
                ActorKind::User | ActorKind::Partner => {
                    let (address, time) = (log.address(step), step.event.time);
                    let id = step.event.session_id.as_deref().and_then(hash_session);
                    let minute = time.0.div_euclid(Time::HOUR / 60);
                    let key = (actor, address.and_then(Network::of), id, minute);
                    let own = by_minute.entry(key).or_insert_with(|| {
                        let changes = log.credentials.get(actor).map_or(&[][..], Vec::as_slice);
                        let moment = Moment {
                            account: actor,
                            address,
                            id,
                            time,
                        };
                        judge(history, organization, places, changes, moment)
                    });
                    found = own.clone();
                    if let (Some(network), Some(session)) = (found.new_network, &found.session)
                        && session.is_anomalous()
                    {
                        let still = || still_there(session, time, network);
                        stayed.entry((actor, network)).or_insert_with(still);
                    } else if let Some(network) = found.new_network.or(key.1)
                        && let Some(session) = stayed.get(&(actor, network))
                    {
                        found.session = Some(session.clone());
                    }
                    found.session = found.session.or_else(|| in_hand.get(actor).cloned());
                }
            }
            for receiver in log.receivers.get(&index).into_iter().flatten() {
                given.entry(receiver.clone()).or_default().push(index);
                if let Some(session) = found.session.as_ref().filter(|s| s.is_anomalous()) {
                    in_hand
                        .entry(receiver)
                        .or_insert_with(|| given_by_stranger(step, session, tuning));
                }
                let change = log.first_change.get(receiver.as_str());
                if change.is_some_and(|c| (0..=just_before).contains(&c.0.saturating_sub(step.event.time.0))) {
                    just_given
                        .entry(receiver)
                        .or_insert_with(|| given_just_before(step, tuning));
                }
            }
            judged.push(found);
        }
        Sessions { judged, given }
    }

    /// What is to be said of the session behind a record.
    pub(super) fn of(&self, index: usize) -> Option<&Judged> {
        self.judged.get(index)
    }

    /// Its session, where there is something to judge it by.
    pub(super) fn session(&self, index: usize) -> Option<&Session> {
        self.of(index)?.session.as_ref()
    }

    /// Whether the session was a stranger's, where that can be told.
    pub(super) fn is_strange(&self, index: usize) -> Option<bool> {
        self.session(index).map(Session::is_anomalous)
    }

    /// Records that gave an actor power, in order of time.
    pub(super) fn given(&self, actor: &str) -> &[usize] {
        self.given.get(actor).map_or(&[], Vec::as_slice)
    }
}

impl<'a> Log<'a> {
    fn new(steps: &'a [Step<'a>], book: &ActorBook) -> Self {
        let acting: HashSet<&str> = steps.iter().filter_map(|s| s.actor.as_deref()).collect();
        let mut log = Log {
            credentials: HashMap::new(),
            addresses: HashMap::new(),
            first_change: HashMap::new(),
            receivers: HashMap::new(),
        };
        for (index, step) in steps.iter().enumerate() {
            let actor = step.actor.as_deref();
            if let (Subject::InboundConnector(_), Some(actor)) = (step.subject, actor) {
                log.first_change.entry(actor).or_insert(step.event.time);
            }
            if let (Some(actor), Some(session), Some(address)) =
                (actor, step.event.session_id.as_deref(), step.event.client_ip)
                && !session.is_empty()
                && Network::of(address).is_some()
            {
                log.addresses.entry((actor, session)).or_insert(address);
            }
            if step.subject.is_grant() && step.event.succeeded {
                let receivers: BTreeSet<String> = step
                    .mentions()
                    .iter()
                    .map(|m| book.canonical(m))
                    .filter(|m| actor != Some(m) && acting.contains(m.as_str()))
                    .collect();
                log.note_credentials(step, actor, &receivers);
                log.receivers.insert(index, receivers.into_iter().collect());
            }
        }
        log
    }

    /// A password or second factor concerns its account too, an application's credentials their giver alone.
    fn note_credentials(&mut self, step: &Step, actor: Option<&str>, receivers: &BTreeSet<String>) {
        let Some(network) = step.event.client_ip.and_then(Network::of) else {
            return;
        };
        let receivers = receivers.iter().map(String::as_str);
        let concerned: Vec<&str> = match step.subject {
            Subject::Account => receivers.chain(actor).collect(),
            Subject::Application => actor.into_iter().collect(),
            _ => return,
        };
        for account in concerned {
            self.credentials
                .entry(account.to_owned())
                .or_default()
                .push(CredentialChange {
                    time: step.event.time,
                    network,
                    cite: step.cite(),
                });
        }
    }

    /// Where the actor sat: the record's own address, else that of another record of the same session.
    fn address(&self, step: &Step) -> Option<IpAddr> {
        let own = step.event.client_ip.filter(|a| Network::of(*a).is_some());
        own.or_else(|| {
            let session = (step.actor.as_deref()?, step.event.session_id.as_deref()?);
            self.addresses.get(&session).copied()
        })
    }
}

/// What is to be said of an account's later sessions from a network from which a stranger came to it.
fn still_there(first: &Session, time: Time, network: Network) -> Session {
    let reason = first.anomalies.first().map_or(String::new(), |a| format!(": {a}"));
    Session {
        anomalies: vec![format!(
            "it came from {}, as the session of {time} that was not the owner's{reason}",
            network.0
        )],
        ..first.clone()
    }
}

fn given_by_stranger(step: &Step, giver: &Session, tuning: &Tuning) -> Session {
    let mut cites: Vec<Cite> = vec![step.cite()];
    cites.extend(giver.cites.iter().cloned());
    let reason = giver.anomalies.first().map_or(String::new(), |a| format!(": {a}"));
    let sentence = format!(
        "{} by {} gave it its power, in a session that was not the owner's{reason}",
        step.event.operation.trim_end_matches('.'),
        step.who()
    );
    let weight = tuning.points.session_given_by_stranger;
    Session {
        sign_in: giver.sign_in.clone(),
        failed: giver.failed.clone(),
        ..Session::new(vec![sentence], weight, 0, cites, &tuning.thresholds)
    }
}

fn given_just_before(step: &Step, tuning: &Tuning) -> Session {
    let sentence = format!(
        "{} by {} came within the week before its first connector change",
        step.event.operation.trim_end_matches('.'),
        step.who()
    );
    let weight = tuning.points.session_given_just_before;
    Session::new(vec![sentence], weight, 0, vec![step.cite()], &tuning.thresholds)
}
