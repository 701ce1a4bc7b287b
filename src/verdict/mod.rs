//! The sixth room: what the findings add up to.
//!
//! Points per connector and account, the range that missing evidence leaves, the reasons in sentences, and the
//! steps that put it right.

pub mod accounts;
pub mod chain;
pub mod quote;
pub mod response;
mod revert;
pub mod sequence;
pub mod story;
mod undo;
pub mod weigh;

use serde::{Deserialize, Serialize};

use crate::indicators::{self, Case, Finding};
use crate::timeline::ActorKind;

pub use response::Step;
pub use sequence::Sequence;
pub use story::Since;
pub use weigh::Weighing;

/// What the evidence says of a connector or account, from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    LikelyCompromised,
    Suspicious,
    NotAssessable,
    NoIndication,
}

impl Verdict {
    /// The word as it stands in report.json and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::LikelyCompromised => "likely_compromised",
            Verdict::Suspicious => "suspicious",
            Verdict::NotAssessable => "not_assessable",
            Verdict::NoIndication => "no_indication",
        }
    }
}

/// The judgement on one connector, in the order of [`crate::timeline::Timeline::connectors`].
#[derive(Debug, Clone)]
pub struct ConnectorJudgement {
    pub verdict: Verdict,
    pub weighing: Weighing,
    pub since: Option<Since>,
    /// The verdict in sentences, strongest first.
    pub reasons: Vec<String>,
    /// In the order of the contract.
    pub findings: Vec<Finding>,
}

/// The judgement on someone who acted.
#[derive(Debug, Clone)]
pub struct AccountJudgement {
    /// Key into [`crate::timeline::Timeline::actors`].
    pub key: String,
    /// As the log writes it.
    pub id: String,
    pub kind: ActorKind,
    pub verdict: Verdict,
    pub score: f64,
    pub findings: Vec<Finding>,
}

/// Everything the findings add up to.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The worst of all connectors; not assessable where there is none.
    pub verdict: Verdict,
    pub headline: String,
    pub connectors: Vec<ConnectorJudgement>,
    pub accounts: Vec<AccountJudgement>,
    /// What belongs to no single connector; it counts towards no score.
    pub tenant: Vec<Finding>,
    pub response: Vec<Step>,
}

/// Judges a case from the findings of every connector, given in the timeline's order.
pub fn judge(case: &Case, findings: Vec<Vec<Finding>>) -> Judgement {
    let connectors: Vec<ConnectorJudgement> = case
        .timeline
        .connectors
        .iter()
        .zip(findings)
        .map(|(connector, findings)| {
            let weighing = weigh::weigh(case, connector, &findings);
            let verdict = weigh::verdict(case, connector, &findings, &weighing);
            let since = story::since(case, connector, verdict, &findings);
            let reasons = story::reasons(case, verdict, &weighing, &findings);
            ConnectorJudgement {
                verdict,
                weighing,
                since,
                reasons,
                findings,
            }
        })
        .collect();
    let verdict = connectors
        .iter()
        .map(|c| c.verdict)
        .min()
        .unwrap_or(Verdict::NotAssessable);
    let accounts = accounts::accounts(case, &connectors);
    let headline = story::headline(case, &connectors, verdict);
    let response = response::steps(case, &connectors, &accounts);
    Judgement {
        verdict,
        headline,
        connectors,
        accounts,
        tenant: indicators::of_tenant(case),
        response,
    }
}
