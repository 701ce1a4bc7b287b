//! Is the session behind an event the account owner's?
//!
//! Each anomaly has a weight; at 1.0 the session counts as someone else's. An account without enough history
//! is not judged, unless failed sign-ins alone decide.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::records::Time;

use super::history::{History, Network, Visit};
use super::{Cite, Session};

/// Days on which an account must have been seen before it has a history: a working week.
const HISTORY_DAYS: usize = 5;
/// Sign-ins this shortly before an event are of its session, not of its history: a working day.
const SESSION: i64 = 12 * Time::HOUR;
/// A network whose first sign-in is no older than this is as new as on the first day: an intruder seldom acts
/// in his first hour.
const FRESH: i64 = 2 * Time::DAY;
/// Up to here it still counts half: it may have become the owner's, or the intruder waits.
const RECENT: i64 = 7 * Time::DAY;
/// A network seen on this many days is one the account uses.
const USUAL_DAYS: usize = 3;
/// A network seen on no more days than this was passed through, not moved into: a trip's length.
const PASSING_DAYS: usize = 5;
/// This many networks passed through before: an account that travels.
const TRIPS: usize = 2;

/// Rate of days with a new network in the account's own past (Laplace's rule) below which one is a surprise.
const RARE: f64 = 0.15;
/// Below this a new network is unusual, above it ordinary.
const UNUSUAL: f64 = 0.35;
const NEW_NETWORK_RARE: f64 = 1.0;
const NEW_NETWORK_UNUSUAL: f64 = 0.5;
const NEW_NETWORK_ORDINARY: f64 = 0.2;
/// New to the account, but colleagues or the organisation's own servers are at home there.
const NEW_BUT_OURS: f64 = 0.3;

/// Failed sign-ins within a day of the success that are more than a forgotten password.
const FAILURES: usize = 5;
/// … and as many as only guessing makes.
const MANY_FAILURES: usize = 10;
const AFTER_FAILURES: f64 = 0.7;
const AFTER_MANY_FAILURES: f64 = 1.0;
/// Failures from where the account is at home: an old password saved somewhere.
const FAILURES_AT_HOME: f64 = 0.3;
/// Other accounts that failed from the same network: spraying.
const SPRAYED_ACCOUNTS: usize = 3;
const SPRAYED: f64 = 0.7;
const NEW_CLIENT: f64 = 0.3;
/// Password, second factor or an application's credentials changed from the same new network.
const CREDENTIALS_CHANGED: f64 = 0.5;
/// Rows listed behind a session.
const CITES: usize = 20;

/// What was found of a session.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    /// `None`: nothing to judge by.
    pub session: Option<Session>,
    /// The first sign-in from the session's network.
    pub sign_in: Option<SignedIn>,
    /// The failures before it: how many, the first, the last row.
    pub failures: Option<(usize, SignedIn)>,
}

/// A sign-in to show on the timeline.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub time: Time,
    pub address: Option<IpAddr>,
    pub cites: Vec<Cite>,
}

/// A change to an account's or application's credentials, for the rule about the same new network.
#[derive(Debug, Clone)]
pub(super) struct CredentialChange {
    pub time: Time,
    pub network: Network,
    pub cite: Cite,
}

/// A weighed anomaly.
struct Anomaly {
    weight: f64,
    sentence: String,
    cites: Vec<Cite>,
}

/// Judges the session of an account at a moment. `address` is the event's own, where it carries one.
pub(super) fn judge(
    history: &History,
    on_premises: &[IpNet],
    credentials: &[CredentialChange],
    account: &str,
    address: Option<IpAddr>,
    time: Time,
) -> Judged {
    let visits = history.visits(account);
    let network = address.and_then(Network::of).or_else(|| only_network(visits, time));
    let Some(network) = network.filter(|_| !visits.is_empty()) else {
        return Judged::default();
    };
    let here = |v: &&Visit| v.network == Some(network) && v.first <= time;
    let arrival = visits.iter().filter(here).find(|v| v.succeeded);
    let age = arrival.map_or(0, |v| time.0.saturating_sub(v.first.0));
    let start = arrival.filter(|_| age <= RECENT).map_or(time, |v| v.first);
    let start_day = day_of(start);
    let past: Vec<&Visit> = visits
        .iter()
        .filter(|v| v.succeeded && v.day < start_day && v.first.0 <= start.0.saturating_sub(SESSION))
        .collect();
    let days: BTreeSet<i32> = past.iter().map(|v| v.day).collect();
    let home_days = past
        .iter()
        .filter(|v| v.network == Some(network))
        .map(|v| v.day)
        .collect::<BTreeSet<_>>()
        .len();
    let is_new = home_days == 0;
    let enough = days.len() >= HISTORY_DAYS;

    let mut anomalies = Vec::new();
    let sprayed = spray(history, network, account, start, time)
        .filter(|_| home_days < USUAL_DAYS && !is_ours(on_premises, network));
    let failures = failures(visits, &past, network, home_days, start, time);
    if is_new && enough {
        let ours = is_ours(on_premises, network) || (sprayed.is_none() && shared(history, network, account, start));
        let mut weight = novelty(&past, ours);
        if age > FRESH && !ours {
            weight *= 0.5;
        }
        anomalies.push(Anomaly {
            weight,
            sentence: format!(
                "it came from {}, where {account} had not signed in on any of {} earlier days{}",
                network.0,
                days.len(),
                if ours {
                    ", though others of the organisation had"
                } else {
                    ""
                }
            ),
            cites: arrival.map(|v| v.cite()).into_iter().collect(),
        });
        anomalies.extend(new_client(visits, &past, network, start, time, account));
        anomalies.extend(credentials_changed(credentials, network, time));
    }
    let failed = failures
        .as_ref()
        .map(|f| f.anomaly(home_days, is_ours(on_premises, network)));
    let by_failures: f64 = failed.iter().chain(&sprayed).map(|a| a.weight).sum();
    anomalies.extend(failed);
    anomalies.extend(sprayed);
    anomalies.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let session = (enough || by_failures >= 1.0).then(|| Session {
        weight: anomalies.iter().map(|a| a.weight).sum(),
        history_days: u32::try_from(days.len()).unwrap_or(u32::MAX),
        cites: anomalies
            .iter()
            .flat_map(|a| a.cites.iter().cloned())
            .take(CITES)
            .collect(),
        anomalies: anomalies.into_iter().map(|a| a.sentence).collect(),
    });
    Judged {
        session,
        sign_in: arrival.map(|v| SignedIn {
            time: v.first,
            address: v.address,
            cites: vec![v.cite()],
        }),
        failures: failures.map(|f| (f.count, f.shown)),
    }
}

/// The network of the hours before, if there was only one.
fn only_network(visits: &[Visit], time: Time) -> Option<Network> {
    let recent: BTreeSet<Network> = visits
        .iter()
        .filter(|v| v.succeeded && v.first <= time && v.last.0 >= time.0.saturating_sub(SESSION))
        .filter_map(|v| v.network)
        .collect();
    recent.first().copied().filter(|_| recent.len() == 1)
}

/// How much a network never seen before weighs, by how often this account came from new ones in its past.
fn novelty(past: &[&Visit], ours: bool) -> f64 {
    if ours {
        return NEW_BUT_OURS;
    }
    let mut days: std::collections::BTreeMap<i32, BTreeSet<Network>> = std::collections::BTreeMap::new();
    for visit in past {
        days.entry(visit.day).or_default().extend(visit.network);
    }
    let mut seen: std::collections::BTreeMap<Network, usize> = std::collections::BTreeMap::new();
    let (mut surprises, mut late) = (0_u32, BTreeSet::new());
    for (n, networks) in days.values().enumerate() {
        let fresh: Vec<Network> = networks.iter().filter(|x| !seen.contains_key(x)).copied().collect();
        // On the first day every network is new.
        if n > 0 && !fresh.is_empty() {
            surprises += 1;
            late.extend(fresh);
        }
        for &network in networks {
            *seen.entry(network).or_default() += 1;
        }
    }
    let trips = late
        .iter()
        .filter(|n| seen.get(n).is_some_and(|&d| d <= PASSING_DAYS))
        .count();
    let rate = f64::from(surprises + 1) / (days.len() as f64 + 2.0);
    if rate < RARE && trips < TRIPS {
        NEW_NETWORK_RARE
    } else if rate < UNUSUAL {
        NEW_NETWORK_UNUSUAL
    } else {
        NEW_NETWORK_ORDINARY
    }
}

/// Failed sign-ins before a success.
struct Failures {
    count: usize,
    shown: SignedIn,
}

impl Failures {
    fn anomaly(&self, home_days: usize, ours: bool) -> Anomaly {
        let weight = if home_days >= USUAL_DAYS || ours {
            FAILURES_AT_HOME
        } else if self.count >= MANY_FAILURES {
            AFTER_MANY_FAILURES
        } else {
            AFTER_FAILURES
        };
        Anomaly {
            weight,
            sentence: format!("{} failed sign-ins came in the day before it", self.count),
            cites: self.shown.cites.clone(),
        }
    }
}

/// Failures in the day before the session and up to the event: all from its own network, and from others
/// what exceeds the account's usual noise of guessing strangers.
fn failures(
    visits: &[Visit],
    past: &[&Visit],
    network: Network,
    home_days: usize,
    start: Time,
    time: Time,
) -> Option<Failures> {
    let from = start.0.saturating_sub(Time::DAY);
    let failed = || visits.iter().filter(|v| !v.succeeded);
    let near: Vec<&Visit> = failed().filter(|v| v.last.0 >= from && v.first <= time).collect();
    let same: usize = near
        .iter()
        .filter(|v| v.network == Some(network))
        .map(|v| v.count)
        .sum();
    let mut others: usize = near
        .iter()
        .filter(|v| v.network != Some(network))
        .map(|v| v.count)
        .sum();
    if home_days > 0 || past.is_empty() {
        others = 0;
    } else {
        let mut noise: std::collections::BTreeMap<i32, usize> = std::collections::BTreeMap::new();
        for v in failed().filter(|v| v.last.0 < from) {
            *noise.entry(v.day).or_default() += v.count;
        }
        others = others.saturating_sub(noise.values().copied().max().unwrap_or(0));
    }
    let count = same + others;
    let cited: Vec<&Visit> = near
        .into_iter()
        .filter(|v| others > 0 || v.network == Some(network))
        .collect();
    let first = cited.first().filter(|_| count >= FAILURES)?;
    Some(Failures {
        count,
        shown: SignedIn {
            time: first.first,
            address: first.address,
            cites: cited.iter().take(CITES).map(|v| v.cite()).collect(),
        },
    })
}

/// Other accounts that failed from the same network in the week before, more of them than had ever succeeded
/// there: an office's shared address also sees mistyped passwords.
fn spray(history: &History, network: Network, account: &str, start: Time, time: Time) -> Option<Anomaly> {
    let others = || history.guests(network).iter().filter(|g| g.account != account);
    let from = Time(start.0.saturating_sub(RECENT));
    let victims = others()
        .filter(|g| !g.succeeded && g.last >= from && g.first <= time)
        .count();
    let at_home = others().filter(|g| g.succeeded && g.first < from).count();
    (victims >= SPRAYED_ACCOUNTS && victims > at_home).then(|| Anomaly {
        weight: SPRAYED,
        sentence: format!("sign-ins of {victims} other accounts failed from the same network"),
        cites: Vec::new(),
    })
}

/// Whether another account had come from there some days before: an intruder who has several accounts takes
/// them within days.
fn shared(history: &History, network: Network, account: &str, start: Time) -> bool {
    history
        .guests(network)
        .iter()
        .any(|g| g.succeeded && g.account != account && g.first.0 < start.0.saturating_sub(FRESH))
}

fn is_ours(on_premises: &[IpNet], network: Network) -> bool {
    on_premises
        .iter()
        .any(|own| own.contains(&network.0) || network.0.contains(own))
}

fn new_client(
    visits: &[Visit],
    past: &[&Visit],
    network: Network,
    start: Time,
    time: Time,
    account: &str,
) -> Option<Anomaly> {
    let here: Vec<&Visit> = visits
        .iter()
        .filter(|v| v.succeeded && v.network == Some(network) && v.first >= start && v.first <= time)
        .collect();
    let known: BTreeSet<&str> = past
        .iter()
        .map(|v| v.family.as_str())
        .filter(|f| !f.is_empty())
        .collect();
    let now: BTreeSet<&str> = here
        .iter()
        .map(|v| v.family.as_str())
        .filter(|f| !f.is_empty())
        .collect();
    let strange = !known.is_empty() && !now.is_empty() && now.is_disjoint(&known);
    strange.then(|| Anomaly {
        weight: NEW_CLIENT,
        sentence: format!(
            "{account} had never used its client ({}) before",
            now.into_iter().collect::<Vec<_>>().join(", ")
        ),
        cites: here.first().map(|v| v.cite()).into_iter().collect(),
    })
}

fn credentials_changed(changes: &[CredentialChange], network: Network, time: Time) -> Option<Anomaly> {
    let from = Time(time.0.saturating_sub(RECENT));
    let found: Vec<&CredentialChange> = changes
        .iter()
        .filter(|c| c.network == network && c.time >= from && c.time <= time)
        .collect();
    (!found.is_empty()).then(|| Anomaly {
        weight: CREDENTIALS_CHANGED,
        sentence: format!(
            "credentials or sign-in methods were changed from the same network {} time(s) in the week before",
            found.len()
        ),
        cites: found.iter().take(CITES).map(|c| c.cite.clone()).collect(),
    })
}

fn day_of(time: Time) -> i32 {
    i32::try_from(time.0.div_euclid(Time::DAY)).unwrap_or(i32::MAX)
}
