//! Sign-in logs, settings and alerts in every export that can hold them, against what the generator says was there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use relaytrail::digest::Digest;
use relaytrail::ingest::{Options, ingest};
use relaytrail::records::Risk;

#[path = "support/samples.rs"]
mod committed;
#[path = "../sample-data/generator/simulate/mod.rs"]
mod simulate;

use simulate::formats::directory_audits::{ACTS, APPLICATION};
use simulate::setting_formats::{LoggedSignIn, Who};
use simulate::{samples, setting_formats, time};

/// Reads a file and says what the report says of it; every row must be accounted for.
fn read(path: &Path, format: &str, kind: &str) -> (Digest, String) {
    let evidence = ingest(&[path.to_owned()], &Options::default()).expect("the sample is read");
    let e = &evidence.exhibits()[0];
    assert_eq!(
        (e.format.as_str(), e.kind.as_str()),
        (format, kind),
        "{}",
        path.display()
    );
    assert_eq!(e.records, e.accepted + e.degraded + e.duplicates + e.rejected);
    assert_eq!((e.degraded, e.rejected), (0, 0), "{}", path.display());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut told = format!("{name}: {kind} {format} {}, {} records", e.encoding, e.records);
    e.time_note.iter().for_each(|note| told.push_str(&format!(", {note}")));
    told.push('\n');
    (evidence.digest, told)
}

fn sightings_told(digest: &Digest) -> String {
    let mut told = String::new();
    for (key, seen) in digest.sightings.iter() {
        let details = seen.details.as_ref().expect("a sign-in log has details");
        let _ = writeln!(
            told,
            "{} {} from {:?} with {:?}, {} at {}: {details:?}",
            if key.succeeded { "signed in" } else { "was refused" },
            key.account,
            key.address,
            key.agent,
            seen.count(),
            seen.first.0
        );
    }
    told
}

/// Account, outcome and address of the sign-ins that a file holds, with their number.
fn truth(all: &[LoggedSignIn], holds: impl Fn(Who) -> bool) -> BTreeMap<(String, bool, String), usize> {
    let mut counts = BTreeMap::new();
    for s in all.iter().filter(|s| holds(s.who)) {
        let is_user = matches!(s.who, Who::Interactive | Who::NonInteractive);
        let account = if is_user { s.name } else { s.app_id };
        *counts
            .entry((account.to_owned(), s.error == 0, s.ip.to_owned()))
            .or_default() += 1;
    }
    counts
}

fn found(digest: &Digest) -> BTreeMap<(String, bool, String), usize> {
    let mut counts = BTreeMap::new();
    for (key, seen) in digest.sightings.iter() {
        let address = key.address.map_or_else(String::new, |a| a.to_string());
        *counts
            .entry((key.account.to_string(), key.succeeded, address))
            .or_default() += seen.count();
    }
    counts
}

fn check_sign_ins(format: &str) -> String {
    let all = setting_formats::sign_ins(samples::SEED);
    let users = |who| matches!(who, Who::Interactive | Who::NonInteractive);
    let mut told = String::new();
    for path in committed::files(format) {
        let (digest, mut text) = read(&path, format, "sign_in_log");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut expected = match name.as_str() {
            "InteractiveSignIns.csv" | "v1.0.json" | "SignIns-short.csv" => truth(&all, users),
            "ApplicationSignIns.csv" => truth(&all, |who| who == Who::ServicePrincipal),
            _ => truth(&all, |_| true),
        };
        if name == "SignIns-short.csv" {
            // The row of March that settles which part of a date is the day.
            *expected
                .entry((all[0].name.to_owned(), true, all[0].ip.to_owned()))
                .or_default() += 1;
        }
        assert_eq!(found(&digest), expected, "{name}");
        let worst = digest
            .sightings
            .values()
            .filter_map(|s| Some(s.details.as_ref()?.risk))
            .max();
        let risk = match name.as_str() {
            "InteractiveSignIns.csv" | "ApplicationSignIns.csv" => Risk::Unknown,
            _ => Risk::High,
        };
        assert_eq!(worst, Some(risk), "{name}");
        text.push_str(&sightings_told(&digest));
        told.push_str(&text);
        told.push('\n');
    }
    told
}

#[test]
fn entra_sign_ins_csv() {
    insta::assert_snapshot!(check_sign_ins("entra_sign_ins_csv"));
}

#[test]
fn entra_sign_ins_json() {
    insta::assert_snapshot!(check_sign_ins("entra_sign_ins_json"));
}

/// Reads every file of a format of settings; all must say the same.
fn check_settings(format: &str, kind: &str, count: usize) -> String {
    let mut told = String::new();
    let mut first: Option<String> = None;
    for path in committed::files(format) {
        let (digest, text) = read(&path, format, kind);
        assert_eq!(digest.settings.len(), count, "{}", path.display());
        let mut said = String::new();
        for s in &digest.settings {
            let of = |time: Option<relaytrail::records::Time>| time.map_or_else(|| "-".to_owned(), |t| t.to_string());
            let _ = writeln!(
                said,
                "{:?} {:?} ({:?}), made {}, changed {}",
                s.kind,
                s.name,
                s.id,
                of(s.created),
                of(s.changed)
            );
            for (name, value) in &s.parameters {
                let _ = writeln!(said, "  {name} = {value:?}");
            }
        }
        assert_eq!(first.get_or_insert_with(|| said.clone()), &said, "{}", path.display());
        told.push_str(&text);
    }
    told + &first.unwrap_or_default()
}

#[test]
fn get_outbound_connector() {
    insta::assert_snapshot!(check_settings("get_outbound_connector", "outbound_connectors", 1));
}

#[test]
fn get_transport_rule() {
    insta::assert_snapshot!(check_settings("get_transport_rule", "transport_rules", 2));
}

#[test]
fn get_admin_audit_log_config() {
    insta::assert_snapshot!(check_settings("get_admin_audit_log_config", "audit_config", 1));
}

#[test]
fn defender_alerts() {
    let mut told = String::new();
    for path in committed::files("defender_alerts") {
        let (digest, text) = read(&path, "defender_alerts", "alerts");
        told.push_str(&text);
        let heads: Vec<_> = digest
            .events
            .iter()
            .map(|e| (e.time.to_string(), e.extended("Alert.Name")))
            .collect();
        assert_eq!(
            heads,
            [
                ("2026-04-04T02:50:00Z".to_owned(), Some("Suspicious connector activity")),
                ("2026-04-04T04:50:00Z".to_owned(), Some("Email sending limit exceeded")),
            ]
        );
        for event in &digest.events {
            let _ = writeln!(told, "{} {} {:?}", event.time, event.operation, event.id);
            for (name, value) in &event.extended {
                let _ = writeln!(told, "  {name} = {value:?}");
            }
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn entra_directory_audits() {
    let expected: Vec<_> = ACTS[..3]
        .iter()
        .map(|act| {
            (
                time::iso(act.time()),
                act.name.to_owned(),
                act.succeeded,
                act.user.map_or(APPLICATION, |(name, _)| name).to_owned(),
                act.user.map(|(_, address)| address.to_owned()),
                act.target.1.to_owned(),
                act.change
                    .map(|(name, value)| (name.to_owned(), format!("\"{value}\""))),
            )
        })
        .collect();
    let (mut told, mut first) = (String::new(), None);
    for path in committed::files("entra_directory_audits") {
        let (digest, text) = read(&path, "entra_directory_audits", "audit_log");
        told.push_str(&text);
        let found: Vec<_> = digest
            .events
            .iter()
            .map(|e| {
                let changed = e.modified.first();
                (
                    e.time.to_string(),
                    e.operation.clone(),
                    e.succeeded,
                    e.user.clone(),
                    e.client_ip.map(|a| a.to_string()),
                    e.object.clone(),
                    changed.map(|m| (m.name.clone(), m.new.clone().unwrap_or_default())),
                )
            })
            .collect();
        assert_eq!(found, expected, "{}", path.display());
        let mut said = String::new();
        for e in &digest.events {
            let _ = writeln!(said, "{} {} {:?} {:?}", e.time, e.operation, e.id, e.user_type);
            let _ = writeln!(said, "  {:?} {:?}", e.targets, e.extended);
        }
        assert_eq!(first.get_or_insert_with(|| said.clone()), &said, "{}", path.display());
    }
    insta::assert_snapshot!(told + &first.unwrap_or_default());
}

#[test]
fn committed_samples_are_what_the_generator_makes() {
    let made = setting_formats::samples(samples::SEED).into_iter();
    committed::check_committed(made.map(|file| (file.path, file.bytes)));
}
