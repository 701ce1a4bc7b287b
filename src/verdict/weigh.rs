//! Points, groups and bands.
//!
//! Findings are weights of evidence (natural-log likelihood ratios) that add up. Those of one group tend to come
//! together, so that only the strongest counts whole and each other a quarter. A compromise takes one of three
//! shapes: the configuration was turned against its owner; it was, and a host that was never seen before sends; or the
//! host behind an untouched connector was. Ordinary mail beside that of a new host says nothing against the second, clean
//! records of the configuration nothing against the third, so each shape is weighed by itself and the highest score
//! stands.

mod parts;

use std::collections::{BTreeMap, BTreeSet};

use super::{Sequence, Verdict, chain};
use crate::digest::coverage::Completeness;
use crate::indicators::{Case, Finding, State, acts, reach};
use crate::records::ConnectorType;
use crate::settings::tuning::weights::{self, Group};
use crate::timeline::{Action, Cite, Connector};

pub use parts::{Part, parts};

/// Id of the adjustment for a chain of events.
const ORDER_OF_EVENTS: &str = "order_of_events";

/// What the findings on one connector add up to, in log-odds points.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighing {
    pub score: f64,
    /// If everything missing spoke against a compromise.
    pub low: f64,
    /// If everything missing spoke for it.
    pub high: f64,
    /// What vouches for the configuration, and the order of events against it.
    pub adjustments: Vec<Adjustment>,
    /// What happened around a change that nobody meant, in its order.
    pub sequence: Option<Sequence>,
}

/// Points that belong to no indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustment {
    pub id: &'static str,
    pub points: f64,
    pub summary: String,
    /// The rows behind it.
    pub cites: Vec<Cite>,
}

/// Which shape of compromise a score is for.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// The connector's configuration was made or changed to relay.
    Configuration,
    /// It was opened to a new host, and mail of that host followed: what the connector carries besides is as it always
    /// was, and a small fraud shows in none of its figures.
    LetIn,
    /// A host behind an untouched connector sends.
    Host,
}

impl Shape {
    fn counts(self, group: Group, points: f64) -> bool {
        match self {
            Shape::Configuration => true,
            Shape::LetIn => points > 0.0 || !is_traffic(group),
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
    let is_partner = connector.kind == Some(ConnectorType::Partner);
    let chain = chain::find(case, connector, findings).filter(|_| !is_partner);
    let has_chain = chain.is_some();
    adjustments.extend(chain.map(|chain| Adjustment {
        id: ORDER_OF_EVENTS,
        points: case.points().order_of_events,
        summary: chain.summary,
        cites: chain.cites,
    }));
    let extra: f64 = adjustments.iter().map(|a| a.points).sum();
    let total = |missing| {
        let sum =
            |shape| case.points().prior + groups(case, findings, shape, missing, is_partner).values().sum::<f64>();
        let configured = sum(Shape::Configuration) + extra;
        let let_in = if has_chain {
            sum(Shape::LetIn) + extra
        } else {
            f64::NEG_INFINITY
        };
        // What vouches for the configuration says nothing of the host behind it.
        let score = configured.max(let_in).max(sum(Shape::Host));
        round(score.max(floor(case, findings, missing, has_chain, is_partner)))
    };
    let score = total(Missing::Nothing);
    Weighing {
        score,
        low: total(Missing::Benign).min(score),
        high: total(Missing::Hostile).max(score),
        adjustments,
        sequence: Sequence::of(case, connector),
    }
}

/// Two decimals: finer figures would claim more than the weights know.
pub(super) fn round(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

/// The least score that some findings leave whatever else was found or is missing.
fn floor(case: &Case, findings: &[Finding], missing: Missing, has_chain: bool, is_partner: bool) -> f64 {
    // What was done and nothing decides may have been hostile; what nobody did may not.
    let may_be = |f: &Finding| missing == Missing::Hostile && f.state == State::NotAssessable;
    let done = |f: &Finding| may_be(f) && f.cite_count > 0;
    let any = |id: &str, test: &dyn Fn(&Finding) -> bool| findings.iter().any(|f| f.id == id && test(f));
    let full = |f: &Finding| f.state == State::Supported && f.points >= case.weight(f.id).supported;
    let shows = |f: &Finding| f.state == State::Supported;
    let denied = |f: &Finding| f.state == State::Contradicted;

    let acts = ["unexpected_connector", "unauthorized_change"];
    // Someone not meant to made or opened it. That stays suspicious however clean its mail is so far, because what is
    // prepared today is used tomorrow.
    if acts.iter().any(|id| any(id, &|f| full(f) || done(f))) {
        // Configuration, hand and host together leave nothing to chance, however little the filters made of it.
        let hand = any("compromised_admin", &full) || (has_chain && any("compromised_admin", &shows));
        let meant_ill = acts.iter().any(|id| any(id, &full));
        let stolen = meant_ill && hand && any("source_ip_mismatch", &full);
        return if stolen {
            case.points().likely
        } else {
            case.points().suspicious
        };
    }
    // What an odd session did is not undone by clean mail, either.
    if acts.iter().any(|id| any(id, &shows)) && any("compromised_admin", &shows) {
        return case.points().suspicious;
    }
    // Where no trace gainsays Microsoft's own detection, it stands.
    let microsoft = ["connector_blocked", "connector_alert"].iter().any(|id| any(id, &full));
    let traffic = ["sender_mismatch", "source_ip_mismatch", "spam_delivery"];
    if microsoft && traffic.iter().all(|id| any(id, &shows) || !any(id, &denied)) {
        return case.points().suspicious;
    }
    if is_partner {
        return f64::NEG_INFINITY;
    }
    let all_full = |ids: &[&str]| ids.iter().all(|id| any(id, &full));
    // Much of it unwanted, and at the same time more of it, in other names or to strangers: no change of business
    // does both, whoever the host belongs to.
    let changed = ["volume_spike", "sender_mismatch", "unfamiliar_recipients"];
    if any("spam_delivery", &full) && changed.iter().any(|id| any(id, &shows)) {
        return case.points().suspicious;
    }
    // Mail in names that the envelope does not vouch for, and more of it than ever, to strangers or from hosts that are
    // not the organisation's: that the filters found little in it clears nobody, for a server in other hands looks just so.
    let beside = ["volume_spike", "unfamiliar_recipients", "source_ip_mismatch"];
    if beside.iter().any(|id| all_full(&["sender_mismatch", id])) {
        return case.points().suspicious;
    }
    // The same of a jump in mail to strangers, unless the filters looked and found it clean.
    let jump = any("volume_spike", &full) && any("unfamiliar_recipients", &shows);
    if jump && !any("spam_delivery", &denied) {
        return case.points().suspicious;
    }
    // What only the recipients could tell is not cleared: far more strangers than its own past brings, mail in names that its
    // own past never vouched for.
    if missing == Missing::Hostile && (any("unfamiliar_recipients", &full) || any("sender_mismatch", &shows)) {
        return case.points().suspicious;
    }
    f64::NEG_INFINITY
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

fn adjustments(case: &Case, connector: &Connector, findings: &[Finding]) -> Vec<Adjustment> {
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
        list.push(Adjustment {
            id: "hybrid_wizard",
            points: case.points().hybrid_wizard,
            summary,
            cites: run.cites,
        });
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
    if !changes.is_empty()
        && changes
            .iter()
            .all(|e| acts::is_approved(case.organization, connector, e.time))
    {
        let summary = match changes.len() {
            1 => "The one change of it on record falls into an approved change.".to_owned(),
            all => format!("All {all} changes of it on record fall into an approved change."),
        };
        list.push(Adjustment {
            id: "approved_change",
            points: case.points().approved_change,
            summary,
            cites: acts::cites(&changes),
        });
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
    let in_order = weighing.adjustments.iter().any(|a| a.id == ORDER_OF_EVENTS);
    let acted = in_order
        || [Group::Vendor, Group::Configuration, Group::Identity]
            .iter()
            .any(|g| groups.contains(g));
    if weighing.score >= case.points().likely && groups.len() > 1 && acted {
        return Verdict::LikelyCompromised;
    }
    if weighing.score >= case.points().suspicious {
        return Verdict::Suspicious;
    }
    let coverage = case.coverage;
    // Where nothing says whose hosts send, an intruder may have done so all along.
    let hosts_known = connector.kind == Some(ConnectorType::Partner)
        || !findings
            .iter()
            .any(|f| f.id == "source_ip_mismatch" && f.state == State::NotAssessable);
    let assessable = hosts_known
        && coverage.audit_log.state == Completeness::Complete
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
