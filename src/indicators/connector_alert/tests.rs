use super::super::State;
use super::super::fixture::{Fixture, Sketch, act, at};
use super::*;

fn alert(time: &str, title: &str, data: &str) -> Event {
    act(time, Action::Alerted, "", None)
        .on(title)
        .typed("AlertTriggered", &[("Data", data)])
}

const MAIN: &str = "Suspicious Connector Activity";

#[test]
fn an_alert_means_the_connectors_that_it_is_placed_on_and_no_other() {
    let mut f = Fixture::complete();
    f.connector("HQ");
    let words = "Connector: HQ, HQ 2";
    f.event("HQ 2", alert("10T08:00", MAIN, words));
    let finding = f.assess(&ConnectorAlert, "HQ 2");
    assert_eq!((finding.state, finding.points), (State::Supported, 3.0));
    assert!(finding.summary.contains("which names it"), "{}", finding.summary);
    assert_eq!(f.state(&ConnectorAlert, "HQ"), State::Contradicted);
    f.event("HQ", alert("10T08:00", MAIN, words));
    assert_eq!(f.state(&ConnectorAlert, "HQ"), State::Supported);
    assert_eq!(f.state(&ConnectorAlert, "HQ 2"), State::Supported);
}

#[test]
fn an_alert_that_is_placed_on_none_is_not_read_a_second_time() {
    let mut f = Fixture::complete();
    f.connector("Connector");
    f.connector("HQ");
    f.tenant(alert("10T08:00", MAIN, "HQ"));
    assert_eq!(f.state(&ConnectorAlert, "Connector"), State::NotAssessable);
    assert_eq!(f.state(&ConnectorAlert, "HQ"), State::NotAssessable);
}

#[test]
fn an_alert_that_names_none_means_the_one_someone_not_meant_to_had_changed() {
    let mut f = Fixture::complete();
    f.event("Relay", act("08T02:00", Action::Changed, "m@y.example", Some(false)));
    f.connector("HQ");
    f.tenant(alert("10T08:00", MAIN, ""));
    assert_eq!(f.assess(&ConnectorAlert, "Relay").points, 3.0);
    assert_eq!(f.state(&ConnectorAlert, "HQ"), State::Contradicted);
}

#[test]
fn an_alert_that_names_none_of_two_untouched_connectors_cannot_be_placed() {
    let mut f = Fixture::complete();
    f.connector("A");
    f.connector("B");
    f.tenant(alert("10T08:00", MAIN, ""));
    assert_eq!(f.state(&ConnectorAlert, "A"), State::NotAssessable);
    assert_eq!(f.state(&ConnectorAlert, "B"), State::NotAssessable);
}

#[test]
fn the_only_connector_that_can_relay_is_meant() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    f.connector("Gateway").kind = Some(crate::records::ConnectorType::Partner);
    f.tenant(alert("10T08:00", "Tenant restricted from sending email", ""));
    assert_eq!(f.assess(&ConnectorAlert, "Relay").points, 2.0);
    assert_eq!(f.state(&ConnectorAlert, "Gateway"), State::Contradicted);
}

#[test]
fn an_undecided_change_elsewhere_does_not_clear_a_connector_of_an_alert_that_names_none() {
    let mut f = Fixture::complete();
    f.event("A", act("08T02:00", Action::Changed, "x@y.example", None));
    f.connector("B");
    f.tenant(alert("10T08:00", MAIN, ""));
    assert_eq!(f.state(&ConnectorAlert, "A"), State::Supported);
    assert_eq!(f.state(&ConnectorAlert, "B"), State::NotAssessable);
    f.event("B", act("09T02:00", Action::Changed, "x@y.example", None));
    assert_eq!(f.state(&ConnectorAlert, "A"), State::NotAssessable);
}

#[test]
fn silence_counts_only_where_alerts_were_exported() {
    let mut f = Fixture::complete();
    f.connector("HQ");
    assert_eq!(f.assess(&ConnectorAlert, "HQ").points, -0.5);
    f.coverage.audit_scope.alerts = false;
    assert_eq!(f.state(&ConnectorAlert, "HQ"), State::NotAssessable);
    assert_eq!(f.no_log().state(&ConnectorAlert, "HQ"), State::NotAssessable);
}

#[test]
fn alerts_on_users_or_outside_the_time_looked_at_do_not_count() {
    let mut f = Fixture::complete();
    f.connector("HQ");
    f.tenant(alert("10T08:00", "User restricted from sending email", "HQ"));
    f.tenant(alert("20T08:00", MAIN, "HQ"));
    f.window.to = Some(at("15T00:00"));
    assert_eq!(f.state(&ConnectorAlert, "HQ"), State::Contradicted);
}
