//! Search for a byte that is probably near.
//!
//! In exported JSON a quote follows every few bytes. There the call of a vectorised search costs more than the search.

/// Bytes that are looked at one word at a time.
const NEAR: usize = 32;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The place of the first of `needles` in `view` from `at` on. `far` finds it in a rest where it is not near.
#[inline]
pub(super) fn find<const N: usize>(
    needles: [u8; N],
    view: &[u8],
    at: usize,
    far: impl FnOnce(&[u8]) -> Option<usize>,
) -> Option<usize> {
    let rest = view.get(at..)?;
    let (words, _) = rest.get(..NEAR).unwrap_or_default().as_chunks::<8>();
    let mut start = at;
    for word in words {
        let word = u64::from_le_bytes(*word);
        // The lowest high bit set is that of the first byte that is a needle; those above it may deceive.
        let hits = needles.iter().fold(0, |hits, needle| {
            let zero_where_equal = word ^ (ONES * u64::from(*needle));
            hits | (zero_where_equal.wrapping_sub(ONES) & !zero_where_equal & HIGH)
        });
        if hits != 0 {
            return Some(start + (hits.trailing_zeros() / 8) as usize);
        }
        start += 8;
    }
    far(view.get(start..)?).map(|i| start + i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use memchr::{memchr, memchr3};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_needle_is_found_near_and_far(
            text in prop::collection::vec(prop::sample::select(b"\"!#\\\n\x0b[]\xa2\0\xffaaaaaaaaaaaa".as_slice()), 0..80),
            at in 0usize..90,
        ) {
            let rest = text.get(at..);
            let one = rest.and_then(|r| r.iter().position(|b| *b == b'"')).map(|i| at + i);
            prop_assert_eq!(find([b'"'], &text, at, |r| memchr(b'"', r)), one);
            let three = rest.and_then(|r| r.iter().position(|b| b"\"\\\n".contains(b))).map(|i| at + i);
            prop_assert_eq!(find([b'"', b'\\', b'\n'], &text, at, |r| memchr3(b'"', b'\\', b'\n', r)), three);
        }
    }
}
