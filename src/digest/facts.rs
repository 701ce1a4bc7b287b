//! All facts of a digest, held so that memory follows the messages and not the rows.
//!
//! A few facts lie in one list. Many are spread over buckets by the upper bits of their message's hash, which is even:
//! a bucket is joined, sorted or written out by itself, in the cache of one core and without a second copy of the whole.

use std::mem;

use rayon::prelude::*;

use super::join;
use super::{Fact, Names, Sources};

/// Bits of the message's hash that choose a bucket.
const BITS: u32 = 8;
/// Facts from which on they are spread over buckets.
const MANY: usize = 1 << 15;
/// Facts of a bucket below which they are not joined, for then it saves little.
const FEW: usize = 1 << 13;
/// Least and greatest number of facts that are given room at once.
const SEGMENT: (usize, usize) = (64, 4096);

/// Facts, in no order before [`Facts::seal`]. Afterwards in order of message and recipient, no two of one key.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    loose: Vec<Fact>,
    /// None, or one for each value of the upper bits.
    buckets: Vec<Bucket>,
}

/// The facts of one range of messages.
#[derive(Debug, Clone, Default)]
struct Bucket {
    /// Room is added piece by piece: a list that doubles would stand in memory twice while it moves.
    segments: Vec<Vec<Fact>>,
    length: usize,
    /// How many facts there may be before those of one message are joined.
    compact_at: usize,
}

impl Facts {
    /// Adds one. It may be any other fact's again, told by another row.
    pub fn push(&mut self, fact: Fact) {
        if self.buckets.is_empty() {
            self.loose.push(fact);
        } else {
            self.spread(fact);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.loose.len() + self.buckets.iter().map(|b| b.length).sum::<usize>()
    }

    pub fn is_empty(&self) -> bool {
        self.loose.is_empty() && self.buckets.iter().all(|b| b.length == 0)
    }

    /// All facts in lists. Of a sealed digest they follow each other in order, and no message stands in two of them.
    pub fn lists(&self) -> impl Iterator<Item = &[Fact]> {
        let segments = self.buckets.iter().flat_map(|b| &b.segments);
        std::iter::once(&self.loose).chain(segments).map(Vec::as_slice)
    }

    /// As [`Facts::lists`], to be used up one by one.
    pub fn into_lists(self) -> Vec<Vec<Fact>> {
        let segments = self.buckets.into_iter().flat_map(|b| b.segments);
        std::iter::once(self.loose).chain(segments).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.lists().flatten()
    }

    /// All facts on all cores.
    pub fn par_iter(&self) -> impl ParallelIterator<Item = &Fact> {
        let lists: Vec<&[Fact]> = self.lists().collect();
        lists.into_par_iter().flat_map(|list| list.par_iter())
    }

    /// Changes every fact in place.
    pub fn for_each_mut(&mut self, mut change: impl FnMut(&mut Fact)) {
        let segments = self.buckets.iter_mut().flat_map(|b| &mut b.segments);
        std::iter::once(&mut self.loose)
            .chain(segments)
            .flatten()
            .for_each(&mut change);
    }

    /// Takes out all facts that are wanted: one whose message changes has to be added anew.
    pub fn extract(&mut self, wanted: impl Fn(&Fact) -> bool) -> Vec<Fact> {
        let mut all: Vec<Fact> = self.loose.extract_if(.., |f| wanted(f)).collect();
        for bucket in &mut self.buckets {
            for segment in &mut bucket.segments {
                all.extend(segment.extract_if(.., |f| wanted(f)));
            }
            bucket.length = bucket.segments.iter().map(Vec::len).sum();
        }
        all
    }

    /// Takes in the facts of another digest, changed to this one's numbers, whose names these are.
    pub(super) fn absorb(
        &mut self,
        mut other: Facts,
        change: impl Fn(&mut Fact) + Sync,
        names: &Names,
        sources: &Sources,
    ) {
        if self.buckets.is_empty() && self.loose.len() + other.len() > MANY {
            self.buckets = vec![Bucket::default(); 1 << BITS];
            for fact in mem::take(&mut self.loose) {
                self.spread(fact);
            }
        }
        if other.buckets.is_empty() {
            other.loose.iter_mut().for_each(&change);
            if self.buckets.is_empty() {
                self.loose.append(&mut other.loose);
            } else {
                other.loose.into_iter().for_each(|fact| self.spread(fact));
            }
        } else {
            let pairs = self.buckets.par_iter_mut().zip(other.buckets);
            pairs.for_each(|(mine, mut theirs)| {
                theirs.segments.iter_mut().flatten().for_each(&change);
                mine.length += theirs.length;
                mine.segments.append(&mut theirs.segments);
            });
        }
        let many = |b: &Bucket| b.length >= b.compact_at.max(FEW);
        if self.buckets.iter().any(many) {
            let full = self.buckets.par_iter_mut().filter(|b| many(b));
            full.for_each(|bucket| bucket.compact(names, sources));
        }
    }

    fn spread(&mut self, fact: Fact) {
        if let Some(bucket) = self.buckets.get_mut((fact.message >> (64 - BITS)) as usize) {
            bucket.push(fact);
        }
    }

    /// Changes all facts, joins those of one message and recipient, and brings them into order. `names` and `sources`
    /// are those that the changed facts refer to.
    pub(super) fn seal(&mut self, change: impl Fn(&mut Fact) + Sync, names: &Names, sources: &Sources) {
        self.loose.iter_mut().for_each(&change);
        sort_and_join(&mut self.loose, names, sources);
        self.buckets.par_iter_mut().for_each(|bucket| {
            bucket.segments.iter_mut().flatten().for_each(&change);
            bucket.compact(names, sources);
        });
    }
}

/// A sealed list, or one that soon will be.
impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        Facts {
            loose: facts.into_iter().collect(),
            buckets: Vec::new(),
        }
    }
}

impl Bucket {
    fn push(&mut self, fact: Fact) {
        match self.segments.last_mut() {
            Some(last) if last.len() < last.capacity() => last.push(fact),
            _ => {
                let mut segment = Vec::with_capacity((self.length / 8).clamp(SEGMENT.0, SEGMENT.1));
                segment.push(fact);
                self.segments.push(segment);
            }
        }
        self.length += 1;
    }

    /// Joins the facts of one message and recipient. Where that leaves nearly all, it waits for more the next time.
    fn compact(&mut self, names: &Names, sources: &Sources) {
        let before = self.length;
        let mut all = Vec::with_capacity(before);
        for segment in self.segments.drain(..) {
            all.extend(segment);
        }
        sort_and_join(&mut all, names, sources);
        self.length = all.len();
        if self.length < before {
            all.shrink_to_fit();
        }
        self.segments.push(all);
        self.compact_at = if self.length > before / 4 * 3 {
            4 * self.length
        } else {
            2 * self.length
        };
    }
}

fn sort_and_join(facts: &mut Vec<Fact>, names: &Names, sources: &Sources) {
    facts.sort_unstable_by_key(|f| (f.message, f.recipient));
    facts.dedup_by(|again, kept| {
        let same = (again.message, again.recipient) == (kept.message, kept.recipient);
        if same {
            join::join(kept, again, names, sources);
        }
        same
    });
}

#[cfg(test)]
impl Facts {
    /// The fact that was added last, for a test that goes on to change it.
    pub(crate) fn last_mut(&mut self) -> Option<&mut Fact> {
        self.loose.last_mut()
    }

    /// Brings a test's facts into order as they are.
    pub(crate) fn sort(&mut self) {
        self.loose.sort_by_key(|f| (f.message, f.recipient));
    }

    pub(crate) fn clear(&mut self) {
        *self = Facts::default();
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, MANY};
    use crate::digest::{Fact, Names, Sources};
    use crate::records::{Origin, Time};

    fn fact(message: u64, recipient: u64, record: u32) -> Fact {
        let origin = Origin {
            file: 0,
            record,
            offset: u64::from(record),
        };
        Fact::new(message, recipient, Time(i64::from(record)), origin, 2)
    }

    /// As many messages as asked for, their hashes spread over the whole range, each told by three rows.
    fn rows(messages: u64) -> Vec<Fact> {
        (0..3 * messages)
            .map(|i| {
                fact(
                    (i % messages).wrapping_mul(0x9E37_79B9_7F4A_7C15),
                    i % messages % 7,
                    i as u32 + 1,
                )
            })
            .collect()
    }

    fn sealed(parts: &[&[Fact]]) -> Facts {
        let (names, sources) = (Names::default(), Sources::default());
        let mut all = Facts::default();
        for part in parts {
            all.absorb(part.iter().copied().collect(), |_| (), &names, &sources);
        }
        all.seal(|_| (), &names, &sources);
        all
    }

    #[test]
    fn few_and_many_facts_are_joined_alike_in_any_number_of_parts() {
        let rows = rows(2 * MANY as u64);
        let all = sealed(&[&rows]);
        let facts: Vec<Fact> = all.iter().copied().collect();
        assert_eq!((facts.len(), all.len()), (2 * MANY, 2 * MANY));
        assert!(facts.is_sorted_by_key(|f| (f.message, f.recipient)));
        assert!(
            facts.iter().all(|f| f.origin().record as usize <= 2 * MANY),
            "the first row of each is cited"
        );
        let chunks: Vec<&[Fact]> = rows.chunks(1000).collect();
        let in_parts: Vec<Fact> = sealed(&chunks).iter().copied().collect();
        assert_eq!(in_parts, facts);

        let (names, sources) = (Names::default(), Sources::default());
        let mut halves = [rows.get(..MANY * 4).unwrap(), rows.get(MANY * 4..).unwrap()].map(|half| {
            let mut facts = Facts::default();
            half.chunks(5000)
                .for_each(|c| facts.absorb(c.iter().copied().collect(), |_| (), &names, &sources));
            facts
        });
        let second = std::mem::take(&mut halves[1]);
        halves[0].absorb(second, |_| (), &names, &sources);
        halves[0].seal(|_| (), &names, &sources);
        let merged: Vec<Fact> = halves[0].iter().copied().collect();
        assert_eq!(merged, facts);
    }

    #[test]
    fn no_message_stands_in_two_lists() {
        let all = sealed(&[&rows(2 * MANY as u64)]);
        let lists: Vec<&[Fact]> = all.lists().filter(|l| !l.is_empty()).collect();
        assert!(lists.len() > 1);
        assert!(
            lists
                .windows(2)
                .all(|two| two[0].last().map(|f| f.message) < two[1].first().map(|f| f.message))
        );
    }
}
