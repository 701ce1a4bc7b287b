//! `relaytrail analyze`: the main job.

use std::io::Write;

use crate::cli::{Analyze, Format};
use crate::error::Error;
use crate::report::model::{Report, Verdict};
use crate::report::{Staging, clean, json, terminal};

/// Reads the evidence, judges it, writes the report, and prints the summary. True where `--fail-on` is met.
///
/// # Errors
/// When org.toml or an option is wrong, the evidence cannot be read, changed meanwhile, or the report cannot be written.
pub fn run(args: &Analyze, command_line: &[String], out: &mut dyn Write) -> Result<bool, Error> {
    let (mut organization, window) = super::settings(&args.evidence, Some(&args.span))?;
    organization.geoip.clone_from(&args.geo.geoip);
    // A directory that cannot be written should be known before the long work, not after it.
    let staging = match &args.out {
        Some(dir) => Some(Staging::create(dir, args.force, &args.evidence.paths)?),
        None => None,
    };
    let report = crate::analyze(
        &args.evidence.paths,
        args.evidence.org.as_deref(),
        &organization,
        window,
    )?;
    super::warn_of_unreadable(&report.unreadable);
    super::warn_of_unrecognised(&report.evidence);
    if let Some(staging) = staging {
        staging.write(&report, command_line)?;
    }
    match args.format {
        Format::Json => json::write(&report, out)?,
        Format::Text => {
            write!(out, "{}", terminal::summary(&report, super::width()))?;
            if let Some(dir) = &args.out {
                let dir = dir.display().to_string();
                writeln!(out, "\nThe report is in {}; open report.html first.", clean::line(&dir))?;
            }
        }
    }
    Ok(args.fail_on.is_some_and(|word| fails(&report, word.into())))
}

/// Whether some connector stands at the verdict or worse.
fn fails(report: &Report, threshold: Verdict) -> bool {
    report.connectors.iter().any(|c| c.verdict <= threshold)
}
