//! Whose session it was.

use super::*;
use crate::digest::Details;
use crate::records::Risk;
use crate::timeline::Session;

/// Days of sign-ins before the change on day 30.
fn session(prepare: impl FnOnce(&mut Digest), organization: &Organization, address: &str) -> Option<Session> {
    let mut d = digest(vec![by(ADMIN, address, new(at(30, 9), "A", &[]))], vec![]);
    prepare(&mut d);
    let line = build(&d, organization);
    connector(&line, "A")
        .events
        .iter()
        .find(|e| e.action == Action::Created)?
        .session
        .clone()
}

fn weight(prepare: impl FnOnce(&mut Digest), address: &str) -> Option<f64> {
    session(prepare, &Organization::default(), address).map(|s| s.weight)
}

#[test]
fn the_owner_at_his_desk_is_the_owner() {
    let found = session(|d| office_days(d, 0..31), &Organization::default(), OFFICE);
    let found = found.expect("thirty days are a history");
    assert_eq!((found.weight, found.history_days), (0.0, 30));
    assert!(found.anomalies.is_empty());
}

#[test]
fn a_stranger_s_network_alone_leaves_the_question_open_and_any_other_sign_decides() {
    let at = |prepare: fn(&mut Digest)| {
        let came = move |d: &mut Digest| {
            office_days(d, 0..31);
            prepare(d);
            sign_in(d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
        };
        session(came, &Organization::default(), ELSEWHERE).expect("thirty days are a history")
    };
    let alone = at(|_| {});
    assert!(alone.is_odd() && alone.weight == 0.7, "{alone:?}");
    let mistyped = at(|d| sign_in(d, ADMIN, ELSEWHERE, super::at(30, 7), false, 1));
    assert!(mistyped.is_odd(), "{mistyped:?}");
    let guessed = at(|d| sign_in(d, ADMIN, ELSEWHERE, super::at(30, 7), false, 3));
    assert!(guessed.is_anomalous(), "{guessed:?}");
}

#[test]
fn an_hour_at_which_nobody_was_ever_seen_adds_to_a_strange_network() {
    let at_night = |from: i64| {
        let mut d = digest(vec![by(ADMIN, ELSEWHERE, new(at(30, 23), "A", &[]))], vec![]);
        office_days(&mut d, from..30);
        sign_in(&mut d, ADMIN, ELSEWHERE, at(30, 22), true, 1);
        let line = build(&d, &Organization::default());
        of(connector(&line, "A"), Action::Created)[0]
            .session
            .clone()
            .map(|s| s.weight)
    };
    assert!(at_night(0).is_some_and(|w| (w - 0.9).abs() < 1e-9));
    assert_eq!(at_night(22), Some(0.7), "eight days do not show which hours are usual");
}

#[test]
fn a_stranger_s_network_and_guesses_decide_for_an_account_that_never_moves() {
    let found = session(
        |d| {
            office_days(d, 0..31);
            sign_in(d, ADMIN, ELSEWHERE, at(30, 7), false, 3);
            sign_in(d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
        },
        &Organization::default(),
        ELSEWHERE,
    );
    let found = found.expect("thirty days are a history");
    assert!(found.is_anomalous(), "{found:?}");
    assert!(found.anomalies[0].contains("203.0.113.0/24"), "{found:?}");
    assert_eq!(found.cites[0].time, at(30, 8));
}

#[test]
fn an_intruder_who_waits_a_night_is_no_less_new() {
    let found = weight(
        |d| {
            office_days(d, 0..31);
            sign_in(d, ADMIN, ELSEWHERE, at(28, 20), true, 1);
            sign_in(d, ADMIN, ELSEWHERE, at(29, 20), true, 1);
        },
        ELSEWHERE,
    );
    assert_eq!(found, Some(0.7));
}

#[test]
fn an_admin_who_travels_is_only_unusual() {
    let found = weight(
        |d| {
            office_days(d, 0..30);
            for (day, address) in [(5, "198.51.100.4"), (12, "198.51.101.4"), (20, "192.0.2.9")] {
                sign_in(d, ADMIN, address, at(day, 18), true, 1);
            }
            sign_in(d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
        },
        ELSEWHERE,
    );
    // Four days with a new network in 32 (Laplace): 0.125 would be rare, were it not for three trips before.
    assert_eq!(found, Some(0.5));
}

#[test]
fn too_short_a_history_is_not_judged() {
    assert_eq!(weight(|d| office_days(d, 26..30), ELSEWHERE), None);
    assert_eq!(weight(|_| {}, ELSEWHERE), None);
}

#[test]
fn failures_alone_can_decide() {
    let guessed = |count: usize| {
        weight(
            |d| {
                sign_in(d, ADMIN, ELSEWHERE, at(30, 7), false, count);
                sign_in(d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
            },
            ELSEWHERE,
        )
    };
    assert_eq!(guessed(4), None);
    assert_eq!(guessed(9), None, "0.7 does not decide");
    assert_eq!(guessed(10), Some(1.0));
}

#[test]
fn a_forgotten_password_at_the_office_is_forgiven() {
    let found = weight(
        |d| {
            office_days(d, 0..31);
            sign_in(d, ADMIN, OFFICE, at(30, 7), false, 12);
        },
        OFFICE,
    );
    assert_eq!(found, Some(0.3));
}

#[test]
fn spraying_from_the_same_network_counts() {
    let found = weight(
        |d| {
            office_days(d, 26..30);
            for other in ["a", "b", "c"] {
                sign_in(d, &format!("{other}@fabrikam.com"), ELSEWHERE, at(30, 6), false, 1);
            }
            sign_in(d, ADMIN, ELSEWHERE, at(30, 7), false, 6);
            sign_in(d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
        },
        ELSEWHERE,
    );
    assert_eq!(found, Some(0.7 + 0.7));
}

#[test]
fn a_new_network_where_colleagues_work_is_mild() {
    let colleague = |d: &mut Digest| {
        office_days(d, 0..30);
        sign_in(d, "colleague@fabrikam.com", ELSEWHERE, at(3, 8), true, 1);
        sign_in(d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
    };
    assert_eq!(weight(colleague, ELSEWHERE), Some(0.3));
    let ours = Organization {
        on_premises: vec!["203.0.113.64/28".parse().expect("a network")],
        ..Organization::default()
    };
    let at_ours = session(|d| office_days(d, 0..30), &ours, ELSEWHERE);
    assert_eq!(at_ours.map(|s| s.weight), Some(0.3));
}

#[test]
fn a_strange_client_adds_to_a_strange_network() {
    let found = weight(
        |d| {
            office_days(d, 0..30);
            let key = SightingKey {
                account: ADMIN.into(),
                day: i32::try_from(at(30, 8).0 / Time::DAY).expect("a day"),
                address: ELSEWHERE.parse().ok(),
                agent: "python-requests/2.31".into(),
                succeeded: true,
            };
            let place = (at(30, 8), Origin::default());
            d.sightings.insert(
                key,
                Sighting {
                    first: place,
                    last: place,
                    ids: vec![1].into(),
                    sessions: Vec::new().into(),
                    details: None,
                },
            );
        },
        ELSEWHERE,
    );
    assert_eq!(found, Some(0.7 + 0.5));
}

#[test]
fn a_record_with_the_service_s_own_address_is_judged_by_the_sign_in() {
    let found = weight(
        |d| {
            office_days(d, 0..30);
            sign_in(d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
        },
        "2a01:111:f100:9001::1761:914f",
    );
    assert_eq!(found, Some(0.7));
}

/// A change in a session, from a host of the service, an hour after sign-ins from the office and from elsewhere.
fn tied(session: &str) -> Option<f64> {
    let change = AuditEvent {
        session_id: Some(session.to_owned()),
        ..by(ADMIN, "2a01:111:f100:9001::1761:914f", new(at(30, 9), "A", &[]))
    };
    let mut d = digest(vec![change], vec![]);
    office_days(&mut d, 0..31);
    sign_in(&mut d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
    in_session(&mut d, ADMIN, OFFICE, at(30, 8), "00aa11bb-0000-4000-8000-000000000001");
    in_session(
        &mut d,
        ADMIN,
        ELSEWHERE,
        at(30, 8),
        "00aa11bb-0000-4000-8000-000000000002",
    );
    let line = build(&d, &Organization::default());
    of(connector(&line, "A"), Action::Created)[0]
        .session
        .as_ref()
        .map(|s| s.weight)
}

#[test]
fn the_id_of_a_session_ties_a_change_to_its_sign_in() {
    assert_eq!(tied("00aa11bb-0000-4000-8000-000000000001"), Some(0.0));
    assert_eq!(
        tied("00AA11BB-0000-4000-8000-000000000002"),
        Some(0.7),
        "however it is spelled"
    );
    assert_eq!(
        tied("00aa11bb-0000-4000-8000-000000000003"),
        None,
        "two networks, and nothing tells"
    );
    assert_eq!(tied(""), None);
}

#[test]
fn the_sign_in_that_is_told_of_is_the_session_s_own() {
    let told = |session: Option<&str>| {
        let change = AuditEvent {
            session_id: session.map(str::to_owned),
            ..by(ADMIN, ELSEWHERE, new(at(30, 9), "A", &[]))
        };
        let mut d = digest(vec![change], vec![]);
        office_days(&mut d, 0..31);
        sign_in(&mut d, ADMIN, ELSEWHERE, at(29, 20), true, 1);
        sign_in(&mut d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
        in_session(&mut d, ADMIN, ELSEWHERE, at(30, 8), "of-the-morning");
        let line = build(&d, &Organization::default());
        let related = of(connector(&line, "A"), Action::Related).into_iter();
        related
            .filter(|e| e.operation == "UserLoggedIn")
            .map(|e| e.time)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(Some("of-the-morning")), [at(30, 8)]);
    assert_eq!(told(Some("of-another")), [at(29, 20)], "the first from its network");
    assert_eq!(told(None), [at(29, 20)]);
}

/// The admin's session on day 20 gives an application credentials; the application acts on day 30.
fn app_session(giver_address: &str, day: i64) -> Option<Session> {
    let given = by(
        ADMIN,
        giver_address,
        about_app(at(day, 9), "Add service principal credentials."),
    );
    let mut d = digest(vec![given, by_app(new(at(30, 9), "A", &[]))], vec![]);
    office_days(&mut d, 0..30);
    let line = build(&d, &Organization::default());
    connector(&line, "A")
        .events
        .iter()
        .find(|e| e.action == Action::Created)?
        .session
        .clone()
}

#[test]
fn an_application_is_in_its_giver_s_hand() {
    let stolen = app_session(ELSEWHERE, 20).expect("the giver is known");
    assert!(stolen.is_anomalous());
    assert!(stolen.anomalies[0].contains(ADMIN), "{stolen:?}");
    assert_eq!(
        app_session(OFFICE, 25).map(|s| s.weight),
        Some(0.5),
        "given just before"
    );
    assert!(app_session(OFFICE, 20).is_none(), "given long before, by the owner");
}

#[test]
fn a_chain_of_givers_is_followed_and_a_ring_ends() {
    let second = "99999999-2222-3333-4444-555555555555";
    let first_given = by(
        ADMIN,
        ELSEWHERE,
        about_app(at(20, 9), "Add service principal credentials."),
    );
    let by_second = |event: AuditEvent| AuditEvent {
        user: second.to_owned(),
        user_type: Some(5),
        ..event
    };
    let passed_on = AuditEvent {
        targets: vec![second.to_owned()],
        ..by_app(about_app(at(22, 9), "Add service principal credentials."))
    };
    let back = by_second(about_app(at(23, 9), "Add service principal credentials."));
    let mut d = digest(
        vec![first_given, passed_on, back, by_second(new(at(30, 9), "A", &[]))],
        vec![],
    );
    office_days(&mut d, 0..30);
    let line = build(&d, &Organization::default());
    let made = of(connector(&line, "A"), Action::Created);
    assert!(made[0].session.as_ref().is_some_and(Session::is_anomalous));
}

#[test]
fn a_new_account_that_an_intruder_empowered_is_the_intruder_s() {
    let helper = "helper@fabrikam.com";
    let given = AuditEvent {
        object: helper.to_owned(),
        ..by(ADMIN, ELSEWHERE, cmdlet(at(29, 9), "Add member to role.", &[]))
    };
    let mut d = digest(vec![given, by(helper, ELSEWHERE, new(at(30, 9), "A", &[]))], vec![]);
    office_days(&mut d, 0..29);
    sign_in(&mut d, ADMIN, ELSEWHERE, at(29, 8), false, 3);
    sign_in(&mut d, ADMIN, ELSEWHERE, at(29, 8), true, 1);
    let line = build(&d, &Organization::default());
    let made = of(connector(&line, "A"), Action::Created);
    assert!(made[0].session.as_ref().is_some_and(Session::is_anomalous));
}

/// The sign-in before the change, from elsewhere, with the risk that a sign-in log gives it.
fn risky(d: &mut Digest, risk: Risk) {
    sign_in(d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
    let details = Details {
        risk,
        ..Details::default()
    };
    let elsewhere = ELSEWHERE.parse().ok();
    let seen = d.sightings.iter_mut().filter(|(key, _)| key.address == elsewhere);
    seen.for_each(|(_, seen)| seen.details = Some(Box::new(details.clone())));
}

#[test]
fn the_risk_that_microsoft_saw_adds_to_what_the_log_shows() {
    let with = |risk| {
        weight(
            |d| {
                office_days(d, 0..30);
                risky(d, risk);
            },
            ELSEWHERE,
        )
    };
    assert_eq!(with(Risk::None), Some(0.7));
    assert_eq!(with(Risk::Medium), Some(0.7 + 0.3));
    assert_eq!(with(Risk::High), Some(0.7 + 0.7));
}

#[test]
fn without_a_history_only_a_confirmed_risk_decides() {
    assert_eq!(weight(|d| risky(d, Risk::High), ELSEWHERE), None);
    assert_eq!(weight(|d| risky(d, Risk::Confirmed), ELSEWHERE), Some(1.0));
}

#[test]
fn a_stranger_s_network_does_not_become_the_owner_s_by_staying() {
    let changes = vec![
        by(ADMIN, ELSEWHERE, new(at(30, 9), "A", &[])),
        by(ADMIN, ELSEWHERE, new(at(33, 9), "B", &[])),
        by(ADMIN, OFFICE, new(at(33, 9), "C", &[])),
    ];
    let mut d = digest(changes, vec![]);
    office_days(&mut d, 0..34);
    sign_in(&mut d, ADMIN, ELSEWHERE, at(30, 7), false, 3);
    for day in 30..34 {
        sign_in(&mut d, ADMIN, ELSEWHERE, at(day, 8), true, 1);
    }
    let line = build(&d, &Organization::default());
    let session = |name: &str| of(connector(&line, name), Action::Created)[0].session.clone();
    assert!(session("A").is_some_and(|s| s.is_anomalous()));
    let later = session("B").expect("a session");
    assert!(
        later.is_anomalous() && later.anomalies[0].contains("that was not the owner's"),
        "{later:?}"
    );
    assert!(session("C").is_some_and(|s| s.weight == 0.0), "the owner at his desk");
}

#[test]
fn what_comes_from_the_network_of_an_act_that_was_not_meant_is_the_same_hand_s() {
    let stranger = [("SenderIPAddresses", "198.51.100.7")];
    let changes = vec![
        by(ADMIN, ELSEWHERE, new(at(30, 9), "A", &stranger)),
        by(ADMIN, ELSEWHERE, remove(at(32, 9), "A")),
        by(ADMIN, OFFICE, new(at(32, 10), "B", &[])),
    ];
    let mut d = digest(changes, vec![]);
    office_days(&mut d, 0..33);
    for day in 30..33 {
        sign_in(&mut d, ADMIN, ELSEWHERE, at(day, 8), true, 1);
    }
    let mut organization = Organization {
        connector_admins: vec![ADMIN.to_owned()],
        on_premises: vec!["81.2.69.0/24".parse().expect("a network")],
        ..Organization::default()
    };
    let intended = |organization: &Organization| {
        let line = build(&d, organization);
        let of = |name: &str, action| of(connector(&line, name), action)[0].intended;
        [
            of("A", Action::Created),
            of("A", Action::Removed),
            of("B", Action::Created),
        ]
    };
    assert_eq!(intended(&organization), [Some(false), Some(false), Some(true)]);
    organization.responders.push(ADMIN.to_owned());
    assert_eq!(intended(&organization)[1], Some(true), "a responder cleans up");
}

#[test]
fn an_act_without_an_address_is_a_stranger_s_where_he_alone_was_signed_in() {
    let nowhere = |event: AuditEvent| AuditEvent {
        client_ip: None,
        ..by(ADMIN, ELSEWHERE, event)
    };
    let changes = vec![nowhere(new(at(30, 9), "A", &[])), nowhere(new(at(33, 9), "B", &[]))];
    let mut d = digest(changes, vec![]);
    office_days(&mut d, 0..29);
    sign_in(&mut d, ADMIN, ELSEWHERE, at(30, 7), false, 3);
    for day in 30..34 {
        sign_in(&mut d, ADMIN, ELSEWHERE, at(day, 8), true, 1);
    }
    let line = build(&d, &Organization::default());
    for name in ["A", "B"] {
        let session = of(connector(&line, name), Action::Created)[0].session.clone();
        assert!(
            session.as_ref().is_some_and(Session::is_anomalous),
            "{name}: {session:?}"
        );
    }
}
