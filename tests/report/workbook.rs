//! report.xlsx as another library reads it.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use tempfile::TempDir;

use crate::files::{bytes, is_raw_control, text, written_whole};
use crate::sample;

fn open(place: &TempDir) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes(place, "report.xlsx"))).expect("a workbook")
}

/// The cells of a column below its title.
fn column<'a>(sheet: &'a Range<Data>, title: &str) -> Vec<&'a Data> {
    let titles = sheet.rows().next().expect("a header");
    let at = titles
        .iter()
        .position(|t| *t == Data::String(title.into()))
        .unwrap_or_else(|| panic!("no column {title}"));
    sheet.rows().skip(1).map(|row| &row[at]).collect()
}

#[test]
fn the_sheets_hold_what_the_report_has() {
    let report = sample::report();
    let mut book = open(&written_whole(&report));
    assert_eq!(book.sheet_names(), ["findings", "timeline", "sources", "evidence"]);
    let findings = book.worksheet_range("findings").unwrap();
    // Sixteen of each connector, one of the account, one of the tenant.
    assert_eq!(findings.height(), 1 + 2 * 16 + 1 + 1);
    let verdicts = column(&findings, "verdict");
    assert_eq!(
        *verdicts[0],
        Data::String("Likely compromised".into()),
        "the worst first"
    );
    assert_eq!(*verdicts[16], Data::String("Not assessable".into()));
    assert_eq!(*column(&findings, "points")[0], Data::Float(1.25));
    assert_eq!(*column(&findings, "citation_count")[0], Data::Float(1240.0));
    let evidence = book.worksheet_range("evidence").unwrap();
    assert_eq!(*column(&evidence, "sha256")[0], Data::String("a".repeat(64)));
    assert_eq!(*column(&evidence, "records")[1], Data::Float(52_010.0));
    assert_eq!(*column(&evidence, "kind")[2], Data::String("could not be read".into()));
    let sources = book.worksheet_range("sources").unwrap();
    assert_eq!(*column(&sources, "value")[0], Data::String("91.219.236.10".into()));
}

#[test]
fn times_are_dates_in_utc() {
    let mut book = open(&written_whole(&sample::report()));
    let timeline = book.worksheet_range("timeline").unwrap();
    let shown: Vec<String> = column(&timeline, "time")
        .into_iter()
        .map(|cell| match cell {
            Data::DateTime(time) => {
                let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
                format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}")
            }
            other => panic!("{other:?} is no date"),
        })
        .collect();
    assert_eq!(shown[0], "2026-03-02 08:00:00.000");
    assert_eq!(shown[1], "2026-04-04 00:54:59.500");
    assert_eq!(shown[5], "2026-04-04 00:55:00.250");
}

#[test]
fn the_timeline_has_the_rows_of_the_csv_file() {
    let place = written_whole(&sample::report());
    let timeline = open(&place).worksheet_range("timeline").unwrap();
    let table = text(&place, "timeline.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let titles = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(|r| r.unwrap()).collect();
    for title in ["connector", "actor", "parameter", "before", "after", "summary"] {
        let at = titles.iter().position(|t| t == title).unwrap();
        let of_csv: Vec<&str> = records.iter().map(|r| &r[at]).collect();
        let cells = column(&timeline, title);
        let of_sheet: Vec<String> = cells.iter().map(|cell| cell.to_string()).collect();
        assert_eq!(of_sheet, of_csv, "{title}");
    }
}

#[test]
fn text_stays_text() {
    let mut report = sample::report();
    // Codes of the file format itself, and what XML cannot hold.
    report.connectors[1].reasons.clear();
    report.connectors[1].indicators[0].summary = "a_x000D_b\u{fffe}\u{0}<c>&amp;]]>".into();
    let place = written_whole(&report);
    let mut book = open(&place);
    let mut cells = 0;
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(formulas.is_empty(), "{name}: {formulas:?}");
        for cell in book.worksheet_range(&name).unwrap().used_cells() {
            let Data::String(text) = cell.2 else { continue };
            assert!(!text.starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}: {text:?}");
            assert!(!text.contains(is_raw_control), "{name}: {text:?}");
            cells += 1;
        }
    }
    assert!(cells > 300, "{cells}");
    let findings = book.worksheet_range("findings").unwrap();
    let summary = column(&findings, "summary")[0].to_string();
    // As it stands in the file: `_x005F_` there is an underscore (ECMA-376, ST_Xstring), which calamine leaves alone.
    assert_eq!(summary, "a_x005F_x000D_b\\u{fffe}\\u{0}<c>&amp;]]>");
}

#[test]
fn a_long_text_is_cut_and_a_wrong_time_is_told_as_it_is() {
    let mut report = sample::report();
    report.evidence[0].notes = vec!["😀".repeat(40_000)];
    report.evidence[0].first_time = Some("=yesterday".into());
    report.evidence[0].bytes = u64::MAX;
    let evidence = open(&written_whole(&report)).worksheet_range("evidence").unwrap();
    let note = column(&evidence, "notes")[0].to_string();
    assert!(note.encode_utf16().count() <= 32_767, "{}", note.len());
    assert!(note.ends_with("more characters, see report.json)"));
    assert_eq!(*column(&evidence, "first_time")[0], Data::String("'=yesterday".into()));
    assert_eq!(*column(&evidence, "bytes")[0], Data::String(u64::MAX.to_string()));
}
