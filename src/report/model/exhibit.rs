//! What the report says of the evidence: its files, what they cover, and their rows.

use serde::{Deserialize, Serialize};

/// One evidence file. `records = accepted + degraded + duplicates + rejected`, always.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhibit {
    /// Relative to the PATH given; a member of an archive follows the archive's name.
    pub path: String,
    /// Of the file as it lies on the disk, 64 hexadecimal digits in lower case.
    pub sha256: String,
    pub bytes: u64,
    /// `audit_log`, `message_trace` and so on, as the schema lists them.
    pub kind: String,
    /// Which export of that kind.
    pub format: String,
    pub encoding: String,
    /// Null where it is not compressed.
    pub compression: Option<String>,
    /// Rows or objects found.
    pub records: u64,
    /// Used whole.
    pub accepted: u64,
    /// Kept, with a part missing.
    pub degraded: u64,
    /// The same export row again, in this file or another.
    pub duplicates: u64,
    /// Not to be placed at all.
    pub rejected: u64,
    /// Of the earliest and the latest record that has a time.
    pub first_time: Option<String>,
    pub last_time: Option<String>,
    /// How times were read where that was not plain, such as day-first dates.
    pub time_note: Option<String>,
    /// What a reader should know about how this file was read.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What the analyst should be told at once of how it was read; also in `time_note`.
    #[serde(skip)]
    pub warning: Option<String>,
}

/// A file that could not be opened or read to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unreadable {
    pub path: String,
    pub reason: String,
}

/// What one family of evidence covers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// `audit_log`, `message_trace` and so on, as the schema lists them.
    pub family: String,
    pub state: CoverageState,
    pub first_time: Option<String>,
    pub last_time: Option<String>,
    /// In order of time.
    pub gaps: Vec<Gap>,
    /// Why it is in that state.
    pub why: String,
    /// The command or page that gives it.
    pub how_to_collect: Option<String>,
}

/// How much of a family of evidence there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageState {
    Complete,
    Partial,
    Missing,
}

/// A time that the evidence of a family does not cover; open where an end is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    pub from: Option<String>,
    pub to: Option<String>,
    pub reason: String,
    /// The command that would close it.
    #[serde(default)]
    pub how_to_collect: Option<String>,
}

/// A row of the evidence. `record` is 1-based without the header; `byte_offset` counts bytes of the
/// file before any text decoding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    pub path: String,
    pub record: u64,
    pub byte_offset: u64,
    pub id: Option<String>,
}

/// A row of the evidence that was not used whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    pub path: String,
    pub record: u64,
    pub byte_offset: u64,
    /// `rejected` or `degraded`.
    pub what: String,
    pub reason: String,
}
