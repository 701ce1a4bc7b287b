//! The fifth room: sixteen questions, each in a file of its own.
//!
//! An indicator looks at one connector in the light of the whole case and answers in one of three states:
//! supported, contradicted (the evidence was there, complete enough, and did not show it) or not assessable.

pub(crate) mod acts;
pub mod audit_tampering;
pub mod compromised_admin;
pub mod conduct;
pub mod connector_alert;
pub mod connector_blocked;
mod documented;
pub mod explanation;
#[cfg(test)]
pub(crate) mod fixture;
mod holes;
mod index;
pub mod mail;
pub mod preparations;
pub mod reach;
pub mod self_unblock;
pub mod sender_mismatch;
pub mod short_lived_connector;
pub mod source_ip_mismatch;
pub mod spam_delivery;
pub mod statistics;
pub mod traffic;
pub mod transport_rule_tampering;
pub mod unauthorized_change;
pub mod unexpected_connector;
pub mod unfamiliar_recipients;
pub mod unprovisioned_domain;
pub(crate) mod usage;
pub mod volume_dip;
pub mod volume_spike;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::digest::coverage::Coverage;
use crate::records::Time;
use crate::settings::tuning::weights::WEIGHTS;
use crate::settings::tuning::{Points, Thresholds, Weight};
use crate::settings::{Organization, Window};
use crate::timeline::{Cite, Connector, Timeline};

pub use index::{Index, deeds};

use self::mail::Mail;

/// The three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Supported,
    Contradicted,
    NotAssessable,
}

/// All that an indicator may look at.
pub struct Case<'a> {
    pub organization: &'a Organization,
    pub window: Window,
    pub digest: &'a Digest,
    pub coverage: &'a Coverage,
    pub timeline: &'a Timeline,
    /// The traffic, counted.
    pub mail: &'a Mail,
    /// Empty at first.
    pub index: Index,
}

impl Case<'_> {
    /// How an indicator weighs in this run.
    pub fn weight(&self, id: &str) -> &Weight {
        self.organization.tuning.weight(id)
    }

    /// What the verdict reckons with in this run.
    pub fn points(&self) -> &Points {
        &self.organization.tuning.points
    }

    /// The thresholds of this run.
    pub fn thresholds(&self) -> &Thresholds {
        &self.organization.tuning.thresholds
    }
}

/// The version of the ATT&CK matrix that the techniques are numbered by.
pub const ATTACK_VERSION: &str = "18";

/// A question put to every connector. Its file's doc comment is its documentation.
pub trait Indicator: Sync {
    /// Name in report.json.
    fn id(&self) -> &'static str;
    /// The question in one sentence.
    fn question(&self) -> &'static str;
    /// What it means, what it needs, how it is reckoned: what `relaytrail explain` prints.
    fn explanation(&self) -> &'static str;
    /// ATT&CK techniques (of [`ATTACK_VERSION`]) that a supported finding points to.
    fn techniques(&self) -> &'static [&'static str] {
        &[]
    }
    /// Those that a finding names beside or instead of them, each with the case in which it does.
    fn further_techniques(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// The answer for one connector.
    fn assess(&self, case: &Case, connector: &Connector) -> Finding;
}

/// All indicators, in the order of the contract, which is that of the table of weights.
pub fn registry() -> Vec<&'static dyn Indicator> {
    let mut all: Vec<&'static dyn Indicator> = conduct::registry_conduct().into();
    all.extend(traffic::registry_traffic());
    all.sort_by_key(|i| WEIGHTS.iter().position(|w| w.id == i.id()));
    all
}

/// What was found in the tenant and belongs to no single connector, in the order of the contract. It counts towards
/// no score.
pub fn of_tenant(case: &Case) -> Vec<Finding> {
    [
        connector_alert::for_tenant(case),
        transport_rule_tampering::for_tenant(case),
        audit_tampering::for_tenant(case),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// An indicator's answer.
#[derive(Debug, Clone)]
pub struct Finding {
    pub id: &'static str,
    pub state: State,
    /// Log-odds points; 0 where not assessable.
    pub points: f64,
    /// One sentence with the figures in it.
    pub summary: String,
    pub facts: Map<String, Value>,
    /// For not assessable: what to collect.
    pub needs: Vec<String>,
    pub window: Option<(Time, Time)>,
    pub techniques: &'static [&'static str],
    /// How many rows are behind it.
    pub cite_count: u64,
    /// At most 20: the first, the last, the rest spread evenly.
    pub cites: Vec<Cite>,
}

/// How many rows a finding lists at most.
pub const LISTED: usize = 20;

/// Picks what to list of the rows behind a statement: all up to [`LISTED`], else the first, the last and the
/// rest spread evenly, in order of time, path and record. Each row stands once.
pub fn spread(cites: Vec<Cite>) -> Vec<Cite> {
    listed(rows(cites))
}

/// Each row once, in order of time, path and record: a row with many recipients is one.
fn rows(mut cites: Vec<Cite>) -> Vec<Cite> {
    cites.sort_unstable_by(|a, b| (a.origin, a.time, &b.id).cmp(&(b.origin, b.time, &a.id)));
    cites.dedup_by_key(|c| c.origin);
    cites.sort();
    cites
}

/// Each row once, where it comes first: what decides may stand before what only happened earlier.
pub fn each_once(mut cites: Vec<Cite>) -> Vec<Cite> {
    let mut seen = BTreeSet::new();
    cites.retain(|c| seen.insert(c.origin));
    cites
}

fn listed(cites: Vec<Cite>) -> Vec<Cite> {
    if cites.len() <= LISTED {
        return cites;
    }
    let last = cites.len() - 1;
    (0..LISTED).map(|i| cites[i * last / (LISTED - 1)].clone()).collect()
}

impl Finding {
    /// Shown by the evidence, with the rows that show it.
    pub fn supported(indicator: &dyn Indicator, points: f64, summary: String, cites: Vec<Cite>) -> Self {
        let cites = rows(cites);
        Finding {
            id: indicator.id(),
            state: State::Supported,
            points,
            summary,
            facts: Map::new(),
            needs: Vec::new(),
            window: None,
            techniques: indicator.techniques(),
            cite_count: cites.len() as u64,
            cites: listed(cites),
        }
    }

    /// Not shown, although the evidence was there and complete enough.
    pub fn contradicted(indicator: &dyn Indicator, points: f64, summary: String) -> Self {
        Finding {
            state: State::Contradicted,
            techniques: &[],
            ..Self::supported(indicator, points, summary, Vec::new())
        }
    }

    /// The evidence cannot tell; `needs` says what to collect.
    pub fn not_assessable(indicator: &dyn Indicator, summary: String, needs: Vec<String>) -> Self {
        Finding {
            state: State::NotAssessable,
            needs,
            techniques: &[],
            ..Self::supported(indicator, 0.0, summary, Vec::new())
        }
    }

    /// Adds a figure by name.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// The time the finding speaks of.
    #[must_use]
    pub fn during(mut self, from: Time, to: Time) -> Self {
        self.window = Some((from, to));
        self
    }

    /// Adds rows to cite to a finding that has none yet (a contradiction may cite what it looked at).
    #[must_use]
    pub fn citing(mut self, cites: Vec<Cite>) -> Self {
        let cites = rows(cites);
        self.cite_count = cites.len() as u64;
        self.cites = listed(cites);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::{Fixture, Sketch, act};
    use super::{State, of_tenant};
    use crate::timeline::Action;

    #[test]
    fn what_belongs_to_no_connector_is_told_of_the_tenant() {
        let mut f = Fixture::complete();
        f.connector("HQ");
        f.connector("Branch");
        assert!(of_tenant(&f.case()).is_empty());
        f.tenant(act("10T02:00", Action::Related, "x@y.example", Some(false)).typed(
            "Set-AdminAuditLogConfig",
            &[("UnifiedAuditLogIngestionEnabled", "False")],
        ));
        let rule = [("RemoveHeader", "Received")];
        f.tenant(act("20T02:00", Action::Related, "x@y.example", Some(false)).typed("New-TransportRule", &rule));
        let found = of_tenant(&f.case());
        let ids: Vec<_> = found.iter().map(|f| (f.id, f.state, f.points)).collect();
        let expected = ["transport_rule_tampering", "audit_tampering"].map(|id| (id, State::Supported, 0.0));
        assert_eq!(ids, expected);
    }

    #[test]
    fn what_belongs_to_a_connector_is_not_told_of_the_tenant_again() {
        let mut f = Fixture::complete();
        f.event(
            "HQ",
            act("10T03:00", Action::Changed, "x@y.example", Some(false)).with("Enabled", "False", "True"),
        );
        f.tenant(act("10T02:00", Action::Related, "x@y.example", Some(false)).typed(
            "Set-AdminAuditLogConfig",
            &[("UnifiedAuditLogIngestionEnabled", "False")],
        ));
        assert!(of_tenant(&f.case()).is_empty());
    }
}
