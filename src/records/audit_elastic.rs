//! Audit records as Elastic's `o365.audit` data stream holds them: documents with nested or dotted names, alone or within
//! a hit's `_source`, and the CSV of Kibana.
//!
//! The ingest pipeline turns bags of pairs into maps, numbers into text, and moves Operation, Id, ClientIP and Workload
//! into `event`, `client` and `user`. Where `event.original` was kept, it is the record as the service wrote it.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::audit::{Parts, Renamed, undisputed};
use super::audit_renamed::{Naming, RenamedCsv, put};
use super::date::DateOrder;
use super::date_order::Zone;
use super::field::object_and_damage;
use super::interest::{self, Interest};
use super::recognise::{Format, Seen};
use super::scan::{Head, Token, values};
use super::{Kind, Origin, Reader, Record};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "elastic_o365_audit",
    marks: &["@timestamp", "event", "o365"],
    recognise,
};

/// What the names of the record's own fields begin with.
const OWN: &str = "o365.audit.";

/// What the pipeline moves elsewhere, and the record's own name for it.
const MOVED: [(&str, &str); 6] = [
    ("event.action", "Operation"),
    ("event.id", "Id"),
    ("event.provider", "Workload"),
    ("client.ip", "ClientIP"),
    ("user.id", "UserId"),
    ("@timestamp", "CreationTime"),
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let dotted = seen.names().iter().any(|name| own(name).is_some());
    if seen.is_json() {
        let document = dotted || (seen.has("o365") && seen.has_any(&["@timestamp", "event", "event.dataset"]));
        let hit = seen.has("_source") && seen.holds("_source", &["o365", "o365.audit.Id", "o365.audit.CreationTime"]);
        return (document || hit).then_some(Box::new(Documents) as Box<dyn Reader>);
    }
    seen.rows()?;
    dotted.then(|| {
        let naming = Naming {
            format: FORMAT.name,
            name,
            times: &["o365.audit.CreationTime", "@timestamp"],
            ids: &["o365.audit.Id", "event.id"],
            // What Kibana writes where a document has no value.
            missing: "-",
        };
        Box::new(RenamedCsv::new(naming, seen, Zone::Utc)) as Box<dyn Reader>
    })
}

/// The record's own name for a dotted name.
fn name(dotted: &str) -> Option<&str> {
    let moved = || {
        let found = MOVED.iter().find(|(from, _)| from.eq_ignore_ascii_case(dotted));
        found.map(|(_, to)| *to)
    };
    own(dotted).or_else(moved)
}

/// The record's own name for a dotted name that was not moved.
fn own(dotted: &str) -> Option<&str> {
    let (start, name) = dotted.split_at_checked(OWN.len())?;
    start.eq_ignore_ascii_case(OWN).then_some(name)
}

struct Documents;

impl Reader for Documents {
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
        let [source] = values(Token::plain(text), ["_source"]);
        let document = source.or(Token::plain(text));
        let [time, event, o365, client, from, user] =
            values(document, ["@timestamp", "event", "o365", "client", "source", "user"]);
        let [audit] = values(o365, ["audit"]);
        let [action, id, code, original] = values(event, ["action", "id", "code", "original"]);
        if audit.is_empty() && original.is_empty() {
            return dotted(document, origin, out);
        }
        let [client] = values(client, ["ip"]);
        let [from] = values(from, ["ip"]);
        let [user] = values(user, ["id"]);
        let original = original.text();
        let whole = Token::plain(original.as_bytes());
        let as_written = || serde_json::from_str::<IgnoredAny>(&original).is_ok();
        let counts = interest::of(&action.or(Head::of(audit).operation).text()).0 == Interest::Count;
        let keeps_original = audit.is_empty() || (!counts && whole.looks_whole() && as_written());
        let parts = Parts {
            outer: Head {
                operation: action,
                id,
                time,
                record_type: code,
                user,
                client_ip: client.or(from),
                ..Head::default()
            },
            data: if keeps_original { whole } else { audit },
            bare: false,
            order: DateOrder::MonthFirst,
            damage: None,
        };
        parts.read(origin, out)
    }
}

/// A document whose names are dotted.
fn dotted(document: Token<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
    let [
        created,
        time,
        operation,
        action,
        id,
        event,
        kind,
        code,
        user,
        account,
        address,
        client,
    ] = values(
        document,
        [
            "o365.audit.CreationTime",
            "@timestamp",
            "o365.audit.Operation",
            "event.action",
            "o365.audit.Id",
            "event.id",
            "o365.audit.RecordType",
            "event.code",
            "o365.audit.UserId",
            "user.id",
            "o365.audit.ClientIP",
            "client.ip",
        ],
    );
    let renamed = Renamed {
        head: Head {
            operation: operation.or(action),
            id: id.or(event),
            record_type: kind.or(code),
            user: user.or(account),
            client_ip: address.or(client),
            ..Head::default()
        },
        time: undisputed(created.or(time)),
        damage: None,
    };
    let fields = || {
        let (document, damage) = object_and_damage(document.raw())?;
        let mut fields = Map::new();
        let mut moved: Vec<(&str, Value)> = Vec::new();
        for (key, value) in &document {
            match (own(key), name(key)) {
                (Some(own), _) => put(&mut fields, own, value.clone()),
                (None, Some(own)) => moved.push((own, value.clone())),
                (None, None) => {}
            }
        }
        // What the record still says itself comes first.
        moved.into_iter().for_each(|(own, value)| put(&mut fields, own, value));
        Ok((fields, damage))
    };
    renamed.read(fields, origin, out)
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, event, json_reader, read_csv, read_json, sign_in, tally};
    use crate::records::{AuditEvent, RecordId};

    const ID: &str = "1c7412a6-858d-49ff-3f93-08d7ac0f45bf";

    fn check(event: &AuditEvent) {
        assert_eq!(event.time.to_string(), "2026-04-04T00:55:00Z");
        assert_eq!(
            (event.id.as_deref(), event.operation.as_str()),
            (Some(ID), "Set-InboundConnector")
        );
        assert_eq!((event.record_type, event.user_type), (Some(1), Some(2)));
        assert_eq!(event.user, "it.admin@fabrikam.com");
        assert_eq!(event.client_ip, "91.219.236.10".parse().ok());
        assert_eq!(event.parameter("Identity"), Some("Relay"));
        assert_eq!(event.parameter("SenderIPAddresses"), Some("1.2.3.4;91.219.236.10"));
    }

    const NESTED: &str = r#"{"@timestamp":"2026-04-04T00:55:00.000Z","client":{"ip":"91.219.236.10"},"event":{"action":"Set-InboundConnector","code":"ExchangeAdmin","dataset":"o365.audit","id":"1c7412a6-858d-49ff-3f93-08d7ac0f45bf"},"o365":{"audit":{"CreationTime":"2026-04-04T00:55:00","ObjectId":"Relay","RecordType":"1","UserType":"2","ResultStatus":"True","Parameters":{"Identity":"Relay","SenderIPAddresses":"1.2.3.4;91.219.236.10"}}},"user":{"id":"it.admin@fabrikam.com"}}"#;

    #[test]
    fn what_the_pipeline_moved_is_put_back() {
        let hit = format!(r#"{{"_index":".ds-logs-o365.audit","_id":"a","_source":{NESTED}}}"#);
        for text in [NESTED, &hit] {
            let reader = json_reader(text);
            assert_eq!(reader.format(), "elastic_o365_audit");
            let read = read_json(&*reader, text);
            assert_eq!(read.0, Fate::Accepted);
            check(&event(read));
        }
    }

    #[test]
    fn dotted_names_say_the_same_in_json_and_in_kibanas_csv() {
        let names = [
            ("@timestamp", "2026-04-04T00:55:00.000Z"),
            ("client.ip", "91.219.236.10"),
            ("event.action", "Set-InboundConnector"),
            ("event.id", ID),
            ("o365.audit.CreationTime", "2026-04-04T00:55:00"),
            ("o365.audit.RecordType", "1"),
            ("o365.audit.UserType", "2"),
            ("o365.audit.Parameters.Identity", "Relay"),
            ("o365.audit.Parameters.SenderIPAddresses", "1.2.3.4;91.219.236.10"),
            ("user.id", "it.admin@fabrikam.com"),
            ("o365.audit.ResultStatus", "True"),
        ];
        let document: serde_json::Map<_, _> = names.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect();
        let text = serde_json::Value::Object(document).to_string();
        let reader = json_reader(&text);
        assert_eq!(reader.format(), "elastic_o365_audit");
        check(&event(read_json(&*reader, &text)));
        let header: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        let cells: Vec<&str> = names.iter().map(|(_, value)| *value).collect();
        let reader = csv_reader(&header.join(","));
        assert_eq!(reader.format(), "elastic_o365_audit");
        check(&event(read_csv(&*reader, &cells, false)));
        let mut bare = cells.clone();
        bare[9] = "-";
        assert_eq!(event(read_csv(&*reader, &bare, false)).user, "");
    }

    #[test]
    fn the_original_counts_where_it_was_kept_whole() {
        let original = r#"{"CreationTime":"2026-04-04T00:55:00","Id":"1c7412a6-858d-49ff-3f93-08d7ac0f45bf","Operation":"Set-InboundConnector","RecordType":1,"UserType":2,"UserId":"it.admin@fabrikam.com","ClientIP":"91.219.236.10:33758","Parameters":[{"Name":"Identity","Value":"Relay"},{"Name":"SenderIPAddresses","Value":"1.2.3.4;91.219.236.10"},{"Name":"A B","Value":"c"}]}"#;
        let with = |original: &str| {
            let quoted = serde_json::Value::from(original).to_string();
            NESTED.replace(r#""code":"#, &format!(r#""original":{quoted},"code":"#))
        };
        let text = with(original);
        let kept = event(read_json(&*json_reader(&text), &text));
        check(&kept);
        assert_eq!(kept.parameter("A B"), Some("c"));
        let text = with(&original.replace(r#""A B""#, r#""A "B""#));
        let kept = event(read_json(&*json_reader(&text), &text));
        check(&kept);
        assert_eq!(kept.parameter("A B"), None, "a broken original is passed over");
    }

    #[test]
    fn sign_ins_and_rows_that_count_are_told_by_their_event() {
        let text = NESTED
            .replace("Set-InboundConnector", "UserLoginFailed")
            .replace("ExchangeAdmin", "AzureActiveDirectoryStsLogon")
            .replace(
                r#""ResultStatus""#,
                r#""ExtendedProperties":{"UserAgent":"python"},"ResultStatus""#,
            );
        let failed = sign_in(read_json(&*json_reader(&text), &text));
        assert_eq!(
            (failed.account.as_ref(), failed.agent.as_ref()),
            ("it.admin@fabrikam.com", "python")
        );
        assert_eq!(
            (failed.address, failed.succeeded),
            ("91.219.236.10".parse().ok(), false)
        );
        let text = NESTED.replace("Set-InboundConnector", "Set-Mailbox");
        let counted = tally(read_json(&*json_reader(&text), &text));
        assert_eq!(
            (counted.operation.as_ref(), counted.id),
            ("Set-Mailbox", RecordId::of(ID))
        );
    }

    #[test]
    fn parameters_of_cmdlet_text_are_read() {
        let text = NESTED.replace(
            r#"{"Identity":"Relay","SenderIPAddresses":"1.2.3.4;91.219.236.10"}"#,
            r#""-Identity \"Relay\" -SenderIPAddresses (\"1.2.3.4\",\"91.219.236.10\")""#,
        );
        check(&event(read_json(&*json_reader(&text), &text)));
    }

    #[test]
    fn what_cannot_be_placed_has_its_reason() {
        let reader = json_reader(NESTED);
        assert_eq!(
            read_json(&*reader, r#"{"@timestamp""#).0,
            Fate::Rejected(Reason::CutOff)
        );
        assert_eq!(
            read_json(&*reader, r#"{"@timestamp":"2026-04-04T00:55:00Z"}"#).0,
            Fate::Rejected(Reason::NoOperation)
        );
        assert_eq!(
            read_json(&*reader, r#"{"event.action":"x"}"#).0,
            Fate::Rejected(Reason::NoTime)
        );
    }
}
