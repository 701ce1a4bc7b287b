//! What the admin centre exports of the list on its screen: a row a message and recipient under the labels of the columns that
//! the administrator chose, and in the administrator's own time zone. No document gives the header; it is told by the
//! labels that the list always has.

use super::Reader;
use super::date_order::Zone;
use super::recognise::{Format, Seen};
use super::trace_fields::Part;
use super::trace_status::{Names, StatusRows};

pub(super) const FORMAT: Format = Format {
    name: "admin_center_message_trace",
    marks: &["Date", "Sender", "Recipient", "Subject", "Status"],
    recognise,
};

const NAMES: Names = Names {
    dates: &[],
    trace_id: &["Message trace ID", "Network message ID", "Trace ID", "MessageTraceId"],
    message_id: &["Message ID", "Message-ID", "Internet message ID", "MessageId"],
    sender: &["Sender", "Sender address"],
    recipient: &["Recipient", "Recipient address", "Recipients"],
    subject: &["Subject"],
    status: &["Status", "Delivery status"],
    from_ip: &["From IP", "From IP address", "FromIP"],
};

/// Labels of the column with the time, without the zone that may stand behind it.
const DATES: [&str; 5] = ["Date", "Received", "Received date", "Date received", "Date and time"];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    seen.rows()?;
    let listed = seen.has_any(NAMES.sender) && seen.has_any(NAMES.recipient) && seen.has_any(NAMES.status);
    let (column, zone) = dated_column(seen, &DATES).filter(|_| listed)?;
    let header = seen.names().get(column)?;
    let dates = seen.settle(&[header.as_str()], zone.unwrap_or(Zone::Unsaid));
    Some(StatusRows::dated(FORMAT.name, seen, &NAMES, Part::at(column), dates))
}

/// The column under one of several labels, and the zone behind the label: `Date (UTC-07:00)`.
pub(super) fn dated_column(seen: &Seen<'_>, labels: &[&str]) -> Option<(usize, Option<Zone>)> {
    seen.names().iter().enumerate().find_map(|(column, name)| {
        let (label, zone) = match name.split_once('(') {
            Some((label, rest)) => (label.trim(), zone(rest.split(')').next().unwrap_or_default())?.into()),
            None => (name.as_str(), None),
        };
        let known = labels.iter().any(|l| l.eq_ignore_ascii_case(label));
        known.then_some((column, zone))
    })
}

/// `UTC`, `UTC-07:00`, `GMT+5:30`.
fn zone(text: &str) -> Option<Zone> {
    let text = text.trim();
    let offset = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT"))?.trim();
    let (sign, digits) = match offset.split_at_checked(1) {
        None => return Some(Zone::Utc),
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        Some(_) => return None,
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let sound = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    sound.then_some(Zone::Offset(sign * (hours * 3600 + minutes * 60)))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use crate::records::testing::{csv_reader, read_csv, traces};
    use crate::records::{Kind, Status};

    const CELLS: [&str; 5] = [
        "7/23/2026 3:01:22 PM",
        "news@fabrikam.com",
        "bob@contoso.com",
        "Hello",
        "Filtered as spam",
    ];

    #[test_case("Date (UTC-07:00),Sender,Recipient,Subject,Status", "2026-07-23T22:01:22Z", Some("local times at UTC-07:00, as the header says"); "a zone in the header")]
    #[test_case("Date (UTC),Sender,Recipient,Subject,Status", "2026-07-23T15:01:22Z", None; "UTC in the header")]
    #[test_case("Received,Sender address,Recipient address,Subject,Status", "2026-07-23T15:01:22Z", Some("local times read as UTC, for nothing says of which time zone they are: --time-zone decides"); "no zone")]
    fn a_row_of_the_screen_is_read(header: &str, time: &str, note: Option<&str>) {
        let reader = csv_reader(header);
        assert_eq!(
            (reader.format(), reader.kind()),
            ("admin_center_message_trace", Kind::MessageTrace)
        );
        assert_eq!(reader.time_note().as_deref(), note);
        let row = traces(read_csv(&*reader, &CELLS, false)).remove(0);
        assert_eq!(row.time.to_string(), time);
        assert_eq!(row.sender.as_deref(), Some("news@fabrikam.com"));
        assert_eq!(row.recipients[..], ["bob@contoso.com"]);
        assert_eq!((row.status, row.subject.as_ref()), (Status::Junk, "Hello"));
        assert_eq!((row.network_message_id.as_ref(), row.message_id.as_ref()), ("", ""));
    }

    #[test]
    fn ids_are_read_where_the_administrator_chose_their_columns() {
        let header = "Date (UTC),Sender,Recipient,Subject,Status,Message ID,Message trace ID";
        let cells = [&CELLS[..], &["<a@b>", "81945af2-cab7-45ad-ba23-08d8ede2715d"]].concat();
        let row = traces(read_csv(&*csv_reader(header), &cells, false)).remove(0);
        assert_eq!(
            (row.message_id.as_ref(), row.network_message_id.as_ref()),
            ("<a@b>", "81945af2-cab7-45ad-ba23-08d8ede2715d")
        );
    }
}
