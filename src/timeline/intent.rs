//! Was it meant? What the analyst said decides first, then the session, then who the actor is.

use std::collections::HashMap;

use crate::records::Time;
use crate::settings::Organization;
use crate::settings::tuning::Thresholds;

use super::custody::Sessions;
use super::history::Network;
use super::step::Step;
use super::subject::{Subject, Verb};
use super::value::{members, network};
use super::{ActorKind, Session};

/// Answer and reason.
pub(super) type Intent = (Option<bool>, String);

/// What an event is judged by, beside the record itself.
pub(super) struct Circumstance<'a> {
    /// Every name of the connector it belongs to; empty for an event of the whole tenant.
    pub names: &'a [String],
    pub no_op: bool,
    pub session: Option<&'a Session>,
    /// Part of a whole run of the hybrid configuration wizard.
    pub hybrid: bool,
}

/// Judges events by org.toml and by what the log knows of the actors.
pub(super) struct Judge<'a> {
    organization: &'a Organization,
    steps: &'a [Step<'a>],
    sessions: &'a Sessions,
    /// By actor: the first admin change that concerns no inbound connector.
    settled: HashMap<&'a str, Time>,
}

/// The strongest anomaly as the end of a sentence; empty where there is none.
fn first_anomaly(session: Option<&Session>) -> String {
    session
        .and_then(|s| s.anomalies.first())
        .map_or_else(String::new, |a| format!(": {a}"))
}

impl<'a> Judge<'a> {
    pub(super) fn new(organization: &'a Organization, steps: &'a [Step<'a>], sessions: &'a Sessions) -> Self {
        let mut settled: HashMap<&str, Time> = HashMap::new();
        for step in steps {
            let unrelated = !matches!(
                step.subject,
                Subject::InboundConnector(_) | Subject::Unblock | Subject::Alert | Subject::TransportRule
            );
            if let (true, true, Some(actor)) = (unrelated, step.event.succeeded, step.actor.as_deref()) {
                settled.entry(actor).or_insert(step.event.time);
            }
        }
        Judge {
            organization,
            steps,
            sessions,
            settled,
        }
    }

    /// The thresholds of this run.
    pub(super) fn limits(&self) -> &Thresholds {
        &self.organization.tuning.thresholds
    }

    /// Whether the event was meant, and why.
    pub(super) fn intent(&self, step: &Step, of: &Circumstance) -> Intent {
        let Some(actor) = step.actor.as_deref() else {
            return (None, "The record names nobody.".to_owned());
        };
        let odd = of.session.is_some_and(Session::is_odd);
        let is_stranger = of.session.is_some_and(Session::is_anomalous);
        let anomalous = is_stranger || (odd && (lets_in_strangers(step, self.organization) || trusts_outside(step)));
        let reason = || first_anomaly(of.session);
        let listed = |list: &[String]| is_listed(list, actor, step);
        if listed(&self.organization.responders) {
            // A responder comes from networks that the account never saw; only what is beyond doubt counts.
            return Self::vouched_for(actor, "responder", of.session, is_stranger);
        }
        if let Some(note) = self.approved(step.event.time, of.names) {
            return if anomalous {
                let because = format!(
                    "A change was approved for that time{note}, but the session was not the owner's{}.",
                    reason()
                );
                (None, because)
            } else {
                (Some(true), format!("A change was approved for that time{note}."))
            };
        }
        if listed(&self.organization.connector_admins) {
            if odd && !anomalous {
                let because = format!(
                    "{actor} is a listed connector admin, but whether the session was the owner's cannot be told{}.",
                    reason()
                );
                return (None, because);
            }
            return Self::vouched_for(actor, "connector admin", of.session, anomalous);
        }
        if matches!(step.kind, ActorKind::Service | ActorKind::Unknown) {
            return if of.no_op {
                (Some(true), "The service set what was there already.".to_owned())
            } else if step.kind == ActorKind::Service && is_upkeep(step) {
                (Some(true), "The service set what lets nobody in.".to_owned())
            } else {
                (None, format!("{actor} acted, and nothing says on whose behalf."))
            };
        }
        if anomalous {
            return (
                Some(false),
                format!("The session behind it was not the owner's{}.", reason()),
            );
        }
        if step.kind == ActorKind::Application
            && let Some(patronage) = self.patronage(actor, step)
        {
            return patronage;
        }
        if of.names.is_empty() {
            return (None, format!("Nobody said whether {actor} is meant to do this."));
        }
        if !self.organization.connector_admins.is_empty() {
            return if of.no_op {
                (
                    None,
                    format!("{actor} is no listed connector admin, but set what was there already."),
                )
            } else {
                (Some(false), format!("{actor} is no listed connector admin."))
            };
        }
        if matches!(step.kind, ActorKind::Application | ActorKind::Partner) {
            return self.unlisted_stranger(actor, step, of);
        }
        let because = match of.session {
            Some(_) => {
                format!("The session looks like that of {actor}, but nobody said who is meant to change connectors.")
            }
            None => {
                format!("There are no sign-ins to judge {actor} by, and nobody said who is meant to change connectors.")
            }
        };
        (None, because)
    }

    /// Whether the analyst spoke for the actor as one who cleans up, or for changes to this connector at that time.
    pub(super) fn excuses(&self, step: &Step, names: &[String]) -> bool {
        let actor = step.actor.as_deref().unwrap_or_default();
        is_listed(&self.organization.responders, actor, step) || self.approved(step.event.time, names).is_some()
    }

    /// Of someone whom org.toml lists: the list names a person, and a session that is not that person's is a
    /// stranger's, whatever the list is for.
    fn vouched_for(actor: &str, role: &str, session: Option<&Session>, anomalous: bool) -> Intent {
        if anomalous {
            let reason = first_anomaly(session);
            (
                Some(false),
                format!("{actor} is a listed {role}, but the session was not the owner's{reason}."),
            )
        } else {
            (Some(true), format!("{actor} is a listed {role}."))
        }
    }

    fn unlisted_stranger(&self, actor: &str, step: &Step, of: &Circumstance) -> Intent {
        if of.no_op {
            return (None, format!("{actor} set what was there already."));
        }
        if of.hybrid {
            return (
                None,
                "It is part of a whole run of the hybrid configuration wizard.".to_owned(),
            );
        }
        let since = self.settled.get(actor).copied();
        if step.kind == ActorKind::Application
            && since.is_some_and(|t| step.event.time.0.saturating_sub(t.0) >= self.limits().settled)
        {
            return (
                None,
                format!(
                    "The application {actor} had made other admin changes for {} days or more.",
                    self.limits().settled / Time::DAY
                ),
            );
        }
        let what = if step.kind == ActorKind::Application {
            "application"
        } else {
            "partner"
        };
        (
            Some(false),
            format!("Nothing in the evidence vouches for the {what} {actor}."),
        )
    }

    /// What follows for an application where all records that ever gave it power are by listed connector admins, none in
    /// a session that is not quite their own, and the last is of the day before: so the installers of services work.
    /// Where no sign-in tells whose session it was, or no list whose work it is, nothing is decided; a power that anyone
    /// else had a hand in vouches for nothing.
    fn patronage(&self, actor: &str, step: &Step) -> Option<Intent> {
        let admins = &self.organization.connector_admins;
        let (mut last, mut known) = (None, true);
        for &index in self.sessions.given(actor) {
            let giver = self.steps.get(index)?;
            if giver.event.time > step.event.time {
                break;
            }
            let who = giver.actor.as_deref()?;
            let session = self.sessions.session(index);
            let may = admins.is_empty() || admins.iter().any(|a| a.trim().eq_ignore_ascii_case(who));
            if !may || session.is_some_and(|s| s.is_odd() || s.is_anomalous()) {
                return None;
            }
            known &= session.is_some();
            last = Some(giver);
        }
        let giver =
            last.filter(|giver| step.event.time.0.saturating_sub(giver.event.time.0) <= self.limits().installed)?;
        if admins.is_empty() {
            let because = format!(
                "{} gave the application {actor} its rights at {}, in a session that looks like the owner's, but nobody said who is meant to change connectors.",
                giver.who(),
                giver.event.time
            );
            return known.then_some((None, because));
        }
        let gave = format!(
            "{}, a listed connector admin, gave the application {actor} its rights at {}",
            giver.who(),
            giver.event.time
        );
        Some(if known {
            (Some(true), format!("{gave}, in a session that looks like the owner's."))
        } else {
            (
                None,
                format!("{gave}, but there are no sign-ins that show whose session it was."),
            )
        })
    }

    /// The note of a change approved for this connector and time.
    fn approved(&self, time: Time, names: &[String]) -> Option<String> {
        self.organization
            .approved_changes
            .iter()
            .find(|change| {
                (change.from..=change.to).contains(&time)
                    && names
                        .iter()
                        .any(|n| n.trim().to_lowercase() == change.connector.trim().to_lowercase())
            })
            .map(|change| change.note.as_ref().map_or_else(String::new, |n| format!(" ({n})")))
    }
}

/// Whether a list names the actor, as the timeline does or as the record does.
fn is_listed(list: &[String], actor: &str, step: &Step) -> bool {
    list.iter().any(|entry| {
        let entry = entry.trim();
        entry.eq_ignore_ascii_case(actor) || entry.eq_ignore_ascii_case(step.event.user.trim())
    })
}

/// Whether a change of a connector makes mail from outside count as the organisation's own. Wizards set such flags when they
/// make a connector; that someone sets them later is rare, and from an odd session it is what an intruder does.
fn trusts_outside(step: &Step) -> bool {
    const FLAGS: [&str; 3] = ["TreatMessagesAsInternal", "CloudServicesMailEnabled", "EFSkipLastIP"];
    let is_true = |value: &str| value.trim().trim_start_matches('$').eq_ignore_ascii_case("true");
    step.subject == Subject::InboundConnector(Verb::Set)
        && FLAGS.iter().any(|flag| step.event.parameter(flag).is_some_and(is_true))
}

/// Whether a change of a connector sets only what has no bearing on which mail it takes: notes and where it came from.
/// Microsoft's own service does that in every tenant, and nobody else can act in its name.
fn is_upkeep(step: &Step) -> bool {
    const HARMLESS: [&str; 7] = [
        "Identity",
        "Comment",
        "ConnectorSource",
        "DomainController",
        "IgnoreDehydratedFlag",
        "Confirm",
        "ErrorAction",
    ];
    step.subject == Subject::InboundConnector(Verb::Set)
        && !step.event.parameters.is_empty()
        && step
            .event
            .parameters
            .iter()
            .all(|(name, _)| HARMLESS.iter().any(|h| h.eq_ignore_ascii_case(name)))
}

/// Whether a change opens the connector to the very network that the session came from, or, where org.toml lists
/// the organisation's own hosts, to others: from an odd session that is what an intruder does.
fn lets_in_strangers(step: &Step, organization: &Organization) -> bool {
    const LIST: &str = "SenderIPAddresses";
    let Some(value) = step.event.parameter(LIST) else {
        return false;
    };
    let own = &organization.on_premises;
    let place = step.event.client_ip.and_then(Network::of);
    members(LIST, value).iter().filter_map(|m| network(m)).any(|added| {
        let is_own = own.iter().any(|o| o.contains(&added));
        let is_place = place.is_some_and(|p| p.0.contains(&added) || added.contains(&p.0));
        !is_own && (is_place || !own.is_empty())
    })
}
