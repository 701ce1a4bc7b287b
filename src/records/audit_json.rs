//! The JSON exports of the audit log that keep a record under its own names: bare, or as `AuditData` of a row.

use super::audit::Parts;
use super::date::DateOrder;
use super::scan::{Head, Token};
use super::{Kind, Origin, Reader, Record};
use crate::evidence::{Fate, Reason, Row};

pub(super) struct AuditJson {
    pub(super) format: &'static str,
}

impl Reader for AuditJson {
    fn format(&self) -> &'static str {
        self.format
    }

    fn kind(&self) -> Kind {
        Kind::AuditLog
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        match row {
            Row::Json(text) => parts(text).read(origin, out),
            Row::Csv(_) => Fate::Rejected(Reason::OtherFormat),
        }
    }
}

/// A row with its AuditData, or a bare record: files that were joined may hold both.
fn parts(text: &[u8]) -> Parts<'_> {
    let record = Token::plain(text);
    let head = Head::of(record);
    // Without AuditData it is the record itself, unless its time is a search's column: then AuditData is lost.
    let bare = head.data.is_empty() && (head.bare || head.time.is_empty());
    Parts {
        outer: if bare { Head::default() } else { head },
        data: if bare { record } else { head.data },
        bare,
        // ConvertTo-Json writes no culture's dates.
        order: DateOrder::MonthFirst,
        damage: None,
    }
}
