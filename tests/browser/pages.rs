//! The pages that are looked at, written as a report is.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use relaytrail::report::model::Report;
use relaytrail::report::{Extras, Staging};

/// Writes a report and gives its page.
pub fn of_report(report: &Report, dir: &Path) -> PathBuf {
    let command_line = ["relaytrail", "report"].map(String::from);
    Staging::create(dir, false, Extras::default(), &[])
        .and_then(|staging| staging.write(report, &command_line))
        .expect("the report is written");
    dir.join("report.html")
}

/// The pages of the sample cases, by name.
pub fn of_samples(place: &Path) -> Vec<(String, PathBuf)> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let mut names: Vec<String> = fs::read_dir(&samples)
        .expect("the sample cases")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| samples.join(name).join("org.toml").is_file())
        .collect();
    names.sort();
    let page = |name: String| {
        let dir = place.join(&name);
        Command::cargo_bin("relaytrail")
            .expect("the program")
            .args(["analyze".as_ref(), samples.join(&name).as_os_str()])
            .args(["--org".as_ref(), samples.join(&name).join("org.toml").as_os_str()])
            .args(["--out".as_ref(), dir.as_os_str()])
            .assert()
            .success();
        (name, dir.join("report.html"))
    };
    names.into_iter().map(page).collect()
}
