use proptest::prelude::*;
use serde_json::{Map, Value, json};
use test_case::test_case;

use super::look_ahead::DEPTH_LIMIT;
use super::{Json, LookAhead, work};
use crate::evidence::Reason::{CellCount, CutOff, NotJson, OtherTable, TooDeep, TooLarge};
use crate::evidence::sniff::sniff;
use crate::evidence::step::{Format, RECORD_LIMIT, Room, Step};
use crate::evidence::testing::{Result, objects, read_mapped, read_stream, sizes};
use crate::evidence::{ReadOptions, Reason, Shape};

fn read(text: &str) -> Result {
    read_mapped(text.as_bytes(), &objects(), &ReadOptions::default())
}

fn read_table(text: &str) -> Result {
    read_mapped(text.as_bytes(), &sniff(text.as_bytes(), true), &ReadOptions::default())
}

fn texts(result: &Result) -> Vec<&str> {
    result.rows.iter().map(|row| row.cells[0].as_str()).collect()
}

#[test_case("{\"a\":1}\n{\"a\":2}\n"; "one a line")]
#[test_case("[{\"a\":1},{\"a\":2}]"; "an array on one line")]
#[test_case("[\r\n  {\"a\":1},\r\n  {\"a\":2}\r\n]\r\n\r\n"; "an array over lines")]
#[test_case("[{\"a\":1}][{\"a\":2}]"; "concatenated arrays")]
#[test_case("[{\"a\":1}\n,{\"a\":2}"; "an array that was never closed")]
#[test_case("\u{feff}[null, {\"a\":1}, null,\n{\"a\":2}]"; "null among objects")]
#[test_case("{\"value\":[{\"a\":1},{\"a\":2}],\"Count\":2}"; "wrapped by PowerShell")]
#[test_case("{\"@odata.context\":\"x]\",\"@odata.count\":2, \"value\":[\n{\"a\":1}\n]}\n{ \"value\" : [{\"a\":2}] , \"@odata.nextLink\" : \"y\" }"; "pages of Graph")]
#[test_case("{\"records\": [{\"a\":1},{\"a\":2}]}"; "wrapped as records")]
fn objects_are_found_however_they_are_strung_together(text: &str) {
    let result = read(text);
    assert_eq!(texts(&result), ["{\"a\":1}", "{\"a\":2}"]);
    assert_eq!(result.tally.rejected, 0);
    for row in &result.rows {
        assert!(text.as_bytes()[row.origin.offset as usize..].starts_with(row.cells[0].as_bytes()));
    }
}

#[test_case(""; "nothing")]
#[test_case("[")]
#[test_case("[]")]
#[test_case("[null]")]
#[test_case("{\"value\":[],\"Count\":0}"; "an empty page")]
fn files_without_objects_hold_no_records(text: &str) {
    assert_eq!(read(text).tally.records, 0);
    assert_eq!(read_table(&format!("{TABLE}]}}]}}")).tally.records, 0);
}

#[test_case("{\"value\":\"\\/Date(1772500523000)\\/\",\"DisplayHint\":2}"; "a date")]
#[test_case("{\"value\":[1,2]}"; "an array of numbers")]
#[test_case("{\"value\":[\"a\",\"b\"]}"; "an array of strings")]
#[test_case("{\"data\":{\"hits\":1},\"x\":[{}]}"; "an object under such a name")]
#[test_case("{\"hits\":3,\"a\":[{}]}"; "a number under such a name")]
#[test_case("{\"columns\":[{\"name\":\"a\"}],\"rows\":[{\"a\":1}]}"; "rows that are no arrays")]
#[test_case("{\"Name\":\"n\",\"value\":[{\"a\":1}]}"; "an object with other members first")]
#[test_case("{\"Data\":[],\"Operation\":\"x\",\"Id\":1}"; "an empty array under such a name")]
#[test_case("{\"hits\":{\"hits\":[]},\"Id\":1}"; "an empty array in an object")]
#[test_case("{\"value\":[],\"@odata.count\":0,\"Id\":1}"; "an empty array and one such member")]
#[test_case("{\"a\":\"}\\\"{\\\\\",\"b\":[{},[]]}"; "brackets and quotes in strings")]
fn what_only_resembles_a_wrapper_is_one_record(text: &str) {
    assert_eq!(texts(&read(text)), [text]);
}

/// What lies behind the first bracket cannot be known when it is read: but what it takes for records is counted.
#[test]
fn members_behind_an_array_of_records_that_name_no_answer_are_told() {
    let result = read("{\"Value\":[{\"a\":1}],\"Operation\":\"x\",\"Id\":1}\n{\"a\":2}\n");
    assert_eq!(texts(&result), ["{\"a\":1}", "{\"a\":2}"]);
    assert_eq!(result.ledger(), [(2, 19, NotJson)]);
}

#[test_case("{\"took\":1,\"num_reduce_phases\":2,\"terminated_early\":false,\"_clusters\":{\"total\":1},\"hits\":{\"total\":{},\"hits\":[", "]}}"; "of Elastic before")]
#[test_case("{\"hits\":{\"total\":3,\"hits\":[", "],\"max_score\":null},\"status\":200,\"aggregations\":{\"a\":{\"buckets\":[{}]}}}"; "of Elastic behind")]
#[test_case("{\"value\":[", "],\"nextLink\":\"https://x.example\"}"; "of a page")]
fn members_around_an_answer_are_no_records(open: &str, close: &str) {
    let result = read(&format!(
        "{open}{{\"a\":1}},{{\"a\":2}}{close}\n{open}{close}\n{open}{{\"a\":3}}{close}"
    ));
    assert_eq!(texts(&result), ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"]);
    assert_eq!(result.tally.records, 3);
}

#[test]
fn members_around_the_tables_of_an_answer_are_no_records() {
    let result = read_table(&format!(
        "{TABLE}[1,2]]}}],\"statistics\":{{\"query\":{{\"x\":[{{}}]}}}},\"render\":{{}}}}"
    ));
    assert_eq!((result.tally.records, result.tally.accepted), (1, 1));
}

const TEXTS: [&str; 2] = [r#"{\"a\":\"x\\\"[]},\\n\",\"b\":{}}"#, r#"{\"a\":2}"#];

#[test_case("\n" ; "one a line")]
#[test_case(",\r\n    "; "an array over lines")]
#[test_case(","; "an array on one line")]
fn strings_that_hold_objects_are_records(between: &str) {
    for (open, close) in [
        ("[", "]"),
        ("", ""),
        ("\u{feff}[\r\n    ", "\r\n]\r\n"),
        ("{\"value\":[", "],\"Count\":2}"),
    ] {
        let quoted = TEXTS.map(|text| format!("\"{text}\""));
        let text = format!("{open}{}{close}", quoted.join(between));
        let result = read(&text);
        assert_eq!(texts(&result), [r#"{"a":"x\"[]},\n","b":{}}"#, r#"{"a":2}"#], "{text}");
        assert_eq!(result.tally.rejected, 0);
        for (row, quoted) in result.rows.iter().zip(&quoted) {
            assert!(text[row.origin.offset as usize..].starts_with(quoted));
        }
    }
}

#[test]
fn a_broken_string_costs_no_other() {
    let result = read(
        "[\"{\\\"a\\\":1}\",\n\"{\\\"a\nb\\\":1}\",\n\"{\\x}\", \"{\\\"b\\\":1}\",\n\"note\", \"{\\\"c\\\":1}\",\n\"{\\\"d",
    );
    assert_eq!(texts(&result), [r#"{"a":1}"#, r#"{"b":1}"#, r#"{"c":1}"#]);
    let reasons: Vec<_> = result
        .ledger()
        .into_iter()
        .map(|(record, _, reason)| (record, reason))
        .collect();
    assert_eq!(
        reasons,
        [(2, NotJson), (3, NotJson), (4, NotJson), (6, NotJson), (8, CutOff)]
    );
}

#[test_case("\"{\\\"a\\\":\\\"x\" y\\\"}\"\n"; "before it ends")]
#[test_case("\"{\\\"a\\\":\\\"x\", [{\\\"b\\\":1}]}\"\n"; "before another begins in it")]
fn an_object_that_its_string_does_not_hold_whole_is_not_cut_off_by_the_file(text: &str) {
    let reasons: Vec<Reason> = read(text).ledger().into_iter().map(|(_, _, reason)| reason).collect();
    assert_eq!(reasons.first(), Some(&NotJson));
    assert!(read(text).rows.is_empty());
}

#[test]
fn a_string_beyond_the_bound_of_records_is_too_large() {
    let options = ReadOptions { record: 24, ..sizes(5) };
    let text = format!("\"{{\\\"a\\\":\\\"{}\\\"}}\"\n\"{{\\\"b\\\":2}}\"\n", "x".repeat(60));
    let result = read_mapped(text.as_bytes(), &objects(), &options);
    assert_eq!(texts(&result), [r#"{"b":2}"#]);
    assert_eq!(result.ledger().first(), Some(&(1, 0, TooLarge)));
}

const TABLE: &str = r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"a","type":"long"},{"name":"b \"c\"","type":"dynamic"}],"rows":["#;

#[test_case(""; "on one line")]
#[test_case("\r\n  "; "over lines")]
fn rows_of_a_table_are_read_under_its_columns(between: &str) {
    let rows = [r#"[1,"x,]\"["]"#, r#"[ null , {"d":[[],"]"]} ]"#];
    let text = format!(
        "{TABLE}{between}{}{between}]}}]}}\n{TABLE}[3,4]]}}]}}",
        rows.join(&format!(",{between}"))
    );
    let result = read_table(&text);
    assert_eq!(
        texts(&result),
        [
            r#"{"a":1,"b \"c\"":"x,]\"["}"#,
            r#"{"a":null,"b \"c\"":{"d":[[],"]"]}}"#,
            r#"{"a":3,"b \"c\"":4}"#
        ]
    );
    assert_eq!(result.tally.rejected, 0);
    for (row, written) in result.rows.iter().zip(rows) {
        assert!(text[row.origin.offset as usize..].starts_with(written));
    }
}

#[test]
fn rows_that_do_not_fit_the_columns_are_told() {
    let other = r#"{"name":"Other","columns":[{"name":"z"}],"rows":[[1]]}"#;
    let text = format!("{TABLE}[1],\n[1,2,3],\n[1,2}},\n[3,4],\n[5 6]]}},{other}]}}");
    let result = read_table(&text);
    assert_eq!(texts(&result), [r#"{"a":3,"b \"c\"":4}"#]);
    let reasons: Vec<_> = result
        .ledger()
        .into_iter()
        .map(|(record, _, reason)| (record, reason))
        .collect();
    assert_eq!(
        reasons,
        [
            (1, CellCount),
            (2, CellCount),
            (3, NotJson),
            (5, NotJson),
            (6, OtherTable)
        ]
    );
}

#[test]
fn a_line_end_inside_a_string_costs_one_record() {
    let text = "[\n  {\n    \"a\": \"x\ny\"\n  },\n  {\n    \"b\": [\n      {\"c\": 1}\n    ]\n  }\n]";
    let result = read(text);
    assert_eq!(texts(&result), ["{\n    \"b\": [\n      {\"c\": 1}\n    ]\n  }"]);
    assert_eq!(result.ledger(), [(1, 4, NotJson)]);
    assert_eq!(result.rows[0].origin.record, 2);
    assert_eq!((result.tally.records, result.tally.resynchronisations), (2, 1));
}

#[test]
fn an_object_that_never_closes_does_not_take_those_after_it() {
    let result = read("{\"a\":1\n{\"b\":2}\n{\"c\":3}\n");
    assert_eq!(texts(&result), ["{\"b\":2}", "{\"c\":3}"]);
    assert_eq!(result.ledger(), [(1, 0, NotJson)]);
}

#[test]
fn on_one_line_reading_goes_on_at_an_object_that_begins_alike() {
    let result = read("[{\"Id\":1,\"x\":[}, {\"Id\":2,\"y\":{\"z\":1}},{\"Id\":3}]");
    assert_eq!(texts(&result), ["{\"Id\":2,\"y\":{\"z\":1}}", "{\"Id\":3}"]);
    assert_eq!(result.ledger(), [(1, 1, NotJson)]);
}

#[test]
fn a_file_cut_off_inside_an_object_says_so() {
    let result = read("[{\"a\":1},\n{\"a\":{\"b\":\"x");
    assert_eq!(texts(&result), ["{\"a\":1}"]);
    assert_eq!(result.ledger(), [(2, 10, CutOff)]);
}

#[test]
fn stray_text_is_one_rejected_record_a_line() {
    let result = read("{\"a\":1}\nERROR: throttled\n17, \"{\" {\"a\":2}\n}\n");
    assert_eq!(texts(&result), ["{\"a\":1}", "{\"a\":2}"]);
    assert_eq!(result.ledger(), [(2, 8, NotJson), (3, 25, NotJson), (5, 41, NotJson)]);
}

#[test]
fn depth_is_bounded() {
    let nested = |levels: usize| {
        format!(
            "{{\"a\":{}1{}}}\n{{\"b\":2}}\n",
            "[".repeat(levels - 1),
            "]".repeat(levels - 1)
        )
    };
    assert_eq!(read(&nested(DEPTH_LIMIT)).tally.accepted, 2);
    let result = read(&nested(DEPTH_LIMIT + 1));
    assert_eq!(texts(&result), ["{\"b\":2}"]);
    assert_eq!(result.ledger(), [(1, 0, TooDeep)]);
}

#[test]
fn size_is_bounded() {
    let options = ReadOptions { record: 16, ..sizes(5) };
    let result = read_mapped(b"{\"a\":\"0123456789012345678901234567890\"}", &objects(), &options);
    assert!(result.rows.is_empty());
    assert_eq!(result.ledger().first(), Some(&(1, 0, TooLarge)));
    let result = read_mapped(b"{\"a\":\"01234567\"}\n{\"b\":2}\n", &objects(), &options);
    assert_eq!(texts(&result), ["{\"a\":\"01234567\"}", "{\"b\":2}"]);
}

#[test]
fn every_prefix_of_a_file_can_be_read() {
    let whole = "\u{feff}{\"@c\":\"u\",\"value\":[\r\n  {\"a\":\"\\\"ä\\\\\",\"b\":[{}]},\r\n  null, {\"c\":{}}\r\n],\"Count\":2}\n[{\"a\n\"}]x";
    let strings = "[\"{\\\"a\\\":1}\",\r\n \"{ \\u00e9\\\\ }\", \"x\"]\n\"{\\x}\"";
    let rows = format!("{TABLE}\n[1,[\"]\"]],[2,{{}}] , [3]],\"x\":[1]}}]}}");
    let search = "{\"took\":1,\"hits\":{\"total\":{\"value\":2},\"hits\":[{\"a\":1},\n{\"a\":2}]},\"x\":{\"b\":[]}}";
    for text in [whole, strings, &rows, search] {
        let columns = Json::columns(text.as_bytes());
        for end in 0..=text.len() {
            for chunk in [1, 7, 1000] {
                let shape = Shape::Json {
                    sample: Vec::new(),
                    columns: columns.clone(),
                };
                let part = &text.as_bytes()[..end];
                let tally = read_mapped(part, &shape, &sizes(chunk)).tally;
                assert_eq!(tally.records, tally.accepted + tally.degraded + tally.rejected);
                assert_eq!(read_stream(part, &shape, &sizes(chunk)).tally, tally);
            }
        }
    }
}

#[test]
fn a_broken_record_names_its_reason_in_order() {
    let reasons = |text: &str| {
        read(text)
            .ledger()
            .into_iter()
            .map(|(_, _, r)| r)
            .collect::<Vec<Reason>>()
    };
    assert_eq!(reasons("{\"a\":]\n{\"b\":{\n"), [NotJson, CutOff]);
}

/// Bytes that a reading from start to end looks at, for each byte of the text.
fn looked_at(text: &str) -> usize {
    let text = text.as_bytes();
    let json = Json::learn(text, &Json::columns(text), RECORD_LIMIT);
    let (mut room, mut ahead) = (Room::default(), LookAhead::default());
    work::take();
    let mut at = 0;
    while let Ok(settled) = json.settle(text, at, true)
        && settled < text.len()
    {
        at = match json.step(text, settled, true, &mut room, &mut ahead) {
            Step::Record { next, .. } | Step::Nothing { next } | Step::Header { next } => next,
            Step::Unfinished => panic!("nothing follows"),
        };
    }
    work::take() / text.len()
}

/// A record, and a row of a table, before what is broken.
const ONE: &[&str] = &["{\"a\":1}"];
const ROWS: &[&str] = &[TABLE, "[1,2]"];

#[test_case(ONE, "{\\\"\\\n"; "escapes outside of strings")]
#[test_case(ONE, "{\"\\\n"; "line ends that are escaped")]
#[test_case(ONE, "{\"a\":\n"; "objects that never close")]
#[test_case(ONE, "{\"a\":[\n"; "and arrays in them")]
#[test_case(ONE, "  {\"a\":1\n"; "deeper than the first")]
#[test_case(ONE, "{\"b\"],{\"b\":2},"; "every second one broken on one line")]
#[test_case(ONE, "{\"b\":\"x\"y\"},"; "a stray quote in each on one line")]
#[test_case(ONE, "{\"b\":[1},\n   {\"b\":1,\n"; "siblings before lines")]
#[test_case(ONE, "\"{\\\n"; "strings that never close")]
#[test_case(ONE, "\"{\\\", \"x"; "strings that are none on one line")]
#[test_case(ONE, "]}"; "objects that close without end")]
#[test_case(ONE, "{\"schema\":[\n"; "columns that never close")]
#[test_case(ONE, "{\"schema\":[{\"stats\":[]}\n"; "columns around whole ones")]
#[test_case(ONE, "{\"hits\":\n"; "objects around others")]
#[test_case(ONE, "{\"took\":1,\n"; "members before an array that never comes")]
#[test_case(ONE, "],\n\"schema\":[\n"; "members behind an array")]
#[test_case(ROWS, "{\"tables\":[\n"; "tables around others")]
#[test_case(ROWS, "{\"columns\":[\n"; "columns in rows")]
#[test_case(ROWS, "[1,\n"; "rows that never close")]
#[test_case(ROWS, "[[1],"; "rows in rows")]
fn what_is_broken_is_not_read_again_for_each_record(whole: &[&str], unit: &str) {
    let text = format!("{}\n{}", whole.concat(), unit.repeat(20_000));
    let times = looked_at(&text);
    assert!(times <= 16, "every byte was looked at {times} times");
}

#[test]
fn a_line_end_behind_a_backslash_ends_the_record_too() {
    let result = read("{\"a\":\"x\\\n{\"b\":\"y\"}\n");
    assert_eq!(texts(&result), ["{\"b\":\"y\"}"]);
    assert_eq!(result.ledger(), [(1, 0, NotJson)]);
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Records one a line, and in an array on one line, over lines and with spaces.
fn strung(records: &[String], style: usize) -> String {
    match style {
        0 => records.join("\n") + "\n",
        1 => format!("[{}]", records.join(",")),
        2 => format!("[{}]", records.join(" , ")),
        _ => format!("[\n  {}\n]", records.join(",\n  ")),
    }
}

/// The numbers under one name in the objects that were read whole.
fn numbers(result: &Result, name: &str) -> Vec<usize> {
    let object = |text| serde_json::from_str::<Value>(text).ok();
    let number = |text| object(text)?.get(name)?.as_u64().and_then(|n| usize::try_from(n).ok());
    texts(result).into_iter().filter_map(number).collect()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ab\"\\\\{}\\[\\]\n,:é ]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            object(inner).prop_map(Value::from),
        ]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(("[kl\"\\\\{é]{1,3}", inner), 0..4).prop_map(|members| members.into_iter().collect())
}

proptest! {
    /// A quote that is not escaped ends a string early, often before a bracket that begins no record.
    #[test]
    fn a_quote_too_many_in_a_string_costs_no_other(
        damaged in 0usize..6, place in 1usize..60, style in 0usize..4, chunk in 1usize..64,
    ) {
        let mut records: Vec<String> = (0..6).map(|n| quoted(&format!(r#"{{"Id":{n},"List":[{{"Name":"x","Value":2}}],"Last":1}}"#))).collect();
        records[damaged].insert(place, '"');
        let text = strung(&records, style);
        let result = read_mapped(text.as_bytes(), &objects(), &sizes(chunk));
        let read = numbers(&result, "Id");
        for n in (0..6).filter(|n| *n != damaged) {
            prop_assert!(read.contains(&n), "{n} of {text}");
        }
        prop_assert_eq!(result.tally.records, result.tally.accepted + result.tally.rejected);
        prop_assert!(read_stream(text.as_bytes(), &objects(), &sizes(chunk)).tally == result.tally);
    }

    #[test]
    fn a_character_too_many_in_a_row_costs_no_other(
        damaged in 1usize..6, place in 0usize..30, with in prop::sample::select(&['x', '"', ']', '{', ','][..]),
        style in 1usize..4, chunk in 1usize..64,
    ) {
        let mut rows: Vec<String> = (0..6).map(|n| format!(r#"["r{n}",{n},"[{{\"Name\":\"x\"}}]","k"]"#)).collect();
        rows[damaged].insert(place, with);
        let table = r#"{"tables":[{"columns":[{"name":"a"},{"name":"Id"},{"name":"c"},{"name":"d"}],"rows":"#;
        let text = format!("{table}{}}}]}}", strung(&rows, style));
        let shape = sniff(text.as_bytes(), true);
        let result = read_mapped(text.as_bytes(), &shape, &sizes(chunk));
        let read = numbers(&result, "Id");
        for n in (0..6).filter(|n| *n != damaged) {
            prop_assert!(read.contains(&n), "{n} of {text}");
        }
        prop_assert_eq!(result.tally.records, result.tally.accepted + result.tally.rejected);
        prop_assert!(read_stream(text.as_bytes(), &shape, &sizes(chunk)).tally == result.tally);
    }

    #[test]
    fn well_formed_json_reads_as_serde_json_reads_it(
        values in prop::collection::vec(object(value()), 0..8),
        style in 0usize..11,
        chunk in 1usize..64,
    ) {
        let values: Vec<Value> = values.into_iter().map(Value::from).collect();
        let lines = |pretty: bool| {
            let text = |v: &Value| if pretty { serde_json::to_string_pretty(v) } else { serde_json::to_string(v) };
            values.iter().map(|v| text(v).unwrap() + "\n").collect::<String>()
        };
        let quoted: Vec<Value> = values.iter().map(|v| v.to_string().into()).collect();
        let rows: Vec<Value> = values.iter().map(|v| json!([v])).collect();
        let text = match style {
            0 => lines(false),
            1 => lines(true),
            2 => serde_json::to_string(&values).unwrap(),
            3 => serde_json::to_string_pretty(&values).unwrap(),
            4 => serde_json::to_string_pretty(&json!({"value": values, "Count": 3})).unwrap(),
            5 => serde_json::to_string(&json!({"took": 1, "hits": {"total": {"value": 3}, "hits": values}})).unwrap(),
            6 => quoted.iter().map(|v| v.to_string() + "\r\n").collect(),
            7 => serde_json::to_string(&quoted).unwrap(),
            8 => serde_json::to_string_pretty(&quoted).unwrap(),
            9 => serde_json::to_string_pretty(&json!({"tables": [{"columns": [{"name": "k"}], "rows": rows}]})).unwrap(),
            _ => values.iter().map(|v| format!("[{v}]")).collect(),
        };
        let result = read_mapped(text.as_bytes(), &sniff(text.as_bytes(), true), &sizes(chunk));
        let read: Vec<Value> = texts(&result).into_iter().map(|t| serde_json::from_str(t).unwrap()).collect();
        let values = if style == 9 { values.into_iter().map(|v| json!({"k": v})).collect() } else { values };
        prop_assert_eq!(read, values);
        prop_assert_eq!(result.tally.rejected, 0);
        for row in &result.rows {
            let written = &text[row.origin.offset as usize..];
            let stands = match style {
                6..=8 => written.starts_with(&Value::from(row.cells[0].as_str()).to_string()),
                9 => written.starts_with('['),
                _ => written.starts_with(&row.cells[0]),
            };
            prop_assert!(stands);
        }
    }
}
