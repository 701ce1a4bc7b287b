//! Dates as the cultures of exporting hosts write them: `M/d/yyyy`, `dd/MM/yyyy`, `d.M.yyyy`, `dd-MM-yyyy`,
//! `03-Dec-2025`, `Dec 3, 2025`, and years of two digits.

use super::Time;
use super::date::{Clock, Cursor, DateOrder, Written, one_or_two, written};

/// Years of two digits below this are none: the service did not exist.
const FIRST_SHORT_YEAR: u32 = 10;

const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// What a date says of the order of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// It can be read in one way whatever the culture.
    Plain,
    /// Day and month are the same number: it is the same date in either order.
    Same,
    /// It could be read in either order.
    Open,
    /// One of its parts is over twelve, so that the other is the month.
    Order(DateOrder),
}

/// The parts of a date in the order in which they stand.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    first: u32,
    second: Middle,
    third: u32,
    separator: u8,
    /// The third part has two digits, so that either end may be the year.
    short: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Middle {
    Number(u32),
    /// A month by its name.
    Month(u32),
}

/// Reads a date and, where one stands, the time of day behind it.
pub(super) fn culture(text: &[u8], order: DateOrder) -> Option<Written> {
    let mut cursor = Cursor { text, at: 0 };
    let (year, month, day) = match text.first()? {
        b'0'..=b'9' => parts(&mut cursor)?.resolve(order)?,
        _ => by_name(&mut cursor)?,
    };
    let (clock, zone) = time_of_day(&mut cursor)?;
    written(year, month, day, clock, zone)
}

/// A date of numbers that could stand in either order, read with the day first and with the month first.
pub(super) fn both_ways(text: &[u8]) -> Option<[Time; 2]> {
    let mut cursor = Cursor {
        text: text.trim_ascii(),
        at: 0,
    };
    let parts = parts(&mut cursor)?;
    let (clock, zone) = time_of_day(&mut cursor)?;
    let read = |order| {
        let (year, month, day) = parts.resolve(order)?;
        Some(written(year, month, day, clock, zone)?.time)
    };
    Some([read(DateOrder::DayFirst)?, read(DateOrder::MonthFirst)?])
}

/// What stands behind a date: nothing, or a time of day.
fn time_of_day(cursor: &mut Cursor<'_>) -> Option<(Clock, Option<i64>)> {
    if cursor.peek() == Some(b',') {
        cursor.at += 1;
    }
    cursor.spaces();
    match cursor.peek() {
        None => Some(Default::default()),
        Some(_) => cursor.clock_and_zone(),
    }
}

/// What a date says of the order of its parts. Anything else, and no date, is [`Form::Plain`].
pub(super) fn form(text: &[u8]) -> Form {
    let text = text.trim_ascii();
    // Nearly every date of an export is in ISO 8601.
    if !matches!(
        text,
        [b'0'..=b'9', b'/' | b'.' | b'-', ..] | [b'0'..=b'9', b'0'..=b'9', b'/' | b'.' | b'-', ..]
    ) {
        return Form::Plain;
    }
    match parts(&mut Cursor { text, at: 0 }) {
        Some(parts) => parts.form(),
        None => Form::Plain,
    }
}

fn parts(cursor: &mut Cursor<'_>) -> Option<Parts> {
    match slashed(cursor.text.get(cursor.at..)?) {
        Some((parts, length)) => {
            cursor.at += length;
            Some(parts)
        }
        None => parts_with_care(cursor),
    }
}

/// `M/d/yyyy`, as most hosts write it, and how long it is. `None` for anything else, sound or not.
fn slashed(text: &[u8]) -> Option<(Parts, usize)> {
    let (first, rest) = one_or_two(text, b'/')?;
    let (second, rest) = one_or_two(rest, b'/')?;
    let (year, rest) = rest.split_first_chunk::<4>()?;
    let third = year.iter().try_fold(0, |year, digit| {
        digit.is_ascii_digit().then(|| year * 10 + u32::from(digit - b'0'))
    })?;
    let parts = Parts {
        first,
        second: Middle::Number(second),
        third,
        separator: b'/',
        short: false,
    };
    Some((parts, text.len() - rest.len()))
}

fn parts_with_care(cursor: &mut Cursor<'_>) -> Option<Parts> {
    let first = cursor.number(1, 2)?;
    let separator = cursor.next().filter(|c| matches!(c, b'/' | b'.' | b'-' | b' '))?;
    cursor.spaces();
    let second = match cursor.peek()? {
        b'0'..=b'9' => Middle::Number(cursor.number(1, 2)?),
        _ => Middle::Month(month(cursor)?),
    };
    (cursor.next()? == separator).then_some(())?;
    cursor.spaces();
    let before = cursor.at;
    let third = cursor.number(2, 4)?;
    let digits = cursor.at - before;
    (digits != 3).then_some(Parts {
        first,
        second,
        third,
        separator,
        short: digits == 2,
    })
}

/// `Dec 3, 2025`, the name long or short.
fn by_name(cursor: &mut Cursor<'_>) -> Option<(u32, u32, u32)> {
    let month = month(cursor)?;
    cursor.spaces();
    let day = cursor.number(1, 2)?;
    if cursor.peek() == Some(b',') {
        cursor.at += 1;
    }
    cursor.spaces();
    Some((cursor.number(4, 4)?, month, day))
}

/// An English month, by its first three letters.
fn month(cursor: &mut Cursor<'_>) -> Option<u32> {
    let name = cursor.text.get(cursor.at..cursor.at + 3)?;
    let found = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(name))?;
    while cursor.peek().is_some_and(|c| c.is_ascii_alphabetic() || c == b'.') {
        cursor.at += 1;
    }
    u32::try_from(found + 1).ok()
}

impl Parts {
    fn form(&self) -> Form {
        match self.second {
            Middle::Month(_) => Form::Plain,
            // No culture writes the month first with dots or hyphens, unless it must.
            Middle::Number(_) if self.separator != b'/' && !self.short => Form::Plain,
            // The fourth of April is that in either order.
            Middle::Number(second) if second == self.first && !self.short => Form::Same,
            Middle::Number(second) if second > 12 => Form::Order(DateOrder::MonthFirst),
            // The first may be the year.
            Middle::Number(_) if self.short && self.first >= FIRST_SHORT_YEAR && self.first > 12 => Form::Open,
            Middle::Number(_) if self.first > 12 => Form::Order(DateOrder::DayFirst),
            Middle::Number(_) => Form::Open,
        }
    }

    /// Year, month and day.
    fn resolve(&self, order: DateOrder) -> Option<(u32, u32, u32)> {
        let second = match self.second {
            Middle::Month(month) => return Some((self.year(self.third), month, self.first)),
            Middle::Number(second) => second,
        };
        if self.short {
            let year_may_be = |n: u32| n >= FIRST_SHORT_YEAR;
            let first = order == DateOrder::YearFirst && year_may_be(self.first);
            if second <= 12 && (first || (year_may_be(self.first) && !year_may_be(self.third))) {
                return Some((self.year(self.first), second, self.third));
            }
        }
        let day_first = match self.separator {
            _ if second > 12 => false,
            _ if self.first > 12 => true,
            b'/' => order == DateOrder::DayFirst,
            _ => order != DateOrder::MonthFirst || !self.short,
        };
        let (day, month) = if day_first {
            (self.first, second)
        } else {
            (second, self.first)
        };
        Some((self.year(self.third), month, day))
    }

    fn year(&self, number: u32) -> u32 {
        if self.short { 2000 + number } else { number }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::{Form, form, parts_with_care, slashed};
    use crate::records::date::{Cursor, DateOrder};

    #[test_case("2025-12-03T07:31:34Z", Form::Plain; "ISO 8601")]
    #[test_case("3.12.2025 07:31:34", Form::Plain; "dots are day-first")]
    #[test_case("03-Dec-2025", Form::Plain; "a month by name")]
    #[test_case("3/12/2025 7:31:34 AM", Form::Open; "either way")]
    #[test_case("13/12/2025 07:31:34", Form::Order(DateOrder::DayFirst); "a first part over twelve")]
    #[test_case("12/13/2025", Form::Order(DateOrder::MonthFirst); "a second part over twelve")]
    #[test_case("4/4/2026 7:31:34 AM", Form::Same; "the same either way")]
    #[test_case("25/12/03", Form::Open; "a year at either end")]
    #[test_case("Received", Form::Plain; "a header again")]
    #[test_case("", Form::Plain; "nothing")]
    fn a_date_says_how_it_may_be_read(text: &str, expected: Form) {
        assert_eq!(form(text.as_bytes()), expected);
    }

    proptest! {
        #[test]
        fn what_is_read_at_a_glance_is_read_as_with_care(text in "[0-9]{1,2}/[0-9]{1,3}[/.][0-9]{2,5}[ 0-9]{0,2}") {
            let mut cursor = Cursor { text: text.as_bytes(), at: 0 };
            let with_care = parts_with_care(&mut cursor);
            if let Some((parts, length)) = slashed(text.as_bytes()) {
                prop_assert_eq!((Some(parts), length), (with_care, cursor.at));
            }
        }
    }

    #[test]
    fn usual_dates_are_read_at_a_glance() {
        for text in ["5/8/2021 9:13:33 PM", "05/18/2021", "18/05/2021 21:13:33"] {
            assert!(slashed(text.as_bytes()).is_some(), "{text}");
        }
    }
}
