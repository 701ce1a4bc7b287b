//! Search-UnifiedAuditLog through Export-Csv: 13 columns in remoting days, 10 since, often a selection of 4;
//! the portal's older export has the same 4.

use super::Reader;
use super::audit_csv::{AuditCsv, Columns};
use super::recognise::{Format, Seen};

pub(super) const FORMAT: Format = Format {
    name: "search_unified_audit_log",
    marks: &["CreationDate", "UserIds", "Operations", "AuditData"],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    seen.rows()?;
    let selection = seen.has("Operations") && seen.has("CreationDate");
    if !(seen.has("AuditData") || selection) {
        return None;
    }
    let columns = Columns {
        date: seen.column(&["CreationDate"]),
        record_type: seen.column(&["RecordType"]),
        user: seen.column(&["UserIds", "UserId"]),
        operation: seen.column(&["Operations", "Operation"]),
        data: seen.column(&["AuditData"]),
        result_count: seen.column(&["ResultCount"]),
        id: seen.column(&["Identity", "Id"]),
    };
    Some(Box::new(AuditCsv::new(FORMAT.name, columns, seen)))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{ORIGIN, csv_reader, csv_shape, event, read_csv, reader, sign_in, tally};
    use crate::records::{RecordId, Time, Workload};

    const TEN: &str =
        "RecordType,CreationDate,UserIds,Operations,AuditData,ResultIndex,ResultCount,Identity,IsValid,ObjectState";
    const ID: &str = "c9d2d808-0efe-48cb-eaec-08da3028eb80";
    /// 2026-04-04T00:55:00Z.
    const AT: Time = Time(1_775_264_100_000_000);

    fn row<'a>(operation: &'a str, data: &'a str) -> [&'a str; 10] {
        [
            "ExchangeAdmin",
            "4/4/2026 12:55:00 AM",
            "it.admin@fabrikam.com",
            operation,
            data,
            "7",
            "4213",
            ID,
            "True",
            "Unchanged",
        ]
    }

    const SET: &str = r#"{"CreationTime":"2026-04-04T00:55:00","Id":"c9d2d808-0efe-48cb-eaec-08da3028eb80","Operation":"Set-InboundConnector","OrganizationId":"5a0f38c6-710b-4503-92c0-3a9f6e00f726","RecordType":1,"ResultStatus":"True","UserKey":"1003200126677019","UserType":2,"Version":1,"Workload":"Exchange","ClientIP":"91.219.236.10:33758","ObjectId":"Inbound from HQ","UserId":"it.admin@fabrikam.com","AppId":"","ClientAppId":"00000006-0000-0ff1-ce00-000000000000","ExternalAccess":false,"OrganizationName":"fabrikam.onmicrosoft.com","Parameters":[{"Name":"Identity","Value":"Inbound from HQ"},{"Name":"SenderIPAddresses","Value":"81.2.69.160;91.219.236.10"},{"Name":"Comment","Value":"say \"hi\""}],"SessionId":"8f1c"}"#;

    #[test]
    fn a_connector_change_is_kept_field_by_field() {
        let reader = csv_reader(TEN);
        let read = read_csv(&*reader, &row("Set-InboundConnector", SET), false);
        assert_eq!(read.0, Fate::Accepted);
        let event = event(read);
        assert_eq!(event.time, AT);
        assert_eq!(event.id.as_deref(), Some(ID));
        assert_eq!(event.operation, "Set-InboundConnector");
        assert_eq!(event.record_type, Some(1));
        assert_eq!(event.user, "it.admin@fabrikam.com");
        assert_eq!(event.user_key, "1003200126677019");
        assert_eq!(event.user_type, Some(2));
        assert!(event.succeeded && event.complete);
        assert_eq!(event.client_ip, "91.219.236.10".parse().ok());
        assert_eq!(event.object, "Inbound from HQ");
        assert_eq!(event.external_access, Some(false));
        assert_eq!(event.app_id.as_deref(), Some("00000006-0000-0ff1-ce00-000000000000"));
        assert_eq!(event.session_id.as_deref(), Some("8f1c"));
        assert_eq!(
            event.organization_id.as_deref(),
            Some("5a0f38c6-710b-4503-92c0-3a9f6e00f726")
        );
        assert_eq!(event.parameter("senderipaddresses"), Some("81.2.69.160;91.219.236.10"));
        assert_eq!(event.parameter("Comment"), Some("say \"hi\""));
        assert_eq!(event.parameters.len(), 3);
        assert_eq!(event.result_count, Some(4213));
        assert_eq!(event.origin, ORIGIN);
    }

    #[test]
    fn a_selection_of_four_columns_says_the_same() {
        let reader = csv_reader("CreationDate,UserIds,Operations,AuditData");
        let cells = [
            "4/4/2026 12:55:00 AM",
            "it.admin@fabrikam.com",
            "Set-InboundConnector",
            SET,
        ];
        let event = event(read_csv(&*reader, &cells, false));
        assert_eq!(
            (event.id.as_deref(), event.time, event.record_type),
            (Some(ID), AT, Some(1))
        );
    }

    #[test]
    fn audit_data_whose_quotes_were_doubled_again_says_the_same() {
        let reader = csv_reader(TEN);
        let once = event(read_csv(&*reader, &row("Set-InboundConnector", SET), false));
        let doubled = SET.replace('"', "\"\"");
        let read = read_csv(&*reader, &row("Set-InboundConnector", &doubled), false);
        assert_eq!(read.0, Fate::Accepted);
        assert_eq!(event(read), once);
        let four = csv_reader("CreationDate,UserIds,Operations,AuditData");
        let cells = ["4/4/2026 12:55:00 AM", "a", "Set-InboundConnector", &doubled];
        assert_eq!(event(read_csv(&*four, &cells, false)).id.as_deref(), Some(ID));
        let nameless = r#"{"":1,"Comment":""}"#;
        let read = read_csv(&*reader, &row("Set-InboundConnector", nameless), false);
        assert_eq!(read.0, Fate::Accepted);
    }

    #[test]
    fn other_operations_only_count() {
        let data = r#"{"CreationTime":"2026-04-04T00:55:00","Id":"x","Operation":"Set-Mailbox","RecordType":1}"#;
        let tally = tally(read_csv(&*csv_reader(TEN), &row("Set-Mailbox", data), false));
        assert_eq!(tally.time, AT);
        assert_eq!(tally.id, RecordId::of(ID));
        assert_eq!(tally.operation, "Set-Mailbox");
        assert_eq!(tally.workload, Workload::ExchangeAdmin);
        assert_eq!(tally.result_count, Some(4213));
        assert!(tally.complete);
    }

    #[test]
    fn a_tally_takes_from_audit_data_what_the_selection_lacks() {
        let reader = csv_reader("Operations,AuditData");
        let data = format!(
            r#"{{"RecordType":50,"CreationTime":"2026-04-04T00:55:00","Id":"{ID}","Operation":"MailItemsAccessed"}}"#
        );
        let tally = tally(read_csv(&*reader, &["MailItemsAccessed", &data], false));
        assert_eq!(
            (tally.time, tally.id, tally.workload),
            (AT, RecordId::of(ID), Workload::ExchangeItem)
        );
    }

    #[test]
    fn audit_data_that_is_cut_off_leaves_who_when_and_what() {
        let cut = SET.get(..SET.len() - 40).unwrap_or_default();
        let read = read_csv(&*csv_reader(TEN), &row("Set-InboundConnector", cut), false);
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataBroken));
        let event = event(read);
        assert_eq!((event.time, event.user.as_str()), (AT, "it.admin@fabrikam.com"));
        assert_eq!(event.operation, "Set-InboundConnector");
        assert_eq!(event.object, "Inbound from HQ");
        assert_eq!(event.client_ip, "91.219.236.10".parse().ok());
        assert!(!event.complete && event.succeeded && event.parameters.is_empty());
    }

    #[test]
    fn an_empty_audit_data_leaves_the_outer_columns() {
        let read = read_csv(&*csv_reader(TEN), &row("Remove-InboundConnector", ""), false);
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataMissing));
        let event = event(read);
        assert_eq!((event.time, event.user.as_str()), (AT, "it.admin@fabrikam.com"));
        assert_eq!((event.id.as_deref(), event.record_type), (Some(ID), Some(1)));
        assert!(!event.complete);
    }

    #[test]
    fn a_damaged_line_is_read_as_far_as_its_audit_data_goes() {
        let read = read_csv(&*csv_reader(TEN), &["ExchangeAdmin", "stray", SET], true);
        assert_eq!(read.0, Fate::Degraded(Reason::StrayQuote));
        let event = event(read);
        assert_eq!((event.time, event.object.as_str()), (AT, "Inbound from HQ"));
        assert!(!event.complete);
    }

    #[test]
    fn what_cannot_be_placed_is_rejected_with_its_reason() {
        let reader = csv_reader(TEN);
        let fate = |cells: &[&str], damaged| read_csv(&*reader, cells, damaged).0;
        assert_eq!(
            fate(&["ExchangeAdmin", "soon", "a", "Set-Mailbox", ""], true),
            Fate::Rejected(Reason::NoTime)
        );
        assert_eq!(
            fate(&["1", "4/4/2026 12:55:00 AM", "a", "", "{}"], true),
            Fate::Rejected(Reason::NoOperation)
        );
        assert_eq!(fate(&["", " ", ""], false), Fate::Rejected(Reason::Empty));
        let header: Vec<_> = TEN.split(',').collect();
        assert_eq!(fate(&header, false), Fate::Rejected(Reason::NoTime));
    }

    #[test]
    fn a_key_that_stands_twice_spoils_nothing() {
        let twice = SET.replacen("{", r#"{"Id":"other","#, 1);
        let read = read_csv(&*csv_reader(TEN), &row("Set-InboundConnector", &twice), false);
        assert_eq!(read.0, Fate::Accepted);
        assert_eq!(event(read).parameters.len(), 3);
    }

    #[test]
    fn sign_ins_are_judged_by_their_operation() {
        let data = r#"{"CreationTime":"2026-04-04T00:55:00","Id":"c9d2d808-0efe-48cb-eaec-08da3028eb80","Operation":"UserLoginFailed","RecordType":15,"ResultStatus":"Success","UserType":0,"ClientIP":"","ActorIpAddress":"91.219.236.10","UserId":"it.admin@fabrikam.com","ExtendedProperties":[{"Name":"ResultStatusDetail","Value":"Success"},{"Name":"UserAgent","Value":"python\/3"}],"ModifiedProperties":[],"ErrorNumber":"50126"}"#;
        let read = read_csv(&*csv_reader(TEN), &row("UserLoginFailed", data), false);
        assert_eq!(read.0, Fate::Accepted);
        let failed = sign_in(read);
        assert_eq!((failed.time, failed.id), (AT, RecordId::of(ID)));
        assert_eq!(failed.account, "it.admin@fabrikam.com");
        assert_eq!(failed.address, "91.219.236.10".parse().ok());
        assert_eq!(failed.agent, "python/3");
        assert!(!failed.succeeded && failed.complete && failed.from_audit_log);
        let twice = data
            .replacen("{", r#"{"UserId":"x","#, 1)
            .replace("UserLoginFailed", "UserLoggedIn");
        let passed = sign_in(read_csv(&*csv_reader(TEN), &row("UserLoggedIn", &twice), false));
        assert!(passed.succeeded && passed.agent == "python/3" && passed.account == "it.admin@fabrikam.com");
    }

    #[test]
    fn a_sign_in_without_audit_data_is_still_one() {
        let read = read_csv(&*csv_reader(TEN), &row("UserLoggedIn", ""), false);
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataMissing));
        let bare = sign_in(read);
        assert_eq!(
            (bare.account.as_ref(), bare.address, bare.complete),
            ("it.admin@fabrikam.com", None, false)
        );
    }

    #[test]
    fn the_culture_of_the_exporting_host_is_settled_by_audit_data() {
        let data = r#"{"CreationTime":"2025-12-03T07:31:34","Id":"x","Operation":"y","RecordType":1}"#;
        let shape = csv_shape(
            "CreationDate,UserIds,Operations,AuditData",
            &[&["3/12/2025 7:31:34 AM", "a", "y", data]],
        );
        let reader = reader(&shape);
        assert_eq!(
            reader.time_note().as_deref(),
            Some("day-first dates, settled by 1 row of the sample")
        );
        let other = read_csv(
            &*reader,
            &["4/12/2025 7:31:34 AM", "a", "New-InboundConnector", ""],
            false,
        );
        assert_eq!(event(other).time.to_string(), "2025-12-04T07:31:34Z");
    }

    #[test]
    fn what_the_service_writes_all_day_only_counts() {
        let reader = csv_reader(TEN);
        let read = |operation: &str, user_type: u8, parameters: &str| {
            let data = format!(
                r#"{{"CreationTime":"2026-04-04T00:55:00","Id":"{ID}","Operation":"{operation}","RecordType":1,"UserType":{user_type},"UserId":"x","Parameters":[{parameters}]}}"#
            );
            read_csv(&*reader, &row(operation, &data), false)
        };
        let on = r#"{"Name":"AdminAuditLogEnabled","Value":"True"}"#;
        let off = r#"{"Name":"AdminAuditLogEnabled","Value":"False"}"#;
        let ingestion = r#"{"Name":"UnifiedAuditLogIngestionEnabled","Value":"True"}"#;
        tally(read("Set-AdminAuditLogConfig", 3, on));
        event(read("Set-AdminAuditLogConfig", 3, off));
        event(read("Set-AdminAuditLogConfig", 2, ingestion));
        tally(read("Set-TransportConfig", 3, on));
        event(read("Set-TransportConfig", 2, on));
        event(read("Set-InboundConnector", 3, on));
        let mut cut = row("Set-AdminAuditLogConfig", "");
        event(read_csv(&*reader, &cut, false));
        cut[2] = r"NT AUTHORITY\SYSTEM (Microsoft.Exchange.ServiceHost)";
        tally(read_csv(&*reader, &cut, false));
    }
}
