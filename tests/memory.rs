//! A run that may keep hardly anything in memory gives the report of one that may keep all.

use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const HEADER: &str = "date_time_utc,client_ip,client_hostname,server_ip,server_hostname,source_context,connector_id,source,event_id,internal_message_id,message_id,network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,related_recipient_address,reference,message_subject,sender_address,return_path,message_info,directionality,tenant_id,original_client_ip,original_server_ip,custom_data";
/// Messages through the connector, each told by two rows. With 1 MiB the rows of one file have a quarter of it, 4,096
/// facts of 64 bytes.
const MESSAGES: u64 = 12_000;

/// A trace that names its connector, in rows whose order is not that of their messages.
fn trace() -> String {
    let mut text = format!("{HEADER}\n");
    for i in 0..2 * MESSAGES {
        let message = i * 7_919 % MESSAGES;
        let event = if i < MESSAGES { "RECEIVE" } else { "DELIVER" };
        writeln!(
            text,
            "2026-03-{day:02}T10:{minute:02}:{second:02}Z,203.0.113.{host},,,,,\"Inbound from HQ\",SMTP,{event},,\
             <m{message}@x>,{mixed:08x}-0000-4000-8000-{message:012x},r{recipient}@d{domain}.example,,1,1,,,,\
             s{sender}@contoso.com,s{sender}@contoso.com,,Incoming,,,,",
            day = 1 + message % 28,
            minute = message / 7 % 60,
            second = i % 60,
            host = message % 9,
            mixed = (message as u32).wrapping_mul(0x9E37_79B9),
            recipient = message % 5_000,
            domain = message % 40,
            sender = message % 11,
        )
        .unwrap();
    }
    text
}

fn relaytrail() -> Command {
    Command::cargo_bin("relaytrail").expect("the program is built")
}

/// The report that `analyze` prints.
fn report(evidence: &Path, more: &[&str]) -> Vec<u8> {
    let output = relaytrail()
        .args(["analyze", "--format", "json"])
        .args(more)
        .arg(evidence)
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn a_bound_on_memory_changes_no_byte_of_the_report_and_leaves_no_file() {
    let folder = TempDir::new().unwrap();
    let temp = TempDir::new().unwrap();
    let evidence = folder.path().join("evidence");
    std::fs::create_dir(&evidence).unwrap();
    let trace = trace();
    std::fs::write(evidence.join("MTDetail_1.csv"), &trace).unwrap();
    std::fs::write(evidence.join("MTDetail_2.csv"), &trace).unwrap();
    let held = report(&evidence, &["--memory", "4G"]);
    assert!(
        String::from_utf8_lossy(&held).contains("Inbound from HQ"),
        "the connector is known"
    );
    for threads in ["1", "3"] {
        let temp = temp.path().to_str().unwrap();
        let spilled = report(&evidence, &["--memory", "1M", "--temp", temp, "--threads", threads]);
        assert!(spilled == held, "with {threads} threads");
    }
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);

    // It was spilled indeed: where nobody can write a file, the same run fails and says where.
    if cfg!(target_os = "linux") {
        let output = relaytrail()
            .args(["analyze", "--memory", "1M", "--temp", "/proc"])
            .arg(&evidence)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("/proc: ") && said.contains("hint: "), "{said}");
    }
}

#[test]
fn the_copy_of_standard_input_lies_in_the_directory_that_was_named() {
    let notes = |temp: &str| {
        let output = relaytrail()
            .args(["inspect", "--format", "json", "--temp", temp, "-"])
            .write_stdin(trace())
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let temp = TempDir::new().unwrap();
    assert!(!notes(temp.path().to_str().unwrap()).contains("no copy of the stream"));
    if cfg!(target_os = "linux") {
        assert!(
            notes("/proc").contains("no copy of the stream"),
            "nobody can write there"
        );
    }
}

#[test]
fn memory_and_temp_that_make_no_sense_are_told() {
    let folder = TempDir::new().unwrap();
    let evidence = folder.path().join("trace.csv");
    std::fs::write(&evidence, HEADER).unwrap();
    let fails = |more: &[&str]| {
        let output = relaytrail().arg("analyze").args(more).arg(&evidence).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        said
    };
    let gone = folder.path().join("gone");
    assert!(fails(&["--temp", gone.to_str().unwrap()]).contains("gone: "));
    assert!(fails(&["--temp", evidence.to_str().unwrap()]).contains("trace.csv: not a directory"));
    assert!(fails(&["--memory", "100K"]).contains("1M is the least"));
    assert!(fails(&["--memory", "much"]).contains("such as 20G"));
}
