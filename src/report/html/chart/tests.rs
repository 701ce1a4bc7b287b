use serde_json::{Value, json};

use super::*;

fn day(day: &str, messages: u64, spam: u64, expected: Option<f64>) -> Value {
    json!({"day": day, "messages": messages, "recipients": messages, "spam": spam, "expected": expected})
}

fn event(time: &str, action: &str, intended: Option<bool>) -> Value {
    json!({"time": time, "action": action, "operation": null, "actor": null, "actor_kind": "user", "client_ip": null,
        "intended": intended, "changes": [], "summary": "", "citations": []})
}

fn connector(days: &[Value], events: &[Value]) -> Connector {
    let connector = json!({
        "name": "HQ", "names": ["HQ"], "id": null, "type": null, "present_in_snapshot": true,
        "verdict": "suspicious", "score": 0.0, "score_low": 0.0, "score_high": 0.0, "reasons": [],
        "indicators": [], "timeline": events,
        "traffic": {"messages": 0, "recipients": 0, "by_day": days, "top_sources": [], "top_senders": [],
            "top_recipient_domains": []},
    });
    serde_json::from_value(connector).expect("a connector")
}

fn drawn<'a>(connector: &'a Connector, most: usize) -> Chart<'a> {
    draw(connector, &Clock::new(None), most)
}

#[test]
fn the_highest_bar_reaches_the_figure_beside_it() {
    let days = [day("2026-04-03", 10, 0, None), day("2026-04-04", 50, 25, Some(10.0))];
    let connector = connector(&days, &[]);
    let svg = drawn(&connector, 400).svg;
    // 50 is a figure people count in: its bar takes the whole height, its spam half of it, what was expected a fifth.
    assert!(svg.contains("v-150.0h28.0"), "{svg}");
    assert!(
        svg.contains("<path class=\"spam\" d=\"M") && svg.contains("v-75.0h28.0"),
        "{svg}"
    );
    assert!(
        svg.contains("<path class=\"expected\" d=\"M509.0 128.0h443.0\"/>"),
        "{svg}"
    );
    assert!(
        svg.contains(">50</text>") && svg.contains(">25</text>") && svg.contains(">0</text>"),
        "{svg}"
    );
}

#[test]
fn a_day_that_is_left_out_leaves_a_gap() {
    let days = [day("2026-04-01", 10, 0, None), day("2026-04-04", 40, 0, None)];
    let connector = connector(&days, &[]);
    let svg = drawn(&connector, 400).svg;
    // Four places of 221.5 units; bars of 28 in the middle of the first and the last.
    assert!(svg.contains("M162.8 ") && svg.contains("M827.2 "), "{svg}");
}

#[test]
fn events_stand_in_lanes_at_their_day_and_beside_the_days_where_they_are_near() {
    let days = [day("2026-04-03", 10, 0, None), day("2026-04-04", 10, 0, None)];
    let events = [
        event("2020-01-01T00:00:00Z", "created", Some(true)),
        event("2026-04-04T00:55:00Z", "changed", Some(false)),
        event("2026-04-04T00:56:00Z", "changed", Some(false)),
        event("2026-04-06T12:00:00Z", "blocked", None),
        event("2026-04-06T12:00:00Z", "seen_in_snapshot", None),
    ];
    let connector = connector(&days, &events);
    let chart = drawn(&connector, 400);
    assert_eq!(chart.outside, 1);
    assert_eq!(chart.bars[1].marks, ["2 changed"]);
    assert!(
        chart.svg.contains("Marked on it: Changes: 2, Blocks: 1."),
        "{}",
        chart.svg
    );
    assert!(chart.svg.contains("from 2026-04-03 to 2026-04-06"));
    assert!(
        chart
            .svg
            .contains("<g class=\"change unmeant\"><title>2026-04-04T00:55:00Z: changed, changed</title>")
    );
    // The last of four places of 221.5 units: its middle is at 66 + 3.5 * 221.5.
    assert!(
        chart.svg.contains(
            "<g class=\"block\"><title>2026-04-06T12:00:00Z: blocked</title><path class=\"fall\" d=\"M841.2 "
        ),
        "{}",
        chart.svg
    );
    assert!(!chart.svg.contains("alert"));
}

#[test]
fn an_event_stands_on_the_organisations_day() {
    let days = [day("2026-04-03", 10, 0, None), day("2026-04-04", 10, 0, None)];
    let events = [event("2026-04-03T22:30:00Z", "changed", None)];
    let connector = connector(&days, &events);
    let chart = draw(&connector, &Clock::new(Some("Europe/Berlin")), 400);
    assert!(chart.bars[0].marks.is_empty());
    assert_eq!(chart.bars[1].marks, ["changed"]);
}

#[test]
fn a_century_of_days_is_drawn_in_few_bars() {
    let from = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();
    let days: Vec<Value> = (0..40_000_u64)
        .map(|n| day(&(from + chrono::Days::new(n)).to_string(), 1, 0, Some(1.5)))
        .collect();
    let connector = connector(&days, &[]);
    let chart = drawn(&connector, 400);
    assert_eq!((chart.bars.len(), chart.width), (400, 100));
    let first = &chart.bars[0];
    assert_eq!(
        (first.days(), first.messages),
        ("1990-01-01 to 1990-04-10".to_owned(), 100)
    );
    assert_eq!(first.expected, Some(150.0));
}

#[test]
fn what_is_expected_of_some_days_is_not_expected_of_all() {
    let days = [
        day("2026-04-01", 1, 0, Some(1.0)),
        day("2026-04-02", 1, 0, None),
        day("2026-04-03", 1, 0, Some(1.0)),
        day("2026-04-04", 1, 0, Some(2.0)),
        day("2026-04-05", 1, 0, Some(1.0)),
    ];
    let connector = connector(&days, &[]);
    let expected: Vec<_> = drawn(&connector, 3).bars.iter().map(|b| b.expected).collect();
    // Two days a bar: of the first one is unknown, of the last there is but one.
    assert_eq!(expected, [None, Some(3.0), None]);
}

#[test]
fn nothing_to_draw_draws_nothing() {
    assert_eq!(drawn(&connector(&[], &[]), 400).svg, "");
    assert_eq!(
        drawn(&connector(&[day("2026-04-03", 0, 0, Some(0.0))], &[]), 400).svg,
        ""
    );
}

#[test]
fn what_is_no_day_or_no_number_cannot_bring_markup() {
    let days = [day("<script>ab", 5, 0, None), day("2026-04-04", 5, 0, Some(-1e300))];
    let events = [
        event("<b>", "changed", None),
        event("2026-04-04T00:00:00Z", "<i>", None),
    ];
    let connector = connector(&days, &events);
    let svg = drawn(&connector, 400).svg;
    assert!(
        !svg.contains("<script") && !svg.contains("<b>") && !svg.contains("<i>"),
        "{svg}"
    );
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}
