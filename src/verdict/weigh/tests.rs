use super::*;
use crate::indicators::fixture::{Fixture, act, at, cite};
use crate::indicators::registry;
use crate::records::ConnectorType;
use crate::settings::ApprovedChange;
use crate::settings::tuning::Tuning;
use crate::timeline::Event;

/// What the program reckons with where nobody says otherwise.
fn points() -> crate::settings::tuning::Points {
    Tuning::default().points
}

/// The finding of an indicator in this state, at the full weight that the table gives it.
fn found(id: &str, state: State) -> Finding {
    let indicator = registry().into_iter().find(|i| i.id() == id).expect("an indicator");
    let weight = weights::of(id);
    match state {
        State::Supported => Finding::supported(
            indicator,
            weight.supported,
            "A sign.".into(),
            vec![cite(at("10T00:00"))],
        ),
        State::Contradicted => Finding::contradicted(indicator, weight.contradicted, "None.".into()),
        State::NotAssessable => Finding::not_assessable(indicator, "Who knows.".into(), vec!["a log".into()]),
    }
}

/// Findings of these indicators supported, every other one in `rest`.
fn findings(supported: &[&str], rest: State) -> Vec<Finding> {
    let state = |id: &str| {
        if supported.contains(&id) {
            State::Supported
        } else {
            rest
        }
    };
    weights::WEIGHTS.iter().map(|w| found(w.id, state(w.id))).collect()
}

/// The verdict on an OnPremises connector that stands at this score.
fn at_score(score: f64, findings: &[Finding]) -> Verdict {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let weighing = Weighing {
        score,
        low: score,
        high: score,
        adjustments: Vec::new(),
        sequence: None,
    };
    verdict(&f.case(), f.get("Relay"), findings, &weighing)
}

#[test]
fn in_a_group_the_strongest_counts_whole_and_the_rest_a_quarter() {
    assert_eq!(one_group(&[2.5, 2.0, 0.0], 0.25), 3.0);
    assert_eq!(one_group(&[-1.0, -0.2], 0.25), -1.05);
    assert_eq!(one_group(&[2.0, -1.0], 0.25), 1.75);
    assert_eq!(one_group(&[], 0.25), 0.0);
}

#[test]
fn a_score_lies_in_the_band_whose_threshold_it_reaches() {
    let two = findings(&["unauthorized_change", "spam_delivery"], State::Contradicted);
    assert_eq!(at_score(2.0, &two), Verdict::LikelyCompromised);
    assert_eq!(at_score(1.99, &two), Verdict::Suspicious);
    assert_eq!(at_score(0.0, &two), Verdict::Suspicious);
    assert_eq!(at_score(-0.01, &two), Verdict::NoIndication);
}

#[test]
fn one_group_alone_or_mail_alone_is_never_likely_compromised() {
    let change = findings(&["unauthorized_change", "short_lived_connector"], State::Contradicted);
    assert_eq!(at_score(9.0, &change), Verdict::Suspicious, "configuration alone");
    let block = findings(&["connector_blocked", "connector_alert"], State::Contradicted);
    assert_eq!(at_score(9.0, &block), Verdict::Suspicious, "vendor alone");
    let mail = findings(
        &["volume_spike", "spam_delivery", "unfamiliar_recipients"],
        State::Contradicted,
    );
    assert_eq!(
        at_score(9.0, &mail),
        Verdict::Suspicious,
        "three groups, and nobody acted"
    );
    let matched = findings(&["connector_blocked", "volume_spike"], State::Contradicted);
    assert_eq!(at_score(9.0, &matched), Verdict::LikelyCompromised);
    let note = findings(&["unauthorized_change", "volume_dip"], State::Contradicted);
    assert_eq!(at_score(9.0, &note), Verdict::Suspicious, "a dip gives no points");
}

#[test]
fn a_connector_is_cleared_only_by_complete_evidence_that_leaves_no_room() {
    let none = findings(&[], State::Contradicted);
    let low = |change: fn(&mut Fixture), high: f64| {
        let mut f = Fixture::complete();
        f.connector("Relay");
        change(&mut f);
        let weighing = Weighing {
            score: -5.0,
            low: -5.0,
            high,
            adjustments: Vec::new(),
            sequence: None,
        };
        verdict(&f.case(), f.get("Relay"), &none, &weighing)
    };
    assert_eq!(low(|_| (), -0.01), Verdict::NoIndication);
    assert_eq!(
        low(|_| (), 0.0),
        Verdict::NotAssessable,
        "what is missing could make it suspicious"
    );
    assert_eq!(
        low(|f| f.coverage.sign_in_log.state = Completeness::Missing, -1.0),
        Verdict::NoIndication
    );
    let open: [fn(&mut Fixture); 5] = [
        |f| f.coverage.audit_log.state = Completeness::Partial,
        |f| f.coverage.audit_scope.connectors = false,
        |f| f.coverage.inbound_connectors.state = Completeness::Missing,
        |f| f.coverage.message_trace.state = Completeness::Partial,
        |f| f.connector("Relay").kind = None,
    ];
    for (index, change) in open.into_iter().enumerate() {
        assert_eq!(low(change, -1.0), Verdict::NotAssessable, "{index}");
    }
}

#[test]
fn a_connector_whose_hosts_nobody_knows_is_not_cleared() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    f.connector("Gateway").kind = Some(ConnectorType::Partner);
    let mut open = findings(&[], State::Contradicted);
    for finding in open.iter_mut().filter(|f| f.id == "source_ip_mismatch") {
        *finding = found("source_ip_mismatch", State::NotAssessable);
    }
    let verdict = |name: &str| {
        let (case, connector) = (f.case(), f.get(name));
        verdict(&case, connector, &open, &weigh(&case, connector, &open))
    };
    assert_eq!(verdict("Relay"), Verdict::NotAssessable);
    assert_eq!(
        verdict("Gateway"),
        Verdict::NoIndication,
        "a partner's hosts are his own"
    );
}

#[test]
fn what_is_missing_widens_the_range_and_not_the_score() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let weighing = weigh(&f.case(), f.get("Relay"), &findings(&[], State::NotAssessable));
    assert_eq!(weighing.score, points().prior);
    assert!(
        weighing.low < points().prior - 3.0 && weighing.high > points().likely,
        "{weighing:?}"
    );
    let known = weigh(&f.case(), f.get("Relay"), &findings(&[], State::Contradicted));
    assert_eq!((known.low, known.high), (known.score, known.score));
}

#[test]
fn clean_records_of_the_configuration_do_not_outweigh_the_host_behind_it() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let mail = ["volume_spike", "unfamiliar_recipients"];
    let weighing = weigh(&f.case(), f.get("Relay"), &findings(&mail, State::Contradicted));
    // Of the host's shape: -4, volume 1.5, content -1.0, recipients 1.0, sender -(0.7 + 0.3 / 4), vendor
    // -(0.5 + (0.3 + 0.3) / 4); configuration, identity and source are as they always were.
    assert!((weighing.score - (-4.0 + 1.5 - 1.0 + 1.0 - 0.775 - 0.65)).abs() < 0.006);
}

#[test]
fn much_unwanted_mail_together_with_more_of_it_other_names_or_strangers_is_suspicious() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    f.connector("Gateway").kind = Some(ConnectorType::Partner);
    let score =
        |name: &str, supported: &[&str]| weigh(&f.case(), f.get(name), &findings(supported, State::Contradicted)).score;
    for beside in ["volume_spike", "sender_mismatch", "unfamiliar_recipients"] {
        assert_eq!(
            score("Relay", &["spam_delivery", beside]),
            points().suspicious,
            "{beside}"
        );
        assert!(
            score("Gateway", &["spam_delivery", beside]) < points().suspicious,
            "{beside}"
        );
    }
    assert!(score("Relay", &["spam_delivery"]) < points().suspicious);
    let mailing = findings(&["volume_spike", "unfamiliar_recipients"], State::Contradicted);
    let weighing = weigh(&f.case(), f.get("Relay"), &mailing);
    assert!(weighing.score < points().suspicious);
    assert_eq!(
        weighing.high,
        points().suspicious,
        "filters that found nothing clear nobody"
    );
}

#[test]
fn mail_in_foreign_names_that_is_new_in_another_way_too_is_suspicious_whatever_the_filters_found() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    f.connector("Gateway").kind = Some(ConnectorType::Partner);
    let score =
        |name: &str, supported: &[&str]| weigh(&f.case(), f.get(name), &findings(supported, State::Contradicted)).score;
    for beside in ["volume_spike", "unfamiliar_recipients", "source_ip_mismatch"] {
        let signs = ["sender_mismatch", beside];
        assert!(score("Relay", &signs) >= points().suspicious, "{beside}");
        assert!(score("Gateway", &signs) < points().suspicious, "{beside}");
    }
    assert!(score("Relay", &["sender_mismatch"]) < points().suspicious);
}

#[test]
fn a_jump_in_mail_to_strangers_is_suspicious_unless_the_filters_found_it_clean() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let with_spam = |state| {
        let mut list = findings(&["volume_spike", "unfamiliar_recipients"], State::Contradicted);
        for finding in list.iter_mut() {
            match finding.id {
                "spam_delivery" => *finding = found("spam_delivery", state),
                "unfamiliar_recipients" => finding.points = weights::of(finding.id).weak,
                _ => {}
            }
        }
        weigh(&f.case(), f.get("Relay"), &list)
    };
    assert_eq!(with_spam(State::NotAssessable).score, points().suspicious);
    assert!(with_spam(State::Contradicted).score < points().suspicious);
}

#[test]
fn strangers_and_foreign_names_are_not_cleared_by_filters() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let weigh = |supported: &[&str]| weigh(&f.case(), f.get("Relay"), &findings(supported, State::Contradicted));
    let strangers = weigh(&["unfamiliar_recipients"]);
    assert!(strangers.score < points().suspicious);
    assert_eq!(strangers.high, points().suspicious);
    let mut weak = findings(&["sender_mismatch"], State::Contradicted);
    for finding in weak.iter_mut().filter(|f| f.state == State::Supported) {
        finding.points = weights::of(finding.id).weak;
    }
    let names = super::weigh(&f.case(), f.get("Relay"), &weak);
    assert!(names.score < points().suspicious);
    assert_eq!(names.high, points().suspicious);
    assert!(weigh(&["unprovisioned_domain"]).high < points().suspicious);
}

#[test]
fn what_an_odd_session_did_is_not_undone_by_clean_mail() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let mut weak = findings(&["unauthorized_change", "compromised_admin"], State::Contradicted);
    for finding in weak.iter_mut().filter(|f| f.state == State::Supported) {
        finding.points = weights::of(finding.id).weak;
    }
    assert_eq!(weigh(&f.case(), f.get("Relay"), &weak).score, points().suspicious);
}

#[test]
fn an_act_that_nothing_decides_leaves_room_for_suspicion_and_the_lack_of_one_does_not() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let undecided = |cites: Vec<crate::timeline::Cite>| {
        let mut list = findings(&[], State::Contradicted);
        for finding in list.iter_mut().filter(|f| f.id == "unauthorized_change") {
            *finding = found("unauthorized_change", State::NotAssessable).citing(cites.clone());
        }
        weigh(&f.case(), f.get("Relay"), &list)
    };
    assert_eq!(undecided(vec![cite(at("10T00:00"))]).high, points().suspicious);
    assert!(undecided(Vec::new()).high < points().suspicious);
}

#[test]
fn a_connector_opened_by_someone_not_meant_to_stays_suspicious_however_clean_its_mail() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let score = |findings: &[Finding]| weigh(&f.case(), f.get("Relay"), findings).score;
    let mut opened = findings(&["unauthorized_change"], State::Contradicted);
    assert_eq!(score(&opened), points().suspicious);
    for finding in opened.iter_mut().filter(|f| f.id == "unauthorized_change") {
        finding.points = weights::of("unauthorized_change").weak;
    }
    assert!(score(&opened) < points().suspicious, "a weak sign is no floor");
}

/// A connector with these events, under a ticket for the tenth of March.
fn ticketed(events: Vec<Event>) -> Fixture {
    let mut f = Fixture::complete();
    f.connector("Relay").events = events;
    f.organization.approved_changes.push(ApprovedChange {
        connector: "relay".to_owned(),
        from: at("10T08:00"),
        to: at("10T12:00"),
        note: None,
    });
    f
}

fn change(time: &str) -> Event {
    act(time, Action::Changed, "owner@y.example", Some(true))
}

#[test]
fn a_ticket_counts_where_it_covers_all_that_took_effect() {
    let summary = |events: Vec<Event>| {
        let f = ticketed(events);
        let list = adjustments(&f.case(), f.get("Relay"), &findings(&[], State::Contradicted));
        list.into_iter().next().map(|a| {
            assert_eq!((a.id, a.points), ("approved_change", -2.0));
            assert!(!a.cites.is_empty());
            a.summary
        })
    };
    assert_eq!(
        summary(vec![change("10T09:00")]).as_deref(),
        Some("The one change of it on record falls into an approved change.")
    );
    let mut failed = change("20T09:00");
    failed.succeeded = false;
    assert_eq!(
        summary(vec![change("10T09:00"), change("10T10:00"), failed.clone()]).as_deref(),
        Some("All 2 changes of it on record fall into an approved change.")
    );
    assert_eq!(summary(vec![change("10T09:00"), change("20T09:00")]), None);
    failed.time = at("10T09:00");
    assert_eq!(summary(vec![failed]), None, "nothing was changed");
}

#[test]
fn nothing_is_taken_off_where_vendor_configuration_or_identity_speak_against_it() {
    let f = ticketed(vec![change("10T09:00")]);
    let count = |supported: &[&str]| {
        let findings = findings(supported, State::Contradicted);
        adjustments(&f.case(), f.get("Relay"), &findings).len()
    };
    assert_eq!(count(&["spam_delivery"]), 1);
    for doubtful in ["connector_alert", "unauthorized_change", "compromised_admin"] {
        assert_eq!(count(&[doubtful]), 0, "{doubtful}");
    }
}

#[test]
fn what_vouches_for_the_configuration_takes_nothing_off_the_host() {
    let mail = findings(
        &["volume_spike", "spam_delivery", "unfamiliar_recipients"],
        State::Contradicted,
    );
    let with = ticketed(vec![change("10T09:00")]);
    let mut without = ticketed(vec![change("10T09:00")]);
    without.organization.approved_changes.clear();
    let score = |f: &Fixture, findings: &[Finding]| weigh(&f.case(), f.get("Relay"), findings).score;
    assert_eq!(score(&with, &mail), score(&without, &mail));

    // Of the configuration's shape it counts: what its missing records could still say is lowered by it.
    let untold: Vec<Finding> = findings(&[], State::Contradicted)
        .into_iter()
        .map(|f| match f.id {
            "unexpected_connector" | "unauthorized_change" | "compromised_admin" => found(f.id, State::NotAssessable),
            _ => f,
        })
        .collect();
    let high = |f: &Fixture| weigh(&f.case(), f.get("Relay"), &untold).high;
    assert!((high(&without) - high(&with) - 2.0).abs() < 1e-9);
}

#[test]
fn a_partner_connector_is_of_a_known_type() {
    let mut f = Fixture::complete();
    f.connector("Relay").kind = Some(ConnectorType::Partner);
    let weighing = weigh(&f.case(), f.get("Relay"), &findings(&[], State::Contradicted));
    assert_eq!(
        verdict(
            &f.case(),
            f.get("Relay"),
            &findings(&[], State::Contradicted),
            &weighing
        ),
        Verdict::NoIndication
    );
}

#[test]
fn configuration_hand_and_host_together_are_likely_whatever_the_filters_made_of_it() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let three = ["unauthorized_change", "compromised_admin", "source_ip_mismatch"];
    let verdict_of = |supported: &[&str]| {
        let findings = findings(supported, State::Contradicted);
        let weighing = weigh(&f.case(), f.get("Relay"), &findings);
        verdict(&f.case(), f.get("Relay"), &findings, &weighing)
    };
    assert_eq!(verdict_of(&three), Verdict::LikelyCompromised);
    assert_eq!(verdict_of(&three[..2]), Verdict::Suspicious);
}

#[test]
fn microsofts_own_detection_stands_where_no_trace_gainsays_it() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let score = |rest| weigh(&f.case(), f.get("Relay"), &findings(&["connector_alert"], rest)).score;
    assert_eq!(score(State::NotAssessable), points().suspicious);
    assert!(score(State::Contradicted) < points().suspicious);
}

#[test]
fn mail_of_a_partner_connector_is_not_missed() {
    let mut f = Fixture::complete();
    f.connector("Relay").kind = Some(ConnectorType::Partner);
    let untraced = |id: &str| {
        let traffic = is_traffic(weights::of(id).group);
        found(
            id,
            if traffic {
                State::NotAssessable
            } else {
                State::Contradicted
            },
        )
    };
    let findings: Vec<Finding> = weights::WEIGHTS.iter().map(|w| untraced(w.id)).collect();
    let weighing = weigh(&f.case(), f.get("Relay"), &findings);
    assert_eq!((weighing.low, weighing.high), (weighing.score, weighing.score));
}

#[test]
fn the_parts_of_a_score_add_up_to_it() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    let sets: [(&[&str], State, &str, bool); 5] = [
        // What vouches for the configuration takes nothing off the host.
        (&[], State::Contradicted, "host", false),
        (
            &["unauthorized_change", "short_lived_connector", "spam_delivery"],
            State::NotAssessable,
            "configuration",
            false,
        ),
        (
            // Much spam with more mail than ever is suspicious whatever else is clean.
            &["volume_spike", "spam_delivery", "unfamiliar_recipients"],
            State::Contradicted,
            "host",
            true,
        ),
        // Too little by itself, and raised to where what was opened leaves it.
        (&["unauthorized_change"], State::Contradicted, "configuration", true),
        (&["connector_alert"], State::NotAssessable, "configuration", true),
    ];
    for (supported, rest, shape, raised) in sets {
        let findings = findings(supported, rest);
        let weighing = weigh(&f.case(), f.get("Relay"), &findings);
        let (found, parts) = parts(&f.case(), &findings, &weighing);
        assert_eq!(found, shape, "{supported:?}");
        // The score is rounded to hundredths.
        let sum: f64 = parts.iter().map(|p| p.points).sum();
        assert!((sum - weighing.score).abs() < 0.005 + 1e-9, "{supported:?}");
        assert_eq!(parts.iter().any(|p| p.id == "floor"), raised, "{supported:?}");
    }
}

#[test]
fn of_a_group_one_part_counts_whole() {
    let findings = findings(&["connector_blocked", "connector_alert"], State::NotAssessable);
    let mut f = Fixture::complete();
    f.connector("Relay");
    let (_, parts) = parts(&f.case(), &findings, &weigh(&f.case(), f.get("Relay"), &findings));
    let of = |id: &str| parts.iter().find(|p| p.id == id).map(|p| (p.given, p.points));
    assert_eq!(of("connector_blocked"), Some((3.5, 3.5)));
    assert_eq!(of("connector_alert"), Some((3.0, 0.75)));
    assert_eq!(of("self_unblock"), None, "what is not assessable gives nothing");
}
