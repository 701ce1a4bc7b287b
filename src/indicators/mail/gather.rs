//! Connector mail as it is found, list by list, and in the end all of it in order: in memory, or merged from sorted runs
//! in temporary files.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::resolve::Seen;
use crate::digest::spill::{Column, Spill};

/// Rows that are written and given back at a time.
const BLOCK: usize = 1 << 12;

/// What was found so far.
pub struct Gathering<'s> {
    spill: Option<&'s Spill>,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    lists: Vec<Column<Seen>>,
    /// Rows that are in memory.
    held: usize,
}

impl<'s> Gathering<'s> {
    pub fn new(spill: Option<&'s Spill>) -> Self {
        Gathering {
            spill,
            found: Mutex::default(),
        }
    }

    /// Takes a list. Where there are too many rows in memory, all of them are written out by whoever sees it first; the
    /// others go on meanwhile, so that there may be twice as many.
    pub fn add(&self, list: Vec<Seen>) {
        let crowded = {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push(Column::Held(list));
            let room = self.spill.filter(|s| s.failure().is_none()).map(|s| s.room() / 2);
            let held = found.held * size_of::<Seen>();
            room.is_some_and(|room| held > room).then(|| found.take_held())
        };
        let Some((spill, lists)) = self.spill.zip(crowded) else {
            return;
        };
        let lists = write(lists, spill);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        lists.into_iter().for_each(|list| found.push(list));
    }

    /// All rows in order of connector, time, message and recipient.
    pub fn finish(self) -> Column<Seen> {
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut lists = found.lists;
        let is_spilled = lists.iter().any(|list| matches!(list, Column::Stored(_)));
        if let Some(spill) = self.spill.filter(|_| is_spilled) {
            lists.par_iter_mut().for_each(sort);
            if let Some(merged) = merge(&lists, spill) {
                return merged;
            }
        }
        // Neighbours are given back together, so that what they leave is not held by others among them.
        lists.sort_unstable_by_key(|list| list.as_ptr());
        let mut all: Vec<Seen> = bytemuck::zeroed_vec(lists.iter().map(|list| list.len()).sum());
        let mut rest = all.as_mut_slice();
        let mut places = Vec::with_capacity(lists.len());
        for list in lists {
            let (place, behind) = rest.split_at_mut(list.len());
            places.push((place, list));
            rest = behind;
        }
        places
            .into_par_iter()
            .for_each(|(place, list)| place.copy_from_slice(&list));
        all.par_sort_unstable_by_key(key);
        Column::Held(all)
    }
}

impl Found {
    fn push(&mut self, list: Column<Seen>) {
        if !list.is_empty() {
            self.held += list.held();
            self.lists.push(list);
        }
    }

    fn take_held(&mut self) -> Vec<Column<Seen>> {
        self.held = 0;
        self.lists.extract_if(.., |list| list.held() > 0).collect()
    }
}

fn key(seen: &Seen) -> (u32, i64, u64, u64) {
    (seen.connector(), seen.fact.time, seen.fact.message, seen.fact.recipient)
}

fn sort(list: &mut Column<Seen>) {
    if let Column::Held(rows) = list {
        rows.sort_unstable_by_key(key);
    }
}

/// Each list as a sorted run of one file; where that cannot be written, as it was.
fn write(mut lists: Vec<Column<Seen>>, spill: &Spill) -> Vec<Column<Seen>> {
    lists.par_iter_mut().for_each(sort);
    let stored = spill.store(|writer| lists.iter().try_for_each(|list| writer.write(list)));
    let Some(stored) = stored else { return lists };
    let mut start = 0;
    let run = |list: Column<Seen>| {
        let end = start + list.len();
        let run = stored.part(start..end);
        start = end;
        Column::Stored(run)
    };
    lists.into_iter().map(run).collect()
}

/// One file of all rows, from lists that are each in order.
fn merge(lists: &[Column<Seen>], spill: &Spill) -> Option<Column<Seen>> {
    let next = |list: usize, at: usize| {
        let seen = lists.get(list)?.get(at)?;
        Some(Reverse((key(seen), list, at)))
    };
    let mut heads: BinaryHeap<_> = (0..lists.len()).filter_map(|list| next(list, 0)).collect();
    let mut block: Vec<Seen> = Vec::with_capacity(BLOCK);
    let stored = spill.store(|writer| {
        while let Some(Reverse((_, list, at))) = heads.pop() {
            block.extend(lists.get(list).and_then(|rows| rows.get(at)));
            heads.extend(next(list, at + 1));
            if block.len() == BLOCK {
                writer.write(&block)?;
                block.clear();
            }
            if (at + 1).is_multiple_of(BLOCK)
                && let Some(rows) = lists.get(list)
            {
                rows.give_back(at + 1 - BLOCK..at + 1);
            }
        }
        writer.write(&block)
    });
    stored.map(Column::Stored)
}

#[cfg(test)]
mod tests {
    use super::super::resolve::{Cell, Seen};
    use super::{Gathering, key};
    use crate::digest::Fact;
    use crate::digest::spill::{Column, Spill};
    use crate::records::{Origin, Time};

    fn row(number: u64) -> Seen {
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let origin = Origin {
            file: 0,
            record: 1,
            offset: number,
        };
        Seen::new(
            Fact::new(mixed, number % 5, Time((mixed % 50) as i64), origin, 2),
            (mixed % 3) as u32,
            Cell::OwnForeign,
        )
    }

    #[test]
    fn rows_come_in_order_whether_spilled_or_not() {
        let rows: Vec<Seen> = (0..20_000).map(row).collect();
        let gather = |spill: Option<&Spill>| {
            let gathering = Gathering::new(spill);
            rows.chunks(700).for_each(|list| gathering.add(list.to_vec()));
            gathering.finish()
        };
        let spill = Spill::new(64 << 10, std::env::temp_dir());
        let (held, stored) = (gather(None), gather(Some(&spill)));
        assert!(matches!(stored, Column::Stored(_)));
        assert!(held.is_sorted_by_key(key));
        let all = |rows: &Column<Seen>| rows.iter().map(|s| (key(s), s.fact, s.cell())).collect::<Vec<_>>();
        assert_eq!(held.len(), rows.len());
        assert!(all(&held) == all(&stored));
    }

    #[test]
    fn rows_that_cannot_be_written_stay_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let spill = Spill::new(1000, folder.path().join("gone"));
        let gathering = Gathering::new(Some(&spill));
        (0..100).for_each(|n| gathering.add(vec![row(n)]));
        let all = gathering.finish();
        assert_eq!((all.held(), spill.failure().is_some()), (100, true));
        assert!(all.is_sorted_by_key(key));
    }
}
