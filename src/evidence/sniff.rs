//! What the bytes of a file look like: settled from its beginning, never from its name.

use super::csv::{Csv, FIELDS, Scan, is_comment, label, names_delimiter};
use super::json::{Json, LookAhead, begins, string_end};
use super::objectless::objectless;
use super::step::{Format, Found, RECORD_LIMIT, Room, Step};
use super::{Row, Shape};

/// Records shown for recognition.
const SAMPLES: usize = 5;
/// Columns beyond which a first line is no header.
const COLUMNS: usize = 4096;
/// Characters beyond which a name is no column's.
const NAME: usize = 256;
/// Delimiters that exports use; where two make as many cells, the earlier.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Lines that may stand above a header.
const TITLE: usize = 10;
/// Cells that a line of a title may have: words, or a name and its value. A spreadsheet writes empty ones behind them.
const TITLE_CELLS: usize = 2;
/// Records below a header that are looked at to tell it from a title.
const BELOW: usize = 3;
/// A column that makes a table even alone and unquoted.
const KNOWN_ALONE: &str = "AuditData";

/// Settles the shape from decoded text at the start of a file. `last`: the text is the whole file.
///
/// JSON is what begins, after white space, with an object or with an array that holds objects, arrays, `null` or nothing;
/// an array without objects gives a sample without objects. So is what begins with a string that holds an object. A table has
/// a header of printable names, two or more, or one that is quoted like the cell below it; words may stand above it. All else,
/// an empty file too, is unknown.
pub(super) fn sniff(text: &[u8], last: bool) -> Shape {
    let start = beginning(text);
    if begins_json(text.get(start..).unwrap_or_default()) {
        let columns = Json::columns(text);
        return Shape::Json {
            sample: objects(text, &columns, last),
            columns,
        };
    }
    // `[1, 2]` is no table.
    let array = text.get(start) == Some(&b'[') && objectless(text, last).is_some();
    table(text, start, last).filter(|_| !array).unwrap_or(Shape::Unknown)
}

/// Behind byte order mark, white space, the type line of Windows PowerShell, and what a log says of itself before it names
/// its fields.
fn beginning(text: &[u8]) -> usize {
    let mut at = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let white = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let rest = rest.get(white..).unwrap_or_default();
        at += white;
        if rest.starts_with(FIELDS) {
            return at + FIELDS.len();
        }
        if !is_comment(rest) && !names_delimiter(rest.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default())
        {
            return at;
        }
        at += rest.iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count();
    }
}

fn begins_json(rest: &[u8]) -> bool {
    if rest.first() == Some(&b'"') && begins(rest, 0, true) == Some(true) {
        return true;
    }
    let mut visible = rest.iter().filter(|b| !b.is_ascii_whitespace());
    match (visible.next(), visible.next()) {
        (Some(b'{'), second) => matches!(second, None | Some(b'"' | b'}')),
        (Some(b'['), second) => matches!(second, None | Some(b'{' | b'[' | b']' | b'n' | b'"')),
        _ => false,
    }
}

/// The first whole objects; where there is none, the first that breaks off.
fn objects(text: &[u8], columns: &[String], last: bool) -> Vec<String> {
    let json = Json::learn(text, columns, RECORD_LIMIT);
    let (mut room, mut ahead) = (Room::default(), LookAhead::default());
    let mut sample = Vec::new();
    let mut broken = None;
    let mut at = 0;
    while sample.len() < SAMPLES {
        match json.settle(text, at, last) {
            Ok(settled) if settled < text.len() => at = settled,
            _ => break,
        }
        match json.step(text, at, last, &mut room, &mut ahead) {
            Step::Record { found, next, .. } => {
                match found {
                    Found::Whole(Row::Json(object)) => sample.push(super::text(object).into_owned()),
                    _ => broken = broken.or(Some(at)),
                }
                at = next;
            }
            Step::Nothing { next } | Step::Header { next } => at = next,
            Step::Unfinished => break,
        }
    }
    if sample.is_empty() {
        let begun = broken.and_then(|at| closed_early(text.get(at..)?));
        sample.extend(begun);
    }
    sample
}

/// The members of an object before the one in which it breaks off: an export of one record that was cut must not be
/// taken for an export of none.
fn closed_early(text: &[u8]) -> Option<String> {
    let (mut depth, mut end, mut at) = (0_usize, None, 0);
    if text.first() != Some(&b'{') {
        return None;
    }
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => match string_end(text, at) {
                Some(Ok(close)) => at = close + 1,
                _ => break,
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => end = Some(at - 1),
            _ => {}
        }
    }
    let members = text.get(..end?)?;
    Some(super::text(members).into_owned() + "}")
}

/// A table, if a header stands at `start`, or below lines that are none of it.
fn table(text: &[u8], start: usize, last: bool) -> Option<Shape> {
    let first = Header::at(text, start, last)
        .filter(|header| header.names.len() > 1 || alone(text.get(start..).unwrap_or_default(), &header.names));
    let fits = first.as_ref().is_some_and(Header::fits_next);
    let is_title = first
        .as_ref()
        .is_none_or(|header| header.width() <= TITLE_CELLS || (!fits && !header.below.is_empty()));
    let below = if is_title { below(text, start, last, fits) } else { None };
    let Header {
        place,
        delimiter,
        names: header,
        ..
    } = below.or(first)?;
    let csv = Csv {
        delimiter,
        header: &header,
        limit: RECORD_LIMIT,
    };
    let above = if place > start {
        text.get(..place)?.to_vec()
    } else {
        Vec::new()
    };
    let sample = rows(text, above.len(), last, &csv);
    Some(Shape::Csv {
        delimiter,
        header,
        sample,
        above,
    })
}

/// What may be the header of a table.
struct Header {
    place: usize,
    delimiter: u8,
    names: Vec<String>,
    /// Cells of each of the first records behind it.
    below: Vec<usize>,
}

impl Header {
    fn at(text: &[u8], place: usize, last: bool) -> Option<Self> {
        let mut best: Option<Header> = None;
        for delimiter in DELIMITERS {
            let Some((names, below)) = names(text, place, last, delimiter) else {
                continue;
            };
            if names.len() > best.as_ref().map_or(0, |best| best.names.len()) {
                best = Some(Header {
                    place,
                    delimiter,
                    names,
                    below,
                });
            }
        }
        best.filter(|header| {
            let printable = |n: &String| n.chars().count() <= NAME && !n.chars().any(char::is_control);
            let names = &header.names;
            names.len() <= COLUMNS && names.iter().all(printable) && names.iter().any(|n| !n.is_empty())
        })
    }

    /// Cells, without the empty ones at the end of what may be a title.
    fn width(&self) -> usize {
        let filled = self
            .names
            .iter()
            .rposition(|name| !name.is_empty())
            .map_or(0, |i| i + 1);
        if filled <= TITLE_CELLS {
            filled
        } else {
            self.names.len()
        }
    }

    /// Whether the next record has as many cells.
    fn fits_next(&self) -> bool {
        self.below.first() == Some(&self.names.len())
    }

    /// Whether all cells look like the names of columns: they begin with a letter or as one that Elastic writes, and none
    /// is an address.
    fn is_named(&self) -> bool {
        self.names.iter().all(|name| {
            let mut characters = name.chars();
            let first = characters.next();
            first.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '@')) && !characters.any(|c| c == '@')
        })
    }
}

/// The header below a title, where a report begins with words about itself. Each line above it has at most half as many
/// cells, and a record soon below it has as many; behind a line of words alone the text may end with it. `doubtful`: what stands
/// at `start` may be a header as well, so all of the records below must have as many.
fn below(text: &[u8], start: usize, last: bool, doubtful: bool) -> Option<Header> {
    let mut place = start;
    let mut widest = 0;
    for _ in 0..=TITLE {
        let header = Header::at(text, place, last);
        let width = header.as_ref().map_or(1, Header::width);
        let fits = |header: &Header| {
            let mut same = header.below.iter().map(|cells| *cells == width);
            let confirmed = if header.below.is_empty() {
                last && widest == 1 && width > TITLE_CELLS
            } else if doubtful {
                same.all(|same| same)
            } else {
                same.any(|same| same)
            };
            width > 1 && confirmed && widest * 2 <= width
        };
        if let Some(header) = header.filter(|header| place > start && fits(header) && header.is_named()) {
            return Some(header);
        }
        widest = widest.max(width);
        let rest = text.get(place..)?;
        let line = rest.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
        place += line + rest.get(line..)?.iter().take_while(|b| b.is_ascii_whitespace()).count();
    }
    None
}

/// The cells of the record at `start`, read with one delimiter, and how many each of the next has.
fn names(text: &[u8], start: usize, last: bool, delimiter: u8) -> Option<(Vec<String>, Vec<usize>)> {
    let csv = Csv {
        delimiter,
        header: &[],
        limit: RECORD_LIMIT,
    };
    let mut room = Room::default();
    let mut next = match csv.scan(text, start, last, &mut room, &mut None) {
        Scan::Whole { next, .. } => next,
        Scan::Unfinished => return None,
        Scan::Broken(_) => {
            let line = text.get(start..)?.split(|b| matches!(b, b'\n' | b'\r')).next()?;
            csv.scan_line(line, &mut room);
            start + line.len()
        }
    };
    let names = room.row().iter().map(|cell| label(&cell)).collect();
    let mut below = Vec::new();
    while below.len() < BELOW {
        next = csv.settle(text, next, last).unwrap_or(next);
        if next >= text.len() {
            break;
        }
        let Scan::Whole { next: behind, .. } = csv.scan(text, next, last, &mut room, &mut None) else {
            break;
        };
        below.push(room.row().len());
        next = behind;
    }
    Some((names, below))
}

/// Whether a single name is a header: quoted with a quoted cell below, or known.
fn alone(text: &[u8], header: &[String]) -> bool {
    let mut lines = text
        .split(|b| matches!(b, b'\n' | b'\r'))
        .filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let below = lines.next();
    header.first().is_some_and(|name| name == KNOWN_ALONE)
        || (first.starts_with(b"\"") && below.is_some_and(|line| line.starts_with(b"\"")))
}

/// The first whole data rows from a place on.
fn rows(text: &[u8], from: usize, last: bool, csv: &Csv<'_>) -> Vec<Vec<String>> {
    let (mut room, mut memory) = (Room::default(), None);
    let mut sample = Vec::new();
    let mut at = from;
    while sample.len() < SAMPLES {
        match csv.settle(text, at, last) {
            Ok(settled) if settled < text.len() => at = settled,
            _ => break,
        }
        match csv.step(text, at, last, &mut room, &mut memory) {
            Step::Record { found, next, .. } => {
                if let Found::Whole(Row::Csv(row)) = found {
                    sample.push(row.cells.iter().map(|c| c.text().into_owned()).collect());
                }
                at = next;
            }
            Step::Nothing { next } | Step::Header { next } => at = next,
            Step::Unfinished => break,
        }
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn header(text: &str) -> (u8, Vec<String>, Vec<Vec<String>>) {
        match sniff(text.as_bytes(), true) {
            Shape::Csv {
                delimiter,
                header,
                sample,
                ..
            } => (delimiter, header, sample),
            other => panic!("{other:?}"),
        }
    }

    #[test_case("RecordType,CreationDate\n1,2\n", b','; "comma")]
    #[test_case("\"RecordType\";\"Creation,Date\"\n1;2\n", b';'; "semicolon")]
    #[test_case("RecordType\tCreationDate\n1\t2\n", b'\t'; "tab")]
    #[test_case("\"RecordType\"|\"CreationDate\"\n\"1\"|\"2\"\n", b'|'; "bar")]
    fn the_delimiter_is_the_one_that_makes_most_cells(text: &str, delimiter: u8) {
        assert_eq!(header(text).0, delimiter);
    }

    #[test]
    fn names_are_bared_of_quotes_and_white_space_and_may_repeat() {
        let (_, names, sample) =
            header("\u{feff}#TYPE Deserialized.Thing\r\n\r\n\" Name \", Id ,Id,\r\n1,\"a\"\"b\",3,4\r\nx\r\n");
        assert_eq!(names, ["Name", "Id", "Id", ""]);
        assert_eq!(sample, [["1", "a\"b", "3", "4"]]);
    }

    #[test]
    fn a_log_names_its_fields_behind_lines_about_itself() {
        let log = "\u{feff}#Software: Microsoft Exchange Server\r\n#Version: 15.01.0\r\n#Log-type: Message Tracking Log\r\n#Date: 2024-01-25T15:00:00.843Z\r\n#Fields: date-time,event-id\r\n1,a\r\n#Date: 2024-01-26T15:00:00.843Z\r\n#Fields: date-time,event-id\r\n2,b\r\n";
        let (_, names, sample) = header(log);
        assert_eq!(names, ["date-time", "event-id"]);
        assert_eq!(sample, [["1", "a"], ["2", "b"]]);
    }

    #[test]
    fn an_object_that_breaks_off_is_known_by_the_members_before() {
        let text = r#"{"value":[{"Name":"a,\"b","List":[1,{"c":2}],"Cut":{"d":1"#;
        let Shape::Json { sample, .. } = sniff(text.as_bytes(), true) else {
            panic!("not JSON");
        };
        assert_eq!(sample, [r#"{"Name":"a,\"b","List":[1,{"c":2}]}"#]);
    }

    #[test_case("sep=;\r\na;b;c\r\n1;2;3\r\n")]
    #[test_case("\u{feff}\"sep=;\"\r\na;b;c\r\n1;2;3\r\n"; "in quotes")]
    fn a_line_that_tells_spreadsheets_the_delimiter_is_passed_over(text: &str) {
        let (delimiter, names, sample) = header(text);
        assert_eq!((delimiter, sample.len()), (b';', 1));
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test_case("Message trace report\r\n\r\n", b','; "a line and a blank one")]
    #[test_case("\u{feff}Report, made 2026-04-04\nFabrikam \"Inc\"\n", b';'; "cells in it and a quote")]
    #[test_case("\"Report\"\n\"for all, and any\"\n", b'|'; "quoted")]
    #[test_case("sep=\t\nReport\n", b'\t'; "behind a line for spreadsheets")]
    #[test_case("Report,Sign-ins\nFrom,2026-03-01\n\n", b','; "names and values")]
    #[test_case("Report,,,\n,,,\n", b','; "with empty cells behind")]
    fn a_header_is_found_below_a_title(title: &str, with: u8) {
        let with = char::from(with).to_string();
        let table = "Date (UTC+01:00),Sender,@id,Empfänger\n2026-04-04,a@b.c,1,x\n,,,\n".replace(',', &with);
        let text = format!("{title}{table}");
        let (delimiter, names, sample) = header(&text);
        assert_eq!((delimiter, sample.len()), (with.as_bytes()[0], 2));
        assert_eq!(names, ["Date (UTC+01:00)", "Sender", "@id", "Empfänger"]);
        let Shape::Csv { above, .. } = sniff(text.as_bytes(), true) else {
            panic!("no table");
        };
        assert_eq!(above, title.as_bytes());
    }

    #[test_case("a,b,c\nx,y,z,\nn,o,p,q,r,s\nn,o,p,q,r,s\n", 3; "rows that are too long")]
    #[test_case("a,b\nbad\nx,y\nx,y\n", 2; "a row that is too short")]
    #[test_case("a,b\n1,2,3\nalso,these,are,words\n1,2,3,4\n", 2; "another header behind a longer row")]
    fn rows_that_do_not_fit_make_no_title_of_a_header(text: &str, columns: usize) {
        let Shape::Csv { header, above, .. } = sniff(text.as_bytes(), true) else {
            panic!("no table");
        };
        assert_eq!((header.len(), above.as_slice()), (columns, &b""[..]));
    }

    #[test_case("Report\nDate,Sender,Subject\n"; "and no row at all")]
    #[test_case("Report\nDate,Sender,Subject\n1,2,3,4\n1,2,3\n"; "and a row that is too long")]
    #[test_case("Report\nDate,Sender,Subject\n1,\"2\"x,3\n"; "and a row that is broken")]
    fn a_header_is_found_below_a_title_whatever_its_first_row(text: &str) {
        assert_eq!(header(text).1, ["Date", "Sender", "Subject"]);
    }

    #[test_case("a,b\n1,2\n3,4\nn,o,p,q\n5,6\n"; "one long row")]
    #[test_case("a,b\n1,2\nn,o,p,q\n"; "a last row that is too long")]
    #[test_case("a,b\n1,2\nn,o,p,q\nr,s,t,u\n3,4\n"; "two of them")]
    fn a_table_of_two_columns_is_no_title(text: &str) {
        assert_eq!(header(text).1, ["a", "b"]);
    }

    #[test]
    fn the_sample_is_the_first_five_whole_rows() {
        let text: String = ["a,b\n", "bad\n"].into_iter().chain((0..9).map(|_| "1,2\n")).collect();
        assert_eq!(header(&text).2.len(), 5);
    }

    #[test_case("\"AuditData\"\r\n\"{}\"\r\n", true)]
    #[test_case("AuditData\n{}\n", true)]
    #[test_case("Dear colleagues\nhow are you\n", false)]
    fn a_single_column_must_be_quoted_or_known(text: &str, is_table: bool) {
        assert_eq!(matches!(sniff(text.as_bytes(), true), Shape::Csv { .. }), is_table);
    }

    #[test_case(b""; "empty")]
    #[test_case(b"\xEF\xBB\xBF \r\n"; "blank")]
    #[test_case(b"PK\x03\x04,\x14\0,\0"; "archive")]
    #[test_case(b"[settings]\nname=1\n"; "ini")]
    #[test_case(b"[1,2"; "numbers cut off with no whole header")]
    #[test_case(b"[1, 2]\n"; "numbers")]
    fn what_is_neither_is_unknown(text: &[u8]) {
        assert_eq!(sniff(text, false), Shape::Unknown);
    }

    #[test_case("[", 0)]
    #[test_case("[]", 0)]
    #[test_case("[null]", 0)]
    #[test_case(" \n{\"a\":1}", 1)]
    #[test_case("{\"value\":[{\"a\":1},{\"a\":2}],\"Count\":2}", 2)]
    #[test_case("[{\"a\":1},{\"a\":2},{},{},{},{}]", 5)]
    #[test_case("[{\"a\":1},{\"a\":", 1)]
    #[test_case("[\"a\",\"b\"]", 0; "strings that hold no objects")]
    #[test_case("\"{\\\"a\\\":1}\"\n\"{\\\"a\\\":2}\"\n", 2; "strings that hold objects")]
    #[test_case("[\r\n \"{\\\"a\\\":1}\"", 1; "an array of such")]
    #[test_case("{\"tables\":[{\"columns\":[{\"name\":\"a\"}],\"rows\":[[1],[2]]}]}", 2; "rows of a table")]
    fn json_is_told_by_its_first_characters(text: &str, objects: usize) {
        match sniff(text.as_bytes(), false) {
            Shape::Json { sample, .. } => assert_eq!(sample.len(), objects),
            other => panic!("{other:?}"),
        }
    }
}
