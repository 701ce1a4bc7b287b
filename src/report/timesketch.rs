//! `timesketch.jsonl`: the rows of the timeline as Timesketch and Plaso import them.

use std::io::Write;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::error::ReportError;
use super::json;
use super::model::Report;
use super::rows::{self, Row};

#[derive(Serialize)]
struct Line<'a> {
    message: String,
    /// ISO 8601 with an offset: the importer refuses `Z`.
    datetime: String,
    timestamp_desc: String,
    /// Microseconds since 1970.
    timestamp: i64,
    connector: Option<&'a str>,
    action: &'a str,
    operation: Option<&'a str>,
    actor: Option<&'a str>,
    actor_kind: &'a str,
    client_ip: Option<&'a str>,
    intended: Option<bool>,
    succeeded: bool,
    parameter: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    citation: String,
}

/// Writes one JSON object a line for each change or event, in order of time.
///
/// # Errors
/// Where an event's time is none, which only a report.json edited by hand can hold.
pub fn write(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    for row in rows::timeline(report) {
        writeln!(out, "{}", json::one_line(&line(&row)?)?)?;
    }
    Ok(())
}

fn line<'a>(row: &Row<'a>) -> Result<Line<'a>, ReportError> {
    let event = row.event;
    let time: DateTime<Utc> = event.time.parse().map_err(|_| ReportError::Time(event.time.clone()))?;
    let citations: Vec<String> = event.citations.iter().map(rows::cite).collect();
    let subject = if row.connector.is_some() { "Connector" } else { "Tenant" };
    Ok(Line {
        message: message(row),
        datetime: time.to_rfc3339(),
        timestamp_desc: format!("{subject} {}", event.deed()),
        timestamp: time.timestamp_micros(),
        connector: row.connector,
        action: &event.action,
        operation: event.operation.as_deref(),
        actor: event.actor.as_deref(),
        actor_kind: &event.actor_kind,
        client_ip: event.client_ip.as_deref(),
        intended: event.intended,
        succeeded: event.succeeded,
        parameter: row.change.map(|c| c.parameter.as_str()),
        before: row.change.and_then(|c| c.before.as_deref()),
        after: row.change.and_then(|c| c.after.as_deref()),
        citation: citations.join("; "),
    })
}

fn message(row: &Row) -> String {
    let mut message = String::new();
    if let Some(connector) = row.connector {
        message.push_str(connector);
        message.push_str(": ");
    }
    message.push_str(&row.event.summary);
    if let Some(change) = row.change {
        message.push_str(&format!(
            " [{}: {} -> {}]",
            change.parameter,
            rows::before(change),
            rows::after(change)
        ));
    }
    message
}
