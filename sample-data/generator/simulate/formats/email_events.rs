//! The EmailEvents table of advanced hunting, exported as CSV: a row a recipient, both senders, the connector.

use super::super::message::{Direction, Message, Outcome, domain_of};
use super::super::time;
use super::text::{Quotes, Table};

/// The documented columns in their documented order.
pub const HEADER: [&str; 38] = [
    "Timestamp",
    "NetworkMessageId",
    "InternetMessageId",
    "SenderMailFromAddress",
    "SenderFromAddress",
    "SenderDisplayName",
    "SenderObjectId",
    "SenderMailFromDomain",
    "SenderFromDomain",
    "SenderIPv4",
    "SenderIPv6",
    "RecipientEmailAddress",
    "RecipientObjectId",
    "Subject",
    "EmailClusterId",
    "EmailDirection",
    "DeliveryAction",
    "DeliveryLocation",
    "ThreatTypes",
    "ThreatNames",
    "DetectionMethods",
    "ConfidenceLevel",
    "BulkComplaintLevel",
    "EmailAction",
    "EmailActionPolicy",
    "EmailActionPolicyGuid",
    "AuthenticationDetails",
    "AttachmentCount",
    "UrlCount",
    "EmailLanguage",
    "Connectors",
    "OrgLevelAction",
    "OrgLevelPolicy",
    "UserLevelAction",
    "UserLevelPolicy",
    "ReportId",
    "LatestDeliveryLocation",
    "LatestDeliveryAction",
];

/// The cells of one row.
pub fn cells(message: &Message) -> Vec<String> {
    let (action, location) = match (message.outcome, message.direction) {
        (Outcome::Delivered, Direction::Outbound) => ("Delivered", "On-premises/External"),
        (Outcome::Delivered, _) => ("Delivered", "Inbox/folder"),
        (Outcome::Junked, _) => ("Junked", "Junk folder"),
        (Outcome::Quarantined, _) => ("Blocked", "Quarantine"),
        (Outcome::Failed(_), _) => ("Blocked", "Failed"),
    };
    let threat = message.threat.unwrap_or_default();
    let detection = if threat.is_empty() {
        String::new()
    } else {
        format!("{{\"{threat}\":[\"Fingerprint matching\"]}}")
    };
    let confidence = if threat.is_empty() {
        String::new()
    } else {
        format!("{{\"{threat}\":\"{}\"}}", message.scl)
    };
    let ipv6 = message.source_ip.contains(':');
    let (v4, v6) = if ipv6 {
        ("", message.source_ip.as_str())
    } else {
        (message.source_ip.as_str(), "")
    };
    let aligned = message.p1.is_empty() || domain_of(&message.p1) == domain_of(&message.p2);
    let authentication = format!(
        "{{\"SPF\":\"pass\",\"DKIM\":\"{}\",\"DMARC\":\"{}\"}}",
        if aligned { "pass" } else { "none" },
        if aligned { "pass" } else { "fail" }
    );
    let name = message.p2.split('@').next().unwrap_or_default().replace('.', " ");
    [
        time::iso(message.time).as_str(),
        &message.network_id.to_string(),
        &message.internet_id,
        &message.p1,
        &message.p2,
        &name,
        &message.sender_object.map_or(String::new(), |id| id.to_string()),
        domain_of(&message.p1),
        domain_of(&message.p2),
        v4,
        v6,
        &message.recipient,
        "",
        &message.subject,
        &(message.network_id.0 as u32).to_string(),
        message.direction.name(),
        action,
        location,
        threat,
        "",
        &detection,
        &confidence,
        "",
        "",
        "",
        "",
        &authentication,
        "0",
        &message.scl.max(0).to_string(),
        "en",
        message.connector(),
        "",
        "",
        "",
        "",
        &format!("{}-{}-1", message.network_id, message.size),
        location,
        action,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The text of the export.
pub fn write(messages: &[&Message]) -> String {
    let mut table = Table::new(&HEADER, Quotes::Needed);
    for message in messages {
        table.row(&cells(message));
    }
    table.finish()
}
