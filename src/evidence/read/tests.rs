use proptest::prelude::*;
use test_case::test_case;

use super::*;
use crate::evidence::testing::{
    Recorder, Result, Seen, TABLES, mapped, objects, pieces, read_mapped, read_opened, read_stream, seen, sizes,
    stream, table,
};
use crate::evidence::{Encoding, Origin, Reason, rows_at};

/// One reader from start to end.
fn sequential(raw: &[u8], shape: &Shape, record: usize) -> Result {
    read_mapped(
        raw,
        shape,
        &ReadOptions {
            chunk: usize::MAX,
            wave: usize::MAX,
            window: usize::MAX,
            record,
        },
    )
}

const OBJECTS: &[&[u8]] = &[
    b"{\"a\":1}\n",
    b"{\"a\":1},",
    b"  {\n    \"a\": [\n      {\"x\": 1}\n    ]\n  },\n",
    b"{\"a\":\"x\ny\"}\n",
    b"{\"a\":\"\\\"\\\\{\"}\n",
    b"{\"a\":[\n",
    b"{\"a\"],",
    b"{\\\"\\\n",
    b"\\",
    b"{\"value\":[",
    b"{\"@c\":\"\",\"value\": [\n",
    b"],\"Count\":2}\n",
    b"]}",
    b"null",
    b"\"s{\"",
    b"17\n",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\n",
    b"  ",
    b"\"",
    b"\xEF\xBB\xBF",
    b"\xEF",
    b"nul",
    b"\"{\\\"a\\\":1}\"\n",
    b"\"{\\\"a\\\":1}\",",
    b"\"{}\"",
    b"\"{\\x\"",
    b"\"{\\",
    b"{\"hits\":{\"total\":{},\"hits\":[",
    b"]}}",
    b"\\",
];

/// Pieces of tables whose rows are arrays.
const ROWS: &[&[u8]] = &[
    b"{\"tables\":[{\"name\":\"t\",\"columns\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"rows\":[",
    b"[1,2],",
    b"[\"x\",[1,{}]]\n,",
    b"  [\n    1,\n    2\n  ],\n",
    b"[1]",
    b"[",
    b"]",
    b",",
    b"]}]}",
    b"}",
    b"{\"a\":1}\n",
    b"\n",
    b"\"",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn chunks_and_windows_of_any_size_read_any_table_as_one_reader_does(
        raw in pieces(TABLES), chunk in 1usize..64, record in prop_oneof![Just(RECORD_LIMIT), 8usize..60],
    ) {
        let expected = sequential(&raw, &table(), record);
        let options = ReadOptions { record, ..sizes(chunk) };
        prop_assert_eq!(&read_mapped(&raw, &table(), &options), &expected);
        prop_assert_eq!(&read_stream(&raw, &table(), &options), &expected);
        let t = &expected.tally;
        prop_assert_eq!(t.records, t.accepted + t.degraded + t.rejected);
        prop_assert_eq!(t.ledger.len() as u64, t.degraded + t.rejected);
        let numbers: Vec<u32> = expected.rows.iter().map(|r| r.origin.record).collect();
        prop_assert_eq!(numbers, (1..=t.records as u32).collect::<Vec<_>>());
    }

    #[test]
    fn chunks_and_windows_of_any_size_read_any_json_as_one_reader_does(
        raw in pieces(OBJECTS), chunk in 1usize..64, record in prop_oneof![Just(RECORD_LIMIT), 8usize..60],
    ) {
        let expected = sequential(&raw, &objects(), record);
        let options = ReadOptions { record, ..sizes(chunk) };
        prop_assert_eq!(&read_mapped(&raw, &objects(), &options), &expected);
        prop_assert_eq!(&read_stream(&raw, &objects(), &options), &expected);
        let t = &expected.tally;
        prop_assert_eq!(t.records, t.accepted + t.degraded + t.rejected);
        prop_assert_eq!(t.records as usize, expected.rows.len() + expected.tally.ledger.iter()
            .filter(|e| !expected.rows.iter().any(|r| r.origin == e.origin)).count());
    }

    #[test]
    fn chunks_and_windows_of_any_size_read_rows_of_any_table_as_one_reader_does(raw in pieces(ROWS), chunk in 1usize..64) {
        let raw = [ROWS[0], &raw].concat();
        let shape = Shape::Json { sample: Vec::new(), columns: ["a", "b"].map(str::to_owned).to_vec() };
        let expected = sequential(&raw, &shape, RECORD_LIMIT);
        prop_assert_eq!(&read_mapped(&raw, &shape, &sizes(chunk)), &expected);
        prop_assert_eq!(&read_stream(&raw, &shape, &sizes(chunk)), &expected);
    }

    #[test]
    fn utf_16_reads_as_utf_8_with_offsets_that_point_at_its_own_bytes(
        rows in prop::collection::vec(("[a-dé😀\u{fffd}]{1,5}", "[ab,\n😀ü]{0,6}"), 0..12),
        big in any::<bool>(), bom in any::<bool>(), chunk in 1usize..64, as_stream in any::<bool>(),
    ) {
        let text: String = rows.iter().map(|(a, b)| format!("{a},\"{b}\",x\r\n")).collect();
        let utf8 = sequential(text.as_bytes(), &table(), RECORD_LIMIT);
        let marked = if bom { format!("\u{feff}{text}") } else { text.clone() };
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let raw: Vec<u8> = marked.encode_utf16().flat_map(bytes).collect();
        let (_file, mut opened) = mapped(&raw);
        if as_stream {
            opened = stream(&raw);
        }
        opened.encoding = if big { Encoding::Utf16Be } else { Encoding::Utf16Le };
        let result = read_opened(&opened, &table(), &sizes(chunk));
        prop_assert_eq!(result.cells(), utf8.cells());
        prop_assert_eq!(&result.sha256, &hexadecimal(Sha256::new_with_prefix(&raw)));
        for row in &result.rows {
            let start = row.origin.offset as usize;
            let expected: Vec<u8> = row.cells[0].encode_utf16().flat_map(bytes).collect();
            prop_assert_eq!(raw.get(start..start + expected.len()), Some(expected.as_slice()));
        }
    }

    #[test]
    fn rows_are_found_again_at_their_offsets(raw in pieces(TABLES), utf16 in any::<bool>(), as_stream in any::<bool>()) {
        let text = String::from_utf8_lossy(&raw);
        let raw = if utf16 { text.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { raw.clone() };
        let (_file, mut opened) = mapped(&raw);
        if as_stream {
            opened = stream(&raw);
            opened.keep_copy();
        }
        opened.encoding = if utf16 { Encoding::Utf16Le } else { Encoding::Utf8 };
        let outcome = read(&opened, &table(), &Recorder::default, &ReadOptions::default(), &()).unwrap();
        let exhibit = opened.exhibit(&outcome);
        let expected = Result::from(outcome);
        let mut again: Vec<Seen> = Vec::new();
        rows_at(&exhibit, &table(), &expected.offsets(), &mut |offset, row| {
            let record = again.len() as u32 + 1;
            again.push(seen(row, Origin { file: 7, record, offset }));
        }).unwrap();
        prop_assert_eq!(again, expected.rows);
    }
}

#[test]
fn objects_are_found_again_at_their_offsets_and_other_places_are_passed_over() {
    let (_file, opened) = mapped(b"[{\"a\":1},\n{\"a\":{}}]");
    let outcome = read(&opened, &opened.shape, &Recorder::default, &ReadOptions::default(), &()).unwrap();
    let mut again = Vec::new();
    let f = &mut |offset, row: &crate::evidence::Row<'_>| {
        again.push(
            seen(
                row,
                Origin {
                    file: 0,
                    record: 0,
                    offset,
                },
            )
            .cells,
        )
    };
    rows_at(&opened.exhibit(&outcome), &opened.shape, &[10, 3, 1, 999], f).unwrap();
    assert_eq!(again, [["{\"a\":{}}"], ["{\"a\":1}"]]);
}

#[test_case("[\"{\\\"a\\\":\\\"ü\\\"}\",\n\"{\\\"a\\\":2}\"]"; "strings")]
#[test_case("{\"tables\":[{\"columns\":[{\"name\":\"a\"}],\"rows\":[[\"ü\"],[2]]}]}"; "rows of a table")]
fn records_that_are_no_objects_in_the_file_are_found_again_too(text: &str) {
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for raw in [text.as_bytes().to_vec(), utf_16(text)] {
        let (_file, opened) = mapped(&raw);
        let outcome = read(&opened, &opened.shape, &Recorder::default, &ReadOptions::default(), &()).unwrap();
        let exhibit = opened.exhibit(&outcome);
        let expected = Result::from(outcome);
        assert_eq!(expected.cells(), [["{\"a\":\"ü\"}"], ["{\"a\":2}"]]);
        let mut again = Vec::new();
        rows_at(&exhibit, &opened.shape, &expected.offsets(), &mut |offset, row| {
            let record = again.len() as u32 + 1;
            again.push(seen(
                row,
                Origin {
                    file: 7,
                    record,
                    offset,
                },
            ));
        })
        .unwrap();
        assert_eq!(again, expected.rows);
    }
}

#[test]
fn text_in_another_encoding_behind_utf_16_is_told_as_such() {
    let text = "\u{feff}a,b,c\r\n1,2,3\r\nR,2\r\n";
    let mut raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let behind = raw.len() as u64;
    raw.extend("4,5,6\r\n".repeat(100).bytes());
    for opened in [mapped(&raw).1, stream(&raw)] {
        let result = read_opened(&opened, &opened.shape, &sizes(16));
        assert_eq!(
            result.ledger(),
            [(2, 30, Reason::CellCount), (3, behind, Reason::OtherEncoding)]
        );
    }
}

/// `R` is rejected by the sink, for another reason. The place is known to within 128 bytes: rows of other lengths move it.
#[test]
fn a_row_far_before_text_in_another_encoding_keeps_its_own_reason() {
    for length in 1..80 {
        let fill = "x".repeat(length);
        let text = format!("\u{feff}a,b,c\r\nR,2,3\r\n{}4,5,{fill}\r\n", "1,2,3\r\n".repeat(60));
        let mut raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let behind = raw.len() as u64;
        raw.extend("2026-04-04T10:00:00Z,by someone,6\r\n".repeat(30).bytes());
        let opened = stream(&raw);
        let result = read_opened(&opened, &opened.shape, &sizes(1000));
        assert_eq!(
            result.ledger(),
            [(1, 16, Reason::NoTime), (63, behind, Reason::OtherEncoding)],
            "{length}"
        );
    }
}

#[test]
fn what_is_looked_back_at_finds_room_before_a_window() {
    let rest = vec![b'x'; <Json as Format>::LOOK_BACK + (8 << 10)];
    let mut next = vec![0; HEADROOM + 10];
    let start = carry_over(&rest, &mut next);
    assert_eq!((start + rest.len(), next.len()), (HEADROOM, HEADROOM + 10));
}

#[test]
fn lines_above_the_header_are_no_records_and_all_else_keeps_its_place() {
    let table = "Date,Sender,Size\r\n2026-04-04,\"x\r\ny\",1\r\nbad\r\n2026-04-04,z,2\r\n";
    let title = "\u{feff}Report made today\r\n\r\n";
    let text = format!("{title}{table}");
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (raw, unit) in [(text.as_bytes(), 1), (&utf_16, 2)] {
        for opened in [mapped(raw).1, stream(raw)] {
            let result = read_opened(&opened, &opened.shape, &sizes(3));
            let first = if unit == 1 {
                title.len() + 18
            } else {
                2 * (title.len() - 2 + 18)
            } as u64;
            assert_eq!(result.offsets(), [first, first + 21 * unit, first + 26 * unit]);
            assert_eq!(result.tally.records, 3);
            assert_eq!(result.ledger(), [(2, first + 21 * unit, Reason::CellCount)]);
        }
    }
}

#[test]
fn every_byte_is_hashed_and_told_of_whatever_the_shape() {
    use std::sync::atomic::{AtomicU64, Ordering};
    struct Bytes(AtomicU64);
    impl Progress for Bytes {
        fn advance(&self, bytes: u64) {
            self.0.fetch_add(bytes, Ordering::Relaxed);
        }

        fn began(&self, _path: &str) {}

        fn ended(&self, _path: &str) {}
    }
    // "abc", from FIPS 180-2, appendix B.1.
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for shape in [Shape::Unknown, table(), objects()] {
        for opened in [stream(b"abc"), mapped(b"abc").1] {
            let progress = Bytes(AtomicU64::new(0));
            let outcome = read(&opened, &shape, &Recorder::default, &sizes(2), &progress).unwrap();
            assert_eq!((outcome.sha256.as_str(), outcome.bytes), (known, 3));
            assert_eq!(progress.0.load(Ordering::Relaxed), 3);
        }
    }
}

#[test]
fn a_stream_is_read_once() {
    let opened = stream(b"a,b,c\n1,2,3\n");
    assert_eq!(read_opened(&opened, &opened.shape, &sizes(8)).tally.records, 1);
    let again = read(&opened, &opened.shape, &Recorder::default, &sizes(8), &());
    assert!(matches!(again, Err(ReadError::Spent { .. })));
}

#[test]
fn a_stream_that_fails_is_an_error_that_names_it() {
    struct Broken(usize);
    impl io::Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let given = self.0.min(into.len());
            self.0 -= given;
            into[..given].fill(b'\n');
            if given == 0 {
                Err(io::Error::other("the cable is out"))
            } else {
                Ok(given)
            }
        }
    }
    let located = crate::evidence::Located {
        path: "-".to_owned(),
        source: crate::evidence::Source::StandardInput,
        caps: crate::evidence::Caps::default(),
        note: None,
    };
    let opened = Opened::new(&located, 0, Bytes::stream(Broken(300 << 10))).unwrap();
    let error = read(&opened, &table(), &Recorder::default, &ReadOptions::default(), &()).unwrap_err();
    assert_eq!(error.to_string(), "-: the cable is out");
}
