//! A score taken apart, so that a reader can add it up again.

use super::{Group, ORDER_OF_EVENTS, Shape, Weighing, lead, round};
use crate::indicators::{Case, Finding};
use crate::settings::tuning::weights;

/// One part of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// `prior`, `floor`, or the id of a finding or an adjustment.
    pub id: &'static str,
    /// Of a finding.
    pub group: Option<Group>,
    /// Points by itself.
    pub given: f64,
    /// What of them counts.
    pub points: f64,
}

/// The shape of compromise that the score is for, and its parts: they add up to [`Weighing::score`].
pub fn parts(case: &Case, findings: &[Finding], weighing: &Weighing) -> (&'static str, Vec<Part>) {
    let in_order = weighing.adjustments.iter().any(|a| a.id == ORDER_OF_EVENTS);
    let mut shapes = vec![("configuration", Shape::Configuration)];
    if in_order {
        shapes.push(("let_in", Shape::LetIn));
    }
    shapes.push(("host", Shape::Host));
    let (mut shape, mut parts) = ("configuration", Vec::new());
    for (name, candidate) in shapes {
        let found = of_shape(case, candidate, findings, weighing);
        if parts.is_empty() || total(&found) > total(&parts) {
            (shape, parts) = (name, found);
        }
    }
    // What the parts do not reach, the least score that some findings leave adds.
    let missing = round(weighing.score - round(total(&parts)));
    if missing > 0.0 {
        parts.push(Part {
            id: "floor",
            group: None,
            given: weighing.score,
            points: missing,
        });
    }
    (shape, parts)
}

fn total(parts: &[Part]) -> f64 {
    parts.iter().map(|p| p.points).sum()
}

fn of_shape(case: &Case, shape: Shape, findings: &[Finding], weighing: &Weighing) -> Vec<Part> {
    let alone = |id, points| Part {
        id,
        group: None,
        given: points,
        points,
    };
    let mut parts = vec![alone("prior", case.points().prior)];
    let counted: Vec<(Group, &Finding)> = findings
        .iter()
        .map(|f| (weights::of(f.id).group, f))
        .filter(|(group, f)| f.points != 0.0 && shape.counts(*group, f.points))
        .collect();
    let mut led: Vec<Group> = Vec::new();
    for &(group, finding) in &counted {
        let of_group = counted.iter().filter(|(g, _)| *g == group);
        let points: Vec<f64> = of_group.map(|(_, f)| f.points).collect();
        // Of several that are equally strong, the first leads.
        let leads = finding.points == lead(&points) && !led.contains(&group);
        if leads {
            led.push(group);
        }
        parts.push(Part {
            id: finding.id,
            group: Some(group),
            given: finding.points,
            points: if leads {
                finding.points
            } else {
                case.points().rest_of_group * finding.points
            },
        });
    }
    if shape != Shape::Host {
        parts.extend(weighing.adjustments.iter().map(|a| alone(a.id, a.points)));
    }
    parts
}
