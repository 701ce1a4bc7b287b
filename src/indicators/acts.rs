//! What was done to a connector, as far as it counts, and whose hand it was.

use crate::records::{AuditEvent, ConnectorSnapshot, ConnectorType, Time};
use crate::settings::Organization;
use crate::settings::tuning::Thresholds;
use crate::timeline::{Action, Actor, ActorKind, Cite, Connector, Event, Session};

use super::Case;

/// Whether the event changed a connector: it succeeded and set something that was not set already.
pub fn is_act(event: &Event) -> bool {
    event.succeeded
        && !event.no_op
        && matches!(
            event.action,
            Action::Created | Action::Changed | Action::Enabled | Action::Disabled | Action::Removed
        )
}

/// What was done to the connector in the time looked at, in order of time.
pub fn acts<'a>(case: &Case, connector: &'a Connector) -> Vec<&'a Event> {
    let window = case.window;
    connector
        .events
        .iter()
        .filter(|e| is_act(e) && window.contains(e.time))
        .collect()
}

/// Whether someone not meant to did it.
pub fn is_unintended(event: &Event) -> bool {
    event.intended == Some(false)
}

/// Whether the session behind it shows more than a journey would, though less than decides.
pub fn is_by_odd_session(case: &Case, event: &Event) -> bool {
    event
        .session
        .as_ref()
        .is_some_and(|s| s.weight >= case.thresholds().odd_session && !s.is_anomalous())
}

/// What speaks against the session behind it, in words.
pub fn oddities(event: &Event) -> String {
    event.session.as_ref().map_or(String::new(), |s| s.anomalies.join("; "))
}

/// Whether nothing says that it was meant: unintended or undecided.
pub fn is_unvouched(event: &Event) -> bool {
    event.intended != Some(true)
}

/// Who did it, where the record names someone.
pub fn actor<'a>(case: &Case<'a>, event: &Event) -> Option<&'a Actor> {
    case.timeline.actors.get(event.actor.as_deref()?)
}

/// What kind of actor did it.
pub fn kind(case: &Case, event: &Event) -> ActorKind {
    actor(case, event).map_or(ActorKind::Unknown, |a| a.kind)
}

/// Whether an act counts as meant only because a list names its actor: neither a change ticket nor any sign-in says
/// that it was that person. An account that no log covers is not innocent.
pub fn is_on_trust(case: &Case, connector: &Connector, event: &Event) -> bool {
    kind(case, event) == ActorKind::User && is_unproven(case.organization, connector, event)
}

/// The same of any actor. A responder comes from networks that no account was ever seen in, and the list is all there is.
pub fn is_unproven(organization: &Organization, connector: &Connector, event: &Event) -> bool {
    let is_responder = event
        .actor
        .as_ref()
        .is_some_and(|a| organization.responders.contains(a));
    let limits = &organization.tuning.thresholds;
    event.intended == Some(true)
        && !event.no_op
        && !is_responder
        && !is_approved(organization, connector, event.time)
        && !shows_owner(event, limits)
}

/// Whether an act that concerns no connector counts as meant only because a list names its actor.
pub fn is_on_list_alone(case: &Case, event: &Event) -> bool {
    kind(case, event) == ActorKind::User
        && event.intended == Some(true)
        && !is_responder(case, event)
        && !shows_owner(event, case.thresholds())
}

/// Whether the session behind an act shows that it was the owner's.
fn shows_owner(event: &Event, limits: &Thresholds) -> bool {
    let shows = |s: &Session| u64::from(s.history_days) >= limits.session_history && s.weight < limits.unproven_session;
    event.session.as_ref().is_some_and(shows)
}

/// Whether a change ticket covers the connector at this moment.
pub fn is_approved(organization: &Organization, connector: &Connector, time: Time) -> bool {
    organization.approved_changes.iter().any(|ticket| {
        ticket.from <= time
            && time <= ticket.to
            && connector
                .names
                .iter()
                .any(|n| n.eq_ignore_ascii_case(&ticket.connector))
    })
}

/// The actor's name for a sentence.
pub fn name(case: &Case, event: &Event) -> String {
    match (actor(case, event), &event.actor) {
        (Some(actor), _) => actor.id.clone(),
        (None, Some(key)) => key.clone(),
        (None, None) => "an actor the record does not name".to_owned(),
    }
}

/// The actors' names for a sentence, each once, in order of first appearance.
pub fn names(case: &Case, events: &[&Event]) -> String {
    let mut seen: Vec<String> = Vec::new();
    for event in events {
        let name = name(case, event);
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen.join(", ")
}

/// Whether both are known to be by one actor.
pub fn same_actor(a: &Event, b: &Event) -> bool {
    a.actor.is_some() && a.actor == b.actor
}

/// Whether the analyst named this actor as one who cleans up.
pub fn is_responder(case: &Case, event: &Event) -> bool {
    event
        .actor
        .as_ref()
        .is_some_and(|a| case.organization.responders.contains(a))
}

/// Whether the event is someone's clean-up, otherwise meant, or the work of Microsoft's own service.
pub fn is_vouched(case: &Case, event: &Event) -> bool {
    event.intended == Some(true)
        || is_responder(case, event)
        || (kind(case, event) == ActorKind::Service && !is_unintended(event))
}

/// The rows behind several events.
pub fn cites(events: &[&Event]) -> Vec<Cite> {
    events.iter().flat_map(|e| e.cites.iter().cloned()).collect()
}

/// Whether the connector can relay to the internet, as far as is known: an unknown type is taken for OnPremises.
pub fn can_relay(connector: &Connector) -> bool {
    connector.kind != Some(ConnectorType::Partner)
}

/// Whether a name or Guid in the evidence means this connector and no other. A name that it bore once and
/// another one bears now means the other.
pub fn is_meant(case: &Case, connector: &Connector, text: &str) -> bool {
    let text = text.trim().trim_matches(['{', '}']);
    let is = |name: &str| name.eq_ignore_ascii_case(text);
    if text.is_empty() {
        return false;
    }
    connector.id.as_deref().is_some_and(is)
        || is(&connector.name)
        || (connector.names.iter().any(|n| is(n)) && !case.timeline.connectors.iter().any(|c| is(&c.name)))
}

/// The connector's object in the latest snapshot, by Guid where both have one, else by its last name.
pub fn snapshot<'a>(case: &Case<'a>, connector: &Connector) -> Option<&'a ConnectorSnapshot> {
    if !connector.present_in_snapshot {
        return None;
    }
    let is_it = |s: &&ConnectorSnapshot| match (&s.id, &connector.id) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => s.name.eq_ignore_ascii_case(&connector.name),
    };
    case.digest
        .connectors
        .iter()
        .filter(is_it)
        .max_by_key(|s| (s.changed, s.created))
}

/// Acts on the connector that nobody vouches for, at most `before` microseconds before the moment and not after it.
pub fn unvouched_before<'a>(case: &Case, connector: &'a Connector, moment: Time, before: i64) -> Vec<&'a Event> {
    acts(case, connector)
        .into_iter()
        .filter(|e| !is_vouched(case, e) && e.time <= moment && moment.0 - e.time.0 <= before)
        .collect()
}

/// What is most suspect of all connectors that can relay shortly before a moment: those that someone not meant
/// to had changed; where there is none, the one whose changes are undecided, if there is but one; where nothing
/// was touched, the one that is alone. Empty where nothing tells them apart.
pub fn suspects<'a>(case: &Case<'a>, moment: Time, before: i64) -> Vec<&'a Connector> {
    let relays: Vec<&Connector> = case.timeline.connectors.iter().filter(|c| can_relay(c)).collect();
    let touched = |wanted: fn(&Event) -> bool| -> Vec<&'a Connector> {
        relays
            .iter()
            .copied()
            .filter(|c| unvouched_before(case, c, moment, before).iter().any(|e| wanted(e)))
            .collect()
    };
    let unintended = touched(is_unintended);
    if !unintended.is_empty() {
        return unintended;
    }
    let undecided = touched(is_unvouched);
    let left = if undecided.is_empty() { relays } else { undecided };
    if left.len() == 1 { left } else { Vec::new() }
}

/// The audit record behind an event. Events of a sealed digest stand in order of time.
pub fn record<'a>(case: &Case<'a>, event: &Event) -> Option<&'a AuditEvent> {
    event.cites.iter().find_map(|cite| {
        let events = &case.digest.events;
        let from = events.partition_point(|r| r.time < cite.time);
        let same_time = events.get(from..)?.iter().take_while(|r| r.time == cite.time);
        same_time.into_iter().find(|r| r.origin == cite.origin)
    })
}

/// `1 message`, `2 messages`.
pub fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Whether two references are one connector of the timeline.
pub fn is_same(a: &Connector, b: &Connector) -> bool {
    std::ptr::eq(a, b) || (a.name == b.name && a.id == b.id && a.names == b.names)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, act, at};
    use super::*;

    #[test]
    fn a_name_that_another_connector_bears_now_means_the_other() {
        let mut f = Fixture::complete();
        f.connector("New name").names.insert(0, "Relay".to_owned());
        f.connector("Relay");
        let case = f.case();
        assert!(!is_meant(&case, f.get("New name"), "Relay"));
        assert!(is_meant(&case, f.get("Relay"), "relay"));
    }

    #[test]
    fn suspects_are_those_with_unintended_changes_before_those_with_undecided_ones() {
        let mut f = Fixture::complete();
        f.connector("A")
            .events
            .push(act("10T08:00", Action::Changed, "x@y.example", None));
        f.connector("B")
            .events
            .push(act("10T09:00", Action::Changed, "m@y.example", Some(false)));
        f.connector("C");
        let names = |f: &Fixture, moment| -> Vec<String> {
            suspects(&f.case(), at(moment), 7 * Time::DAY)
                .iter()
                .map(|c| c.name.clone())
                .collect()
        };
        assert_eq!(names(&f, "10T10:00"), ["B"]);
        assert_eq!(names(&f, "10T08:30"), ["A"]);
        let second = act("10T08:10", Action::Changed, "x@y.example", None);
        f.connector("C").events.push(second);
        assert!(names(&f, "10T08:30").is_empty());
        assert!(names(&f, "20T00:00").is_empty());
    }
}
