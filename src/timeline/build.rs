//! Puts the timeline together.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::places::{Places, PlacesError};
use crate::records::{Time, address};
use crate::settings::Organization;

use super::actor::ActorBook;
use super::blocks::{Blocks, add_traced};
use super::connectors::{Entry, Registry};
use super::custody::Sessions;
use super::history::History;
use super::hybrid::{HybridRun, Known, covers, find, siblings};
use super::intent::{Circumstance, Judge};
use super::related::{Anchor, relate};
use super::replay::{Draft, Frame, play};
use super::same_hand::Deed;
use super::step::{Step, classify};
use super::subject::{Subject, Verb};
use super::traffic::traced;
use super::{Action, Connector, Event, Timeline, alert, same_hand, tenant};

/// Makes the timeline of a sealed digest, with the places of addresses as far as the settings name databases.
///
/// # Errors
/// When a database is none, or is damaged.
pub fn build_placed(digest: &Digest, organization: &Organization) -> Result<Timeline, PlacesError> {
    let places = Places::of(&organization.geoip, digest)?;
    Ok(put_together(digest, organization, places))
}

/// Makes the timeline of a sealed digest; of places nothing is known.
pub fn build(digest: &Digest, organization: &Organization) -> Timeline {
    put_together(digest, organization, Places::default())
}

pub(super) fn put_together(digest: &Digest, organization: &Organization, places: Places) -> Timeline {
    let book = ActorBook::new(digest, organization);
    let (steps, mut actors) = classify(digest, &book);
    let mut registry = Registry::new(digest, &steps);
    let (traced, last_mail) = traced(digest);
    let by_mail = add_traced(&traced, &steps, &mut registry);
    let blocks = Blocks::new(digest, &steps, &traced, &mut registry);
    let frame = Frame::new(digest, &steps, last_mail);

    let acting: BTreeSet<String> = steps.iter().filter_map(|s| s.actor.clone()).collect();
    let history = History::new(digest, &acting, |account| book.canonical(account));
    let sessions = Sessions::new(&steps, &book, &history, organization, &places);
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
    let released = blocks.released.values().flatten();
    let named = there.iter().flat_map(|(_, e)| &e.steps).chain(released);
    let mut tenant = tenant::events(&steps, &named.copied().collect());
    tenant.extend(alert::place(&steps, &mut drafts));

    let judging = Judging {
        steps: &steps,
        sessions: &sessions,
        judge: Judge::new(organization, &steps, &sessions),
    };
    judging.tenant(&mut tenant);
    let outbound = siblings(digest);
    let known = Known {
        accepted: &accepted_domains,
        outbound: &outbound,
    };
    judging.connectors(&mut drafts, &tenant, &known);
    same_hand::spread(judging.deeds(&mut drafts, &mut tenant), &sessions);
    let anchors: Vec<Vec<Anchor>> = drafts.iter().map(anchors).collect();
    let related = relate(&steps, &tenant, &sessions, &anchors);

    let mut connectors = Vec::with_capacity(drafts.len());
    for ((number, draft), related) in numbers.into_iter().zip(drafts).zip(related) {
        let mut connector = draft.connector;
        let own = draft.events.into_iter().map(|(e, _)| e);
        let mut events: Vec<Event> = own.chain(related.events).collect();
        events.extend(blocks.events(number, &connector.name, digest, &events, frame.last));
        in_order(&mut events);
        connector.events = events;
        connector.related_left_out = related.left_out;
        connectors.push(connector);
    }
    connectors.sort_by(|a, b| {
        let first = |c: &Connector| c.events.first().map(|e| (e.time, e.cites.clone()));
        a.name
            .cmp(&b.name)
            .then_with(|| first(a).cmp(&first(b)))
            .then_with(|| a.id.cmp(&b.id))
    });
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
        outbound,
        places,
    }
}

/// Whether all that is known of a connector are attempts, the first of them to create it, and none succeeded.
fn never_made(entry: &Entry, steps: &[Step]) -> bool {
    let mut own = entry.steps.iter().filter_map(|&i| steps.get(i)).peekable();
    entry.snapshots.is_empty()
        && own
            .peek()
            .is_some_and(|s| s.subject == Subject::InboundConnector(Verb::New))
        && own.all(|s| !s.event.succeeded)
}

/// Gives events their session and their intent.
struct Judging<'a> {
    steps: &'a [Step<'a>],
    sessions: &'a Sessions,
    judge: Judge<'a>,
}

impl Judging<'_> {
    fn tenant(&self, events: &mut [(Event, usize)]) {
        for (event, index) in events {
            self.settle(event, *index, &[], false);
        }
    }

    fn connectors(&self, drafts: &mut [Draft], tenant: &[(Event, usize)], known: &Known<'_>) {
        let is_sibling = |index: usize| {
            let subject = self.steps.get(index).map(|s| s.subject);
            matches!(subject, Some(Subject::Hybrid | Subject::OutboundConnector))
        };
        let siblings = tenant.iter().filter(|(_, index)| is_sibling(*index));
        let siblings: Vec<&Event> = siblings.map(|(e, _)| e).collect();
        for Draft { connector, events } in drafts {
            let run: Option<HybridRun> = {
                let own: Vec<&Event> = events.iter().map(|(e, _)| e).collect();
                find(connector, &own, &siblings, known, self.judge.limits())
            };
            for (event, index) in events {
                if let Some(index) = *index {
                    let hybrid = run.as_ref().is_some_and(|r| covers(r, event.time, self.judge.limits()));
                    self.settle(event, index, &connector.names, hybrid);
                }
            }
        }
    }

    /// All events that a record tells of.
    fn deeds<'e>(&self, drafts: &'e mut [Draft], tenant: &'e mut [(Event, usize)]) -> Vec<Deed<'e>> {
        let mut deeds = Vec::new();
        let mut take = |event: &'e mut Event, step: usize, names: &[String]| {
            let excused = self.steps.get(step).is_some_and(|s| self.judge.excuses(s, names));
            deeds.push(Deed { event, step, excused });
        };
        for Draft { connector, events } in drafts {
            for (event, step) in events {
                if let Some(step) = *step {
                    take(event, step, &connector.names);
                }
            }
        }
        tenant.iter_mut().for_each(|(event, step)| take(event, *step, &[]));
        deeds
    }

    fn settle(&self, event: &mut Event, index: usize, names: &[String], hybrid: bool) {
        let Some(step) = self.steps.get(index) else { return };
        event.session = self.sessions.session(index).cloned();
        let circumstance = Circumstance {
            names,
            no_op: event.no_op,
            session: event.session.as_ref(),
            hybrid,
        };
        (event.intended, event.intended_because) = self.judge.intent(step, &circumstance);
    }
}

/// The events of a connector that others may relate to.
fn anchors(draft: &Draft) -> Vec<Anchor> {
    let acts = draft
        .events
        .iter()
        .filter(|(e, _)| !e.no_op && !matches!(e.action, Action::Alerted | Action::Blocked));
    let mut anchors: Vec<Anchor> = acts
        .filter_map(|(event, index)| {
            Some(Anchor {
                step: (*index)?,
                doubtful: event.intended != Some(true),
            })
        })
        .collect();
    anchors.sort_by_key(|a| a.step);
    anchors
}

/// By time; of one moment by the row it comes from, then by what it says.
fn in_order(events: &mut [Event]) {
    events.sort_by(|a, b| {
        let row = |e: &Event| e.cites.first().map(|c| c.origin);
        (a.time, row(a), a.action).cmp(&(b.time, row(b), b.action))
    });
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
