//! Whether a report and its evidence are still what the manifest says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::WRITERS;
use super::clean;
use super::error::ReportError;
use super::hash;
use super::manifest::{self, Manifest};
use super::picked::Picked;
use crate::evidence::{Caps, Located, Source, discover, sha256};

/// The file of a report that repeats what evidence it is of.
const REPORT: &str = "report.json";

/// One file that does not match the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// As the manifest names it.
    pub path: String,
    /// Whether it is evidence, or else a file of the report.
    pub evidence: bool,
    pub problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Its SHA-256 is another one, in lower-case hexadecimal.
    Changed {
        expected: String,
        found: String,
    },
    /// Its length in bytes is another one.
    Resized {
        expected: u64,
        found: u64,
    },
    Missing,
    /// The manifest does not list a file that every report has.
    Unlisted,
    /// It lies in the report directory, and neither the manifest nor any report has it.
    Foreign,
    /// report.json and the manifest do not say the same of a file of the evidence.
    Disagreement,
    /// It could not be read; the system's reason.
    Unreadable(String),
    /// The manifest's name leads out of the directory, so it was not followed.
    Unsafe,
    /// It lies in the evidence now and was not read for the report: it came later, was none that could be read, or
    /// is the org.toml.
    Unread,
    /// Only files were named, and none of them stands for it.
    NotGiven,
}

impl Problem {
    /// Whether it is worth knowing and yet nothing differs from the manifest.
    pub fn is_a_note(&self) -> bool {
        matches!(self, Self::Unread | Self::NotGiven)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: ", clean::line(&self.path))?;
        match &self.problem {
            Problem::Changed { expected, found } => {
                write!(f, "changed: its SHA-256 was {expected} and is {found}")
            }
            Problem::Resized { expected, found } => {
                write!(f, "changed: it had {expected} bytes and has {found}")
            }
            Problem::Missing => write!(f, "missing"),
            Problem::Unlisted => write!(f, "not in the manifest"),
            Problem::Foreign => write!(f, "lies in the report and is none of its files"),
            Problem::Disagreement => write!(f, "report.json and the manifest do not say the same of it"),
            Problem::Unreadable(reason) => write!(f, "cannot be read: {reason}"),
            Problem::Unsafe => write!(f, "the manifest names it by a path that leads elsewhere"),
            Problem::Unread => write!(f, "lies in the evidence and is no part of this report"),
            Problem::NotGiven => write!(f, "was not given"),
        }
    }
}

/// Compares the files of a report directory, and the evidence under the given paths, with the manifest.
///
/// `evidence` are the same PATHs that were analyzed, wherever they lie now, or some of the files below them; without any,
/// only the report is checked. Nothing found wrong is an empty list.
///
/// # Errors
/// Where the manifest itself cannot be read, or a PATH names nothing.
pub fn verify(dir: &Path, evidence: &[PathBuf]) -> Result<Vec<Mismatch>, ReportError> {
    if !dir.is_dir() {
        return Err(ReportError::NoReport(dir.to_path_buf()));
    }
    let manifest = Manifest::read(dir)?;
    let mut mismatches = Vec::new();
    let mut note = |path: &str, evidence, problem: Option<Problem>| {
        mismatches.extend(problem.map(|problem| Mismatch {
            path: path.to_string(),
            evidence,
            problem,
        }));
    };
    for file in &manifest.files {
        let problem = if is_plain(&file.name) {
            compare(&[dir.join(&file.name)], &file.sha256, file.bytes)
        } else {
            Some(Problem::Unsafe)
        };
        note(&file.name, false, problem);
    }
    for (name, _) in WRITERS {
        let listed = manifest.files.iter().any(|f| f.name == name);
        note(name, false, (!listed).then_some(Problem::Unlisted));
    }
    for name in foreign(dir, &manifest).map_err(ReportError::io("read", dir))? {
        note(&name, false, Some(Problem::Foreign));
    }
    for path in disagreements(dir, &manifest) {
        note(&path, true, Some(Problem::Disagreement));
    }
    if !evidence.is_empty() {
        let named = named(evidence)?;
        let picked = Picked::of(evidence, &named, &manifest);
        // Where files of the manifest may lie, and the archives around them.
        let mut claimed = BTreeSet::new();
        for exhibit in &manifest.evidence {
            let problem = if !is_plain(&exhibit.path) {
                Some(Problem::Unsafe)
            } else if let Some(picked) = &picked {
                picked.compare(exhibit, &mut claimed)
            } else {
                let located = named.get(&exhibit.path);
                let member = located.filter(|l| matches!(l.source, Source::Member(..)));
                match member {
                    Some(member) => {
                        claimed.extend(member.source.path().map(Path::to_path_buf));
                        compare_member(member, &exhibit.sha256, exhibit.bytes)
                    }
                    None => {
                        let mut places = places(&exhibit.path, evidence);
                        places.extend(located.and_then(|l| l.source.path()).map(Path::to_path_buf));
                        claimed.extend(places.iter().cloned());
                        compare(&places, &exhibit.sha256, exhibit.bytes)
                    }
                }
            };
            note(&exhibit.path, true, problem);
        }
        // A report that was put beside its evidence is none of it.
        let own = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
        for (name, located) in &named {
            // What is in an archive was looked at with it.
            let Some(path) = located
                .source
                .path()
                .filter(|_| !matches!(located.source, Source::Member(..)))
            else {
                continue;
            };
            let ours = path.canonicalize().is_ok_and(|path| path.starts_with(&own));
            note(
                name,
                true,
                (!ours && !claimed.contains(path)).then_some(Problem::Unread),
            );
        }
    }
    Ok(mismatches)
}

/// What lies in a report directory and belongs to no report.
fn foreign(dir: &Path, manifest: &Manifest) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let known = name == manifest::FILE_NAME
            || WRITERS.iter().any(|(own, _)| *own == name)
            || manifest.files.iter().any(|f| f.name == name);
        if !known {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Files of the evidence of which report.json and the manifest do not say the same. A report.json that cannot be read has
/// another hash than the manifest says, which is found elsewhere.
fn disagreements(dir: &Path, manifest: &Manifest) -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Probe {
        evidence: Vec<manifest::Evidence>,
    }
    let recorded = manifest.files.iter().find(|f| f.name == REPORT);
    let read = || {
        let (file, _) = hash::open_regular(&dir.join(REPORT)).ok()?;
        let file = file.take(recorded?.bytes);
        serde_json::from_reader::<_, Probe>(BufReader::new(file)).ok()
    };
    let Some(report) = read() else {
        return BTreeSet::new();
    };
    let key = |e: &manifest::Evidence| (e.path.clone(), e.sha256.clone(), e.bytes);
    let told: BTreeSet<_> = report.evidence.iter().map(key).collect();
    let listed: BTreeSet<_> = manifest.evidence.iter().map(key).collect();
    told.symmetric_difference(&listed)
        .map(|(path, ..)| path.clone())
        .collect()
}

/// The files below the PATHs, and the members of their archives, by the names that a report gives them. It alone finds
/// names that are no UTF-8. A member that a run may have read is looked at whatever its size.
fn named(evidence: &[PathBuf]) -> Result<BTreeMap<String, Located>, ReportError> {
    let caps = Caps { member: Some(u64::MAX) };
    let found = discover(evidence, None, caps)?;
    let files = found.files.into_iter();
    Ok(files.map(|located| (located.path.clone(), located)).collect())
}

/// Whether a path stays below the directory it is joined to.
fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

/// Where a file of the evidence may lie now.
///
/// With one PATH its name is relative to that; with several it begins with the last part of its PATH, numbered
/// where two agree. All places that fit are tried, because the hash tells which is the right one.
fn places(path: &str, evidence: &[PathBuf]) -> Vec<PathBuf> {
    let path = Path::new(path);
    let mut inside = path.components();
    let first = inside.next();
    let inside = inside.as_path();
    let alone = inside.as_os_str().is_empty();
    let mut places = Vec::new();
    for root in evidence {
        let named = first.is_some_and(|first| is_named_after(first, root));
        if !root.is_file() {
            places.push(root.join(path));
        } else if path.file_name() == root.file_name() || (alone && named) {
            places.push(root.clone());
        }
        if named && !alone {
            places.push(root.join(inside));
        }
    }
    places
}

/// Whether the first part of a path may stand for this PATH: it is its last part, perhaps with a number.
fn is_named_after(first: Component, root: &Path) -> bool {
    // `.` and `..` have no last part of their own.
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    root.file_stem().is_some_and(|stem| {
        let first = first.as_os_str().to_string_lossy();
        first.contains(&*stem.to_string_lossy())
    })
}

/// [`compare`] for a member of an archive, which is unpacked as it is hashed.
fn compare_member(member: &Located, expected: &str, bytes: u64) -> Option<Problem> {
    let length = member.length().unwrap_or_default();
    // Of a member whose content breaks off, fewer bytes can be had than the archive says, and never more.
    if length < bytes {
        return Some(Problem::Resized {
            expected: bytes,
            found: length,
        });
    }
    match sha256(member) {
        Ok((found, _)) if found != bytes => Some(Problem::Resized { expected: bytes, found }),
        Ok((_, found)) => (found != expected).then(|| Problem::Changed {
            expected: expected.to_string(),
            found,
        }),
        Err(e) => Some(Problem::Unreadable(e.to_string())),
    }
}

/// `None` where one of the places holds the file with this hash and length; else what is wrong.
pub(super) fn compare(places: &[PathBuf], expected: &str, bytes: u64) -> Option<Problem> {
    let mut problem = Problem::Missing;
    for place in places {
        let looked_at = hash::open_regular(place).and_then(|(file, length)| {
            if length != bytes {
                return Ok(Some(Problem::Resized {
                    expected: bytes,
                    found: length,
                }));
            }
            let found = hash::of_file(file.take(bytes))?;
            Ok((found != expected).then(|| Problem::Changed {
                expected: expected.to_string(),
                found,
            }))
        });
        match looked_at {
            Ok(None) => return None,
            Ok(Some(other)) => problem = other,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(e) if problem == Problem::Missing => problem = Problem::Unreadable(e.to_string()),
            Err(_) => {}
        }
    }
    Some(problem)
}
