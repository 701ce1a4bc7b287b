//! Was the connector's configuration changed by someone not meant to?

use crate::records::Time;
use crate::timeline::{Action, ActorKind, Change, Connector, Event};

use super::documented::documented;
use super::reach::Scope;
use super::{Case, Finding, Indicator, acts, reach};

documented! {
    /// A good connector opened by someone not meant to: every parameter counts, the name, the addresses, domains
    /// and certificate as much as the trust flags (CloudServicesMailEnabled, TreatMessagesAsInternal, EFSkip*,
    /// TrustedOrganizations and the rest), and so do enabling, disabling, renaming and removing.
    ///
    /// Supported: such a change succeeded, set something new, and was not meant. Weakly: the session was odd though
    /// not beyond doubt, only the comment was changed, the connector was only disabled or removed, or the record does
    /// not say what was changed; or the snapshot differs from what the complete log left, and no record explains it.
    /// A record that is cut off, so that what it set cannot be read, counts whole: nothing says that it was only a
    /// comment.
    ///
    /// Contradicted: the audit log speaks of connectors through the whole time, and every change in it was meant,
    /// or there is none. A list of admins alone does not show that it was them: without a change ticket, sign-ins must.
    /// A gap in the log leaves the question open, and so does a change that nothing decides, or a
    /// date of change in the snapshot that no record explains.
    ///
    /// Look-alikes: renumbering, renewed certificates, automation that sets the same values again (no change at all
    /// in the values is none here), and Microsoft's own service actors.
    ///
    /// Needs: the audit log with connector cmdlets; connector_admins in org.toml or sign-in logs. ATT&CK has no exact
    /// technique; T1098 is the closest.
    /// Source: Microsoft, Respond to a compromised connector.
    pub struct UnauthorizedChange;
}

impl Indicator for UnauthorizedChange {
    fn id(&self) -> &'static str {
        "unauthorized_change"
    }

    fn question(&self) -> &'static str {
        "Was its configuration changed by someone not meant to?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1098"]
    }

    fn further_techniques(&self) -> &'static [(&'static str, &'static str)] {
        &[("T1199", "where a partner acted")]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let mut changes = acts::acts(case, connector);
        changes.retain(|e| e.action != Action::Created);
        let unintended: Vec<&Event> = changes.iter().copied().filter(|e| acts::is_unintended(e)).collect();
        if !unintended.is_empty() {
            return self.unintended(case, connector, &unintended);
        }
        let undecided: Vec<&Event> = changes.iter().copied().filter(|e| acts::is_unvouched(e)).collect();
        let odd: Vec<&Event> = undecided
            .iter()
            .copied()
            .filter(|e| acts::is_by_odd_session(case, e))
            .collect();
        if let (Some(first), Some(last)) = (odd.first(), odd.last()) {
            return Finding::supported(
                self,
                case.weight(self.id()).weak,
                format!(
                    "{} changed {} ({}) in a session that is odd, though not beyond doubt: {}.",
                    acts::names(case, &odd),
                    connector.name,
                    parameters(&odd),
                    acts::oddities(first)
                ),
                acts::cites(&odd),
            )
            .fact("changes", odd.len())
            .fact("parameters", parameters(&odd))
            .fact("actors", acts::names(case, &odd))
            .during(first.time, last.time);
        }
        if !undecided.is_empty() {
            return Finding::not_assessable(
                self,
                format!(
                    "{} changed {} ({}), and nothing says whether that was meant.",
                    acts::names(case, &undecided),
                    connector.name,
                    parameters(&undecided)
                ),
                reach::intent_needs(case),
            )
            .citing(acts::cites(&undecided));
        }
        let trusted: Vec<&Event> = changes
            .iter()
            .copied()
            .filter(|e| acts::is_on_trust(case, connector, e))
            .collect();
        if !trusted.is_empty() {
            return Finding::not_assessable(
                self,
                format!(
                    "{} changed {} ({}) and is meant to, but there are no sign-ins that show whose session it was.",
                    acts::names(case, &trusted),
                    connector.name,
                    parameters(&trusted)
                ),
                reach::session_needs(),
            )
            .citing(acts::cites(&trusted));
        }
        let speaks =
            reach::life(case, connector).is_some_and(|(from, to)| reach::log_speaks(case, Scope::Connectors, from, to));
        if !speaks {
            return Finding::not_assessable(
                self,
                format!(
                    "The audit log does not speak of changes to {} through the whole time looked at.",
                    connector.name
                ),
                reach::log_needs(case, Scope::Connectors),
            );
        }
        if let Some(finding) = self.drift(case, connector) {
            return finding;
        }
        if let Some(changed) = unexplained(case, connector) {
            return Finding::not_assessable(
                self,
                format!(
                    "The snapshot says that {} was last changed at {changed}, and no record tells of that change.",
                    connector.name
                ),
                vec![format!(
                    "the audit log around {changed}, searched once more without filters"
                )],
            );
        }
        if let Some(changed) = reach::changed_just_before(case, connector) {
            return Finding::not_assessable(
                self,
                format!(
                    "{} was last changed at {changed}, shortly before the audit log begins, and no record tells what was done.",
                    connector.name
                ),
                reach::log_needs_before(case, changed),
            );
        }
        let summary = match changes.len() {
            0 => format!("The complete audit log holds no change to {}.", connector.name),
            n => format!(
                "What was done to {} was meant: {} by {}.",
                connector.name,
                acts::count(n, "change"),
                acts::names(case, &changes)
            ),
        };
        Finding::contradicted(self, case.weight(self.id()).contradicted, summary)
            .fact("changes", changes.len())
            .citing(acts::cites(&changes))
    }
}

impl UnauthorizedChange {
    fn unintended(&self, case: &Case, connector: &Connector, events: &[&Event]) -> Finding {
        let weight = case.weight(self.id());
        let strong = events.iter().any(|e| opens(e));
        let because = events
            .first()
            .map_or("", |e| e.intended_because.trim().trim_end_matches('.'));
        let because = if because.is_empty() {
            String::new()
        } else {
            format!(": {because}")
        };
        let mut finding = Finding::supported(
            self,
            if strong { weight.supported } else { weight.weak },
            format!(
                "{} changed {} without being meant to ({}){because}.",
                acts::names(case, events),
                connector.name,
                parameters(events)
            ),
            acts::cites(events),
        )
        .fact("changes", events.len())
        .fact("parameters", parameters(events))
        .fact("actors", acts::names(case, events));
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            finding = finding.during(first.time, last.time);
        }
        if events.iter().any(|e| acts::kind(case, e) == ActorKind::Partner) {
            finding.techniques = &["T1098", "T1199"];
        }
        finding
    }

    /// What the snapshot shows otherwise than the complete log left it.
    fn drift(&self, case: &Case, connector: &Connector) -> Option<Finding> {
        let seen: Vec<&Event> = connector
            .events
            .iter()
            .filter(|e| {
                e.action == Action::SeenInSnapshot && case.window.contains(e.time) && e.changes.iter().any(differs)
            })
            .collect();
        if seen.is_empty() {
            return None;
        }
        Some(
            Finding::supported(
                self,
                case.weight(self.id()).weak,
                format!(
                    "The snapshot shows {} otherwise than the complete audit log left it ({}), and no record \
                     explains it.",
                    connector.name,
                    parameters(&seen)
                ),
                acts::cites(&seen),
            )
            .fact("parameters", parameters(&seen)),
        )
    }
}

/// The snapshot's date of change, where it lies in the time looked at, a day or more from anything on record. Microsoft's
/// own maintenance moves that date too, so it accuses nobody.
fn unexplained(case: &Case, connector: &Connector) -> Option<Time> {
    let changed = acts::snapshot(case, connector)?.changed?;
    let (from, to) = reach::life(case, connector)?;
    let explained = connector
        .events
        .iter()
        .any(|e| acts::is_act(e) && e.time.0.abs_diff(changed.0) < case.thresholds().edge.unsigned_abs());
    let within = changed.0 >= from.0.saturating_add(case.thresholds().edge) && changed <= to;
    (within && !explained).then_some(changed)
}

/// Whether a value that was known is another now, in a parameter that does something.
fn differs(change: &Change) -> bool {
    change.before_known && change.before.is_some() && change.before != change.after && !is_harmless(&change.parameter)
}

/// Parameters that only people read.
fn is_harmless(parameter: &str) -> bool {
    parameter.eq_ignore_ascii_case("Comment")
}

/// Whether the event did more than comment, close or remove.
fn opens(event: &Event) -> bool {
    match event.action {
        Action::Enabled => true,
        Action::Changed => event.parameters_lost || event.changes.iter().any(|c| !is_harmless(&c.parameter)),
        _ => false,
    }
}

/// What was changed, each parameter once.
fn parameters(events: &[&Event]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for event in events {
        let words: Vec<&str> = match event.changes.as_slice() {
            [] if event.parameters_lost => vec!["something that cannot be read"],
            [] => vec![event.action.as_str()],
            changes => changes.iter().map(|c| c.parameter.as_str()).collect(),
        };
        for word in words {
            if !seen.contains(&word) {
                seen.push(word);
            }
        }
    }
    seen.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::super::fixture::{Fixture, Sketch, act, at};
    use super::*;
    use crate::digest::coverage::{Completeness, Gap};

    fn change(time: &str, intended: Option<bool>) -> Event {
        act(time, Action::Changed, "x@y.example", intended).with("SenderIPAddresses", "192.0.2.1", "203.0.113.9")
    }

    #[test]
    fn an_unintended_change_is_supported_and_the_connector_beside_it_is_contradicted() {
        let mut f = Fixture::complete();
        f.event("Relay", change("10T02:00", Some(false)));
        f.event("HQ", change("10T02:05", Some(true)));
        f.connector("Untouched");
        let finding = f.assess(&UnauthorizedChange, "Relay");
        assert_eq!((finding.state, finding.points), (State::Supported, 2.5));
        assert!(finding.summary.contains("SenderIPAddresses"));
        assert_eq!(f.assess(&UnauthorizedChange, "HQ").points, -1.0);
        assert_eq!(f.assess(&UnauthorizedChange, "Untouched").points, -1.0);
    }

    #[test]
    fn a_trust_flag_alone_counts_whole_and_a_comment_alone_weakly() {
        let mut f = Fixture::complete();
        let by = |time| act(time, Action::Changed, "x@y.example", Some(false));
        f.event("Flag", by("10T02:00").with("TreatMessagesAsInternal", "False", "True"));
        f.event("Note", by("10T02:00").with("Comment", "", "do not touch"));
        f.event("Gone", act("10T02:00", Action::Removed, "x@y.example", Some(false)));
        assert_eq!(f.assess(&UnauthorizedChange, "Flag").points, 2.5);
        assert_eq!(f.assess(&UnauthorizedChange, "Note").points, 1.2);
        assert_eq!(f.assess(&UnauthorizedChange, "Gone").points, 1.2);
    }

    #[test]
    fn a_change_that_a_damaged_record_does_not_tell_counts_whole() {
        let mut f = Fixture::complete();
        let lost = |intended| Event {
            parameters_lost: true,
            ..act("10T02:00", Action::Changed, "x@y.example", intended)
        };
        f.event("Relay", lost(Some(false)));
        f.event("HQ", lost(None));
        let finding = f.assess(&UnauthorizedChange, "Relay");
        assert_eq!((finding.state, finding.points), (State::Supported, 2.5));
        assert!(
            finding.summary.contains("something that cannot be read"),
            "{}",
            finding.summary
        );
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::NotAssessable);
        f.event("Bare", act("10T02:00", Action::Changed, "x@y.example", Some(false)));
        assert_eq!(f.assess(&UnauthorizedChange, "Bare").points, 1.2);
    }

    #[test]
    fn what_failed_or_changed_nothing_does_not_count() {
        let mut f = Fixture::complete();
        let mut failed = change("10T02:00", Some(false));
        failed.succeeded = false;
        let mut same = change("10T03:00", Some(false));
        same.no_op = true;
        f.event("HQ", failed).event("HQ", same);
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::Contradicted);
    }

    #[test]
    fn an_undecided_change_is_not_assessable_or_weak_from_an_odd_session() {
        let mut f = Fixture::complete();
        f.event("HQ", change("10T02:00", None));
        f.event("Odd", change("10T02:00", None).session(0.9, 40));
        f.event("Journey", change("10T02:00", None).session(0.7, 40));
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::NotAssessable);
        assert_eq!(f.assess(&UnauthorizedChange, "Odd").points, 1.2);
        assert_eq!(f.state(&UnauthorizedChange, "Journey"), State::NotAssessable);
    }

    #[test]
    fn a_list_alone_does_not_clear_a_change_whose_session_nothing_shows() {
        let mut f = Fixture::complete();
        let unseen = |mut event: Event| {
            event.session = None;
            event
        };
        f.event("HQ", unseen(change("10T02:00", Some(true))));
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::NotAssessable);
        f.event("Branch", change("10T02:00", Some(true)).session(0.0, 2));
        assert_eq!(f.state(&UnauthorizedChange, "Branch"), State::NotAssessable);
        f.organization.responders.push("x@y.example".to_owned());
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::Contradicted);
    }

    #[test]
    fn a_gap_in_the_log_keeps_even_meant_changes_from_contradicting() {
        let mut f = Fixture::complete();
        f.event("HQ", change("10T02:00", Some(true)));
        f.coverage.audit_log.state = Completeness::Partial;
        f.coverage.audit_log.gaps.push(Gap {
            from: Some(at("20T00:00")),
            to: Some(at("21T00:00")),
            reason: "no records".to_owned(),
        });
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::NotAssessable);
        f.event("HQ", change("11T02:00", Some(false)));
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::Supported);
    }

    #[test]
    fn a_gap_before_the_connector_was_created_does_not_matter() {
        let mut f = Fixture::complete();
        f.coverage.audit_log.state = Completeness::Partial;
        f.coverage.audit_log.gaps.push(Gap {
            from: Some(at("02T00:00")),
            to: Some(at("03T00:00")),
            reason: "no records".to_owned(),
        });
        f.event("HQ", act("10T02:00", Action::Created, "x@y.example", Some(true)));
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::Contradicted);
    }

    #[test]
    fn a_snapshot_that_no_record_explains_is_weak_with_a_complete_log_and_open_without() {
        let mut f = Fixture::complete();
        f.event(
            "HQ",
            act("31T12:00", Action::SeenInSnapshot, "", None).with("RequireTls", "True", "False"),
        );
        assert_eq!(f.assess(&UnauthorizedChange, "HQ").points, 1.2);
        assert_eq!(f.no_log().state(&UnauthorizedChange, "HQ"), State::NotAssessable);
    }

    #[test]
    fn a_date_of_change_that_no_record_explains_leaves_the_question_open() {
        let mut f = Fixture::complete();
        f.snapshot("HQ", None, Some(at("12T02:00")));
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::NotAssessable);
        f.event("HQ", change("12T01:59", Some(true)));
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::Contradicted);
    }

    #[test]
    fn the_time_looked_at_bounds_the_changes_that_count() {
        let mut f = Fixture::complete();
        f.event("HQ", change("10T02:00", Some(false)));
        f.window.from = Some(at("12T00:00"));
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::Contradicted);
    }

    #[test]
    fn a_change_shortly_before_the_log_begins_is_nobodys_on_record() {
        let mut f = Fixture::complete();
        let begins = f.coverage.audit_log.first.expect("a log");
        let before = |days: i64| Time(begins.0 - days * Time::DAY);
        f.snapshot("Relay", Some(Time(0)), Some(before(10)));
        f.snapshot("HQ", Some(Time(0)), Some(before(31)));
        let finding = f.assess(&UnauthorizedChange, "Relay");
        assert_eq!(finding.state, State::NotAssessable, "{}", finding.summary);
        assert!(
            finding.needs[0].contains(&before(17).to_string()),
            "{:?}",
            finding.needs
        );
        assert_eq!(f.state(&UnauthorizedChange, "HQ"), State::Contradicted);
    }
}
