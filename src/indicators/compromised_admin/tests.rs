use super::super::State;
use super::super::fixture::{Fixture, Sketch, act, check};
use super::*;
use crate::timeline::Action;

fn by(time: &str, actor: &str, intended: Option<bool>) -> Event {
    act(time, Action::Changed, actor, intended).with("SenderIPAddresses", "192.0.2.1", "203.0.113.9")
}

#[test]
fn an_anomalous_session_is_supported_and_its_earlier_good_work_elsewhere_is_not_held_against_it() {
    let mut f = Fixture::complete();
    f.event("HQ", by("05T09:00", "it.admin@y.example", Some(true)).session(0.0, 40));
    f.event(
        "Relay",
        by("10T02:00", "it.admin@y.example", Some(false)).session(1.4, 40),
    );
    let finding = f.assess(&CompromisedAdmin, "Relay");
    assert_eq!((finding.state, finding.points), (State::Supported, 2.0));
    assert_eq!(finding.techniques, ["T1078.004"]);
    assert_eq!(f.state(&CompromisedAdmin, "HQ"), State::Contradicted);
}

#[test]
fn an_odd_session_is_weak_only_where_nobody_vouches_and_one_sign_alone_leaves_it_open() {
    let mut f = Fixture::complete();
    f.event("A", by("10T02:00", "x@y.example", None).session(0.9, 40));
    f.event("B", by("10T02:00", "x@y.example", Some(true)).session(0.7, 40));
    f.event("C", by("10T02:00", "x@y.example", None).session(0.5, 40));
    f.event("D", by("10T02:00", "x@y.example", None).session(0.7, 40));
    assert_eq!(f.assess(&CompromisedAdmin, "A").points, 1.0);
    assert_eq!(f.state(&CompromisedAdmin, "B"), State::Contradicted);
    assert_eq!(f.state(&CompromisedAdmin, "C"), State::Contradicted);
    assert_eq!(f.state(&CompromisedAdmin, "D"), State::NotAssessable);
}

#[test]
fn without_sign_ins_or_with_an_account_hardly_known_it_is_not_assessable() {
    let mut f = Fixture::complete();
    let unseen = crate::timeline::Event {
        session: None,
        ..by("10T02:00", "x@y.example", Some(true))
    };
    f.event("A", unseen);
    f.event("B", by("10T02:00", "new@y.example", None).session(0.0, 1));
    assert_eq!(f.state(&CompromisedAdmin, "A"), State::NotAssessable);
    assert_eq!(f.state(&CompromisedAdmin, "B"), State::NotAssessable);
}

#[test]
fn an_application_without_sign_ins_is_never_cleared() {
    let mut f = Fixture::complete();
    let mut event = by("10T02:00", "11111111-2222-3333-4444-555555555555", Some(true));
    f.event("A", event.clone());
    event = event.session(0.0, 90);
    f.event("B", event);
    f.actor("11111111-2222-3333-4444-555555555555", ActorKind::Application);
    assert_eq!(f.state(&CompromisedAdmin, "A"), State::NotAssessable);
    assert_eq!(f.state(&CompromisedAdmin, "B"), State::NotAssessable);
}

#[test]
fn a_connector_nobody_touched_is_contradicted_only_with_a_complete_log() {
    let mut f = Fixture::complete();
    f.connector("HQ");
    let finding = f.assess(&CompromisedAdmin, "HQ");
    assert_eq!((finding.state, finding.points), (State::Contradicted, -0.5));
    assert!(finding.summary.starts_with("Nobody touched"));
    assert_eq!(f.no_log().state(&CompromisedAdmin, "HQ"), State::NotAssessable);
}

#[test]
fn an_account_is_judged_by_all_it_did_and_no_other_account_by_it() {
    let mut f = Fixture::complete();
    f.event("HQ", by("05T09:00", "good@y.example", Some(true)).session(0.0, 40));
    f.tenant(act("10T02:00", Action::Related, "bad@y.example", Some(false)).session(2.0, 40));
    let of = |id: &str| {
        let finding = for_account(&f.case(), id);
        check(&CompromisedAdmin, &finding);
        finding.state
    };
    assert_eq!(of("BAD@y.example"), State::Supported);
    assert_eq!(of("good@y.example"), State::Contradicted);
    assert_eq!(of("nobody@y.example"), State::NotAssessable);
}
