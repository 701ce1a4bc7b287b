//! What speaks against a session being the owner's, each with its weight. All constants stand here; they are
//! the project's own, with their reasons.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::records::{Risk, Time};

use super::Cite;
use super::history::{History, Network, Visit, is_tool};

/// Days on which an account must have been seen before it has a history: a working week.
pub(super) const HISTORY_DAYS: usize = 5;
/// Sign-ins this shortly before an event are of its session, not of its history: a working day.
pub(super) const SESSION: i64 = 12 * Time::HOUR;
/// A network whose first sign-in is no older than this is as new as on the first day: an intruder seldom acts
/// in his first hour.
pub(super) const FRESH: i64 = 2 * Time::DAY;
/// Up to here it still counts half: it may have become the owner's, or the intruder waits.
pub(super) const RECENT: i64 = 7 * Time::DAY;
/// A network seen on this many days is one the account uses.
pub(super) const USUAL_DAYS: usize = 3;
/// A network seen on no more days than this was passed through, not moved into: a trip's length.
pub(super) const PASSING_DAYS: usize = 5;
/// This many networks passed through before: an account that travels.
pub(super) const TRIPS: usize = 2;

/// Rate of days with a new network in the account's own past (Laplace's rule) below which one is a surprise.
pub(super) const RARE: f64 = 0.15;
/// Below this a new network is unusual, above it ordinary.
pub(super) const UNUSUAL: f64 = 0.35;
/// Alone it is what a first journey looks like; with any other sign it decides.
pub(super) const NEW_NETWORK_RARE: f64 = 0.7;
pub(super) const NEW_NETWORK_UNUSUAL: f64 = 0.5;
pub(super) const NEW_NETWORK_ORDINARY: f64 = 0.2;
/// New to the account, but colleagues or the organisation's own servers are at home there.
pub(super) const NEW_BUT_OURS: f64 = 0.3;

/// Failed sign-ins within a day of the success, from the same new network: a mistyped password or a guess.
pub(super) const FEW_FAILURES: usize = 2;
pub(super) const AFTER_FEW_FAILURES: f64 = 0.3;
/// So many that they are more than a forgotten password.
pub(super) const FAILURES: usize = 5;
/// … and as many as only guessing makes.
pub(super) const MANY_FAILURES: usize = 10;
pub(super) const AFTER_FAILURES: f64 = 0.7;
pub(super) const AFTER_MANY_FAILURES: f64 = 1.0;
/// Failures from where the account is at home: an old password saved somewhere.
pub(super) const FAILURES_AT_HOME: f64 = 0.3;
/// Other accounts that failed from the same network: spraying.
pub(super) const SPRAYED_ACCOUNTS: usize = 3;
pub(super) const SPRAYED: f64 = 0.7;
pub(super) const NEW_CLIENT: f64 = 0.2;
/// A client that no person browses with, new to the account.
pub(super) const NEW_TOOL: f64 = 0.5;
/// At a time of day at which the account was never seen …
pub(super) const UNUSUAL_HOUR: f64 = 0.2;
/// … on this many days at least.
pub(super) const HOUR_DAYS: usize = 10;
/// Password, second factor or an application's credentials changed from the same new network.
pub(super) const CREDENTIALS_CHANGED: f64 = 0.5;
/// An administrator confirmed to Microsoft that the account was taken over: that decides.
pub(super) const RISK_CONFIRMED: f64 = 1.0;
/// Microsoft saw the sign-in at high risk: with any other sign it decides. In 86 of 100 tenants of the 2022 campaign an
/// administrator had signed in at high risk.
pub(super) const RISK_HIGH: f64 = 0.7;
/// … at medium risk, which travel and anonymising networks make too.
pub(super) const RISK_MEDIUM: f64 = 0.3;
/// Rows listed behind a session.
pub(super) const CITES: usize = 20;

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
pub(super) struct Anomaly {
    pub weight: f64,
    pub sentence: String,
    pub cites: Vec<Cite>,
}

/// How much a network never seen before weighs, by how often this account came from new ones in its past.
pub(super) fn novelty(past: &[&Visit], ours: bool) -> f64 {
    if ours {
        return NEW_BUT_OURS;
    }
    let mut days: BTreeMap<i32, BTreeSet<Network>> = BTreeMap::new();
    for visit in past {
        days.entry(visit.day).or_default().extend(visit.network);
    }
    let mut seen: BTreeMap<Network, usize> = BTreeMap::new();
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
pub(super) struct Failures {
    pub count: usize,
    pub shown: SignedIn,
}

impl Failures {
    pub(super) fn anomaly(&self, home_days: usize, ours: bool) -> Anomaly {
        let weight = match self.count {
            _ if home_days >= USUAL_DAYS || ours => FAILURES_AT_HOME,
            MANY_FAILURES.. => AFTER_MANY_FAILURES,
            FAILURES.. => AFTER_FAILURES,
            _ => AFTER_FEW_FAILURES,
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
pub(super) fn failures(
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
        let mut noise: BTreeMap<i32, usize> = BTreeMap::new();
        for v in failed().filter(|v| v.last.0 < from) {
            *noise.entry(v.day).or_default() += v.count;
        }
        others = others.saturating_sub(noise.values().copied().max().unwrap_or(0));
    }
    let count = same + others;
    let least = if home_days == 0 && same >= FEW_FAILURES {
        FEW_FAILURES
    } else {
        FAILURES
    };
    let cited: Vec<&Visit> = near
        .into_iter()
        .filter(|v| others > 0 || v.network == Some(network))
        .collect();
    let first = cited.first().filter(|_| count >= least)?;
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
pub(super) fn spray(history: &History, network: Network, account: &str, start: Time, time: Time) -> Option<Anomaly> {
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
pub(super) fn shared(history: &History, network: Network, account: &str, start: Time) -> bool {
    history
        .guests(network)
        .iter()
        .any(|g| g.succeeded && g.account != account && g.first.0 < start.0.saturating_sub(FRESH))
}

pub(super) fn is_ours(on_premises: &[IpNet], network: Network) -> bool {
    on_premises
        .iter()
        .any(|own| own.contains(&network.0) || network.0.contains(own))
}

pub(super) fn new_client(
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
    let is_tool = now.iter().all(|family| is_tool(family));
    strange.then(|| Anomaly {
        weight: if is_tool { NEW_TOOL } else { NEW_CLIENT },
        sentence: format!(
            "{account} had never used its client ({}) before",
            now.into_iter().collect::<Vec<_>>().join(", ")
        ),
        cites: here.first().map(|v| v.cite()).into_iter().collect(),
    })
}

/// The risk that Microsoft saw in the sign-ins of a session.
pub(super) fn risky(visits: &[Visit], network: Network, start: Time, time: Time, account: &str) -> Option<Anomaly> {
    let of_session = |v: &&Visit| v.network == Some(network) && v.succeeded && v.last >= start && v.first <= time;
    let worst = visits.iter().filter(of_session).max_by_key(|v| v.risk)?;
    let (weight, words) = match worst.risk {
        Risk::Confirmed => (RISK_CONFIRMED, "an administrator confirmed as compromised"),
        Risk::High => (RISK_HIGH, "Microsoft saw at high risk"),
        Risk::Medium => (RISK_MEDIUM, "Microsoft saw at medium risk"),
        Risk::Unknown | Risk::None | Risk::Low => return None,
    };
    Some(Anomaly {
        weight,
        sentence: format!("{account} signed in to it in a way that {words}"),
        cites: vec![worst.cite()],
    })
}

/// An event at a time of day, in UTC, at which the account was never seen, nor within an hour of it.
pub(super) fn unusual_hour(past: &[&Visit], days: usize, time: Time, account: &str) -> Option<Anomaly> {
    if days < HOUR_DAYS {
        return None;
    }
    let of_day = |t: i64| t.rem_euclid(Time::DAY);
    let seen = |v: &&Visit| {
        // What lies between the first and the last sighting of a day was not looked at; it counts as seen.
        let start = v.first.0.saturating_sub(Time::HOUR);
        let length = v.last.0.saturating_add(Time::HOUR).saturating_sub(start);
        length >= Time::DAY || of_day(time.0.saturating_sub(start)) <= length
    };
    (!past.iter().any(seen)).then(|| Anomaly {
        weight: UNUSUAL_HOUR,
        sentence: format!("{account} had never been seen at that time of day on {days} earlier days"),
        cites: Vec::new(),
    })
}

pub(super) fn credentials_changed(changes: &[CredentialChange], network: Network, time: Time) -> Option<Anomaly> {
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
