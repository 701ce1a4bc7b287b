//! The same evidence in every container gives the same findings, and a report on it can be verified.

use std::io::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use relaytrail::ingest::Options;
use relaytrail::report::model::Report;
use relaytrail::settings::{self, Window};
use serde_json::Value;
use tempfile::TempDir;
use test_case::test_case;

const SAMPLES: [&str; 4] = ["compromised", "changed", "quiet", "partial"];

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(name)
}

/// The evidence of a sample: names and content.
fn evidence(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(sample(name)).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        if file != "org.toml" {
            files.push((file, std::fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

/// An archive by another writer than the tests of the reader use.
fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, content) in files {
        let new = archive.new_file(name.as_str());
        let (mut entry, config) = new
            .compression_method(rawzip::CompressionMethod::DEFLATE)
            .start()
            .unwrap();
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
        let mut writer = config.wrap(encoder);
        writer.write_all(content).unwrap();
        let (encoder, output) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(output).unwrap();
    }
    archive.finish().unwrap()
}

/// The text as UTF-16 with a byte order mark, unless it is that already.
fn wide(content: &[u8]) -> Vec<u8> {
    if content.starts_with(b"\xFF\xFE") {
        return content.to_vec();
    }
    let text = std::str::from_utf8(content).unwrap().trim_start_matches('\u{feff}');
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xFF, 0xFE].into_iter().chain(units).collect()
}

/// A folder that holds a sample's evidence packed in some way.
fn packed(name: &str, pack: Pack) -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |file: &str, content: Vec<u8>| std::fs::write(folder.path().join(file), content).unwrap();
    let files = evidence(name);
    match pack {
        Pack::Each(ending, pack) => files
            .iter()
            .for_each(|(file, content)| write(&format!("{file}{ending}"), pack(content))),
        Pack::Zip => {
            let below = files
                .into_iter()
                .map(|(file, content)| (format!("logs/{file}"), content));
            write("evidence.zip", zip(&below.collect::<Vec<_>>()));
        }
    }
    folder
}

#[derive(Clone, Copy)]
enum Pack {
    Each(&'static str, fn(&[u8]) -> Vec<u8>),
    Zip,
}

fn analyze(name: &str, evidence: &Path) -> Report {
    let organization = settings::read(&sample(name).join("org.toml")).unwrap();
    relaytrail::analyze(
        &[evidence.to_owned()],
        &Options::default(),
        &organization,
        Window::default(),
    )
    .unwrap()
}

/// All that a report says but of the files themselves, with the plain names of the files.
fn findings(report: &Report, pack: Option<Pack>) -> Value {
    let mut text = serde_json::to_string(report).unwrap();
    match pack {
        None => {}
        Some(Pack::Zip) => text = text.replace("evidence.zip/logs/", ""),
        Some(Pack::Each(ending, _)) => {
            for kind in [".csv", ".json", ".jsonl"] {
                text = text.replace(&format!("{kind}{ending}"), kind);
            }
        }
    }
    let mut value: Value = serde_json::from_str(&text).unwrap();
    value.as_object_mut().unwrap().remove("evidence").unwrap();
    value
}

/// What the report counts of each file, and its times.
fn counts(report: &Report) -> Vec<Value> {
    let counted = report.evidence.iter().filter(|e| e.format != "zip").map(|e| {
        serde_json::json!([
            e.kind,
            e.format,
            e.records,
            e.accepted,
            e.degraded,
            e.duplicates,
            e.rejected,
            e.first_time,
            e.last_time
        ])
    });
    counted.collect()
}

#[test_case(Pack::Each(".gz", gzip); "gzip")]
#[test_case(Pack::Each(".zst", zstd); "zstd")]
#[test_case(Pack::Zip; "zip")]
fn a_container_changes_nothing_but_the_names(pack: Pack) {
    for name in SAMPLES {
        let plain = TempDir::new().unwrap();
        for (file, content) in evidence(name) {
            std::fs::write(plain.path().join(file), content).unwrap();
        }
        let (plain, packed) = (analyze(name, plain.path()), analyze(name, packed(name, pack).path()));
        assert_eq!(counts(&plain), counts(&packed), "{name}");
        assert!(
            findings(&plain, None) == findings(&packed, Some(pack)),
            "{name}: the findings differ"
        );
    }
}

#[test]
fn wide_text_in_a_container_gives_the_same_verdicts_and_figures() {
    let packed = packed("compromised", Pack::Each(".gz", |content| gzip(&wide(content))));
    let (plain, packed) = (
        analyze("compromised", &sample("compromised")),
        analyze("compromised", packed.path()),
    );
    let figures = |report: &Report| -> Vec<Value> {
        let connectors = report.connectors.iter().map(|c| {
            let indicators = c.indicators.iter().map(|i| (i.id.clone(), i.points, i.summary.clone()));
            serde_json::json!([c.name, c.score, indicators.collect::<Vec<_>>()])
        });
        connectors.collect()
    };
    assert_eq!(figures(&plain), figures(&packed));
    assert!(
        packed
            .evidence
            .iter()
            .all(|e| e.encoding.starts_with("utf-16le") && e.compression.as_deref() == Some("gzip"))
    );
}

fn relaytrail(arguments: &[&str]) -> std::process::Output {
    let mut command = Command::cargo_bin("relaytrail").expect("the program is built");
    command.args(arguments).output().unwrap()
}

#[test]
fn a_report_on_an_archive_can_be_verified_and_shows_when_a_member_changed() {
    let folder = packed("changed", Pack::Zip);
    let (given, out) = (folder.path().join("evidence.zip"), folder.path().join("report"));
    let (given, out) = (given.to_str().unwrap(), out.to_str().unwrap());
    assert_eq!(relaytrail(&["analyze", given, "--out", out]).status.code(), Some(0));
    let verified = relaytrail(&["verify", out, given]);
    assert_eq!(
        verified.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );

    let mut files = evidence("changed");
    files.iter_mut().for_each(|(file, _)| *file = format!("logs/{file}"));
    let last = files[0].1.len() - 1;
    files[0].1[last] ^= 1;
    std::fs::write(given, zip(&files)).unwrap();
    let verified = relaytrail(&["verify", out, given]);
    let text = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert_eq!(verified.status.code(), Some(1));
    assert!(
        text.contains(&format!("evidence.zip/{}: changed", files[0].0)),
        "{text}"
    );
    assert!(text.contains("evidence.zip: changed"), "{text}");
}

#[test]
fn what_was_cut_short_is_told_in_notes_coverage_and_needs() {
    let folder = TempDir::new().unwrap();
    for (file, content) in evidence("compromised") {
        let mut content = gzip(&content);
        if file == "EmailEvents.csv" {
            content.truncate(content.len() / 2);
        }
        std::fs::write(folder.path().join(format!("{file}.gz")), content).unwrap();
    }
    let report = analyze("compromised", folder.path());
    let trace = report.evidence.iter().find(|e| e.path == "EmailEvents.csv.gz").unwrap();
    assert!(
        trace.records > 0 && trace.notes.iter().any(|n| n.contains("breaks off")),
        "{:?}",
        trace.notes
    );
    let coverage = report.coverage.iter().find(|c| c.family == "message_trace").unwrap();
    assert!(
        coverage.gaps.iter().any(|g| g.reason.contains("EmailEvents.csv.gz")),
        "{coverage:?}"
    );
}

#[test]
fn a_member_that_needs_a_password_is_named_and_the_rest_is_read() {
    let folder = packed("changed", Pack::Zip);
    let path = folder.path().join("evidence.zip");
    let mut bytes = std::fs::read(&path).unwrap();
    // The first entry of the directory: its flags stand behind signature and two versions.
    let entry = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[entry + 8] |= 1;
    std::fs::write(&path, bytes).unwrap();
    let output = relaytrail(&["inspect", path.to_str().unwrap(), "--format", "json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let unreadable = value["unreadable"].as_array().unwrap();
    assert_eq!(unreadable.len(), 1);
    assert!(unreadable[0]["reason"].as_str().unwrap().contains("encrypted"));
    let members = evidence("changed").len();
    let evidence = value["evidence"].as_array().unwrap();
    assert_eq!(evidence.len(), members, "the archive and the other members");
    assert!(String::from_utf8_lossy(&output.stderr).contains("encrypted"));
}

#[test]
fn a_quick_look_names_the_same_exports_and_times_within_theirs() {
    let folder = packed("compromised", Pack::Zip);
    let look = |arguments: &[&str]| -> Vec<Value> {
        let given = folder.path().to_str().unwrap();
        let arguments = [&["inspect", given, "--format", "json"], arguments].concat();
        let value: Value = serde_json::from_slice(&relaytrail(&arguments).stdout).unwrap();
        value["evidence"].as_array().unwrap().clone()
    };
    let (whole, quick) = (look(&[]), look(&["--quick"]));
    assert_eq!(whole.len(), quick.len());
    for (whole, quick) in whole.iter().zip(&quick) {
        for key in ["path", "kind", "format", "encoding", "compression", "bytes"] {
            assert_eq!(whole[key], quick[key], "{key} of {}", whole["path"]);
        }
        let time = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
        // RFC 3339 in UTC with whole seconds sorts as text.
        assert!(time(quick, "first_time") >= time(whole, "first_time"), "{quick}");
        assert!(time(quick, "last_time") <= time(whole, "last_time"), "{quick}");
        assert_eq!(time(quick, "first_time").is_some(), time(whole, "first_time").is_some());
    }
}
