//! What a reader of one format tells the engine that drives it.

use std::ops::Range;

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
    /// Nothing that counts: a blank line, a header again.
    Nothing { next: usize },
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

/// Brackets inside one another, the record's own included.
pub(super) const DEPTH_LIMIT: usize = 128;

/// How far a look for the end of a JSON object came that found none. Records that begin inside are open there too: the
/// look for their end goes on where this one stopped. Otherwise hostile text is read again from every line of it.
#[derive(Debug)]
pub(super) struct LookAhead {
    /// Where it stopped, outside of any string.
    pub stopped: usize,
    /// The brackets that are open there, one bit a level, the innermost lowest: set for an object, clear for an array.
    pub levels: u128,
    pub depth: usize,
    /// Where each of them stands, the outermost first.
    pub open: [usize; DEPTH_LIMIT],
}

impl Default for LookAhead {
    fn default() -> Self {
        LookAhead {
            stopped: 0,
            levels: 0,
            depth: 0,
            open: [0; DEPTH_LIMIT],
        }
    }
}

impl LookAhead {
    /// Forgets all but the bracket at `at` and those inside it. Where none is known there, looking begins anew.
    pub(super) fn resume(&mut self, at: usize) {
        let known = self.open.get(..self.depth).unwrap_or_default();
        match known.iter().position(|open| *open == at) {
            Some(outside) => {
                self.open.copy_within(outside..self.depth, 0);
                self.depth -= outside;
                self.levels &= u128::MAX >> (DEPTH_LIMIT - self.depth);
            }
            None => (self.stopped, self.levels, self.depth) = (at, 0, 0),
        }
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

    /// Reads what begins at `at`, a settled place before the end of the text. `cells` is room to be used again.
    fn step<'s, 't: 's>(&self, text: &'t [u8], at: usize, last: bool, cells: &'s mut Vec<Cell<'t>>) -> Step<'s>;

    /// As [`Format::step`], in order over one text. What an earlier step found out in vain is remembered in `ahead` and
    /// not looked at again; the answer is the same.
    fn step_on<'s, 't: 's>(
        &self,
        text: &'t [u8],
        at: usize,
        last: bool,
        cells: &'s mut Vec<Cell<'t>>,
        _ahead: &mut LookAhead,
    ) -> Step<'s> {
        self.step(text, at, last, cells)
    }

    /// A place in `range` where a record probably begins, the first that can be told. `odd`: an odd number of quotes
    /// stands between a known start of a record and the start of the range.
    fn guess(&self, text: &[u8], range: Range<usize>, odd: bool) -> Option<usize>;

    /// Whether [`Format::guess`] asks for the parity of quotes.
    const PARITY: bool;

    /// Bytes before a record that [`Format::step`] may look back at.
    const LOOK_BACK: usize;
}
