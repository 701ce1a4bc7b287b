//! All facts of a digest, held so that memory follows the messages and not the rows.
//!
//! A few facts lie in one list. Many are spread over buckets by the upper bits of their message's hash, which is even:
//! a bucket is joined, sorted or written out by itself, in the cache of one core and without a second copy of the whole.

mod run;
#[cfg(test)]
mod tests;

use std::mem;
use std::sync::Arc;

use rayon::prelude::*;

use self::run::Run;
use super::join;
use super::spill::{MOST_RUNS, Spill, at_end};
use super::{Fact, Names, Sources, Tables};
use crate::evidence::Stored;

/// Bits of the message's hash that choose a bucket.
const BITS: u32 = 8;
/// Facts from which on they are spread over buckets.
const MANY: usize = 1 << 15;
/// Facts of a bucket below which they are not joined, for then it saves little.
const FEW: usize = 1 << 13;
/// Least and greatest number of facts that are given room at once.
const SEGMENT: (usize, usize) = (64, 1024);

/// Facts, in no order before [`Facts::seal`]. Afterwards in order of message and recipient, no two of one key.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Its room grows fourfold: what is not used of it takes no memory, and fewer facts are moved.
    loose: Vec<Fact>,
    /// None, or one for each value of the upper bits.
    buckets: Vec<Bucket>,
    /// What memory had no room for, before it is sealed.
    runs: Vec<Run>,
    /// And afterwards all of them, by bucket.
    sealed: Vec<Stored<Fact>>,
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
            if self.loose.len() == self.loose.capacity() {
                self.loose.reserve(3 * self.loose.len());
            }
            self.loose.push(fact);
        } else {
            self.spread(fact);
        }
    }

    /// How many there are; of what was spilled before sealing, a fact may be another's again.
    pub fn len(&self) -> usize {
        let spilled = self.runs.iter().map(Run::len).sum::<usize>();
        let sealed = self.sealed.iter().map(|list| list.len()).sum::<usize>();
        self.held() + spilled + sealed
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many are in memory.
    pub(super) fn held(&self) -> usize {
        self.loose.len() + self.buckets.iter().map(|b| b.length).sum::<usize>()
    }

    fn held_lists(&self) -> impl Iterator<Item = &[Fact]> {
        let segments = self.buckets.iter().flat_map(|b| &b.segments);
        std::iter::once(&self.loose).chain(segments).map(Vec::as_slice)
    }

    /// All facts of a sealed digest in lists, which follow each other in order; no message stands in two of them. Of one
    /// that is not sealed, those in memory.
    pub fn lists(&self) -> impl Iterator<Item = &[Fact]> {
        self.held_lists().chain(self.sealed.iter().map(|list| &**list))
    }

    /// As [`Facts::lists`], fact by fact.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        let sealed = self.sealed.iter();
        let sealed = sealed.flat_map(|list| list.iter().chain(at_end(|| list.give_back(0..list.len()))));
        self.held_lists().flatten().chain(sealed)
    }

    /// What comes of each of [`Facts::lists`], on all cores.
    pub fn each_list<R: Send>(&self, of: impl Fn(&[Fact]) -> R + Sync) -> Vec<R> {
        let held: Vec<&[Fact]> = self.held_lists().collect();
        let mut all: Vec<R> = held.into_par_iter().map(&of).collect();
        all.par_extend(self.sealed.par_iter().map(|list| and_give_back(list, &of)));
        all
    }

    /// Shows all of [`Facts::lists`] to accumulators, on all cores, and gives those; which of them sees which list is not settled.
    /// Each list is gone once it was seen, so that what comes of them finds room.
    pub fn use_up<R: Default + Send>(self, see: impl Fn(&mut R, &[Fact]) + Sync) -> Vec<R> {
        // What is folded is moved with every list: a box moves one word.
        let seen = |mut all: Box<R>, list: &[Fact]| {
            see(&mut all, list);
            all
        };
        let segments = self.buckets.into_iter().flat_map(|b| b.segments);
        let held: Vec<Vec<Fact>> = std::iter::once(self.loose).chain(segments).collect();
        let of_held = held.into_par_iter().fold(Box::default, |all, list| seen(all, &list));
        let mut all: Vec<Box<R>> = of_held.collect();
        let sealed = self.sealed.par_iter();
        all.par_extend(sealed.fold(Box::default, |all, list| and_give_back(list, |list| seen(all, list))));
        all.into_iter().map(|all| *all).collect()
    }

    /// The messages of all facts that are wanted, spilled ones included, before or after sealing. Of a spilled fact the
    /// numbers of names and sources mean nothing here.
    pub fn messages(&self, wanted: impl Fn(&Fact) -> bool) -> Vec<u64> {
        let mut found = Vec::new();
        let mut look = |facts: &[Fact]| found.extend(facts.iter().filter(|f| wanted(f)).map(|f| f.message));
        for list in self.runs.iter().flat_map(Run::as_written) {
            and_give_back(&list, &mut look);
        }
        self.lists().for_each(look);
        found
    }

    /// Adds to the record number of every fact.
    pub(super) fn shift_records(&mut self, by: u32) {
        let segments = self.buckets.iter_mut().flat_map(|b| &mut b.segments);
        let held = std::iter::once(&mut self.loose).chain(segments);
        held.flatten().for_each(|fact| fact.shift_record(by));
        self.runs.iter_mut().for_each(|run| run.shift_records(by));
    }

    /// Takes all runs out, to be added anew fact by fact.
    pub(super) fn take_runs(&mut self) -> Vec<Run> {
        mem::take(&mut self.runs)
    }

    /// Takes all facts that are wanted out of memory: one whose message changes has to be added anew.
    pub(super) fn extract(&mut self, wanted: impl Fn(&Fact) -> bool) -> Vec<Fact> {
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
    pub(super) fn absorb(&mut self, mut other: Facts, tables: Tables, names: &Names, sources: &Sources) {
        if self.loose.len() + other.held() > MANY {
            self.spread_all();
        }
        if other.buckets.is_empty() {
            other.loose.iter_mut().for_each(|f| tables.apply(f));
            if self.buckets.is_empty() {
                self.loose.append(&mut other.loose);
            } else {
                other.loose.into_iter().for_each(|fact| self.spread(fact));
            }
        } else {
            let pairs = self.buckets.par_iter_mut().zip(other.buckets);
            pairs.for_each(|(mine, mut theirs)| {
                theirs.segments.iter_mut().flatten().for_each(|f| tables.apply(f));
                mine.length += theirs.length;
                mine.segments.append(&mut theirs.segments);
            });
        }
        let many = |b: &Bucket| b.length >= b.compact_at.max(FEW);
        if self.buckets.iter().any(many) {
            let full = self.buckets.par_iter_mut().filter(|b| many(b));
            full.for_each_init(Vec::new, |room, bucket| bucket.compact(room, names, sources));
        }
        if !other.runs.is_empty() {
            let tables = Arc::new(tables);
            other.runs.iter_mut().for_each(|run| run.renumber(&tables));
            self.runs.append(&mut other.runs);
        }
    }

    fn spread_all(&mut self) {
        if self.buckets.is_empty() {
            self.buckets = vec![Bucket::default(); 1 << BITS];
            for fact in mem::take(&mut self.loose) {
                self.spread(fact);
            }
        }
    }

    fn spread(&mut self, fact: Fact) {
        if let Some(bucket) = self.buckets.get_mut((fact.message >> (64 - BITS)) as usize) {
            bucket.push(fact);
        }
    }

    /// Moves what is in memory into a run. Where it cannot be written, it stays.
    pub(super) fn spill(&mut self, spill: &Spill, names: &Names, sources: &Sources) {
        if self.held() == 0 {
            return;
        }
        self.spread_all();
        if self.runs.len() >= MOST_RUNS {
            if let Some((facts, starts)) = self.merged(None, names, sources, spill) {
                *self = Facts::default();
                self.runs.push(Run::new(facts, starts));
            }
            return;
        }
        let buckets = self.buckets.par_iter_mut();
        buckets.for_each_init(Vec::new, |room, bucket| bucket.compact(room, names, sources));
        let mut starts = vec![0];
        let facts = spill.store(|writer| {
            for bucket in &self.buckets {
                bucket.segments.iter().try_for_each(|facts| writer.write(facts))?;
                starts.push(writer.written());
            }
            Ok(())
        });
        if let Some(facts) = facts {
            self.buckets = Vec::new();
            self.runs.push(Run::new(facts, starts));
        }
    }

    /// Changes all facts, joins those of one message and recipient, and brings them into order. `names` and `sources`
    /// are those that the changed facts refer to. If some were spilled, all are afterwards, unless no file can be written.
    pub(super) fn seal(&mut self, tables: &Tables, names: &Names, sources: &Sources, spill: Option<&Spill>) {
        if self.runs.is_empty() {
            self.loose.iter_mut().for_each(|f| tables.apply(f));
            sort_and_join(&mut self.loose, names, sources);
        } else {
            self.spread_all();
            let merged = spill.and_then(|spill| self.merged(Some(tables), names, sources, spill));
            if let Some((facts, starts)) = merged {
                *self = Facts::default();
                let ends = starts.iter().skip(1);
                let buckets = starts.iter().zip(ends).map(|(&from, &to)| facts.part(from..to));
                self.sealed = buckets.collect();
                return;
            }
        }
        let runs = mem::take(&mut self.runs);
        let buckets = self.buckets.par_iter_mut().enumerate();
        buckets.for_each_init(Vec::new, |room, (number, bucket)| {
            for run in &runs {
                run.bucket(number).for_each(|fact| bucket.push(fact));
                run.give_back(number);
            }
            bucket.segments.iter_mut().flatten().for_each(|f| tables.apply(f));
            bucket.compact(room, names, sources);
        });
    }

    /// All facts, held or spilled, changed and joined, in one file; and where in it each bucket begins and the last one
    /// ends. Only a few buckets are in memory at the same time.
    fn merged(
        &self,
        tables: Option<&Tables>,
        names: &Names,
        sources: &Sources,
        spill: &Spill,
    ) -> Option<(Stored<Fact>, Vec<usize>)> {
        let joined = |(number, bucket): (usize, &Bucket)| {
            let held = bucket.segments.iter().flatten().copied();
            let mut all: Vec<Fact> = held.chain(self.runs.iter().flat_map(|r| r.bucket(number))).collect();
            self.runs.iter().for_each(|run| run.give_back(number));
            if let Some(tables) = tables {
                all.iter_mut().for_each(|f| tables.apply(f));
            }
            sort_and_join(&mut all, names, sources);
            all
        };
        let numbered: Vec<(usize, &Bucket)> = self.buckets.iter().enumerate().collect();
        let mut starts = vec![0];
        let facts = spill.store(|writer| {
            for some in numbered.chunks(rayon::current_num_threads().max(1)) {
                let lists: Vec<Vec<Fact>> = some.par_iter().map(|&bucket| joined(bucket)).collect();
                for list in lists {
                    writer.write(&list)?;
                    starts.push(writer.written());
                }
            }
            Ok(())
        })?;
        Some((facts, starts))
    }
}

fn and_give_back<R>(list: &Stored<Fact>, of: impl FnOnce(&[Fact]) -> R) -> R {
    let result = of(list);
    list.give_back(0..list.len());
    result
}

/// A sealed list, or one that soon will be.
impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        Facts {
            loose: facts.into_iter().collect(),
            ..Facts::default()
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
    ///
    /// What is left goes back into the room that it had: room of another size would be asked for anew while that of all other
    /// buckets is still taken, and given back piece by piece between what they hold.
    fn compact(&mut self, room: &mut Vec<Fact>, names: &Names, sources: &Sources) {
        let before = self.length;
        in_order(&self.segments, room);
        join(room, names, sources);
        self.length = room.len();
        self.refill(room);
        self.compact_at = if self.length > before / 4 * 3 {
            4 * self.length
        } else {
            2 * self.length
        };
    }

    /// Holds these facts and no others. No message stands in two segments.
    fn refill(&mut self, facts: &[Fact]) {
        let mut filled: Vec<Vec<Fact>> = Vec::with_capacity(self.segments.len());
        let mut emptied = mem::take(&mut self.segments).into_iter().map(|mut segment| {
            segment.clear();
            segment
        });
        for message in facts.chunk_by(|a, b| a.message == b.message) {
            let fits = |s: &&mut Vec<Fact>| s.len() + message.len() <= s.capacity();
            match filled.last_mut().filter(fits) {
                Some(segment) => segment.extend_from_slice(message),
                None => {
                    let mut segment = emptied
                        .find(|s| message.len() <= s.capacity())
                        .unwrap_or_else(|| Vec::with_capacity(message.len().max(SEGMENT.1)));
                    segment.extend_from_slice(message);
                    filled.push(segment);
                }
            }
        }
        self.segments = filled;
    }
}

fn sort_and_join(facts: &mut Vec<Fact>, names: &Names, sources: &Sources) {
    facts.sort_unstable_by_key(key);
    join(facts, names, sources);
}

fn key(fact: &Fact) -> (u64, u64) {
    (fact.message, fact.recipient)
}

/// Joins the facts of one key, which follow each other.
fn join(facts: &mut Vec<Fact>, names: &Names, sources: &Sources) {
    facts.dedup_by(|again, kept| {
        let same = key(again) == key(kept);
        if same {
            join::join(kept, again, names, sources);
        }
        same
    });
}

/// Puts the facts of one bucket in order of their keys. A message's hash says nearly where it comes: every fact is put there at
/// once, and few stand in one place.
fn in_order(segments: &[Vec<Fact>], all: &mut Vec<Fact>) {
    /// Facts below which they are sorted as they are.
    const SOME: usize = 64;
    let facts = || segments.iter().flatten();
    let length = segments.iter().map(Vec::len).sum::<usize>();
    all.clear();
    let Some(any) = facts().next().filter(|_| length >= SOME) else {
        all.extend(facts());
        all.sort_unstable_by_key(key);
        return;
    };
    let bits = length.ilog2() - 2;
    let place = |fact: &Fact| (fact.message << BITS >> (64 - bits)) as usize;
    let mut lengths = vec![0_usize; 1 << bits];
    for fact in facts() {
        lengths.get_mut(place(fact)).into_iter().for_each(|n| *n += 1);
    }
    let mut next: Vec<usize> = lengths
        .iter()
        .scan(0, |sum, n| Some(mem::replace(sum, *sum + n)))
        .collect();
    all.resize(length, *any);
    for fact in facts() {
        if let Some(next) = next.get_mut(place(fact))
            && let Some(slot) = all.get_mut(*next)
        {
            *slot = *fact;
            *next += 1;
        }
    }
    let mut rest = all.as_mut_slice();
    for length in lengths {
        let (here, behind) = rest.split_at_mut(length.min(rest.len()));
        here.sort_unstable_by_key(key);
        rest = behind;
    }
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

    pub(crate) fn for_each_mut(&mut self, change: impl FnMut(&mut Fact)) {
        self.loose.iter_mut().for_each(change);
    }

    pub(crate) fn clear(&mut self) {
        *self = Facts::default();
    }
}
