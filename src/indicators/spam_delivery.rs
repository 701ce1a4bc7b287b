//! Did much of the mail land in Junk or FilteredAsSpam?

use std::collections::BTreeMap;

use super::documented::documented;
use super::mail::{Outcome, Seen, day_text};
use super::sender_mismatch::sure;
use super::traffic::rate::{Factor, Rule, Share, rise};
use super::traffic::{Strength, View, percent, probability};
use super::volume_spike::round;
use super::{Case, Finding, Indicator, usage};
use crate::timeline::Connector;

documented! {
    /// Of the messages whose outcome or filter verdict is known, the share that was junked, quarantined or judged spam, phish
    /// or malware.
    ///
    /// Supported: at least `spam_least` are, and the lower 95 % bound (Wilson) of their share lies above `spam_floor` and
    /// above `spam_ratio` times the upper bound of the frozen past, over all the time judged or on one day, at a
    /// beta-binomial probability, times the number of tests, below `improbable`. Strong below `very_improbable`, with
    /// `strong_least` messages and a past of `past_full`; without a past strong from a lower bound of `spam_much`. Where the
    /// past is shorter than `spam_past` messages, the mail of hosts that org.toml lists stands beside it, if others sent too.
    ///
    /// Contradicted: no such rise, no more than `spam_floor` or `spam_ratio` times what the past brings, and the trace is
    /// whole. Mail that left through Microsoft's high-risk pool can read
    /// Delivered, so silence is worth less than a sign.
    ///
    /// Look-alikes: a newsletter to old addresses, a shop's mailings, a filter that was newly tightened.
    ///
    /// Needs: a trace with statuses or verdicts (Get-MessageTraceV2, MessageTraceDetail, EmailEvents).
    /// Source: Microsoft, Respond to a compromised connector, step 1; Wilson 1927, Journal of the American Statistical
    /// Association 22.
    pub struct SpamDelivery;
}

impl Indicator for SpamDelivery {
    fn id(&self) -> &'static str {
        "spam_delivery"
    }

    fn question(&self) -> &'static str {
        "Did much of it land in Junk or FilteredAsSpam?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1566"]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let view = match View::new(self, case, connector) {
            Ok(view) => view,
            Err(finding) => return *finding,
        };
        let mut days = BTreeMap::<i32, Share>::new();
        let mut past = Share::default();
        for Outcome { test, day, known, spam } in view.mail.outcomes.iter().copied() {
            // A message can be unwanted for one recipient and wanted for another: it counts once.
            let share = if test { days.entry(day).or_default() } else { &mut past };
            share.add(spam, known.max(spam));
        }
        let known: u64 = days.values().map(|s| s.all).sum();
        let spam: u64 = days.values().map(|s| s.of).sum();
        let messages: u64 = view.mail.sources.iter().filter(|s| s.test).map(|s| s.messages).sum();
        if messages > 0 && known * 2 < messages {
            return view.unable(
                self,
                format!("The trace tells neither status nor verdict for {} of {messages} messages.", messages - known),
                "A trace with delivery status or filter verdict: Get-MessageTraceV2, MessageTraceDetail, or EmailEvents",
            );
        }
        let outcome = |s: &Seen| (s.fact.spam_known() || s.fact.is_spam()).then(|| s.fact.is_spam());
        let (past, control) = view.past_or_own_hosts(past, outcome);
        let limits = case.thresholds();
        let rule = Rule {
            least: limits.spam_least,
            floor: limits.spam_floor,
            factor: Factor::Ratio(limits.spam_ratio),
        };
        let past = (past.all >= limits.spam_past).then_some(past);
        let Some(found) = rise(&days, past, rule, limits) else {
            let share = Share { of: spam, all: known };
            let usual = past.is_some_and(|p| p.value() * limits.spam_ratio >= share.lower());
            let finding = if share.lower() > limits.spam_floor && !usual {
                let summary = format!(
                    "{spam} of {known} messages were unwanted (at least {} of its mail, 95 %), and its past is too short to tell whether that is usual.",
                    percent(share.lower())
                );
                view.unable(
                    self,
                    summary,
                    "A message trace that reaches weeks back before the first doubtful event",
                )
            } else {
                let summary = format!(
                    "{spam} of {known} messages were unwanted (at most {} of its mail, 95 %).",
                    percent(share.upper())
                );
                let rows = view.test().filter(|s| s.fact.is_spam()).map(|s| &s.fact);
                view.not_shown(self, sure(case, known), summary)
                    .citing(usage::cites(&rows.collect::<Vec<_>>()))
            };
            return finding.fact("spam", spam).fact("known", known);
        };
        let strength = if past.is_none() && found.share.lower() > limits.spam_much {
            Strength::Strong
        } else {
            found.strength
        };
        let when = found
            .day
            .map_or("in the time judged".to_owned(), |d| format!("on {}", day_text(d)));
        let before = past.map_or("there is no past to compare with".to_owned(), |p| {
            format!("{} of {} {} (p {})", p.of, p.all, control.place(), probability(found.p))
        });
        let summary = format!(
            "{} of {} messages {when} were junked, quarantined or judged unwanted ({}, at least {} at 95 %); {before}.",
            found.share.of,
            found.share.all,
            percent(found.share.value()),
            percent(found.share.lower()),
        );
        let rows = view
            .test()
            .filter(|s| s.fact.is_spam() && found.day.is_none_or(|d| d == view.day_of(s)));
        view.shown(self, strength, summary, rows)
            .fact("spam", found.share.of)
            .fact("known", found.share.all)
            .fact("share", round(found.share.value()))
            .fact("lower_bound", round(found.share.lower()))
            .fact("past_spam", past.map(|p| p.of))
            .fact("past_known", past.map(|p| p.all))
            .fact("p", found.p)
    }
}

#[cfg(test)]
mod tests {
    use crate::indicators::State;
    use crate::indicators::mail::fixture::{LETTER, Letter, World, address_change, at};
    use crate::indicators::spam_delivery::SpamDelivery;

    #[test]
    fn the_few_unwanted_messages_of_a_clean_connector_are_cited() {
        let mut world = World::new();
        world.routine(0, 56, 80, LETTER);
        let change = address_change(at(42, 3), "81.2.69.160;185.220.101.5", false);
        world.timeline.connectors[0].events.push(change);
        for day in [45, 50] {
            world.send(at(day, 9), Letter { spam: true, ..LETTER });
        }
        let finding = world.ask(&SpamDelivery);
        assert_eq!(finding.state, State::Contradicted, "{}", finding.summary);
        let times: Vec<_> = finding.cites.iter().map(|c| c.time).collect();
        assert_eq!(times, [at(45, 9), at(50, 9)]);
    }
}
