//! What else belongs to a connector's story, and what does not.

use super::*;
use crate::records::BlockedConnector;

const GUID: &str = "aaaaaaaa-0000-0000-0000-000000000001";

fn rule(time: Time, name: &str) -> AuditEvent {
    cmdlet(
        time,
        "New-TransportRule",
        &[("Name", name), ("RemoveHeader", "Received-SPF")],
    )
}

fn related(connector: &Connector) -> Vec<String> {
    of(connector, Action::Related)
        .into_iter()
        .map(|e| format!("{} {}", e.operation, e.object).trim().to_owned())
        .collect()
}

fn alert(time: Time, fields: &[(&str, &str)]) -> AuditEvent {
    AuditEvent {
        record_type: Some(40),
        user: "SecurityComplianceAlerts".to_owned(),
        user_type: Some(4),
        client_ip: None,
        extended: fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        ..cmdlet(time, "AlertTriggered", &[])
    }
}

#[test]
fn only_the_same_hand_within_the_week_relates() {
    let other = "other.admin@fabrikam.com";
    let line = timeline(
        vec![
            new(at(10, 9), "A", &[]),
            by(other, OFFICE, new(at(10, 9), "B", &[])),
            rule(at(4, 9), "near"),
            rule(at(2, 9), "too early"),
            rule(at(11, 8), "after"),
            rule(at(11, 10), "too late"),
            by(other, OFFICE, rule(at(10, 10), "other")),
            cmdlet(at(10, 11), "New-AcceptedDomain", &[("Name", "campaign.example")]),
        ],
        vec![],
    );
    assert_eq!(
        related(connector(&line, "A")),
        [
            "New-TransportRule near",
            "New-AcceptedDomain campaign.example",
            "New-TransportRule after"
        ]
    );
    assert_eq!(related(connector(&line, "B")), ["New-TransportRule other"]);
    assert_eq!(line.tenant.len(), 6, "all of them are the tenant's too");
}

#[test]
fn where_one_hand_touched_many_connectors_a_deed_belongs_to_the_nearest() {
    let mut events: Vec<AuditEvent> = (0..30)
        .map(|n| new(minutes(at(10, 0), n), &format!("C{n:02}"), &[]))
        .collect();
    events.push(rule(at(10, 1), "late"));
    let line = timeline(events, vec![]);
    let with: Vec<&str> = line
        .connectors
        .iter()
        .filter(|c| !related(c).is_empty())
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(with, ["C22", "C23", "C24", "C25", "C26", "C27", "C28", "C29"]);
    assert!(line.connectors.iter().all(|c| c.related_left_out == 0));
}

#[test]
fn of_too_many_related_events_those_near_what_nobody_meant_stay() {
    let other = "other.admin@fabrikam.com";
    let mut events = vec![
        new(at(2, 0), "A", &[]),
        by(other, OFFICE, set(at(18, 0), "A", &[("Enabled", "False")])),
    ];
    events.extend((0..300).map(|n| rule(minutes(at(2, 0), n), "meant")));
    events.extend((0..5).map(|n| by(other, OFFICE, rule(minutes(at(12, 0), n), "doubtful"))));
    let organization = Organization {
        connector_admins: vec![ADMIN.to_owned()],
        ..Organization::default()
    };
    let line = build(&digest(events, vec![]), &organization);
    let a = connector(&line, "A");
    let doubtful = related(a).iter().filter(|r| r.ends_with("doubtful")).count();
    assert_eq!((related(a).len(), doubtful, a.related_left_out), (200, 5, 105));
    let last = of(a, Action::Related).into_iter().rfind(|e| e.object == "meant");
    assert_eq!(last.map(|e| e.time), Some(minutes(at(2, 0), 194)), "then the nearest");
}

#[test]
fn an_intruder_s_deeds_do_not_fall_on_the_owner_s_connector() {
    let mut d = digest(
        vec![
            new(at(28, 9), "Innocent", &[]),
            by(ADMIN, ELSEWHERE, new(at(30, 9), "Guilty", &[])),
            by(ADMIN, ELSEWHERE, rule(at(30, 10), "strip")),
            rule(at(28, 10), "disclaimer"),
        ],
        vec![],
    );
    office_days(&mut d, 0..30);
    sign_in(&mut d, ADMIN, ELSEWHERE, at(30, 8), true, 1);
    sign_in(&mut d, ADMIN, ELSEWHERE, at(30, 7), false, 6);
    let line = build(&d, &Organization::default());
    assert_eq!(related(connector(&line, "Innocent")), ["New-TransportRule disclaimer"]);
    assert_eq!(
        related(connector(&line, "Guilty")),
        [
            format!("UserLoginFailed {ADMIN}"),
            format!("UserLoggedIn {ADMIN}"),
            "New-TransportRule strip".to_owned()
        ]
    );
    assert_eq!(of(connector(&line, "Innocent"), Action::Created)[0].intended, None);
    assert_eq!(of(connector(&line, "Guilty"), Action::Created)[0].intended, Some(false));
}

#[test]
fn who_gave_an_application_its_power_belongs_to_its_connector() {
    let line = timeline(
        vec![
            about_app(at(8, 9), "Add service principal credentials."),
            AuditEvent {
                targets: vec!["22222222-0000-0000-0000-000000000000".to_owned()],
                ..about_app(at(8, 10), "Consent to application.")
            },
            by_app(new(at(10, 9), "A", &[])),
            by_app(rule(at(10, 10), "strip")),
        ],
        vec![],
    );
    assert_eq!(
        related(connector(&line, "A")),
        [
            format!("Add service principal credentials. {APP}"),
            "New-TransportRule strip".to_owned()
        ]
    );
}

#[test]
fn the_service_and_automations_drag_nothing_along() {
    let dsc = |event: AuditEvent| by("automation@fabrikam.com", OFFICE, event);
    let line = timeline(
        vec![
            new(at(0, 9), "A", &[("Enabled", "True")]),
            dsc(set(at(10, 9), "A", &[("Enabled", "True")])),
            dsc(rule(at(10, 10), "disclaimer")),
        ],
        vec![],
    );
    assert_eq!(related(connector(&line, "A")), Vec::<String>::new());
}

#[test]
fn an_alert_goes_to_the_connector_it_names_and_to_no_other() {
    let connectors = || {
        vec![
            new(at(0, 9), "Inbound", &[("SenderIPAddresses", "10.0.0.0/24")]),
            new(at(0, 9), "Inbound from HQ", &[("SenderIPAddresses", "203.0.113.9")]),
        ]
    };
    let alerted = |fields: &[(&str, &str)]| -> Vec<String> {
        let mut events = connectors();
        events.push(alert(at(1, 0), fields));
        let line = timeline(events, vec![]);
        let mut found: Vec<String> = line
            .connectors
            .iter()
            .filter(|c| !of(c, Action::Alerted).is_empty())
            .map(|c| c.name.clone())
            .collect();
        found.extend(
            line.tenant
                .iter()
                .filter(|e| e.action == Action::Alerted)
                .map(|_| "tenant".to_owned()),
        );
        found
    };
    assert_eq!(
        alerted(&[("Alert.Data", r#"{"cn":"Inbound from HQ","n":1}"#)]),
        ["Inbound from HQ"]
    );
    assert_eq!(alerted(&[("Alert.Data", r#"{"cn":"inbound"}"#)]), ["Inbound"]);
    assert_eq!(
        alerted(&[("Alert.Comments", "IP address: 203.0.113.9.")]),
        ["Inbound from HQ"]
    );
    assert_eq!(
        alerted(&[("Alert.Name", "Elevation of Exchange admin privilege")]),
        ["tenant"]
    );
    assert_eq!(alerted(&[("Alert.Data", r#"{"cn":"XInbound from HQX"}"#)]), ["tenant"]);
}

#[test]
fn an_alert_that_says_blocked_is_a_block_too() {
    let line = timeline(
        vec![
            new(at(0, 9), "Relay", &[]),
            alert(
                at(1, 0),
                &[
                    ("Alert.Name", "Suspicious connector activity"),
                    (
                        "Alert.Data",
                        r#"{"cn":"Relay","ad":"It has been blocked from relaying."}"#,
                    ),
                ],
            ),
            alert(
                at(2, 0),
                &[("Alert.Name", "Unblocked"), ("Alert.Data", r#"{"cn":"Relay"}"#)],
            ),
        ],
        vec![],
    );
    let c = connector(&line, "Relay");
    assert_eq!(
        actions(c),
        [Action::Created, Action::Blocked, Action::Alerted, Action::Alerted]
    );
    assert!(
        c.events[2]
            .parameters
            .iter()
            .any(|(_, v)| v == "Suspicious connector activity")
    );
}

#[test]
fn blocks_and_releases_find_their_connector() {
    let mut d = digest(
        vec![
            new(at(0, 9), "Relay", &[]),
            cmdlet(at(2, 0), "Remove-BlockedConnector", &[("ConnectorId", GUID)]),
            cmdlet(
                at(3, 0),
                "Remove-BlockedConnector",
                &[("ConnectorId", "aaaaaaaa-0000-0000-0000-00000000000f")],
            ),
        ],
        vec![snapshot("Relay", Some(GUID), at(0, 9), &[])],
    );
    d.blocked = vec![
        BlockedConnector {
            connector: GUID.to_uppercase(),
            reason: Some("sending limit".to_owned()),
            time: Some(at(1, 0)),
            origin: Origin::default(),
        },
        BlockedConnector {
            connector: "Unheard of".to_owned(),
            ..BlockedConnector::default()
        },
    ];
    let line = build(&d, &Organization::default());
    assert_eq!(names(&line), ["Relay", "Unheard of"]);
    let relay = connector(&line, "Relay");
    assert_eq!(actions(relay), [Action::Created, Action::Blocked, Action::Unblocked]);
    assert_eq!(actions(connector(&line, "Unheard of")), [Action::Blocked]);
    assert_eq!(line.tenant.len(), 1, "a release of an unknown connector");
}

#[test]
fn every_actor_on_the_timeline_is_listed_once() {
    let line = timeline(
        vec![
            new(at(0, 9), "A", &[]),
            by(
                "IT.Admin@Fabrikam.com",
                OFFICE,
                set(at(1, 9), "A", &[("Enabled", "False")]),
            ),
        ],
        vec![],
    );
    let listed: Vec<(&str, &str)> = line.actors.iter().map(|(k, a)| (k.as_str(), a.kind.as_str())).collect();
    assert_eq!(listed, [(ADMIN, "user")]);
    assert!(
        connector(&line, "A")
            .events
            .iter()
            .all(|e| e.actor.as_deref() == Some(ADMIN))
    );
}
