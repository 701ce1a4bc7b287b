//! Did mail come from addresses that are not the organisation's own?

use std::collections::{BTreeMap, BTreeSet};

use super::documented::documented;
use super::mail::day_text;
use super::mail::sources::{SourceDay, Yardstick, is_public};
use super::sender_mismatch::sure;
use super::traffic::rate::{Factor, Rule, Share, rise};
use super::traffic::{Strength, View, percent};
use super::volume_spike::round;
use super::{Case, Finding, Indicator, acts, reach};
use crate::indicators::reach::Scope;
use crate::timeline::Connector;

/// Addresses that are listed.
const LISTED: usize = 20;

documented! {
    /// Own are `on_premises_ips` of org.toml; without them the sources of the connector's frozen past, address by address;
    /// without a past the sources of the tenant's other connectors, their /24, and addresses from which admins signed in on
    /// `source_seen` days before. Microsoft's hosts, private, loopback and unspecified addresses are never foreign, and
    /// neither are addresses that an intended change brought in: a renumbering, told apart by the old ones falling silent
    /// (below `source_silent` of the mail).
    ///
    /// Supported: against org.toml a single message from elsewhere is a weak sign and `source_many` are a strong one, unless
    /// the past carried the same hosts already (weak). Against the past: at least `source_least` messages from new
    /// hosts, the lower 95 % bound of their share above `source_floor`, its odds `source_odds` times those of the past's own
    /// changes of hosts, and the beta-binomial probability, times the number of tests, below `improbable`; weakly where
    /// databases of places (--geoip) say that all new hosts are with network operators of the past. Neighbours in a
    /// /24 are noted: a new host beside the old one is a known trick.
    ///
    /// Contradicted: no foreign host, the trace is whole and names the connector, and where the past is the yardstick the
    /// audit log speaks of the time judged.
    ///
    /// Look-alikes: a new mail server, a provider's changing pool, enhanced filtering that shows the true origin behind a
    /// gateway.
    ///
    /// Needs: a message trace with connecting hosts; `on_premises_ips` in org.toml decides best.
    /// Source: Microsoft, Respond to a compromised connector, step 1.
    pub struct SourceIpMismatch;
}

impl Indicator for SourceIpMismatch {
    fn id(&self) -> &'static str {
        "source_ip_mismatch"
    }

    fn question(&self) -> &'static str {
        "Did mail come from addresses that are not the organisation's own?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1583.003"]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let view = match View::new(self, case, connector) {
            Ok(view) => view,
            Err(finding) => return *finding,
        };
        let test: Vec<&SourceDay> = view.mail.sources.iter().filter(|s| s.test).collect();
        let total = |wanted: &dyn Fn(u32) -> bool| -> u64 {
            test.iter().filter(|s| wanted(s.source)).map(|s| s.messages).sum()
        };
        let (all, unknown) = (total(&|_| true), total(&|s| s == 0));
        if all > 0 && unknown == all {
            return view.unable(
                self,
                format!("The trace gives no connecting host for any of {all} messages."),
                "A trace with connecting hosts: MessageTraceDetail (kept 10 days), EmailEvents, or Get-MessageTraceV2 with FromIP",
            );
        }
        if view.hosts.yardstick == Yardstick::Nothing && all > 0 {
            return view.unable(
                self,
                "The connector has no past, and there are no own addresses, other connectors or sign-ins to compare its sources with.".to_owned(),
                "on_premises_ips in org.toml",
            );
        }
        let hosts = view.hosts;
        let foreign = total(&|s| hosts.foreign.contains(&s));
        let finding = if foreign == 0 {
            quiet(self, &view, all, unknown)
        } else {
            strength(&view, &test).map_or_else(
                || {
                    let summary = format!(
                        "{foreign} of {all} messages came from hosts not seen before, no more than the connector's past changed hosts by itself."
                    );
                    silent(self, &view, all, summary)
                },
                |strength| shown(self, &view, strength, foreign, all),
            )
        };
        finding
            .fact("messages", all)
            .fact("foreign", foreign)
            .fact("without_source", unknown)
    }
}

/// How strongly the foreign hosts show; `None` where the past changed hosts as often.
fn strength(view: &View, test: &[&SourceDay]) -> Option<Strength> {
    let (hosts, limits) = (view.hosts, view.case.thresholds());
    let new: u64 = test
        .iter()
        .filter(|s| hosts.foreign.contains(&s.source) && !hosts.carried_before.contains(&s.source))
        .map(|s| s.messages)
        .sum();
    match hosts.yardstick {
        Yardstick::OnPremises if new >= limits.source_many => Some(Strength::Strong),
        Yardstick::Past => {
            let mut days = BTreeMap::<i32, Share>::new();
            for s in test.iter().filter(|s| s.source != 0) {
                let of = if hosts.foreign.contains(&s.source) {
                    s.messages
                } else {
                    0
                };
                days.entry(s.day).or_default().add(of, s.messages);
            }
            let past = changes_of_past(view);
            // New hosts must be more than the past's own changes of hosts.
            let rule = Rule {
                least: limits.source_least,
                floor: limits.source_floor,
                factor: Factor::Odds(limits.source_odds),
            };
            rise(&days, past, rule, limits).map(|found| {
                // Another host of the provider that the past used is what a provider's changing pool looks like.
                match new_operators(view) {
                    Some(new) if new.is_empty() => found.strength.min(Strength::Weak),
                    _ => found.strength,
                }
            })
        }
        _ => Some(Strength::Weak),
    }
}

/// The network operators of foreign hosts that no host of the connector's past had; `None` where databases do not know
/// the operator of each foreign host and of some host of the past.
fn new_operators(view: &View) -> Option<BTreeSet<String>> {
    let operator = |source: u32| {
        let place = view.case.timeline.places.get(*view.case.digest.sources.get(source)?)?;
        Some((place.asn?, place.network()?))
    };
    let past = view.mail.sources.iter().filter(|s| !s.test && s.source != 0);
    let known: BTreeSet<u32> = past.filter_map(|s| Some(operator(s.source)?.0)).collect();
    if known.is_empty() {
        return None;
    }
    let foreign: Option<Vec<(u32, String)>> = view.hosts.foreign.iter().map(|s| operator(*s)).collect();
    let new = foreign?.into_iter().filter(|(number, _)| !known.contains(number));
    Some(new.map(|(_, name)| name).collect())
}

/// How much of the past's second half came from public hosts that its first half had not.
fn changes_of_past(view: &View) -> Option<Share> {
    let past = || view.mail.sources.iter().filter(|s| !s.test && s.source != 0);
    let days: BTreeSet<i32> = past().map(|s| s.day).collect();
    let middle = *days.iter().nth(days.len() / 2)?;
    let known: BTreeSet<u32> = past().filter(|s| s.day < middle).map(|s| s.source).collect();
    let mut share = Share::default();
    for s in past().filter(|s| s.day >= middle) {
        let public = view.case.digest.sources.get(s.source).is_some_and(|a| is_public(*a));
        let new = public && !known.contains(&s.source);
        share.add(if new { s.messages } else { 0 }, s.messages);
    }
    (share.all >= view.case.thresholds().source_past).then_some(share)
}

fn shown(indicator: &SourceIpMismatch, view: &View, strength: Strength, foreign: u64, all: u64) -> Finding {
    let hosts = view.hosts;
    let yardstick = match hosts.yardstick {
        Yardstick::OnPremises => "outside the organisation's own addresses",
        Yardstick::Past => "not among the sources of the connector's own past",
        _ => "unknown to the tenant's other connectors and its admins' sign-ins",
    };
    let addresses = busiest(view, &hosts.foreign);
    let first = view.test().find(|s| hosts.foreign.contains(&s.fact.source));
    let mut notes = String::new();
    if !hosts.neighbours.is_empty() {
        notes.push_str(&format!(
            "; {} of them stand in the same /24 as a known host",
            hosts.neighbours.len()
        ));
    }
    if !hosts.carried_before.is_empty() {
        notes.push_str(&format!(
            "; {} of them were in use before any doubt",
            hosts.carried_before.len()
        ));
    }
    let operators = new_operators(view);
    match &operators {
        Some(new) if new.is_empty() => notes.push_str("; all with network operators of the past"),
        Some(new) => {
            let names: Vec<&str> = new.iter().take(LISTED).map(String::as_str).collect();
            notes.push_str(&format!(
                "; of network operators that the past never had ({})",
                names.join(", ")
            ));
        }
        None => {}
    }
    let places = &view.case.timeline.places;
    let placed: serde_json::Map<String, serde_json::Value> = addresses
        .iter()
        .filter_map(|a| Some((a.clone(), places.label(a.parse().ok()?)?.into())))
        .collect();
    let summary = format!(
        "{foreign} of {all} messages ({}) came from {} {yardstick}: {}{notes}{}.",
        percent(foreign as f64 / all.max(1) as f64),
        acts::count(hosts.foreign.len(), "host"),
        addresses.join(", "),
        first.map_or(String::new(), |s| format!("; the first at {}", s.fact.time())),
    );
    let rows = view.test().filter(|s| hosts.foreign.contains(&s.fact.source));
    view.shown(indicator, strength, summary, rows)
        .fact("hosts", addresses)
        .fact("places", placed)
        .fact("share", round(foreign as f64 / all.max(1) as f64))
        .fact("neighbours", busiest(view, &hosts.neighbours))
        .fact("in_use_before", busiest(view, &hosts.carried_before))
}

fn quiet(indicator: &SourceIpMismatch, view: &View, all: u64, unknown: u64) -> Finding {
    let hosts = view.hosts;
    if unknown * 2 > all {
        return view.unable(
            indicator,
            format!("{unknown} of {all} messages have no connecting host in the trace."),
            "A trace with connecting hosts for all of the time: MessageTraceDetail, or EmailEvents",
        );
    }
    let by = match hosts.yardstick {
        Yardstick::OnPremises => "the organisation's own addresses",
        Yardstick::Past => "sources of the connector's own past",
        _ => "hosts that the tenant knows otherwise",
    };
    if hosts.renumbered.is_empty() {
        let summary = match unknown {
            0 => format!("All {all} messages came from {by}."),
            n => format!(
                "All {} messages whose host the trace gives came from {by}; it gives none for {n} more.",
                all - n
            ),
        };
        return silent(indicator, view, all - unknown, summary);
    }
    let (since, after, old) = renumbering(view);
    let silence = if old <= view.case.thresholds().source_silent * after.max(1.0) {
        "the old ones fell silent and the new ones took over their mail".to_owned()
    } else {
        format!("the old ones still send {}", percent(old / after.max(1.0)))
    };
    let summary = format!(
        "No foreign host: {} came with an intended change of the addresses, first seen on {since}; {silence}.",
        busiest(view, &hosts.renumbered).join(", ")
    );
    silent(indicator, view, all, summary).fact("renumbered", busiest(view, &hosts.renumbered))
}

/// No foreign host was found among so many messages. That clears nobody where the mail was tied to the connector by the very
/// addresses that are in question, or where no log shows that nobody opened the connector to the hosts of its past.
fn silent(indicator: &SourceIpMismatch, view: &View, messages: u64, summary: String) -> Finding {
    if view.mail.by_name == 0 && view.mail.by_address > 0 {
        let summary =
            format!("{summary} But it was tied to the connector by its addresses: mail from others would not be.");
        return view.unable(
            indicator,
            summary,
            "A trace that names the connector (MessageTraceDetail, EmailEvents)",
        );
    }
    let (case, period) = (view.case, view.period);
    if view.hosts.yardstick == Yardstick::Past && !reach::log_speaks(case, Scope::Connectors, period.since, period.to) {
        let summary = format!("{summary} But no log shows that nobody opened the connector to them before.");
        return view.unable(indicator, summary, &reach::log_needs(case, Scope::Connectors).concat());
    }
    view.not_shown(indicator, sure(case, messages), summary)
}

/// The day the new hosts began, and from the day after on all messages and those of other hosts.
fn renumbering(view: &View) -> (String, f64, f64) {
    let test = || view.mail.sources.iter().filter(|s| s.test && s.source != 0);
    let is_new = |s: &&SourceDay| view.hosts.renumbered.contains(&s.source);
    let since = test().filter(is_new).map(|s| s.day).min().unwrap_or(0);
    let after = || test().filter(|s| s.day > since);
    let all: u64 = after().map(|s| s.messages).sum();
    let new: u64 = after().filter(is_new).map(|s| s.messages).sum();
    (day_text(since), all as f64, (all - new) as f64)
}

/// Addresses by messages in the time judged, the most first.
fn busiest(view: &View, wanted: &BTreeSet<u32>) -> Vec<String> {
    let mut counts = BTreeMap::<u32, u64>::new();
    for s in view
        .mail
        .sources
        .iter()
        .filter(|s| s.test && wanted.contains(&s.source))
    {
        *counts.entry(s.source).or_default() += s.messages;
    }
    let addresses = counts
        .iter()
        .filter_map(|(s, n)| Some((std::cmp::Reverse(*n), *view.case.digest.sources.get(*s)?)));
    let mut addresses: Vec<_> = addresses.collect();
    addresses.sort_unstable();
    addresses.into_iter().take(LISTED).map(|(_, a)| a.to_string()).collect()
}
