//! Facts that were spilled: in order of message and recipient, as they stood in the digest that wrote them.

use std::sync::Arc;

use crate::digest::{Fact, Tables};
use crate::evidence::Stored;

/// One sorted run, with what has become of its numbers since.
#[derive(Debug, Clone)]
pub(in crate::digest) struct Run {
    facts: Stored<Fact>,
    /// Where each bucket begins, and where the last one ends.
    starts: Vec<usize>,
    /// What the merges since made of the numbers of names and sources, the earliest first.
    tables: Vec<Arc<Tables>>,
    /// What is to be added to every record number.
    shift: u32,
}

impl Run {
    pub(super) fn new(facts: Stored<Fact>, starts: Vec<usize>) -> Self {
        Run {
            facts,
            starts,
            tables: Vec::new(),
            shift: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    /// The digest was absorbed, and its numbers became those of another.
    pub(super) fn renumber(&mut self, tables: &Arc<Tables>) {
        self.tables.push(Arc::clone(tables));
    }

    pub(super) fn shift_records(&mut self, by: u32) {
        self.shift = self.shift.saturating_add(by);
    }

    pub(in crate::digest) fn buckets(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The facts of a bucket, as the digest that holds the run has them now.
    pub(in crate::digest) fn bucket(&self, bucket: usize) -> impl Iterator<Item = Fact> + '_ {
        let facts = self.part(bucket);
        let length = facts.len();
        let of = move |at: usize| facts.get(at).copied();
        (0..length).map_while(of).map(|mut fact| {
            fact.shift_record(self.shift);
            self.tables.iter().for_each(|tables| tables.apply(&mut fact));
            fact
        })
    }

    /// Bucket after bucket, each as it was written.
    pub(super) fn as_written(&self) -> impl Iterator<Item = Stored<Fact>> + '_ {
        (0..self.buckets()).map(|bucket| self.part(bucket))
    }

    pub(in crate::digest) fn give_back(&self, bucket: usize) {
        let facts = self.part(bucket);
        facts.give_back(0..facts.len());
    }

    fn part(&self, bucket: usize) -> Stored<Fact> {
        let place = |i: usize| self.starts.get(i).copied().unwrap_or(self.facts.len());
        self.facts.part(place(bucket)..place(bucket + 1))
    }
}
