//! Records of which only who, when and which operation are left.

use super::*;

/// The record with its parameters cut off, as the readers hand it on.
fn cut(event: AuditEvent, object: &str) -> AuditEvent {
    AuditEvent {
        object: object.to_owned(),
        parameters: Vec::new(),
        complete: false,
        ..event
    }
}

const LIST: &str = "SenderIPAddresses";

fn list_at(connector: &Connector, time: Time) -> Option<&str> {
    connector.state_at(time)?.parameters.get(LIST).map(String::as_str)
}

#[test]
fn a_record_that_is_cut_off_is_no_change_of_nothing() {
    let line = timeline(
        vec![
            new(at(0, 9), "A", &[(LIST, "192.0.2.1")]),
            cut(set(at(1, 9), "A", &[]), "A"),
            cut(cmdlet(at(1, 10), "New-TransportRule", &[]), "strip"),
        ],
        vec![],
    );
    let event = of(connector(&line, "A"), Action::Changed)[0];
    assert!(event.parameters_lost && !event.no_op && event.changes.is_empty());
    assert!(
        event.summary.contains("cannot be read: the record is cut off"),
        "{}",
        event.summary
    );
    let rule = of(connector(&line, "A"), Action::Related)[0];
    assert!(
        rule.parameters_lost && rule.summary.contains("cut off"),
        "{}",
        rule.summary
    );
}

#[test]
fn a_whole_record_without_parameters_set_nothing() {
    let line = timeline(vec![new(at(0, 9), "A", &[]), set(at(1, 9), "A", &[])], vec![]);
    let event = of(connector(&line, "A"), Action::Changed)[0];
    assert!(!event.parameters_lost);
    assert!(event.summary.contains("without setting anything"), "{}", event.summary);
}

#[test]
fn after_it_the_values_are_known_from_what_shows_them_only() {
    let records = || {
        vec![
            new(at(0, 9), "A", &[(LIST, "192.0.2.1")]),
            cut(set(at(1, 9), "A", &[]), "A"),
            set(at(2, 9), "A", &[("RequireTls", "True")]),
        ]
    };
    let shown = [
        (LIST, "192.0.2.1;203.0.113.9"),
        ("RequireTls", "True"),
        ("Enabled", "True"),
    ];
    let line = timeline(records(), vec![snapshot("A", None, at(2, 9), &shown)]);
    let a = connector(&line, "A");
    assert_eq!(list_at(a, at(0, 12)), Some("192.0.2.1"));
    assert_eq!(list_at(a, at(1, 12)), Some("192.0.2.1;203.0.113.9"));
    assert!(of(a, Action::SeenInSnapshot).is_empty(), "the cut record explains it");
    let enabled = |time| a.state_at(time).and_then(|s| s.parameters.get("Enabled"));
    assert_eq!((enabled(at(0, 12)), enabled(at(1, 12)).is_some()), (None, true));
}

#[test]
fn where_nothing_shows_them_the_values_before_are_taken_to_stand() {
    let mut records = vec![
        new(at(0, 9), "A", &[(LIST, "192.0.2.1")]),
        cut(set(at(1, 9), "A", &[]), "A"),
    ];
    assert_eq!(
        list_at(connector(&timeline(records.clone(), vec![]), "A"), at(2, 0)),
        Some("192.0.2.1")
    );
    records.push(set(at(3, 9), "A", &[(LIST, "203.0.113.9")]));
    let line = timeline(records, vec![]);
    let last = of(connector(&line, "A"), Action::Changed)[1];
    assert_eq!(changes(last), [format!("{LIST}: ? -> 203.0.113.9")]);
}

#[test]
fn an_automation_that_sets_the_same_again_after_it_changes_nothing() {
    let again = |day| set(at(day, 9), "A", &[("RequireTls", "True")]);
    let mut records: Vec<AuditEvent> = (0..8).map(again).collect();
    records[4] = cut(again(4), "A");
    let line = timeline(records, vec![]);
    let no_op: Vec<bool> = connector(&line, "A").events.iter().map(|e| e.no_op).collect();
    assert_eq!(no_op, [true, true, true, true, false, true, true, true]);
}
