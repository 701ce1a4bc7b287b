//! A connector's score as a bar that adds up, and how sure it is.

use std::fmt::Write;

use super::place::Place;
use crate::report::glance;
use crate::report::model::{Connector, Scale, Verdict};

/// Width of the bars in their own units; the page stretches them.
const WIDTH: f64 = 1000.0;

/// One step of the sum: what was there before any evidence, a group, an adjustment.
pub struct Step {
    pub label: String,
    pub terms: Vec<Term>,
    pub points: f64,
    /// The bar from the sum before to the sum after.
    pub bar: String,
}

/// One finding's part of a step.
#[derive(Clone)]
pub struct Term {
    pub label: String,
    /// The finding it comes from.
    pub place: Option<Place>,
    pub given: f64,
    pub points: f64,
}

/// A score taken apart.
pub struct Sum {
    /// In the order in which they weigh, the prior first. Empty where the report does not take the score apart.
    pub steps: Vec<Step>,
    /// The bar of the whole score with the range that missing evidence leaves.
    pub range: String,
}

/// Takes the score of a connector apart; `number` is the connector's on the page.
pub fn sum(connector: &Connector, number: usize, scale: Option<&Scale>) -> Sum {
    let mut steps = gather(connector, number);
    // What is there before any evidence comes first, what is raised to comes last.
    steps.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.points.total_cmp(&a.1.points)));
    let mut steps: Vec<Step> = steps.into_iter().map(|(_, step)| step).collect();
    let mut bounds = vec![0.0, connector.score, connector.score_low, connector.score_high];
    let mut before = 0.0;
    for step in &steps {
        before += step.points;
        bounds.push(before);
    }
    let axis = Axis::around(&bounds, scale);
    let mut before = 0.0;
    for step in &mut steps {
        let class = if step.points > 0.0 { "for" } else { "against" };
        step.bar = axis.bar(class, before, before + step.points);
        before += step.points;
    }
    Sum {
        steps,
        range: axis.range(connector),
    }
}

/// The steps, each with its place: first, among the others, last.
fn gather(connector: &Connector, number: usize) -> Vec<(u8, Step)> {
    let mut steps: Vec<(u8, Step)> = Vec::new();
    for part in &connector.score_parts {
        let (place, label) = match (&part.group, part.id.as_str()) {
            (Some(group), _) => (1, group_words(group)),
            (None, "prior") => (0, "Before any evidence".into()),
            (None, "floor") => (2, "Raised to the least score that these findings leave".into()),
            (None, id) => (1, capital(&glance::words(id))),
        };
        let found = connector.indicators.iter().position(|i| i.id == part.id);
        let term = Term {
            label: glance::words(&part.id),
            place: found.map(|n| Place::ConnectorIndicator(number, n)),
            given: part.given,
            points: part.points,
        };
        let of_group = |(_, s): &&mut (u8, Step)| part.group.is_some() && s.label == label;
        match steps.iter_mut().find(of_group) {
            Some((_, step)) => {
                step.points += part.points;
                step.terms.push(term);
            }
            None => steps.push((
                place,
                Step {
                    label,
                    points: part.points,
                    terms: part.group.iter().map(|_| term.clone()).collect(),
                    bar: String::new(),
                },
            )),
        }
    }
    steps
}

/// What the points of a score are drawn along.
struct Axis<'a> {
    low: f64,
    high: f64,
    scale: Option<&'a Scale>,
}

impl<'a> Axis<'a> {
    fn around(bounds: &[f64], scale: Option<&'a Scale>) -> Self {
        let marks = scale.iter().flat_map(|s| [s.prior, s.suspicious, s.likely]);
        let all = || bounds.iter().copied().chain(marks.clone()).filter(|b| b.is_finite());
        Axis {
            low: all().fold(-1.0, f64::min) - 0.5,
            high: all().fold(1.0, f64::max) + 0.5,
            scale,
        }
    }

    fn x(&self, points: f64) -> f64 {
        (WIDTH * (points - self.low) / (self.high - self.low)).clamp(0.0, WIDTH)
    }

    /// Where suspicion begins, and where a compromise is likely.
    fn thresholds(&self, out: &mut String, height: u32) {
        for (class, at) in self.scale.iter().flat_map(|s| [("t1", s.suspicious), ("t2", s.likely)]) {
            // Writing to a String cannot fail.
            let _ = write!(out, "<path class=\"{class}\" d=\"M{:.0} 0v{height}\"/>", self.x(at));
        }
    }

    fn bar(&self, class: &str, from: f64, to: f64) -> String {
        let (left, right) = (self.x(from.min(to)), self.x(from.max(to)));
        let mut svg = open();
        self.thresholds(&mut svg, 20);
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{left:.0}\" y=\"3\" width=\"{:.0}\" height=\"14\"/></svg>",
            (right - left).max(3.0)
        );
        svg
    }

    fn range(&self, connector: &Connector) -> String {
        let (low, high) = (self.x(connector.score_low), self.x(connector.score_high));
        let mut svg = open();
        svg.push_str("<path class=\"line\" d=\"M0 10h1000\"/>");
        self.thresholds(&mut svg, 20);
        let _ = write!(
            svg,
            "<rect class=\"range\" x=\"{low:.0}\" y=\"7\" width=\"{:.0}\" height=\"6\"/>\
             <rect class=\"score\" x=\"{:.0}\" y=\"1\" width=\"8\" height=\"18\"/></svg>",
            (high - low).max(3.0),
            (self.x(connector.score) - 4.0).max(0.0),
        );
        svg
    }
}

fn open() -> String {
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 {WIDTH} 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">"
    )
}

/// How sure the verdict is, in sentences.
pub fn sure(connector: &Connector, scale: Option<&Scale>) -> Vec<String> {
    let mut said = Vec::new();
    let (low, high) = (
        glance::points(connector.score_low),
        glance::points(connector.score_high),
    );
    let score = glance::points(connector.score);
    let thresholds = scale.map(|s| {
        format!(
            ", where {} is suspicious and {} likely compromised",
            glance::points(s.suspicious),
            glance::points(s.likely)
        )
    });
    said.push(format!("The score is {score}{}.", thresholds.unwrap_or_default()));
    said.push(if low == high {
        "Nothing that is missing could move it.".into()
    } else {
        let stays = scale.is_some_and(|s| band(s, connector.score_low) == band(s, connector.score_high));
        let end = match (stays, connector.verdict) {
            (true, Verdict::NotAssessable) => ", but this evidence is too thin to clear it",
            (true, _) => ", which would not change where it stands",
            (false, _) => ": enough to change where it stands",
        };
        format!("What is missing could move it to anything from {low} to {high}{end}.")
    });
    let mut groups: Vec<(&str, f64)> = Vec::new();
    for part in &connector.score_parts {
        let Some(group) = part.group.as_deref() else { continue };
        match groups.iter_mut().find(|(g, _)| *g == group) {
            Some(held) => held.1 += part.points,
            None => groups.push((group, part.points)),
        }
    }
    groups.sort_by(|a, b| b.1.total_cmp(&a.1));
    let names = |wanted: fn(f64) -> bool| -> Vec<String> {
        let of = groups.iter().filter(|(_, points)| wanted(*points));
        of.map(|(group, _)| lower(&group_words(group))).collect()
    };
    let (speak_for, against) = (names(|p| p > 0.0), names(|p| p < 0.0));
    if !speak_for.is_empty() {
        said.push(format!("For a compromise: {}.", speak_for.join("; ")));
    }
    if !against.is_empty() {
        said.push(format!("Against it: {}.", against.join("; ")));
    }
    said
}

/// 0 below suspicion, 1 suspicious, 2 likely.
fn band(scale: &Scale, points: f64) -> u8 {
    u8::from(points >= scale.suspicious) + u8::from(points >= scale.likely)
}

/// What a group of indicators looks at.
fn group_words(group: &str) -> String {
    match group {
        "vendor" => "What Microsoft's protection did",
        "configuration" => "What was done to the configuration",
        "identity" => "Who did it",
        "volume" => "How much was sent",
        "sender" => "In whose name",
        "source" => "From which hosts",
        "content" => "What the filters said",
        "recipients" => "To whom",
        other => return capital(&glance::words(other)),
    }
    .into()
}

/// The words with a capital letter first.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn lower(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SCALE: Scale = Scale {
        prior: -4.0,
        suspicious: 0.0,
        likely: 2.0,
        rest_of_group: 0.25,
    };

    /// A connector of score 0.25 to whose parts two groups and a floor belong.
    fn connector(low: f64, high: f64) -> Connector {
        let part = |id: &str, group: Option<&str>, given: f64, points: f64| json!({"id": id, "group": group, "given": given, "points": points});
        let connector = json!({
            "name": "HQ", "names": ["HQ"], "id": null, "type": null, "present_in_snapshot": true,
            "verdict": "suspicious", "score": 0.25, "score_low": low, "score_high": high, "reasons": [],
            "score_parts": [
                part("prior", None, -4.0, -4.0),
                part("volume_spike", Some("volume"), -0.7, -0.7),
                part("connector_alert", Some("vendor"), 3.0, 0.75),
                part("connector_blocked", Some("vendor"), 3.5, 3.5),
                part("floor", None, 0.25, 0.7),
            ],
            "indicators": [], "timeline": [],
            "traffic": {"messages": 0, "recipients": 0, "by_day": [], "top_sources": [], "top_senders": [],
                "top_recipient_domains": []},
        });
        serde_json::from_value(connector).expect("a connector")
    }

    #[test]
    fn steps_add_up_from_the_prior_to_the_score() {
        let sum = sum(&connector(-1.0, 3.0), 0, Some(&SCALE));
        let steps: Vec<(&str, f64)> = sum.steps.iter().map(|s| (s.label.as_str(), s.points)).collect();
        assert_eq!(
            steps,
            [
                ("Before any evidence", -4.0),
                ("What Microsoft's protection did", 4.25),
                ("How much was sent", -0.7),
                ("Raised to the least score that these findings leave", 0.7),
            ]
        );
        // The axis runs from -4.5 to 3.5, 8 points over 1000 units; the second bar from -4 to 0.25.
        let bar = &sum.steps[1].bar;
        assert!(
            bar.contains("<rect class=\"for\" x=\"62\" y=\"3\" width=\"531\""),
            "{bar}"
        );
        assert!(sum.steps[2].bar.contains("<rect class=\"against\""));
    }

    #[test]
    fn it_says_whether_missing_evidence_could_change_the_verdict() {
        let said = |low, high| sure(&connector(low, high), Some(&SCALE)).join(" ");
        assert!(said(0.25, 0.25).contains("Nothing that is missing could move it."));
        assert!(said(0.1, 1.9).contains("0.1 to 1.9, which would not change where it stands."));
        assert!(said(-0.1, 1.9).contains("-0.1 to 1.9: enough to change where it stands."));
        assert!(
            said(0.0, 1.0)
                .contains("For a compromise: what Microsoft's protection did. Against it: how much was sent.")
        );
    }
}
