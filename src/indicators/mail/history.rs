//! The undoubted past of a connector as daily counts by class.

use std::sync::OnceLock;

use super::{DayClass, DayCount, Mail};
use crate::indicators::statistics::Predictive;
use crate::settings::tuning::Thresholds;

/// Counts of past days, missing days left out.
#[derive(Debug, Clone, Default)]
pub struct History {
    limits: Thresholds,
    weekdays: Vec<u64>,
    weekends: Vec<u64>,
    /// What days of either class may bring, reckoned once: it is asked for by each of very many days.
    predicted: [OnceLock<Option<Predictive>>; 2],
}

impl History {
    /// A past of given days, to be judged by given thresholds.
    pub fn from_days(limits: &Thresholds, days: impl IntoIterator<Item = (DayClass, u64)>) -> Self {
        let mut history = History {
            limits: *limits,
            ..History::default()
        };
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

    /// What a day of the class may bring; `None` where too few of its days are known.
    pub fn predictive(&self, class: DayClass) -> Option<Predictive> {
        let [weekday, weekend] = &self.predicted;
        let predicted = match class {
            DayClass::Weekday => weekday,
            DayClass::WeekendOrHoliday => weekend,
        };
        *predicted.get_or_init(|| {
            let counts = self.counts(class);
            (counts.len() as u64 >= self.limits.class_least)
                .then(|| Predictive::from_history(counts, self.limits.least_dispersion))
                .flatten()
        })
    }

    /// The thresholds to judge by.
    pub fn limits(&self) -> &Thresholds {
        &self.limits
    }

    /// Whether so many days of a class are known that the history counts whole.
    pub fn is_full(&self, days_of_class: usize) -> bool {
        days_of_class as u64 >= self.limits.class_full
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
        History::from_days(
            &self.limits,
            past.filter_map(|i| Some((self.days.get(i)?.class, figure(&counted.days[i])))),
        )
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
