//! Where a session came from, against where its account always was: countries, network operators, and journeys that
//! nobody can make. Without databases of places there is nothing to say.

use std::collections::BTreeSet;

use crate::places::{Place, Places, Point};
use crate::records::Time;
use crate::settings::Tuning;

use super::anomaly::Anomaly;
use super::history::{Network, Visit};

/// Sign-ins further apart than this can be any journey.
const JOURNEY: i64 = 2 * Time::DAY;

/// What the places say of a session from a network that its account never used.
pub(super) struct Whereabouts {
    /// What a new network weighs is multiplied by it.
    pub factor: f64,
    /// The end of the sentence about the new network; empty where nothing is known.
    pub note: String,
    pub anomalies: Vec<Anomaly>,
}

/// The session to be placed.
pub(super) struct Sitting<'a> {
    pub account: &'a str,
    pub network: Network,
    /// Of the session.
    pub place: Option<&'a Place>,
    pub start: Time,
    /// Of the act.
    pub time: Time,
}

impl Whereabouts {
    /// `visits`: all of the account; `past`: its successful ones before the session.
    pub(super) fn of(tuning: &Tuning, places: &Places, visits: &[Visit], past: &[&Visit], of: &Sitting) -> Self {
        let mut found = Whereabouts {
            factor: 1.0,
            note: String::new(),
            anomalies: Vec::new(),
        };
        let Some(place) = of.place else { return found };
        let before: Vec<&Place> = past.iter().filter_map(|v| places.get(v.address?)).collect();
        let countries: BTreeSet<&str> = before.iter().filter_map(|p| p.country.as_deref()).collect();
        let operators: BTreeSet<u32> = before.iter().filter_map(|p| p.asn).collect();
        let abroad = place
            .country
            .as_deref()
            .filter(|c| !countries.is_empty() && !countries.contains(c));
        let known_operator = place
            .asn
            .filter(|_| !operators.is_empty())
            .map(|n| operators.contains(&n));
        let label = place.label().unwrap_or_default();
        found.note = match known_operator {
            Some(true) => format!(" ({label}, a network operator that it always used)"),
            Some(false) => format!(" ({label}, a network operator that it never used)"),
            None if label.is_empty() => String::new(),
            None => format!(" ({label})"),
        };
        if known_operator == Some(true) && abroad.is_none() {
            found.factor = tuning.points.session_same_operator;
        }
        if let Some(country) = abroad {
            let known: Vec<&str> = countries.into_iter().collect();
            found.anomalies.push(Anomaly {
                weight: tuning.points.session_new_country,
                sentence: format!(
                    "{} had never signed in from {country}, only from {}",
                    of.account,
                    known.join(", ")
                ),
                cites: Vec::new(),
            });
        }
        let travelled = place
            .point
            .and_then(|here| journey(tuning, places, visits, past, of, here));
        found.anomalies.extend(travelled);
        found
    }
}

/// A journey too fast for anyone, between the session and another sign-in of the account from elsewhere. An account
/// whose own past has such journeys uses a relay of its own, and nothing follows from one more.
fn journey(
    tuning: &Tuning,
    places: &Places,
    visits: &[Visit],
    past: &[&Visit],
    of: &Sitting,
    here: Point,
) -> Option<Anomaly> {
    let limits = &tuning.thresholds;
    let point = |v: &Visit| places.get(v.address?)?.point;
    let fast = |a: Point, b: Point, apart: i64| {
        let distance = a.apart(b);
        // Two sign-ins within a minute are as good as at once.
        let hours = apart.max(Time::HOUR / 60) as f64 / Time::HOUR as f64;
        let speed = distance / hours;
        (distance >= limits.travel_least && speed > limits.travel_speed).then_some((speed, distance))
    };
    let usual = past.windows(2).any(|pair| match pair {
        [a, b] => match (point(a), point(b)) {
            (Some(p), Some(q)) => fast(p, q, between(a, b.first).min(between(a, b.last))).is_some(),
            _ => false,
        },
        _ => false,
    });
    if usual {
        return None;
    }
    let own = visits
        .iter()
        .filter(|v| v.succeeded && v.network == Some(of.network) && v.first >= of.start && v.first <= of.time);
    let moments: Vec<Time> = own.flat_map(|v| [v.first, v.last]).chain([of.time]).collect();
    let elsewhere = visits.iter().filter(|v| {
        v.succeeded && v.network.is_some() && v.network != Some(of.network) && between(v, of.time) <= JOURNEY
    });
    let fastest = elsewhere
        .filter_map(|v| {
            let there = point(v)?;
            let apart = moments.iter().map(|m| between(v, *m)).min()?;
            fast(there, here, apart).map(|(speed, distance)| (speed, distance, apart, v))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.3.first.cmp(&a.3.first)))?;
    let (_, distance, apart, visit) = fastest;
    Some(Anomaly {
        weight: tuning.points.session_impossible_travel,
        sentence: format!(
            "{} had signed in at least {distance:.0} km away within {} minutes of it",
            of.account,
            apart / (Time::HOUR / 60) + 1
        ),
        cites: vec![visit.cite()],
    })
}

/// How far a moment is from the nearer end of a visit.
fn between(visit: &Visit, moment: Time) -> i64 {
    let apart = |end: Time| end.0.saturating_sub(moment.0).saturating_abs();
    apart(visit.first).min(apart(visit.last))
}
