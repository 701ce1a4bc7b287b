use super::*;
use crate::indicators::fixture::cite;
use crate::indicators::mail::fixture::{LETTER, Letter, World, address_change, at};
use crate::settings::tuning::Thresholds;
use crate::timeline::Session;

const INTRUDER: &str = "185.220.101.5";

/// Six weeks of routine from the organisation's own host, a change on day 42 and mail of another host from `mail` on.
fn world(intended: Option<bool>, mail: i64) -> World {
    let mut world = World::new();
    world.organization.on_premises = vec!["81.2.69.160/28".parse().expect("a network")];
    let own = Letter {
        source: "81.2.69.160",
        ..LETTER
    };
    world.routine(0, 52, 20, own);
    let mut event = address_change(at(42, 3), "81.2.69.160;185.220.101.5", false);
    event.intended = intended;
    event.cites = vec![cite(event.time)];
    world.timeline.connectors[0].events.push(event);
    for hour in 0..12 {
        let letter = Letter {
            source: INTRUDER,
            spam: hour > 4,
            ..LETTER
        };
        world.send(at(mail, 4 + hour), letter);
    }
    world
}

fn chain(world: &mut World) -> Option<Chain> {
    let mail = world.count();
    let case = Case {
        organization: &world.organization,
        window: world.window,
        digest: &world.digest,
        coverage: &world.coverage,
        timeline: &world.timeline,
        mail: &mail,
        index: crate::indicators::Index::default(),
    };
    find(&case, &world.timeline.connectors[0], &[])
}

#[test]
fn an_unmeant_change_and_then_a_host_never_seen_before_are_told_in_their_order() {
    let chain = chain(&mut world(Some(false), 42)).expect("a chain");
    assert_eq!((chain.opened, chain.first_mail), (at(42, 3), at(42, 4)));
    let expected = format!(
        "changed it at {}. From {} on came 12 messages of hosts that had never sent through HQ before; \
         the first of them judged unwanted is of {}.",
        at(42, 3),
        at(42, 4),
        at(42, 9)
    );
    assert!(chain.summary.ends_with(&expected), "{}", chain.summary);
    let times: Vec<Time> = chain.cites.iter().map(|c| c.time).collect();
    assert_eq!(
        times,
        [at(42, 3), at(42, 4), at(42, 9)],
        "change, first mail, first unwanted"
    );
}

#[test]
fn a_host_that_sent_before_the_change_or_long_after_it_is_no_part_of_it() {
    assert_eq!(chain(&mut world(Some(false), 40)), None);
    assert_eq!(chain(&mut world(Some(false), 50)), None);
}

#[test]
fn an_undecided_change_begins_a_chain_only_where_its_session_is_odd() {
    assert_eq!(chain(&mut world(None, 42)), None);
    assert_eq!(chain(&mut world(Some(true), 42)), None);
    let mut odd = world(None, 42);
    odd.timeline.connectors[0].events[0].session = Some(Session::new(
        vec!["it came from a network never seen before".to_owned()],
        0.7,
        30,
        Vec::new(),
        &Thresholds::default(),
    ));
    let chain = chain(&mut odd).expect("a chain");
    let session = format!(
        "at {}. The session: it came from a network never seen before. From",
        at(42, 3)
    );
    assert!(chain.summary.contains(&session), "{}", chain.summary);
}

#[test]
fn a_row_behind_the_change_and_its_session_is_cited_once() {
    let mut odd = world(None, 42);
    let change = &mut odd.timeline.connectors[0].events[0];
    let session = vec!["it came from a network never seen before".to_owned()];
    let cites = vec![cite(at(42, 2)), cite(at(42, 3))];
    change.session = Some(Session::new(session, 0.7, 30, cites, &Thresholds::default()));
    let cites = chain(&mut odd).expect("a chain").cites;
    let times: Vec<Time> = cites.iter().map(|c| c.time).collect();
    assert_eq!(times, [at(42, 3), at(42, 2), at(42, 4), at(42, 9)], "{cites:?}");
}
