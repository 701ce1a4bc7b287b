//! The tables of advanced hunting as the streaming interface writes them into a storage account or an event hub: each row
//! under `properties` of an envelope, whose `category` names its table. EmailEvents and EmailPostDeliveryEvents may share
//! a file.

use serde_json::Value;

use super::field::{get, get_text, nested, object_and_damage};
use super::recognise::{Format, Seen};
use super::trace_email_events::EmailEvents;
use super::trace_fields::{Trace, Values};
use super::trace_post_delivery::PostDelivery;
use super::{Kind, Origin, Reader, Record, Settled};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "streamed_email_events",
    marks: &["time", "tenantId", "operationName", "category", "properties"],
    recognise,
};

/// The tables that are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    EmailEvents,
    PostDelivery,
}

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let tables: Vec<Table> = seen.objects().iter().filter_map(table).collect();
    let of_messages = tables.contains(&Table::EmailEvents);
    (seen.has("properties") && !tables.is_empty()).then(|| {
        Box::new(Streamed {
            kind: if of_messages {
                Kind::MessageTrace
            } else {
                Kind::PostDelivery
            },
            email_events: EmailEvents::reader(seen),
            post_delivery: PostDelivery::reader(seen),
        }) as Box<dyn Reader>
    })
}

fn table(envelope: &serde_json::Map<String, Value>) -> Option<Table> {
    let category = get_text(envelope, "category");
    match category.rsplit('-').next().unwrap_or_default() {
        name if name.eq_ignore_ascii_case("EmailEvents") => Some(Table::EmailEvents),
        name if name.eq_ignore_ascii_case("EmailPostDeliveryEvents") => Some(Table::PostDelivery),
        _ => None,
    }
}

struct Streamed {
    kind: Kind,
    email_events: Trace<EmailEvents>,
    post_delivery: Trace<PostDelivery>,
}

impl Reader for Streamed {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn dates(&self) -> Option<&Settled> {
        self.email_events.dates()
    }

    fn read(&self, row: &Row<'_>, _: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Json(text) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        let (mut envelope, damage) = match object_and_damage(text) {
            Ok(read) => read,
            Err(reason) => return Fate::Rejected(reason),
        };
        let Some(table) = table(&envelope) else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        let properties = match envelope.shift_remove("properties") {
            Some(Value::Object(properties)) => Some(properties),
            Some(Value::String(text)) => nested(&text),
            _ => get(&envelope, "properties").and_then(Value::as_object).cloned(),
        };
        let Some(properties) = properties else {
            return Fate::Rejected(Reason::NothingToPlace);
        };
        let values = Values::Object(properties);
        match table {
            Table::EmailEvents => self.email_events.read_values(&values, damage, out),
            Table::PostDelivery => self.post_delivery.read_values(&values, damage, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{json_reader, read_json, traces};
    use crate::records::{FilterVerdict, Kind, Status};

    fn envelope(category: &str, properties: &str) -> String {
        format!(
            r#"{{"time":"2026-04-04T01:00:00.0000000Z","tenantId":"t","operationName":"Publish","category":"AdvancedHunting-{category}","_TimeReceivedBySvc":"2026-04-04T00:59:00Z","properties":{properties},"Tenant":"DefaultTenant"}}"#
        )
    }

    const MAIL: &str = r#"{"ReportId":"x-1","Timestamp":"2026-04-04T00:56:10Z","NetworkMessageId":"81945af2-cab7-45ad-ba23-08d8ede2715d","InternetMessageId":"<a@b>",
        "SenderMailFromAddress":"news@fabrikam.com","SenderFromAddress":"prize@brand.example","SenderIPv4":"91.219.236.10","SenderIPv6":null,"RecipientEmailAddress":"bob@contoso.com",
        "Subject":"You have won","EmailDirection":"Outbound","DeliveryAction":"Delivered","DeliveryLocation":"On-premises/External","ThreatTypes":null,"Connectors":"Relai SMTP interne",
        "SenderObjectId":null,"AttachmentCount":0,"To":["bob@contoso.com"]}"#;

    #[test]
    fn a_row_is_read_out_of_its_envelope() {
        let text = envelope("EmailEvents", MAIL);
        let reader = json_reader(&text);
        assert_eq!(
            (reader.format(), reader.kind()),
            ("streamed_email_events", Kind::MessageTrace)
        );
        let read = read_json(&*reader, &text);
        assert_eq!(read.0, Fate::Accepted);
        let row = traces(read).remove(0);
        assert_eq!(
            row.time.to_string(),
            "2026-04-04T00:56:10Z",
            "its own time, not that of the stream"
        );
        assert_eq!(row.connector.as_deref(), Some("Relai SMTP interne"));
        assert_eq!(row.p1.as_deref(), Some("news@fabrikam.com"));
        assert_eq!((row.status, row.verdict), (Status::Delivered, FilterVerdict::Clean));
        assert_eq!(row.submitted_by_user, Some(false));
        let zap = envelope(
            "EmailPostDeliveryEvents",
            r#"{"Timestamp":"2026-04-04T02:00:00Z","NetworkMessageId":"81945af2-cab7-45ad-ba23-08d8ede2715d","RecipientEmailAddress":"bob@contoso.com","Action":"Moved to quarantine","ActionType":"Spam ZAP","DeliveryLocation":"Quarantine"}"#,
        );
        let row = traces(read_json(&*reader, &zap)).remove(0);
        assert_eq!((row.status, row.verdict), (Status::Quarantined, FilterVerdict::Spam));
        assert_eq!(json_reader(&zap).kind(), Kind::PostDelivery);
    }

    #[test]
    fn rows_of_other_tables_are_counted_and_not_read() {
        let reader = json_reader(&envelope("EmailEvents", MAIL));
        for (text, reason) in [
            (envelope("DeviceEvents", "{}"), Reason::OtherFormat),
            (envelope("EmailEvents", "null"), Reason::NothingToPlace),
            (envelope("EmailEvents", "{}"), Reason::NoTime),
        ] {
            assert_eq!(read_json(&*reader, &text).0, Fate::Rejected(reason), "{text}");
        }
    }
}
