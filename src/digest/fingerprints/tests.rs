use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Duplicates, Fingerprint, Lists, Mark, TraceMark, duplicates, each_part};
use crate::records::RecordId;

/// Lists of marks, by file.
fn files<M: Mark>(lists: &[(u32, &[M])]) -> BTreeMap<u32, Lists<M>> {
    let mut files: BTreeMap<u32, Lists<M>> = BTreeMap::new();
    for &(file, list) in lists {
        files.entry(file).or_default().push(list);
    }
    files
}

#[test]
fn the_most_complete_copy_is_kept_then_that_of_the_lowest_file() {
    let row = |id, complete| Fingerprint::audit(RecordId(id), complete);
    let files = files(&[
        (0, &[row(1, false), row(2, true)]),
        (0, &[row(2, true)]),
        (1, &[row(3, true), row(1, true)]),
        (2, &[row(3, true)]),
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
fn every_mark_is_shown_once_and_in_parts_that_ascend() {
    let marks: Vec<Fingerprint> = (0..500_000).map(|id| Fingerprint::audit(RecordId(id), true)).collect();
    let lists: Vec<(u32, &[Fingerprint])> = marks.chunks(900).map(|list| (0, list)).collect();
    let files = files(&lists);
    let parts = each_part(&[(0, &files[&0])], |marks| {
        let mut part: Vec<Fingerprint> = marks.iter().map(|(_, mark)| mark).collect();
        part.sort_unstable();
        part
    });
    assert!(parts.len() > 1);
    let shown: Vec<Fingerprint> = parts.into_iter().flatten().collect();
    let mut marks = marks;
    marks.sort_unstable();
    assert!(shown == marks);
}

proptest! {
    /// Few ids, so that many rows are copies, or many, so that few are.
    #[test]
    fn of_every_id_all_rows_but_one_are_copies(
        ids in prop_oneof![
            prop::collection::vec((0u128..40, 0u32..3, any::<bool>()), 0..200),
            prop::collection::vec((0u128..100_000, 0u32..3, any::<bool>()), 0..3000),
        ],
        chunk in 1usize..500,
    ) {
        let mark = |id: u128, complete| TraceMark::of_bytes(&id.to_le_bytes(), complete);
        let (mut audit, mut trace) = (BTreeMap::new(), BTreeMap::new());
        for rows in ids.chunks(chunk) {
            for file in 0..3 {
                let of_file = || rows.iter().filter(|row| row.1 == file);
                let prints: Vec<_> = of_file().map(|&(id, _, c)| Fingerprint::audit(RecordId(id), c)).collect();
                let marks: Vec<_> = of_file().map(|&(id, _, c)| mark(id, c)).collect();
                audit.entry(file).or_insert_with(Lists::default).push(&prints);
                trace.entry(file).or_insert_with(Lists::default).push(&marks);
            }
        }
        let mut by_id: BTreeMap<u128, Vec<(bool, u32)>> = BTreeMap::new();
        for (id, file, complete) in ids {
            by_id.entry(id).or_default().push((!complete, file));
        }
        let mut copies: BTreeMap<u32, Duplicates> = BTreeMap::new();
        for mut rows in by_id.into_values() {
            rows.sort_unstable();
            for (cut, file) in rows.into_iter().skip(1) {
                let counts = copies.entry(file).or_default();
                counts.accepted += u64::from(!cut);
                counts.degraded += u64::from(cut);
            }
        }
        prop_assert_eq!(duplicates(&audit), copies.clone());
        prop_assert_eq!(duplicates(&trace), copies);
    }
}

#[test]
fn most_marks_without_a_copy_are_known_as_such_at_once() {
    let marks: Vec<Fingerprint> = (0..200_000).map(|id| Fingerprint::audit(RecordId(id), true)).collect();
    let files = files(&[(0, &marks)]);
    let doubtful = each_part(&[(0, &files[&0])], |marks| {
        let single = marks.single();
        marks.iter().filter(|&(_, mark)| !single.contains(mark)).count()
    });
    assert!(doubtful.len() > 1);
    let doubtful: usize = doubtful.into_iter().sum();
    assert!(doubtful < marks.len() / 8, "{doubtful}");
}
