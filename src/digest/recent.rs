//! What was found out about addresses that came lately: a few senders and recipients come again and again.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

/// Bytes of the longest address that is remembered.
const LENGTH: usize = 46;

/// The latest address of each place, and what is known of it. The place follows from a hash that an adversary can foresee, and so
/// fill with what is not asked for; it then costs a comparison and finds nothing.
#[derive(Debug)]
pub(super) struct Recent<T> {
    known: Vec<Known<T>>,
    places: usize,
}

#[derive(Debug, Clone, Copy)]
struct Known<T> {
    address: [u8; LENGTH],
    /// 0 where nothing is known.
    length: u8,
    value: T,
}

impl<T: Copy + Default> Recent<T> {
    /// With so many places, for which memory is asked with the first address.
    pub(super) fn new(places: usize) -> Self {
        Recent {
            known: Vec::new(),
            places,
        }
    }

    fn place(&self, address: &str) -> usize {
        FxBuildHasher.hash_one(address) as usize % self.places.max(1)
    }

    /// What was noted of this very address.
    pub(super) fn find(&self, address: &str) -> Option<T> {
        let known = self.known.get(self.place(address))?;
        let text = known.address.get(..usize::from(known.length))?;
        (text == address.as_bytes() && !text.is_empty()).then_some(known.value)
    }

    /// Notes what is known of an address.
    pub(super) fn note(&mut self, address: &str, value: T) {
        if self.known.is_empty() {
            let nothing = Known {
                address: [0; LENGTH],
                length: 0,
                value: T::default(),
            };
            self.known = vec![nothing; self.places];
        }
        let place = self.place(address);
        if let Some(known) = self.known.get_mut(place)
            && let Some(text) = known.address.get_mut(..address.len())
            && let Ok(length) = u8::try_from(address.len())
        {
            text.copy_from_slice(address.as_bytes());
            (known.length, known.value) = (length, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, Recent};

    #[test]
    fn an_address_is_found_as_it_was_noted_last_until_another_takes_its_place() {
        let mut recent = Recent::new(1);
        assert_eq!(recent.find(""), None);
        recent.note("a@b.example", 1);
        recent.note("a@b.example", 2);
        assert_eq!((recent.find("a@b.example"), recent.find("a@b.exampl")), (Some(2), None));
        assert_eq!((recent.find("A@b.example"), recent.find("")), (None, None));
        recent.note("c@d.example", 3);
        assert_eq!(
            (recent.find("a@b.example"), recent.find("c@d.example")),
            (None, Some(3))
        );
    }

    #[test]
    fn what_is_too_long_or_empty_is_not_remembered_and_harms_nothing() {
        let mut recent = Recent::new(1);
        recent.note("a@b.example", 1);
        for address in ["x".repeat(LENGTH + 1), "x".repeat(70_000), String::new()] {
            recent.note(&address, 2);
            assert_eq!(recent.find(&address), None);
        }
        let longest = "x".repeat(LENGTH);
        recent.note(&longest, 3);
        assert_eq!(recent.find(&longest), Some(3));
    }
}
