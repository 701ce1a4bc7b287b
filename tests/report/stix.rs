//! The bundle: what it says, and whether the validator of OASIS takes it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use relaytrail::report::model::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::files::{text, written_whole};
use crate::sample::{self, HOSTILE};
use crate::tools;

fn objects(place: &TempDir) -> Vec<Value> {
    let bundle: Value = serde_json::from_str(&text(place, "stix.json")).unwrap();
    bundle["objects"].as_array().unwrap().clone()
}

fn of_type<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects.iter().filter(|o| o["type"] == kind).collect()
}

/// The sample with everything in it that a bundle is made from.
fn report() -> Report {
    let mut report = sample::report();
    let connector = &mut report.connectors[1];
    for indicator in &mut connector.indicators {
        let facts = match indicator.id.as_str() {
            "source_ip_mismatch" => json!({
                "hosts": ["203.0.113.77", "203.0.113.78", "10.1.2.3", "81.2.69.161", "no address"],
                "in_use_before": ["203.0.113.78"],
            }),
            "unprovisioned_domain" => json!({"domains": ["Evil.example", "x'] OR [y = 'z", "bücher.example"]}),
            _ => continue,
        };
        indicator.state = State::Supported;
        indicator.facts = facts.as_object().cloned().unwrap();
    }
    // What stood there before is the organisation's own.
    connector.timeline[1].changes[1].before = Some("81.2.69.160/28".into());
    let mut mailed = report.suspect_messages[0].clone();
    mailed.source = Some("198.51.100.9".into());
    report.suspect_messages.push(mailed.clone());
    mailed.time = "2026-04-04T03:00:00.5Z".into();
    report.suspect_messages.push(mailed);
    report.accounts.push(Account {
        id: HOSTILE.into(),
        kind: "application".into(),
        verdict: Verdict::Suspicious,
        score: 1.0,
        addresses: vec![],
        indicators: vec![],
    });
    report.accounts.push(Account {
        id: "innocent@fabrikam.com".into(),
        kind: "user".into(),
        verdict: Verdict::NoIndication,
        score: -1.0,
        addresses: vec![],
        indicators: vec![],
    });
    report
}

#[test]
fn the_attackers_addresses_and_domains_are_indicators_and_no_others() {
    let objects = objects(&written_whole(&report()));
    let patterns: BTreeSet<&str> = of_type(&objects, "indicator")
        .iter()
        .map(|i| i["pattern"].as_str().unwrap())
        .collect();
    let account = HOSTILE.replace('\\', "\\\\").replace('\'', "\\'");
    let account = format!("[user-account:user_id = '{account}']");
    let expected = BTreeSet::from([
        // Acted from, and put into the connector.
        "[ipv4-addr:value = '91.219.236.10']",
        // A foreign host of the mail; the other one was in use before.
        "[ipv4-addr:value = '203.0.113.77']",
        "[domain-name:value = 'evil.example']",
        "[domain-name:value = 'xn--bcher-kva.example']",
        "[user-account:account_login = 'it.admin@fabrikam.com']",
        &account,
    ]);
    assert_eq!(patterns, expected);
}

#[test]
fn what_was_only_seen_is_observed_with_its_times() {
    let objects = objects(&written_whole(&report()));
    let id = |value: &str| objects.iter().find(|o| o["value"] == value).map(|o| o["id"].clone());
    let address = id("198.51.100.9").expect("the source of suspect mail");
    let observed = of_type(&objects, "observed-data");
    let seen = observed.iter().find(|o| o["object_refs"][0] == address).unwrap();
    assert_eq!(seen["first_observed"], "2026-04-04T01:00:00.000Z");
    assert_eq!(seen["last_observed"], "2026-04-04T03:00:00.500Z");
    assert_eq!(seen["number_observed"], 2);
    assert_eq!(
        id("10.1.2.3"),
        None,
        "a private address among foreign hosts tells nobody anything"
    );
    assert_eq!(id("81.2.69.161"), None, "an address of the organisation");
}

#[test]
fn every_reference_leads_to_an_object_and_every_id_is_there_once() {
    let objects = objects(&written_whole(&report()));
    let mut ids = BTreeMap::new();
    for object in &objects {
        let id = object["id"].as_str().unwrap();
        assert!(id.starts_with(&format!("{}--", object["type"].as_str().unwrap())));
        assert!(ids.insert(id, object).is_none(), "{id} twice");
    }
    let mut followed = 0;
    for object in &objects {
        for (name, value) in object.as_object().unwrap() {
            let references: Vec<&Value> = match value {
                Value::String(_) if name.ends_with("_ref") => vec![value],
                Value::Array(list) if name.ends_with("_refs") => list.iter().collect(),
                _ => continue,
            };
            for reference in references {
                assert!(ids.contains_key(reference.as_str().unwrap()), "{name}: {reference}");
                followed += 1;
            }
        }
    }
    assert!(followed > 50, "{followed}");
}

#[test]
fn another_report_has_other_ids_for_all_but_the_observables() {
    let mut other = report();
    other.summary.headline.push('!');
    let ids = |report: &Report| -> BTreeSet<String> {
        let objects = objects(&written_whole(report));
        objects.iter().map(|o| o["id"].as_str().unwrap().to_string()).collect()
    };
    let (first, second) = (ids(&report()), ids(&other));
    for shared in first.intersection(&second) {
        let kind = shared.split("--").next().unwrap();
        let free = ["ipv4-addr", "domain-name", "user-account", "marking-definition"];
        assert!(free.contains(&kind), "{shared}");
    }
    assert_eq!(ids(&report()), first);
}

#[test]
fn nobody_is_named_where_nothing_is_wrong() {
    let mut report = report();
    report.accounts.clear();
    for connector in &mut report.connectors {
        connector.verdict = Verdict::NotAssessable;
    }
    let objects = objects(&written_whole(&report));
    let kinds: Vec<&str> = objects.iter().map(|o| o["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["marking-definition", "identity", "identity"]);
}

/// What the validator says of a bundle, warnings taken for errors.
fn validated(validator: &std::path::Path, place: &TempDir) -> (bool, String) {
    let output = Command::new(validator)
        .arg("--strict")
        .arg(place.path().join("report/stix.json"))
        .output()
        .expect("the validator runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

#[test]
fn the_validator_of_oasis_takes_it() {
    let Some(validator) = tools::program("STIX2_VALIDATOR", "stix2-validator/bin/stix2_validator") else {
        return;
    };
    let mut empty = report();
    empty.accounts.clear();
    empty.connectors.clear();
    for report in [report(), sample::report(), empty] {
        let place = written_whole(&report);
        let (valid, said) = validated(&validator, &place);
        assert!(valid, "{said}");
    }
    // It would refuse a bundle that is wrong.
    let place = written_whole(&report());
    let path = place.path().join("report/stix.json");
    let broken = text(&place, "stix.json").replace("[ipv4-addr:value = ", "[ipv4-addr:value is ");
    std::fs::write(path, broken).unwrap();
    let (valid, said) = validated(&validator, &place);
    assert!(!valid, "{said}");
}
