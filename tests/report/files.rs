//! What stands in each file.

use std::fs;
use std::path::Path;

use relaytrail::report::model::Report;
use relaytrail::report::{Extras, Staging, json};
use serde_json::Value;
use tempfile::TempDir;

use crate::sample;

/// A report written to `DIR/report`.
pub fn written(report: &Report) -> TempDir {
    let place = TempDir::new().unwrap();
    write(report, &place.path().join("report"));
    place
}

pub fn write(report: &Report, dir: &Path) {
    write_with(report, dir, Extras::default());
}

pub fn write_with(report: &Report, dir: &Path, extras: Extras) {
    let command_line = ["relaytrail", "analyze", "evidence"].map(String::from);
    Staging::create(dir, false, extras, &[])
        .and_then(|staging| staging.write(report, &command_line))
        .unwrap();
}

/// Every file that a report can have.
pub const ALL: Extras = Extras {
    xlsx: true,
    stix: true,
    navigator: true,
};

/// A report with all extras, written to `DIR/report`.
pub fn written_whole(report: &Report) -> TempDir {
    let place = TempDir::new().unwrap();
    write_with(report, &place.path().join("report"), ALL);
    place
}

pub fn bytes(place: &TempDir, name: &str) -> Vec<u8> {
    fs::read(place.path().join("report").join(name)).unwrap()
}

pub fn text(place: &TempDir, name: &str) -> String {
    fs::read_to_string(place.path().join("report").join(name)).unwrap()
}

pub fn is_raw_control(c: char) -> bool {
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
    let first = written_whole(&sample::report());
    let again = json::read(&first.path().join("report/report.json")).unwrap();
    assert_eq!(again, sample::report());
    let second = written_whole(&again);
    let mut compared = 0;
    for entry in fs::read_dir(first.path().join("report")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "manifest.json" {
            assert!(bytes(&first, &name) == bytes(&second, &name), "{name}");
            compared += 1;
        }
    }
    assert_eq!(compared, 10);
}

#[test]
fn no_file_holds_a_character_that_deceives() {
    let place = written_whole(&sample::report());
    let mut looked_at = 0;
    for entry in fs::read_dir(place.path().join("report")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "report.xlsx" {
            assert!(!text(&place, &name).contains(is_raw_control), "{name}");
            looked_at += 1;
        }
    }
    assert_eq!(looked_at, 10);
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
fn an_empty_report_is_a_report() {
    let mut report = sample::report();
    report.connectors.clear();
    report.accounts.clear();
    report.tenant = Default::default();
    report.response.clear();
    report.suspect_messages.clear();
    report.rejected_rows.clear();
    let place = written_whole(&report);
    assert_eq!(text(&place, "rejected.csv"), "path,record,byte_offset,what,reason\n");
    assert_eq!(text(&place, "timesketch.jsonl"), "");
    assert!(text(&place, "report.html").contains("names no inbound connector"));
    for name in ["report.xlsx", "stix.json", "navigator.json"] {
        assert!(!bytes(&place, name).is_empty(), "{name}");
    }
}

#[test]
fn a_reason_that_rests_on_no_row_leads_to_the_coverage() {
    let mut report = sample::report();
    report.connectors[0].reasons = vec!["2 of 16 indicators could not be assessed.".into()];
    let page = text(&written(&report), "report.html");
    assert!(
        page.contains("could not be assessed. <a href=\"#coverage\">coverage</a>"),
        "{page}"
    );
}
