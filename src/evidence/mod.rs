//! The first room: what lies on the disk.
//!
//! Paths become exhibits: bytes with a name, a SHA-256 and an encoding, cut into rows at record boundaries.
//! Nothing may be lost here: what cannot be read becomes an entry of the ledger.

mod alignment;
mod archive;
mod bytes;
mod cells;
mod csv;
pub mod discover;
mod encoding;
mod ends;
mod exhibit;
mod feed;
mod json;
pub mod ledger;
mod marks;
mod near;
mod objectless;
mod one_cell;
mod packed;
mod read;
mod reread;
mod sniff;
mod split;
mod spool;
mod step;
mod tally;
#[cfg(test)]
mod testing;
mod text;
mod undouble;
mod wrapper;

pub use alignment::{Cause, Shifted};
pub use archive::Member;
pub use bytes::stored::{Stored, Writer};
pub use cells::{Cell, Cells, CsvRow, Text};
pub use discover::{DiscoverError, Discovery, Located, Source, Unreadable, discover};
pub use encoding::Encoding;
pub use ends::{Ends, ends};
pub use exhibit::{Exhibit, Opened, Unheeded, open, sha256};
pub use ledger::{Entry, Reason, What};
pub use packed::{Caps, Damage};
pub use read::{Progress, ReadError, ReadOptions, ReadOutcome, read};
pub use reread::rows_at;
pub use step::RECORD_LIMIT;
pub use tally::{LEDGER_LIMIT, Tally};
pub use text::text;

/// Where a record lies: enough to find the row again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Origin {
    /// Index of the exhibit in order of evidence path, below 2^24.
    pub file: u32,
    /// 1-based, the header not counted.
    pub record: u32,
    /// Bytes from the start of the file to the record, before any text decoding; below 2^40.
    pub offset: u64,
}

/// What the bytes of an exhibit look like, settled from its beginning and never from its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Delimited text under a header.
    Csv {
        delimiter: u8,
        /// Column names as written, white space and quotes around them removed.
        header: Vec<String>,
        /// The first whole data rows, at most five, for recognition.
        sample: Vec<Vec<String>>,
        /// Lines of text above the header, as they stand there once decoded: they are no records.
        above: Vec<u8>,
    },
    /// JSON objects, or the texts of such: one a line, an array, concatenated arrays, `{"value":[…]}`, or a single object;
    /// the rows of a table.
    Json {
        /// The text of the first whole objects, at most five, for recognition.
        sample: Vec<String>,
        /// Of a table whose rows are arrays: the names of its columns. Else none.
        columns: Vec<String>,
    },
    /// Neither.
    Unknown,
}

/// One row, borrowed from the bytes.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    Csv(CsvRow<'a>),
    /// The text of one object, from its `{` on. Not yet known to be valid JSON.
    Json(&'a [u8]),
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Accepted,
    /// Kept with a part missing.
    Degraded(Reason),
    /// Could not be placed at all.
    Rejected(Reason),
}

/// What takes the rows of one chunk. One is made for every chunk; they are joined in order.
pub trait Sink: Send + Sized {
    /// Takes one row. The origin's record number counts from the start of the chunk.
    fn row(&mut self, row: &Row<'_>, origin: Origin) -> Fate;

    /// The chunk has ended: what can be done on the core that read it is done now, before all are joined on one.
    fn close(&mut self) {}

    /// Adds to every record number kept so far: the chunk's place in the file became known.
    fn shift_records(&mut self, by: u32);

    /// Takes in the sink of the rows that follow, whose record numbers count on from its own.
    fn absorb(&mut self, next: Self);
}
