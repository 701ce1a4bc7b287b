//! A column's text and a JSON value's text, as the audit log would write them.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::evidence::{self, Cell, CsvRow, Reason};

/// Text without white space at its ends. Nearly none has any, and to see that takes two bytes.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [only] if only.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// The text of a row's column without white space at its ends.
#[inline]
pub(super) fn column_text<'a>(row: &CsvRow<'a>, column: usize) -> Cow<'a, str> {
    match row.cells.plain(column) {
        Some(plain) => Cow::Borrowed(plain),
        None => text(row.cell(column)),
    }
}

/// The text of a cell without white space at its ends. Few cells need it: it stays out of the way of those that do not.
#[inline(never)]
fn text(cell: Cell<'_>) -> Cow<'_, str> {
    cell.trim_ascii().text()
}

/// What, if anything, is wrong with a row that is still to be kept as far as it goes.
pub(super) fn damage(row: &CsvRow<'_>, columns: usize) -> Option<Reason> {
    if row.damaged {
        Some(Reason::StrayQuote)
    } else if row.cells.len() != columns {
        Some(Reason::CellCount)
    } else {
        None
    }
}

/// The columns of a trace row up to where it can be trusted. A quote that strays stands in the subject, the one free
/// text of a trace: behind it the columns of a damaged row may have shifted.
pub(super) struct Columns<'r, 'a> {
    row: &'r CsvRow<'a>,
    last: usize,
}

impl<'r, 'a> Columns<'r, 'a> {
    pub(super) fn of(row: &'r CsvRow<'a>, columns: usize, subject: Option<usize>) -> Self {
        let shifted = row.damaged || row.cells.len() > columns;
        Columns {
            row,
            last: subject.filter(|_| shifted).unwrap_or(usize::MAX),
        }
    }

    /// Whether the row holds a column, and surely: only then does an empty cell say anything.
    pub(super) fn trusts(&self, at: Option<usize>) -> bool {
        at.is_some_and(|c| c <= self.last && c < self.row.cells.len())
    }

    /// The text of a column; empty where the row does not hold it, or not surely.
    // One place for all columns, into which all of the short way is drawn: fewer instructions than with either left to the compiler.
    #[inline(never)]
    pub(super) fn text(&self, at: Option<usize>) -> Cow<'a, str> {
        match at.filter(|column| *column <= self.last) {
            None => Cow::Borrowed(""),
            Some(column) => column_text(self.row, column),
        }
    }
}

/// Whether a cell holds the name of a list's type, as Export-Csv writes it, in the place of the list. A spreadsheet may have
/// put its text mark before it.
pub(super) fn is_type_name(cell: &str) -> bool {
    let cell = cell.trim_start_matches('\'');
    ["System.", "Microsoft.Exchange.", "Deserialized."]
        .iter()
        .any(|start| cell.starts_with(start))
}

/// The value of a key, in the key's usual spelling or else without regard to case.
pub(super) fn get<'v>(object: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    object
        .get(key)
        .or_else(|| object.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v))
}

/// The text of a key's value; empty where it is missing.
pub(super) fn get_text(object: &Map<String, Value>, key: &str) -> String {
    get(object, key).map(value_text).unwrap_or_default()
}

/// The first of several keys whose value is not empty.
pub(super) fn first_text(object: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter()
        .map(|key| get_text(object, key))
        .find(|text| !text.is_empty())
}

/// A value as the audit log writes it in Parameters: `True` and `False`, nothing for null, lists joined with `;`.
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.clone(),
        Value::Array(items) => items.iter().map(value_text).collect::<Vec<_>>().join(";"),
        Value::Object(object) => match ["value", "Domain", "Address"].iter().find_map(|key| get(object, key)) {
            // What PowerShell makes of a value with properties: the value among them is meant.
            Some(inner) if !inner.is_object() => value_text(inner),
            _ => value.to_string(),
        },
    }
}

/// `true` and `false` in any case and as JSON.
pub(super) fn value_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::String(s) if s.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(s) if s.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Why serde_json refused a text.
pub(super) fn json_reason(error: &serde_json::Error) -> Reason {
    if error.is_eof() {
        Reason::CutOff
    } else if error.to_string().starts_with("recursion limit") {
        Reason::TooDeep
    } else {
        Reason::NotJson
    }
}

/// Reads one JSON object. A key that stands twice keeps its last value.
pub(super) fn object(text: &[u8]) -> Result<Map<String, Value>, Reason> {
    object_and_damage(text).map(|(object, _)| object)
}

/// As [`object`], with what is wrong with an object that could be read all the same.
pub(super) fn object_and_damage(text: &[u8]) -> Result<(Map<String, Value>, Option<Reason>), Reason> {
    match parsed(text) {
        Ok(object) => Ok((object, None)),
        Err(error) => match mended(text).map(|text| parsed(&text)) {
            Some(Ok(object)) => Ok((object, Some(Reason::LoneSurrogate))),
            Some(Err(error)) => Err(json_reason(&error)),
            None => Err(json_reason(&error)),
        },
    }
}

/// Reads JSON that stands in a string of a record; lone surrogates become U+FFFD.
pub(super) fn nested<T: DeserializeOwned>(text: &str) -> Option<T> {
    let strict = parsed(text.as_bytes()).ok();
    strict.or_else(|| parsed(&mended(text.as_bytes())?).ok())
}

fn parsed<T: DeserializeOwned>(text: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(text).or_else(|error| match std::str::from_utf8(text) {
        Ok(_) => Err(error),
        Err(_) => serde_json::from_str(&evidence::text(text)),
    })
}

/// The JSON text with U+FFFD in the place of every surrogate escape that has no partner; `None` where there is none.
///
/// A service that cuts text at a number of UTF-16 units cuts characters beyond U+FFFF in half, and JSON readers
/// refuse the object that holds such a half.
fn mended(text: &[u8]) -> Option<Vec<u8>> {
    const LENGTH: usize = "\\ud83d".len();
    let surrogate = |at: usize, of: Range<u32>| {
        let digits = text.get(at..at + LENGTH)?.strip_prefix(b"\\u")?;
        let digits = std::str::from_utf8(digits).ok().filter(|d| !d.starts_with('+'))?;
        of.contains(&u32::from_str_radix(digits, 16).ok()?).then_some(())
    };
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', text.get(at..)?) {
        at += found;
        let (high, low) = (surrogate(at, 0xD800..0xDC00), surrogate(at, 0xDC00..0xE000));
        if high.is_some() && surrogate(at + LENGTH, 0xDC00..0xE000).is_some() {
            at += 2 * LENGTH;
        } else if high.or(low).is_some() {
            let place = mended.get_or_insert_with(|| text.to_vec()).get_mut(at..at + LENGTH);
            place.into_iter().for_each(|place| place.copy_from_slice(b"\\ufffd"));
            at += LENGTH;
        } else {
            at = text.len().min(at + 2);
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{mended, nested, object, object_and_damage, text, value_text};
    use crate::evidence::{Cell, Reason};

    #[test]
    fn doubled_quotes_are_undoubled_once() {
        let cases = [
            (r#" ""a"" ""#, r#""a" ""#),
            (r#""""""#, r#""""#),
            ("plain", "plain"),
            (r#"a"b"#, r#"a"b"#),
            (r#"ends"""#, r#"ends""#),
        ];
        for (raw, expected) in cases {
            assert_eq!(text(Cell::new(raw.as_bytes(), true)), expected, "{raw}");
        }
        assert_eq!(text(Cell::new(b"caf\xe9 \"\"x", true)), "café \"x");
        assert_eq!(text(Cell::new(br#" a""b "#, false)), r#"a""b"#);
    }

    #[test]
    fn values_read_as_the_audit_log_writes_them() {
        let cases = [
            (json!(null), ""),
            (json!(true), "True"),
            (json!(25), "25"),
            (json!(["a.com", "b.com"]), "a.com;b.com"),
            (json!({"value": "x", "Count": 1}), "x"),
            (json!({"Domain": "fabrikam.com"}), "fabrikam.com"),
            (json!({"Major": 1}), "{\"Major\":1}"),
        ];
        for (value, expected) in cases {
            assert_eq!(value_text(&value), expected);
        }
    }

    #[test]
    fn a_refusal_names_its_reason() {
        assert_eq!(object(br#"{"a":1"#), Err(Reason::CutOff));
        assert_eq!(object(br#"{"a" 1}"#), Err(Reason::NotJson));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
        assert_eq!(object(deep.as_bytes()), Err(Reason::TooDeep));
    }

    #[test]
    fn a_key_that_stands_twice_keeps_its_last_value() {
        let read = object(br#"{"a":1,"a":2}"#);
        assert_eq!(read.map(|o| o.get("a").cloned()), Ok(Some(json!(2))));
    }

    #[test]
    fn bytes_that_are_no_utf_8_do_not_lose_the_object() {
        let read = object(b"{\"a\":\"caf\xe9\"}");
        assert_eq!(read.map(|o| o.get("a").cloned()), Ok(Some(json!("café"))));
    }

    #[test]
    fn half_a_character_is_replaced_and_the_object_kept() {
        for (text, expected) in [
            (r#"{"a":"cut \ud83d"}"#, "cut \u{fffd}"),
            (r#"{"a":"\uDE00 low, \uD83Dx"}"#, "\u{fffd} low, \u{fffd}x"),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, "\u{fffd}😀"),
        ] {
            let (object, damage) = object_and_damage(text.as_bytes()).unwrap();
            assert_eq!(
                (object["a"].as_str(), damage),
                (Some(expected), Some(Reason::LoneSurrogate))
            );
        }
        assert_eq!(
            nested::<Vec<String>>(r#"["\udc00"]"#),
            Some(vec!["\u{fffd}".to_owned()])
        );
        assert_eq!(object(br#"{"a":"\ud83d""#), Err(Reason::CutOff));
    }

    #[test]
    fn whole_pairs_and_backslashes_that_are_escaped_are_left_alone() {
        for text in [
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            r#""\u00e9\n\u+123""#,
            r"\",
            r"\u",
            "",
            r"\ud8",
        ] {
            assert_eq!(mended(text.as_bytes()), None, "{text}");
        }
    }
}
