//! Times as exports write them. Every zone-less time is UTC: that is how the service prints them, whatever
//! zone the search was made in (Get-MessageTrace and Search-UnifiedAuditLog reference pages). The exports that print
//! an administrator's own time say so to [`super::date_order::Settled`].

use super::Time;
use super::date_culture::culture;
use super::date_excel::{serial, unread};
use crate::evidence::Reason;

/// Which part of `3/12/2025` is the month. PowerShell's Export-Csv prints dates in the culture of the
/// exporting host and names it nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    #[default]
    MonthFirst,
    DayFirst,
    /// Of years with two digits, which may stand at either end; elsewhere as [`DateOrder::MonthFirst`].
    YearFirst,
}

/// A time as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// The instant; where no zone stands beside it, as if it were UTC.
    pub(super) time: Time,
    pub(super) zoned: bool,
}

/// Reads a time in any spelling of the exports: ISO 8601 with or without fraction, `Z` or offset;
/// `M/d/yyyy h:mm:ss AM` and its relatives; `\/Date(ms)\/`, alone or within an object that PowerShell wrote; the number of
/// days that a spreadsheet keeps.
///
/// `order` decides only where both readings are possible. `None` for anything else, and for years in
/// which the service did not exist: .NET writes its smallest and largest date for "none" and "never".
pub fn parse(text: &[u8], order: DateOrder) -> Option<Time> {
    read(text, order).map(|written| written.time)
}

/// As [`parse`], and says why there is no time.
pub(super) fn time(text: &[u8], order: DateOrder) -> Result<Time, Reason> {
    parse(text, order).ok_or_else(|| unread(text))
}

/// As [`parse`], and says whether the zone stands there.
pub(super) fn read(text: &[u8], order: DateOrder) -> Option<Written> {
    let text = text.trim_ascii();
    match text {
        [
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            b'-' | b'/' | b'.',
            ..,
        ] => plain_iso(text).or_else(|| iso(text)),
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', ..] => serial(text),
        [b'0'..=b'9', ..] => culture(text, order),
        [b'A'..=b'Z' | b'a'..=b'z', ..] => culture(text, order).or_else(|| milliseconds(text)),
        _ => milliseconds(text),
    }
}

/// `YYYY-MM-DDThh:mm:ss`, alone or before a `Z`, as most exports write it. `None` for anything else, sound or not.
fn plain_iso(text: &[u8]) -> Option<Written> {
    let (text, rest) = text.split_first_chunk::<19>()?;
    let zone = match rest {
        [] => None,
        [b'Z'] => Some(0),
        _ => return None,
    };
    let &[
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T' | b' ',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
    ] = text
    else {
        return None;
    };
    let mut sound = true;
    let mut two = |tens: u8, ones: u8| {
        sound &= tens.is_ascii_digit() && ones.is_ascii_digit();
        u32::from(tens.wrapping_sub(b'0')) * 10 + u32::from(ones.wrapping_sub(b'0'))
    };
    let (year, month, day) = (two(y1, y2) * 100 + two(y3, y4), two(m1, m2), two(d1, d2));
    let clock = Clock {
        hour: two(h1, h2),
        minute: two(n1, n2),
        second: two(s1, s2),
        micros: 0,
    };
    (sound && clock.is_sound()).then(|| written(year, month, day, clock, zone))?
}

/// `YYYY-MM-DD` (with slashes or dots too), then optionally `T` or a space, a time, a fraction and a zone.
fn iso(text: &[u8]) -> Option<Written> {
    let mut cursor = Cursor { text, at: 0 };
    let year = cursor.number(4, 4)?;
    let separator = cursor.next()?;
    cursor.spaces();
    let month = cursor.number(1, 2)?;
    (cursor.next()? == separator).then_some(())?;
    cursor.spaces();
    let day = cursor.number(1, 2)?;
    // Hungarian dates end with a dot of their own.
    if separator == b'.' && cursor.peek() == Some(b'.') {
        cursor.at += 1;
    }
    match cursor.next() {
        None => return written(year, month, day, Clock::default(), None),
        Some(b'T' | b't' | b' ') => {}
        Some(_) => return None,
    }
    let (clock, zone) = cursor.clock_and_zone()?;
    written(year, month, day, clock, zone)
}

/// `\/Date(1772500523000)\/`, wherever it stands in the text.
fn milliseconds(text: &[u8]) -> Option<Written> {
    let start = memchr::memmem::find(text, b"Date(")? + 5;
    let digits = text.get(start..)?;
    let end = digits
        .iter()
        .position(|c| !c.is_ascii_digit())
        .filter(|&n| (1..=15).contains(&n))?;
    let ms: i64 = std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()?;
    let time = plausible(Time(ms.checked_mul(1000)?))?;
    Some(Written { time, zoned: true })
}

/// An instant from its parts; `zone` in seconds east of UTC.
pub(super) fn written(year: u32, month: u32, day: u32, clock: Clock, zone: Option<i64>) -> Option<Written> {
    let time = instant(year, month, day, clock, zone.unwrap_or(0))?;
    Some(Written {
        time,
        zoned: zone.is_some(),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
}

impl Clock {
    fn is_sound(&self) -> bool {
        self.hour < 24 && self.minute < 60 && self.second < 60
    }
}

/// A number of one digit or two before a byte, and what stands behind that.
pub(super) fn one_or_two(text: &[u8], before: u8) -> Option<(u32, &[u8])> {
    let value = |digit: &u8| u32::from(digit - b'0');
    match text {
        [ones @ b'0'..=b'9', end, rest @ ..] if *end == before => Some((value(ones), rest)),
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', end, rest @ ..] if *end == before => {
            Some((value(tens) * 10 + value(ones), rest))
        }
        _ => None,
    }
}

/// `h:mm:ss AM` and `H:mm:ss` to the end of the text, as most hosts write it. `None` for anything else, sound or not.
fn plain_clock(text: &[u8]) -> Option<Clock> {
    let (hour, rest) = one_or_two(text, b':')?;
    let &[n1, n2, b':', s1, s2, ref half @ ..] = rest else {
        return None;
    };
    let two = |tens: u8, ones: u8| {
        let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        are_digits.then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    };
    let hour = match half {
        [] => hour,
        [b' ', b'A', b'M'] if (1..=12).contains(&hour) => hour % 12,
        [b' ', b'P', b'M'] if (1..=12).contains(&hour) => hour % 12 + 12,
        _ => return None,
    };
    let clock = Clock {
        hour,
        minute: two(n1, n2)?,
        second: two(s1, s2)?,
        micros: 0,
    };
    clock.is_sound().then_some(clock)
}

pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

impl Cursor<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    pub(super) fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let (mut value, mut digits) = (0, 0);
        while let Some(c @ b'0'..=b'9') = self.peek().filter(|_| digits < most) {
            value = value * 10 + u32::from(c - b'0');
            digits += 1;
            self.at += 1;
        }
        (digits >= least).then_some(value)
    }

    /// White space; newer .NET puts a narrow no-break space (U+202F) before AM and PM.
    pub(super) fn spaces(&mut self) {
        loop {
            match self.text.get(self.at..) {
                Some([c, ..]) if c.is_ascii_whitespace() => self.at += 1,
                Some([0xe2, 0x80, 0xaf, ..]) => self.at += 3,
                Some([0xc2, 0xa0, ..]) => self.at += 2,
                _ => return,
            }
        }
    }

    /// A time of day to the end of the text: on a clock of 24 hours or of twelve, with the half of the day before or
    /// behind it, and its zone in seconds east of UTC where one stands.
    pub(super) fn clock_and_zone(&mut self) -> Option<(Clock, Option<i64>)> {
        match plain_clock(self.text.get(self.at..)?) {
            Some(clock) => {
                self.at = self.text.len();
                Some((clock, None))
            }
            None => self.clock_and_zone_with_care(),
        }
    }

    fn clock_and_zone_with_care(&mut self) -> Option<(Clock, Option<i64>)> {
        self.spaces();
        let before = self.meridiem();
        self.spaces();
        let mut clock = self.clock()?;
        self.spaces();
        match before.or_else(|| self.meridiem()) {
            Some(_) if clock.hour == 0 || clock.hour > 12 => return None,
            Some(afternoon) => clock.hour = clock.hour % 12 + if afternoon { 12 } else { 0 },
            None => {}
        }
        let zone = self.zone()?;
        self.end()?;
        Some((clock, zone))
    }

    /// `HH:mm`, then optionally seconds and up to nine digits of a fraction, of which six are kept. Some cultures write
    /// dots between the parts, and then no fraction.
    fn clock(&mut self) -> Option<Clock> {
        let hour = self.number(1, 2)?;
        let separator = self.next().filter(|c| matches!(c, b':' | b'.'))?;
        let minute = self.number(2, 2)?;
        let mut clock = Clock {
            hour,
            minute,
            ..Clock::default()
        };
        if self.peek() == Some(separator) {
            self.at += 1;
            clock.second = self.number(2, 2)?;
            if separator == b':' && self.peek() == Some(b'.') {
                self.at += 1;
                let mut digits = 0;
                while let Some(c @ b'0'..=b'9') = self.peek() {
                    if digits < 6 {
                        clock.micros = clock.micros * 10 + u32::from(c - b'0');
                    }
                    digits += 1;
                    self.at += 1;
                }
                (1..=9).contains(&digits).then_some(())?;
                for _ in digits..6 {
                    clock.micros *= 10;
                }
            }
        }
        clock.is_sound().then_some(clock)
    }

    /// The half of the day, true for the afternoon: `AM`, `p.m.`, `a. m.`, and what Chinese, Japanese and Korean hosts write.
    fn meridiem(&mut self) -> Option<bool> {
        const SPELLINGS: [(&str, bool); 6] = [
            ("上午", false),
            ("下午", true),
            ("午前", false),
            ("午後", true),
            ("오전", false),
            ("오후", true),
        ];
        let rest = self.text.get(self.at..)?;
        let afternoon = match rest.first()? {
            b'A' | b'a' => false,
            b'P' | b'p' => true,
            0x80.. => {
                let (word, afternoon) = SPELLINGS.iter().find(|(word, _)| rest.starts_with(word.as_bytes()))?;
                self.at += word.len();
                return Some(*afternoon);
            }
            _ => return None,
        };
        let mut cursor = Cursor {
            text: self.text,
            at: self.at + 1,
        };
        let dotted = cursor.peek() == Some(b'.');
        if dotted {
            cursor.at += 1;
            cursor.spaces();
        }
        cursor.next().filter(|c| matches!(c, b'M' | b'm'))?;
        if dotted && cursor.peek() == Some(b'.') {
            cursor.at += 1;
        }
        self.at = cursor.at;
        Some(afternoon)
    }

    /// Seconds east of UTC; `Some(None)` where nothing stands.
    fn zone(&mut self) -> Option<Option<i64>> {
        self.spaces();
        let east = match self.peek() {
            None => return Some(None),
            Some(b'Z' | b'z') => {
                self.at += 1;
                return Some(Some(0));
            }
            Some(b'U' | b'G') => {
                let name = self.text.get(self.at..self.at + 3)?;
                self.at += 3;
                return matches!(name, b"UTC" | b"GMT").then_some(Some(0));
            }
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return None,
        };
        self.at += 1;
        let hours = self.number(2, 2)?;
        if self.peek() == Some(b':') {
            self.at += 1;
        }
        let minutes = if self.peek().is_some() { self.number(2, 2)? } else { 0 };
        let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
        (hours <= 14 && minutes < 60).then_some(Some(east * seconds))
    }

    fn end(&mut self) -> Option<()> {
        self.spaces();
        self.peek().is_none().then_some(())
    }
}

fn instant(year: u32, month: u32, day: u32, clock: Clock, offset: i64) -> Option<Time> {
    const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = *DAYS.get(month.checked_sub(1)? as usize)? + u32::from(leap && month == 2);
    (1..=length).contains(&day).then_some(())?;
    // Days before the date, counting years from March so that the leap day comes last.
    let (y, m) = if month > 2 {
        (i64::from(year), i64::from(month) - 3)
    } else {
        (i64::from(year) - 1, i64::from(month) + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + i64::from(day) - 719_469;
    let seconds = days * 86_400 + i64::from(clock.hour) * 3600 + i64::from(clock.minute) * 60 + i64::from(clock.second);
    plausible(Time((seconds - offset) * 1_000_000 + i64::from(clock.micros)))
}

/// 1990-01-01 to 2099-12-31: Exchange is younger than the one, and the other still bounds every loop over days.
pub(super) fn plausible(time: Time) -> Option<Time> {
    (631_152_000_000_000..4_102_444_800_000_000)
        .contains(&time.0)
        .then_some(time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::{Cursor, DateOrder, iso, parse, plain_clock, plain_iso};
    use crate::records::Time;

    fn read(text: &str) -> Option<String> {
        parse(text.as_bytes(), DateOrder::MonthFirst).map(|t| t.to_string())
    }

    #[test_case("2021-05-18T21:13:33", "2021-05-18T21:13:33Z"; "zone-less is UTC")]
    #[test_case("2026-07-17T08:28:17Z", "2026-07-17T08:28:17Z"; "with a Z")]
    #[test_case("2026-01-24T06:54:24.0000000Z ", "2026-01-24T06:54:24Z"; "seven digits and a trailing space")]
    #[test_case("2024-10-18T14:54:36.3616847", "2024-10-18T14:54:36.361684Z"; "the seventh digit is dropped")]
    #[test_case("2024-10-18T14:54:36.574677", "2024-10-18T14:54:36.574677Z"; "six digits")]
    #[test_case("2022-12-12 17:28:35", "2022-12-12T17:28:35Z"; "a space for the T")]
    #[test_case("2025-03-30T01:30:00+02:00", "2025-03-29T23:30:00Z"; "east of UTC")]
    #[test_case("2025-03-30T01:30:00.5-0530", "2025-03-30T07:00:00.5Z"; "west of UTC without a colon")]
    #[test_case("5/18/2021 9:13:33 PM", "2021-05-18T21:13:33Z"; "en-US")]
    #[test_case("5/18/2021 12:00:01 AM", "2021-05-18T00:00:01Z"; "midnight on a twelve hour clock")]
    #[test_case("5/18/2021 12:00:01 PM", "2021-05-18T12:00:01Z"; "noon on a twelve hour clock")]
    #[test_case("5/18/2021 9:13:33\u{202f}PM", "2021-05-18T21:13:33Z"; "a narrow no-break space")]
    #[test_case("05/12/2025 00:31:38", "2025-05-12T00:31:38Z"; "month first by default")]
    #[test_case("18/05/2021 21:13:33", "2021-05-18T21:13:33Z"; "a first part over twelve is a day")]
    #[test_case("18.5.2021 21:13:33", "2021-05-18T21:13:33Z"; "dots are day-first")]
    #[test_case("1-2-2021 21:13:33", "2021-02-01T21:13:33Z"; "hyphens are day-first")]
    #[test_case("4/28/2021, 3:05:26.000 PM", "2021-04-28T15:05:26Z"; "Sentinel's comma")]
    #[test_case("2021/05/18 21:13:33", "2021-05-18T21:13:33Z"; "year first with slashes")]
    #[test_case(r"\/Date(1772500523000)\/", "2026-03-03T01:15:23Z"; "ConvertTo-Json of PowerShell 5.1")]
    #[test_case("/Date(1658751973240)/", "2022-07-25T12:26:13.24Z"; "the reporting web service")]
    #[test_case(r#"{"value":"\/Date(1772500523000)\/","DisplayHint":2,"DateTime":"x"}"#, "2026-03-03T01:15:23Z"; "an object PowerShell wrote")]
    #[test_case("2024-02-29", "2024-02-29T00:00:00Z"; "a date alone")]
    #[test_case("2025-12-03 7:31:34 a.m.", "2025-12-03T07:31:34Z"; "en-CA")]
    #[test_case("3/12/2025 7:31:34 p. m.", "2025-03-12T19:31:34Z"; "es-MX")]
    #[test_case("2025. 12. 03. 7:31:34", "2025-12-03T07:31:34Z"; "hu-HU")]
    #[test_case("3. 12. 2025 7:31:34", "2025-12-03T07:31:34Z"; "cs-CZ")]
    #[test_case("3.12.2025 7.31.34", "2025-12-03T07:31:34Z"; "fi-FI")]
    #[test_case("2025/12/3 下午 07:31:34", "2025-12-03T19:31:34Z"; "zh-TW")]
    #[test_case("2025-12-03 오전 7:31:34", "2025-12-03T07:31:34Z"; "ko-KR")]
    #[test_case("12-18-2025 07:31", "2025-12-18T07:31:00Z"; "a second part over twelve is a day whatever stands between")]
    #[test_case("Dec 3, 2025 7:31:34 AM", "2025-12-03T07:31:34Z"; "a month by name")]
    #[test_case("03-Dec-2025 07:31:34", "2025-12-03T07:31:34Z"; "a month by name in the middle")]
    #[test_case("5/18/21 9:13 PM", "2021-05-18T21:13:00Z"; "two digits of a year, as Excel saves it")]
    #[test_case("2026-05-01 09:00:00 UTC", "2026-05-01T09:00:00Z"; "UTC by name")]
    fn reads(text: &str, expected: &str) {
        assert_eq!(read(text).as_deref(), Some(expected));
    }

    #[test_case("")]
    #[test_case("CreationDate")]
    #[test_case("2023-02-29T00:00:00")]
    #[test_case("2021-13-01T00:00:00")]
    #[test_case("2021-05-18T24:00:00")]
    #[test_case("2021-05-18T21:13:33.")]
    #[test_case("2021-05-18T21:13:33X")]
    #[test_case("0001-01-01T00:00:00")]
    #[test_case("9999-12-31T23:59:59")]
    #[test_case("13/13/2021 10:00:00")]
    #[test_case("5/18/2021 13:00:00 PM")]
    #[test_case("/Date(-62135596800000)/")]
    #[test_case("/Date(99999999999999999999)/")]
    fn refuses(text: &str) {
        assert_eq!(read(text), None);
    }

    #[test]
    fn usual_clocks_are_read_at_a_glance() {
        for text in ["9:13:33 PM", "12:00:01 AM", "21:13:33", "9:13:33"] {
            assert!(plain_clock(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn day_first_swaps_what_can_be_read_both_ways() {
        assert_eq!(
            parse(b"3/12/2025 7:31:34 AM", DateOrder::DayFirst).map(|t| t.to_string()),
            Some("2025-12-03T07:31:34Z".into())
        );
    }

    #[test]
    fn a_year_of_two_digits_may_stand_first() {
        let read = |order| parse(b"25/12/13 7:31", order).map(|t| t.to_string());
        assert_eq!(read(DateOrder::YearFirst).as_deref(), Some("2025-12-13T07:31:00Z"));
        assert_eq!(read(DateOrder::DayFirst).as_deref(), Some("2013-12-25T07:31:00Z"));
        // Nothing was exported in 2003.
        let early = parse(b"25/12/03 7:31", DateOrder::MonthFirst).map(|t| t.to_string());
        assert_eq!(early.as_deref(), Some("2025-12-03T07:31:00Z"));
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(seconds in 631_152_000i64..4_102_444_800) {
            let time = Time::from_seconds(seconds);
            let chrono = time.to_chrono().map(|t| t.format("%Y-%m-%dT%H:%M:%S").to_string()).unwrap_or_default();
            prop_assert_eq!(parse(chrono.as_bytes(), DateOrder::MonthFirst), Some(time));
            let us = time.to_chrono().map(|t| t.format("%-m/%-d/%Y %-I:%M:%S %p").to_string()).unwrap_or_default();
            prop_assert_eq!(parse(us.as_bytes(), DateOrder::MonthFirst), Some(time));
        }

        #[test]
        fn what_is_read_at_a_glance_is_read_as_with_care(text in "[12][0-9]{3}-[01][0-9]-[0-3][0-9a][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|)") {
            prop_assert_eq!(plain_iso(text.as_bytes()), iso(text.as_bytes()));
        }

        #[test]
        fn a_clock_read_at_a_glance_is_read_as_with_care(text in "[0-2]?[0-9]:[0-6][0-9a]?:[0-6][0-9](| [APa]M?|PM|Z)") {
            let with_care = Cursor { text: text.as_bytes(), at: 0 }.clock_and_zone_with_care();
            if let Some(clock) = plain_clock(text.as_bytes()) {
                prop_assert_eq!(with_care, Some((clock, None)));
            }
        }

        #[test]
        fn never_panics(text in ".{0,40}") {
            parse(text.as_bytes(), DateOrder::DayFirst);
        }
    }
}
