//! `--geoip`: places beside addresses, and databases that are none.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value as Json;
use tempfile::TempDir;

#[path = "support/mmdb.rs"]
mod mmdb;

use mmdb::{city, database, operator};

/// The address of the simulated intruder.
const INTRUDER: &str = "91.219.236.10";

fn relaytrail(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("relaytrail").expect("the program is built");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
    command
}

fn written(dir: &TempDir, name: &str, bytes: &[u8]) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

fn report(geoip: &[&str]) -> Json {
    let mut args = vec!["analyze", "sample-data/compromised", "--format", "json"];
    args.extend(geoip.iter().flat_map(|file| ["--geoip", file]));
    let output = relaytrail(&args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every value of a key anywhere in the report.
fn all<'a>(value: &'a Json, key: &str, found: &mut Vec<&'a Json>) {
    match value {
        Json::Object(map) => {
            found.extend(map.get(key));
            map.values().for_each(|v| all(v, key, found));
        }
        Json::Array(list) => list.iter().for_each(|v| all(v, key, found)),
        _ => {}
    }
}

#[test]
fn places_stand_beside_addresses_and_without_a_database_nothing_is_guessed() {
    let dir = TempDir::new().unwrap();
    let cities = database(
        "GeoLite2-City",
        &[("91.219.236.0", 24, city("NL", "Amsterdam", 52.37, 4.9))],
    );
    let operators = database(
        "GeoLite2-ASN",
        &[("91.219.236.0", 24, operator(64500, "Example Hosting"))],
    );
    let (cities, operators) = (
        written(&dir, "city.mmdb", &cities),
        written(&dir, "asn.mmdb", &operators),
    );
    let report_of = |geoip: &[&str], key: &str| {
        let report = report(geoip);
        let mut found = Vec::new();
        all(&report, key, &mut found);
        found
            .iter()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let label = "NL (Amsterdam), AS64500 Example Hosting".to_owned();
    for key in ["client_place", "place"] {
        assert!(report_of(&[&cities, &operators], key).contains(&label), "{key}");
        assert!(report_of(&[], key).is_empty(), "{key}");
    }
    let named = report_of(&[&cities, &operators], "database");
    assert_eq!(named, ["GeoLite2-City", "GeoLite2-ASN"]);
    let text = relaytrail(&[
        "timeline",
        "sample-data/compromised",
        "--geoip",
        &cities,
        "--geoip",
        &operators,
    ])
    .output()
    .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains(INTRUDER) && text.contains("AS64500 Example Hosting"),
        "{text}"
    );
}

#[test]
fn what_is_no_database_ends_the_run_before_anything_is_judged() {
    let dir = TempDir::new().unwrap();
    let cut = &database("GeoLite2-City", &[("91.219.236.0", 24, city("NL", "-", 0.0, 0.0))])[..40];
    for (name, bytes) in [
        ("text.mmdb", &b"no database"[..]),
        ("cut.mmdb", cut),
        ("empty.mmdb", &b""[..]),
    ] {
        let path = written(&dir, name, bytes);
        let output = relaytrail(&["analyze", "sample-data/quiet", "--geoip", &path])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(name) && !text.contains("panicked"), "{text}");
    }
    let nowhere = Path::new("no/such/file.mmdb").display().to_string();
    let output = relaytrail(&["analyze", "sample-data/quiet", "--geoip", &nowhere])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
