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
