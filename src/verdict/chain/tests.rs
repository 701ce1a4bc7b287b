use super::*;
use crate::indicators::mail::fixture::{LETTER, Letter, World, address_change, at, event};
use crate::records::Origin;
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
    Some(Session {
        anomalies: vec!["an address never seen before".into()],
        weight: 1.2,
        history_days: 30,
        cites: vec![Cite { time, origin, id: None }],
    })
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

/// The stages of the chain on the connector, and its points.
fn chain(world: &mut World) -> Option<(Vec<(Stage, Time)>, f64)> {
    world.with_case(|case| {
        let chain = Chain::of(case, &case.timeline.connectors[0])?;
        let points = chain.points(case);
        assert!(chain.links.is_sorted_by_key(|l| l.time), "{chain:?}");
        assert!(chain.links.iter().all(|l| !l.cites.is_empty()), "{chain:?}");
        Some((chain.links.iter().map(|l| (l.stage, l.time)).collect(), points))
    })
}

fn send(world: &mut World, day: i64, hour: i64, count: usize, spam: bool) {
    for _ in 0..count {
        world.send(at(day, hour), Letter { spam, ..NEW });
    }
}

#[test]
fn sign_in_change_mail_and_verdict_in_this_order_are_a_whole_chain() {
    let mut world = attack();
    send(&mut world, 30, 5, 12, false);
    send(&mut world, 30, 6, 12, true);
    let (links, points) = chain(&mut world).unwrap();
    let expected = [
        (Stage::SignIn, at(30, 2)),
        (Stage::Change, at(30, 3)),
        (Stage::Mail, at(30, 5)),
        (Stage::Verdict, at(30, 6)),
    ];
    assert_eq!((links.as_slice(), points), (&expected[..], 1.0));
}

#[test]
fn a_block_is_a_verdict_and_a_few_unwanted_messages_are_none() {
    let mut world = attack();
    send(&mut world, 30, 5, 12, false);
    send(&mut world, 30, 6, 4, true);
    let (links, points) = chain(&mut world).unwrap();
    assert_eq!((links.len(), points), (3, 0.5));
    let mut block = event(at(31, 9), Action::Blocked, "");
    block.cites = strange(at(31, 9)).into_iter().flat_map(|s| s.cites).collect();
    world.timeline.connectors[0].events.push(block);
    let (links, points) = chain(&mut world).unwrap();
    assert_eq!((links[3], points), ((Stage::Verdict, at(31, 9)), 1.0));
}

#[test]
fn signs_in_another_order_or_far_apart_are_no_chain() {
    // The address had sent before the change.
    let mut world = attack();
    send(&mut world, 29, 20, 1, false);
    send(&mut world, 30, 6, 12, true);
    let (links, points) = chain(&mut world).unwrap();
    assert_eq!((links.len(), points), (2, 0.0));
    // The sign-in was weeks ago: told, but not counted.
    let mut world = attack();
    world.timeline.connectors[0].events[0].session = strange(at(10, 2));
    send(&mut world, 30, 5, 12, true);
    let (links, points) = chain(&mut world).unwrap();
    assert_eq!((links[0], links.len(), points), ((Stage::SignIn, at(10, 2)), 4, 0.5));
}

#[test]
fn a_change_that_was_meant_opens_no_chain() {
    let mut world = attack();
    world.timeline.connectors[0].events[0].intended = Some(true);
    send(&mut world, 30, 5, 12, true);
    assert_eq!(chain(&mut world), None);
    let mut quiet = attack();
    quiet.timeline.connectors[0].events[0].session = None;
    assert_eq!(chain(&mut quiet), None, "a change alone is no chain");
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
    let (links, _) = chain(&mut world).unwrap();
    assert_eq!(links[1].0, Stage::Mail);
}
