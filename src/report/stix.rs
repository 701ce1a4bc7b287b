//! `stix.json`: what others can look for, as a STIX 2.1 bundle.
//!
//! Each connector that stands accused is an infrastructure; the addresses and domains that it was reached and used
//! from, and the accounts that acted, are cyber-observable objects and observed data; those that are the attacker's
//! are indicators too. Source of the format: OASIS, "STIX Version 2.1".

mod observable;
mod sightings;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Builder;

use self::observable::Observable;
use self::sightings::{Sighting, accused, moment};
use super::clean;
use super::error::ReportError;
use super::glance;
use super::hash::HashingWriter;
use super::json;
use super::model::{Connector, Report};

/// The marking TLP:AMBER with the id and time that STIX 2.1, section 7.2.1.4, gives it: the names of an
/// organisation's accounts and connectors are for it and those who help it.
const AMBER: &str = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82";
const AMBER_CREATED: &str = "2017-01-20T00:00:00.000Z";

/// Reasons that describe a connector; the report has them all.
const REASONS: usize = 3;

/// The most that `number_observed` may be.
const MOST_OBSERVED: u64 = 999_999_999;

/// Writes the bundle. Without an accused connector or account it holds only who made it and for whom.
pub fn write(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut bundle = Bundle::new(report)?;
    let mut seen: BTreeMap<Observable, Vec<Place>> = BTreeMap::new();
    let accused: Vec<&Connector> = report.connectors.iter().filter(|c| accused(c.verdict)).collect();
    let mut infrastructures = Vec::new();
    for connector in &accused {
        let id = bundle.connector(connector, infrastructures.len());
        for (observable, sighting) in sightings::of_connector(report, connector) {
            let connectors = vec![id.clone()];
            seen.entry(observable).or_default().push(Place { connectors, sighting });
        }
        infrastructures.push(id);
    }
    for (observable, sighting) in sightings::accounts(report) {
        let acted = |c: &Connector| c.timeline.iter().any(|e| observable.is_account(e.actor.as_deref()));
        let at = accused.iter().zip(&infrastructures).filter(|(c, _)| acted(c));
        let connectors = at.map(|(_, id)| id.clone()).collect();
        seen.entry(observable).or_default().push(Place { connectors, sighting });
    }
    for (observable, places) in &seen {
        bundle.observable(observable, places);
    }
    bundle.report(report);
    let whole = json!({
        "type": "bundle",
        "id": bundle.id("bundle", ""),
        "objects": bundle.objects,
    });
    writeln!(out, "{}", json::pretty(&whole)?)?;
    Ok(())
}

/// Where something was seen.
struct Place {
    /// Ids of the connectors.
    connectors: Vec<String>,
    sighting: Sighting,
}

struct Bundle {
    objects: Vec<Value>,
    /// Stands for this very report in every id, so that another report's objects have other ids.
    seed: String,
    /// The latest time that the report knows. The clock would give other bytes at every run.
    now: DateTime<Utc>,
    /// Id of who made the objects.
    maker: String,
}

impl Bundle {
    fn new(report: &Report) -> Result<Self, ReportError> {
        let mut hashing = HashingWriter::new(io::sink());
        json::write(report, &mut hashing)?;
        let (_, seed, _) = hashing.finish();
        let mut bundle = Self {
            objects: vec![json!({
                "type": "marking-definition",
                "spec_version": "2.1",
                "id": AMBER,
                "created": AMBER_CREATED,
                "definition_type": "tlp",
                "name": "TLP:AMBER",
                "definition": {"tlp": "amber"},
            })],
            seed,
            now: latest(report),
            maker: String::new(),
        };
        bundle.maker = bundle.id("identity", "maker");
        bundle.add(
            "identity",
            "maker",
            json!({"name": report.tool.name, "identity_class": "system"}),
        );
        if let Some(name) = &report.summary.organization {
            let properties = json!({"name": clean::line(name), "identity_class": "organization"});
            bundle.add("identity", "organization", properties);
        }
        Ok(bundle)
    }

    /// The id of an object that is not cyber-observable. The specification wants a version 4 UUID, of bits that nobody
    /// can foresee; these are of a hash over the whole report, so that they are the same at every run.
    fn id(&self, kind: &str, key: &str) -> String {
        // The key comes last: nothing in it can be taken for another part.
        let hash = Sha256::digest(format!("{}|{kind}|{key}", self.seed));
        format!(
            "{kind}--{}",
            Builder::from_random_bytes(std::array::from_fn(|i| hash[i])).into_uuid()
        )
    }

    /// Adds an object with the properties that all have, and gives its id.
    fn add(&mut self, kind: &str, key: &str, properties: Value) -> String {
        let id = self.id(kind, key);
        let mut object = json!({
            "type": kind,
            "spec_version": "2.1",
            "id": id,
            "created": text(self.now),
            "modified": text(self.now),
            "created_by_ref": self.maker,
            "object_marking_refs": [AMBER],
        });
        if let (Value::Object(object), Value::Object(properties)) = (&mut object, properties) {
            object.extend(properties);
        }
        self.objects.push(object);
        id
    }

    /// Adds an accused connector and gives its id. `number` tells two apart that bore one name in turn.
    fn connector(&mut self, connector: &Connector, number: usize) -> String {
        let reasons: Vec<&str> = connector.reasons.iter().take(REASONS).map(String::as_str).collect();
        let description = format!(
            "Inbound connector of Exchange Online. {} ({}). {}",
            glance::verdict(connector.verdict),
            glance::score(connector),
            clean::line(&reasons.join(" "))
        );
        let mut properties = json!({
            "name": clean::line(&connector.name),
            "description": description.trim_end(),
        });
        let others = connector.names.iter().filter(|n| **n != connector.name);
        let aliases: Vec<_> = others.map(|n| clean::line(n)).collect();
        if !aliases.is_empty() {
            properties["aliases"] = json!(aliases);
        }
        if let Some(since) = connector.since.as_ref().and_then(|s| moment(&s.time)) {
            properties["first_seen"] = text(since).into();
        }
        if let Some(id) = connector.id.as_deref().filter(|id| !id.is_empty()) {
            let place = json!({"source_name": "exchange-online", "external_id": clean::line(id)});
            properties["external_references"] = json!([place]);
        }
        self.add("infrastructure", &format!("{number}|{}", connector.name), properties)
    }

    /// Adds an observable, that it was seen at each place and, where it is the attacker's, the indicator for it.
    fn observable(&mut self, observable: &Observable, places: &[Place]) {
        let id = observable.id();
        self.objects.push(observable.object());
        let seen: Vec<String> = places.iter().map(|place| self.seen(&id, place)).collect();
        let signs: BTreeSet<&str> = places.iter().flat_map(|p| p.sighting.signs.iter().copied()).collect();
        if signs.is_empty() {
            return;
        }
        let hostile = || places.iter().filter(|p| !p.sighting.signs.is_empty());
        let since = hostile().filter_map(|p| p.sighting.since).min().unwrap_or(self.now);
        let name = observable.name();
        let name = clean::line(&name);
        let signs: Vec<&str> = signs.into_iter().collect();
        let kind = match observable {
            Observable::Account { .. } => "compromised",
            // The sender of forged mail is not who owns the domain.
            Observable::Domain(_) => "anomalous-activity",
            Observable::Address(_) => "malicious-activity",
        };
        let properties = json!({
            "name": name,
            "description": format!("{name}: {}.", signs.join("; ")),
            "indicator_types": [kind],
            "pattern": observable.pattern(),
            "pattern_type": "stix",
            "pattern_version": "2.1",
            "valid_from": text(since),
        });
        let indicator = self.add("indicator", &id, properties);
        for seen in &seen {
            self.relate(&indicator, "based-on", seen);
        }
        for connector in hostile().flat_map(|p| &p.connectors) {
            self.relate(&indicator, "indicates", connector);
        }
    }

    /// Adds that an observable was seen at a place, and gives the id of that.
    fn seen(&mut self, observable: &str, place: &Place) -> String {
        let Place { connectors, sighting } = place;
        let first = sighting.first.unwrap_or(self.now);
        let last = sighting.last.unwrap_or(first);
        let properties = json!({
            "first_observed": text(first),
            "last_observed": text(last),
            "number_observed": sighting.count.clamp(1, MOST_OBSERVED),
            "object_refs": [observable],
        });
        let seen = self.add(
            "observed-data",
            &format!("{observable} {}", connectors.join(" ")),
            properties,
        );
        for connector in connectors {
            self.relate(&seen, "related-to", connector);
        }
        seen
    }

    fn relate(&mut self, source: &str, how: &str, target: &str) {
        let properties = json!({"relationship_type": how, "source_ref": source, "target_ref": target});
        self.add("relationship", &format!("{source} {how} {target}"), properties);
    }

    /// The whole case, which holds all that came before. A case that accuses nobody is none to hand on.
    fn report(&mut self, report: &Report) {
        let held: Vec<Value> = self
            .objects
            .iter()
            .filter(|o| is_finding(o))
            .map(|o| o["id"].clone())
            .collect();
        if held.is_empty() {
            return;
        }
        let properties = json!({
            "name": format!("{}: {}", report.tool.name, glance::verdict(report.summary.verdict)),
            "description": clean::line(&report.summary.headline),
            "report_types": ["indicator", "observed-data"],
            "published": text(self.now),
            "object_refs": held,
        });
        self.add("report", "", properties);
    }
}

/// Whether an object says something of the case, and not of who made the bundle.
fn is_finding(object: &Value) -> bool {
    object["type"] != "identity" && object["type"] != "marking-definition"
}

/// A time as STIX writes it, to the millisecond.
fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The latest time of the evidence; 1970 where nothing has a time.
fn latest(report: &Report) -> DateTime<Utc> {
    let evidence = report.evidence.iter().filter_map(|e| e.last_time.as_deref());
    let connectors = report.connectors.iter().flat_map(|c| &c.timeline);
    let events = connectors.chain(&report.tenant.timeline).map(|e| e.time.as_str());
    let messages = report.suspect_messages.iter().map(|m| m.time.as_str());
    let times = evidence.chain(events).chain(messages);
    times.filter_map(moment).max().unwrap_or_default()
}
