//! Records that are strings: the text of an object, escaped, as `Select-Object -ExpandProperty AuditData | ConvertTo-Json`
//! writes it.

use memchr::memchr;

use super::string_end;

/// Blanks that may stand between the quote and the object.
const BLANKS: usize = 16;

/// What a string at record depth is.
pub(super) enum Quoted<'t> {
    /// The text of an object, still escaped. The next record is looked for from `next` on.
    Object { inside: &'t [u8], next: usize },
    /// It begins as such, but a line end stands before its quote.
    Broken { next: usize },
    /// It begins as such and does not close.
    Open,
    /// Another string, or a key.
    No,
    /// The text ends before it can be told.
    Unfinished,
}

/// The string whose quote stands at `at`, if it closes before `end`. `last`: the text ends where the file ends.
pub(super) fn quoted(text: &[u8], at: usize, end: usize, last: bool) -> Quoted<'_> {
    match begins(text, at, last) {
        Some(true) => {}
        Some(false) => return Quoted::No,
        None => return Quoted::Unfinished,
    }
    let view = text.get(..end).unwrap_or_default();
    let close = match string_end(view, at + 1) {
        Some(Ok(close)) => close,
        Some(Err(next)) => return Quoted::Broken { next },
        None if end == text.len() && !last => return Quoted::Unfinished,
        None => return Quoted::Open,
    };
    let inside = text.get(at + 1..close).unwrap_or_default();
    Quoted::Object {
        inside,
        next: close + 1,
    }
}

/// Whether an object begins in the string whose quote stands at `at`: its first key is escaped, or it is empty. `None`: the
/// text ends before that.
pub(in crate::evidence) fn begins(text: &[u8], at: usize, last: bool) -> Option<bool> {
    let rest = text.get(at + 1..).unwrap_or_default();
    let blanks = rest.iter().take(BLANKS).take_while(|b| **b == b' ').count();
    let mut rest = rest.iter().skip(blanks);
    match (rest.next(), rest.next()) {
        (Some(b'{'), Some(b'\\' | b'}' | b' ')) => Some(true),
        (Some(b'{') | None, None) if !last => None,
        _ => Some(false),
    }
}

/// Writes the text that an escaped one stands for. False where an escape is none.
///
/// Half of a surrogate pair stays as it is written: the object inside has it then as an escape, and tells of it.
pub(super) fn unescape(escaped: &[u8], text: &mut Vec<u8>) -> bool {
    text.clear();
    let mut rest = escaped;
    while let Some(at) = memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        text.extend_from_slice(before);
        let plain = match escape.get(1) {
            Some(b'u') => {
                let Some(length) = character(escape, text) else {
                    return false;
                };
                rest = escape.get(length..).unwrap_or_default();
                continue;
            }
            Some(b @ (b'"' | b'\\' | b'/')) => *b,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            _ => return false,
        };
        text.push(plain);
        rest = escape.get(2..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    true
}

/// Bytes of `\uXXXX`.
const UNIT: usize = 6;

/// Writes the character that begins with `\u`; how long its escape is.
fn character(escape: &[u8], text: &mut Vec<u8>) -> Option<usize> {
    let first = unit(escape)?;
    let units = [first, escape.get(UNIT..).and_then(unit).unwrap_or_default()];
    let Some(Ok(character)) = char::decode_utf16(units).next() else {
        text.extend_from_slice(escape.get(..UNIT)?);
        return Some(UNIT);
    };
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Some(UNIT * character.len_utf16())
}

fn unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.get(..UNIT)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    proptest! {
        #[test]
        fn what_serde_json_escapes_is_unescaped_again(text in ".{0,40}", wide in any::<bool>()) {
            let mut escaped = serde_json::to_string(&text).unwrap();
            if wide {
                escaped = escaped.chars().map(|c| match c {
                    c if c.is_ascii() => c.to_string(),
                    c => c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("\\u{u:04X}")).collect(),
                }).collect();
            }
            let mut read = b"before".to_vec();
            prop_assert!(unescape(&escaped.as_bytes()[1..escaped.len() - 1], &mut read));
            prop_assert_eq!(read, text.as_bytes());
        }
    }

    #[test_case(r"\x"; "no escape")]
    #[test_case("\\"; "cut off")]
    #[test_case(r"\u12"; "digits cut off")]
    #[test_case(r"\u+123"; "a sign")]
    fn what_is_no_escape_is_told(escaped: &str) {
        assert!(!unescape(escaped.as_bytes(), &mut Vec::new()));
    }

    #[test]
    fn half_a_pair_stays_an_escape() {
        let mut text = Vec::new();
        assert!(unescape(br"\ud83d \ud83d\ude00 \ude00", &mut text));
        assert_eq!(text, "\\ud83d 😀 \\ude00".as_bytes());
    }
}
