//! Whether the rows that searches say they found are here.
//!
//! Search-UnifiedAuditLog writes into every row how many its session found. A session may lie in one file or be paged
//! over several, a file may hold several sessions and be here twice, and two sessions may happen to have found the
//! same number. So rows are counted once, and a file that holds whole sessions vouches for no other. A damaged row no
//! longer tells its search and is here all the same; and what a search lacks may stand in an export that tells no counts.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::digest::Digest;
use crate::digest::fingerprints::{self, Fingerprint, Lists, Mark, Marks};
use crate::records::Time;

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

/// The sessions of which rows are missing: how many rows each found, and how many of them are here. `files` each with the
/// number of its rows that could not be read.
pub fn short(digest: &Digest, files: &BTreeMap<u32, u64>) -> BTreeMap<u32, u64> {
    let lost = files;
    let files: Vec<u32> = files.keys().copied().collect();
    let mut rows: BTreeMap<(u32, u32), Rows> = BTreeMap::new();
    for &file in &files {
        for (&count, &found) in digest.observed.get(&file).iter().flat_map(|o| &o.result_counts) {
            rows.entry((count, file)).or_default().found = found;
        }
    }
    rows.retain(|(count, _), _| *count != 0);
    for &file in &files {
        let counts: BTreeSet<u32> = rows
            .keys()
            .filter(|(_, of)| *of == file)
            .map(|(count, _)| *count)
            .collect();
        let Some(lists) = digest.fingerprints.get(&file).filter(|_| !counts.is_empty()) else {
            continue;
        };
        let parts = fingerprints::each_part(&[(file, lists)], |marks| marked(marks, &counts));
        for (count, (marked, copies)) in parts.into_iter().flatten() {
            if let Some(rows) = rows.get_mut(&(count, file)) {
                rows.marked += marked;
                rows.copies += copies;
            }
        }
    }
    let is_whole = |key: &&(u32, u32)| rows.get(key).is_some_and(|r| r.are_whole(u64::from(key.0)));
    let whole: FxHashSet<(u32, u32)> = rows.keys().filter(is_whole).copied().collect();
    let open: FxHashSet<u32> = rows.keys().filter(|key| !is_whole(key)).map(|key| key.0).collect();
    let rows_by_search: Vec<(u32, u32)> = rows.keys().copied().collect();
    let mut here: BTreeMap<u32, u64> = BTreeMap::new();
    for (key, rows) in rows.iter().filter(|(key, _)| !whole.contains(key)) {
        *here.entry(key.0).or_default() += rows.found.saturating_sub(rows.marked);
    }
    if !open.is_empty() {
        let lists = files
            .iter()
            .filter_map(|&file| Some((file, digest.fingerprints.get(&file)?)));
        let lists: Vec<(u32, &Lists<Fingerprint>)> = lists.collect();
        let told = fingerprints::each_part(&lists, |marks| told_apart(marks, &open, &whole));
        for (count, more) in told.into_iter().flatten() {
            if let Some(rows) = here.get_mut(&count) {
                *rows += more;
            }
        }
    }
    here.into_iter()
        .filter(|&(count, rows)| count != PAGE || rows <= u64::from(PAGE))
        .map(|(count, rows)| (count, rows % u64::from(count)))
        .filter(|(_, rows)| *rows != 0)
        .filter(|&(count, rows)| {
            let of_search = || rows_of(&rows_by_search, count);
            let damaged: u64 = of_search()
                .map(|file| {
                    let uncounted = digest.observed.get(&file).map_or(0, |o| o.uncounted);
                    uncounted + lost.get(&file).copied().unwrap_or_default()
                })
                .sum();
            let lacking = (u64::from(count) - rows).saturating_sub(damaged);
            lacking > 0 && !is_elsewhere(digest, &files, &of_search().collect(), lacking)
        })
        .collect()
}

/// How many of the marks are of each of some searches, and how many of those are copies.
fn marked(marks: &Marks<'_, Fingerprint>, searches: &BTreeSet<u32>) -> FxHashMap<u32, (u64, u64)> {
    let single = marks.single();
    let mut found: FxHashMap<u32, (u64, u64)> = searches.iter().map(|&count| (count, (0, 0))).collect();
    let mut doubtful = Vec::new();
    for (_, mark) in marks.iter() {
        let Some(count) = mark.search() else { continue };
        let Some((marked, _)) = found.get_mut(&count) else {
            continue;
        };
        *marked += 1;
        if !single.contains(mark) {
            doubtful.push((count, mark.identity()));
        }
    }
    doubtful.sort_unstable();
    for copies in doubtful.chunk_by(|a, b| a == b) {
        let of_search = copies.first().and_then(|(count, _)| found.get_mut(count));
        of_search
            .into_iter()
            .for_each(|(_, sum)| *sum += copies.len() as u64 - 1);
    }
    found
}

/// How many rows of each search in doubt the marks tell of, each row once; without those that a file of whole sessions holds.
fn told_apart(
    marks: &Marks<'_, Fingerprint>,
    open: &FxHashSet<u32>,
    whole: &FxHashSet<(u32, u32)>,
) -> FxHashMap<u32, u64> {
    let single = marks.single();
    let mut rows: FxHashMap<u32, u64> = FxHashMap::default();
    // A mark's search, its row's identity, its file.
    let mut doubtful: Vec<(u32, u128, u32)> = Vec::new();
    for (file, mark) in marks.iter() {
        let Some(count) = mark.search().filter(|count| open.contains(count)) else {
            continue;
        };
        if !single.contains(mark) {
            doubtful.push((count, mark.identity(), file));
        } else if !whole.contains(&(count, file)) {
            *rows.entry(count).or_default() += 1;
        }
    }
    doubtful.sort_unstable();
    for copies in doubtful.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let known = copies.iter().any(|(count, _, file)| whole.contains(&(*count, *file)));
        if let Some((count, ..)) = copies.first().filter(|_| !known) {
            *rows.entry(*count).or_default() += 1;
        }
    }
    rows
}

/// The files with rows of searches that found so many.
fn rows_of(searches: &[(u32, u32)], count: u32) -> impl Iterator<Item = u32> {
    searches.iter().filter(move |(c, _)| *c == count).map(|(_, file)| *file)
}

/// How far from the end of a search another export may take up.
const NEXT: i64 = 2 * Time::HOUR;

/// Whether so many records that a search lacks stand in exports that tell no counts and take up where it ends, or cover all of
/// its time.
fn is_elsewhere(digest: &Digest, files: &[u32], search: &BTreeSet<u32>, lacking: u64) -> bool {
    let span = |file: &u32| digest.observed.get(file).and_then(|o| o.first.zip(o.last));
    let first = search.iter().filter_map(span).map(|(first, _)| first).min();
    let last = search.iter().filter_map(span).map(|(_, last)| last).max();
    let Some((first, last)) = first.zip(last) else {
        return false;
    };
    let takes_up = |file: &&u32| {
        let counts = digest.observed.get(file).is_some_and(|o| !o.result_counts.is_empty());
        !counts
            && span(file).is_some_and(|(from, to)| {
                let touches = from.0 - NEXT <= last.0 && to.0 + NEXT >= first.0;
                touches && (from < first || to > last || (from <= first && to >= last))
            })
    };
    let others: Vec<&u32> = files.iter().filter(takes_up).collect();
    if others.is_empty() {
        return false;
    }
    let marks = |file: &u32| digest.fingerprints.get(file).into_iter().flat_map(Lists::iter);
    let known: FxHashSet<u128> = search.iter().flat_map(marks).map(Mark::identity).collect();
    let mut more: FxHashSet<u128> = FxHashSet::default();
    for identity in others.into_iter().flat_map(marks).map(Mark::identity) {
        if !known.contains(&identity) {
            more.insert(identity);
        }
        if more.len() as u64 >= lacking {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use test_case::test_case;

    use super::short;
    use crate::digest::{Digest, Fingerprint, Observed};
    use crate::records::{RecordId, Time, Workload};

    /// Files of rows, each with its session's count; rows are told by their numbers, from and up to.
    fn digest(files: &[(u32, &[(u128, u128)])]) -> (Digest, Vec<u32>) {
        let mut digest = Digest::default();
        for (file, (count, ranges)) in (0..).zip(files) {
            let mut observed = Observed::default();
            for id in ranges.iter().flat_map(|&(from, to)| from..to) {
                observed.audit(Workload::Other, "FileAccessed", Some(*count));
                let mark = Fingerprint::audit(RecordId(id), true).of_search(Some(*count));
                digest.fingerprints.entry(file).or_default().push(&[mark]);
            }
            digest.observed.insert(file, observed);
        }
        let all = (0..).take(files.len()).collect();
        (digest, all)
    }

    fn missing(files: &[(u32, &[(u128, u128)])]) -> Vec<(u32, u64)> {
        let (digest, files) = digest(files);
        short(&digest, &unhurt(files)).into_iter().collect()
    }

    fn unhurt(files: Vec<u32>) -> BTreeMap<u32, u64> {
        files.into_iter().map(|file| (file, 0)).collect()
    }

    #[test]
    fn a_damaged_row_is_one_of_those_that_were_found() {
        let (mut digest, files) = digest(&[(300, &[(0, 297)])]);
        let mut lost = unhurt(files);
        assert_eq!(short(&digest, &lost), BTreeMap::from([(300, 297)]));
        // One row is kept without its last cells, two are lost.
        let observed = digest.observed.get_mut(&0).unwrap();
        observed.audit(Workload::Other, "FileAccessed", None);
        assert_eq!(short(&digest, &lost), BTreeMap::from([(300, 297)]));
        lost.insert(0, 2);
        assert_eq!(short(&digest, &lost), BTreeMap::new());
        lost.insert(0, 1);
        assert_eq!(short(&digest, &lost), BTreeMap::from([(300, 297)]));
    }

    /// A search of which 200 rows of 300 are here, over the hours 100 to 110, beside an export that tells no counts.
    #[test_case((90, 100), (150, 300), true; "it ends where the search begins")]
    #[test_case((104, 120), (150, 300), true; "it overlaps the search and goes on")]
    #[test_case((90, 120), (0, 300), true; "it holds the whole of the search")]
    #[test_case((104, 120), (150, 299), false; "one record is in neither")]
    #[test_case((90, 100), (0, 200), false; "it holds the same rows again")]
    #[test_case((114, 120), (150, 300), false; "it begins hours later")]
    #[test_case((104, 106), (150, 300), false; "it lies within, where nothing was cut")]
    fn what_a_search_lacks_may_stand_in_another_export(hours: (i64, i64), ids: (u128, u128), is_there: bool) {
        let (mut digest, mut files) = digest(&[(300, &[(0, 200)])]);
        let at = |hour| Time::default().plus_hours(hour);
        let search = digest.observed.get_mut(&0).unwrap();
        [100, 110].into_iter().for_each(|hour| search.at(at(hour)));
        let mut other = Observed::default();
        [hours.0, hours.1].into_iter().for_each(|hour| other.at(at(hour)));
        for id in ids.0..ids.1 {
            other.audit(Workload::Other, "FileAccessed", None);
            let mark = Fingerprint::audit(RecordId(id), true);
            digest.fingerprints.entry(1).or_default().push(&[mark]);
        }
        digest.observed.insert(1, other);
        files.push(1);
        assert_eq!(short(&digest, &unhurt(files)).is_empty(), is_there);
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
