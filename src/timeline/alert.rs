//! Which connector an alert speaks of.
//!
//! Microsoft publishes no sample of the alert's data, so every field is searched: for a GUID or a name first,
//! else for an address or domain that only one connector has. An alert that fits several belongs to none.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use crate::records::Time;

use super::Connector;
use super::reference::fold;
use super::step::Step;
use super::value::{members, network};

/// Strings read out of an alert's data at most; an alert names few things.
const MOST: usize = 2_000;
/// Shorter names are matched only where a field holds nothing else.
const SHORTEST: usize = 4;

/// What an alert says.
pub(super) struct Alert {
    pub name: String,
    /// Whole values, in lower case.
    values: BTreeSet<String>,
    /// All of it, in lower case.
    text: String,
}

impl Alert {
    pub(super) fn read(step: &Step) -> Alert {
        let event = step.event;
        let mut found: Vec<String> = Vec::new();
        for (_, value) in &event.extended {
            match serde_json::from_str::<Value>(value) {
                Ok(data) if data.is_object() || data.is_array() => strings(&data, &mut found),
                _ => found.push(value.clone()),
            }
        }
        found.push(event.object.clone());
        found.extend(event.targets.iter().cloned());
        found.extend(event.parameters.iter().map(|(_, v)| v.clone()));
        found.truncate(MOST);
        let values: BTreeSet<String> = found.iter().map(|v| fold(v)).filter(|v| !v.is_empty()).collect();
        let name = event
            .extended("Alert.Name")
            .or_else(|| event.extended("Name"))
            .unwrap_or_default();
        Alert {
            name: name.trim().to_owned(),
            text: values.iter().cloned().collect::<Vec<_>>().join("\n"),
            values,
        }
    }

    /// Whether it says that something was blocked.
    pub(super) fn says_blocked(&self) -> bool {
        words(&self.text).any(|w| w == "blocked")
    }

    /// Numbers of the connectors it names, in ascending order.
    pub(super) fn names(&self, connectors: &[&Connector], time: Time) -> Vec<usize> {
        let by_id: Vec<usize> = select(connectors, |c| {
            c.id.as_ref().is_some_and(|id| self.text.contains(&fold(id)))
        });
        if !by_id.is_empty() {
            return by_id;
        }
        let by_name = self.by_name(connectors);
        if !by_name.is_empty() {
            return by_name;
        }
        let addresses: Vec<IpAddr> = tokens(&self.text).filter_map(|t| t.parse().ok()).collect();
        let by_address = select(connectors, |c| {
            ranges(c, time)
                .iter()
                .any(|net| addresses.iter().any(|a| net.contains(a)))
        });
        if by_address.len() == 1 {
            return by_address;
        }
        let domains: BTreeSet<&str> = tokens(&self.text).filter(|t| t.contains('.')).collect();
        let by_domain = select(connectors, |c| {
            own_domains(c, time).iter().any(|d| domains.contains(d.as_str()))
        });
        if by_domain.len() == 1 { by_domain } else { Vec::new() }
    }

    /// The longest names first, each blotted out where it stood: "Inbound" is not named by "Inbound from HQ".
    fn by_name(&self, connectors: &[&Connector]) -> Vec<usize> {
        let mut names: Vec<(String, usize)> = connectors
            .iter()
            .enumerate()
            .flat_map(|(i, c)| c.names.iter().map(move |n| (fold(n), i)))
            .filter(|(n, _)| !n.is_empty())
            .collect();
        names.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        let mut text = self.text.clone();
        let mut found = BTreeSet::new();
        for (name, index) in names {
            let whole = self.values.contains(&name);
            let within = name.chars().count() >= SHORTEST && stands_in(&text, &name);
            if whole || within {
                found.insert(index);
            }
            if within {
                text = text.replace(&name, "\u{0}");
            }
        }
        found.into_iter().collect()
    }
}

fn select(connectors: &[&Connector], wanted: impl Fn(&Connector) -> bool) -> Vec<usize> {
    connectors
        .iter()
        .enumerate()
        .filter(|(_, c)| wanted(c))
        .map(|(i, _)| i)
        .collect()
}

/// Whether a name stands in a text as words of its own.
fn stands_in(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty())
}

/// Parts that may be addresses or domains.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | ':' | '-')))
        .map(|t| t.trim_matches(['.', ':', '-']))
        .filter(|t| !t.is_empty())
}

fn strings(data: &Value, out: &mut Vec<String>) {
    if out.len() >= MOST {
        return;
    }
    match data {
        Value::String(s) => out.push(s.clone()),
        Value::Array(items) => items.iter().for_each(|v| strings(v, out)),
        Value::Object(fields) => fields.values().for_each(|v| strings(v, out)),
        _ => {}
    }
}

fn ranges(connector: &Connector, time: Time) -> Vec<IpNet> {
    let parameter = "SenderIPAddresses";
    let Some(value) = connector.state_at(time).and_then(|s| s.parameters.get(parameter)) else {
        return Vec::new();
    };
    members(parameter, value).iter().filter_map(|m| network(m)).collect()
}

/// Domains that the connector's configuration names for itself; `*` is everyone's.
fn own_domains(connector: &Connector, time: Time) -> BTreeSet<String> {
    let Some(state) = connector.state_at(time) else {
        return BTreeSet::new();
    };
    ["SenderDomains", "TlsSenderCertificateName"]
        .into_iter()
        .filter_map(|p| state.parameters.get(p).map(|v| members("SenderDomains", v)))
        .flatten()
        .map(|d| d.trim_start_matches("*.").to_owned())
        .filter(|d| d.contains('.'))
        .collect()
}
