//! How records lie on the lines of a file, and how they begin: what tells the next one where the last is broken or unknown.

use memchr::{memchr, memmem, memrchr};

use super::{BOM, string_end};

/// Bytes before a record in which its line must begin for its indentation to be known.
pub(super) const LOOK_BACK: usize = 64 << 10;
/// Bytes that the beginning of a record may have up to the end of its first key, to be told by it.
const OPENING_LIMIT: usize = 256;

/// The line on which a record begins.
pub(super) struct Line {
    /// Spaces and tabs at its start.
    pub indent: usize,
    /// Nothing but separators stands between its start and the record.
    pub begins: bool,
}

pub(super) fn line_of(text: &[u8], at: usize) -> Line {
    let from = at.saturating_sub(LOOK_BACK);
    let before = text.get(from..at).unwrap_or_default();
    let start = match memrchr(b'\n', before) {
        Some(i) => i + 1,
        None if from == 0 => 0,
        None => {
            return Line {
                indent: 0,
                begins: false,
            };
        }
    };
    let line = before.get(start..).unwrap_or_default();
    let line = line.strip_prefix(BOM).unwrap_or(line);
    let indent = line.iter().take_while(|b| is_blank(**b)).count();
    Line {
        indent,
        begins: line.iter().all(|b| is_blank(*b) || is_separator(*b)),
    }
}

/// The first record that begins a line behind separators, with an indentation that is `wanted`. The line end before it stands
/// in `ends`; `starts` tells where a record may begin.
pub(super) fn next_line(
    view: &[u8],
    ends: std::ops::Range<usize>,
    starts: impl Fn(usize) -> bool,
    wanted: impl Fn(usize) -> bool,
) -> Option<usize> {
    let mut at = ends.start;
    loop {
        at += memchr(b'\n', view.get(at..ends.end)?)? + 1;
        let line = view.get(at..)?;
        let indent = line.iter().take_while(|b| is_blank(**b)).count();
        let passed = |place: usize, b: u8| is_blank(b) || (is_separator(b) && !starts(place));
        let start = (at..).zip(line).take_while(|(place, b)| passed(*place, **b)).count();
        if starts(at + start) && wanted(indent) {
            return Some(at + start);
        }
        at += start;
    }
}

/// How the record at `at` begins: an object from its `{` to the quote that closes its first key, the text of one from its
/// quote to the `{`, a row with its `[` and the next byte. `None` where that is far.
pub(super) fn opening(text: &[u8], at: usize) -> Option<&[u8]> {
    let text = text.get(..text.len().min(at.saturating_add(OPENING_LIMIT)))?;
    let rest = text.get(at + 1..)?;
    let white = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let inside = at + 1 + white;
    match (text.get(at)?, text.get(inside)?) {
        (b'{', b'"') => {
            let close = string_end(text, inside + 1)?.ok()?;
            text.get(at..=close)
        }
        (b'"', b'{') | (b'[', _) => text.get(at..=inside),
        _ => None,
    }
}

/// The next record that begins like `opening` and stands behind another and a comma.
pub(super) fn next_sibling(view: &[u8], from: usize, opening: &[u8]) -> Option<usize> {
    let end: &[u8] = match opening.first()? {
        b'"' => b"}\"",
        b'[' => b"]",
        _ => b"}",
    };
    memmem::find_iter(view.get(from..)?, opening)
        .map(|i| from + i)
        .find(|at| is_behind(view, *at, end))
}

/// Whether a comma stands before a place, and before that what ends with `end`.
pub(super) fn is_behind(view: &[u8], at: usize, end: &[u8]) -> bool {
    let before = view.get(..at).unwrap_or_default().trim_ascii_end();
    before
        .strip_suffix(b",")
        .is_some_and(|before| before.trim_ascii_end().ends_with(end))
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn is_separator(b: u8) -> bool {
    matches!(b, b',' | b'[' | b']' | b'}')
}
