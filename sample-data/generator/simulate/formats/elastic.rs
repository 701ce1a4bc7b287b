//! Documents of Elastic's `o365.audit` data stream: nested, dotted, with and without the original, and Kibana's CSV.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::audit::{AuditRecord, record_type_name};
use super::super::random::Guid;
use super::super::time;
use super::text::{Quotes, Table, json_seven};

/// Bags of pairs that become maps.
const BAGS: [&str; 3] = ["Parameters", "ExtendedProperties", "DeviceProperties"];

/// What the pipeline leaves below `o365.audit`: numbers are text, bags are maps, and what has a place elsewhere is gone.
fn audit(record: &AuditRecord, organization: Guid) -> Map<String, Value> {
    let mut audit = Map::new();
    for (key, value) in record.data(organization) {
        let value = match (key.as_str(), value) {
            ("Operation" | "Id" | "Workload" | "ClientIP" | "OrganizationId", _) => continue,
            ("ModifiedProperties", Value::Array(items)) if items.is_empty() => continue,
            ("ModifiedProperties", Value::Array(items)) => {
                let sides = |item: &Value| json!({"NewValue": item["NewValue"], "OldValue": item["OldValue"]});
                let name = |item: &Value| item["Name"].as_str().unwrap_or_default().replace([' ', '.'], "_");
                items
                    .iter()
                    .map(|item| (name(item), sides(item)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            (key, Value::Array(items)) if BAGS.contains(&key) => {
                let name = |item: &Value| item["Name"].as_str().unwrap_or_default().to_owned();
                items
                    .iter()
                    .map(|item| (name(item), item["Value"].clone()))
                    .collect::<Map<_, _>>()
                    .into()
            }
            (_, Value::Number(number)) => json!(number.to_string()),
            (_, value) => value,
        };
        audit.insert(key, value);
    }
    audit
}

fn address(record: &AuditRecord) -> Option<String> {
    let text = record.client_ip.as_deref()?;
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?.trim_start_matches("::ffff:"),
        None => text.split(':').next()?,
    };
    Some(bare.to_owned()).filter(|bare| !bare.is_empty())
}

fn document(record: &AuditRecord, organization: Guid, keeps_original: bool) -> Value {
    let mut event = json!({
        "action": record.operation,
        "category": ["web"],
        "code": record_type_name(record.record_type),
        "dataset": "o365.audit",
        "id": record.id.to_string(),
        "kind": "event",
        "outcome": "success",
        "provider": record.workload,
    });
    if keeps_original {
        event["original"] = json!(Value::Object(record.data(organization)).to_string());
    }
    let mut document = json!({
        "@timestamp": time::iso_millis(record.time),
        "ecs": {"version": "8.17.0"},
        "event": event,
        "o365": {"audit": audit(record, organization)},
        "organization": {"id": organization.to_string()},
        "user": {"id": record.user_id},
    });
    if let Some(address) = address(record) {
        document["client"] = json!({"address": address, "ip": address});
        document["source"] = json!({"ip": address});
    }
    document
}

/// One document a line; those with originals as the hits that a dump holds.
pub fn nested(records: &[&AuditRecord], organization: Guid, keeps_original: bool) -> String {
    let line = |record: &&AuditRecord| {
        let document = document(record, organization, keeps_original);
        let whole = match keeps_original {
            true => json!({"_index": ".ds-logs-o365.audit-default", "_id": record.id.to_string(), "_source": document}),
            false => document,
        };
        whole.to_string() + "\n"
    };
    records.iter().map(line).collect()
}

/// Joins the names of nested objects with dots.
fn flat(prefix: &str, value: &Value, out: &mut Map<String, Value>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            let name = if prefix.is_empty() {
                key.clone()
            } else {
                format!("{prefix}.{key}")
            };
            flat(&name, value, out);
        }),
        other => {
            out.insert(prefix.to_owned(), other.clone());
        }
    }
}

fn dotted_documents(records: &[&AuditRecord], organization: Guid) -> Vec<Map<String, Value>> {
    let dotted = |record: &&AuditRecord| {
        let mut out = Map::new();
        flat("", &document(record, organization, false), &mut out);
        out
    };
    records.iter().map(dotted).collect()
}

/// An array of documents with dotted names.
pub fn dotted(records: &[&AuditRecord], organization: Guid) -> String {
    let all = dotted_documents(records, organization).into_iter().map(Value::Object);
    json_seven(&Value::Array(all.collect()))
}

/// The CSV that Kibana's Discover writes: columns in order of their names, `-` where a document has none.
pub fn kibana(records: &[&AuditRecord], organization: Guid) -> String {
    let all = dotted_documents(records, organization);
    let header: BTreeSet<&str> = all.iter().flat_map(Map::keys).map(String::as_str).collect();
    let header: Vec<&str> = header.into_iter().collect();
    let mut table = Table::new(&header, Quotes::Needed);
    for document in &all {
        let cell = |key: &&str| match document.get(*key) {
            None => "-".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        table.row(&header.iter().map(cell).collect::<Vec<_>>());
    }
    table.finish()
}
