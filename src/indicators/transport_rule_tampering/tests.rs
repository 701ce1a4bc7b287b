//! Rules around connectors.

use super::super::State;
use super::super::fixture::{Fixture, Sketch, act, at};
use super::*;
use crate::records::{ConnectorType, Origin};
use crate::timeline::Action;

fn rule(time: &str, actor: &str, intended: Option<bool>, parameter: (&str, &str)) -> Event {
    act(time, Action::Related, actor, intended).typed("New-TransportRule", &[("Name", "."), parameter])
}

fn guilty() -> Fixture {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Created, "m@y.example", Some(false)));
    f.event("HQ", act("10T02:30", Action::Changed, "it.admin@y.example", Some(true)));
    f
}

#[test]
fn three_headers_weigh_whole_one_weakly_and_the_meant_change_beside_it_is_not_accused() {
    let mut f = guilty();
    f.tenant(rule("10T02:05", "m@y.example", None, ("RemoveHeader", "received-spf")));
    assert_eq!(f.assess(&TransportRuleTampering, "Relay").points, 1.2);
    f.tenant(rule("10T02:06", "m@y.example", None, ("RemoveHeader", "Received")));
    f.tenant(rule(
        "10T02:07",
        "m@y.example",
        None,
        ("RemoveHeader", "DKIM-Signature"),
    ));
    let finding = f.assess(&TransportRuleTampering, "Relay");
    assert_eq!((finding.points, finding.cite_count), (2.5, 3));
    let cleared = f.assess(&TransportRuleTampering, "HQ");
    assert_eq!((cleared.state, cleared.cite_count), (State::Contradicted, 3));
}

#[test]
fn headers_of_vendors_do_not_count() {
    let mut f = guilty();
    for header in ["X-SM-Outgoing", "X-Proofpoint-Spam", "X-Mimecast-Bulk", "X-Anything"] {
        f.tenant(rule("10T02:05", "m@y.example", Some(false), ("RemoveHeader", header)));
    }
    assert_eq!(f.state(&TransportRuleTampering, "Relay"), State::Contradicted);
}

#[test]
fn a_redirect_counts_weakly_and_only_where_something_was_clearly_not_meant() {
    let mut f = guilty();
    f.tenant(rule("10T02:05", "m@y.example", None, ("BlindCopyTo", "a@evil.example")));
    assert_eq!(f.assess(&TransportRuleTampering, "Relay").points, 1.2);
    let mut f = Fixture::complete();
    f.event("Gateway", act("10T02:00", Action::Created, "x@y.example", None));
    f.tenant(rule("10T02:05", "x@y.example", None, ("SetSCL", "-1")));
    assert_eq!(f.state(&TransportRuleTampering, "Gateway"), State::NotAssessable);
}

#[test]
fn a_meant_rule_accuses_nobody() {
    let mut f = guilty();
    f.tenant(rule(
        "10T02:05",
        "it.admin@y.example",
        Some(true),
        ("RemoveHeader", "Received"),
    ));
    assert_eq!(f.state(&TransportRuleTampering, "Relay"), State::Contradicted);
    assert_eq!(f.state(&TransportRuleTampering, "HQ"), State::Contradicted);
}

#[test]
fn a_rule_in_no_connectors_story_leaves_the_question_open() {
    let mut f = guilty();
    f.tenant(rule(
        "25T02:05",
        "m@y.example",
        Some(false),
        ("RemoveHeader", "Received"),
    ));
    assert_eq!(f.state(&TransportRuleTampering, "HQ"), State::NotAssessable);
}

#[test]
fn silence_counts_only_where_exchange_records_were_exported() {
    let mut f = guilty();
    assert_eq!(f.assess(&TransportRuleTampering, "HQ").points, -0.3);
    f.coverage.audit_scope.exchange_admin = false;
    assert_eq!(f.state(&TransportRuleTampering, "HQ"), State::NotAssessable);
    f.coverage.audit_scope.exchange_admin = true;
    f.window.to = Some(at("30T00:00"));
    f.coverage.audit_log.last = Some(at("20T00:00"));
    assert_eq!(f.state(&TransportRuleTampering, "HQ"), State::NotAssessable);
}

fn removes(header: &str, state: &str, changed: &str) -> Setting {
    Setting {
        kind: SettingKind::TransportRule,
        name: ".".to_owned(),
        id: None,
        parameters: [("State", state), ("RemoveHeader", header)]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .to_vec(),
        created: None,
        changed: Some(at(changed)),
        origin: Origin::default(),
    }
}

#[test]
fn a_rule_that_still_stands_counts_weakly_where_no_record_tells_of_it() {
    let mut f = guilty();
    f.digest.settings.push(removes("Received-SPF", "Enabled", "11T02:00"));
    assert_eq!(f.assess(&TransportRuleTampering, "Relay").points, 1.2);
    f.digest.settings[0].changed = Some(at("25T02:00"));
    assert_eq!(f.state(&TransportRuleTampering, "Relay"), State::NotAssessable);
    f.connector("Supplier").kind = Some(ConnectorType::Partner);
    assert_eq!(f.state(&TransportRuleTampering, "Supplier"), State::Contradicted);
    for harmless in [
        removes("Received-SPF", "Disabled", "11T02:00"),
        removes("X-SM-Outgoing", "Enabled", "11T02:00"),
        removes("", "Enabled", "11T02:00"),
    ] {
        f.digest.settings = vec![harmless];
        assert_eq!(f.state(&TransportRuleTampering, "Relay"), State::Contradicted);
    }
}

#[test]
fn a_rule_that_a_record_tells_of_is_judged_by_its_record() {
    let mut f = guilty();
    f.tenant(rule(
        "10T02:05",
        "it.admin@y.example",
        Some(true),
        ("RemoveHeader", "Received"),
    ));
    f.digest.settings.push(removes("Received", "Enabled", "10T02:05"));
    assert_eq!(f.state(&TransportRuleTampering, "Relay"), State::Contradicted);
}
