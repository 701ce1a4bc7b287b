//! The log as the replay walks it: each record with its subject, its actor and what it names.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::records::AuditEvent;

use super::actor::{ActorBook, guids};
use super::subject::Subject;
use super::{Action, Actor, ActorKind, Cite, Event};

/// One audit record, classified.
pub(super) struct Step<'a> {
    pub event: &'a AuditEvent,
    pub subject: Subject,
    /// Identity of the actor; `None` where the record names nobody.
    pub actor: Option<String>,
    pub kind: ActorKind,
}

/// Classifies every record, and lists the actors.
pub(super) fn classify<'a>(digest: &'a Digest, book: &ActorBook) -> (Vec<Step<'a>>, BTreeMap<String, Actor>) {
    let mut actors: BTreeMap<String, Actor> = BTreeMap::new();
    let named: Vec<Option<String>> = digest
        .events
        .iter()
        .map(|event| {
            let (identity, found) = book.identify(event)?;
            let known = actors.entry(identity.clone()).or_insert_with(|| found.clone());
            // Directory records do not tell a partner's account from the organisation's own.
            if found.kind == ActorKind::Partner && known.kind == ActorKind::User {
                known.kind = ActorKind::Partner;
            }
            Some(identity)
        })
        .collect();
    let steps = digest
        .events
        .iter()
        .zip(named)
        .map(|(event, actor)| Step {
            event,
            subject: Subject::of(event),
            kind: actor
                .as_ref()
                .and_then(|a| actors.get(a))
                .map_or(ActorKind::Unknown, |a| a.kind),
            actor,
        })
        .collect();
    (steps, actors)
}

impl Step<'_> {
    pub(super) fn cite(&self) -> Cite {
        Cite {
            time: self.event.time,
            origin: self.event.origin,
            id: self.event.id.clone(),
        }
    }

    /// What the record acts on, as it names it.
    pub(super) fn object(&self) -> &str {
        [
            self.event.parameter("Identity"),
            self.event.parameter("Name"),
            self.event.parameter("ConnectorId"),
        ]
        .into_iter()
        .flatten()
        .chain(std::iter::once(self.event.object.as_str()))
        .chain(self.event.targets.iter().map(String::as_str))
        .map(str::trim)
        .find(|t| !t.is_empty())
        .unwrap_or_default()
    }

    /// Whether the record is damaged so that nothing of what it set can be read. A record has its parameters whole
    /// or not at all.
    pub(super) fn parameters_lost(&self) -> bool {
        !self.event.complete && self.event.parameters.is_empty() && self.event.modified.is_empty()
    }

    /// Who did it, in words.
    pub(super) fn who(&self) -> &str {
        self.actor.as_deref().unwrap_or("someone the record does not name")
    }

    /// The event of this record, not yet judged.
    pub(super) fn to_event(&self, action: Action, summary: String) -> Event {
        Event {
            time: self.event.time,
            action,
            operation: self.event.operation.clone(),
            object: self.object().to_owned(),
            actor: self.actor.clone(),
            client_ip: self.event.client_ip,
            session_id: self.event.session_id.clone(),
            intended: None,
            intended_because: String::new(),
            no_op: false,
            succeeded: self.event.succeeded,
            changes: Vec::new(),
            parameters_lost: self.parameters_lost(),
            parameters: self.event.parameters.clone(),
            summary,
            session: None,
            cites: vec![self.cite()],
        }
    }

    /// Everything that a directory or role record names as its target, in lower case: ids, UPNs and names.
    pub(super) fn mentions(&self) -> Vec<String> {
        let named = [
            "Member",
            "Members",
            "App",
            "User",
            "AppId",
            "ObjectId",
            "ServiceId",
            "Identity",
        ]
        .into_iter()
        .filter_map(|p| self.event.parameter(p));
        let texts = self
            .event
            .targets
            .iter()
            .map(String::as_str)
            .chain(std::iter::once(self.event.object.as_str()))
            .chain(named);
        let mut found: Vec<String> = Vec::new();
        for text in texts {
            found.extend(guids(text));
            found.push(text.trim().to_lowercase());
        }
        for property in &self.event.modified {
            found.extend(property.new.iter().flat_map(|v| guids(v)));
        }
        found.extend(self.event.extended("additionalDetails").into_iter().flat_map(guids));
        found.retain(|m| !m.is_empty());
        found.sort();
        found.dedup();
        found
    }
}

/// A value short enough for a sentence.
pub(super) fn brief(value: &str) -> String {
    const LONGEST: usize = 160;
    if value.is_empty() {
        return "nothing".to_owned();
    }
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}
