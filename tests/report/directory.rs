//! How a report directory comes into being, what it may replace, and whether it is still whole.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use relaytrail::report::{Extras, Mismatch, Problem, ReportError, Staging, verify};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::files::{text, write, write_with, written, written_whole};
use crate::sample;

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn all_files_appear_and_nothing_else() {
    let place = written(&sample::report());
    assert_eq!(names(place.path()), ["report"]);
    let files = [
        "manifest.json",
        "rejected.csv",
        "remediation.ps1",
        "report.html",
        "report.json",
        "suspect_messages.csv",
        "timeline.csv",
        "timesketch.jsonl",
    ];
    assert_eq!(names(&place.path().join("report")), files);
    let manifest: Value = serde_json::from_str(&text(&place, "manifest.json")).unwrap();
    assert_eq!(manifest["tool"]["name"], "relaytrail");
    assert_eq!(manifest["command_line"][1], "analyze");
    assert_eq!(manifest["evidence"][0]["path"], "ual.csv");
    assert_eq!(manifest["files"].as_array().unwrap().len(), files.len() - 1);
}

#[test]
fn dropped_staging_leaves_nothing() {
    let place = TempDir::new().unwrap();
    let staging = Staging::create(&place.path().join("report"), false, Extras::default(), &[]).unwrap();
    assert_eq!(names(place.path()).len(), 1);
    drop(staging);
    assert_eq!(names(place.path()), [""; 0]);
}

#[test]
fn a_report_is_replaced_by_the_next() {
    let place = written(&sample::report());
    let mut next = sample::report();
    next.summary.headline = "A later run.".into();
    write(&next, &place.path().join("report"));
    assert_eq!(names(place.path()), ["report"]);
    assert!(text(&place, "report.json").contains("A later run."));
}

#[test]
fn a_failed_write_leaves_the_earlier_report() {
    let place = written(&sample::report());
    let mut broken = sample::report();
    broken.tenant.timeline[0].time = "yesterday".into();
    let dir = place.path().join("report");
    let error = Staging::create(&dir, false, Extras::default(), &[])
        .unwrap()
        .write(&broken, &[])
        .unwrap_err();
    assert!(matches!(error, ReportError::Time(_)), "{error}");
    assert_eq!(names(place.path()), ["report"]);
    assert_eq!(verify(&dir, &[]).unwrap(), []);
}

#[test]
fn a_foreign_directory_is_replaced_by_force_alone() {
    let place = TempDir::new().unwrap();
    let dir = place.path().join("thesis");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("manifest.json"), r#"{"tool": {"name": "other"}}"#).unwrap();
    let error = Staging::create(&dir, false, Extras::default(), &[]).unwrap_err();
    assert!(matches!(error, ReportError::Foreign(_)), "{error}");
    assert!(error.hint().unwrap().contains("--force"));
    assert_eq!(names(place.path()), ["thesis"]);
    Staging::create(&dir, true, Extras::default(), &[])
        .unwrap()
        .write(&sample::report(), &[])
        .unwrap();
    assert_eq!(verify(&dir, &[]).unwrap(), []);
}

#[test]
fn a_file_is_never_replaced() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("report");
    fs::write(&file, "mine").unwrap();
    let error = Staging::create(&file, true, Extras::default(), &[]).unwrap_err();
    assert!(matches!(error, ReportError::NotADirectory(_)), "{error}");
}

#[test]
fn a_path_that_cannot_be_made_fails_at_once() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "mine").unwrap();
    let error = Staging::create(&file.join("report"), false, Extras::default(), &[]).unwrap_err();
    assert!(matches!(error, ReportError::Io { .. }), "{error}");
    assert!(error.hint().is_some());
    for dir in ["/", ""] {
        assert!(
            Staging::create(Path::new(dir), true, Extras::default(), &[]).is_err(),
            "{dir:?}"
        );
    }
}

#[test]
fn evidence_is_never_written_to() {
    let place = TempDir::new().unwrap();
    let evidence = place.path().join("evidence");
    fs::create_dir(&evidence).unwrap();
    fs::write(evidence.join("ual.csv"), "").unwrap();
    let given = [evidence.clone(), PathBuf::from("-")];
    for dir in ["", "report", "deep/er/report", "../evidence/report", "new/../report"] {
        let error = Staging::create(&evidence.join(dir), true, Extras::default(), &given).unwrap_err();
        assert!(matches!(error, ReportError::InsideEvidence { .. }), "{dir}: {error}");
    }
    let file = [evidence.join("ual.csv")];
    let error = Staging::create(&evidence, true, Extras::default(), &file).unwrap_err();
    assert!(matches!(error, ReportError::HoldsEvidence { .. }), "{error}");
    assert_eq!(names(&evidence), ["ual.csv"]);
    // Beside a single evidence file there is room.
    Staging::create(&evidence.join("report"), false, Extras::default(), &file).unwrap();
}

#[cfg(unix)]
#[test]
fn a_symlink_into_the_evidence_is_seen_through() {
    let place = TempDir::new().unwrap();
    let evidence = place.path().join("evidence");
    fs::create_dir(&evidence).unwrap();
    std::os::unix::fs::symlink(&evidence, place.path().join("elsewhere")).unwrap();
    for (dir, given) in [("elsewhere/report", "evidence"), ("evidence/report", "elsewhere")] {
        let given = [place.path().join(given)];
        let error = Staging::create(&place.path().join(dir), false, Extras::default(), &given).unwrap_err();
        assert!(matches!(error, ReportError::InsideEvidence { .. }), "{error}");
    }
}

#[test]
fn the_current_directory_is_not_deleted() {
    let error = Staging::create(Path::new("."), true, Extras::default(), &[]).unwrap_err();
    assert!(matches!(error, ReportError::HoldsWorkingDirectory(_)), "{error}");
}

#[test]
fn verify_finds_what_changed() {
    let place = written(&sample::report());
    let dir = place.path().join("report");
    assert_eq!(verify(&dir, &[]).unwrap(), []);
    fs::write(dir.join("timeline.csv"), "nothing happened\n").unwrap();
    fs::remove_file(dir.join("rejected.csv")).unwrap();
    let found = verify(&dir, &[]).unwrap();
    let shown: Vec<(&str, bool)> = found
        .iter()
        .map(|m| (m.path.as_str(), matches!(m.problem, Problem::Resized { found: 17, .. })))
        .collect();
    assert_eq!(shown, [("timeline.csv", true), ("rejected.csv", false)]);
    assert!(found[0].to_string().starts_with("timeline.csv: changed"));
}

#[test]
fn extras_are_listed_checked_and_replaced_with_the_rest() {
    let place = written_whole(&sample::report());
    let dir = place.path().join("report");
    let extras = ["navigator.json", "report.xlsx", "stix.json"];
    let there = |dir: &Path| -> Vec<String> {
        names(dir)
            .into_iter()
            .filter(|n| extras.contains(&n.as_str()))
            .collect()
    };
    assert_eq!(there(&dir), extras);
    assert_eq!(verify(&dir, &[]).unwrap(), []);
    fs::write(dir.join("stix.json"), "{}").unwrap();
    fs::remove_file(dir.join("report.xlsx")).unwrap();
    let found = verify(&dir, &[]).unwrap();
    let found: Vec<&str> = found.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(found, ["report.xlsx", "stix.json"]);
    // One that nobody asked for this time goes with the earlier report.
    let only = Extras {
        navigator: true,
        ..Extras::default()
    };
    write_with(&sample::report(), &dir, only);
    assert_eq!(there(&dir), ["navigator.json"]);
    write(&sample::report(), &dir);
    assert_eq!(there(&dir), [""; 0]);
    // One that was put there by hand is found.
    fs::write(dir.join("report.xlsx"), "PK").unwrap();
    let found = verify(&dir, &[]).unwrap();
    assert_eq!(found[0].problem, Problem::Foreign, "{found:?}");
}

#[test]
fn verify_tells_of_evidence_that_was_not_read() {
    let place = TempDir::new().unwrap();
    let logs = place.path().join("logs");
    fs::create_dir_all(logs.join("trace")).unwrap();
    for (name, content) in [("ual.csv", "one"), ("trace/1.csv", "two"), ("trace/later.csv", "three")] {
        fs::write(logs.join(name), content).unwrap();
    }
    let dir = with_evidence(&place, &[("ual.csv", "one"), ("trace/1.csv", "two")]);
    let found = verify(&dir, &[logs]).unwrap();
    let found: Vec<(&str, &Problem)> = found.iter().map(|m| (m.path.as_str(), &m.problem)).collect();
    assert_eq!(found, [("trace/later.csv", &Problem::Unread)]);
    assert!(found.iter().all(|(_, problem)| problem.is_a_note()));
}

#[test]
fn the_manifest_names_the_program_that_wrote_it() {
    let mut report = sample::report();
    report.tool.name = "another".into();
    report.tool.version = "99".into();
    let place = written(&report);
    let manifest: Value = serde_json::from_str(&text(&place, "manifest.json")).unwrap();
    assert_eq!(manifest["tool"]["name"], "relaytrail");
    assert_eq!(manifest["tool"]["version"], env!("CARGO_PKG_VERSION"));
    // So it is known again and may be replaced.
    write(&sample::report(), &place.path().join("report"));
}

#[test]
fn verify_does_not_follow_a_name_out_of_the_directory() {
    let place = written(&sample::report());
    let path = place.path().join("report/manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    fs::write(&path, manifest.replace("\"rejected.csv\"", "\"../../secret\"")).unwrap();
    let problems: Vec<Problem> = verify(&place.path().join("report"), &[])
        .unwrap()
        .into_iter()
        .map(|m| m.problem)
        .collect();
    assert_eq!(problems, [Problem::Unsafe, Problem::Unlisted]);
}

/// A report over evidence files that exist, with the paths that the manifest has for them.
fn with_evidence(place: &TempDir, files: &[(&str, &str)]) -> PathBuf {
    let mut report = sample::report();
    let template = report.evidence[0].clone();
    report.evidence.clear();
    for (path, content) in files {
        let mut exhibit = template.clone();
        exhibit.path = path.to_string();
        exhibit.bytes = content.len() as u64;
        exhibit.sha256 = Sha256::digest(content).iter().map(|b| format!("{b:02x}")).collect();
        report.evidence.push(exhibit);
    }
    let dir = place.path().join("report");
    write(&report, &dir);
    dir
}

#[test]
fn verify_finds_evidence_wherever_its_paths_lie_now() {
    let place = TempDir::new().unwrap();
    let (a, b) = (place.path().join("a/logs"), place.path().join("b/logs"));
    fs::create_dir_all(a.join("trace")).unwrap();
    fs::create_dir_all(&b).unwrap();
    fs::write(a.join("trace/1.csv"), "one").unwrap();
    fs::write(b.join("1.csv"), "two").unwrap();
    // Two folders of one name, numbered; and one folder alone.
    let dir = with_evidence(&place, &[("logs/trace/1.csv", "one"), ("logs-2/1.csv", "two")]);
    assert_eq!(verify(&dir, &[a.clone(), b.clone()]).unwrap(), []);
    let dir = with_evidence(&place, &[("trace/1.csv", "one")]);
    assert_eq!(verify(&dir, std::slice::from_ref(&a)).unwrap(), []);
    assert_eq!(verify(&dir, &[a.join("trace/1.csv")]).unwrap(), []);

    fs::write(a.join("trace/1.csv"), "0ne").unwrap();
    let found = verify(&dir, &[a]).unwrap();
    assert!(
        matches!(
            &found[..],
            [Mismatch {
                evidence: true,
                problem: Problem::Changed { .. },
                ..
            }]
        ),
        "{found:?}"
    );
    let found = verify(&dir, &[b]).unwrap();
    let found: Vec<(&str, &Problem)> = found.iter().map(|m| (m.path.as_str(), &m.problem)).collect();
    assert_eq!(found, [("trace/1.csv", &Problem::Missing), ("1.csv", &Problem::Unread)]);
}

#[test]
fn what_was_added_to_a_report_is_found() {
    let place = TempDir::new().unwrap();
    let dir = with_evidence(&place, &[("ual.csv", "one"), ("trace.csv", "two")]);
    fs::write(dir.join("run-me.ps1"), "").unwrap();
    let path = dir.join("manifest.json");
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    manifest["evidence"] = Value::Array(vec![manifest["evidence"][0].clone()]);
    fs::write(&path, manifest.to_string()).unwrap();
    let found = verify(&dir, &[]).unwrap();
    let shown: Vec<(&str, &Problem)> = found.iter().map(|m| (m.path.as_str(), &m.problem)).collect();
    assert_eq!(
        shown,
        [("run-me.ps1", &Problem::Foreign), ("trace.csv", &Problem::Disagreement)]
    );
}

#[cfg(unix)]
#[test]
fn what_never_ends_is_not_read() {
    let place = written(&sample::report());
    let dir = place.path().join("report");
    for (name, target) in [("report.html", "/dev/zero"), ("report.json", "/dev/stdin")] {
        fs::remove_file(dir.join(name)).unwrap();
        std::os::unix::fs::symlink(target, dir.join(name)).unwrap();
    }
    let found = verify(&dir, &[]).unwrap();
    assert_eq!(
        found[0].problem,
        Problem::Unreadable("not a regular file".into()),
        "{found:?}"
    );
    fs::remove_file(dir.join("manifest.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", dir.join("manifest.json")).unwrap();
    assert!(verify(&dir, &[]).is_err());
}

#[cfg(target_os = "linux")]
/// Each file stands for itself, under its own name or another, and the rest is only not there to be looked at.
#[test]
fn verify_holds_a_file_against_its_own_entry_alone() {
    let place = TempDir::new().unwrap();
    let logs = place.path().join("logs");
    fs::create_dir_all(logs.join("trace")).unwrap();
    let files = [("ual.csv", "one"), ("trace/1.csv", "two"), ("trace/a.csv", "six")];
    for (name, content) in files {
        fs::write(logs.join(name), content).unwrap();
    }
    let dir = with_evidence(&place, &files);
    let found = |given: &[PathBuf]| -> Vec<(String, Problem)> {
        let found = verify(&dir, given).unwrap().into_iter();
        found.map(|m| (m.path, m.problem)).collect()
    };
    let absent = |name: &str| (name.to_owned(), Problem::NotGiven);
    assert_eq!(
        found(&[logs.join("ual.csv")]),
        [absent("trace/1.csv"), absent("trace/a.csv")]
    );
    assert!(
        found(&[logs.join("ual.csv")])
            .iter()
            .all(|(_, problem)| problem.is_a_note())
    );
    let copy = place.path().join("copy of 1.csv");
    fs::write(&copy, "two").unwrap();
    assert_eq!(
        found(std::slice::from_ref(&copy)),
        [absent("ual.csv"), absent("trace/a.csv")]
    );
    assert_eq!(found(&[copy, logs.join("ual.csv"), logs.join("trace/a.csv")]), []);

    fs::write(logs.join("trace/1.csv"), "tw0").unwrap();
    let changed = found(&[logs.join("trace/1.csv")]);
    assert!(
        matches!(
            &changed[..],
            [(_, Problem::NotGiven), (name, Problem::Changed { .. }), (_, Problem::NotGiven)] if name == "trace/1.csv"
        ),
        "{changed:?}"
    );
    // A file that stands for nothing proves nothing.
    let other = place.path().join("other.csv");
    fs::write(&other, "ten").unwrap();
    let problems: Vec<Problem> = found(&[other]).into_iter().map(|(_, problem)| problem).collect();
    assert_eq!(
        problems,
        [Problem::Missing, Problem::Missing, Problem::Missing, Problem::Unread]
    );
}

#[test]
fn verify_names_a_path_that_is_not_there() {
    let place = TempDir::new().unwrap();
    let dir = with_evidence(&place, &[("ual.csv", "one"), ("1.csv", "two")]);
    let error = verify(&dir, &[place.path().join("nosuch")]).unwrap_err();
    assert!(error.to_string().ends_with("nosuch: no such file or folder"), "{error}");
}

#[test]
fn verify_finds_evidence_whose_names_are_no_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let place = TempDir::new().unwrap();
    let logs = place.path().join("logs");
    fs::create_dir(&logs).unwrap();
    for (name, content) in [(b"a\xfe.csv", "one"), (b"a\xff.csv", "two")] {
        fs::write(logs.join(std::ffi::OsStr::from_bytes(name)), content).unwrap();
    }
    let dir = with_evidence(&place, &[("a\u{fffd}.csv", "one"), ("a\u{fffd}.csv-2", "two")]);
    assert_eq!(verify(&dir, &[logs]).unwrap(), []);
}

#[test]
fn verify_says_what_it_wants_instead_of_a_file() {
    let place = written(&sample::report());
    let error = verify(&place.path().join("report/report.json"), &[]).unwrap_err();
    assert!(error.hint().unwrap().contains("manifest.json"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_named_as_one() {
    let place = TempDir::new().unwrap();
    let link = place.path().join("report");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    let error = Staging::create(&link, true, Extras::default(), &[]).unwrap_err();
    assert!(matches!(error, ReportError::DanglingLink(_)), "{error}");
    assert!(error.hint().is_some());
}

/// A zip archive with one member.
fn zip(name: &str, content: &str) -> Vec<u8> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    let (mut entry, config) = archive.new_file(name).start().unwrap();
    let mut writer = config.wrap(&mut entry);
    writer.write_all(content.as_bytes()).unwrap();
    let (_, output) = writer.finish().unwrap();
    entry.finish(output).unwrap();
    archive.finish().unwrap()
}

#[test]
fn verify_unpacks_the_members_of_an_archive() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("evidence.zip");
    fs::write(&path, zip("trace/1.csv", "one")).unwrap();
    let dir = with_evidence(&place, &[("evidence.zip/trace/1.csv", "one")]);
    let found = |given: &Path| -> Vec<Problem> {
        let found = verify(&dir, &[given.to_path_buf()]).unwrap();
        found.into_iter().map(|m| m.problem).collect()
    };
    assert_eq!(found(&path), []);
    assert_eq!(found(place.path()), []);
    fs::write(&path, zip("trace/1.csv", "two")).unwrap();
    assert!(matches!(found(&path)[..], [Problem::Changed { .. }]));
    fs::write(&path, zip("trace/1.csv", "three")).unwrap();
    assert!(matches!(found(&path)[..], [Problem::Resized { expected: 3, found: 5 }]));
    fs::write(&path, zip("trace/2.csv", "one")).unwrap();
    // The archive that lies there now holds nothing of the report.
    assert_eq!(found(&path), [Problem::Missing, Problem::Unread]);
}
