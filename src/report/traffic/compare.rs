//! Sources, senders and recipient domains of a connector's undoubted past against those of the time judged.

use std::cmp::Reverse;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{recipient_domain, source, visible_sender};
use crate::digest::{Digest, Fact};
use crate::indicators::Case;
use crate::indicators::mail::{Period, Seen, sender_key};
use crate::report::model::{Compared, Comparison, Window};
use crate::report::words::Words;

/// So many of the most frequent of either time are listed.
const LISTED: usize = 8;

/// Recipients before and after, of one value.
type Both = [u64; 2];

/// One value that is listed.
struct Row<'a> {
    both: Both,
    /// The earliest fact that shows the value.
    shown_by: &'a Fact,
}

/// A comparison whose words have yet to be read.
pub struct Counted<'a> {
    period: &'a Period,
    all: Both,
    sources: Vec<Row<'a>>,
    senders: Vec<Row<'a>>,
    domains: Vec<Row<'a>>,
}

/// Counts both times; `None` where no trace can be tied to the connector.
pub fn compare<'a>(case: &Case<'a>, index: usize) -> Option<Counted<'a>> {
    let period = case.mail.connectors.get(index)?.period.as_ref()?;
    let seen = case.mail.of(index);
    let all = seen.iter().filter_map(|s| phase(period, s));
    let all = all.fold([0, 0], |mut all, phase| {
        all[phase] += 1;
        all
    });
    Some(Counted {
        period,
        all,
        sources: top(period, seen, |s| u64::from(s.fact.source)),
        senders: top(period, seen, sender_key),
        domains: top(period, seen, |s| u64::from(s.fact.recipient_domain)),
    })
}

/// 0 before, 1 after; `None` between the two and outside.
fn phase(period: &Period, seen: &Seen) -> Option<usize> {
    let time = seen.fact.time;
    if period.is_past(time) {
        Some(0)
    } else {
        period.is_test(time).then_some(1)
    }
}

/// The most frequent values of either time, most mail of the time judged first. 0 is no value.
fn top<'a>(period: &Period, seen: &'a [Seen], key: fn(&Seen) -> u64) -> Vec<Row<'a>> {
    // Each value's recipients, and where it is first seen: sums and least places, so that their order cannot show.
    type Found = FxHashMap<u64, (Both, usize)>;
    let found = seen
        .par_iter()
        .enumerate()
        .fold(Found::default, |mut found, (place, s)| {
            let key = key(s);
            if let Some(phase) = phase(period, s).filter(|_| key != 0) {
                found.entry(key).or_insert(([0, 0], place)).0[phase] += 1;
            }
            found
        })
        .reduce(Found::default, |mut left, right| {
            for (key, (both, place)) in right {
                let held = left.entry(key).or_insert(([0, 0], place));
                held.0 = [held.0[0] + both[0], held.0[1] + both[1]];
                held.1 = held.1.min(place);
            }
            left
        });
    let mut rows: Vec<(Both, usize)> = found.into_values().collect();
    let mut listed: Vec<(Both, usize)> = Vec::new();
    for time in [0, 1] {
        rows.sort_unstable_by_key(|(both, place)| (Reverse(both[time]), *place));
        listed.extend(rows.iter().filter(|(both, _)| both[time] > 0).take(LISTED));
    }
    listed.sort_unstable_by_key(|(both, place)| (Reverse(both[1]), Reverse(both[0]), *place));
    listed.dedup();
    let row = |(both, place): (Both, usize)| {
        let shown_by = &seen.get(place)?.fact;
        Some(Row { both, shown_by })
    };
    listed.into_iter().filter_map(row).collect()
}

impl<'a> Counted<'a> {
    /// The facts whose senders are to be read again, in the order in which [`Counted::show`] wants their words.
    pub fn senders(&self) -> impl Iterator<Item = &'a Fact> + '_ {
        self.senders.iter().map(|row| row.shown_by)
    }

    /// The comparison with its words.
    pub fn show(&self, digest: &Digest, senders: Vec<Words>) -> Comparison {
        let compared = |row: &Row, value: String| Compared {
            value,
            before: row.both[0],
            after: row.both[1],
        };
        let period = self.period;
        let window = |from: crate::records::Time, to: crate::records::Time| Window {
            from: from.to_string(),
            to: to.to_string(),
        };
        let sources = self.sources.iter().map(|r| compared(r, source(digest, r.shown_by)));
        let domains = self.domains.iter();
        let domains = domains.map(|r| compared(r, recipient_domain(digest, r.shown_by)));
        let senders = self.senders.iter().zip(&senders);
        let senders = senders.map(|(row, words)| compared(row, visible_sender(words)));
        Comparison {
            past: window(period.from, period.until),
            judged: window(period.since, period.to),
            because: period.because(),
            recipients_before: self.all[0],
            recipients_after: self.all[1],
            sources: sources.collect(),
            senders: senders.collect(),
            recipient_domains: domains.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Index;
    use crate::indicators::mail::fixture::{LETTER, Letter, World, address_change, at};

    /// The comparison of HQ's mail, senders unread.
    fn compared(world: &mut World) -> Comparison {
        let mail = world.count();
        let case = Case {
            organization: &world.organization,
            window: world.window,
            digest: &world.digest,
            coverage: &world.coverage,
            timeline: &world.timeline,
            mail: &mail,
            index: Index::default(),
        };
        let counted = compare(&case, 0).expect("mail that is tied to the connector");
        let unread = counted.senders().map(|_| Words::default()).collect();
        counted.show(&world.digest, unread)
    }

    fn of(list: &[Compared], value: &str) -> Option<Both> {
        list.iter().find(|c| c.value == value).map(|c| [c.before, c.after])
    }

    #[test]
    fn a_new_host_is_set_against_the_old_one() {
        let mut world = World::new();
        for day in 0..30 {
            world.day(day, 10, LETTER);
        }
        world.timeline.connectors[0].events = vec![address_change(at(30, 0), "91.219.236.10", false)];
        let foreign = Letter {
            source: "91.219.236.10",
            to: "victim.example",
            ..LETTER
        };
        world.day(30, 50, foreign);
        world.day(30, 4, LETTER);
        let comparison = compared(&mut world);
        assert_eq!(comparison.past.to, at(30, 0).to_string());
        assert_eq!((comparison.recipients_before, comparison.recipients_after), (300, 54));
        assert_eq!(of(&comparison.sources, "81.2.69.160"), Some([300, 4]));
        assert_eq!(of(&comparison.sources, "91.219.236.10"), Some([0, 50]));
        assert_eq!(
            comparison.sources[0].value, "91.219.236.10",
            "what sends now comes first"
        );
        assert_eq!(of(&comparison.recipient_domains, "victim.example"), Some([0, 50]));
        assert_eq!(comparison.senders[0].value, "(not given)");
    }

    #[test]
    fn a_newcomer_is_listed_however_many_older_hosts_send_more() {
        let mut world = World::new();
        let hosts: Vec<String> = (1..=30).map(|n| format!("81.2.69.{n}")).collect();
        for day in 0..30 {
            for source in &hosts {
                world.day(day, 3, Letter { source, ..LETTER });
            }
        }
        world.timeline.connectors[0].events = vec![address_change(at(30, 0), "91.219.236.10", false)];
        let foreign = Letter {
            source: "91.219.236.10",
            ..LETTER
        };
        world.day(30, 5, foreign);
        let comparison = compared(&mut world);
        assert_eq!(of(&comparison.sources, "91.219.236.10"), Some([0, 5]));
        assert_eq!(comparison.sources.len(), LISTED + 1);
    }
}
