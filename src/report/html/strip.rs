//! What each family of evidence covers, as strips along one axis of time that show the holes.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use super::clock;
use crate::report::model::{Coverage, CoverageState};

/// Width of a strip in its own units; the page stretches it.
const WIDTH: f64 = 1000.0;
/// The least width of what is there but short, such as a snapshot.
const LEAST: f64 = 6.0;

/// The strips of all families, in their order, and the axis that they share.
pub struct Strips {
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
    /// One SVG picture a family.
    pub pictures: Vec<String>,
}

/// Draws what the families cover.
pub fn draw(coverage: &[Coverage]) -> Strips {
    let spans = coverage.iter().flat_map(|c| {
        let gaps = c.gaps.iter().flat_map(|g| [g.from.as_deref(), g.to.as_deref()]);
        [c.first_time.as_deref(), c.last_time.as_deref()]
            .into_iter()
            .chain(gaps)
    });
    let times: Vec<DateTime<Utc>> = spans.flatten().filter_map(clock::parse).collect();
    let (first, last) = (times.iter().min().copied(), times.iter().max().copied());
    let axis = Axis {
        first: first.unwrap_or_default(),
        seconds: match (first, last) {
            (Some(first), Some(last)) => (last - first).num_seconds().max(1) as f64,
            _ => 1.0,
        },
    };
    Strips {
        first,
        last,
        pictures: coverage.iter().map(|c| axis.strip(c)).collect(),
    }
}

struct Axis {
    first: DateTime<Utc>,
    seconds: f64,
}

impl Axis {
    fn x(&self, time: DateTime<Utc>) -> f64 {
        WIDTH * (time - self.first).num_seconds() as f64 / self.seconds
    }

    fn strip(&self, coverage: &Coverage) -> String {
        let mut svg = format!(
            "<svg class=\"strip\" viewBox=\"0 0 {WIDTH} 18\" preserveAspectRatio=\"none\" aria-hidden=\"true\" \
             focusable=\"false\"><rect class=\"none\" x=\"1\" y=\"2\" width=\"{}\" height=\"14\"/>",
            WIDTH - 2.0
        );
        let at = |time: &Option<String>| time.as_deref().and_then(clock::parse).map(|t| self.x(t));
        let mut rect = |class: &str, from: f64, to: f64| {
            let from = from.min(WIDTH - LEAST);
            // Writing to a String cannot fail.
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{from:.0}\" y=\"2\" width=\"{:.0}\" height=\"14\"/>",
                (to - from).max(LEAST)
            );
        };
        if coverage.state != CoverageState::Missing {
            if let (Some(from), Some(to)) = (at(&coverage.first_time), at(&coverage.last_time)) {
                rect("held", from, to);
            }
            for gap in &coverage.gaps {
                rect("hole", at(&gap.from).unwrap_or(0.0), at(&gap.to).unwrap_or(WIDTH));
            }
        }
        svg.push_str("</svg>");
        svg
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn family(state: &str, span: [Option<&str>; 2], gaps: &[[Option<&str>; 2]]) -> Coverage {
        let gaps: Vec<_> = gaps
            .iter()
            .map(|[from, to]| json!({"from": from, "to": to, "reason": ""}))
            .collect();
        serde_json::from_value(json!({
            "family": "audit_log", "state": state, "first_time": span[0], "last_time": span[1], "gaps": gaps,
            "why": "", "how_to_collect": "",
        }))
        .expect("a coverage")
    }

    #[test]
    fn holes_stand_where_they_are_on_one_axis() {
        let strips = draw(&[
            family(
                "partial",
                [Some("2026-03-01T00:00:00Z"), Some("2026-03-11T00:00:00Z")],
                &[
                    [Some("2026-03-03T00:00:00Z"), Some("2026-03-04T00:00:00Z")],
                    [Some("2026-03-09T00:00:00Z"), None],
                ],
            ),
            family(
                "complete",
                [Some("2026-03-11T00:00:00Z"), Some("2026-03-11T00:00:00Z")],
                &[],
            ),
            family("missing", [None, None], &[]),
        ]);
        let rect = |class: &str, x: u32, width: u32| {
            format!("<rect class=\"{class}\" x=\"{x}\" y=\"2\" width=\"{width}\" height=\"14\"/>")
        };
        assert!(strips.pictures[0].contains(&rect("held", 0, 1000)));
        assert!(strips.pictures[0].contains(&rect("hole", 200, 100)));
        assert!(strips.pictures[0].contains(&rect("hole", 800, 200)), "open to the end");
        assert!(
            strips.pictures[1].contains(&rect("held", 994, 6)),
            "a snapshot is still seen"
        );
        assert!(!strips.pictures[2].contains("held"));
    }

    #[test]
    fn without_any_time_nothing_is_held() {
        let strips = draw(&[family("partial", [None, Some("soon")], &[])]);
        assert!(strips.first.is_none() && !strips.pictures[0].contains("held"));
    }
}
