//! timesketch.jsonl by the rules of its importer.
//!
//! Source: Timesketch, "Create timeline from JSON/JSONL/CSV file" and `read_and_validate_jsonl`: every line is one JSON
//! object; `message`, `datetime` and `timestamp_desc` must be there; `timestamp`, where given, is taken as microseconds since
//! 1970; some names are dropped on the way in, and `tag` is taken apart.

use chrono::DateTime;
use serde_json::Value;

use crate::files::{is_raw_control, text, written};
use crate::sample::{self, HOSTILE};

/// Names that the importer drops or reads in its own way.
const TAKEN: [&str; 6] = ["_id", "_type", "_index", "_source", "__ts_timeline_id", "tag"];

#[test]
fn every_line_has_what_the_importer_wants() {
    let lines = text(&written(&sample::report()), "timesketch.jsonl");
    assert!(lines.ends_with('\n'));
    for line in lines.lines() {
        let object: Value = serde_json::from_str(line).unwrap();
        let object = object.as_object().expect("an object");
        for field in ["message", "datetime", "timestamp_desc"] {
            let value = object[field].as_str().expect("text");
            assert!(!value.trim().is_empty(), "{field}: {line}");
        }
        for name in TAKEN {
            assert!(!object.contains_key(name), "{name}");
        }
        let time = object["datetime"].as_str().expect("text");
        // An offset in numbers: older importers refuse a Z.
        assert!(time.ends_with("+00:00"), "{time}");
        let time = DateTime::parse_from_rfc3339(time).expect("ISO 8601");
        assert_eq!(object["timestamp"].as_i64(), Some(time.timestamp_micros()));
        // The index takes one type a field; objects and lists would ask for a mapping of their own.
        for (name, value) in object {
            assert!(!value.is_object() && !value.is_array(), "{name}");
        }
    }
}

#[test]
fn timesketch_gets_one_object_a_line() {
    let lines = text(&written(&sample::report()), "timesketch.jsonl");
    assert!(!lines.contains(is_raw_control));
    let objects: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(objects.len(), 6);
    let last = &objects[5];
    assert_eq!(last["datetime"], "2026-04-04T00:55:00.250+00:00");
    assert_eq!(last["timestamp"], 1_775_264_100_250_000_i64);
    assert_eq!(last["timestamp_desc"], "Connector removed (attempted, failed)");
    assert_eq!(
        (&last["succeeded"], &objects[0]["succeeded"]),
        (&false.into(), &true.into())
    );
    assert_eq!(last["connector"], HOSTILE);
    assert_eq!(last["citation"], "ual.csv, record 17; ual.csv, record 18");
}
