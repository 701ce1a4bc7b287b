//! What one stretch of a file held, counted.

use super::ledger::{Entry, Reason, What};
use super::{Cell, Cells, Fate, Origin, Sink};

/// Entries kept of one file. Hostile evidence can hold nothing but damaged lines: beyond this many they are
/// counted and no longer listed.
pub const LEDGER_LIMIT: usize = 1 << 20;

/// Rows that look like a header that are remembered of one file.
const HEADERS: usize = 1 << 10;
/// Characters of a name beyond which no header has one.
const NAME: usize = 64;

/// Counts and ledger of a stretch. records = accepted + degraded + rejected, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub records: u64,
    pub accepted: u64,
    pub degraded: u64,
    pub rejected: u64,
    /// In order of records, the first [`LEDGER_LIMIT`] of the file.
    pub ledger: Vec<Entry>,
    /// How often reading went on inside what had been taken for a record.
    pub resynchronisations: u64,
    /// Some bytes cannot be UTF-8, of a file that is read as it stands.
    pub impossible: bool,
    /// Offsets of rows that look like a header, the first [`HEADERS`] of the file, each with whether it is the file's own:
    /// behind any other one another export may begin. Of own ones that follow one another, the first.
    pub headers: Vec<(u64, bool)>,
}

impl Tally {
    /// The number of the next record, 1-based; it stops at the highest number that an origin holds.
    pub(super) fn next_record(&self) -> u32 {
        u32::try_from(self.records + 1).unwrap_or(u32::MAX)
    }

    pub(super) fn count(&mut self, origin: Origin, fate: Fate) {
        self.records += 1;
        let (what, reason) = match fate {
            Fate::Accepted => {
                self.accepted += 1;
                return;
            }
            Fate::Degraded(reason) => {
                self.degraded += 1;
                (What::Degraded, reason)
            }
            Fate::Rejected(reason) => {
                self.rejected += 1;
                (What::Rejected, reason)
            }
        };
        if self.ledger.len() < LEDGER_LIMIT {
            self.ledger.push(Entry { origin, what, reason });
        }
    }

    /// Notes a row whose cells all look like the names of columns.
    pub(super) fn look_at(&mut self, cells: Cells<'_>, offset: u64) {
        // Of nearly every row of data the first cell or the next begins with what no name does.
        let is_no_name = |column| cells.initial(column).is_some_and(|b| !may_begin_name(b));
        if is_no_name(0) || is_no_name(1) {
            return;
        }
        if cells.len() > 1 && cells.iter().all(|cell| is_name(&cell)) {
            self.header(offset, false);
        }
    }

    /// Notes a header, the file's own or perhaps another one.
    pub(super) fn header(&mut self, offset: u64, own: bool) {
        let again = own && self.headers.last().is_some_and(|(_, own)| *own);
        if !again && self.headers.len() < HEADERS {
            self.headers.push((offset, own));
        }
    }

    /// Adds the tally of the stretch that follows, whose records are counted from 1, and moves its numbers and those
    /// of its sink to their place in the file.
    pub(super) fn append<S: Sink>(&mut self, next: Tally, sink: &mut S) {
        let by = u32::try_from(self.records).unwrap_or(u32::MAX);
        if by > 0 {
            sink.shift_records(by);
        }
        let room = LEDGER_LIMIT.saturating_sub(self.ledger.len());
        self.ledger.extend(next.ledger.into_iter().take(room).map(|mut entry| {
            entry.origin.record = entry.origin.record.saturating_add(by);
            entry
        }));
        self.records += next.records;
        self.accepted += next.accepted;
        self.degraded += next.degraded;
        self.rejected += next.rejected;
        self.resynchronisations += next.resynchronisations;
        self.append_marks(next.impossible, next.headers);
    }

    /// Adds what a stretch that follows shows besides its records.
    pub(super) fn append_marks(&mut self, impossible: bool, headers: Vec<(u64, bool)>) {
        self.impossible |= impossible;
        headers.into_iter().for_each(|(offset, own)| self.header(offset, own));
    }
}

/// Whether a cell may be the name of a column. In a row of data some cell is empty, begins with a digit or holds an address.
fn is_name(cell: &Cell<'_>) -> bool {
    let name = cell.raw().trim_ascii();
    name.first().is_some_and(|b| may_begin_name(*b))
        && name.len() <= NAME
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'(' | b')' | b'#' | b'/'))
}

fn may_begin_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// What becomes of a damaged line: never whole, and for the reader's reason, which is the first cause. One that holds
/// nothing is no more than that.
pub(super) fn damaged(fate: Fate, reason: Reason) -> Fate {
    match fate {
        Fate::Rejected(Reason::Empty) => fate,
        Fate::Accepted | Fate::Degraded(_) => Fate::Degraded(reason),
        Fate::Rejected(_) => Fate::Rejected(reason),
    }
}
