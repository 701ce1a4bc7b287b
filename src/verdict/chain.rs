//! Order matters: what came in the order of an attack is stronger than its parts.
//!
//! Someone not meant to, or in a session that is not quite the owner's, opened a connector; within days a host that it
//! had never carried mail of began to send; some of that mail was judged unwanted. Each step alone has harmless
//! explanations. In this order, and with a host that is nowhere to be seen before the change, they have hardly any.

use std::collections::BTreeMap;

use crate::indicators::{Case, Finding, State, acts, each_once, usage};
use crate::records::Time;
use crate::timeline::{Action, Cite, Connector, Event, Session};

/// A chain of events on one connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The act that opened it.
    pub opened: Time,
    /// The first message of a host that had never sent before.
    pub first_mail: Time,
    /// The story in a few sentences, the change first.
    pub summary: String,
    /// The rows behind each part of it, each once: those of the change, of its session, of the mail.
    pub cites: Vec<Cite>,
}

/// What may begin a chain.
struct Opening {
    time: Time,
    /// Whole sentences.
    words: String,
    cites: Vec<Cite>,
}

/// The chain on a connector, if there is one.
pub fn find(case: &Case, connector: &Connector, findings: &[Finding]) -> Option<Chain> {
    let index = usage::place(case, connector)?;
    let hosts = case.mail.connectors.get(index)?.hosts.as_ref()?;
    let mut first: BTreeMap<u32, Time> = BTreeMap::new();
    for seen in case
        .mail
        .of(index)
        .iter()
        .filter(|s| hosts.foreign.contains(&s.fact.source))
    {
        first.entry(seen.fact.source).or_insert(seen.fact.time());
    }
    openings(case, connector, findings).into_iter().find_map(|opening| {
        let follows = |t: Time| t >= opening.time && t.0 - opening.time.0 <= case.thresholds().chain;
        let new = |source: u32| first.get(&source).is_some_and(|t| follows(*t));
        let mail = || case.mail.of(index).iter().filter(|s| new(s.fact.source));
        let first = mail().next()?.fact;
        let first_mail = first.time();
        let messages = usage::messages(&mail().map(|s| &s.fact).collect::<Vec<_>>());
        if (messages as u64) < case.thresholds().chain_least {
            return None;
        }
        let spam = mail().find(|s| s.fact.is_spam()).map(|s| s.fact);
        let unwanted = spam.map_or(String::new(), |f| {
            format!("; the first of them judged unwanted is of {}", f.time())
        });
        let mut cites = opening.cites;
        cites.extend(usage::cites(&std::iter::once(&first).chain(&spam).collect::<Vec<_>>()));
        Some(Chain {
            opened: opening.time,
            first_mail,
            summary: format!(
                "In the order of an attack: {} From {first_mail} on came {} of hosts that had never sent through {} \
                 before{unwanted}.",
                opening.words,
                acts::count(messages, "message"),
                connector.name
            ),
            cites: each_once(cites),
        })
    })
}

/// Acts that opened the connector and were not meant, or came from a session that is not quite the owner's; and a change that
/// was made while nobody recorded it. In order of time.
fn openings(case: &Case, connector: &Connector, findings: &[Finding]) -> Vec<Opening> {
    let is_doubtful = |e: &&Event| {
        let is_odd = |s: &Session| s.is_odd() || s.is_anomalous();
        acts::is_unintended(e) || (acts::is_unvouched(e) && e.session.as_ref().is_some_and(is_odd))
    };
    let opens = |e: &&Event| matches!(e.action, Action::Created | Action::Changed | Action::Enabled);
    let events = acts::acts(case, connector);
    let mut found: Vec<Opening> = events
        .iter()
        .copied()
        .filter(is_doubtful)
        .filter(opens)
        .map(|e| Opening {
            time: e.time,
            words: format!("{} at {}.{}", deed(case, e), e.time, signed_in(e)),
            cites: e
                .cites
                .iter()
                .chain(e.session.iter().flat_map(|s| &s.cites))
                .cloned()
                .collect(),
        })
        .collect();
    let hidden = findings
        .iter()
        .filter(|f| f.id == "audit_tampering" && f.state == State::Supported);
    found.extend(hidden.filter_map(|f| {
        Some(Opening {
            time: f.window?.0,
            words: f.summary.clone(),
            cites: f.cites.clone(),
        })
    }));
    found.sort_by_key(|o| o.time);
    found
}

fn deed(case: &Case, event: &Event) -> String {
    let what = match event.action {
        Action::Created => "created it",
        Action::Enabled => "switched it on",
        _ => "changed it",
    };
    format!("{} {what}", acts::name(case, event))
}

/// What is odd about the session, as a sentence behind another.
fn signed_in(event: &Event) -> String {
    let anomaly = event.session.as_ref().and_then(|s| s.anomalies.first());
    anomaly.map_or(String::new(), |a| format!(" The session: {a}."))
}

#[cfg(test)]
mod tests;
