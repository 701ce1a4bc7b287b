//! `relaytrail verify` and `relaytrail report`: what is done with a report that already stands.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::shell;
use crate::cli::{ReportArgs, Verify};
use crate::error::Error;
use crate::report::terminal::Next;
use crate::report::{Mismatch, Problem, ReportError, Staging, clean, json, verify};

/// Compares a report directory, and the evidence where it is given, with the manifest.
///
/// # Errors
/// When something does not match, or the manifest cannot be read.
pub fn run(args: &Verify, out: &mut dyn Write) -> Result<(), Error> {
    let found = verify(&args.dir, &args.paths)?;
    let mut broken = 0;
    let is_absent = |m: &&Mismatch| m.problem == Problem::NotGiven;
    for mismatch in found.iter().filter(|m| !is_absent(m)) {
        broken += usize::from(!mismatch.problem.is_a_note());
        writeln!(out, "{}", clean::line(&mismatch.to_string()))?;
    }
    if broken > 0 {
        return Err(Error::Mismatch(broken));
    }
    let absent = found.iter().filter(is_absent).count();
    let what = match (args.paths.is_empty(), absent) {
        (true, _) => "the report matches its manifest; the evidence was not looked at".to_owned(),
        (false, 0) => "report and evidence match the manifest".to_owned(),
        (false, 1) => {
            "the report and what was given of its evidence match the manifest; 1 other file was not given".to_owned()
        }
        (false, _) => format!(
            "the report and what was given of its evidence match the manifest; {absent} other files were not given"
        ),
    };
    writeln!(out, "{what}")?;
    Ok(())
}

/// Writes the other files of a report again from its report.json.
///
/// # Errors
/// When report.json cannot be read, or the directory cannot be written or would be replaced with it inside.
pub fn again(args: &ReportArgs, command_line: &[String], out: &mut dyn Write) -> Result<(), Error> {
    let report = json::read(&args.report)?;
    let staging = Staging::create(
        &args.out,
        args.force,
        args.extras.into(),
        std::slice::from_ref(&args.report),
    );
    let staging = staging.map_err(|error| match error {
        ReportError::HoldsEvidence { dir, evidence } => ReportError::HoldsInput { dir, report: evidence },
        other => other,
    })?;
    staging.write(&report, command_line)?;
    let next = next(&args.out, &[]);
    writeln!(out, "{}\n  {}", clean::line(&next.sentence), clean::line(&next.command))?;
    Ok(())
}

/// How to read a report that was written, and to prove later that neither it nor its evidence changed.
pub(super) fn next(dir: &Path, evidence: &[PathBuf]) -> Next {
    let dir = shell::path(dir);
    // Standard input is not there a second time.
    let evidence = evidence.iter().filter(|path| path.as_os_str() != "-");
    let evidence: Vec<String> = evidence.map(|path| shell::path(path)).collect();
    let words = ["relaytrail", "verify", &dir].into_iter();
    Next {
        sentence: format!("The report is in {dir}; open report.html first. To check it later, type:"),
        command: shell::command(words.chain(evidence.iter().map(String::as_str))),
    }
}
