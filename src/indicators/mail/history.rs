//! The undoubted past of a connector as daily counts by class.

use std::sync::OnceLock;

use super::{DayClass, DayCount, Mail};
use crate::indicators::statistics::Predictive;

/// Fewer days of a class than this cannot be judged by.
pub const LEAST_DAYS: usize = 3;
/// From this many days of a class on the history counts whole.
pub const FULL_DAYS: usize = 10;

/// Counts of past days, missing days left out.
#[derive(Debug, Clone, Default)]
pub struct History {
    weekdays: Vec<u64>,
    weekends: Vec<u64>,
    /// What days of either class may bring, reckoned once: it is asked for by each of very many days.
    predicted: [OnceLock<Option<Predictive>>; 2],
}

impl History {
    /// A past of given days.
    pub fn from_days(days: impl IntoIterator<Item = (DayClass, u64)>) -> Self {
        let mut history = History::default();
        for (class, count) in days {
            match class {
                DayClass::Weekday => history.weekdays.push(count),
                DayClass::WeekendOrHoliday => history.weekends.push(count),
            }
        }
        history
    }

    pub fn counts(&self, class: DayClass) -> &[u64] {
        match class {
            DayClass::Weekday => &self.weekdays,
            DayClass::WeekendOrHoliday => &self.weekends,
        }
    }

    /// What a day of the class may bring; `None` below [`LEAST_DAYS`].
    pub fn predictive(&self, class: DayClass) -> Option<Predictive> {
        let [weekday, weekend] = &self.predicted;
        let predicted = match class {
            DayClass::Weekday => weekday,
            DayClass::WeekendOrHoliday => weekend,
        };
        *predicted.get_or_init(|| {
            let counts = self.counts(class);
            (counts.len() >= LEAST_DAYS)
                .then(|| Predictive::from_history(counts))
                .flatten()
        })
    }

    /// Days of both classes.
    pub fn days(&self) -> usize {
        self.weekdays.len() + self.weekends.len()
    }
}

impl Mail {
    /// Indices into [`Mail::days`] of a connector's past, missing days left out.
    pub fn past_days(&self, connector: usize) -> Vec<usize> {
        let period = self.connectors.get(connector).and_then(|c| c.period.as_ref());
        let past = self.days.iter().enumerate().filter(|(_, d)| {
            // The day on which the trace begins counts, though its morning may be missing.
            !d.missing && period.is_some_and(|p| d.day < p.until_day && d.day >= self.calendar.day(p.from))
        });
        past.map(|(i, _)| i).collect()
    }

    /// Indices into [`Mail::days`] of the time to be judged, missing days included.
    pub fn test_days(&self, connector: usize) -> Vec<usize> {
        let period = self.connectors.get(connector).and_then(|c| c.period.as_ref());
        let test = self.days.iter().enumerate();
        let test = test.filter(|(_, d)| period.is_some_and(|p| p.is_test_day(d.day)));
        test.map(|(i, _)| i).collect()
    }

    /// The past of a connector by some daily figure.
    pub fn history(&self, connector: usize, figure: fn(&DayCount) -> u64) -> History {
        let Some(counted) = self.connectors.get(connector) else {
            return History::default();
        };
        let past = self.past_days(connector).into_iter();
        History::from_days(past.filter_map(|i| Some((self.days.get(i)?.class, figure(&counted.days[i])))))
    }

    /// Messages that the frozen past expects of a day, by its number; `None` without enough past.
    pub fn expected(&self, connector: usize) -> impl Fn(usize) -> Option<f64> {
        let history = self.history(connector, |d| d.messages);
        let mean = |class| history.predictive(class).map(|p| p.mean());
        let (weekday, weekend) = (mean(DayClass::Weekday), mean(DayClass::WeekendOrHoliday));
        move |day| match self.days.get(day)?.class {
            DayClass::Weekday => weekday,
            DayClass::WeekendOrHoliday => weekend,
        }
    }
}
