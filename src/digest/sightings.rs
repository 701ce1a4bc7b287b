//! Sign-ins, kept as sightings: which account came from which address with which agent on which day.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::records::{Factor, Origin, Risk, SignInDetails, SignInKind, Time};

/// How many sign-ins of one key are told apart; beyond it the count reads "at least".
pub const COUNTED: usize = 32;
/// How many applications of one key are remembered: the first by name, so that the order of rows does not matter.
pub const APPLICATIONS: usize = 8;

/// What a sighting is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SightingKey {
    /// Lower case.
    pub account: Arc<str>,
    /// Days since 1970-01-01 in UTC.
    pub day: i32,
    pub address: Option<IpAddr>,
    pub agent: Arc<str>,
    pub succeeded: bool,
}

/// Up to two hashes take no memory beside the sighting.
pub type Hashes = SmallVec<[u64; 2]>;

/// When and where it was seen. Every field joins without regard to order, and a row seen twice changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    pub first: (Time, Origin),
    pub last: (Time, Origin),
    /// The smallest [`COUNTED`] hashes of the sign-ins' ids, ascending: how many there were, up to that number.
    pub ids: Hashes,
    /// Hashes of the ids of their sessions, ascending, the smallest [`COUNTED`].
    pub sessions: Hashes,
    /// What a sign-in log adds; `None` where only the audit log speaks.
    pub details: Option<Box<Details>>,
}

/// What a sign-in log says of the sign-ins of one key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// The worst.
    pub risk: Risk,
    /// Country and city of the address, the first by name where rows disagree.
    pub place: Option<(String, String)>,
    /// Display names of the applications signed in to, at most [`APPLICATIONS`].
    pub apps: BTreeSet<String>,
    pub kinds: BTreeSet<SignInKind>,
    /// What was asked for, weakest and strongest.
    pub factors: BTreeSet<Factor>,
    /// Any over a protocol that knows no second factor.
    pub legacy: bool,
}

impl Details {
    /// Of one sign-in.
    pub fn of(details: &SignInDetails<'_>) -> Self {
        let app = details.app.trim();
        let place = (details.country.trim(), details.city.trim());
        Details {
            risk: details.risk,
            place: (place != ("", "")).then(|| (place.0.to_owned(), place.1.to_owned())),
            apps: Some(app)
                .filter(|app| !app.is_empty())
                .map(str::to_owned)
                .into_iter()
                .collect(),
            kinds: BTreeSet::from([details.kind]),
            factors: Some(details.factor)
                .filter(|f| *f != Factor::Unknown)
                .into_iter()
                .collect(),
            legacy: details.legacy,
        }
    }

    fn absorb(&mut self, other: Self) {
        self.risk = self.risk.max(other.risk);
        self.place = match (self.place.take(), other.place) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.apps.extend(other.apps);
        while self.apps.len() > APPLICATIONS {
            self.apps.pop_last();
        }
        self.kinds.extend(other.kinds);
        self.factors.extend(other.factors);
        self.legacy |= other.legacy;
    }
}

impl Sighting {
    /// Distinct sign-ins, exact below [`COUNTED`], else "at least".
    pub fn count(&self) -> usize {
        self.ids.len()
    }
}

/// All sightings of a digest, in order of account and day.
///
/// A log may hold a sighting for every tenth record, but few accounts and agents: their texts are kept once.
#[derive(Debug, Clone, Default)]
pub struct Sightings {
    seen: BTreeMap<SightingKey, Sighting>,
    texts: HashSet<Arc<str>>,
}

impl Sightings {
    /// The one copy of a text.
    pub fn text(&mut self, text: &str) -> Arc<str> {
        match self.texts.get(text) {
            Some(known) => known.clone(),
            None => self.shared(text.into()),
        }
    }

    fn shared(&mut self, text: Arc<str>) -> Arc<str> {
        if let Some(known) = self.texts.get(&text) {
            return known.clone();
        }
        self.texts.insert(text.clone());
        text
    }

    /// Adds a sighting to those of its key.
    pub fn add(&mut self, key: SightingKey, seen: Sighting) {
        match self.seen.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(seen);
            }
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                known.first = known.first.min(seen.first);
                known.last = known.last.max(seen.last);
                join(&mut known.ids, &seen.ids);
                join(&mut known.sessions, &seen.sessions);
                match (&mut known.details, seen.details) {
                    (Some(known), Some(seen)) => known.absorb(*seen),
                    (known, Some(seen)) => *known = Some(seen),
                    (_, None) => {}
                }
            }
        }
    }

    /// Takes in another digest's.
    pub fn absorb(&mut self, other: Sightings) {
        for (mut key, seen) in other.seen {
            key.account = self.shared(key.account);
            key.agent = self.shared(key.agent);
            self.add(key, seen);
        }
    }
}

impl Deref for Sightings {
    type Target = BTreeMap<SightingKey, Sighting>;

    fn deref(&self) -> &Self::Target {
        &self.seen
    }
}

impl DerefMut for Sightings {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.seen
    }
}

/// Adds hashes to those that are kept.
fn join(known: &mut Hashes, more: &[u64]) {
    for hash in more {
        if let Err(place) = known.binary_search(hash) {
            known.insert(place, *hash);
        }
    }
    known.truncate(COUNTED);
}

/// Brings together what two logs say of the same sign-ins: the audit log and the portal name the client, Graph v1.0 does
/// not, so that its rows stand under a key without one. Where the ids are the same, they are one sighting.
pub fn settle(sightings: &mut Sightings) {
    let bare: Vec<SightingKey> = sightings
        .iter()
        .filter(|(key, seen)| key.agent.is_empty() && seen.details.is_some())
        .map(|(key, _)| key.clone())
        .collect();
    for key in bare {
        let named: Vec<SightingKey> = sightings
            .range(key.clone()..)
            .map(|(other, _)| other)
            .take_while(|k| (&k.account, k.day, k.address) == (&key.account, key.day, key.address))
            .filter(|k| !k.agent.is_empty() && k.succeeded == key.succeeded)
            .cloned()
            .collect();
        let Some(mut own) = sightings.remove(&key) else {
            continue;
        };
        for other in named {
            let Some(known) = sightings.get_mut(&other) else {
                continue;
            };
            let before = own.ids.len();
            own.ids.retain(|id| known.ids.binary_search(id).is_err());
            if own.ids.len() < before {
                join(&mut known.sessions, &own.sessions);
                if let Some(details) = &own.details {
                    known.details.get_or_insert_default().absorb(Details::clone(details));
                }
            }
        }
        if !own.ids.is_empty() {
            sightings.insert(key, own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{APPLICATIONS, COUNTED, Details, Hashes, Sighting, SightingKey, Sightings, settle};
    use crate::records::{Factor, Origin, Risk, SignInDetails, Time};

    #[test]
    fn details_join_alike_in_any_order() {
        let of = |risk, city: &'static str, app: String, factor| {
            Details::of(&SignInDetails {
                risk,
                city: city.into(),
                app: app.into(),
                factor,
                ..SignInDetails::default()
            })
        };
        let mut all: Vec<Details> = (0..12)
            .map(|n| of(Risk::None, "Berlin", format!("app {n:02}"), Factor::One))
            .collect();
        all.push(of(Risk::High, "Amsterdam", String::new(), Factor::Several));
        all.push(of(Risk::Unknown, "", "app 00".into(), Factor::Unknown));
        let joined = |all: &[Details]| {
            let mut details = Details::default();
            all.iter().for_each(|d| details.absorb(d.clone()));
            details
        };
        let one = joined(&all);
        assert_eq!(
            (one.risk, one.apps.len(), one.factors.len()),
            (Risk::High, APPLICATIONS, 2)
        );
        assert_eq!(one.place, Some((String::new(), "Amsterdam".into())));
        all.reverse();
        assert_eq!(joined(&all), one);
        let (mut left, right) = (joined(&all[..5]), joined(&all[5..]));
        left.absorb(right);
        assert_eq!(left, one);
    }

    #[test]
    fn the_same_sign_in_twice_counts_once_and_many_count_as_at_least() {
        let key = SightingKey {
            account: "a".into(),
            day: 1,
            address: None,
            agent: "".into(),
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
                ids: Hashes::from_slice(&[id]),
                sessions: Hashes::new(),
                details: None,
            }
        };
        let mut all = Sightings::default();
        for (t, id) in [(5, 50), (3, 30), (5, 50)] {
            all.add(key.clone(), at(t, id));
        }
        let seen = &all[&key];
        assert_eq!((seen.count(), seen.first.0, seen.last.0), (2, Time(3), Time(5)));
        for id in 0..100 {
            all.add(key.clone(), at(9, id));
        }
        assert_eq!(all[&key].count(), COUNTED);
    }

    #[test]
    fn what_two_logs_say_of_one_sign_in_is_one_sighting() {
        let key = |agent: &str| SightingKey {
            account: "a".into(),
            day: 1,
            address: None,
            agent: agent.into(),
            succeeded: true,
        };
        let of = |ids: &[u64], risk: Option<Risk>| {
            let place = (Time(1), Origin::default());
            Sighting {
                first: place,
                last: place,
                ids: ids.into(),
                sessions: Hashes::new(),
                details: risk.map(|risk| {
                    Box::new(Details {
                        risk,
                        ..Details::default()
                    })
                }),
            }
        };
        let mut all = Sightings::default();
        all.add(key("edge"), of(&[1, 2], None));
        all.add(key("curl"), of(&[3], None));
        all.add(key(""), of(&[1, 2, 4], Some(Risk::High)));
        settle(&mut all);
        let counts: Vec<_> = all.iter().map(|(k, s)| (&*k.agent, s.count())).collect();
        assert_eq!(counts, [("", 1), ("curl", 1), ("edge", 2)]);
        let risk = |agent: &str| all[&key(agent)].details.as_ref().map(|d| d.risk);
        assert_eq!(
            (risk("edge"), risk("curl"), risk("")),
            (Some(Risk::High), None, Some(Risk::High))
        );
    }
}
