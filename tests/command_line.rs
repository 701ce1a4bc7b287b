//! The program as it is typed: exit codes, messages, files, and the same bytes whatever the number of threads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;
use test_case::test_case;

#[path = "command_line/output.rs"]
mod output;

const SAMPLES: [&str; 4] = ["compromised", "changed", "quiet", "partial"];

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(name)
}

fn relaytrail() -> Command {
    let mut command = Command::cargo_bin("relaytrail").expect("the program is built");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// `analyze` on a sample with its org.toml.
fn analyze(name: &str) -> Command {
    let mut command = relaytrail();
    command
        .arg("analyze")
        .arg(sample(name))
        .arg("--org")
        .arg(sample(name).join("org.toml"));
    command
}

#[test_case("2026-04-04", true; "the day of the change")]
#[test_case("2026-04-03", false; "the day before")]
fn a_day_given_as_the_end_is_looked_at_whole(to: &str, told: bool) {
    let output = relaytrail()
        .args([
            "timeline",
            "sample-data/changed",
            "--connector",
            "Inbound from HQ Exchange",
            "--to",
            to,
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.contains("2026-04-04T00:55:00Z  changed"), told, "{text}");
}

/// What the program printed on standard error, and its exit code.
fn failure(command: &mut Command) -> (String, i32) {
    let output = command.output().expect("the program runs");
    let text = String::from_utf8(output.stderr).expect("messages are UTF-8");
    (text, output.status.code().expect("it ended by itself"))
}

/// Every file below a folder by its name.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).expect("a folder");
    entries
        .map(|e| e.expect("an entry"))
        .map(|e| {
            let name = e.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(e.path()).expect("a file"))
        })
        .collect()
}

fn report(out: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(out.join("report.json")).expect("report.json")).expect("JSON")
}

#[test]
fn the_samples_have_the_verdicts_that_their_stories_say() {
    let place = TempDir::new().unwrap();
    let expected = [
        "likely_compromised",
        "likely_compromised",
        "no_indication",
        "not_assessable",
    ];
    for (name, verdict) in SAMPLES.into_iter().zip(expected) {
        let out = place.path().join(name);
        analyze(name).arg("--out").arg(&out).assert().code(0);
        assert_eq!(report(&out)["summary"]["verdict"], verdict, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn the_readme_shows_what_the_program_prints() {
    let readme = include_str!("../README.md");
    let (_, block) = readme
        .split_once("It prints\n\n```text\n")
        .expect("the summary in the README");
    let (shown, _) = block.split_once("```").expect("its end");
    // Paths are shown as they were typed, so that they must be typed as in the README.
    let place = TempDir::new().unwrap();
    std::os::unix::fs::symlink(sample(""), place.path().join("sample-data")).unwrap();
    let output = relaytrail()
        .current_dir(place.path())
        .envs([("COLUMNS", "80"), ("LINES", "24")])
        .args(["analyze", "sample-data/compromised", "--out", "report"])
        .args(["--org", "sample-data/compromised/org.toml"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), shown);
}

#[test]
fn one_thread_or_four_give_the_same_bytes() {
    let place = TempDir::new().unwrap();
    for name in SAMPLES {
        // The manifest tells the command line, so only the folders may differ.
        let run = |threads: &str| {
            let out = place.path().join("report");
            analyze(name)
                .args(["--threads", threads, "--xlsx", "--stix", "--navigator"])
                .arg("--out")
                .arg(&out)
                .assert()
                .code(0);
            let mut files = files(&out);
            files.remove("manifest.json");
            files
        };
        let (one, four) = (run("1"), run("4"));
        assert_eq!(one.keys().collect::<Vec<_>>(), four.keys().collect::<Vec<_>>());
        for (file, bytes) in &one {
            assert!(bytes == &four[file], "{name}: {file}");
        }
    }
}

#[test]
fn evidence_is_not_touched() {
    let place = TempDir::new().unwrap();
    let copy = place.path().join("evidence");
    std::fs::create_dir(&copy).unwrap();
    for (name, bytes) in files(&sample("changed")) {
        std::fs::write(copy.join(name), bytes).unwrap();
    }
    let before = files(&copy);
    let modified = |dir: &Path| std::fs::metadata(dir).unwrap().modified().unwrap();
    let times: Vec<_> = before.keys().map(|n| modified(&copy.join(n))).collect();
    relaytrail()
        .arg("analyze")
        .arg(&copy)
        .arg("--out")
        .arg(place.path().join("report"))
        .assert()
        .code(0);
    assert!(before == files(&copy));
    assert_eq!(
        times,
        before.keys().map(|n| modified(&copy.join(n))).collect::<Vec<_>>()
    );
}

#[test]
fn standard_input_is_evidence_too() {
    let folder = sample("quiet");
    let trace = std::fs::read(folder.join("EmailEvents.csv")).unwrap();
    let output = relaytrail()
        .args(["inspect", "-", "--format", "json"])
        .arg(folder.join("InboundConnectors.json"))
        .write_stdin(trace)
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let formats: Vec<&str> = found["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["format"].as_str())
        .collect();
    assert!(
        formats.contains(&"email_events") && formats.contains(&"get_inbound_connector"),
        "{formats:?}"
    );
}

#[test]
fn messages_on_standard_input_have_their_words() {
    let file = sample("quiet").join("EmailEvents.csv");
    let from_file = relaytrail().arg("messages").arg(&file).output().unwrap();
    let piped = relaytrail()
        .args(["messages", "-"])
        .write_stdin(std::fs::read(&file).unwrap())
        .output()
        .unwrap();
    let from_file = String::from_utf8(from_file.stdout).unwrap();
    assert!(from_file.lines().count() > 100 && from_file.contains("@"));
    assert_eq!(
        String::from_utf8(piped.stdout)
            .unwrap()
            .replace(",'-,", ",EmailEvents.csv,"),
        from_file
    );
}

#[test]
fn a_stray_byte_in_utf_16_is_told_of() {
    let text = std::fs::read_to_string(sample("quiet").join("EmailEvents.csv")).unwrap();
    let mut raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    raw.insert(64_101, b'x');
    let output = relaytrail().args(["inspect", "-"]).write_stdin(raw).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    // The next whole group of 128 bytes begins at 64,128.
    assert!(shown.contains("bytes from byte 64128 on are no text"), "{shown}");
    assert!(shown.contains("message_trace       partial"), "{shown}");
}

/// What `inspect` prints of one file.
fn inspected(name: &str, bytes: &[u8], arguments: &[&str]) -> String {
    let place = TempDir::new().unwrap();
    std::fs::write(place.path().join(name), bytes).unwrap();
    std::fs::copy(
        sample("quiet").join("AcceptedDomains.json"),
        place.path().join("z.json"),
    )
    .unwrap();
    let output = relaytrail()
        .arg("inspect")
        .arg(place.path())
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test_case("x.json", b"[1, 2]", "x.json: JSON without any object: it holds an array of numbers"; "an array of numbers")]
#[test_case("x.json", b"[\"a\", \"b\"]", "x.json: JSON without any object: it holds an array of strings"; "an array of strings")]
#[test_case("x.json", b"17", "x.json: JSON without any object: it holds numbers"; "a number")]
#[test_case("x.json", b"[{\"CreationDate\":1,\"UserIds\":3}]", "x.json: seen: CreationDate, UserIds"; "objects")]
#[test_case("x.csv", b"CreationDate,UserIds\n1,2\n", "x.csv: nearest known export: purview_audit_search_classic, which also has Operations, AuditData"; "a near table")]
#[test_case("x.csv", b"foo|bar\n1|2\n", "x.csv: seen: foo, bar"; "a table of no export")]
#[test_case("x.csv", b"\xFF\xFE\0\0a\0\0\0", "x.csv: text in UTF-32"; "UTF-32")]
fn an_unknown_file_is_told_as_what_it_is(name: &str, bytes: &[u8], expected: &str) {
    for arguments in [&[][..], &["--quick"]] {
        let text = inspected(name, bytes, arguments);
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("neither CSV nor JSON"), "{text}");
    }
}

#[test]
fn inspect_says_why_rows_were_rejected_and_what_stands_above_a_header() {
    let trace = "Made by hand\n\nReceived,SenderAddress,RecipientAddress,Subject,Status,MessageTraceId,MessageId,FromIP,ToIP,Size\n\
                 2026-04-04T07:00:00,a@b.example,c@d.example,x,Delivered,,<1@b.example>,,,1\n\
                 soon,a@b.example,c@d.example,x,Delivered,,<2@b.example>,,,1\n\
                 later,a@b.example,c@d.example,x,Delivered,,<3@b.example>,,,1\n";
    let text = inspected("trace.csv", trace.as_bytes(), &[]);
    let title = "trace.csv: the header stands below a line that is no row: Made by hand\n";
    assert!(text.contains(title), "{text}");
    let second = trace.find("soon").unwrap();
    let reason =
        format!("trace.csv: 2 rows rejected: no time, or none that can be read (the first: record 2, byte {second})\n");
    assert!(text.contains(&reason), "{text}");
    assert!(inspected("trace.csv", trace.as_bytes(), &["--quick"]).contains(title));
}

const TRACE: &str =
    "Received,SenderAddress,RecipientAddress,Subject,Status,MessageTraceId,MessageId,FromIP,ToIP,Size\n";

fn traced(time: &str) -> String {
    format!("{time},a@b.example,c@d.example,x,Delivered,,<1@b.example>,,,1\n")
}

#[test]
fn a_table_that_a_spreadsheet_saved_in_one_column_is_told_as_such() {
    let row = "\"2026-04-04T07:00:00,a@b.example,c@d.example,\"\"x\"\",Delivered,,<1@b.example>,,,1\"\n";
    let header = format!("\"\"\"Received\"\",{}\"\n", TRACE.split_once(',').unwrap().1.trim_end());
    for text in [format!("{TRACE}{row}"), format!("{header}{row}")] {
        for arguments in [&[][..], &["--quick"]] {
            let told = inspected("trace.csv", text.as_bytes(), arguments);
            assert!(told.contains("trace.csv: each line is one quoted cell"), "{told}");
        }
    }
}

#[test]
fn a_quick_look_says_what_it_did_not_see() {
    let row = traced("2026-04-04T07:00:00");
    let rows = row.repeat(600_000 / row.len());
    let seen = inspected("trace.csv", format!("{TRACE}{rows}").as_bytes(), &["--quick"]);
    assert!(!seen.contains('?') && seen.matches("2026-04-04").count() == 2, "{seen}");

    let other = "a,b\n".to_owned() + &"1,2\n".repeat(100_000);
    let unseen = inspected("trace.csv", format!("{TRACE}{rows}{other}").as_bytes(), &["--quick"]);
    assert!(
        unseen.contains('?') && unseen.matches("2026-04-04").count() == 1,
        "{unseen}"
    );
    assert!(
        unseen.contains("trace.csv: what stands at its end is no record"),
        "{unseen}"
    );

    let lost = inspected(
        "trace.csv",
        format!("{TRACE}{}", traced("#####")).as_bytes(),
        &["--quick"],
    );
    assert!(
        lost.contains("trace.csv: no record with a time that can be read"),
        "{lost}"
    );

    let open = inspected(
        "trace.csv",
        format!("{TRACE}{}", traced("03/12/2025 10:00:00")).as_bytes(),
        &["--quick"],
    );
    assert!(open.contains("trace.csv: month-first dates assumed"), "{open}");
}

#[test_case("analyze")]
#[test_case("timeline")]
#[test_case("messages")]
fn files_of_no_known_export_are_warned_of(verb: &str) {
    let place = TempDir::new().unwrap();
    for (name, bytes) in files(&sample("quiet")) {
        std::fs::write(place.path().join(name), bytes).unwrap();
    }
    for i in 1..=7 {
        std::fs::write(place.path().join(format!("notes-{i}.txt")), "Dear colleagues\n").unwrap();
    }
    let (text, code) = failure(relaytrail().arg(verb).arg(place.path()));
    assert_eq!(code, 0);
    let warnings: Vec<&str> = text.lines().filter(|l| l.starts_with("warning: ")).collect();
    // org.toml of the sample is one too, if it is not given as --org.
    assert_eq!(warnings.len(), 6, "{text}");
    assert!(
        text.contains("warning: notes-1.txt is no export that is known: neither CSV nor JSON"),
        "{text}"
    );
    assert!(text.contains("more; `relaytrail inspect` names them all"), "{text}");
}

#[cfg(unix)]
#[test]
fn names_cannot_reach_the_terminal_through_json() {
    let place = TempDir::new().unwrap();
    let bytes = std::fs::read(sample("quiet").join("InboundConnectors.json")).unwrap();
    std::fs::write(place.path().join("a\u{9b}2J\u{7f}\u{202e}.json"), bytes).unwrap();
    for args in [&["inspect"][..], &["inspect", "--quick"], &["timeline"]] {
        let output = relaytrail()
            .args(args)
            .arg(place.path())
            .args(["--format", "json"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("a\\u009b2J\\u007f\\u202e.json"), "{args:?}: {text}");
        assert!(!text.contains(['\u{9b}', '\u{7f}', '\u{202e}']), "{args:?}");
    }
}

#[test]
fn a_report_is_not_made_again_over_its_own_source() {
    let place = TempDir::new().unwrap();
    let case = place.path().join("case");
    analyze("quiet")
        .arg("--out")
        .arg(place.path().join("report"))
        .assert()
        .code(0);
    std::fs::create_dir(&case).unwrap();
    std::fs::copy(place.path().join("report/report.json"), case.join("report.json")).unwrap();
    let (text, code) = failure(
        relaytrail()
            .arg("report")
            .arg(case.join("report.json"))
            .arg("--out")
            .arg(&case)
            .arg("--force"),
    );
    assert_eq!(code, 1);
    assert!(text.contains("which it would be made from"), "{text}");
    assert!(case.join("report.json").is_file());
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt;
    use std::time::Duration;
    let place = TempDir::new().unwrap();
    let pipe = place.path().join("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    // Nobody writes to the pipe: the run waits for its evidence.
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_relaytrail"))
        .arg("analyze")
        .arg(&pipe)
        .arg("--out")
        .arg(place.path().join("report"))
        .spawn()
        .unwrap();
    let entries = || std::fs::read_dir(place.path()).unwrap().count();
    for _ in 0..1000 {
        if entries() == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(entries(), 2, "the pipe and the unfinished report");
    let id = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().signal(), Some(15));
    assert_eq!(entries(), 1);
}

#[test]
fn rows_add_up_in_every_file() {
    for name in SAMPLES {
        let output = analyze(name).args(["--format", "json"]).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        for file in report["evidence"].as_array().unwrap() {
            let count = |key: &str| file[key].as_u64().unwrap();
            let sum = count("accepted") + count("degraded") + count("duplicates") + count("rejected");
            assert_eq!(count("records"), sum, "{name}: {}", file["path"]);
        }
    }
}

#[test_case("likely_compromised", "changed", 3)]
#[test_case("suspicious", "changed", 3)]
#[test_case("suspicious", "quiet", 0)]
#[test_case("suspicious", "partial", 0)]
#[test_case("not_assessable", "partial", 3)]
#[test_case("no_indication", "quiet", 3)]
fn fail_on_ends_with_three_where_a_connector_stands_there_or_worse(threshold: &str, name: &str, code: i32) {
    analyze(name).args(["--fail-on", threshold]).assert().code(code);
}

#[test_case(&["analyze"], 2, "PATH")]
#[test_case(&["analyse", "x"], 2, "analyze"; "a misspelt verb")]
#[test_case(&["analyze", "no/such/folder"], 1, "no such file")]
#[test_case(&["analyze", "README.md"], 1, "README.md"; "nothing known in it")]
#[test_case(&["analyze", "sample-data/quiet", "--from", "yesterday"], 2, "--from yesterday")]
#[test_case(&["analyze", "sample-data/quiet", "--threads", "0"], 2, "--threads 0")]
#[test_case(&["analyze", "sample-data/quiet", "--stix"], 2, "--out"; "an extra file with nowhere to be")]
#[test_case(&["analyze", "sample-data/quiet", "--threads", "20000"], 2, "at most 1024")]
#[test_case(&["analyze", "-", "-"], 2, "only once")]
#[test_case(&["analyze", "no/such/\u{1b}[2J\u{202e}\n\u{9b}x"], 1, "no/such/\\u{1b}[2J\\u{202e}\\n\\u{9b}x: no such file"; "a name that would move the cursor")]
#[test_case(&["timeline", "sample-data/quiet", "--connector", "\u{1b}]0;x\u{7}"], 2, "\\u{1b}]0;x\\u{7}"; "an option that would set the title")]
#[test_case(&["analyze", "sample-data/quiet", "--org", "no/such/org.toml"], 2, "no/such/org.toml")]
#[test_case(&["analyze", "sample-data/quiet", "--out", "sample-data/quiet/report"], 1, "inside the evidence")]
#[test_case(&["timeline", "sample-data/quiet", "--connector", "Nope"], 2, "Litware supplier gateway")]
#[test_case(&["messages", "sample-data/quiet", "--ip", "1.2.3"], 2, "--ip 1.2.3")]
#[test_case(&["explain", "sender_mismach"], 2, "sender_mismatch")]
#[test_case(&["verify", "src"], 1, "manifest.json")]
fn a_failure_names_its_cause(args: &[&str], code: i32, words: &str) {
    let (text, ended) = failure(relaytrail().args(args));
    assert_eq!(ended, code, "{text}");
    assert!(text.contains(words), "{text}");
}

#[test_case("order_of_events", "order_of_events = "; "a weight")]
#[test_case("prior", "[weights]"; "where the points start")]
#[test_case("hole-hours", "hole_hours = 2 hours"; "a threshold")]
#[test_case("volume_spike.weak", "volume_spike.weak = "; "a weight of an indicator")]
fn every_number_that_is_printed_is_explained(name: &str, words: &str) {
    let output = relaytrail().args(["explain", name]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains(words), "{text}");
}

#[test]
fn messages_without_a_trace_are_said_to_be_none() {
    let path = sample("quiet").join("AcceptedDomains.json");
    let (text, code) = failure(relaytrail().arg("messages").arg(&path));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("none of the files is a message trace"), "{text}");
    let (text, _) = failure(relaytrail().arg("messages").arg(sample("quiet")));
    assert!(!text.contains("none of the files"), "{text}");
}

#[test_case("conector_admins = []", "connector_admins"; "a misspelt key at the top")]
#[test_case("[organization]\nconector_admins = []", "connector_admins"; "a misspelt key")]
#[test_case("[organization]\non_premises_ips = [\"81.2.69.300\"]", "81.2.69.300"; "no address")]
#[test_case("[organization]\non_premises_ips = [\"81.2.69.160/40\"]", "81.2.69.160/40"; "no network")]
#[test_case("[organization]\ntime_zone = \"Mars\"", "Mars"; "no time zone")]
#[test_case("[organization]\nholidays = [\"2026-13-01\"]", "2026-13-01"; "no day")]
#[test_case("[[approved_change]]\nconnector = \"A\"\nfrom = \"2026-03-03T00:00:00Z\"\nto = \"2026-03-02T00:00:00Z\"", "not later than"; "a time that ends before it begins")]
#[test_case("organization = ", "line 1"; "no TOML")]
fn a_fault_in_org_toml_is_named(content: &str, words: &str) {
    let place = TempDir::new().unwrap();
    let path = place.path().join("org.toml");
    std::fs::write(&path, content).unwrap();
    let (text, code) = failure(relaytrail().args(["analyze", "sample-data/quiet", "--org"]).arg(&path));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(words), "{text}");
}

#[test_case(&["analyze", "sample-data/changed", "--format", "json"]; "the report")]
#[test_case(&["timeline", "sample-data/changed", "--format", "json"]; "the timeline")]
#[test_case(&["inspect", "sample-data/changed"]; "what the files are")]
fn whoever_has_seen_enough_may_close_the_pipe(args: &[&str]) {
    // A reader that is gone before the first byte is written.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = std::process::Command::new(assert_cmd::cargo::cargo_bin("relaytrail"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(args)
        .stdout(writer)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(!text.contains("error"), "{text}");
}

#[test]
fn every_example_of_the_help_runs() {
    let place = TempDir::new().unwrap();
    let mut ran = 0;
    for verb in [
        "analyze",
        "inspect",
        "timeline",
        "messages",
        "explain",
        "verify",
        "report",
        "completions",
    ] {
        let help = relaytrail().args([verb, "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        for line in help.lines().filter_map(|l| l.trim().strip_prefix("relaytrail ")) {
            let line = line.replace("sample-data", &sample("").display().to_string());
            // An example is what one types into a shell, where quotes hold words together.
            let words = line.split('"').enumerate().flat_map(|(i, part)| {
                let quoted = i % 2 == 1;
                if quoted {
                    vec![part.to_owned()]
                } else {
                    part.split_whitespace().map(str::to_owned).collect()
                }
            });
            let output = relaytrail().current_dir(place.path()).args(words).output().unwrap();
            let code = output.status.code().unwrap();
            let met = line.contains("--fail-on") && code == 3;
            assert!(
                code == 0 || met,
                "{line}: {code}, {}",
                String::from_utf8_lossy(&output.stderr)
            );
            ran += 1;
        }
    }
    assert!(ran >= 10, "{ran}");
}

/// Runs the program with an output that is closed as soon as something was read from it.
fn heard_out(args: &[&str]) -> (String, Option<i32>) {
    use std::io::Read;
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("relaytrail"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(args)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut first = [0; 1];
    let mut out = child.stdout.take().expect("a pipe");
    out.read_exact(&mut first).expect("something is printed");
    drop(out);
    let output = child.wait_with_output().expect("it ends");
    (
        String::from_utf8_lossy(&output.stderr).into_owned(),
        output.status.code(),
    )
}

#[test_case(&["messages", "sample-data/compromised", "--org", "sample-data/compromised/org.toml"]; "messages")]
#[test_case(&["analyze", "sample-data/compromised", "--org", "sample-data/compromised/org.toml", "--format", "json"]; "analyze as JSON")]
#[test_case(&["completions", "bash"]; "completions")]
fn who_has_read_enough_may_hang_up(args: &[&str]) {
    assert_eq!(heard_out(args), (String::new(), Some(0)));
}

#[test]
fn messages_are_found_by_what_the_row_of_the_whole_message_says() {
    const HEADER: &str = "date_time_utc,client_ip,client_hostname,server_ip,server_hostname,source_context,connector_id,source,event_id,internal_message_id,message_id,network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,related_recipient_address,reference,message_subject,sender_address,return_path,message_info,directionality,tenant_id,original_client_ip,original_server_ip,custom_data";
    let agent = |n: u32| {
        format!(
            "2026-03-01T10:00:00Z,,,,,,,AGENT,AGENTINFO,,<m@x>,0000000{n}-0000-0000-0000-000000000000,,,,,,,x,s@contoso.com,,,,,203.0.113.{n},,S:InboundConnectorData=Name=HQ;ConnectorType=OnPremises"
        )
    };
    let delivered = "2026-03-01T10:00:05Z,,,,,,,STOREDRIVER,DELIVER,,<m@x>,00000001-0000-0000-0000-000000000000,r@contoso.com,,,,,,x,s@contoso.com,,,,,,,";
    let place = TempDir::new().unwrap();
    // Of the second message no row names a recipient.
    let text = format!("{HEADER}\n{}\n{delivered}\n{}\n", agent(1), agent(2));
    std::fs::write(place.path().join("trace.csv"), text).unwrap();
    let found = |filter: &[&str]| {
        let output = relaytrail()
            .arg("messages")
            .arg(place.path())
            .args(filter)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().lines().count() - 1
    };
    assert_eq!(found(&[]), 2);
    assert_eq!(found(&["--connector", "HQ"]), 2);
    for net in ["203.0.113.1", "203.0.113.2"] {
        assert_eq!(found(&["--ip", net]), 1, "{net}");
        assert_eq!(found(&["--ip", net, "--connector", "HQ"]), 1, "{net}");
    }
}

#[test]
fn nothing_that_talks_to_a_network_is_linked() {
    let lock = include_str!("../Cargo.lock");
    let names: Vec<&str> = lock
        .lines()
        .filter_map(|l| l.strip_prefix("name = \"")?.strip_suffix('"'))
        .collect();
    assert!(names.contains(&"polars"), "the list is read right");
    for stack in [
        "reqwest",
        "hyper",
        "rustls",
        "native-tls",
        "openssl",
        "object_store",
        "ureq",
        "curl",
        "quinn",
        "h2",
    ] {
        assert!(!names.contains(&stack), "{stack}");
    }
}

/// A trace whose dates can be read either way.
fn undecided() -> TempDir {
    let folder = TempDir::new().unwrap();
    let text = "Received,SenderAddress,RecipientAddress,Subject,Status,MessageTraceId\n\
        03/12/2025 10:00:00,a@fabrikam.com,b@contoso.com,s,Delivered,00000001-0000-0000-0000-000000000000\n";
    std::fs::write(folder.path().join("trace.csv"), text).unwrap();
    folder
}

#[test_case("inspect"; "inspect")]
#[test_case("analyze"; "analyze")]
#[test_case("timeline"; "timeline")]
#[test_case("messages"; "messages")]
fn dates_that_nothing_settles_are_warned_of_and_decided_on_every_verb(verb: &str) {
    let folder = undecided();
    let run = |more: &[&str]| {
        let mut command = relaytrail();
        let output = command.arg(verb).arg(folder.path()).args(more).output().unwrap();
        assert!(output.status.success());
        (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (undecided, warned) = run(&[]);
    assert!(warned.contains("trace.csv: month-first dates assumed"), "{warned}");
    let (decided, silent) = run(&["--date-order", "dmy"]);
    assert!(!silent.contains("dates"), "{silent}");
    if matches!(verb, "inspect" | "messages") {
        assert!(
            undecided.contains("2025-03-12") && decided.contains("2025-12-03"),
            "{decided}"
        );
    }
}

#[test_case("--date-order", "dym", "possible values: dmy, mdy, ymd"; "an order")]
#[test_case("--time-zone", "Berlin", "did you mean Europe/Berlin?"; "a city")]
#[test_case("--time-zone", "Europe/Brelin", "did you mean Europe/Berlin?"; "a slip")]
#[test_case("--time-zone", "", "not an IANA time zone such as Europe/Berlin"; "nothing")]
fn a_wrong_reading_of_dates_is_refused_with_advice(option: &str, value: &str, advice: &str) {
    for verb in ["analyze", "inspect", "timeline", "messages"] {
        let (text, code) = failure(relaytrail().args([verb, "sample-data/partial", option, value]));
        assert_eq!(code, 2, "{verb}: {text}");
        assert!(text.contains(advice), "{verb}: {text}");
    }
}

#[test]
fn local_times_are_read_in_the_zone_that_is_given() {
    let run = |more: &[&str]| {
        let path = "sample-data/formats/admin_center_message_trace/NoZone.csv";
        let output = relaytrail().args(["messages", path]).args(more).output().unwrap();
        (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (text, warned) = run(&[]);
    assert!(
        text.contains("2026-04-04T07:00:00Z") && warned.contains("--time-zone decides"),
        "{warned}"
    );
    let (text, silent) = run(&["--time-zone", "europe/berlin"]);
    assert!(
        text.contains("2026-04-04T05:00:00Z") && silent.is_empty(),
        "{text}{silent}"
    );
}
