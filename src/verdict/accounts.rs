//! Who acted, and whether the hand was the owner's.

use std::collections::BTreeMap;

use super::weigh::round;
use super::{AccountJudgement, ConnectorJudgement, Verdict};
use crate::indicators::{Case, State, compromised_admin};
use crate::records::Origin;
use crate::timeline::{Action, ActorKind, Connector, Event, Session};

/// Everyone who acted on a connector or prepared what was done to it, with what the findings say of them. The
/// preparation is often weeks older than the deed and on no connector's timeline: an application's power, given
/// in a stolen session; auditing switched off. In order of identity.
pub fn accounts(case: &Case, connectors: &[ConnectorJudgement]) -> Vec<AccountJudgement> {
    let mut stains = acted(case, connectors);
    for (actor, stain) in prepared(case, connectors) {
        let entry = stains.entry(actor).or_insert(stain);
        *entry = (*entry).min(stain);
    }
    stains
        .into_iter()
        .filter_map(|(key, stain)| judge(case, key, stain))
        .collect()
}

/// By actor: the verdict of the worst connector on which it did what nobody meant.
fn acted<'a>(case: &Case<'a>, connectors: &[ConnectorJudgement]) -> BTreeMap<&'a str, Verdict> {
    let mut stains = BTreeMap::new();
    for (connector, judged) in case.timeline.connectors.iter().zip(connectors) {
        for event in &connector.events {
            let acts = !matches!(event.action, Action::SeenInSnapshot | Action::Alerted | Action::Blocked);
            let Some(actor) = event.actor.as_deref().filter(|_| acts) else {
                continue;
            };
            // Only what nobody meant stains the hand that did it.
            let stain = if event.intended == Some(false) {
                judged.verdict
            } else {
                Verdict::NoIndication
            };
            let entry = stains.entry(actor).or_insert(stain);
            *entry = (*entry).min(stain);
        }
    }
    stains
}

/// The actors of the tenant's events that a reason or the session behind an unintended act cites, each with the
/// verdict of the worst connector that is so explained; no stain where the actor's own session was not anomalous.
fn prepared<'a>(case: &Case<'a>, connectors: &[ConnectorJudgement]) -> Vec<(&'a str, Verdict)> {
    let mut cited: BTreeMap<Origin, Verdict> = BTreeMap::new();
    for (connector, judged) in case.timeline.connectors.iter().zip(connectors) {
        for origin in behind(connector, judged) {
            let entry = cited.entry(origin).or_insert(judged.verdict);
            *entry = (*entry).min(judged.verdict);
        }
    }
    let verdict = |event: &Event| event.cites.iter().filter_map(|c| cited.get(&c.origin)).min().copied();
    case.timeline
        .tenant
        .iter()
        .filter_map(|event| {
            let (actor, verdict) = (event.actor.as_deref()?, verdict(event)?);
            let strange = event.session.as_ref().is_some_and(Session::is_anomalous);
            Some((actor, if strange { verdict } else { Verdict::NoIndication }))
        })
        .collect()
}

/// The rows behind what counts against a connector and behind the sessions of those who changed it unasked.
fn behind<'a>(connector: &'a Connector, judged: &'a ConnectorJudgement) -> impl Iterator<Item = Origin> {
    let reasons = judged
        .findings
        .iter()
        .filter(|f| f.state == State::Supported && f.points > 0.0)
        .flat_map(|f| &f.cites);
    let sessions = connector
        .events
        .iter()
        .filter(|e| e.intended == Some(false))
        .filter_map(|e| e.session.as_ref())
        .flat_map(|s| &s.cites);
    reasons.chain(sessions).map(|c| c.origin)
}

fn judge(case: &Case, key: &str, stain: Verdict) -> Option<AccountJudgement> {
    let actor = case.timeline.actors.get(key)?;
    if actor.kind == ActorKind::Service {
        return None;
    }
    let finding = compromised_admin::for_account(case, key);
    let points = case.points();
    let deeds = match stain {
        Verdict::LikelyCompromised => points.deed_likely,
        Verdict::Suspicious => points.deed_suspicious,
        Verdict::NotAssessable | Verdict::NoIndication => 0.0,
    };
    let score = round(points.prior + finding.points + deeds);
    let verdict = match finding.state {
        State::Supported if score >= points.likely => Verdict::LikelyCompromised,
        _ if score >= points.suspicious => Verdict::Suspicious,
        State::Contradicted => Verdict::NoIndication,
        State::Supported => Verdict::Suspicious,
        State::NotAssessable => Verdict::NotAssessable,
    };
    Some(AccountJudgement {
        key: key.to_owned(),
        id: actor.id.clone(),
        kind: actor.kind,
        verdict,
        score,
        findings: vec![finding],
    })
}

#[cfg(test)]
mod tests;
