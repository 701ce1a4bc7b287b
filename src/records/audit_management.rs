//! Audit records as JSON, bare: from the Management Activity API, or AuditData alone, one a line, as collection scripts
//! write it.

use super::Reader;
use super::audit_json::AuditJson;
use super::recognise::{Format, Seen};

pub(super) const FORMAT: Format = Format {
    name: "management_activity_api",
    marks: &["CreationTime", "Id", "Operation", "RecordType"],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let named = seen.has_any(&["CreationTime", "createdDateTime"]) && seen.has("Operation");
    let sound = seen.is_json() && (seen.has("AuditData") || named);
    sound.then_some(Box::new(AuditJson { format: FORMAT.name }))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{event, json_reader, read_json, real, sign_in, tally};
    use crate::records::{RecordId, Workload};

    const ID: &str = "c9d2d808-0efe-48cb-eaec-08da3028eb80";

    fn bare(operation: &str, more: &str) -> String {
        format!(
            r#"{{"RecordType":"1","UserType":"2","CreationTime":"2026-04-04T00:55:00","Id":"{ID}","Operation":"{operation}","UserId":"it.admin@fabrikam.com","ResultStatus":"True"{more}}}"#
        )
    }

    #[test]
    fn a_bare_record_with_numbers_as_text_is_read() {
        let text = bare(
            "New-InboundConnector",
            r#","Parameters":{"Name":"Relay","Enabled":true,"SenderIPAddresses":["1.2.3.4","1.2.3.5"]}"#,
        );
        let read = read_json(&*json_reader(&text), &text);
        assert_eq!(read.0, Fate::Accepted);
        let event = event(read);
        assert_eq!((event.record_type, event.user_type), (Some(1), Some(2)));
        assert_eq!(event.parameter("Enabled"), Some("True"));
        assert_eq!(event.parameter("SenderIPAddresses"), Some("1.2.3.4;1.2.3.5"));
        assert_eq!(event.time.to_string(), "2026-04-04T00:55:00Z");
    }

    #[test]
    fn a_failed_cmdlet_did_not_succeed() {
        for (status, succeeded) in [
            ("True", true),
            ("False", false),
            ("Failure", false),
            ("Failed", false),
            ("", true),
        ] {
            let text = bare("New-InboundConnector", "")
                .replace(r#""ResultStatus":"True""#, &format!(r#""ResultStatus":"{status}""#));
            assert_eq!(
                event(read_json(&*json_reader(&text), &text)).succeeded,
                succeeded,
                "{status}"
            );
        }
    }

    #[test]
    fn other_records_only_count() {
        let text = bare("Set-Mailbox", "");
        let tally = tally(read_json(&*json_reader(&text), &text));
        assert_eq!(
            (tally.operation.as_ref(), tally.workload),
            ("Set-Mailbox", Workload::ExchangeAdmin)
        );
        assert_eq!((tally.id, tally.result_count), (RecordId::of(ID), None));
    }

    #[test]
    fn a_record_with_half_a_character_keeps_all_its_fields() {
        let more = r#","Extra":"cut \ud83d","Parameters":"[{\"Name\":\"Name\",\"Value\":\"\\udc00\"}]""#;
        let text = bare("New-InboundConnector", more);
        let read = read_json(&*json_reader(&text), &text);
        assert_eq!(read.0, Fate::Degraded(Reason::LoneSurrogate));
        assert_eq!(event(read).parameter("Name"), Some("\u{fffd}"));
        let text = bare(
            "UserLoggedIn",
            r#","ClientIP":"1.2.3.4","ExtendedProperties":[{"Name":"UserAgent","Value":"\ud83d"}]"#,
        );
        let read = read_json(&*json_reader(&text), &text);
        assert_eq!(read.0, Fate::Degraded(Reason::LoneSurrogate));
        assert_eq!(sign_in(read).address, "1.2.3.4".parse().ok());
        let string = format!(
            r#"{{"CreationDate":"2026-04-04T00:55:00","Operations":"New-InboundConnector","AuditData":{}}}"#,
            serde_json::Value::String(bare("New-InboundConnector", r#","ObjectId":"Relay""#))
                .to_string()
                .replace("Relay", r"Relay \ud83d")
        );
        assert_eq!(
            event(read_json(&*json_reader(&string), &string)).object,
            "Relay \u{fffd}"
        );
    }

    #[test]
    fn a_broken_record_is_kept_or_rejected_with_its_reason() {
        let whole = bare("New-InboundConnector", r#","ClientIP":"1.2.3.4","x":1"#);
        let reader = json_reader(&whole);
        let broken = whole.replace(r#""x":1"#, r#""x":?"#);
        let read = read_json(&*reader, &broken);
        assert_eq!(read.0, Fate::Degraded(Reason::NotJson));
        let event = event(read);
        assert_eq!((event.complete, event.client_ip), (false, "1.2.3.4".parse().ok()));
        assert_eq!(
            read_json(&*reader, r#"{"CreationTime""#).0,
            Fate::Rejected(Reason::CutOff)
        );
        assert_eq!(read_json(&*reader, "{} x").0, Fate::Rejected(Reason::NotJson));
        assert_eq!(
            read_json(&*reader, r#"{"Operation":"Set-Mailbox"}"#).0,
            Fate::Rejected(Reason::NoTime)
        );
        assert_eq!(
            read_json(&*reader, r#"{"CreationTime":"2026-04-04T00:55:00"}"#).0,
            Fate::Rejected(Reason::NoOperation)
        );
        let deep = whole.replace(r#""x":1"#, &format!(r#""x":{}{}"#, "[".repeat(500), "]".repeat(500)));
        assert_eq!(read_json(&*reader, &deep).0, Fate::Degraded(Reason::TooDeep));
    }

    #[test]
    fn real_records_of_the_management_api_are_read() {
        let Some(text) = real("plaso/microsoft_audit_log.jsonl") else {
            return;
        };
        let reader = json_reader(text.lines().next().unwrap_or_default());
        // Three records of the service itself, then a sign-in.
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        let mut operations = Vec::new();
        for line in &lines[..3] {
            let read = read_json(&*reader, line);
            assert_eq!(read.0, Fate::Accepted);
            let tally = tally(read);
            assert_eq!(tally.workload, Workload::ExchangeAdmin);
            assert!(tally.complete && tally.id.is_some());
            operations.push(tally.operation.into_owned());
        }
        let (fate, records) = read_json(&*reader, lines[3]);
        assert_eq!((fate, records.len()), (Fate::Accepted, 1));
        assert!(
            format!("{records:?}").contains("piet@sst5f.onmicrosoft.com"),
            "{records:?}"
        );
        assert!(
            operations.contains(&"Set-AdminAuditLogConfig".to_owned()),
            "service noise counts: {operations:?}"
        );
    }
}
