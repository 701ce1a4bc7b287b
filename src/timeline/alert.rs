//! Which connectors an alert speaks of.
//!
//! Microsoft publishes no sample of the alert's data, so every field is searched that is not the service's own
//! wording: for GUIDs and names first, else for an address or domain that only one connector has. An alert that
//! names several belongs to all of them; an address or domain that several have names none.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use crate::records::{AuditEvent, Time};

use super::actor::guids;
use super::naming::{BLOT, Names, words};
use super::reference::fold;
use super::replay::Draft;
use super::step::{Step, brief};
use super::subject::Subject;
use super::value::{members, network};
use super::{Action, Connector, Event};

/// Strings read out of an alert's data at most; an alert names few things.
const MOST: usize = 2_000;

/// Fields in which the service speaks for itself: a connector called "High" or "Exchange" is not named by them.
/// Keys of alert records and of their Data: Office 365 Management Activity API schema, and published exports.
const SERVICE: [&str; 22] = [
    "ad",
    "alertid",
    "alerttype",
    "an",
    "category",
    "cid",
    "comments",
    "description",
    "entitytype",
    "etype",
    "lon",
    "op",
    "policy",
    "policyid",
    "rid",
    "sev",
    "severity",
    "source",
    "status",
    "tid",
    "title",
    "wl",
];

/// Puts every alert on the connectors that it means. Those that mean none are the tenant's: handed back with the
/// index of their record.
pub(super) fn place(steps: &[Step], drafts: &mut [Draft]) -> Vec<(Event, usize)> {
    let mut placed: Vec<(usize, Event, usize)> = Vec::new();
    let mut tenant: Vec<(Event, usize)> = Vec::new();
    {
        let connectors: Vec<&Connector> = drafts.iter().map(|d| &d.connector).collect();
        let names = Names::new(&connectors);
        for (index, step) in steps.iter().enumerate().filter(|(_, s)| s.subject == Subject::Alert) {
            let alert = Alert::read(step.event);
            let event = alert.event(step);
            let meant = alert.means(&connectors, &names, step.event.time);
            if meant.is_empty() {
                tenant.push((event, index));
                continue;
            }
            for number in meant {
                if alert.says_blocked() {
                    placed.push((number, block(&event), index));
                }
                placed.push((number, event.clone(), index));
            }
        }
    }
    for (number, event, index) in placed {
        if let Some(draft) = drafts.get_mut(number) {
            draft.events.push((event, Some(index)));
        }
    }
    tenant
}

fn block(alert: &Event) -> Event {
    Event {
        action: Action::Blocked,
        summary: format!(
            "The alert {} says that the connector was blocked.",
            brief(&alert.object)
        ),
        ..alert.clone()
    }
}

/// What an alert says.
pub(super) struct Alert {
    title: String,
    /// The fields that may name something, in lower case and without the title.
    said: BTreeSet<String>,
    /// All fields, in lower case.
    text: String,
}

impl Alert {
    pub(super) fn read(event: &AuditEvent) -> Alert {
        let title = event
            .extended("Alert.Name")
            .or_else(|| event.extended("Name"))
            .or_else(|| event.extended("Alert.Data.an"))
            .unwrap_or_default()
            .trim();
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in &event.extended {
            match serde_json::from_str::<Value>(value) {
                Ok(data) if data.is_object() || data.is_array() => strings(name, &data, &mut found),
                _ => found.push((name.clone(), value.clone())),
            }
        }
        let objects = std::iter::once(&event.object).chain(&event.targets);
        found.extend(objects.map(|o| (String::new(), o.clone())));
        found.extend(event.parameters.iter().cloned());
        found.truncate(MOST);
        let folded = fold(title);
        let own = found.iter().filter(|(name, _)| !is_service_s(name));
        let own = own.map(|(_, value)| fold(value)).map(|value| match folded.as_str() {
            "" => value,
            // The data repeats the title.
            title => value.replace(title, BLOT),
        });
        Alert {
            title: title.to_owned(),
            said: own.filter(|value| !value.is_empty() && value != BLOT).collect(),
            text: found.iter().map(|(_, v)| fold(v)).collect::<Vec<_>>().join("\n"),
        }
    }

    /// The alert on the timeline.
    fn event(&self, step: &Step) -> Event {
        let name = if self.title.is_empty() {
            &step.event.operation
        } else {
            &self.title
        };
        let mut event = step.to_event(Action::Alerted, format!("Microsoft raised the alert {}.", brief(name)));
        event.object.clone_from(name);
        event.parameters.extend(step.event.extended.iter().cloned());
        event
    }

    /// The fields that may hold a name or GUID, in lower case.
    pub(super) fn said(&self) -> &BTreeSet<String> {
        &self.said
    }

    /// Whether it says that something was blocked.
    pub(super) fn says_blocked(&self) -> bool {
        words(&self.text).any(|(_, w)| w == "blocked")
    }

    /// Numbers of the connectors it means, in ascending order.
    pub(super) fn means(&self, connectors: &[&Connector], names: &Names, time: Time) -> Vec<usize> {
        let named = names.named(&guids(&self.text), &self.said, time);
        if !named.is_empty() {
            return named.into_iter().collect();
        }
        let addresses: Vec<IpAddr> = tokens(&self.text).filter_map(|t| t.parse().ok()).collect();
        let by_address = select(connectors, |c| {
            !addresses.is_empty()
                && ranges(c, time)
                    .iter()
                    .any(|net| addresses.iter().any(|a| net.contains(a)))
        });
        if by_address.len() == 1 {
            return by_address;
        }
        let domains: BTreeSet<&str> = tokens(&self.text).filter(|t| t.contains('.')).collect();
        let by_domain = select(connectors, |c| {
            !domains.is_empty() && own_domains(c, time).iter().any(|d| domains.contains(d.as_str()))
        });
        if by_domain.len() == 1 { by_domain } else { Vec::new() }
    }
}

/// `Alert.Severity`, `Alert.Data.sev`. A plain `Name` is the title at the top, but may be a connector's in the data.
fn is_service_s(field: &str) -> bool {
    let field = field.trim().to_lowercase();
    let key = field.rsplit('.').next().unwrap_or_default();
    matches!(field.as_str(), "name" | "alert.name") || SERVICE.contains(&key)
}

fn select(connectors: &[&Connector], wanted: impl Fn(&Connector) -> bool) -> Vec<usize> {
    connectors
        .iter()
        .enumerate()
        .filter(|(_, c)| wanted(c))
        .map(|(i, _)| i)
        .collect()
}

/// Parts that may be addresses or domains.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | ':' | '-')))
        .map(|t| t.trim_matches(['.', ':', '-']))
        .filter(|t| !t.is_empty())
}

/// The strings of a value, each under the last key above it.
fn strings(key: &str, data: &Value, out: &mut Vec<(String, String)>) {
    if out.len() >= MOST {
        return;
    }
    match data {
        Value::String(s) => out.push((key.to_owned(), s.clone())),
        Value::Array(items) => items.iter().for_each(|v| strings(key, v, out)),
        Value::Object(fields) => fields.iter().for_each(|(k, v)| strings(&format!("Data.{k}"), v, out)),
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
