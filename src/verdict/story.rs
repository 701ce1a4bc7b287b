//! The verdict in sentences.

use super::{ConnectorJudgement, Verdict, Weighing};
use crate::digest::coverage::{Completeness, families};
use crate::indicators::{Case, Finding, State};
use crate::timeline::{Action, Connector, Event};

/// How many sentences are enough.
const REASONS: usize = 8;

/// The verdict's reasons, strongest first.
pub fn reasons(case: &Case, verdict: Verdict, weighing: &Weighing, findings: &[Finding]) -> Vec<String> {
    let mut supported: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.state == State::Supported && f.points > 0.0)
        .collect();
    supported.sort_by(|a, b| b.points.total_cmp(&a.points));
    let mut against: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.state == State::Contradicted && f.points < 0.0)
        .collect();
    against.sort_by(|a, b| a.points.total_cmp(&b.points));
    let missing: Vec<&Finding> = findings.iter().filter(|f| f.state == State::NotAssessable).collect();

    let mut list: Vec<String> = Vec::new();
    match verdict {
        Verdict::LikelyCompromised | Verdict::Suspicious => {
            list.extend(adjusted(weighing, |points| points > 0.0));
            list.extend(supported.iter().take(REASONS).map(|f| f.summary.clone()));
            if verdict == Verdict::Suspicious {
                list.extend(against.iter().take(2).map(|f| format!("Against it: {}", f.summary)));
            }
        }
        Verdict::NoIndication => {
            list.extend(against.iter().take(REASONS).map(|f| f.summary.clone()));
            list.extend(
                supported
                    .iter()
                    .take(2)
                    .map(|f| format!("Seen, but too little by itself: {}", f.summary)),
            );
        }
        Verdict::NotAssessable => {
            list.extend(supported.iter().take(3).map(|f| format!("Seen: {}", f.summary)));
            list.extend(
                families(case.coverage)
                    .filter(|(_, c)| c.state != Completeness::Complete)
                    .map(|(family, c)| format!("{} {}: {}.", subject(family.as_str()), word(c.state), c.why)),
            );
            if list.is_empty() && !missing.is_empty() {
                let ids: Vec<&str> = missing.iter().map(|f| f.id).collect();
                list.push(format!("The evidence cannot answer: {}.", ids.join(", ")));
            }
        }
    }
    let told = verdict <= Verdict::Suspicious;
    list.extend(adjusted(weighing, |points| points <= 0.0 || !told));
    if !missing.is_empty() && weighing.high > weighing.score {
        list.push(format!(
            "{} of {} indicators could not be assessed; with their evidence the score of {:.1} could lie between {:.1} and {:.1}.",
            missing.len(),
            findings.len(),
            weighing.score,
            weighing.low,
            weighing.high
        ));
    }
    list
}

/// The sentences of what was adjusted, by its points.
fn adjusted(weighing: &Weighing, wanted: impl Fn(f64) -> bool) -> impl Iterator<Item = String> {
    let those = weighing.adjustments.iter().filter(move |a| wanted(a.points));
    those.map(|a| a.summary.clone())
}

/// A family at the start of a sentence, with its verb.
fn subject(family: &str) -> String {
    let verb = if family.ends_with('s') { "are" } else { "is" };
    format!("The {} {verb}", family.replace('_', " "))
}

fn word(state: Completeness) -> &'static str {
    match state {
        Completeness::Missing => "missing",
        Completeness::Partial => "partial",
        Completeness::Complete => "complete",
    }
}

/// Since when something is wrong with a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Since this event, by its place in [`Connector::events`].
    Event(usize),
    /// No act on it is to blame: since the window of this finding opens, by its place in the judgement's findings.
    Finding(usize),
}

/// The first act on a connector that nobody meant. On one that stands at suspicious or worse, where there is none:
/// its first undecided act, unless what speaks against it began before; else where that began. Only acts that
/// took effect in the time looked at count. `None` where the verdict clears the connector or nothing speaks against it.
pub fn since(case: &Case, connector: &Connector, verdict: Verdict, findings: &[Finding]) -> Option<Since> {
    if verdict == Verdict::NoIndication {
        return None;
    }
    let acts = || {
        let acts = connector.events.iter().enumerate();
        acts.filter(|(_, e)| is_act(e) && case.window.contains(e.time))
    };
    if let Some((index, _)) = acts().find(|(_, e)| e.intended == Some(false)) {
        return Some(Since::Event(index));
    }
    let first_sign = findings
        .iter()
        .enumerate()
        .filter(|(_, f)| f.state == State::Supported && f.points > 0.0)
        .filter_map(|(index, f)| Some((f.window?.0, index)))
        .min();
    let is_bad = verdict <= Verdict::Suspicious;
    let undecided = acts().find(|(_, e)| is_bad && e.intended.is_none());
    match (undecided, first_sign) {
        (Some((index, act)), Some((from, _))) if act.time.0 <= from.0.saturating_add(case.thresholds().cause_slack) => {
            Some(Since::Event(index))
        }
        (_, Some((_, finding))) => Some(Since::Finding(finding)),
        (Some((index, _)), None) => Some(Since::Event(index)),
        (None, None) => None,
    }
}

fn is_act(event: &Event) -> bool {
    event.succeeded
        && !event.no_op
        && matches!(
            event.action,
            Action::Created | Action::Changed | Action::Enabled | Action::Disabled | Action::Removed
        )
}

/// One sentence for the whole case.
pub fn headline(case: &Case, judged: &[ConnectorJudgement], verdict: Verdict) -> String {
    let of = |v: Verdict| {
        case.timeline
            .connectors
            .iter()
            .zip(judged)
            .filter(move |(_, j)| j.verdict == v)
            .collect::<Vec<_>>()
    };
    let count = judged.len();
    match verdict {
        Verdict::LikelyCompromised | Verdict::Suspicious => {
            let mut worst = of(verdict);
            worst.sort_by(|a, b| b.1.weighing.score.total_cmp(&a.1.weighing.score));
            let Some((connector, judged)) = worst.first() else {
                return String::new();
            };
            let what = if verdict == Verdict::LikelyCompromised {
                "was likely compromised"
            } else {
                "looks suspicious"
            };
            let more = match worst.len() - 1 {
                0 => String::new(),
                1 => ", and one more connector with it".to_owned(),
                n => format!(", and {n} more connectors with it"),
            };
            format!(
                "The inbound connector \"{}\" {what}{}{more}.",
                connector.name,
                since_when(case, connector, judged)
            )
        }
        Verdict::NoIndication => match count {
            1 => "The evidence is complete enough and shows no sign that the inbound connector was compromised."
                .to_owned(),
            _ => format!(
                "The evidence is complete enough and shows no sign that any of the {count} inbound connectors was compromised."
            ),
        },
        Verdict::NotAssessable if count == 0 => {
            "The evidence names no inbound connector; there is nothing to judge.".to_owned()
        }
        Verdict::NotAssessable => {
            let open = of(Verdict::NotAssessable).len();
            format!(
                "The evidence does not suffice to clear {open} of {count} inbound connectors, and shows no strong sign of compromise."
            )
        }
    }
}

fn since_when(case: &Case, connector: &Connector, judged: &ConnectorJudgement) -> String {
    let event = match judged.since {
        None => return String::new(),
        Some(Since::Finding(index)) => {
            let window = judged.findings.get(index).and_then(|f| f.window);
            return window.map_or_else(String::new, |(from, _)| format!(": the first sign of it is of {from}"));
        }
        Some(Since::Event(index)) => connector.events.get(index),
    };
    let Some(event) = event else {
        return String::new();
    };
    let deed = match event.action {
        Action::Created => "created",
        Action::Removed => "removed",
        Action::Enabled => "switched on",
        Action::Disabled => "switched off",
        _ => "changed",
    };
    let who = event
        .actor
        .as_deref()
        .and_then(|key| case.timeline.actors.get(key))
        .map(|actor| format!(" by {}", actor.id))
        .unwrap_or_default();
    let whence = event.client_ip.map(|ip| format!(" from {ip}")).unwrap_or_default();
    format!(": it was {deed} at {}{who}{whence}", event.time)
}

#[cfg(test)]
mod tests;
