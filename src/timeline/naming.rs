//! Finding connectors by name or GUID in what somebody wrote.

use std::collections::{BTreeSet, HashMap};

use crate::records::Time;

use super::Connector;
use super::actor::is_guid;
use super::reference::fold;

/// Shorter names are found only where nothing else stands.
const SHORTEST: usize = 4;

/// Every name and GUID of a list of connectors, to be looked up by the words of a text.
pub(super) struct Names<'a> {
    connectors: &'a [&'a Connector],
    /// By name in lower case.
    bearers: HashMap<String, Vec<usize>>,
    /// By id in lower case.
    owners: HashMap<String, Vec<usize>>,
    /// By a name's first word: the names, longest first, and where that word begins in them.
    by_word: HashMap<String, Vec<(String, usize)>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(connectors: &'a [&'a Connector]) -> Self {
        let mut names = Names {
            connectors,
            bearers: HashMap::new(),
            owners: HashMap::new(),
            by_word: HashMap::new(),
        };
        for (index, connector) in connectors.iter().enumerate() {
            let own: BTreeSet<String> = connector.names.iter().map(|n| fold(n)).collect();
            for name in own.into_iter().filter(|n| !n.is_empty()) {
                names.bearers.entry(name).or_default().push(index);
            }
            if let Some(id) = connector.id.as_deref().map(fold).filter(|id| !id.is_empty()) {
                names.owners.entry(id).or_default().push(index);
            }
        }
        for name in names.bearers.keys().filter(|n| n.chars().count() >= SHORTEST) {
            if let Some((at, word)) = words(name).next() {
                let entry = names.by_word.entry(word.to_owned()).or_default();
                entry.push((name.clone(), at));
            }
        }
        for candidates in names.by_word.values_mut() {
            candidates.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        }
        names
    }

    /// The connectors that these ids and texts, all in lower case, name at a moment. A name stands as a whole text
    /// or item of one, or as words of its own; "Inbound" is not named by "Inbound from HQ", and a name is its
    /// bearer's at that moment.
    pub(super) fn named(&self, ids: &[String], texts: &BTreeSet<String>, time: Time) -> BTreeSet<usize> {
        let odd_ids = texts.iter().filter(|v| !is_guid(v));
        let found = ids.iter().chain(odd_ids).filter_map(|id| self.owners.get(id));
        let mut found: BTreeSet<usize> = found.flatten().copied().collect();
        let names: BTreeSet<&str> = texts.iter().flat_map(|text| self.names_in(text)).collect();
        let mut by_name: BTreeSet<usize> = BTreeSet::new();
        for name in names {
            let bearers = self.bearers.get(name).map_or(&[][..], Vec::as_slice);
            if bearers.iter().any(|b| found.contains(b)) {
                continue;
            }
            let now: Vec<usize> = bearers.iter().copied().filter(|&b| self.bears(b, name, time)).collect();
            by_name.extend(if now.is_empty() { bearers } else { &now });
        }
        found.extend(by_name);
        found
    }

    fn names_in(&self, text: &str) -> Vec<&str> {
        if let Some(name) = self.whole(text) {
            return vec![name];
        }
        let odd = self.within(text, is_punctuated);
        let mut found: Vec<&str> = odd.iter().map(|(name, _)| *name).collect();
        let mut text = text.to_owned();
        for (name, at) in odd.into_iter().rev() {
            text.replace_range(at..at + name.len(), BLOT);
        }
        for item in text.split(SEPARATORS).map(unlabelled) {
            match self.whole(item) {
                Some(name) => found.push(name),
                None => found.extend(self.within(item, |_| true).into_iter().map(|(name, _)| name)),
            }
        }
        found
    }

    fn whole(&self, text: &str) -> Option<&str> {
        self.bearers.get_key_value(text.trim()).map(|(name, _)| name.as_str())
    }

    fn bears(&self, index: usize, name: &str, time: Time) -> bool {
        let Some(connector) = self.connectors.get(index) else {
            return false;
        };
        let now = connector.state_at(time).map_or(&connector.name, |s| &s.name);
        fold(now) == name
    }

    /// The names that stand in a text as words of their own, the longest at each place, and where.
    fn within(&self, text: &str, wanted: fn(&str) -> bool) -> Vec<(&str, usize)> {
        let mut found = Vec::new();
        let mut from = 0;
        for (at, word) in words(text) {
            let candidates = self.by_word.get(word).into_iter().flatten();
            let hit = candidates.filter(|(name, _)| wanted(name)).find_map(|(name, offset)| {
                let start = at.checked_sub(*offset).filter(|s| *s >= from)?;
                let end = start + name.len();
                (text.get(start..end)? == name && is_apart(text, start, end)).then_some((name, start, end))
            });
            if let Some((name, start, end)) = hit {
                found.push((name.as_str(), start));
                from = end;
            }
        }
        found
    }
}

/// Marks between the items of a list.
const SEPARATORS: [char; 4] = [',', ';', '\n', '\r'];
/// A longer text before a colon is a sentence, no label.
const LABEL: usize = 40;
/// What stands in the place of words that were taken out.
pub(super) const BLOT: &str = "\u{0}";

/// Whether a name holds a mark that elsewhere ends one.
fn is_punctuated(name: &str) -> bool {
    name.contains(SEPARATORS) || name.contains(": ")
}

/// `Connector: Relay` without its label.
fn unlabelled(item: &str) -> &str {
    let parted = item.split_once(": ").filter(|(label, _)| label.len() <= LABEL);
    parted.map_or(item, |(_, rest)| rest).trim()
}

/// A text's words, each with where it begins.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    text.split(|c: char| !c.is_alphanumeric()).filter_map(move |word| {
        let at = text.get(from..)?.find(word)? + from;
        from = at + word.len();
        (!word.is_empty()).then_some((at, word))
    })
}

/// Whether what stands between two places is no part of a longer word, host name, address or path.
fn is_apart(text: &str, start: usize, end: usize) -> bool {
    let joins = |near: Option<char>, beyond: Option<char>| {
        near.is_some_and(char::is_alphanumeric)
            || (near.is_some_and(|c| matches!(c, '.' | '-' | '_' | '@' | '/'))
                && beyond.is_some_and(char::is_alphanumeric))
    };
    let mut before = text.get(..start).unwrap_or_default().chars().rev();
    let mut after = text.get(end..).unwrap_or_default().chars();
    !joins(before.next(), before.next()) && !joins(after.next(), after.next())
}
