//! EmailPostDeliveryEvents of advanced hunting: what was done with a message after it had been delivered. A row a message,
//! recipient and action. What the zero-hour purge took out of a mailbox was unwanted. Column meanings:
//! EmailPostDeliveryEvents table reference.

use std::borrow::Cow;

use super::date_order::Zone;
use super::recognise::{Format, Seen};
use super::trace_email_events::{TIME, location, threat};
use super::trace_fields::{Layout, Part, Trace, Values};
use super::{FilterVerdict, Kind, Reader, Status, TraceRow, address};
use crate::evidence::Fate;

pub(super) const FORMAT: Format = Format {
    name: "email_post_delivery_events",
    marks: &[
        "Timestamp",
        "NetworkMessageId",
        "ActionType",
        "ActionResult",
        "RecipientEmailAddress",
        "DeliveryLocation",
    ],
    recognise,
};

/// That a message was there other exports say.
const RANK: u8 = 0;

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let placed = seen.has_any(TIME) && seen.has("NetworkMessageId") && seen.has("RecipientEmailAddress");
    let own = seen.has("ActionType") && seen.has_any(&["Action", "ActionTrigger", "ActionResult"]);
    (placed && own).then(|| Box::new(PostDelivery::reader(seen)) as Box<dyn Reader>)
}

pub(super) struct PostDelivery {
    network_message_id: Part,
    message_id: Part,
    p2: Part,
    recipient: Part,
    action: Part,
    action_type: Part,
    result: Part,
    location: Part,
    threats: Part,
}

impl PostDelivery {
    pub(super) fn reader(seen: &Seen<'_>) -> Trace<Self> {
        let layout = PostDelivery {
            network_message_id: Part::of(seen, &["NetworkMessageId"]),
            message_id: Part::of(seen, &["InternetMessageId"]),
            p2: Part::of(seen, &["SenderFromAddress"]),
            recipient: Part::of(seen, &["RecipientEmailAddress"]),
            action: Part::of(seen, &["Action"]),
            action_type: Part::of(seen, &["ActionType"]),
            result: Part::of(seen, &["ActionResult"]),
            location: Part::of(seen, &["DeliveryLocation"]),
            threats: Part::of(seen, &["ThreatTypes"]),
        };
        let dates = seen.settle(TIME, Zone::Utc);
        Trace::new(seen, Part::of(seen, TIME), Part::of(seen, &["Subject"]), dates, layout)
    }

    fn outcome(&self, values: &Values<'_, '_>, kind: &str) -> (Status, FilterVerdict) {
        let lower = kind.to_ascii_lowercase();
        // Given back: the threats that the row may name are those that were held against it before.
        if lower.contains("redelivery") {
            return (location(&values.value(self.location)), FilterVerdict::None);
        }
        let named = threat(&values.value(self.threats));
        let purged = lower
            .contains("zap")
            .then(|| threat(&lower).unwrap_or(FilterVerdict::Spam));
        let verdict = named.max(purged).unwrap_or_default();
        let result = values.value(self.result).to_ascii_lowercase();
        if ["fail", "error", "not found"].iter().any(|word| result.contains(word)) {
            return (Status::Unknown, verdict);
        }
        let moved = match values.value(self.action).to_ascii_lowercase() {
            action if action.contains("quarantine") => Status::Quarantined,
            action if action.contains("junk") => Status::Junk,
            _ => Status::Unknown,
        };
        (moved.max(location(&values.value(self.location))), verdict)
    }
}

impl Layout for PostDelivery {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        Kind::PostDelivery
    }

    fn read(&self, values: &Values<'_, '_>, hand_on: impl FnOnce(TraceRow<'_>) -> Fate) -> Fate {
        let kind = values.value(self.action_type);
        let (status, verdict) = self.outcome(values, &kind);
        hand_on(TraceRow {
            network_message_id: values.value(self.network_message_id),
            message_id: values.value(self.message_id),
            recipients: values
                .filled(self.recipient)
                .map(address::bare_cow)
                .into_iter()
                .collect(),
            p2: values.filled(self.p2).map(address::bare_cow),
            status,
            verdict,
            event: Cow::Owned([&*kind, &*values.value(self.action)].join(" ")),
            rank: RANK,
            ..TraceRow::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, json_reader, read_csv, read_json, traces};
    use crate::records::{FilterVerdict, Kind, Status, TraceRow};

    const HEADER: &str = "Timestamp,NetworkMessageId,InternetMessageId,Action,ActionType,ActionTrigger,ActionResult,RecipientEmailAddress,DeliveryLocation,ThreatTypes,DetectionMethods,ReportId";
    const ID: &str = "81945af2-cab7-45ad-ba23-08d8ede2715d";

    fn one(action: &str, kind: &str, result: &str, location: &str, threats: &str) -> TraceRow<'static> {
        let cells = [
            "2026-04-04T09:00:00Z",
            ID,
            "<a@b>",
            action,
            kind,
            "SpecialAction",
            result,
            "bob@contoso.com",
            location,
            threats,
            "",
            "r",
        ];
        let read = read_csv(&*csv_reader(HEADER), &cells, false);
        assert_eq!(read.0, Fate::Accepted);
        traces(read).remove(0)
    }

    #[test]
    fn a_purge_is_read_field_by_field() {
        assert_eq!(csv_reader(HEADER).kind(), Kind::PostDelivery);
        let row = one("Moved to quarantine", "Phish ZAP", "Success", "Quarantine", "Phish");
        assert_eq!(row.time.to_string(), "2026-04-04T09:00:00Z");
        assert_eq!(
            (row.network_message_id.as_ref(), row.message_id.as_ref()),
            (ID, "<a@b>")
        );
        assert_eq!(row.recipients[..], ["bob@contoso.com"]);
        assert_eq!((row.status, row.verdict), (Status::Quarantined, FilterVerdict::Phish));
        assert_eq!((row.event.as_ref(), row.rank), ("Phish ZAP Moved to quarantine", 0));
    }

    #[test_case("Moved to junk", "Spam ZAP", "Success", "Junk folder", "", Status::Junk, FilterVerdict::Spam; "spam by the name of the purge")]
    #[test_case("Moved to quarantine", "Malware ZAP", "Error", "Inbox", "", Status::Unknown, FilterVerdict::Malware; "a purge that failed")]
    #[test_case("Reprocessed", "Redelivery", "Success", "Inbox", "Phish", Status::Delivered, FilterVerdict::None; "given back")]
    #[test_case("Soft delete", "Manual remediation", "Success", "Deleted items", "Spam", Status::Delivered, FilterVerdict::Spam; "taken out by hand")]
    fn what_was_done_is_an_outcome(
        action: &str,
        kind: &str,
        result: &str,
        location: &str,
        threats: &str,
        status: Status,
        verdict: FilterVerdict,
    ) {
        let row = one(action, kind, result, location, threats);
        assert_eq!((row.status, row.verdict), (status, verdict));
    }

    #[test]
    fn an_object_says_what_a_row_says() {
        let text = format!(
            r#"{{"ReportId":"x","Timestamp":"2026-04-04T09:00:00Z","NetworkMessageId":"{ID}","Action":"Moved to quarantine","ActionType":"Spam ZAP",
            "ActionResult":"Success","RecipientEmailAddress":"bob@contoso.com","DeliveryLocation":"Quarantine","ThreatTypes":null}}"#
        );
        let row = traces(read_json(&*json_reader(&text), &text)).remove(0);
        assert_eq!((row.status, row.verdict), (Status::Quarantined, FilterVerdict::Spam));
        let undated = read_json(&*json_reader(&text), r#"{"NetworkMessageId":"x"}"#);
        assert_eq!(undated.0, Fate::Rejected(Reason::NoTime));
    }
}
