//! Get-MessageTraceDetail and its V2, and exchangeMessageTraceDetail of Microsoft Graph: a row an event of one message for
//! one recipient, who is not named. What no other part of a row says stands in `Data`, an XML text of named values;
//! among them is `CustomData`, which names the inbound connector where the message came in.

use std::borrow::Cow;

use super::custom_data::{self, CustomData};
use super::date_order::Zone;
use super::mep;
use super::recognise::{Format, Seen};
use super::trace_fields::{Layout, Part, Trace, Values};
use super::{FilterVerdict, Kind, Reader, SmtpCode, Status, TraceRow, address, trace};
use crate::evidence::Fate;

pub(super) const FORMAT: Format = Format {
    name: "get_message_trace_detail",
    marks: &["Date", "Event", "Action", "Detail", "Data", "MessageTraceId"],
    recognise,
};

const TIME: &[&str] = &["Date", "dateTime"];
const DETAIL: &[&str] = &["Detail", "description"];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let known = seen.has_any(TIME)
        && seen.has("Event")
        && seen.has_any(&["Data", "Action"])
        && (seen.has_any(DETAIL) || seen.has("Data"));
    known.then(|| {
        let subject = Part::of(seen, &["Subject"]);
        let layout = Detail {
            // The id of a detail in Graph is the record's own.
            trace_id: Part::of(seen, &["MessageTraceId"]),
            message_id: Part::of(seen, &["MessageId"]),
            sender: Part::of(seen, &["SenderAddress"]),
            recipient: Part::of(seen, &["RecipientAddress"]),
            event: Part::of(seen, &["Event"]),
            detail: Part::of(seen, DETAIL),
            data: Part::of(seen, &["Data"]),
            subject,
        };
        let dates = seen.settle(TIME, Zone::Utc);
        Box::new(Trace::new(seen, Part::of(seen, TIME), subject, dates, layout)) as Box<dyn Reader>
    })
}

struct Detail {
    trace_id: Part,
    message_id: Part,
    sender: Part,
    recipient: Part,
    event: Part,
    detail: Part,
    data: Part,
    subject: Part,
}

/// What an event means, by the names that sessions in English and in German give it (public modules that read both).
const EVENTS: [(&str, Event); 16] = [
    ("receive", Event::Receive),
    ("empfangen", Event::Receive),
    ("submit", Event::Other(Status::Unknown)),
    ("übermitteln", Event::Other(Status::Unknown)),
    ("deliver", Event::Other(Status::Delivered)),
    ("zustellen", Event::Other(Status::Delivered)),
    ("send", Event::Other(Status::Delivered)),
    ("send external", Event::Other(Status::Delivered)),
    ("extern senden", Event::Other(Status::Delivered)),
    ("fail", Event::Failed(Status::Failed)),
    ("drop", Event::Failed(Status::Failed)),
    ("defer", Event::Failed(Status::Pending)),
    ("spam", Event::Spam),
    ("expand dl", Event::Other(Status::Expanded)),
    ("expand", Event::Other(Status::Expanded)),
    ("resolve", Event::Other(Status::Expanded)),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Receive,
    Spam,
    /// With a reply that says why.
    Failed(Status),
    Other(Status),
}

impl Event {
    /// By its name, and in another language by what only the event has at which a message came in.
    fn of(name: &str, data: &[(Cow<'_, str>, Cow<'_, str>)]) -> Self {
        let lower = name.trim().to_lowercase();
        let found = EVENTS.iter().find(|(known, _)| *known == lower);
        let came_in = mep::value(data, "ReturnPath").is_some() && mep::value(data, "ClientIP").is_some();
        match found {
            Some((_, event)) => *event,
            None if came_in => Event::Receive,
            None => Event::Other(Status::Unknown),
        }
    }

    fn status(self) -> Status {
        match self {
            Event::Receive | Event::Spam => Status::Unknown,
            Event::Failed(status) | Event::Other(status) => status,
        }
    }
}

impl Layout for Detail {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        Kind::MessageTraceDetail
    }

    fn read(&self, values: &Values<'_, '_>, hand_on: impl FnOnce(TraceRow<'_>) -> Fate) -> Fate {
        let xml = values.text(self.data);
        let data = mep::read(&xml);
        let name = values.text(self.event);
        let event = Event::of(&name, &data);
        let of = |name: &str| mep::value(&data, name).unwrap_or_default();
        // The agents' findings stand beside CustomData under the names that they have within it.
        let findings = ["SFV", "SCL", "DI", "CIP"].map(|key| [key, "=", of(key)].concat());
        let filter = CustomData::read(&["S:SFA=SUM|", &findings.join("|"), ";", of("CustomData")].concat());
        let came_in = event == Event::Receive;
        let (connector, connector_type) = custom_data::connector(of("CustomData")).unzip();
        let client = Some(of("ClientIP")).filter(|_| came_in).and_then(address::ip);
        let trace_id = values.value(self.trace_id);
        let recipient = values.filled(self.recipient).map(address::bare_cow);
        let (status, verdict, code) = self.outcome(values, event, &filter, recipient.is_none());
        hand_on(TraceRow {
            message_id: values.value(self.message_id),
            recipients: recipient.into_iter().collect(),
            p1: mep::value(&data, "ReturnPath")
                .filter(|p| !p.is_empty())
                .map(|p| address::bare(p).into()),
            sender: values.filled(self.sender).map(address::bare_cow),
            source: [filter.connecting, client, filter.proxied]
                .into_iter()
                .flatten()
                .filter(|a| !address::is_microsoft_hop(*a))
                .min_by_key(|a| address::is_private(*a)),
            connector: connector.map(Into::into),
            connector_type: connector_type.flatten(),
            status,
            verdict,
            code,
            subject: values.text(self.subject),
            event: name.clone(),
            rank: match (trace_id.is_empty(), came_in) {
                // Which message it speaks of, among those that other exports count, nothing says for certain.
                (true, _) => 0,
                (false, true) => 6,
                (false, false) => 3,
            },
            network_message_id: trace_id,
            ..TraceRow::default()
        })
    }
}

impl Detail {
    /// What became of the message. A row that names no recipient speaks of one of several all the same: of what it says only
    /// a refusal that concerns the connector or the tenant holds for the message.
    fn outcome(
        &self,
        values: &Values<'_, '_>,
        event: Event,
        filter: &CustomData,
        of_somebody: bool,
    ) -> (Status, FilterVerdict, SmtpCode) {
        let code = match event {
            Event::Failed(_) => trace::smtp_code(&values.text(self.detail)),
            _ => SmtpCode::None,
        };
        if of_somebody {
            let code = Some(code).filter(|&code| code != SmtpCode::NoSuchRecipient);
            return (Status::Unknown, FilterVerdict::None, code.unwrap_or_default());
        }
        let named = match event {
            Event::Spam => FilterVerdict::Spam,
            _ => FilterVerdict::None,
        };
        (event.status().max(filter.status), filter.verdict.max(named), code)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, json_reader, read_csv, read_json, traces};
    use crate::records::{ConnectorType, FilterVerdict, Kind, SmtpCode, Status, TraceRow};

    const HEADER: &str = "Date,MessageId,MessageTraceId,Event,Action,Detail,Data";
    const ID: &str = "81945af2-cab7-45ad-ba23-08d8ede2715d";
    const RECEIVED: &str = r#"<root><MEP Name="ClientIP" String="91.219.236.10"/><MEP Name="ReturnPath" String="news@fabrikam.com"/><MEP Name="RcptCount" Integer="2"/><MEP Name="CustomData" Blob="S:Oorg=x;S:InboundConnectorData=Name=A &amp; B;ConnectorType=OnPremises;S:tlsversion=TLS1.2"/></root>"#;

    fn one(event: &str, detail: &str, data: &str) -> TraceRow<'static> {
        let cells = ["2026-04-04T00:56:10Z", "<a@fabrikam.com>", ID, event, "", detail, data];
        let read = read_csv(&*csv_reader(HEADER), &cells, false);
        assert_eq!(read.0, Fate::Accepted);
        traces(read).remove(0)
    }

    #[test_case("Receive")]
    #[test_case("Empfangen"; "in German")]
    #[test_case("Recevoir"; "told by its data")]
    fn where_a_message_came_in_is_read_field_by_field(event: &str) {
        let reader = csv_reader(HEADER);
        assert_eq!(
            (reader.format(), reader.kind()),
            ("get_message_trace_detail", Kind::MessageTraceDetail)
        );
        let row = one(event, "Message received by: X", RECEIVED);
        assert_eq!(row.time.to_string(), "2026-04-04T00:56:10Z");
        assert_eq!(
            (row.network_message_id.as_ref(), row.message_id.as_ref()),
            (ID, "<a@fabrikam.com>")
        );
        assert_eq!(
            (row.p1.as_deref(), row.p2.as_deref()),
            (Some("news@fabrikam.com"), None)
        );
        assert_eq!(row.source, "91.219.236.10".parse().ok());
        assert_eq!(
            (row.connector.as_deref(), row.connector_type),
            (Some("A & B"), Some(ConnectorType::OnPremises))
        );
        assert_eq!((row.status, row.rank), (Status::Unknown, 6));
        assert!(row.recipients.is_empty());
    }

    #[test_case("Zustellen", "", "", Status::Delivered, FilterVerdict::None, SmtpCode::None; "delivered in German")]
    #[test_case("Send external", "", "", Status::Delivered, FilterVerdict::None, SmtpCode::None; "sent on")]
    #[test_case("Fail", "Reason: [{LED=550 5.7.711 Access denied, bad inbound connector};{MSG=}]", "", Status::Failed, FilterVerdict::None, SmtpCode::BadInboundConnector; "refused")]
    #[test_case("Spam", "", r#"<root><MEP Name="SCL" Integer="9"/><MEP Name="DI" String="SJ"/></root>"#, Status::Junk, FilterVerdict::Spam, SmtpCode::None; "filtered")]
    #[test_case("Spam", "", r#"<root><MEP Name="SFV" String="SPM"#, Status::Unknown, FilterVerdict::Spam, SmtpCode::None; "cut off")]
    fn an_event_is_an_outcome(
        event: &str,
        detail: &str,
        data: &str,
        status: Status,
        verdict: FilterVerdict,
        code: SmtpCode,
    ) {
        // A script that asks for the details of each row of a trace writes down whose they are.
        let header = "Date,MessageId,MessageTraceId,SenderAddress,RecipientAddress,Subject,Event,Action,Detail,Data";
        let cells = [
            "2026-04-04T00:56:10Z",
            "<a@fabrikam.com>",
            ID,
            "news@fabrikam.com",
            "bob@contoso.com",
            "Hello",
            event,
            "",
            detail,
            data,
        ];
        let row = traces(read_csv(&*csv_reader(header), &cells, false)).remove(0);
        assert_eq!((row.status, row.verdict, row.code), (status, verdict, code));
        assert_eq!(row.recipients[..], ["bob@contoso.com"]);
        // The same of nobody by name must not be told of all recipients.
        let row = one(event, detail, data);
        assert_eq!(
            (row.status, row.verdict, row.code),
            (Status::Unknown, FilterVerdict::None, code)
        );
    }

    #[test]
    fn a_recipient_that_is_not_there_is_one_of_several() {
        let row = one(
            "Fail",
            "Reason: [{LED=550 5.1.10 RESOLVER.ADR.RecipientNotFound};{MSG=}]",
            "",
        );
        assert_eq!((row.status, row.code), (Status::Unknown, SmtpCode::None));
    }

    #[test]
    fn graph_says_the_same_and_names_no_trace_id() {
        let data = RECEIVED.replace('"', "\\\"");
        let text = format!(
            r#"{{"id":"{ID}","messageId":"<a@fabrikam.com>","dateTime":"2026-04-04T00:56:10Z","event":"Receive","action":null,"description":"d","data":"{data}"}}"#
        );
        let row = traces(read_json(&*json_reader(&text), &text)).remove(0);
        assert_eq!((row.network_message_id.as_ref(), row.rank), ("", 0));
        assert_eq!(row.connector.as_deref(), Some("A & B"));
    }

    #[test]
    fn an_event_of_no_message_is_rejected() {
        let cells = ["2026-04-04T00:56:10Z", "Deliver", "", "", ""];
        let read = read_csv(&*csv_reader("Date,Event,Action,Detail,Data"), &cells, false);
        assert_eq!(read.0, Fate::Rejected(Reason::NothingToPlace));
    }
}
