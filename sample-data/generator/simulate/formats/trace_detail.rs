//! Get-MessageTraceDetail for every recipient of every message, in a session in German.

use super::super::message::{Direction, Message, Outcome};
use super::super::time;
use super::text::{Quotes, Table};

/// The columns that scripts keep.
pub const HEADER: [&str; 7] = [
    "Date",
    "MessageId",
    "MessageTraceId",
    "Event",
    "Action",
    "Detail",
    "Data",
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The data of the event at which a message came in.
fn received(message: &Message) -> String {
    let custom = message.via.as_ref().map_or(String::new(), |via| {
        format!(
            "S:ProxyHop1=AM0PR04MB1.eurprd04.prod.outlook.com;S:InboundConnectorData=Name={};ConnectorType={};S:tlsversion=TLS1_2",
            via.name,
            via.kind.name()
        )
    });
    format!(
        "<root><MEP Name=\"ServerHostName\" String=\"AM0PR04MB1\"/><MEP Name=\"ClientIP\" String=\"{}\"/><MEP Name=\"ReturnPath\" String=\"{}\"/><MEP Name=\"RcptCount\" Integer=\"1\"/><MEP Name=\"CustomData\" Blob=\"{}\"/></root>",
        message.source_ip,
        escaped(&message.p1),
        escaped(&custom)
    )
}

/// The text of the export, dates as a German host prints them.
pub fn write(messages: &[&Message]) -> String {
    let mut table = Table::new(&HEADER, Quotes::Always);
    for message in messages {
        let date = |ms| {
            let at = time::civil(message.time + ms);
            format!(
                "{:02}.{:02}.{} {:02}:{:02}:{:02}",
                at.day, at.month, at.year, at.hour, at.minute, at.second
            )
        };
        let id = message.network_id.to_string();
        let mut event = |ms, name: &str, detail: &str, data: &str| {
            table.row(&[&date(ms), &message.internet_id, &id, name, "", detail, data]);
        };
        let came_in = if message.source_ip.is_empty() {
            "Übermitteln"
        } else {
            "Empfangen"
        };
        event(0, came_in, "Nachricht empfangen von: AM0PR04MB1", &received(message));
        match (message.outcome, message.direction) {
            (Outcome::Failed(status), _) => {
                event(
                    2000,
                    "Fail",
                    &format!("Reason: [{{LED={status}}};{{MSG=}};{{FQDN=}};{{IP=}};{{LRT=}}]"),
                    "",
                );
            }
            (Outcome::Delivered, Direction::Outbound) => {
                event(2000, "Extern senden", "Nachricht an Server gesendet", "")
            }
            (Outcome::Delivered, _) => event(2000, "Zustellen", "Die Nachricht wurde zugestellt.", ""),
            (Outcome::Junked, _) => {
                event(
                    1000,
                    "Spam",
                    "",
                    "<root><MEP Name=\"SCL\" Integer=\"6\"/><MEP Name=\"DI\" String=\"SJ\"/></root>",
                );
            }
            (Outcome::Quarantined, _) => {
                event(
                    1000,
                    "Spam",
                    "",
                    "<root><MEP Name=\"SCL\" Integer=\"9\"/><MEP Name=\"DI\" String=\"SQ\"/></root>",
                );
            }
        }
    }
    table.finish()
}
