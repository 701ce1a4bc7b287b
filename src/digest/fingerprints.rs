//! Which rows are the same export row again.
//!
//! Every row that has an identity leaves a mark: an audit record 16 bytes, a row of a message trace 8. Each core sorts the marks of
//! its chunks; going through all of them side by side brings the copies together.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::hashes::hash_bytes;
use crate::records::RecordId;

/// What tells a row from every other of its kind, and whether it was whole.
pub trait Mark: Copy + Ord + Send + Sync {
    /// What two copies of a row share. Marks of one identity follow each other in order.
    fn identity(self) -> u128;

    /// Nothing of the row was missing.
    fn is_complete(self) -> bool;

    /// Which of [`PARTS`] parts of the range of identities it lies in, ascending with the identity.
    fn part(self) -> usize;
}

/// An audit record's mark: 111 bits of its id, whether it was whole, and how many rows the search that returned it had found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Of an audit row by its record id.
    pub fn audit(id: RecordId, complete: bool) -> Self {
        // Ids are GUIDs, some of them sequential in their lower half: an odd multiplier spreads every bit upwards.
        const SPREAD: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
        let spread = (id.0 ^ (id.0 >> 64)).wrapping_mul(SPREAD);
        Fingerprint(spread >> 17 << 17 | u128::from(!complete) << 16)
    }

    /// With the `ResultCount` of the search that returned the row. No search returns more than 50,000 rows; a number
    /// that does not fit is not kept.
    pub fn of_search(self, result_count: Option<u32>) -> Self {
        let count = result_count.and_then(|c| u16::try_from(c).ok()).unwrap_or(0);
        Fingerprint(self.0 & !0xffff | u128::from(count))
    }

    /// The `ResultCount` that was kept.
    pub fn search(self) -> Option<u32> {
        Some(self.0 as u32 & 0xffff).filter(|c| *c != 0)
    }
}

impl Mark for Fingerprint {
    fn identity(self) -> u128 {
        self.0 >> 17
    }

    fn is_complete(self) -> bool {
        self.0 >> 16 & 1 == 0
    }

    fn part(self) -> usize {
        (self.0 >> 120) as usize
    }
}

/// The mark of a row of a message trace: 63 bits of a hash of what tells it from others, and whether it was whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TraceMark(u64);

impl TraceMark {
    /// Of a row told by the bytes that identify it.
    pub fn of_bytes(identity: &[u8], complete: bool) -> Self {
        TraceMark(hash_bytes(identity) >> 1 << 1 | u64::from(!complete))
    }
}

impl Mark for TraceMark {
    fn identity(self) -> u128 {
        u128::from(self.0 >> 1)
    }

    fn is_complete(self) -> bool {
        self.0 & 1 == 0
    }

    fn part(self) -> usize {
        (self.0 >> 56) as usize
    }
}

/// The marks of one file: a list a chunk, each in order.
pub type Lists<M> = Vec<Vec<M>>;

/// How many of a file's rows were the same row again, by what they would have counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Duplicates {
    pub accepted: u64,
    pub degraded: u64,
}

impl std::ops::AddAssign for Duplicates {
    fn add_assign(&mut self, more: Self) {
        self.accepted += more.accepted;
        self.degraded += more.degraded;
    }
}

/// Parts of the range of identities.
const PARTS: usize = 256;

/// Counts the duplicates of every file. Of equal rows the most complete is kept, then that of the lowest file.
pub fn duplicates<M: Mark>(files: &BTreeMap<u32, Lists<M>>) -> BTreeMap<u32, Duplicates> {
    let lists: Vec<(u32, &[M])> = files
        .iter()
        .flat_map(|(&file, lists)| lists.iter().map(move |list| (file, list.as_slice())))
        .collect();
    (0..PARTS)
        .into_par_iter()
        .map(|part| duplicates_within(&lists, part))
        .reduce(BTreeMap::new, |mut all, more| {
            for (file, counts) in more {
                *all.entry(file).or_default() += counts;
            }
            all
        })
}

/// All marks of a file in order, without a second copy of all of them.
pub fn in_order<M: Mark>(lists: &[Vec<M>]) -> impl Iterator<Item = M> + '_ {
    (0..PARTS).flat_map(|part| {
        let mut marks: Vec<M> = lists.iter().flat_map(|list| within(list, part)).copied().collect();
        marks.sort_unstable();
        marks
    })
}

/// The marks of an ordered list whose identity lies in one part of the range.
fn within<M: Mark>(list: &[M], part: usize) -> &[M] {
    let start = list.partition_point(|m| m.part() < part);
    let rest = list.get(start..).unwrap_or_default();
    rest.get(..rest.partition_point(|m| m.part() == part))
        .unwrap_or_default()
}

/// Counts the duplicates whose identity lies in one part of the range.
fn duplicates_within<M: Mark>(lists: &[(u32, &[M])], part: usize) -> BTreeMap<u32, Duplicates> {
    let mut all: Vec<(M, u32)> = lists
        .iter()
        .flat_map(|(file, list)| within(list, part).iter().map(|&m| (m, *file)))
        .collect();
    all.sort_unstable_by_key(|&(m, file)| (m.identity(), !m.is_complete(), file));
    let mut found: BTreeMap<u32, Duplicates> = BTreeMap::new();
    for pair in all.windows(2) {
        let [(kept, _), (again, file)] = pair else { continue };
        if kept.identity() == again.identity() {
            let counts = found.entry(*file).or_default();
            if again.is_complete() {
                counts.accepted += 1
            } else {
                counts.degraded += 1
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Duplicates, Fingerprint, Mark, TraceMark, duplicates};
    use crate::records::RecordId;

    #[test]
    fn the_most_complete_copy_is_kept_then_that_of_the_lowest_file() {
        let row = |id, complete| Fingerprint::audit(RecordId(id), complete);
        let list = |mut list: Vec<Fingerprint>| {
            list.sort_unstable();
            list
        };
        let files = BTreeMap::from([
            (0, vec![list(vec![row(1, false), row(2, true)]), vec![row(2, true)]]),
            (1, vec![list(vec![row(1, true), row(3, true)])]),
            (2, vec![vec![row(3, true)]]),
        ]);
        // Row 1: the whole copy in file 1 is kept, the cut one in file 0 is the duplicate. Row 2 stands twice in file 0,
        // row 3 in files 1 and 2.
        let counts = |accepted, degraded| Duplicates { accepted, degraded };
        assert_eq!(
            duplicates(&files),
            BTreeMap::from([(0, counts(1, 1)), (2, counts(1, 0))])
        );
    }

    #[test]
    fn a_mark_tells_its_row_and_nothing_else() {
        let a = Fingerprint::audit(RecordId(77), false).of_search(Some(50_000));
        assert_eq!((a.search(), a.is_complete()), (Some(50_000), false));
        assert_eq!(a.identity(), Fingerprint::audit(RecordId(77), true).identity());
        assert_eq!(a.of_search(Some(70_000)).search(), None);
        let [whole, cut, other] = [(b"a", true), (b"a", false), (b"b", true)].map(|(b, c)| TraceMark::of_bytes(b, c));
        assert_eq!((whole.is_complete(), cut.is_complete()), (true, false));
        assert_eq!(whole.identity(), cut.identity());
        assert_ne!(whole.identity(), other.identity());
    }

    #[test]
    fn parts_ascend_with_identities() {
        let mut marks: Vec<Fingerprint> = (0..5000).map(|id| Fingerprint::audit(RecordId(id), true)).collect();
        marks.sort_unstable();
        assert!(marks.is_sorted_by_key(|m| (m.part(), m.identity())));
        assert_eq!(
            marks
                .iter()
                .map(|m| m.part())
                .collect::<std::collections::BTreeSet<_>>()
                .len(),
            256
        );
    }
}
