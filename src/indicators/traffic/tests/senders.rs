//! In whose name: `sender_mismatch` and `unprovisioned_domain`.

use super::*;
use crate::digest::{Flags, SenderClass};

#[test]
fn a_foreign_header_behind_an_own_envelope_is_a_mismatch() {
    let mut world = changed();
    world.day(50, 60, STRANGER);
    let finding = ask(&mut world, "sender_mismatch");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 1.5),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["own_p1_foreign_p2"], 60);
    assert_eq!(finding.cite_count, 60);
}

#[test]
fn a_newsletter_with_variable_return_paths_is_none() {
    let mut world = changed();
    let newsletter = Letter {
        p1: "bounce.sender.example",
        class: SenderClass::Verp,
        ..LETTER
    };
    world.day(50, 600, newsletter);
    for id in [
        "sender_mismatch",
        "unprovisioned_domain",
        "source_ip_mismatch",
        "spam_delivery",
    ] {
        assert_eq!(ask(&mut world, id).state, State::Contradicted, "{id}");
    }
    assert_eq!(ask(&mut world, "sender_mismatch").facts["excluded_by_design"], 600);
}

#[test]
fn a_connector_that_always_carried_a_sending_service_is_not_accused() {
    let mut world = World::new();
    let service = Letter {
        p1: "mail.service.example",
        p2: "service.example",
        ..LETTER
    };
    let brand = Letter {
        p2: "tickets.example",
        ..LETTER
    };
    for (count, letter) in [(40, LETTER), (20, service), (20, brand)] {
        world.routine(0, 56, count, letter);
    }
    world.timeline.connectors[0]
        .events
        .push(address_change(at(42, 3), "81.2.69.160", false));
    for id in ["sender_mismatch", "unprovisioned_domain"] {
        let finding = ask(&mut world, id);
        assert_eq!(finding.state, State::Contradicted, "{id}: {}", finding.summary);
    }
}

#[test]
fn a_trace_with_one_sender_cannot_tell_them_apart() {
    let mut world = World::new();
    world.routine(0, 56, 80, Letter { p2: "", ..LETTER });
    let finding = ask(&mut world, "sender_mismatch");
    assert_eq!(finding.state, State::NotAssessable);
    assert!(finding.needs[0].contains("MessageTraceDetail"));
    assert_eq!(ask(&mut world, "unprovisioned_domain").state, State::Contradicted);
}

#[test]
fn foreign_senders_on_a_certificate_connector_are_strong() {
    let mut world = changed();
    let certificate = ("TlsSenderCertificateName".to_owned(), "mail.fabrikam.com".to_owned());
    world.timeline.connectors[0].states[0].parameters.extend([certificate]);
    world.day(
        50,
        60,
        Letter {
            p1: "evil.example",
            p2: "evil.example",
            ..LETTER
        },
    );
    let finding = ask(&mut world, "unprovisioned_domain");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 1.5),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["domains"][0], "evil.example");
}

#[test]
fn delivered_foreign_envelopes_on_an_address_connector_question_our_own_list_first() {
    let mut world = changed();
    world.day(
        50,
        60,
        Letter {
            p1: "daughter.example",
            p2: "daughter.example",
            ..LETTER
        },
    );
    let finding = ask(&mut world, "unprovisioned_domain");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 0.7),
        "{}",
        finding.summary
    );
    assert!(finding.summary.contains("list of accepted domains"));
}

#[test]
fn a_domain_accepted_the_day_before_counts_as_not_provisioned() {
    let mut world = changed();
    let mut added = event(at(49, 0), Action::Related, "New-AcceptedDomain");
    added.parameters = vec![("DomainName".into(), "deals.example".into())];
    world.timeline.tenant.push(added);
    world.day(
        50,
        60,
        Letter {
            p1: "deals.example",
            p2: "deals.example",
            ..LETTER
        },
    );
    let finding = ask(&mut world, "unprovisioned_domain");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 1.5),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["just_accepted"], 60);
}

#[test]
fn an_unsure_sender_still_counts_for_provisioning() {
    let mut world = changed();
    world.timeline.connectors[0].states.clear();
    world.day(
        50,
        60,
        Letter {
            p1: "evil.example",
            p2: "",
            ..LETTER
        },
    );
    assert!(world.digest.facts.iter().any(|f| f.flags.has(Flags::SENDER_UNSURE)));
    let finding = ask(&mut world, "unprovisioned_domain");
    assert_eq!(finding.state, State::Supported, "{}", finding.summary);
}
