//! Before, after and states.

use super::*;
use crate::records::ModifiedProperty;

const IPS: &str = "SenderIPAddresses";

fn value<'a>(connector: &'a Connector, time: Time, parameter: &str) -> Option<&'a str> {
    connector.state_at(time)?.parameters.get(parameter).map(String::as_str)
}

#[test]
fn at_a_creation_nothing_was_before() {
    let line = timeline(
        vec![new(
            at(0, 9),
            "A",
            &[("SenderDomains", "smtp:*;1"), ("Confirm", "False")],
        )],
        vec![],
    );
    let event = &connector(&line, "A").events[0];
    assert_eq!(changes(event), ["SenderDomains: - -> smtp:*;1", "Name: - -> A"]);
    assert!(event.changes.iter().all(|c| c.before_known && c.before.is_none()));
}

#[test]
fn a_value_no_evidence_gives_is_unknown() {
    let line = timeline(vec![set(at(0, 9), "A", &[(IPS, "10.0.0.1;10.0.0.2")])], vec![]);
    let c = connector(&line, "A");
    assert_eq!(changes(&c.events[0]), [format!("{IPS}: ? -> 10.0.0.1;10.0.0.2")]);
    assert_eq!(value(c, at(-1, 0), IPS), None);
    assert!(c.state_at(at(-1, 0)).is_some_and(|s| s.exists));
}

#[test]
fn the_record_s_own_old_value_counts() {
    let event = AuditEvent {
        modified: vec![
            ModifiedProperty {
                name: IPS.to_owned(),
                old: Some("10.0.0.1".to_owned()),
                new: Some("10.0.0.2".to_owned()),
            },
            ModifiedProperty {
                name: "RequireTls".to_owned(),
                old: Some("True".to_owned()),
                new: Some("False".to_owned()),
            },
        ],
        ..set(at(0, 9), "A", &[(IPS, "10.0.0.2")])
    };
    let line = timeline(vec![event], vec![]);
    let c = connector(&line, "A");
    assert_eq!(
        changes(&c.events[0]),
        [
            format!("{IPS}: 10.0.0.1 -> 10.0.0.2"),
            "RequireTls: True -> False".to_owned()
        ]
    );
    assert_eq!(
        value(c, at(-5, 0), IPS),
        Some("10.0.0.1"),
        "it held before the record too"
    );
}

#[test]
fn a_snapshot_is_walked_backwards() {
    let line = timeline(
        vec![
            new(at(0, 9), "A", &[("ConnectorType", "OnPremises")]),
            set(at(2, 9), "A", &[("RequireTls", "False")]),
        ],
        vec![snapshot(
            "A",
            None,
            at(2, 9),
            &[
                (IPS, "10.0.0.1"),
                ("RequireTls", "False"),
                ("ConnectorType", "OnPremises"),
            ],
        )],
    );
    let c = connector(&line, "A");
    assert_eq!(
        value(c, at(0, 10), IPS),
        Some("10.0.0.1"),
        "never set since its creation"
    );
    assert_eq!(value(c, at(1, 0), "RequireTls"), None, "set since");
    assert_eq!(value(c, at(-1, 0), IPS), None, "before its creation");
    assert_eq!(changes(&c.events[1]), ["RequireTls: ? -> False"]);
}

#[test]
fn an_older_export_gives_the_value_before() {
    let line = timeline(
        vec![set(at(2, 9), "A", &[(IPS, "10.0.0.2")])],
        vec![
            snapshot("A", None, at(2, 9), &[(IPS, "10.0.0.2")]),
            snapshot("A", None, at(-30, 9), &[(IPS, "10.0.0.1")]),
        ],
    );
    let c = connector(&line, "A");
    assert_eq!(
        changes(of(c, Action::Changed)[0]),
        [format!("{IPS}: 10.0.0.1 -> 10.0.0.2")]
    );
    assert_eq!(value(c, at(0, 0), IPS), Some("10.0.0.1"));
    assert_eq!(of(c, Action::SeenInSnapshot).len(), 2, "no record made it");
}

#[test]
fn a_snapshot_that_contradicts_the_log_says_so() {
    let line = timeline(
        vec![
            new(at(0, 9), "A", &[(IPS, "10.0.0.1")]),
            cmdlet(at(9, 9), "Set-TransportConfig", &[]),
        ],
        vec![snapshot("A", None, at(3, 9), &[(IPS, "10.0.0.1;203.0.113.9")])],
    );
    let c = connector(&line, "A");
    assert_eq!(actions(c), [Action::Created, Action::SeenInSnapshot]);
    let seen = &c.events[1];
    assert_eq!(changes(seen), [format!("{IPS}: 10.0.0.1 -> 10.0.0.1;203.0.113.9")]);
    assert!(seen.summary.contains("no record in the audit log explains it"));
    assert_eq!(value(c, at(2, 0), IPS), Some("10.0.0.1"));
    assert_eq!(value(c, at(4, 0), IPS), Some("10.0.0.1;203.0.113.9"));
}

#[test]
fn a_late_change_within_the_log_has_no_record() {
    let events = || {
        vec![
            new(at(0, 9), "A", &[(IPS, "10.0.0.1")]),
            cmdlet(at(9, 9), "Set-TransportConfig", &[]),
        ]
    };
    let seen = |changed: Time| {
        let line = timeline(events(), vec![snapshot("A", None, changed, &[(IPS, "10.0.0.1")])]);
        of(connector(&line, "A"), Action::SeenInSnapshot).len()
    };
    assert_eq!(seen(minutes(at(0, 9), 6)), 1);
    assert_eq!(seen(minutes(at(0, 9), 4)), 0, "two clocks");
    assert_eq!(seen(at(20, 0)), 0, "the log does not reach there");
}

#[test]
fn a_connector_is_made_when_its_export_says_so() {
    let mut known = snapshot("A", None, at(1, 0), &[(IPS, "10.0.0.1")]);
    known.created = Some(at(-100, 0));
    let line = timeline(vec![], vec![known]);
    let c = connector(&line, "A");
    assert_eq!(value(c, at(-50, 0), IPS), Some("10.0.0.1"));
    assert!(c.state_at(at(-200, 0)).is_some_and(|s| !s.exists));
    assert_eq!(
        (c.events[0].time, c.events[0].action),
        (at(1, 0), Action::SeenInSnapshot)
    );
    assert_eq!(c.events[0].cites[0].origin.file, 9);
}

#[test]
fn setting_what_is_there_is_no_change() {
    let line = timeline(
        vec![
            new(
                at(0, 9),
                "A",
                &[
                    (IPS, "10.0.0.1;10.0.0.2"),
                    ("SenderDomains", "smtp:*;1"),
                    ("RequireTls", "$true"),
                ],
            ),
            set(
                at(1, 9),
                "A",
                &[
                    (IPS, "10.0.0.2/32; 10.0.0.1"),
                    ("SenderDomains", "*"),
                    ("RequireTls", "True"),
                ],
            ),
            set(
                at(2, 9),
                "A",
                &[
                    (IPS, "10.0.0.2;10.0.0.1"),
                    ("Enabled", "$false"),
                    ("ErrorAction", "Stop"),
                ],
            ),
        ],
        vec![],
    );
    let c = connector(&line, "A");
    assert!(c.events[1].no_op && c.events[1].changes.is_empty());
    assert_eq!(c.events[1].action, Action::Changed);
    assert!(!c.events[2].no_op);
    assert_eq!(changes(&c.events[2]), ["Enabled: ? -> False"]);
    assert_eq!(c.events[2].action, Action::Disabled);
    assert_eq!(c.states.len(), 3, "before, made, disabled");
}

#[test]
fn an_automation_that_repeats_itself_changed_nothing_the_first_time() {
    let run = |n: i64| set(at(n, 3), "A", &[(IPS, "10.0.0.1"), ("RequireTls", "True")]);
    let no_ops = |events: Vec<AuditEvent>| -> Vec<bool> {
        let line = timeline(events, vec![]);
        connector(&line, "A").events.iter().map(|e| e.no_op).collect()
    };
    assert_eq!(no_ops(vec![run(0), run(1), run(2)]), [true, true, true]);
    assert_eq!(no_ops(vec![run(0), run(1)]), [false, true], "twice is no habit");
    let touched = set(at(0, 12), "A", &[(IPS, "10.0.0.9")]);
    assert_eq!(
        no_ops(vec![run(0), touched, run(1), run(2)]),
        [false, false, false, true],
        "someone came in between"
    );
}

#[test]
fn an_incremental_value_is_worked_out_or_kept() {
    let line = timeline(
        vec![
            set(at(0, 9), "A", &[(IPS, r#"@{Add="10.0.0.9"}"#)]),
            set(at(1, 9), "A", &[(IPS, "10.0.0.1;10.0.0.2")]),
            set(at(2, 9), "A", &[(IPS, r#"@{Add="10.0.0.3"; Remove="10.0.0.1"}"#)]),
            set(at(3, 9), "A", &[(IPS, r#"@{Add="10.0.0.3"}"#)]),
        ],
        vec![],
    );
    let c = connector(&line, "A");
    assert_eq!(changes(&c.events[0]), [format!(r#"{IPS}: ? -> @{{Add="10.0.0.9"}}"#)]);
    assert_eq!(
        changes(&c.events[2]),
        [format!("{IPS}: 10.0.0.1;10.0.0.2 -> 10.0.0.2;10.0.0.3")]
    );
    assert!(c.events[3].no_op);
}

#[test]
fn events_of_one_moment_stay_in_order_of_the_evidence() {
    let line = timeline(
        vec![
            new(at(0, 9), "A", &[(IPS, "10.0.0.1")]),
            set(at(0, 9), "A", &[(IPS, "10.0.0.2")]),
            set(at(0, 9), "A", &[(IPS, "10.0.0.3")]),
        ],
        vec![],
    );
    let c = connector(&line, "A");
    let records: Vec<u32> = c.events.iter().map(|e| e.cites[0].origin.record).collect();
    assert_eq!(records, [1, 2, 3]);
    assert_eq!(value(c, at(0, 9), IPS), Some("10.0.0.3"));
}
