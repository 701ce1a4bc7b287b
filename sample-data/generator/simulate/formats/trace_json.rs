//! Message traces as JSON: Get-MessageTrace of both PowerShells, the service's own answer to the newer cmdlet, Graph.

use serde_json::{Value, json};

use super::super::message::Message;
use super::super::time;
use super::text::{json_seven, json_windows};

fn from_ip(message: &Message) -> Value {
    match message.source_ip.as_str() {
        "" => Value::Null,
        ip => json!(ip),
    }
}

/// Get-MessageTrace through ConvertTo-Json: ISO 8601 without a zone (PowerShell 7) or `/Date(ms)/` (Windows PowerShell).
pub fn get_message_trace(messages: &[&Message], windows: bool) -> String {
    let rows = messages.iter().enumerate().map(|(index, m)| {
        let received = if windows {
            format!("/Date({})/", m.time)
        } else {
            time::iso_ticks(m.time).trim_end_matches('Z').to_owned()
        };
        json!({
            "Organization": "fabrikam.onmicrosoft.com", "MessageId": m.internet_id, "Received": received, "SenderAddress": m.p1,
            "RecipientAddress": m.recipient, "Subject": m.subject, "Status": m.outcome.status(), "ToIP": Value::Null,
            "FromIP": from_ip(m), "Size": m.size, "MessageTraceId": m.network_id.to_string(),
            "StartDate": time::iso_ticks(m.time - time::DAY), "EndDate": time::iso_ticks(m.time + time::DAY), "Index": index,
        })
    });
    let all = Value::Array(rows.collect());
    if windows { json_windows(&all) } else { json_seven(&all) }
}

/// What the service answers to Get-MessageTraceV2, its type notes beside the values.
pub fn get_message_trace_v2(messages: &[&Message]) -> String {
    let rows = messages.iter().map(|m| {
        json!({
            "MessageTraceId": m.network_id.to_string(), "MessageId": m.internet_id, "Received@data.type": "System.DateTime",
            "Received": time::iso_ticks(m.time), "SenderAddress": m.p1, "RecipientAddress": m.recipient, "FromIP": from_ip(m),
            "ToIP": "", "Subject": m.subject, "Status": m.outcome.status(), "Size@data.type": "System.Int32", "Size": m.size,
        })
    });
    json!({"@odata.context": "https://outlook.office365.com/", "value": rows.collect::<Vec<_>>()}).to_string()
}

/// A page of exchangeMessageTrace.
pub fn graph(messages: &[&Message]) -> String {
    let rows = messages.iter().map(|m| {
        let status = m.outcome.status();
        let (first, rest) = status.split_at(1);
        json!({
            "id": m.network_id.to_string(), "senderAddress": m.p1, "recipientAddress": m.recipient, "messageId": m.internet_id,
            "receivedDateTime": time::iso_millis(m.time), "subject": m.subject, "size": m.size,
            "status": format!("{}{rest}", first.to_lowercase()), "fromIP": from_ip(m), "toIP": Value::Null,
        })
    });
    let context = "https://graph.microsoft.com/v1.0/$metadata#admin/exchange/tracing/messageTraces";
    json_seven(&json!({"@odata.context": context, "value": rows.collect::<Vec<_>>()}))
}
