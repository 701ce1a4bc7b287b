//! Messages by day as an SVG picture inside the page: no script, no file from elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{Datelike, NaiveDate};

use super::model::TrafficDay;

/// In the picture's own units; the page scales it to its width.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 120.0;
/// Room above the bars for the figure of the highest.
const TOP: f64 = 16.0;

/// Bars at most: of a longer time each bar stands for several days.
const BARS: i64 = 400;

/// What one bar stands for.
struct Bar<'a> {
    first: &'a str,
    last: &'a str,
    messages: u64,
    spam: u64,
    /// Of single days only.
    expected: Option<f64>,
}

/// Bars of messages a day, the part that was spam darker, and a mark where the baseline expects them. A day that is
/// not among `days` leaves a gap; of more than [`BARS`] days each bar stands for several.
///
/// Empty where there is no day with a message. The text holds numbers and days only, so that it needs no escaping;
/// a day that is none is left out.
pub fn by_day(days: &[TrafficDay]) -> String {
    let dated: Vec<(i64, &TrafficDay)> = days.iter().filter_map(|d| Some((number(&d.day)?, d))).collect();
    let numbers = || dated.iter().map(|(n, _)| *n);
    let (Some(first), Some(last)) = (numbers().min(), numbers().max()) else {
        return String::new();
    };
    let width = (last - first) / BARS + 1;
    let bars = bars(&dated, first, width);
    let most = bars
        .values()
        .map(|b| (b.messages.max(b.spam) as f64).max(b.expected.unwrap_or(0.0)))
        .fold(0.0, f64::max);
    if !(most > 0.0 && most.is_finite()) {
        return String::new();
    }
    let step = WIDTH / ((last - first) / width + 1) as f64;
    let thick = (step * 0.8).min(24.0);
    let scaled = |value: f64| HEIGHT * value / most;
    let (from, to) = (bars.values().next(), bars.values().next_back());
    let (from, to) = (from.map_or("", |b| b.first), to.map_or("", |b| b.last));
    let unit = if width == 1 {
        "a day".to_owned()
    } else {
        format!("in {width} days")
    };
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
         aria-label=\"Messages {unit} from {from} to {to}, at most {most:.0}\">",
        TOP + HEIGHT + 16.0,
    );
    for (place, bar) in &bars {
        let x = step * *place as f64 + (step - thick) / 2.0;
        let title = bar.title();
        let mut rect = |class: &str, value: u64| {
            let height = scaled(value as f64);
            // Writing to a String cannot fail.
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{thick:.1}\" height=\"{height:.1}\">\
                 <title>{title}</title></rect>",
                TOP + HEIGHT - height
            );
        };
        rect("messages", bar.messages);
        rect("spam", bar.spam);
        if let Some(expected) = bar.expected {
            let y = TOP + HEIGHT - scaled(expected.max(0.0));
            let _ = write!(
                svg,
                "<line x1=\"{x:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
                x + thick
            );
        }
    }
    let y = TOP + HEIGHT + 13.0;
    let _ = write!(
        svg,
        "<text x=\"0\" y=\"{y}\">{from}</text><text x=\"{WIDTH}\" y=\"{y}\" text-anchor=\"end\">{to}</text>\
         <text x=\"0\" y=\"10\">{most:.0} {unit}</text></svg>",
    );
    svg
}

/// The days gathered into bars of so many days each, by place.
fn bars<'a>(dated: &[(i64, &'a TrafficDay)], first: i64, width: i64) -> BTreeMap<i64, Bar<'a>> {
    let mut bars: BTreeMap<i64, Bar> = BTreeMap::new();
    for (number, day) in dated {
        let bar = bars.entry((number - first) / width).or_insert(Bar {
            first: &day.day,
            last: &day.day,
            messages: 0,
            spam: 0,
            expected: None,
        });
        bar.first = bar.first.min(&day.day);
        bar.last = bar.last.max(&day.day);
        bar.messages = bar.messages.saturating_add(day.messages);
        bar.spam = bar.spam.saturating_add(day.spam);
        bar.expected = day.expected.filter(|_| width == 1);
    }
    bars
}

impl Bar<'_> {
    fn title(&self) -> String {
        let when = if self.first == self.last {
            self.first.to_owned()
        } else {
            format!("{} to {}", self.first, self.last)
        };
        format!("{when}: {} messages, {} spam", self.messages, self.spam)
    }
}

/// The number of a day since year 0; `None` for a text that is no day.
fn number(day: &str) -> Option<i64> {
    let is_day = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date: NaiveDate = day.parse().ok().filter(|_| is_day)?;
    Some(date.num_days_from_ce().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: &str, messages: u64, spam: u64, expected: Option<f64>) -> TrafficDay {
        TrafficDay {
            day: day.into(),
            messages,
            recipients: messages,
            spam,
            expected,
        }
    }

    #[test]
    fn the_highest_value_fills_the_height() {
        let svg = by_day(&[day("2026-04-03", 10, 0, None), day("2026-04-04", 40, 20, Some(10.0))]);
        assert!(svg.contains("y=\"16.0\" width=\"24.0\" height=\"120.0\""), "{svg}");
        assert!(svg.contains("height=\"60.0\""), "{svg}");
        assert!(svg.contains("y1=\"106.0\""), "{svg}");
    }

    #[test]
    fn a_day_that_is_left_out_leaves_a_gap() {
        let svg = by_day(&[day("2026-04-01", 10, 0, None), day("2026-04-04", 40, 0, None)]);
        // Four places of 180 units; bars of 24 in their middle.
        assert!(svg.contains("x=\"78.0\"") && svg.contains("x=\"618.0\""), "{svg}");
    }

    #[test]
    fn a_century_of_days_is_drawn_in_few_bars() {
        let from = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();
        let days: Vec<TrafficDay> = (0..40_000_u64)
            .map(|n| day(&(from + chrono::Days::new(n)).to_string(), 1, 0, Some(1.0)))
            .collect();
        let svg = by_day(&days);
        // 40 000 days in places of 100 days.
        assert_eq!(svg.matches("class=\"messages\"").count(), 400);
        assert!(svg.contains("1990-01-01 to 1990-04-10: 100 messages"), "{svg}");
        assert!(!svg.contains("<line"), "what is expected of a day is not of a hundred");
    }

    #[test]
    fn nothing_to_draw_draws_nothing() {
        assert_eq!(by_day(&[]), "");
        assert_eq!(by_day(&[day("2026-04-03", 0, 0, Some(0.0))]), "");
    }

    #[test]
    fn what_is_no_day_cannot_bring_markup() {
        let svg = by_day(&[day("<script>ab", 5, 0, None), day("2026-04-04", 5, 0, None)]);
        assert!(!svg.contains("<script"), "{svg}");
    }
}
