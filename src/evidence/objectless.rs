//! JSON that holds no objects: no export is such, but it is no riddle either.

use serde::de::IgnoredAny;

/// What JSON at the start of a file is, of which no value is an object; `None` where it is no JSON, or says nothing: empty
/// arrays and `null`. `last`: the text is the whole file.
pub(super) fn objectless(text: &[u8], last: bool) -> Option<&'static str> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut visible = text.iter().filter(|b| !b.is_ascii_whitespace());
    let (first, second) = (visible.next()?, visible.next());
    let array = *first == b'[';
    let what = match (first, second) {
        (b'[', Some(b'"')) => "an array of strings",
        (b'[', Some(b'-' | b'0'..=b'9')) => "an array of numbers",
        (b'[', Some(b't' | b'f')) => "an array of truth values",
        (b'[', Some(b'[')) => "an array of arrays",
        (b'"', _) => "strings",
        (b'-' | b'0'..=b'9', _) => "numbers",
        (b't' | b'f', _) => "truth values",
        _ => return None,
    };
    let broken = serde_json::Deserializer::from_slice(text)
        .into_iter::<IgnoredAny>()
        .find_map(Result::err);
    // An array that breaks off is still told; of a word that does, nobody knows.
    let sound = broken.is_none_or(|error| error.is_eof() && (array || !last));
    sound.then_some(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("[1, 2]", true, Some("an array of numbers"))]
    #[test_case("\u{feff} [\r\n\"a\",\"b\"]", true, Some("an array of strings"))]
    #[test_case("[[1],[2,\"x\"]]", true, Some("an array of arrays"))]
    #[test_case("[true]", true, Some("an array of truth values"))]
    #[test_case("17", true, Some("numbers"))]
    #[test_case("17\n-4.5e3\n", true, Some("numbers"); "several")]
    #[test_case("\"a\"\n\"b\"\n", true, Some("strings"))]
    #[test_case("\"a\"\n\"b", false, Some("strings"); "a beginning")]
    #[test_case("\"a\"\n\"b", true, None; "a string that never closes")]
    #[test_case("[1, 2", true, Some("an array of numbers"); "an array that breaks off")]
    #[test_case("[]", true, None)]
    #[test_case("[null]", true, None)]
    #[test_case("", true, None)]
    #[test_case("2026-03-01 to 2026-03-31", true, None; "a date")]
    #[test_case("17 rows", true, None)]
    #[test_case("[settings]\nname=1\n", true, None)]
    #[test_case("true story", true, None)]
    fn json_without_objects_is_named(text: &str, last: bool, what: Option<&str>) {
        assert_eq!(objectless(text.as_bytes(), last), what);
    }
}
