//! What a pass saw of a file besides its records: enough to say later what the file covers.

use std::collections::{BTreeMap, BTreeSet};

use crate::records::{Time, Workload};

/// How many different operation names are remembered; a real log has some hundreds.
const OPERATIONS: usize = 4096;
/// How many different result counts are remembered; one a search.
const RESULT_COUNTS: usize = 65_536;

/// What one file held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    pub first: Option<Time>,
    pub last: Option<Time>,
    pub workloads: BTreeSet<Workload>,
    pub operations: BTreeSet<String>,
    /// Rows by the `ResultCount` of the search that returned them.
    pub result_counts: BTreeMap<u32, u64>,
    /// Rows of the audit log without one.
    pub uncounted: u64,
    /// Hours since 1970 with at least one record.
    pub hours: BTreeSet<i64>,
    /// Distinct traced messages.
    pub messages: Few,
    /// Rows of messages without a network message id.
    pub unmatched: u64,
    /// Sign-ins that did not come from the audit log.
    pub sign_in_log: bool,
}

/// Distinct values, told apart only as long as there are few.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Few {
    /// In order and each once, but for those that came lately.
    values: Vec<u64>,
    more: bool,
}

impl Few {
    /// As many are told apart: what the Extended report may hold.
    pub const LIMIT: usize = 1_000;

    pub fn insert(&mut self, value: u64) {
        if self.more || self.values.last() == Some(&value) {
            return;
        }
        self.values.push(value);
        if self.values.len() > 2 * Self::LIMIT {
            self.settle();
        }
    }

    /// Brings the values into order.
    fn settle(&mut self) {
        self.values.sort_unstable();
        self.values.dedup();
        self.more |= self.values.len() > Self::LIMIT;
        if self.more {
            self.values = Vec::new();
        }
    }

    /// How many there are; `None` where more than [`Few::LIMIT`].
    pub fn count(&self) -> Option<usize> {
        let mut all = self.clone();
        all.settle();
        (!all.more).then_some(all.values.len())
    }

    fn absorb(&mut self, mut other: Few) {
        self.more |= other.more;
        self.values.append(&mut other.values);
        self.settle();
    }
}

impl Observed {
    /// Notes a record's time.
    pub fn at(&mut self, time: Time) {
        self.widen(time);
        self.hours.insert(time.hour());
    }

    /// Notes a record's time where its hour was noted before.
    pub fn widen(&mut self, time: Time) {
        self.first = Some(self.first.map_or(time, |t| t.min(time)));
        self.last = Some(self.last.map_or(time, |t| t.max(time)));
    }

    /// Notes an audit record's kind.
    pub fn audit(&mut self, workload: Workload, operation: &str, result_count: Option<u32>) {
        self.workloads.insert(workload);
        if !self.operations.contains(operation) && self.operations.len() < OPERATIONS {
            self.operations.insert(operation.to_owned());
        }
        self.uncounted += u64::from(result_count.is_none());
        let Some(count) = result_count else { return };
        if let Some(rows) = self.result_counts.get_mut(&count) {
            *rows += 1;
        } else if self.result_counts.len() < RESULT_COUNTS {
            self.result_counts.insert(count, 1);
        }
    }

    /// Adds what another part of the file, or another file, held.
    pub fn absorb(&mut self, other: Self) {
        [other.first, other.last]
            .into_iter()
            .flatten()
            .for_each(|time| self.widen(time));
        self.workloads.extend(other.workloads);
        self.operations.extend(other.operations);
        for (count, rows) in other.result_counts {
            *self.result_counts.entry(count).or_default() += rows;
        }
        self.uncounted += other.uncounted;
        self.hours.extend(other.hours);
        self.messages.absorb(other.messages);
        self.unmatched += other.unmatched;
        self.sign_in_log |= other.sign_in_log;
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    fn few(values: std::ops::Range<u64>) -> Few {
        let mut few = Few::default();
        values.for_each(|v| few.insert(v));
        few
    }

    #[test]
    fn few_values_are_counted_once_in_any_number_of_parts() {
        let limit = Few::LIMIT as u64;
        let joined = |a: std::ops::Range<u64>, b: std::ops::Range<u64>| {
            let mut all = few(a);
            all.absorb(few(b));
            all.count()
        };
        assert_eq!(joined(0..600, 400..limit), Some(Few::LIMIT));
        assert_eq!(joined(0..600, 400..limit + 1), None);
        assert_eq!(joined(0..limit + 1, 0..1), None);
        assert_eq!(joined(0..1, 0..limit + 1), None);
    }
}
