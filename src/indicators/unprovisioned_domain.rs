//! Was mail sent from a domain that the organisation had not provisioned, or only just?

use std::collections::{BTreeMap, BTreeSet};

use super::documented::documented;
use super::mail::domains::Standing;
use super::mail::{Cell, Pair, day_text};
use super::sender_mismatch::sure;
use super::traffic::rate::{Factor, Rise, Rule, Share, rise};
use super::traffic::{Strength, View, percent, probability};
use super::volume_spike::round;
use super::{Case, Finding, Indicator};
use crate::digest::SenderClass;
use crate::records::Status;
use crate::timeline::Connector;

/// Domains that are listed by name.
const LISTED: usize = 10;

documented! {
    /// Mail from a domain that is not the organisation's has no business on its connector. What the connector carried in
    /// its frozen past already is no sign: some connectors serve a sending service by design.
    ///
    /// Supported: at least `unprovisioned_least` outbound messages have an envelope or header sender outside the
    /// organisational domains (Public Suffix List) of the domains accepted at that moment, or of a domain accepted less
    /// than `domain_fresh_days` before; the lower 95 % bound of their share lies above `unprovisioned_floor`, its odds are
    /// `unprovisioned_odds` times those of new names in the second half of the past, and the beta-binomial probability,
    /// times the number of tests, lies below `improbable`. Strong below `very_improbable`, with `strong_least` messages
    /// and a past of `past_full`; without a past weakly. On a connector restricted to addresses alone a foreign
    /// envelope sender cannot be relayed, so delivered mail of that kind speaks first of an incomplete list of accepted
    /// domains and counts weakly. Null senders, SRS, VERP and BATV are left out.
    ///
    /// Contradicted: no such rise, and the trace is whole.
    ///
    /// Look-alikes: a new domain of the organisation, forwarding, a sending service newly taken on.
    ///
    /// Needs: a message trace and the accepted domains with their dates.
    /// Source: Microsoft, Respond to a compromised connector; Microsoft, Fix error code 5.7.750.
    pub struct UnprovisionedDomain;
}

impl Indicator for UnprovisionedDomain {
    fn id(&self) -> &'static str {
        "unprovisioned_domain"
    }

    fn question(&self) -> &'static str {
        "Was mail sent from a domain the organisation had not provisioned, or only just?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1672"]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let view = match View::new(self, case, connector) {
            Ok(view) => view,
            Err(finding) => return *finding,
        };
        if !case.mail.domains.known() {
            return view.without_domains(self);
        }
        let has_past = view.has_past();
        let past: Vec<&Pair> = view.mail.pairs.iter().filter(|p| !p.test && has_past).collect();
        let carried = domains(&past);
        let is_sign =
            |p: &Pair| p.fresh || (p.unprovisioned && ![p.p1, p.p2].iter().all(|d| *d == 0 || carried.contains(d)));
        let mut days = BTreeMap::<i32, Share>::new();
        for pair in view.mail.pairs.iter().filter(|p| p.test) {
            let of = if is_sign(pair) { pair.messages } else { 0 };
            days.entry(pair.day).or_default().add(of, pair.messages);
        }
        let messages: u64 = days.values().map(|s| s.all).sum();
        let signs: u64 = days.values().map(|s| s.of).sum();
        let limits = case.thresholds();
        let past = novelty_of_past(&past).filter(|share| share.all >= limits.unprovisioned_past);
        let rule = Rule {
            least: limits.unprovisioned_least,
            floor: limits.unprovisioned_floor,
            factor: Factor::Odds(limits.unprovisioned_odds),
        };
        let Some(found) = rise(&days, past, rule, limits) else {
            let known: u64 = view
                .mail
                .pairs
                .iter()
                .filter(|p| p.test && p.unprovisioned)
                .map(|p| p.messages)
                .sum();
            let summary = format!(
                "Of {messages} outbound messages {signs} came from a domain that was neither provisioned nor carried before ({known} from foreign domains in all)."
            );
            return view
                .not_shown(self, sure(case, messages), summary)
                .fact("messages", messages)
                .fact("unprovisioned", signs);
        };
        shown(self, &view, &found, past, &is_sign)
    }
}

fn shown(
    indicator: &UnprovisionedDomain,
    view: &View,
    found: &Rise,
    past: Option<Share>,
    is_sign: &dyn Fn(&Pair) -> bool,
) -> Finding {
    let signs: Vec<&Pair> = view.mail.pairs.iter().filter(|p| p.test && is_sign(p)).collect();
    let own: BTreeSet<(u32, u32)> = signs.iter().map(|p| (p.p1, p.p2)).collect();
    let in_question = |day: i32| found.day.is_none_or(|d| d == day);
    let rows = || {
        let rows = view.test().filter(|s| s.outbound() && (s.unprovisioned() || s.fresh()));
        rows.filter(|s| own.contains(&(s.fact.p1_domain, s.fact.p2_domain)) && in_question(view.day_of(s)))
    };
    // Relay by address needs an accepted envelope sender: delivered all the same, our list lacks a domain.
    let doubtful = !has_certificate(view.connector)
        && rows().all(|s| {
            let ordinary = matches!(s.fact.class, SenderClass::Ordinary | SenderClass::Unknown);
            let foreign = s.fact.p1_domain != 0 && s.cell() != Cell::OwnForeign && !s.fresh();
            ordinary && foreign && s.fact.status() == Status::Delivered
        });
    let fresh: u64 = signs.iter().filter(|p| p.fresh).map(|p| p.messages).sum();
    let names = names(view, &signs);
    let when = found
        .day
        .map_or("in the time judged".to_owned(), |d| format!("on {}", day_text(d)));
    let mut summary = format!(
        "{} of {} outbound messages {when} ({}) came from domains that were not provisioned, or only just: {}{}.",
        found.share.of,
        found.share.all,
        percent(found.share.value()),
        names.join(", "),
        past.map_or(String::new(), |p| format!(
            "; new names made up {} of its past (p {})",
            percent(p.value()),
            probability(found.p)
        )),
    );
    if doubtful {
        summary.push_str(
            " As relay by address needs an accepted envelope sender and these were delivered, check first whether the list of accepted domains is complete.",
        );
    }
    let strength = if doubtful { Strength::Weak } else { found.strength };
    view.shown(indicator, strength, summary, rows())
        .fact("messages", found.share.all)
        .fact("unprovisioned", found.share.of)
        .fact("just_accepted", fresh)
        .fact("domains", names)
        .fact("past_share_of_new_names", past.map(|p| round(p.value())))
        .fact("p", found.p)
        .fact("accepted_domains_may_be_incomplete", doubtful)
}

/// Whether some state of the connector knows its sender by certificate.
fn has_certificate(connector: &Connector) -> bool {
    let named = |(name, value): (&String, &String)| {
        name.eq_ignore_ascii_case("TlsSenderCertificateName") && !value.trim().is_empty()
    };
    connector.states.is_empty() || connector.states.iter().any(|s| s.parameters.iter().any(named))
}

/// Foreign or fresh domains among the signs, the most frequent first.
fn names(view: &View, signs: &[&Pair]) -> Vec<String> {
    let mail = view.case.mail;
    let mut counts = BTreeMap::<u32, u64>::new();
    for pair in signs {
        let noon = mail.calendar.start(pair.day).plus_hours(12).0;
        for domain in BTreeSet::from([pair.p1, pair.p2]) {
            if domain != 0 && mail.domains.standing(domain, noon) != Standing::Own {
                *counts.entry(domain).or_default() += pair.messages;
            }
        }
    }
    let named = counts
        .iter()
        .filter_map(|(d, n)| Some((*n, view.case.digest.names.get(*d)?)));
    let mut named: Vec<(u64, &Box<str>)> = named.collect();
    named.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    named
        .into_iter()
        .take(LISTED)
        .map(|(_, name)| name.to_string())
        .collect()
}

fn domains(pairs: &[&Pair]) -> BTreeSet<u32> {
    pairs.iter().flat_map(|p| [p.p1, p.p2]).filter(|d| *d != 0).collect()
}

/// How often the second half of the past brought a foreign domain that the first half had not.
fn novelty_of_past(past: &[&Pair]) -> Option<Share> {
    let days: BTreeSet<i32> = past.iter().map(|p| p.day).collect();
    let middle = *days.iter().nth(days.len() / 2)?;
    let (first, second): (Vec<&Pair>, Vec<&Pair>) = past.iter().partition(|p| p.day < middle);
    let known = domains(&first);
    let mut share = Share::default();
    for pair in second {
        let new =
            pair.fresh || (pair.unprovisioned && ![pair.p1, pair.p2].iter().all(|d| *d == 0 || known.contains(d)));
        share.add(if new { pair.messages } else { 0 }, pair.messages);
    }
    Some(share)
}
