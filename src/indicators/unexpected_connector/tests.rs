use super::super::State;
use super::super::fixture::{Fixture, act, at};
use super::*;

#[test]
fn an_unintended_creation_is_supported_and_the_connector_beside_it_is_not_accused() {
    let mut f = Fixture::complete();
    f.event(
        "Relay",
        act("10T02:00", Action::Created, "mallory@y.example", Some(false)),
    );
    f.event("HQ", act("05T09:00", Action::Created, "it.admin@y.example", Some(true)));
    let finding = f.assess(&UnexpectedConnector, "Relay");
    assert_eq!((finding.state, finding.points), (State::Supported, 2.5));
    assert!(finding.summary.contains("mallory@y.example"));
    assert_eq!(f.state(&UnexpectedConnector, "HQ"), State::Contradicted);
}

#[test]
fn an_undecided_creation_is_not_assessable_and_says_what_would_decide_it() {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Created, "x@y.example", None));
    let finding = f.assess(&UnexpectedConnector, "Relay");
    assert_eq!(finding.state, State::NotAssessable);
    assert!(finding.needs.iter().any(|n| n.contains("connector_admins")));
}

#[test]
fn a_partner_behind_the_creation_adds_the_technique_of_trusted_relationships() {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Created, "x@msp.example", Some(false)));
    f.actor("x@msp.example", ActorKind::Partner);
    assert!(f.assess(&UnexpectedConnector, "Relay").techniques.contains(&"T1199"));
}

#[test]
fn a_connector_created_years_before_the_log_is_contradicted() {
    let mut f = Fixture::complete();
    f.snapshot("HQ", Some(Time(at("01T00:00").0 - 700 * Time::DAY)), None);
    assert_eq!(f.assess(&UnexpectedConnector, "HQ").points, -1.0);
    f.event("HQ", act("10T02:00", Action::Changed, "x@y.example", None));
    assert_eq!(f.assess(&UnexpectedConnector, "HQ").points, 0.0);
}

#[test]
fn a_connector_created_shortly_before_the_log_cannot_be_told() {
    let mut f = Fixture::complete();
    f.snapshot("HQ", Some(Time(at("01T00:00").0 - 5 * Time::DAY)), None);
    assert_eq!(f.state(&UnexpectedConnector, "HQ"), State::NotAssessable);
}

#[test]
fn a_creation_nobody_recorded_is_weak_and_only_where_the_log_was_kept() {
    let mut f = Fixture::complete();
    f.snapshot("Relay", Some(at("12T03:00")), None);
    assert_eq!(f.assess(&UnexpectedConnector, "Relay").points, 1.2);
    f.coverage.audit_scope.connectors = false;
    assert_eq!(f.state(&UnexpectedConnector, "Relay"), State::NotAssessable);
    assert_eq!(f.no_log().state(&UnexpectedConnector, "Relay"), State::NotAssessable);
}

#[test]
fn a_connector_that_only_the_trace_knows_is_weak_with_complete_log_and_snapshot() {
    let mut f = Fixture::complete();
    f.connector("Ghost");
    f.mail("Ghost", "12T03:00");
    assert_eq!(f.assess(&UnexpectedConnector, "Ghost").points, 1.2);
    f.coverage.inbound_connectors.state = Completeness::Missing;
    assert_eq!(f.state(&UnexpectedConnector, "Ghost"), State::NotAssessable);
}

#[test]
fn mail_a_month_before_the_log_shows_that_the_connector_is_older() {
    let mut f = Fixture::complete();
    f.connector("HQ");
    f.mail("HQ", "01-15T08:00");
    let finding = f.assess(&UnexpectedConnector, "HQ");
    assert_eq!((finding.state, finding.points), (State::Contradicted, 0.0));
}

#[test]
fn a_creation_before_the_time_looked_at_does_not_count_against_it() {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Created, "m@y.example", Some(false)));
    f.window.from = Some(at("15T00:00"));
    assert_eq!(f.state(&UnexpectedConnector, "Relay"), State::NotAssessable);
}
