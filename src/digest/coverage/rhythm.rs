//! The habit of a log by hour of day: how improbable a silence in it is.

/// Kind of day (0 working day, 1 not; or the day of the week from Monday, 0 to 6) and hour of it.
pub type DayHour = (usize, usize);

/// Same hours of the same kind of day that must be on record before a silence in them can be judged.
const HISTORY: u32 = 5;
/// Hours on either side of one that are like it.
const AROUND: usize = 2;
/// One log in so many may have such a silence by chance.
const CHANCE: f64 = 1e-2;
/// No log is longer; beyond it, times in the records are wrong and prove nothing.
const LONGEST: i64 = 6 * 366 * 24;

/// How often each hour of each kind of day has rows.
#[derive(Debug, Clone)]
pub struct Rhythm<F> {
    class: F,
    /// Hours of the class on record, and those of them with rows.
    habit: [[(u32, u32); 24]; 7],
}

impl<F: Fn(i64) -> DayHour> Rhythm<F> {
    /// From the hours since 1970 that have rows, ascending, and what kind of day and hour each is. `None` where
    /// there are none, or they span more time than any log.
    pub fn new(active: &[i64], class: F) -> Option<Self> {
        let (first, last) = (*active.first()?, *active.last()?);
        if last - first > LONGEST {
            return None;
        }
        let mut habit = [[(0, 0); 24]; 7];
        for hour in first..=last {
            let (day, of_day) = class(hour);
            habit[day][of_day].0 += 1;
        }
        for &hour in active {
            let (day, of_day) = class(hour);
            habit[day][of_day].1 += 1;
        }
        Some(Rhythm { class, habit })
    }

    /// The probability that the hours from `from` to before `to` have no rows, by the rest of the log. Each counts by
    /// how often the same hour of the same kind of day had rows, as (k + 1/2) / (n + 1), or the hours around it, where
    /// they were emptier: a few weeks give each hour by itself only a rough figure. `None` where some of them have too
    /// short a history.
    pub fn silence(&self, from: i64, to: i64) -> Option<f64> {
        if to - from > LONGEST {
            return Some(0.0);
        }
        let mut rest = self.habit;
        for hour in from..to {
            let (day, of_day) = (self.class)(hour);
            rest[day][of_day].0 = rest[day][of_day].0.saturating_sub(1);
        }
        (from..to).try_fold(1.0, |chance, hour| {
            let (day, of_day) = (self.class)(hour);
            let own = rest[day][of_day];
            let around = (of_day + 24 - AROUND..=of_day + 24 + AROUND).map(|h| rest[day][h % 24]);
            let around = around.fold((0, 0), |sum, hour| (sum.0 + hour.0, sum.1 + hour.1));
            (own.0 >= HISTORY).then(|| chance * empty(own).max(empty(around)))
        })
    }
}

/// How probable an hour without rows is, of so many seen and so many with rows.
fn empty((seen, with_rows): (u32, u32)) -> f64 {
    1.0 - (f64::from(with_rows) + 0.5) / (f64::from(seen) + 1.0)
}

/// Hours in a row without a row that the rhythm makes improbable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Silence {
    /// The first empty hour since 1970, and the first with a row again.
    pub from: i64,
    pub to: i64,
    /// How probable the rhythm makes just these hours.
    pub chance: f64,
}

impl<F: Fn(i64) -> DayHour> Rhythm<F> {
    /// The silences of `least` hours or more among the active hours, ascending, that the rhythm makes rarer than one
    /// in a hundred logs of this length.
    pub fn silences(&self, active: &[i64], least: i64) -> Vec<Silence> {
        let (Some(first), Some(last)) = (active.first(), active.last()) else {
            return Vec::new();
        };
        let tested = (last - first).max(1) as f64;
        active
            .windows(2)
            .filter_map(|pair| <&[i64; 2]>::try_from(pair).ok())
            .map(|&[before, after]| (before + 1, after))
            .filter(|(from, to)| to - from >= least)
            .filter_map(|(from, to)| {
                let chance = self.silence(from, to)?;
                (chance * tested < CHANCE).then_some(Silence { from, to, chance })
            })
            .collect()
    }
}

/// A silence that the same hours of other weeks make no rarer than this is usual.
const USUAL: f64 = 0.05;

/// The silences of `least` hours or more that are improbable for their hours of the day, or for their hours of the week.
/// The hours of the week know of an afternoon that is always off and of a weekend on other days than Saturday and Sunday,
/// and they need more weeks to say anything; a silence that they know is none.
pub fn silences_of_week(active: &[i64], least: i64) -> Vec<Silence> {
    let (Some(by_day), Some(by_week)) = (Rhythm::new(active, utc_class), Rhythm::new(active, utc_class_of_week)) else {
        return Vec::new();
    };
    let mut found = by_day.silences(active, least);
    found.retain(|s| by_week.silence(s.from, s.to).is_none_or(|chance| chance < USUAL));
    for silence in by_week.silences(active, least) {
        if found.iter().all(|s| s.from != silence.from) {
            found.push(silence);
        }
    }
    found.sort_by_key(|s| s.from);
    found
}

/// The hour of the week in UTC.
pub fn utc_class_of_week(hour: i64) -> DayHour {
    let weekday = (hour.div_euclid(24) + 3).rem_euclid(7);
    (weekday as usize, hour.rem_euclid(24) as usize)
}

/// The class of an hour in UTC.
pub fn utc_class(hour: i64) -> DayHour {
    // 1970-01-01 was a Thursday.
    let weekday = (hour.div_euclid(24) + 3).rem_euclid(7);
    (usize::from(weekday >= 5), hour.rem_euclid(24) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty days from Thursday, 1970-01-01 on, with rows from 6 to 22 o'clock.
    fn working_hours() -> Vec<i64> {
        (0..20)
            .flat_map(|day| (6..22).map(move |hour| day * 24 + hour))
            .collect()
    }

    #[test]
    fn saturday_and_sunday_are_told_from_working_days() {
        let kinds: Vec<usize> = (0..7).map(|day| utc_class(day * 24 + 23).0).collect();
        assert_eq!(kinds, [0, 0, 1, 1, 0, 0, 0]);
        assert_eq!(utc_class(-1), (0, 23), "Wednesday");
    }

    #[test]
    fn a_silence_is_as_probable_as_its_hours_are_empty_elsewhere() {
        let active = working_hours();
        let rhythm = Rhythm::new(&active, utc_class).unwrap();
        // Thursday the 8th, 22 to 24 o'clock: 13 working days have these hours on record, the other 12 without rows.
        let night = rhythm.silence(6 * 24 + 22 + 24, 8 * 24).unwrap();
        assert!((night - (1.0f64 - 0.5 / 13.0).powi(2)).abs() < 1e-12, "{night}");
    }

    /// Eight weeks from Monday, 1970-01-05 on, with rows at every hour but on Fridays from 12 o'clock on.
    fn free_afternoons() -> Vec<i64> {
        let hours = 4 * 24..60 * 24;
        hours
            .filter(|h| utc_class_of_week(*h).0 != 4 || h.rem_euclid(24) < 12)
            .collect()
    }

    #[test]
    fn an_afternoon_that_is_off_every_week_is_no_hole_and_another_one_is() {
        let mut active = free_afternoons();
        assert_eq!(silences_of_week(&active, 2), []);
        // Wednesday of the fourth week, for six hours.
        let hole = (4 + 23) * 24 + 12..(4 + 23) * 24 + 18;
        active.retain(|h| !hole.contains(h));
        let found: Vec<(i64, i64)> = silences_of_week(&active, 2).iter().map(|s| (s.from, s.to)).collect();
        assert_eq!(found, [(hole.start, hole.end)]);
    }

    #[test]
    fn a_short_or_absurd_log_judges_nothing() {
        let short: Vec<i64> = (0..72).collect();
        assert_eq!(Rhythm::new(&short, utc_class).unwrap().silence(10, 12), None);
        assert!(Rhythm::new(&[], utc_class).is_none());
        assert!(Rhythm::new(&[0, i64::from(u32::MAX)], utc_class).is_none());
    }
}
