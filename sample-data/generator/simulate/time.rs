//! Time without a clock: milliseconds since 1970 in UTC, and every spelling that an export uses.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// Milliseconds in a second, a minute, an hour, a day.
pub const SECOND: Millis = 1000;
pub const MINUTE: Millis = 60 * SECOND;
pub const HOUR: Millis = 60 * MINUTE;
pub const DAY: Millis = 24 * HOUR;

/// A moment as a calendar shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub milli: i64,
}

/// The calendar reading of `time` (proleptic Gregorian, UTC).
///
/// Written out, and not taken from a library, because the large inputs spell some ten million times.
pub fn civil(time: Millis) -> Civil {
    let (days, rest) = (time.div_euclid(DAY), time.rem_euclid(DAY));
    // Years are counted from March, so that a leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: of_year - (153 * from_march + 2) / 5 + 1,
        hour: rest / HOUR,
        minute: rest / MINUTE % 60,
        second: rest / SECOND % 60,
        milli: rest % SECOND,
    }
}

/// The moment at which a UTC calendar shows this date and time of day.
pub fn utc(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> Millis {
    let year_from_march = if month <= 2 { year - 1 } else { year };
    let era = year_from_march.div_euclid(400);
    let year_of_era = year_from_march.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    (era * 146_097 + of_era - 719_468) * DAY + hour * HOUR + minute * MINUTE
}

/// Monday is 0, Sunday 6.
pub fn weekday(time: Millis) -> i64 {
    (time.div_euclid(DAY) + 3).rem_euclid(7)
}

/// How far the clocks of `zone` are ahead of UTC at `time`.
fn ahead(zone: Tz, time: Millis) -> Millis {
    let naive = DateTime::from_timestamp_millis(time).unwrap_or_default().naive_utc();
    Millis::from(zone.offset_from_utc_datetime(&naive).fix().local_minus_utc()) * SECOND
}

/// The moment at which a clock in `zone` shows `local` (milliseconds as if that clock ran in UTC).
pub fn from_local(zone: Tz, local: Millis) -> Millis {
    // The second look settles the hours about a change of summer time.
    local - ahead(zone, local - ahead(zone, local))
}

/// What a clock in `zone` shows at `time`, as milliseconds as if that clock ran in UTC.
pub fn to_local(zone: Tz, time: Millis) -> Millis {
    time + ahead(zone, time)
}

/// `2026-03-02`
pub fn date(time: Millis) -> String {
    let c = civil(time);
    format!("{:04}-{:02}-{:02}", c.year, c.month, c.day)
}

/// `2026-03-02T07:00:00`, the CreationTime of audit records: UTC without saying so.
pub fn iso_bare(time: Millis) -> String {
    let c = civil(time);
    format!("{}T{:02}:{:02}:{:02}", date(time), c.hour, c.minute, c.second)
}

/// `2026-03-02T07:00:00Z`
pub fn iso(time: Millis) -> String {
    iso_bare(time) + "Z"
}

/// `2026-03-02T07:00:00.123Z`
pub fn iso_millis(time: Millis) -> String {
    format!("{}.{:03}Z", iso_bare(time), time.rem_euclid(SECOND))
}

/// `2026-03-02T07:00:00.1230000Z`, a .NET round-trip time.
pub fn iso_ticks(time: Millis) -> String {
    format!("{}.{:03}0000Z", iso_bare(time), time.rem_euclid(SECOND))
}

/// `3/2/2026 7:00:00 AM`, what an en-US host prints for a UTC time without a zone.
pub fn en_us(time: Millis) -> String {
    let c = civil(time);
    let half = if c.hour < 12 { "AM" } else { "PM" };
    let hour = (c.hour + 11) % 12 + 1;
    format!(
        "{}/{}/{} {}:{:02}:{:02} {half}",
        c.month, c.day, c.year, hour, c.minute, c.second
    )
}

/// `3/2/2026, 7:00:00.000 AM`, what the portal of Microsoft Sentinel exports.
pub fn en_us_comma(time: Millis) -> String {
    let text = en_us(time);
    let (date, clock) = text.split_once(' ').unwrap_or((&text, ""));
    let (clock, half) = clock.split_once(' ').unwrap_or((clock, ""));
    format!("{date}, {clock}.{:03} {half}", time.rem_euclid(SECOND))
}

/// `02/03/2026 07:00:00`, the same on an en-GB host: day first.
pub fn en_gb(time: Millis) -> String {
    let c = civil(time);
    format!(
        "{:02}/{:02}/{} {:02}:{:02}:{:02}",
        c.day, c.month, c.year, c.hour, c.minute, c.second
    )
}
