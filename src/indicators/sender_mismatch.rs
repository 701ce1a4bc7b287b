//! Do envelope sender (P1) and header sender (P2) differ more than this connector's own past?

use std::collections::BTreeMap;

use super::documented::documented;
use super::mail::{Cell, ConnectorMail, Seen};
use super::traffic::rate::{Factor, Rise, Rule, Share, rise};
use super::traffic::{Strength, View, percent, probability};
use super::volume_spike::round;
use super::{Case, Finding, Indicator};
use crate::indicators::mail::day_text;
use crate::settings::tuning::Thresholds;
use crate::timeline::Connector;

documented! {
    /// Since November 2023 relay through an OnPremises connector needs a certificate or an envelope sender (P1) of an
    /// accepted domain, and no longer looks at the header sender (P2): an own P1 before a foreign P2 is what abuse looks
    /// like. Own is the organisational domain (Public Suffix List) of a domain accepted at that moment.
    ///
    /// Supported: at least `mismatch_least` outbound messages have a foreign header sender behind an own envelope sender, or
    /// a foreign one of another organisation than a foreign envelope sender; the lower 95 % bound (Wilson) of their share
    /// lies above `mismatch_floor`, its odds are `mismatch_odds` times those of the frozen past's upper bound, and the
    /// beta-binomial probability under the past, times the number of tests, lies below `improbable`; over all the time
    /// judged or on one day. Strong below `very_improbable`, with `strong_least` messages and a past of `past_full`. Where
    /// the past is shorter than `mismatch_past` messages, the mail of hosts that org.toml lists stands beside it, if others
    /// sent too; without either it is held against the tenant's other connectors, or a floor of `mismatch_floor_alone`, weakly.
    /// Null senders, SRS, VERP and BATV differ by design and are left out before counting.
    ///
    /// Contradicted: no such rise, and the trace tells both senders and is whole.
    ///
    /// Look-alikes: forwarding, mailing lists, ticket systems and sending services, which differ by design and did so before;
    /// calendar invitations that are passed on.
    ///
    /// Needs: an export that tells P1 from P2 (MessageTraceDetail extended, EmailEvents, Explorer), and the accepted domains.
    /// Source: Microsoft, Respond to a compromised connector; Microsoft, relay conditions since 1 November 2023; RFC 7489
    /// for alignment; Wilson 1927, Journal of the American Statistical Association 22.
    pub struct SenderMismatch;
}

impl Indicator for SenderMismatch {
    fn id(&self) -> &'static str {
        "sender_mismatch"
    }

    fn question(&self) -> &'static str {
        "Do envelope sender (P1) and header sender (P2) differ more than this connector's own past?"
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
        let (test, unknown) = tally(view.mail, true);
        let compared: u64 = test.values().map(|s| s.all).sum();
        if compared == 0 && unknown > 0 {
            return view.unable(
                self,
                format!("The trace does not tell envelope from header sender for any of {unknown} outbound messages."),
                "An export with both senders: Start-HistoricalSearch -ReportType MessageTraceDetail, or EmailEvents",
            );
        }
        let limits = case.thresholds();
        let (past, against, is_own) = yardstick(&view);
        let found = rise(&test, past, rule(limits, past.is_some()), limits);
        let finding = match found {
            Some(found) => shown(self, &view, &found, (past, against, is_own)),
            None if unknown > compared => view.unable(
                self,
                format!(
                    "Only {compared} of {} outbound messages give both senders.",
                    compared + unknown
                ),
                "An export with both senders for all of the time: MessageTraceDetail, or EmailEvents",
            ),
            None => {
                let differing: u64 = test.values().map(|s| s.of).sum();
                let summary = format!(
                    "Of {compared} outbound messages {differing} have a foreign header sender that the envelope does not vouch for, no more than {against}."
                );
                // A past without mail beside it says nothing of mail that never came.
                let sure = if compared == 0 { 0.0 } else { sure(case, compared) };
                view.not_shown(self, sure, summary)
            }
        };
        cells(finding, view.mail)
    }
}

/// How much a quiet answer from so many messages is worth; none at all is a plain no.
pub(super) fn sure(case: &Case, messages: u64) -> f64 {
    if messages == 0 {
        1.0
    } else {
        messages as f64 / case.thresholds().sure as f64
    }
}

/// What counts as a rise, with something to compare with or with nothing at all.
fn rule(limits: &Thresholds, compared: bool) -> Rule {
    Rule {
        least: limits.mismatch_least,
        floor: if compared {
            limits.mismatch_floor
        } else {
            limits.mismatch_floor_alone
        },
        factor: Factor::Odds(limits.mismatch_odds),
    }
}

/// Mismatches among comparable messages by day, and messages that cannot be compared.
fn tally(mail: &ConnectorMail, test: bool) -> (BTreeMap<i32, Share>, u64) {
    let (mut days, mut unknown) = (BTreeMap::<i32, Share>::new(), 0);
    for pair in mail.pairs.iter().filter(|p| p.test == test) {
        if pair.cell.is_comparable() {
            let of = if pair.cell.is_mismatch() { pair.messages } else { 0 };
            days.entry(pair.day).or_default().add(of, pair.messages);
        } else if pair.cell == Cell::Unknown {
            unknown += pair.messages;
        }
    }
    (days, unknown)
}

/// The share to compare with, what it is called, and whether it is the connector's own.
fn yardstick(view: &View) -> (Option<Share>, &'static str, bool) {
    let sum = |mail: &ConnectorMail, share: &mut Share| {
        for day in tally(mail, false).0.values() {
            share.add(day.of, day.all);
        }
    };
    let mut past = Share::default();
    sum(view.mail, &mut past);
    let sign = |s: &Seen| (s.outbound() && s.cell().is_comparable()).then(|| s.cell().is_mismatch());
    let (own, control) = view.past_or_own_hosts(past, sign);
    let least = view.case.thresholds().mismatch_past;
    if own.all >= least {
        return (Some(own), control.place(), true);
    }
    let mut others = Share::default();
    for (index, mail) in view.case.mail.connectors.iter().enumerate() {
        if index != view.index {
            sum(mail, &mut others);
        }
    }
    if others.all >= least {
        // Other connectors stand in for a past; they cannot carry more than a weak answer.
        let all = others.all.min(least * 2);
        let of = (others.value() * all as f64).round() as u64;
        return (Some(Share { of, all }), "through the tenant's other connectors", false);
    }
    (None, "the floor where nothing can be compared with", false)
}

fn shown(
    indicator: &SenderMismatch,
    view: &View,
    found: &Rise,
    (past, against, is_own): (Option<Share>, &str, bool),
) -> Finding {
    let when = found
        .day
        .map_or("in the time judged".to_owned(), |d| format!("on {}", day_text(d)));
    let before = past.map_or("nothing to compare with".to_owned(), |p| {
        format!("{} {against}", percent(p.value()))
    });
    let summary = format!(
        "{} of {} outbound messages {when} ({}) have a foreign header sender that the envelope does not vouch for; {before}{}.",
        found.share.of,
        found.share.all,
        percent(found.share.value()),
        if past.is_some() {
            format!(" (p {})", probability(found.p))
        } else {
            String::new()
        },
    );
    let day = |d: i32| found.day.is_none_or(|f| f == d);
    let rows = view
        .test()
        .filter(|s| s.outbound() && s.cell().is_mismatch() && day(view.day_of(s)));
    // Other connectors are other hosts with other mail.
    let strength = if is_own { found.strength } else { Strength::Weak };
    view.shown(indicator, strength, summary, rows)
        .fact("mismatched", found.share.of)
        .fact("compared", found.share.all)
        .fact("share", round(found.share.value()))
        .fact("lower_bound", round(found.share.lower()))
        .fact("past_share", past.map(|p| round(p.value())))
        .fact("p", found.p)
}

/// The four cells and what was left out, as raw counts of the time judged.
fn cells(finding: Finding, mail: &ConnectorMail) -> Finding {
    let count = |wanted: &[Cell]| -> u64 {
        let pairs = mail.pairs.iter().filter(|p| p.test && wanted.contains(&p.cell));
        pairs.map(|p| p.messages).sum()
    };
    finding
        .fact("own_p1_own_p2", count(&[Cell::OwnOwn]))
        .fact("own_p1_foreign_p2", count(&[Cell::OwnForeign]))
        .fact("foreign_p1_own_p2", count(&[Cell::ForeignOwn]))
        .fact(
            "foreign_p1_foreign_p2",
            count(&[Cell::ForeignAligned, Cell::ForeignForeign]),
        )
        .fact("excluded_by_design", count(&[Cell::Excluded]))
        .fact("not_comparable", count(&[Cell::Unknown]))
}

#[cfg(test)]
mod tests {
    use crate::indicators::State;
    use crate::indicators::mail::fixture::{LETTER, Letter, World, address_change, at};
    use crate::indicators::sender_mismatch::SenderMismatch;
    use crate::indicators::unfamiliar_recipients::UnfamiliarRecipients;

    /// Where no mail left the organisation, neither senders nor recipients speak for anyone.
    #[test]
    fn nothing_to_look_at_adds_no_points() {
        let mut world = World::new();
        world.routine(0, 42, 80, LETTER);
        let inside = Letter {
            to: "fabrikam.com",
            ..LETTER
        };
        world.routine(42, 56, 80, inside);
        let change = address_change(at(42, 3), "81.2.69.160;185.220.101.5", false);
        world.timeline.connectors[0].events.push(change);
        for finding in world.ask_each(0, &[&SenderMismatch, &UnfamiliarRecipients]) {
            let id = finding.id;
            assert_eq!(finding.state, State::Contradicted, "{id}: {}", finding.summary);
            assert!(
                finding.points == 0.0 && finding.points.is_sign_positive(),
                "{id}: {}",
                finding.points
            );
        }
    }
}
