//! Holes in the audit log: hours without a single record that the tenant's own habit makes improbable.

use chrono::{Datelike, Timelike, Weekday};

use crate::digest::coverage::{DayHour, Rhythm, Silence};
use crate::records::Time;

use super::Case;

/// Hours in a row without an audit record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hole {
    /// Beginning of the first empty hour.
    pub from: Time,
    /// End of the last empty hour.
    pub to: Time,
    pub hours: usize,
    /// How probable the tenant's habit makes such a run.
    pub chance: f64,
    /// How many of its hours hold traced mail.
    pub mail_hours: usize,
}

/// The improbable holes that touch the time looked at, in order of time, by the log's [`Rhythm`] over working days
/// and others in the organisation's time zone.
pub fn holes(case: &Case) -> Vec<Hole> {
    let hours = &case.coverage.audit_hours;
    let Some(rhythm) = Rhythm::new(hours, |hour| class(case, hour)) else {
        return Vec::new();
    };
    rhythm
        .silences(hours, case.thresholds().hole / Time::HOUR)
        .into_iter()
        .map(|silence| hole(case, silence))
        .filter(|h| case.window.from.is_none_or(|from| h.to > from) && case.window.to.is_none_or(|to| h.from < to))
        .collect()
}

fn hole(case: &Case, Silence { from, to, chance }: Silence) -> Hole {
    let mail = &case.coverage.trace_hours;
    Hole {
        from: Time(from.saturating_mul(Time::HOUR)),
        to: Time(to.saturating_mul(Time::HOUR)),
        hours: (to - from) as usize,
        chance,
        mail_hours: mail.partition_point(|h| *h < to) - mail.partition_point(|h| *h < from),
    }
}

/// Which kind of day and which hour of it an hour since the epoch is, in the organisation's time zone.
fn class(case: &Case, hour: i64) -> DayHour {
    let Some(utc) = Time(hour.saturating_mul(Time::HOUR)).to_chrono() else {
        return (0, 0);
    };
    let local = utc.with_timezone(&case.organization.time_zone);
    let off = matches!(local.weekday(), Weekday::Sat | Weekday::Sun)
        || case.organization.holidays.contains(&local.date_naive());
    (usize::from(off), local.hour() as usize % 24)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, at};
    use super::*;

    fn without(f: &mut Fixture, keep: impl Fn(i64) -> bool) {
        f.coverage.audit_hours.retain(|h| keep(*h));
    }

    #[test]
    fn three_empty_hours_in_a_log_that_never_pauses_are_a_hole_with_a_chance_worked_out_by_hand() {
        let mut f = Fixture::complete();
        let gap = at("10T02:00").hour()..at("10T05:00").hour();
        without(&mut f, |h| !gap.contains(&h));
        let found = holes(&f.case());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].from, found[0].to), (at("10T02:00"), at("10T05:00")));
        assert_eq!((found[0].hours, found[0].mail_hours), (3, 3));
        // March 2026 has 22 working days; each hour of the hole had records on the other 21.
        let one = 1.0 - 21.5 / 22.0;
        assert!((found[0].chance - f64::powi(one, 3)).abs() < 1e-12);
    }

    #[test]
    fn nights_that_are_often_empty_are_no_hole() {
        let mut f = Fixture::complete();
        without(&mut f, |h| {
            !(2..5).contains(&h.rem_euclid(24)) || h.div_euclid(24) % 3 == 0
        });
        assert!(holes(&f.case()).is_empty());
    }

    #[test]
    fn a_single_empty_hour_is_no_hole_and_a_short_log_judges_none() {
        let mut f = Fixture::complete();
        without(&mut f, |h| h != at("10T02:00").hour());
        assert!(holes(&f.case()).is_empty());
        let range = at("10T00:00").hour()..at("12T00:00").hour();
        without(&mut f, |h| {
            range.contains(&h) && !(h > range.start + 20 && h < range.start + 26)
        });
        assert!(holes(&f.case()).is_empty());
    }

    #[test]
    fn absurd_times_end_the_search_at_once() {
        let mut f = Fixture::complete();
        f.coverage.audit_hours.push(i64::from(u32::MAX));
        assert!(holes(&f.case()).is_empty());
    }
}
