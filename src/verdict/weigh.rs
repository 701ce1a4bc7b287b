//! Points, groups and bands.
//!
//! Findings are weights of evidence (natural-log likelihood ratios) that add up. Those of one group tend to come
//! together, so that only the strongest counts whole and each other a quarter. A compromise takes one of two
//! shapes: the configuration was turned against its owner, or the host behind an untouched connector was. Clean
//! records of the configuration say nothing against the second, so each shape is weighed by itself and the
//! higher score stands.

mod parts;

use std::collections::{BTreeMap, BTreeSet};

use super::{Chain, Verdict};
use crate::digest::coverage::Completeness;
use crate::indicators::{Case, Finding, State, reach};
use crate::records::ConnectorType;
use crate::settings::tuning::weights::{self, Group};
use crate::timeline::{Action, Connector};

pub use parts::{Part, parts};

/// What the findings on one connector add up to, in log-odds points.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighing {
    pub score: f64,
    /// If everything missing spoke against a compromise.
    pub low: f64,
    /// If everything missing spoke for it.
    pub high: f64,
    /// Points that belong to no indicator: what vouches for the configuration, and the order of what happened. Id,
    /// points, sentence.
    pub adjustments: Vec<(&'static str, f64, String)>,
    /// The order of what happened around a change that nobody meant.
    pub chain: Option<Chain>,
}

/// Which shape of compromise a score is for.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// The connector's configuration was made or changed to relay.
    Configuration,
    /// A host behind an untouched connector sends.
    Host,
}

impl Shape {
    fn counts(self, group: Group, points: f64) -> bool {
        match self {
            Shape::Configuration => true,
            // Configuration, identity and source are as they always were: that is what this shape looks like.
            Shape::Host => match group {
                Group::Configuration | Group::Identity => false,
                Group::Source => points > 0.0,
                _ => true,
            },
        }
    }
}

/// What a missing answer is counted as.
#[derive(Clone, Copy, PartialEq)]
enum Missing {
    Nothing,
    Benign,
    Hostile,
}

/// Weighs the findings on one connector.
pub fn weigh(case: &Case, connector: &Connector, findings: &[Finding]) -> Weighing {
    let mut adjustments = adjustments(case, connector, findings);
    let chain = Chain::of(case, connector);
    if let Some((chain, points)) = chain.as_ref().map(|c| (c, c.points(case))).filter(|(_, p)| *p > 0.0) {
        adjustments.push(("chain", points, chain.sentence()));
    }
    let extra: f64 = adjustments.iter().map(|(_, points, _)| points).sum();
    let floor = floor(case, findings);
    let is_partner = connector.kind == Some(ConnectorType::Partner);
    let total = |missing| {
        let sum =
            |shape| case.points().prior + groups(case, findings, shape, missing, is_partner).values().sum::<f64>();
        // What vouches for the configuration says nothing of the host behind it.
        round((sum(Shape::Configuration) + extra).max(sum(Shape::Host)).max(floor))
    };
    let score = total(Missing::Nothing);
    Weighing {
        score,
        low: total(Missing::Benign).min(score),
        high: total(Missing::Hostile).max(score),
        adjustments,
        chain,
    }
}

/// Whether someone not meant to made or opened the connector: that stays suspicious however clean its mail is so
/// far, because what is prepared today is used tomorrow.
fn opened(case: &Case, findings: &[Finding]) -> bool {
    is_full(case, findings, "unexpected_connector") || is_full(case, findings, "unauthorized_change")
}

/// Two decimals: finer figures would claim more than the weights know.
pub(super) fn round(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

/// The least score that some findings leave whatever else was found or is missing.
fn floor(case: &Case, findings: &[Finding]) -> f64 {
    let shows = |id: &str| findings.iter().any(|f| f.id == id && f.state == State::Supported);
    let denied = |id: &str| findings.iter().any(|f| f.id == id && f.state == State::Contradicted);
    if opened(case, findings) {
        // Configuration, hand and host together leave nothing to chance, however little the filters made of it.
        let stolen = is_full(case, findings, "compromised_admin") && is_full(case, findings, "source_ip_mismatch");
        return if stolen {
            case.points().likely
        } else {
            case.points().suspicious
        };
    }
    // Where no trace gainsays Microsoft's own detection, it stands.
    let microsoft = is_full(case, findings, "connector_blocked") || is_full(case, findings, "connector_alert");
    let traffic = ["sender_mismatch", "source_ip_mismatch", "spam_delivery"];
    if microsoft && traffic.iter().all(|id| shows(id) || !denied(id)) {
        return case.points().suspicious;
    }
    f64::NEG_INFINITY
}

fn is_full(case: &Case, findings: &[Finding], id: &str) -> bool {
    let full = case.weight(id).supported;
    findings
        .iter()
        .any(|f| f.id == id && f.state == State::Supported && f.points >= full)
}

fn groups(case: &Case, findings: &[Finding], shape: Shape, missing: Missing, is_partner: bool) -> BTreeMap<Group, f64> {
    let mut points: BTreeMap<Group, Vec<f64>> = BTreeMap::new();
    for finding in findings {
        let weight = case.weight(finding.id);
        let given = match (finding.state, missing) {
            (State::NotAssessable, Missing::Nothing) => 0.0,
            // A Partner connector cannot relay to the internet: its mail says nothing, whether it is traced or not.
            (State::NotAssessable, _) if is_partner && is_traffic(weight.group) => 0.0,
            (State::NotAssessable, Missing::Benign) => weight.contradicted,
            (State::NotAssessable, Missing::Hostile) => weight.supported,
            _ => finding.points,
        };
        if shape.counts(weight.group, given) {
            points.entry(weight.group).or_default().push(given);
        }
    }
    points
        .into_iter()
        .map(|(group, list)| (group, one_group(&list, case.points().rest_of_group)))
        .collect()
}

fn is_traffic(group: Group) -> bool {
    matches!(
        group,
        Group::Volume | Group::Sender | Group::Source | Group::Content | Group::Recipients
    )
}

/// The strongest point for and, where nothing speaks for, the strongest against count whole, all else a quarter.
fn one_group(points: &[f64], rest: f64) -> f64 {
    let lead = lead(points);
    lead + rest * (points.iter().sum::<f64>() - lead)
}

/// The points of a group that count whole.
fn lead(points: &[f64]) -> f64 {
    let most = points.iter().copied().fold(0.0, f64::max);
    let least = points.iter().copied().fold(0.0, f64::min);
    if most > 0.0 { most } else { least }
}

fn adjustments(case: &Case, connector: &Connector, findings: &[Finding]) -> Vec<(&'static str, f64, String)> {
    let doubtful = findings.iter().any(|f| {
        f.state == State::Supported
            && matches!(
                weights::of(f.id).group,
                Group::Vendor | Group::Configuration | Group::Identity
            )
    });
    let mut list = Vec::new();
    if doubtful {
        return list;
    }
    if let Some(run) = crate::timeline::hybrid_wizard(case.timeline, connector, case.thresholds()) {
        let summary = format!(
            "A complete run of the hybrid configuration wizard made it ({} to {}, certificate of the accepted domain {}).",
            run.from, run.to, run.domain
        );
        list.push(("hybrid_wizard", case.points().hybrid_wizard, summary));
    }
    let changes: Vec<_> = connector
        .events
        .iter()
        .filter(|e| {
            matches!(
                e.action,
                Action::Created | Action::Changed | Action::Enabled | Action::Disabled
            ) && !e.no_op
                && e.succeeded
        })
        .collect();
    let ticketed = |time| {
        case.organization.approved_changes.iter().any(|t| {
            t.from <= time && time <= t.to && connector.names.iter().any(|n| n.eq_ignore_ascii_case(&t.connector))
        })
    };
    if !changes.is_empty() && changes.iter().all(|e| ticketed(e.time)) {
        let summary = match changes.len() {
            1 => "The one change of it on record falls into an approved change.".to_owned(),
            all => format!("All {all} changes of it on record fall into an approved change."),
        };
        list.push(("approved_change", case.points().approved_change, summary));
    }
    list
}

/// The groups in which something was found.
fn supported_groups(findings: &[Finding]) -> BTreeSet<Group> {
    findings
        .iter()
        .filter(|f| f.state == State::Supported && f.points > 0.0)
        .map(|f| weights::of(f.id).group)
        .collect()
}

/// The band a score lies in, after the guard rails.
pub fn verdict(case: &Case, connector: &Connector, findings: &[Finding], weighing: &Weighing) -> Verdict {
    let groups = supported_groups(findings);
    let acted = [Group::Vendor, Group::Configuration, Group::Identity]
        .iter()
        .any(|g| groups.contains(g));
    if weighing.score >= case.points().likely && groups.len() > 1 && acted {
        return Verdict::LikelyCompromised;
    }
    if weighing.score >= case.points().suspicious {
        return Verdict::Suspicious;
    }
    let coverage = case.coverage;
    let assessable = coverage.audit_log.state == Completeness::Complete
        && coverage.audit_scope.connectors
        && coverage.inbound_connectors.state == Completeness::Complete
        && coverage.message_trace.state == Completeness::Complete
        && reach::trace_is_long(case, connector)
        && connector.kind.is_some();
    if assessable && weighing.high < case.points().suspicious {
        Verdict::NoIndication
    } else {
        Verdict::NotAssessable
    }
}

#[cfg(test)]
mod tests;
