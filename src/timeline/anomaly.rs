//! What speaks against a session being the owner's, each with its weight from the tables of the settings.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::records::{Risk, Time};
use crate::settings::Tuning;
use crate::settings::tuning::{Points, Thresholds};

use super::Cite;
use super::history::{History, Network, Visit, is_tool};

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
pub(super) fn novelty(tuning: &Tuning, past: &[&Visit], ours: bool) -> f64 {
    if ours {
        return tuning.points.session_new_but_ours;
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
        .filter(|n| {
            seen.get(n)
                .is_some_and(|&d| d as u64 <= tuning.thresholds.network_passing)
        })
        .count() as u64;
    let rate = f64::from(surprises + 1) / (days.len() as f64 + 2.0);
    if rate < tuning.thresholds.rare && trips < tuning.thresholds.trips {
        tuning.points.session_new_network_rare
    } else if rate < tuning.thresholds.unusual {
        tuning.points.session_new_network_unusual
    } else {
        tuning.points.session_new_network_ordinary
    }
}

/// Failed sign-ins before a success.
pub(super) struct Failures {
    pub count: usize,
    pub shown: SignedIn,
}

impl Failures {
    pub(super) fn anomaly(&self, tuning: &Tuning, home_days: usize, ours: bool) -> Anomaly {
        let (points, limits, count) = (&tuning.points, &tuning.thresholds, self.count as u64);
        let weight = if home_days as u64 >= limits.network_usual || ours {
            points.session_failures_at_home
        } else if count >= limits.many_failures {
            points.session_after_many_failures
        } else if count >= limits.failures {
            points.session_after_failures
        } else {
            points.session_after_few_failures
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
    limits: &Thresholds,
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
    let least = if home_days == 0 && same as u64 >= limits.few_failures {
        limits.few_failures
    } else {
        limits.failures
    };
    let cited: Vec<&Visit> = near
        .into_iter()
        .filter(|v| others > 0 || v.network == Some(network))
        .collect();
    let first = cited.first().filter(|_| count as u64 >= least)?;
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
pub(super) fn spray(
    tuning: &Tuning,
    history: &History,
    network: Network,
    account: &str,
    start: Time,
    time: Time,
) -> Option<Anomaly> {
    let others = || history.guests(network).iter().filter(|g| g.account != account);
    let from = Time(start.0.saturating_sub(tuning.thresholds.network_recent));
    let victims = others()
        .filter(|g| !g.succeeded && g.last >= from && g.first <= time)
        .count();
    let at_home = others().filter(|g| g.succeeded && g.first < from).count();
    (victims as u64 >= tuning.thresholds.sprayed_accounts && victims > at_home).then(|| Anomaly {
        weight: tuning.points.session_sprayed,
        sentence: format!("sign-ins of {victims} other accounts failed from the same network"),
        cites: Vec::new(),
    })
}

/// Whether another account had come from there some days before: an intruder who has several accounts takes
/// them within days.
pub(super) fn shared(limits: &Thresholds, history: &History, network: Network, account: &str, start: Time) -> bool {
    history
        .guests(network)
        .iter()
        .any(|g| g.succeeded && g.account != account && g.first.0 < start.0.saturating_sub(limits.network_fresh))
}

pub(super) fn is_ours(on_premises: &[IpNet], network: Network) -> bool {
    on_premises
        .iter()
        .any(|own| own.contains(&network.0) || network.0.contains(own))
}

pub(super) fn new_client(
    points: &Points,
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
        weight: if is_tool {
            points.session_new_tool
        } else {
            points.session_new_client
        },
        sentence: format!(
            "{account} had never used its client ({}) before",
            now.into_iter().collect::<Vec<_>>().join(", ")
        ),
        cites: here.first().map(|v| v.cite()).into_iter().collect(),
    })
}

/// The risk that Microsoft saw in the sign-ins of a session.
pub(super) fn risky(
    points: &Points,
    visits: &[Visit],
    network: Network,
    start: Time,
    time: Time,
    account: &str,
) -> Option<Anomaly> {
    let of_session = |v: &&Visit| v.network == Some(network) && v.succeeded && v.last >= start && v.first <= time;
    let worst = visits.iter().filter(of_session).max_by_key(|v| v.risk)?;
    let (weight, words) = match worst.risk {
        Risk::Confirmed => (
            points.session_risk_confirmed,
            "an administrator confirmed as compromised",
        ),
        Risk::High => (points.session_risk_high, "Microsoft saw at high risk"),
        Risk::Medium => (points.session_risk_medium, "Microsoft saw at medium risk"),
        Risk::Unknown | Risk::None | Risk::Low => return None,
    };
    Some(Anomaly {
        weight,
        sentence: format!("{account} signed in to it in a way that {words}"),
        cites: vec![worst.cite()],
    })
}

/// An event at a time of day, in UTC, at which the account was never seen, nor within an hour of it.
pub(super) fn unusual_hour(
    tuning: &Tuning,
    past: &[&Visit],
    days: usize,
    time: Time,
    account: &str,
) -> Option<Anomaly> {
    if (days as u64) < tuning.thresholds.hours_known {
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
        weight: tuning.points.session_unusual_hour,
        sentence: format!("{account} had never been seen at that time of day on {days} earlier days"),
        cites: Vec::new(),
    })
}

pub(super) fn credentials_changed(
    tuning: &Tuning,
    changes: &[CredentialChange],
    network: Network,
    time: Time,
) -> Option<Anomaly> {
    let from = Time(time.0.saturating_sub(tuning.thresholds.network_recent));
    let found: Vec<&CredentialChange> = changes
        .iter()
        .filter(|c| c.network == network && c.time >= from && c.time <= time)
        .collect();
    (!found.is_empty()).then(|| Anomaly {
        weight: tuning.points.session_credentials_changed,
        sentence: format!(
            "credentials or sign-in methods were changed from the same network {} time(s) in the week before",
            found.len()
        ),
        cites: found.iter().take(CITES).map(|c| c.cite.clone()).collect(),
    })
}
