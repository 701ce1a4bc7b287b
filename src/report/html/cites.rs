//! Every row that the page cites: where it stands in the list at the end, and the links to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::markup;
use super::place::Place;
use crate::report::model::{Citation, Connector, Event, Indicator, Report};

/// Citations on one page; beyond it each finding shows fewer of its own, so that the page stays small.
const MOST: usize = 2_500;
/// A finding shows so many in any case.
const LEAST: usize = 2;
/// What report.json lists of one finding at most.
const LISTED: usize = 20;
/// Rows that a sentence links to; the finding or event behind it has more.
const FEW: usize = 3;

/// A row by file, record and byte offset.
type Key<'a> = (&'a str, u64, u64);

/// One cited row.
pub struct Row<'a> {
    /// Of its anchor.
    pub number: usize,
    pub record: u64,
    pub byte_offset: u64,
    pub id: Option<&'a str>,
    /// Where it is cited first.
    pub cited: Place,
}

/// The cited rows of one file, by record.
pub struct File<'a> {
    pub path: &'a str,
    pub rows: Vec<Row<'a>>,
}

/// The cited rows of a report.
pub struct Cites<'a> {
    numbers: BTreeMap<Key<'a>, usize>,
    /// In order of path.
    pub files: Vec<File<'a>>,
    /// Citations of one finding or event at most.
    most: usize,
    /// Rows that show what somebody did.
    acts: BTreeSet<Key<'a>>,
}

impl<'a> Cites<'a> {
    /// Gathers what the page cites: connectors in the order in which it shows them, then accounts and the tenant.
    pub fn gather(report: &'a Report, connectors: &[&'a Connector]) -> Self {
        let places = places(report, connectors);
        let all: usize = places.iter().map(|(_, c)| c.len().min(LISTED)).sum();
        let most = if all > MOST {
            (MOST / places.len().max(1)).clamp(LEAST, LISTED)
        } else {
            LISTED
        };
        let mut found: BTreeMap<Key, (Option<&str>, Place)> = BTreeMap::new();
        for (place, citations) in places {
            for citation in spread(citations, most) {
                let held = found.entry(key(citation)).or_insert((None, place));
                held.0 = held.0.or(citation.id.as_deref());
            }
        }
        let mut files: Vec<File> = Vec::new();
        let mut numbers = BTreeMap::new();
        for (number, (key, (id, cited))) in found.into_iter().enumerate() {
            let (path, record, byte_offset) = key;
            let row = Row {
                number,
                record,
                byte_offset,
                id,
                cited,
            };
            numbers.insert(key, number);
            match files.last_mut().filter(|f| f.path == path) {
                Some(file) => file.rows.push(row),
                None => files.push(File { path, rows: vec![row] }),
            }
        }
        Cites {
            numbers,
            files,
            most,
            acts: acts(report, connectors),
        }
    }

    /// Links to the rows behind one thing, file by file; `count` is how many there are in all. Empty where there is
    /// none.
    pub fn links(&self, citations: &[Citation], count: u64) -> String {
        self.write(spread(citations, self.most).collect(), count)
    }

    /// The same with a few of the rows behind several things: acts before what only led to them.
    pub fn few(&self, lists: &[&[Citation]], count: u64) -> String {
        let mut seen = BTreeSet::new();
        let all = lists.iter().flat_map(|list| spread(list, self.most));
        let all = all.filter(|c| seen.insert(key(c)));
        let (acts, others): (Vec<&Citation>, Vec<&Citation>) = all.partition(|c| self.acts.contains(&key(c)));
        let mut shown: Vec<&Citation> = spread(&acts, FEW).copied().collect();
        let room = FEW - shown.len();
        shown.extend(spread(&others, room));
        self.write(shown, count)
    }

    fn write(&self, mut shown: Vec<&Citation>, count: u64) -> String {
        if shown.is_empty() {
            return String::new();
        }
        shown.sort_by_key(|c| key(c));
        shown.dedup_by_key(|c| key(c));
        let mut out = String::from("<span class=\"cites\">");
        let mut path = None;
        for citation in &shown {
            if path != Some(&citation.path) {
                path = Some(&citation.path);
                markup::push(&mut out, &citation.path);
                out.push_str(" row");
            }
            if let Some(number) = self.numbers.get(&key(citation)) {
                // Writing to a String cannot fail.
                let _ = write!(out, " <a href=\"#r{number}\">{}</a>", citation.record);
            }
        }
        if count > shown.len() as u64 {
            let _ = write!(out, " of {count}");
        }
        out.push_str("</span>");
        out
    }
}

fn key(citation: &Citation) -> Key<'_> {
    (&citation.path, citation.record, citation.byte_offset)
}

/// The rows of what somebody did. A sign-in is none: there are many, and what came of it tells.
fn acts<'a>(report: &'a Report, connectors: &[&'a Connector]) -> BTreeSet<Key<'a>> {
    const NO_ACTS: [&str; 3] = ["seen_in_snapshot", "blocked", "alerted"];
    const SIGN_INS: [&str; 2] = ["UserLoggedIn", "UserLoginFailed"];
    let is_act = |e: &&Event| {
        let signs_in = e.operation.as_deref().is_some_and(|o| SIGN_INS.contains(&o));
        !signs_in && !NO_ACTS.contains(&e.action.as_str())
    };
    let events = connectors
        .iter()
        .flat_map(|c| &c.timeline)
        .chain(&report.tenant.timeline);
    events
        .filter(is_act)
        .flat_map(|e| e.citations.iter().map(key))
        .collect()
}

/// What is cited where, in the order of the page.
fn places<'a>(report: &'a Report, connectors: &[&'a Connector]) -> Vec<(Place, &'a [Citation])> {
    fn events(timeline: &[Event], place: impl Fn(usize) -> Place) -> impl Iterator<Item = (Place, &[Citation])> {
        timeline
            .iter()
            .enumerate()
            .map(move |(n, e)| (place(n), e.citations.as_slice()))
    }
    fn indicators(list: &[Indicator], place: impl Fn(usize) -> Place) -> impl Iterator<Item = (Place, &[Citation])> {
        list.iter()
            .enumerate()
            .map(move |(n, i)| (place(n), i.citations.as_slice()))
    }
    let mut all = Vec::new();
    for (c, connector) in connectors.iter().enumerate() {
        all.extend(events(&connector.timeline, |n| Place::ConnectorEvent(c, n)));
        all.extend(indicators(&connector.indicators, |n| Place::ConnectorIndicator(c, n)));
        let adjustments = connector.adjustments.iter().enumerate();
        all.extend(adjustments.map(|(n, a)| (Place::ConnectorAdjustment(c, n), a.citations.as_slice())));
    }
    for (a, account) in report.accounts.iter().enumerate() {
        all.extend(indicators(&account.indicators, |n| Place::AccountIndicator(a, n)));
    }
    all.extend(indicators(&report.tenant.indicators, Place::TenantIndicator));
    all.extend(events(&report.tenant.timeline, Place::TenantEvent));
    all.retain(|(_, citations)| !citations.is_empty());
    all
}

/// At most so many: the first, the last and the rest evenly between them.
fn spread<T>(citations: &[T], most: usize) -> impl Iterator<Item = &T> {
    let shown = citations.len().min(most);
    (0..shown).filter_map(move |n| citations.get(n * (citations.len() - 1) / (shown - 1).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_the_first_and_the_last_are_shown() {
        let all: Vec<Citation> = (1..=20)
            .map(|record| Citation {
                path: "a.csv".into(),
                record,
                byte_offset: 0,
                id: None,
            })
            .collect();
        let records = |most| spread(&all, most).map(|c| c.record).collect::<Vec<_>>();
        assert_eq!(records(20), (1..=20).collect::<Vec<_>>());
        assert_eq!(records(3), [1, 10, 20]);
        assert_eq!(records(1), [1]);
        assert_eq!(spread(&all[..0], 3).count(), 0);
        assert_eq!(spread(&all, 0).count(), 0);
    }

    #[test]
    fn the_act_is_among_the_few_that_are_shown_and_a_row_counts_once() {
        let row = |record| Citation {
            path: "a.csv".into(),
            record,
            byte_offset: 0,
            id: None,
        };
        let all: Vec<Citation> = (1..=20).map(row).collect();
        let cites = Cites {
            numbers: all.iter().enumerate().map(|(n, c)| (key(c), n)).collect(),
            files: Vec::new(),
            most: 20,
            acts: BTreeSet::from([key(&all[6])]),
        };
        let shown = cites.few(&[&all], 20);
        assert!(
            shown.contains(">7</a>") && shown.contains(">1</a>") && shown.contains(">20</a>"),
            "{shown}"
        );
        let same = cites.few(&[&all[..2], &all[..2]], 2);
        assert!(
            same.contains(">1</a>") && same.contains(">2</a>") && !same.contains(" of "),
            "{same}"
        );
    }
}
