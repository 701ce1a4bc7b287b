//! The order of what happened: a stranger's sign-in, the change, the first mail from the new address, and what the
//! filters made of it.
//!
//! It is told with times and rows. What the order weighs by itself is said in [`super::chain`].

use std::collections::BTreeSet;

use crate::indicators::mail::{ConnectorMail, Seen};
use crate::indicators::{Case, acts, each_once};
use crate::records::Time;
use crate::timeline::{Action, Cite, Connector, Event};

/// Acts nobody meant that a sequence is looked for behind; the first of them tell the story.
const ACTS: usize = 50;

/// The part that a link plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    SignIn,
    Change,
    Mail,
    Verdict,
}

impl Stage {
    /// The word as it stands in report.json.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::SignIn => "sign_in",
            Stage::Change => "change",
            Stage::Mail => "mail",
            Stage::Verdict => "verdict",
        }
    }
}

/// One thing that happened, with the rows that show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    pub stage: Stage,
    pub time: Time,
    /// A sentence.
    pub said: String,
    pub cites: Vec<Cite>,
}

/// What happened around a change that nobody meant, in order of time; the change itself is always in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    pub links: Vec<Link>,
}

impl Sequence {
    /// The longest sequence on a connector, of several the earliest. `None` where no act on it is known not to be meant,
    /// or nothing came before or after it.
    pub fn of(case: &Case, connector: &Connector) -> Option<Sequence> {
        let index = case.timeline.connectors.iter().position(|c| std::ptr::eq(c, connector));
        let mail = index.and_then(|i| Some((case.mail.connectors.get(i)?, case.mail.of(i))));
        let opening = |e: &&Event| {
            e.succeeded
                && !e.no_op
                && e.intended == Some(false)
                && matches!(e.action, Action::Created | Action::Changed | Action::Enabled)
                && case.window.contains(e.time)
        };
        let sequences = connector.events.iter().filter(opening).take(ACTS).map(|change| {
            let mut links = sign_in(change);
            links.push(Link {
                stage: Stage::Change,
                time: change.time,
                said: change.summary.clone(),
                cites: change.cites.clone(),
            });
            if let Some((mail, seen)) = mail {
                links.extend(from_there(case, connector, change, mail, seen));
            }
            Sequence { links }
        });
        let longest = sequences.reduce(|best, next| {
            if next.links.len() > best.links.len() {
                next
            } else {
                best
            }
        });
        longest.filter(|sequence| sequence.links.len() > 1)
    }
}

/// The stranger's sign-in behind an act, or behind what gave its actor the power to act, and the failures around it.
fn sign_in(change: &Event) -> Vec<Link> {
    let Some(session) = change.session.as_ref().filter(|s| s.is_anomalous() || s.is_odd()) else {
        return Vec::new();
    };
    let before = |cites: &[Cite]| -> Vec<Cite> { cites.iter().filter(|c| c.time <= change.time).cloned().collect() };
    let failed = session.failed.as_ref().map(|(count, rows)| (*count, before(rows)));
    let is_failure = |c: &Cite| failed.iter().any(|(_, rows)| rows.iter().any(|f| f.origin == c.origin));
    let own = session.sign_in.iter().chain(&session.cites).cloned().collect();
    let mut shown = before(&each_once(own));
    shown.retain(|c| !is_failure(c));
    let began = session.sign_in.iter().map(|c| c.time).find(|t| *t <= change.time);
    let began = began.or_else(|| shown.iter().map(|c| c.time).min());
    let mut links: Vec<Link> = began
        .map(|time| Link {
            stage: Stage::SignIn,
            time,
            said: format!("The session behind it: {}.", session.anomalies.join("; ")),
            cites: shown,
        })
        .into_iter()
        .collect();
    links.extend(failed.and_then(|(count, rows)| {
        Some(Link {
            stage: Stage::SignIn,
            time: rows.iter().map(|c| c.time).min()?,
            said: format!("{} failed.", acts::count(count, "sign-in")),
            cites: rows,
        })
    }));
    links.sort_by_key(|l| l.time);
    links
}

/// The first mail from what the change let in, and the first verdict on mail from there.
fn from_there(case: &Case, connector: &Connector, change: &Event, mail: &ConnectorMail, seen: &[Seen]) -> Vec<Link> {
    let limits = case.thresholds();
    let after = |start: Time| {
        let begin = seen.partition_point(|s| s.fact.time() < start);
        let end = start.0.saturating_add(limits.chain);
        seen.get(begin..)
            .unwrap_or_default()
            .iter()
            .take_while(move |s| s.fact.time().0 <= end)
    };
    let foreign: BTreeSet<u32> = mail.hosts.as_ref().map_or_else(BTreeSet::new, |hosts| {
        hosts.foreign.difference(&hosts.carried_before).copied().collect()
    });
    let begin = seen.partition_point(|s| s.fact.time() < change.time);
    let known: BTreeSet<u32> = seen.iter().take(begin).map(|s| s.fact.source).collect();
    // All mail of a connector that nobody meant to make comes from what its making let in.
    let made = change.action == Action::Created;
    let is_new = |s: &&Seen| made || (foreign.contains(&s.fact.source) && !known.contains(&s.fact.source));
    let Some(first) = after(change.time).find(is_new) else {
        return Vec::new();
    };
    let address = case.digest.sources.get(first.fact.source);
    let came = Link {
        stage: Stage::Mail,
        time: first.fact.time(),
        said: match address {
            Some(address) => format!("The first mail came from {address}, which had sent none through it before."),
            None => "The first mail came through it.".to_owned(),
        },
        cites: vec![cite(first)],
    };
    let unwanted: Vec<&Seen> = after(came.time).filter(is_new).filter(|s| s.fact.is_spam()).collect();
    let messages: BTreeSet<u64> = unwanted.iter().map(|s| s.fact.message).collect();
    let filtered = unwanted
        .first()
        .filter(|_| messages.len() as u64 >= limits.chain_unwanted)
        .map(|s| Link {
            stage: Stage::Verdict,
            time: s.fact.time(),
            said: format!(
                "The first of {} messages from there was judged unwanted.",
                messages.len()
            ),
            cites: vec![cite(s)],
        });
    let stopped = connector
        .events
        .iter()
        .filter(|e| matches!(e.action, Action::Blocked | Action::Alerted) && e.succeeded)
        .find(|e| e.time >= came.time && e.time.0 - came.time.0 <= limits.chain)
        .map(|e| Link {
            stage: Stage::Verdict,
            time: e.time,
            said: e.summary.clone(),
            cites: e.cites.clone(),
        });
    let verdict = [filtered, stopped].into_iter().flatten().min_by_key(|l| l.time);
    std::iter::once(came).chain(verdict).collect()
}

fn cite(seen: &Seen) -> Cite {
    Cite {
        time: seen.fact.time(),
        origin: seen.fact.origin(),
        id: None,
    }
}

#[cfg(test)]
mod tests;
