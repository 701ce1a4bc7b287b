//! Which addresses, domains and accounts a report saw at work, when, and which of them are the attacker's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Utc};
use ipnet::IpNet;
use serde_json::Value;

use super::observable::Observable;
use crate::records::address;
use crate::report::model::{Change, Connector, Event, Indicator, Report, State, Verdict};
use crate::timeline::list_members;

/// When something was seen, and why it counts as the attacker's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sighting {
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
    /// Events and messages.
    pub count: u64,
    /// In words; empty where it was only seen.
    pub signs: BTreeSet<&'static str>,
    /// Time of the earliest sign.
    pub since: Option<DateTime<Utc>>,
}

impl Sighting {
    fn at(&mut self, time: Option<DateTime<Utc>>) {
        self.count += 1;
        self.span(time, time);
    }

    fn sign(&mut self, sign: &'static str, time: Option<DateTime<Utc>>) {
        self.signs.insert(sign);
        self.since = [self.since, time].into_iter().flatten().min();
    }

    fn span(&mut self, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) {
        // Without a time, `min` and `max` of options would take the nothing.
        self.first = [self.first, from].into_iter().flatten().min();
        self.last = [self.last, to].into_iter().flatten().max();
    }
}

/// What was seen, in one order at every run.
pub type Sightings = BTreeMap<Observable, Sighting>;

/// A time as a bundle can hold it: of the years 1 to 9999.
pub fn moment(time: &str) -> Option<DateTime<Utc>> {
    let time: DateTime<Utc> = time.parse().ok()?;
    (1..=9999).contains(&time.year()).then_some(time)
}

/// Whether a verdict accuses.
pub fn accused(verdict: Verdict) -> bool {
    verdict <= Verdict::Suspicious
}

/// What a connector that stands accused was reached and used from.
pub fn of_connector(report: &Report, connector: &Connector) -> Sightings {
    let mut seen = Sightings::new();
    let settings = Settings::of(connector);
    for event in &connector.timeline {
        acts(event, &settings, &mut seen);
    }
    let supported = |id: &str| {
        connector
            .indicators
            .iter()
            .find(|i| i.id == id && i.state == State::Supported)
    };
    if let Some(strangers) = supported("source_ip_mismatch") {
        for host in foreign_hosts(strangers) {
            let sign = "mail came from it, which is none of the organisation's hosts";
            note(&mut seen, host, strangers, &settings, sign);
        }
    }
    if let Some(unprovisioned) = supported("unprovisioned_domain") {
        for domain in strange_domains(unprovisioned) {
            let sign = "mail was sent in its name (perhaps forged), which the organisation had not provisioned";
            note(&mut seen, domain, unprovisioned, &settings, sign);
        }
    }
    let unexpected = supported("unexpected_connector").is_some();
    for message in report.suspect_messages.iter().filter(|m| m.connector == connector.name) {
        let Some(source) = message.source.as_deref().and_then(address::ip) else {
            continue;
        };
        let host = Observable::host(source);
        let hostile = unexpected && settings.may_be_hostile(&host);
        let time = moment(&message.time);
        let sighting = seen.entry(host).or_default();
        sighting.at(time);
        if hostile {
            sighting.sign(
                "mail came from it through a connector that nobody meant to create",
                time,
            );
        }
    }
    seen
}

/// The accounts that stand accused, with the times at which they acted.
pub fn accounts(report: &Report) -> Sightings {
    let mut seen = Sightings::new();
    let accused = report
        .accounts
        .iter()
        .filter(|a| accused(a.verdict) && !a.id.is_empty());
    for account in accused {
        let observable = Observable::Account {
            id: account.id.clone(),
            application: account.kind == "application",
        };
        let connectors = report.connectors.iter().flat_map(|c| &c.timeline);
        let events = connectors.chain(&report.tenant.timeline);
        let acted = events.filter(|e| observable.is_account(e.actor.as_deref()));
        let mut sighting = Sighting::default();
        let mut since = None;
        for event in acted {
            let time = moment(&event.time);
            sighting.at(time);
            let doubted = time.filter(|_| event.intended == Some(false));
            since = [since, doubted].into_iter().flatten().min();
        }
        let found = account.indicators.iter().filter(|i| i.state == State::Supported);
        let windows = found.filter_map(|i| moment(&i.window.as_ref()?.from));
        let since = since.into_iter().chain(windows).min().or(sighting.first);
        let sign = "it changed a connector, or prepared the change, in a session that does not look like its owner's";
        sighting.sign(sign, since);
        seen.insert(observable, sighting);
    }
    seen
}

/// The attacker's address and settings of one event.
fn acts(event: &Event, settings: &Settings, seen: &mut Sightings) {
    if event.intended != Some(false) {
        return;
    }
    let time = moment(&event.time);
    if let Some(ip) = event.client_ip.as_deref().and_then(address::ip) {
        let host = Observable::host(ip);
        let hostile = settings.may_be_hostile(&host);
        let sighting = seen.entry(host).or_default();
        sighting.at(time);
        if hostile {
            sighting.sign(
                "somebody acted from it on the connector, or around it, who was not meant to",
                time,
            );
        }
    }
    if !event.succeeded {
        return;
    }
    for added in event.changes.iter().flat_map(added) {
        if settings.may_be_hostile(&added) {
            let sighting = seen.entry(added).or_default();
            sighting.at(time);
            sighting.sign("a change that nobody meant let it send through the connector", time);
        }
    }
}

/// Notes what an indicator names, at the time that it speaks of.
fn note(seen: &mut Sightings, found: Observable, indicator: &Indicator, settings: &Settings, sign: &'static str) {
    if !settings.may_be_hostile(&found) {
        return;
    }
    let sighting = seen.entry(found).or_default();
    let window = indicator.window.as_ref();
    let from = window.and_then(|w| moment(&w.from));
    sighting.span(from, window.and_then(|w| moment(&w.to)));
    sighting.sign(sign, from);
}

/// The texts of a fact that is a list.
fn texts<'a>(indicator: &'a Indicator, fact: &str) -> impl Iterator<Item = &'a str> {
    let list = indicator.facts.get(fact).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// Hosts that the connector's mail came from and had not come from before any doubt.
fn foreign_hosts(indicator: &Indicator) -> Vec<Observable> {
    let before: Vec<_> = texts(indicator, "in_use_before").filter_map(address::ip).collect();
    texts(indicator, "hosts")
        .filter_map(address::ip)
        .filter(|host| !before.contains(host))
        .map(Observable::host)
        .collect()
}

/// Sender domains that are not the organisation's; none where the list of its domains may lack some.
fn strange_domains(indicator: &Indicator) -> Vec<Observable> {
    let doubtful = indicator.facts.get("accepted_domains_may_be_incomplete") == Some(&Value::Bool(true));
    let domains = texts(indicator, "domains").filter(|_| !doubtful);
    domains.filter_map(Observable::domain).collect()
}

/// Parameters of a connector that say who may send through it.
const ADDRESSES: &str = "SenderIPAddresses";
const DOMAINS: [&str; 2] = ["SenderDomains", "TlsSenderCertificateName"];

/// What a change put into those parameters that was not there before. Nothing where the value before is not known:
/// the organisation's own would be among it.
fn added(change: &Change) -> Vec<Observable> {
    if !change.before_known {
        return Vec::new();
    }
    let before = members(change, change.before.as_deref());
    let mut after = members(change, change.after.as_deref());
    after.retain(|member| !before.contains(member));
    after
}

fn members(change: &Change, value: Option<&str>) -> Vec<Observable> {
    let value = value.unwrap_or_default();
    let is = |name: &str| change.parameter.eq_ignore_ascii_case(name);
    if is(ADDRESSES) {
        let members = list_members(ADDRESSES, value).unwrap_or_default();
        return members.iter().filter_map(|m| Observable::network(m)).collect();
    }
    if !DOMAINS.iter().any(|name| is(name)) {
        return Vec::new();
    }
    let members = list_members(&change.parameter, value).unwrap_or_else(|| vec![value.to_string()]);
    members.iter().filter_map(|m| Observable::domain(space(m))).collect()
}

/// The domain of an address space such as `smtp:fabrikam.com;1`.
fn space(member: &str) -> &str {
    let scheme = member.get(..5).filter(|s| s.eq_ignore_ascii_case("smtp:"));
    let bare = scheme.map_or(member, |s| member.get(s.len()..).unwrap_or_default());
    bare.split(';').next().unwrap_or_default()
}

/// What the organisation itself had set on a connector.
struct Settings {
    own: BTreeSet<Observable>,
}

impl Settings {
    /// What stood there before anything unintended, and what an intended change set.
    fn of(connector: &Connector) -> Self {
        let mut own = BTreeSet::new();
        let mut strange = BTreeSet::new();
        for event in connector.timeline.iter().filter(|e| e.succeeded) {
            for change in &event.changes {
                let before = members(change, change.before.as_deref());
                own.extend(before.into_iter().filter(|m| !strange.contains(m)));
                match event.intended {
                    Some(true) => own.extend(members(change, change.after.as_deref())),
                    Some(false) => strange.extend(added(change)),
                    None => {}
                }
            }
        }
        Self { own }
    }

    /// Whether something can be the attacker's: a stranger may stand behind it, and the organisation did not set it.
    fn may_be_hostile(&self, found: &Observable) -> bool {
        let set = |own: &Observable| match (own, found) {
            (Observable::Address(own), Observable::Address(found)) => holds(own, found),
            _ => own == found,
        };
        found.may_be_hostile() && !self.own.iter().any(set)
    }
}

/// Whether one network lies in the other. `0.0.0.0/0` on a connector is nobody's own.
fn holds(own: &IpNet, found: &IpNet) -> bool {
    own.prefix_len() > 0 && own.contains(found)
}
