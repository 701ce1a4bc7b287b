//! Audit records that a script parsed and then wrote with Export-Csv: one column a field, lists lost.
//!
//! Export-Csv writes `System.Object[]` for a list, so that Parameters and ModifiedProperties are gone. Who, when, from
//! where and which operation still stand; a row of which more is asked is degraded.

use super::Reader;
use super::audit_renamed::{Naming, RenamedCsv};
use super::date_order::Zone;
use super::recognise::{Format, Seen};

pub(super) const FORMAT: Format = Format {
    name: "flattened_audit_records",
    marks: &["CreationTime", "Id", "Operation", "RecordType", "UserId"],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    seen.rows()?;
    let record = seen.has("CreationTime") && seen.has("Operation");
    let known = record && seen.has_any(&["RecordType", "Workload", "UserId", "UserKey"]) && !seen.has("AuditData");
    known.then(|| {
        let naming = Naming {
            format: FORMAT.name,
            name: |column| Some(column),
            times: &["CreationTime"],
            ids: &["Id"],
            missing: "",
        };
        Box::new(RenamedCsv::new(naming, seen, Zone::Utc)) as Box<dyn Reader>
    })
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{Kept, csv_reader, event, read_csv, sign_in, tally};

    const HEADER: &str = "CreationTime,Id,Operation,OrganizationId,RecordType,ResultStatus,UserKey,UserType,Version,Workload,ClientIP,ObjectId,UserId,Parameters,SessionId";

    fn read(operation: &str, parameters: &str) -> (Fate, Vec<Kept>) {
        read_under(HEADER, operation, parameters)
    }

    fn read_under(header: &str, operation: &str, parameters: &str) -> (Fate, Vec<Kept>) {
        let cells = [
            "2026-04-04T00:55:00",
            "c9d2d808-0efe-48cb-eaec-08da3028eb80",
            operation,
            "o",
            "1",
            "True",
            "1003200126677019",
            "2",
            "1",
            "Exchange",
            "91.219.236.10:5120",
            "Relay",
            "it.admin@fabrikam.com",
            parameters,
            "s-1",
        ];
        read_csv(&*csv_reader(header), &cells, false)
    }

    #[test]
    fn a_row_whose_parameters_are_lost_is_degraded_and_keeps_the_rest() {
        let read = read("Set-InboundConnector", "System.Object[]");
        assert_eq!(read.0, Fate::Degraded(Reason::ListLost));
        let event = event(read);
        assert_eq!(
            (event.object.as_str(), event.session_id.as_deref()),
            ("Relay", Some("s-1"))
        );
        assert_eq!(
            (event.user.as_str(), event.user_type),
            ("it.admin@fabrikam.com", Some(2))
        );
        assert!(event.parameters.is_empty() && !event.complete);
    }

    #[test]
    fn parameters_that_were_joined_by_hand_are_read() {
        for text in [
            r#"[{"Name":"Enabled","Value":"False"}]"#,
            r#"-Enabled $false"#,
            "@{Name=Enabled; Value=False}",
        ] {
            let read = read("Set-InboundConnector", text);
            assert_eq!(read.0, Fate::Accepted, "{text}");
            assert_eq!(event(read).parameter("Enabled"), Some("False"), "{text}");
        }
    }

    #[test]
    fn a_header_in_capitals_or_small_letters_is_the_same_header() {
        let parameters = r#"[{"Name":"Enabled","Value":"False"}]"#;
        let own = event(read("Set-InboundConnector", parameters));
        for header in [HEADER.to_uppercase(), HEADER.to_lowercase()] {
            let again = read_under(&header, "Set-InboundConnector", parameters);
            assert_eq!((again.0, event(again)), (Fate::Accepted, own.clone()), "{header}");
            let lost = read_under(&header, "Set-InboundConnector", "System.Object[]");
            assert_eq!(lost.0, Fate::Degraded(Reason::ListLost), "{header}");
        }
    }

    #[test]
    fn the_text_mark_of_a_spreadsheet_does_not_hide_that_a_list_is_lost() {
        for text in [
            "'System.Object[]",
            "System.Collections.ArrayList",
            "'Deserialized.System.Object[]",
        ] {
            let read = read("Set-InboundConnector", text);
            assert_eq!(read.0, Fate::Degraded(Reason::ListLost), "{text}");
            assert!(!event(read).complete);
        }
    }

    #[test]
    fn of_a_row_that_counts_nothing_is_lost() {
        assert_eq!(read("Set-Mailbox", "System.Object[]").0, Fate::Accepted);
        assert!(tally(read("Set-Mailbox", "System.Object[]")).complete);
        let signed_in = sign_in(read("UserLoggedIn", ""));
        assert_eq!(signed_in.account, "it.admin@fabrikam.com");
        assert_eq!(signed_in.address, "91.219.236.10".parse().ok());
    }
}
