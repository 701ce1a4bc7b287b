//! A connector's messages by day against what was expected, with what happened to it marked on the same axis: an
//! SVG picture inside the page, and the same days as rows for a table.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{Datelike, NaiveDate};

use super::clock::Clock;
use super::markup;
use crate::report::model::{Connector, Event, TrafficDay};

/// In the picture's own units; the page scales it to its width.
const WIDTH: f64 = 960.0;
/// Room at the left for the figures of the axis and the names of the lanes.
const LEFT: f64 = 66.0;
const RIGHT: f64 = 8.0;
const HEIGHT: f64 = 150.0;
/// Height of a lane of marks.
const LANE: f64 = 20.0;
const BOTTOM: f64 = 20.0;
/// A mark up to so many days before or after the days with mail widens the picture.
const NEAR: i64 = 31;
/// Dates along the axis at most.
const TICKS: i64 = 7;

/// What one bar and one row stand for: a day or, of a long time, several.
pub struct Bar<'a> {
    pub first: &'a str,
    pub last: &'a str,
    pub messages: u64,
    pub recipients: u64,
    pub spam: u64,
    /// Where each of its days has an expectation.
    pub expected: Option<f64>,
    /// What happened then, by what it was: `2 changed`.
    pub marks: Vec<String>,
    days: i64,
}

/// The kinds of events that have a lane of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Changes,
    Blocks,
    Alerts,
    Related,
}

/// The days of a connector's mail, drawn.
pub struct Chart<'a> {
    /// In order of time.
    pub bars: Vec<Bar<'a>>,
    /// Days of one bar.
    pub width: i64,
    /// Empty where no day has a message.
    pub svg: String,
    /// Whether the time judged is shaded.
    pub judged: bool,
    /// Events that lie outside the days drawn.
    pub outside: usize,
}

/// One mark: day number, lane, whether it was not meant to be, and what it was.
type Mark<'a> = (i64, Lane, bool, &'a Event);

/// Draws a connector's mail in at most `most` bars. A day that is not listed leaves a gap.
pub fn draw<'a>(connector: &'a Connector, clock: &Clock, most: usize) -> Chart<'a> {
    let traffic = &connector.traffic;
    let dated: Vec<(i64, &TrafficDay)> = traffic
        .by_day
        .iter()
        .filter_map(|d| Some((number(&d.day)?, d)))
        .collect();
    let numbers = || dated.iter().map(|(n, _)| *n);
    let (Some(first), Some(last)) = (numbers().min(), numbers().max()) else {
        return Chart::empty();
    };
    let width = (last - first) / most.max(1) as i64 + 1;
    let all: Vec<Mark> = connector.timeline.iter().filter_map(|e| mark(e, clock)).collect();
    let near = |n: i64| first - NEAR <= n && n <= last + NEAR;
    let marks: Vec<Mark> = all.iter().filter(|m| near(m.0)).copied().collect();
    let from = marks.iter().map(|m| m.0).fold(first, i64::min);
    // Bars begin where the mail does, and the axis at a whole bar before.
    let from = first - (first - from + width - 1).div_euclid(width) * width;
    let to = marks.iter().map(|m| m.0).fold(last, i64::max);
    let mut bars = gather(&dated, first, width);
    for (place, bar) in &mut bars {
        bar.marks = told(&marks, first + place * width, width);
    }
    let judged = traffic.comparison.as_ref().and_then(|c| {
        let day = |time: &str| clock.day(time).map(|d| i64::from(d.num_days_from_ce()));
        Some((day(&c.judged.from)?, day(&c.judged.to)?))
    });
    let axis = Axis {
        from,
        width,
        slots: (to - from) / width + 1,
    };
    let picture = Picture {
        axis,
        bars: bars
            .iter()
            .map(|(place, bar)| ((first - from) / width + place, bar))
            .collect(),
        marks: &marks,
        judged: judged.filter(|(since, until)| since <= until && *until >= from && *since <= to),
    };
    let (svg, judged) = (picture.draw(), picture.judged.is_some());
    Chart {
        svg,
        bars: bars.into_values().collect(),
        width,
        judged,
        outside: all.len() - marks.len(),
    }
}

impl Chart<'_> {
    fn empty() -> Self {
        Chart {
            bars: Vec::new(),
            width: 1,
            svg: String::new(),
            judged: false,
            outside: 0,
        }
    }
}

fn mark<'a>(event: &'a Event, clock: &Clock) -> Option<Mark<'a>> {
    let lane = match event.action.as_str() {
        "blocked" | "unblocked" => Lane::Blocks,
        "alerted" => Lane::Alerts,
        "related" => Lane::Related,
        "seen_in_snapshot" => return None,
        _ => Lane::Changes,
    };
    let day = clock.day(&event.time)?;
    Some((
        day.num_days_from_ce().into(),
        lane,
        event.intended == Some(false),
        event,
    ))
}

/// What happened on the days of a bar, each kind once with its number.
fn told(marks: &[Mark], from: i64, width: i64) -> Vec<String> {
    let mut counts: BTreeMap<(Lane, String), usize> = BTreeMap::new();
    for (_, lane, _, event) in marks.iter().filter(|m| (from..from + width).contains(&m.0)) {
        *counts.entry((*lane, event.deed())).or_default() += 1;
    }
    let told = counts
        .into_iter()
        .map(|((_, deed), n)| if n == 1 { deed } else { format!("{n} {deed}") });
    told.collect()
}

/// The days gathered into bars of so many days each, by place.
fn gather<'a>(dated: &[(i64, &'a TrafficDay)], first: i64, width: i64) -> BTreeMap<i64, Bar<'a>> {
    let mut bars: BTreeMap<i64, Bar> = BTreeMap::new();
    for (number, day) in dated {
        let bar = bars.entry((number - first) / width).or_insert(Bar {
            first: &day.day,
            last: &day.day,
            messages: 0,
            recipients: 0,
            spam: 0,
            expected: Some(0.0),
            marks: Vec::new(),
            days: 0,
        });
        bar.first = bar.first.min(&day.day);
        bar.last = bar.last.max(&day.day);
        bar.messages = bar.messages.saturating_add(day.messages);
        bar.recipients = bar.recipients.saturating_add(day.recipients);
        bar.spam = bar.spam.saturating_add(day.spam);
        bar.expected = bar
            .expected
            .and_then(|sum| Some(sum + day.expected.filter(|e| e.is_finite() && *e >= 0.0)?));
        bar.days += 1;
    }
    for bar in bars.values_mut() {
        // What is expected of some days of a bar is not what is expected of it.
        bar.expected = bar.expected.filter(|_| bar.days == width);
    }
    bars
}

impl Bar<'_> {
    /// The day, or the first and the last.
    pub fn days(&self) -> String {
        if self.first == self.last {
            self.first.to_owned()
        } else {
            format!("{} to {}", self.first, self.last)
        }
    }
}

/// The time axis: places for bars side by side.
struct Axis {
    /// Number of the first day.
    from: i64,
    /// Days of a place.
    width: i64,
    slots: i64,
}

impl Axis {
    fn step(&self) -> f64 {
        (WIDTH - LEFT - RIGHT) / self.slots as f64
    }

    /// The left edge of a place.
    fn x(&self, slot: i64) -> f64 {
        LEFT + self.step() * slot as f64
    }

    /// The middle of a day.
    fn day(&self, number: i64) -> f64 {
        LEFT + self.step() * ((number - self.from) as f64 + 0.5) / self.width as f64
    }

    fn date(&self, slot: i64) -> String {
        let number = i32::try_from(self.from + slot * self.width).ok();
        let date = number.and_then(NaiveDate::from_num_days_from_ce_opt);
        date.map_or_else(String::new, |d| d.to_string())
    }
}

struct Picture<'a, 'b> {
    axis: Axis,
    bars: Vec<(i64, &'b Bar<'a>)>,
    marks: &'b [Mark<'a>],
    /// First and last day.
    judged: Option<(i64, i64)>,
}

impl Picture<'_, '_> {
    /// Empty where no bar has a message.
    fn draw(&self) -> String {
        let most = self
            .bars
            .iter()
            .map(|(_, b)| (b.messages as f64).max(b.expected.unwrap_or(0.0)));
        let most = round_up(most.fold(0.0, f64::max));
        if !(most > 0.0 && most.is_finite()) {
            return String::new();
        }
        let mut lanes: Vec<Lane> = self.marks.iter().map(|m| m.1).collect();
        lanes.sort_unstable();
        lanes.dedup();
        let top = 8.0 + LANE * lanes.len() as f64;
        let foot = top + HEIGHT;
        let mut svg = format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{}\">",
            foot + BOTTOM,
            markup::escape(&self.label(&lanes)),
        );
        self.ground(&mut svg, top, most);
        self.columns(&mut svg, foot, most);
        self.lanes(&mut svg, &lanes, foot);
        svg.push_str("</svg>");
        svg
    }

    fn label(&self, lanes: &[Lane]) -> String {
        let unit = self.unit();
        let highest = self.bars.iter().max_by_key(|(_, b)| b.messages);
        let highest = highest.map_or_else(String::new, |(_, b)| {
            format!(", at most {} on {}", b.messages, b.days())
        });
        let counts: Vec<String> = lanes
            .iter()
            .map(|lane| {
                format!(
                    "{}: {}",
                    lane.name(),
                    self.marks.iter().filter(|m| m.1 == *lane).count()
                )
            })
            .collect();
        let marked = if counts.is_empty() {
            String::new()
        } else {
            format!(" Marked on it: {}.", counts.join(", "))
        };
        let (first, last) = (self.axis.date(0), self.axis.date(self.axis.slots - 1));
        format!("Messages {unit} from {first} to {last}{highest}.{marked} The table of days has the figures.")
    }

    fn unit(&self) -> String {
        match self.axis.width {
            1 => "a day".to_owned(),
            width => format!("in {width} days"),
        }
    }

    /// The time judged, lines to read heights by, and dates.
    fn ground(&self, svg: &mut String, top: f64, most: f64) {
        let foot = top + HEIGHT;
        let right = WIDTH - RIGHT;
        // Writing to a String cannot fail.
        if let Some((since, until)) = self.judged {
            let left = (self.axis.day(since) - self.axis.step() / self.axis.width as f64 / 2.0).max(LEFT);
            let end = (self.axis.day(until) + self.axis.step() / self.axis.width as f64 / 2.0).min(right);
            let _ = write!(
                svg,
                "<rect class=\"judged\" x=\"{left:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{HEIGHT}\"/>",
                (end - left).max(0.0)
            );
        }
        for part in [0.0, 0.5, 1.0] {
            let y = foot - HEIGHT * part;
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {y}H{right}\"/><text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                trimmed(most * part),
            );
        }
        let every = (self.axis.slots + TICKS - 1) / TICKS;
        for slot in (0..self.axis.slots).step_by(usize::try_from(every.max(1)).unwrap_or(1)) {
            let x = self.axis.x(slot) + self.axis.step() / 2.0;
            // A date is some 66 units wide.
            let (x, anchor) = if x + 33.0 > WIDTH {
                (WIDTH, "end")
            } else {
                (x, "middle")
            };
            let _ = write!(
                svg,
                "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"{anchor}\">{}</text>",
                foot + 15.0,
                self.axis.date(slot)
            );
        }
    }

    /// Messages, of them spam, and what was expected.
    fn columns(&self, svg: &mut String, foot: f64, most: f64) {
        let step = self.axis.step();
        let thick = (step * 0.8).min(28.0);
        let height = |value: f64| HEIGHT * value.min(most) / most;
        let (mut messages, mut spam, mut expected) = (String::new(), String::new(), String::new());
        for (slot, bar) in &self.bars {
            let x = self.axis.x(*slot) + (step - thick) / 2.0;
            let column = |out: &mut String, value: u64| {
                let tall = height(value as f64);
                if value > 0 {
                    let _ = write!(out, "M{x:.1} {foot}v-{tall:.1}h{thick:.1}v{tall:.1}z");
                }
            };
            column(&mut messages, bar.messages);
            // Spam is counted in recipients; no more of a bar can be spam than there is of it.
            column(&mut spam, bar.spam.min(bar.messages));
            if let Some(value) = bar.expected {
                let _ = write!(
                    expected,
                    "M{:.1} {:.1}h{step:.1}",
                    self.axis.x(*slot),
                    foot - height(value)
                );
            }
        }
        for (class, path) in [("messages", messages), ("spam", spam), ("expected", expected)] {
            if !path.is_empty() {
                let _ = write!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
            }
        }
    }

    /// Above the bars: a lane a kind of event, each event with a sign of its own shape and a line down to its day.
    fn lanes(&self, svg: &mut String, lanes: &[Lane], foot: f64) {
        for (n, lane) in lanes.iter().enumerate() {
            let y = LANE * (n as f64 + 0.5) + 2.0;
            let _ = write!(
                svg,
                "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                lane.name()
            );
            let mut of_day: BTreeMap<i64, Vec<&Mark>> = BTreeMap::new();
            for mark in self.marks.iter().filter(|m| m.1 == *lane) {
                of_day
                    .entry((mark.0 - self.axis.from) / self.axis.width)
                    .or_default()
                    .push(mark);
            }
            for (slot, marks) in of_day {
                let x = self.axis.x(slot) + self.axis.step() / 2.0;
                let doubtful = marks.iter().any(|m| m.2);
                let class = if doubtful { " unmeant" } else { "" };
                let when = marks.first().map_or("", |m| m.3.time.as_str());
                let what: Vec<String> = marks.iter().take(4).map(|m| m.3.deed()).collect();
                let more = if marks.len() > 4 {
                    format!(" and {} more", marks.len() - 4)
                } else {
                    String::new()
                };
                let title = markup::escape(&format!("{when}: {}{more}", what.join(", ")));
                let _ = write!(
                    svg,
                    "<g class=\"{}{class}\"><title>{title}</title><path class=\"fall\" d=\"M{x:.1} {:.0}V{foot}\"/>\
                     <path d=\"{}\"/></g>",
                    lane.class(),
                    y + 6.0,
                    lane.sign(x, y)
                );
            }
        }
    }
}

impl Lane {
    fn name(self) -> &'static str {
        match self {
            Lane::Changes => "Changes",
            Lane::Blocks => "Blocks",
            Lane::Alerts => "Alerts",
            Lane::Related => "Related",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Lane::Changes => "change",
            Lane::Blocks => "block",
            Lane::Alerts => "alert",
            Lane::Related => "related",
        }
    }

    /// The outline of its sign around a point: diamond, square, triangle, circle.
    fn sign(self, x: f64, y: f64) -> String {
        match self {
            Lane::Changes => format!("M{x:.1} {:.1}l6 6l-6 6l-6 -6z", y - 6.0),
            Lane::Blocks => format!("M{:.1} {:.1}h10v10h-10z", x - 5.0, y - 5.0),
            Lane::Alerts => format!("M{x:.1} {:.1}l6.5 11h-13z", y - 6.0),
            Lane::Related => format!("M{:.1} {y:.1}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", x - 4.0),
        }
    }
}

/// The next figure that people count in: 1, 2 or 5 and zeros.
fn round_up(value: f64) -> f64 {
    if !(value > 0.0 && value.is_finite()) {
        return 0.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let fitting = steps.iter().map(|s| s * power).find(|s| *s >= value);
    fitting.unwrap_or(value).max(2.0)
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The number of a day since year 0; `None` for a text that is no day.
fn number(day: &str) -> Option<i64> {
    let is_day = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date: NaiveDate = day.parse().ok().filter(|_| is_day)?;
    Some(date.num_days_from_ce().into())
}

#[cfg(test)]
mod tests;
