//! Where the bytes that structure delimited text stand, found sixty-four at a time.
//!
//! A wide trace has a delimiter every few bytes, and a cell of AuditData a doubled quote. One comparison of a whole
//! block costs less there than a search for each of them.

use wide::u8x16;

/// Bytes that are compared at once: one bit each of a word.
pub(super) const BLOCK: usize = 64;

/// The place of quotes and of separators in one block of a text, which moves on with whoever asks.
pub(super) struct Marks<'t> {
    text: &'t [u8],
    delimiter: u8,
    /// Where the block begins.
    base: usize,
    /// A bit for each quote in the block.
    quotes: u64,
    /// A bit for each delimiter, line feed and carriage return.
    separators: u64,
}

/// A quote that closes a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Close {
    pub at: usize,
    /// Doubled quotes stand before it.
    pub doubled: bool,
}

impl<'t> Marks<'t> {
    pub(super) fn new(text: &'t [u8], delimiter: u8, at: usize) -> Self {
        let mut marks = Marks {
            text,
            delimiter,
            base: at,
            quotes: 0,
            separators: 0,
        };
        marks.load(at);
        marks
    }

    #[inline]
    fn load(&mut self, base: usize) {
        self.base = base;
        let rest = self.text.get(base..).unwrap_or_default();
        (self.quotes, self.separators) = marked(rest, self.delimiter);
    }

    /// Makes `at` a place in the block; gives the bits of quotes and of separators at and behind it.
    #[inline]
    fn from(&mut self, at: usize) -> (u64, u64) {
        if at.wrapping_sub(self.base) >= BLOCK {
            self.load(at);
        }
        let within = u64::MAX << (at - self.base);
        (self.quotes & within, self.separators & within)
    }

    /// The first delimiter or byte of a line end at or behind `at`.
    #[inline]
    pub(super) fn separator(&mut self, mut at: usize) -> Option<usize> {
        loop {
            let (_, hits) = self.from(at);
            if hits != 0 {
                return Some(self.base + hits.trailing_zeros() as usize);
            }
            at = self.base + BLOCK;
            if at >= self.text.len() {
                return None;
            }
        }
    }

    /// The quote that closes a cell whose text begins at `at`: the first that is not one of a pair.
    #[inline]
    pub(super) fn close(&mut self, mut at: usize) -> Option<Close> {
        let mut doubled = false;
        loop {
            let (quotes, _) = self.from(at);
            let (odd, open) = odd_runs(quotes);
            // A run that reaches the end of the block may go on behind it.
            if odd != 0 {
                let last = odd.trailing_zeros();
                let before = quotes & ((1 << last) - 1);
                let at = self.base + last as usize;
                return Some(Close {
                    at,
                    doubled: doubled || before != 0,
                });
            }
            doubled |= quotes.count_ones() > open;
            if open as usize == BLOCK {
                // Sixty-four quotes are pairs, whatever follows.
                doubled = true;
                at = self.base + BLOCK;
            } else {
                at = self.base + BLOCK - open as usize;
            }
            // What runs on is looked at again, from where the run begins.
            self.load(at);
            if at >= self.text.len() {
                return None;
            }
        }
    }
}

/// The last bit of the first run of ones whose number is odd (alone in its word, or 0), and how many ones stand in the run
/// that reaches the word's end, which is not looked at.
#[inline]
fn odd_runs(ones: u64) -> (u64, u32) {
    let open = ones.leading_ones();
    let closed = if open == 64 { 0 } else { ones & (u64::MAX >> open) };
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let starts = closed & !(closed << 1);
    // Adding a run's first bit carries to the place behind its last one.
    let behind = |starts: u64| closed.wrapping_add(starts) & !closed;
    let odd = behind(starts & EVEN) & !EVEN | behind(starts & !EVEN) & EVEN;
    let first = odd & odd.wrapping_neg();
    (first >> 1, open)
}

/// Of the first block of a text a bit for each quote, and one for each delimiter, line feed and carriage return; none beyond
/// the end of the text.
#[inline]
pub(super) fn marked(text: &[u8], delimiter: u8) -> (u64, u64) {
    if let Some(block) = text.first_chunk::<BLOCK>() {
        return compare(block, delimiter);
    }
    let mut block = [0; BLOCK];
    for (place, byte) in block.iter_mut().zip(text) {
        *place = *byte;
    }
    let within = (1 << text.len()) - 1;
    let (quotes, separators) = compare(&block, delimiter);
    (quotes & within, separators & within)
}

/// A bit for each quote, and one for each delimiter, line feed and carriage return.
#[inline(always)]
fn compare(block: &[u8; BLOCK], delimiter: u8) -> (u64, u64) {
    let [quote, delimiter, feed, carriage] = [b'"', delimiter, b'\n', b'\r'].map(u8x16::splat);
    let (mut quotes, mut separators) = (0, 0);
    let (lanes, _) = block.as_chunks::<16>();
    for (i, lane) in lanes.iter().enumerate() {
        let lane = u8x16::new(*lane);
        let bits = |found: u8x16| u64::from(found.to_bitmask()) << (16 * i);
        quotes |= bits(lane.simd_eq(quote));
        separators |= bits(lane.simd_eq(delimiter) | lane.simd_eq(feed) | lane.simd_eq(carriage));
    }
    (quotes, separators)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Close, Marks, compare, odd_runs};

    fn close(text: &[u8], at: usize) -> Option<Close> {
        let mut doubled = false;
        let mut i = at;
        while let Some(byte) = text.get(i) {
            if *byte == b'"' {
                if text.get(i + 1) != Some(&b'"') {
                    return Some(Close { at: i, doubled });
                }
                doubled = true;
                i += 1;
            }
            i += 1;
        }
        None
    }

    proptest! {
        #[test]
        fn a_block_is_compared_as_byte_by_byte(block in prop::array::uniform32(prop::array::uniform2(any::<u8>())), delimiter in 1u8..128) {
            let mut flat = [0; 64];
            for (place, byte) in flat.iter_mut().zip(block.iter().flatten()) {
                *place = *byte;
            }
            flat[7] = b'"';
            flat[8] = delimiter;
            flat[63] = b'\n';
            let bits = |are: &[u8]| flat.iter().rev().fold(0, |bits, b| bits << 1 | u64::from(are.contains(b)));
            prop_assert_eq!(compare(&flat, delimiter), (bits(b"\""), bits(&[delimiter, b'\n', b'\r'])));
        }

        #[test]
        fn marks_are_where_a_walk_finds_them(
            text in prop::collection::vec(prop::sample::select(b"\"\"\"\",;\n\rabcdefgh".as_slice()), 0..400),
            steps in prop::collection::vec(0usize..90, 1..8),
        ) {
            let mut marks = Marks::new(&text, b',', 0);
            let mut at = 0;
            for step in steps {
                at += step;
                let separator = text.iter().enumerate().skip(at).find(|(_, b)| b",\n\r".contains(b)).map(|(i, _)| i);
                prop_assert_eq!(Marks::new(&text, b',', at).separator(at), separator);
                prop_assert_eq!(Marks::new(&text, b',', at).close(at), close(&text, at));
                prop_assert_eq!(marks.close(at), close(&text, at));
                at = marks.base.max(at);
                let separator = text.iter().enumerate().skip(at).find(|(_, b)| b",\n\r".contains(b)).map(|(i, _)| i);
                prop_assert_eq!(marks.separator(at), separator);
                at = marks.base.max(at);
            }
        }

        #[test]
        fn long_runs_of_quotes_are_pairs_across_blocks(before in 0usize..70, quotes in 0usize..300, behind in 0usize..3) {
            let text = [vec![b'a'; before], vec![b'"'; quotes], vec![b'b'; behind]].concat();
            prop_assert_eq!(Marks::new(&text, b',', 0).close(0), close(&text, 0));
        }
    }

    #[test]
    fn only_the_first_odd_run_counts() {
        assert_eq!(odd_runs(0b0110), (0, 0));
        assert_eq!(odd_runs(0b0111_0110), (0b0100_0000, 0));
        assert_eq!(odd_runs(0b0001_0001), (1, 0));
        assert_eq!(odd_runs(u64::MAX), (0, 64));
        assert_eq!(odd_runs(3 << 62), (0, 2));
    }
}
