//! The table CloudAppEvents of Defender's advanced hunting: as the portal's CSV, as JSON rows, or in the envelope of the
//! streaming export. RawEventData is the audit record, as an object or as its text.
//!
//! Events of other Microsoft services stand in the same table without a RawEventData; scripts join it with other tables.

use super::audit::Parts;
use super::audit_csv::{AuditCsv, Columns};
use super::date::DateOrder;
use super::recognise::{Format, Seen};
use super::scan::{Head, Token, values};
use super::{Kind, Origin, Reader, Record};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "defender_cloud_app_events",
    marks: &["Timestamp", "ActionType", "Application", "ReportId", "RawEventData"],
    recognise,
};

/// The table's name in an envelope.
const TABLE: &[u8] = b"CloudAppEvents";

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    if seen.is_json() {
        // A table of devices or mails has an ActionType too.
        let row = seen.has("ActionType") && seen.has_any(&["RawEventData", "ActivityObjects", "IsAdminOperation"]);
        let streamed = seen.has("properties") && seen.says("category", "CloudAppEvents");
        return (row || streamed).then_some(Box::new(Rows) as Box<dyn Reader>);
    }
    seen.rows()?;
    let columns = Columns {
        date: seen.column(&["Timestamp", "TimeGenerated"]),
        record_type: None,
        user: seen.column(&["AccountId", "AccountObjectId", "AccountDisplayName"]),
        operation: seen.column(&["ActionType"]),
        data: Some(seen.column(&["RawEventData"])?),
        result_count: None,
        id: None,
    };
    columns.operation?;
    Some(Box::new(AuditCsv::new(FORMAT.name, columns, seen)))
}

struct Rows;

impl Reader for Rows {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        Kind::AuditLog
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Json(text) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        let row = match unwrapped(Token::plain(text)) {
            Ok(row) => row,
            Err(reason) => return Fate::Rejected(reason),
        };
        let [time, generated, action, raw, account, object, name, address, report] = values(
            row,
            [
                "Timestamp",
                "TimeGenerated",
                "ActionType",
                "RawEventData",
                "AccountId",
                "AccountObjectId",
                "AccountDisplayName",
                "IPAddress",
                "ReportId",
            ],
        );
        let parts = Parts {
            outer: Head {
                operation: action,
                time: time.or(generated),
                user: account.or(object).or(name),
                client_ip: address,
                id: if raw.is_empty() { report } else { Token::default() },
                ..Head::default()
            },
            data: raw,
            bare: false,
            order: DateOrder::MonthFirst,
            damage: None,
        };
        parts.read(origin, out)
    }
}

/// The row within the envelope of the streaming export, or the row itself.
fn unwrapped(row: Token<'_>) -> Result<Token<'_>, Reason> {
    let [properties, category] = values(row, ["properties", "category"]);
    if !properties.is_object() {
        return Ok(row);
    }
    let names_it = memchr::memmem::find(category.raw(), TABLE).is_some();
    if names_it {
        Ok(properties)
    } else {
        Err(Reason::OtherFormat)
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, event, json_reader, read_csv, read_json, tally};
    use crate::records::{RecordId, Workload};

    const ID: &str = "699e0b10-1c53-403e-976f-ce0847a92b44";

    fn raw(operation: &str) -> String {
        format!(
            r#"{{"CreationTime":"2026-04-04T00:55:00.0000000Z","RecordType":1,"Operation":"{operation}","UserType":2,"Workload":"Exchange","UserId":"it.admin@fabrikam.com","ResultStatus":"True","Id":"{ID}","ObjectId":"Relay","ClientIP":"91.219.236.10:5120","Parameters":[{{"Name":"Name","Value":"Relay"}}]}}"#
        )
    }

    fn row(operation: &str, raw: &str) -> String {
        format!(
            r#"{{"Timestamp":"2026-04-04T00:55:00Z","ActionType":"{operation}","Application":"Microsoft Exchange Online","ApplicationId":20893,"AccountObjectId":"o","AccountDisplayName":"IT Admin","IsAdminOperation":1,"IPAddress":"91.219.236.10","ReportId":"106830890_20893_{ID}","RawEventData":{raw}}}"#
        )
    }

    #[test]
    fn the_record_within_is_read_as_object_as_text_and_in_the_envelope() {
        let operation = "New-InboundConnector";
        let object = row(operation, &raw(operation));
        let text = row(operation, &serde_json::Value::from(raw(operation)).to_string());
        let streamed = format!(
            r#"{{"time":"2026-04-04T00:57:00Z","tenantId":"t","operationName":"Publish","category":"AdvancedHunting-CloudAppEvents","properties":{object}}}"#
        );
        for text in [object, text, streamed] {
            let reader = json_reader(&text);
            assert_eq!(reader.format(), "defender_cloud_app_events");
            let read = read_json(&*reader, &text);
            assert_eq!(read.0, Fate::Accepted);
            let event = event(read);
            assert_eq!(event.time.to_string(), "2026-04-04T00:55:00Z");
            assert_eq!((event.id.as_deref(), event.record_type), (Some(ID), Some(1)));
            assert_eq!(
                (event.object.as_str(), event.parameter("Name")),
                ("Relay", Some("Relay"))
            );
            assert_eq!(event.user, "it.admin@fabrikam.com");
        }
    }

    #[test]
    fn a_row_of_the_portals_csv_says_the_same() {
        let reader = csv_reader("Timestamp,ActionType,Application,AccountId,ReportId,RawEventData");
        assert_eq!(reader.format(), "defender_cloud_app_events");
        let raw = raw("Set-InboundConnector");
        let cells = [
            "2026-04-04T00:55:00Z",
            "Set-InboundConnector",
            "x",
            "it.admin@fabrikam.com",
            "r",
            &raw,
        ];
        let read = read_csv(&*reader, &cells, false);
        assert_eq!(read.0, Fate::Accepted);
        assert_eq!(event(read).id.as_deref(), Some(ID));
        let cut = [cells[0], cells[1], cells[2], cells[3], cells[4], ""];
        assert_eq!(
            read_csv(&*reader, &cut, false).0,
            Fate::Degraded(Reason::AuditDataMissing)
        );
    }

    #[test]
    fn an_event_without_its_record_is_kept_by_its_columns() {
        let text = row("Add delegated permission grant.", "null");
        let read = read_json(&*json_reader(&text), &text);
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataMissing));
        let event = event(read);
        assert_eq!(
            (event.user.as_str(), event.client_ip),
            ("o", "91.219.236.10".parse().ok())
        );
        assert_eq!(event.id.as_deref(), Some(&*format!("106830890_20893_{ID}")));
    }

    #[test]
    fn what_counts_is_told_by_its_action_and_its_record() {
        let text = row("MailItemsAccessed", &raw("MailItemsAccessed"));
        let counted = tally(read_json(&*json_reader(&text), &text));
        assert_eq!(
            (counted.id, counted.workload),
            (RecordId::of(ID), Workload::ExchangeAdmin)
        );
    }

    #[test]
    fn another_tables_envelope_is_another_format() {
        let operation = "New-InboundConnector";
        let reader = json_reader(&row(operation, &raw(operation)));
        let other = r#"{"time":"x","category":"AdvancedHunting-DeviceEvents","properties":{"Timestamp":"2026-04-04T00:55:00Z","ActionType":"x"}}"#;
        assert_eq!(read_json(&*reader, other).0, Fate::Rejected(Reason::OtherFormat));
        assert_eq!(
            read_json(&*reader, r#"{"Timestamp":"2026-04-04T00:55:00Z"}"#).0,
            Fate::Rejected(Reason::NoOperation)
        );
    }
}
