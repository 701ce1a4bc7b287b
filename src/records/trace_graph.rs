//! exchangeMessageTrace of Microsoft Graph: what Get-MessageTraceV2 gives, under names of its own (resource reference).

use super::Reader;
use super::recognise::{Format, Seen};
use super::trace_status::{Names, StatusRows};

pub(super) const FORMAT: Format = Format {
    name: "graph_message_trace",
    marks: &["receivedDateTime", "senderAddress", "recipientAddress", "status", "id"],
    recognise,
};

const NAMES: Names = Names {
    dates: &["receivedDateTime"],
    // The details of a message are asked for under it, as those of the cmdlet are under the trace id.
    trace_id: &["id"],
    message_id: &["messageId"],
    sender: &["senderAddress"],
    recipient: &["recipientAddress"],
    subject: &["subject"],
    status: &["status"],
    from_ip: &["fromIP"],
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let marked = seen.has("receivedDateTime")
        && seen.has("senderAddress")
        && seen.has("recipientAddress")
        && seen.has_any(&["status", "id", "messageId"]);
    marked.then(|| StatusRows::reader(FORMAT.name, seen, &NAMES))
}

#[cfg(test)]
mod tests {
    use crate::evidence::Fate;
    use crate::records::testing::{csv_reader, json_reader, read_json, traces};
    use crate::records::{FilterVerdict, Kind, Status};

    const ROW: &str = r##"{"@odata.type":"#microsoft.graph.exchangeMessageTrace","id":"81945af2-cab7-45ad-ba23-08d8ede2715d",
        "senderAddress":"news@fabrikam.com","recipientAddress":"bob@contoso.com","messageId":"<a@fabrikam.com>",
        "receivedDateTime":"2026-07-23T22:01:22.048Z","subject":"Hello","size":4711,"status":"filteredAsSpam","fromIP":"91.219.236.10","toIP":null}"##;

    #[test]
    fn a_row_is_read_field_by_field() {
        let reader = json_reader(ROW);
        assert_eq!(
            (reader.format(), reader.kind()),
            ("graph_message_trace", Kind::MessageTrace)
        );
        let read = read_json(&*reader, ROW);
        assert_eq!(read.0, Fate::Accepted);
        let row = traces(read).remove(0);
        assert_eq!(row.time.to_string(), "2026-07-23T22:01:22.048Z");
        assert_eq!(
            (row.network_message_id.as_ref(), row.message_id.as_ref()),
            ("81945af2-cab7-45ad-ba23-08d8ede2715d", "<a@fabrikam.com>")
        );
        assert_eq!(row.recipients[..], ["bob@contoso.com"]);
        assert_eq!(row.sender.as_deref(), Some("news@fabrikam.com"));
        assert_eq!(row.source, "91.219.236.10".parse().ok());
        assert_eq!((row.status, row.verdict), (Status::Junk, FilterVerdict::Spam));
        assert_eq!((row.subject.as_ref(), row.connector), ("Hello", None));
    }

    #[test]
    fn a_table_of_the_same_names_is_the_same_export() {
        let reader =
            csv_reader("id,senderAddress,recipientAddress,messageId,receivedDateTime,subject,size,status,fromIP,toIP");
        assert_eq!(reader.format(), "graph_message_trace");
    }
}
