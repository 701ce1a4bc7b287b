//! The audit search of the Purview portal. New form: eight columns, record types as numbers, dates with a trailing space.
//! Form before 2023: four columns.

use serde_json::Value;

use super::super::audit::AuditRecord;
use super::super::random::{Guid, Random};
use super::super::time;
use super::text::{Damage, Quotes, Table, damaged_cell, damaged_text};

/// The columns in the order of the export.
pub const HEADER: [&str; 8] = [
    "RecordId",
    "CreationDate",
    "RecordType",
    "Operation",
    "UserId",
    "AuditData",
    "AssociatedAdminUnits",
    "AssociatedAdminUnitsNames",
];

/// The text of the export, newest first.
pub fn write(records: &[&AuditRecord], organization: Guid, damage: &[Damage], r: &mut Random) -> String {
    let mut table = Table::new(&HEADER, Quotes::Needed);
    for record in records.iter().rev() {
        let data = Value::Object(record.data(organization)).to_string();
        table.row(&[
            record.id.to_string(),
            format!(
                "{} ",
                time::iso_ticks(record.time - record.time.rem_euclid(time::SECOND))
            ),
            record.record_type.to_string(),
            record.operation.clone(),
            record.user_id.clone(),
            damaged_cell(data, damage, r),
            String::new(),
            String::new(),
        ]);
    }
    damaged_text(table.finish(), damage)
}

/// The text of the export before 2023, newest first.
pub fn write_classic(records: &[&AuditRecord], organization: Guid) -> String {
    let mut table = Table::new(&["CreationDate", "UserIds", "Operations", "AuditData"], Quotes::Needed);
    for record in records.iter().rev() {
        table.row(&[
            format!("{}.0000000Z", time::iso_bare(record.time)),
            record.user_id.clone(),
            record.operation.clone(),
            Value::Object(record.data(organization)).to_string(),
        ]);
    }
    table.finish()
}
