//! Which rows are the same export row again.
//!
//! Every row that has an identity leaves a mark: an audit record 16 bytes, a row of a message trace 8. Each core sorts the marks of
//! its chunks; going through all of them side by side brings the copies together.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

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

    /// Which of [`PARTS`] parts of the range of identities it lies in, ascending with the identity.
    fn part(self) -> usize;
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

    fn part(self) -> usize {
        (self.0 >> 120) as usize
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

    fn part(self) -> usize {
        (self.0 >> 56) as usize
    }
}

/// The marks of one file: a list a chunk, each in order; what was spilled is a list a spill.
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
    /// Adds a list that is in order.
    pub fn push(&mut self, list: Vec<M>) {
        self.held += list.len();
        self.lists.push(Column::Held(list));
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

/// Lists that are each in order.
impl<M: Mark> FromIterator<Vec<M>> for Lists<M> {
    fn from_iter<I: IntoIterator<Item = Vec<M>>>(lists: I) -> Self {
        let mut all = Lists::default();
        lists.into_iter().for_each(|list| all.push(list));
        all
    }
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
                writer.write(&part_in_order(moved, part))?;
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

/// Parts of the range of identities.
pub const PARTS: usize = 256;

/// Counts the duplicates of every file. Of equal rows the most complete is kept, then that of the lowest file.
pub fn duplicates<M: Mark>(files: &BTreeMap<u32, Lists<M>>) -> BTreeMap<u32, Duplicates> {
    let lists: Vec<(u32, &Column<M>)> = files
        .iter()
        .flat_map(|(&file, lists)| lists.lists.iter().map(move |list| (file, list)))
        .collect();
    (0..PARTS)
        .into_par_iter()
        .map(|part| duplicates_within(&lists, part))
        .reduce(BTreeMap::new, |mut all, more| {
            for (file, counts) in more {
                *all.entry(file).or_default() += counts;
            }
            all
        })
}

/// The marks of a file whose identity lies in one of [`PARTS`] parts of the range, in order.
pub fn of_part<M: Mark>(lists: &Lists<M>, part: usize) -> Vec<M> {
    part_in_order(&lists.lists, part)
}

/// As [`of_part`], of some of a file's lists.
fn part_in_order<M: Mark>(lists: &[Column<M>], part: usize) -> Vec<M> {
    let mut marks = Vec::new();
    for list in lists {
        within(list, part, |found| marks.extend_from_slice(found));
    }
    marks.sort_unstable();
    marks
}

/// Shows the marks of an ordered list whose identity lies in one part of the range, and gives back what was looked at.
fn within<M: Mark>(list: &Column<M>, part: usize, mut show: impl FnMut(&[M])) {
    let start = list.partition_point(|m| m.part() < part);
    let rest = list.get(start..).unwrap_or_default();
    let length = rest.partition_point(|m| m.part() == part);
    show(rest.get(..length).unwrap_or_default());
    list.give_back(start..start + length);
}

/// Counts the duplicates whose identity lies in one part of the range.
fn duplicates_within<M: Mark>(lists: &[(u32, &Column<M>)], part: usize) -> BTreeMap<u32, Duplicates> {
    let mut all: Vec<(M, u32)> = Vec::new();
    for (file, list) in lists {
        within(list, part, |found| all.extend(found.iter().map(|&m| (m, *file))));
    }
    all.sort_unstable_by_key(|&(m, file)| (m.identity(), !m.is_complete(), file));
    let mut found: BTreeMap<u32, Duplicates> = BTreeMap::new();
    for pair in all.windows(2) {
        let [(kept, _), (again, file)] = pair else { continue };
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
