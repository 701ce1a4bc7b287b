//! The counting itself: distinct messages and facts by keys.
//!
//! Where the rows of a message stand together it is counted where it stands; rows that do not are brought together first. What
//! each thread counts is summed by polars. Sums are of integers and every result is sorted by its keys, so the number of threads
//! cannot show.

use std::ops::Range;

use polars::prelude::*;
use rayon::prelude::*;

use super::calendar::Calendar;
use super::resolve::Seen;
use crate::digest::spill::Column as Kept;

/// Keys, distinct messages, and facts.
type Counted<const N: usize> = ([u64; N], u64, u64);

/// What was counted by some keys: rows in ascending order of the keys.
#[derive(Debug)]
pub struct Table<const N: usize> {
    rows: Vec<Counted<N>>,
}

impl<const N: usize> Table<N> {
    /// Each row's keys, then distinct messages and facts: one a message and recipient.
    pub fn rows(&self) -> impl Iterator<Item = Counted<N>> + '_ {
        self.rows.iter().copied()
    }
}

/// Distinct messages and facts by `N` keys, of some of the rows.
#[derive(Debug)]
pub struct Count<const N: usize> {
    counts: PlHashMap<[u64; N], (u64, u64)>,
    /// What was counted last: rows are in order of time, so that keys of a day come in long runs.
    last: Option<([u64; N], (u64, u64))>,
    of_message: Vec<[u64; N]>,
}

impl<const N: usize> Default for Count<N> {
    fn default() -> Self {
        Count {
            counts: PlHashMap::default(),
            last: None,
            of_message: Vec::new(),
        }
    }
}

impl<const N: usize> Count<N> {
    /// Counts one message by the keys of its facts, which come in any order.
    pub fn message(&mut self, mut keys: impl Iterator<Item = [u64; N]>) {
        let Some(first) = keys.next() else { return };
        let mut same = 1;
        let other = keys.find(|key| {
            same += u64::from(*key == first);
            *key != first
        });
        let Some(other) = other else {
            self.add(first, same);
            return;
        };
        let mut of_message = std::mem::take(&mut self.of_message);
        of_message.push(other);
        of_message.extend(keys);
        of_message.extend((0..same).map(|_| first));
        of_message.sort_unstable();
        for same in of_message.chunk_by(|a, b| a == b) {
            same.first()
                .into_iter()
                .for_each(|key| self.add(*key, same.len() as u64));
        }
        of_message.clear();
        self.of_message = of_message;
    }

    fn add(&mut self, key: [u64; N], facts: u64) {
        match &mut self.last {
            Some((last, (m, r))) if *last == key => (*m, *r) = (*m + 1, *r + facts),
            _ => {
                self.settle();
                self.last = Some((key, (1, facts)));
            }
        }
    }

    fn settle(&mut self) {
        if let Some((key, (messages, facts))) = self.last.take() {
            let (m, r) = self.counts.entry(key).or_default();
            (*m, *r) = (*m + messages, *r + facts);
        }
    }
}

/// Several counts that are made in one walk over the rows.
pub trait Counts: Default + Send {
    /// Counts a message of one connector by its rows.
    fn message(&mut self, rows: &[Row<'_>]);
}

/// A row of connector mail, and the phase and the day in which it lies.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub seen: &'a Seen,
    pub phase: u32,
    /// Local day since 1970-01-01.
    pub day: i32,
}

/// Scattered rows that are brought together at the same time: beside the rows themselves, only so many are held. In tests so
/// few that theirs come in several turns.
const AT_ONCE: usize = if cfg!(test) { 64 } else { 1 << 20 };

/// Connector mail to be counted.
pub struct Rows<'a> {
    seen: &'a Kept<Seen>,
    /// How many of them are scattered.
    scattered: usize,
    calendar: &'a Calendar,
    phase: Phase<'a>,
}

/// The phase of a row, where phases are known.
type Phase<'a> = &'a (dyn Fn(&Seen) -> u32 + Sync);

impl<'a> Rows<'a> {
    pub fn new(seen: &'a Kept<Seen>, scattered: usize, calendar: &'a Calendar, phase: Phase<'a>) -> Self {
        Rows {
            seen,
            scattered,
            calendar,
            phase,
        }
    }

    fn row<'s>(&self, seen: &'s Seen) -> Row<'s> {
        Row {
            seen,
            phase: (self.phase)(seen),
            day: self.calendar.day(seen.fact.time()),
        }
    }

    /// What each of several parts of the rows counts: no message of a connector is in two of them.
    pub fn count<C: Counts>(&self) -> Vec<C> {
        let mut counts = self.walk(self.seen, |s| !s.scattered());
        self.seen.give_back(0..self.seen.len());
        if self.scattered > 0 {
            let bits = self.scattered.div_ceil(AT_ONCE).next_power_of_two().ilog2();
            for part in 0..1 << bits {
                let wanted = |s: &&Seen| s.scattered() && (bits == 0 || s.fact.message >> (64 - bits) == part);
                let mut rows: Vec<Seen> = self.seen.par_iter().filter(wanted).copied().collect();
                self.seen.give_back(0..self.seen.len());
                rows.par_sort_unstable_by_key(|s| (s.connector(), s.fact.message));
                counts.append(&mut self.walk(&rows, |_| true));
            }
        }
        counts
    }

    /// Counts the messages whose first row is wanted, of rows that stand together.
    fn walk<C: Counts>(&self, rows: &[Seen], wanted: impl Fn(&Seen) -> bool + Sync) -> Vec<C> {
        let messages = rows.par_chunk_by(is_of_one_message);
        // What is folded is moved with every message: a box moves one word.
        let counted = messages.fold(<Box<(C, Vec<Row<'_>>)>>::default, |mut counted, message| {
            let (counts, several) = &mut *counted;
            match message {
                [first, ..] if !wanted(first) => {}
                [only] => counts.message(&[self.row(only)]),
                _ => {
                    several.clear();
                    several.extend(message.iter().map(|seen| self.row(seen)));
                    counts.message(several);
                }
            }
            counted
        });
        counted.map(|counted| counted.0).collect()
    }

    /// The distinct values of the rows that give one, in ascending order.
    pub fn distinct<T: Ord + Send>(&self, of: Range<usize>, value: impl Fn(Row<'_>) -> Option<T> + Sync) -> Vec<T> {
        let rows = self.seen.get(of.clone()).unwrap_or_default();
        let values = rows.par_iter().filter_map(|seen| value(self.row(seen)));
        let mut all: Vec<T> = values.collect();
        self.seen.give_back(of);
        all.par_sort_unstable();
        all.dedup();
        all
    }
}

fn is_of_one_message(a: &Seen, b: &Seen) -> bool {
    (a.connector(), a.fact.message) == (b.connector(), b.fact.message)
}

/// Sums one count of all parts.
///
/// # Errors
/// If polars refuses the columns: more than 2³² rows.
pub fn sum<C, const N: usize>(parts: &mut [C], of: impl Fn(&mut C) -> &mut Count<N>) -> PolarsResult<Table<N>> {
    let mut counted: Vec<Counted<N>> = Vec::new();
    let mut filled = 0;
    for part in parts {
        let mut count = std::mem::take(of(part));
        count.settle();
        filled += usize::from(!count.counts.is_empty());
        counted.extend(count.counts.into_iter().map(|(keys, (m, r))| (keys, m, r)));
    }
    if filled > 1 {
        counted = summed(&counted)?;
    }
    counted.par_sort_unstable();
    Ok(Table { rows: counted })
}

/// One row of all that have the same keys, in no order. Polars marks the eager aggregations as superseded by its lazy
/// engine, which this program leaves out because it brings a network stack with it.
///
/// # Errors
/// As [`sum`].
#[allow(deprecated)]
fn summed<const N: usize>(counted: &[Counted<N>]) -> PolarsResult<Vec<Counted<N>>> {
    let names: Vec<String> = (0..N).map(|k| format!("key {k}")).collect();
    let column = |name: &str, of: &(dyn Fn(&Counted<N>) -> u64 + Sync)| {
        Column::new(name.into(), counted.par_iter().map(of).collect::<Vec<u64>>())
    };
    let key = |row: &Counted<N>, k: usize| row.0.get(k).copied().unwrap_or_default();
    let keys = names
        .iter()
        .enumerate()
        .map(|(k, name)| column(name, &|row| key(row, k)));
    let sums = [column("messages", &|row| row.1), column("recipients", &|row| row.2)];
    let frame = DataFrame::new_infer_height(keys.chain(sums).collect())?;
    let sums = frame.group_by(&names)?.select(["messages", "recipients"]).sum()?;
    let numbers = |name: &str| -> PolarsResult<Vec<u64>> {
        let column = sums.column(name)?.u64()?;
        Ok(column.iter().map(Option::unwrap_or_default).collect())
    };
    let keys = names
        .iter()
        .map(|name| numbers(name))
        .collect::<PolarsResult<Vec<_>>>()?;
    let counts = numbers("messages_sum")?.into_iter().zip(numbers("recipients_sum")?);
    let key = |row: usize| {
        let of = |column: &Vec<u64>| column.get(row).copied();
        std::array::from_fn(|k| keys.get(k).and_then(of).unwrap_or_default())
    };
    Ok(counts.enumerate().map(|(row, (m, r))| (key(row), m, r)).collect())
}

/// A sender as one number: local part and domain, the header's where known.
pub fn sender_key(seen: &Seen) -> u64 {
    let domain = if seen.fact.p2_domain != 0 {
        seen.fact.p2_domain
    } else {
        seen.fact.p1_domain
    };
    u64::from(seen.fact.sender) << 32 | u64::from(domain)
}
