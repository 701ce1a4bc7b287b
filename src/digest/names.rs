//! Strings and addresses that many facts share, each kept once and referred to by number.
//!
//! Number 0 always means "none". Numbers differ between digests; a merge renumbers.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::LazyLock;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// Domain and connector names.
pub type Names = Interner<Box<str>>;
/// Connecting hosts.
pub type Sources = Interner<IpAddr>;

/// Values by number; 0 is none. The table is keyed as std's maps are, because the values are the adversary's. What was asked
/// for lately is found without it: the same few domains and hosts come again and again.
#[derive(Debug, Clone)]
pub struct Interner<T> {
    values: Vec<T>,
    /// Each value's hash under [`KEY`], so that neither a table that grows nor another interner has to hash it again.
    hashes: Vec<u64>,
    /// Each value's number, by that hash: a value is kept once.
    numbers: HashTable<u32>,
    /// Numbers by a hash that an adversary can foresee, and so fill with what is not asked for; it then costs a
    /// comparison and finds nothing.
    recent: Vec<u32>,
}

/// The same in all interners of a run, and in no two runs.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
/// Places for recent numbers.
const RECENT: usize = 2048;

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner {
            values: Vec::new(),
            hashes: Vec::new(),
            numbers: HashTable::new(),
            recent: Vec::new(),
        }
    }
}

/// The value of a number; `None` for 0 and for numbers never given.
fn value<T>(values: &[T], number: u32) -> Option<&T> {
    values.get((number as usize).checked_sub(1)?)
}

impl<T: Eq + Hash + Clone> Interner<T> {
    /// The value of a number; `None` for 0 and for numbers never given.
    pub fn get(&self, number: u32) -> Option<&T> {
        value(&self.values, number)
    }

    /// The number of a value already known.
    pub fn find<Q>(&self, value: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.find_hashed(KEY.hash_one(value), value)
    }

    /// The number of a value, given now if it has none.
    pub fn intern<Q>(&mut self, value: &Q) -> u32
    where
        T: Borrow<Q> + for<'q> From<&'q Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.number(value, || T::from(value))
    }

    /// The number of an owned value, given now if it has none.
    pub fn insert(&mut self, value: T) -> u32 {
        self.number(&value, || value.clone())
    }

    fn number<Q>(&mut self, value: &Q, own: impl FnOnce() -> T) -> u32
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let place = FxBuildHasher.hash_one(value) as usize % RECENT;
        let recent = self.recent.get(place).copied();
        if let Some(number) = recent
            && self.get(number).is_some_and(|known| known.borrow() == value)
        {
            return number;
        }
        let number = self.look_up(KEY.hash_one(value), value, own);
        if self.recent.is_empty() {
            self.recent = vec![0; RECENT];
        }
        if let Some(slot) = self.recent.get_mut(place) {
            *slot = number;
        }
        number
    }

    fn find_hashed<Q>(&self, hash: u64, wanted: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let is = |number: &u32| value(&self.values, *number).is_some_and(|known| known.borrow() == wanted);
        self.numbers.find(hash, is).copied()
    }

    /// As [`Interner::number`], without what is recent, by the value's hash.
    fn look_up<Q>(&mut self, hash: u64, wanted: &Q, own: impl FnOnce() -> T) -> u32
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some(number) = self.find_hashed(hash, wanted) {
            return number;
        }
        self.values.push(own());
        self.hashes.push(hash);
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let hashes = &self.hashes;
        let known = |number: &u32| value(hashes, *number).copied().unwrap_or_default();
        self.numbers.insert_unique(hash, number, known);
        number
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
        let hashed = other.values.iter().zip(&other.hashes);
        let numbers = hashed.map(|(value, &hash)| self.look_up(hash, value, || value.clone()));
        std::iter::once(0).chain(numbers).collect()
    }
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
