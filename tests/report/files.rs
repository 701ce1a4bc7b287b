//! What stands in each file.

use std::fs;
use std::path::Path;

use relaytrail::report::model::Report;
use relaytrail::report::{Staging, json, terminal};
use serde_json::Value;
use tempfile::TempDir;

use crate::sample::{self, HOSTILE};

/// A report written to `DIR/report`.
pub fn written(report: &Report) -> TempDir {
    let place = TempDir::new().unwrap();
    write(report, &place.path().join("report"));
    place
}

pub fn write(report: &Report, dir: &Path) {
    let command_line = ["relaytrail", "analyze", "evidence"].map(String::from);
    Staging::create(dir, false, &[])
        .and_then(|staging| staging.write(report, &command_line))
        .unwrap();
}

pub fn text(place: &TempDir, name: &str) -> String {
    fs::read_to_string(place.path().join("report").join(name)).unwrap()
}

fn is_raw_control(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202e}' | '\u{2028}')
}

#[test]
fn report_json_keeps_the_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let report: Value = serde_json::from_str(&text(&written(&sample::report()), "report.json")).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&report)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_schema_refuses_what_the_contract_forbids() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let good = serde_json::to_value(sample::report()).unwrap();
    let breaches: [(&str, Value); 8] = [
        ("/summary/verdict", "guilty".into()),
        ("/evidence/0/sha256", "ABC".into()),
        ("/evidence/0/kind", "diary".into()),
        ("/evidence/0/path", "/var/log/ual.csv".into()),
        ("/coverage/0/how_to_collect", Value::Null),
        ("/connectors/1/timeline/0/time", "2026-03-02 08:00".into()),
        ("/connectors/0/indicators/0/needs", Value::Array(vec![])),
        ("/connectors/0/indicators/0/points", 1.into()),
    ];
    for (pointer, value) in breaches {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

#[test]
fn report_json_makes_the_same_files_again() {
    let first = written(&sample::report());
    let again = json::read(&first.path().join("report/report.json")).unwrap();
    assert_eq!(again, sample::report());
    let second = written(&again);
    for entry in fs::read_dir(first.path().join("report")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "manifest.json" {
            assert_eq!(text(&first, &name), text(&second, &name), "{name}");
        }
    }
}

#[test]
fn another_schema_version_is_refused_by_name() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("report.json");
    fs::write(&path, r#"{"schema_version": "7"}"#).unwrap();
    let error = json::read(&path).unwrap_err();
    assert!(error.to_string().contains("schema version 7"), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn no_line_of_the_script_is_live() {
    let script = text(&written(&sample::report()), "remediation.ps1");
    for line in script.lines() {
        assert!(line == "#" || line.starts_with("# "), "{line:?}");
    }
    assert!(!script.contains(is_raw_control));
    // Nor would one be live that was uncommented by itself.
    assert!(
        !script
            .lines()
            .any(|l| { l.trim_start_matches(['#', ' ']).starts_with("Remove-Mailbox") })
    );
    let at = |title: &str| script.find(title).unwrap();
    assert!(at("1. Identify") < at("2. Revert"));
    assert!(at("2. Revert") < at("3. Unblock"));
    assert!(at("3. Unblock") < at("4. Investigate"));
}

#[test]
fn tables_are_rectangular_and_start_no_formula() {
    let place = written(&sample::report());
    for (name, rows) in [("timeline.csv", 6), ("suspect_messages.csv", 1), ("rejected.csv", 1)] {
        let table = text(&place, name);
        assert!(!table.contains(is_raw_control), "{name}");
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let records: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(records.len(), rows, "{name}");
        for cell in records.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}: {cell:?}");
        }
    }
}

#[test]
fn the_timeline_is_in_order_with_before_and_after() {
    let place = written(&sample::report());
    let table = text(&place, "timeline.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let column = |name: &str| {
        csv::Reader::from_reader(table.as_bytes())
            .headers()
            .unwrap()
            .iter()
            .position(|h| h == name)
            .unwrap()
    };
    let (time, parameter, before) = (column("time"), column("parameter"), column("before"));
    let rows: Vec<[String; 3]> = reader
        .records()
        .map(|r| r.unwrap())
        .map(|r| [time, parameter, before].map(|c| r[c].to_string()))
        .collect();
    let expected = [
        ["2026-03-02T08:00:00Z", "Name", ""],
        ["2026-04-04T00:54:59.5Z", "", ""],
        ["2026-04-04T00:55:00Z", "Name", "Inbound from HQ Exchange"],
        ["2026-04-04T00:55:00Z", "SenderIPAddresses", ""],
        ["2026-04-04T00:55:00Z", "TlsSenderCertificateName", ""],
        ["2026-04-04T00:55:00.25Z", "Comment", "x"],
    ];
    assert_eq!(rows, expected.map(|row| row.map(String::from)));
}

#[test]
fn an_attempt_that_failed_is_called_one_everywhere() {
    let place = written(&sample::report());
    let events = &json::read(&place.path().join("report/report.json")).unwrap().connectors[1].timeline;
    assert_eq!(
        events.iter().map(|e| e.succeeded).collect::<Vec<_>>(),
        [true, true, false]
    );
    let table = text(&place, "timeline.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let column = reader.headers().unwrap().iter().position(|h| h == "succeeded").unwrap();
    let cells: Vec<String> = reader.records().map(|r| r.unwrap()[column].to_string()).collect();
    assert_eq!(cells, ["true", "true", "true", "true", "true", "false"]);
    let page = text(&place, "report.html");
    assert!(page.contains("<strong>removed (attempted, failed)</strong>"));
    assert!(page.contains("<strong>changed</strong>"));
}

#[test]
fn a_report_that_does_not_say_whether_an_event_succeeded_takes_it_for_done() {
    let mut report = serde_json::to_value(sample::report()).unwrap();
    let events = report
        .pointer_mut("/connectors/1/timeline")
        .unwrap()
        .as_array_mut()
        .unwrap();
    events[2].as_object_mut().unwrap().remove("succeeded");
    let report: Report = serde_json::from_value(report).unwrap();
    assert!(report.connectors[1].timeline[2].succeeded);
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

#[test]
fn the_page_runs_nothing_and_fetches_nothing() {
    let page = text(&written(&sample::report()), "report.html");
    assert!(!page.contains("<script"), "markup from a name");
    assert!(!page.contains("href=\"javascript"));
    assert!(!page.contains(" src="));
    assert!(!page.contains("@import") && !page.contains("url("));
    assert!(!page.contains(is_raw_control));
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("\\u{202e}txt.exe"));
    assert!(page.contains(">17</a>") && page.contains(" of 1240</span>"));
    assert!(page.contains(&"a".repeat(64)));
}

#[test]
fn every_tag_of_the_page_is_closed() {
    let page = text(&written(&sample::report()), "report.html");
    for tag in [
        "section", "article", "nav", "main", "header", "footer", "figure", "time", "ins", "del", "a", "ol", "p",
        "table", "tbody", "tr", "td", "th", "ul", "li", "dl", "pre", "section", "svg", "span", "div",
    ] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn the_summary_fits_a_screen() {
    let summary = terminal::summary(&sample::report(), 80);
    let plain = anstream::adapter::strip_str(&summary).to_string();
    assert!(!plain.contains(is_raw_control), "{plain}");
    assert!(plain.lines().count() <= 40, "{plain}");
    for line in plain.lines().filter(|l| !l.starts_with("     ")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(plain.starts_with("Likely compromised  Fabrikam"));
    for part in [
        "Since",
        "2026-04-04 00:55:00 UTC",
        "91.219.236.10",
        "Get-InboundConnector",
        "sign in log: missing",
        "Not assessable (0.0 points): Inbound from Printer",
    ] {
        assert!(plain.contains(part), "{part} in {plain}");
    }
}

#[test]
fn an_empty_report_is_a_report() {
    let mut report = sample::report();
    report.connectors.clear();
    report.accounts.clear();
    report.tenant = Default::default();
    report.response.clear();
    report.suspect_messages.clear();
    report.rejected_rows.clear();
    let place = written(&report);
    assert_eq!(text(&place, "rejected.csv"), "path,record,byte_offset,what,reason\n");
    assert_eq!(text(&place, "timesketch.jsonl"), "");
    assert!(text(&place, "report.html").contains("names no inbound connector"));
    assert!(terminal::summary(&report, 80).contains("Missing evidence"));
}
