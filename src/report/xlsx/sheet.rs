//! One sheet: a header that stays in view, a filter over every column, cells within the limits of Excel.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet};

use crate::report::csv::neutral;
use crate::report::error::ReportError;

/// Rows that a sheet may have, the header among them.
const ROWS: u32 = 1_048_576;
/// UTF-16 units that a cell may have.
const UNITS: usize = 32_767;
/// Of those, what the mark at the end of a cut cell takes at most.
const MARK: usize = 64;
/// A larger whole number has no exact place in a cell, which holds a double.
const LARGEST: u64 = 1 << 53;

/// The title of a column, as in the CSV files and report.json, and its width in characters.
pub struct Column(pub &'static str, pub f64);

/// What stands in one cell.
#[derive(Debug, Clone)]
pub enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(f64),
    Count(u64),
    Truth(bool),
    /// RFC 3339 in UTC.
    Time(&'a str),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Empty, Self::from)
    }
}

/// Adds a sheet of `N` columns. Rows beyond what a sheet can hold are counted in its last row.
pub fn add<'a, const N: usize>(
    book: &mut Workbook,
    name: &str,
    columns: [Column; N],
    rows: impl Iterator<Item = [Cell<'a>; N]>,
) -> Result<(), ReportError> {
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    let header = Format::new().set_bold().set_align(FormatAlign::Top);
    for (column, Column(title, width)) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, column, title, &header)?;
        sheet.set_column_width(column, width)?;
    }
    let formats = Formats::new();
    let filled = fill(sheet, &formats, rows, ROWS)?;
    sheet.set_freeze_panes(1, 0)?;
    let last_column = u16::try_from(N.saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, filled, last_column)?;
    Ok(())
}

/// Writes the rows below the header and gives the last one's number.
fn fill<'a, const N: usize>(
    sheet: &mut Worksheet,
    formats: &Formats,
    rows: impl Iterator<Item = [Cell<'a>; N]>,
    limit: u32,
) -> Result<u32, ReportError> {
    let mut rows = rows.peekable();
    let mut last = 0;
    while let Some(cells) = rows.next() {
        last += 1;
        if last + 1 == limit && rows.peek().is_some() {
            let more = 1 + rows.count();
            let note = format!("… and {more} more rows, see report.json");
            sheet.write_string_with_format(last, 0, note, &formats.text)?;
            break;
        }
        for (column, cell) in (0_u16..).zip(cells) {
            write(sheet, formats, last, column, cell)?;
        }
    }
    Ok(last)
}

struct Formats {
    text: Format,
    points: Format,
    time: Format,
}

impl Formats {
    fn new() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        Self {
            text: top().set_text_wrap(),
            points: top().set_num_format("0.0"),
            time: top().set_num_format("yyyy-mm-dd hh:mm:ss"),
        }
    }
}

fn write(sheet: &mut Worksheet, formats: &Formats, row: u32, column: u16, cell: Cell) -> Result<(), ReportError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(value) => text(sheet, formats, row, column, &value)?,
        Cell::Truth(value) => {
            sheet.write_boolean_with_format(row, column, value, &formats.text)?;
        }
        Cell::Number(value) => {
            sheet.write_number_with_format(row, column, value, &formats.points)?;
        }
        Cell::Count(count) if count <= LARGEST => {
            sheet.write_number_with_format(row, column, count as f64, &formats.text)?;
        }
        Cell::Count(count) => text(sheet, formats, row, column, &count.to_string())?,
        Cell::Time(time) => match serial(time) {
            Some(days) => {
                sheet.write_number_with_format(row, column, days, &formats.time)?;
            }
            None => text(sheet, formats, row, column, time)?,
        },
    }
    Ok(())
}

fn text(sheet: &mut Worksheet, formats: &Formats, row: u32, column: u16, value: &str) -> Result<(), ReportError> {
    // Text is written as text and never looked at for a formula. The apostrophe is for whoever saves the sheet as CSV.
    let value = shortened(escaped(&neutral(value)));
    if !value.is_empty() {
        sheet.write_string_with_format(row, column, value, &formats.text)?;
    }
    Ok(())
}

/// Days since 1899-12-30, Excel's measure of time, to the millisecond; `None` for what is no time and for the years
/// that Excel has not (before March 1900, where it counts a day that never was, and after 9999).
fn serial(time: &str) -> Option<f64> {
    let time: DateTime<Utc> = time.parse().ok()?;
    let first = NaiveDate::from_ymd_opt(1900, 3, 1)?;
    if time.date_naive() < first || time.year() > 9999 {
        return None;
    }
    const EPOCH_DAY: f64 = 25_569.0;
    Some(time.timestamp_millis() as f64 / 86_400_000.0 + EPOCH_DAY)
}

/// The text as the file format holds it: `_x000D_` there stands for a character, so where it is text its first
/// underscore is itself written so. What XML cannot hold at all is shown.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '_' if is_code(rest.as_str()) => out.push_str("_x005F_"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Whether what follows an underscore makes a code of it: `x`, four hexadecimal digits, an underscore.
fn is_code(rest: &str) -> bool {
    let digits = |d: &[u8]| d.iter().all(u8::is_ascii_hexdigit);
    matches!(rest.as_bytes(), [b'x' | b'X', digits_of @ .., ] if digits_of.len() >= 5 && digits(&digits_of[..4]) && digits_of[4] == b'_')
}

/// The text cut to what a cell can hold; the whole value is in report.json.
fn shortened(value: String) -> String {
    let length = |text: &str| text.chars().map(char::len_utf16).sum::<usize>();
    // A character takes no fewer bytes than UTF-16 units.
    if value.len() <= UNITS || length(&value) <= UNITS {
        return value;
    }
    let mut units = 0;
    let kept = value.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > UNITS - MARK
    });
    let (start, rest) = value.split_at(kept.map_or(value.len(), |(at, _)| at));
    format!("{start}… ({} more characters, see report.json)", rest.chars().count())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Reader, Xlsx};
    use test_case::test_case;

    use super::*;

    // The days between 1899-12-30 and the day, counted with another program's calendar.
    #[test_case("2026-03-02T00:00:00Z", Some(46_083.0))]
    #[test_case("2026-03-02T12:00:00Z", Some(46_083.5))]
    #[test_case("2026-03-02T18:00:00.0Z", Some(46_083.75))]
    #[test_case("1900-03-01T00:00:00Z", Some(61.0); "the first day that Excel counts right")]
    #[test_case("1900-02-28T00:00:00Z", None; "a day before")]
    #[test_case("yesterday", None; "no time")]
    fn times_are_days(time: &str, expected: Option<f64>) {
        assert_eq!(serial(time), expected);
    }

    #[test_case("a_x000D_b", "a_x005F_x000D_b")]
    #[test_case("_x00e9_", "_x005F_x00e9_")]
    #[test_case("_x000D", "_x000D"; "unfinished")]
    #[test_case("_xyz_", "_xyz_"; "no digits")]
    #[test_case("__x0041_", "__x005F_x0041_"; "behind an underscore")]
    #[test_case("a\u{ffff}", "a\\u{ffff}"; "no character")]
    fn codes_in_text_stay_text(value: &str, expected: &str) {
        assert_eq!(escaped(value), expected);
    }

    #[test]
    fn a_cell_has_no_more_units_than_excel_takes() {
        let whole = "é".repeat(32_767);
        assert_eq!(shortened(whole.clone()), whole);
        // Two units each.
        let cut = shortened("😀".repeat(20_000));
        assert!(cut.encode_utf16().count() <= 32_767);
        assert!(cut.ends_with("😀… (3649 more characters, see report.json)"), "{cut}");
    }

    #[test]
    fn rows_beyond_the_sheet_are_counted() {
        let rows = |count| (0..count).map(|n| [Cell::Count(n)]);
        for (count, last) in [(3, "2"), (9, "… and 7 more rows, see report.json")] {
            let mut book = Workbook::new();
            let filled = fill(book.add_worksheet(), &Formats::new(), rows(count), 4);
            assert_eq!(filled.ok(), Some(3));
            let bytes = book.save_to_buffer().expect("a workbook");
            let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
            let sheet = book.worksheet_range("Sheet1").expect("a sheet");
            let cells: Vec<String> = sheet.used_cells().map(|(_, _, cell)| cell.to_string()).collect();
            assert_eq!(cells, ["0", "1", last]);
        }
    }
}
