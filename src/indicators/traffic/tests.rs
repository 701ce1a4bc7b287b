//! The six traffic indicators other than `volume_spike`, on hand-built cases.

mod hosts;
mod quiet;
mod senders;

use crate::indicators::mail::fixture::{LETTER, Letter, World, address_change, at, connector, event};
use crate::indicators::traffic::registry_traffic;
use crate::indicators::{Finding, Indicator, State};
use crate::records::{FilterVerdict, SmtpCode, Status};
use crate::settings::tuning::weights;
use crate::timeline::Action;

fn indicator(id: &str) -> &'static dyn Indicator {
    registry_traffic().into_iter().find(|i| i.id() == id).unwrap()
}

fn ask(world: &mut World, id: &str) -> Finding {
    world.ask(indicator(id))
}

/// Eight weeks of routine; the addresses were changed by a stranger after six.
fn changed() -> World {
    let mut world = World::new();
    world.routine(0, 56, 80, LETTER);
    world.timeline.connectors[0]
        .events
        .push(address_change(at(42, 3), "81.2.69.160;185.220.101.5", false));
    world
}

const STRANGER: Letter<'static> = Letter {
    source: "185.220.101.5",
    p2: "brand.example",
    ..LETTER
};

#[test]
fn a_quiet_connector_contradicts_every_question() {
    for finding in changed().ask_each(0, &registry_traffic()) {
        let id = finding.id;
        assert_eq!(finding.state, State::Contradicted, "{id}: {}", finding.summary);
        assert!(
            (finding.points - weights::of(id).contradicted).abs() < 1e-9,
            "{id}: {}",
            finding.points
        );
    }
}

#[test]
fn without_a_trace_every_question_says_what_to_collect() {
    for indicator in registry_traffic() {
        let finding = World::new().ask(indicator);
        assert_eq!(
            (finding.state, finding.points),
            (State::NotAssessable, 0.0),
            "{}",
            indicator.id()
        );
        assert!(
            finding.needs[0].contains("Start-HistoricalSearch"),
            "{}",
            indicator.id()
        );
    }
}

#[test]
fn a_trace_that_cannot_be_tied_to_the_connector_is_no_answer() {
    let mut world = World::new();
    world.timeline.connectors[0] = connector("HQ", "");
    world.routine(
        0,
        56,
        80,
        Letter {
            connector: "",
            ..LETTER
        },
    );
    for indicator in registry_traffic() {
        let finding = world.ask(indicator);
        assert_eq!(finding.state, State::NotAssessable, "{}", indicator.id());
        assert!(finding.needs[0].contains("names the connector"), "{}", indicator.id());
    }
}

#[test]
fn a_gap_in_the_time_judged_keeps_from_clearing() {
    let mut world = changed();
    world.count();
    world.coverage.message_trace.gaps.push(crate::digest::coverage::Gap {
        from: Some(at(45, 0)),
        to: Some(at(46, 0)),
        reason: "rows missing".into(),
    });
    for indicator in registry_traffic() {
        assert_eq!(world.ask(indicator).state, State::NotAssessable, "{}", indicator.id());
    }
}

#[test]
fn a_partner_connector_answers_without_points() {
    let mut world = changed();
    world.timeline.connectors[0].kind = Some(crate::records::ConnectorType::Partner);
    world.day(50, 600, STRANGER);
    let finding = ask(&mut world, "sender_mismatch");
    assert_eq!((finding.state, finding.points), (State::Supported, 0.0));
    assert!(finding.summary.contains("cannot relay"));
}

#[test]
fn a_day_of_junk_is_found_among_weeks_of_ordinary_mail() {
    let mut world = changed();
    world.day(50, 40, Letter { spam: true, ..LETTER });
    let finding = ask(&mut world, "spam_delivery");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 2.0),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["spam"], 40);
}

#[test]
fn a_trace_without_outcomes_says_nothing_of_spam() {
    let mut world = changed();
    world
        .digest
        .facts
        .for_each_mut(|fact| fact.set_outcome(Status::Unknown, FilterVerdict::None));
    let finding = ask(&mut world, "spam_delivery");
    assert_eq!(finding.state, State::NotAssessable);
    assert!(finding.needs[0].contains("verdict"));
}

#[test]
fn recipients_nobody_ever_wrote_to_are_unfamiliar() {
    let mut world = changed();
    for recipient in 0..300 {
        let letter = Letter {
            to: "gmail.com",
            recipient: 90_000 + recipient,
            ..LETTER
        };
        world.send(at(50, 9), letter).set_code(SmtpCode::NoSuchRecipient);
    }
    let finding = ask(&mut world, "unfamiliar_recipients");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 1.0),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["novel"], 300);
    assert_eq!(finding.facts["no_such_recipient"], 300);
}

#[test]
fn a_connector_that_always_meets_new_people_is_not_accused() {
    let mut world = World::new();
    for day in 0..56 {
        for i in 0..30 {
            world.send(
                at(day, 9),
                Letter {
                    recipient: 1_000_000 + (day * 30 + i).cast_unsigned(),
                    ..LETTER
                },
            );
        }
    }
    world.timeline.connectors[0]
        .events
        .push(address_change(at(42, 3), "81.2.69.160", false));
    let finding = ask(&mut world, "unfamiliar_recipients");
    assert_eq!(finding.state, State::Contradicted, "{}", finding.summary);
}

#[test]
fn two_weeks_of_reference_are_needed_to_call_anyone_new() {
    let mut world = World::new();
    world.routine(0, 20, 80, LETTER);
    world.timeline.connectors[0]
        .events
        .push(address_change(at(10, 3), "81.2.69.160", false));
    let finding = ask(&mut world, "unfamiliar_recipients");
    assert_eq!(finding.state, State::NotAssessable, "{}", finding.summary);
}

/// The routine without three working days of the seventh week.
fn fallen() -> World {
    let mut world = World::new();
    world.routine(0, 43, 80, LETTER);
    world.routine(46, 56, 80, LETTER);
    // Somebody else still writes, so the trace is there.
    for day in 0..56 {
        world.day(
            day,
            5,
            Letter {
                connector: "",
                source: "",
                recipient: 500,
                ..LETTER
            },
        );
    }
    world
}

#[test]
fn silence_between_two_rows_is_a_note() {
    let finding = ask(&mut fallen(), "volume_dip");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 0.0),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["days"].as_array().unwrap().len(), 3);
    assert_eq!(finding.cites.len(), 2);
    assert!(finding.cites[0].time < at(43, 0) && finding.cites[1].time >= at(46, 0));
}

#[test]
fn a_block_explains_the_silence_after_it() {
    let mut world = fallen();
    let blocked = event(at(42, 20), Action::Blocked, "");
    world.timeline.connectors[0].events.push(blocked);
    let finding = ask(&mut world, "volume_dip");
    assert_eq!(finding.state, State::Contradicted, "{}", finding.summary);
    assert!(finding.summary.contains("blocked at 2026-04-13"));
}

#[test]
fn every_indicator_documents_itself_and_has_its_weight() {
    for indicator in registry_traffic() {
        assert!(indicator.question().ends_with('?'), "{}", indicator.id());
        assert!(indicator.explanation().len() > 200, "{}", indicator.id());
        assert_eq!(weights::of(indicator.id()).id, indicator.id());
    }
}

#[test]
fn much_junk_beside_too_short_a_past_is_not_cleared() {
    let mut world = World::new();
    world.routine(0, 42, 2, LETTER);
    // One of some eighty may be an eightieth or a twentieth of its mail.
    world.day(20, 1, Letter { spam: true, ..LETTER });
    world.routine(42, 56, 20, LETTER);
    for day in 42..56 {
        world.day(day, 2, Letter { spam: true, ..LETTER });
    }
    world.timeline.connectors[0]
        .events
        .push(address_change(at(42, 3), "81.2.69.160;185.220.101.5", false));
    let finding = ask(&mut world, "spam_delivery");
    assert_eq!(finding.state, State::NotAssessable, "{}", finding.summary);
    assert!(finding.summary.contains("too short"), "{}", finding.summary);
}

#[test]
fn junk_in_the_week_before_a_block_does_not_count_as_past() {
    let mut world = World::new();
    world.routine(0, 50, 80, LETTER);
    for day in 38..42 {
        world.day(day, 30, Letter { spam: true, ..LETTER });
    }
    world.timeline.connectors[0]
        .events
        .push(event(at(42, 0), Action::Blocked, ""));
    let finding = ask(&mut world, "spam_delivery");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 2.0),
        "{}",
        finding.summary
    );
    assert_eq!(finding.window.unwrap().0, at(35, 0));
}
