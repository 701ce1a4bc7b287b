//! The Purview portal's CSV: RecordId, CreationDate, RecordType as a number, Operation, UserId, AuditData, and
//! two columns of administrative units.

use super::Reader;
use super::audit_csv::{AuditCsv, Columns};
use super::recognise::{Format, Seen};

pub(super) const FORMAT: Format = Format {
    name: "purview_audit_search",
    marks: &[
        "RecordId",
        "CreationDate",
        "RecordType",
        "Operation",
        "UserId",
        "AuditData",
    ],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    seen.rows()?;
    let selection = seen.has("Operation") && seen.has("CreationDate");
    if !seen.has("RecordId") || !(seen.has("AuditData") || selection) {
        return None;
    }
    let columns = Columns {
        date: seen.column(&["CreationDate"]),
        record_type: seen.column(&["RecordType"]),
        user: seen.column(&["UserId", "UserIds"]),
        operation: seen.column(&["Operation", "Operations"]),
        data: seen.column(&["AuditData"]),
        result_count: None,
        id: seen.column(&["RecordId"]),
    };
    Some(Box::new(AuditCsv::new(FORMAT.name, columns, seen)))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, event, read_csv, tally};
    use crate::records::{Kind, ModifiedProperty, RecordId, Workload};

    const HEADER: &str =
        "RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,AssociatedAdminUnitsNames";
    const ID: &str = "538815b7-1111-4222-8333-0123456789ab";

    fn cells<'a>(date: &'a str, kind: &'a str, operation: &'a str, data: &'a str) -> [&'a str; 8] {
        [ID, date, kind, operation, "Certificate", data, "", ""]
    }

    #[test]
    fn a_directory_record_is_kept_field_by_field() {
        let data = r#"{"CreationTime":"2026-01-24T06:54:24","Id":"538815b7-1111-4222-8333-0123456789ab","Operation":"Add member to role.","OrganizationId":"5a0f38c6-710b-4503-92c0-3a9f6e00f726","RecordType":8,"ResultStatus":"Success","UserKey":"Certificate","UserType":0,"Version":1,"Workload":"AzureActiveDirectory","ClientIP":"","ObjectId":"relay@fabrikam.com","UserId":"it.admin@fabrikam.com","AzureActiveDirectoryEventType":1,"ExtendedProperties":[{"Name":"additionalDetails","Value":"{}"},{"Name":"extendedAuditEventCategory","Value":"Role"}],"ModifiedProperties":[{"Name":"Role.DisplayName","NewValue":"Global Administrator","OldValue":""}],"Target":[{"ID":"User_0a","Type":2},{"ID":"relay@fabrikam.com","Type":5},{"ID":"relay@fabrikam.com","Type":1}],"AppAccessContext":{"AADSessionId":"s-1","ClientAppId":"a-1"}}"#;
        let reader = csv_reader(HEADER);
        assert_eq!(reader.kind(), Kind::AuditLog);
        let read = read_csv(
            &*reader,
            &cells("2026-01-24T06:54:24.0000000Z ", "8", "Add member to role.", data),
            false,
        );
        assert_eq!(read.0, Fate::Accepted);
        let event = event(read);
        assert_eq!(event.time.to_string(), "2026-01-24T06:54:24Z");
        assert_eq!(event.operation, "Add member to role.");
        assert!(event.is("add member to role"));
        assert_eq!(event.record_type, Some(8));
        assert_eq!(event.user, "it.admin@fabrikam.com");
        assert_eq!(event.client_ip, None);
        assert_eq!(event.object, "relay@fabrikam.com");
        assert_eq!(event.extended("extendedAuditEventCategory"), Some("Role"));
        assert_eq!(event.targets, ["User_0a", "relay@fabrikam.com"]);
        assert_eq!(event.app_id.as_deref(), Some("a-1"));
        assert_eq!(event.session_id.as_deref(), Some("s-1"));
        let expected = ModifiedProperty {
            name: "Role.DisplayName".into(),
            old: Some(String::new()),
            new: Some("Global Administrator".into()),
        };
        assert_eq!(event.modified, [expected]);
    }

    #[test]
    fn an_alert_brings_its_fields_and_its_data() {
        let data = r#"{"CreationTime":"2026-01-24T06:54:24","Id":"538815b7-1111-4222-8333-0123456789ab","Operation":"AlertTriggered","RecordType":40,"ResultStatus":"Succeeded","UserKey":"SecurityComplianceAlerts","UserType":4,"Workload":"SecurityComplianceCenter","ObjectId":"a1","UserId":"SecurityComplianceAlerts","AlertId":"a1","AlertLinks":[{"AlertLinkHref":""}],"AlertType":"System","Category":"ThreatManagement","Comments":"New alert","Data":"{\"an\":\"Suspicious connector activity\",\"tdc\":\"1\",\"sip\":[\"91.219.236.10\"]}","Name":"Suspicious connector activity","PolicyId":"p","Severity":"High","Source":"Office 365 Security & Compliance","Status":"Active"}"#;
        let event = event(read_csv(
            &*csv_reader(HEADER),
            &cells("9/20/2023 4:05:03 AM", "40", "AlertTriggered", data),
            false,
        ));
        for (name, value) in [
            ("Alert.Name", "Suspicious connector activity"),
            ("Alert.Severity", "High"),
            ("Alert.Status", "Active"),
            ("Alert.Category", "ThreatManagement"),
            ("Alert.AlertId", "a1"),
            ("Alert.Comments", "New alert"),
            ("Alert.Data.an", "Suspicious connector activity"),
            ("Alert.Data.sip", "91.219.236.10"),
        ] {
            assert_eq!(event.extended(name), Some(value), "{name}");
        }
        assert_eq!(event.extended("Alert.EntityType"), None);
    }

    #[test]
    fn an_unknown_record_type_is_kept() {
        let data = r#"{"CreationTime":"2026-01-24T06:54:24","Operation":"Something","RecordType":9999}"#;
        let tally = tally(read_csv(
            &*csv_reader(HEADER),
            &cells("", "9999", "Something", data),
            false,
        ));
        assert_eq!((tally.workload, tally.id), (Workload::Other, RecordId::of(ID)));
    }

    #[test]
    fn a_user_update_is_kept_only_where_it_touches_strong_authentication() {
        let reader = csv_reader(HEADER);
        let data = |name: &str| {
            format!(
                r#"{{"CreationTime":"2026-01-24T06:54:24","Id":"{ID}","Operation":"Update user.","RecordType":8,"ModifiedProperties":[{{"Name":"{name}","NewValue":"[]","OldValue":"x"}}]}}"#
            )
        };
        let read = |name: &str| read_csv(&*reader, &cells("", "8", "Update user.", &data(name)), false);
        assert_eq!(event(read("StrongAuthenticationMethod")).modified.len(), 1);
        assert_eq!(tally(read("LastDirSyncTime")).workload, Workload::Directory);
    }

    #[test]
    fn a_broken_row_keeps_its_outer_columns() {
        let read = read_csv(
            &*csv_reader(HEADER),
            &cells(
                "9/20/2023 4:05:03 AM",
                "8",
                "Add service principal.",
                r#"{"CreationTime":"2023-"#,
            ),
            false,
        );
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataBroken));
        let event = event(read);
        assert_eq!((event.user.as_str(), event.id.as_deref()), ("Certificate", Some(ID)));
        assert_eq!(event.time.to_string(), "2023-09-20T04:05:03Z");
    }
}
