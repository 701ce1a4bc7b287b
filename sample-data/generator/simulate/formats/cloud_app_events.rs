//! The table CloudAppEvents of advanced hunting: rows, the streaming export's envelope, and the portal's CSV.

use serde_json::{Map, Value, json};

use super::super::audit::AuditRecord;
use super::super::random::{Guid, Random};
use super::super::time;
use super::text::{Quotes, Table, json_seven};

/// One row; RawEventData is the record, its time with seven digits of a second.
fn row(record: &AuditRecord, organization: Guid) -> Map<String, Value> {
    let mut raw = record.data(organization);
    raw.insert(
        "CreationTime".to_owned(),
        json!(format!("{}.0000000Z", time::iso_bare(record.time))),
    );
    let (application, number) = match record.workload {
        "Exchange" => ("Microsoft Exchange Online", 20_893),
        _ => ("Office 365", 11_161),
    };
    let address = record.client_ip.as_deref().unwrap_or_default();
    let row = json!({
        "Timestamp": time::iso(record.time),
        "ActionType": record.operation,
        "Application": application,
        "ApplicationId": number,
        "AccountObjectId": "5a95e683-08ad-424e-a441-1d1aec52c02c",
        "AccountId": record.user_id,
        "AccountDisplayName": record.user_id.split('@').next(),
        "IsAdminOperation": u8::from(record.user_type == 2),
        "DeviceType": "Desktop",
        "IPAddress": address,
        "CountryCode": "NL",
        "City": "Amsterdam",
        "ISP": "example hosting",
        "ActivityType": "Run",
        "ActivityObjects": [{"Type": "Task", "Role": "Target object", "Name": record.operation}],
        "ObjectName": record.operation,
        "ObjectType": "Task",
        "ReportId": format!("106830890_{number}_{}", record.id),
        "RawEventData": raw,
        "AdditionalFields": {"IsSatelliteProvider": false},
    });
    match row {
        Value::Object(row) => row,
        _ => Map::new(),
    }
}

/// Rows as the interface returns them.
pub fn rows(records: &[&AuditRecord], organization: Guid) -> String {
    let all: Vec<Value> = records.iter().map(|r| Value::Object(row(r, organization))).collect();
    json_seven(&Value::Array(all))
}

/// One row a line, each in its envelope; in some the record is text.
pub fn streamed(records: &[&AuditRecord], organization: Guid, r: &mut Random) -> String {
    let envelope = |record: &&AuditRecord| {
        let mut row = row(record, organization);
        if r.chance(400) {
            let text = row["RawEventData"].to_string();
            row.insert("RawEventData".to_owned(), json!(text));
        }
        let line = json!({
            "time": time::iso_ticks(record.time + 2 * time::MINUTE),
            "tenantId": organization.to_string(),
            "operationName": "Publish",
            "category": "AdvancedHunting-CloudAppEvents",
            "properties": row,
        });
        line.to_string() + "\n"
    };
    records.iter().map(envelope).collect()
}

/// The portal's CSV.
pub fn portal(records: &[&AuditRecord], organization: Guid) -> String {
    let all: Vec<_> = records.iter().map(|r| row(r, organization)).collect();
    let header: Vec<&str> = all
        .first()
        .map(|f| f.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let mut table = Table::new(&header, Quotes::Needed);
    for row in &all {
        let cell = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        table.row(&row.values().map(cell).collect::<Vec<_>>());
    }
    table.finish()
}
