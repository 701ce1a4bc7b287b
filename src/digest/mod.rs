//! The third room: what one pass over the evidence keeps.
//!
//! Each worker folds the records of its chunks into a digest of its own; digests merge. The merge is
//! associative, commutative and exact, so a run gives the same report on any number of threads.

pub mod coverage;
pub mod fact;
pub mod facts;
pub mod fingerprints;
pub mod fold;
pub mod hashes;
pub mod join;
pub mod names;
pub mod objects;
pub mod observed;
mod recent;
pub mod sender;
pub mod sightings;
pub mod spill;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::records::{AcceptedDomain, AuditEvent, BlockedConnector, ConnectorSnapshot, Setting};

pub use fact::{Fact, Flags, SenderClass};
pub use facts::Facts;
use fingerprints::Lists;
pub use fingerprints::{Duplicates, Fingerprint, TraceMark};
pub use names::{Names, Sources};
pub use objects::ObjectMark;
pub use observed::{Few, Observed};
pub use sightings::{Details, Sighting, SightingKey, Sightings};
use spill::{Share, Spill};

/// Everything a pass keeps. After [`Digest::seal`] it is in canonical order: facts by message and recipient,
/// events by time and origin, no two of one key.
#[derive(Debug, Clone, Default)]
pub struct Digest {
    pub facts: Facts,
    pub names: Names,
    pub sources: Sources,
    pub events: Vec<AuditEvent>,
    pub sightings: Sightings,
    pub connectors: Vec<ConnectorSnapshot>,
    pub accepted_domains: Vec<AcceptedDomain>,
    pub blocked: Vec<BlockedConnector>,
    /// Outbound connectors, transport rules and audit configuration as they stood.
    pub settings: Vec<Setting>,
    /// What is known of the rows of these four besides.
    pub objects: Vec<ObjectMark>,
    /// Marks of the audit records that have an identity, by file.
    pub fingerprints: BTreeMap<u32, Lists<Fingerprint>>,
    /// Marks of the trace rows that have one, by file.
    pub trace_marks: BTreeMap<u32, Lists<TraceMark>>,
    /// What each file held, by file.
    pub observed: BTreeMap<u32, Observed>,
}

impl Digest {
    /// Takes in another digest.
    pub fn absorb(&mut self, other: Digest) {
        if self.is_empty() {
            *self = other;
            return;
        }
        let tables = Tables {
            names: self.names.absorb(&other.names),
            sources: self.sources.absorb(&other.sources),
        };
        self.facts.absorb(other.facts, tables, &self.names, &self.sources);
        self.events.extend(other.events);
        self.sightings.absorb(other.sightings);
        self.connectors.extend(other.connectors);
        self.accepted_domains.extend(other.accepted_domains);
        self.blocked.extend(other.blocked);
        self.settings.extend(other.settings);
        self.objects.extend(other.objects);
        for (file, lists) in other.fingerprints {
            self.fingerprints.entry(file).or_default().append(lists);
        }
        for (file, lists) in other.trace_marks {
            self.trace_marks.entry(file).or_default().append(lists);
        }
        for (file, observed) in other.observed {
            self.observed.entry(file).or_default().absorb(observed);
        }
    }

    /// Whether nothing was taken in yet.
    fn is_empty(&self) -> bool {
        self.facts.is_empty()
            && self.names.is_empty()
            && self.sources.is_empty()
            && self.events.is_empty()
            && self.sightings.is_empty()
            && self.connectors.is_empty()
            && self.accepted_domains.is_empty()
            && self.blocked.is_empty()
            && self.settings.is_empty()
            && self.objects.is_empty()
            && self.fingerprints.is_empty()
            && self.trace_marks.is_empty()
            && self.observed.is_empty()
    }

    /// Moves the columns into temporary files if they take more memory than they may.
    pub fn relieve(&mut self, share: Share<'_>) {
        let facts = self.facts.held() * size_of::<Fact>();
        let marks = fingerprints::held(&self.fingerprints) + fingerprints::held(&self.trace_marks);
        if facts + marks <= share.room || share.spill.failure().is_some() {
            return;
        }
        self.facts.spill(share.spill, &self.names, &self.sources);
        fingerprints::spill(&mut self.fingerprints, share.spill);
        fingerprints::spill(&mut self.trace_marks, share.spill);
    }

    /// Changes all facts that are wanted in a way that may make them another message's.
    pub fn rekey(
        &mut self,
        wanted: impl Fn(&Fact) -> bool,
        mut change: impl FnMut(&mut Fact),
        share: Option<Share<'_>>,
    ) {
        for mut fact in self.facts.extract(&wanted) {
            change(&mut fact);
            self.facts.push(fact);
        }
        for run in self.facts.take_runs() {
            for bucket in 0..run.buckets() {
                for mut fact in run.bucket(bucket) {
                    if wanted(&fact) {
                        change(&mut fact);
                    }
                    self.facts.push(fact);
                }
                run.give_back(bucket);
                if let Some(share) = share {
                    self.relieve(share);
                }
            }
        }
    }

    /// Adds to every record number: the chunk's place in its file became known.
    pub fn shift_records(&mut self, by: u32) {
        let shift = |origin: &mut crate::records::Origin| origin.record = origin.record.saturating_add(by);
        self.facts.shift_records(by);
        self.events.iter_mut().for_each(|e| shift(&mut e.origin));
        for sighting in self.sightings.values_mut() {
            shift(&mut sighting.first.1);
            shift(&mut sighting.last.1);
        }
        self.connectors.iter_mut().for_each(|c| shift(&mut c.origin));
        self.accepted_domains.iter_mut().for_each(|d| shift(&mut d.origin));
        self.blocked.iter_mut().for_each(|b| shift(&mut b.origin));
        self.settings.iter_mut().for_each(|s| shift(&mut s.origin));
        self.objects.iter_mut().for_each(|o| shift(&mut o.origin));
    }

    /// Brings everything into canonical order and drops the second copies of audit records. Nothing may be
    /// absorbed afterwards.
    pub fn seal(&mut self) {
        self.seal_within(None);
    }

    /// As [`Digest::seal`]. Of facts that were spilled only a few are in memory at the same time, where there is a place
    /// for the others.
    pub fn seal_within(&mut self, spill: Option<&Spill>) {
        // Names and sources are numbered in their own order instead of that of their arrival.
        let tables = Tables {
            names: sorted(&mut self.names),
            sources: sorted(&mut self.sources),
        };
        self.facts.seal(&tables, &self.names, &self.sources, spill);
        // The copy to keep comes first: the most complete, then the lowest path and record.
        self.events
            .par_sort_by_cached_key(|e| (e.record_id(), !e.complete, e.origin));
        self.events.dedup_by(|again, kept| {
            let id = again.record_id();
            id.is_some() && id == kept.record_id()
        });
        self.events.par_sort_by_key(|e| (e.time, e.origin));
        sightings::settle(&mut self.sightings);
        let copies = objects::copies(&self.objects);
        objects::settle(&mut self.connectors, &copies);
        objects::settle(&mut self.accepted_domains, &copies);
        objects::settle(&mut self.blocked, &copies);
        objects::settle(&mut self.settings, &copies);
    }
}

/// What a merge makes of the numbers of names and sources, by the number before it.
#[derive(Debug, Default)]
struct Tables {
    names: Vec<u32>,
    sources: Vec<u32>,
}

impl Tables {
    /// Gives a fact its new numbers.
    fn apply(&self, fact: &mut Fact) {
        let map = |table: &[u32], id: u32| table.get(id as usize).copied().unwrap_or(0);
        fact.connector = map(&self.names, fact.connector);
        fact.p1_domain = map(&self.names, fact.p1_domain);
        fact.p2_domain = map(&self.names, fact.p2_domain);
        fact.recipient_domain = map(&self.names, fact.recipient_domain);
        fact.source = map(&self.sources, fact.source);
    }
}

/// Replaces an interner by one in sorted order; the result maps old numbers to new.
fn sorted<T: Eq + Ord + std::hash::Hash + Clone>(interner: &mut names::Interner<T>) -> Vec<u32> {
    let mut values: Vec<T> = interner.iter().cloned().collect();
    values.sort();
    let mut fresh = names::Interner::default();
    for value in values {
        fresh.insert(value);
    }
    let map = fresh.absorb(interner);
    *interner = fresh;
    map
}

#[cfg(test)]
mod tests {
    use super::Digest;
    use crate::records::{AuditEvent, Origin};

    #[test]
    fn copies_of_a_record_are_told_by_the_value_of_their_id() {
        let event = |id: Option<&str>, record, complete| AuditEvent {
            id: id.map(str::to_owned),
            complete,
            origin: Origin {
                file: 0,
                record,
                offset: 0,
            },
            ..AuditEvent::default()
        };
        let mut digest = Digest {
            events: vec![
                event(Some("c9d2d808-0efe-48cb-eaec-08da3028eb80"), 1, false),
                event(Some("{C9D2D808-0EFE-48CB-EAEC-08DA3028EB80}"), 2, true),
                event(Some("C9D2D8080EFE48CBEAEC08DA3028EB80"), 3, true),
                event(None, 4, true),
                event(None, 5, true),
            ],
            ..Digest::default()
        };
        digest.seal();
        let kept: Vec<u32> = digest.events.iter().map(|e| e.origin.record).collect();
        assert_eq!(
            kept,
            [2, 4, 5],
            "the most complete copy, then the first; no id is no identity"
        );
    }
}
