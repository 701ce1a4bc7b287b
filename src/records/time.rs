//! Instants as the program keeps them: microseconds since 1970-01-01T00:00:00Z.

use std::fmt;

use chrono::{DateTime, Utc};

/// An instant in UTC, in microseconds since the epoch. Exports carry up to seven digits of a second; the
/// seventh is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

impl Time {
    pub const HOUR: i64 = 3_600_000_000;
    pub const DAY: i64 = 24 * Self::HOUR;

    /// From whole seconds since the epoch.
    pub fn from_seconds(seconds: i64) -> Self {
        Time(seconds.saturating_mul(1_000_000))
    }

    /// This instant moved by a number of hours, which may be negative.
    pub fn plus_hours(self, hours: i64) -> Self {
        Time(self.0.saturating_add(hours.saturating_mul(Self::HOUR)))
    }

    /// Hours since the epoch, rounded down.
    pub fn hour(self) -> i64 {
        self.0.div_euclid(Self::HOUR)
    }

    /// As chrono's type; `None` outside the years that chrono can write.
    pub fn to_chrono(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

/// RFC 3339 in UTC with a `Z`; a fraction stands only where there is one.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_chrono() {
            Some(t) if self.0.rem_euclid(1_000_000) == 0 => {
                write!(f, "{}", t.format("%Y-%m-%dT%H:%M:%SZ"))
            }
            Some(t) => {
                let micros = format!("{:06}", self.0.rem_euclid(1_000_000));
                write!(f, "{}.{}Z", t.format("%Y-%m-%dT%H:%M:%S"), micros.trim_end_matches('0'))
            }
            None => write!(f, "1970-01-01T00:00:00Z"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn writes_a_fraction_only_where_there_is_one() {
        assert_eq!(Time::from_seconds(1_772_434_800).to_string(), "2026-03-02T07:00:00Z");
        assert_eq!(Time(1_772_434_800_250_000).to_string(), "2026-03-02T07:00:00.25Z");
    }

    #[test]
    fn hours_round_down_before_the_epoch() {
        assert_eq!(Time(-1).hour(), -1);
    }
}
