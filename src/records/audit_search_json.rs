//! Rows of Search-UnifiedAuditLog as JSON: through ConvertTo-Json, or as collection scripts write them, with AuditData
//! expanded into an object or still a string.
//!
//! Windows PowerShell writes CreationDate as `\/Date(ms)\/`, PowerShell 7 as ISO 8601. One row alone stands without
//! brackets, files of several runs follow one another as `][`, and an empty run leaves a `[` behind.

use super::Reader;
use super::audit_json::AuditJson;
use super::recognise::{Format, Seen};

pub(super) const FORMAT: Format = Format {
    name: "search_unified_audit_log_json",
    marks: &["CreationDate", "UserIds", "Operations", "AuditData"],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let outer = seen.has("Operations") || seen.has("CreationDate");
    let row = outer && (seen.has("AuditData") || (seen.has("Operations") && seen.has("CreationDate")));
    (seen.is_json() && row).then_some(Box::new(AuditJson { format: FORMAT.name }))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{event, json_reader, read_json, tally};
    use crate::records::{RecordId, Workload};

    const ID: &str = "c9d2d808-0efe-48cb-eaec-08da3028eb80";

    fn bare(operation: &str, more: &str) -> String {
        format!(
            r#"{{"RecordType":1,"UserType":2,"CreationTime":"2026-04-04T00:55:00","Id":"{ID}","Operation":"{operation}","UserId":"it.admin@fabrikam.com","ResultStatus":"True"{more}}}"#
        )
    }

    #[test]
    fn a_row_with_audit_data_as_object_or_string_says_the_same() {
        let data = bare(
            "Set-InboundConnector",
            r#","Parameters":[{"Name":"Identity","Value":"a\\b"}]"#,
        );
        let quoted = serde_json::Value::from(data.as_str()).to_string();
        let row = |data: &str| {
            format!(
                r#"{{"RecordType":"ExchangeAdmin","CreationDate":"\/Date(1775264100000)\/","UserIds":"it.admin@fabrikam.com","Operations":"Set-InboundConnector","AuditData":{data},"ResultIndex":1,"ResultCount":42,"Identity":"{ID}"}}"#
            )
        };
        for text in [row(&data), row(&quoted)] {
            let event = event(read_json(&*json_reader(&text), &text));
            assert_eq!(event.time.to_string(), "2026-04-04T00:55:00Z");
            assert_eq!((event.id.as_deref(), event.result_count), (Some(ID), Some(42)));
            assert_eq!(event.parameter("Identity"), Some(r"a\b"));
        }
        let lost = row("null");
        let read = read_json(&*json_reader(&lost), &lost);
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataMissing));
        assert_eq!(event(read).user, "it.admin@fabrikam.com");
        let counted = row(&quoted).replace("Set-InboundConnector", "Set-Mailbox");
        let tally = tally(read_json(&*json_reader(&counted), &counted));
        assert_eq!(
            (tally.time.to_string().as_str(), tally.id),
            ("2026-04-04T00:55:00Z", RecordId::of(ID))
        );
        assert_eq!(
            (tally.workload, tally.result_count),
            (Workload::ExchangeAdmin, Some(42))
        );
    }
}
