//! `manifest.json`: what was read, what was written, by which version and command, and when.
//!
//! The only file with a clock time and with absolute paths (in the command line).

use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::error::ReportError;
use super::model::{Report, SCHEMA_VERSION, Tool};
use super::{hash, json};

/// The name of the manifest in a report directory.
pub const FILE_NAME: &str = "manifest.json";

/// The content of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The program that wrote the directory; a report.json may be of another version.
    pub tool: Tool,
    pub schema_version: String,
    /// When the report was written: RFC 3339 in UTC, whole seconds.
    pub created: String,
    /// The program's arguments, its own name first.
    pub command_line: Vec<String>,
    pub evidence: Vec<Evidence>,
    /// Every other file of the directory.
    pub files: Vec<Written>,
}

/// One file of the evidence, by its path relative to the PATH given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub path: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
}

/// One file of the report directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub name: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
}

impl Manifest {
    /// The manifest of a report whose files have been written.
    pub fn new(report: &Report, command_line: &[String], created: SystemTime, files: Vec<Written>) -> Self {
        let evidence = report.evidence.iter().map(|exhibit| Evidence {
            path: exhibit.path.clone(),
            sha256: exhibit.sha256.clone(),
            bytes: exhibit.bytes,
        });
        Self {
            tool: Tool {
                name: env!("CARGO_PKG_NAME").into(),
                version: env!("CARGO_PKG_VERSION").into(),
            },
            schema_version: SCHEMA_VERSION.to_string(),
            created: DateTime::<Utc>::from(created).to_rfc3339_opts(SecondsFormat::Secs, true),
            command_line: command_line.to_vec(),
            evidence: evidence.collect(),
            files,
        }
    }

    /// The manifest as it stands in its file.
    pub fn to_json(&self) -> Result<String, ReportError> {
        Ok(json::pretty(self)? + "\n")
    }

    /// Reads the manifest of a report directory.
    ///
    /// # Errors
    /// Where there is none, or it is not one of relaytrail.
    pub fn read(dir: &Path) -> Result<Self, ReportError> {
        let path = dir.join(FILE_NAME);
        let bytes = content(&path).map_err(ReportError::io("read", &path))?;
        serde_json::from_slice(&bytes).map_err(|source| ReportError::Malformed {
            what: "manifest",
            path,
            source,
        })
    }
}

/// Bytes that a manifest may have.
const LIMIT: u64 = 1 << 30;

fn content(path: &Path) -> io::Result<Vec<u8>> {
    let (file, _) = hash::open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a directory is a report of relaytrail, of whatever version: its manifest says so.
pub fn is_report(dir: &Path) -> bool {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    #[derive(Deserialize)]
    struct Probe {
        tool: Named,
    }
    content(&dir.join(FILE_NAME))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Probe>(&bytes).ok())
        .is_some_and(|probe| probe.tool.name == "relaytrail")
}
