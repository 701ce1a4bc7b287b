//! Records of Microsoft Graph's audit log queries, as the service returns them and as collection scripts store them.

use serde_json::{Map, Value, json};

use super::super::audit::{AuditRecord, record_type_name, user_type_name};
use super::super::random::Guid;
use super::super::time;
use super::text::{Quotes, Table, json_windows};

/// One record: the envelope with its crossed users, and audit data with type notes beside its fields.
fn record(record: &AuditRecord, organization: Guid) -> Value {
    json!({
        "id": record.id.to_string(),
        "createdDateTime": time::iso(record.time),
        "auditLogRecordType": record_type_name(record.record_type),
        "operation": record.operation,
        "organizationId": organization.to_string(),
        "userType": user_type_name(record.user_type),
        "userId": record.user_key,
        "service": record.workload,
        "objectId": record.object_id,
        "userPrincipalName": record.user_id,
        "clientIp": null,
        "administrativeUnits": [""],
        "auditData": data(record, organization),
    })
}

fn data(record: &AuditRecord, organization: Guid) -> Value {
    let mut noted = Map::new();
    noted.insert(
        "@odata.type".to_owned(),
        json!("#microsoft.graph.security.defaultAuditData"),
    );
    for (key, value) in record.data(organization) {
        let note = match &value {
            Value::Number(_) => Some("#Int64"),
            Value::Array(_) => Some("#Collection(microsoft.graph.security.auditProperty)"),
            _ => None,
        };
        if let Some(note) = note {
            noted.insert(format!("{key}@odata.type"), json!(note));
        }
        let value = match value {
            Value::String(text) if key == "CreationTime" => json!(text + "Z"),
            Value::Array(items) => items.into_iter().map(item).collect(),
            other => other,
        };
        noted.insert(key, value);
    }
    Value::Object(noted)
}

/// An item of an array, with a note beside its Type.
fn item(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let mut noted = Map::new();
    for (key, value) in map {
        if key == "Type" {
            noted.insert("Type@odata.type".to_owned(), json!("#Int64"));
        }
        noted.insert(key, value);
    }
    Value::Object(noted)
}

/// A page as the service returns it.
pub fn page(records: &[&AuditRecord], organization: Guid) -> String {
    let value: Vec<Value> = records.iter().map(|r| record(r, organization)).collect();
    json!({
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#security/auditLog/queries('q')/records",
        "@odata.count": value.len(),
        "value": value,
    })
    .to_string()
}

/// What a collection script stores: `[`, one record after the other, `]`.
pub fn collected(records: &[&AuditRecord], organization: Guid) -> String {
    let all: Vec<String> = records
        .iter()
        .map(|r| json_windows(&record(r, organization)).trim_end().to_owned())
        .collect();
    format!("[\r\n{}\r\n]\r\n", all.join(",\r\n"))
}

/// One record a line.
pub fn lines(records: &[&AuditRecord], organization: Guid) -> String {
    records
        .iter()
        .map(|r| record(r, organization).to_string() + "\r\n")
        .collect()
}

/// The script's CSV, with audit data over several lines.
pub fn csv(records: &[&AuditRecord], organization: Guid) -> String {
    let all: Vec<Value> = records.iter().map(|r| record(r, organization)).collect();
    let header: Vec<&str> = all
        .first()
        .and_then(Value::as_object)
        .map(|first| first.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let mut table = Table::new(&header, Quotes::Always);
    for object in all.iter().filter_map(Value::as_object) {
        let cells: Vec<String> = object
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) => text.clone(),
                Value::Object(_) => json_windows(value).trim_end().to_owned(),
                Value::Array(_) if key == "administrativeUnits" => String::new(),
                Value::Null => String::new(),
                other => other.to_string(),
            })
            .collect();
        table.row(&cells);
    }
    table.finish()
}
