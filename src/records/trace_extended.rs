//! Start-HistoricalSearch -ReportType MessageTraceDetail: the Extended report, a row an event, 27 columns, the
//! recipients of an event in one cell. The only trace that names P1, P2, the connecting host and the verdict.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::custom_data::{self, CustomData};
use super::date::{self, DateOrder};
use super::field::{Columns, damage};
use super::recognise::{Format, Seen};
use super::{ConnectorType, Kind, Origin, Reader, Recipients, Record, SmtpCode, Status, TraceRow, address, trace};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "historical_search_extended",
    marks: &[
        "date_time_utc",
        "event_id",
        "source",
        "message_id",
        "recipient_address",
        "return_path",
        "custom_data",
    ],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let marked = seen.has("event_id") && seen.has_any(&["message_id", "network_message_id"]);
    seen.column(&["date_time_utc"]).filter(|_| marked)?;
    Some(Box::new(Extended::new(FORMAT.name, false, seen)?))
}

impl Extended {
    /// A reader of tracking events, whose columns both products name alike but for the signs between the words.
    pub(super) fn new(format: &'static str, on_premises: bool, seen: &Seen<'_>) -> Option<Self> {
        seen.rows()?;
        Some(Extended {
            format,
            on_premises,
            time: seen.column(&["date_time_utc", "date-time", "date_time"])?,
            client_ip: seen.column(&["client_ip", "client-ip"]),
            source_context: seen.column(&["source_context", "source-context"]),
            connector_id: seen.column(&["connector_id", "connector-id"]),
            source: seen.column(&["source"]),
            event_id: seen.column(&["event_id", "event-id"]),
            message_id: seen.column(&["message_id", "message-id"]),
            network_message_id: seen.column(&["network_message_id", "network-message-id"]),
            recipients: seen.column(&["recipient_address", "recipient-address"]),
            recipient_status: seen.column(&["recipient_status", "recipient-status"]),
            subject: seen.column(&["message_subject", "message-subject"]),
            sender: seen.column(&["sender_address", "sender-address"]),
            return_path: seen.column(&["return_path", "return-path"]),
            original_client_ip: seen.column(&["original_client_ip", "original-client-ip"]),
            custom_data: seen.column(&["custom_data", "custom-data"]),
            width: seen.width(),
        })
    }
}

/// What came through a connector of Exchange Online only its own exports can say: the days that a server's log covers alone
/// must not look like days on which nothing came.
const ON_PREMISES_RANK: u8 = 0;

pub(super) struct Extended {
    format: &'static str,
    /// Events of the organisation's own servers, before or behind Exchange Online.
    on_premises: bool,
    time: usize,
    client_ip: Option<usize>,
    source_context: Option<usize>,
    connector_id: Option<usize>,
    source: Option<usize>,
    event_id: Option<usize>,
    message_id: Option<usize>,
    network_message_id: Option<usize>,
    recipients: Option<usize>,
    recipient_status: Option<usize>,
    subject: Option<usize>,
    sender: Option<usize>,
    return_path: Option<usize>,
    original_client_ip: Option<usize>,
    custom_data: Option<usize>,
    width: usize,
}

impl Reader for Extended {
    fn format(&self) -> &'static str {
        self.format
    }

    fn kind(&self) -> Kind {
        Kind::MessageTrace
    }

    fn read(&self, row: &Row<'_>, _: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Csv(row) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        let time = match date::time(row.cell(self.time).raw(), DateOrder::MonthFirst) {
            Ok(time) => time,
            Err(reason) => return Fate::Rejected(reason),
        };
        let damage = damage(row, self.width);
        let columns = &Columns::of(row, self.width, self.subject);
        let event = Event {
            id: columns.text(self.event_id),
            source: columns.text(self.source),
        };
        let custom = columns.text(self.custom_data);
        let data = CustomData::read(&custom);
        let (connector, connector_type) = if self.on_premises {
            // Its connectors are those of the server.
            (None, None)
        } else {
            self.connector(columns, &event, custom)
        };
        let p1 = Some(columns.text(self.return_path))
            .filter(|t| !t.is_empty())
            .map(address::bare_cow);
        let p2 = Some(columns.text(self.sender))
            .filter(|t| !t.is_empty())
            .map(address::bare_cow);
        let recipients: Recipients<'_> = match columns.text(self.recipients) {
            Cow::Borrowed(text) => address::list(text).map(Cow::Borrowed).collect(),
            Cow::Owned(text) => address::list(&text).map(|r| Cow::Owned(r.to_owned())).collect(),
        };
        let record = TraceRow {
            time,
            network_message_id: columns.text(self.network_message_id),
            message_id: columns.text(self.message_id),
            source: self.source_address(columns, &event, &data),
            connector,
            connector_type,
            status: event.status().max(data.status),
            verdict: data.verdict,
            subject: columns.text(self.subject),
            event: Cow::Owned([event.id.as_ref(), event.source.as_ref()].join(" ")),
            // A mailbox on the organisation's own server reaches Exchange Online through a connector.
            submitted_by_user: (event.is_submission() && !self.on_premises).then_some(true),
            rank: if self.on_premises {
                ON_PREMISES_RANK
            } else {
                event.rank(p1.is_some() && p2.is_some(), &recipients)
            },
            complete: damage.is_none(),
            recipients,
            p1,
            p2,
            ..TraceRow::default()
        };
        let status = columns.text(self.recipient_status);
        let codes = codes(&status, record.recipients.len());
        let record = match codes.as_slice() {
            [] | [SmtpCode::None] if event.failed() => TraceRow {
                code: trace::smtp_code(&columns.text(self.source_context)),
                ..record
            },
            [] => record,
            &[code] => TraceRow { code, ..record },
            // The recipients fared differently. A row stays one record: it is counted and compared as one.
            _ => TraceRow { codes, ..record },
        };
        trace::hand_on(&record, damage, out)
    }
}

impl Extended {
    /// The inbound connector: from custom_data, else the connector of the hop at which the message came in.
    fn connector<'a>(
        &self,
        columns: &Columns<'_, 'a>,
        event: &Event<'_>,
        custom: Cow<'a, str>,
    ) -> (Option<Cow<'a, str>>, Option<ConnectorType>) {
        let named = match custom {
            Cow::Borrowed(text) => custom_data::connector(text).map(|(n, kind)| (Cow::Borrowed(n), kind)),
            Cow::Owned(text) => custom_data::connector(&text).map(|(n, kind)| (Cow::Owned(n.to_owned()), kind)),
        };
        if let Some((name, kind)) = named {
            return (Some(name), kind);
        }
        let hop = columns.text(self.connector_id);
        let inbound = event.is("RECEIVE") && event.source.eq_ignore_ascii_case("SMTP");
        (
            Some(hop).filter(|name| inbound && trace::is_tenant_connector(name)),
            None,
        )
    }

    /// The connecting host: the original client, else CIP, else whoever connected at the receiving hop. A public
    /// address is preferred to a private one, and any to a hop within the service.
    fn source_address(&self, columns: &Columns<'_, '_>, event: &Event<'_>, data: &CustomData) -> Option<IpAddr> {
        let original = address::ip(&columns.text(self.original_client_ip));
        let at_hop = event
            .is("RECEIVE")
            .then(|| address::ip(&columns.text(self.client_ip)))
            .flatten()
            .filter(|&a| !address::is_microsoft_hop(a));
        let candidates = [original, data.connecting, data.proxied, at_hop];
        candidates.into_iter().flatten().min_by_key(|&a| {
            if address::is_microsoft_hop(a) {
                2
            } else {
                u8::from(address::is_private(a))
            }
        })
    }
}

/// An event and its source (message tracking reference, "Event types" and "Source values").
struct Event<'a> {
    id: Cow<'a, str>,
    source: Cow<'a, str>,
}

impl Event<'_> {
    fn is(&self, id: &str) -> bool {
        self.id.eq_ignore_ascii_case(id)
    }

    fn failed(&self) -> bool {
        ["FAIL", "DSN", "DEFER", "DROP"].iter().any(|id| self.is(id))
    }

    fn status(&self) -> Status {
        const STATUS: [(&str, Status); 9] = [
            ("DELIVER", Status::Delivered),
            ("DUPLICATEDELIVER", Status::Delivered),
            // Handed to the next server, outside.
            ("SEND", Status::Delivered),
            ("FAIL", Status::Failed),
            ("DROP", Status::Failed),
            ("EXPAND", Status::Expanded),
            ("RESOLVE", Status::Expanded),
            ("REDIRECT", Status::Expanded),
            ("DEFER", Status::Pending),
        ];
        let found = STATUS.iter().find(|(id, _)| self.is(id));
        found.map_or(Status::Unknown, |&(_, status)| status)
    }

    /// A mailbox handed it in.
    fn is_submission(&self) -> bool {
        self.source.eq_ignore_ascii_case("STOREDRIVER") && (self.is("SUBMIT") || self.is("RECEIVE"))
    }

    /// Where the message came in tells most; a later hop may carry a rewritten P1.
    fn rank(&self, both_senders: bool, recipients: &Recipients<'_>) -> u8 {
        match (self.is("RECEIVE"), both_senders) {
            (true, true) => 7,
            (true, false) => 6,
            _ if recipients.is_empty() => 1,
            _ => 3,
        }
    }
}

/// The SMTP codes of a status cell: one for each recipient where they differ, else one for all, or none.
///
/// The statuses stand in the order of the recipients with `;` between them, and may hold `;` themselves: a piece
/// that does not begin with a reply code belongs to the one before. Where the numbers still do not match, the
/// cell speaks of all recipients, and only of what concerns more than one of them.
fn codes(cell: &str, recipients: usize) -> Vec<SmtpCode> {
    if cell.is_empty() {
        return Vec::new();
    }
    // No code is known that does not begin so.
    static CODE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("5."));
    if CODE.find(cell.as_bytes()).is_none() {
        return vec![SmtpCode::None];
    }
    let mut statuses: Vec<String> = Vec::new();
    for piece in cell
        .split(';')
        .map(|p| p.trim().trim_start_matches('[').trim_start_matches("{LED="))
    {
        let begins = piece
            .split(' ')
            .next()
            .is_some_and(|w| w.len() == 3 && w.bytes().all(|c| c.is_ascii_digit()));
        match statuses.last_mut() {
            Some(last) if !begins => last.push_str(piece),
            _ => statuses.push(piece.to_owned()),
        }
    }
    let codes: Vec<SmtpCode> = statuses.iter().map(|text| trace::smtp_code(text)).collect();
    let Some(&first) = codes.first() else {
        return Vec::new();
    };
    if codes.iter().all(|&code| code == first) {
        vec![first]
    } else if codes.len() == recipients {
        codes
    } else {
        let shared = codes
            .into_iter()
            .filter(|&code| code != SmtpCode::NoSuchRecipient || recipients == 1);
        vec![shared.max().unwrap_or_default()]
    }
}

#[cfg(test)]
#[path = "trace_extended_tests.rs"]
mod tests;
