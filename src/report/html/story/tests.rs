use serde_json::{Value, json};

use super::*;

fn event(time: &str, action: &str, operation: &str, intended: Option<bool>, because: &str) -> Value {
    json!({"time": time, "action": action, "operation": operation, "actor": "a@b", "actor_kind": "user",
        "client_ip": null, "intended": intended, "intended_because": because, "changes": [],
        "summary": format!("{operation} at {time}"),
        "citations": [{"path": "a.csv", "record": 1, "byte_offset": 0, "id": null}]})
}

fn indicator(id: &str, summary: &str, from: &str) -> Value {
    json!({"id": id, "state": "supported", "points": 1.0, "summary": summary, "facts": {}, "needs": [],
        "window": {"from": from, "to": from}, "techniques": [], "citation_count": 0, "citations": []})
}

fn connector(events: &[Value], indicators: &[Value], reasons: &[&str]) -> Connector {
    let connector = json!({
        "name": "HQ", "names": ["HQ"], "id": null, "type": null, "present_in_snapshot": true,
        "verdict": "suspicious", "score": 0.0, "score_low": 0.0, "score_high": 0.0, "reasons": reasons,
        "indicators": indicators, "timeline": events,
        "traffic": {"messages": 0, "recipients": 0, "by_day": [], "top_sources": [], "top_senders": [],
            "top_recipient_domains": []},
    });
    serde_json::from_value(connector).expect("a connector")
}

fn told(connector: &Connector) -> Vec<(&str, usize, Option<&str>)> {
    let story = tell(connector, 0).sentences;
    story.into_iter().map(|s| (s.text, s.more, s.because)).collect()
}

#[test]
fn what_was_meant_is_not_told_and_the_same_again_is_told_once() {
    let connector = connector(
        &[
            event(
                "2026-04-01T00:00:00Z",
                "created",
                "New-InboundConnector",
                Some(true),
                "a ticket",
            ),
            event(
                "2026-04-02T00:00:00Z",
                "changed",
                "Set-InboundConnector",
                Some(false),
                "a stranger",
            ),
            event(
                "2026-04-02T00:01:00Z",
                "related",
                "New-TransportRule",
                Some(false),
                "a stranger",
            ),
            event(
                "2026-04-02T00:02:00Z",
                "related",
                "New-TransportRule",
                Some(false),
                "a stranger",
            ),
            event("2026-04-02T00:03:00Z", "blocked", "", Some(true), "Microsoft"),
            event("2026-04-02T00:04:00Z", "seen_in_snapshot", "", None, ""),
        ],
        &[],
        &[],
    );
    assert_eq!(
        told(&connector),
        [
            ("Set-InboundConnector at 2026-04-02T00:00:00Z", 0, Some("a stranger")),
            ("New-TransportRule at 2026-04-02T00:01:00Z", 1, None),
            (" at 2026-04-02T00:03:00Z", 0, Some("Microsoft")),
        ]
    );
    let story = tell(&connector, 0);
    assert_eq!(
        (story.sentences[1].until, story.sentences[1].count),
        ("2026-04-02T00:02:00Z", 2)
    );
}

#[test]
fn what_was_found_is_told_where_no_reason_says_it() {
    let connector = connector(
        &[event(
            "2026-04-02T00:00:00Z",
            "changed",
            "Set-InboundConnector",
            None,
            "",
        )],
        &[
            indicator("spam_delivery", "Much of it was spam.", "2026-04-02T00:00:00Z"),
            indicator("volume_spike", "Much of it.", "2026-04-01T00:00:00Z"),
        ],
        &["Seen: Much of it was spam."],
    );
    assert_eq!(told(&connector)[0].0, "Much of it.");
    assert_eq!(told(&connector).len(), 2);
    assert_eq!(
        behind(&connector, "Seen: Much of it was spam.").map(|(n, _)| n),
        Some(0)
    );
    assert_eq!(behind(&connector, "Nothing").map(|(n, _)| n), None);
}

#[test]
fn of_a_long_story_beginning_and_end_are_told() {
    let times: Vec<String> = (0..60).map(|n| format!("2026-04-02T00:{n:02}:00Z")).collect();
    let events: Vec<Value> = times
        .iter()
        .map(|t| event(t, "changed", "Set-InboundConnector", None, ""))
        .collect();
    let connector = connector(&events, &[], &[]);
    let story = tell(&connector, 0);
    assert_eq!((story.sentences.len(), story.left_out, story.before), (30, 30, 22));
    assert_eq!(story.sentences[21].time, "2026-04-02T00:21:00Z");
    assert_eq!(story.sentences[22].time, "2026-04-02T00:52:00Z");
}
