//! `navigator.json`: the techniques of the supported findings as a layer for MITRE's ATT&CK Navigator.
//!
//! Source of the format: "ATT&CK Navigator Layer File Format Definition", version 4.5.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::clean;
use super::error::ReportError;
use super::glance;
use super::json;
use super::model::{Indicator, Report, State};

/// Findings that the comment of one technique names; a tooltip holds no more.
const FINDINGS: usize = 12;

#[derive(Serialize)]
struct Layer {
    name: String,
    versions: Versions,
    domain: &'static str,
    description: String,
    /// By falling score within each tactic.
    sorting: u8,
    layout: Layout,
    #[serde(rename = "hideDisabled")]
    hide_disabled: bool,
    techniques: Vec<Technique>,
    gradient: Gradient,
    metadata: Vec<Metadata>,
}

#[derive(Serialize)]
struct Versions {
    /// Of the knowledge base that the numbers of the techniques are of.
    attack: &'static str,
    /// The least that reads this format is 4.9.0; this one knows that version of the knowledge base.
    navigator: &'static str,
    layer: &'static str,
}

#[derive(Serialize)]
struct Layout {
    layout: &'static str,
    #[serde(rename = "showID")]
    show_id: bool,
    #[serde(rename = "showName")]
    show_name: bool,
    #[serde(rename = "expandedSubtechniques")]
    expanded_subtechniques: &'static str,
}

#[derive(Serialize)]
struct Technique {
    #[serde(rename = "techniqueID")]
    id: String,
    /// Points of the strongest finding.
    score: f64,
    comment: String,
    enabled: bool,
    metadata: Vec<Metadata>,
}

#[derive(Serialize)]
struct Gradient {
    colors: [&'static str; 2],
    #[serde(rename = "minValue")]
    min: f64,
    #[serde(rename = "maxValue")]
    max: f64,
}

#[derive(Serialize)]
struct Metadata {
    name: &'static str,
    value: String,
}

/// Writes one layer: each technique scored with the points of the strongest supported finding that shows it, the
/// findings in its comment. Without findings the layer has no technique.
pub fn write(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let techniques: Vec<Technique> = findings(report)
        .into_iter()
        .map(|(id, findings)| technique(id, findings))
        .collect();
    let most = techniques.iter().map(|t| t.score).fold(1.0, f64::max);
    let organization = report.summary.organization.as_deref();
    let layer = Layer {
        name: match organization {
            Some(name) => format!("{}: {}", report.tool.name, clean::line(name)),
            None => report.tool.name.clone(),
        },
        versions: Versions {
            attack: "18",
            navigator: "5.2.0",
            layer: "4.5",
        },
        domain: "enterprise-attack",
        description: clean::line(&report.summary.headline).into_owned(),
        sorting: 3,
        layout: Layout {
            layout: "side",
            show_id: true,
            show_name: true,
            expanded_subtechniques: "annotated",
        },
        hide_disabled: false,
        techniques,
        gradient: Gradient {
            colors: ["#fff3b0", "#c1121f"],
            min: 0.0,
            max: most,
        },
        metadata: vec![
            Metadata {
                name: "made by",
                value: format!("{} {}", report.tool.name, report.tool.version),
            },
            Metadata {
                name: "verdict",
                value: glance::verdict(report.summary.verdict).into(),
            },
            Metadata {
                name: "score",
                value: "points (natural-log odds) of the strongest finding that shows the technique".into(),
            },
        ],
    };
    writeln!(out, "{}", json::pretty(&layer)?)?;
    Ok(())
}

/// A supported finding and whom it is about.
struct Found<'a> {
    about: String,
    indicator: &'a Indicator,
}

/// The supported findings by the techniques that they show, each technique's strongest first.
fn findings(report: &Report) -> BTreeMap<&str, Vec<Found<'_>>> {
    let connectors = report
        .connectors
        .iter()
        .flat_map(|c| c.indicators.iter().map(move |i| (format!("connector {}", c.name), i)));
    let accounts = report
        .accounts
        .iter()
        .flat_map(|a| a.indicators.iter().map(move |i| (format!("account {}", a.id), i)));
    let tenant = report.tenant.indicators.iter().map(|i| ("tenant".to_string(), i));
    let mut found: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
    for (about, indicator) in connectors.chain(accounts).chain(tenant) {
        if indicator.state != State::Supported {
            continue;
        }
        for id in indicator.techniques.iter().filter(|id| is_technique(id)) {
            found.entry(id).or_default().push(Found {
                about: about.clone(),
                indicator,
            });
        }
    }
    for findings in found.values_mut() {
        findings.sort_by(|a, b| b.indicator.points.total_cmp(&a.indicator.points));
    }
    found
}

fn technique(id: &str, findings: Vec<Found<'_>>) -> Technique {
    let score = findings.first().map_or(0.0, |f| f.indicator.points.max(0.0));
    let mut lines: Vec<String> = findings
        .iter()
        .take(FINDINGS)
        .map(|found| {
            let Found { about, indicator } = found;
            format!(
                "{} ({} points), {}: {}",
                glance::words(&indicator.id),
                glance::points(indicator.points),
                clean::line(about),
                clean::line(&indicator.summary)
            )
        })
        .collect();
    if findings.len() > FINDINGS {
        lines.push(format!(
            "and {} more findings, see report.json",
            findings.len() - FINDINGS
        ));
    }
    let citations: u64 = findings
        .iter()
        .map(|f| f.indicator.citation_count)
        .fold(0, u64::saturating_add);
    Technique {
        id: id.to_string(),
        score,
        comment: lines.join("\n"),
        enabled: true,
        metadata: vec![
            Metadata {
                name: "findings",
                value: findings.len().to_string(),
            },
            Metadata {
                name: "rows of evidence",
                value: citations.to_string(),
            },
        ],
    }
}

/// Whether a text is the number of a technique (`T1098`) or a sub-technique (`T1098.003`): the Navigator passes over
/// others without a word.
fn is_technique(id: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let Some(number) = id.strip_prefix('T') else {
        return false;
    };
    match number.split_once('.') {
        Some((technique, part)) => digits(technique, 4) && digits(part, 3),
        None => digits(number, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("T1098", true)]
    #[test_case("T1098.003", true)]
    #[test_case("T109", false)]
    #[test_case("T1098.03", false)]
    #[test_case("T1098.003.1", false)]
    #[test_case("TA0001", false; "a tactic")]
    #[test_case("", false; "nothing")]
    #[test_case("T１０９８", false; "digits of another script")]
    fn numbers_of_techniques_are_told(id: &str, expected: bool) {
        assert_eq!(is_technique(id), expected);
    }
}
