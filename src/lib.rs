//! relaytrail: from a folder of Microsoft 365 exports to a verdict on its inbound mail connectors.
//!
//! Evidence becomes records, records become a digest, the digest becomes a timeline, the timeline answers sixteen
//! indicators, the indicators add up to a verdict, and the verdict is written as a report. Each of these is a
//! room; imports run only in this direction. [`analyze`] walks through all of them.

pub mod cli;
pub mod commands;
pub mod digest;
pub mod error;
pub mod evidence;
pub mod indicators;
pub mod ingest;
pub mod places;
pub mod progress;
pub mod records;
pub mod report;
pub mod settings;
pub mod timeline;
pub mod verdict;

use std::io::Write;
use std::path::PathBuf;

use clap::CommandFactory;
use rayon::prelude::*;

use crate::cli::{Cli, Command};
use crate::error::Error;
use crate::indicators::mail::Mail;
use crate::indicators::{Case, Finding};
use crate::report::assemble::{Cites, Read, assemble};
use crate::report::model::Report;
use crate::report::traffic;
use crate::settings::{Organization, Window};

/// Does what was typed and gives the exit code.
///
/// # Errors
/// Whatever kept the run from its end; [`Error::exit_code`] says how it ends.
pub fn run(cli: &Cli, command_line: &[String], out: &mut dyn Write) -> Result<u8, Error> {
    let threads = match &cli.command {
        Command::Analyze(a) => a.evidence.threads,
        Command::Inspect(a) => a.evidence.threads,
        Command::Timeline(a) => a.evidence.threads,
        Command::Messages(a) => a.evidence.threads,
        _ => None,
    };
    if let Some(threads) = threads {
        start_threads(threads)?;
    }
    match &cli.command {
        Command::Analyze(args) => {
            return commands::analyze::run(args, command_line, out).map(|met| if met { 3 } else { 0 });
        }
        Command::Inspect(args) => commands::inspect::run(args, out)?,
        Command::Timeline(args) => commands::timeline::run(args, out)?,
        Command::Messages(args) => commands::messages::run(args, out)?,
        Command::Explain(args) => commands::explain::run(args, out)?,
        Command::Verify(args) => commands::verify::run(args, out)?,
        Command::Report(args) => commands::verify::again(args, command_line, out)?,
        Command::Completions { shell } => {
            // The generator panics where its output breaks off.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "relaytrail", &mut script);
            out.write_all(&script)?;
        }
    }
    Ok(0)
}

/// More threads than any machine has cores for; each costs memory and time before the first byte is read.
const MOST_THREADS: usize = 1024;

fn start_threads(threads: usize) -> Result<(), Error> {
    if threads == 0 {
        return Err(Error::Usage("--threads 0: at least one is needed".into()));
    }
    if threads > MOST_THREADS {
        return Err(Error::Usage(format!(
            "--threads {threads}: at most {MOST_THREADS} are started"
        )));
    }
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build_global() {
        // A second run in one process keeps the first one's pool: results do not depend on it.
        Err(e) if std::error::Error::source(&e).is_none() => Ok(()),
        Err(e) => Err(Error::Internal(format!("{threads} threads could not be started: {e}"))),
        Ok(()) => Ok(()),
    }
}

/// The main job without its output: reads what the paths name and judges it.
///
/// # Errors
/// When nothing can be read, no file is an export that is known, a file changed while it was, or what finds no
/// room in memory cannot be written.
pub fn analyze(
    paths: &[PathBuf],
    options: &ingest::Options<'_>,
    organization: &Organization,
    window: Window,
) -> Result<Report, Error> {
    let mut evidence = ingest::ingest(paths, options)?;
    evidence.check_recognised()?;
    let timeline = timeline::build_placed(&evidence.digest, organization)?;
    let facts = std::mem::take(&mut evidence.digest.facts);
    let (digest, coverage) = (&evidence.digest, &evidence.coverage);
    let spill = evidence.spill.as_ref();
    let mail = Mail::count_within(facts, digest, &timeline, coverage, organization, window, spill)
        .map_err(|e| Error::Internal(e.to_string()))?;
    evidence.check_spilled()?;
    let case = Case {
        organization,
        window,
        digest,
        coverage,
        timeline: &timeline,
        mail: &mail,
        index: indicators::Index::default(),
    };
    let findings: Vec<Vec<Finding>> = timeline
        .connectors
        .par_iter()
        .map(|connector| {
            indicators::registry()
                .into_iter()
                .map(|i| i.assess(&case, connector))
                .collect()
        })
        .collect();
    let judgement = verdict::judge(&case, findings);

    let (paths, exhibits) = (evidence.paths(), evidence.exhibits());
    let shown = traffic::show(&case, &judgement, &Cites { paths: &paths }, &evidence.again());
    let read = Read {
        exhibits: &exhibits,
        paths: &paths,
        unreadable: &evidence.unreadable,
        ledger: &evidence.ledger,
    };
    let report = assemble(&case, &judgement, &read, shown);
    evidence.check_unchanged()?;
    Ok(report)
}
