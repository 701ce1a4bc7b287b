//! JSON text, one record at a time from a known boundary.
//!
//! Records are the objects at record depth: in an array, in concatenated arrays, one a line, or one alone. A string there
//! that holds the text of an object is a record too, and so are the rows of a table ([`Columns`]). What stands between them
//! (white space, commas, brackets, `null`) is passed over, and so is the object around an array of records
//! (`{"value":[…],"Count":2}`). Only the structure is looked at: whether an object is valid JSON is the sink's question.
//!
//! Where an object is broken (a line end inside a string, brackets that do not match, too deep, too large, never closed),
//! it is lost, and reading goes on at the next line that begins with a record and is indented no deeper, or at the next
//! object behind a comma that begins with the same key, whichever comes first. A bracket that no record can begin with stands in
//! what a broken string or row left over: there it is the next string or row behind a comma.

mod columns;
mod lines;
mod look_ahead;
mod quoted;

use std::cell::OnceCell;
use std::ops::Range;

use memchr::{memchr, memchr3};

use self::columns::Columns;
use self::lines::{is_behind, line_of, next_line, next_sibling, opening};
use self::quoted::{Quoted, quoted, unescape};
use super::near;
use super::step::{Format, Found, Room, Step};
use super::wrapper::{self, Around};
use super::{Reason, Row};

pub(super) use look_ahead::LookAhead;
pub(super) use quoted::begins;

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// Bytes behind a broken object in which the next one is looked for at first.
const FIRST_STEP: usize = 256;
/// How a record begins that is a row, or the text of an object.
const ROW: &[u8] = b"[";
const STRING: &[u8] = b"\"{";

/// How the records of one file lie on its lines.
#[derive(Debug, Clone)]
pub(super) struct Json {
    /// Bytes that a record may have.
    limit: usize,
    /// Of a table whose rows are arrays.
    columns: Option<Columns>,
    /// What the first record begins with.
    mark: u8,
    /// Indentation of the first record's line, if the record begins it.
    indent: Option<usize>,
    /// Where records follow one another on one line: how the first begins.
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
    pub(super) fn learn(head: &[u8], columns: &[String], limit: usize) -> Json {
        let mut json = Json {
            limit,
            columns: Columns::of(columns),
            mark: b'{',
            indent: None,
            opening: None,
        };
        let first = match json.settle(head, 0, true) {
            Ok(first) if first < head.len() => first,
            _ => return json,
        };
        json.mark = head.get(first).copied().unwrap_or(json.mark);
        let line = line_of(head, first);
        json.indent = line.begins.then_some(line.indent);
        if let Step::Record {
            found: Found::Whole(_),
            next,
            ..
        } = json.step(head, first, true, &mut Room::default(), &mut LookAhead::default())
            && let Ok(second) = json.settle(head, next, true)
            && second < head.len()
            && memchr(b'\n', head.get(next..second).unwrap_or_default()).is_none()
        {
            json.opening = opening(head, first).map(<[u8]>::to_vec);
        }
        json
    }

    /// The columns of the table that the beginning of a file opens; none where it opens none.
    pub(super) fn columns(head: &[u8]) -> Vec<String> {
        let first = Json::learn(b"", &[], 0).settle(head, 0, true);
        first.ok().and_then(|at| wrapper::columns(head, at)).unwrap_or_default()
    }

    /// Finds the end of the object or the row whose bracket stands at `at`.
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

    /// Where reading goes on behind a broken object at `at`: at a line that begins a record and is indented no deeper, or at a
    /// record that begins alike, whichever comes first. Both are looked for in steps that double, so that the work is in
    /// proportion to what is passed over.
    fn resumption(&self, view: &[u8], at: usize) -> Option<usize> {
        // Several records on one line have no lines to tell them apart, but they begin alike.
        let begun = opening(view, at).filter(|opening| !opening.starts_with(ROW));
        let opening = begun.unwrap_or(if self.columns.is_some() { ROW } else { STRING });
        let rows = opening == ROW;
        let starts = |place: usize| match view.get(place) {
            Some(b'[') => rows,
            Some(b'{') => !rows,
            Some(b'"') => self.columns.is_none() && begins(view, place, true) == Some(true),
            _ => false,
        };
        let own = OnceCell::new();
        let no_deeper = |indent| indent <= own.get_or_init(|| line_of(view, at)).indent;
        let (mut from, mut step) = (at, FIRST_STEP);
        loop {
            let to = view.len().min(from.saturating_add(step));
            let room = view.len().min(to + opening.len() - 1);
            let sibling = next_sibling(view.get(..room)?, from.max(at + 1), opening);
            let line = next_line(view, from..sibling.unwrap_or(to), starts, no_deeper);
            let next = line.or(sibling);
            work::count(next.unwrap_or(to) - from);
            if next.is_some() || to == view.len() {
                return next;
            }
            (from, step) = (to, step.saturating_mul(2));
        }
    }

    /// Reads a string at record depth: the text of an object is a record, all else is given up.
    fn string<'s, 't: 's>(&self, text: &'t [u8], at: usize, last: bool, room: &'s mut Room<'t>) -> Step<'s> {
        let end = text.len().min(at.saturating_add(self.limit));
        let (found, next) = match quoted(text, at, end, last) {
            Quoted::Unfinished => return Step::Unfinished,
            Quoted::No => return self.stray(text, at, last),
            // A quote inside that is not escaped ends the string before the object does.
            Quoted::Object { inside, next } => {
                match unescape(inside, &mut room.text) && room.text.trim_ascii_end().ends_with(b"}") {
                    true => (Found::Whole(Row::Json(&room.text)), next),
                    false => (Found::Lost(Reason::NotJson), next),
                }
            }
            Quoted::Broken { next } => (Found::Lost(Reason::NotJson), next),
            Quoted::Open if end - at == self.limit => (Found::Lost(Reason::TooLarge), end),
            Quoted::Open => (Found::Lost(Reason::CutOff), end),
        };
        let resumed = matches!(found, Found::Lost(_));
        Step::Record { found, next, resumed }
    }

    /// Reads a row of a table.
    fn row<'s, 't: 's>(&self, row: &[u8], columns: &Columns, next: usize, room: &'s mut Room<'t>) -> Step<'s> {
        let found = match columns.object(row, &mut room.text) {
            Ok(()) => Found::Whole(Row::Json(&room.text)),
            Err(reason) => Found::Lost(reason),
        };
        Step::Record {
            found,
            next,
            resumed: false,
        }
    }

    /// Gives up text at record depth that begins no record: up to the line end or the next record.
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
                Some(b'[') if self.columns.is_some() && is_behind(view, i, b"]") => break i,
                Some(b'"') if i > at && begins(text, i, last) == Some(true) => break i,
                Some(b'"') if i > at && begins(text, i, last).is_none() => return Step::Unfinished,
                Some(b'"') => match string_end(view, i + 1) {
                    // What looks like a string may be what stands between two.
                    Some(Ok(close)) => match self.between(view, i + 1..close) {
                        Some(next) => i = next,
                        None => i = close + 1,
                    },
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

impl Json {
    /// Where reading stray text goes on if the quotes around `inside` are the last of one record and the first of the next.
    fn between(&self, view: &[u8], inside: Range<usize>) -> Option<usize> {
        let view = view.get(..inside.end)?;
        if self.columns.is_some() {
            next_sibling(view, inside.start, ROW)
        } else {
            let comma = view.get(inside.start..)?.trim_ascii() == b",";
            comma.then_some(inside.end)
        }
    }
}

impl Format for Json {
    type Memory = LookAhead;
    const PARITY: bool = false;
    const LOOK_BACK: usize = lines::LOOK_BACK + 1;

    fn settle(&self, text: &[u8], at: usize, last: bool) -> Result<usize, usize> {
        let mut at = at;
        loop {
            let Some(b) = text.get(at) else { return Ok(at) };
            let around = match b {
                b'[' if self.columns.is_some() => return Ok(at),
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' => Around::Behind(at + 1),
                b']' => match wrapper::close(text, at, last) {
                    Around::No => Around::Behind(at + 1),
                    other => other,
                },
                b'{' => match &self.columns {
                    Some(columns) => wrapper::table(text, at, last, |names| columns.are(names)),
                    None => wrapper::open(text, at, last),
                },
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
        room: &'s mut Room<'t>,
        ahead: &mut LookAhead,
    ) -> Step<'s> {
        let columns = match (text.get(at), &self.columns) {
            (Some(b'{'), _) => None,
            (Some(b'['), Some(columns)) => Some(columns),
            (Some(b'"'), _) => return self.string(text, at, last, room),
            _ => return self.stray(text, at, last),
        };
        match self.scan(text, at, last, ahead) {
            Scan::Unfinished => Step::Unfinished,
            Scan::Broken(reason) => self.lost(text, at, last, reason),
            Scan::Whole(next) => {
                let record = text.get(at..next).unwrap_or_default();
                match columns {
                    Some(columns) => self.row(record, columns, next, room),
                    None if self.columns.is_some() && wrapper::columns(record, 0).is_some() => Step::Record {
                        found: Found::Lost(Reason::OtherTable),
                        next,
                        resumed: false,
                    },
                    None => Step::Record {
                        found: Found::Whole(Row::Json(record)),
                        next,
                        resumed: false,
                    },
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
        let starts = |place| view.get(place) == Some(&self.mark);
        next_line(view, range.start.checked_sub(1)?..range.end, starts, |i| i == indent)
    }
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

/// Bytes looked at in search of the end of an object or of the next one, counted for tests.
pub(super) mod work {
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
