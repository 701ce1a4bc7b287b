use std::io::Write;
use std::net::IpAddr;

use proptest::prelude::*;
use tempfile::NamedTempFile;

use super::{Databases, Place, Places, PlacesError, Point};

#[path = "../../tests/support/mmdb.rs"]
mod mmdb;

use mmdb::{Value, city, database, operator};

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn look_up(databases: &[Vec<u8>], addresses: &[&str]) -> Result<Places, PlacesError> {
    let files: Vec<NamedTempFile> = databases.iter().map(|d| file(d)).collect();
    let paths: Vec<_> = files.iter().map(|f| f.path().to_owned()).collect();
    let addresses = addresses.iter().map(|a| a.parse().unwrap()).collect();
    Databases::open(&paths)?.places(addresses)
}

fn place(databases: &[Vec<u8>], address: &str) -> Option<Place> {
    let address: IpAddr = address.parse().unwrap();
    let places = look_up(databases, &[&address.to_canonical().to_string()]).unwrap();
    places.get(address).cloned()
}

fn cities() -> Vec<u8> {
    database(
        "GeoLite2-City",
        &[
            ("203.0.113.0", 24, city("NL", "Amsterdam", 52.37, 4.90)),
            ("198.51.100.0", 24, city("DE", "Berlin", 52.52, 13.40)),
            ("2001:db8:1::", 48, city("JP", "Tokyo", 35.68, 139.69)),
        ],
    )
}

fn operators() -> Vec<u8> {
    database(
        "GeoLite2-ASN",
        &[("203.0.113.0", 25, operator(64500, "Example Hosting"))],
    )
}

#[test]
fn what_two_databases_know_of_an_address_is_put_together() {
    let found = place(&[operators(), cities()], "203.0.113.9").unwrap();
    assert_eq!(found.label().unwrap(), "NL (Amsterdam), AS64500 Example Hosting");
    // The half of the network that one of them does not know.
    let found = place(&[operators(), cities()], "203.0.113.200").unwrap();
    assert_eq!(found.label().unwrap(), "NL (Amsterdam)");
}

#[test]
fn both_families_of_addresses_are_known_and_mapped_ones_are_what_they_map() {
    assert_eq!(
        place(&[cities()], "2001:db8:1::7").unwrap().country.as_deref(),
        Some("JP")
    );
    assert_eq!(
        place(&[cities()], "::ffff:198.51.100.7").unwrap().country.as_deref(),
        Some("DE")
    );
    assert_eq!(place(&[cities()], "192.0.2.1"), None);
    assert_eq!(place(&[cities()], "2001:db8:2::7"), None);
}

#[test]
fn rows_of_other_makers_are_read_and_fields_of_other_forms_are_not_there() {
    let flat = Value::Map(vec![
        ("country", Value::Text("fr")),
        ("city", Value::Text("Lyon\u{1b}[2J")),
        ("asn", Value::Text("AS64501")),
        ("as_name", Value::Text("Exemple SA")),
    ]);
    let odd = Value::Map(vec![
        ("country", Value::Number(7)),
        ("country_code", Value::Text("IT")),
        ("city", Value::Map(vec![])),
        ("asn", Value::Number(64502)),
        (
            "location",
            Value::Map(vec![
                ("latitude", Value::Double(f64::NAN)),
                ("longitude", Value::Double(0.0)),
            ]),
        ),
    ]);
    let rows = [("203.0.113.0", 24, flat), ("198.51.100.0", 24, odd)];
    let made = [database("other", &rows)];
    let found = place(&made, "203.0.113.1").unwrap();
    assert_eq!(found.label().unwrap(), "FR (Lyon[2J), AS64501 Exemple SA");
    let found = place(&made, "198.51.100.1").unwrap();
    assert_eq!((found.label().unwrap().as_str(), found.point), ("IT, AS64502", None));
}

#[test]
fn the_report_names_the_databases() {
    let places = look_up(&[cities()], &[]).unwrap();
    let named = &places.databases[0];
    assert_eq!(
        (named.database.as_str(), named.built.as_str()),
        ("GeoLite2-City", "2026-03-01T00:00:00Z")
    );
    assert_eq!(named.sha256.len(), 64);
}

#[test]
fn what_is_no_database_is_said_to_be_none() {
    for bytes in [
        &b""[..],
        b"PK\x03\x04 not a database",
        b"\xab\xcd\xefMaxMind.com",
        b"\xab\xcd\xefMaxMind.com\xe9",
    ] {
        let error = look_up(&[bytes.to_vec()], &[]).unwrap_err();
        assert!(matches!(error, PlacesError::Malformed { .. }), "{error}");
    }
    let error = Databases::open(&["/nowhere/at/all.mmdb".into()])
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(error, PlacesError::Unreadable { .. }), "{error}");
}

#[test]
fn a_database_that_is_damaged_inside_ends_the_run() {
    let mut bytes = cities();
    let data = bytes.windows(7).position(|w| w == b"country").unwrap() - 1;
    // The row's first byte becomes a pointer to where nothing is.
    bytes[data - 1..data + 4].copy_from_slice(&[0b0011_1000, 0xff, 0xff, 0xff, 0xff]);
    let error = look_up(&[bytes], &["203.0.113.9"]).map(|_| ()).unwrap_err();
    assert!(matches!(error, PlacesError::Damaged { .. }), "{error}");
}

#[test]
fn points_are_as_far_apart_as_the_globe_says_less_what_is_uncertain() {
    let point = |latitude, longitude| Point {
        latitude,
        longitude,
        radius: 0.0,
    };
    // A quarter of the equator of a sphere of 6371 km: π / 2 × 6371.
    assert!((point(0.0, 0.0).apart(point(0.0, 90.0)) - 10_007.5).abs() < 0.1);
    // Over the date line, one degree.
    assert!((point(0.0, 179.5).apart(point(0.0, -179.5)) - 111.2).abs() < 0.1);
    let wide = Point {
        radius: 100.0,
        ..point(0.0, 1.0)
    };
    assert!((point(0.0, 0.0).apart(wide) - 11.2).abs() < 0.1);
    assert_eq!(wide.apart(wide), 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    /// Whatever bytes stand in a database, it is read or refused, and that soon.
    #[test]
    fn a_hostile_database_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
        shorten in any::<bool>(),
    ) {
        let mut bytes = cities();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if shorten {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = look_up(&[bytes], &["203.0.113.9", "2001:db8:1::1", "192.0.2.1"]);
    }
}
