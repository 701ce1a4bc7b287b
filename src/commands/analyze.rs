//! `relaytrail analyze`: the main job.

use std::io::Write;

use super::shell;
use crate::cli::{Analyze, Format};
use crate::error::Error;
use crate::report::model::{Report, Verdict};
use crate::report::terminal::{self, Next};
use crate::report::{Staging, json};

/// Reads the evidence, judges it, writes the report, and prints the summary. True where `--fail-on` is met.
///
/// # Errors
/// When org.toml or an option is wrong, the evidence cannot be read, changed meanwhile, or the report cannot be written.
pub fn run(args: &Analyze, command_line: &[String], out: &mut dyn Write) -> Result<bool, Error> {
    let (mut organization, window) = super::settings(&args.evidence, Some(&args.span))?;
    organization.geoip.clone_from(&args.geo.geoip);
    let options = super::options(&args.evidence)?;
    // A directory that cannot be written should be known before the long work, not after it.
    let staging = match &args.out {
        Some(dir) => Some(Staging::create(
            dir,
            args.force,
            args.extras.into(),
            &args.evidence.paths,
        )?),
        None => None,
    };
    let report = crate::analyze(&args.evidence.paths, &options, &organization, window)?;
    super::warn_of_unreadable(&report.unreadable);
    super::warn_of_dates(&report.evidence);
    super::warn_of_unrecognised(&report.evidence);
    if let Some(staging) = staging {
        staging.write(&report, command_line)?;
    }
    match args.format {
        Format::Json => json::write(&report, out)?,
        Format::Text => {
            let summary = terminal::summary(&report, super::screen(), &next(args, command_line));
            write!(out, "{summary}")?;
        }
    }
    Ok(args.fail_on.is_some_and(|word| fails(&report, word.into())))
}

/// With a report, how to open it and to check it later; without, how to get one.
fn next(args: &Analyze, command_line: &[String]) -> Next {
    match &args.out {
        Some(dir) => super::verify::next(dir, &args.evidence.paths),
        None => {
            let words = command_line.iter().skip(1).map(String::as_str);
            Next {
                sentence:
                    "Nothing was written. For every finding with the rows behind it, as a page and as tables, type:"
                        .into(),
                command: shell::command(["relaytrail"].into_iter().chain(words).chain(["--out", "report"])),
            }
        }
    }
}

/// Whether some connector stands at the verdict or worse.
fn fails(report: &Report, threshold: Verdict) -> bool {
    report.connectors.iter().any(|c| c.verdict <= threshold)
}
