//! Records of Microsoft Graph's audit log queries (`security/auditLog/queries/{id}/records`): as pages, as an array, one
//! a line, or as the CSV that collection scripts make of them.
//!
//! The envelope crosses two names: its `userId` is the record's UserKey and its `userPrincipalName` the record's UserId;
//! its `clientIp` is empty. All that counts stands in `auditData`, with Graph's type notes (`…@odata.type`) between.

use super::Reader;
use super::audit_csv::{AuditCsv, Columns};
use super::audit_json::AuditJson;
use super::recognise::{Format, Seen};

pub(super) const FORMAT: Format = Format {
    name: "graph_audit_log_query",
    marks: &["id", "createdDateTime", "auditLogRecordType", "operation", "auditData"],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let envelope = seen.has("auditLogRecordType") && seen.has_any(&["auditData", "operation"]);
    if !envelope {
        return None;
    }
    if seen.is_json() {
        return Some(Box::new(AuditJson { format: FORMAT.name }));
    }
    seen.rows()?;
    let columns = Columns {
        date: seen.column(&["createdDateTime"]),
        record_type: seen.column(&["auditLogRecordType"]),
        user: seen.column(&["userPrincipalName"]),
        operation: seen.column(&["operation"]),
        data: seen.column(&["auditData"]),
        result_count: None,
        id: seen.column(&["id"]),
    };
    Some(Box::new(AuditCsv::new(FORMAT.name, columns, seen)))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, event, json_reader, read_csv, read_json, sign_in, tally};
    use crate::records::{RecordId, Workload};

    const ID: &str = "d87d2977-0efe-48cb-eaec-08da3028eb80";
    const HEADER: &str = "id,createdDateTime,auditLogRecordType,operation,organizationId,userType,userId,service,objectId,userPrincipalName,clientIp,administrativeUnits,auditData";

    fn record(kind: &str, operation: &str, data: &str) -> String {
        format!(
            r#"{{"id":"{ID}","createdDateTime":"2026-07-17T08:28:17Z","auditLogRecordType":"{kind}","operation":"{operation}","organizationId":"o","userType":"Admin","userId":"1003200126677019","service":"Exchange","objectId":null,"userPrincipalName":"it.admin@fabrikam.com","clientIp":null,"administrativeUnits":[""],"auditData":{data}}}"#
        )
    }

    /// An object of audit data with Graph's type notes wherever they may stand.
    fn data(kind: u32, operation: &str, more: &str) -> String {
        format!(
            r##"{{"@odata.type":"#microsoft.graph.security.defaultAuditData","CreationTime":"2026-07-17T08:28:17Z","Id":"{ID}","Operation":"{operation}","RecordType@odata.type":"#Int64","RecordType":{kind},"UserId":"it.admin@fabrikam.com","UserKey":"__NULL__","UserType@odata.type":"#Int64","UserType":2,"ClientIP":"91.219.236.10:5120"{more}}}"##
        )
    }

    #[test]
    fn type_notes_are_dropped_and_crossed_users_are_set_right() {
        let more = r##","Parameters@odata.type":"#Collection(microsoft.graph.security.nameValuePair)","Parameters":[{"@odata.type":"#x","Name":"Name","Value@odata.type":"#String","Value":"Relay"},{"Name":"Enabled","Value":"True"}]"##;
        let text = record(
            "ExchangeAdmin",
            "New-InboundConnector",
            &data(1, "New-InboundConnector", more),
        );
        let reader = json_reader(&text);
        assert_eq!(reader.format(), "graph_audit_log_query");
        let read = read_json(&*reader, &text);
        assert_eq!(read.0, Fate::Accepted);
        let event = event(read);
        assert_eq!(
            event.parameters,
            [
                ("Name".to_owned(), "Relay".to_owned()),
                ("Enabled".to_owned(), "True".to_owned())
            ]
        );
        assert_eq!(
            (event.user.as_str(), event.user_key.as_str()),
            ("it.admin@fabrikam.com", ""),
            "and the service's word for nothing is nothing"
        );
        assert_eq!((event.record_type, event.user_type), (Some(1), Some(2)));
        assert_eq!(event.client_ip, "91.219.236.10".parse().ok());
        assert_eq!(event.time.to_string(), "2026-07-17T08:28:17Z");
    }

    #[test]
    fn what_has_no_audit_data_is_known_by_its_envelope() {
        let text = record("ExchangeAdmin", "Remove-InboundConnector", "null");
        let read = read_json(&*json_reader(&text), &text);
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataMissing));
        let event = event(read);
        assert_eq!(
            (event.user.as_str(), event.id.as_deref(), event.record_type),
            ("it.admin@fabrikam.com", Some(ID), Some(1))
        );
    }

    #[test]
    fn sign_ins_and_rows_that_count_are_told_apart() {
        let more = r##","ExtendedProperties":[{"@odata.type":"#x","Name":"UserAgent","Value":"Mozilla"}]"##;
        let text = record(
            "AzureActiveDirectoryStsLogon",
            "UserLoggedIn",
            &data(15, "UserLoggedIn", more),
        );
        let seen = sign_in(read_json(&*json_reader(&text), &text));
        assert_eq!(
            (seen.account.as_ref(), seen.agent.as_ref()),
            ("it.admin@fabrikam.com", "Mozilla")
        );
        let text = record("ExchangeItem", "Send", &data(2, "Send", ""));
        let counted = tally(read_json(&*json_reader(&text), &text));
        assert_eq!(
            (counted.workload, counted.id),
            (Workload::ExchangeItem, RecordId::of(ID))
        );
    }

    #[test]
    fn a_csv_row_with_audit_data_over_several_lines_says_the_same() {
        let data = data(
            1,
            "Set-InboundConnector",
            r#","Parameters":[{"Name":"Identity","Value":"Relay"}]"#,
        )
        .replace(r#","#, ",\r\n  ");
        let cells = [
            ID,
            "7/17/2026 8:28:17 AM",
            "ExchangeAdmin",
            "Set-InboundConnector",
            "o",
            "Admin",
            "1003200126677019",
            "Exchange",
            "",
            "it.admin@fabrikam.com",
            "",
            "",
            &data,
        ];
        let reader = csv_reader(HEADER);
        assert_eq!(reader.format(), "graph_audit_log_query");
        let read = read_csv(&*reader, &cells, false);
        assert_eq!(read.0, Fate::Accepted);
        assert_eq!(event(read).parameter("Identity"), Some("Relay"));
        let mut cut = cells;
        cut[12] = "";
        let read = read_csv(&*reader, &cut, false);
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataMissing));
        assert_eq!(event(read).user, "it.admin@fabrikam.com");
    }
}
