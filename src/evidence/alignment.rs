//! Whether UTF-16 is read from the right byte on.
//!
//! One byte too many or too few, and every character behind it is made of halves of two: a table becomes one endless row
//! of rare ideographs. In exports most characters are ASCII, so that shows: the zeros stand on the wrong side. Where text of
//! one byte a character was put behind UTF-16, there are none at all.

use super::encoding::Encoding;

/// Bytes judged together, counted from the start of the file.
pub(super) const GROUP: usize = 128;
/// Different characters that text of one byte a character has in every second place of a group, at least. A script has one or two
/// upper bytes for all of its letters, and those of Hindi, Malayalam or a drawn line are ASCII too.
const KINDS: u32 = 6;

/// Why bytes are no text in UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// One too many or too few stands before them.
    Byte,
    /// They are text of one byte a character.
    Encoding,
}

/// Stretches of a file that are not read as the text that they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shifted {
    /// Of the first of them.
    pub cause: Cause,
    /// Bytes of the file before the first of them, to within 128.
    pub offset: u64,
    /// Bytes of all of them together.
    pub bytes: u64,
}

/// Looks for shifted stretches in the bytes of one file, which come in order.
#[derive(Debug)]
pub(super) struct Alignment {
    /// Place of the byte in a pair that is zero in ASCII.
    zero: usize,
    /// Bytes at the end of what came that make no whole group.
    rest: Vec<u8>,
    /// Bytes of whole groups that came.
    judged: u64,
    found: Option<Shifted>,
}

impl Alignment {
    /// `None` where characters are not made of pairs.
    pub(super) fn of(encoding: Encoding) -> Option<Self> {
        let zero = match encoding {
            Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Utf32Le | Encoding::Utf32Be | Encoding::Windows1252 => {
                return None;
            }
            Encoding::Utf16Le | Encoding::Utf16LeBom => 1,
            Encoding::Utf16Be | Encoding::Utf16BeBom => 0,
        };
        Some(Alignment {
            zero,
            rest: Vec::new(),
            judged: 0,
            found: None,
        })
    }

    pub(super) fn take(&mut self, raw: &[u8]) {
        let missing = (GROUP - self.rest.len()).min(raw.len());
        let (first, raw) = raw.split_at(missing);
        self.rest.extend_from_slice(first);
        if self.rest.len() < GROUP {
            return;
        }
        let rest = std::mem::take(&mut self.rest);
        self.judge(&rest);
        let groups = raw.chunks_exact(GROUP);
        self.rest.extend_from_slice(groups.remainder());
        groups.for_each(|group| self.judge(group));
    }

    fn judge(&mut self, group: &[u8]) {
        if let Some(cause) = self.cause(group) {
            let found = self.found.get_or_insert(Shifted {
                cause,
                offset: self.judged,
                bytes: 0,
            });
            found.bytes += group.len() as u64;
        }
        self.judged += group.len() as u64;
    }

    /// Three quarters of the pairs are ASCII with its zero on the wrong side, or two characters of it, many of them different:
    /// no language has such text.
    fn cause(&self, group: &[u8]) -> Option<Cause> {
        if !self.may_be(group) {
            return None;
        }
        let is_ascii = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
        let (pairs, _) = group.as_chunks::<2>();
        let (mut swapped, mut double, mut kinds) = (0, 0, 0_u128);
        for [first, last] in pairs {
            let (high, low) = if self.zero == 1 {
                (*last, *first)
            } else {
                (*first, *last)
            };
            swapped += usize::from(low == 0 && is_ascii(high));
            if is_ascii(low) && is_ascii(high) {
                double += 1;
                kinds |= 1 << high;
            }
        }
        let most = |count: usize| count * 4 >= pairs.len() * 3;
        if most(swapped) {
            Some(Cause::Byte)
        } else {
            (most(double) && kinds.count_ones() >= KINDS).then_some(Cause::Encoding)
        }
    }

    /// Whether the zeros of ASCII are missing from so many places that [`Alignment::cause`] may find one. Nearly every group
    /// is told by this, four pairs at a time.
    fn may_be(&self, group: &[u8]) -> bool {
        let (a, b) = if self.zero == 1 { (0, 0xff) } else { (0xff, 0) };
        let highs = u64::from_ne_bytes([a, b, a, b, a, b, a, b]);
        let (words, _) = group.as_chunks::<8>();
        // Not if more than a quarter of the words have them: in nearly every group the first quarter tells.
        let mut with = words.iter().filter(|word| u64::from_ne_bytes(**word) & highs == 0);
        with.nth(words.len() / 4).is_none()
    }

    /// What was found once all bytes came.
    pub(super) fn finish(self) -> Option<Shifted> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    fn found(raw: &[u8], encoding: Encoding, pieces: usize) -> Option<Shifted> {
        let mut alignment = Alignment::of(encoding).unwrap();
        raw.chunks(pieces).for_each(|piece| alignment.take(piece));
        alignment.finish()
    }

    fn rows(bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let text = "2026-03-02T07:00:00Z,Zulauf Büro 東京,\"a\"\r\n".repeat(100);
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test_case(u16::to_le_bytes, Encoding::Utf16Le)]
    #[test_case(u16::to_be_bytes, Encoding::Utf16BeBom)]
    fn one_byte_too_many_shifts_all_behind_it(bytes: fn(u16) -> [u8; 2], encoding: Encoding) {
        let mut raw = rows(bytes);
        assert_eq!(found(&raw, encoding, 1000), None);
        raw.insert(1001, b'x');
        let length = raw.len() as u64;
        let shifted = found(&raw, encoding, 1000).unwrap();
        // 1001 lies in the group from 896 to 1024; the last group is not whole.
        assert_eq!(
            shifted,
            Shifted {
                cause: Cause::Byte,
                offset: 1024,
                bytes: length / 128 * 128 - 1024
            }
        );
        // A second one puts the rest right again.
        raw.insert(2002, b'x');
        assert_eq!(
            found(&raw, encoding, 7).unwrap(),
            Shifted {
                cause: Cause::Byte,
                offset: 1024,
                bytes: 896
            }
        );
    }

    #[test_case(u16::to_le_bytes, Encoding::Utf16Le)]
    #[test_case(u16::to_be_bytes, Encoding::Utf16BeBom)]
    fn text_of_one_byte_a_character_behind_utf_16_is_told(bytes: fn(u16) -> [u8; 2], encoding: Encoding) {
        let mut raw = rows(bytes);
        let before = raw.len() as u64;
        raw.extend("2026-03-02T07:00:00Z,Zulauf Büro,\"a\"\r\n".repeat(100).bytes());
        let shifted = found(&raw, encoding, 1000).unwrap();
        assert_eq!(shifted.cause, Cause::Encoding);
        assert!(shifted.offset.abs_diff(before) <= 128 && shifted.offset + shifted.bytes <= raw.len() as u64);
        assert!(shifted.bytes + 256 >= raw.len() as u64 - before);
    }

    #[test_case("═"; "a line that is drawn")]
    #[test_case("…"; "dots")]
    #[test_case("•"; "bullets")]
    #[test_case("ാെേൈൊോ൦൧൨ൠ"; "Malayalam")]
    #[test_case("ਠਡਢਣਤਥਦਧਨਪਫਬਭਮਯਰ"; "Punjabi")]
    fn characters_of_two_bytes_of_ascii_are_not_taken_for_two(text: &str) {
        let raw: Vec<u8> = text.repeat(200).encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(found(&raw, Encoding::Utf16Le, 1000), None);
        let raw: Vec<u8> = text.repeat(200).encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(found(&raw, Encoding::Utf16Be, 1000), None);
    }

    proptest! {
        #[test]
        fn text_of_other_scripts_is_not_taken_for_shifted(text in "[一-龥ぁ-んа-яA-Z0-9, ]{64,400}", pieces in 1usize..300) {
            let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            prop_assert_eq!(found(&raw, Encoding::Utf16Le, pieces), None);
        }
    }
}
