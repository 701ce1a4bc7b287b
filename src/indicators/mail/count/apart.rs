//! What is counted apart for past and test, and who sends and receives most.

use super::super::frame::{Question, Rows};
use super::*;

/// Counts of one connector that know past from test.
pub(super) struct Phased {
    pub sources: Vec<SourceDay>,
    pub pairs: Vec<Pair>,
    pub outcomes: Vec<Outcome>,
}

impl Counter<'_> {
    /// What is counted apart for past and test.
    pub(super) fn phased(&self, rows: &Rows<'_>, n: usize) -> PolarsResult<Vec<Phased>> {
        let pairs = [
            "connector",
            "phase",
            "day",
            "cell",
            "p1",
            "p2",
            "unprovisioned",
            "fresh",
        ];
        let columns = [&pairs[..], &["message", "source", "outbound", "spam_known", "spam"]].concat();
        let by_day = ["connector", "phase", "day"];
        let ask = |only, keys| Question { only, keys };
        let [sources, pairs, known, unwanted] = rows.count(
            &columns,
            [
                ask(None, &["connector", "phase", "day", "source"]),
                ask(Some("outbound"), &pairs),
                ask(Some("spam_known"), &by_day),
                ask(Some("spam"), &by_day),
            ],
        )?;
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

    /// External recipients, by connector.
    pub(super) fn written_to(&self, rows: &Rows<'_>, connectors: usize) -> PolarsResult<Vec<Vec<WrittenTo>>> {
        let mut lists: Vec<Vec<WrittenTo>> = (0..connectors).map(|_| Vec::new()).collect();
        // Recipients come in ascending order within a connector's phase, so the look-ups walk through memory.
        let keys = ["connector", "phase", "recipient", "day"];
        for [connector, phase, recipient, day] in rows.distinct("outbound", keys)? {
            let Some(list) = lists.get_mut(connector as usize).filter(|_| phase != 0) else {
                continue;
            };
            list.push(WrittenTo {
                recipient,
                test: is_test(phase),
                day: as_day(day),
                first: Time(self.written_to.of(recipient).unwrap_or(i64::MAX)),
            });
        }
        Ok(lists)
    }

    /// Sources, senders and recipient domains with the most messages, by connector.
    pub(super) fn tops(&self, rows: &Rows<'_>, connectors: &[ConnectorMail]) -> PolarsResult<Vec<[Vec<Top>; 3]>> {
        let n = connectors.len();
        let keys = ["source", "sender", "recipient_domain"].map(|column| ["connector", column]);
        let questions = keys.each_ref().map(|keys| Question { only: None, keys });
        let columns = ["message", "connector", "source", "sender", "recipient_domain"];
        let [sources, senders, domains] = rows.count(&columns, questions)?;
        let top = |table: &Table, key: fn(&Seen) -> u64| -> Vec<Vec<Top>> {
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
        let sources = top(&sources, |s| u64::from(s.fact.source));
        let senders = top(&senders, frame::sender_key);
        let domains = top(&domains, |s| u64::from(s.fact.recipient_domain));
        let all = sources.into_iter().zip(senders).zip(domains);
        Ok(all
            .map(|((sources, senders), domains)| [sources, senders, domains])
            .collect())
    }
}
