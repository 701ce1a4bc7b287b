//! Did outbound volume jump?

mod by_source;
mod yardsticks;

use super::documented::documented;
use super::mail::history::History;
use super::mail::period::size_gate;
use super::mail::{DayClass, DayCount, day_text};
use super::statistics::{anscombe, cusum};
use super::traffic::{Strength, View, probability};
use super::{Case, Finding, Indicator};
use crate::timeline::Connector;

documented! {
    /// A campaign shows as days that the connector's own past did not lead one to expect. The past is frozen at the
    /// first doubtful event (`lead_days` before a block or an alert) or before the first day that stands out by
    /// itself, and never learns from after it.
    ///
    /// Supported: a day's outbound messages or recipients have an upper tail probability below `improbable` under
    /// past days of the same class (weekday; weekend or holiday), reach max(`jump_least`, `jump_medians` times the
    /// median + `jump_above`), and no past day was as large. The tail is that of a negative binomial with Winsorised
    /// mean and a dispersion of at least `least_dispersion`, times the number of days tested (Bonferroni). Strong below
    /// `very_improbable`, or on two days running, at `jump_ratio` times the expected and with `class_full` past days of
    /// the class. Weakly too: a cumulative sum (Anscombe's transform, clipped at 4; k `ramp_slack`, h `ramp_alarm`, or
    /// `ramp_alarm_short` for a short past) that finds slow ramps; a single source address that jumped by itself.
    /// Without a past: `burst` messages an hour, strong where it came within `burst_soon_hours` of the creation or beside
    /// a notable share of the tenant's outbound mail or of its external recipient limit (500 x licences^0.7 + 9500 a day).
    ///
    /// Contradicted: no day stands out and the trace is whole; with fewer than `class_full` past weekdays it counts half.
    ///
    /// Look-alikes: a newsletter, invoices at the month's end, a migration's first day, a busy season.
    ///
    /// Needs: a message trace that reaches at least four weeks back before the first doubtful event, and the accepted
    /// domains; without `class_least` past days of a class its days cannot be judged.
    /// Source: Gelman et al., Bayesian Data Analysis, section 2.6; Page 1954 and Anscombe 1948, Biometrika; Microsoft,
    /// the queries of the XDR playbook on malicious Exchange connectors; Microsoft, tenant external recipient rate limit.
    pub struct VolumeSpike;
}

/// A day beyond the past.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Flag {
    /// Index into the mail's days.
    at: usize,
    count: u64,
    expected: f64,
    /// Corrected for the number of tests.
    p: f64,
    /// Past days of the class.
    past: usize,
}

impl Flag {
    fn ratio(&self) -> f64 {
        self.count as f64 / self.expected.max(f64::MIN_POSITIVE)
    }
}

/// What one series of days shows.
#[derive(Debug, Default)]
struct Shown {
    flags: Vec<Flag>,
    strong: bool,
    /// First and last index of a slow ramp.
    ramp: Option<(usize, usize)>,
    /// Days judged.
    judged: usize,
    /// Days that no past of their class was there for.
    unjudged: usize,
}

/// One day to be judged: its index, class and count.
type Day = (usize, DayClass, u64);

/// Judges a series against its past; `tests` is the number of comparisons made in all.
fn judge(history: &History, days: &[Day], tests: usize) -> Shown {
    let limits = history.limits();
    let mut shown = Shown::default();
    let (mut z, mut at) = (Vec::new(), Vec::new());
    for &(index, class, count) in days {
        let Some(expected) = history.predictive(class) else {
            shown.unjudged += 1;
            shown
                .flags
                .extend(beyond_the_other_class(history, (index, class, count), tests));
            continue;
        };
        shown.judged += 1;
        z.push(anscombe(count, &expected));
        at.push((index, count, expected.mean()));
        let past = history.counts(class);
        let p = (expected.upper_tail(count) * tests as f64).min(1.0);
        if p < limits.improbable && count as f64 >= size_gate(limits, past) && past.iter().all(|&c| c < count) {
            shown.flags.push(Flag {
                at: index,
                count,
                expected: expected.mean(),
                p,
                past: past.len(),
            });
        }
    }
    let tripled = |f: &Flag| f.ratio() >= limits.jump_ratio && history.is_full(f.past);
    let running = shown.flags.windows(2).any(|w| match w {
        [a, b] => b.at == a.at + 1 && tripled(a) && tripled(b),
        _ => false,
    });
    shown.strong = running || shown.flags.iter().any(|f| tripled(f) && f.p < limits.very_improbable);
    let alarm = if history.days() as u64 <= limits.ramp_short_past {
        limits.ramp_alarm_short
    } else {
        limits.ramp_alarm
    };
    shown.ramp = cusum(&z, limits.ramp_slack, alarm).and_then(|(from, to)| {
        let run = at.get(from..=to)?;
        let (count, expected) = run.iter().fold((0, 0.0), |(c, e), day| (c + day.1, e + day.2));
        let worth = count as f64 >= limits.ramp_ratio * expected + limits.jump_least as f64
            && run.last()?.1 >= limits.jump_least;
        worth.then_some((run.first()?.0, run.last()?.0))
    });
    shown
}

/// A weekend that would be a jump even for a working day needs no past weekends to stand out, weakly.
fn beyond_the_other_class(history: &History, (at, class, count): Day, tests: usize) -> Option<Flag> {
    let other = match class {
        DayClass::Weekday => return None,
        DayClass::WeekendOrHoliday => DayClass::Weekday,
    };
    let (expected, past) = (history.predictive(other)?, history.counts(other));
    let expected_mean = expected.mean();
    let p = (expected.upper_tail(count) * tests as f64).min(1.0);
    let limits = history.limits();
    let large = count as f64 >= size_gate(limits, past) && past.iter().all(|&c| c < count);
    (large && p < limits.improbable).then_some(Flag {
        at,
        count,
        expected: expected_mean,
        p,
        past: 0,
    })
}

impl Indicator for VolumeSpike {
    fn id(&self) -> &'static str {
        "volume_spike"
    }

    fn question(&self) -> &'static str {
        "Did outbound volume jump?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1496.004", "T1566"]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let view = match View::new(self, case, connector) {
            Ok(view) => view,
            Err(finding) => return *finding,
        };
        if !case.mail.domains.known() {
            return view.without_domains(self);
        }
        if view.period.born == Some(view.period.until) || !view.has_past() {
            return yardsticks::assess(self, &view);
        }
        let messages = series(&view, |d| d.outbound);
        let recipients = series(&view, |d| d.outbound_recipients);
        let tests = 2 * messages.len();
        let by_message = judge(&case.mail.history(view.index, |d| d.outbound), &messages, tests);
        let by_recipient = judge(
            &case.mail.history(view.index, |d| d.outbound_recipients),
            &recipients,
            tests,
        );
        if by_message.judged == 0 && by_message.flags.is_empty() {
            return view.unable(
                self,
                format!(
                    "The {} days to be judged have fewer than {} past days of their class to compare with.",
                    messages.len(),
                    case.thresholds().class_least
                ),
                "A message trace that reaches at least four weeks back before the first doubtful event",
            );
        }
        for (unit, shown) in [("messages", &by_message), ("recipients", &by_recipient)] {
            if !shown.flags.is_empty() {
                return flagged(self, &view, unit, shown);
            }
        }
        for (unit, shown, days) in [
            ("messages", &by_message, &messages),
            ("recipients", &by_recipient, &recipients),
        ] {
            if let Some(ramp) = shown.ramp {
                return ramped(self, &view, unit, ramp, days);
            }
        }
        if let Some((source, flag)) = by_source::jump(&view) {
            return by_source::shown(self, &view, source, flag);
        }
        let busiest = messages.iter().map(|d| d.2).max().unwrap_or(0);
        let judged = by_message.judged as f64;
        let history = case.mail.history(view.index, |d| d.outbound);
        let is_whole = history.is_full(history.counts(DayClass::Weekday).len());
        let whole = if is_whole { 1.0 } else { 0.5 };
        let sure = whole * judged / (judged + by_message.unjudged as f64);
        view.not_shown(
            self,
            sure,
            format!(
                "None of {} days stands out from the connector's own past; the busiest had {busiest} outbound messages.",
                by_message.judged
            ),
        )
        .fact("days_judged", by_message.judged)
        .fact("days_without_past", by_message.unjudged)
        .fact("busiest_day", busiest)
    }
}

/// The days to be judged, by some figure.
fn series(view: &View, figure: fn(&DayCount) -> u64) -> Vec<Day> {
    let mail = view.case.mail;
    let days = mail.test_days(view.index).into_iter();
    days.filter_map(|i| {
        let (day, count) = (mail.days.get(i)?, figure(&view.mail.days[i]));
        // A missing day's count is a lower bound: it may accuse, but not teach or acquit.
        (!day.missing || count > 0).then_some((i, day.class, count))
    })
    .collect()
}

fn flagged(indicator: &VolumeSpike, view: &View, unit: &str, shown: &Shown) -> Finding {
    let days = &view.case.mail.days;
    let day = |f: &Flag| days.get(f.at).map_or(0, |d| d.day);
    let Some(peak) = shown
        .flags
        .iter()
        .min_by(|a, b| a.p.total_cmp(&b.p).then(b.count.cmp(&a.count)))
    else {
        return view.not_shown(indicator, 1.0, "No day stands out.".to_owned());
    };
    let class = days.get(peak.at).map_or("", |d| d.class.as_str());
    let strength = if shown.strong { Strength::Strong } else { Strength::Weak };
    let flagged: Vec<i32> = shown.flags.iter().map(day).collect();
    let summary = format!(
        "{} had {} outbound {unit} where {:.1} were to be expected of a {class} ({} past days; p {}); {} of {} days judged stand out.",
        day_text(day(peak)),
        peak.count,
        peak.expected,
        peak.past,
        probability(peak.p),
        shown.flags.len(),
        shown.judged,
    );
    let rows = view
        .test()
        .filter(|s| s.outbound() && flagged.contains(&view.day_of(s)));
    view.shown(indicator, strength, summary, rows)
        .fact("unit", unit)
        .fact("days", flagged.iter().map(|d| day_text(*d)).collect::<Vec<_>>())
        .fact("peak_day", day_text(day(peak)))
        .fact("peak", peak.count)
        .fact("expected", round(peak.expected))
        .fact("ratio", round(peak.ratio()))
        .fact("p", peak.p)
        .fact("past_days_of_class", peak.past)
}

fn ramped(indicator: &VolumeSpike, view: &View, unit: &str, (from, to): (usize, usize), days: &[Day]) -> Finding {
    let mail = view.case.mail;
    let day = |i: usize| mail.days.get(i).map_or(0, |d| d.day);
    let (first, last) = (day(from), day(to));
    let total: u64 = days.iter().filter(|d| (from..=to).contains(&d.0)).map(|d| d.2).sum();
    let summary = format!(
        "Outbound {unit} crept up from {} to {}: {total} in all, at least {} times what the frozen past expects, though no single day stands out.",
        day_text(first),
        day_text(last),
        view.case.thresholds().ramp_ratio
    );
    let rows = view
        .test()
        .filter(|s| s.outbound() && (first..=last).contains(&view.day_of(s)));
    view.shown(indicator, Strength::Weak, summary, rows)
        .fact("unit", unit)
        .fact("ramp_from", day_text(first))
        .fact("ramp_to", day_text(last))
        .fact("ramp_total", total)
}

/// Two decimals are all that a count's expectation bears.
pub(super) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
