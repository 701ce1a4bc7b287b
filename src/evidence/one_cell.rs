//! Tables of which a spreadsheet made one cell a line.
//!
//! Excel takes the list separator of its region for the delimiter: where that is `;`, a file with commas becomes one column, and
//! saved again, each line that holds a quote is quoted as a whole.

use super::csv::{is_comment, names_delimiter};
use super::sniff::DELIMITERS;

/// Whether the first row of a table is one quoted cell that holds delimiters and quotes, and its header is too or is bare.
pub(super) fn is_one_cell_a_line(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let lines = text.split(|b| matches!(b, b'\n' | b'\r'));
    let mut lines = lines
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty() && !is_comment(line) && !names_delimiter(line));
    let (Some(header), Some(row)) = (lines.next(), lines.next()) else {
        return false;
    };
    let bare = is_delimited(header) && !header.contains(&b'"');
    is_cell(row) && (bare || is_cell(header))
}

fn is_delimited(line: &[u8]) -> bool {
    DELIMITERS.iter().any(|delimiter| line.contains(delimiter))
}

/// A whole line in quotes, all those in it doubled.
fn is_cell(line: &[u8]) -> bool {
    let inside = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\""));
    inside.is_some_and(|inside| {
        let mut quotes = inside
            .chunk_by(|one, next| one == next)
            .filter(|run| run.contains(&b'"'));
        inside.contains(&b'"') && is_delimited(inside) && quotes.all(|run| run.len() % 2 == 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("\u{feff}\"a,\"\"b\"\"\"\r\n\"1,\"\"2\"\"\"\r\n", true; "all in quotes")]
    #[test_case("#TYPE x\na,b\n\"1,\"\"{\"\"\"\"Id\"\"\"\":2}\"\"\"\n", true; "a bare header")]
    #[test_case("\"a\",\"b\"\n\"1\",\"2\"\n", false; "cells in quotes")]
    #[test_case("AuditData\n\"{\"\"Id\"\":1,\"\"x\"\":2}\"\n", false; "one column of JSON")]
    #[test_case("\"AuditData\"\n\"{\"\"Id\"\":1,\"\"x\"\":2}\"\n", false; "and its name in quotes")]
    #[test_case("\"a\",\"b\"\n\"1,\"\"2\"\"\"\n", false; "a single row")]
    #[test_case("a,b\n\"1\",\"2\"\n", false; "quotes that are not doubled")]
    #[test_case("a,b\n", false; "no row")]
    fn a_line_in_one_cell_is_told(text: &str, expected: bool) {
        assert_eq!(is_one_cell_a_line(text.as_bytes()), expected);
    }
}
