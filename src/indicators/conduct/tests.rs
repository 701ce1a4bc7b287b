use proptest::prelude::*;

use super::super::fixture::{Fixture, Sketch, act, at, check};
use super::super::{Finding, State};
use super::*;
use crate::digest::coverage::Completeness;
use crate::records::{SmtpCode, Time};
use crate::settings::tuning::weights::{self, WEIGHTS};
use crate::timeline::{Action, ActorKind};

fn all(f: &Fixture, connector: &str) -> Vec<Finding> {
    registry_conduct().iter().map(|i| f.assess(*i, connector)).collect()
}

fn with_state(findings: &[Finding], state: State) -> Vec<&'static str> {
    findings.iter().filter(|x| x.state == state).map(|x| x.id).collect()
}

/// The campaign of 2022 as reported, beside a connector that its administrator maintains in the same days.
fn campaign() -> Fixture {
    const M: &str = "m@fabrikam.example";
    let mut f = Fixture::complete();
    let strange = |e: crate::timeline::Event| e.session(1.5, 40);
    f.tenant(strange(act("10T01:30", Action::Related, M, Some(false)).typed(
        "Set-AdminAuditLogConfig",
        &[("UnifiedAuditLogIngestionEnabled", "False")],
    )));
    f.event("Relay", strange(act("10T02:00", Action::Created, M, Some(false))));
    for (time, header) in [
        ("10T02:05", "Received"),
        ("10T02:06", "ARC-Seal"),
        ("10T02:07", "DKIM-Signature"),
    ] {
        let rule = act(time, Action::Related, M, Some(false));
        f.tenant(strange(rule.typed("New-TransportRule", &[("RemoveHeader", header)])));
    }
    f.mail("Relay", "10T03:00");
    f.refused("Relay", "11T08:00", SmtpCode::BadInboundConnector);
    f.event(
        "Relay",
        act("11T08:10", Action::Alerted, "", None).on("Suspicious connector activity"),
    );
    f.event("Relay", strange(act("11T09:00", Action::Unblocked, M, None)));
    f.mail("Relay", "11T10:00");
    let change = act("11T11:00", Action::Changed, M, Some(false));
    f.event(
        "Relay",
        strange(change.with("SenderIPAddresses", "203.0.113.1", "203.0.113.2")),
    );
    f.mail("Relay", "11T12:00");
    f.event("Relay", strange(act("13T02:00", Action::Removed, M, Some(false))));

    f.snapshot("HQ", Some(Time(0)), Some(at("11T02:30")));
    let renumbering = act("11T02:30", Action::Changed, "it.admin@fabrikam.example", Some(true));
    f.event(
        "HQ",
        renumbering
            .with("SenderIPAddresses", "192.0.2.1", "192.0.2.2")
            .session(0.0, 60),
    );
    for day in 1..=30 {
        f.mail("HQ", &format!("{day:02}T09:00"));
    }
    f
}

#[test]
fn every_indicator_has_a_weight_in_the_order_of_the_table_and_explains_itself() {
    let table: Vec<&str> = WEIGHTS.iter().map(|w| w.id).collect();
    let places: Vec<Option<usize>> = registry_conduct()
        .iter()
        .map(|i| table.iter().position(|t| *t == i.id()))
        .collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    for indicator in registry_conduct() {
        let text = indicator.explanation();
        for part in ["Supported:", "Contradicted:", "Look-alikes:", "Needs:", "Source:"] {
            assert!(text.contains(part), "{} does not say: {part}", indicator.id());
        }
        assert!(indicator.question().ends_with('?'));
    }
}

#[test]
fn with_no_evidence_at_all_nothing_is_supported_or_contradicted() {
    let mut f = Fixture::complete();
    f.coverage = Default::default();
    f.connector("HQ");
    assert_eq!(with_state(&all(&f, "HQ"), State::NotAssessable).len(), 9);
}

#[test]
fn an_old_untouched_connector_with_complete_evidence_is_contradicted_on_every_question() {
    let mut f = Fixture::complete();
    f.snapshot("HQ", Some(Time(0)), None);
    f.mail("HQ", "10T08:00");
    assert_eq!(with_state(&all(&f, "HQ"), State::Contradicted).len(), 9);
}

#[test]
fn the_campaign_supports_every_indicator_for_its_connector_and_none_for_the_one_beside_it() {
    let f = campaign();
    let guilty = all(&f, "Relay");
    assert_eq!(with_state(&guilty, State::Supported).len(), 9, "{guilty:#?}");
    for (finding, weight) in guilty.iter().map(|x| (x, weights::of(x.id))) {
        assert_eq!(finding.points, weight.supported, "{}: {}", finding.id, finding.summary);
    }
    let innocent = all(&f, "HQ");
    assert!(with_state(&innocent, State::Supported).is_empty(), "{innocent:#?}");
    // What was done while auditing was off cannot be known for a connector changed since.
    assert_eq!(with_state(&innocent, State::NotAssessable), ["audit_tampering"]);
}

#[test]
fn without_the_audit_log_nothing_that_needs_it_is_contradicted() {
    let mut f = campaign().no_log();
    f.timeline.tenant.clear();
    for connector in &mut f.timeline.connectors {
        connector.events.clear();
    }
    let innocent = all(&f, "HQ");
    assert_eq!(with_state(&innocent, State::Contradicted), ["connector_blocked"]);
    assert_eq!(with_state(&all(&f, "Relay"), State::Supported), ["connector_blocked"]);
}

const ACTIONS: [Action; 9] = [
    Action::Created,
    Action::Changed,
    Action::Removed,
    Action::Enabled,
    Action::Disabled,
    Action::Blocked,
    Action::Unblocked,
    Action::Alerted,
    Action::SeenInSnapshot,
];
const KINDS: [ActorKind; 5] = [
    ActorKind::User,
    ActorKind::Application,
    ActorKind::Partner,
    ActorKind::Service,
    ActorKind::Unknown,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happened to the guilty connector, meant work on the other one accuses it of nothing, and a log that is
    /// not there clears nobody of what only it would show.
    #[test]
    fn meant_work_is_never_accused_and_a_missing_log_never_clears(
        story in prop::collection::vec((0..9_usize, 0..5_usize, 1..29_u32, 0..24_u32, any::<bool>(), 0..3_u8), 1..12),
        kept in any::<bool>(),
    ) {
        let mut f = Fixture::complete();
        f.snapshot("HQ", Some(Time(0)), None);
        f.mail("HQ", "02T09:00");
        for (action, kind, day, hour, meant, session) in story {
            let (name, intended) = if meant { ("HQ", Some(true)) } else { ("Relay", Some(false)) };
            let action = match ACTIONS[action] {
                // Blocks, alerts and sights are nobody's work; they stay with the guilty one.
                Action::Blocked | Action::Unblocked | Action::Alerted | Action::SeenInSnapshot if meant => Action::Changed,
                other => other,
            };
            let actor = if meant { "it.admin@y.example".to_owned() } else { format!("m{kind}@y.example") };
            let mut event = act(&format!("{day:02}T{hour:02}:00"), action, &actor, intended);
            if session > 0 {
                event = event.session(if meant { 0.0 } else { f64::from(session) }, 30);
            }
            f.event(name, event);
            if !meant {
                f.actor(&actor, KINDS[kind]);
            }
        }
        f.connector("Relay");
        for connector in &mut f.timeline.connectors {
            connector.events.sort_by_key(|e| e.time);
        }
        if !kept {
            f = f.no_log();
            f.coverage.blocked_connectors.state = Completeness::Missing;
        }
        for indicator in registry_conduct() {
            let finding = indicator.assess(&f.case(), f.get("HQ"));
            check(indicator, &finding);
            prop_assert!(finding.state != State::Supported, "{}: {}", finding.id, finding.summary);
            let guilty = indicator.assess(&f.case(), f.get("Relay"));
            check(indicator, &guilty);
            if !kept && finding.id != "unexpected_connector" {
                prop_assert!(finding.state == State::NotAssessable, "{}: {}", finding.id, finding.summary);
            }
        }
    }
}
