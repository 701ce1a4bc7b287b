//! Get-MessageTrace (seventeen columns) and Get-MessageTraceV2 (ten): a row a recipient, no header sender, no
//! connector.

use super::super::message::Message;
use super::super::random::Random;
use super::super::time::{self, Millis};
use super::text::{Quotes, Table};

/// The columns of the older cmdlet over remote PowerShell.
pub const HEADER_V1: [&str; 17] = [
    "PSComputerName",
    "RunspaceId",
    "PSShowComputerName",
    "Organization",
    "MessageId",
    "Received",
    "SenderAddress",
    "RecipientAddress",
    "Subject",
    "Status",
    "ToIP",
    "FromIP",
    "Size",
    "MessageTraceId",
    "StartDate",
    "EndDate",
    "Index",
];

/// The columns of the newer cmdlet.
pub const HEADER_V2: [&str; 10] = [
    "MessageTraceId",
    "MessageId",
    "Received",
    "SenderAddress",
    "RecipientAddress",
    "FromIP",
    "ToIP",
    "Subject",
    "Status",
    "Size",
];

/// Rows that one query of Get-MessageTraceV2 returns at most unless told otherwise.
const PAGE: usize = 1000;

/// The host that the service saw: its own for mail that a cloud mailbox sent.
fn from_ip(message: &Message) -> &str {
    if message.source_ip.is_empty() {
        "2603:10b6:208:3f::17"
    } else {
        &message.source_ip
    }
}

fn sender(message: &Message) -> &str {
    if message.p1.is_empty() { "<>" } else { &message.p1 }
}

/// Newest first, then by recipient: the order of the cmdlets.
fn newest_first<'a>(messages: &[&'a Message]) -> Vec<&'a Message> {
    let mut rows = messages.to_vec();
    rows.sort_by(|a, b| (b.time, &a.recipient).cmp(&(a.time, &b.recipient)));
    rows
}

/// The cells of one row of the newer cmdlet, dates as an en-US host prints them.
pub fn cells_v2(message: &Message) -> [String; 10] {
    [
        message.network_id.to_string(),
        message.internet_id.clone(),
        time::en_us(message.time),
        sender(message).to_owned(),
        message.recipient.clone(),
        from_ip(message).to_owned(),
        message.outbound_ip.clone(),
        message.subject.clone(),
        message.outcome.status().to_owned(),
        message.size.to_string(),
    ]
}

/// The text of Get-MessageTraceV2 through Export-Csv. The last row of a page begins the next one again, and some
/// messages were also caught while they were still on their way.
pub fn write_v2(messages: &[&Message]) -> String {
    let mut table = Table::new(&HEADER_V2, Quotes::Always);
    for (at, message) in newest_first(messages).into_iter().enumerate() {
        let row = cells_v2(message);
        if at % 97 == 40 {
            let mut early = row.clone();
            early[8] = "Pending".to_owned();
            table.row(&early);
        }
        table.row(&row);
        if at % PAGE == PAGE - 1 {
            table.row(&row);
        }
    }
    table.finish()
}

/// The text of Get-MessageTrace through Export-Csv of a day-first host.
pub fn write_v1(messages: &[&Message], organization: &str, from: Millis, to: Millis, r: &mut Random) -> String {
    let runspace = r.guid().to_string();
    let mut table = Table::new(&HEADER_V1, Quotes::Always);
    for (at, message) in newest_first(messages).into_iter().enumerate() {
        table.row(&[
            "outlook.office365.com",
            &runspace,
            "False",
            organization,
            &message.internet_id,
            &time::en_gb(message.time),
            sender(message),
            &message.recipient,
            &message.subject,
            message.outcome.status(),
            &message.outbound_ip,
            from_ip(message),
            &message.size.to_string(),
            &message.network_id.to_string(),
            &time::en_gb(from),
            &time::en_gb(to),
            &at.to_string(),
        ]);
    }
    table.finish()
}
