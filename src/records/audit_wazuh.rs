//! Audit records as Wazuh archives them: the record of the Management Activity API under `data.office365`, with a
//! Subscription added, alone or within a hit's `_source`.

use serde_json::{Map, Value};

use super::audit::Parts;
use super::date::DateOrder;
use super::field::get;
use super::recognise::{Format, Seen};
use super::scan::{Head, Token, values};
use super::{Kind, Origin, Reader, Record};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "wazuh_office365",
    marks: &["timestamp", "rule", "agent", "data"],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    seen.objects().iter().any(holds_a_record).then_some(Box::new(Alerts))
}

fn holds_a_record(object: &Map<String, Value>) -> bool {
    let inside = |object: &Map<String, Value>, key: &str| get(object, key).and_then(Value::as_object).cloned();
    let alert = inside(object, "_source").unwrap_or_else(|| object.clone());
    inside(&alert, "data")
        .unwrap_or(alert)
        .get("office365")
        .is_some_and(Value::is_object)
}

struct Alerts;

impl Reader for Alerts {
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
        let row = Token::plain(text);
        let [source] = values(row, ["_source"]);
        let alert = source.or(row);
        let [data] = values(alert, ["data"]);
        let [record] = values(data.or(alert), ["office365"]);
        if record.is_empty() {
            // Alerts of other sources lie in the same archive.
            return Fate::Rejected(Reason::OtherFormat);
        }
        let parts = Parts {
            outer: Head::default(),
            data: record,
            bare: true,
            order: DateOrder::MonthFirst,
            damage: None,
        };
        parts.read(origin, out)
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{event, json_reader, read_json};

    const RECORD: &str = r#"{"CreationTime":"2026-04-04T00:55:00","Id":"c9d2d808-0efe-48cb-eaec-08da3028eb80","Operation":"Remove-InboundConnector","RecordType":"1","UserType":"2","UserId":"it.admin@fabrikam.com","Parameters":[{"Name":"Identity","Value":"Relay"}],"Subscription":"Audit.Exchange"}"#;

    #[test]
    fn the_record_within_is_read_wherever_it_lies() {
        let alert = format!(
            r#"{{"timestamp":"2026-04-04T00:57:03.120+0000","rule":{{"level":3}},"agent":{{"id":"000"}},"data":{{"integration":"office365","office365":{RECORD}}}}}"#
        );
        let bare = format!(r#"{{"integration":"office365","office365":{RECORD}}}"#);
        let hit = format!(r#"{{"_index":"wazuh-alerts","_source":{alert}}}"#);
        for text in [alert, bare, hit] {
            let reader = json_reader(&text);
            assert_eq!(reader.format(), "wazuh_office365");
            let read = read_json(&*reader, &text);
            assert_eq!(read.0, Fate::Accepted);
            let event = event(read);
            assert_eq!(event.time.to_string(), "2026-04-04T00:55:00Z");
            assert_eq!(
                (event.record_type, event.parameter("Identity")),
                (Some(1), Some("Relay"))
            );
            let other = r#"{"timestamp":"x","rule":{},"data":{"srcip":"1.2.3.4"}}"#;
            assert_eq!(read_json(&*reader, other).0, Fate::Rejected(Reason::OtherFormat));
        }
    }
}
