//! What is counted apart for past and test, and who sends and receives most.

use rayon::prelude::*;

use super::super::keyed::{Count, Counts, Row, Rows, sum};
use super::*;

/// Counts of one connector that know past from test.
pub(super) struct Phased {
    pub sources: Vec<SourceDay>,
    pub pairs: Vec<Pair>,
    pub outcomes: Vec<Outcome>,
}

/// What is counted apart for past and test: by connector and phase, day, and what the names say.
#[derive(Default)]
struct ByPhase {
    sources: Count<4>,
    /// Outbound mail by its cell, P1, P2, and how these stood.
    pairs: Count<8>,
    known: Count<3>,
    unwanted: Count<3>,
}

impl Counts for ByPhase {
    fn message(&mut self, rows: &[Row<'_>]) {
        let day = |r: &Row<'_>| [u64::from(r.seen.connector()), u64::from(r.phase), day_key(r)];
        let sources = rows.iter().map(|r| {
            let [connector, phase, day] = day(r);
            [connector, phase, day, u64::from(r.seen.fact.source)]
        });
        self.sources.message(sources);
        let pairs = rows.iter().filter(|r| r.seen.outbound()).map(|r| {
            let [connector, phase, day] = day(r);
            let [p1, p2] = [r.seen.fact.p1_domain, r.seen.fact.p2_domain].map(u64::from);
            let [unprovisioned, fresh] = [r.seen.unprovisioned(), r.seen.fresh()].map(u64::from);
            [
                connector,
                phase,
                day,
                r.seen.cell() as u64,
                p1,
                p2,
                unprovisioned,
                fresh,
            ]
        });
        self.pairs.message(pairs);
        self.known
            .message(rows.iter().filter(|r| r.seen.fact.spam_known()).map(day));
        self.unwanted
            .message(rows.iter().filter(|r| r.seen.fact.is_spam()).map(day));
    }
}

/// By connector, and source, sender or recipient domain.
#[derive(Default)]
struct ByWhom {
    sources: Count<2>,
    senders: Count<2>,
    domains: Count<2>,
}

impl Counts for ByWhom {
    fn message(&mut self, rows: &[Row<'_>]) {
        let with = |key: fn(&Seen) -> u64| rows.iter().map(move |r| [u64::from(r.seen.connector()), key(r.seen)]);
        self.sources.message(with(|s| u64::from(s.fact.source)));
        self.senders.message(with(keyed::sender_key));
        self.domains.message(with(|s| u64::from(s.fact.recipient_domain)));
    }
}

impl Counter<'_> {
    /// What is counted apart for past and test.
    pub(super) fn phased(&self, rows: &Rows<'_>, n: usize) -> PolarsResult<Vec<Phased>> {
        let mut parts: Vec<ByPhase> = rows.count();
        let sources = sum(&mut parts, |p| &mut p.sources)?;
        let pairs = sum(&mut parts, |p| &mut p.pairs)?;
        let known = sum(&mut parts, |p| &mut p.known)?;
        let unwanted = sum(&mut parts, |p| &mut p.unwanted)?;
        let sources = split(&sources, n, |[_, phase, day, source], messages, recipients| {
            let source = as_number(source);
            (
                phase,
                SourceDay {
                    source,
                    day: as_day(day),
                    test: is_test(phase),
                    messages,
                    recipients,
                },
            )
        });
        let pairs = split(
            &pairs,
            n,
            |[_, phase, day, cell, p1, p2, unprovisioned, fresh], messages, _| {
                let pair = Pair {
                    test: is_test(phase),
                    day: as_day(day),
                    cell: Cell::from_number(cell),
                    p1: as_number(p1),
                    p2: as_number(p2),
                    unprovisioned: unprovisioned == 1,
                    fresh: fresh == 1,
                    messages,
                };
                (phase, pair)
            },
        );
        let mut outcomes = vec![BTreeMap::<(bool, i32), (u64, u64)>::new(); n];
        for (table, spam) in [(known, false), (unwanted, true)] {
            for ([connector, phase, day], messages, _) in table.rows() {
                if let Some(days) = outcomes.get_mut(connector as usize).filter(|_| phase != 0) {
                    let (known, unwanted) = days.entry((is_test(phase), as_day(day))).or_default();
                    *(if spam { unwanted } else { known }) += messages;
                }
            }
        }
        let outcome = |((test, day), (known, spam)): ((bool, i32), (u64, u64))| Outcome { test, day, known, spam };
        let all = sources.into_iter().zip(pairs).zip(outcomes);
        Ok(all
            .map(|((sources, pairs), outcomes)| Phased {
                sources: in_phase(sources),
                pairs: in_phase(pairs),
                outcomes: outcomes.into_iter().map(outcome).collect(),
            })
            .collect())
    }

    /// External recipients of a connector.
    pub(super) fn written_to(&self, rows: &Rows<'_>, mail: &ConnectorMail) -> Vec<WrittenTo> {
        let outside = rows.distinct(mail.facts.clone(), |Row { seen, phase, day }| {
            let judged = seen.outbound() && phase != 0;
            judged.then(|| (is_test(phase.into()), seen.fact.recipient, day))
        });
        // In the order of recipients the look-ups walk through memory.
        let written = outside.into_par_iter().map(|(test, recipient, day)| WrittenTo {
            recipient,
            test,
            day,
            first: Time(self.written_to.of(recipient).unwrap_or(i64::MAX)),
        });
        written.collect()
    }

    /// Sources, senders and recipient domains with the most messages, by connector.
    pub(super) fn tops(&self, rows: &Rows<'_>, connectors: &[ConnectorMail]) -> PolarsResult<Vec<[Vec<Top>; 3]>> {
        let n = connectors.len();
        let mut parts: Vec<ByWhom> = rows.count();
        let top = |table: &Table<2>, key: fn(&Seen) -> u64| -> Vec<Vec<Top>> {
            let mut lists = split(table, n, |[_, key], messages, recipients| (key, messages, recipients));
            let shown = lists.iter_mut().zip(connectors.iter()).map(|(list, mail)| {
                list.retain(|&(key, ..)| key != 0);
                list.sort_unstable_by_key(|&(key, m, r)| (std::cmp::Reverse((m, r)), key));
                list.truncate(TOP);
                let seen = self.seen.get(mail.facts.clone()).unwrap_or_default();
                let mut shown_by: HashMap<u64, &Seen> = HashMap::new();
                for s in seen {
                    if shown_by.len() == list.len() {
                        break;
                    }
                    let key = key(s);
                    if !shown_by.contains_key(&key) && list.iter().any(|l| l.0 == key) {
                        shown_by.insert(key, s);
                    }
                }
                let listed = list.iter().filter_map(|&(key, messages, recipients)| {
                    shown_by.get(&key).map(|s| Top {
                        key,
                        messages,
                        recipients,
                        shown_by: s.fact,
                    })
                });
                listed.collect()
            });
            shown.collect()
        };
        let sources = top(&sum(&mut parts, |p| &mut p.sources)?, |s| u64::from(s.fact.source));
        let senders = top(&sum(&mut parts, |p| &mut p.senders)?, keyed::sender_key);
        let domains = top(&sum(&mut parts, |p| &mut p.domains)?, |s| {
            u64::from(s.fact.recipient_domain)
        });
        let all = sources.into_iter().zip(senders).zip(domains);
        Ok(all
            .map(|((sources, senders), domains)| [sources, senders, domains])
            .collect())
    }
}
