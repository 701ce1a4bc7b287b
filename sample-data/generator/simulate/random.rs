//! Chance from a seed alone: the same seed gives the same bytes on every machine, for ever.
//!
//! SplitMix64 (Steele, Lea, Flood 2014) and integer arithmetic only. No floating point: the last bits of
//! `ln` and `powf` differ between platforms, and one differing bit would change every sample after it.

use std::fmt;

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A stream that depends on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A stream of its own for one piece of the simulation. It does not advance `self`, so that a piece added
    /// later leaves the numbers of all others as they were.
    pub fn fork(&self, label: &str) -> Self {
        // FNV-1a, 64 bits.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in label.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mut mixed = Self::new(self.state ^ hash);
        Self::new(mixed.next())
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound` - 1; 0 where `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The high half of a 128-bit product: no division, and a bias below 2^-32 for the bounds in use here.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// An index into something of length `len`.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `per_mille` of a thousand cases.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of `items`, each as likely. `items` must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// An index below `len`, the first far more likely than the last (weight 1 / (k + 1), Zipf's law): a few
    /// correspondents get most of the mail, and many get one message a month.
    pub fn ranked(&mut self, len: usize) -> usize {
        let weight = |rank: usize| 1_000_000 / (rank as u64 + 1);
        let total: u64 = (0..len).map(weight).sum();
        let mut left = self.below(total);
        for rank in 0..len {
            if left < weight(rank) {
                return rank;
            }
            left -= weight(rank);
        }
        len.saturating_sub(1)
    }

    /// An index into `weights`, as likely as its weight says.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        weights.len().saturating_sub(1)
    }

    /// A daily count about `mean_milli` / 1000, more scattered than Poisson as real mail is: the mean itself
    /// wavers by some 29 % (a sum of four uniforms) before the remainder is rounded by chance.
    pub fn count(&mut self, mean_milli: u64) -> u64 {
        let factor: u64 = (0..4).map(|_| self.below(501)).sum();
        let scaled = mean_milli * factor / 1000;
        scaled / 1000 + u64::from(self.chance(scaled % 1000))
    }

    /// A version-4 GUID.
    pub fn guid(&mut self) -> Guid {
        let bits = (u128::from(self.next()) << 64) | u128::from(self.next());
        Guid(bits & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62))
    }
}

/// A GUID, written with hyphens and in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u128);

impl Guid {
    /// The 36 characters of the GUID, for writers that can't afford `format!`.
    pub fn text(self) -> [u8; 36] {
        let mut out = [b'-'; 36];
        let mut at = 0;
        for digit in 0..32 {
            if matches!(at, 8 | 13 | 18 | 23) {
                at += 1;
            }
            out[at] = b"0123456789abcdef"[(self.0 >> (124 - 4 * digit)) as usize & 0xf];
            at += 1;
        }
        out
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text()
            .iter()
            .try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}
