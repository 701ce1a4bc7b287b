//! MSGTRK*.LOG: the message tracking log of the organisation's own Exchange servers, 21 to 30 columns by version, named in
//! a `#Fields:` line. Its events are those of the Extended report, with hyphens in their columns' names; its connectors are
//! the server's own, and what went past that server it does not know (message tracking reference).

use super::Reader;
use super::recognise::{Format, Seen};
use super::trace_extended::Extended;

pub(super) const FORMAT: Format = Format {
    name: "message_tracking_log",
    marks: &[
        "date-time",
        "event-id",
        "source",
        "message-id",
        "recipient-address",
        "return-path",
    ],
    recognise,
};

/// The export's name: coverage asks for it, because the log covers nothing of Exchange Online.
pub const NAME: &str = FORMAT.name;

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let marked = seen.has("date-time") && seen.has("event-id") && seen.has_any(&["message-id", "network-message-id"]);
    let reader = Extended::new(FORMAT.name, true, seen).filter(|_| marked)?;
    Some(Box::new(reader))
}

#[cfg(test)]
mod tests {
    use crate::evidence::Fate;
    use crate::records::testing::{csv_reader, read_csv, traces};
    use crate::records::{Kind, Status};

    /// Exchange 2013; later versions append three columns, 2010 lacks the network message id.
    const HEADER: &str = "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data";

    #[test]
    fn an_event_is_read_field_by_field() {
        let reader = csv_reader(HEADER);
        assert_eq!(
            (reader.format(), reader.kind()),
            ("message_tracking_log", Kind::MessageTrace)
        );
        let mut cells = [""; 27];
        for (name, value) in [
            ("date-time", "2024-01-25T15:16:09.843Z"),
            ("client-ip", "10.1.2.3"),
            ("connector-id", "exchange-mail\\Default exchange-mail"),
            ("source", "SMTP"),
            ("event-id", "RECEIVE"),
            ("message-id", "<a@fabrikam.com>"),
            ("network-message-id", "81945af2-cab7-45ad-ba23-08d8ede2715d"),
            ("recipient-address", "bob@contoso.com;eve@contoso.com"),
            ("sender-address", "prize@brand.example"),
            ("return-path", "news@fabrikam.com"),
            ("message-subject", "Hello"),
        ] {
            let column = HEADER
                .split(',')
                .position(|h| h == name)
                .expect("a column of the header");
            cells[column] = value;
        }
        let read = read_csv(&*reader, &cells, false);
        assert_eq!(read.0, Fate::Accepted);
        let row = traces(read).remove(0);
        assert_eq!(row.time.to_string(), "2024-01-25T15:16:09.843Z");
        assert_eq!(row.recipients[..], ["bob@contoso.com", "eve@contoso.com"]);
        assert_eq!(
            (row.p1.as_deref(), row.p2.as_deref()),
            (Some("news@fabrikam.com"), Some("prize@brand.example"))
        );
        assert_eq!(row.source, "10.1.2.3".parse().ok());
        assert_eq!((row.connector.as_deref(), row.rank), (None, 0));
        assert_eq!((row.status, row.event.as_ref()), (Status::Unknown, "RECEIVE SMTP"));
    }

    #[test]
    fn a_mailbox_of_the_server_is_no_mailbox_of_the_tenant() {
        let header = "date-time,source,event-id,message-id,recipient-address,sender-address";
        let cells = [
            "2024-01-25T15:16:09.843Z",
            "STOREDRIVER",
            "RECEIVE",
            "<a@b>",
            "bob@contoso.com",
            "a@fabrikam.com",
        ];
        let row = traces(read_csv(&*csv_reader(header), &cells, false)).remove(0);
        assert_eq!((row.submitted_by_user, row.network_message_id.as_ref()), (None, ""));
    }
}
