//! Delimited text, one record at a time from a known boundary.
//!
//! On well-formed text the records are those of the csv crate, read flexibly: cells may be quoted, quotes inside are
//! doubled, a record ends at CRLF, LF, CR or the end of the file. A quote inside an unquoted cell is text.
//!
//! Where quotes do not add up (bytes between a closing quote and the delimiter, a quoted cell that never closes,
//! a record over several lines with the wrong number of cells), the physical line at the record's start is
//! offered as damaged and reading goes on at the next physical line. The lines that such a record had swallowed are not
//! searched to its end again each ([`Span`]): what is hostile costs a small multiple of its length, and not its square.

mod asides;
mod regular;

use std::ops::Range;

use memchr::{memchr, memchr2};

use super::cells::{Cells, Text};
use super::marks::{Close, Marks};
use super::step::{Format, Found, Room, Step};
use super::{Cell, CsvRow, Reason, Row};

pub(super) use asides::{FIELDS, is_comment, label, names_delimiter};
use asides::{label_is, may_be_comment};

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// Cells kept of one record: more than any header may have.
const CELL_LIMIT: usize = 1 << 16;
/// Records that must have the header's number of cells before a guessed boundary is believed.
const PROBED: usize = 3;
/// Bytes that such a record may have: where one is larger, the boundary is only guessed worse.
const PROBE_LIMIT: usize = 1 << 20;

/// How one file is delimited.
#[derive(Debug, Clone)]
pub(super) struct Csv<'h> {
    pub delimiter: u8,
    pub header: &'h [String],
    /// Bytes that a record may have.
    pub limit: usize,
}

/// The end of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// `next` lies behind the line end; `closed`: there was one.
    Whole {
        next: usize,
        closed: bool,
    },
    Broken(Reason),
    Unfinished,
}

/// Where cutting came to an end within a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// At the line end in this place.
    Line(usize),
    /// At the byte in this place, behind a closing quote.
    Stray(usize),
    /// At the end of the view, outside quotes.
    Bare,
    /// At the end of the view, inside quotes.
    Quoted,
}

/// What was found out about text that was no record, so that it is not found out again for each line in it.
///
/// Within such a span every line end stands inside quotes, or the record would have ended there. So whatever begins
/// at a line of it and is inside quotes at that line's end goes on from there as the span did, and ends as it did.
#[derive(Debug)]
pub(super) struct Span {
    ending: Ending,
    /// Where it ended; nothing is known of what lies behind.
    end: usize,
    /// Cells of the span, those beyond [`CELL_LIMIT`] included.
    cells: usize,
    /// A line end in the span, and how many of the cells began before it.
    followed: (usize, usize),
}

impl Csv<'_> {
    /// Cuts the record at `at` into the cells of `room`, or says what became of it. `span` remembers the last text that was none.
    pub(super) fn scan<'t>(
        &self,
        text: &'t [u8],
        at: usize,
        last: bool,
        room: &mut Room<'t>,
        span: &mut Option<Span>,
    ) -> Scan {
        if let Some(scan) = span.as_mut().and_then(|s| self.known(s, text, at, last)) {
            return scan;
        }
        // What is too large for one record is looked at twice as far, so that most of the lines in it are known too.
        let end = text.len().min(at.saturating_add(self.limit.saturating_mul(2)));
        let view = text.get(..end).unwrap_or_default();
        room.clear();
        if let Some(line) = regular::cut(view, self.delimiter, at, &mut room.ends)
            && room.ends.len() == self.header.len()
            && let scan @ Scan::Whole { .. } = self.fate(Ending::Line(line), end, at, text, last)
        {
            room.record = view.get(at..line).map(Text::new);
            return scan;
        }
        let mut count = 0;
        let (ending, stop) = self.cut(view, at, |cell| {
            count += 1;
            keep(&mut room.cells, cell);
        });
        let scan = self.fate(ending, end, at, text, last);
        let whole = matches!(scan, Scan::Whole { .. }) && room.cells.len() == self.header.len();
        if !whole
            && scan != Scan::Unfinished
            && let Some(followed) = self.open_at_line_end(text, at, stop)
        {
            *span = Some(Span {
                ending,
                end: stop,
                cells: count,
                followed,
            });
        }
        scan
    }

    /// What becomes of a record that begins at `at` and whose text ends so. `end`: where the view ended.
    fn fate(&self, ending: Ending, end: usize, at: usize, text: &[u8], last: bool) -> Scan {
        let limit = at.saturating_add(self.limit);
        match ending {
            Ending::Line(place) if place < limit => Scan::Whole {
                next: behind_line_end(text, place),
                closed: true,
            },
            Ending::Stray(place) if place < limit => Scan::Broken(Reason::StrayQuote),
            Ending::Bare | Ending::Quoted if end == text.len() && end < limit => match ending {
                _ if !last => Scan::Unfinished,
                Ending::Bare => Scan::Whole {
                    next: end,
                    closed: false,
                },
                _ => Scan::Broken(Reason::UnclosedQuote),
            },
            _ => Scan::Broken(Reason::TooLarge),
        }
    }

    /// The line end behind `at`, if it stands before `end` and inside quotes, and how many cells began before it.
    fn open_at_line_end(&self, text: &[u8], at: usize, end: usize) -> Option<(usize, usize)> {
        let line = memchr2(b'\n', b'\r', text.get(at..end)?)?;
        let mut count = 1;
        let (ending, _) = self.cut(text.get(..at + line)?, at, |_| count += 1);
        (ending == Ending::Quoted).then_some((at + line, count))
    }

    /// What a span says of a record that begins at `at`; `None` where it says nothing, or where the record is whole.
    fn known(&self, span: &mut Span, text: &[u8], at: usize, last: bool) -> Option<Scan> {
        let (line, before) = self.open_at_line_end(text, at, span.end)?;
        let (from, followed) = span.followed;
        let passed = self.cells_from_within(text.get(from..line)?);
        span.followed = (line, followed + passed);
        let end = match span.ending {
            Ending::Line(_) | Ending::Stray(_) => text.len(),
            Ending::Bare | Ending::Quoted => span.end,
        };
        let beyond = end < text.len() && at.saturating_add(self.limit) > end;
        let count = before + span.cells.saturating_sub(followed + passed);
        match self.fate(span.ending, end, at, text, last) {
            _ if beyond => None,
            Scan::Whole { .. } if count.min(CELL_LIMIT) == self.header.len() => None,
            Scan::Whole { .. } => Some(Scan::Broken(Reason::StrayQuote)),
            scan => Some(scan),
        }
    }

    /// How many cells begin in text that begins and ends inside quotes.
    fn cells_from_within(&self, text: &[u8]) -> usize {
        let mut marks = Marks::new(text, self.delimiter, 0);
        let mut count = 0;
        let mut at = 0;
        while let Some(close) = marks.close(at) {
            // A delimiter follows, or the record would have ended.
            count += 1;
            at = close.at + 2;
            while text.get(at).is_some_and(|b| *b != b'"') {
                let rest = text.get(at..).unwrap_or_default();
                at += memchr(self.delimiter, rest).unwrap_or(rest.len()) + 1;
                count += 1;
            }
            at += 1;
        }
        count
    }

    /// Cuts what begins at `at` into cells, up to the end of the record or of the view. How it ended, and where.
    fn cut<'t>(&self, view: &'t [u8], at: usize, mut take: impl FnMut(Cell<'t>)) -> (Ending, usize) {
        let mut marks = Marks::new(view, self.delimiter, at);
        let mut start = at;
        let end = loop {
            let (cell, stop) = match view.get(start) {
                Some(b'"') => match marks.close(start + 1) {
                    None => break (Ending::Quoted, view.len()),
                    Some(Close { at: close, doubled }) => (
                        Cell::new(view.get(start + 1..close).unwrap_or_default(), doubled),
                        close + 1,
                    ),
                },
                _ => {
                    let stop = marks.separator(start).unwrap_or(view.len());
                    (Cell::new(view.get(start..stop).unwrap_or_default(), false), stop)
                }
            };
            match view.get(stop) {
                Some(&b) if b == self.delimiter => {
                    take(cell);
                    start = stop + 1;
                }
                Some(b'\n' | b'\r') => {
                    take(cell);
                    break (Ending::Line(stop), stop);
                }
                Some(_) => break (Ending::Stray(stop), stop),
                None => {
                    take(cell);
                    break (Ending::Bare, stop);
                }
            }
        };
        #[cfg(test)]
        tests::CUT.with(|cut| cut.set(cut.get() + end.1 - at));
        end
    }

    /// Cuts one physical line, whose quotes do not add up, into cells as far as they go: a quote closes a cell only
    /// where a delimiter or the line end follows, and the line end closes the last cell.
    pub(super) fn scan_line<'t>(&self, line: &'t [u8], room: &mut Room<'t>) {
        room.clear();
        let mut start = 0;
        loop {
            let (cell, stop) = if line.get(start) == Some(&b'"') {
                let (close, stop) = self.lenient_close(line, start + 1);
                let raw = line.get(start + 1..close).unwrap_or_default();
                (Cell::new(raw, raw.contains(&b'"')), stop)
            } else {
                let rest = line.get(start..).unwrap_or_default();
                let length = memchr(self.delimiter, rest).unwrap_or(rest.len());
                (Cell::new(rest.get(..length).unwrap_or_default(), false), start + length)
            };
            keep(&mut room.cells, cell);
            if stop >= line.len() {
                return;
            }
            start = stop + 1;
        }
    }

    /// Where the text of a quoted cell ends and where the delimiter behind it stands.
    fn lenient_close(&self, line: &[u8], from: usize) -> (usize, usize) {
        let mut at = from;
        while let Some(quote) = line.get(at..).and_then(|rest| memchr(b'"', rest)).map(|i| at + i) {
            if line.get(quote + 1) == Some(&b'"') {
                at = quote + 2;
                continue;
            }
            let rest = line.get(quote + 1..).unwrap_or_default();
            let spaces = rest.iter().take_while(|b| **b == b' ').count();
            match rest.get(spaces) {
                None => return (quote, line.len()),
                Some(&b) if b == self.delimiter => return (quote, quote + 1 + spaces),
                Some(_) => at = quote + 1,
            }
        }
        (line.len(), line.len())
    }

    /// Whether the cells are the header's names.
    fn is_header(&self, cells: Cells<'_>) -> bool {
        // Most rows part from the header at the first character.
        let parts =
            |(one, name): (u8, &String)| one.is_ascii() && name.bytes().next().is_some_and(|other| other != one);
        if cells.initial(0).zip(self.header.first()).is_some_and(parts) {
            return false;
        }
        let mut names = self.header.iter().zip(cells.iter());
        cells.len() == self.header.len() && names.all(|(name, cell)| label_is(&cell, name))
    }

    /// The physical line at `at`, offered as damaged.
    fn damaged<'s, 't: 's>(
        &self,
        text: &'t [u8],
        at: usize,
        last: bool,
        reason: Reason,
        room: &'s mut Room<'t>,
    ) -> Step<'s> {
        let end = text.len().min(at.saturating_add(self.limit));
        let view = text.get(at..end).unwrap_or_default();
        let (line, next) = match memchr2(b'\n', b'\r', view) {
            Some(i) => (i, behind_line_end(text, at + i)),
            // A line that is itself larger than a record may be is given up piece by piece.
            None if end - at == self.limit => (view.len(), end),
            None if last => (view.len(), end),
            None => return Step::Unfinished,
        };
        self.scan_line(view.get(..line).unwrap_or_default(), room);
        let cells = room.row();
        if self.is_header(cells) {
            return Step::Header { next };
        }
        let reason = if reason == Reason::UnclosedQuote && next == at + line {
            Reason::CutOff
        } else {
            reason
        };
        Step::Record {
            found: Found::Damaged(CsvRow { cells, damaged: true }, reason),
            next,
            resumed: true,
        }
    }

    /// Whether the records that begin at `at` have the header's number of cells, as far as the text goes.
    fn fits(&self, text: &[u8], at: usize) -> bool {
        let mut room = Room::default();
        let mut at = at;
        let probe = Csv {
            limit: self.limit.min(PROBE_LIMIT),
            ..self.clone()
        };
        for _ in 0..PROBED {
            at = blank_lines(text, at);
            if at >= text.len() {
                break;
            }
            match probe.scan(text, at, false, &mut room, &mut None) {
                Scan::Whole { next, .. } if room.row().len() == self.header.len() => at = next,
                Scan::Unfinished => break,
                _ => return false,
            }
        }
        true
    }

    /// The place behind the first line end in `range` that stands outside quotes; `inside`: the range begins inside.
    fn boundary(&self, text: &[u8], range: Range<usize>, inside: bool) -> Option<usize> {
        let mut inside = inside;
        let mut at = range.start;
        if !inside && at > 0 && text.get(at - 1) == Some(&b'\n') {
            return Some(at);
        }
        loop {
            let rest = text.get(at..range.end)?;
            if inside {
                at += memchr(b'"', rest)? + 1;
                inside = false;
            } else {
                let found = memchr2(b'"', b'\n', rest)?;
                at += found + 1;
                if rest.get(found) == Some(&b'\n') {
                    return Some(at).filter(|at| *at < range.end);
                }
                inside = true;
            }
        }
    }
}

impl Format for Csv<'_> {
    type Memory = Option<Span>;
    const PARITY: bool = true;
    const LOOK_BACK: usize = 0;

    fn settle(&self, text: &[u8], at: usize, _last: bool) -> Result<usize, usize> {
        Ok(blank_lines(text, at))
    }

    fn step<'s, 't: 's>(
        &self,
        text: &'t [u8],
        at: usize,
        last: bool,
        room: &'s mut Room<'t>,
        span: &mut Option<Span>,
    ) -> Step<'s> {
        let rest = text.get(at..).unwrap_or_default();
        if !last && rest.len() < BOM.len() && BOM.starts_with(rest) {
            return Step::Unfinished;
        }
        if rest.starts_with(BOM) {
            return Step::Nothing { next: at + BOM.len() };
        }
        if !last && may_be_comment(rest) {
            return Step::Unfinished;
        }
        if is_comment(rest) {
            let line = rest.get(..self.limit).unwrap_or(rest);
            return match memchr2(b'\n', b'\r', line) {
                Some(i) => Step::Nothing { next: at + i + 1 },
                None if last || line.len() == self.limit => Step::Nothing { next: at + line.len() },
                None => Step::Unfinished,
            };
        }
        let scan = self.scan(text, at, last, room, span);
        let cells = room.row().len();
        match scan {
            Scan::Unfinished => Step::Unfinished,
            Scan::Broken(reason) => self.damaged(text, at, last, reason, room),
            Scan::Whole { next, .. } if cells == self.header.len() => {
                let cells = room.row();
                if self.is_header(cells) {
                    Step::Header { next }
                } else {
                    Step::Record {
                        found: Found::Whole(Row::Csv(CsvRow { cells, damaged: false })),
                        next,
                        resumed: false,
                    }
                }
            }
            Scan::Whole { next, closed } => {
                let line = text.get(at..next).unwrap_or_default();
                if (cells == 1 && line.trim_ascii().is_empty()) || names_delimiter(line) {
                    return Step::Nothing { next };
                }
                let first_line = memchr2(b'\n', b'\r', text.get(at..next).unwrap_or_default());
                if first_line.is_some_and(|i| behind_line_end(text, at + i) < next) {
                    return self.damaged(text, at, last, Reason::StrayQuote, room);
                }
                let cut = !closed && cells < self.header.len();
                let cells = room.row();
                let reason = if cut { Reason::CutOff } else { Reason::CellCount };
                Step::Record {
                    found: Found::Damaged(CsvRow { cells, damaged: true }, reason),
                    next,
                    resumed: false,
                }
            }
        }
    }

    /// The chained parity is believed if the records behind it look like records; if not, and those under the other
    /// parity do, a stray quote must stand somewhere before.
    fn guess(&self, text: &[u8], range: Range<usize>, odd: bool) -> Option<usize> {
        let chained = self.boundary(text, range.clone(), odd);
        if chained.is_some_and(|at| self.fits(text, at)) {
            return chained;
        }
        self.boundary(text, range, !odd)
            .filter(|at| self.fits(text, *at))
            .or(chained)
    }
}

/// Keeps a cell, unless the line is nothing but delimiters.
fn keep<'t>(cells: &mut Vec<Cell<'t>>, cell: Cell<'t>) {
    if cells.len() < CELL_LIMIT {
        cells.push(cell);
    }
}

/// The first place from `at` on that is no line end.
fn blank_lines(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count()
}

/// The place behind the line end at `at`, which may be of one byte or two.
fn behind_line_end(text: &[u8], at: usize) -> usize {
    at + 1 + usize::from(text.get(at) == Some(&b'\r') && text.get(at + 1) == Some(&b'\n'))
}

#[cfg(test)]
mod tests;
