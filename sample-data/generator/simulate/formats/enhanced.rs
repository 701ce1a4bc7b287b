//! A historical search without message events (Enhanced summary): a row a message, all recipients in one cell.

use super::super::message::{Direction, Message, Outcome};
use super::super::time;
use super::text::{Quotes, Table};

/// The columns in the order of the export.
pub const HEADER: [&str; 11] = [
    "origin_timestamp_utc",
    "sender_address",
    "recipient_status",
    "message_subject",
    "total_bytes",
    "message_id",
    "network_message_id",
    "original_client_ip",
    "directionality",
    "connector_id",
    "delivery_priority",
];

fn chain(message: &Message) -> &'static str {
    match (message.outcome, message.direction) {
        (Outcome::Delivered, Direction::Outbound) => "Receive, Send",
        (Outcome::Delivered, _) => "Receive, Deliver",
        (Outcome::Junked, _) => "Receive, Deliver, FilteredAsSpam",
        (Outcome::Quarantined, _) => "Receive, Deliver, Quarantined",
        (Outcome::Failed(_), _) => "Receive, Fail",
    }
}

/// The text of the export. Of mail that leaves, the connector is that which it left by.
pub fn write(messages: &[&Message]) -> String {
    let mut table = Table::new(&HEADER, Quotes::Needed);
    for copies in messages.chunk_by(|a, b| a.network_id == b.network_id) {
        let Some(message) = copies.first() else { continue };
        let recipients: Vec<String> = copies
            .iter()
            .map(|copy| format!("{}##{}", copy.recipient, chain(copy)))
            .collect();
        let inbound = message.direction == Direction::Inbound;
        table.row(&[
            time::iso_ticks(message.time).as_str(),
            &message.p1,
            &recipients.join(";"),
            &message.subject,
            &message.size.to_string(),
            &message.internet_id,
            &message.network_id.to_string(),
            &message.source_ip,
            if inbound { "Incoming" } else { "Originating" },
            if inbound {
                message.connector()
            } else {
                "To_DefaultOpportunisticTLS"
            },
            "Normal",
        ]);
    }
    table.finish()
}
