//! Where a connector's undoubted past ends and the time to be judged begins.
//!
//! The past freezes at the first doubtful event and never learns from after it; before a block or alert, which come
//! after what caused them, a week is in doubt too. Where nothing doubtful is on the timeline, the traced time is
//! split. Where org.toml lists the organisation's own hosts, mail from others teaches nothing either: an attack
//! older than the trace would otherwise be its own yardstick. In any case the end moves forward to the first day
//! that stands out by itself, so that an attack that left no trace in the audit log does not teach its own
//! yardstick. What is judged begins where the past ends, or later, where the analyst asks for a later time.

use super::calendar::{Calendar, DayClass};
use crate::digest::coverage::{Coverage, FamilyCoverage};
use crate::indicators::statistics::{Predictive, median};
use crate::records::Time;
use crate::settings::Window;
use crate::settings::tuning::Thresholds;
use crate::timeline::{Action, Connector, Event};

/// Zero days are filled in up to this span; beyond it (a forged date) only days with mail are listed.
const LONGEST: i64 = 1_500;

/// One local day of the whole tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantDay {
    pub day: i32,
    pub class: DayClass,
    pub messages: u64,
    pub outbound: u64,
    /// No message of anyone was traced, or a gap touches the day: its counts are not what they were.
    pub missing: bool,
}

/// What ended the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cutoff {
    /// The first event that was not intended, or a block or alert.
    Event(String),
    /// The analyst's `--from`.
    Window,
    /// Nothing doubtful is known: the traced time was split.
    Split,
    /// The first day that stands out from all others.
    Outlier,
    /// The first mail from a host that is not among the organisation's own.
    Stranger,
}

/// Past and time to judge, as instants: the past is `[from, until)`, the test `[since, to]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    pub from: Time,
    pub until: Time,
    /// `until`, or `--from` where that is later: what lies between is neither past nor test.
    pub since: Time,
    pub to: Time,
    /// `until`, `since` and `to` as local days.
    pub until_day: i32,
    pub since_day: i32,
    pub to_day: i32,
    /// The time that the analyst asked for.
    pub window: Window,
    pub cutoff: Cutoff,
    /// Created while the trace ran: days before do not exist.
    pub born: Option<Time>,
    /// The first doubtful moment, where the trace ended before it.
    pub beyond_trace: Option<Time>,
    /// The first doubtful moment, where it lies before the trace begins.
    pub before_trace: Option<Time>,
}

impl Period {
    /// In words, for summaries.
    pub fn because(&self) -> String {
        match &self.cutoff {
            Cutoff::Event(what) => format!("frozen at {what}"),
            Cutoff::Window => "frozen at the start of the time looked at".to_owned(),
            Cutoff::Split => "the first part of the trace, as nothing doubtful is on record".to_owned(),
            Cutoff::Outlier => "frozen before the first day that stands out by itself".to_owned(),
            Cutoff::Stranger => "frozen at the first mail from a host that org.toml does not list".to_owned(),
        }
    }

    pub fn is_past(&self, time: i64) -> bool {
        self.from.0 <= time && time < self.until.0
    }

    pub fn is_test(&self, time: i64) -> bool {
        self.since.0 <= time && time <= self.to.0
    }

    pub fn is_test_day(&self, day: i32) -> bool {
        self.since_day <= day && day <= self.to_day
    }
}

/// The tenant's days from the first to the last with mail. `counts` holds (day, messages, outbound), ascending.
pub fn tenant_days(counts: &[(i32, u64, u64)], trace: &FamilyCoverage, calendar: &Calendar) -> Vec<TenantDay> {
    let (Some(first), Some(last)) = (counts.first(), counts.last()) else {
        return Vec::new();
    };
    let fill = i64::from(last.0) - i64::from(first.0) <= LONGEST;
    let mut days: Vec<TenantDay> = Vec::new();
    for &(day, messages, outbound) in counts {
        let next = days.last().map_or(day, |d| d.day + 1);
        let empty = if fill { next..day } else { day..day };
        days.extend(empty.map(|day| (day, 0, 0)).chain([(day, messages, outbound)]).map(
            |(day, messages, outbound)| TenantDay {
                day,
                class: calendar.class(day),
                messages,
                outbound,
                missing: gap_touches(trace, calendar, day),
            },
        ));
    }
    let weekend = |d: &&TenantDay| d.class == DayClass::WeekendOrHoliday;
    let silent = days.iter().filter(weekend).filter(|d| d.messages == 0).count();
    let closed = silent * 2 >= days.iter().filter(weekend).count() && silent > 1;
    for day in &mut days {
        // An organisation that does not work at weekends really sends nothing then.
        day.missing |= day.messages == 0 && !(closed && day.class == DayClass::WeekendOrHoliday);
    }
    days
}

fn gap_touches(trace: &FamilyCoverage, calendar: &Calendar, day: i32) -> bool {
    !trace.gaps.is_empty() && {
        let (start, end) = (calendar.start(day), calendar.start(day.saturating_add(1)));
        let inside =
            |g: &&crate::digest::coverage::Gap| g.from.is_none_or(|f| f < end) && g.to.is_none_or(|t| t > start);
        trace.gaps.iter().any(|g| inside(&g))
    }
}

/// The first thing on the connector's timeline that casts doubt on what follows.
pub fn first_doubt(connector: &Connector) -> Option<&Event> {
    connector.events.iter().find(|e| match e.action {
        Action::Blocked | Action::Unblocked | Action::Alerted => true,
        Action::SeenInSnapshot | Action::Related => false,
        Action::Created | Action::Changed | Action::Removed | Action::Enabled | Action::Disabled => {
            e.succeeded && !e.no_op && e.intended != Some(true)
        }
    })
}

/// What the search for a period looks at.
pub struct Ground<'a> {
    pub connector: &'a Connector,
    pub window: Window,
    pub calendar: &'a Calendar,
    pub coverage: &'a Coverage,
    /// First and last moment for which the trace can speak of this connector.
    pub traced: (Time, Time),
    /// The connector's first message.
    pub first_mail: Option<Time>,
    pub days: &'a [TenantDay],
    /// Messages of the connector by day, parallel to `days`.
    pub series: &'a [u64],
    /// The first mail from a host that org.toml does not list, where there is enough of it.
    pub stranger: Option<Time>,
    pub limits: &'a Thresholds,
}

impl Ground<'_> {
    /// Finds past and test.
    pub fn period(&self) -> Period {
        let (first, last) = self.traced;
        let to = self.window.to.map_or(last, |t| t.min(last));
        let born = self.born();
        let from = born.map_or(first, |b| b.max(first));
        let window = self.window.from.map(|t| (t, Cutoff::Window));
        let stranger = self.stranger.map(|t| (t, Cutoff::Stranger));
        let earliest = [self.doubt(from), window, stranger]
            .into_iter()
            .flatten()
            .min_by_key(|(t, _)| *t);
        let mut period = Period {
            from,
            until: from,
            since: from,
            to,
            until_day: 0,
            since_day: 0,
            to_day: self.calendar.day(to),
            window: self.window,
            cutoff: Cutoff::Split,
            born,
            beyond_trace: None,
            before_trace: None,
        };
        match earliest {
            // An undecided event before the trace leaves only the trace itself to compare with.
            Some((time, _)) if time < first && born.is_none() && !self.is_meant_ill(time) => {
                period.before_trace = Some(time);
                self.split(&mut period);
            }
            Some((time, cutoff)) if time <= to => {
                period.until = time.max(from);
                period.before_trace = (time < first && born.is_none()).then_some(time);
                period.cutoff = cutoff;
                self.screen(&mut period, self.least_past());
            }
            other => {
                period.beyond_trace = other.map(|(t, _)| t);
                self.split(&mut period);
            }
        }
        period.since = self.window.from.map_or(period.until, |from| from.max(period.until));
        period.until_day = self.calendar.day(period.until);
        period.since_day = self.calendar.day(period.since);
        period
    }

    /// When the first doubt begins. A block or an alert comes after what caused it: a week before it is in doubt
    /// too, or as much of it as leaves two weeks of past, and a day in any case.
    fn doubt(&self, from: Time) -> Option<(Time, Cutoff)> {
        let event = first_doubt(self.connector)?;
        let late = matches!(event.action, Action::Blocked | Action::Unblocked | Action::Alerted);
        let enough = from.0.saturating_add(self.least_past() as i64 * Time::DAY);
        let earlier =
            (event.time.0.saturating_sub(self.limits.lead)).max(enough.min(event.time.0.saturating_sub(Time::DAY)));
        let time = if late { Time(earlier) } else { event.time };
        let lead = if time < event.time {
            "a week, or as much as the past allows, before "
        } else {
            ""
        };
        Some((time, Cutoff::Event(format!("{lead}{}", words(event)))))
    }

    /// Whether some event up to then was a block, an alert, or known not to be intended.
    fn is_meant_ill(&self, until: Time) -> bool {
        self.connector
            .events
            .iter()
            .filter(|e| e.time <= until)
            .any(|e| matches!(e.action, Action::Blocked | Action::Alerted) || (e.intended == Some(false) && !e.no_op))
    }

    /// When it came into being, if that was while the trace ran and no mail came before.
    fn born(&self) -> Option<Time> {
        let created = self
            .connector
            .events
            .iter()
            .find(|e| e.action == Action::Created && e.succeeded);
        let created = created.map(|e| e.time).or_else(|| {
            // No record of its creation, but it is known not to have been there before.
            let first = self.connector.states.first()?;
            first.from.filter(|_| first.exists)
        })?;
        let new = self.first_mail.is_none_or(|m| m.plus_hours(1) >= created);
        (new && created > self.traced.0 && created <= self.traced.1).then_some(created)
    }

    /// A split leaves at least this many days of past, and at most two thirds of all.
    fn least_past(&self) -> usize {
        usize::try_from(self.limits.split_past).unwrap_or(usize::MAX)
    }

    fn split(&self, period: &mut Period) {
        let within = self.days_between(self.calendar.day(period.from), period.to_day);
        let half = (within.len() / 2).max(self.least_past());
        if half > within.len() * 2 / 3 {
            period.until = period.from;
            return;
        }
        let next = within.get(half).and_then(|&i| self.day_start(i));
        period.until = next.unwrap_or(period.to);
        self.screen(period, 0);
    }

    /// Moves the end of the past forward to the first day that stands out by itself, if so many days remain.
    fn screen(&self, period: &mut Period, least: usize) {
        let end = self.calendar.day(period.until).saturating_sub(1);
        let past = self.days_between(self.calendar.day(period.from), end);
        if let Some(position) = self.first_outlier(&past).filter(|p| *p >= least) {
            let start = past.get(position).and_then(|&i| self.day_start(i));
            period.until = start.unwrap_or(period.until).max(period.from);
            period.cutoff = Cutoff::Outlier;
        }
    }

    /// Indices of the days from one to another, both included.
    fn days_between(&self, start: i32, end: i32) -> Vec<usize> {
        let within = |i: &usize| self.days.get(*i).is_some_and(|d| d.day >= start && d.day <= end);
        (0..self.days.len()).filter(within).collect()
    }

    fn day_start(&self, index: usize) -> Option<Time> {
        self.days.get(index).map(|d| self.calendar.start(d.day))
    }

    /// The position in the past of the first day that its fellows of the same class would not have expected: those before it, or
    /// in the first two weeks all but the days around it, so that a campaign of several days does not vouch for
    /// itself while what comes back every week does.
    fn first_outlier(&self, past: &[usize]) -> Option<usize> {
        let count = |i: usize| self.series.get(i).copied().unwrap_or(0);
        let day = |i: usize| self.days.get(i).copied();
        past.iter().enumerate().find_map(|(position, &i)| {
            // No jump is smaller: a long past is not gone through for each of its quiet days.
            if count(i) < self.limits.jump_least {
                return None;
            }
            let own = day(i)?;
            let is_fellow = |other: usize, j: usize| {
                let apart = if position < self.least_past() {
                    other.abs_diff(position) >= 7
                } else {
                    other < position
                };
                apart && day(j).is_some_and(|d| !d.missing && d.class == own.class)
            };
            let fellows = past.iter().enumerate().filter(|(other, j)| is_fellow(*other, **j));
            let fellows: Vec<u64> = fellows.map(|(_, &j)| count(j)).collect();
            (fellows.len() as u64 >= self.limits.class_least && stands_out(self.limits, count(i), &fellows, past.len()))
                .then_some(position)
        })
    }
}

/// Whether a count is a jump beyond days of its class: improbable at one in a thousand over all `tested` days, at
/// least max(20, 2 × median + 10), three times what is expected, and larger than every one of them.
pub fn stands_out(limits: &Thresholds, count: u64, fellows: &[u64], tested: usize) -> bool {
    let Some(expected) = Predictive::from_history(fellows, limits.least_dispersion) else {
        return false;
    };
    count as f64 >= size_gate(limits, fellows)
        && count as f64 >= limits.jump_ratio * expected.mean()
        && fellows.iter().all(|&f| f < count)
        && expected.upper_tail(count) * (tested as f64) < limits.improbable
}

/// The least count that is worth speaking of: max(20, 2 × median + 10).
pub fn size_gate(limits: &Thresholds, history: &[u64]) -> f64 {
    (limits.jump_medians * median(history) + limits.jump_above as f64).max(limits.jump_least as f64)
}

fn words(event: &Event) -> String {
    let what = match event.action {
        Action::Blocked => "the first block",
        Action::Unblocked => "the first unblocking",
        Action::Alerted => "the first alert",
        Action::Created => "its creation",
        _ if event.intended == Some(false) => "the first change that nobody meant",
        _ => "the first change of unknown intent",
    };
    format!("{what} ({})", event.time)
}
