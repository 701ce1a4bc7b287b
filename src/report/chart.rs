//! Messages by day as an SVG picture inside the page: no script, no file from elsewhere.

use std::fmt::Write;

use super::model::TrafficDay;

/// In the picture's own units; the page scales it to its width.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 120.0;
/// Room above the bars for the figure of the highest.
const TOP: f64 = 16.0;

/// Bars of messages a day, the part that was spam darker, and a mark where the baseline expects them.
///
/// Empty where there is no day with a message. The text holds numbers and days only, so that it needs no escaping;
/// a day that is none is left out.
pub fn by_day(days: &[TrafficDay]) -> String {
    let days: Vec<_> = days.iter().filter(|d| is_day(&d.day)).collect();
    let most = days
        .iter()
        .map(|d| (d.messages.max(d.spam) as f64).max(d.expected.unwrap_or(0.0)))
        .fold(0.0, f64::max);
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return String::new();
    };
    if !(most > 0.0 && most.is_finite()) {
        return String::new();
    }
    let step = WIDTH / days.len() as f64;
    let bar = (step * 0.8).min(24.0);
    let scaled = |value: f64| HEIGHT * value / most;
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
         aria-label=\"Messages a day from {} to {}, at most {most:.0}\">",
        TOP + HEIGHT + 16.0,
        first.day,
        last.day
    );
    for (index, day) in days.iter().enumerate() {
        let x = step * index as f64 + (step - bar) / 2.0;
        let title = format!("{}: {} messages, {} spam", day.day, day.messages, day.spam);
        let mut rect = |class: &str, value: u64| {
            let height = scaled(value as f64);
            // Writing to a String cannot fail.
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{bar:.1}\" height=\"{height:.1}\">\
                 <title>{title}</title></rect>",
                TOP + HEIGHT - height
            );
        };
        rect("messages", day.messages);
        rect("spam", day.spam);
        if let Some(expected) = day.expected {
            let y = TOP + HEIGHT - scaled(expected.max(0.0));
            let _ = write!(
                svg,
                "<line x1=\"{x:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
                x + bar
            );
        }
    }
    let y = TOP + HEIGHT + 13.0;
    let _ = write!(
        svg,
        "<text x=\"0\" y=\"{y}\">{}</text><text x=\"{WIDTH}\" y=\"{y}\" text-anchor=\"end\">{}</text>\
         <text x=\"0\" y=\"10\">{most:.0} a day</text></svg>",
        first.day, last.day
    );
    svg
}

fn is_day(day: &str) -> bool {
    day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-')
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
