//! The CSV exports of the audit log: they differ in their columns' names only.

use super::audit::Parts;
use super::date::{self, DateOrder};
use super::date_order::Settled;
use super::field::damage;
use super::recognise::Seen;
use super::scan::{Head, Token};
use super::{Kind, Origin, Reader, Record};
use crate::evidence::{CsvRow, Fate, Reason, Row};

/// Where an export keeps what every audit row has.
pub(super) struct Columns {
    pub(super) date: Option<usize>,
    pub(super) record_type: Option<usize>,
    pub(super) user: Option<usize>,
    pub(super) operation: Option<usize>,
    pub(super) data: Option<usize>,
    pub(super) result_count: Option<usize>,
    pub(super) id: Option<usize>,
}

pub(super) struct AuditCsv {
    format: &'static str,
    columns: Columns,
    width: usize,
    dates: Settled,
}

impl AuditCsv {
    pub(super) fn new(format: &'static str, columns: Columns, seen: &Seen<'_>) -> Self {
        let cell = |row: &'_ Vec<String>, column: Option<usize>| column.and_then(|c| row.get(c)).cloned();
        let dates: Vec<_> = seen
            .rows()
            .unwrap_or_default()
            .iter()
            .filter_map(|row| {
                // AuditData's CreationTime is the same instant in a form that cannot be misread.
                let data = cell(row, columns.data).unwrap_or_default();
                let known = date::parse(
                    Head::of(Token::plain(data.as_bytes())).time.raw(),
                    DateOrder::MonthFirst,
                );
                Some((cell(row, columns.date)?, known))
            })
            .collect();
        let columns_date = columns.date;
        AuditCsv {
            format,
            columns,
            width: seen.width(),
            dates: seen.settle_by(columns_date, &dates),
        }
    }

    /// AuditData; of a damaged line, whichever cell holds an object, since its columns may have shifted.
    fn data<'a>(&self, row: &CsvRow<'a>) -> Token<'a> {
        let token = self
            .columns
            .data
            .map(|c| Token::json_cell(row.cell(c)))
            .unwrap_or_default();
        if !row.damaged || token.raw().starts_with(b"{") {
            return token;
        }
        let mut objects = row.cells.iter().map(Token::json_cell);
        objects.find(|t| t.raw().starts_with(b"{")).unwrap_or(token)
    }
}

impl Reader for AuditCsv {
    fn format(&self) -> &'static str {
        self.format
    }

    fn kind(&self) -> Kind {
        Kind::AuditLog
    }

    fn dates(&self) -> Option<&Settled> {
        Some(&self.dates)
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Csv(row) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        if row.is_blank() {
            return Fate::Rejected(Reason::Empty);
        }
        let token = |column: Option<usize>| column.map(|c| Token::column(row, c)).unwrap_or_default();
        let data = self.data(row);
        // Of a damaged line the columns may have shifted; AuditData says all that they do.
        let speaks_for_itself = |head: Head<'_>| !head.time.is_empty() && !head.operation.is_empty();
        let columns_hold = !(row.damaged && speaks_for_itself(Head::of(data)));
        let outer = Head {
            operation: token(self.columns.operation),
            id: token(self.columns.id),
            time: token(self.columns.date),
            record_type: token(self.columns.record_type),
            user: token(self.columns.user),
            result_count: token(self.columns.result_count),
            ..Head::default()
        };
        let parts = Parts {
            outer: if columns_hold { outer } else { Head::default() },
            data,
            bare: false,
            order: self.dates.order,
            damage: damage(row, self.width),
        };
        parts.read(origin, out)
    }
}
