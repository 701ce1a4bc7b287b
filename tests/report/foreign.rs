//! A report.json that this program did not write, or that somebody edited.

use std::fs;

use relaytrail::report::model::Report;
use relaytrail::report::terminal::{self, Next, Screen};
use relaytrail::report::{ReportError, Staging, json};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_case::test_case;

use crate::files::ALL;
use crate::sample::{self, HOSTILE};

fn read(content: &[u8]) -> Result<Report, ReportError> {
    let place = TempDir::new().unwrap();
    let path = place.path().join("report.json");
    fs::write(&path, content).unwrap();
    json::read(&path)
}

#[test_case(r#"{"schema_version": "7"}"#, "schema version 7")]
#[test_case(r#"{"schema_version": 2, "tool": {}}"#, "schema version 2"; "a number")]
#[test_case(r#"{"schema_version": null}"#, "schema version null"; "nothing")]
#[test_case(r#"{"schema_version": "1"}"#, "missing field `tool`"; "the right version and nothing else")]
#[test_case(r#"{"verdict": "guilty"}"#, "missing field `schema_version`"; "no version")]
#[test_case("[]", "report.json of relaytrail"; "a list")]
#[test_case("", "report.json of relaytrail"; "an empty file")]
#[test_case("\u{0}\u{1}\u{2}", "report.json of relaytrail"; "no text")]
fn what_is_no_report_of_this_version_is_refused_by_name(content: &str, words: &str) {
    let error = read(content.as_bytes()).unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn an_endless_nesting_is_refused() {
    let nested = format!(r#"{{"schema_version": "1", "tool": {}"#, "[".repeat(1 << 20));
    assert!(matches!(read(nested.as_bytes()), Err(ReportError::Malformed { .. })));
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let text = serde_json::to_string(&sample::report()).unwrap();
    assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap(), sample::report());
}

/// Values of each type that nobody would expect.
fn strange(value: &Value, turn: usize) -> Value {
    let texts = [
        HOSTILE,
        "",
        "9999-12-31T23:59:59.999999999Z",
        "0001-01-01T00:00:00Z",
        "+262142-12-31T23:59:59Z",
        "255.255.255.255",
        "2001:db8::/129",
        "smtp:*;1",
        "T1098",
        "\u{feff}\u{fffe}\u{10ffff}",
    ];
    match value {
        Value::String(_) => texts[turn % texts.len()].into(),
        Value::Number(n) if n.is_f64() => [f64::MAX, f64::MIN, -0.0, 5e-324][turn % 4].into(),
        Value::Number(_) => [u64::MAX, 0, 1 << 53, i64::MAX as u64][turn % 4].into(),
        Value::Bool(b) => (!b).into(),
        Value::Null => json!(null),
        other => other.clone(),
    }
}

/// Replaces about one leaf in `every`, others at each call.
fn disturb(value: &mut Value, every: usize, turn: &mut usize) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|v| disturb(v, every, turn)),
        Value::Object(map) => map.values_mut().for_each(|v| disturb(v, every, turn)),
        leaf => {
            // A step that has no factor in common with the number of leaves or of strange values.
            *turn = (*turn)
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let drawn = *turn >> 33;
            if drawn.is_multiple_of(every) {
                *leaf = strange(leaf, drawn / every);
            }
        }
    }
}

#[test]
fn no_value_of_the_right_type_makes_a_writer_panic() {
    let place = TempDir::new().unwrap();
    let (mut read_again, mut written) = (0, 0);
    for round in 0..60 {
        let mut value = serde_json::to_value(sample::report()).unwrap();
        disturb(&mut value, [2, 7, 40, 400][round % 4], &mut (round * 7919));
        value["schema_version"] = "1".into();
        let Ok(report) = read(value.to_string().as_bytes()) else {
            // A word of a closed list was replaced: the reader says so.
            continue;
        };
        read_again += 1;
        let next = Next {
            sentence: String::new(),
            command: String::new(),
        };
        for (width, height) in [(0, Some(0)), (40, Some(24)), (200, None)] {
            terminal::summary(&report, Screen { width, height }, &next);
        }
        let dir = place.path().join("report");
        match Staging::create(&dir, false, ALL, &[]).unwrap().write(&report, &[]) {
            Ok(()) => written += 1,
            Err(error) => assert!(matches!(error, ReportError::Time(_)), "{error}"),
        }
    }
    assert!(read_again > 5 && written > 0, "{read_again} read, {written} written");
}
