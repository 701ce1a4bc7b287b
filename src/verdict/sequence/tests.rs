use super::*;
use crate::indicators::mail::fixture::{LETTER, Letter, World, address_change, at, event};
use crate::records::Origin;
use crate::settings::tuning::Thresholds;
use crate::timeline::Session;

const NEW: Letter<'static> = Letter {
    source: "203.0.113.7",
    recipient: 900,
    ..LETTER
};

/// A session that is not the owner's, which began at this moment.
fn strange(time: Time) -> Option<Session> {
    let origin = Origin {
        file: 1,
        record: 1,
        offset: 0,
    };
    let sentence = "an address never seen before".into();
    let cite = Cite { time, origin, id: None };
    Some(Session::new(
        vec![sentence],
        1.2,
        30,
        vec![cite],
        &Thresholds::default(),
    ))
}

/// Thirty quiet days, and on the thirtieth at three a change by a stranger who had signed in at two.
fn attack() -> World {
    let mut world = World::new();
    world.routine(0, 33, 40, LETTER);
    let mut change = address_change(at(30, 3), "81.2.69.160;203.0.113.7", false);
    change.session = strange(at(30, 2));
    change.cites = strange(at(30, 3)).into_iter().flat_map(|s| s.cites).collect();
    world.timeline.connectors[0].events.push(change);
    world
}

/// The stages of the sequence on the connector.
fn sequence(world: &mut World) -> Option<Vec<(Stage, Time)>> {
    world.with_case(|case| {
        let sequence = Sequence::of(case, &case.timeline.connectors[0])?;
        assert!(sequence.links.is_sorted_by_key(|l| l.time), "{sequence:?}");
        assert!(sequence.links.iter().all(|l| !l.cites.is_empty()), "{sequence:?}");
        Some(sequence.links.iter().map(|l| (l.stage, l.time)).collect())
    })
}

fn send(world: &mut World, day: i64, hour: i64, count: usize, spam: bool) {
    for _ in 0..count {
        world.send(at(day, hour), Letter { spam, ..NEW });
    }
}

#[test]
fn sign_in_change_mail_and_verdict_in_this_order_are_a_whole_sequence() {
    let mut world = attack();
    send(&mut world, 30, 5, 12, false);
    send(&mut world, 30, 6, 12, true);
    let links = sequence(&mut world).unwrap();
    let expected = [
        (Stage::SignIn, at(30, 2)),
        (Stage::Change, at(30, 3)),
        (Stage::Mail, at(30, 5)),
        (Stage::Verdict, at(30, 6)),
    ];
    assert_eq!(links, expected);
}

#[test]
fn a_block_is_a_verdict_and_a_few_unwanted_messages_are_none() {
    let mut world = attack();
    send(&mut world, 30, 5, 12, false);
    send(&mut world, 30, 6, 4, true);
    let links = sequence(&mut world).unwrap();
    assert_eq!(links.len(), 3);
    let mut block = event(at(31, 9), Action::Blocked, "");
    block.cites = strange(at(31, 9)).into_iter().flat_map(|s| s.cites).collect();
    world.timeline.connectors[0].events.push(block);
    let links = sequence(&mut world).unwrap();
    assert_eq!(links[3], (Stage::Verdict, at(31, 9)));
}

#[test]
fn signs_in_another_order_or_far_apart_are_no_sequence() {
    // The address had sent before the change.
    let mut world = attack();
    send(&mut world, 29, 20, 1, false);
    send(&mut world, 30, 6, 12, true);
    let links = sequence(&mut world).unwrap();
    assert_eq!(links.len(), 2);
    // Power may be taken weeks before it is used.
    let mut world = attack();
    world.timeline.connectors[0].events[0].session = strange(at(10, 2));
    send(&mut world, 30, 5, 12, true);
    let links = sequence(&mut world).unwrap();
    assert_eq!((links[0], links.len()), ((Stage::SignIn, at(10, 2)), 4));
}

#[test]
fn a_change_that_was_meant_opens_no_sequence() {
    let mut world = attack();
    world.timeline.connectors[0].events[0].intended = Some(true);
    send(&mut world, 30, 5, 12, true);
    assert_eq!(sequence(&mut world), None);
    let mut quiet = attack();
    quiet.timeline.connectors[0].events[0].session = None;
    assert_eq!(sequence(&mut quiet), None, "a change alone is none");
}

#[test]
fn all_mail_of_a_connector_that_nobody_meant_to_make_is_new() {
    let mut world = World::new();
    world.routine(0, 33, 40, LETTER);
    world.timeline.connectors[0].events.push(Event {
        intended: Some(false),
        cites: strange(at(20, 3)).into_iter().flat_map(|s| s.cites).collect(),
        ..event(at(20, 3), Action::Created, "New-InboundConnector")
    });
    let links = sequence(&mut world).unwrap();
    assert_eq!(links[1].0, Stage::Mail);
}

/// The session began with its sign-in, not with the first wrong guess.
#[test]
fn failures_before_the_sign_in_are_a_step_of_their_own() {
    let row = |time: Time, record| Cite {
        time,
        origin: Origin {
            file: 2,
            record,
            offset: 0,
        },
        id: None,
    };
    let guesses = vec![row(at(29, 20), 1), row(at(29, 21), 2)];
    let mut world = attack();
    let change = &mut world.timeline.connectors[0].events[0];
    let session = change.session.as_mut().unwrap();
    session.cites.extend(guesses.clone());
    session.sign_in = session.cites.first().cloned();
    session.failed = Some((11, guesses));
    world.with_case(|case| {
        let links = Sequence::of(case, &case.timeline.connectors[0]).unwrap().links;
        let told: Vec<(Time, &str, usize)> = links.iter().map(|l| (l.time, l.said.as_str(), l.cites.len())).collect();
        assert_eq!(told[0], (at(29, 20), "11 sign-ins failed.", 2));
        assert_eq!(
            told[1],
            (at(30, 2), "The session behind it: an address never seen before.", 1)
        );
        assert_eq!((links[2].stage, links.len()), (Stage::Change, 3));
    });
}
