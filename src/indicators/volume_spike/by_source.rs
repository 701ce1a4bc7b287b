//! Each source address by itself: a new one can hide in a busy connector.

use std::collections::{BTreeMap, HashMap};

use super::{Day, Flag, VolumeSpike, judge, round, series};
use crate::indicators::Finding;
use crate::indicators::mail::day_text;
use crate::indicators::mail::history::History;
use crate::indicators::traffic::{Strength, View, probability};

/// Busiest sources looked at one by one.
const SOURCES: usize = 50;

/// The first source address that jumped by itself, and did not just take over what others sent.
pub fn jump(view: &View) -> Option<(u32, Flag)> {
    let mail = view.case.mail;
    let number: HashMap<i32, usize> = mail.days.iter().enumerate().map(|(i, d)| (d.day, i)).collect();
    let mut totals = BTreeMap::<u32, Vec<(usize, u64)>>::new();
    for s in view.mail.sources.iter().filter(|s| s.source != 0) {
        if let Some(&index) = number.get(&s.day) {
            totals.entry(s.source).or_default().push((index, s.messages));
        }
    }
    let (past, test) = (mail.past_days(view.index), series(view, |d| d.messages));
    let all = mail.history(view.index, |d| d.messages);
    let mut busiest: Vec<(u64, u32)> = totals.iter().map(|(s, d)| (d.iter().map(|d| d.1).sum(), *s)).collect();
    busiest.sort_unstable_by_key(|&(count, source)| (std::cmp::Reverse(count), source));
    busiest.truncate(SOURCES);
    let tests = busiest.len() * test.len();
    busiest.iter().find_map(|&(_, source)| {
        let mut counts = vec![0_u64; mail.days.len()];
        for &(index, messages) in totals.get(&source)? {
            *counts.get_mut(index)? += messages;
        }
        let of = |i: usize| counts.get(i).copied().unwrap_or(0);
        let history = History::from_days(
            view.case.thresholds(),
            past.iter().filter_map(|&i| Some((mail.days.get(i)?.class, of(i)))),
        );
        let days: Vec<Day> = test.iter().map(|&(i, class, _)| (i, class, of(i))).collect();
        let flags = judge(&history, &days, tests).flags;
        let added = flags.into_iter().find(|f| {
            let total = test.iter().find(|d| d.0 == f.at);
            total.is_some_and(|&(_, class, total)| {
                let expected = all.predictive(class).map_or(0.0, |p| p.mean());
                total as f64 - expected >= f.count as f64 / 2.0
            })
        });
        added.map(|flag| (source, flag))
    })
}

pub fn shown(indicator: &VolumeSpike, view: &View, source: u32, flag: Flag) -> Finding {
    let day = view.case.mail.days.get(flag.at).map_or(0, |d| d.day);
    let address = view
        .case
        .digest
        .sources
        .get(source)
        .map_or_else(String::new, ToString::to_string);
    let summary = format!(
        "The connector as a whole keeps within its past, but {address} alone sent {} messages on {} where {:.1} were to be expected of it (p {}).",
        flag.count,
        day_text(day),
        flag.expected,
        probability(flag.p)
    );
    let rows = view.test().filter(|s| view.day_of(s) == day && s.fact.source == source);
    view.shown(indicator, Strength::Weak, summary, rows)
        .fact("source", address.as_str())
        .fact("peak_day", day_text(day))
        .fact("peak", flag.count)
        .fact("expected", round(flag.expected))
        .fact("p", flag.p)
}
