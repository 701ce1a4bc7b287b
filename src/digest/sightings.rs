//! Sign-ins, kept as sightings: which account came from which address with which agent on which day.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::records::{Origin, Time};

/// How many sign-ins of one key are told apart; beyond it the count reads "at least".
pub const COUNTED: usize = 32;

/// What a sighting is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SightingKey {
    /// Lower case.
    pub account: String,
    /// Days since 1970-01-01 in UTC.
    pub day: i32,
    pub address: Option<IpAddr>,
    pub agent: String,
    pub succeeded: bool,
}

/// When and where it was seen. Every field joins without regard to order, and a row seen twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    pub first: (Time, Origin),
    pub last: (Time, Origin),
    /// The smallest [`COUNTED`] hashes of the sign-ins' ids, ascending: how many there were, up to that number.
    pub ids: Vec<u64>,
}

impl Sighting {
    /// Distinct sign-ins, exact below [`COUNTED`], else "at least".
    pub fn count(&self) -> usize {
        self.ids.len()
    }
}

/// All sightings of a digest, in order of account and day.
pub type Sightings = BTreeMap<SightingKey, Sighting>;

/// Adds a sighting to those of its key.
pub fn add(sightings: &mut Sightings, key: SightingKey, seen: Sighting) {
    match sightings.entry(key) {
        std::collections::btree_map::Entry::Vacant(entry) => {
            entry.insert(seen);
        }
        std::collections::btree_map::Entry::Occupied(mut entry) => {
            let known = entry.get_mut();
            known.first = known.first.min(seen.first);
            known.last = known.last.max(seen.last);
            for id in seen.ids {
                if let Err(place) = known.ids.binary_search(&id) {
                    known.ids.insert(place, id);
                }
            }
            known.ids.truncate(COUNTED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNTED, Sighting, SightingKey, Sightings, add};
    use crate::records::{Origin, Time};

    #[test]
    fn the_same_sign_in_twice_counts_once_and_many_count_as_at_least() {
        let key = SightingKey {
            account: "a".into(),
            day: 1,
            address: None,
            agent: String::new(),
            succeeded: false,
        };
        let at = |t: i64, id: u64| {
            let seen = (
                Time(t),
                Origin {
                    file: 0,
                    record: t as u32,
                    offset: 0,
                },
            );
            Sighting {
                first: seen,
                last: seen,
                ids: vec![id],
            }
        };
        let mut all = Sightings::new();
        for (t, id) in [(5, 50), (3, 30), (5, 50)] {
            add(&mut all, key.clone(), at(t, id));
        }
        let seen = &all[&key];
        assert_eq!((seen.count(), seen.first.0, seen.last.0), (2, Time(3), Time(5)));
        for id in 0..100 {
            add(&mut all, key.clone(), at(9, id));
        }
        assert_eq!(all[&key].count(), COUNTED);
    }
}
