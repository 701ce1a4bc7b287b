//! The words of messages, read again from the rows that facts cite.
//!
//! A pass keeps no subjects and no addresses, only numbers; what a report quotes is fetched here, once.

use std::collections::BTreeMap;

use crate::digest::Fact;
use crate::digest::hashes::hash_text;
use crate::evidence::{Exhibit, Shape, rows_at};
use crate::records::{Reader, Record, TraceRow};

/// A file that can be read again.
pub struct Again<'a> {
    pub place: &'a Exhibit,
    pub reader: &'a dyn Reader,
    /// Parts of it behind headers of their own, in order: where each begins, its shape and its reader.
    pub parts: Vec<(u64, &'a Shape, &'a dyn Reader)>,
}

impl<'a> Again<'a> {
    /// The shape and reader of the row at an offset, with the number of its part.
    fn at(&self, offset: u64) -> (usize, &'a Shape, &'a dyn Reader) {
        let part = self.parts.partition_point(|(start, ..)| *start <= offset);
        match part.checked_sub(1).and_then(|i| self.parts.get(i)) {
            Some((_, shape, reader)) => (part, *shape, *reader),
            None => (part, &self.place.shape, self.reader),
        }
    }
}

/// What a trace row says of a message and recipient, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub network_message_id: Option<String>,
    pub message_id: Option<String>,
    pub recipient: Option<String>,
    pub p1: Option<String>,
    pub p2: Option<String>,
    /// The sender of an export that does not say which of the two it is.
    pub sender: Option<String>,
    pub subject: Option<String>,
}

/// Reads the words behind facts, in their order. Where a row cannot be read again (a stream without a copy), they are empty.
pub fn of(facts: &[&Fact], files: &[Option<Again<'_>>]) -> Vec<Words> {
    let mut wanted: BTreeMap<u32, BTreeMap<u64, Vec<usize>>> = BTreeMap::new();
    for (i, fact) in facts.iter().enumerate() {
        let origin = fact.origin();
        wanted
            .entry(origin.file)
            .or_default()
            .entry(origin.offset)
            .or_default()
            .push(i);
    }
    let mut words = vec![Words::default(); facts.len()];
    for (file, places) in wanted {
        let Some(Some(again)) = files.get(file as usize) else {
            continue;
        };
        let offsets: Vec<u64> = places.keys().copied().collect();
        for offsets in offsets.chunk_by(|a, b| again.at(*a).0 == again.at(*b).0) {
            let Some((_, shape, reader)) = offsets.first().map(|offset| again.at(*offset)) else {
                continue;
            };
            // A file that cannot be read a second time leaves its words out; the citations still stand.
            let _ = rows_at(again.place, shape, offsets, &mut |offset, row| {
                let origin = crate::records::Origin {
                    file,
                    record: 0,
                    offset,
                };
                reader.read(row, origin, &mut |record| {
                    if let Record::Trace(row) = record {
                        for &i in places.get(&offset).into_iter().flatten() {
                            words[i] = quote(row, facts[i]);
                        }
                    }
                });
            });
        }
    }
    words
}

fn quote(row: &TraceRow<'_>, fact: &Fact) -> Words {
    let text = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
    let recipient = row
        .recipients
        .iter()
        .find(|r| hash_text(r.trim()).max(1) == fact.recipient)
        .or(row.recipients.first());
    Words {
        network_message_id: text(&row.network_message_id),
        message_id: text(&row.message_id),
        recipient: recipient.and_then(|r| text(r)),
        // The null sender is a sender, and not nothing.
        p1: row.p1.as_deref().map(|p| {
            if p.trim().is_empty() {
                "<>".to_owned()
            } else {
                p.trim().to_owned()
            }
        }),
        p2: row.p2.as_deref().and_then(text),
        sender: row.sender.as_deref().and_then(text),
        subject: text(&row.subject),
    }
}
