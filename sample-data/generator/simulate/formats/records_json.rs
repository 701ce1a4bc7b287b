//! Audit records as the Management Activity API hands them out: flat objects, in an array or one a line, in no
//! order, now and then one twice.

use serde_json::Value;

use super::super::audit::AuditRecord;
use super::super::random::{Guid, Random};
use super::search_audit_log::untidy;

/// One record as compact JSON.
pub fn line(record: &AuditRecord, organization: Guid) -> String {
    Value::Object(record.data(organization)).to_string()
}

/// One record a line.
pub fn lines(records: &[&AuditRecord], organization: Guid, r: &mut Random) -> String {
    untidy(records, r)
        .iter()
        .map(|record| line(record, organization) + "\n")
        .collect()
}

/// One array, as a content blob is.
pub fn array(records: &[&AuditRecord], organization: Guid, r: &mut Random) -> String {
    let all: Vec<_> = untidy(records, r)
        .iter()
        .map(|record| line(record, organization))
        .collect();
    format!("[{}]", all.join(","))
}
