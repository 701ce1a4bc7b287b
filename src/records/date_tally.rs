//! What the dates of a file's rows say of their order, counted in one pass: counts of stretches add up to the count of the
//! file, whatever the stretches.

use super::date::DateOrder;
use super::date_culture::{Form, both_ways, form};
use super::date_excel::Spreadsheet;

/// Steps that a sorted file may take against its order for each that it takes with it: a page read twice, two searches one
/// behind the other.
const TOLERATED: u64 = 10;
/// Steps from which a file is said to be sorted.
const LEAST_STEPS: u64 = 3;

/// The dates of a stretch of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DateTally {
    /// Rows that can only be read with the day first, and with the month first.
    pub(super) day_first: u64,
    pub(super) month_first: u64,
    /// Rows that can be read either way.
    pub(super) open: u64,
    /// Some row has a year of two digits.
    pub(super) short: bool,
    pub(super) spreadsheet: Spreadsheet,
    /// Steps from a row to the next, by their direction with the day first and with the month first: down, level, up. Counted
    /// as long as no row can be read in one order only.
    steps: [[u64; 3]; 3],
    first: Option<Readings>,
    last: Option<Readings>,
}

/// The time of a row in both orders, in microseconds.
type Readings = [i64; 2];

impl DateTally {
    /// Counts a row by its dates, of which the first is its time.
    #[inline]
    pub fn row<'d>(&mut self, dates: impl Iterator<Item = &'d [u8]> + Clone) {
        // Nearly every date of an export is in ISO 8601, and says nothing.
        if !dates.clone().all(begins_with_year) {
            self.careful_row(dates);
        }
    }

    fn careful_row<'d>(&mut self, dates: impl Iterator<Item = &'d [u8]> + Clone) {
        if let Some(time) = dates.clone().next() {
            self.spreadsheet.row(time);
        }
        let mut said = Form::Plain;
        for date in dates.clone() {
            match form(date) {
                Form::Plain => {}
                Form::Same if said == Form::Plain => said = Form::Same,
                Form::Same => {}
                Form::Open => {
                    if !matches!(said, Form::Order(_)) {
                        said = Form::Open;
                    }
                    self.short |= is_short(date);
                }
                order @ Form::Order(_) => said = order,
            }
        }
        match said {
            Form::Plain => return,
            Form::Same => {}
            Form::Open => self.open += 1,
            Form::Order(DateOrder::DayFirst) => self.day_first += 1,
            Form::Order(_) => self.month_first += 1,
        }
        if self.is_settled() {
            self.forget_steps();
            return;
        }
        if let Some(here) = dates.clone().next().and_then(both_ways) {
            let here = here.map(|time| time.0);
            self.step(here);
            self.first = self.first.or(Some(here));
            self.last = Some(here);
        }
    }

    /// Some row can be read in one order only: then nobody asks in which order the rows are sorted.
    fn is_settled(&self) -> bool {
        self.day_first + self.month_first > 0
    }

    fn forget_steps(&mut self) {
        self.steps = Default::default();
        (self.first, self.last) = (None, None);
    }

    fn step(&mut self, to: Readings) {
        let Some([day, month]) = self.last else { return };
        let direction = |from: i64, to: i64| to.cmp(&from) as i8;
        let [to_day, to_month] = to;
        let index = |direction: i8| usize::from((direction + 1).unsigned_abs());
        let (by_day, by_month) = (index(direction(day, to_day)), index(direction(month, to_month)));
        if let Some(count) = self.steps.get_mut(by_day).and_then(|row| row.get_mut(by_month)) {
            *count += 1;
        }
    }

    /// Adds the rows that follow.
    pub fn absorb(&mut self, next: Self) {
        if let Some(first) = next.first {
            self.step(first);
        }
        self.day_first += next.day_first;
        self.month_first += next.month_first;
        self.open += next.open;
        self.short |= next.short;
        self.spreadsheet.absorb(next.spreadsheet);
        for (count, more) in self.steps.iter_mut().flatten().zip(next.steps.into_iter().flatten()) {
            *count += more;
        }
        self.first = self.first.or(next.first);
        self.last = next.last.or(self.last);
        if self.is_settled() {
            self.forget_steps();
        }
    }

    /// The order in which the rows are sorted as the other steps of the file are.
    pub(super) fn order_of_rows(&self) -> Option<DateOrder> {
        let [[both_down, _, day_down], _, [day_up, _, both_up]] = self.steps;
        let sorted = |with: u64, against: u64| with >= LEAST_STEPS && against * TOLERATED <= with;
        // Steps on which the orders differ: in a file that runs up, the right order is the one that runs up there too.
        let (by_day, by_month) = if sorted(both_up, both_down) {
            (day_up, day_down)
        } else if sorted(both_down, both_up) {
            (day_down, day_up)
        } else {
            return None;
        };
        match (by_day, by_month) {
            (day, month) if day > 0 && month * TOLERATED <= day => Some(DateOrder::DayFirst),
            (day, month) if month > 0 && day * TOLERATED <= month => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }
}

/// Whether four digits and a hyphen stand first, as in ISO 8601.
#[inline]
fn begins_with_year(date: &[u8]) -> bool {
    matches!(date, [b'1' | b'2', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-', ..])
}

/// Whether the year has two digits: then three numbers of at most two digits stand there.
fn is_short(date: &[u8]) -> bool {
    let digits = |part: &[u8]| part.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut parts = date.trim_ascii().split(|c| matches!(c, b'/' | b'.' | b'-'));
    parts.nth(2).is_some_and(|year| digits(year) == 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::DateTally;
    use crate::records::date::DateOrder;

    fn tally(dates: &[String]) -> DateTally {
        let mut tally = DateTally::default();
        dates.iter().for_each(|d| tally.row([d.as_bytes()].into_iter()));
        tally
    }

    fn strings(dates: &[&str]) -> Vec<String> {
        dates.iter().map(|d| (*d).to_owned()).collect()
    }

    #[test]
    fn newest_first_is_kept_in_one_order_alone() {
        // The 3rd and 2nd of December, the 11th of November at three times, the 4th of October.
        let dates = [
            "03/12/2025 10:00",
            "02/12/2025 10:00",
            "11/11/2025 12:00",
            "11/11/2025 11:00",
            "11/11/2025 10:00",
            "11/11/2025 09:00",
            "04/10/2025 10:00",
        ];
        assert_eq!(tally(&strings(&dates)).order_of_rows(), Some(DateOrder::DayFirst));
        let swapped: Vec<String> = dates
            .iter()
            .map(|d| format!("{}/{}{}", &d[3..5], &d[..2], &d[5..]))
            .collect();
        assert_eq!(tally(&swapped).order_of_rows(), Some(DateOrder::MonthFirst));
    }

    #[test]
    fn rows_in_no_order_settle_nothing() {
        let dates = strings(&["03/12/2025", "11/02/2025", "01/07/2025", "09/03/2025", "02/11/2025"]);
        assert_eq!(tally(&dates).order_of_rows(), None);
        // Sorted whichever way they are read.
        let dates = strings(&["01/12/2025", "02/12/2025", "03/12/2025", "04/12/2025", "05/12/2025"]);
        assert_eq!(tally(&dates).order_of_rows(), None);
    }

    proptest! {
        #[test]
        fn stretches_add_up_whatever_their_bounds(dates in prop::collection::vec((1u8..20, 1u8..20, 0u8..24), 0..12), at in 0usize..12) {
            let dates: Vec<String> = dates.iter().map(|(a, b, h)| format!("{a}/{b}/2025 {h}:00")).collect();
            let (one, other) = dates.split_at(at.min(dates.len()));
            let mut joined = tally(one);
            joined.absorb(tally(other));
            prop_assert_eq!(joined, tally(&dates));
        }
    }
}
