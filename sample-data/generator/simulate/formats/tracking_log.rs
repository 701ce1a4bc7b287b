//! The message tracking log of an Exchange server: the events of the Extended report behind five lines about the log.

use super::super::message::Message;
use super::super::random::{Guid, Random};
use super::super::time;
use super::extended;
use super::text::{Quotes, Table};

/// Columns that Exchange 2016 appends to those of the Extended report.
const APPENDED: [&str; 3] = ["transport-traffic-type", "log-id", "schema-version"];

/// The text of one log file.
pub fn write(messages: &[&Message], tenant: Guid, r: &mut Random) -> String {
    let names: Vec<String> = extended::HEADER
        .iter()
        .map(|name| name.replace("date_time_utc", "date-time").replace('_', "-"))
        .chain(APPENDED.map(str::to_owned))
        .collect();
    let begun = messages.first().map_or(0, |m| m.time);
    let about = format!(
        "#Software: Microsoft Exchange Server\r\n#Version: 15.01.2507.027\r\n#Log-type: Message Tracking Log\r\n#Date: {}\r\n#Fields: {}\r\n",
        time::iso_millis(begun),
        names.join(",")
    );
    let mut table = Table::rows(Quotes::Needed);
    for copies in messages.chunk_by(|a, b| a.network_id == b.network_id) {
        for mut row in extended::rows(copies, tenant, r) {
            // Three digits of a second instead of seven, and connectors of the server.
            row[0] = row[0].replace("0000Z", "Z");
            if !row[6].is_empty() {
                row[6] = "EX01\\Default EX01".to_owned();
            }
            let more = ["Email".to_owned(), r.guid().to_string(), "15.01.2507.027".to_owned()];
            table.row(&[&row[..], &more[..]].concat());
        }
    }
    about + &table.finish()
}
