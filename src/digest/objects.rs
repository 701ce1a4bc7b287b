//! Objects of the configuration that stand twice in one export, as they do in a file that was put behind itself.
//!
//! An object that stands in two exports was there twice, and each of them tells of its own time: both are kept.

use std::collections::{BTreeMap, HashSet};

use crate::records::{AcceptedDomain, BlockedConnector, ConnectorSnapshot, Origin, Setting};

/// What is known of the row of an object besides the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectMark {
    pub origin: Origin,
    /// A hash of all of its properties.
    pub properties: u64,
    /// Nothing of the row was missing.
    pub complete: bool,
}

impl ObjectMark {
    /// What tells the object from all others: the file that it stands in and everything that is said of it.
    pub fn identity(&self) -> u128 {
        u128::from(self.properties) << 32 | u128::from(self.origin.file)
    }
}

/// One object of an export of the configuration.
pub trait Object {
    /// Where it stands.
    fn origin(&self) -> Origin;
}

impl Object for ConnectorSnapshot {
    fn origin(&self) -> Origin {
        self.origin
    }
}

impl Object for AcceptedDomain {
    fn origin(&self) -> Origin {
        self.origin
    }
}

impl Object for BlockedConnector {
    fn origin(&self) -> Origin {
        self.origin
    }
}

impl Object for Setting {
    fn origin(&self) -> Origin {
        self.origin
    }
}

/// The places of objects that stand elsewhere in their file too: of equal ones the most complete is kept, then the first.
pub fn copies(marks: &[ObjectMark]) -> HashSet<Origin> {
    let mut kept: BTreeMap<u128, (bool, Origin)> = BTreeMap::new();
    let mut copies = HashSet::new();
    for mark in marks {
        let this = (!mark.complete, mark.origin);
        let best = kept.entry(mark.identity()).or_insert(this);
        if *best != this {
            copies.insert(this.max(*best).1);
            *best = this.min(*best);
        }
    }
    copies
}

/// Puts objects in order and leaves out those at the places of copies.
pub fn settle<T: Object>(objects: &mut Vec<T>, copies: &HashSet<Origin>) {
    objects.retain(|object| !copies.contains(&object.origin()));
    objects.sort_by_key(Object::origin);
}

#[cfg(test)]
mod tests {
    use super::{ObjectMark, copies};
    use crate::records::Origin;

    fn mark(properties: u64, file: u32, record: u32, complete: bool) -> ObjectMark {
        ObjectMark {
            origin: Origin {
                file,
                record,
                offset: 0,
            },
            properties,
            complete,
        }
    }

    fn left_out(marks: &[ObjectMark]) -> Vec<(u32, u32)> {
        let mut found: Vec<_> = copies(marks).into_iter().map(|o| (o.file, o.record)).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn of_an_object_that_stands_twice_in_a_file_the_first_is_kept() {
        let marks = [
            mark(7, 0, 3, true),
            mark(8, 0, 2, true),
            mark(7, 1, 1, true),
            mark(7, 0, 1, true),
        ];
        assert_eq!(left_out(&marks), [(0, 3)]);
    }

    #[test]
    fn the_whole_copy_is_kept_before_the_first() {
        let marks = [
            mark(7, 0, 1, false),
            mark(7, 0, 2, true),
            mark(7, 0, 3, true),
            mark(7, 0, 4, false),
        ];
        assert_eq!(left_out(&marks), [(0, 1), (0, 3), (0, 4)]);
    }
}
