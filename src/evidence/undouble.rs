//! Text in which quotes stand doubled, written with single ones.
//!
//! A cell of AuditData holds hundreds of quotes, with little between two of them.

use std::ops::Range;

use super::marks::{self, BLOCK};

/// Bytes that are copied at once.
const STEP: usize = 32;

/// The bytes with one quote in the place of two that follow each other, pairs counted from the left; a single quote stays.
/// `None` where no quote stands.
pub(super) fn undoubled(raw: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'"', raw)?;
    #[cfg(target_arch = "x86_64")]
    if marks::wide::is_possible() {
        // SAFETY: the processor can do what the function is compiled for.
        return unsafe { undoubled_wide(raw) };
    }
    undoubled_by(raw, |text| marks::marked(text, b'"').quotes, marks::parity)
}

/// As [`undoubled`], for processors that compare 32 bytes at once.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,pclmulqdq")]
fn undoubled_wide(raw: &[u8]) -> Option<Vec<u8>> {
    let quotes = |text: &[u8]| marks::wide::marked(text, b'"').quotes;
    undoubled_by(raw, quotes, |ones| marks::wide::parity(ones))
}

#[inline(always)]
fn undoubled_by(raw: &[u8], quotes: impl Fn(&[u8]) -> u64, parity: impl Fn(u64) -> u64) -> Option<Vec<u8>> {
    // A step beyond what is written may be copied with it, never past what was read.
    let mut plain = vec![0; raw.len() + STEP];
    let mut written = 0;
    // What stands before is written.
    let mut from = 0;
    let mut base = 0;
    while let Some(rest) = raw.get(base..).filter(|rest| !rest.is_empty()) {
        let found = quotes(rest);
        let odd = parity(found);
        let (firsts, seconds) = (found & odd, found & !odd);
        let whole_pairs = firsts << 1 == seconds && odd >> (BLOCK - 1) == 0 && from <= base;
        if whole_pairs {
            for second in ones(seconds) {
                let second = base + second;
                copy(plain.get_mut(written..)?, raw, from..second);
                written += second - from;
                from = second + 1;
            }
        } else {
            for quote in ones(found) {
                let quote = base + quote;
                // The second one of a pair was passed.
                if quote < from {
                    continue;
                }
                copy(plain.get_mut(written..)?, raw, from..quote + 1);
                written += quote + 1 - from;
                from = quote + 1 + usize::from(raw.get(quote + 1) == Some(&b'"'));
            }
        }
        base += BLOCK;
    }
    copy(plain.get_mut(written..)?, raw, from..raw.len());
    plain.truncate(written + raw.len() - from);
    Some(plain)
}

/// The places of the ones.
#[inline(always)]
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        place
    })
}

/// Copies a part of some bytes to the beginning of others. A short one is copied with what follows it, over which whatever comes
/// next is written: that is a move of a known length in the place of a call.
#[inline(always)]
fn copy(to: &mut [u8], bytes: &[u8], part: Range<usize>) {
    let length = part.len();
    if length <= STEP
        && let Some(step) = bytes.get(part.start..).and_then(|rest| rest.first_chunk::<STEP>())
        && let Some(place) = to.first_chunk_mut::<STEP>()
    {
        *place = *step;
    } else if let Some(part) = bytes.get(part)
        && let Some(place) = to.get_mut(..length)
    {
        place.copy_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{marks, undoubled, undoubled_by};

    proptest! {
        #[test]
        fn one_quote_of_each_pair_stays(raw in "([\"a]{0,9}|(\"\"[a-c:,]{0,20}){0,30})[^\"]{0,90}[\"é]{0,9}[a-z\"]{0,90}(\"{0,80})") {
            let mut expected = String::new();
            let mut rest = raw.chars().peekable();
            while let Some(c) = rest.next() {
                expected.push(c);
                if c == '"' && rest.peek() == Some(&'"') {
                    rest.next();
                }
            }
            let expected = raw.contains('"').then(|| expected.into_bytes());
            prop_assert_eq!(undoubled(raw.as_bytes()), expected.clone());
            prop_assert_eq!(undoubled_by(raw.as_bytes(), |text| marks::marked(text, b'"').quotes, marks::parity), expected);
        }
    }
}
