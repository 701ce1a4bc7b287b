//! What a reader wants first: the worst connector, since when, what is missing, and the words for it.

use std::collections::BTreeSet;

use super::model::{Connector, Coverage, CoverageState, Event, Indicator, Report, State, Verdict};

/// The verdict in words that stand at the start of a sentence.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::LikelyCompromised => "Likely compromised",
        Verdict::Suspicious => "Suspicious",
        Verdict::NotAssessable => "Not assessable",
        Verdict::NoIndication => "No indication of compromise",
    }
}

/// The state of an indicator in words.
pub fn state(state: State) -> &'static str {
    match state {
        State::Supported => "supported",
        State::Contradicted => "contradicted",
        State::NotAssessable => "not assessable",
    }
}

/// How much of a family of evidence there is, in a word.
pub fn coverage(state: CoverageState) -> &'static str {
    match state {
        CoverageState::Complete => "complete",
        CoverageState::Partial => "partial",
        CoverageState::Missing => "missing",
    }
}

/// An identifier such as `audit_log` as words.
pub fn words(id: &str) -> String {
    id.replace('_', " ")
}

/// A time as people read it: `2026-03-02 07:00:00 UTC`. What is no such time is given back as it is.
pub fn time(time: &str) -> String {
    match time.strip_suffix('Z').and_then(|t| t.split_once('T')) {
        Some((day, clock)) => format!("{day} {clock} UTC"),
        None => time.to_string(),
    }
}

/// The connectors from worst to best: by verdict, then by score, then as the report has them.
pub fn ranked(report: &Report) -> Vec<&Connector> {
    let mut connectors: Vec<_> = report.connectors.iter().collect();
    connectors.sort_by(|a, b| (a.verdict.cmp(&b.verdict)).then_with(|| b.score.total_cmp(&a.score)));
    connectors
}

/// The earliest sign against a connector, as the verdict found it.
#[derive(Debug, Clone, Copy)]
pub enum Since<'a> {
    Event(&'a Event),
    /// The start of the indicator's window.
    Indicator(&'a str, &'a Indicator),
}

/// What the report names as the earliest sign against a connector.
pub fn since(connector: &Connector) -> Option<Since<'_>> {
    let since = connector.since.as_ref()?;
    let event = since.event.and_then(|index| connector.timeline.get(index));
    let named = |i: &&Indicator| since.indicator.as_deref() == Some(i.id.as_str());
    let indicator = || connector.indicators.iter().find(named);
    event
        .map(Since::Event)
        .or_else(|| indicator().map(|i| Since::Indicator(&since.time, i)))
}

/// An actor with kind and address: `it.admin@fabrikam.com (user) from 91.219.236.10`.
pub fn actor(event: &Event) -> String {
    actor_as(event.actor.as_deref().unwrap_or("an unnamed actor"), event)
}

/// The same with another text in place of the actor's name.
pub fn actor_as(name: &str, event: &Event) -> String {
    let kind = match event.actor_kind.as_str() {
        "unknown" => String::new(),
        kind => format!(" ({kind})"),
    };
    match (&event.client_ip, &event.client_place) {
        (Some(address), Some(place)) => format!("{name}{kind} from {address} ({place})"),
        (Some(address), None) => format!("{name}{kind} from {address}"),
        (None, _) => format!("{name}{kind}"),
    }
}

/// The messages to purge as people count them: `420 messages to 617 recipients`. A recipient is one message and
/// one recipient of it, as everywhere in a report. `None` where there are none.
pub fn suspects(report: &Report) -> Option<String> {
    let mut messages: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut recipients = BTreeSet::new();
    for (row, suspect) in report.suspect_messages.iter().enumerate() {
        let network = suspect.network_message_id.as_deref().unwrap_or_default();
        let id = suspect.message_id.as_deref().unwrap_or_default();
        // The network id is Microsoft's; the other one is the sender's, who may give many messages the same.
        let message = if network.is_empty() { ("", id) } else { (network, "") };
        // A row without either cannot be told to be another's message.
        let unknown = (message == ("", "")).then_some(row);
        messages.insert(message);
        recipients.insert((message, unknown, suspect.recipient.as_deref()));
    }
    let unknown = recipients.iter().filter(|(_, unknown, _)| unknown.is_some()).count();
    let messages = messages.iter().filter(|m| **m != ("", "")).count() + unknown;
    let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    (messages > 0).then(|| {
        format!(
            "{} to {}",
            plural(messages, "message"),
            plural(recipients.len(), "recipient")
        )
    })
}

/// What org.toml put in the place of the program's own weights and thresholds, in one line; `None` where nothing.
pub fn overrides(report: &Report) -> Option<String> {
    let all: Vec<String> = report
        .overrides
        .iter()
        .map(|o| format!("{}.{} is {} instead of {}", o.table, o.name, o.value, o.default))
        .collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// The families of evidence that are not complete.
pub fn missing(report: &Report) -> impl Iterator<Item = &Coverage> {
    report.coverage.iter().filter(|c| c.state != CoverageState::Complete)
}

/// Points with one decimal and a sign where they count for the connector; never `-0.0`.
pub fn points(points: f64) -> String {
    let shown = format!("{points:.1}");
    if shown == "-0.0" { "0.0".into() } else { shown }
}

/// The score with its range, or alone where missing evidence could not move it.
pub fn score(connector: &Connector) -> String {
    let (low, high) = (points(connector.score_low), points(connector.score_high));
    let score = points(connector.score);
    if low == high {
        format!("{score} points")
    } else {
        format!("{score} points, {low} to {high} with the missing evidence")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;
    use crate::report::model::SuspectMessage;

    /// What is said of rows of network message id, message id and recipient.
    fn said_of(rows: &[(Option<&str>, Option<&str>, &str)]) -> Option<String> {
        let citation = json!({"path": "a.csv", "record": 1, "byte_offset": 0, "id": null});
        let messages: Vec<SuspectMessage> = rows
            .iter()
            .map(|(network, id, recipient)| {
                let row = json!({
                    "time": "2026-04-04T01:00:00Z", "network_message_id": network, "message_id": id,
                    "recipient": recipient, "p1": null, "p2": null, "source": null, "connector": "A", "why": "spam",
                    "citation": citation,
                });
                serde_json::from_value(row).expect("a suspect message")
            })
            .collect();
        let report = json!({
            "schema_version": "1", "tool": {"name": "relaytrail", "version": "0"},
            "summary": {"verdict": "suspicious", "headline": "", "connectors": 0, "audit_records": 0,
                "audit_duplicates": 0, "trace_records": 0, "trace_duplicates": 0, "rejected": 0},
            "evidence": [], "coverage": [], "connectors": [], "accounts": [], "tenant": {"indicators": []},
            "response": [], "suspect_messages": messages,
        });
        suspects(&serde_json::from_value(report).expect("a report"))
    }

    #[test_case(&[], None; "nothing")]
    #[test_case(&[(Some("n1"), Some("m"), "a@x")], Some("1 message to 1 recipient"))]
    #[test_case(&[(Some("n1"), Some("m"), "a@x"), (Some("n1"), Some("m"), "b@x"), (Some("n2"), Some("m"), "a@x")],
        Some("2 messages to 3 recipients"); "the network id tells messages apart")]
    #[test_case(&[(Some("n1"), None, "a@x"), (Some("n1"), None, "a@x")], Some("1 message to 1 recipient"); "over two connectors")]
    #[test_case(&[(None, Some("m1"), "a@x"), (None, Some("m1"), "b@x")], Some("1 message to 2 recipients"))]
    #[test_case(&[(None, None, "a@x"), (None, None, "a@x")], Some("2 messages to 2 recipients"); "without an id")]
    fn messages_are_counted_once_and_their_recipients_each(
        rows: &[(Option<&str>, Option<&str>, &str)],
        expected: Option<&str>,
    ) {
        assert_eq!(said_of(rows).as_deref(), expected);
    }
}
