//! JSON text, one object at a time from a known boundary.
//!
//! Records are the objects at record depth: in an array, in concatenated arrays, one a line, or one alone. What stands
//! between them (white space, commas, brackets, `null`) is passed over, and so is the object around an array of records
//! (`{"value":[…],"Count":2}`). Only the structure is looked at: whether an object is valid JSON is the sink's question.
//!
//! Where an object is broken (a line end inside a string, brackets that do not match, too deep, too large, never closed),
//! it is lost, and reading goes on at the next line that begins with an object and is indented no deeper, or at the next
//! object behind a comma that begins with the same key, whichever comes first.

mod look_ahead;

use std::cell::OnceCell;
use std::ops::Range;

use memchr::memmem;
use memchr::{memchr, memchr3, memrchr};

use super::near;
use super::step::{Format, Found, Step};
use super::wrapper::{self, Around};
use super::{Cell, Reason, Row};

pub(super) use look_ahead::LookAhead;

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// Bytes before a record in which its line must begin for its indentation to be known.
const LINE_LOOK_BACK: usize = 64 << 10;
/// Bytes that the beginning of a record may have up to the end of its first key, to be told by it.
const OPENING_LIMIT: usize = 256;
/// Bytes behind a broken object in which the next one is looked for at first.
const FIRST_STEP: usize = 256;

/// How the objects of one file lie on its lines.
#[derive(Debug, Clone)]
pub(super) struct Json {
    /// Bytes that a record may have.
    limit: usize,
    /// Indentation of the first record's line, if the record begins it.
    indent: Option<usize>,
    /// Where records follow one another on one line: how the first begins, up to the end of its first key.
    opening: Option<Vec<u8>>,
}

/// The end of an object.
enum Scan {
    Whole(usize),
    Broken(Reason),
    Unfinished,
}

impl Json {
    /// Learns from the beginning of a file how its records lie. What is learned serves for guesses alone.
    pub(super) fn learn(head: &[u8], limit: usize) -> Json {
        let mut json = Json {
            limit,
            indent: None,
            opening: None,
        };
        let Ok(first) = json.settle(head, 0, true) else {
            return json;
        };
        let line = line_of(head, first);
        json.indent = line.begins.then_some(line.indent);
        if head.get(first) == Some(&b'{')
            && let Scan::Whole(end) = json.scan(head, first, true, &mut LookAhead::default())
            && let Ok(second) = json.settle(head, end, true)
            && second < head.len()
            && memchr(b'\n', head.get(end..second).unwrap_or_default()).is_none()
        {
            json.opening = opening(head, first).map(<[u8]>::to_vec);
        }
        json
    }

    /// Finds the end of the object whose `{` stands at `at`.
    fn scan(&self, text: &[u8], at: usize, last: bool, ahead: &mut LookAhead) -> Scan {
        let end = text.len().min(at.saturating_add(self.limit));
        let view = text.get(..end).unwrap_or_default();
        ahead.resume(at);
        let begun = ahead.stopped;
        let LookAhead {
            stopped: i,
            levels,
            depth,
            open,
        } = ahead;
        let short = if end - at == self.limit {
            Scan::Broken(Reason::TooLarge)
        } else if last {
            Scan::Broken(Reason::CutOff)
        } else {
            Scan::Unfinished
        };
        let scan = loop {
            let Some(b) = view.get(*i) else { break short };
            match b {
                b'"' => match string_end(view, *i + 1) {
                    Some(Ok(close)) => *i = close,
                    Some(Err(_)) => break Scan::Broken(Reason::NotJson),
                    None => {
                        work::count(end - *i);
                        break short;
                    }
                },
                b'{' | b'[' => {
                    let Some(place) = open.get_mut(*depth) else {
                        break Scan::Broken(Reason::TooDeep);
                    };
                    *place = *i;
                    *levels = *levels << 1 | u128::from(*b == b'{');
                    *depth += 1;
                }
                b'}' | b']' => {
                    if (*levels & 1 == 1) != (*b == b'}') {
                        break Scan::Broken(Reason::NotJson);
                    }
                    *levels >>= 1;
                    *depth -= 1;
                    if *depth == 0 {
                        break Scan::Whole(*i + 1);
                    }
                }
                // Escapes stand in strings alone. Were this passed over, the quote behind it would be read in two ways.
                b'\\' => break Scan::Broken(Reason::NotJson),
                _ => {}
            }
            *i += 1;
        };
        work::count(*i - begun);
        scan
    }

    /// Gives up the object at `at` and finds where reading goes on.
    fn lost<'s>(&self, text: &[u8], at: usize, last: bool, reason: Reason) -> Step<'s> {
        let end = text.len().min(at.saturating_add(self.limit));
        let view = text.get(..end).unwrap_or_default();
        let (next, reason) = match self.resumption(view, at) {
            Some(next) => {
                let cut = matches!(reason, Reason::CutOff | Reason::TooLarge);
                (next, if cut { Reason::NotJson } else { reason })
            }
            None if last || end - at == self.limit => (end, reason),
            None => return Step::Unfinished,
        };
        Step::Record {
            found: Found::Lost(reason),
            next,
            resumed: true,
        }
    }

    /// Where reading goes on behind a broken object at `at`: at an object line that is indented no deeper, or at an object
    /// that begins alike, whichever comes first. Both are looked for in steps that double, so that the work is in
    /// proportion to what is passed over.
    fn resumption(&self, view: &[u8], at: usize) -> Option<usize> {
        // Several records on one line have no lines to tell them apart, but they begin alike.
        let opening = opening(view, at);
        let own = OnceCell::new();
        let no_deeper = |indent| indent <= own.get_or_init(|| line_of(view, at)).indent;
        let (mut from, mut step) = (at, FIRST_STEP);
        loop {
            let to = view.len().min(from.saturating_add(step));
            let sibling = opening.and_then(|opening| {
                let room = view.len().min(to + opening.len() - 1);
                next_sibling(view.get(..room)?, from.max(at + 1), opening)
            });
            let line = next_object_line(view, from..sibling.unwrap_or(to), no_deeper);
            let next = line.or(sibling);
            work::count(next.unwrap_or(to) - from);
            if next.is_some() || to == view.len() {
                return next;
            }
            (from, step) = (to, step.saturating_mul(2));
        }
    }

    /// Gives up text at record depth that begins no object: up to the line end or the next object.
    fn stray<'s>(&self, text: &[u8], at: usize, last: bool) -> Step<'s> {
        let end = text.len().min(at.saturating_add(self.limit));
        let view = text.get(..end).unwrap_or_default();
        let mut i = at;
        let next = loop {
            match view.get(i) {
                None if last || end - at == self.limit => break end,
                None => return Step::Unfinished,
                Some(b'\n') => break i + 1,
                Some(b'{') => break i,
                Some(b'"') => match string_end(view, i + 1) {
                    Some(Ok(close)) => i = close + 1,
                    Some(Err(line_end)) => i = line_end,
                    None => i = end,
                },
                Some(_) => i += 1,
            }
        };
        Step::Record {
            found: Found::Lost(Reason::NotJson),
            next,
            resumed: true,
        }
    }
}

impl Format for Json {
    type Memory = LookAhead;
    const PARITY: bool = false;
    const LOOK_BACK: usize = LINE_LOOK_BACK + 1;

    fn settle(&self, text: &[u8], at: usize, last: bool) -> Result<usize, usize> {
        let mut at = at;
        loop {
            let Some(b) = text.get(at) else { return Ok(at) };
            let around = match b {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' => Around::Behind(at + 1),
                b']' => match wrapper::close(text, at, last) {
                    Around::No => Around::Behind(at + 1),
                    other => other,
                },
                b'{' => wrapper::open(text, at, last),
                b'n' => wrapper::null(text, at, last),
                0xEF => wrapper::literal(text, at, last, BOM),
                _ => Around::No,
            };
            match around {
                Around::Behind(next) => at = next,
                Around::No => return Ok(at),
                Around::Unfinished => return Err(at),
            }
        }
    }

    fn step<'s, 't: 's>(
        &self,
        text: &'t [u8],
        at: usize,
        last: bool,
        _: &'s mut Vec<Cell<'t>>,
        ahead: &mut LookAhead,
    ) -> Step<'s> {
        if text.get(at) != Some(&b'{') {
            return self.stray(text, at, last);
        }
        match self.scan(text, at, last, ahead) {
            Scan::Unfinished => Step::Unfinished,
            Scan::Broken(reason) => self.lost(text, at, last, reason),
            Scan::Whole(next) => {
                let object = text.get(at..next).unwrap_or_default();
                Step::Record {
                    found: Found::Whole(Row::Json(object)),
                    next,
                    resumed: false,
                }
            }
        }
    }

    fn guess(&self, text: &[u8], range: Range<usize>, _odd: bool) -> Option<usize> {
        let view = text.get(..range.end)?;
        if let Some(opening) = &self.opening {
            return next_sibling(view, range.start, opening);
        }
        let indent = self.indent?;
        // The line may begin with the range.
        next_object_line(view, range.start.checked_sub(1)?..range.end, |i| i == indent)
    }
}

/// The line on which a record begins.
struct Line {
    /// Spaces and tabs at its start.
    indent: usize,
    /// Nothing but separators stands between its start and the record.
    begins: bool,
}

fn line_of(text: &[u8], at: usize) -> Line {
    let from = at.saturating_sub(LINE_LOOK_BACK);
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

/// The `{` of the first line that begins, behind separators, with an object and whose indentation is `wanted`. The line
/// end before it stands in `ends`.
fn next_object_line(view: &[u8], ends: Range<usize>, wanted: impl Fn(usize) -> bool) -> Option<usize> {
    let mut at = ends.start;
    loop {
        at += memchr(b'\n', view.get(at..ends.end)?)? + 1;
        let line = view.get(at..)?;
        let indent = line.iter().take_while(|b| is_blank(**b)).count();
        let start = line.iter().take_while(|b| is_blank(**b) || is_separator(**b)).count();
        if line.get(start) == Some(&b'{') && wanted(indent) {
            return Some(at + start);
        }
        at += start;
    }
}

/// How the object at `at` begins: from its `{` to the quote that closes its first key. `None` where that is far.
fn opening(text: &[u8], at: usize) -> Option<&[u8]> {
    let text = text.get(..text.len().min(at.saturating_add(OPENING_LIMIT)))?;
    let rest = text.get(at + 1..)?;
    let white = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let key = at + 1 + white;
    if text.get(key) != Some(&b'"') {
        return None;
    }
    let close = string_end(text, key + 1)?.ok()?;
    text.get(at..=close)
}

/// The next object that begins like `opening` and stands behind another and a comma.
fn next_sibling(view: &[u8], from: usize, opening: &[u8]) -> Option<usize> {
    memmem::find_iter(view.get(from..)?, opening)
        .map(|i| from + i)
        .find(|at| {
            let before = view.get(..*at).unwrap_or_default().trim_ascii_end();
            before
                .strip_suffix(b",")
                .is_some_and(|before| before.trim_ascii_end().ends_with(b"}"))
        })
}

/// The quote that closes the string whose text begins at `from`, or as an error the line end that stands before it.
pub(super) fn string_end(view: &[u8], from: usize) -> Option<Result<usize, usize>> {
    let mut at = from;
    loop {
        at = near::find([b'"', b'\\', b'\n'], view, at, |rest| memchr3(b'"', b'\\', b'\n', rest))?;
        match view.get(at) {
            Some(b'"') => return Some(Ok(at)),
            Some(b'\n') => return Some(Err(at)),
            // No escape has a line end, and a string that took one would take the lines behind it too.
            _ if view.get(at + 1) == Some(&b'\n') => return Some(Err(at + 1)),
            _ => at += 2,
        }
    }
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn is_separator(b: u8) -> bool {
    matches!(b, b',' | b'[' | b']' | b'}')
}

/// Bytes looked at in search of the end of an object or of the next one, counted for tests.
mod work {
    #[cfg(test)]
    thread_local!(static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });

    #[cfg(test)]
    pub fn count(bytes: usize) {
        LOOKED_AT.set(LOOKED_AT.get() + bytes);
    }

    #[cfg(not(test))]
    #[inline(always)]
    pub fn count(_bytes: usize) {}

    #[cfg(test)]
    pub fn take() -> usize {
        LOOKED_AT.take()
    }
}

#[cfg(test)]
mod tests;
