//! What collection scripts make of Search-UnifiedAuditLog and of AuditData alone: JSON of both PowerShells, one row a
//! line, files joined to one another, and CSV of parsed records.

use serde_json::{Map, Value, json};

use super::super::audit::{AuditRecord, record_type_name};
use super::super::random::Guid;
use super::super::time;
use super::text::{Quotes, Table, json_seven, json_windows};

/// A row with its AuditData in some form.
fn row(record: &AuditRecord, date: String, data: Value, index: usize, count: usize) -> Value {
    json!({
        "RecordType": record_type_name(record.record_type),
        "CreationDate": date,
        "UserIds": record.user_id,
        "Operations": record.operation,
        "AuditData": data,
        "ResultIndex": index,
        "ResultCount": count,
        "Identity": record.id.to_string(),
        "IsValid": true,
        "ObjectState": "Unchanged",
    })
}

fn rows(
    records: &[&AuditRecord],
    date: fn(time::Millis) -> String,
    data: impl Fn(&AuditRecord) -> Value,
) -> Vec<Value> {
    let numbered = records.iter().zip(1..);
    numbered
        .map(|(record, index)| row(record, date(record.time), data(record), index, records.len()))
        .collect()
}

fn object(record: &AuditRecord, organization: Guid) -> Value {
    Value::Object(record.data(organization))
}

/// Windows PowerShell 5.1 with AuditData expanded.
pub fn windows(records: &[&AuditRecord], organization: Guid) -> String {
    let all = rows(records, |at| format!("/Date({at})/"), |r| object(r, organization));
    json_windows(&Value::Array(all)) + "\r\n\r\n"
}

/// PowerShell 7 with AuditData expanded.
pub fn seven(records: &[&AuditRecord], organization: Guid) -> String {
    json_seven(&Value::Array(rows(records, time::iso, |r| object(r, organization))))
}

/// One compressed row a line, AuditData still a string.
pub fn lines(records: &[&AuditRecord], organization: Guid) -> String {
    rows(records, time::iso, |r| object(r, organization).to_string().into())
        .iter()
        .map(|row| row.to_string() + "\n")
        .collect()
}

/// Several runs in one file: an array, behind it another, a row alone, and the bracket of a run that found nothing.
pub fn joined(records: &[&AuditRecord], organization: Guid) -> String {
    let all = rows(records, time::iso, |r| object(r, organization));
    let Some((last, rest)) = all.split_last() else {
        return String::new();
    };
    let (first, second) = rest.split_at(rest.len() / 2);
    let array = |rows: &[Value]| Value::Array(rows.to_vec()).to_string();
    format!("{}{}\r\n{}\r\n[\r\n", array(first), array(second), json_seven(last))
}

/// AuditData alone, one a line.
pub fn data_lines(data: &[Value]) -> String {
    data.iter().map(|record| record.to_string() + "\r\n").collect()
}

/// Two such files after a script joined them as if they were objects: `[{…}` line end `{…}` line end `,{…}]`.
pub fn merged(data: &[Value]) -> String {
    let (first, second) = data.split_at(data.len() / 2);
    let lines = |part: &[Value]| part.iter().map(Value::to_string).collect::<Vec<_>>().join("\r\n");
    format!("[{}\r\n,{}]", lines(first), lines(second))
}

/// A pipeline that turns numbers into text and adds keys of its own, which differ from the record's by case alone.
pub fn stringly(data: &[Value]) -> String {
    let line = |record: &Value| {
        let mut out = Map::new();
        out.insert("operation".to_owned(), json!("audit"));
        out.insert("id".to_owned(), json!("0"));
        for (key, value) in record.as_object().into_iter().flatten() {
            let value = match value {
                Value::Number(number) => json!(number.to_string()),
                other => other.clone(),
            };
            out.insert(key.clone(), value);
        }
        out.insert("userid".to_owned(), json!("pipeline"));
        Value::Object(out).to_string() + "\n"
    };
    data.iter().map(line).collect()
}

/// What Wazuh archives: the record, with its content type, within an alert; one a line.
pub fn wazuh(records: &[&AuditRecord], organization: Guid) -> String {
    let line = |record: &&AuditRecord| {
        let mut data = record.data(organization);
        data.insert("Subscription".to_owned(), json!(format!("Audit.{}", record.workload)));
        let alert = json!({
            "timestamp": time::iso_millis(record.time + 3 * time::MINUTE).replace('Z', "+0000"),
            "rule": {"level": 3, "description": "Office 365 event", "id": "91700", "groups": ["office365"]},
            "agent": {"id": "000", "name": "wazuh"},
            "data": {"integration": "office365", "office365": data},
            "location": "office365",
        });
        alert.to_string() + "\n"
    };
    records.iter().map(line).collect()
}

/// Parsed records through Export-Csv: a list becomes the name of its type.
pub fn flattened(data: &[Value]) -> String {
    let mut header: Vec<&str> = Vec::new();
    for key in data.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !header.contains(&key.as_str()) {
            header.push(key);
        }
    }
    let mut table = Table::new(&header, Quotes::Always);
    for record in data {
        let cell = |key: &&str| match &record[*key] {
            Value::Null => String::new(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Array(_) => "System.Object[]".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        table.row(&header.iter().map(cell).collect::<Vec<_>>());
    }
    table.finish()
}
