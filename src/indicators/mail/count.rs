//! The order of counting: days first, from them each connector's period, and from that past and test apart.

mod apart;

use std::net::IpAddr;

use super::keyed::{Count, Counts, Row, sum};
use super::*;
use crate::records::ConnectorType;

/// Phases of a connector's time.
const PAST: u32 = 1;
const TEST: u32 = 2;

impl Counter<'_> {
    /// Counts every connector of the timeline.
    pub(super) fn connectors(&mut self) -> PolarsResult<Vec<ConnectorMail>> {
        self.days = self.tenant_days();
        let mut connectors = self.by_day()?;
        let phase = |s: &Seen| phase(s, &connectors);
        let rows = Rows::new(self.seen, self.scattered, &self.bench.calendar, &phase);
        let n = connectors.len();
        let phased = self.phased(&rows, n)?;
        let written: Vec<Vec<WrittenTo>> = connectors.iter().map(|c| self.written_to(&rows, c)).collect();
        let tops = self.tops(&rows, &connectors)?;
        let parts = phased.into_iter().zip(written).zip(tops);
        for (mail, ((phased, written), [sources, senders, domains])) in connectors.iter_mut().zip(parts) {
            mail.sources = phased.sources;
            mail.pairs = phased.pairs;
            mail.outcomes = phased.outcomes;
            mail.written_to = written;
            mail.top_sources = sources;
            mail.top_senders = senders;
            mail.top_recipient_domains = domains;
        }
        self.seen.give_back(0..self.seen.len());
        self.hosts(&mut connectors);
        Ok(connectors)
    }

    fn tenant_days(&self) -> Vec<TenantDay> {
        let counts: Vec<(i32, u64, u64)> = self.tenant.iter().map(|(&day, m)| (day, m.all, m.outbound)).collect();
        period::tenant_days(&counts, &self.coverage.message_trace, &self.bench.calendar)
    }

    fn by_day(&self) -> PolarsResult<Vec<ConnectorMail>> {
        let number: HashMap<i32, usize> = self.days.iter().enumerate().map(|(i, d)| (d.day, i)).collect();
        let connectors = self.timeline.connectors.len();
        let mut series: Vec<Days> = (0..connectors).map(|_| Days::default()).collect();
        let mut enter = |table: &Table<2>, write: fn(&mut DayCount, u64, u64)| {
            for ([connector, day], messages, recipients) in table.rows() {
                let days = series.get_mut(connector as usize);
                if let (Some(days), Some(&index)) = (days, number.get(&as_day(day))) {
                    write(days.entry(index), messages, recipients);
                }
            }
        };
        let mut parts: Vec<ByDay> = Rows::new(self.seen, self.scattered, &self.bench.calendar, &|_| 0).count();
        let totals = sum(&mut parts, |p| &mut p.totals)?;
        let hours = sum(&mut parts, |p| &mut p.hours)?;
        enter(&sum(&mut parts, |p| &mut p.all)?, |d, m, r| {
            (d.messages, d.recipients) = (m, r)
        });
        enter(&sum(&mut parts, |p| &mut p.spam)?, |d, _, r| d.spam = r);
        enter(&sum(&mut parts, |p| &mut p.outbound)?, |d, m, r| {
            (d.outbound, d.outbound_recipients) = (m, r)
        });
        let totals = split(&totals, series.len(), |[_], m, r| (m, r));
        let mut hours = split(&hours, series.len(), |[_, hour], m, _| (hour.cast_signed(), m));
        for hours in &mut hours {
            hours.sort_unstable();
        }
        let totals = totals.into_iter().map(|t| t.first().copied().unwrap_or_default());
        let counted = series.into_iter().zip(hours).zip(totals).enumerate();
        Ok(counted
            .map(|(index, ((days, hours), totals))| self.connector(index, days, hours, totals))
            .collect())
    }

    fn connector(
        &self,
        index: usize,
        days: Days,
        hours: Vec<(i64, u64)>,
        (messages, recipients): (u64, u64),
    ) -> ConnectorMail {
        let key = |s: &Seen| s.connector() as usize;
        let start = self.seen.partition_point(|s| key(s) < index);
        let facts = start..self.seen.partition_point(|s| key(s) <= index);
        let seen = self.seen.get(facts.clone()).unwrap_or_default();
        let by_name = seen.iter().filter(|s| s.by_name()).count() as u64;
        let by_address = seen.len() as u64 - by_name;
        let traced = self.traced_for(index);
        let period = traced.and_then(|traced| {
            let known = self.bench.domains.known();
            let mut series = vec![0; self.days.len()];
            for (day, count) in days.iter() {
                if let Some(held) = series.get_mut(day) {
                    *held = if known { count.outbound } else { count.messages };
                }
            }
            let ground = Ground {
                connector: self.timeline.connectors.get(index)?,
                window: self.window,
                calendar: &self.bench.calendar,
                coverage: self.coverage,
                traced,
                first_mail: seen.first().map(|s| s.fact.time()),
                days: &self.days,
                series: &series,
                stranger: self.stranger(index, seen),
                limits: &self.organization.tuning.thresholds,
            };
            Some(ground.period())
        });
        ConnectorMail {
            messages,
            recipients,
            by_name,
            by_address,
            contested: 0,
            attribution: attribution_text(by_name, by_address),
            attributable: traced.is_some(),
            untold_by_certificate: self.untold_by_certificate(index, period.as_ref()),
            days,
            hours,
            sources: Vec::new(),
            pairs: Vec::new(),
            outcomes: Vec::new(),
            written_to: Vec::new(),
            top_sources: Vec::new(),
            top_senders: Vec::new(),
            top_recipient_domains: Vec::new(),
            period,
            hosts: None,
            facts,
        }
    }

    /// Whether mail of the time to judge may have come by certificate while the trace names no connectors.
    fn untold_by_certificate(&self, index: usize, period: Option<&Period>) -> bool {
        period.is_some_and(|p| {
            let named = self.first_named.is_some_and(|named| named <= p.to.0);
            let attribution = &self.bench.attribution;
            !named && attribution.knows_by_certificate(index, p.since.0, p.to.0)
        })
    }

    /// The first mail through a relay from a public host that is neither listed in org.toml nor brought in by an
    /// intended change; `None` where org.toml lists no hosts, or such mail is too little to be more than stray.
    fn stranger(&self, index: usize, seen: &[Seen]) -> Option<Time> {
        let own = &self.organization.on_premises;
        let connector = self.timeline.connectors.get(index)?;
        if own.is_empty() || connector.kind == Some(ConnectorType::Partner) {
            return None;
        }
        let meant = sources::intended_networks(self.organization, connector, Time(i64::MIN));
        let is_strange = |source: u32| {
            let address = self.digest.sources.get(source).map(IpAddr::to_canonical);
            address.is_some_and(|a| {
                sources::is_public(a) && !attribution::contains(own, a) && !attribution::contains(&meant, a)
            })
        };
        let mut judged: HashMap<u32, bool> = HashMap::new();
        let mut strange = seen
            .iter()
            .filter(|s| *judged.entry(s.fact.source).or_insert_with(|| is_strange(s.fact.source)));
        let first = strange.next()?.fact.time();
        (1 + strange.count() as u64 >= self.organization.tuning.thresholds.source_many).then_some(first)
    }

    /// The time for which the trace can speak of a connector: from where on it is known to list addresses, or from
    /// the first row on that names any connector, whichever is earlier.
    fn traced_for(&self, index: usize) -> Option<(Time, Time)> {
        let (first, last) = self.traced?;
        let listed = self.bench.attribution.addresses_known_from(index);
        let listed = listed.map(|from| Time(from).max(first)).filter(|from| *from <= last);
        let named = self.first_named.map(|named| {
            let events = self.timeline.connectors.get(index).map_or(&[][..], |c| &c.events);
            let created = events.iter().find(|e| e.action == Action::Created).map(|e| e.time);
            // If it did not exist before, the trace that names nobody before missed nothing.
            let silent = created.filter(|c| (first..=Time(named)).contains(c)).map(|_| first);
            silent.unwrap_or(Time(named))
        });
        let from = [listed, named].into_iter().flatten().min()?;
        Some((from, last))
    }

    fn hosts(&self, connectors: &mut [ConnectorMail]) {
        let sources = connectors.iter().flat_map(|c| &c.sources);
        let past: BTreeSet<u32> = sources.filter(|s| !s.test && s.source != 0).map(|s| s.source).collect();
        for (mail, connector) in connectors.iter_mut().zip(&self.timeline.connectors) {
            mail.hosts = mail.period.as_ref().map(|period| {
                sources::judge(&Evidence {
                    digest: self.digest,
                    organization: self.organization,
                    connector,
                    period,
                    sources: &mail.sources,
                    all_past: &past,
                })
            });
        }
    }
}

/// What is counted before phases are known.
#[derive(Default)]
struct ByDay {
    totals: Count<1>,
    /// By connector and local day, as the next two.
    all: Count<2>,
    spam: Count<2>,
    outbound: Count<2>,
    /// What went outside, by connector and hour in UTC.
    hours: Count<2>,
}

impl Counts for ByDay {
    fn message(&mut self, rows: &[Row<'_>]) {
        let outbound = || rows.iter().filter(|r| r.seen.outbound());
        let day = |r: &Row<'_>| [u64::from(r.seen.connector()), day_key(r)];
        let hour = |r: &Row<'_>| [u64::from(r.seen.connector()), r.seen.fact.time().hour().cast_unsigned()];
        self.totals
            .message(rows.iter().map(|r| [u64::from(r.seen.connector())]));
        self.all.message(rows.iter().map(day));
        self.spam
            .message(rows.iter().filter(|r| r.seen.fact.is_spam()).map(day));
        self.outbound.message(outbound().map(day));
        self.hours.message(outbound().map(hour));
    }
}

/// The phase in which a row of connector mail lies.
fn phase(seen: &Seen, connectors: &[ConnectorMail]) -> u32 {
    let mail = connectors.get(seen.connector() as usize);
    match mail.and_then(|c| c.period.as_ref()) {
        Some(p) if p.is_test(seen.fact.time) => TEST,
        Some(p) if p.is_past(seen.fact.time) => PAST,
        _ => 0,
    }
}

/// A table's rows by connector, which is its first key.
fn split<const N: usize, T>(table: &Table<N>, connectors: usize, row: impl Fn([u64; N], u64, u64) -> T) -> Vec<Vec<T>> {
    let mut lists: Vec<Vec<T>> = (0..connectors).map(|_| Vec::new()).collect();
    for (keys, messages, recipients) in table.rows() {
        let connector = keys.first().map_or(usize::MAX, |&c| c as usize);
        if let Some(list) = lists.get_mut(connector) {
            list.push(row(keys, messages, recipients));
        }
    }
    lists
}

fn in_phase<T>(rows: Vec<(u64, T)>) -> Vec<T> {
    rows.into_iter()
        .filter(|(phase, _)| *phase != 0)
        .map(|(_, row)| row)
        .collect()
}

fn is_test(phase: u64) -> bool {
    phase == u64::from(TEST)
}

/// A local day as a key; those before 1970 come last.
fn day_key(row: &Row<'_>) -> u64 {
    i64::from(row.day).cast_unsigned()
}

fn as_day(key: u64) -> i32 {
    i32::try_from(key.cast_signed()).unwrap_or(i32::MAX)
}

fn as_number(key: u64) -> u32 {
    u32::try_from(key).unwrap_or(0)
}

fn attribution_text(by_name: u64, by_address: u64) -> String {
    match (by_name, by_address) {
        (0, 0) => "no traced mail is tied to this connector".to_owned(),
        (n, 0) => format!("the trace names the connector ({n} recipients)"),
        (0, a) => format!("by sender address, as the connector was configured at that moment ({a} recipients)"),
        (n, a) => format!(
            "the trace names the connector ({n} recipients); the rest by sender address, as it was configured at that moment ({a} recipients)"
        ),
    }
}
