//! The characters of bytes that are read as they stand.
//!
//! They are UTF-8, but for files that Excel or Windows PowerShell saved in the code page of Western Windows. There a letter
//! with an accent is one byte, which no UTF-8 has in such a place: what cannot be UTF-8 is read as Windows-1252.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::WINDOWS_1252;

/// The text of a cell or an object.
///
/// Where some characters are UTF-8 and others cannot be, the bytes were damaged: as long as the good ones are as many, the
/// bad ones become U+FFFD.
pub fn text(raw: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if is_code_page(raw) => WINDOWS_1252.decode_without_bom_handling(raw).0,
        Err(_) => String::from_utf8_lossy(raw),
    }
}

/// Whether more characters cannot be UTF-8 than are UTF-8 beyond ASCII.
pub(super) fn is_code_page(raw: &[u8]) -> bool {
    impossible(raw) > beyond_ascii(raw)
}

/// How many stretches of the bytes cannot be UTF-8.
fn impossible(raw: &[u8]) -> usize {
    raw.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count()
}

/// Whether bytes in this range of a text cannot be UTF-8. A character that stands over its start or end is looked at where it
/// begins, so that it does not matter where a text is cut.
pub(super) fn is_impossible(text: &[u8], range: Range<usize>) -> bool {
    let (start, end) = (behind_character(text, range.start), behind_character(text, range.end));
    std::str::from_utf8(text.get(start..end).unwrap_or_default()).is_err()
}

/// `at`, or the place behind the character that stands over it.
fn behind_character(text: &[u8], at: usize) -> usize {
    let begins = (at.saturating_sub(3)..at)
        .rev()
        .find(|place| text.get(*place).is_some_and(|b| (b & 0xC0) != 0x80));
    let Some(begins) = begins else { return at };
    let ends = (at + 1..=begins + 4).find(|end| {
        let character = text.get(begins..*end).and_then(|c| std::str::from_utf8(c).ok());
        character.is_some_and(|c| c.chars().count() == 1)
    });
    ends.unwrap_or(at)
}

/// How many characters are UTF-8 and not ASCII.
fn beyond_ascii(raw: &[u8]) -> usize {
    let valid = raw.utf8_chunks().flat_map(|chunk| chunk.valid().bytes());
    valid.filter(|byte| *byte >= 0xC0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    proptest! {
        #[test]
        fn it_does_not_matter_where_a_text_is_cut(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..20), cut in 0usize..60) {
            let raw = pieces.concat();
            let cut = cut.min(raw.len());
            let parts = is_impossible(&raw, 0..cut) || is_impossible(&raw, cut..raw.len());
            prop_assert_eq!(parts, std::str::from_utf8(&raw).is_err());
        }
    }

    const PIECES: &[&[u8]] = &[
        b"a",
        b"\xC3\xBC",
        b"\xE2\x82\xAC",
        b"\xF0\x9F\x98\x80",
        b"\xFC",
        b"\x80",
        b"\xE2\x82",
    ];

    #[test_case(b"plain", "plain")]
    #[test_case("Büro €".as_bytes(), "Büro €")]
    #[test_case(b"B\xFCro \x80 \x93x\x94", "Büro € “x”"; "Windows-1252")]
    #[test_case(b"\xC3\xBC\xC3\xA4 \xC3", "üä \u{fffd}"; "UTF-8 that breaks off")]
    fn bytes_that_cannot_be_utf_8_are_windows_1252_unless_others_are_utf_8(raw: &[u8], expected: &str) {
        assert_eq!(text(raw), expected);
    }
}
