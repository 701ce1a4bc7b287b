//! Programs that a test needs and a machine may lack.

use std::io::Write;
use std::path::{Path, PathBuf};

/// The program that an environment variable names or that `.ci/run` laid below `target/`. Where there is none, the test
/// is skipped with a message that is seen even when it passes; in CI that fails.
pub fn program(variable: &str, below_target: &str) -> Option<PathBuf> {
    let told = std::env::var_os(variable).map(PathBuf::from);
    let laid = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(below_target);
    let found = told.into_iter().chain([laid]).find(|path| path.is_file());
    if found.is_none() {
        let message =
            format!("SKIPPED: no {below_target} below target/, and {variable} names none; .ci/run installs it");
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{message}");
        // Not eprintln!, which the test runner keeps to itself.
        let _ = writeln!(std::io::stderr(), "{message}");
    }
    found
}
