//! Tables of advanced hunting as the interface answers and as the streaming interface writes them: EmailEvents and
//! EmailPostDeliveryEvents.

use serde_json::{Map, Value, json};

use super::super::message::{Message, Outcome};
use super::super::time;
use super::email_events;
use super::text::{Quotes, Table, json_seven};

/// The columns of EmailPostDeliveryEvents in their documented order.
pub const POST_DELIVERY: [&str; 12] = [
    "Timestamp",
    "NetworkMessageId",
    "InternetMessageId",
    "Action",
    "ActionType",
    "ActionTrigger",
    "ActionResult",
    "RecipientEmailAddress",
    "DeliveryLocation",
    "ThreatTypes",
    "DetectionMethods",
    "ReportId",
];

/// How a message lay before the purge found it.
fn before_purge(message: &Message) -> Message {
    Message {
        outcome: match message.outcome {
            Outcome::Quarantined => Outcome::Delivered,
            other => other,
        },
        threat: None,
        scl: 1,
        ..message.clone()
    }
}

fn object(header: &[&str], cells: &[String]) -> Value {
    let value = |cell: &String| {
        if cell.is_empty() { Value::Null } else { json!(cell) }
    };
    let pairs = header
        .iter()
        .zip(cells)
        .map(|(name, cell)| ((*name).to_owned(), value(cell)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// EmailEvents as an array of objects, nothing written for nothing.
pub fn email_events_json(messages: &[&Message]) -> String {
    let rows = messages
        .iter()
        .map(|m| object(&email_events::HEADER, &email_events::cells(m)));
    json_seven(&Value::Array(rows.collect()))
}

/// What the zero-hour purge did with the messages that ended in quarantine, two hours after they came.
fn purges(messages: &[&Message]) -> Vec<[String; 12]> {
    let purged = messages.iter().filter(|m| m.outcome == Outcome::Quarantined);
    purged
        .map(|m| {
            [
                &time::iso_ticks(m.time + 2 * time::HOUR),
                &m.network_id.to_string(),
                &m.internet_id,
                "Moved to quarantine",
                "Spam ZAP",
                "SpecialAction",
                "Success",
                &m.recipient,
                "Quarantine",
                "Spam",
                "{\"Spam\":[\"Fingerprint matching\"]}",
                &format!("{}-{}-2", m.network_id, m.size),
            ]
            .map(str::to_owned)
        })
        .collect()
}

/// EmailPostDeliveryEvents as the portal exports it.
pub fn post_delivery(messages: &[&Message]) -> String {
    let mut table = Table::new(&POST_DELIVERY, Quotes::Needed);
    for row in purges(messages) {
        table.row(&row);
    }
    table.finish()
}

/// Both tables as the streaming interface writes them, one object a line: what ended in quarantine had been delivered, and
/// the purge took it out.
pub fn streamed(messages: &[&Message]) -> String {
    let envelope = |category: &str, properties: Value, at: String| {
        json!({
            "time": at, "tenantId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "operationName": "Publish",
            "category": format!("AdvancedHunting-{category}"), "_TimeReceivedBySvc": at, "properties": properties,
            "Tenant": "DefaultTenant",
        })
    };
    let mut lines: Vec<Value> = messages
        .iter()
        .map(|m| {
            let properties = object(&email_events::HEADER[..36], &email_events::cells(&before_purge(m)));
            envelope("EmailEvents", properties, time::iso_ticks(m.time + 90_000))
        })
        .collect();
    lines.extend(purges(messages).iter().map(|row| {
        let at = row[0].clone();
        envelope("EmailPostDeliveryEvents", object(&POST_DELIVERY, row), at)
    }));
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}
