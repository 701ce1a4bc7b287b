//! Which part of an ambiguous date is the month, settled for a file as a whole.

use super::Time;
use super::date::{DateOrder, leading_parts, parse};

/// The order that a file's dates are read in, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    pub order: DateOrder,
    /// One clause for the report; `None` where no date of the sample is ambiguous in form.
    pub note: Option<String>,
}

impl Settled {
    /// Settles the order from sample dates, each with the unambiguous time of its row where there is one.
    /// A file is read in one pass, so the sample decides; rows that can be read in one order only are read
    /// in that one anyway (see [`parse`]).
    pub fn from_sample<'s>(dates: impl IntoIterator<Item = (&'s str, Option<Time>)>) -> Self {
        let (mut day, mut month, mut open) = (0u32, 0u32, 0u32);
        for (text, known) in dates {
            match order_of(text.as_bytes(), known) {
                Evidence::None => {}
                Evidence::Open => open += 1,
                Evidence::Order(DateOrder::DayFirst) => day += 1,
                Evidence::Order(DateOrder::MonthFirst) => month += 1,
            }
        }
        let (order, settling) = if day > month {
            (DateOrder::DayFirst, day)
        } else {
            (DateOrder::MonthFirst, month)
        };
        let name = match order {
            DateOrder::DayFirst => "day-first",
            DateOrder::MonthFirst => "month-first",
        };
        let note = match (settling, open) {
            (0, 0) => None,
            (0, _) => Some(format!("{name} dates assumed, settled by no row of the sample")),
            (n, _) if day > 0 && month > 0 => Some(format!("{name} dates, by {n} rows of the sample against others")),
            (1, _) => Some(format!("{name} dates, settled by 1 row of the sample")),
            (n, _) => Some(format!("{name} dates, settled by {n} rows of the sample")),
        };
        Settled { order, note }
    }
}

enum Evidence {
    /// Not a date with slashes.
    None,
    /// Could be read either way.
    Open,
    Order(DateOrder),
}

fn order_of(text: &[u8], known: Option<Time>) -> Evidence {
    let text = text.trim_ascii();
    let Some((first, second, separator)) = leading_parts(text) else {
        return Evidence::None;
    };
    if separator != b'/' {
        return Evidence::None;
    }
    if first > 12 {
        return Evidence::Order(DateOrder::DayFirst);
    }
    if second > 12 {
        return Evidence::Order(DateOrder::MonthFirst);
    }
    let Some(known) = known else { return Evidence::Open };
    let same_second =
        |order| parse(text, order).is_some_and(|t| t.0.div_euclid(1_000_000) == known.0.div_euclid(1_000_000));
    match (same_second(DateOrder::DayFirst), same_second(DateOrder::MonthFirst)) {
        (true, false) => Evidence::Order(DateOrder::DayFirst),
        (false, true) => Evidence::Order(DateOrder::MonthFirst),
        _ => Evidence::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::Settled;
    use crate::records::date::{DateOrder, parse};

    #[test]
    fn the_time_of_the_row_settles_an_ambiguous_order() {
        let known = parse(b"2025-12-03T07:31:34", DateOrder::MonthFirst);
        let settled = Settled::from_sample([("3/12/2025 7:31:34 AM", known)]);
        assert_eq!(settled.order, DateOrder::DayFirst);
        assert_eq!(
            settled.note.as_deref(),
            Some("day-first dates, settled by 1 row of the sample")
        );
    }

    #[test]
    fn a_part_over_twelve_settles_the_order() {
        let settled = Settled::from_sample([("03/12/2025 00:31:38", None), ("25/12/2025 00:31:38", None)]);
        assert_eq!(settled.order, DateOrder::DayFirst);
    }

    #[test]
    fn an_unsettled_order_is_said_to_be_assumed() {
        let settled = Settled::from_sample([("03/12/2025 00:31:38", None)]);
        assert_eq!(settled.order, DateOrder::MonthFirst);
        assert_eq!(
            settled.note.as_deref(),
            Some("month-first dates assumed, settled by no row of the sample")
        );
        assert_eq!(Settled::from_sample([("2025-12-03T00:31:38", None)]).note, None);
    }
}
