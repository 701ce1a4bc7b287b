//! `relaytrail verify` and `relaytrail report`: what is done with a report that already stands.

use std::io::Write;

use crate::cli::{ReportArgs, Verify};
use crate::error::Error;
use crate::report::{ReportError, Staging, clean, json, verify};

/// Compares a report directory, and the evidence where it is given, with the manifest.
///
/// # Errors
/// When something does not match, or the manifest cannot be read.
pub fn run(args: &Verify, out: &mut dyn Write) -> Result<(), Error> {
    let found = verify(&args.dir, &args.paths)?;
    for mismatch in &found {
        writeln!(out, "{}", clean::line(&mismatch.to_string()))?;
    }
    if !found.is_empty() {
        return Err(Error::Mismatch(found.len()));
    }
    let what = if args.paths.is_empty() {
        "the report matches its manifest; the evidence was not looked at"
    } else {
        "report and evidence match the manifest"
    };
    writeln!(out, "{what}")?;
    Ok(())
}

/// Writes the other files of a report again from its report.json.
///
/// # Errors
/// When report.json cannot be read, or the directory cannot be written or would be replaced with it inside.
pub fn again(args: &ReportArgs, command_line: &[String]) -> Result<(), Error> {
    let report = json::read(&args.report)?;
    let staging = Staging::create(&args.out, args.force, std::slice::from_ref(&args.report));
    let staging = staging.map_err(|error| match error {
        ReportError::HoldsEvidence { dir, evidence } => ReportError::HoldsInput { dir, report: evidence },
        other => other,
    })?;
    staging.write(&report, command_line)?;
    Ok(())
}
