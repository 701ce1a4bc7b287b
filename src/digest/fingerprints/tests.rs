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
    ])
    .into_iter()
    .map(|(file, lists)| (file, lists.into_iter().collect()))
    .collect();
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
