//! What a correct analysis of a scenario says: the label of a labelled case.

use serde_json::{Map, Value, json};

use super::time::{self, Millis};

/// The verdicts of the report contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    LikelyCompromised,
    Suspicious,
    NoIndication,
    NotAssessable,
}

impl Verdict {
    /// The spelling in report.json.
    pub fn name(self) -> &'static str {
        match self {
            Self::LikelyCompromised => "likely_compromised",
            Self::Suspicious => "suspicious",
            Self::NoIndication => "no_indication",
            Self::NotAssessable => "not_assessable",
        }
    }
}

/// What may be said about one connector.
#[derive(Clone, Debug)]
pub struct ConnectorExpectation {
    pub name: String,
    /// Any of these is right.
    pub verdicts: Vec<Verdict>,
    /// Only the indicators whose state is certain, each with the states that are right.
    pub indicators: Vec<(&'static str, Vec<&'static str>)>,
}

/// The label of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    pub connectors: Vec<ConnectorExpectation>,
    /// Accounts or applications that were in the wrong hands.
    pub compromised_accounts: Vec<String>,
    /// First and last moment of the attack.
    pub attack: Option<(Millis, Millis)>,
    /// NetworkMessageIds of the mail that the attacker sent, sorted when written.
    pub hostile_messages: Vec<String>,
}

impl Expectation {
    /// States what may be said about `name`; a later statement about the same connector replaces the earlier one.
    pub fn connector(&mut self, name: &str, verdicts: &[Verdict], indicators: &[(&'static str, &[&'static str])]) {
        self.connectors.retain(|known| known.name != name);
        self.connectors.push(ConnectorExpectation {
            name: name.to_owned(),
            verdicts: verdicts.to_vec(),
            indicators: indicators.iter().map(|(id, states)| (*id, states.to_vec())).collect(),
        });
    }

    /// Whether anything was said about the connector.
    pub fn knows(&self, name: &str) -> bool {
        self.connectors.iter().any(|known| known.name == name)
    }

    /// Widens all connectors to the verdicts that evidence with holes in it leaves open, and forgets the states of
    /// `indicators` that can't be known any more.
    pub fn widen(&mut self, verdicts: &[Verdict], indicators: &[&str]) {
        for connector in &mut self.connectors {
            for verdict in verdicts {
                if !connector.verdicts.contains(verdict) {
                    connector.verdicts.push(*verdict);
                }
            }
            connector.indicators.retain(|(id, _)| !indicators.contains(id));
        }
    }

    /// Replaces the verdicts of all connectors.
    pub fn all(&mut self, verdicts: &[Verdict]) {
        for connector in &mut self.connectors {
            connector.verdicts = verdicts.to_vec();
        }
    }

    /// Notes that the attack was going on from `from` to `to`.
    pub fn attack_lasted(&mut self, from: Millis, to: Millis) {
        let (first, last) = self.attack.unwrap_or((from, to));
        self.attack = Some((first.min(from), last.max(to)));
    }

    /// The content of expected.json.
    pub fn json(&self, scenario: &str, kind: &str, summary: &str, seed: u64) -> Value {
        let mut hostile = self.hostile_messages.clone();
        hostile.sort();
        hostile.dedup();
        let connectors: Vec<Value> = self
            .connectors
            .iter()
            .map(|connector| {
                let verdicts: Vec<_> = connector.verdicts.iter().map(|verdict| verdict.name()).collect();
                let indicators: Map<_, _> = connector
                    .indicators
                    .iter()
                    .map(|(id, states)| ((*id).to_owned(), json!(states)))
                    .collect();
                json!({"name": connector.name, "verdicts": verdicts, "indicators": indicators})
            })
            .collect();
        json!({
            "scenario": scenario,
            "kind": kind,
            "summary": summary,
            "seed": seed,
            "attack": self.attack.map(|(from, to)| json!({"from": time::iso(from), "to": time::iso(to)})),
            "compromised_accounts": self.compromised_accounts,
            "connectors": connectors,
            "hostile_messages": hostile,
        })
    }
}
