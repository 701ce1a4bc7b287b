//! Lines of delimited text that are no rows, and the names in its header.

use crate::evidence::{Cell, text};

/// How lines begin that are no rows: Export-Csv of Windows PowerShell writes the type of its objects above the header, and
/// logs of Exchange begin with five lines about themselves, of which the last holds the header.
const COMMENTS: [&[u8]; 6] = [
    b"#TYPE ",
    b"#Software: ",
    b"#Version: ",
    b"#Log-type: ",
    b"#Date: ",
    FIELDS,
];
/// What stands before the header of a log.
pub(in crate::evidence) const FIELDS: &[u8] = b"#Fields: ";

/// Whether a line begins so that it is no row.
pub(in crate::evidence) fn is_comment(line: &[u8]) -> bool {
    line.first() == Some(&b'#') && COMMENTS.iter().any(|mark| line.starts_with(mark))
}

/// Whether a line is nothing but what tells spreadsheets the delimiter: `sep=;`.
pub(in crate::evidence) fn names_delimiter(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let bare = line
        .strip_prefix(b"\"")
        .and_then(|l| l.strip_suffix(b"\""))
        .unwrap_or(line);
    let sign = bare
        .split_at_checked(4)
        .filter(|(name, _)| name.eq_ignore_ascii_case(b"sep="));
    sign.is_some_and(|(_, sign)| sign.len() <= 1)
}

/// Whether too little of a line is there to tell.
pub(super) fn may_be_comment(line: &[u8]) -> bool {
    line.first() == Some(&b'#')
        && COMMENTS
            .iter()
            .any(|mark| line.len() < mark.len() && mark.starts_with(line))
}

/// The name that a header cell gives: without white space and quotes around it.
pub(in crate::evidence) fn label(cell: &Cell<'_>) -> String {
    let raw = cell.raw().trim_ascii();
    let bare = raw
        .strip_prefix(b"\"")
        .and_then(|r| r.strip_suffix(b"\""))
        .unwrap_or(raw);
    text(bare.trim_ascii()).replace("\"\"", "\"")
}

pub(super) fn label_is(cell: &Cell<'_>, name: &str) -> bool {
    let raw = cell.raw().trim_ascii();
    raw == name.as_bytes() || label(cell) == name
}
