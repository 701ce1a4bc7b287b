use std::cell::Cell;

use proptest::prelude::*;

use super::{Csv, Span};
use crate::evidence::Reason::{CellCount, CutOff, NoTime, StrayQuote, TooLarge, UnclosedQuote};
use crate::evidence::step::{Format, RECORD_LIMIT, Room, Step};
use crate::evidence::testing::{Result, TABLES, pieces, read_mapped, sizes, table};
use crate::evidence::{ReadOptions, Reason};

thread_local! {
    /// Bytes that were cut into cells on this thread, however often.
    pub(super) static CUT: Cell<usize> = const { Cell::new(0) };
}

/// Steps through a whole text; each step's answer as text. Without memory every line is searched anew.
fn steps(text: &[u8], limit: usize, remembers: bool) -> Vec<String> {
    let header = ["a", "b", "c"].map(str::to_owned);
    let csv = Csv {
        delimiter: b',',
        header: &header,
        limit,
    };
    let (mut room, mut memory): (_, Option<Span>) = (Room::default(), None);
    let (mut at, mut told) = (0, Vec::new());
    while let Ok(settled) = csv.settle(text, at, true)
        && settled < text.len()
    {
        if !remembers {
            memory = None;
        }
        let step = csv.step(text, settled, true, &mut room, &mut memory);
        told.push(format!("{settled} {step:?}"));
        at = match step {
            Step::Record { next, .. } | Step::Nothing { next } | Step::Header { next } => next,
            Step::Unfinished => break,
        };
    }
    told
}

fn read(text: &str) -> Result {
    read_mapped(text.as_bytes(), &table(), &ReadOptions::default())
}

#[test]
fn headers_type_lines_blank_lines_and_byte_order_marks_are_no_records() {
    let result = read(
        "\u{feff}#TYPE System.Object\r\n\"a\",\"b\",\"c\"\r\n\r\n1,2,3\r\n   \r\n\u{feff}#TYPE T\r\na, b ,c\r\n4,5,6",
    );
    assert_eq!(result.cells(), [["1", "2", "3"], ["4", "5", "6"]]);
    assert_eq!(result.tally.records, 2);
    assert_eq!(result.rows[1].origin.record, 2);
    assert_eq!(result.rows[0].origin.offset, 39);
}

#[test]
fn a_header_is_known_again_by_all_of_its_names() {
    let is_header = |header: [&str; 3], delimiter: u8, text: &str| {
        let csv = Csv {
            delimiter,
            header: &header.map(str::to_owned),
            limit: RECORD_LIMIT,
        };
        let mut room = Room::default();
        matches!(
            csv.step(text.as_bytes(), 0, true, &mut room, &mut None),
            Step::Header { .. }
        )
    };
    for again in [";b;c\n", "\"\";\"b\"; c\n", " ;b;c"] {
        assert!(is_header(["", "b", "c"], b';', again), "{again}");
        assert!(is_header(["", "b", "c"], b',', &again.replace(';', ",")), "{again}");
    }
    for other in [";b;d\n", "b;b;c\n", "\"x\";b;c\n"] {
        assert!(!is_header(["", "b", "c"], b';', other), "{other}");
        assert!(!is_header(["a", "b", "c"], b',', &other.replace(';', ",")), "{other}");
    }
}

#[test]
fn a_line_that_tells_spreadsheets_the_delimiter_is_no_record() {
    let result = read("sep=,\r\na,b,c\r\n1,2,3\r\nsep=,,\r\n");
    assert_eq!(result.cells(), [["1", "2", "3"], ["sep=", "", ""]]);
}

#[test]
fn quoted_cells_hold_delimiters_line_ends_and_doubled_quotes() {
    let result = read("\"1\r\n,\",\"a \"\"b\"\"\",\n2,in 5\" pipe,\"\"\n");
    assert_eq!(result.cells(), [["1\r\n,", "a \"b\"", ""], ["2", "in 5\" pipe", ""]]);
    assert_eq!(result.tally.accepted, 2);
}

#[test]
fn after_a_stray_quote_reading_goes_on_at_the_next_line() {
    let result = read("1,\"two \"x\" y\",3\n4,5,6\n");
    assert_eq!(result.cells(), [["1", "two \"x\" y", "3"], ["4", "5", "6"]]);
    assert!(result.rows[0].damaged && !result.rows[1].damaged);
    assert_eq!(result.ledger(), [(1, 0, StrayQuote)]);
    assert_eq!(result.tally.resynchronisations, 1);
}

#[test]
fn each_line_that_an_open_quote_swallowed_is_counted() {
    // The quote of line 1 closes on line 3, where the number of cells is wrong: 1, `2\n4,5,6\n7,`, 8, 9.
    let result = read("1,\"2\n4,5,6\n7,\",8,9\n9,9,9\n");
    assert_eq!(
        result.cells(),
        [
            vec!["1", "2"],
            vec!["4", "5", "6"],
            vec!["7", ",8,9"],
            vec!["9", "9", "9"]
        ]
    );
    // On its own, line 3 opens a quote that nothing closes.
    assert_eq!(result.ledger(), [(1, 0, StrayQuote), (3, 11, UnclosedQuote)]);
    assert_eq!(
        (result.tally.records, result.tally.accepted, result.tally.degraded),
        (4, 2, 2)
    );
}

#[test]
fn a_quote_that_never_closes_costs_one_line() {
    let result = read("1,\"2,3\n4,5,6\n");
    assert_eq!(result.cells(), [vec!["1", "2,3"], vec!["4", "5", "6"]]);
    assert_eq!(result.ledger(), [(1, 0, UnclosedQuote)]);
}

#[test]
fn a_file_that_ends_inside_a_record_is_cut_off() {
    assert_eq!(read("1,2,3\n4,\"5").ledger(), [(2, 6, CutOff)]);
    assert_eq!(read("1,2,3\n4,5").ledger(), [(2, 6, CutOff)]);
    assert_eq!(read("1,2,3\n4,5,6,7").ledger(), [(2, 6, CellCount)]);
    assert_eq!(read("1,2,3\n4,5\n").ledger(), [(2, 6, CellCount)]);
}

#[test]
fn a_damaged_line_is_never_accepted_and_its_first_cause_is_told() {
    let result = read("1,2\nR,2\nD,2\nR,2,3\n");
    assert_eq!(
        result.ledger(),
        [(1, 0, CellCount), (2, 4, CellCount), (3, 8, CellCount), (4, 12, NoTime)]
    );
    assert_eq!(
        (result.tally.accepted, result.tally.degraded, result.tally.rejected),
        (0, 2, 2)
    );
}

#[test]
fn spaces_behind_a_closing_quote_do_not_join_cells() {
    let result = read("\"1\" ,\"2\",3\n");
    assert_eq!(result.cells(), [["1", "2", "3"]]);
    assert_eq!(result.ledger(), [(1, 0, StrayQuote)]);
}

#[test]
fn a_record_beyond_the_limit_is_given_up_line_by_line() {
    let options = ReadOptions { record: 10, ..sizes(4) };
    let result = read_mapped(
        b"1,\"2\n2\n2\n2\",3\n4,5,6\nabcdefghijklmn\n7,8,9\n",
        &table(),
        &options,
    );
    let reasons: Vec<Reason> = result.ledger().into_iter().map(|(_, _, reason)| reason).collect();
    assert_eq!(result.cells().first().unwrap(), &["1", "2"]);
    assert_eq!(result.cells().last().unwrap(), &["7", "8", "9"]);
    assert_eq!(
        reasons,
        [TooLarge, CellCount, CellCount, CellCount, TooLarge, CellCount]
    );
}

#[test]
fn every_prefix_of_a_file_can_be_read() {
    let text = "\u{feff}#TYPE T\r\n\"a\",\"b\",\"c\"\r\n\"1\",\"two\r\nlines\",\"q\"\"q\"\r\n1,\"2\"x,3\r\n\"ä\",,\r\n";
    for end in 0..=text.len() {
        for chunk in [1, 7, 1000] {
            let result = read_mapped(&text.as_bytes()[..end], &table(), &sizes(chunk));
            let tally = &result.tally;
            assert_eq!(tally.records, tally.accepted + tally.degraded + tally.rejected);
            assert_eq!(tally.records, result.rows.len() as u64);
        }
    }
}

#[test]
fn lines_that_swallow_one_another_cost_no_more_than_a_few_readings() {
    let lines = 5_000;
    let endings = [
        // Never closed; closed with the wrong number of cells; a stray quote; and a line larger than a record.
        String::new(),
        "z\"\n".to_owned(),
        "z\"x\n".to_owned(),
        "z".repeat(100_000),
    ];
    for (line, cells) in [("z\",x,\"\n", 3), ("\",x,\"z\r\n", 3), ("a,\"b\n\",c,\"\n", 4)] {
        for ending in &endings {
            let text = format!("1,\"2{}{ending}", line.repeat(lines));
            for limit in [RECORD_LIMIT, 10_000, 1_000] {
                CUT.set(0);
                let told = steps(text.as_bytes(), limit, true);
                assert!(told.len() > lines / 2, "{} lines of {cells} cells", told.len());
                let cut = CUT.get();
                assert!(
                    cut <= 12 * text.len(),
                    "{cut} bytes cut of {}: {line:?} {limit}",
                    text.len()
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_remembered_of_a_broken_record_changes_no_answer(raw in pieces(TABLES), limit in 4usize..80) {
        prop_assert_eq!(steps(&raw, limit, true), steps(&raw, limit, false));
    }

    #[test]
    fn lines_full_of_quotes_are_answered_as_if_each_were_the_first(
        lines in prop::collection::vec(r#"[",x]{0,7}(\n|\r\n|\r)"#, 0..12),
        limit in 4usize..100,
    ) {
        let text = lines.concat();
        prop_assert_eq!(steps(text.as_bytes(), limit, true), steps(text.as_bytes(), limit, false));
    }

    #[test]
    fn well_formed_tables_read_as_the_csv_crate_reads_them(
        rows in prop::collection::vec(prop::collection::vec("[ab,;\"\r\n é]{0,6}", 3), 0..12),
        always in any::<bool>(),
        crlf in any::<bool>(),
        chunk in 1usize..64,
    ) {
        let mut writer = csv::WriterBuilder::new()
            .quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_slice());
        let mut expected = Vec::new();
        let mut places = Vec::new();
        for record in reader.records().map(std::result::Result::unwrap) {
            let mut at = record.position().unwrap().byte() as usize;
            // The crate counts the second byte of CRLF to the record that follows.
            while matches!(text.get(at), Some(b'\r' | b'\n')) {
                at += 1;
            }
            expected.push(record.iter().map(str::to_owned).collect::<Vec<_>>());
            places.push(at as u64);
        }
        let result = read_mapped(&text, &table(), &sizes(chunk));
        prop_assert_eq!(result.cells(), expected);
        prop_assert_eq!(result.offsets(), places);
        prop_assert_eq!(result.tally.degraded, 0);
        prop_assert_eq!(result.tally.resynchronisations, 0);
    }

    #[test]
    fn broken_tables_read_as_a_reader_byte_by_byte_reads_them(raw in pieces(TABLES), chunk in 1usize..64) {
        let result = read_mapped(&raw, &table(), &sizes(chunk));
        let read: Vec<(u64, bool)> = result.rows.iter().map(|r| (r.origin.offset, r.damaged)).collect();
        let whole: Vec<&Vec<String>> = result.rows.iter().filter(|r| !r.damaged).map(|r| &r.cells).collect();
        let (expected, cells) = naive(&raw);
        prop_assert_eq!(read, expected);
        prop_assert_eq!(whole, cells.iter().collect::<Vec<_>>());
    }
}

/// The cells of the record at the start of `raw` and its length with the line end; none where quotes do not add up.
fn naive_record(raw: &[u8]) -> Option<(Vec<String>, usize)> {
    #[derive(PartialEq)]
    enum State {
        Start,
        Bare,
        Quoted,
        Closed,
    }
    let mut state = State::Start;
    let (mut cells, mut cell) = (Vec::new(), Vec::new());
    let mut at = 0;
    loop {
        let byte = raw.get(at).copied();
        at += 1;
        match (byte, &state) {
            (None, State::Quoted) => return None,
            (Some(b'"'), State::Start) => state = State::Quoted,
            (Some(b'"'), State::Quoted) => state = State::Closed,
            (Some(b), State::Quoted) => cell.push(b),
            (Some(b'"'), State::Closed) => {
                cell.push(b'"');
                state = State::Quoted;
            }
            (None | Some(b',' | b'\n' | b'\r'), _) => {
                cells.push(super::super::text(&std::mem::take(&mut cell)).into_owned());
                state = State::Start;
                match byte {
                    Some(b',') => {}
                    None => return Some((cells, raw.len())),
                    Some(_) => return Some((cells, at)),
                }
            }
            (Some(_), State::Closed) => return None,
            (Some(b), _) => {
                cell.push(b);
                state = State::Bare;
            }
        }
    }
}

/// Offset and damage of every row, and the cells of the whole ones, by the rules in the module's own words.
fn naive(raw: &[u8]) -> (Vec<(u64, bool)>, Vec<Vec<String>>) {
    let header = |cells: &[String]| cells.iter().map(|c| c.trim_ascii()).eq(["a", "b", "c"]);
    let (mut rows, mut whole) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        let line = rest
            .iter()
            .position(|b| matches!(b, b'\n' | b'\r'))
            .unwrap_or(rest.len());
        if line == 0 {
            at += 1;
        } else if rest.starts_with("\u{feff}".as_bytes()) {
            at += 3;
        } else if rest.starts_with(b"#TYPE ") || rest[..line].iter().all(|b| *b == b' ') {
            at += line;
        } else {
            match naive_record(rest) {
                Some((cells, length)) if cells.len() == 3 => {
                    if !header(&cells) {
                        rows.push((at as u64, false));
                        whole.push(cells);
                    }
                    at += length;
                }
                _ => {
                    // None of the pieces makes a header whose quotes do not add up.
                    rows.push((at as u64, true));
                    at += line;
                }
            }
        }
    }
    (rows, whole)
}
