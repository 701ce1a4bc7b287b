//! Local days of the organisation, and which of them are working days.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use crate::records::Time;
use crate::settings::Organization;

/// Days are compared only with days of their own class, because a weekend is no quiet weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayClass {
    Weekday,
    /// Saturday, Sunday, or a holiday of org.toml.
    WeekendOrHoliday,
}

impl DayClass {
    pub fn as_str(self) -> &'static str {
        match self {
            DayClass::Weekday => "weekday",
            DayClass::WeekendOrHoliday => "weekend or holiday",
        }
    }
}

/// Turns instants into days of the organisation's time zone, numbered from 1970-01-01.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Tz,
    holidays: BTreeSet<NaiveDate>,
    /// Days of consecutive quarters of an hour: no zone's midnight falls inside one.
    first_quarter: i64,
    quarters: Vec<i32>,
}

const QUARTER: i64 = Time::HOUR / 4;
/// Beyond these a zone's offset could leave chrono's own range.
const YEARS: std::ops::Range<i32> = 1..10_000;
/// Two years of quarters are kept ready; other times are reckoned one by one.
const READY: i64 = 2 * 366 * 96;

impl Calendar {
    /// A calendar that is quick between two times.
    pub fn new(organization: &Organization, first: Time, last: Time) -> Self {
        let mut calendar = Calendar {
            zone: organization.time_zone,
            holidays: organization.holidays.clone(),
            first_quarter: first.0.div_euclid(QUARTER),
            quarters: Vec::new(),
        };
        let end = last
            .0
            .div_euclid(QUARTER)
            .min(calendar.first_quarter.saturating_add(READY));
        calendar.quarters = (calendar.first_quarter..=end)
            .map(|quarter| calendar.reckon(Time(quarter.saturating_mul(QUARTER))))
            .collect();
        calendar
    }

    /// The local day of an instant.
    pub fn day(&self, time: Time) -> i32 {
        usize::try_from(time.0.div_euclid(QUARTER).wrapping_sub(self.first_quarter))
            .ok()
            .and_then(|i| self.quarters.get(i).copied())
            .unwrap_or_else(|| self.reckon(time))
    }

    fn reckon(&self, time: Time) -> i32 {
        match time.to_chrono().filter(|t| YEARS.contains(&t.year())) {
            Some(utc) => number(utc.with_timezone(&self.zone).date_naive()),
            None => i32::try_from(time.0.div_euclid(Time::DAY)).unwrap_or(i32::MAX),
        }
    }

    pub fn class(&self, day: i32) -> DayClass {
        match date(day) {
            Some(d) if !matches!(d.weekday(), Weekday::Sat | Weekday::Sun) && !self.holidays.contains(&d) => {
                DayClass::Weekday
            }
            _ => DayClass::WeekendOrHoliday,
        }
    }

    /// The instant at which a local day begins.
    pub fn start(&self, day: i32) -> Time {
        date(day)
            .and_then(|d| d.and_hms_opt(0, 0, 0))
            // A day that begins inside a clock change is taken to begin an hour later.
            .and_then(|midnight| {
                let local = |t| self.zone.from_local_datetime(&t).earliest();
                local(midnight).or_else(|| local(midnight + chrono::Duration::hours(1)))
            })
            .map_or(Time(i64::from(day).saturating_mul(Time::DAY)), |t| {
                Time(t.with_timezone(&Utc).timestamp_micros())
            })
    }
}

fn number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

fn date(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day.checked_add(719_163)?).filter(|d| YEARS.contains(&d.year()))
}

/// A day as `YYYY-MM-DD`.
pub fn day_text(day: i32) -> String {
    date(day).map_or_else(|| day.to_string(), |d| d.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Calendar {
        let organization = Organization {
            time_zone: chrono_tz::Europe::Berlin,
            holidays: BTreeSet::from([NaiveDate::from_ymd_opt(2026, 4, 6).unwrap()]),
            ..Organization::default()
        };
        Calendar::new(
            &organization,
            Time::from_seconds(1_772_000_000),
            Time::from_seconds(1_780_000_000),
        )
    }

    #[test]
    fn a_day_begins_at_local_midnight_in_summer_and_winter() {
        let calendar = berlin();
        // 2026-03-02T23:30Z is half past midnight of the third in Berlin; 2026-06-30T22:30Z likewise of the first.
        let march = calendar.day(Time::from_seconds(1_772_494_200));
        let june = calendar.day(Time::from_seconds(1_782_858_600));
        assert_eq!(
            (day_text(march), day_text(june)),
            ("2026-03-03".into(), "2026-07-01".into())
        );
        assert_eq!(calendar.start(march).to_string(), "2026-03-02T23:00:00Z");
        assert_eq!(calendar.start(june).to_string(), "2026-06-30T22:00:00Z");
    }

    #[test]
    fn weekends_and_holidays_are_one_class() {
        let calendar = berlin();
        let class = |text: &str| {
            let d: NaiveDate = text.parse().unwrap();
            calendar.class(number(d))
        };
        assert_eq!(class("2026-04-03"), DayClass::Weekday);
        assert_eq!(class("2026-04-04"), DayClass::WeekendOrHoliday);
        assert_eq!(class("2026-04-06"), DayClass::WeekendOrHoliday);
    }

    #[test]
    fn times_beyond_every_calendar_do_no_harm() {
        let calendar = berlin();
        for time in [
            i64::MIN,
            -8_334_601_228_800_000_000,
            8_210_266_876_799_999_999,
            i64::MAX,
        ]
        .map(Time)
        {
            let day = calendar.day(time);
            calendar.class(day);
            calendar.start(day);
        }
        Calendar::new(&Organization::default(), Time(i64::MIN), Time(i64::MAX));
    }
}
