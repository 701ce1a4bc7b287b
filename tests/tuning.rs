//! `[weights]` and `[thresholds]` of org.toml: they count, and the report says so.

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The run on a sample whose org.toml says this as well; the folder lives as long as the command.
fn analyze(tables: &str) -> (Command, TempDir) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = std::fs::read_to_string(root.join("sample-data/changed/org.toml")).unwrap();
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("org.toml");
    std::fs::write(&path, format!("{own}\n{tables}")).unwrap();
    let mut command = Command::cargo_bin("relaytrail").expect("the program is built");
    command.current_dir(root);
    command.args(["analyze", "sample-data/changed", "--format", "json", "--org"]);
    command.arg(path);
    (command, dir)
}

fn report(tables: &str) -> Value {
    let (mut command, _dir) = analyze(tables);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The attacked connector of the sample.
fn attacked(report: &Value) -> &Value {
    let connectors = report["connectors"].as_array().unwrap();
    connectors
        .iter()
        .find(|c| c["name"] == "Inbound from HQ Exchange")
        .unwrap()
}

fn points(report: &Value, id: &str) -> f64 {
    let indicators = attacked(report)["indicators"].as_array().unwrap();
    indicators.iter().find(|i| i["id"] == id).unwrap()["points"]
        .as_f64()
        .unwrap()
}

#[test]
fn what_is_overridden_counts_and_is_listed() {
    let plain = report("");
    assert_eq!(plain["overrides"], json!([]));
    assert_eq!(points(&plain, "compromised_admin"), 2.0);
    let tuned = report("[weights]\nprior = -6\ncompromised_admin.supported = 1.5\n[thresholds]\nlong_trace_days = 21");
    assert_eq!(points(&tuned, "compromised_admin"), 1.5);
    let score = |report: &Value| attacked(report)["score"].as_f64().unwrap();
    assert!(
        (score(&plain) - score(&tuned) - 2.5).abs() < 1e-9,
        "{} {}",
        score(&plain),
        score(&tuned)
    );
    let expected = json!([
        {"table": "weights", "name": "prior", "default": -4.0, "value": -6.0},
        {"table": "weights", "name": "compromised_admin.supported", "default": 2.0, "value": 1.5},
        {"table": "thresholds", "name": "long_trace_days", "default": 28.0, "value": 21.0},
    ]);
    assert_eq!(tuned["overrides"], expected);
}

#[test]
fn without_the_signs_of_a_strange_session_there_is_no_stranger() {
    let lax = "[weights]\nsession_new_network_rare = 0.0\nsession_after_failures = 0.0\nsession_after_many_failures = 0.0\n\
               session_unusual_hour = 0.0\nsession_new_client = 0.0\nsession_new_tool = 0.0\nsession_sprayed = 0.0";
    assert!(points(&report(lax), "compromised_admin") < 2.0);
}

#[test]
fn the_report_of_the_order_of_events_stands_with_times_and_rows() {
    let report = report("");
    let story = attacked(&report)["story"].as_array().unwrap().clone();
    let stages: Vec<&str> = story.iter().filter_map(|l| l["stage"].as_str()).collect();
    assert_eq!(stages, ["sign_in", "sign_in", "change", "mail", "verdict"]);
    let said: Vec<&str> = story.iter().filter_map(|l| l["summary"].as_str()).take(2).collect();
    assert!(
        said[0].ends_with("sign-ins failed.") && said[1].starts_with("The session"),
        "{said:?}"
    );
    assert!(story.is_sorted_by_key(|l| l["time"].as_str().map(str::to_owned)));
    assert!(story.iter().all(|l| !l["citations"].as_array().unwrap().is_empty()));
}

#[test]
fn an_unknown_name_is_a_fault_of_the_command_line() {
    let (mut command, _dir) = analyze("[thresholds]\nlong_trace = 21");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("did you mean `thresholds.long_trace_days`?"), "{text}");
}
