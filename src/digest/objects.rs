//! Objects of the configuration that stand twice in one export, as they do in a file that was put behind itself.
//!
//! An object that stands in two exports was there twice, and each of them tells of its own time: both are kept.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use siphasher::sip::SipHasher13;

use crate::records::{AcceptedDomain, BlockedConnector, ConnectorSnapshot, Origin, Setting};

/// One object of an export of the configuration.
pub trait Object: Hash {
    /// Where it stands.
    fn origin(&mut self) -> &mut Origin;
}

impl Object for ConnectorSnapshot {
    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }
}

impl Object for AcceptedDomain {
    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }
}

impl Object for BlockedConnector {
    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }
}

impl Object for Setting {
    fn origin(&mut self) -> &mut Origin {
        &mut self.origin
    }
}

/// What tells an object from all others: the file that it stands in and everything that is said of it.
pub fn identity(object: &mut impl Object) -> u128 {
    let origin = std::mem::take(object.origin());
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    object.hash(&mut hasher);
    *object.origin() = origin;
    u128::from(hasher.finish()) << 32 | u128::from(origin.file)
}

/// Puts objects in order and keeps of equal ones the first.
pub fn settle<T: Object>(objects: &mut Vec<T>) {
    let mut ordered: Vec<(Origin, T)> = objects.drain(..).map(|mut object| (*object.origin(), object)).collect();
    ordered.sort_by_key(|(origin, _)| *origin);
    let mut seen = BTreeSet::new();
    let kept = ordered.into_iter().map(|(_, object)| object);
    objects.extend(kept.filter_map(|mut object| seen.insert(identity(&mut object)).then_some(object)));
}

#[cfg(test)]
mod tests {
    use super::{identity, settle};
    use crate::records::{AcceptedDomain, Origin};

    fn domain(name: &str, file: u32, record: u32) -> AcceptedDomain {
        AcceptedDomain {
            domain: name.to_owned(),
            created: None,
            origin: Origin {
                file,
                record,
                offset: 0,
            },
        }
    }

    #[test]
    fn of_an_object_that_stands_twice_in_a_file_the_first_is_kept() {
        let mut domains = vec![
            domain("a.example", 0, 3),
            domain("b.example", 0, 2),
            domain("a.example", 1, 1),
            domain("a.example", 0, 1),
        ];
        settle(&mut domains);
        let kept: Vec<_> = domains
            .iter()
            .map(|d| (d.domain.as_str(), d.origin.file, d.origin.record))
            .collect();
        assert_eq!(kept, [("a.example", 0, 1), ("b.example", 0, 2), ("a.example", 1, 1)]);
    }

    #[test]
    fn what_is_said_of_an_object_tells_it_from_others_and_its_place_stays() {
        let mut one = domain("a.example", 4, 7);
        let dated = &mut AcceptedDomain {
            created: Some(Default::default()),
            ..one.clone()
        };
        assert_ne!(identity(&mut one), identity(dated));
        assert_eq!(one.origin.record, 7);
    }
}
