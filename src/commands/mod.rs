//! The verbs of the command line, one file each.

pub mod analyze;
pub mod explain;
pub mod inspect;
mod memory;
pub mod messages;
mod shell;
pub mod timeline;
pub mod verify;

use std::io::IsTerminal;
use std::path::Path;

use crate::cli::{Evidence as EvidenceArgs, Span};
use crate::error::Error;
use crate::ingest::{ARCHIVE, Evidence, Options};
use crate::records::{Dating, Kind, Time};
use crate::report::clean;
use crate::report::model::{Exhibit, Unreadable};
use crate::report::terminal::Screen;
use crate::settings::{self, Organization, Window};
use crate::timeline::{Connector, Timeline};

/// Files of no known export that are named in warnings.
const NAMED: usize = 5;

/// How the command line says that dates are to be read.
fn dating(evidence: &EvidenceArgs) -> Result<Dating, Error> {
    let zone = match evidence.time_zone.as_deref() {
        None => None,
        Some(name) => Some(settings::time_zone(name).map_err(|nearest| {
            let hint = nearest.map_or(String::new(), |n| format!("; did you mean {n}?"));
            Error::Usage(format!(
                "--time-zone {name}: not an IANA time zone such as Europe/Berlin{hint}"
            ))
        })?),
    };
    Ok(Dating {
        order: evidence.date_order.map(Into::into),
        zone,
    })
}

/// How the command line says that evidence is to be read.
fn options(evidence: &EvidenceArgs) -> Result<Options<'_>, Error> {
    Ok(Options {
        org: evidence.org.as_deref(),
        caps: evidence.caps(),
        dating: dating(evidence)?,
        memory: Some(evidence.memory.unwrap_or_else(memory::default)),
        temp: temp(evidence)?,
    })
}

/// The directory for what finds no room in memory, if one was named.
fn temp(evidence: &EvidenceArgs) -> Result<Option<&Path>, Error> {
    let Some(dir) = evidence.temp.as_deref() else {
        return Ok(None);
    };
    match dir.metadata() {
        Ok(found) if found.is_dir() => {
            // Copies of streams and of unpacked files lie there too. A directory that was set before is the same one.
            let _ = tempfile::env::override_temp_dir(dir);
            Ok(Some(dir))
        }
        Ok(_) => Err(Error::Usage(format!("--temp {}: not a directory", dir.display()))),
        Err(e) => Err(Error::Usage(format!("--temp {}: {e}", dir.display()))),
    }
}

/// What is meant by the options that several verbs share.
fn settings(evidence: &EvidenceArgs, span: Option<&Span>) -> Result<(Organization, Window), Error> {
    let organization = match &evidence.org {
        Some(path) => settings::read(path)?,
        None => Organization::default(),
    };
    let time = |name: &str, text: Option<&String>, read: fn(&str) -> Option<Time>| match text {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| {
            Error::Usage(format!(
                "--{name} {text}: not a time; write a date or RFC 3339, such as 2026-03-02T08:00:00Z"
            ))
        }),
    };
    let window = Window {
        from: time("from", span.and_then(|s| s.from.as_ref()), settings::time)?,
        to: time("to", span.and_then(|s| s.to.as_ref()), settings::end)?,
    };
    if let (Some(from), Some(to)) = (window.from, window.to)
        && to < from
    {
        return Err(Error::Usage(format!("--to {to} lies before --from {from}")));
    }
    Ok((organization, window))
}

/// Names on standard error what could not be read, and what was read and is no export that is known.
fn warn(evidence: &Evidence) {
    warn_of_unreadable(&evidence.unreadable);
    warn_of_dates(&evidence.exhibits());
    // Where no file is known, the error that follows says so.
    if evidence.check_recognised().is_ok() {
        warn_of_unrecognised(&evidence.exhibits());
    }
}

fn warn_of_unreadable(files: &[Unreadable]) {
    for file in files {
        anstream::eprintln!(
            "warning: {} could not be read: {}",
            clean::line(&file.path),
            clean::line(&file.reason)
        );
    }
}

/// Names on standard error the files whose dates nothing settles.
fn warn_of_dates(exhibits: &[Exhibit]) {
    for exhibit in exhibits {
        if let Some(warning) = &exhibit.warning {
            anstream::eprintln!("warning: {}: {}", clean::line(&exhibit.path), clean::line(warning));
        }
    }
}

fn warn_of_unrecognised(exhibits: &[Exhibit]) {
    let unknown = |e: &&Exhibit| e.kind == Kind::Unrecognised.as_str() && e.format != ARCHIVE;
    for exhibit in exhibits.iter().filter(unknown).take(NAMED) {
        // Whoever keeps it beside the evidence is glad to be reminded; it is still never taken as evidence.
        let advice = match exhibit.path.rsplit('/').next() {
            Some("org.toml") => " (to use it, give it with --org)",
            _ => "",
        };
        anstream::eprintln!(
            "warning: {} is no export that is known: {}{advice}",
            clean::line(&exhibit.path),
            clean::line(&exhibit.notes.join("; "))
        );
    }
    let more = exhibits.iter().filter(unknown).count().saturating_sub(NAMED);
    if more > 0 {
        anstream::eprintln!("warning: and {more} more; `relaytrail inspect` names them all");
    }
}

/// Columns of the terminal, or what COLUMNS says; `None` where standard output is no terminal.
fn terminal_width() -> Option<usize> {
    let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let columns = told.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))?;
    Some(columns.clamp(40, 200))
}

/// Columns that sentences are set in.
fn width() -> usize {
    terminal_width().unwrap_or(80)
}

/// The room for a summary: on a terminal its columns and rows (COLUMNS and LINES overrule them); elsewhere nothing limits
/// the rows.
fn screen() -> Screen {
    let told = std::env::var("LINES").ok().and_then(|rows| rows.parse().ok());
    let rows = || {
        let size = std::io::stdout().is_terminal().then(terminal_size::terminal_size)?;
        size.map(|(_, height)| usize::from(height.0))
    };
    Screen {
        width: width(),
        height: told.or_else(rows),
    }
}

/// Whether a connector ever bore the name, or has it as its GUID.
fn is_called(connector: &Connector, name: &str) -> bool {
    let name = name.trim();
    connector.names.iter().any(|n| n.eq_ignore_ascii_case(name))
        || connector.name.eq_ignore_ascii_case(name)
        || connector
            .id
            .as_deref()
            .is_some_and(|id| id.eq_ignore_ascii_case(name.trim_matches(['{', '}'])))
}

/// The error for a name that no connector bore, with those there are.
fn no_such_connector(timeline: &Timeline, name: &str) -> Error {
    let names: Vec<String> = timeline
        .connectors
        .iter()
        .map(|c| format!("\"{}\"", clean::line(&c.name)))
        .collect();
    let known = if names.is_empty() {
        "the evidence names none".to_owned()
    } else {
        format!("there are {}", names.join(", "))
    };
    Error::Usage(format!("no connector was ever called \"{name}\"; {known}"))
}

/// Breaks a text into lines of at most `width` characters, at spaces.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
