//! What `analyze` and `report` write and print: the same files again, colour, the next command.

use tempfile::TempDir;
use test_case::test_case;

use super::{SAMPLES, analyze, files, relaytrail, sample};

#[test]
fn the_report_alone_makes_all_files_again() {
    let place = TempDir::new().unwrap();
    let (first, second) = (place.path().join("first"), place.path().join("second"));
    let extras = ["--xlsx", "--stix", "--navigator"];
    for name in SAMPLES {
        analyze(name)
            .args(extras)
            .args(["--force", "--out"])
            .arg(&first)
            .assert()
            .code(0);
        let output = relaytrail()
            .arg("report")
            .arg(first.join("report.json"))
            .args(extras)
            .arg("--out")
            .arg(&second)
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}");
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(
            told.ends_with(&format!("relaytrail verify {}\n", second.display())),
            "{told}"
        );
        let (mut first, mut second) = (files(&first), files(&second));
        assert!(first.remove("manifest.json").is_some() && second.remove("manifest.json").is_some());
        assert_eq!(first.len(), 10);
        for (file, bytes) in first {
            assert!(second.remove(&file) == Some(bytes), "{name}: {file}");
        }
        assert!(second.is_empty(), "{name}");
    }
}

#[test_case(&[], &[], false; "a pipe")]
#[test_case(&[("CLICOLOR_FORCE", "1")], &[], true; "forced by the environment")]
#[test_case(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[], false; "refused by the environment")]
#[test_case(&[], &["--color", "always"], true; "asked for")]
#[test_case(&[("NO_COLOR", "1")], &["--color", "always"], true; "asked for against the environment")]
#[test_case(&[("CLICOLOR_FORCE", "1")], &["--color", "never"], false; "refused")]
fn colour_is_used_where_it_is_wanted(environment: &[(&str, &str)], args: &[&str], expected: bool) {
    let mut command = analyze("partial");
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    let output = command.envs(environment.iter().copied()).args(args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Not assessable"), "{text}");
    assert_eq!(text.contains('\u{1b}'), expected, "{text:?}");
}

#[cfg(unix)]
#[test]
fn the_summary_ends_with_a_command_that_works() {
    let place = TempDir::new().unwrap();
    let evidence = place.path().join("it's evidence");
    std::fs::create_dir(&evidence).unwrap();
    for (name, bytes) in files(&sample("partial")) {
        std::fs::write(evidence.join(name), bytes).unwrap();
    }
    // What the program advises is typed into a shell, twice: first to get a report, then to check it.
    let mut advice = "relaytrail analyze \"it's evidence\"".to_owned();
    for expected in ["relaytrail analyze ", "relaytrail verify report "] {
        let program = assert_cmd::cargo::cargo_bin("relaytrail");
        let output = std::process::Command::new("sh")
            .current_dir(place.path())
            .arg("-c")
            .arg(format!("relaytrail() {{ \"$PROGRAM\" \"$@\"; }}; {advice}"))
            .env("PROGRAM", program)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{advice}: {text}");
        advice = text.lines().last().unwrap().trim().to_owned();
        assert!(advice.starts_with(expected), "{text}");
    }
    relaytrail()
        .current_dir(place.path())
        .args(["verify", "report", "it's evidence"])
        .assert()
        .code(0);
}
