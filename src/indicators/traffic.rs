//! The traffic side of the questions: what all seven of them share.

pub mod rate;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use self::rate::Share;
use super::mail::period::first_doubt;
use super::mail::sources::{Judged, Yardstick};
use super::mail::{ConnectorMail, Period, Seen};
use super::{Case, Finding, Indicator, reach, spread};
use super::{
    sender_mismatch::SenderMismatch, source_ip_mismatch::SourceIpMismatch, spam_delivery::SpamDelivery,
    unfamiliar_recipients::UnfamiliarRecipients, unprovisioned_domain::UnprovisionedDomain, volume_dip::VolumeDip,
    volume_spike::VolumeSpike,
};
use crate::digest::coverage::{Family, Gap};
use crate::records::{ConnectorType, Time};
use crate::timeline::{Cite, Connector};

/// The indicators that look at traffic, in the order of the contract.
pub fn registry_traffic() -> [&'static dyn Indicator; 7] {
    [
        &VolumeSpike,
        &VolumeDip,
        &SenderMismatch,
        &UnprovisionedDomain,
        &SourceIpMismatch,
        &SpamDelivery,
        &UnfamiliarRecipients,
    ]
}

/// How strongly a sign shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    Weak,
    Strong,
}

/// What a share is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The connector's own frozen past.
    Past,
    /// Its short past and the organisation's own hosts in the time judged.
    OwnHosts,
}

impl Control {
    /// Where the share was found, for a sentence.
    pub fn place(self) -> &'static str {
        match self {
            Control::Past => "in its own past",
            Control::OwnHosts => "from the organisation's own hosts",
        }
    }
}

/// One connector's traffic, ready to be judged.
pub struct View<'a> {
    pub case: &'a Case<'a>,
    pub connector: &'a Connector,
    /// On the timeline.
    pub index: usize,
    pub mail: &'a ConnectorMail,
    pub period: &'a Period,
    pub hosts: &'a Judged,
}

impl<'a> View<'a> {
    /// Finds the connector's traffic.
    ///
    /// # Errors
    /// The finding that the traffic cannot be judged: no trace, none that can be tied to the connector, or none
    /// of the time in question.
    pub fn new(indicator: &dyn Indicator, case: &'a Case<'a>, connector: &'a Connector) -> Result<Self, Box<Finding>> {
        let unable = |why: &str, need: String| Box::new(Finding::not_assessable(indicator, why.to_owned(), vec![need]));
        let all = &case.timeline.connectors;
        let index = all.iter().position(|c| std::ptr::eq(c, connector)).or_else(|| {
            all.iter()
                .position(|c| c.name == connector.name && c.id == connector.id)
        });
        if case.mail.traced.is_none() {
            let why = "There is no message trace.";
            return Err(unable(why, Family::MessageTrace.how_to_collect().to_owned()));
        }
        let found = index.and_then(|i| Some((i, case.mail.connectors.get(i)?)));
        let judged = found.and_then(|(i, m)| Some((i, m, m.period.as_ref()?, m.hosts.as_ref()?)));
        let Some((index, mail, period, hosts)) = judged else {
            return Err(unable(
                "The message trace names no connectors, and this one lists no sender addresses to tie mail to it by.",
                "A trace that names the connector: Start-HistoricalSearch -ReportType MessageTraceDetail, or EmailEvents"
                    .to_owned(),
            ));
        };
        if period.since > period.to {
            return Err(unable(
                &format!(
                    "The message trace ends at {}, before the time in question begins at {}.",
                    period.to, period.since
                ),
                trace_from(period.since),
            ));
        }
        Ok(View {
            case,
            connector,
            index,
            mail,
            period,
            hosts,
        })
    }

    /// The connector's mail, in order of time.
    pub fn facts(&self) -> &'a [Seen] {
        self.case.mail.of(self.index)
    }

    /// The mail to be judged.
    pub fn test(&self) -> impl Iterator<Item = &'a Seen> + '_ {
        self.facts().iter().filter(|s| self.period.is_test(s.fact.time))
    }

    /// The local day of a row, counted from 1970-01-01.
    pub fn day_of(&self, seen: &Seen) -> i32 {
        self.case.mail.calendar.day(seen.fact.time())
    }

    /// Whether the connector's undoubted past has days enough with a trace to be a habit.
    pub fn has_past(&self) -> bool {
        self.case.mail.past_days(self.index).len() as u64 >= self.case.thresholds().past_days
    }

    /// The connector's own past, or, where that is too short to stand on, with the mail of the time judged that came
    /// from the organisation's own hosts while others sent beside them. `sign` says of a row whether it shows the
    /// sign, `None` leaves it out; a message counts once.
    pub fn past_or_own_hosts(&self, past: Share, sign: impl Fn(&Seen) -> Option<bool>) -> (Share, Control) {
        let past = if self.has_past() { past } else { Share::default() };
        if past.all >= self.case.thresholds().past_full
            || self.hosts.yardstick != Yardstick::OnPremises
            || self.hosts.foreign.is_empty()
        {
            return (past, Control::Past);
        }
        let mut messages: HashMap<u64, bool> = HashMap::new();
        for seen in self.test() {
            let source = seen.fact.source;
            if source == 0 || self.hosts.foreign.contains(&source) {
                continue;
            }
            if let Some(shows) = sign(seen) {
                *messages.entry(seen.fact.message).or_default() |= shows;
            }
        }
        let mut share = past;
        share.add(messages.values().filter(|s| **s).count() as u64, messages.len() as u64);
        (share, Control::OwnHosts)
    }

    /// Why silence would prove nothing here, and what would help; `None` where the trace is whole enough.
    pub fn blind(&self) -> Option<(String, String)> {
        let period = self.period;
        let trace = &self.case.coverage.message_trace;
        if let Some(doubt) = period.beyond_trace {
            let why = format!(
                "the trace ends at {}, before the first doubtful event at {doubt}",
                period.to
            );
            return Some((why, trace_from(doubt)));
        }
        if let Some(doubt) = period.before_trace {
            let why = format!("the first doubtful event, at {doubt}, lies before the trace begins");
            return Some((why, trace_from(Time(doubt.0 - 28 * Time::DAY))));
        }
        // A gap that only begins where the trace ends, or ends where the test begins, takes nothing away.
        let inside = |g: &Gap| g.from.is_none_or(|f| f < period.to) && g.to.is_none_or(|t| t > period.since);
        if trace.gaps.iter().any(inside) {
            let why = "the trace has gaps in the time to be judged".to_owned();
            return Some((why, trace_from(period.since)));
        }
        let audit = self.case.coverage.audit_log.last.unwrap_or(period.to);
        let asked = self.case.window.to.map_or(audit, |t| t.min(audit));
        let enough = asked
            .0
            .min(period.since.0.saturating_add(self.case.thresholds().watched));
        if first_doubt(self.connector).is_some() && period.to.0 < enough {
            let why = format!(
                "the trace ends at {}, too soon after the first doubtful event",
                period.to
            );
            return Some((why, trace_from(period.since)));
        }
        let test = self.case.mail.test_days(self.index);
        let missing = test
            .iter()
            .filter(|&&i| self.case.mail.days.get(i).is_some_and(|d| d.missing))
            .count();
        if missing as f64 > test.len() as f64 * self.case.thresholds().days_missing {
            let why = format!("{missing} of {} days to be judged have no trace", test.len());
            return Some((why, trace_from(period.since)));
        }
        if self.mail.untold_by_certificate {
            let why = "the trace names no connectors, and what this one takes by certificate cannot be told by address";
            let need = "A trace that names the connector (MessageTraceDetail, EmailEvents)";
            return Some((why.to_owned(), need.to_owned()));
        }
        let own_hosts_alone = self.hosts.yardstick == Yardstick::OnPremises && self.hosts.foreign.is_empty();
        let touched = reach::touched_just_before(self.case, self.connector);
        if let Some((what, time)) = touched.filter(|_| !own_hosts_alone) {
            let why = format!(
                "the connector was {what} at {time}, before the audit log begins, so that its past may be an attacker's already"
            );
            return Some((why, reach::log_needs_before(self.case, time).concat()));
        }
        if self.mail.contested as f64 > self.mail.recipients as f64 * self.case.thresholds().contested {
            let why = format!("{} deliveries fit other connectors as well", self.mail.contested);
            return Some((
                why,
                "A trace that names the connector (MessageTraceDetail, EmailEvents)".to_owned(),
            ));
        }
        None
    }

    /// Not shown: contradicted where the trace is whole enough, else not assessable. `sure` scales the points by
    /// how much there was to look at, from 0 to 1.
    pub fn not_shown(&self, indicator: &dyn Indicator, sure: f64, summary: String) -> Finding {
        match self.blind() {
            None => {
                // Nothing of a negative weight is a zero without a sign.
                let points = self.case.weight(indicator.id()).contradicted * sure.clamp(0.0, 1.0) + 0.0;
                self.finish(Finding::contradicted(indicator, points, summary))
            }
            Some((why, need)) => {
                let summary = format!("{} But {why}.", summary.trim_end());
                self.finish(Finding::not_assessable(indicator, summary, vec![need]))
            }
        }
    }

    /// Shown, with the rows that show it.
    pub fn shown(
        &self,
        indicator: &dyn Indicator,
        strength: Strength,
        summary: String,
        rows: impl Iterator<Item = &'a Seen>,
    ) -> Finding {
        let weight = self.case.weight(indicator.id());
        let points = if strength == Strength::Strong {
            weight.supported
        } else {
            weight.weak
        };
        self.finish(Finding::supported(indicator, points, summary, cites(rows)))
    }

    /// The evidence is of the wrong kind.
    pub fn unable(&self, indicator: &dyn Indicator, summary: String, need: &str) -> Finding {
        self.finish(Finding::not_assessable(indicator, summary, vec![need.to_owned()]))
    }

    /// For indicators that need direction or ownership of domains.
    pub fn without_domains(&self, indicator: &dyn Indicator) -> Finding {
        self.unable(
            indicator,
            "No accepted domain is known, so no mail can be called outbound and no sender foreign.".to_owned(),
            Family::AcceptedDomains.how_to_collect(),
        )
    }

    /// Adds what every finding says: the time judged, how mail was tied, how the past was bounded.
    fn finish(&self, finding: Finding) -> Finding {
        let mut finding = finding
            .during(self.period.since, self.period.to)
            .fact("attribution", self.mail.attribution.as_str())
            .fact("baseline", self.period.because())
            .fact("baseline_days", self.case.mail.past_days(self.index).len());
        if self.connector.kind == Some(ConnectorType::Partner) {
            finding.points = 0.0;
            finding
                .summary
                .push_str(" A Partner connector cannot relay to the internet, so this adds no points.");
        }
        finding
    }
}

/// The rows behind some mail: each row once, in order.
pub fn cites<'a>(rows: impl Iterator<Item = &'a Seen>) -> Vec<Cite> {
    let mut cites: Vec<Cite> = rows
        .map(|s| Cite {
            time: s.fact.time(),
            origin: s.fact.origin(),
            id: None,
        })
        .collect();
    cites.sort_unstable_by_key(|c| (c.origin, c.time));
    cites.dedup_by_key(|c| c.origin);
    cites
}

/// For what only absence shows: the last row before and the first row after.
pub fn either_side(facts: &[Seen], from: Time, to: Time) -> Vec<Cite> {
    let before = facts.iter().rev().find(|s| s.fact.time() < from);
    let after = facts.iter().find(|s| s.fact.time() >= to);
    spread(cites(before.into_iter().chain(after)))
}

fn trace_from(time: Time) -> String {
    format!(
        "A message trace that covers {time} and the weeks around it: {}",
        Family::MessageTrace.how_to_collect()
    )
}

/// A probability for people: never "0".
pub fn probability(p: f64) -> String {
    if p < 1e-15 {
        "below 1e-15".to_owned()
    } else if p < 0.001 {
        format!("{p:.0e}")
    } else {
        format!("{p:.3}")
    }
}

/// A share in per cent.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value >= 10.0 || value == 0.0 {
        format!("{value:.0} %")
    } else {
        format!("{value:.1} %")
    }
}
