use super::*;
use crate::indicators::Finding;
use crate::indicators::fixture::{Fixture, Sketch, act};
use crate::indicators::transport_rule_tampering::TransportRuleTampering;
use crate::timeline::ActorKind;
use crate::verdict::Weighing;

const APP: &str = "11111111-2222-3333-4444-555555555555";
const THIEF: &str = "mail.admin@y.example";

fn judgement(verdict: Verdict, findings: Vec<Finding>) -> ConnectorJudgement {
    ConnectorJudgement {
        verdict,
        weighing: Weighing {
            score: 0.0,
            low: 0.0,
            high: 0.0,
            adjustments: Vec::new(),
            sequence: None,
        },
        since: None,
        reasons: Vec::new(),
        findings,
    }
}

/// Verdict and score of an account; `None` where it is not listed.
fn of(f: &Fixture, judged: &[ConnectorJudgement], id: &str) -> Option<(Verdict, f64)> {
    let found = accounts(&f.case(), judged);
    found.iter().find(|a| a.id == id).map(|a| (a.verdict, a.score))
}

#[test]
fn whoever_gave_the_application_its_power_in_a_strange_session_is_accused_with_it() {
    let mut f = Fixture::complete();
    f.event(
        "Relay",
        act("20T02:00", Action::Created, APP, Some(false)).session(1.0, 0),
    );
    f.actor(APP, ActorKind::Application);
    let grant = act("04T02:00", Action::Related, THIEF, Some(false)).session(1.5, 30);
    let known_by = grant.cites.clone();
    f.tenant(grant);
    f.tenant(act("05T02:00", Action::Related, "other@y.example", Some(false)).session(1.5, 30));
    let bad = [judgement(Verdict::LikelyCompromised, vec![])];
    assert_eq!(of(&f, &bad, THIEF), None, "nothing cites the grant yet");

    let session = f.connector("Relay").events[0].session.as_mut();
    session.expect("the act has a session").cites = known_by;
    // -4 before all evidence, +2 for the session, +4.5 for what came of it.
    assert_eq!(of(&f, &bad, THIEF), Some((Verdict::LikelyCompromised, 2.5)));
    assert_eq!(of(&f, &bad, "other@y.example"), None);
}

#[test]
fn what_a_reason_cites_accuses_a_strange_session_and_lists_another_without_a_stain() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    f.tenant(act("04T02:00", Action::Related, THIEF, Some(false)).session(1.5, 30));
    f.tenant(act("05T09:00", Action::Related, "owner@y.example", None).session(0.0, 30));
    f.tenant(act("06T09:00", Action::Related, "bystander@y.example", None).session(1.5, 30));
    let cites: Vec<_> = f.timeline.tenant[..2].iter().map(|e| e.cites[0].clone()).collect();
    let finding = Finding::supported(&TransportRuleTampering, 2.5, "Rules.".into(), cites.clone());
    let bad = [judgement(Verdict::Suspicious, vec![finding])];
    // -4 + 2 + 2.5: in the session alone lies what makes a suspicion of it.
    assert_eq!(of(&f, &bad, THIEF), Some((Verdict::Suspicious, 0.5)));
    assert_eq!(of(&f, &bad, "owner@y.example"), Some((Verdict::NoIndication, -4.5)));
    assert_eq!(of(&f, &bad, "bystander@y.example"), None);

    let weightless = Finding::supported(&TransportRuleTampering, 0.0, "Rules.".into(), cites);
    let note = [judgement(Verdict::Suspicious, vec![weightless])];
    assert_eq!(of(&f, &note, THIEF), None, "what does not count is no reason");
}

#[test]
fn only_what_nobody_meant_stains_and_services_are_no_accounts() {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Changed, THIEF, Some(false)));
    f.event(
        "Relay",
        act("10T09:00", Action::Changed, "owner@y.example", Some(true)).session(0.0, 30),
    );
    f.event("Relay", act("10T10:00", Action::Changed, "service", Some(false)));
    f.actor("service", ActorKind::Service);
    let bad = [judgement(Verdict::LikelyCompromised, vec![])];
    // Without sign-ins the deed alone: -4 + 4.5, suspicious, and never likely.
    assert_eq!(of(&f, &bad, THIEF), Some((Verdict::Suspicious, 0.5)));
    assert_eq!(of(&f, &bad, "owner@y.example"), Some((Verdict::NoIndication, -4.5)));
    assert_eq!(of(&f, &bad, "service"), None);

    let clean = [judgement(Verdict::NoIndication, vec![])];
    assert_eq!(of(&f, &clean, THIEF), Some((Verdict::NotAssessable, -4.0)));
}

#[test]
fn a_snapshot_an_alert_or_a_block_is_nobodys_act() {
    let mut f = Fixture::complete();
    for action in [Action::SeenInSnapshot, Action::Alerted, Action::Blocked] {
        f.event("Relay", act("10T02:00", action, THIEF, None));
    }
    let bad = [judgement(Verdict::LikelyCompromised, vec![])];
    assert!(accounts(&f.case(), &bad).is_empty());
}
