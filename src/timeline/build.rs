//! Puts the timeline together.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::records::{Time, address};
use crate::settings::Organization;

use super::actor::ActorBook;
use super::blocks::{Blocks, add_traced};
use super::connectors::{Entry, Registry};
use super::custody::Sessions;
use super::history::History;
use super::hybrid::{HybridRun, covers, find};
use super::intent::{Circumstance, Judge};
use super::related::Candidates;
use super::replay::{Draft, Frame, play};
use super::step::{Step, brief, classify};
use super::subject::{Subject, Verb};
use super::traffic::traced;
use super::value::is_noise;
use super::wording::lost;
use super::{Action, Event, Timeline, alert};

/// Whether all that is known of a connector are attempts, the first of them to create it, and none succeeded.
fn never_made(entry: &Entry, steps: &[Step]) -> bool {
    let mut own = entry.steps.iter().filter_map(|&i| steps.get(i)).peekable();
    entry.snapshots.is_empty()
        && own
            .peek()
            .is_some_and(|s| s.subject == Subject::InboundConnector(Verb::New))
        && own.all(|s| !s.event.succeeded)
}

/// Parameters shown in the sentence of a tenant's event.
const SHOWN: usize = 4;

/// Makes the timeline of a sealed digest.
pub fn build(digest: &Digest, organization: &Organization) -> Timeline {
    let book = ActorBook::new(digest, organization);
    let (steps, mut actors) = classify(digest, &book);
    let mut registry = Registry::new(digest, &steps);
    let (traced, last_mail) = traced(digest);
    let by_mail = add_traced(&traced, &steps, &mut registry);
    let blocks = Blocks::new(digest, &steps, &traced, &mut registry);
    let frame = Frame::new(digest, &steps, last_mail);

    let acting: BTreeSet<String> = steps.iter().filter_map(|s| s.actor.clone()).collect();
    let history = History::new(digest, &acting, |account| book.canonical(account));
    let sessions = Sessions::new(&steps, &book, &history, &organization.on_premises);
    let judge = Judge::new(organization, &steps);
    let accepted_domains = accepted(digest, organization, &steps);

    // What nobody managed to make is no connector; the attempts stand on the tenant's timeline.
    let there: Vec<(usize, &Entry)> = registry
        .live()
        .filter(|(number, entry)| by_mail.contains_key(number) || blocks.concern(*number) || !never_made(entry, &steps))
        .collect();
    let mut numbers = Vec::new();
    let mut drafts: Vec<Draft> = Vec::new();
    for &(number, entry) in &there {
        let mut draft = play(entry, digest, &steps, &frame, &sessions);
        let mail = by_mail.get(&number).and_then(|&i| traced.get(i));
        draft.connector.kind = draft.connector.kind.or(mail.and_then(|m| m.kind()));
        for &index in blocks.released.get(&number).into_iter().flatten() {
            if let Some(step) = steps.get(index) {
                draft.events.push((unblock(step, &draft.connector.name), Some(index)));
            }
        }
        numbers.push(number);
        drafts.push(draft);
    }

    let released: BTreeSet<usize> = blocks.released.values().flatten().copied().collect();
    // A record that names no connector at all is on no connector's timeline, but not lost.
    let placed: BTreeSet<usize> = there.iter().flat_map(|(_, e)| e.steps.iter().copied()).collect();
    let mut tenant: Vec<(Event, usize)> = alert::place(&steps, &mut drafts);
    for (index, step) in steps.iter().enumerate() {
        match step.subject {
            Subject::InboundConnector(_) if placed.contains(&index) => {}
            Subject::Unblock if released.contains(&index) => {}
            Subject::Alert => {}
            _ => tenant.push((step.to_event(Action::Related, told(step)), index)),
        }
    }
    for (event, index) in &mut tenant {
        if let Some(step) = steps.get(*index) {
            settle(event, step, *index, &[], false, &sessions, &judge);
        }
    }

    let siblings: Vec<&Event> = tenant
        .iter()
        .filter(|(_, i)| {
            matches!(
                steps.get(*i).map(|s| s.subject),
                Some(Subject::Hybrid | Subject::OutboundConnector)
            )
        })
        .map(|(e, _)| e)
        .collect();
    let candidates = Candidates::new(&steps, &tenant);
    let mut connectors = Vec::with_capacity(drafts.len());
    for (number, draft) in numbers.into_iter().zip(drafts) {
        let Draft {
            mut connector,
            mut events,
        } = draft;
        let run: Option<HybridRun> = {
            let own: Vec<&Event> = events.iter().map(|(e, _)| e).collect();
            find(&connector, &own, &siblings, &accepted_domains)
        };
        for (event, index) in &mut events {
            if let Some((index, step)) = index.and_then(|i| Some((i, steps.get(i)?))) {
                let hybrid = run.as_ref().is_some_and(|r| covers(r, event.time));
                settle(event, step, index, &connector.names, hybrid, &sessions, &judge);
            }
        }
        let anchors: Vec<usize> = events
            .iter()
            .filter(|(e, _)| !e.no_op && !matches!(e.action, Action::Alerted | Action::Blocked))
            .filter_map(|(_, i)| *i)
            .collect();
        let related = candidates.of(&anchors, &steps, &sessions);
        let mut events: Vec<Event> = events.into_iter().map(|(e, _)| e).chain(related).collect();
        events.extend(blocks.events(number, &connector.name, digest, &events, frame.last));
        in_order(&mut events);
        connector.events = events;
        connectors.push(connector);
    }
    connectors.sort_by(|a, b| {
        let first = |c: &super::Connector| c.events.first().map(|e| (e.time, e.cites.clone()));
        a.name
            .cmp(&b.name)
            .then_with(|| first(a).cmp(&first(b)))
            .then_with(|| a.id.cmp(&b.id))
    });
    drop(candidates);
    let mut tenant: Vec<Event> = tenant.into_iter().map(|(e, _)| e).collect();
    tenant.extend(blocks.open(digest, frame.last));
    in_order(&mut tenant);

    let seen: BTreeSet<&String> = connectors
        .iter()
        .flat_map(|c| &c.events)
        .chain(&tenant)
        .filter_map(|e| e.actor.as_ref())
        .collect();
    actors.retain(|identity, _| seen.contains(identity));
    Timeline {
        connectors,
        actors,
        tenant,
        accepted_domains,
    }
}

/// By time; of one moment by the row it comes from, then by what it says.
fn in_order(events: &mut [Event]) {
    events.sort_by(|a, b| {
        let row = |e: &Event| e.cites.first().map(|c| c.origin);
        (a.time, row(a), a.action).cmp(&(b.time, row(b), b.action))
    });
}

/// Gives an event its session and its intent.
fn settle(
    event: &mut Event,
    step: &Step,
    index: usize,
    names: &[String],
    hybrid: bool,
    sessions: &Sessions,
    judge: &Judge,
) {
    event.session = sessions.session(index).cloned();
    let circumstance = Circumstance {
        names,
        no_op: event.no_op,
        session: event.session.as_ref(),
        hybrid,
    };
    (event.intended, event.intended_because) = judge.intent(step, &circumstance);
}

fn unblock(step: &Step, name: &str) -> Event {
    let did = if step.event.succeeded {
        "released"
    } else {
        "tried to release"
    };
    step.to_event(
        Action::Unblocked,
        format!("{} {did} the connector {name} from its block.", step.who()),
    )
}

fn told(step: &Step) -> String {
    let did = if step.event.succeeded { "ran" } else { "tried" };
    let on = match step.object() {
        "" => String::new(),
        object => format!(" on {}", brief(object)),
    };
    let shown: Vec<String> = step
        .event
        .parameters
        .iter()
        .filter(|(n, _)| !is_noise(n) && !n.eq_ignore_ascii_case("Name"))
        .take(SHOWN)
        .map(|(n, v)| format!("{n} {}", brief(v)))
        .collect();
    let with = if shown.is_empty() {
        String::new()
    } else {
        format!(" ({})", shown.join(", "))
    };
    format!(
        "{} {did} {}{on}{with}{}.",
        step.who(),
        step.event.operation.trim().trim_end_matches('.'),
        lost(step)
    )
}

/// Domains of the organisation, each with the moment it was accepted where that is known.
fn accepted(digest: &Digest, organization: &Organization, steps: &[Step]) -> BTreeMap<String, Option<Time>> {
    let mut found: BTreeMap<String, Option<Time>> = BTreeMap::new();
    for step in steps
        .iter()
        .filter(|s| s.subject == Subject::AcceptedDomain && s.event.succeeded)
    {
        if step.event.is("New-AcceptedDomain")
            && let Some(domain) = step
                .event
                .parameter("DomainName")
                .or_else(|| step.event.parameter("Name"))
        {
            found
                .entry(address::domain(domain).into_owned())
                .or_insert(Some(step.event.time));
        }
    }
    for domain in &digest.accepted_domains {
        let since = found
            .entry(address::domain(&domain.domain).into_owned())
            .or_insert(domain.created);
        *since = since.or(domain.created);
    }
    for domain in &organization.accepted_domains {
        found.insert(address::domain(domain).into_owned(), None);
    }
    found
}
