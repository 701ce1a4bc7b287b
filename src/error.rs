//! What ends a run, and with which exit code.

use std::path::PathBuf;

use crate::report::{ReportError, clean};
use crate::settings::OrgError;

/// Anything that keeps a run from its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Org(#[from] OrgError),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    NothingReadable(String),
    #[error("evidence changed while it was read: {0}; run again on a copy that nobody writes to")]
    EvidenceChanged(String),
    #[error("{}: no room for what --memory leaves no place for: {reason}", dir.display())]
    Spill { dir: PathBuf, reason: String },
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Places(#[from] crate::places::PlacesError),
    #[error("{0} files do not match the manifest")]
    Mismatch(usize),
    #[error("standard output: {0}")]
    Output(#[from] std::io::Error),
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// The message as a terminal may have it: names and texts from outside cannot move its cursor or hide what follows.
    pub fn shown(&self) -> String {
        let message = self.to_string();
        match self {
            // These are set over several lines, and what they quote was put on one line before.
            Error::Org(_) | Error::NothingReadable(_) => clean::text(&message).into_owned(),
            _ => clean::line(&message).into_owned(),
        }
    }

    /// What the user can do about it, where the message does not say so itself.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Error::Report(e) => e.hint(),
            Error::Spill { .. } => Some("name a directory with more room with --temp, or allow more with --memory"),
            _ => None,
        }
    }

    /// Whether somebody read our output only as far as they wanted.
    pub fn is_broken_pipe(&self) -> bool {
        let kind = match self {
            Error::Output(e) | Error::Report(ReportError::Write(e)) => Some(e.kind()),
            Error::Report(ReportError::Json(e)) => e.io_error_kind(),
            _ => None,
        };
        kind == Some(std::io::ErrorKind::BrokenPipe)
    }

    /// 2 where the command line, org.toml or a database of places is wrong, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Org(_) | Error::Usage(_) | Error::Places(_) => 2,
            _ => 1,
        }
    }
}
