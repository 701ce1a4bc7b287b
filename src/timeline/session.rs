//! Is the session behind an event the account owner's?
//!
//! Each anomaly has a weight; at 1.0 the session counts as someone else's. An account without enough history
//! is not judged, unless failed sign-ins and the risk that Microsoft saw decide alone.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::places::Places;
use crate::records::Time;
use crate::settings::Organization;

use super::Session;
use super::anomaly::{
    Anomaly, CITES, CredentialChange, SignedIn, credentials_changed, failures, is_ours, new_client, novelty, risky,
    shared, spray, unusual_hour,
};
use super::history::{History, Network, Visit};
use super::whereabouts::{Sitting, Whereabouts};

/// What was found of a session.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    /// `None`: nothing to judge by.
    pub session: Option<Session>,
    /// The network that it came from, where the account had never been seen there before.
    pub new_network: Option<Network>,
    /// The session's own sign-in, where its id tells; else the first from its network.
    pub sign_in: Option<SignedIn>,
    /// The failures before it: how many, and the first of them with the rows of all.
    pub failures: Option<(usize, SignedIn)>,
}

/// What is asked about: an account at a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub account: &'a str,
    /// The event's own, where it carries one.
    pub address: Option<IpAddr>,
    /// A hash of the session's id, which ties it to its sign-ins more surely than place and time.
    pub id: Option<u64>,
    pub time: Time,
}

/// Judges the session of an account at a moment.
pub(super) fn judge(
    history: &History,
    organization: &Organization,
    places: &Places,
    credentials: &[CredentialChange],
    moment: Moment<'_>,
) -> Judged {
    let Moment {
        account,
        address,
        id,
        time,
    } = moment;
    let (on_premises, tuning) = (&organization.on_premises, &organization.tuning);
    let limits = &tuning.thresholds;
    let visits = history.visits(account);
    let tied = |v: &&Visit| v.succeeded && v.first <= time && id.is_some_and(|id| v.is_of(id));
    let network = address
        .and_then(Network::of)
        .or_else(|| visits.iter().filter(tied).find_map(|v| v.network))
        .or_else(|| only_network(visits, time, limits.session));
    let Some(network) = network.filter(|_| !visits.is_empty()) else {
        return Judged::default();
    };
    let here = |v: &&Visit| v.network == Some(network) && v.first <= time;
    let arrival = visits.iter().filter(here).find(|v| v.succeeded);
    let age = arrival.map_or(0, |v| time.0.saturating_sub(v.first.0));
    let start = arrival
        .filter(|_| age <= limits.network_recent)
        .map_or(time, |v| v.first);
    let start_day = day_of(start);
    let past: Vec<&Visit> = visits
        .iter()
        .filter(|v| v.succeeded && v.day < start_day && v.first.0 <= start.0.saturating_sub(limits.session))
        .collect();
    let days: BTreeSet<i32> = past.iter().map(|v| v.day).collect();
    let home_days = past
        .iter()
        .filter(|v| v.network == Some(network))
        .map(|v| v.day)
        .collect::<BTreeSet<_>>()
        .len();
    let is_new = home_days == 0;
    let enough = days.len() as u64 >= limits.history_least;

    let mut anomalies = Vec::new();
    let sprayed = spray(tuning, history, network, account, start, time)
        .filter(|_| (home_days as u64) < limits.network_usual && !is_ours(on_premises, network));
    let failures = failures(limits, visits, &past, network, home_days, start, time);
    if is_new && enough {
        let ours =
            is_ours(on_premises, network) || (sprayed.is_none() && shared(limits, history, network, account, start));
        let mut weight = novelty(tuning, &past, ours);
        if age > limits.network_fresh && !ours {
            weight *= 0.5;
        }
        let sitting = Sitting {
            account,
            network,
            place: address.or_else(|| arrival?.address).and_then(|a| places.get(a)),
            start,
            time,
        };
        let whereabouts = Whereabouts::of(tuning, places, visits, &past, &sitting);
        if !ours {
            weight *= whereabouts.factor;
        }
        anomalies.push(Anomaly {
            weight,
            sentence: format!(
                "it came from {}{}, where {account} had not signed in on any of {} earlier days{}",
                network.0,
                whereabouts.note,
                days.len(),
                if ours {
                    ", though others of the organisation had"
                } else {
                    ""
                }
            ),
            cites: arrival.map(|v| v.cite()).into_iter().collect(),
        });
        if !ours {
            anomalies.extend(whereabouts.anomalies);
        }
        anomalies.extend(new_client(&tuning.points, visits, &past, network, start, time, account));
        anomalies.extend(credentials_changed(tuning, credentials, network, time));
        anomalies.extend(unusual_hour(tuning, &past, days.len(), time, account));
    }
    let failed = failures
        .as_ref()
        .map(|f| f.anomaly(tuning, home_days, is_ours(on_premises, network)));
    let risk = risky(&tuning.points, visits, network, start, time, account);
    let without_history: f64 = failed.iter().chain(&sprayed).chain(&risk).map(|a| a.weight).sum();
    anomalies.extend(failed);
    anomalies.extend(sprayed);
    anomalies.extend(risk);
    anomalies.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let sign_in = visits.iter().filter(here).find(tied).or(arrival).map(|v| SignedIn {
        time: v.first,
        address: v.address,
        cites: vec![v.cite()],
    });
    let session = (enough || without_history >= limits.strange_session).then(|| {
        let weight = anomalies.iter().map(|a| a.weight).sum();
        let cites = anomalies.iter().flat_map(|a| a.cites.iter().cloned()).take(CITES);
        let cites = cites.collect();
        let history_days = u32::try_from(days.len()).unwrap_or(u32::MAX);
        let sentences = anomalies.into_iter().map(|a| a.sentence).collect();
        Session {
            sign_in: sign_in.as_ref().and_then(|s| s.cites.first().cloned()),
            failed: failures.as_ref().map(|f| (f.count, f.shown.cites.clone())),
            ..Session::new(sentences, weight, history_days, cites, limits)
        }
    });
    Judged {
        session,
        new_network: is_new.then_some(network),
        sign_in,
        failures: failures.map(|f| (f.count, f.shown)),
    }
}

/// The network of the hours before, if there was only one.
fn only_network(visits: &[Visit], time: Time, session: i64) -> Option<Network> {
    let recent: BTreeSet<Network> = visits
        .iter()
        .filter(|v| v.succeeded && v.first <= time && v.last.0 >= time.0.saturating_sub(session))
        .filter_map(|v| v.network)
        .collect();
    recent.first().copied().filter(|_| recent.len() == 1)
}

fn day_of(time: Time) -> i32 {
    i32::try_from(time.0.div_euclid(Time::DAY)).unwrap_or(i32::MAX)
}
