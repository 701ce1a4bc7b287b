//! Where a report may be written: what is refused before the long work starts.

use std::env;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::error::ReportError;
use super::manifest;

/// A directory that may be created or replaced.
#[derive(Debug)]
pub struct Target {
    /// Absolute, without symlinks.
    pub dir: PathBuf,
    /// Whether something stands there that the report takes the place of.
    pub replaces: bool,
}

impl Target {
    /// Decides whether a report may be written to `dir`.
    ///
    /// Refused are: a directory in the evidence or one of its files, because evidence is never written to; one that
    /// holds evidence or the current directory, because replacing deletes it; and, without `force`, one that
    /// exists and is not a report of relaytrail. Evidence paths that do not exist (`-`, say) are passed over.
    pub fn check(dir: &Path, force: bool, evidence: &[PathBuf]) -> Result<Self, ReportError> {
        let shown = dir.to_path_buf();
        let dir = resolve(dir)?;
        if dir.file_name().is_none() {
            return Err(ReportError::NoName(shown));
        }
        for given in evidence {
            let Ok(real) = fs::canonicalize(given) else {
                continue;
            };
            let evidence = given.clone();
            if dir.starts_with(&real) {
                return Err(ReportError::InsideEvidence { dir: shown, evidence });
            }
            if real.starts_with(&dir) {
                return Err(ReportError::HoldsEvidence { dir: shown, evidence });
            }
        }
        let replaces = match fs::metadata(&dir) {
            Ok(found) if !found.is_dir() => return Err(ReportError::NotADirectory(shown)),
            Ok(_) => true,
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(e) => return Err(ReportError::io("look at", &shown)(e)),
        };
        if replaces {
            let here = env::current_dir().and_then(fs::canonicalize);
            if here.is_ok_and(|here| here.starts_with(&dir)) {
                return Err(ReportError::HoldsWorkingDirectory(shown));
            }
            if !force && !manifest::is_report(&dir) {
                return Err(ReportError::Foreign(shown));
            }
        }
        Ok(Self { dir, replaces })
    }
}

/// The absolute path without symlinks of a path whose last parts need not exist yet.
fn resolve(path: &Path) -> Result<PathBuf, ReportError> {
    let look = ReportError::io("look at", path);
    let mut resolved = match env::current_dir() {
        Ok(here) => here,
        Err(e) => return Err(look(e)),
    };
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                resolved.pop();
            }
            _ => resolved.push(part),
        }
        // Each part in turn, so that `..` behind a symlink leads where the system would go.
        match fs::canonicalize(&resolved) {
            Ok(real) => resolved = real,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if fs::symlink_metadata(&resolved).is_ok() {
                    // A link to nowhere: what would be created is not what was named.
                    return Err(ReportError::DanglingLink(path.to_path_buf()));
                }
            }
            Err(e) => return Err(look(e)),
        }
    }
    Ok(resolved)
}
