use super::*;
use crate::indicators::Indicator;
use crate::indicators::fixture::{Fixture, act, at, cite};
use crate::indicators::spam_delivery::SpamDelivery;
use crate::indicators::volume_spike::VolumeSpike;
use crate::verdict::Weighing;

const BAD: Verdict = Verdict::Suspicious;

fn sign(indicator: &dyn Indicator, points: f64, from: &str) -> Finding {
    let rows = vec![cite(at(from))];
    Finding::supported(indicator, points, "A sign.".into(), rows).during(at(from), at("28T00:00"))
}

/// Since when something is wrong with the connector `Relay` of these events.
fn relay(events: Vec<Event>, verdict: Verdict, findings: &[Finding]) -> Option<Since> {
    let mut f = Fixture::complete();
    f.connector("Relay").events = events;
    since(&f.case(), f.get("Relay"), verdict, findings)
}

fn change(time: &str, intended: Option<bool>) -> Event {
    act(time, Action::Changed, "m@y.example", intended)
}

#[test]
fn it_begins_with_the_first_act_that_nobody_meant_and_that_took_effect() {
    let mut failed = change("02T08:00", Some(false));
    failed.succeeded = false;
    let mut no_op = change("03T08:00", Some(false));
    no_op.no_op = true;
    let events = vec![
        change("01T08:00", None),
        failed,
        no_op,
        act("04T08:00", Action::Related, "m@y.example", Some(false)),
        change("05T08:00", Some(true)),
        change("06T08:00", Some(false)),
        change("07T08:00", Some(false)),
    ];
    assert_eq!(relay(events.clone(), BAD, &[]), Some(Since::Event(5)));
    assert_eq!(
        relay(events.clone(), Verdict::NotAssessable, &[]),
        Some(Since::Event(5))
    );
    assert_eq!(relay(events.clone(), Verdict::NoIndication, &[]), None);
    // Else with the first that is undecided, on a connector that is suspected.
    assert_eq!(relay(events[..5].to_vec(), BAD, &[]), Some(Since::Event(0)));
    assert_eq!(relay(events[..5].to_vec(), Verdict::NotAssessable, &[]), None);
}

#[test]
fn an_undecided_act_long_after_the_first_sign_is_not_its_cause() {
    let findings = [
        sign(&VolumeSpike, 1.5, "12T00:00"),
        sign(&SpamDelivery, 2.0, "10T00:00"),
        sign(&SpamDelivery, 0.0, "01T00:00"),
    ];
    let with = |time| relay(vec![change(time, None)], BAD, &findings);
    assert_eq!(with("09T08:00"), Some(Since::Event(0)));
    assert_eq!(
        with("10T08:00"),
        Some(Since::Event(0)),
        "windows open at the start of a day"
    );
    assert_eq!(with("11T08:00"), Some(Since::Finding(1)));
    assert_eq!(relay(vec![], BAD, &findings), Some(Since::Finding(1)));
    assert_eq!(
        relay(vec![], Verdict::NotAssessable, &findings),
        Some(Since::Finding(1))
    );
    assert_eq!(relay(vec![], BAD, &[]), None);
}

#[test]
fn what_lies_before_the_time_looked_at_is_no_beginning() {
    let mut f = Fixture::complete();
    f.connector("Relay").events = vec![change("05T08:00", Some(false)), change("15T08:00", Some(false))];
    f.window.from = Some(at("10T00:00"));
    assert_eq!(since(&f.case(), f.get("Relay"), BAD, &[]), Some(Since::Event(1)));
}

fn headline_of(f: &Fixture, verdict: Verdict, since: Option<Since>, findings: Vec<Finding>) -> String {
    let judged = ConnectorJudgement {
        verdict,
        weighing: Weighing {
            score: 1.0,
            low: 1.0,
            high: 1.0,
            adjustments: Vec::new(),
            sequence: None,
        },
        since,
        reasons: Vec::new(),
        findings,
    };
    headline(&f.case(), &[judged], verdict)
}

#[test]
fn the_headline_names_the_beginning_that_the_report_shows() {
    let mut f = Fixture::complete();
    f.event("Relay", act("05T08:00", Action::Related, "m@y.example", Some(false)));
    f.event("Relay", act("06T08:00", Action::Created, "m@y.example", Some(false)));
    assert_eq!(
        headline_of(&f, Verdict::LikelyCompromised, Some(Since::Event(1)), vec![]),
        "The inbound connector \"Relay\" was likely compromised: it was created at 2026-03-06T08:00:00Z by m@y.example."
    );
    let findings = vec![sign(&SpamDelivery, 2.0, "10T00:00")];
    assert_eq!(
        headline_of(&f, BAD, Some(Since::Finding(0)), findings),
        "The inbound connector \"Relay\" looks suspicious: the first sign of it is of 2026-03-10T00:00:00Z."
    );
    assert_eq!(
        headline_of(&f, BAD, None, vec![]),
        "The inbound connector \"Relay\" looks suspicious."
    );
}
