//! Threat Explorer, "All email", exported: a row a message and recipient with P1, P2 and where it lies now, under the labels
//! of the columns that the analyst chose.

use super::date_order::Zone;
use super::recognise::{Format, Seen};
use super::trace_email_events::{fared, threat};
use super::trace_fields::{Layout, Part, Trace, Values};
use super::trace_screen::dated_column;
use super::{FilterVerdict, Reader, TraceRow, address};
use crate::evidence::Fate;

pub(super) const FORMAT: Format = Format {
    name: "threat_explorer",
    marks: &[
        "Email date (UTC)",
        "Sender address",
        "Recipients",
        "Delivery action",
        "Latest delivery location",
        "Sender mail from address",
    ],
    recognise,
};

/// What EmailEvents says, and some of it only as the portal sums it up.
const RANK: u8 = 4;

const DATES: [&str; 4] = ["Email date", "Date", "Date received", "Timestamp"];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    seen.rows()?;
    let recipient = Part::of(seen, &["Recipients", "Recipient", "Recipient address"]);
    let placed = seen.has_any(&[
        "Delivery action",
        "Latest delivery location",
        "Original delivery location",
    ]);
    let known = placed
        && seen.has_any(&["Sender address", "Sender mail from address"])
        && seen.has_any(&["Recipients", "Recipient", "Recipient address"]);
    let (column, zone) = dated_column(seen, &DATES).filter(|_| known)?;
    let header = seen.names().get(column)?;
    let subject = Part::of(seen, &["Subject"]);
    let layout = Explorer {
        network_message_id: Part::of(seen, &["Network message ID", "NetworkMessageId"]),
        message_id: Part::of(seen, &["Internet message ID", "InternetMessageId"]),
        p1: Part::of(seen, &["Sender mail from address"]),
        p2: Part::of(seen, &["Sender address"]),
        ip: Part::of(seen, &["Sender IP"]),
        recipient,
        subject,
        action: Part::of(seen, &["Delivery action"]),
        location: Part::of(seen, &["Original delivery location"]),
        latest_location: Part::of(seen, &["Latest delivery location"]),
        threats: Part::of(seen, &["Threats", "Threat type", "Threat types"]),
        connector: Part::of(seen, &["Connector", "Connectors"]),
    };
    let dates = seen.settle(&[header.as_str()], zone.unwrap_or(Zone::Unsaid));
    Some(Box::new(Trace::new(seen, Part::at(column), subject, dates, layout)))
}

struct Explorer {
    network_message_id: Part,
    message_id: Part,
    p1: Part,
    p2: Part,
    ip: Part,
    recipient: Part,
    subject: Part,
    action: Part,
    location: Part,
    latest_location: Part,
    threats: Part,
    connector: Part,
}

impl Layout for Explorer {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn read(&self, values: &Values<'_, '_>, hand_on: impl FnOnce(TraceRow<'_>) -> Fate) -> Fate {
        let address = |part| values.filled(part).map(address::bare_cow);
        let recipients = values.value(self.recipient);
        // The filter looked and found none, if the column is there.
        let silent = if values.trusts(self.threats) {
            FilterVerdict::Clean
        } else {
            FilterVerdict::None
        };
        let (original, latest) = (values.value(self.location), values.value(self.latest_location));
        hand_on(TraceRow {
            network_message_id: values.value(self.network_message_id),
            message_id: values.value(self.message_id),
            recipients: address::list(&recipients).map(Into::into).collect(),
            p1: address(self.p1),
            p2: address(self.p2),
            source: address::ip(&values.value(self.ip)),
            connector: values.filled(self.connector),
            status: fared([original, latest], [values.value(self.action), "".into()]),
            verdict: threat(&values.value(self.threats)).unwrap_or(silent),
            subject: values.text(self.subject),
            event: values.value(self.action),
            rank: RANK,
            ..TraceRow::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use crate::evidence::Fate;
    use crate::records::testing::{csv_reader, read_csv, traces};
    use crate::records::{FilterVerdict, Kind, Status, TraceRow};

    const HEADER: &str = "Email date (UTC),Recipients,Subject,Sender address,Sender display name,Sender IP,Sender mail from address,Delivery action,Latest delivery location,Original delivery location,Threats,Directionality,Internet message ID,Network message ID,Connector";

    fn one(ip: &str, action: &str, latest: &str, original: &str, threats: &str) -> TraceRow<'static> {
        let cells = [
            "2026-05-01 09:00:00",
            "bob@contoso.com",
            "You have won",
            "prize@brand.example",
            "Prize",
            ip,
            "news@fabrikam.com",
            action,
            latest,
            original,
            threats,
            "Outbound",
            "<a@fabrikam.com>",
            "81945af2-cab7-45ad-ba23-08d8ede2715d",
            "Relai SMTP interne",
        ];
        let read = read_csv(&*csv_reader(HEADER), &cells, false);
        assert_eq!(read.0, Fate::Accepted);
        traces(read).remove(0)
    }

    #[test]
    fn a_row_is_read_field_by_field() {
        let reader = csv_reader(HEADER);
        assert_eq!(
            (reader.format(), reader.kind(), reader.time_note()),
            ("threat_explorer", Kind::MessageTrace, None)
        );
        let row = one("91.219.236.10", "Delivered", "Inbox/folder", "Inbox/folder", "");
        assert_eq!(row.time.to_string(), "2026-05-01T09:00:00Z");
        assert_eq!(
            (row.p1.as_deref(), row.p2.as_deref()),
            (Some("news@fabrikam.com"), Some("prize@brand.example"))
        );
        assert_eq!(row.recipients[..], ["bob@contoso.com"]);
        assert_eq!(row.source, "91.219.236.10".parse().ok());
        assert_eq!(row.connector.as_deref(), Some("Relai SMTP interne"));
        assert_eq!((row.status, row.verdict), (Status::Delivered, FilterVerdict::Clean));
        assert_eq!(row.network_message_id, "81945af2-cab7-45ad-ba23-08d8ede2715d");
    }

    #[test_case("Delivered to junk", "Junk folder", "Junk folder", "Spam", Status::Junk, FilterVerdict::Spam; "junk")]
    #[test_case("Delivered", "Quarantine", "Inbox/folder", "Phish, Spam", Status::Quarantined, FilterVerdict::Phish; "taken out later")]
    #[test_case("Blocked", "Unknown", "", "", Status::Failed, FilterVerdict::Clean; "an action alone")]
    #[test_case("Delivered", "On-prem/external", "On-prem/external", "", Status::Delivered, FilterVerdict::Clean; "outside")]
    fn a_place_is_a_status(
        action: &str,
        latest: &str,
        original: &str,
        threats: &str,
        status: Status,
        verdict: FilterVerdict,
    ) {
        let row = one("0.0.0.0", action, latest, original, threats);
        assert_eq!((row.status, row.verdict, row.source), (status, verdict, None));
    }
}
