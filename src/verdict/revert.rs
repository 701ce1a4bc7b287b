//! How a connector is put back as it was.

use std::collections::BTreeMap;

use super::quote::{list, quote};
use super::response::{PAGE, Step, doubtful_rows};
use crate::records::Time;
use crate::timeline::{Action, Connector, Event, list_members};

/// The step that takes back what nobody meant to do to a connector.
pub(super) fn revert(connector: &Connector) -> Step {
    if is_gone(connector) {
        if let Some(again) = made_again(connector) {
            return step(
                connector,
                "It was there before and nobody meant to remove it: make it again as it last was, if it is missed.",
                vec![
                    "Get-InboundConnector | Format-Table Name, Enabled, ConnectorType, WhenCreated, WhenChanged".into(),
                    again,
                ],
            );
        }
        return step(
            connector,
            "The log says that the connector was removed; make sure that it is gone and was not made again under another name.",
            vec!["Get-InboundConnector | Format-Table Name, Enabled, ConnectorType, WhenCreated, WhenChanged".into()],
        );
    }
    if let Some(created) = doubtful(connector).find(|e| e.action == Action::Created) {
        return step(
            connector,
            &format!(
                "It was created at {} and nothing shows that it was meant; switch it off first, remove it once nobody misses it.",
                created.time
            ),
            vec![
                switch_off(connector),
                format!("Remove-InboundConnector -Identity {}", quote(&connector.name)),
            ],
        );
    }
    let before = Before::of(connector);
    if before.is_empty() {
        return step(
            connector,
            "No change of its configuration is on record; switch it off while the hosts behind it are looked at.",
            vec![switch_off(connector)],
        );
    }
    put_back(connector, &before)
}

fn step(connector: &Connector, why: &str, commands: Vec<String>) -> Step {
    Step {
        step: "revert",
        connector: Some(connector.name.clone()),
        why: why.to_owned(),
        commands,
        links: vec![PAGE],
        evidence: doubtful_rows(connector),
    }
}

fn switch_off(connector: &Connector) -> String {
    format!(
        "Set-InboundConnector -Identity {} -Enabled $false",
        quote(&connector.name)
    )
}

/// The command that makes a connector again that was the organisation's own and was removed by a stranger: with the
/// values that stood before the first doubtful act. `None` for one that such an act made, or whose values nothing gives.
fn made_again(connector: &Connector) -> Option<String> {
    let first = doubtful(connector).find(|e| e.action != Action::SeenInSnapshot)?;
    let own = !doubtful(connector).any(|e| e.action == Action::Created);
    let removed = doubtful(connector).any(|e| e.action == Action::Removed && e.intended == Some(false));
    let before = first.time.0.checked_sub(1).map(Time)?;
    let state = connector.state_at(before).filter(|s| own && removed && s.exists)?;
    let plain = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
    let values: Vec<String> = state
        .parameters
        .iter()
        .filter(|(name, _)| plain(name) && !["Name", "Identity"].contains(&name.as_str()))
        .map(|(name, value)| assignment(name, value))
        .collect();
    (!values.is_empty()).then(|| format!("New-InboundConnector -Name {} {}", quote(&state.name), values.join(" ")))
}

/// Whether the last that is known of it is its removal.
fn is_gone(connector: &Connector) -> bool {
    connector
        .events
        .iter()
        .rfind(|e| e.succeeded && matches!(e.action, Action::Created | Action::Removed))
        .is_some_and(|e| e.action == Action::Removed)
}

/// What took effect and nobody vouches for, in order of time.
pub(super) fn doubtful(connector: &Connector) -> impl Iterator<Item = &Event> {
    connector
        .events
        .iter()
        .filter(|e| e.intended != Some(true) && !e.no_op && e.succeeded)
}

/// What the parameters were before the first doubtful change of each: that holds the last good value.
#[derive(Default)]
struct Before<'a> {
    known: Vec<(&'a str, &'a str)>,
    unknown: Vec<&'a str>,
}

impl<'a> Before<'a> {
    fn of(connector: &'a Connector) -> Self {
        let mut first: BTreeMap<&str, (Option<&str>, bool)> = BTreeMap::new();
        for change in doubtful(connector)
            .filter(|e| e.action != Action::SeenInSnapshot)
            .flat_map(|e| &e.changes)
        {
            // Names come from the log: only one that is a plain word may reach a command line.
            if !change.parameter.is_empty() && change.parameter.chars().all(|c| c.is_ascii_alphanumeric()) {
                first
                    .entry(&change.parameter)
                    .or_insert((change.before.as_deref(), change.before_known));
            }
        }
        let mut before = Before::default();
        for (parameter, (value, known)) in first {
            if known {
                before.known.push((parameter, value.unwrap_or_default()));
            } else {
                before.unknown.push(parameter);
            }
        }
        before
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }
}

fn put_back(connector: &Connector, before: &Before) -> Step {
    let identity = quote(&connector.name);
    let mut commands = Vec::new();
    if !before.known.is_empty() {
        let values: Vec<String> = before.known.iter().map(|(p, v)| assignment(p, v)).collect();
        commands.push(format!(
            "Set-InboundConnector -Identity {identity} {}",
            values.join(" ")
        ));
    }
    let mut why = "Put back the values that stood before the first change nobody meant".to_owned();
    if before.unknown.is_empty() {
        why.push('.');
    } else {
        let unknown = before.unknown.join(", ");
        commands.push(format!(
            "Get-InboundConnector -Identity {identity} | Format-List {unknown}"
        ));
        why.push_str(&format!(
            "; no evidence gives the earlier value of {unknown}: ask the connector's owner."
        ));
    }
    step(connector, &why, commands)
}

fn assignment(parameter: &str, value: &str) -> String {
    let text = match value {
        "True" => "$true".to_owned(),
        "False" => "$false".to_owned(),
        "" => "$null".to_owned(),
        v => match list_members(parameter, v) {
            // A cmdlet takes the domain of an address space such as `smtp:*;1` without its cost.
            Some(members) => list(members.iter().map(|m| m.split(';').next().unwrap_or(m))),
            None => quote(v),
        },
    };
    format!("-{parameter} {text}")
}

#[cfg(test)]
mod tests;
