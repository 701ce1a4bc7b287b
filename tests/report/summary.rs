//! The summary on the terminal.

use relaytrail::report::model::Report;
use relaytrail::report::terminal::{self, Next, Screen};
use test_case::test_case;
use unicode_width::UnicodeWidthStr;

use crate::files::is_raw_control;
use crate::sample;

fn plain(report: &Report, width: usize, height: Option<usize>) -> String {
    let next = Next {
        sentence: "The report is in report; open report.html first. To check it later, type:".into(),
        command: "relaytrail verify report evidence".into(),
    };
    let summary = terminal::summary(report, Screen { width, height }, &next);
    anstream::adapter::strip_str(&summary).to_string()
}

/// Rows that a terminal of this width needs.
fn rows(plain: &str, width: usize) -> usize {
    plain.lines().map(|l| l.width().div_ceil(width).max(1)).sum()
}

#[test_case(80, 24; "the classic screen")]
#[test_case(120, 40; "a window of today")]
#[test_case(60, 30; "half a window")]
#[test_case(40, 24; "a narrow one")]
#[test_case(200, 50; "a wide one")]
fn the_summary_fits_the_screen(width: usize, height: usize) {
    let plain = plain(&sample::report(), width, Some(height));
    // The prompt takes one row.
    assert!(rows(&plain, width) < height, "{plain}");
    assert!(!plain.contains(is_raw_control), "{plain}");
    assert!(plain.starts_with("Likely compromised  Fabrikam"));
    for part in [
        "Why",
        "Since",
        "2026-04-04 00:55:00 UTC",
        "What to do next",
        "Missing evidence",
        "Other connectors",
    ] {
        assert!(plain.contains(part), "{part} in {plain}");
    }
    assert!(plain.ends_with("\n  relaytrail verify report evidence\n"), "{plain}");
}

#[test_case(60)]
#[test_case(80)]
#[test_case(120)]
fn sentences_are_wrapped_and_commands_are_not(width: usize) {
    let mut report = sample::report();
    report.connectors[0].name = "東京本社からの受信コネクタ東京本社からの受信コネクタ東京本社".into();
    let plain = plain(&report, width, None);
    for line in plain.lines().filter(|l| !l.starts_with("     ")) {
        assert!(line.width() <= width, "{line}");
    }
    let command = &report.response[1].commands[0];
    assert!(plain.lines().any(|l| l.trim() == *command), "{command} in {plain}");
}

#[test]
fn without_a_screen_more_is_told() {
    let all = plain(&sample::report(), 80, None);
    for part in [
        "91.219.236.10",
        "Get-InboundConnector",
        "sign in log: missing",
        "Not assessable (0.0 points): Inbound from Printer",
    ] {
        assert!(all.contains(part), "{part} in {all}");
    }
}

#[test]
fn a_report_of_nothing_has_a_summary() {
    let mut report = sample::report();
    report.connectors.clear();
    report.response.clear();
    let plain = plain(&report, 80, Some(24));
    assert!(plain.contains("Missing evidence"), "{plain}");
    assert!(rows(&plain, 80) < 24);
}
