//! EmailEvents of advanced hunting, as the portal exports it or its interface answers: a row a message and recipient, with
//! P1, P2, the connector by name, and whether a mailbox submitted it. Column meanings: EmailEvents table reference.

use std::borrow::Cow;

use super::custom_data::confidence;
use super::date_order::Zone;
use super::recognise::{Format, Seen};
use super::trace_fields::{Layout, Part, Trace, Values};
use super::{FilterVerdict, Reader, Status, TraceRow, address, id};
use crate::evidence::Fate;

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

/// Columns of sibling tables: attachments have FileName, links Url, what became of mail later has ActionType.
const SIBLINGS: [&str; 4] = ["FileName", "FileType", "Url", "ActionType"];

/// Columns that no sibling has.
const OWN: [&str; 4] = [
    "SenderMailFromAddress",
    "DeliveryAction",
    "EmailDirection",
    "Connectors",
];

/// The time of a row; a workspace of Log Analytics has one of its own beside it, or in its place. The portal of Azure names the
/// zone where it saves a table.
pub(super) const TIME: &[&str] = &["Timestamp", "Timestamp [UTC]", "TimeGenerated", "TimeGenerated [UTC]"];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let placed = seen.has_any(TIME) && seen.has("NetworkMessageId") && seen.has("RecipientEmailAddress");
    let known = placed && seen.has_any(&OWN) && !seen.has_any(&SIBLINGS);
    known.then(|| Box::new(EmailEvents::reader(seen)) as Box<dyn Reader>)
}

pub(super) struct EmailEvents {
    network_message_id: Part,
    message_id: Part,
    p1: Part,
    p2: Part,
    submitter: Part,
    ipv4: Part,
    ipv6: Part,
    recipient: Part,
    subject: Part,
    action: Part,
    location: Part,
    latest_action: Part,
    latest_location: Part,
    threats: Part,
    confidence: Part,
    connectors: Part,
}

impl EmailEvents {
    pub(super) fn reader(seen: &Seen<'_>) -> Trace<Self> {
        let subject = Part::of(seen, &["Subject"]);
        let layout = EmailEvents {
            network_message_id: Part::of(seen, &["NetworkMessageId"]),
            message_id: Part::of(seen, &["InternetMessageId"]),
            p1: Part::of(seen, &["SenderMailFromAddress"]),
            p2: Part::of(seen, &["SenderFromAddress"]),
            submitter: Part::of(seen, &["SenderObjectId"]),
            ipv4: Part::of(seen, &["SenderIPv4"]),
            ipv6: Part::of(seen, &["SenderIPv6"]),
            recipient: Part::of(seen, &["RecipientEmailAddress"]),
            subject,
            action: Part::of(seen, &["DeliveryAction"]),
            location: Part::of(seen, &["DeliveryLocation"]),
            latest_action: Part::of(seen, &["LatestDeliveryAction"]),
            latest_location: Part::of(seen, &["LatestDeliveryLocation"]),
            threats: Part::of(seen, &["ThreatTypes"]),
            confidence: Part::of(seen, &["ConfidenceLevel"]),
            connectors: Part::of(seen, &["Connectors", "Connector"]),
        };
        let dates = seen.settle(TIME, Zone::Utc);
        Trace::new(seen, Part::of(seen, TIME), subject, dates, layout)
    }
}

impl Layout for EmailEvents {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn read(&self, values: &Values<'_, '_>, hand_on: impl FnOnce(TraceRow<'_>) -> Fate) -> Fate {
        let address = |part| values.filled(part).map(address::bare_cow);
        let action = values.value(self.action);
        hand_on(TraceRow {
            network_message_id: values.value(self.network_message_id),
            message_id: values.value(self.message_id),
            recipients: address(self.recipient).into_iter().collect(),
            p1: address(self.p1),
            p2: address(self.p2),
            source: address::ip(&values.value(self.ipv4)).or_else(|| address::ip(&values.value(self.ipv6))),
            connector: values.filled(self.connectors),
            status: self.status(values, &action),
            verdict: self.verdict(values),
            subject: values.text(self.subject),
            event: action,
            submitted_by_user: Some(self.submitter)
                .filter(|&part| values.trusts(part))
                .map(|part| id::guid(&values.value(part)).is_some_and(|object| object != 0)),
            rank: RANK,
            ..TraceRow::default()
        })
    }
}

impl EmailEvents {
    fn status(&self, values: &Values<'_, '_>, action: &str) -> Status {
        fared(
            [self.location, self.latest_location].map(|part| values.value(part)),
            [action.into(), values.value(self.latest_action)],
        )
    }

    fn verdict(&self, values: &Values<'_, '_>) -> FilterVerdict {
        // The column is there and names no threat: the filter looked and found none. In a damaged row it may stand
        // where another column should.
        let silent = if values.trusts(self.threats) {
            FilterVerdict::Clean
        } else {
            FilterVerdict::None
        };
        let by_threat = threat(&values.value(self.threats)).unwrap_or(silent);
        by_threat.max(spam_level(&values.value(self.confidence)))
    }
}

/// The strongest of what delivery and later moves said: what was taken out of a mailbox afterwards was unwanted.
pub(super) fn fared(locations: [Cow<'_, str>; 2], actions: [Cow<'_, str>; 2]) -> Status {
    // An action says less than a place: mail that was blocked may lie in quarantine.
    match strongest(&locations, location) {
        Status::Unknown => strongest(&actions, action),
        placed => placed,
    }
}

/// Mail seldom moves after delivery, and then both texts are the same.
fn strongest([first, latest]: &[Cow<'_, str>; 2], of: fn(&str) -> Status) -> Status {
    let status = of(first);
    if first == latest {
        status
    } else {
        status.max(of(latest))
    }
}

/// The worst of the threats that a text names.
pub(super) fn threat(text: &str) -> Option<FilterVerdict> {
    if text.is_empty() {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let words = [
        ("malware", FilterVerdict::Malware),
        ("phish", FilterVerdict::Phish),
        ("spam", FilterVerdict::Spam),
    ];
    let found = words.into_iter().find(|(word, _)| lower.contains(word));
    found.map(|(_, verdict)| verdict)
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

/// Where a message lies, as the hunting tables and Threat Explorer say it.
pub(super) fn location(text: &str) -> Status {
    const USUAL: [(&str, Status); 3] = [
        ("", Status::Unknown),
        ("Inbox/folder", Status::Delivered),
        ("On-premises/external", Status::Delivered),
    ];
    if let Some((_, status)) = USUAL.iter().find(|(usual, _)| usual.eq_ignore_ascii_case(text)) {
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
    use crate::records::testing::{csv_reader, read_csv, traces, traces_by_name};
    use crate::records::{FilterVerdict, Kind, Status, TraceRow};

    const HEADER: &str = "Timestamp,NetworkMessageId,InternetMessageId,SenderMailFromAddress,SenderFromAddress,SenderObjectId,SenderIPv4,SenderIPv6,RecipientEmailAddress,Subject,EmailDirection,DeliveryAction,DeliveryLocation,ThreatTypes,ConfidenceLevel,Connectors,LatestDeliveryLocation,LatestDeliveryAction";
    const ID: &str = "81945af2-cab7-45ad-ba23-08d8ede2715d";

    fn read(filled: &[(&str, &str)]) -> (Fate, Vec<TraceRow<'static>>) {
        let defaults = [
            ("Timestamp", "2026-04-04T00:56:10Z"),
            ("NetworkMessageId", ID),
            ("RecipientEmailAddress", "bob@contoso.com"),
        ];
        traces_by_name(HEADER, &[&defaults[..], filled].concat())
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
        assert_eq!(row.recipients[..], ["bob@contoso.com"]);
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

    #[test]
    fn a_table_saved_from_the_portal_names_the_zone_of_its_time() {
        let saved = HEADER.replace("Timestamp", "Timestamp [UTC]");
        let (_, rows) = traces_by_name(
            &saved,
            &[
                ("Timestamp [UTC]", "1/26/2026, 2:18:47.000 PM"),
                ("NetworkMessageId", ID),
                ("RecipientEmailAddress", "bob@contoso.com"),
            ],
        );
        assert_eq!(
            rows.first().map(|row| row.time.to_string()).as_deref(),
            Some("2026-01-26T14:18:47Z")
        );
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
