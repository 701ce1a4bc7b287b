//! Search-UnifiedAuditLog through Export-Csv, in the shapes that the cmdlet has had.

use serde_json::Value;

use super::super::audit::{AuditRecord, record_type_name};
use super::super::random::{Guid, Random};
use super::super::time;
use super::text::{Damage, Quotes, Table, damaged_cell, damaged_text};

/// Which columns there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Thirteen: remote PowerShell, with the names of the remote host.
    Remoting,
    /// Ten: the REST module.
    Rest,
    /// Four: what scripts select.
    Selected,
}

const REST: [&str; 10] = [
    "RecordType",
    "CreationDate",
    "UserIds",
    "Operations",
    "AuditData",
    "ResultIndex",
    "ResultCount",
    "Identity",
    "IsValid",
    "ObjectState",
];

/// The columns in the order of the export.
pub fn header(columns: Columns) -> Vec<&'static str> {
    match columns {
        Columns::Remoting => ["PSComputerName", "RunspaceId", "PSShowComputerName"]
            .into_iter()
            .chain(REST)
            .collect(),
        Columns::Rest => REST.to_vec(),
        Columns::Selected => vec!["CreationDate", "UserIds", "Operations", "AuditData"],
    }
}

/// The cells of one row. `index` and `count` are ResultIndex and ResultCount.
pub fn cells(
    record: &AuditRecord,
    organization: Guid,
    columns: Columns,
    runspace: Guid,
    index: usize,
    count: usize,
) -> Vec<String> {
    let data = Value::Object(record.data(organization)).to_string();
    let (date, user, operation) = (
        time::en_us(record.time),
        record.user_id.clone(),
        record.operation.clone(),
    );
    match columns {
        Columns::Selected => vec![date, user, operation, data],
        Columns::Rest | Columns::Remoting => {
            let rest = vec![
                record_type_name(record.record_type).to_owned(),
                date,
                user,
                operation,
                data,
                index.to_string(),
                count.to_string(),
                record.id.to_string(),
                "True".to_owned(),
                "Unchanged".to_owned(),
            ];
            if columns == Columns::Rest {
                return rest;
            }
            // The older service escaped slashes in AuditData.
            let older = rest
                .into_iter()
                .enumerate()
                .map(|(at, cell)| if at == 4 { cell.replace('/', "\\/") } else { cell });
            [
                "outlook.office365.com".to_owned(),
                runspace.to_string(),
                "False".to_owned(),
            ]
            .into_iter()
            .chain(older)
            .collect()
        }
    }
}

/// How an export was made.
#[derive(Clone, Debug)]
pub struct Options {
    pub columns: Columns,
    /// Whether the first line is `#TYPE …`, as Windows PowerShell writes it unless told otherwise.
    pub type_line: bool,
    /// Whether pages overlap and rows are not quite in order, as in collections that were merged.
    pub untidy: bool,
    /// ResultCount, where the service had more than it gave.
    pub result_count: Option<usize>,
    pub damage: Vec<Damage>,
}

/// The records in the order in which an untidy collection holds them: some twice, some neighbours swapped.
pub fn untidy<'a>(records: &[&'a AuditRecord], r: &mut Random) -> Vec<&'a AuditRecord> {
    let mut rows: Vec<&AuditRecord> = Vec::with_capacity(records.len() + records.len() / 50);
    for (at, record) in records.iter().enumerate() {
        rows.push(record);
        // The next page begins with the last rows of this one.
        if at % 100 == 99 {
            rows.extend_from_slice(&records[at - 1..=at]);
        }
    }
    for at in 1..rows.len() {
        if r.chance(40) {
            rows.swap(at - 1, at);
        }
    }
    rows
}

/// The text of the export.
pub fn write(records: &[&AuditRecord], organization: Guid, options: &Options, r: &mut Random) -> String {
    let runspace = r.guid();
    let rows = if options.untidy {
        untidy(records, r)
    } else {
        records.to_vec()
    };
    let count = options.result_count.unwrap_or(records.len());
    let mut table = Table::new(&header(options.columns), Quotes::Always);
    let data_at = header(options.columns)
        .iter()
        .position(|name| *name == "AuditData")
        .unwrap_or_default();
    for (at, record) in rows.iter().enumerate() {
        let mut row = cells(record, organization, options.columns, runspace, at + 1, count);
        row[data_at] = damaged_cell(std::mem::take(&mut row[data_at]), &options.damage, r);
        table.row(&row);
    }
    let mut text = table.finish();
    if options.type_line {
        text.insert_str(
            0,
            "#TYPE Deserialized.Microsoft.Exchange.Data.ApplicationLogic.UnifiedAuditLogEvent\r\n",
        );
    }
    damaged_text(text, &options.damage)
}
