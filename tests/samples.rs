//! The generator of sample data: its bytes never change, and everything it writes can be read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "../sample-data/generator/simulate/mod.rs"]
mod simulate;

use simulate::evidence::{EvidenceFile, Layout};
use simulate::{case, large, samples};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(name)
}

/// The text of a file in whatever encoding it has.
fn text(file: &EvidenceFile) -> String {
    let wide = file.bytes.starts_with(b"\xff\xfe") || file.bytes.get(1) == Some(&0);
    let encoding = if wide {
        encoding_rs::UTF_16LE
    } else {
        encoding_rs::UTF_8
    };
    let (text, _, malformed) = encoding.decode(&file.bytes);
    assert!(!malformed, "{} is not valid {}", file.path, encoding.name());
    text.into_owned()
}

/// Reads the file with a reader that knows nothing of the writer; returns the number of its records.
fn records(file: &EvidenceFile) -> usize {
    let text = text(file);
    let name = &file.path;
    if name.ends_with(".jsonl") {
        for line in text.lines() {
            serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        return text.lines().count();
    }
    if name.ends_with(".json") {
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        return value.as_array().map_or(1, Vec::len);
    }
    let body = if text.starts_with("#TYPE") {
        text.split_once('\n').map_or("", |(_, rest)| rest)
    } else {
        &text
    };
    let mut reader = csv::Reader::from_reader(body.as_bytes());
    let audit = reader
        .headers()
        .expect("a header")
        .iter()
        .position(|name| name == "AuditData");
    let mut count = 0;
    for row in reader.records() {
        let row = row.unwrap_or_else(|e| panic!("{name}: {e}"));
        if let Some(at) = audit {
            serde_json::from_str::<Value>(&row[at]).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        count += 1;
    }
    count
}

#[test]
fn committed_samples_are_what_the_generator_makes() {
    for sample in samples::samples() {
        let target = folder(sample.folder);
        let committed: BTreeSet<String> = std::fs::read_dir(&target)
            .unwrap_or_else(|e| panic!("{}: {e}", target.display()))
            .map(|entry| {
                entry
                    .expect("a readable folder")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        let made: BTreeSet<String> = sample.files.iter().map(|file| file.path.clone()).collect();
        assert_eq!(committed, made, "{}", sample.folder);
        for file in &sample.files {
            let bytes = std::fs::read(target.join(&file.path)).expect("a committed sample");
            assert!(
                bytes == file.bytes,
                "{}/{} differs: run `generate samples`",
                sample.folder,
                file.path
            );
        }
    }
}

#[test]
fn samples_stay_small() {
    let bytes: usize = samples::samples()
        .iter()
        .flat_map(|sample| &sample.files)
        .map(|file| file.bytes.len())
        .sum();
    assert!(bytes < 10_000_000, "{bytes} bytes");
}

#[test]
fn every_scenario_is_well_formed_and_labelled() {
    check_cases(|name| case::scenario_of(name) == Some(name));
}

#[test]
fn every_case_with_evidence_missing_is_well_formed_and_labelled() {
    check_cases(|name| case::scenario_of(name) != Some(name));
}

fn check_cases(wanted: impl Fn(&str) -> bool) {
    for name in case::names().into_iter().filter(|name| wanted(name)) {
        let case = case::case(&name, 7).unwrap_or_else(|| panic!("{name} is listed and can't be made"));
        assert!(!case.evidence.is_empty(), "{name}");
        if !name.starts_with("damaged_") {
            for file in &case.evidence {
                let rows = records(file);
                assert!(
                    rows > 0 || file.path.starts_with("Blocked") || name.starts_with("connector_operations_only"),
                    "{name}: {} is empty",
                    file.path
                );
            }
        }
        let connectors = case.expected["connectors"].as_array().expect("labelled connectors");
        assert!(connectors.len() >= 2, "{name} has no second connector");
        assert!(
            connectors
                .iter()
                .all(|connector| connector["verdicts"].as_array().is_some_and(|list| !list.is_empty())),
            "{name}"
        );
        if case.expected["kind"] == "attack" {
            assert!(!case.expected["attack"].is_null(), "{name}");
            let accused = |connector: &Value| {
                connector["verdicts"]
                    .as_array()
                    .is_some_and(|list| list.contains(&"likely_compromised".into()))
            };
            assert!(
                connectors.iter().any(accused) && !connectors.iter().all(accused),
                "{name}: one guilty, one innocent connector"
            );
        }
    }
}

#[test]
fn damage_is_done() {
    let case = case::case("damaged_audit_quiet", 7).expect("a listed case");
    let audit = text(
        case.evidence
            .iter()
            .find(|file| file.path == "UnifiedAuditLog.csv")
            .expect("an audit log"),
    );
    assert!(!audit.ends_with("\r\n"), "the last record is cut");
    assert!(audit.contains("\r\n\"\""), "a quote stands where none belongs");
}

#[test]
fn every_layout_can_be_read() {
    for turn in 0..6 {
        let case = case::case_in("stolen_admin_renames", 3, &Layout::varied(turn)).expect("a listed case");
        case.evidence
            .iter()
            .for_each(|file| assert!(records(file) > 0 || file.path.starts_with("Blocked"), "{}", file.path));
    }
}

#[test]
fn same_seed_same_bytes_other_seed_other_bytes() {
    for name in ["app_connector_header_rules", "quiet", "truncated_audit_attack"] {
        let [first, again, other] = [5, 5, 6].map(|seed| case::case(name, seed).expect("a listed case"));
        assert_eq!(first.evidence, again.evidence, "{name}");
        assert_eq!(first.expected, again.expected, "{name}");
        assert_ne!(first.evidence, other.evidence, "{name}");
    }
}

#[test]
fn large_files_are_well_formed_and_reach_their_size() {
    use large::Kind::{EmailEvents, Extended, TraceCsv, UalCsv, UalJsonl};
    for (kind, name) in [
        (UalCsv, "a.csv"),
        (UalJsonl, "a.jsonl"),
        (TraceCsv, "b.csv"),
        (Extended, "c.csv"),
        (EmailEvents, "d.csv"),
    ] {
        let (mut bytes, mut again) = (Vec::new(), Vec::new());
        let (rows, written) = large::write(kind, 3_000_000, 9, &mut bytes).expect("memory takes everything");
        large::write(kind, 3_000_000, 9, &mut again).expect("memory takes everything");
        assert!(bytes == again, "{kind:?}: same seed, same bytes");
        assert_eq!(written, bytes.len() as u64);
        assert!((3_000_000..3_200_000).contains(&written), "{kind:?}: {written}");
        let file = EvidenceFile {
            path: name.to_owned(),
            bytes,
        };
        assert!(!text(&file).contains("slot.example"), "{kind:?}: a mark was left");
        assert!(records(&file) as u64 >= rows, "{kind:?}");
    }
}
