//! Strings and addresses that many facts share, each kept once and referred to by number.
//!
//! Number 0 always means "none". Numbers differ between digests; a merge renumbers.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;

use rustc_hash::FxBuildHasher;

/// Domain and connector names.
pub type Names = Interner<Box<str>>;
/// Connecting hosts.
pub type Sources = Interner<IpAddr>;

/// Values by number; 0 is none. The map keeps std's keyed hasher, because the keys are the adversary's. What was asked
/// for lately is found without it: the same few domains and hosts come again and again.
#[derive(Debug, Clone)]
pub struct Interner<T> {
    values: Vec<T>,
    numbers: HashMap<T, u32>,
    /// Numbers by a hash that an adversary can foresee, and so fill with what is not asked for; it then costs a
    /// comparison and finds nothing.
    recent: Vec<u32>,
}

/// Places for recent numbers.
const RECENT: usize = 512;

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner {
            values: Vec::new(),
            numbers: HashMap::new(),
            recent: Vec::new(),
        }
    }
}

impl<T: Eq + Hash + Clone> Interner<T> {
    /// The value of a number; `None` for 0 and for numbers never given.
    pub fn get(&self, number: u32) -> Option<&T> {
        self.values.get((number as usize).checked_sub(1)?)
    }

    /// The number of a value already known.
    pub fn find<Q>(&self, value: &Q) -> Option<u32>
    where
        T: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.numbers.get(value).copied()
    }

    /// The number of a value, given now if it has none.
    pub fn intern<Q>(&mut self, value: &Q) -> u32
    where
        T: std::borrow::Borrow<Q> + for<'q> From<&'q Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some(number) = self.recent(value) {
            return number;
        }
        let number = match self.find(value) {
            Some(number) => number,
            None => self.add(T::from(value)),
        };
        self.keep(place(value), number);
        number
    }

    /// The number of an owned value, given now if it has none.
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(number) = self.recent(&value) {
            return number;
        }
        let key = place(&value);
        let number = match self.numbers.get(&value) {
            Some(&number) => number,
            None => self.add(value),
        };
        self.keep(key, number);
        number
    }

    fn add(&mut self, value: T) -> u32 {
        self.values.push(value.clone());
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.numbers.insert(value, number);
        number
    }

    fn recent<Q>(&self, value: &Q) -> Option<u32>
    where
        T: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let number = *self.recent.get(place(value))?;
        self.get(number).filter(|known| (*known).borrow() == value)?;
        Some(number)
    }

    fn keep(&mut self, place: usize, number: u32) {
        if self.recent.is_empty() {
            self.recent = vec![0; RECENT];
        }
        if let Some(slot) = self.recent.get_mut(place) {
            *slot = number;
        }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Values in the order of their numbers, from number 1 on.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter()
    }

    /// Takes in another's values; the result maps its numbers to ours (index 0 maps to 0).
    pub fn absorb(&mut self, other: &Self) -> Vec<u32> {
        std::iter::once(0)
            .chain(other.values.iter().map(|value| match self.find(value) {
                Some(number) => number,
                None => self.add(value.clone()),
            }))
            .collect()
    }
}

fn place<Q: Hash + ?Sized>(value: &Q) -> usize {
    FxBuildHasher.hash_one(value) as usize % RECENT
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn zero_is_none_and_numbers_stay() {
        let mut a = Names::default();
        assert_eq!(a.get(0), None);
        let one = a.intern("fabrikam.com");
        assert_eq!((one, a.intern("contoso.com"), a.intern("fabrikam.com")), (1, 2, 1));
        assert_eq!(a.get(2).map(AsRef::as_ref), Some("contoso.com"));
    }

    #[test]
    fn absorbing_maps_old_numbers_to_new() {
        let (mut a, mut b) = (Names::default(), Names::default());
        a.intern("x");
        b.intern("y");
        b.intern("x");
        assert_eq!(a.absorb(&b), vec![0, 2, 1]);
    }
}
