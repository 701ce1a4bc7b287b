//! Rows without a network message id, tied to the messages of other exports by their Message-ID.
//!
//! The sender writes that id, and may write it twice: only where exactly one message of all exports bears it are the rows
//! counted with that message. A pass keeps no Message-IDs, because nearly every export has better ones; so the exports are
//! read once more, and only where some rows need it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::File;
use crate::digest::hashes::{hash_internet_id, hash_message_id};
use crate::digest::spill::Share;
use crate::digest::{Digest, Fact, Flags};
use crate::evidence::{self, Fate, Origin, ReadOptions, Row, Sink};
use crate::records::{Reader, Record};

/// Network message ids, hashed, by the Message-ID, hashed, that rows give beside them; `None` where they give several.
type Links = HashMap<u64, Option<u64>>;

/// Ties the rows, and notes of each file how many of its messages remain apart.
pub(super) fn by_message_id(files: &mut [File], digest: &mut Digest, share: Option<Share<'_>>) {
    if digest.observed.values().all(|o| o.unmatched == 0) {
        return;
    }
    let unmatched = |fact: &Fact| fact.flags.has(Flags::UNMATCHED);
    let wanted: HashSet<u64> = digest.facts.messages(unmatched).into_iter().collect();
    if wanted.is_empty() {
        return;
    }
    let mut links = Links::new();
    for (index, file) in (0u32..).zip(files.iter()) {
        let Some((reader, place)) = file.reader.as_deref().zip(file.place.as_ref()) else {
            continue;
        };
        let rows = file.exhibit.as_ref().map_or(0, |e| e.records);
        let without = digest.observed.get(&index).map_or(0, |o| o.unmatched);
        if !reader.kind().is_of_messages() || without >= rows {
            continue;
        }
        // A file that cannot be read a second time ties nothing; its rows are counted all the same.
        let Ok(Some(opened)) = place.reopened() else { continue };
        let make = || Linked {
            reader,
            wanted: &wanted,
            links: Links::new(),
        };
        if let Ok(outcome) = evidence::read(&opened, &opened.shape, &make, &ReadOptions::default(), &()) {
            join(&mut links, outcome.sink.map(|sink| sink.links).unwrap_or_default());
        }
    }
    let mut apart: HashMap<u32, BTreeSet<u64>> = HashMap::new();
    let link = |fact: &mut Fact| match links.get(&fact.message) {
        Some(Some(message)) => {
            fact.message = *message;
            fact.flags.0 &= !Flags::UNMATCHED;
        }
        _ => {
            apart.entry(fact.origin().file).or_default().insert(fact.message);
        }
    };
    digest.rekey(unmatched, link, share);
    for (index, file) in (0u32..).zip(files) {
        let without = digest.observed.get(&index).map_or(0, |o| o.unmatched);
        if let Some(exhibit) = file.exhibit.as_mut().filter(|_| without > 0) {
            let apart = apart.get(&index).map_or(0, BTreeSet::len);
            exhibit.notes.push(format!(
                "{without} rows name no network message id and are told by their Message-ID; {apart} messages of them match no \
                 message of another export and are counted apart"
            ));
        }
    }
}

/// The sink that looks for wanted Message-IDs.
struct Linked<'r> {
    reader: &'r dyn Reader,
    wanted: &'r HashSet<u64>,
    links: Links,
}

impl Sink for Linked<'_> {
    fn row(&mut self, row: &Row<'_>, origin: Origin) -> Fate {
        let Linked { reader, wanted, links } = self;
        reader.read(row, origin, &mut |record| {
            let Record::Trace(row) = record else { return };
            let (network, internet) = (row.network_message_id.trim(), row.message_id.trim());
            if network.is_empty() || internet.is_empty() {
                return;
            }
            let key = hash_internet_id(internet);
            if wanted.contains(&key) {
                join(links, Links::from([(key, Some(hash_message_id(network)))]));
            }
        })
    }

    fn shift_records(&mut self, _: u32) {}

    fn absorb(&mut self, next: Self) {
        join(&mut self.links, next.links);
    }
}

fn join(links: &mut Links, more: Links) {
    for (internet, network) in more {
        let known = links.entry(internet).or_insert(network);
        if *known != network {
            *known = None;
        }
    }
}
