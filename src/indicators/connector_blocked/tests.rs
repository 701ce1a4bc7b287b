use super::super::State;
use super::super::fixture::{Fixture, Sketch, act, at};
use super::*;

const GUID: &str = "7b1f2c3d-0000-4000-8000-000000000001";

fn blocked(f: &mut Fixture, connector: &str) {
    f.digest.blocked.push(BlockedConnector {
        connector: connector.to_owned(),
        ..BlockedConnector::default()
    });
}

fn no_list(mut f: Fixture) -> Fixture {
    f.coverage.blocked_connectors.state = Completeness::Missing;
    f
}

#[test]
fn supported_by_the_list_and_not_for_the_connector_beside_it() {
    let mut f = Fixture::complete();
    f.connector("Relay").id = Some(GUID.to_owned());
    f.connector("HQ").id = Some("7b1f2c3d-0000-4000-8000-000000000002".to_owned());
    blocked(&mut f, &GUID.to_uppercase());
    let finding = f.assess(&ConnectorBlocked, "Relay");
    assert_eq!((finding.state, finding.points), (State::Supported, 3.5));
    assert_eq!(f.state(&ConnectorBlocked, "HQ"), State::Contradicted);
}

#[test]
fn supported_by_replies_to_its_own_mail() {
    let mut f = no_list(Fixture::complete());
    f.connector("Relay");
    f.connector("HQ");
    f.mail("HQ", "09T08:00");
    f.refused("Relay", "10T08:00", SmtpCode::BadInboundConnector);
    let finding = f.assess(&ConnectorBlocked, "Relay");
    assert_eq!(finding.state, State::Supported);
    assert_eq!(finding.cites[0].time, at("10T08:00"));
    assert_eq!(f.state(&ConnectorBlocked, "HQ"), State::Contradicted);
}

#[test]
fn a_block_outside_the_time_looked_at_does_not_count() {
    let mut f = no_list(Fixture::complete());
    f.event("Relay", act("20T08:00", Action::Blocked, "", None));
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::Supported);
    f.window.to = Some(at("19T00:00"));
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::NotAssessable);
}

#[test]
fn a_block_that_was_lifted_before_the_list_was_taken_was_a_block() {
    let mut f = Fixture::complete();
    f.event("Relay", act("20T08:00", Action::Unblocked, "x@y.example", None));
    f.connector("HQ");
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::Supported);
    assert_eq!(f.state(&ConnectorBlocked, "HQ"), State::Contradicted);
}

#[test]
fn a_list_of_guids_says_nothing_of_a_connector_without_one() {
    let mut f = Fixture::complete().no_log();
    f.connector("Relay");
    blocked(&mut f, GUID);
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::NotAssessable);
}

#[test]
fn a_block_that_may_be_its_own_keeps_a_quiet_trace_from_contradicting() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    f.connector("HQ").id = Some("7b1f2c3d-0000-4000-8000-000000000002".to_owned());
    f.mail("Relay", "09T08:00");
    f.mail("HQ", "09T08:00");
    f.tenant(act("10T08:00", Action::Blocked, "", None).typed("Get-BlockedConnector", &[("ConnectorId", GUID)]));
    blocked(&mut f, GUID);
    let finding = f.assess(&ConnectorBlocked, "Relay");
    assert_eq!((finding.state, finding.cite_count), (State::NotAssessable, 1));
    assert_eq!(f.state(&ConnectorBlocked, "HQ"), State::Contradicted);
}

#[test]
fn a_lifting_that_may_be_its_own_leaves_the_question_open() {
    let mut f = no_list(Fixture::complete());
    f.connector("Relay");
    f.mail("Relay", "09T08:00");
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::Contradicted);
    f.tenant(
        act("10T08:00", Action::Related, "x@y.example", None)
            .typed("Remove-BlockedConnector", &[("ConnectorId", GUID)]),
    );
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::NotAssessable);
}

#[test]
fn failed_mail_in_a_trace_without_replies_cannot_tell() {
    let mut f = no_list(Fixture::complete());
    f.connector("Relay");
    f.refused("Relay", "10T08:00", SmtpCode::None);
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::NotAssessable);
}

#[test]
fn without_alerts_in_the_log_a_quiet_trace_is_not_enough() {
    let mut f = no_list(Fixture::complete());
    f.connector("Relay");
    f.mail("Relay", "10T08:00");
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::Contradicted);
    f.coverage.audit_scope.alerts = false;
    assert_eq!(f.state(&ConnectorBlocked, "Relay"), State::NotAssessable);
}

#[test]
fn a_tenant_wide_reply_on_all_mail_accuses_only_the_connector_someone_had_changed() {
    let mut f = Fixture::complete();
    f.event("Relay", act("09T22:00", Action::Changed, "m@y.example", Some(false)));
    f.connector("HQ");
    f.refused("Relay", "10T08:00", SmtpCode::TenantThreshold);
    f.refused("HQ", "10T08:05", SmtpCode::TenantThreshold);
    assert_eq!(f.assess(&ConnectorBlocked, "Relay").points, 2.0);
    assert_eq!(f.state(&ConnectorBlocked, "HQ"), State::NotAssessable);
}
