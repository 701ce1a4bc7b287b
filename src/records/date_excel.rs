//! What a spreadsheet makes of dates when it saves a table: the number of days that it keeps them as, or no more than what
//! its column showed, which may be minutes and seconds without any date.

use super::date::{Cursor, Written, plausible};
use super::time::Time;
use crate::evidence::Reason;

/// Days from the first day of Excel's calendar (the 1900 system, as of March 1900) to 1970-01-01.
const EPOCH: i64 = 25_569;
/// 2000-01-01 to 2099-12-31. A number beyond these is no date of an export.
const SERIALS: std::ops::RangeInclusive<i64> = 36_526..=73_050;
const MICROS: i64 = 86_400_000_000;
/// Digits behind the point that are looked at: a day has fewer microseconds than 10^11.
const DIGITS: u32 = 11;

/// How a cell that should hold a date came out of a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A number of days, with this many digits behind the point.
    Serial(u8),
    /// No date is left.
    Lost,
}

/// What the times of a file's rows lost in a spreadsheet; stretches add up to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spreadsheet {
    /// Rows whose time is a number of days.
    serials: u64,
    /// The most digits behind the point of such a number: what its column showed, for zeros at the end are left out.
    digits: Option<u8>,
    /// Rows with a cell that holds no date any more.
    pub(super) lost: u64,
}

impl Spreadsheet {
    /// Looks at the time of a row.
    pub(super) fn row(&mut self, time: &[u8]) {
        match form(time.trim_ascii()) {
            Some(Form::Serial(digits)) => {
                self.serials += 1;
                self.digits = Some(self.digits.map_or(digits, |most| most.max(digits)));
            }
            Some(Form::Lost) => self.lost += 1,
            None => {}
        }
    }

    /// Adds the rows that follow.
    pub(super) fn absorb(&mut self, next: Self) {
        self.serials += next.serials;
        self.digits = self.digits.max(next.digits);
        self.lost += next.lost;
    }

    /// One clause on the numbers; `of`: what the rows are of.
    pub(super) fn of_serials(&self, of: &str) -> Option<String> {
        let within = match self.digits? {
            0 => ", to the day alone",
            1 => ", to an hour or two",
            2 => ", to some minutes",
            3 => ", to a minute or two",
            4 => ", to some seconds",
            _ => "",
        };
        Some(format!(
            "{} a date as a spreadsheet's serial number (1900 system){within}",
            rows(self.serials, of)
        ))
    }

    /// One clause on the cells without a date.
    pub(super) fn of_lost(&self, of: &str) -> Option<String> {
        (self.lost > 0).then(|| {
            format!(
                "{} what a spreadsheet showed in the place of a date (12:34.5, ####): an audit row is dated by AuditData, an \
                 object of the configuration stands without a date, any other row is rejected; export again and open it \
                 in no spreadsheet",
                rows(self.lost, of)
            )
        })
    }
}

fn rows(n: u64, of: &str) -> String {
    match n {
        1 => format!("1 row{of} has"),
        n => format!("{n} rows{of} have"),
    }
}

/// Reads a number of days, with a point or a comma before the part of the day. A spreadsheet keeps so many digits of
/// it as its column showed: with nine a millisecond is meant, with fewer a second.
pub(super) fn serial(text: &[u8]) -> Option<Written> {
    let mut cursor = Cursor { text, at: 0 };
    let day = i64::from(cursor.number(5, 5)?);
    SERIALS.contains(&day).then_some(())?;
    let (mut part, mut scale, mut digits) = (0_i64, 1_i64, 0);
    if let Some(b'.' | b',') = cursor.peek() {
        cursor.at += 1;
        while let Some(c @ b'0'..=b'9') = cursor.next() {
            if digits < DIGITS {
                part = part * 10 + i64::from(c - b'0');
                scale *= 10;
            }
            digits += 1;
        }
        (digits > 0).then_some(())?;
    }
    (cursor.at >= text.len() && text.last().is_some_and(u8::is_ascii_digit)).then_some(())?;
    let unit: i64 = if digits < 9 { 1_000_000 } else { 1_000 };
    // Below 10^11 * 8.64 * 10^10: it takes more than 64 bits.
    let micros = i128::from(part) * i128::from(MICROS) / i128::from(scale);
    let micros = i64::try_from(micros).ok()?;
    let rounded = (micros + unit / 2).div_euclid(unit) * unit;
    let time = plausible(Time((day - EPOCH) * MICROS + rounded))?;
    Some(Written { time, zoned: false })
}

/// Why a cell gives no time.
pub(super) fn unread(text: &[u8]) -> Reason {
    match form(text.trim_ascii()) {
        Some(Form::Lost) => Reason::DateLost,
        _ => Reason::NoTime,
    }
}

/// `12:34.5` and every other time of day that no date stands before, the `####` of a column too narrow for its dates, and the
/// `4.6E+04` of one too narrow for its numbers.
fn form(text: &[u8]) -> Option<Form> {
    match text {
        [b'0'..=b'9', b':', b'0'..=b'9', ..] | [b'0'..=b'9', b'0'..=b'9', b':', b'0'..=b'9', ..] => Some(Form::Lost),
        [b'#', b'#', rest @ ..] if rest.iter().all(|c| *c == b'#') => Some(Form::Lost),
        [b'3'..=b'7', .., b'E', b'+', b'0', b'4'] => Some(Form::Lost),
        [
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            rest @ ..,
        ] if serial(text).is_some() => {
            let digits = rest.len().saturating_sub(1);
            Some(Form::Serial(u8::try_from(digits).unwrap_or(u8::MAX)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::{Spreadsheet, serial, unread};
    use crate::evidence::Reason;
    use crate::records::Time;
    use crate::records::date::{DateOrder, parse};

    // Excel's own examples: 36526 is the first day of 2000, 39448 that of 2008 (DATEVALUE, DATE).
    #[test_case("36526", Some("2000-01-01T00:00:00Z"); "the first")]
    #[test_case("39448", Some("2008-01-01T00:00:00Z"); "of the manual")]
    #[test_case("73050", Some("2099-12-31T00:00:00Z"); "the last")]
    #[test_case("45974.5", Some("2025-11-13T12:00:00Z"); "half a day")]
    #[test_case("45974,25", Some("2025-11-13T06:00:00Z"); "a comma")]
    #[test_case("45974.51229", Some("2025-11-13T12:17:42Z"); "five digits, to the second")]
    #[test_case("45974.5122916667", Some("2025-11-13T12:17:42Z"); "ten digits of a whole second")]
    #[test_case("45974.5122945602", Some("2025-11-13T12:17:42.25Z"); "ten digits of a fraction")]
    #[test_case("45974.99999999", Some("2025-11-14T00:00:00Z"); "rounded to the next day")]
    #[test_case("45974.512291666666666666666", Some("2025-11-13T12:17:42Z"); "more digits than are looked at")]
    #[test_case("36525.9", None; "before them")]
    #[test_case("73051", None; "behind them")]
    #[test_case("4597", None; "too short")]
    #[test_case("459745", None; "too long")]
    #[test_case("45974.", None; "no digit behind the point")]
    #[test_case("45974.5Z", None; "something behind it")]
    #[test_case("45974.5.1", None; "two points")]
    #[test_case("45974-5", None; "something else between")]
    fn a_number_of_days_is_a_time(text: &str, expected: Option<&str>) {
        let read = parse(text.as_bytes(), DateOrder::MonthFirst);
        assert_eq!(read.map(|t| t.to_string()).as_deref(), expected);
    }

    #[test_case("12:34.5", Reason::DateLost; "minutes and seconds")]
    #[test_case(" 07:08.0 ", Reason::DateLost; "with white space")]
    #[test_case("12:34,5", Reason::DateLost; "a comma")]
    #[test_case("7:31:34 AM", Reason::DateLost; "a time of day")]
    #[test_case("##########", Reason::DateLost; "a narrow column")]
    #[test_case("4.6E+04", Reason::DateLost; "a column too narrow for a number")]
    #[test_case("5E+04", Reason::DateLost; "one narrower still")]
    #[test_case("4.6E+05", Reason::NoTime; "a number of another size")]
    #[test_case("#", Reason::NoTime; "one sign")]
    #[test_case("##1", Reason::NoTime; "signs before something")]
    #[test_case("soon", Reason::NoTime; "a word")]
    #[test_case("12:", Reason::NoTime; "a colon alone")]
    #[test_case("", Reason::NoTime; "nothing")]
    fn what_holds_no_date_any_more_is_told_from_what_never_did(text: &str, expected: Reason) {
        assert_eq!(parse(text.as_bytes(), DateOrder::MonthFirst), None);
        assert_eq!(unread(text.as_bytes()), expected);
    }

    #[test]
    fn how_exact_the_numbers_are_and_every_lost_date_are_told() {
        let mut seen = Spreadsheet::default();
        for time in ["45974.512", "2026-03-02T07:00:00", "45974.5", "12:34.5", "###"] {
            seen.row(time.as_bytes());
        }
        assert_eq!(
            seen.of_serials("").as_deref(),
            Some("2 rows have a date as a spreadsheet's serial number (1900 system), to a minute or two")
        );
        assert!(seen.of_lost("").is_some_and(|c| c.starts_with("2 rows have what")));
        let mut exact = Spreadsheet::default();
        exact.row(b"45974.51229");
        exact.absorb(seen);
        assert!(exact.of_serials("").is_some_and(|c| c.ends_with("(1900 system)")));
        assert_eq!(Spreadsheet::default().of_serials(""), None);
        assert_eq!(Spreadsheet::default().of_lost(""), None);
    }

    proptest! {
        #[test]
        fn a_time_comes_back_from_the_number_that_excel_writes(seconds in 946_684_800_i64..4_102_358_400) {
            // 15 significant digits, as a spreadsheet shows a number in full.
            let days = seconds as f64 / 86_400.0 + 25_569.0;
            let read = serial(format!("{days:.10}").as_bytes()).map(|w| w.time);
            prop_assert_eq!(read, Some(Time::from_seconds(seconds)));
        }

        #[test]
        fn never_panics(text in "[0-9]{4,6}[.,:#]?[0-9]{0,40}.{0,2}") {
            serial(text.as_bytes());
            unread(text.as_bytes());
        }
    }
}
