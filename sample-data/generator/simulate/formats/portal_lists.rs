//! What portals export of a list on their screen: Threat Explorer, and the message trace of the admin centre.

use super::super::message::{Direction, Message, Outcome};
use super::super::time::{self, Millis};
use super::text::{Quotes, Table};

/// The columns of Threat Explorer that this analyst chose.
pub const EXPLORER: [&str; 16] = [
    "Email date (UTC)",
    "Recipients",
    "Subject",
    "Sender address",
    "Sender display name",
    "Sender domain",
    "Sender IP",
    "Sender mail from address",
    "Delivery action",
    "Latest delivery location",
    "Original delivery location",
    "Threats",
    "Directionality",
    "Internet message ID",
    "Network message ID",
    "Connector",
];

/// The text of Threat Explorer's export.
pub fn explorer(messages: &[&Message]) -> String {
    let mut table = Table::new(&EXPLORER, Quotes::Needed);
    for message in messages {
        let (action, location) = match (message.outcome, message.direction) {
            (Outcome::Delivered, Direction::Outbound) => ("Delivered", "On-prem/external"),
            (Outcome::Delivered, _) => ("Delivered", "Inbox/folder"),
            (Outcome::Junked, _) => ("Delivered to junk", "Junk folder"),
            (Outcome::Quarantined, _) => ("Blocked", "Quarantine"),
            (Outcome::Failed(_), _) => ("Blocked", "Failed"),
        };
        let time = time::iso_bare(message.time).replace('T', " ");
        let ip = if message.source_ip.is_empty() {
            "0.0.0.0"
        } else {
            &message.source_ip
        };
        table.row(&[
            time.as_str(),
            &message.recipient,
            &message.subject,
            &message.p2,
            "",
            super::super::message::domain_of(&message.p2),
            ip,
            &message.p1,
            action,
            location,
            location,
            message.threat.unwrap_or_default(),
            message.direction.name(),
            &message.internet_id,
            &message.network_id.to_string(),
            message.connector(),
        ]);
    }
    table.finish()
}

/// The text of the admin centre's list for an administrator whose clock is `east` of UTC, with the columns that the list
/// has by itself and the Message-ID. Without `zone` the header does not say which clock it is.
pub fn admin_center(messages: &[&Message], east: Millis, zone: Option<&str>) -> String {
    let date = zone.map_or("Date".to_owned(), |zone| format!("Date ({zone})"));
    let mut table = Table::new(
        &[&date, "Sender", "Recipient", "Subject", "Status", "Message ID"],
        Quotes::Always,
    );
    for message in messages {
        let status = match message.outcome {
            Outcome::Junked => "Filtered as spam",
            other => other.status(),
        };
        table.row(&[
            &time::en_us(message.time + east),
            &message.p1,
            &message.recipient,
            &message.subject,
            status,
            &message.internet_id,
        ]);
    }
    table.finish()
}
