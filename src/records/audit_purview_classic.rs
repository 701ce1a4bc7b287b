//! The audit search of the compliance portal as it exported until 2023: four columns, dates in ISO 8601 with seven digits
//! of a second, at most 50,000 rows a file.
//!
//! The same four columns come of `Select-Object` before Export-Csv, which prints dates in the host's culture: the dates
//! tell the two apart.

use super::Reader;
use super::audit_csv::{AuditCsv, Columns};
use super::recognise::{Format, Seen};

pub(super) const FORMAT: Format = Format {
    name: "purview_audit_search_classic",
    marks: &["CreationDate", "UserIds", "Operations", "AuditData"],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let rows = seen.rows()?;
    let own = |(name, mark): (&String, &&str)| name.eq_ignore_ascii_case(mark);
    let four = seen.width() == FORMAT.marks.len() && seen.names().iter().zip(FORMAT.marks).all(own);
    let iso = |row: &Vec<String>| row.first().is_some_and(|date| is_portals(date.trim()));
    if !four || rows.is_empty() || !rows.iter().all(iso) {
        return None;
    }
    let columns = Columns {
        date: Some(0),
        record_type: None,
        user: Some(1),
        operation: Some(2),
        data: Some(3),
        result_count: None,
        id: None,
    };
    Some(Box::new(AuditCsv::new(FORMAT.name, columns, seen)))
}

/// `2020-09-14T06:54:24.0000000Z`
fn is_portals(date: &str) -> bool {
    let bytes = date.as_bytes();
    bytes.len() == "2020-09-14T06:54:24.0000000Z".len() && bytes.get(10) == Some(&b'T') && bytes.ends_with(b"Z")
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_shape, event, read_csv, reader};

    const HEADER: &str = "CreationDate,UserIds,Operations,AuditData";
    const DATA: &str = r#"{"CreationTime":"2020-09-14T06:54:24","Id":"538815b7-1111-4222-8333-0123456789ab","Operation":"Set-InboundConnector","RecordType":1,"UserId":"it.admin@fabrikam.com","Parameters":[{"Name":"Identity","Value":"Relay"}]}"#;

    #[test]
    fn the_portals_dates_tell_it_from_a_selection_of_columns() {
        let of = |date: &str| {
            let shape = csv_shape(HEADER, &[&[date, "a", "Set-InboundConnector", DATA]]);
            reader(&shape).format()
        };
        assert_eq!(of("2020-09-14T06:54:24.0000000Z"), "purview_audit_search_classic");
        assert_eq!(of("9/14/2020 6:54:24 AM"), "search_unified_audit_log");
        assert_eq!(of("2020-09-14T06:54:24"), "search_unified_audit_log");
    }

    #[test]
    fn rows_say_what_their_audit_data_says_and_their_columns_where_it_is_cut() {
        let date = "2020-09-14T06:54:24.0000000Z";
        let user = "it.admin@fabrikam.com";
        let shape = csv_shape(HEADER, &[&[date, user, "Set-InboundConnector", DATA]]);
        let reader = reader(&shape);
        let read = read_csv(&*reader, &[date, user, "Set-InboundConnector", DATA], false);
        assert_eq!(read.0, Fate::Accepted);
        assert_eq!(event(read).parameter("Identity"), Some("Relay"));
        let read = read_csv(&*reader, &[date, user, "Remove-InboundConnector", "{\"Cre"], false);
        assert_eq!(read.0, Fate::Degraded(Reason::AuditDataBroken));
        let event = event(read);
        assert_eq!(
            (event.time.to_string().as_str(), event.user.as_str()),
            ("2020-09-14T06:54:24Z", user)
        );
    }
}
