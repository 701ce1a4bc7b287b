//! The cells of a record, cut out of it as they are asked for.
//!
//! A wide trace has twice as many columns as any reader looks at, and most text in it is sound: where cells end is found in one
//! walk, whether the whole record is UTF-8 is settled at once, and a cell that nobody asks for costs no more.

use std::borrow::Cow;

use super::text::text;
use super::undouble::undoubled;

/// One CSV record.
#[derive(Debug, Clone, Copy)]
pub struct CsvRow<'a> {
    pub cells: Cells<'a>,
    /// A physical line that is no whole record (a quote that never closed, a line cut off): what can be
    /// placed may be kept, degraded.
    pub damaged: bool,
}

impl<'a> CsvRow<'a> {
    /// The cell of a column, empty where the row is too short.
    #[inline]
    pub fn cell(&self, column: usize) -> Cell<'a> {
        self.cells.get(column).unwrap_or_default().unguarded()
    }

    /// Whether nothing but white space stands in it.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.raw().trim_ascii().is_empty())
    }
}

/// The cells of one record, in their order.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'a> {
    /// Cut out already.
    Cut(&'a [Cell<'a>]),
    /// Of a record whose quotes are all in their places: they enclose whole cells and stand doubled inside.
    Ends { record: Text<'a>, ends: &'a [End] },
}

/// Where in its record a cell ends, outer quotes included; the next begins one byte behind. And whether quotes stand doubled
/// in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End(u32);

impl End {
    /// Far beyond what a record may have.
    pub(super) const LIMIT: usize = 1 << 31;

    #[inline]
    pub(super) fn new(at: u32, doubled: bool) -> Self {
        End(at << 1 | u32::from(doubled))
    }

    #[inline]
    fn at(self) -> usize {
        (self.0 >> 1) as usize
    }

    #[inline]
    fn is_doubled(self) -> bool {
        self.0 & 1 == 1
    }
}

impl<'a> Cells<'a> {
    pub fn len(&self) -> usize {
        match self {
            Cells::Cut(cells) => cells.len(),
            Cells::Ends { ends, .. } => ends.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all of the record is known to be UTF-8.
    pub(super) fn is_text(&self) -> bool {
        matches!(
            self,
            Cells::Ends {
                record: Text::Known(_),
                ..
            }
        )
    }

    /// The byte with which a cell's text begins, or what stands behind the cell where it is empty. `None` where that
    /// cannot be told at a glance: of a cell that begins with white space or with two quotes.
    #[inline]
    pub(super) fn initial(&self, column: usize) -> Option<u8> {
        let Cells::Ends { record, ends } = self else {
            return None;
        };
        match record.bytes().get(start(ends, column)?..)? {
            [b'"', initial, ..] | [initial, ..] => Some(*initial).filter(|b| *b > b' ' && *b != b'"'),
            [] => None,
        }
    }

    /// The cell of a column; `None` where there are fewer.
    #[inline]
    pub fn get(&self, column: usize) -> Option<Cell<'a>> {
        match self {
            Cells::Cut(cells) => cells.get(column).copied(),
            Cells::Ends { record, ends } => {
                let end = *ends.get(column)?;
                let (from, to) = undressed(record.bytes(), start(ends, column)?, end.at())?;
                Some(Cell::of(record.get(from, to)?, end.is_doubled()))
            }
        }
    }

    /// The text of a cell, where all that stands there is its text, with or without quotes around it: no white space at its ends,
    /// no quotes inside, nothing that is no UTF-8. Most cells are so.
    #[inline(always)]
    pub fn plain(&self, column: usize) -> Option<&'a str> {
        let Cells::Ends {
            record: Text::Known(record),
            ends,
        } = self
        else {
            return None;
        };
        let end = ends.get(column).filter(|end| !end.is_doubled())?;
        let start = start(ends, column)?;
        // Half of the cells of a wide trace are empty.
        if start == end.at() {
            return Some("");
        }
        let (from, to) = undressed(record.as_bytes(), start, end.at())?;
        let text = record.get(from..to)?;
        let bounds = text.as_bytes().first().zip(text.as_bytes().last());
        let is_plain = |(first, last): (&u8, &u8)| *first > b' ' && *first != b'\'' && *last > b' ';
        bounds.is_none_or(is_plain).then_some(text)
    }

    pub fn iter(self) -> impl Iterator<Item = Cell<'a>> {
        (0..self.len()).filter_map(move |column| self.get(column))
    }
}

/// Where in its record a cell begins.
#[inline]
fn start(ends: &[End], column: usize) -> Option<usize> {
    match column.checked_sub(1) {
        Some(before) => Some(ends.get(before)?.at() + 1),
        None => Some(0),
    }
}

/// A part of a record without the quotes that enclose it, if any do.
#[inline(always)]
fn undressed(record: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
    match record.get(from..to)? {
        [b'"', .., b'"'] => Some((from + 1, to - 1)),
        _ => Some((from, to)),
    }
}

/// Bytes, and whether they are known to be UTF-8.
#[derive(Debug, Clone, Copy)]
pub enum Text<'a> {
    Known(&'a str),
    Bytes(&'a [u8]),
}

impl Default for Text<'_> {
    fn default() -> Self {
        Text::Known("")
    }
}

impl<'a> Text<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        simdutf8::basic::from_utf8(bytes).map_or(Text::Bytes(bytes), Text::Known)
    }

    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Text::Known(text) => text.as_bytes(),
            Text::Bytes(bytes) => bytes,
        }
    }

    /// A part; `None` beyond the end, and within a character.
    #[inline]
    pub fn get(self, start: usize, end: usize) -> Option<Self> {
        match self {
            Text::Known(text) => text.get(start..end).map(Text::Known),
            Text::Bytes(bytes) => bytes.get(start..end).map(Text::Bytes),
        }
    }

    /// Without white space of ASCII at its ends.
    #[inline]
    pub fn trim_ascii(self) -> Self {
        match self {
            Text::Known(text) => Text::Known(text.trim_ascii()),
            Text::Bytes(bytes) => Text::Bytes(bytes.trim_ascii()),
        }
    }
}

/// One cell as it stands between the delimiters, its outer quotes removed and inner ones still doubled.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cell<'a> {
    inner: Text<'a>,
    doubled: bool,
}

impl<'a> Cell<'a> {
    /// `doubled`: the cell was quoted and holds doubled quotes.
    pub fn new(raw: &'a [u8], doubled: bool) -> Self {
        Cell::of(Text::Bytes(raw), doubled)
    }

    /// As [`Cell::new`], of what may be known to be UTF-8.
    #[inline]
    pub fn of(inner: Text<'a>, doubled: bool) -> Self {
        Cell { inner, doubled }
    }

    /// Without the apostrophe that spreadsheets and exporters put before what could be taken for a number, a date or a
    /// formula. Before a letter it belongs to the text, and so it does where another one closes it.
    #[inline]
    fn unguarded(self) -> Self {
        match self.raw() {
            [b'\'', rest @ ..]
                if matches!(
                    rest.first(),
                    Some(b'0'..=b'9' | b'=' | b'+' | b'-' | b'@' | b'{' | b'[')
                ) && rest.last() != Some(&b'\'') =>
            {
                let inner = self.inner.get(1, rest.len() + 1).unwrap_or(self.inner);
                Cell { inner, ..self }
            }
            _ => self,
        }
    }

    /// Without white space of ASCII at its ends.
    #[inline]
    pub fn trim_ascii(self) -> Self {
        Cell {
            inner: self.inner.trim_ascii(),
            ..self
        }
    }

    /// What stands there, inner quotes still doubled.
    #[inline]
    pub fn inner(&self) -> Text<'a> {
        self.inner
    }

    /// The bytes as they stand, inner quotes still doubled.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        self.inner.bytes()
    }

    /// Whether inner quotes stand doubled.
    pub fn is_doubled(&self) -> bool {
        self.doubled
    }

    pub fn is_empty(&self) -> bool {
        self.raw().is_empty()
    }

    /// The text, quotes undoubled.
    #[inline]
    pub fn text(&self) -> Cow<'a, str> {
        let plain = if self.doubled { undoubled(self.raw()) } else { None };
        match (plain, self.inner) {
            (Some(plain), _) => owned_text(plain),
            (None, Text::Known(text)) => Cow::Borrowed(text),
            (None, Text::Bytes(bytes)) => text(bytes),
        }
    }
}

/// As [`text`], of bytes of our own.
fn owned_text<'a>(plain: Vec<u8>) -> Cow<'a, str> {
    Cow::Owned(String::from_utf8(plain).unwrap_or_else(|error| text(error.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("'2026-03-02T07:00:00", "2026-03-02T07:00:00")]
    #[test_case("'{\"Id\":1}", "{\"Id\":1}")]
    #[test_case("'=HYPERLINK(1)", "=HYPERLINK(1)")]
    #[test_case("'t Huis", "'t Huis"; "a name")]
    #[test_case("'5 left'", "'5 left'"; "a quotation")]
    #[test_case("'", "'")]
    fn the_apostrophe_of_a_spreadsheet_is_not_part_of_a_cell(written: &str, read: &str) {
        let cells = [Cell::new(written.as_bytes(), false)];
        let row = CsvRow {
            cells: Cells::Cut(&cells),
            damaged: false,
        };
        assert_eq!(row.cell(0).text(), read);
    }

    #[test_case(b"a,\"b\"\"c\",,\"\",'1" as &[u8]; "text")]
    #[test_case(b"a,\"b\"\"c\",,\"\",'1\xff"; "no text")]
    fn cells_are_cut_where_they_end(record: &[u8]) {
        let end = u32::try_from(record.len()).unwrap();
        let row = CsvRow {
            cells: Cells::Ends {
                record: Text::new(record),
                ends: &[(1, false), (8, true), (9, false), (12, false), (end, false)]
                    .map(|(at, doubled)| End::new(at, doubled)),
            },
            damaged: false,
        };
        let cells: Vec<_> = row.cells.iter().map(|c| (c.raw(), c.is_doubled())).collect();
        let last = &record[13..];
        let expected: [(&[u8], bool); 5] = [
            (b"a", false),
            (b"b\"\"c", true),
            (b"", false),
            (b"", false),
            (last, false),
        ];
        assert_eq!(cells, expected);
        assert_eq!(
            (row.cells.len(), row.cells.get(5).is_none(), row.is_blank()),
            (5, true, false)
        );
        assert_eq!((row.cell(1).text(), row.cell(4).raw()), ("b\"c".into(), &last[1..]));
        assert!(row.cell(5).is_empty());
    }

    proptest! {
        #[test]
        fn a_plain_cell_is_the_cell_read_with_care(cells in prop::collection::vec(prop::sample::select(CELLS), 1..8)) {
            let record = cells.join(",");
            let mut at = 0;
            let ends: Vec<End> = cells.iter().map(|cell| {
                at += u32::try_from(cell.len()).unwrap() + 1;
                End::new(at - 1, cell.trim_matches('"').contains('"'))
            }).collect();
            let row = CsvRow { cells: Cells::Ends { record: Text::new(record.as_bytes()), ends: &ends }, damaged: false };
            let plain: Vec<_> = (0..=cells.len()).map(|column| row.cells.plain(column)).collect();
            for (column, plain) in plain.iter().enumerate() {
                if let Some(plain) = plain {
                    prop_assert_eq!(*plain, row.cell(column).trim_ascii().text());
                }
            }
            let looked_for: Vec<_> = cells.iter().map(|cell| PLAIN.contains(cell)).chain([false]).collect();
            prop_assert_eq!(plain.iter().map(Option::is_some).collect::<Vec<_>>(), looked_for);
        }
    }

    const PLAIN: &[&str] = &["", "a", "2", "ab.", "\"\"", "\"a\"", "\"a b>\"", "<a>", "é", "a é"];
    const CELLS: &[&str] = &[
        "",
        "a",
        "2",
        "ab.",
        "\"\"",
        "\"a\"",
        "\"a b>\"",
        " a",
        "a ",
        "\" a\"",
        "\"a\n\"",
        "'1",
        "\"'=a\"",
        "<a>",
        "é",
        "a é",
        "\"a\"\"b\"",
    ];
}
