//! Meant or not.

use super::*;
use crate::settings::ApprovedChange;

/// What is said of a change to connector A on day 30, the admin's sign-ins known.
fn intended(event: AuditEvent, organization: &Organization) -> Option<bool> {
    with(vec![event], organization)
}

fn with(events: Vec<AuditEvent>, organization: &Organization) -> Option<bool> {
    let mut d = digest(events, vec![]);
    office_days(&mut d, 0..31);
    sign_in(&mut d, ADMIN, ELSEWHERE, at(30, 7), false, 4);
    let line = build(&d, organization);
    let last = connector(&line, "A")
        .events
        .iter()
        .rfind(|e| e.action != Action::Related);
    last.and_then(|e| e.intended)
}

fn made() -> AuditEvent {
    new(at(30, 9), "A", &[])
}

fn stolen() -> AuditEvent {
    by(ADMIN, ELSEWHERE, made())
}

fn service(event: AuditEvent) -> AuditEvent {
    AuditEvent {
        user: "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)".to_owned(),
        user_type: Some(3),
        external_access: Some(true),
        client_ip: None,
        ..event
    }
}

fn partner(event: AuditEvent) -> AuditEvent {
    AuditEvent {
        external_access: Some(true),
        ..by("admin@gdap-partner.com", ELSEWHERE, event)
    }
}

fn listing(admins: &[&str]) -> Organization {
    Organization {
        connector_admins: admins.iter().map(|a| (*a).to_owned()).collect(),
        ..Organization::default()
    }
}

#[test]
fn where_nothing_was_said_the_session_decides() {
    let nothing = Organization::default();
    assert_eq!(intended(made(), &nothing), None);
    assert_eq!(intended(stolen(), &nothing), Some(false));
    assert_eq!(intended(partner(made()), &nothing), Some(false));
    assert_eq!(intended(by_app(made()), &nothing), Some(false));
    assert_eq!(intended(service(made()), &nothing), None);
    let nobody = AuditEvent {
        user: String::new(),
        ..made()
    };
    assert_eq!(intended(nobody, &nothing), None);
}

#[test]
fn a_list_of_admins_decides_for_everyone() {
    let listed = listing(&[ADMIN]);
    assert_eq!(intended(made(), &listed), Some(true));
    assert_eq!(intended(stolen(), &listed), Some(false), "no better than a stranger");
    assert_eq!(intended(by("other@fabrikam.com", OFFICE, made()), &listed), Some(false));
    assert_eq!(intended(by_app(made()), &listed), Some(false));
    assert_eq!(intended(partner(made()), &listed), Some(false));
    assert_eq!(intended(service(made()), &listed), None);
    let unseen = by("new.admin@fabrikam.com", OFFICE, made());
    assert_eq!(
        intended(unseen, &listing(&["new.admin@fabrikam.com"])),
        Some(true),
        "no sign-ins to judge by"
    );
    assert_eq!(
        intended(by_app(made()), &listing(&[&format!("serviceprincipal_{APP}")])),
        Some(true)
    );
}

/// From a network never seen before, and nothing else against it.
fn odd(addresses: &str, organization: &Organization) -> Option<bool> {
    let change = by(
        ADMIN,
        ELSEWHERE,
        new(at(30, 9), "A", &[("SenderIPAddresses", addresses)]),
    );
    let mut d = digest(vec![change], vec![]);
    office_days(&mut d, 0..31);
    let line = build(&d, organization);
    of(connector(&line, "A"), Action::Created)[0].intended
}

#[test]
fn an_odd_session_is_doubtful_and_a_stranger_s_where_it_lets_in_its_own_network_or_foreign_hosts() {
    let listed = listing(&[ADMIN]);
    let hosts = Organization {
        on_premises: vec!["81.2.69.160/28".parse().expect("a network")],
        ..listing(&[ADMIN])
    };
    assert_eq!(odd("81.2.69.162", &listed), None, "a journey, or an intruder");
    assert_eq!(odd("81.2.69.162", &hosts), None);
    assert_eq!(odd(ELSEWHERE, &listed), Some(false));
    assert_eq!(odd("81.2.69.162;192.0.2.77", &hosts), Some(false));
    assert_eq!(odd("192.0.2.77", &Organization::default()), None);
}

#[test]
fn an_odd_session_that_makes_outside_mail_count_as_the_organisation_s_own_is_a_stranger_s() {
    let listed = listing(&[ADMIN]);
    let sets = |flag: &str, value: &str, address: &str| {
        let change = by(ADMIN, address, set(at(30, 9), "A", &[(flag, value)]));
        let mut d = digest(vec![new(at(1, 9), "A", &[]), change], vec![]);
        office_days(&mut d, 0..31);
        of(connector(&build(&d, &listed), "A"), Action::Changed)[0].intended
    };
    assert_eq!(sets("TreatMessagesAsInternal", "True", ELSEWHERE), Some(false));
    assert_eq!(sets("TreatMessagesAsInternal", "False", ELSEWHERE), None);
    assert_eq!(sets("RequireTls", "True", ELSEWHERE), None);
    assert_eq!(sets("TreatMessagesAsInternal", "True", OFFICE), Some(true));
}

#[test]
fn a_service_that_sets_what_is_there_is_harmless() {
    let nothing = Organization::default();
    let set_again = |value: &str| {
        vec![
            new(at(1, 9), "A", &[("Enabled", "True")]),
            service(set(at(30, 9), "A", &[("Enabled", value)])),
        ]
    };
    assert_eq!(with(set_again("True"), &nothing), Some(true));
    assert_eq!(with(set_again("False"), &nothing), None);
}

#[test]
fn a_responder_cleans_up() {
    let organization = Organization {
        responders: vec![ADMIN.to_owned()],
        ..listing(&["someone.else@fabrikam.com"])
    };
    let events = vec![new(at(1, 9), "A", &[]), remove(at(30, 9), "A")];
    assert_eq!(with(events, &organization), Some(true));
    let stolen = vec![new(at(1, 9), "A", &[]), by(ADMIN, ELSEWHERE, remove(at(30, 9), "A"))];
    assert_eq!(with(stolen, &organization), Some(false), "no better than a stranger");
}

#[test]
fn a_ticket_covers_its_connector_and_its_time() {
    let ticket = |connector: &str, from: Time, to: Time| Organization {
        approved_changes: vec![ApprovedChange {
            connector: connector.to_owned(),
            from,
            to,
            note: Some("CHG-1042".to_owned()),
        }],
        ..listing(&["someone.else@fabrikam.com"])
    };
    assert_eq!(intended(made(), &ticket(" a", at(30, 8), at(30, 9))), Some(true));
    assert_eq!(intended(made(), &ticket("B", at(30, 8), at(30, 9))), Some(false));
    assert_eq!(intended(made(), &ticket("A", at(30, 10), at(30, 11))), Some(false));
    assert_eq!(
        intended(stolen(), &ticket("A", at(30, 8), at(30, 9))),
        None,
        "approved, but by whose hand?"
    );
    let renamed = vec![
        new(at(1, 9), "Old", &[]),
        set(at(2, 9), "Old", &[("Name", "A")]),
        set(at(30, 9), "A", &[("Enabled", "False")]),
    ];
    assert_eq!(
        with(renamed, &ticket("old", at(30, 8), at(30, 9))),
        Some(true),
        "by any of its names"
    );
}

#[test]
fn an_application_the_organisation_lives_with_is_not_accused() {
    let before = |day: i64| by_app(cmdlet(at(day, 9), "Set-TransportConfig", &[]));
    let nothing = Organization::default();
    assert_eq!(with(vec![before(1), by_app(made())], &nothing), None);
    assert_eq!(with(vec![before(20), by_app(made())], &nothing), Some(false));
}

#[test]
fn a_snapshot_accuses_nobody() {
    let line = timeline(vec![], vec![snapshot("A", None, at(0, 0), &[])]);
    assert_eq!(connector(&line, "A").events[0].intended, None);
    assert_eq!(connector(&line, "A").events[0].actor, None);
}

/// An application makes connector A on day 30, an hour after `giver` gave it a role.
fn installed(giver: &str, address: &str, signs_in: bool, organization: &Organization) -> Option<bool> {
    let grants = vec![
        by(giver, address, about_app(at(30, 8), "Consent to application.")),
        by_app(made()),
    ];
    let mut d = digest(grants, vec![]);
    if signs_in {
        office_days(&mut d, 0..31);
    }
    let line = build(&d, organization);
    of(connector(&line, "A"), Action::Created)[0].intended
}

#[test]
fn an_application_that_a_listed_admin_has_just_set_up_does_its_own_work() {
    let listed = listing(&[ADMIN]);
    assert_eq!(installed(ADMIN, OFFICE, true, &listed), Some(true));
    assert_eq!(
        installed(ADMIN, ELSEWHERE, true, &listed),
        Some(false),
        "in an odd session"
    );
    assert_eq!(installed(ADMIN, OFFICE, false, &listed), None, "in whose session?");
    assert_eq!(installed("other@fabrikam.com", OFFICE, true, &listed), Some(false));
    let late = vec![about_app(at(25, 8), "Consent to application."), by_app(made())];
    assert_eq!(with(late, &listed), Some(false), "long ago");
    let nothing = Organization::default();
    assert_eq!(installed(ADMIN, OFFICE, true, &nothing), None, "nobody was named");
    assert_eq!(
        installed(ADMIN, OFFICE, false, &nothing),
        Some(false),
        "in whose session?"
    );
    assert_eq!(
        installed(ADMIN, ELSEWHERE, true, &nothing),
        Some(false),
        "in an odd session"
    );
}

#[test]
fn what_the_service_notes_down_lets_nobody_in() {
    let nothing = Organization::default();
    let sets = |parameter: &str| {
        let change = service(set(at(30, 9), "A", &[(parameter, "Default")]));
        with(vec![new(at(1, 9), "A", &[]), change], &nothing)
    };
    assert_eq!(sets("ConnectorSource"), Some(true));
    assert_eq!(sets("SenderDomains"), None);
}
