//! What the bytes of a file look like: settled from its beginning, never from its name.

use super::csv::{Csv, FIELDS, Scan, is_comment, label, names_delimiter};
use super::json::{Json, LookAhead, begins, string_end};
use super::objectless::objectless;
use super::step::{Format, Found, RECORD_LIMIT, Room, Step};
use super::{Cell, Row, Shape};

/// Records shown for recognition.
const SAMPLES: usize = 5;
/// Columns beyond which a first line is no header.
const COLUMNS: usize = 4096;
/// Characters beyond which a name is no column's.
const NAME: usize = 256;
/// Delimiters that exports use; where two make as many cells, the earlier.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// A column that makes a table even alone and unquoted.
const KNOWN_ALONE: &str = "AuditData";

/// Settles the shape from decoded text at the start of a file. `last`: the text is the whole file.
///
/// JSON is what begins, after white space, with an object or with an array that holds objects, arrays, `null` or nothing;
/// an array without objects gives a sample without objects. So is what begins with a string that holds an object. A table has a header of printable names, two or more, or one
/// that is quoted like the cell below it. All else, an empty file too, is unknown.
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

/// A table, if a header stands at `start`.
fn table(text: &[u8], start: usize, last: bool) -> Option<Shape> {
    let mut header: Vec<String> = Vec::new();
    let mut delimiter = b',';
    for candidate in DELIMITERS {
        let names = names(text, start, last, candidate).unwrap_or_default();
        if names.len() > header.len() {
            (header, delimiter) = (names, candidate);
        }
    }
    let named = header.iter().filter(|n| !n.is_empty()).count();
    let printable = |n: &String| n.chars().count() <= NAME && !n.chars().any(char::is_control);
    if named == 0 || header.len() > COLUMNS || !header.iter().all(printable) {
        return None;
    }
    if header.len() == 1 && !alone(text.get(start..).unwrap_or_default(), &header) {
        return None;
    }
    let sample = rows(
        text,
        last,
        &Csv {
            delimiter,
            header: &header,
            limit: RECORD_LIMIT,
        },
    );
    Some(Shape::Csv {
        delimiter,
        header,
        sample,
    })
}

/// The cells of the first record, read with one delimiter.
fn names(text: &[u8], start: usize, last: bool, delimiter: u8) -> Option<Vec<String>> {
    let csv = Csv {
        delimiter,
        header: &[],
        limit: RECORD_LIMIT,
    };
    let mut cells: Vec<Cell<'_>> = Vec::new();
    match csv.scan(text, start, last, &mut cells, &mut None) {
        Scan::Whole { .. } => {}
        Scan::Unfinished => return None,
        Scan::Broken(_) => {
            let line = text.get(start..)?.split(|b| matches!(b, b'\n' | b'\r')).next()?;
            csv.scan_line(line, &mut cells);
        }
    }
    Some(cells.iter().map(label).collect())
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

/// The first whole data rows.
fn rows(text: &[u8], last: bool, csv: &Csv<'_>) -> Vec<Vec<String>> {
    let (mut room, mut memory) = (Room::default(), None);
    let mut sample = Vec::new();
    let mut at = 0;
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
            } => (delimiter, header, sample),
            other => panic!("{other:?}"),
        }
    }

    #[test_case("RecordType,CreationDate\n1,2\n", b','; "comma")]
    #[test_case("\"RecordType\";\"Creation,Date\"\n1;2\n", b';'; "semicolon")]
    #[test_case("RecordType\tCreationDate\n1\t2\n", b'\t'; "tab")]
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
