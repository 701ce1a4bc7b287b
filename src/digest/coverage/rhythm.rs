//! The habit of a log by hour of day: how improbable a silence in it is.

/// Kind of day (0 working day, 1 not) and hour of it.
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
    habit: [[(u32, u32); 24]; 2],
}

impl<F: Fn(i64) -> DayHour> Rhythm<F> {
    /// From the hours since 1970 that have rows, ascending, and what kind of day and hour each is. `None` where
    /// there are none, or they span more time than any log.
    pub fn new(active: &[i64], class: F) -> Option<Self> {
        let (first, last) = (*active.first()?, *active.last()?);
        if last - first > LONGEST {
            return None;
        }
        let mut habit = [[(0, 0); 24]; 2];
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

    #[test]
    fn a_short_or_absurd_log_judges_nothing() {
        let short: Vec<i64> = (0..72).collect();
        assert_eq!(Rhythm::new(&short, utc_class).unwrap().silence(10, 12), None);
        assert!(Rhythm::new(&[], utc_class).is_none());
        assert!(Rhythm::new(&[0, i64::from(u32::MAX)], utc_class).is_none());
    }
}
