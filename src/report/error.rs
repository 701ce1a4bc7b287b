//! What can go wrong between a finished report and its files, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::model::SCHEMA_VERSION;
use crate::evidence::DiscoverError;

/// Why a report could not be written, read again or verified.
#[derive(Debug, Error)]
pub enum ReportError {
    #[error("{} lies inside the evidence {}", dir.display(), evidence.display())]
    InsideEvidence { dir: PathBuf, evidence: PathBuf },
    #[error("{} holds the evidence {}, and replacing it would delete that", dir.display(), evidence.display())]
    HoldsEvidence { dir: PathBuf, evidence: PathBuf },
    #[error("{} holds {}, which it would be made from, and replacing it would delete that", dir.display(), report.display())]
    HoldsInput { dir: PathBuf, report: PathBuf },
    #[error(transparent)]
    Evidence(#[from] DiscoverError),
    #[error("{} is no report directory", .0.display())]
    NoReport(PathBuf),
    #[error("{} is a link to a place that does not exist", .0.display())]
    DanglingLink(PathBuf),
    #[error("{} holds the current directory", .0.display())]
    HoldsWorkingDirectory(PathBuf),
    #[error("{} exists and is not a report of relaytrail", .0.display())]
    Foreign(PathBuf),
    #[error("{} exists and is not a directory", .0.display())]
    NotADirectory(PathBuf),
    #[error("{} does not name a directory to create", .0.display())]
    NoName(PathBuf),
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the report is complete in {}, but the earlier one could not be removed from {}: {source}", dir.display(), old.display())]
    Leftover {
        dir: PathBuf,
        old: PathBuf,
        source: io::Error,
    },
    #[error("the report could not be moved into place, and the earlier one now lies in {}: {source}", old.display())]
    NotPutBack { old: PathBuf, source: io::Error },
    #[error("{} is not a {what} of relaytrail: {source}", path.display())]
    Malformed {
        what: &'static str,
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("{} has schema version {found}, and this program reads version {SCHEMA_VERSION}", path.display())]
    SchemaVersion { path: PathBuf, found: String },
    #[error("{0:?} is not a time in UTC such as 2026-03-02T07:00:00Z")]
    Time(String),
    #[error("cannot lay out the page: {0}")]
    Page(#[from] askama::Error),
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
    #[error("cannot write CSV: {0}")]
    Csv(#[from] csv::Error),
    #[error("cannot write the workbook: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

impl ReportError {
    /// Wraps what the operating system said with what was tried on which path.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// What the user can do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::InsideEvidence { .. } => {
                Some("evidence is never written to; choose an --out outside the folders given as evidence")
            }
            Self::HoldsEvidence { .. } => {
                Some("choose an --out that does not hold the evidence, such as a new directory beside it")
            }
            Self::HoldsInput { .. } => Some("choose another --out, such as a new directory beside it"),
            Self::NoReport(_) => Some("give the directory that holds report.json and manifest.json"),
            Self::DanglingLink(_) => Some("remove the link or make what it points to, or choose another --out"),
            Self::HoldsWorkingDirectory(_) => Some("choose a new directory for --out"),
            Self::Foreign(_) => {
                Some("choose a directory that does not exist yet, or pass --force to delete what is in this one")
            }
            Self::NotADirectory(_) | Self::NoName(_) => Some("choose a directory that does not exist yet for --out"),
            Self::Io { action: "read", .. } => None,
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                    Some("another program wrote there meanwhile; run again, or choose another --out")
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Some("choose an --out in a directory that you may write to")
                }
                io::ErrorKind::NotADirectory => Some("a part of the path is a file; choose another --out"),
                io::ErrorKind::StorageFull => Some("free some space, or choose an --out on another disk"),
                _ => None,
            },
            Self::Leftover { .. } => Some("remove the earlier report by hand"),
            Self::NotPutBack { .. } => Some("rename it back by hand"),
            Self::SchemaVersion { .. } => {
                Some("read it with the version of relaytrail that wrote it, or analyze the evidence again")
            }
            Self::Malformed { .. } => Some("give the path of a file that relaytrail wrote and nobody edited"),
            Self::Evidence(_)
            | Self::Time(_)
            | Self::Page(_)
            | Self::Json(_)
            | Self::Write(_)
            | Self::Csv(_)
            | Self::Xlsx(_) => None,
        }
    }
}
