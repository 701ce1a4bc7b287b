//! The replay against the simplest thing that could be right, on records made at random.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const NAMES: [&str; 4] = ["A", "B", "C", "Inbound from HQ"];
const VALUES: [&str; 4] = ["10.0.0.1", "10.0.0.2;10.0.0.3", "10.0.0.3;10.0.0.2", ""];

/// Operation, name, other name, value, whether it succeeded, hours since the record before.
type Draw = (u8, usize, usize, usize, bool, i64);

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    prop::collection::vec(
        (
            0_u8..4,
            0..NAMES.len(),
            0..NAMES.len(),
            0..VALUES.len(),
            prop::bool::weighted(0.8),
            0_i64..3,
        ),
        1..40,
    )
}

fn records(draws: &[Draw]) -> Vec<AuditEvent> {
    let mut hour = 0;
    draws
        .iter()
        .map(|&(operation, name, other, value, succeeded, hours)| {
            hour += hours;
            let (name, value) = (NAMES[name], ("SenderIPAddresses", VALUES[value]));
            let event = match operation {
                0 => new(at(0, hour), name, &[value]),
                1 => set(at(0, hour), name, &[value]),
                2 => set(at(0, hour), name, &[("Name", NAMES[other])]),
                _ => remove(at(0, hour), name),
            };
            AuditEvent { succeeded, ..event }
        })
        .collect()
}

proptest! {
    #[test]
    fn nothing_is_lost_and_everything_is_in_order(draws in draws()) {
        let line = timeline(records(&draws), vec![]);
        let mut rows: Vec<u32> = line
            .connectors
            .iter()
            .flat_map(|c| c.events.iter().filter(|e| e.action != Action::Related))
            .chain(&line.tenant)
            .map(|e| e.cites[0].origin.record)
            .collect();
        rows.sort_unstable();
        let all: Vec<u32> = (1..=u32::try_from(draws.len()).unwrap_or_default()).collect();
        prop_assert_eq!(rows, all, "each record on one connector, or attempted in vain");
        for c in &line.connectors {
            prop_assert!(c.events.is_sorted_by_key(|e| (e.time, e.cites[0].origin)));
            prop_assert!(c.states.is_sorted_by_key(|s| s.from));
            for event in &c.events {
                prop_assert!(event.succeeded || event.changes.is_empty());
                prop_assert!(!event.no_op || event.changes.is_empty());
                for change in &event.changes {
                    prop_assert!(change.before_known || change.before.is_none());
                    prop_assert!(event.action != Action::Created || (change.before.is_none() && change.before_known));
                }
            }
        }
    }

    /// One connector, never renamed: what was last set is what is there.
    #[test]
    fn without_renames_the_last_value_set_holds(draws in draws()) {
        let draws: Vec<Draw> = draws.into_iter().filter(|d| d.0 != 2).map(|d| (d.0, 0, 0, d.3, d.4, d.5)).collect();
        prop_assume!(draws.iter().any(|d| d.4));
        let events = records(&draws);
        let line = timeline(events.clone(), vec![]);
        let c = connector(&line, "A");
        let mut expected: BTreeMap<Time, (bool, Option<&str>)> = BTreeMap::new();
        for event in events.iter().filter(|e| e.succeeded) {
            let typed = event.parameter("SenderIPAddresses");
            expected.insert(event.time, (typed.is_some(), typed));
        }
        let there = expected.last_key_value().is_some_and(|(_, (exists, _))| *exists);
        prop_assert_eq!(there, c.states.last().is_some_and(|s| s.exists));
        for (time, (exists, value)) in expected {
            let state = c.state_at(time).expect("after the first record something is known");
            prop_assert_eq!(state.exists, exists);
            let now: Option<Vec<&str>> = state.parameters.get("SenderIPAddresses").map(|v| sorted(v));
            prop_assert_eq!(now, value.map(sorted));
        }
    }

    /// The order in which exports were read leaves no trace.
    #[test]
    fn snapshots_in_any_order_tell_the_same(draws in draws(), days in prop::collection::vec((-3_i64..6, 0..NAMES.len(), 0..VALUES.len()), 0..5)) {
        let snapshots: Vec<ConnectorSnapshot> = days
            .iter()
            .zip(0..)
            .map(|(&(day, name, value), record)| {
                let mut s = snapshot(NAMES[name], None, at(day, 0), &[("SenderIPAddresses", VALUES[value])]);
                s.origin.record = record;
                s
            })
            .collect();
        let mut reversed = snapshots.clone();
        reversed.reverse();
        // Snapshots of one moment have no order but that of the evidence.
        prop_assume!(days.iter().enumerate().all(|(i, a)| days.iter().skip(i + 1).all(|b| a.0 != b.0)));
        let told = |s: Vec<ConnectorSnapshot>| format!("{:?}", timeline(records(&draws), s));
        prop_assert_eq!(told(snapshots), told(reversed));
    }
}

fn sorted(value: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = value.split(';').filter(|p| !p.is_empty()).collect();
    parts.sort_unstable();
    parts
}
