//! Rows read again at their places, for reports that quote their words.

use std::io;

use super::csv::Csv;
use super::exhibit::Exhibit;
use super::json::Json;
use super::step::{Format, Found, RECORD_LIMIT, Room, Step};
use super::{Row, Shape};

/// Raw bytes decoded at first for a row of a file that is not in UTF-8; doubled until the row is whole.
const DECODED: usize = 16 << 10;

/// Reads the rows of `exhibit` that begin at `offsets` once more and hands each with its offset to `f`, in the order asked
/// for. `shape` is the one it was read with. An offset at which no row begins any more is passed over.
///
/// A stream of which no copy was kept cannot be read again: its rows are none.
pub fn rows_at(exhibit: &Exhibit, shape: &Shape, offsets: &[u64], f: &mut dyn FnMut(u64, &Row<'_>)) -> io::Result<()> {
    let Some(map) = exhibit.again()? else {
        return Ok(());
    };
    let again = Again {
        exhibit,
        raw: map.bytes(),
        f,
    };
    match shape {
        Shape::Unknown => {}
        Shape::Csv { delimiter, header, .. } => {
            again.rows(
                &Csv {
                    delimiter: *delimiter,
                    header,
                    limit: RECORD_LIMIT,
                },
                offsets,
            );
        }
        Shape::Json { columns, .. } => again.rows(&Json::learn(b"", columns, RECORD_LIMIT), offsets),
    }
    Ok(())
}

struct Again<'a> {
    exhibit: &'a Exhibit,
    raw: &'a [u8],
    f: &'a mut dyn FnMut(u64, &Row<'_>),
}

impl Again<'_> {
    fn rows<F: Format>(mut self, format: &F, offsets: &[u64]) {
        for offset in offsets {
            let rest = usize::try_from(*offset).ok().and_then(|at| self.raw.get(at..));
            let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
                continue;
            };
            if self.exhibit.encoding.is_decoded() {
                self.decoded(format, *offset, rest);
            } else {
                self.row(format, *offset, rest, true);
            }
        }
    }

    fn decoded<F: Format>(&mut self, format: &F, offset: u64, rest: &[u8]) {
        let mut size = DECODED;
        loop {
            let Some(mut decoder) = self.exhibit.encoding.decoder() else {
                return;
            };
            let mut text = Vec::new();
            let last = size >= rest.len();
            decoder.decode(rest.get(..size).unwrap_or(rest), last, &mut text);
            if self.row(format, offset, &text, last) || last {
                return;
            }
            size = size.saturating_mul(2);
        }
    }

    /// Hands over the row at the start of `text`. False: the text ends before the row does.
    fn row<F: Format>(&mut self, format: &F, offset: u64, text: &[u8], last: bool) -> bool {
        match format.step(text, 0, last, &mut Room::default(), &mut F::Memory::default()) {
            Step::Unfinished => return false,
            Step::Record {
                found: Found::Whole(row),
                ..
            } => (self.f)(offset, &row),
            Step::Record {
                found: Found::Damaged(row, _),
                ..
            } => (self.f)(offset, &Row::Csv(row)),
            Step::Record {
                found: Found::Lost(_), ..
            }
            | Step::Nothing { .. }
            | Step::Header { .. } => {}
        }
        true
    }
}
