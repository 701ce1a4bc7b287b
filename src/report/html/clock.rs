//! Times as the page shows them: in UTC, with the organisation's zone beside them.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::markup;
use crate::report::glance;
use crate::report::model::Window;

/// `2026-03-02T07:00:00Z`: no time in the report is shorter.
const LEAST: usize = 20;

/// The zone in which times stand beside UTC.
pub struct Clock {
    /// `None` where it is UTC, or the report does not say or names a zone that is none.
    zone: Option<Tz>,
}

impl Clock {
    /// The clock of a zone by its IANA name.
    pub fn new(zone: Option<&str>) -> Self {
        let zone = zone.and_then(|z| z.parse().ok());
        Clock {
            zone: zone.filter(|z| *z != Tz::UTC),
        }
    }

    /// The zone's name, where times in it stand beside UTC.
    pub fn zone(&self) -> Option<&'static str> {
        self.zone.map(|z| z.name())
    }

    /// A time as markup. What is no time is shown as it is.
    pub fn time(&self, time: &str) -> String {
        let mut out = String::new();
        self.push(&mut out, time);
        out
    }

    /// A sentence as markup, every time in it shown as [`Clock::time`] shows it.
    pub fn prose(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((at, length)) = find(rest) {
            let (before, from) = rest.split_at(at);
            let (time, after) = from.split_at(length);
            markup::push(&mut out, before);
            self.push(&mut out, time);
            rest = after;
        }
        markup::push(&mut out, rest);
        out
    }

    /// A span as plain markup, in UTC to the minute: of a thousand findings each has one.
    pub fn window(&self, window: &Window) -> String {
        let minute = |time: &str| match parse(time) {
            Some(moment) => moment.format("%Y-%m-%d %H:%M").to_string(),
            None => markup::escape(time),
        };
        let (from, to) = (minute(&window.from), minute(&window.to));
        if from == to {
            format!("{from} UTC")
        } else {
            format!("{from} to {to} UTC")
        }
    }

    /// The day of the organisation on which a moment falls.
    pub fn day(&self, time: &str) -> Option<NaiveDate> {
        let moment = parse(time)?;
        Some(match self.zone {
            Some(zone) => moment.with_timezone(&zone).date_naive(),
            None => moment.date_naive(),
        })
    }

    fn push(&self, out: &mut String, time: &str) {
        let Some(moment) = parse(time) else {
            return markup::push(out, time);
        };
        let shown = glance::time(time);
        let _ = write!(
            out,
            "<time datetime=\"{}\">{}</time>",
            markup::escape(time),
            markup::escape(&shown)
        );
        if let Some(zone) = self.zone {
            let local = moment.with_timezone(&zone);
            let format = if local.date_naive() == moment.date_naive() {
                "%H:%M %Z"
            } else {
                "%m-%d %H:%M %Z"
            };
            let _ = write!(out, " <span class=\"zone\">({})</span>", local.format(format));
        }
    }
}

/// A moment of the report; `None` for a text that is none.
pub fn parse(time: &str) -> Option<DateTime<Utc>> {
    let is_utc = time.len() >= LEAST && time.is_ascii() && time.ends_with('Z');
    let moment = is_utc.then(|| DateTime::parse_from_rfc3339(time).ok())?;
    moment.map(|m| m.with_timezone(&Utc))
}

/// Where in a text the first time stands, and how long it is.
fn find(text: &str) -> Option<(usize, usize)> {
    let is_part = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'.' | b'T');
    // A time cannot be longer than to the nanosecond.
    const MOST: usize = 30;
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = bytes.iter().skip(from).position(u8::is_ascii_digit).map(|at| at + from) {
        let run = bytes.iter().skip(at).take_while(|b| is_part(**b)).take(MOST).count();
        let end = at + run + 1;
        if run + 1 >= LEAST && text.get(at..end).and_then(parse).is_some() {
            return Some((at, run + 1));
        }
        from = at + run.max(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organisations_time_stands_beside_utc() {
        let berlin = Clock::new(Some("Europe/Berlin"));
        assert_eq!(
            berlin.time("2026-04-04T00:55:00Z"),
            "<time datetime=\"2026-04-04T00:55:00Z\">2026-04-04 00:55:00 UTC</time> <span class=\"zone\">(02:55 CEST)</span>"
        );
        let late = berlin.time("2026-02-28T23:30:00Z");
        assert!(
            late.ends_with("<span class=\"zone\">(03-01 00:30 CET)</span>"),
            "{late}"
        );
        assert_eq!(berlin.day("2026-02-28T23:30:00Z"), NaiveDate::from_ymd_opt(2026, 3, 1));
    }

    #[test]
    fn utc_or_an_unknown_zone_stands_alone() {
        for zone in [None, Some("UTC"), Some("Middle/Earth"), Some("<b>")] {
            let clock = Clock::new(zone);
            assert_eq!(clock.zone(), None);
            assert!(clock.time("2026-04-04T00:55:00Z").ends_with("UTC</time>"));
        }
    }

    #[test]
    fn times_within_a_sentence_are_found_and_the_rest_is_escaped() {
        let shown = Clock::new(None).prose("<b> at 2026-04-04T00:55:00.25Z by 91.219.236.10-2026 & 2026-04-04T1Z");
        assert_eq!(
            shown,
            "&#60;b&#62; at <time datetime=\"2026-04-04T00:55:00.25Z\">2026-04-04 00:55:00.25 UTC</time> by \
             91.219.236.10-2026 &#38; 2026-04-04T1Z"
        );
        assert_eq!(Clock::new(None).time("2026\"><b>"), "2026&#34;&#62;&#60;b&#62;");
    }

    #[test]
    fn digits_without_end_are_gone_through_once() {
        let long = "1".repeat(1_000_000);
        assert_eq!(Clock::new(None).prose(&long), long);
    }
}
