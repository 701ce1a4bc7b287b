//! Start-HistoricalSearch -ReportType MessageTrace: the Enhanced summary, a row a message, in which one cell holds all
//! recipients with what became of the message at each: `addr##Receive, Deliver;addr##Receive, Fail`.

use std::borrow::Cow;

use super::date_order::Zone;
use super::recognise::{Format, Seen};
use super::trace_fields::{Layout, Part, Trace, Values};
use super::{FilterVerdict, Reader, Recipients, Status, TraceRow, address, trace};
use crate::evidence::Fate;

pub(super) const FORMAT: Format = Format {
    name: "historical_search_summary",
    marks: &[
        "origin_timestamp_utc",
        "sender_address",
        "recipient_status",
        "message_subject",
        "network_message_id",
    ],
    recognise,
};

const RANK: u8 = 2;

/// The documents leave out the zone.
const TIME: &[&str] = &["origin_timestamp_utc", "origin_timestamp"];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let marked = seen.has_any(TIME) && seen.has("recipient_status");
    marked.then(|| {
        let subject = Part::of(seen, &["message_subject"]);
        let layout = Enhanced {
            sender: Part::of(seen, &["sender_address"]),
            recipients: Part::of(seen, &["recipient_status"]),
            subject,
            message_id: Part::of(seen, &["message_id"]),
            network_message_id: Part::of(seen, &["network_message_id"]),
            client_ip: Part::of(seen, &["original_client_ip"]),
            connector: Part::of(seen, &["connector_id"]),
        };
        let dates = seen.settle(TIME, Zone::Utc);
        Box::new(Trace::new(seen, Part::of(seen, TIME), subject, dates, layout)) as Box<dyn Reader>
    })
}

struct Enhanced {
    sender: Part,
    recipients: Part,
    subject: Part,
    message_id: Part,
    network_message_id: Part,
    client_ip: Part,
    connector: Part,
}

impl Layout for Enhanced {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn read(&self, values: &Values<'_, '_>, hand_on: impl FnOnce(TraceRow<'_>) -> Fate) -> Fate {
        let cell = values.text(self.recipients);
        let (recipients, outcomes): (Vec<_>, Vec<_>) = recipients(&cell)
            .map(|(address, chain)| (Cow::Borrowed(address::bare(address)), outcome(chain)))
            .filter(|(address, _)| !address.is_empty())
            .unzip();
        hand_on(TraceRow {
            network_message_id: values.text(self.network_message_id),
            message_id: values.text(self.message_id),
            recipients: Recipients::from_iter(recipients),
            sender: values.filled(self.sender).map(address::bare_cow),
            source: address::ip(&values.text(self.client_ip)),
            // Of mail that leaves it is the connector that it left by.
            connector: values
                .filled(self.connector)
                .filter(|name| trace::is_tenant_connector(name)),
            connector_unsure: true,
            outcomes,
            subject: values.text(self.subject),
            event: Cow::Borrowed(&cell),
            rank: RANK,
            ..TraceRow::default()
        })
    }
}

/// The recipients of a cell, each with its events. Addresses may hold `;` and `#`: an item ends at a `;` behind which a
/// later `##` follows for the next one, and its address at its last `##`.
fn recipients(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(cell);
    std::iter::from_fn(move || {
        let text = rest?;
        // Events are words with commas between them, so that the first `;` behind `##` ends the item.
        let (item, after) = match text.find("##") {
            None => (text, None),
            Some(marked) => {
                let from = text.get(marked..).and_then(|t| t.find(';')).map(|at| marked + at);
                match from {
                    None => (text, None),
                    Some(at) => (text.get(..at)?, text.get(at + 1..)),
                }
            }
        };
        rest = after.filter(|t| !t.trim().is_empty());
        Some(item.rsplit_once("##").unwrap_or((item, "")))
    })
}

/// What a chain of events comes to: the last word in the order in which a later status replaces an earlier one.
fn outcome(chain: &str) -> (Status, FilterVerdict) {
    let status = chain
        .split(',')
        .map(|word| event(word.trim()))
        .max()
        .unwrap_or_default();
    let verdict = if status == Status::Junk {
        FilterVerdict::Spam
    } else {
        FilterVerdict::None
    };
    (status, verdict)
}

fn event(word: &str) -> Status {
    const EVENTS: [(&str, Status); 9] = [
        ("deliver", Status::Delivered),
        ("send", Status::Delivered),
        ("fail", Status::Failed),
        ("drop", Status::Failed),
        ("defer", Status::Pending),
        ("expand", Status::Expanded),
        ("resolve", Status::Expanded),
        ("redirect", Status::Expanded),
        ("transfer", Status::Expanded),
    ];
    let found = EVENTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map_or_else(|| trace::status(word), |&(_, status)| status)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::recipients;
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, read_csv, traces};
    use crate::records::{FilterVerdict, Kind, Status};

    const HEADER: &str = "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id,original_client_ip,directionality,connector_id,delivery_priority";
    const ID: &str = "81945af2-cab7-45ad-ba23-08d8ede2715d";

    fn cells<'a>(recipients: &'a str, connector: &'a str) -> [&'a str; 11] {
        [
            "2021-03-23T10:00:09.3284899Z",
            "news@fabrikam.com",
            recipients,
            "say \"hi\", now",
            "4711",
            "<a@fabrikam.com>",
            ID,
            "192.168.1.251",
            "Originating",
            connector,
            "Normal",
        ]
    }

    #[test]
    fn a_message_is_read_field_by_field() {
        let reader = csv_reader(HEADER);
        assert_eq!(
            (reader.format(), reader.kind()),
            ("historical_search_summary", Kind::MessageTrace)
        );
        let chains = "bob@contoso.com##Receive, Send;eve@contoso.com##Receive, Deliver, FilteredAsSpam;\"F L<f.l\"@fabrikam.com##Receive, Fail";
        let read = read_csv(&*reader, &cells(chains, "Inbound from HQ"), false);
        assert_eq!(read.0, Fate::Accepted);
        let row = traces(read).remove(0);
        assert_eq!(row.time.to_string(), "2021-03-23T10:00:09.328489Z");
        assert_eq!(
            (row.network_message_id.as_ref(), row.message_id.as_ref()),
            (ID, "<a@fabrikam.com>")
        );
        assert_eq!(
            row.recipients[..],
            ["bob@contoso.com", "eve@contoso.com", "\"F L<f.l\"@fabrikam.com"]
        );
        assert_eq!(
            row.outcomes,
            [
                (Status::Delivered, FilterVerdict::None),
                (Status::Junk, FilterVerdict::Spam),
                (Status::Failed, FilterVerdict::None)
            ]
        );
        assert_eq!(
            (row.p1.as_deref(), row.sender.as_deref()),
            (None, Some("news@fabrikam.com"))
        );
        assert_eq!(row.source, "192.168.1.251".parse().ok());
        assert_eq!(
            (row.connector.as_deref(), row.connector_unsure),
            (Some("Inbound from HQ"), true)
        );
        assert_eq!(row.subject, "say \"hi\", now");
    }

    #[test]
    fn a_default_of_the_service_is_no_connector() {
        let read = read_csv(
            &*csv_reader(HEADER),
            &cells("bob@contoso.com##Receive, Send", "To_DefaultOpportunisticTLS"),
            false,
        );
        assert_eq!(traces(read)[0].connector, None);
    }

    #[test_case("a@x.com##Receive, Deliver", &[("a@x.com", "Receive, Deliver")]; "one")]
    #[test_case("a@x.com##Receive;b@x.com##Fail;", &[("a@x.com", "Receive"), ("b@x.com", "Fail")]; "a semicolon at the end")]
    #[test_case("\"a;b\"@x.com##Receive;c@x.com##Send", &[("\"a;b\"@x.com", "Receive"), ("c@x.com", "Send")]; "a semicolon in an address")]
    #[test_case("a@x.com", &[("a@x.com", "")]; "no events")]
    #[test_case("##;##", &[("", ""), ("", "")]; "nothing but marks")]
    fn a_cell_is_split_into_recipients(cell: &str, expected: &[(&str, &str)]) {
        assert_eq!(recipients(cell).collect::<Vec<_>>(), expected);
    }

    #[test_case("Receive, Deliver, Quarantined", Status::Quarantined)]
    #[test_case("Deliver, Receive", Status::Delivered; "in no order")]
    #[test_case("Receive", Status::Unknown; "nothing yet")]
    #[test_case("Receive, Resolve, Expand", Status::Expanded; "a hop")]
    fn a_chain_comes_to_its_strongest_event(chain: &str, expected: Status) {
        assert_eq!(super::outcome(chain).0, expected);
    }

    #[test]
    fn a_row_without_time_is_rejected() {
        let mut row = cells("a@x.com##Send", "");
        row[0] = "";
        assert_eq!(
            read_csv(&*csv_reader(HEADER), &row, false).0,
            Fate::Rejected(Reason::NoTime)
        );
    }
}
