//! Which record belongs to which connector.

use super::*;
use crate::digest::{Fact, Flags};
use crate::records::{ConnectorType, SmtpCode};

const GUID: &str = "aaaaaaaa-0000-0000-0000-000000000001";
const OTHER: &str = "aaaaaaaa-0000-0000-0000-000000000002";

#[test]
fn a_chain_of_renames_is_one_connector() {
    let line = timeline(
        vec![
            new(at(0, 9), "A", &[("SenderIPAddresses", "10.0.0.1")]),
            set(at(1, 9), " a ", &[("Name", "B")]),
            set(at(2, 9), "fabrikam.onmicrosoft.com\\B", &[("Name", "C")]),
            set(at(3, 9), "CN=C,CN=Transport Settings,DC=x", &[("Enabled", "False")]),
        ],
        vec![snapshot(
            "C",
            Some(GUID),
            at(3, 9),
            &[("Enabled", "False"), ("SenderIPAddresses", "10.0.0.1")],
        )],
    );
    assert_eq!(names(&line), ["C"]);
    let c = connector(&line, "C");
    assert_eq!(c.names, ["A", "B", "C"]);
    assert_eq!(c.id.as_deref(), Some(GUID));
    assert!(c.present_in_snapshot);
    assert_eq!(changes(&c.events[1]), ["Name: A -> B"]);
    assert_eq!(c.state_at(at(1, 12)).map(|s| s.name.as_str()), Some("B"));
    assert_eq!(c.events.len(), 4, "a snapshot that agrees adds nothing");
}

#[test]
fn a_new_connector_under_a_name_given_up_is_another() {
    let line = timeline(
        vec![
            new(at(0, 9), "Inbound from HQ", &[]),
            set(at(1, 9), "Inbound from HQ", &[("Name", "Old HQ")]),
            new(at(1, 10), "Inbound from HQ", &[]),
            set(at(2, 9), "Inbound from HQ", &[("RequireTls", "False")]),
        ],
        vec![],
    );
    assert_eq!(names(&line), ["Inbound from HQ", "Old HQ"]);
    assert_eq!(actions(connector(&line, "Old HQ")), [Action::Created, Action::Changed]);
}

#[test]
fn a_connector_made_again_under_its_name_keeps_its_story() {
    let line = timeline(
        vec![
            new(at(0, 9), "Relay", &[("SenderIPAddresses", "10.0.0.1")]),
            remove(at(1, 9), "Relay"),
            new(at(5, 9), "relay", &[("SenderIPAddresses", "10.0.0.2")]),
        ],
        vec![],
    );
    let c = connector(&line, "Relay");
    assert_eq!(line.connectors.len(), 1);
    assert_eq!(actions(c), [Action::Created, Action::Removed, Action::Created]);
    let exists: Vec<bool> = c.states.iter().map(|s| s.exists).collect();
    assert_eq!(exists, [false, true, false, true]);
    assert!(
        c.state_at(at(3, 0))
            .is_some_and(|s| !s.exists && s.parameters.is_empty())
    );
    let again = c.state_at(at(6, 0)).and_then(|s| s.parameters.get("SenderIPAddresses"));
    assert_eq!(again.map(String::as_str), Some("10.0.0.2"));
}

#[test]
fn records_by_guid_belong_to_the_snapshot_of_that_guid() {
    let line = timeline(
        vec![
            set(at(1, 9), GUID, &[("RequireTls", "False")]),
            set(at(2, 9), OTHER, &[("Enabled", "False")]),
        ],
        vec![
            snapshot("A", Some(GUID), at(1, 9), &[("RequireTls", "False")]),
            snapshot("B", Some(OTHER), at(2, 9), &[("Enabled", "False")]),
        ],
    );
    assert_eq!(names(&line), ["A", "B"]);
    assert_eq!(of(connector(&line, "A"), Action::Changed).len(), 1);
    assert_eq!(of(connector(&line, "B"), Action::Disabled).len(), 1);
}

#[test]
fn a_rename_by_guid_joins_the_connector_that_an_older_export_names() {
    let line = timeline(
        vec![
            set(at(1, 9), "A", &[("RequireTls", "False")]),
            set(at(2, 9), GUID, &[("Name", "B")]),
            set(at(3, 9), "B", &[("RequireTls", "True")]),
        ],
        vec![
            snapshot("A", Some(GUID), at(-9, 9), &[("RequireTls", "True")]),
            snapshot("B", Some(GUID), at(3, 9), &[("RequireTls", "True")]),
        ],
    );
    assert_eq!(names(&line), ["B"]);
    let c = connector(&line, "B");
    assert_eq!(c.names, ["A", "B"]);
    assert_eq!(changes(of(c, Action::Changed)[0]), ["RequireTls: True -> False"]);
}

#[test]
fn two_connectors_of_one_name_in_time_keep_their_guids() {
    let line = timeline(
        vec![
            set(at(1, 9), "A", &[("Name", "B")]),
            new(at(2, 9), "A", &[("Enabled", "True")]),
        ],
        vec![
            snapshot("B", Some(GUID), at(1, 9), &[]),
            snapshot("A", Some(OTHER), at(2, 9), &[]),
        ],
    );
    assert_eq!(names(&line), ["A", "B"]);
    assert_eq!(connector(&line, "B").id.as_deref(), Some(GUID));
    let a = line.connectors.iter().find(|c| c.name == "A").map(|c| c.id.as_deref());
    assert_eq!(a, Some(Some(OTHER)));
}

#[test]
fn a_failed_attempt_changes_nothing() {
    let failed = AuditEvent {
        succeeded: false,
        ..set(at(1, 9), "A", &[("Name", "B"), ("RequireTls", "False")])
    };
    let line = timeline(
        vec![
            new(at(0, 9), "A", &[("RequireTls", "True")]),
            failed,
            set(at(2, 9), "A", &[("RequireTls", "False")]),
        ],
        vec![],
    );
    let c = connector(&line, "A");
    assert_eq!(c.names, ["A"]);
    assert!(!c.events[1].succeeded && c.events[1].changes.is_empty());
    assert_eq!(changes(&c.events[2]), ["RequireTls: True -> False"]);
}

#[test]
fn the_trace_alone_can_name_a_connector_but_not_an_outbound_one() {
    let mut d = digest(
        vec![
            cmdlet(at(0, 9), "New-OutboundConnector", &[("Name", "Outbound to Printer Co")]),
            new(at(0, 10), "Known", &[]),
        ],
        vec![],
    );
    for (n, name) in ["Relay", "outbound to printer co", "known", " "]
        .into_iter()
        .enumerate()
    {
        let mut fact = Fact::new(n as u64, 1, at(1, n as i64), Origin::default(), 0);
        fact.connector = d.names.intern(name);
        fact.flags.set(Flags::ON_PREMISES);
        fact.set_code(if name == "Relay" {
            SmtpCode::BadInboundConnector
        } else {
            SmtpCode::None
        });
        d.facts.push(fact);
    }
    let line = build(&d, &Organization::default());
    assert_eq!(names(&line), ["Known", "Relay"]);
    let relay = connector(&line, "Relay");
    assert_eq!(relay.kind, Some(ConnectorType::OnPremises));
    assert!(!relay.present_in_snapshot && relay.states.is_empty());
    assert_eq!(actions(relay), [Action::Blocked], "5.7.711 is a block");
    assert_eq!(connector(&line, "Known").kind, Some(ConnectorType::OnPremises));
}

#[test]
fn odd_input_is_no_reason_to_panic() {
    let line = timeline(
        vec![
            new(at(0, 9), "", &[]),
            set(at(0, 9), "", &[("Name", "")]),
            set(at(0, 9), "CN=", &[("", "")]),
            remove(Time(i64::MAX), "é"),
            remove(Time(i64::MIN), "\u{202e}x"),
            AuditEvent::default(),
        ],
        vec![
            snapshot("", None, Time(i64::MIN), &[("", "")]),
            snapshot("y", Some(""), Time(i64::MAX), &[]),
        ],
    );
    assert!(line.connectors.len() >= 2);
}

#[test]
fn of_thousands_of_related_events_the_nearest_stay() {
    let mut events = vec![new(at(0, 0), "A", &[("SenderIPAddresses", "10.0.0.1")])];
    for n in 0..20_000 {
        let address = format!("10.0.{}.{}", n / 250 % 250, n % 250);
        events.push(set(minutes(at(0, 1), n), "A", &[("SenderIPAddresses", &address)]));
        events.push(cmdlet(minutes(at(0, 1), n), "Set-TransportRule", &[("Identity", "R")]));
    }
    let line = timeline(events, vec![]);
    assert_eq!(of(connector(&line, "A"), Action::Related).len(), 200);
    assert_eq!(connector(&line, "A").related_left_out, 19_800);
    assert_eq!(line.tenant.len(), 20_000, "all of them are the tenant's");
}

#[test]
fn what_nobody_managed_to_make_is_no_connector_and_the_attempt_is_not_lost() {
    let failed = AuditEvent {
        succeeded: false,
        ..new(at(3, 9), "relay9", &[])
    };
    let line = timeline(vec![new(at(1, 9), "A", &[]), failed.clone()], vec![]);
    assert_eq!(names(&line), ["A"]);
    let told: Vec<_> = line.tenant.iter().map(|e| (e.action, e.succeeded)).collect();
    assert_eq!(told, [(Action::Related, false)]);
    let made_later = timeline(vec![failed, new(at(4, 9), "relay9", &[])], vec![]);
    assert_eq!(names(&made_later), ["relay9"]);
}
