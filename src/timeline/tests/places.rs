//! Sessions, where databases say where addresses stand.

use std::net::IpAddr;

use super::*;
use crate::places::{Place, Places, Point};
use crate::timeline::Session;
use crate::timeline::build::put_together;

/// The same operator and city as the office, another network.
const HOME: &str = "81.2.80.5";

fn place(country: &str, asn: u32, latitude: f64, longitude: f64) -> Place {
    Place {
        country: Some(country.to_owned()),
        asn: Some(asn),
        point: Some(Point {
            latitude,
            longitude,
            radius: 20.0,
        }),
        ..Place::default()
    }
}

fn places() -> Places {
    let (berlin, tokyo) = ((52.52, 13.40), (35.68, 139.69));
    let known = [
        (OFFICE, place("DE", 64500, berlin.0, berlin.1)),
        (HOME, place("DE", 64500, berlin.0, berlin.1)),
        (ELSEWHERE, place("JP", 64501, tokyo.0, tokyo.1)),
    ];
    known
        .into_iter()
        .map(|(a, p)| (a.parse::<IpAddr>().unwrap(), p))
        .collect()
}

/// The session behind a change at nine on day 30 from this address, after thirty days at the office.
fn session(address: &str, prepare: impl FnOnce(&mut Digest)) -> Session {
    let mut d = digest(vec![by(ADMIN, address, new(at(30, 9), "A", &[]))], vec![]);
    office_days(&mut d, 0..30);
    prepare(&mut d);
    sign_in(&mut d, ADMIN, address, minutes(at(30, 8), 30), true, 1);
    let line = put_together(&d, &Organization::default(), places());
    let session = of(connector(&line, "A"), Action::Created)[0].session.clone();
    session.expect("thirty days are a history")
}

#[test]
fn another_address_of_one_s_own_provider_weighs_half() {
    let found = session(HOME, |_| {});
    assert!((found.weight - 0.35).abs() < 1e-9, "{found:?}");
    assert!(
        found.anomalies[0].contains("AS64500, a network operator that it always used"),
        "{found:?}"
    );
}

#[test]
fn a_country_never_seen_adds_to_a_strange_network_and_a_first_journey_stays_undecided() {
    let found = session(ELSEWHERE, |_| {});
    assert!((found.weight - 0.9).abs() < 1e-9 && !found.is_anomalous(), "{found:?}");
    let sentence = found
        .anomalies
        .iter()
        .find(|a| a.contains("never signed in from JP, only from DE"));
    assert!(sentence.is_some(), "{found:?}");
}

#[test]
fn nobody_is_in_two_places_at_once() {
    let found = session(ELSEWHERE, |d| sign_in(d, ADMIN, OFFICE, at(30, 8), true, 1));
    assert!((found.weight - 1.6).abs() < 1e-9, "{found:?}");
    // Berlin to Tokyo is 8 918 km by the great circle, less twenty on either side.
    assert!(
        found
            .anomalies
            .iter()
            .any(|a| a.contains("at least 88") && a.contains("within 31 minutes")),
        "{found:?}"
    );
    // A day later anyone can be there.
    let late = session(ELSEWHERE, |d| sign_in(d, ADMIN, OFFICE, at(29, 8), true, 1));
    assert!((late.weight - 0.9).abs() < 1e-9, "{late:?}");
}

#[test]
fn an_account_that_uses_a_relay_of_its_own_is_not_accused_of_it() {
    let relay = "198.51.100.9";
    let mut d = digest(vec![by(ADMIN, ELSEWHERE, new(at(30, 9), "A", &[]))], vec![]);
    office_days(&mut d, 0..31);
    sign_in(&mut d, ADMIN, relay, minutes(at(10, 8), 20), true, 1);
    sign_in(&mut d, ADMIN, ELSEWHERE, minutes(at(30, 8), 30), true, 1);
    let mut known: Vec<(IpAddr, Place)> = vec![(relay.parse().unwrap(), place("US", 64502, 40.7, -74.0))];
    for address in [OFFICE, ELSEWHERE] {
        let address: IpAddr = address.parse().unwrap();
        known.push((address, places().get(address).cloned().unwrap()));
    }
    let line = put_together(&d, &Organization::default(), known.into_iter().collect());
    let session = of(connector(&line, "A"), Action::Created)[0].session.clone().unwrap();
    assert!(!session.anomalies.iter().any(|a| a.contains("km away")), "{session:?}");
}
