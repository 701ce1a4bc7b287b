use super::super::State;
use super::super::fixture::{Fixture, Sketch, act, at, cite};
use super::*;
use crate::records::AuditEvent;
use crate::timeline::Action;

fn switch_off(time: &str, actor: &str, intended: Option<bool>) -> Event {
    act(time, Action::Related, actor, intended).typed(
        "Set-AdminAuditLogConfig",
        &[("UnifiedAuditLogIngestionEnabled", "False")],
    )
}

fn dig(f: &mut Fixture, from: &str, to: &str) {
    let hole = at(from).hour()..at(to).hour();
    f.coverage.audit_hours.retain(|h| !hole.contains(h));
    for time in [Time(at(from).0 - 1), at(to)] {
        f.digest.events.push(AuditEvent {
            time,
            origin: cite(time).origin,
            ..AuditEvent::default()
        });
    }
}

#[test]
fn the_same_actor_who_switched_auditing_off_is_supported_and_the_connector_beside_it_is_not() {
    let mut f = Fixture::complete();
    f.tenant(switch_off("10T01:00", "m@y.example", None));
    f.event("Relay", act("10T02:00", Action::Changed, "m@y.example", None));
    f.event("HQ", act("11T02:00", Action::Changed, "it.admin@y.example", Some(true)));
    f.snapshot("Old", Some(Time(0)), Some(at("02T00:00")));
    let finding = f.assess(&AuditTampering, "Relay");
    assert_eq!(
        (finding.state, finding.points, finding.cite_count),
        (State::Supported, 2.0, 2)
    );
    assert_eq!(f.state(&AuditTampering, "HQ"), State::NotAssessable);
    assert_eq!(f.state(&AuditTampering, "Old"), State::Contradicted);
}

#[test]
fn microsofts_own_service_or_someone_meant_to_is_no_sign() {
    let mut f = Fixture::complete();
    f.connector("HQ");
    f.actor("NT AUTHORITY\\SYSTEM", ActorKind::Service);
    f.tenant(switch_off("10T01:00", "NT AUTHORITY\\SYSTEM", None));
    f.tenant(switch_off("11T01:00", "it.admin@y.example", Some(true)));
    assert_eq!(f.state(&AuditTampering, "HQ"), State::Contradicted);
}

#[test]
fn a_hole_before_an_unmeant_change_is_weak_and_cites_both_its_sides() {
    let mut f = Fixture::complete();
    dig(&mut f, "09T20:00", "09T23:00");
    f.event("Relay", act("10T02:00", Action::Changed, "m@y.example", Some(false)));
    f.event("HQ", act("10T02:00", Action::Changed, "x@y.example", None));
    let finding = f.assess(&AuditTampering, "Relay");
    assert_eq!((finding.state, finding.points), (State::Supported, 1.0));
    assert_eq!(finding.cites[0].time, Time(at("09T20:00").0 - 1));
    assert_eq!(finding.cites[1].time, at("09T23:00"));
    assert_eq!(f.state(&AuditTampering, "HQ"), State::NotAssessable);
}

#[test]
fn a_change_that_the_snapshot_dates_into_the_hole_is_weak_and_one_before_it_contradicts() {
    let mut f = Fixture::complete();
    dig(&mut f, "09T20:00", "09T23:00");
    f.snapshot("Relay", Some(Time(0)), Some(at("09T21:30")));
    f.snapshot("HQ", Some(Time(0)), Some(at("03T21:30")));
    assert_eq!(f.assess(&AuditTampering, "Relay").points, 1.0);
    assert_eq!(f.state(&AuditTampering, "HQ"), State::Contradicted);
    // The last record may stand at any minute of the hour before.
    f.snapshot("Edge", Some(Time(0)), Some(at("09T19:57")));
    assert_eq!(f.assess(&AuditTampering, "Edge").points, 1.0);
}

#[test]
fn a_switch_that_a_list_alone_vouches_for_counts_where_the_snapshot_dates_a_change_into_it() {
    let mut f = Fixture::complete();
    f.tenant(switch_off("09T20:00", "it.admin@y.example", Some(true)));
    f.snapshot("Relay", Some(Time(0)), Some(at("09T21:30")));
    f.snapshot("HQ", Some(Time(0)), Some(at("03T21:30")));
    assert_eq!(
        f.state(&AuditTampering, "Relay"),
        State::Contradicted,
        "in his own session"
    );
    for event in &mut f.timeline.tenant {
        event.session = None;
    }
    assert_eq!(f.assess(&AuditTampering, "Relay").points, 2.0);
    assert_eq!(f.state(&AuditTampering, "HQ"), State::Contradicted);
}

#[test]
fn a_connector_first_heard_of_after_the_hole_is_weak() {
    let mut f = Fixture::complete();
    dig(&mut f, "19T20:00", "19T23:00");
    f.connector("Ghost");
    f.mail("Ghost", "19T23:30");
    f.connector("HQ");
    f.mail("HQ", "05T23:30");
    assert_eq!(f.assess(&AuditTampering, "Ghost").points, 1.0);
    assert_eq!(f.state(&AuditTampering, "HQ"), State::NotAssessable);
}

#[test]
fn a_hole_without_mail_is_an_outage_and_without_a_trace_cannot_be_judged() {
    let mut f = Fixture::complete();
    dig(&mut f, "09T20:00", "09T23:00");
    f.event("Relay", act("10T02:00", Action::Changed, "m@y.example", Some(false)));
    let hole = at("09T20:00").hour()..at("09T23:00").hour();
    f.coverage.trace_hours.retain(|h| !hole.contains(h));
    assert_eq!(f.state(&AuditTampering, "Relay"), State::Contradicted);
    assert_eq!(f.no_trace().state(&AuditTampering, "Relay"), State::NotAssessable);
}

#[test]
fn without_a_steady_background_silence_says_nothing() {
    let mut f = Fixture::complete();
    f.connector("HQ");
    assert_eq!(f.assess(&AuditTampering, "HQ").points, -0.3);
    f.coverage.audit_scope.heartbeat = false;
    assert_eq!(f.state(&AuditTampering, "HQ"), State::NotAssessable);
}

fn config(switch: &str, changed: &str) -> Setting {
    Setting {
        kind: SettingKind::AuditConfig,
        name: "Admin Audit Log Settings".to_owned(),
        id: None,
        parameters: vec![("UnifiedAuditLogIngestionEnabled".to_owned(), switch.to_owned())],
        created: None,
        changed: Some(at(changed)),
        origin: crate::records::Origin::default(),
    }
}

#[test]
fn a_configuration_that_reads_off_counts_where_the_log_ends_with_it_and_no_record_says_so() {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Changed, "m@y.example", Some(false)));
    f.digest.settings.push(config("False", "10T03:00"));
    f.coverage.audit_log.last = Some(at("10T03:40"));
    let finding = f.assess(&AuditTampering, "Relay");
    assert_eq!((finding.state, finding.points), (State::Supported, 2.0));
    f.digest.settings[0].parameters[0].1 = "True".to_owned();
    assert_ne!(f.state(&AuditTampering, "Relay"), State::Supported);
}

#[test]
fn a_log_that_goes_on_shows_that_the_configuration_was_read_in_the_wrong_place() {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Changed, "m@y.example", Some(false)));
    f.digest.settings.push(config("False", "10T03:00"));
    assert_eq!(f.state(&AuditTampering, "Relay"), State::Contradicted);
}
