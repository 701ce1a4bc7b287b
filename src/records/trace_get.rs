//! Get-MessageTrace and Get-MessageTraceV2, through Export-Csv or ConvertTo-Json, and what the reporting web service
//! answered: a row a message and recipient, columns in any order, no connector, and one sender column of which no document
//! says whether it is P1 or P2.

use super::Reader;
use super::recognise::{Format, Seen};
use super::trace_status::{Names, StatusRows};

pub(super) const FORMAT: Format = Format {
    name: "get_message_trace",
    marks: &["Received", "SenderAddress", "RecipientAddress", "Subject", "Status"],
    recognise,
};

const NAMES: Names = Names {
    // Start and end of the search are printed in the same culture.
    dates: &["Received", "StartDate", "EndDate"],
    trace_id: &["MessageTraceId"],
    message_id: &["MessageId"],
    sender: &["SenderAddress"],
    recipient: &["RecipientAddress"],
    subject: &["Subject"],
    status: &["Status"],
    from_ip: &["FromIP"],
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let marked = seen.has("Received")
        && seen.has("SenderAddress")
        && seen.has("RecipientAddress")
        && seen.has_any(&["Status", "MessageTraceId", "MessageId"]);
    marked.then(|| StatusRows::reader(FORMAT.name, seen, &NAMES))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use test_case::test_case;

    use crate::records::testing::{csv_reader, csv_shape, json_reader, read_csv, read_json, reader, traces};
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
        assert_eq!(row.recipients[..], ["bob@contoso.com"]);
        assert_eq!(row.sender.as_deref(), Some("news@fabrikam.com"));
        assert_eq!((row.p1.as_deref(), row.p2.as_deref()), (None, None));
        assert_eq!(row.source, "91.219.236.10".parse().ok());
        assert_eq!((row.status, row.verdict), (Status::Junk, FilterVerdict::Spam));
        assert_eq!(
            (row.subject.as_ref(), row.event.as_ref()),
            ("say \"hi\", now", "filteredasspam")
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

    #[test_case("2026-07-23T22:01:22.0480000Z"; "the second cmdlet")]
    #[test_case("2026-07-23T22:01:22.048"; "the first cmdlet, zone-less and UTC all the same")]
    #[test_case(r"\/Date(1784844082048)\/"; "PowerShell 5.1")]
    #[test_case("/Date(1784844082048)/"; "the reporting web service")]
    fn an_object_says_what_a_row_says(received: &str) {
        let text = format!(
            r#"{{"MessageTraceId":"{ID}","MessageId":"<a@fabrikam.com>","Received":"{received}","Received@data.type":"System.DateTime",
            "SenderAddress":"news@fabrikam.com","RecipientAddress":"bob@contoso.com","FromIP":"91.219.236.10","ToIP":"","Subject":null,
            "Status":"FilteredAsSpam","Size":4711,"StartDate":"2026-07-20T00:00:00Z"}}"#
        );
        let reader = json_reader(&text);
        assert_eq!((reader.format(), reader.time_note()), ("get_message_trace", None));
        let read = read_json(&*reader, &text);
        assert_eq!(read.0, Fate::Accepted);
        let rows = traces(read);
        assert_eq!(rows[0].time.to_string(), "2026-07-23T22:01:22.048Z");
        assert_eq!(
            (rows[0].network_message_id.as_ref(), &rows[0].recipients[..]),
            (ID, &["bob@contoso.com".into()][..])
        );
        assert_eq!((rows[0].subject.as_ref(), rows[0].status), ("", Status::Junk));
        assert_eq!(rows[0].source, "91.219.236.10".parse().ok());
    }

    #[test]
    fn the_bounds_of_the_search_settle_the_order_too() {
        let cells = |received: &'static str| {
            let mut cells = [""; 17];
            cells[5] = received;
            cells[14] = "30/11/2025 00:00:00";
            cells[15] = "10/12/2025 00:00:00";
            cells
        };
        let reader = reader(&csv_shape(V1, &[&cells("05/12/2025 00:31:38")]));
        assert_eq!(
            reader.time_note().as_deref(),
            Some("day-first dates, settled by 1 row of the sample")
        );
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
