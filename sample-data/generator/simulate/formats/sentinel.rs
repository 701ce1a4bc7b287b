//! Microsoft Sentinel's table OfficeActivity: the portal's CSV and rows of the query interface.

use serde_json::{Map, Value, json};

use super::super::audit::{AuditRecord, SIGN_IN, record_type_name, user_type_name};
use super::super::random::Guid;
use super::super::time;
use super::text::{Quotes, Table, json_seven};

/// How the table names the record's own fields; what stands in none of these keeps its name.
const RENAMED: [(&str, &str); 5] = [
    ("Workload", "OfficeWorkload"),
    ("ObjectId", "OfficeObjectId"),
    ("ClientIPAddress", "Client_IPAddress"),
    ("Target", "AADTarget"),
    ("Id", "OfficeId"),
];

/// The row of a record: its fields under the table's names, lists as JSON text.
fn row(record: &AuditRecord, organization: Guid, at: fn(time::Millis) -> String, suffix: &str) -> Map<String, Value> {
    // The table fills its second clock some minutes later.
    let written = at(record.time + 9 * time::MINUTE);
    let mut row = Map::new();
    row.insert("TenantId".to_owned(), json!("8ecf8077-cf51-4820-aadd-14040956f35d"));
    row.insert(format!("TimeGenerated{suffix}"), json!(at(record.time)));
    for (key, value) in record.data(organization) {
        let name = RENAMED
            .iter()
            .find(|(own, _)| *own == key)
            .map_or(key.as_str(), |(_, name)| name);
        let value = match (key.as_str(), value) {
            ("CreationTime" | "Version", _) => continue,
            ("RecordType", _) => json!(record_type_name(record.record_type)),
            ("UserType", _) => json!(user_type_name(record.user_type)),
            (_, Value::Bool(true)) => json!("True"),
            (_, Value::Bool(false)) => json!("False"),
            (_, list @ (Value::Array(_) | Value::Object(_))) => json!(json_seven(&list).trim_end()),
            (_, Value::Number(number)) => json!(number.to_string()),
            (_, text) => text,
        };
        row.insert(name.to_owned(), value);
    }
    row.insert("SourceSystem".to_owned(), json!("OfficeActivityManager"));
    row.insert("SourceRecordId".to_owned(), json!(record.id.to_string()));
    row.insert(format!("ElevationTime{suffix}"), json!(written));
    row.insert(format!("Start_Time{suffix}"), json!(written));
    row.insert("OfficeTenantId".to_owned(), json!("$RestApiTenantId$"));
    row.insert("Type".to_owned(), json!("OfficeActivity"));
    row
}

/// Sign-ins have a table of their own.
fn of_table<'a>(records: &'a [&'a AuditRecord]) -> impl Iterator<Item = &'a AuditRecord> {
    records.iter().copied().filter(|record| record.record_type != SIGN_IN)
}

/// What the portal exports.
pub fn portal(records: &[&AuditRecord], organization: Guid) -> String {
    let rows: Vec<_> = of_table(records)
        .map(|record| row(record, organization, time::en_us_comma, " [UTC]"))
        .collect();
    let mut header: Vec<&str> = Vec::new();
    for key in rows.iter().flat_map(Map::keys) {
        if !header.contains(&key.as_str()) {
            header.push(key);
        }
    }
    let mut table = Table::new(&header, Quotes::Needed);
    for row in &rows {
        let cell = |key: &&str| row.get(*key).and_then(Value::as_str).unwrap_or_default().to_owned();
        table.row(&header.iter().map(cell).collect::<Vec<_>>());
    }
    table.finish()
}

/// What the query interface returns, one row a line.
pub fn rows(records: &[&AuditRecord], organization: Guid) -> String {
    of_table(records)
        .map(|record| Value::Object(row(record, organization, time::iso, "")).to_string() + "\n")
        .collect()
}
