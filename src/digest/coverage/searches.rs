//! Whether the rows that searches say they found are here.
//!
//! Search-UnifiedAuditLog writes into every row how many its session found. A session may lie in one file or be paged
//! over several, a file may hold several sessions and be here twice, and two sessions may happen to have found the
//! same number. So rows are counted once, and a file that holds whole sessions vouches for no other.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::digest::Digest;
use crate::digest::fingerprints::{self, Lists, Mark};

/// Copies are few where one row in so many is one.
const FEW: u64 = 10;
/// The largest page. Where more rows than that tell this number, it is the page's size and not what was found.
const PAGE: u32 = 5_000;

/// The rows of one file that name one `ResultCount`.
#[derive(Debug, Clone, Copy, Default)]
struct Rows {
    found: u64,
    /// Of those, the ones that can be told apart from copies.
    marked: u64,
    /// Of those, copies of rows of the same file.
    copies: u64,
}

impl Rows {
    /// Whether they are one whole session or several. The service hands out some rows twice and counts them twice,
    /// and sessions over neighbouring times may share a row.
    fn are_whole(self, count: u64) -> bool {
        let distinct = self.found.saturating_sub(self.copies);
        let few_copies = self.copies * FEW <= self.found;
        distinct.is_multiple_of(count) || (few_copies && self.found.is_multiple_of(count))
    }
}

/// The sessions of which rows are missing: how many rows each found, and how many of them are here.
pub fn short(digest: &Digest, files: &[u32]) -> BTreeMap<u32, u64> {
    let mut rows: BTreeMap<(u32, u32), Rows> = BTreeMap::new();
    for &file in files {
        for (&count, &found) in digest.observed.get(&file).iter().flat_map(|o| &o.result_counts) {
            rows.entry((count, file)).or_default().found = found;
        }
    }
    rows.retain(|(count, _), _| *count != 0);
    for &file in files {
        let mut by_count: BTreeMap<u32, &mut Rows> = rows
            .iter_mut()
            .filter(|((_, of), _)| *of == file)
            .map(|((count, _), rows)| (*count, rows))
            .collect();
        let marks = digest.fingerprints.get(&file).filter(|_| !by_count.is_empty());
        let mut before = None;
        for mark in marks.into_iter().flat_map(fingerprints::in_order) {
            let Some((count, rows)) = mark.search().and_then(|c| Some((c, by_count.get_mut(&c)?))) else {
                continue;
            };
            let this = Some((count, mark.identity()));
            rows.marked += 1;
            rows.copies += u64::from(this == before);
            before = this;
        }
    }
    let is_whole = |key: &&(u32, u32)| rows.get(key).is_some_and(|r| r.are_whole(u64::from(key.0)));
    let whole: BTreeSet<(u32, u32)> = rows.keys().filter(is_whole).copied().collect();
    // Few searches are left in doubt, so that few marks need to be held side by side.
    let open: BTreeSet<u32> = rows.keys().filter(|key| !is_whole(key)).map(|key| key.0).collect();
    // A mark's search, its row's identity, its file.
    let mut marks: Vec<(u32, u128, u32)> = Vec::new();
    for &file in files.iter().filter(|_| !open.is_empty()) {
        let of_file = digest.fingerprints.get(&file).into_iter().flat_map(Lists::iter);
        let in_doubt = of_file.filter_map(|mark| Some((mark.search().filter(|c| open.contains(c))?, mark.identity())));
        marks.extend(in_doubt.map(|(count, identity)| (count, identity, file)));
    }
    marks.par_sort_unstable();
    let mut here: BTreeMap<u32, u64> = BTreeMap::new();
    for (key, rows) in rows.iter().filter(|(key, _)| !whole.contains(key)) {
        *here.entry(key.0).or_default() += rows.found.saturating_sub(rows.marked);
    }
    for copies in marks.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let known = copies.iter().any(|(count, _, file)| whole.contains(&(*count, *file)));
        if let Some(rows) = copies.first().and_then(|(count, ..)| here.get_mut(count))
            && !known
        {
            *rows += 1;
        }
    }
    here.into_iter()
        .filter(|&(count, rows)| count != PAGE || rows <= u64::from(PAGE))
        .map(|(count, rows)| (count, rows % u64::from(count)))
        .filter(|(_, rows)| *rows != 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::short;
    use crate::digest::{Digest, Fingerprint, Observed};
    use crate::records::{RecordId, Workload};

    /// Files of rows, each with its session's count; rows are told by their numbers, from and up to.
    fn digest(files: &[(u32, &[(u128, u128)])]) -> (Digest, Vec<u32>) {
        let mut digest = Digest::default();
        for (file, (count, ranges)) in (0..).zip(files) {
            let mut observed = Observed::default();
            for id in ranges.iter().flat_map(|&(from, to)| from..to) {
                observed.audit(Workload::Other, "FileAccessed", Some(*count));
                let mark = Fingerprint::audit(RecordId(id), true).of_search(Some(*count));
                digest.fingerprints.entry(file).or_default().push(vec![mark]);
            }
            digest.observed.insert(file, observed);
        }
        let all = (0..).take(files.len()).collect();
        (digest, all)
    }

    fn missing(files: &[(u32, &[(u128, u128)])]) -> Vec<(u32, u64)> {
        let (digest, files) = digest(files);
        short(&digest, &files).into_iter().collect()
    }

    #[test]
    fn rows_that_the_service_handed_out_twice_are_counted_twice_by_it() {
        assert_eq!(missing(&[(300, &[(0, 290), (0, 10)])]), []);
        assert_eq!(missing(&[(300, &[(0, 280), (0, 10)])]), [(300, 280)]);
        assert_eq!(
            missing(&[(300, &[(0, 200), (0, 100)])]),
            [(300, 200)],
            "too many for that"
        );
    }

    #[test]
    fn a_page_s_size_is_not_what_was_found() {
        assert_eq!(missing(&[(5_000, &[(0, 7_411)])]), []);
        assert_eq!(missing(&[(5_000, &[(0, 4_000)])]), [(5_000, 4_000)]);
    }

    #[test]
    fn a_session_is_whole_in_one_file_over_several_or_twice() {
        assert_eq!(missing(&[(300, &[(0, 300)])]), []);
        assert_eq!(missing(&[(300, &[(0, 300)]), (300, &[(0, 300)])]), []);
        assert_eq!(
            missing(&[(300, &[(0, 100)]), (300, &[(90, 200)]), (300, &[(200, 300)])]),
            []
        );
        assert_eq!(
            missing(&[(300, &[(0, 300)]), (300, &[(50, 80)])]),
            [],
            "a part of it again"
        );
    }

    #[test]
    fn copies_do_not_stand_for_rows_that_are_missing() {
        assert_eq!(
            missing(&[(300, &[(0, 100)]), (300, &[(0, 100)]), (300, &[(0, 100)])]),
            [(300, 100)]
        );
        assert_eq!(
            missing(&[(300, &[(0, 150), (0, 150)])]),
            [(300, 150)],
            "a page exported twice"
        );
    }

    #[test]
    fn two_sessions_that_found_the_same_number_do_not_stand_for_one_another() {
        let twice_and_a_part = [(300, &[(0, 300)][..]), (300, &[(0, 300)]), (300, &[(1_000, 1_100)])];
        assert_eq!(missing(&twice_and_a_part), [(300, 100)]);
        assert_eq!(missing(&[(300, &[(0, 300), (1_000, 1_300)])]), []);
        assert_eq!(
            missing(&[(300, &[(0, 300), (299, 599)])]),
            [],
            "neighbours that share a row"
        );
        assert_eq!(missing(&[(300, &[(0, 300), (1_000, 1_100)])]), [(300, 100)]);
    }
}
