//! What one stretch of a file held, counted.

use super::ledger::{Entry, Reason, What};
use super::{Fate, Origin, Sink};

/// Entries kept of one file. Hostile evidence can hold nothing but damaged lines: beyond this many they are
/// counted and no longer listed.
pub const LEDGER_LIMIT: usize = 1 << 20;

/// Counts and ledger of a stretch. records = accepted + degraded + rejected, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub records: u64,
    pub accepted: u64,
    pub degraded: u64,
    pub rejected: u64,
    /// In order of records, the first [`LEDGER_LIMIT`] of the file.
    pub ledger: Vec<Entry>,
    /// How often reading went on inside what had been taken for a record.
    pub resynchronisations: u64,
}

impl Tally {
    /// The number of the next record, 1-based; it stops at the highest number that an origin holds.
    pub(super) fn next_record(&self) -> u32 {
        u32::try_from(self.records + 1).unwrap_or(u32::MAX)
    }

    pub(super) fn count(&mut self, origin: Origin, fate: Fate) {
        self.records += 1;
        let (what, reason) = match fate {
            Fate::Accepted => {
                self.accepted += 1;
                return;
            }
            Fate::Degraded(reason) => {
                self.degraded += 1;
                (What::Degraded, reason)
            }
            Fate::Rejected(reason) => {
                self.rejected += 1;
                (What::Rejected, reason)
            }
        };
        if self.ledger.len() < LEDGER_LIMIT {
            self.ledger.push(Entry { origin, what, reason });
        }
    }

    /// Adds the tally of the stretch that follows, whose records are counted from 1, and moves its numbers and those
    /// of its sink to their place in the file.
    pub(super) fn append<S: Sink>(&mut self, next: Tally, sink: &mut S) {
        let by = u32::try_from(self.records).unwrap_or(u32::MAX);
        if by > 0 {
            sink.shift_records(by);
        }
        let room = LEDGER_LIMIT.saturating_sub(self.ledger.len());
        self.ledger.extend(next.ledger.into_iter().take(room).map(|mut entry| {
            entry.origin.record = entry.origin.record.saturating_add(by);
            entry
        }));
        self.records += next.records;
        self.accepted += next.accepted;
        self.degraded += next.degraded;
        self.rejected += next.rejected;
        self.resynchronisations += next.resynchronisations;
    }
}

/// What becomes of a damaged line: never whole, and for the reader's reason, which is the first cause.
pub(super) fn damaged(fate: Fate, reason: Reason) -> Fate {
    match fate {
        Fate::Accepted | Fate::Degraded(_) => Fate::Degraded(reason),
        Fate::Rejected(_) => Fate::Rejected(reason),
    }
}
