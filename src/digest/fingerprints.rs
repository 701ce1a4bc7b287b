//! Which rows are the same export row again.
//!
//! Every row that has an identity leaves a mark: an audit record 16 bytes, a row of a message trace 8. Each core puts the marks of
//! its chunks in order of a few parts of their range; whoever looks for copies goes through all of them part by part, and
//! orders only those marks that may have one.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;

use bytemuck::NoUninit;
use rayon::prelude::*;

use super::hashes::hash_bytes;
use super::spill::{Column, MOST_RUNS, Spill};
use crate::records::RecordId;

/// What tells a row from every other of its kind, and whether it was whole.
pub trait Mark: Copy + Ord + Send + Sync + NoUninit {
    /// What two copies of a row share. Marks of one identity follow each other in order.
    fn identity(self) -> u128;

    /// Nothing of the row was missing.
    fn is_complete(self) -> bool;

    /// So many bits of what its identity begins with, behind the first few. They ascend with the identity.
    fn bits(self, behind: u32, bits: u32) -> usize;
}

/// An audit record's mark: 111 bits of its id, whether it was whole, and how many rows the search that returned it had found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, NoUninit)]
#[repr(transparent)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Of an audit row by its record id.
    pub fn audit(id: RecordId, complete: bool) -> Self {
        // Ids are GUIDs, some of them sequential in their lower half: an odd multiplier spreads every bit upwards.
        const SPREAD: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
        let spread = (id.0 ^ (id.0 >> 64)).wrapping_mul(SPREAD);
        Fingerprint(spread >> 17 << 17 | u128::from(!complete) << 16)
    }

    /// With the `ResultCount` of the search that returned the row. No search returns more than 50,000 rows; a number
    /// that does not fit is not kept.
    pub fn of_search(self, result_count: Option<u32>) -> Self {
        let count = result_count.and_then(|c| u16::try_from(c).ok()).unwrap_or(0);
        Fingerprint(self.0 & !0xffff | u128::from(count))
    }

    /// The `ResultCount` that was kept.
    pub fn search(self) -> Option<u32> {
        Some(self.0 as u32 & 0xffff).filter(|c| *c != 0)
    }
}

impl Mark for Fingerprint {
    fn identity(self) -> u128 {
        self.0 >> 17
    }

    fn is_complete(self) -> bool {
        self.0 >> 16 & 1 == 0
    }

    fn bits(self, behind: u32, bits: u32) -> usize {
        bits_of((self.0 >> u64::BITS) as u64, behind, bits)
    }
}

/// The mark of a row of a message trace: 63 bits of a hash of what tells it from others, and whether it was whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, NoUninit)]
#[repr(transparent)]
pub struct TraceMark(u64);

impl TraceMark {
    /// Of a row told by the bytes that identify it.
    pub fn of_bytes(identity: &[u8], complete: bool) -> Self {
        TraceMark(hash_bytes(identity) >> 1 << 1 | u64::from(!complete))
    }
}

impl Mark for TraceMark {
    fn identity(self) -> u128 {
        u128::from(self.0 >> 1)
    }

    fn is_complete(self) -> bool {
        self.0 & 1 == 0
    }

    fn bits(self, behind: u32, bits: u32) -> usize {
        bits_of(self.0, behind, bits)
    }
}

/// So many bits of a word, behind its first few.
fn bits_of(word: u64, behind: u32, bits: u32) -> usize {
    (word << behind).unbounded_shr(u64::BITS - bits) as usize
}

/// The marks of one file: a list a chunk, each in order of parts; what was spilled is a list a spill.
#[derive(Debug, Clone)]
pub struct Lists<M> {
    lists: Vec<Column<M>>,
    /// Marks that are in memory.
    held: usize,
}

impl<M> Default for Lists<M> {
    fn default() -> Self {
        Lists {
            lists: Vec::new(),
            held: 0,
        }
    }
}

impl<M: Mark> Lists<M> {
    /// Adds a list.
    pub fn push(&mut self, list: &[M]) {
        if !list.is_empty() {
            self.held += list.len();
            self.lists.push(Column::Held(in_parts(list)));
        }
    }

    /// Adds all lists of another part of the file.
    pub fn append(&mut self, mut other: Self) {
        self.held += other.held;
        self.lists.append(&mut other.lists);
    }

    /// Puts the lists of earlier spills first and tells how many of them stay when more is spilled: all, until there are
    /// too many.
    fn stored_first(&mut self) -> usize {
        self.lists.sort_by_key(|list| list.held() > 0);
        let stored = self.lists.partition_point(|list| list.held() == 0);
        if stored < MOST_RUNS { stored } else { 0 }
    }

    /// All marks, in no order.
    pub fn iter(&self) -> impl Iterator<Item = M> + '_ {
        self.lists.iter().flat_map(|list| list.iter().copied())
    }
}

/// The marks in order of their parts.
fn in_parts<M: Mark>(marks: &[M]) -> Vec<M> {
    let mut next = [0_usize; PARTS];
    for mark in marks {
        next.get_mut(mark.bits(0, PART_BITS)).into_iter().for_each(|n| *n += 1);
    }
    let mut start = 0;
    for next in &mut next {
        start += mem::replace(next, start);
    }
    let mut ordered = marks.to_vec();
    for &mark in marks {
        if let Some(next) = next.get_mut(mark.bits(0, PART_BITS))
            && let Some(place) = ordered.get_mut(*next)
        {
            *place = mark;
            *next += 1;
        }
    }
    ordered
}

/// Bytes of memory that the marks of all files take.
pub(super) fn held<M: Mark>(files: &BTreeMap<u32, Lists<M>>) -> usize {
    files.values().map(|lists| lists.held).sum::<usize>() * size_of::<M>()
}

/// Moves the marks that are in memory into a temporary file, as one list a file of the evidence. Where it cannot be written,
/// they stay.
pub(super) fn spill<M: Mark>(files: &mut BTreeMap<u32, Lists<M>>, spill: &Spill) {
    let mut merged: Vec<&mut Lists<M>> = files.values_mut().filter(|lists| lists.held > 0).collect();
    if merged.is_empty() {
        return;
    }
    let mut ends = Vec::new();
    let stored = spill.store(|writer| {
        for lists in &mut merged {
            let stay = lists.stored_first();
            let moved = lists.lists.get(stay..).unwrap_or_default();
            for part in 0..PARTS {
                for list in moved {
                    let range = range_of(list, part, PART_BITS);
                    writer.write(list.get(range.clone()).unwrap_or_default())?;
                    list.give_back(range);
                }
            }
            ends.push((stay, writer.written()));
        }
        Ok(())
    });
    let Some(stored) = stored else { return };
    let mut start = 0;
    for (lists, (stay, end)) in merged.into_iter().zip(ends) {
        lists.lists.truncate(stay);
        lists.lists.push(Column::Stored(stored.part(start..end)));
        lists.held = 0;
        start = end;
    }
}

/// How many of a file's rows were the same row again, by what they would have counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Duplicates {
    pub accepted: u64,
    pub degraded: u64,
}

impl std::ops::AddAssign for Duplicates {
    fn add_assign(&mut self, more: Self) {
        self.accepted += more.accepted;
        self.degraded += more.degraded;
    }
}

/// Parts of the range of identities that a list is in order of.
const PARTS: usize = 1 << PART_BITS;
const PART_BITS: u32 = 8;
/// Marks that are looked at together, about: enough that of each list there are several, and few enough that what tells those
/// with a copy stays in a core's cache.
const TOGETHER: usize = 1 << 16;

/// Counts the duplicates of every file. Of equal rows the most complete is kept, then that of the lowest file.
pub fn duplicates<M: Mark>(files: &BTreeMap<u32, Lists<M>>) -> BTreeMap<u32, Duplicates> {
    let files: Vec<(u32, &Lists<M>)> = files.iter().map(|(&file, lists)| (file, lists)).collect();
    let mut all: BTreeMap<u32, Duplicates> = BTreeMap::new();
    for (file, counts) in each_part(&files, duplicates_among).into_iter().flatten() {
        *all.entry(file).or_default() += counts;
    }
    all
}

/// Shows the marks of some files part by part of the range of identities, on all cores: all marks of one identity together.
/// What comes of the parts is in their order.
pub fn each_part<M: Mark, R: Send>(files: &[(u32, &Lists<M>)], of: impl Fn(&Marks<'_, M>) -> R + Sync) -> Vec<R> {
    let lists = files
        .iter()
        .flat_map(|(file, lists)| lists.lists.iter().map(|list| (*file, list)));
    let lists: Vec<(u32, &Column<M>)> = lists.collect();
    let count: usize = lists.iter().map(|(_, list)| list.len()).sum();
    let bits = (count / TOGETHER).next_power_of_two().ilog2().min(PART_BITS);
    let shown = |part| {
        let ranges = lists.iter().map(|(_, list)| range_of(list, part, bits));
        let ranges: Vec<Range<usize>> = ranges.collect();
        let found = lists.iter().zip(&ranges);
        let found = found.map(|((file, list), range)| (*file, list.get(range.clone()).unwrap_or_default()));
        let result = of(&Marks {
            lists: found.collect(),
            bits,
        });
        let seen = lists.iter().zip(ranges);
        seen.for_each(|((_, list), range)| list.give_back(range));
        result
    };
    (0_usize..1 << bits).into_par_iter().map(shown).collect()
}

/// Where the marks whose identity begins with the bits of a part stand in a list.
fn range_of<M: Mark>(list: &[M], part: usize, bits: u32) -> Range<usize> {
    let start = list.partition_point(|m| m.bits(0, bits) < part);
    let rest = list.get(start..).unwrap_or_default();
    start..start + rest.partition_point(|m| m.bits(0, bits) == part)
}

/// All marks of some files whose identity lies in one part of the range, in no order.
pub struct Marks<'l, M> {
    lists: Vec<(u32, &'l [M])>,
    /// How many bits of their identities are the same.
    bits: u32,
}

impl<M: Mark> Marks<'_, M> {
    /// Each mark with its file.
    pub fn iter(&self) -> impl Iterator<Item = (u32, M)> + '_ {
        self.lists
            .iter()
            .flat_map(|&(file, marks)| marks.iter().map(move |&mark| (file, mark)))
    }

    /// Tells those apart that share their identity with no other.
    pub fn single(&self) -> Single {
        let count: usize = self.lists.iter().map(|(_, marks)| marks.len()).sum();
        let mut single = Single::new(count, self.bits);
        for (_, mark) in self.iter() {
            single.see(mark);
        }
        single
    }
}

/// Which marks of a part have no copy for certain. A mark has one of many places, by its identity; one that is alone in its place
/// has no copy, and few that have none are not alone.
pub struct Single {
    /// Bits of an identity that say its place, and how many before them are the same in all.
    bits: u32,
    behind: u32,
    /// A bit for each place: whether any mark is there, and whether another one is.
    places: Vec<(u64, u64)>,
}

impl Single {
    /// Places for each mark. With so many, one mark of sixteen or fewer without a copy shares its place.
    const ROOM: usize = 16;

    fn new(marks: usize, behind: u32) -> Self {
        let bits = (marks * Self::ROOM).next_power_of_two().ilog2().max(u64::BITS.ilog2());
        Single {
            bits,
            behind,
            places: vec![(0, 0); 1 << (bits - u64::BITS.ilog2())],
        }
    }

    fn place(&self, mark: impl Mark) -> (usize, u64) {
        let place = mark.bits(self.behind, self.bits);
        (place >> u64::BITS.ilog2(), 1 << (place % u64::BITS as usize))
    }

    fn see(&mut self, mark: impl Mark) {
        let (word, bit) = self.place(mark);
        if let Some((any, another)) = self.places.get_mut(word) {
            *another |= *any & bit;
            *any |= bit;
        }
    }

    /// Whether no other mark that was seen has this one's identity. May be false of one that has no copy.
    pub fn contains(&self, mark: impl Mark) -> bool {
        let (word, bit) = self.place(mark);
        self.places.get(word).is_some_and(|(_, another)| another & bit == 0)
    }
}

fn duplicates_among<M: Mark>(marks: &Marks<'_, M>) -> BTreeMap<u32, Duplicates> {
    let single = marks.single();
    let mut all: Vec<(u32, M)> = marks.iter().filter(|&(_, mark)| !single.contains(mark)).collect();
    all.sort_unstable_by_key(|&(file, mark)| (mark.identity(), !mark.is_complete(), file));
    let mut found: BTreeMap<u32, Duplicates> = BTreeMap::new();
    for pair in all.windows(2) {
        let [(_, kept), (file, again)] = pair else { continue };
        if kept.identity() == again.identity() {
            let counts = found.entry(*file).or_default();
            if again.is_complete() {
                counts.accepted += 1
            } else {
                counts.degraded += 1
            }
        }
    }
    found
}
