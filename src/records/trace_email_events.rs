//! EmailEvents of advanced hunting, as the portal exports it: a row a message and recipient, with P1, P2, the
//! connector by name, and whether a mailbox submitted it. Column meanings: EmailEvents table reference.

use std::borrow::Cow;

use super::custom_data::confidence;
use super::date;
use super::date_order::Settled;
use super::field::{Columns, damage};
use super::recognise::{Format, Seen};
use super::{FilterVerdict, Kind, Origin, Reader, Record, Status, TraceRow, address, id, trace};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "email_events",
    marks: &[
        "Timestamp",
        "NetworkMessageId",
        "SenderMailFromAddress",
        "SenderFromAddress",
        "RecipientEmailAddress",
        "Connectors",
    ],
    recognise,
};

/// Richer than Get-MessageTrace, but after the message came in.
const RANK: u8 = 5;

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let rows = seen.rows()?;
    let time = seen.column(&["Timestamp"])?;
    // The sibling tables share columns: attachments have FileName, what became of mail later has ActionType.
    let sibling = seen.has_any(&["FileName", "FileType", "Url", "ActionType"]);
    let own = seen.has_any(&[
        "SenderMailFromAddress",
        "DeliveryAction",
        "EmailDirection",
        "Connectors",
    ]);
    if sibling || !own || !seen.has("NetworkMessageId") || !seen.has("RecipientEmailAddress") {
        return None;
    }
    let sample = rows.iter().filter_map(|row| row.get(time));
    Some(Box::new(EmailEvents {
        time,
        network_message_id: seen.column(&["NetworkMessageId"]),
        message_id: seen.column(&["InternetMessageId"]),
        p1: seen.column(&["SenderMailFromAddress"]),
        p2: seen.column(&["SenderFromAddress"]),
        submitter: seen.column(&["SenderObjectId"]),
        ipv4: seen.column(&["SenderIPv4"]),
        ipv6: seen.column(&["SenderIPv6"]),
        recipient: seen.column(&["RecipientEmailAddress"]),
        subject: seen.column(&["Subject"]),
        action: seen.column(&["DeliveryAction"]),
        location: seen.column(&["DeliveryLocation"]),
        latest_action: seen.column(&["LatestDeliveryAction"]),
        latest_location: seen.column(&["LatestDeliveryLocation"]),
        threats: seen.column(&["ThreatTypes"]),
        confidence: seen.column(&["ConfidenceLevel"]),
        connectors: seen.column(&["Connectors", "Connector"]),
        width: seen.width(),
        dates: Settled::from_sample(sample.map(|text| (text.as_str(), None))),
    }))
}

struct EmailEvents {
    time: usize,
    network_message_id: Option<usize>,
    message_id: Option<usize>,
    p1: Option<usize>,
    p2: Option<usize>,
    submitter: Option<usize>,
    ipv4: Option<usize>,
    ipv6: Option<usize>,
    recipient: Option<usize>,
    subject: Option<usize>,
    action: Option<usize>,
    location: Option<usize>,
    latest_action: Option<usize>,
    latest_location: Option<usize>,
    threats: Option<usize>,
    confidence: Option<usize>,
    connectors: Option<usize>,
    width: usize,
    dates: Settled,
}

impl Reader for EmailEvents {
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
        let Some(time) = date::parse(row.cell(self.time).raw(), self.dates.order) else {
            return Fate::Rejected(Reason::NoTime);
        };
        let damage = damage(row, self.width);
        let columns = &Columns::of(row, self.width, self.subject);
        let filled = |c: Option<usize>| Some(value(columns, c)).filter(|t| !t.is_empty());
        let record = TraceRow {
            time,
            network_message_id: value(columns, self.network_message_id),
            message_id: value(columns, self.message_id),
            recipients: filled(self.recipient).map(address::bare_cow).into_iter().collect(),
            p1: filled(self.p1).map(address::bare_cow),
            p2: filled(self.p2).map(address::bare_cow),
            source: address::ip(&value(columns, self.ipv4)).or_else(|| address::ip(&value(columns, self.ipv6))),
            connector: filled(self.connectors),
            status: self.status(columns),
            verdict: self.verdict(columns),
            subject: columns.text(self.subject),
            event: value(columns, self.action),
            submitted_by_user: self
                .submitter
                .filter(|&c| columns.trusts(Some(c)))
                .map(|c| id::guid(&value(columns, Some(c))).is_some_and(|object| object != 0)),
            rank: RANK,
            complete: damage.is_none(),
            ..TraceRow::default()
        };
        trace::hand_on(record, damage, out)
    }
}

impl EmailEvents {
    /// The strongest of what delivery and later moves said: what was taken out of a mailbox afterwards was unwanted.
    fn status(&self, columns: &Columns<'_, '_>) -> Status {
        let locations = [self.location, self.latest_location].map(|c| location(&value(columns, c)));
        let actions = [self.action, self.latest_action].map(|c| action(&value(columns, c)));
        let placed = locations.into_iter().max().unwrap_or_default();
        // An action says less than a place: mail that was blocked may lie in quarantine.
        let acted = actions.into_iter().max().unwrap_or_default();
        if placed == Status::Unknown { acted } else { placed }
    }

    fn verdict(&self, columns: &Columns<'_, '_>) -> FilterVerdict {
        let threats = value(columns, self.threats);
        let threats = if threats.is_empty() {
            threats
        } else {
            Cow::Owned(threats.to_ascii_lowercase())
        };
        let by_threat = [
            ("malware", FilterVerdict::Malware),
            ("phish", FilterVerdict::Phish),
            ("spam", FilterVerdict::Spam),
        ]
        .into_iter()
        .find(|(word, _)| !threats.is_empty() && threats.contains(word))
        .map(|(_, verdict)| verdict);
        let by_level = spam_level(&value(columns, self.confidence));
        // The column is there and names no threat: the filter looked and found none. In a damaged row it may stand
        // where another column should.
        let silent = if columns.trusts(self.threats) {
            FilterVerdict::Clean
        } else {
            FilterVerdict::None
        };
        by_threat.unwrap_or(silent).max(by_level)
    }
}

/// A cell; the portal may write `null` for nothing.
fn value<'a>(columns: &Columns<'_, 'a>, at: Option<usize>) -> Cow<'a, str> {
    let text = columns.text(at);
    if text.eq_ignore_ascii_case("null") {
        Cow::Borrowed("")
    } else {
        text
    }
}

/// ConfidenceLevel: the SCL alone, or within a JSON text beside `Spam`.
fn spam_level(text: &str) -> FilterVerdict {
    if text.is_empty() {
        return FilterVerdict::None;
    }
    let number = match text.split_once("\"Spam\":") {
        Some((_, rest)) => rest
            .trim_start_matches(['"', ' '])
            .split(['"', ',', '}'])
            .next()
            .unwrap_or_default(),
        None => text,
    };
    confidence(number.trim())
}

fn location(text: &str) -> Status {
    const USUAL: [(&str, Status); 3] = [
        ("", Status::Unknown),
        ("Inbox/folder", Status::Delivered),
        ("On-premises/external", Status::Delivered),
    ];
    if let Some((_, status)) = USUAL.iter().find(|(usual, _)| *usual == text) {
        return *status;
    }
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "" | "unknown" => Status::Unknown,
        t if t.contains("junk") => Status::Junk,
        t if t.contains("quarantine") => Status::Quarantined,
        "failed" | "dropped" => Status::Failed,
        t if t.starts_with("inbox") || t.starts_with("on-prem") || t.starts_with("deleted items") => Status::Delivered,
        _ => Status::Unknown,
    }
}

fn action(text: &str) -> Status {
    const ACTIONS: [(&str, Status); 5] = [
        ("delivered", Status::Delivered),
        ("replaced", Status::Delivered),
        ("junked", Status::Junk),
        ("delivered to junk", Status::Junk),
        ("blocked", Status::Failed),
    ];
    let found = ACTIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map_or(Status::Unknown, |(_, status)| *status)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, read_csv, traces};
    use crate::records::{FilterVerdict, Kind, Status, TraceRow};

    const HEADER: &str = "Timestamp,NetworkMessageId,InternetMessageId,SenderMailFromAddress,SenderFromAddress,SenderObjectId,SenderIPv4,SenderIPv6,RecipientEmailAddress,Subject,EmailDirection,DeliveryAction,DeliveryLocation,ThreatTypes,ConfidenceLevel,Connectors,LatestDeliveryLocation,LatestDeliveryAction";
    const ID: &str = "81945af2-cab7-45ad-ba23-08d8ede2715d";

    fn read(filled: &[(&str, &str)]) -> (Fate, Vec<TraceRow<'static>>) {
        let mut cells: Vec<&str> = vec![""; 18];
        let defaults = [
            ("Timestamp", "2026-04-04T00:56:10Z"),
            ("NetworkMessageId", ID),
            ("RecipientEmailAddress", "bob@contoso.com"),
        ];
        for (name, value) in defaults.iter().chain(filled) {
            let column = HEADER
                .split(',')
                .position(|h| h == *name)
                .expect("a column of the header");
            cells[column] = value;
        }
        let read = read_csv(&*csv_reader(HEADER), &cells, false);
        (
            read.0,
            if matches!(read.0, Fate::Rejected(_)) {
                Vec::new()
            } else {
                traces(read)
            },
        )
    }

    fn one(filled: &[(&str, &str)]) -> TraceRow<'static> {
        read(filled).1.into_iter().next().expect("a row")
    }

    #[test]
    fn a_row_is_read_field_by_field() {
        let row = one(&[
            ("InternetMessageId", "<a@fabrikam.com>"),
            ("SenderMailFromAddress", "news@fabrikam.com"),
            ("SenderFromAddress", "prize@brand.example"),
            ("SenderIPv4", "91.219.236.10"),
            ("Subject", "You have won"),
            ("DeliveryAction", "Delivered"),
            ("DeliveryLocation", "Inbox/folder"),
            ("Connectors", "Relai SMTP interne"),
        ]);
        assert_eq!(csv_reader(HEADER).kind(), Kind::MessageTrace);
        assert_eq!(row.time.to_string(), "2026-04-04T00:56:10Z");
        assert_eq!(
            (row.network_message_id.as_ref(), row.message_id.as_ref()),
            (ID, "<a@fabrikam.com>")
        );
        assert_eq!(row.recipients, ["bob@contoso.com"]);
        assert_eq!(
            (row.p1.as_deref(), row.p2.as_deref()),
            (Some("news@fabrikam.com"), Some("prize@brand.example"))
        );
        assert_eq!(row.source, "91.219.236.10".parse().ok());
        assert_eq!(
            (row.connector.as_deref(), row.connector_type),
            (Some("Relai SMTP interne"), None)
        );
        assert_eq!((row.status, row.verdict), (Status::Delivered, FilterVerdict::Clean));
        assert_eq!(
            (row.subject.as_ref(), row.event.as_ref()),
            ("You have won", "Delivered")
        );
        assert_eq!((row.submitted_by_user, row.complete), (Some(false), true));
    }

    #[test_case("0d1e2f30-1111-4222-8333-0123456789ab", true; "a mailbox")]
    #[test_case("00000000-0000-0000-0000-000000000000", false; "zeros")]
    #[test_case("null", false; "a written null")]
    fn the_submitter_is_told_by_its_object(object: &str, expected: bool) {
        assert_eq!(one(&[("SenderObjectId", object)]).submitted_by_user, Some(expected));
    }

    #[test_case(&[("DeliveryAction", "Junked"), ("DeliveryLocation", "Junk folder")], Status::Junk; "junk")]
    #[test_case(&[("DeliveryAction", "Blocked"), ("DeliveryLocation", "Quarantine")], Status::Quarantined; "blocked into quarantine")]
    #[test_case(&[("DeliveryAction", "Blocked"), ("DeliveryLocation", "Dropped")], Status::Failed; "dropped")]
    #[test_case(&[("DeliveryAction", "Delivered"), ("DeliveryLocation", "On-premises/external")], Status::Delivered; "outside")]
    #[test_case(&[("DeliveryAction", "Delivered"), ("DeliveryLocation", "Inbox/folder"), ("LatestDeliveryLocation", "Quarantine")], Status::Quarantined; "taken out later")]
    #[test_case(&[("DeliveryAction", "Blocked")], Status::Failed; "an action alone")]
    fn a_place_is_a_status(filled: &[(&str, &str)], expected: Status) {
        assert_eq!(one(filled).status, expected);
    }

    #[test_case("Phish, Spam", "", FilterVerdict::Phish)]
    #[test_case("Malware", "", FilterVerdict::Malware)]
    #[test_case("", "9", FilterVerdict::Spam; "a level alone")]
    #[test_case("", "{\"Spam\":\"5\"}", FilterVerdict::Spam; "a level within JSON")]
    #[test_case("", "-1", FilterVerdict::Clean; "filtering skipped")]
    #[test_case("", "", FilterVerdict::Clean; "no threat")]
    fn threats_are_a_verdict(threats: &str, level: &str, expected: FilterVerdict) {
        assert_eq!(
            one(&[("ThreatTypes", threats), ("ConfidenceLevel", level)]).verdict,
            expected
        );
    }

    #[test]
    fn broken_rows_are_rejected_or_degraded() {
        assert_eq!(read(&[("Timestamp", "")]).0, Fate::Rejected(Reason::NoTime));
        assert_eq!(
            read(&[("NetworkMessageId", ""), ("RecipientEmailAddress", "")]).0,
            Fate::Rejected(Reason::NothingToPlace)
        );
        assert_eq!(
            read_csv(&*csv_reader(HEADER), &["2026-04-04T00:56:10Z", ID], false).0,
            Fate::Degraded(Reason::CellCount)
        );
    }

    #[test]
    fn a_damaged_row_does_not_clear_its_message() {
        // Behind the subject a cell too many: whatever stands under ThreatTypes may be another column's.
        let mut cells: Vec<&str> = vec![""; 19];
        cells[0] = "2026-04-04T00:56:10Z";
        cells[1] = ID;
        cells[8] = "bob@contoso.com";
        let (fate, kept) = read_csv(&*csv_reader(HEADER), &cells, false);
        assert_eq!(fate, Fate::Degraded(Reason::CellCount));
        let row = traces((fate, kept)).remove(0);
        assert_eq!((row.verdict, row.status), (FilterVerdict::None, Status::Unknown));
        let (fate, kept) = read_csv(&*csv_reader(HEADER), &cells[..3], false);
        let row = traces((fate, kept)).remove(0);
        assert_eq!((row.verdict, row.submitted_by_user), (FilterVerdict::None, None));
    }
}
