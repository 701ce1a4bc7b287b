//! Which characters the bytes of a file stand for, settled from its first bytes.
//!
//! Readers work on UTF-8. A file in UTF-16 is decoded window by window, and [`Ruler`] leads from a place in the decoded
//! text back to the byte of the file.

use super::text;
use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};

/// The encoding of one file. ASCII counts as UTF-8.
///
/// Windows-1252 is read as it stands, cell by cell ([`super::text`]): a file may turn out to be in it after any number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    Utf8,
    Utf8Bom,
    Utf16Le,
    Utf16LeBom,
    Utf16Be,
    Utf16BeBom,
    /// Told by its byte order mark and not read.
    Utf32Le,
    Utf32Be,
    Windows1252,
}

/// How many of the first bytes tell UTF-16 without a byte order mark.
const LOOKED_AT: usize = 512;

impl Encoding {
    /// Settles the encoding from the first bytes of a file.
    ///
    /// Without a byte order mark, UTF-16 shows in the zero bytes of its ASCII characters, which stand at odd places
    /// (little-endian) or at even ones: three quarters of one and less than a tenth of the other are asked for.
    pub fn detect(head: &[u8]) -> Encoding {
        if head.starts_with(b"\xEF\xBB\xBF") {
            return Encoding::Utf8Bom;
        }
        if head.starts_with(b"\xFF\xFE\0\0") {
            return Encoding::Utf32Le;
        }
        if head.starts_with(b"\0\0\xFE\xFF") {
            return Encoding::Utf32Be;
        }
        if head.starts_with(b"\xFF\xFE") {
            return Encoding::Utf16LeBom;
        }
        if head.starts_with(b"\xFE\xFF") {
            return Encoding::Utf16BeBom;
        }
        let pairs = head.get(..LOOKED_AT).unwrap_or(head).chunks_exact(2);
        let total = pairs.len();
        let (first, second) = pairs.fold((0, 0), |(first, second), pair| {
            (
                first + usize::from(pair.first() == Some(&0)),
                second + usize::from(pair.last() == Some(&0)),
            )
        });
        let most = |zeros: usize| total > 0 && zeros * 4 >= total * 3;
        let few = |zeros: usize| zeros * 10 < total;
        if most(second) && few(first) {
            Encoding::Utf16Le
        } else if most(first) && few(second) {
            Encoding::Utf16Be
        } else if text::is_code_page(head) {
            Encoding::Windows1252
        } else {
            Encoding::Utf8
        }
    }

    /// The name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf8Bom => "utf-8-bom",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16LeBom => "utf-16le-bom",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Utf16BeBom => "utf-16be-bom",
            Encoding::Utf32Le => "utf-32le",
            Encoding::Utf32Be => "utf-32be",
            Encoding::Windows1252 => "windows-1252",
        }
    }

    /// Bytes of the byte order mark that a file in it begins with.
    pub fn mark(self) -> u64 {
        match self {
            Encoding::Utf8Bom => 3,
            Encoding::Utf16LeBom | Encoding::Utf16BeBom => 2,
            Encoding::Utf32Le | Encoding::Utf32Be => 4,
            Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be | Encoding::Windows1252 => 0,
        }
    }

    /// Whether readers see decoded text and not the bytes as they stand.
    pub(super) fn is_decoded(self) -> bool {
        self.decoder().is_some()
    }

    /// A decoder to UTF-8, or none where the bytes are read as they stand. A byte order mark is decoded like any
    /// character, so that places can be counted from the start of the file; readers pass over it.
    pub(super) fn decoder(self) -> Option<ToUtf8> {
        let (encoding, big_endian) = match self {
            Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Utf32Le | Encoding::Utf32Be | Encoding::Windows1252 => {
                return None;
            }
            Encoding::Utf16Le | Encoding::Utf16LeBom => (UTF_16LE, false),
            Encoding::Utf16Be | Encoding::Utf16BeBom => (UTF_16BE, true),
        };
        Some(ToUtf8::new(encoding.new_decoder_without_bom_handling(), big_endian))
    }
}

/// Decodes successive stretches of UTF-16. An unpaired surrogate becomes U+FFFD.
///
/// Exports are ASCII nearly throughout, and that is taken over sixty-four bytes at a time; all else is the decoder's.
pub(super) struct ToUtf8 {
    decoder: Decoder,
    /// The upper byte of a unit comes first.
    big_endian: bool,
    /// The decoder was given an odd number of bytes: it holds the first of a unit.
    odd: bool,
    /// It has nothing left over: neither the first byte of a unit nor the first unit of a pair.
    settled: bool,
}

/// Bytes of ASCII that are taken over at once.
const AT_ONCE: usize = 64;
/// Bytes that the decoder is given at once, at most, before it is looked again whether what follows is ASCII.
const GIVEN: usize = 4096;

impl ToUtf8 {
    fn new(decoder: Decoder, big_endian: bool) -> Self {
        ToUtf8 {
            decoder,
            big_endian,
            odd: false,
            settled: true,
        }
    }

    /// Appends the text of `raw` to `text`; `last`: nothing follows.
    pub(super) fn decode(&mut self, mut raw: &[u8], last: bool, text: &mut Vec<u8>) {
        let mut given = AT_ONCE;
        loop {
            if self.settled {
                let taken = if self.big_endian {
                    take_over(raw, text, u16::from_be_bytes)
                } else {
                    take_over(raw, text, u16::from_le_bytes)
                };
                raw = raw.get(taken..).unwrap_or_default();
                given = if taken > 0 { AT_ONCE } else { GIVEN.min(2 * given) };
            }
            let (some, rest) = raw.split_at(raw.len().min(given + usize::from(self.odd)));
            self.give(some, last && rest.is_empty(), text);
            if rest.is_empty() {
                return;
            }
            raw = rest;
        }
    }

    /// Has the decoder append the text of `raw`.
    fn give(&mut self, mut raw: &[u8], last: bool, text: &mut Vec<u8>) {
        if !raw.is_empty() {
            self.odd ^= raw.len() % 2 == 1;
            let is_lead = |unit: &[u8; 2]| {
                let high = if self.big_endian { unit.first() } else { unit.last() };
                high.is_some_and(|high| (0xD8..0xDC).contains(high))
            };
            self.settled = !self.odd && raw.last_chunk::<2>().is_some_and(|unit| !is_lead(unit));
        }
        loop {
            // A unit of two bytes makes one of ASCII and at most three; where the room does not do, there is another turn. A few
            // bytes more let every turn go forward.
            let room = text.len() + raw.len() / 2 + 64;
            let filled = text.len();
            text.resize(room, 0);
            let target = text.get_mut(filled..).unwrap_or_default();
            let (result, read, written, _) = self.decoder.decode_to_utf8(raw, target, last);
            text.truncate(filled + written);
            raw = raw.get(read..).unwrap_or_default();
            if matches!(result, CoderResult::InputEmpty) {
                return;
            }
        }
    }
}

/// Appends what `raw` begins with, as far as whole blocks of it are ASCII; gives how many bytes that are.
#[inline(always)]
fn take_over(raw: &[u8], text: &mut Vec<u8>, unit: impl Fn([u8; 2]) -> u16) -> usize {
    let (blocks, _) = raw.as_chunks::<AT_ONCE>();
    let mut taken = 0;
    for block in blocks {
        let (units, _) = block.as_chunks::<2>();
        if units.iter().fold(0, |all, pair| all | unit(*pair)) > 0x7f {
            break;
        }
        let mut ascii = [0; AT_ONCE / 2];
        for (byte, pair) in ascii.iter_mut().zip(units) {
            *byte = unit(*pair) as u8;
        }
        text.extend_from_slice(&ascii);
        taken += AT_ONCE;
    }
    taken
}

/// Where in the file a place of the decoded text lies.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ruler {
    /// The text is the file's own bytes, from this offset on.
    Bytes { base: u64 },
    /// The text was UTF-16: `offset` is the byte of the file behind `at` in the text.
    Units { at: usize, offset: u64 },
}

impl Ruler {
    /// At this offset of a file.
    pub(super) fn new(encoding: Encoding, offset: u64) -> Ruler {
        if encoding.is_decoded() {
            Ruler::Units { at: 0, offset }
        } else {
            Ruler::Bytes { base: offset }
        }
    }

    /// The offset in the file of place `to` in `text`. Cheap when asked in ascending order: counting goes on from
    /// the last place asked for. A place before it is measured backwards.
    pub(super) fn offset(&mut self, text: &[u8], to: usize) -> u64 {
        match self {
            Ruler::Bytes { base } => *base + to as u64,
            Ruler::Units { at, offset } => {
                if to >= *at {
                    *offset += 2 * units(text.get(*at..to).unwrap_or_default());
                } else {
                    *offset -= 2 * units(text.get(to..*at).unwrap_or_default());
                }
                *at = to;
                *offset
            }
        }
    }

    /// The same ruler for a text of which the first `dropped` bytes were taken away.
    pub(super) fn rebased(mut self, text: &[u8], dropped: usize) -> Ruler {
        let offset = self.offset(text, dropped);
        match self {
            Ruler::Bytes { .. } => Ruler::Bytes { base: offset },
            Ruler::Units { .. } => Ruler::Units { at: 0, offset },
        }
    }
}

/// UTF-16 units of a stretch of UTF-8 that begins and ends between characters: one a character, two beyond U+FFFF.
fn units(text: &[u8]) -> u64 {
    // In blocks whose sum fits one byte, so that the compiler adds many bytes at a time.
    text.chunks(127)
        .map(|block| {
            let sum = block
                .iter()
                .fold(0u8, |sum, b| sum + u8::from((*b as i8) >= -0x40) + u8::from(*b >= 0xF0));
            u64::from(sum)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case(b"", "utf-8")]
    #[test_case(b"\"A\",\"B\"\r\n", "utf-8")]
    #[test_case(b"\xEF\xBB\xBFA,B", "utf-8-bom")]
    #[test_case(b"\xFF\xFEA\0,\0", "utf-16le-bom")]
    #[test_case(b"\xFE\xFF\0A\0,", "utf-16be-bom")]
    #[test_case(b"\xFF\xFE\0\0A\0\0\0,\0\0\0", "utf-32le")]
    #[test_case(b"\0\0\xFE\xFF\0\0\0A\0\0\0,", "utf-32be")]
    #[test_case(b"A\0,\0B\0\r\0\n\0", "utf-16le")]
    #[test_case(b"\0A\0,\0B\0\r\0\n", "utf-16be")]
    #[test_case(b"\0\0\0\0\0\0\0\0", "utf-8"; "zeros alone are no text")]
    #[test_case(b"Na\xEFve,B\r\n", "windows-1252")]
    #[test_case(b"A,B\r\n\xC3\xBC,\xC3", "utf-8"; "a character that the beginning cuts in half is no code page")]
    fn the_first_bytes_settle_the_encoding(head: &[u8], name: &str) {
        assert_eq!(Encoding::detect(head).name(), name);
    }

    const UNITS: &[&[u16]] = &[
        &[],
        &[0xE4],
        &[0x6771, 0x4EAC],
        &[0xD83D, 0xDE00],
        &[0xD83D],
        &[0xDE00],
        &[0x7F],
        &[0x80],
    ];

    #[test]
    fn an_unpaired_surrogate_becomes_one_replacement_character() {
        let mut text = Vec::new();
        let mut decoder = Encoding::Utf16Le.decoder().unwrap();
        decoder.decode(b"a\0\x00\xD8b\0\x00\xDCc\0", true, &mut text);
        assert_eq!(String::from_utf8(text).unwrap(), "a\u{fffd}b\u{fffd}c");
    }

    proptest! {
        /// Long runs of ASCII with little between them, pairs and halves of pairs, and a byte too few at the end.
        #[test]
        fn whatever_the_pieces_the_text_is_that_of_the_decoder_alone(
            runs in prop::collection::vec((prop_oneof![Just(0usize), 0..300usize], prop::sample::select(UNITS)), 0..12),
            pieces in prop::collection::vec(1usize..400, 1..6),
            big: bool,
            odd: bool,
        ) {
            let units = runs.iter().flat_map(|(ascii, units)| "abc,\"\r\n 12".encode_utf16().cycle().take(*ascii).chain(units.iter().copied()));
            let mut raw: Vec<u8> = units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
            if odd {
                raw.pop();
            }
            let (encoding, reference) = if big { (Encoding::Utf16Be, UTF_16BE) } else { (Encoding::Utf16Le, UTF_16LE) };
            let mut decoder = encoding.decoder().unwrap();
            let (mut text, mut rest) = (Vec::new(), raw.as_slice());
            for piece in pieces.into_iter().cycle() {
                let (some, behind) = rest.split_at(piece.min(rest.len()));
                decoder.decode(some, behind.is_empty(), &mut text);
                rest = behind;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(String::from_utf8(text).unwrap(), reference.decode_without_bom_handling(&raw).0);
        }

        #[test]
        fn every_place_of_a_decoded_text_leads_back_to_its_bytes(text in "[a-cä€😀\r\n]{0,400}", cut in 0usize..900) {
            let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let mut decoded = Vec::new();
            let mut decoder = Encoding::Utf16Le.decoder().unwrap();
            let (one, two) = raw.split_at(cut.min(raw.len()));
            decoder.decode(one, false, &mut decoded);
            decoder.decode(two, true, &mut decoded);
            prop_assert_eq!(&decoded, text.as_bytes());
            let mut ruler = Ruler::Units { at: 0, offset: 0 };
            let mut expected = 0u64;
            for (place, c) in text.char_indices() {
                prop_assert_eq!(ruler.offset(&decoded, place), expected);
                expected += 2 * c.len_utf16() as u64;
            }
            prop_assert_eq!(ruler.offset(&decoded, 0), 0);
        }
    }
}
