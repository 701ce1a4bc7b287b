//! Get-MessageTrace and Get-MessageTraceV2 through Export-Csv: a row a message and recipient, columns in any
//! order, no connector, and one sender column of which no document says whether it is P1 or P2.

use super::date;
use super::date_order::Settled;
use super::field::{Columns, damage};
use super::recognise::{Format, Seen};
use super::{FilterVerdict, Kind, Origin, Reader, Record, Status, TraceRow, address, trace};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "get_message_trace",
    marks: &["Received", "SenderAddress", "RecipientAddress", "Subject", "Status"],
    recognise,
};

/// Its rows say little of a message: the richer traces are cited first.
const RANK: u8 = 2;

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let rows = seen.rows()?;
    let received = seen.column(&["Received"])?;
    let marked = seen.has("SenderAddress")
        && seen.has("RecipientAddress")
        && seen.has_any(&["Status", "MessageTraceId", "MessageId"]);
    marked.then(|| {
        let sample = rows.iter().filter_map(|row| row.get(received));
        Box::new(GetMessageTrace {
            received,
            trace_id: seen.column(&["MessageTraceId"]),
            message_id: seen.column(&["MessageId"]),
            sender: seen.column(&["SenderAddress"]),
            recipient: seen.column(&["RecipientAddress"]),
            subject: seen.column(&["Subject"]),
            status: seen.column(&["Status"]),
            from_ip: seen.column(&["FromIP"]),
            width: seen.width(),
            dates: Settled::from_sample(sample.map(|text| (text.as_str(), None))),
        }) as Box<dyn Reader>
    })
}

struct GetMessageTrace {
    received: usize,
    trace_id: Option<usize>,
    message_id: Option<usize>,
    sender: Option<usize>,
    recipient: Option<usize>,
    subject: Option<usize>,
    status: Option<usize>,
    from_ip: Option<usize>,
    width: usize,
    dates: Settled,
}

impl Reader for GetMessageTrace {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        Kind::MessageTrace
    }

    fn time_note(&self) -> Option<String> {
        self.dates.note.clone()
    }

    fn read(&self, row: &Row<'_>, _: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Csv(row) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        let Some(time) = date::parse(row.cell(self.received).raw(), self.dates.order) else {
            return Fate::Rejected(Reason::NoTime);
        };
        let damage = damage(row, self.width);
        let columns = Columns::of(row, self.width, self.subject);
        let event = columns.text(self.status);
        let status = trace::status(&event);
        let sender = columns.text(self.sender);
        let recipient = address::bare_cow(columns.text(self.recipient));
        let record = TraceRow {
            time,
            network_message_id: columns.text(self.trace_id),
            message_id: columns.text(self.message_id),
            recipients: Some(recipient).filter(|r| !r.is_empty()).into_iter().collect(),
            sender: Some(sender).filter(|s| !s.is_empty()).map(address::bare_cow),
            source: address::ip(&columns.text(self.from_ip)),
            status,
            verdict: if status == Status::Junk {
                FilterVerdict::Spam
            } else {
                FilterVerdict::None
            },
            subject: columns.text(self.subject),
            event,
            rank: RANK,
            complete: damage.is_none(),
            ..TraceRow::default()
        };
        trace::hand_on(record, damage, out)
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, csv_shape, read_csv, reader, traces};
    use crate::records::{FilterVerdict, Kind, Status};

    const V2: &str = "MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,FromIP,ToIP,Subject,Status,Size";
    const V1: &str = "PSComputerName,RunspaceId,PSShowComputerName,Organization,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size,MessageTraceId,StartDate,EndDate,Index";
    const ID: &str = "81945af2-cab7-45ad-ba23-08d8ede2715d";

    fn v2<'a>(received: &'a str, status: &'a str) -> [&'a str; 10] {
        [
            ID,
            "<a@fabrikam.com>",
            received,
            "news@fabrikam.com",
            "bob@contoso.com",
            "91.219.236.10",
            "",
            "say \"hi\", now",
            status,
            "4711",
        ]
    }

    #[test]
    fn a_row_of_the_second_cmdlet_is_read_field_by_field() {
        let reader = csv_reader(V2);
        assert_eq!((reader.kind(), reader.time_note()), (Kind::MessageTrace, None));
        let read = read_csv(&*reader, &v2("2026-07-23T22:01:22.0480000Z", "FilteredAsSpam"), false);
        assert_eq!(read.0, Fate::Accepted);
        let rows = traces(read);
        let row = &rows[0];
        assert_eq!(row.time.to_string(), "2026-07-23T22:01:22.048Z");
        assert_eq!(
            (row.network_message_id.as_ref(), row.message_id.as_ref()),
            (ID, "<a@fabrikam.com>")
        );
        assert_eq!(row.recipients, ["bob@contoso.com"]);
        assert_eq!(row.sender.as_deref(), Some("news@fabrikam.com"));
        assert_eq!((row.p1.as_deref(), row.p2.as_deref()), (None, None));
        assert_eq!(row.source, "91.219.236.10".parse().ok());
        assert_eq!((row.status, row.verdict), (Status::Junk, FilterVerdict::Spam));
        assert_eq!(
            (row.subject.as_ref(), row.event.as_ref()),
            ("say \"hi\", now", "FilteredAsSpam")
        );
        assert_eq!((row.connector.as_deref(), row.submitted_by_user), (None, None));
        assert!(row.complete);
    }

    #[test]
    fn the_first_cmdlets_order_says_the_same() {
        let cells = [
            "outlook.office365.com",
            "r",
            "False",
            "fabrikam.onmicrosoft.com",
            "<a@fabrikam.com>",
            "5/1/2025 2:01:05 PM",
            "news@fabrikam.com",
            "bob@contoso.com",
            "s",
            "Resolved",
            "",
            "2a01:111:f400::1",
            "0",
            ID,
            "4/30/2025 12:00:00 AM",
            "5/2/2025 12:00:00 AM",
            "0",
        ];
        let rows = traces(read_csv(&*csv_reader(V1), &cells, false));
        assert_eq!(rows[0].time.to_string(), "2025-05-01T14:01:05Z");
        assert_eq!(
            (rows[0].status, rows[0].network_message_id.as_ref()),
            (Status::Expanded, ID)
        );
        assert_eq!(rows[0].source, "2a01:111:f400::1".parse().ok());
    }

    #[test]
    fn day_first_dates_are_settled_by_a_part_over_twelve() {
        let shape = csv_shape(
            V2,
            &[
                &v2("05/12/2025 00:31:38", "Delivered"),
                &v2("25/12/2025 00:31:38", "Delivered"),
            ],
        );
        let reader = reader(&shape);
        assert_eq!(
            reader.time_note().as_deref(),
            Some("day-first dates, settled by 1 row of the sample")
        );
        let rows = traces(read_csv(&*reader, &v2("05/12/2025 00:31:38", "Delivered"), false));
        assert_eq!(rows[0].time.to_string(), "2025-12-05T00:31:38Z");
    }

    #[test]
    fn a_row_that_says_no_time_or_no_message_is_rejected() {
        let reader = csv_reader(V2);
        assert_eq!(
            read_csv(&*reader, &v2("Received", "Status"), false).0,
            Fate::Rejected(Reason::NoTime)
        );
        let empty = ["", "", "2026-07-23T22:01:22Z", "", "", "", "", "", "Pending", "0"];
        assert_eq!(
            read_csv(&*reader, &empty, false).0,
            Fate::Rejected(Reason::NothingToPlace)
        );
    }

    #[test]
    fn a_row_that_is_cut_short_is_degraded() {
        let cut = &v2("2026-07-23T22:01:22Z", "Delivered")[..5];
        let reader = csv_reader(V2);
        let read = read_csv(&*reader, cut, false);
        assert_eq!(read.0, Fate::Degraded(Reason::CellCount));
        let rows = traces(read);
        assert_eq!((rows[0].complete, rows[0].status), (false, Status::Unknown));
    }

    #[test]
    fn behind_a_stray_quote_no_column_is_trusted() {
        let cells = [
            "<a@b>",
            "2026-07-23T22:01:22Z",
            "news@fabrikam.com",
            "bob@contoso.com",
            "say \"hi",
            " now\"",
            "Delivered",
            "x",
            "1.2.3.4",
            ID,
        ];
        let header = "MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,MessageTraceId";
        let read = read_csv(&*csv_reader(header), &cells, true);
        assert_eq!(read.0, Fate::Degraded(Reason::StrayQuote));
        let rows = traces(read);
        assert_eq!(
            (rows[0].sender.as_deref(), rows[0].message_id.as_ref()),
            (Some("news@fabrikam.com"), "<a@b>")
        );
        assert_eq!(
            (
                rows[0].network_message_id.as_ref(),
                rows[0].event.as_ref(),
                rows[0].source
            ),
            ("", "", None)
        );
    }
}
