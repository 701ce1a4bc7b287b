//! The ledger: every row that was not used whole, with its place and the reason.

use std::fmt;

use super::Origin;

/// Whether a row was lost or kept in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    Degraded,
    Rejected,
}

/// One row that was not used whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub origin: Origin,
    pub what: What,
    pub reason: Reason,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A quote where none may stand; the physical line is no record.
    StrayQuote,
    /// A quoted cell that never closes.
    UnclosedQuote,
    /// More or fewer cells than the header has columns.
    CellCount,
    /// Larger than a record may be.
    TooLarge,
    /// Not a whole JSON object.
    NotJson,
    /// The file ends inside the record.
    CutOff,
    /// Nested deeper than a record may be.
    TooDeep,
    /// Half of a surrogate pair, written as an escape: no character. It is read as U+FFFD.
    LoneSurrogate,
    /// Nothing but delimiters and white space.
    Empty,
    /// No time, or none that can be read.
    NoTime,
    /// A spreadsheet saved the row with what it showed in the place of its date.
    DateLost,
    /// An audit row that names no operation.
    NoOperation,
    /// AuditData is empty.
    AuditDataMissing,
    /// AuditData is cut off or no JSON.
    AuditDataBroken,
    /// A list was written as the name of its type, as Export-Csv does.
    ListLost,
    /// A trace row without sender, recipient and message id.
    NothingToPlace,
    /// A snapshot object without a name.
    NoName,
    /// An object that is none of the file's format.
    OtherFormat,
    /// A table of an answer whose columns are not those of its first.
    OtherTable,
    /// Text in another encoding than that of the file's beginning.
    OtherEncoding,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::StrayQuote => "a quote stands where none may; the line is no whole record",
            Reason::UnclosedQuote => "a quoted cell never closes",
            Reason::CellCount => "more or fewer cells than the header has columns",
            Reason::TooLarge => "larger than a record may be",
            Reason::NotJson => "not a whole JSON object",
            Reason::CutOff => "the file ends inside the record",
            Reason::TooDeep => "nested deeper than a record may be",
            Reason::LoneSurrogate => "half of a character, as an escape (a lone surrogate); it is read as U+FFFD",
            Reason::Empty => "nothing but delimiters and white space",
            Reason::NoTime => "no time, or none that can be read",
            Reason::DateLost => {
                "a spreadsheet saved no date, only what its column showed of it (12:34.5, ####); export it again"
            }
            Reason::NoOperation => "names no operation",
            Reason::AuditDataMissing => "AuditData is empty",
            Reason::AuditDataBroken => "AuditData is cut off or no JSON",
            Reason::ListLost => "a list was exported as its type's name (System.Object[]); its values are lost",
            Reason::NothingToPlace => "neither message id, sender nor recipient",
            Reason::NoName => "an object without a name",
            Reason::OtherFormat => "an object of another kind than the file's",
            Reason::OtherTable => {
                "another table, whose columns are not those of the first: none of its rows is read; save it as a file of its own"
            }
            Reason::OtherEncoding => "text in another encoding than the file's beginning",
        })
    }
}
