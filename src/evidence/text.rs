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
#[inline]
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
/// begins, so that it does not matter where a text is cut. `last`: the file ends where the text ends.
pub(super) fn is_impossible(text: &[u8], range: Range<usize>, last: bool) -> bool {
    let start = match over(text, range.start) {
        Over::Nothing => range.start,
        Over::Character { ends } => ends,
        // Whoever read up to here may have seen only its beginning.
        Over::Broken | Over::Cut { .. } => return true,
    };
    let end = match over(text, range.end) {
        Over::Nothing => range.end,
        Over::Character { ends } => ends,
        Over::Broken => return true,
        Over::Cut { .. } if last => return true,
        // Whoever reads on sees it whole.
        Over::Cut { begins } => begins,
    };
    text.get(start..end)
        .is_some_and(|part| std::str::from_utf8(part).is_err())
}

/// The place where the character begins that stands over a place or breaks off at it; else that place.
pub(super) fn start_of_character(text: &[u8], at: usize) -> usize {
    before(text, at).map_or(at, |(begins, _)| begins)
}

/// The place before another where a character begins that should reach behind it, and its length.
fn before(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut before = (at.saturating_sub(3)..at).rev();
    let begins = before.find(|place| text.get(*place).is_some_and(|b| (b & 0xC0) != 0x80))?;
    let length = match text.get(begins)? {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    (begins + length > at).then_some((begins, length))
}

/// What begins before a place and reaches behind it.
enum Over {
    Nothing,
    Character {
        ends: usize,
    },
    /// Bytes that begin as a character does and are none.
    Broken,
    /// The text ends within it.
    Cut {
        begins: usize,
    },
}

fn over(text: &[u8], at: usize) -> Over {
    let Some((begins, length)) = before(text, at) else {
        return Over::Nothing;
    };
    let ends = begins + length;
    let bytes = text.get(begins..ends.min(text.len())).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Ok(_) => Over::Character { ends },
        Err(error) if error.error_len().is_none() => Over::Cut { begins },
        Err(_) => Over::Broken,
    }
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
            let parts = is_impossible(&raw, 0..cut, true) || is_impossible(&raw, cut..raw.len(), true);
            prop_assert_eq!(parts, std::str::from_utf8(&raw).is_err());
            // A window ends some bytes behind the cut, and the next begins where the character over the cut does.
            for behind in 0..3 {
                let window = raw.get(..cut + behind).unwrap_or(&raw);
                let begins = start_of_character(window, cut);
                let next = raw.get(begins..).unwrap_or_default();
                let windows = is_impossible(window, 0..cut, window.len() == raw.len())
                    || is_impossible(next, cut - begins..next.len(), true);
                prop_assert_eq!(windows, std::str::from_utf8(&raw).is_err());
            }
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
