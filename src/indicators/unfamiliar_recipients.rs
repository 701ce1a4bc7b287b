//! Were the recipients ones the organisation does not usually write to?

use std::collections::{BTreeMap, BTreeSet};

use super::documented::documented;
use super::mail::calendar::Calendar;
use super::mail::{WrittenTo, day_text};
use super::sender_mismatch::sure;
use super::statistics::expected_distinct;
use super::traffic::rate::{Factor, Rise, Rule, Share, rise};
use super::traffic::{View, percent, probability};
use super::volume_spike::round;
use super::{Case, Finding, Indicator};
use crate::records::{SmtpCode, Time};
use crate::timeline::Connector;

/// The largest providers of free mailboxes, by market reports of several years; named in facts, never scored.
const FREEMAIL: [&str; 16] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "ymail.com",
    "aol.com",
    "icloud.com",
    "me.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "mail.ru",
    "proton.me",
];

documented! {
    /// A recipient is novel if nobody of the tenant wrote to it before the time judged, as far as the trace reaches. A larger
    /// mailing always brings more new names, so the yardstick is what the connector's own past brings at the same number of
    /// deliveries: by rarefaction of its recipients, or as its second half really brought against everything before,
    /// whichever is more. One recipient on one day counts once.
    ///
    /// Supported: at least `recipients_least` are novel, the lower 95 % bound (Wilson) of their share lies above
    /// `recipients_floor`, its odds are `recipients_odds` times those of the yardstick's upper bound, and the beta-binomial
    /// probability, times the number of tests, lies below `improbable`. Strong below `very_improbable`, with `strong_least`
    /// recipients and a past of `past_full`; a connector without `recipients_past` past deliveries is judged by the floor
    /// alone, weakly.
    ///
    /// Contradicted: no such rise, and the trace is whole. The shares of free mailboxes and of recipients that do not exist
    /// are told beside it and not scored.
    ///
    /// Look-alikes: a newsletter's new subscribers, a recruiting or sales campaign, a migration.
    ///
    /// Needs: a message trace that reaches `recipients_reference_days` or more back before the first doubtful event, and the
    /// accepted domains.
    /// Source: Microsoft, Respond to a compromised connector, step 1; Hurlbert 1971, Ecology 52.
    pub struct UnfamiliarRecipients;
}

impl Indicator for UnfamiliarRecipients {
    fn id(&self) -> &'static str {
        "unfamiliar_recipients"
    }

    fn question(&self) -> &'static str {
        "Were the recipients ones the organisation does not usually write to?"
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
        if !case.mail.domains.known() {
            return view.without_domains(self);
        }
        let reference = case
            .mail
            .traced
            .map_or(0, |(first, _)| view.period.until.0.saturating_sub(first.0));
        let limits = case.thresholds();
        if reference < limits.recipients_reference {
            let days = limits.recipients_reference / Time::DAY;
            return view.unable(
                self,
                format!(
                    "The trace reaches less than {days} days back before the time judged, so every recipient looks new."
                ),
                "A message trace that reaches at least two weeks back before the first doubtful event",
            );
        }
        let mut days = BTreeMap::<i32, Share>::new();
        for w in view.mail.written_to.iter().filter(|w| w.test && w.recipient != 0) {
            days.entry(w.day)
                .or_default()
                .add(u64::from(w.first >= view.period.until), 1);
        }
        let total: u64 = days.values().map(|s| s.all).sum();
        let past: Vec<&WrittenTo> = view
            .mail
            .written_to
            .iter()
            .filter(|w| !w.test && w.recipient != 0 && view.has_past())
            .collect();
        let yardstick = yardstick(&past, total, &case.mail.calendar, limits.recipients_past);
        let rule = Rule {
            least: limits.recipients_least,
            floor: limits.recipients_floor,
            factor: Factor::Odds(limits.recipients_odds),
        };
        if total == 0 {
            return view.not_shown(
                self,
                0.0,
                "No mail to recipients outside in the time judged.".to_owned(),
            );
        }
        // A connector that never wrote outside has the tenant's whole past as reference, but no rate of its own.
        let found = rise(&days, yardstick, rule, limits);
        let finding = match found {
            Some(found) => shown(self, &view, &found, yardstick),
            None if yardstick.is_none() => {
                let novel: u64 = days.values().map(|s| s.of).sum();
                let figures = format!(
                    "{novel} of {total} external recipients ({}) are new to the tenant, and the connector has no past of its own to compare with",
                    percent(novel as f64 / total as f64)
                );
                if novel * 2 > total {
                    let need = "A message trace that reaches at least two weeks back before the first doubtful event";
                    view.unable(self, format!("{figures}; so few may be chance."), need)
                } else {
                    view.not_shown(self, 0.5, format!("{figures}."))
                }
            }
            None => {
                let novel: u64 = days.values().map(|s| s.of).sum();
                let expected = yardstick.map_or(0.0, Share::value);
                view.not_shown(
                    self,
                    sure(case, total),
                    format!(
                        "{novel} of {total} external recipients ({}) are new, where its past brings {}.",
                        percent(novel as f64 / total as f64),
                        percent(expected)
                    ),
                )
            }
        };
        extras(finding, &view).fact("external_recipients", total)
    }
}

/// Novel among so many deliveries, as the past would bring them; `None` without enough past.
fn yardstick(past: &[&WrittenTo], deliveries: u64, calendar: &Calendar, least: u64) -> Option<Share> {
    let all = past.len() as u64;
    if all < least {
        return None;
    }
    // Never more than half of the past may play the test, or hardly any past is left to compare with.
    let sample = deliveries.clamp(1, all / 2);
    let mut times = BTreeMap::<u64, u64>::new();
    for w in past {
        *times.entry(w.recipient).or_default() += 1;
    }
    let mut multiplicities = BTreeMap::<u64, u64>::new();
    for count in times.values() {
        *multiplicities.entry(*count).or_default() += 1;
    }
    let multiplicities: Vec<(u64, u64)> = multiplicities.into_iter().collect();
    let rarefied = (times.len() as f64 - expected_distinct(&multiplicities, all - sample)) / sample as f64;
    let days: BTreeSet<i32> = past.iter().map(|w| w.day).collect();
    let middle = days.iter().nth(days.len() / 2).copied().unwrap_or(i32::MAX);
    let mut observed = Share::default();
    for w in past.iter().filter(|w| w.day >= middle) {
        observed.add(u64::from(w.first >= calendar.start(middle)), 1);
    }
    let observed = observed.value();
    let share = rarefied.max(observed).clamp(0.0, 1.0);
    // The half of the past that played the test is what stands behind the figure.
    let behind = all / 2;
    Some(Share {
        of: (share * behind as f64).round() as u64,
        all: behind,
    })
}

fn shown(indicator: &UnfamiliarRecipients, view: &View, found: &Rise, yardstick: Option<Share>) -> Finding {
    let novel: BTreeSet<u64> = view
        .mail
        .written_to
        .iter()
        .filter(|w| w.test && w.first >= view.period.until)
        .map(|w| w.recipient)
        .collect();
    let when = found
        .day
        .map_or("in the time judged".to_owned(), |d| format!("on {}", day_text(d)));
    let before = yardstick.map_or("the connector has no past to compare with".to_owned(), |y| {
        format!(
            "its past brings {} at that number (p {})",
            percent(y.value()),
            probability(found.p)
        )
    });
    let summary = format!(
        "{} of {} external recipients {when} ({}) had never been written to by anyone of the tenant; {before}.",
        found.share.of,
        found.share.all,
        percent(found.share.value()),
    );
    let rows = view
        .test()
        .filter(|s| s.outbound() && novel.contains(&s.fact.recipient));
    let rows = rows.filter(|s| found.day.is_none_or(|d| d == view.day_of(s)));
    view.shown(indicator, found.strength, summary, rows)
        .fact("novel", found.share.of)
        .fact("recipients", found.share.all)
        .fact("share", round(found.share.value()))
        .fact("lower_bound", round(found.share.lower()))
        .fact("expected_share", yardstick.map(|y| round(y.value())))
        .fact("p", found.p)
}

/// Figures that help a reader and are not scored.
fn extras(finding: Finding, view: &View) -> Finding {
    let freemail: BTreeSet<u32> = FREEMAIL
        .iter()
        .filter_map(|d| view.case.digest.names.find(*d))
        .collect();
    let (mut external, mut free, mut dead) = (0_u64, 0_u64, 0_u64);
    for s in view.test().filter(|s| s.outbound()) {
        external += 1;
        free += u64::from(freemail.contains(&s.fact.recipient_domain));
        dead += u64::from(s.fact.code() == SmtpCode::NoSuchRecipient);
    }
    let share = |n: u64| {
        if external == 0 {
            0.0
        } else {
            round(n as f64 / external as f64)
        }
    };
    finding
        .fact("freemail_share", share(free))
        .fact("no_such_recipient", dead)
        .fact("no_such_recipient_share", share(dead))
}
