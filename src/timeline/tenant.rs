//! What belongs to no single connector: rules, domains, audit switches, roles and applications.

use std::collections::BTreeSet;

use super::step::{Step, brief};
use super::subject::Subject;
use super::value::is_noise;
use super::wording::lost;
use super::{Action, Event};

/// Parameters shown in the sentence of an event.
const SHOWN: usize = 4;

/// The events of all records but alerts and those that have a place on a connector, each with its record's index.
/// A record on connectors that names none at all is on no connector's timeline, but not lost.
pub(super) fn events(steps: &[Step], placed: &BTreeSet<usize>) -> Vec<(Event, usize)> {
    let steps = steps.iter().enumerate();
    steps
        .filter(|(index, step)| step.subject != Subject::Alert && !placed.contains(index))
        .map(|(index, step)| (step.to_event(Action::Related, told(step)), index))
        .collect()
}

fn told(step: &Step) -> String {
    let did = if step.event.succeeded { "ran" } else { "tried" };
    let on = match step.object() {
        "" => String::new(),
        object => format!(" on {}", brief(object)),
    };
    let shown: Vec<String> = step
        .event
        .parameters
        .iter()
        .filter(|(n, _)| !is_noise(n) && !n.eq_ignore_ascii_case("Name"))
        .take(SHOWN)
        .map(|(n, v)| format!("{n} {}", brief(v)))
        .collect();
    let with = if shown.is_empty() {
        String::new()
    } else {
        format!(" ({})", shown.join(", "))
    };
    format!(
        "{} {did} {}{on}{with}{}.",
        step.who(),
        step.event.operation.trim().trim_end_matches('.'),
        lost(step)
    )
}
