//! The same night of audit records in every export that can hold it, against what the generator says the night was.

use std::fmt::Write as _;
use std::path::PathBuf;

use relaytrail::ingest::{Evidence, Options, ingest};
use relaytrail::records::AuditEvent;
use relaytrail::records::address;
use serde_json::Value;

#[path = "support/samples.rs"]
mod committed;
#[path = "support/exhibits.rs"]
mod exhibits;
#[path = "../sample-data/generator/simulate/mod.rs"]
mod simulate;

use simulate::audit::{AuditRecord, SIGN_IN};
use simulate::{audit_formats, samples};

fn read(path: PathBuf) -> Evidence {
    ingest(&[path], &Options::default()).expect("the sample is read")
}

/// What a file gave, as text: what the report says of it, every event field by field, every sighting.
fn told(evidence: &Evidence) -> String {
    let mut text = exhibits::told(evidence);
    for event in &evidence.digest.events {
        text.push_str(&event_told(event));
    }
    for (key, seen) in evidence.digest.sightings.iter() {
        let address = key.address.map_or_else(|| "-".to_owned(), |a| a.to_string());
        let _ = writeln!(
            text,
            "sign-in {} {} from {address} with {:?}, {} at {}",
            if key.succeeded { "of" } else { "refused to" },
            key.account,
            key.agent,
            seen.count(),
            seen.first.0
        );
    }
    text
}

fn event_told(e: &AuditEvent) -> String {
    let or = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let mut text = format!(
        "{} {} type {:?} {} by {} ({}, {:?}) from {} on {:?}, app {} session {}{}\n",
        e.time,
        e.operation,
        e.record_type,
        if e.succeeded { "succeeded" } else { "failed" },
        e.user,
        e.user_key,
        e.user_type,
        e.client_ip.map_or_else(|| "-".to_owned(), |a| a.to_string()),
        e.object,
        or(e.app_id.as_deref()),
        or(e.session_id.as_deref()),
        if e.complete { "" } else { ", not whole" },
    );
    for (name, value) in e.parameters.iter().chain(&e.extended) {
        let _ = writeln!(text, "  {name} = {value:?}");
    }
    for m in &e.modified {
        let _ = writeln!(text, "  {}: {:?} -> {:?}", m.name, m.old, m.new);
    }
    if !e.targets.is_empty() {
        let _ = writeln!(text, "  targets {:?}", e.targets);
    }
    text
}

/// What counts of an event, whichever export it came from.
#[derive(Debug, PartialEq, PartialOrd)]
struct Essence {
    time: String,
    operation: String,
    user: String,
    address: Option<std::net::IpAddr>,
    object: String,
    parameters: Vec<(String, String)>,
}

fn essence(event: &AuditEvent) -> Essence {
    let mut parameters = event.parameters.clone();
    parameters.sort();
    Essence {
        time: event.time.to_string(),
        operation: event.operation.clone(),
        user: event.user.clone(),
        address: event.client_ip,
        object: event.object.clone(),
        parameters,
    }
}

/// The same of the generator's record.
fn truth(record: &AuditRecord) -> Essence {
    let parameters = record
        .body
        .iter()
        .find(|(key, _)| *key == "Parameters")
        .map(|(_, value)| value);
    let mut pairs: Vec<(String, String)> = match parameters {
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| {
                (
                    item["Name"].as_str().unwrap().to_owned(),
                    item["Value"].as_str().unwrap().to_owned(),
                )
            })
            .collect(),
        // The one record whose parameters are text.
        Some(_) => [
            ("Identity", "Default"),
            ("RecipientLimitPerDay", "10000"),
            ("NotifyOutboundSpamRecipients", "a@fabrikam.com;b@fabrikam.com"),
            ("NotifyOutboundSpam", "False"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        None => Vec::new(),
    };
    pairs.sort();
    Essence {
        time: simulate::time::iso(record.time),
        operation: record.operation.trim().to_owned(),
        user: record.user_id.clone(),
        address: record.client_ip.as_deref().and_then(address::ip),
        object: record.object_id.clone().unwrap_or_default(),
        parameters: pairs,
    }
}

/// Records that only count: the service's own re-setting of its switch, and mail that was read.
fn counts(record: &AuditRecord) -> bool {
    record.operation == "MailItemsAccessed" || record.user_type == 3
}

/// Reads every file of a format and holds it to the truth. `is_whole`: the export keeps parameters; `signs_in`: it
/// holds sign-ins.
fn check(format: &str, is_whole: bool, signs_in: bool) -> String {
    let (night, _) = audit_formats::night(samples::SEED);
    let expected: Vec<Essence> = night
        .iter()
        .filter(|record| !counts(record) && record.record_type != SIGN_IN)
        .map(truth)
        .map(|essence| Essence {
            parameters: if is_whole { essence.parameters } else { Vec::new() },
            ..essence
        })
        .collect();
    let rows = night.iter().filter(|r| signs_in || r.record_type != SIGN_IN).count() as u64;
    let mut all = String::new();
    for path in committed::files(format) {
        let evidence = read(path.clone());
        let exhibit = &evidence.exhibits()[0];
        let name = path.display();
        assert_eq!(
            (exhibit.format.as_str(), exhibit.kind.as_str()),
            (format, "audit_log"),
            "{name}"
        );
        let sum = exhibit.accepted + exhibit.degraded + exhibit.duplicates + exhibit.rejected;
        assert_eq!((exhibit.records, sum, exhibit.rejected), (rows, rows, 0), "{name}");
        let found: Vec<Essence> = evidence
            .digest
            .events
            .iter()
            .map(essence)
            .map(|mut essence| {
                if !is_whole {
                    essence.parameters.retain(|_| false);
                }
                essence
            })
            .collect();
        assert_eq!(found, expected, "{name}");
        let accounts: Vec<_> = evidence
            .digest
            .sightings
            .keys()
            .map(|key| (&*key.account, key.succeeded, key.address))
            .collect();
        let stranger = "91.219.236.10".parse().ok();
        let admin = "it.admin@fabrikam.com";
        let sign_ins = [(admin, false, stranger), (admin, true, stranger)];
        assert_eq!(accounts, if signs_in { &sign_ins[..] } else { &[] }, "{name}");
        all.push_str(&told(&evidence));
        all.push('\n');
    }
    all
}

macro_rules! formats {
    ($($format:ident $is_whole:literal $signs_in:literal),* $(,)?) => {$(
        #[test]
        fn $format() {
            insta::assert_snapshot!(stringify!($format), check(stringify!($format), $is_whole, $signs_in));
        }
    )*};
}

formats! {
    purview_audit_search_classic true true,
    graph_audit_log_query true true,
    search_unified_audit_log_json true true,
    management_activity_api true true,
    flattened_audit_records false true,
    sentinel_office_activity true false,
    defender_cloud_app_events true true,
    elastic_o365_audit true true,
    wazuh_office365 true true,
}

#[test]
fn committed_samples_are_what_the_generator_makes() {
    let made = audit_formats::samples(samples::SEED).into_iter();
    committed::check_committed(made.map(|file| (file.path, file.bytes)));
}
