//! Where the bytes that structure delimited text stand, found sixty-four at a time.
//!
//! A wide trace has a delimiter every few bytes, and a cell of AuditData a doubled quote. One comparison of a whole
//! block costs less there than a search for each of them.

use ::wide::u8x16;

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
        let found = marked(self.text.get(base..).unwrap_or_default(), self.delimiter);
        (self.quotes, self.separators) = (found.quotes, found.delimiters | found.line_ends);
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

/// What stands in one block of a text: a bit for each byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub quotes: u64,
    pub delimiters: u64,
    /// Line feeds and carriage returns.
    pub line_ends: u64,
}

/// What stands in the first block of a text; nothing beyond the end of the text.
#[inline]
pub(super) fn marked(text: &[u8], delimiter: u8) -> Block {
    marked_by(text, delimiter, compare)
}

#[inline(always)]
fn marked_by(text: &[u8], delimiter: u8, compare: impl Fn(&[u8; BLOCK], u8) -> Block) -> Block {
    if let Some(block) = text.first_chunk::<BLOCK>() {
        return compare(block, delimiter);
    }
    let mut block = [0; BLOCK];
    for (place, byte) in block.iter_mut().zip(text) {
        *place = *byte;
    }
    let within = (1 << text.len()) - 1;
    let found = compare(&block, delimiter);
    Block {
        quotes: found.quotes & within,
        delimiters: found.delimiters & within,
        line_ends: found.line_ends & within,
    }
}

#[inline(always)]
fn compare(block: &[u8; BLOCK], delimiter: u8) -> Block {
    let [quote, delimiter, feed, carriage] = [b'"', delimiter, b'\n', b'\r'].map(u8x16::splat);
    let mut found = Block {
        quotes: 0,
        delimiters: 0,
        line_ends: 0,
    };
    let (lanes, _) = block.as_chunks::<16>();
    for (i, lane) in lanes.iter().enumerate() {
        let lane = u8x16::new(*lane);
        let bits = |found: u8x16| u64::from(found.to_bitmask()) << (16 * i);
        found.quotes |= bits(lane.simd_eq(quote));
        found.delimiters |= bits(lane.simd_eq(delimiter));
        found.line_ends |= bits(lane.simd_eq(feed) | lane.simd_eq(carriage));
    }
    found
}

/// A bit for each place up to which, itself included, the number of ones is odd.
#[inline]
pub(super) fn parity(ones: u64) -> u64 {
    if ones == 0 {
        return 0;
    }
    [1, 2, 4, 8, 16, 32].iter().fold(ones, |sums, by| sums ^ (sums << by))
}

/// The same for processors that compare 32 bytes at once, which is settled at run time.
#[cfg(target_arch = "x86_64")]
pub(super) mod wide {
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm256_cmpeq_epi8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8,
    };

    use super::{BLOCK, Block, marked_by};

    /// Whether this processor can do what the functions here are compiled for.
    #[inline]
    pub fn is_possible() -> bool {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("pclmulqdq")
    }

    /// As [`super::marked`].
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,pclmulqdq")]
    pub fn marked(text: &[u8], delimiter: u8) -> Block {
        marked_by(text, delimiter, |block, delimiter| compare(block, delimiter))
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,pclmulqdq")]
    fn compare(block: &[u8; BLOCK], delimiter: u8) -> Block {
        let [low, high]: [__m256i; 2] = bytemuck::must_cast(*block);
        let [quote, delimiter, feed, carriage] =
            [b'"', delimiter, b'\n', b'\r'].map(|byte| _mm256_set1_epi8(byte.cast_signed()));
        let bits = |low, high| {
            let [low, high] = [low, high].map(|found| _mm256_movemask_epi8(found).cast_unsigned());
            u64::from(low) | u64::from(high) << 32
        };
        let is = |byte| bits(_mm256_cmpeq_epi8(low, byte), _mm256_cmpeq_epi8(high, byte));
        let line_end = |half| _mm256_or_si256(_mm256_cmpeq_epi8(half, feed), _mm256_cmpeq_epi8(half, carriage));
        Block {
            quotes: is(quote),
            delimiters: is(delimiter),
            line_ends: bits(line_end(low), line_end(high)),
        }
    }

    /// A bit for each place up to which, itself included, the number of ones is odd: a product without carries.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,pclmulqdq")]
    pub fn parity(ones: u64) -> u64 {
        let product = _mm_clmulepi64_si128(_mm_set_epi64x(0, ones.cast_signed()), _mm_set_epi64x(0, -1), 0);
        _mm_cvtsi128_si64(product).cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Block, Close, Marks, compare, odd_runs};

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
            let expected = Block {
                quotes: bits(b"\""),
                delimiters: bits(&[delimiter]),
                line_ends: bits(b"\n\r"),
            };
            prop_assert_eq!(compare(&flat, delimiter), expected);
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
