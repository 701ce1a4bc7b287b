//! What a reader of one format tells the engine that drives it.

use std::ops::Range;

use super::cells::{Cells, End, Text};
use super::{Cell, CsvRow, Reason, Row};

/// Bytes that one record may have. What is larger is given up as damaged.
pub const RECORD_LIMIT: usize = 16 << 20;

/// What one step found.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// A record, or what is left of one. The next step begins at `next`. `resumed`: reading goes on before the end
    /// of what was looked at, because that was no record.
    Record {
        found: Found<'a>,
        next: usize,
        resumed: bool,
    },
    /// Nothing that counts: a blank line.
    Nothing { next: usize },
    /// The header, at the start of the file or again.
    Header { next: usize },
    /// What begins here may go on behind the end of the text.
    Unfinished,
}

/// A record that was found.
#[derive(Debug)]
pub(super) enum Found<'a> {
    Whole(Row<'a>),
    /// A physical line that is no whole record, as far as it could be cut into cells.
    Damaged(CsvRow<'a>, Reason),
    /// Not even that.
    Lost(Reason),
}

/// Room for one record that is used again for the next.
#[derive(Debug, Default)]
pub(super) struct Room<'t> {
    /// Cells of a table's row, where they were cut out one by one.
    pub cells: Vec<Cell<'t>>,
    /// Else the row, and where its cells end.
    pub record: Option<Text<'t>>,
    pub ends: Vec<End>,
    /// The text of a record that does not stand in the file as one object.
    pub text: Vec<u8>,
}

impl Room<'_> {
    /// The cells of the row that was found last.
    pub(super) fn row(&self) -> Cells<'_> {
        match self.record {
            Some(record) => Cells::Ends {
                record,
                ends: &self.ends,
            },
            None => Cells::Cut(&self.cells),
        }
    }

    /// Makes room for another row.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.record = None;
        self.ends.clear();
    }
}

/// A format that is read record by record.
///
/// Every answer depends on the text alone and not on where a window of it begins or ends: only then is a parallel
/// reading the same as a sequential one. `at` is always the place behind a record or a separator, or the start of the
/// file. `last`: the text ends where the file ends.
pub(super) trait Format: Sync {
    /// Passes over separators from `at` to the start of the next record, or to the end of the text.
    /// `Err`: a separator at that place may go on behind the end of the text.
    fn settle(&self, text: &[u8], at: usize, last: bool) -> Result<usize, usize>;

    /// Reads what begins at `at`, a settled place before the end of the text, into `room` where it needs any.
    /// `memory` is that of the steps before it, or new: it saves work and changes no answer.
    fn step<'s, 't: 's>(
        &self,
        text: &'t [u8],
        at: usize,
        last: bool,
        room: &'s mut Room<'t>,
        memory: &mut Self::Memory,
    ) -> Step<'s>;

    /// What one reader remembers from step to step of one text.
    type Memory: Default;

    /// A place in `range` where a record probably begins, the first that can be told. `odd`: an odd number of quotes
    /// stands between a known start of a record and the start of the range.
    fn guess(&self, text: &[u8], range: Range<usize>, odd: bool) -> Option<usize>;

    /// Whether [`Format::guess`] asks for the parity of quotes.
    const PARITY: bool;

    /// Bytes before a record that [`Format::step`] may look back at.
    const LOOK_BACK: usize;
}
