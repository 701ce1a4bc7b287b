use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;

use super::fixture::{LETTER, Letter, World, address_change, at, connector, event, state};
use super::*;
use crate::digest::coverage::Completeness;
use crate::digest::{Flags, SenderClass};
use crate::indicators::State as Answer;
use crate::indicators::traffic::registry_traffic;
use crate::records::{Status, Time};
use crate::timeline::Action;

#[test]
fn a_row_of_the_whole_message_lends_its_fields_and_is_not_counted() {
    let mut world = World::new();
    let whole = *world.send(
        at(0, 9),
        Letter {
            recipient: 0,
            to: "",
            ..LETTER
        },
    );
    for recipient in [5, 6] {
        let fact = world.send(
            at(0, 9),
            Letter {
                connector: "",
                source: "",
                p1: "",
                p2: "",
                recipient,
                ..LETTER
            },
        );
        fact.message = whole.message;
        fact.class = SenderClass::Unknown;
        fact.flags = Flags(0);
    }
    let mail = world.count();
    let hq = &mail.connectors[0];
    assert_eq!((hq.messages, hq.recipients, hq.by_name), (1, 2, 2));
    assert_eq!(hq.days[0].outbound_recipients, 2);
    assert!(
        mail.of(0)
            .iter()
            .all(|s| s.cell() == Cell::OwnOwn && s.fact.source != 0)
    );
}

#[test]
fn what_tells_only_of_the_fate_of_mail_counts_for_nobody_and_covers_no_time() {
    let mut world = World::new();
    world.send(at(0, 9), LETTER);
    let after = *world.send(at(9, 9), LETTER);
    let mut fate = Fact::new(after.message, after.recipient, after.time(), after.origin(), 0);
    (fate.connector, fate.source) = (after.connector, after.source);
    *world.digest.facts.last_mut().unwrap() = fate;
    let trace = &mut world.coverage.message_trace;
    (trace.state, trace.first, trace.last) = (Completeness::Complete, Some(at(0, 8)), Some(at(0, 17)));
    let mail = world.count();
    assert_eq!((mail.connectors[0].messages, mail.connectors[0].recipients), (1, 1));
    assert_eq!(mail.traced, Some((at(0, 8), at(0, 17))));
}

#[test]
fn a_name_that_may_be_an_outbound_connectors_ties_only_to_an_inbound_one_that_bears_it() {
    let mut world = World::new();
    for name in ["HQ", "Outbound to Office 365"] {
        let fact = world.send(
            at(0, 9),
            Letter {
                connector: name,
                ..LETTER
            },
        );
        fact.flags.set(Flags::CONNECTOR_UNSURE);
    }
    let mail = world.count();
    let hq = &mail.connectors[0];
    assert_eq!((hq.by_name, hq.by_address, mail.named), (1, 1, 0));
}

#[test]
fn a_message_known_only_as_a_whole_counts_once() {
    let mut world = World::new();
    world.send(
        at(0, 9),
        Letter {
            recipient: 0,
            to: "",
            ..LETTER
        },
    );
    let mail = world.count();
    assert_eq!(
        (mail.connectors[0].messages, mail.connectors[0].days[0].outbound),
        (1, 0)
    );
}

#[test]
fn expanded_rows_are_hops() {
    let mut world = World::new();
    world
        .send(at(0, 9), LETTER)
        .set_outcome(Status::Expanded, crate::records::FilterVerdict::None);
    assert_eq!(world.count().connectors[0].messages, 0);
}

#[test]
fn a_name_means_the_connector_that_bore_it_then() {
    let mut world = World::new();
    world.timeline.connectors[0].states = vec![state("HQ", None, ""), state("Old HQ", Some(at(5, 0)), "")];
    world.timeline.connectors[0].names = vec!["HQ".into(), "Old HQ".into()];
    let mut second = connector("HQ", "");
    second.states[0].from = Some(at(5, 1));
    world.timeline.connectors.push(second);
    for (day, name) in [(1, "hq"), (8, "HQ"), (9, "Old HQ")] {
        world.send(
            at(day, 9),
            Letter {
                connector: name,
                ..LETTER
            },
        );
    }
    let mail = world.count();
    let days = |i: usize| mail.of(i).iter().map(|s| s.fact.time()).collect::<Vec<_>>();
    assert_eq!((days(0), days(1)), (vec![at(1, 9), at(9, 9)], vec![at(8, 9)]));
}

#[test]
fn without_a_name_the_address_decides_as_configured_at_that_moment() {
    let mut world = World::new();
    world.timeline.connectors[0]
        .states
        .push(state("HQ", Some(at(5, 0)), "81.2.69.160;185.220.101.0/24"));
    for (day, source) in [(1, "81.2.69.160"), (1, "185.220.101.5"), (6, "185.220.101.5")] {
        world.send(
            at(day, 9),
            Letter {
                connector: "",
                source,
                ..LETTER
            },
        );
    }
    let submitted = world.send(
        at(6, 9),
        Letter {
            connector: "",
            ..LETTER
        },
    );
    submitted.flags.set(Flags::SUBMITTED_BY_USER);
    let mail = world.count();
    let days: Vec<Time> = mail.of(0).iter().map(|s| s.fact.time()).collect();
    assert_eq!(days, [at(1, 9), at(6, 9)]);
    assert_eq!((mail.connectors[0].by_address, mail.connectors[0].by_name), (2, 0));
    assert!(mail.connectors[0].attribution.contains("by sender address"));
}

#[test]
fn of_two_connectors_with_one_address_the_sender_domain_decides() {
    let mut world = World::new();
    let mut special = connector("Shop", "81.2.69.160");
    special.states[0]
        .parameters
        .insert("SenderDomains".into(), "smtp:shop.example;1".into());
    world.timeline.connectors[0].states[0]
        .parameters
        .insert("SenderDomains".into(), "smtp:*;1".into());
    world.timeline.connectors.push(special);
    world.send(
        at(0, 9),
        Letter {
            connector: "",
            p1: "shop.example",
            ..LETTER
        },
    );
    world.send(
        at(0, 9),
        Letter {
            connector: "",
            ..LETTER
        },
    );
    let mail = world.count();
    assert_eq!((mail.of(0).len(), mail.of(1).len(), mail.ambiguous), (1, 1, 0));
    let star = "smtp:*;1".to_owned();
    world.timeline.connectors[1].states[0]
        .parameters
        .insert("SenderDomains".into(), star);
    let mail = world.count();
    assert_eq!((mail.of(0).len(), mail.of(1).len(), mail.ambiguous), (0, 0, 2));
    assert_eq!((mail.connectors[0].contested, mail.connectors[1].contested), (2, 2));
}

#[test]
fn outbound_follows_the_domains_of_the_moment() {
    let mut world = World::new();
    let mut added = event(at(5, 0), Action::Related, "New-AcceptedDomain");
    added.parameters = vec![("DomainName".into(), "daughter.example".into())];
    world.timeline.tenant.push(added);
    world.send(
        at(1, 9),
        Letter {
            to: "daughter.example",
            ..LETTER
        },
    );
    world.send(
        at(6, 9),
        Letter {
            to: "daughter.example",
            ..LETTER
        },
    );
    world.send(
        at(6, 9),
        Letter {
            to: "fabrikam.com",
            ..LETTER
        },
    );
    let mail = world.count();
    assert_eq!(mail.connectors[0].days.iter().map(|(_, d)| d.outbound).sum::<u64>(), 1);
}

#[test]
fn a_weekday_without_any_mail_is_missing_and_a_closed_weekend_is_not() {
    let mut world = World::new();
    for day in (0..28).filter(|d| d % 7 < 5 && *d != 9) {
        world.day(day, 10, LETTER);
    }
    let mail = world.count();
    let missing: Vec<String> = mail
        .days
        .iter()
        .filter(|d| d.missing)
        .map(|d| day_text(d.day))
        .collect();
    assert_eq!(missing, ["2026-03-11"]);
}

#[test]
fn the_past_freezes_at_the_first_change_that_nobody_meant() {
    let mut world = World::new();
    world.routine(0, 40, 50, LETTER);
    let mut undecided = address_change(at(12, 3), "1.2.3.4", true);
    undecided.no_op = true;
    undecided.intended = None;
    world.timeline.connectors[0].events = vec![
        address_change(at(10, 3), "1.2.3.4", true),
        undecided,
        address_change(at(20, 3), "1.2.3.4", false),
    ];
    let mail = world.count();
    let period = mail.connectors[0].period.clone().unwrap();
    assert_eq!((period.until, mail.past_days(0).len()), (at(20, 3), 20));
    assert!(period.because().contains("nobody meant"));
}

#[test]
fn the_time_asked_for_bounds_what_is_judged_and_the_past_still_ends_at_the_first_doubt() {
    let mut world = World::new();
    world.routine(0, 40, 50, LETTER);
    world.timeline.connectors[0].events = vec![address_change(at(20, 3), "1.2.3.4", false)];
    let mut period = |from: Time| {
        world.window.from = Some(from);
        world.count().connectors[0].period.clone().unwrap()
    };
    let later = period(at(30, 0));
    assert_eq!((later.until, later.since), (at(20, 3), at(30, 0)));
    assert!(
        !later.is_past(at(25, 0).0) && !later.is_test(at(25, 0).0),
        "neither past nor judged"
    );
    let earlier = period(at(15, 0));
    assert_eq!((earlier.until, earlier.since), (at(15, 0), at(15, 0)));
    let beyond = period(at(60, 0));
    assert!(beyond.since > beyond.to);
    world.window.from = Some(at(60, 0));
    for finding in world.ask_each(0, &registry_traffic()) {
        assert_eq!(finding.state, Answer::NotAssessable, "{}", finding.id);
    }
}

#[test]
fn suspects_carry_their_reasons_and_come_in_order_of_time() {
    let mut world = World::new();
    world.routine(0, 40, 50, LETTER);
    world.timeline.connectors[0]
        .events
        .push(address_change(at(30, 3), "185.220.101.5", false));
    world.send(
        at(32, 1),
        Letter {
            source: "185.220.101.5",
            p2: "brand.example",
            ..LETTER
        },
    );
    world.send(at(31, 1), Letter { spam: true, ..LETTER });
    world.send(
        at(33, 1),
        Letter {
            p1: "evil.example",
            p2: "evil.example",
            ..LETTER
        },
    );
    let mail = world.count();
    let why: Vec<String> = mail.suspects(0, false).into_iter().map(|s| s.why).collect();
    assert_eq!(why.len(), 3);
    assert_eq!(why[0], "filtered as unwanted");
    assert!(why[1].contains("foreign header sender") && why[1].contains("host"));
    assert_eq!(why[2], "a sender domain that was not provisioned");
    assert_eq!(mail.suspects(0, true).len(), mail.of(0).len());
}

#[test]
fn forged_dates_neither_fill_memory_nor_panic() {
    let mut world = World::new();
    world.routine(0, 30, 20, LETTER);
    for time in [i64::MIN, -1, 0, i64::MAX] {
        world.send(Time(time), LETTER);
    }
    let mail = world.count();
    assert!(mail.days.len() < 40, "{}", mail.days.len());
}

/// Counts by sets, in the plainest way.
fn naive(mail: &Mail) -> BTreeMap<(usize, i32), DayCount> {
    let mut days = BTreeMap::new();
    for connector in 0..mail.connectors.len() {
        let all: BTreeSet<i32> = mail
            .of(connector)
            .iter()
            .map(|s| mail.calendar.day(s.fact.time()))
            .collect();
        for day in all {
            let of_day = || {
                mail.of(connector)
                    .iter()
                    .filter(move |s| mail.calendar.day(s.fact.time()) == day)
            };
            let messages = |out: bool| -> HashSet<u64> {
                of_day()
                    .filter(|s| s.outbound() || !out)
                    .map(|s| s.fact.message)
                    .collect()
            };
            let count = DayCount {
                messages: messages(false).len() as u64,
                recipients: of_day().count() as u64,
                spam: of_day().filter(|s| s.fact.is_spam()).count() as u64,
                outbound: messages(true).len() as u64,
                outbound_recipients: of_day().filter(|s| s.outbound()).count() as u64,
            };
            days.insert((connector, day), count);
        }
    }
    days
}

type Draw = (u64, u64, i64, u8, u8, bool);

fn world_of(draws: &[Draw]) -> World {
    let mut world = World::new();
    world.timeline.connectors.push(connector("Other", "10.9.8.7"));
    let mut keys = HashSet::new();
    for &(message, recipient, hour, connector, to, spam) in draws {
        if !keys.insert((message, recipient)) {
            continue;
        }
        let letter = Letter {
            connector: ["HQ", "Other", "", "Unheard of"][usize::from(connector % 4)],
            source: ["81.2.69.160", "10.9.8.7", "", "198.51.100.1"][usize::from(to % 4)],
            to: ["customer.example", "fabrikam.com", ""][usize::from(to % 3)],
            p2: if to % 5 == 0 { "brand.example" } else { "fabrikam.com" },
            recipient,
            spam,
            ..LETTER
        };
        world.send(at(0, hour), letter).message = message;
    }
    world
}

proptest! {
    #[test]
    fn every_count_is_what_sets_count(
        draws in prop::collection::vec(
            (1_u64..30, 0_u64..6, 0_i64..400, any::<u8>(), any::<u8>(), any::<bool>()), 0..200,
        )
    ) {
        let mail = world_of(&draws).count();
        let number: BTreeMap<i32, usize> = mail.days.iter().enumerate().map(|(i, d)| (d.day, i)).collect();
        let plain = naive(&mail);
        for (index, counted) in mail.connectors.iter().enumerate() {
            for (day, i) in &number {
                let expected = plain.get(&(index, *day)).copied().unwrap_or_default();
                prop_assert_eq!(counted.days[*i], expected);
            }
            let distinct: HashSet<u64> = mail.of(index).iter().map(|s| s.fact.message).collect();
            prop_assert_eq!(counted.messages, distinct.len() as u64);
            let by_source: u64 = counted.top_sources.iter().map(|t| t.recipients).sum();
            let sourced = mail.of(index).iter().filter(|s| s.fact.source != 0).count() as u64;
            prop_assert_eq!(by_source, sourced);
        }
    }
}

#[test]
fn the_number_of_threads_cannot_show() {
    let mut draws = Vec::new();
    let mut x = 1_u64;
    for _ in 0..20_000 {
        x = x
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let part = |shift: u32| x >> shift;
        let hour = i64::try_from(part(40) % 1_000).unwrap();
        draws.push((
            part(33) % 5_000,
            part(20) % 9,
            hour,
            part(50) as u8,
            part(55) as u8,
            part(60) % 3 == 0,
        ));
    }
    let counted = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| format!("{:?}", world_of(&draws).count()))
    };
    assert!(counted(1) == counted(4), "one and four threads differ");
}
