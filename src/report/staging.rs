//! The report directory appears whole or not at all.
//!
//! Every file is created in a hidden directory beside its place before the long work starts, so that a path that
//! cannot be written fails in the first second; two renames at the end put it there.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::ReportError;
use super::extras::Extras;
use super::hash::HashingWriter;
use super::manifest::{self, Manifest, Written};
use super::model::Report;
use super::target::Target;
use super::{WRITERS, Writer};
use super::{interrupt, leftover};

/// A report directory under construction. Dropped without [`Staging::write`] it leaves nothing behind.
#[derive(Debug)]
pub struct Staging {
    target: Target,
    scratch: Scratch,
    files: Vec<(&'static str, Writer, File)>,
    manifest: File,
}

impl Staging {
    /// Checks that a report may be written to `dir` and creates its files beside that place.
    ///
    /// `evidence` are the paths given on the command line; `force` allows a directory to be replaced that is
    /// not a report; `extras` are written besides the files that every report has. Missing parents of `dir` are
    /// created.
    ///
    /// # Errors
    /// Where `dir` lies in the evidence or holds it, holds the current directory, is a file, is not a report
    /// (without `force`), or its parent cannot be written to.
    pub fn create(dir: &Path, force: bool, extras: Extras, evidence: &[PathBuf]) -> Result<Self, ReportError> {
        let target = Target::check(dir, force, evidence)?;
        let parent = parent(&target.dir);
        fs::create_dir_all(parent).map_err(ReportError::io("create", parent))?;
        leftover::remove(&target.dir);
        let _undisturbed = interrupt::hold();
        let scratch = Scratch::create(&target.dir, "new")?;
        let create = |name: &str| {
            let path = scratch.path.join(name);
            File::create_new(&path).map_err(ReportError::io("create", &path))
        };
        let files = WRITERS
            .into_iter()
            .chain(extras.writers())
            .map(|(name, writer)| Ok((name, writer, create(name)?)))
            .collect::<Result<_, ReportError>>()?;
        let manifest = create(manifest::FILE_NAME)?;
        // Where a file system knows no locks, the process id alone tells that somebody is at work.
        let _ = manifest.try_lock();
        Ok(Self {
            target,
            scratch,
            files,
            manifest,
        })
    }

    /// Writes every file and moves the directory to its place, in exchange for an earlier report.
    ///
    /// `command_line` are the program's arguments as typed; they stand in manifest.json.
    ///
    /// # Errors
    /// Where a file cannot be written or the directory cannot be moved. The earlier report then stands as before,
    /// except after [`ReportError::NotPutBack`], which says where it is.
    pub fn write(mut self, report: &Report, command_line: &[String]) -> Result<(), ReportError> {
        let mut written = Vec::new();
        for (name, writer, file) in self.files.drain(..) {
            let path = self.scratch.path.join(name);
            let mut out = HashingWriter::new(BufWriter::with_capacity(1 << 16, file));
            writer(report, &mut out).map_err(|e| at(e, &path))?;
            let (buffer, sha256, bytes) = out.finish();
            let file = buffer
                .into_inner()
                .map_err(|e| ReportError::io("write", &path)(e.into_error()))?;
            file.sync_all().map_err(ReportError::io("write", &path))?;
            written.push(Written {
                name: name.to_string(),
                sha256,
                bytes,
            });
        }
        let manifest = Manifest::new(report, command_line, SystemTime::now(), written).to_json()?;
        let path = self.scratch.path.join(manifest::FILE_NAME);
        self.manifest
            .write_all(manifest.as_bytes())
            .and_then(|()| self.manifest.sync_all())
            .map_err(ReportError::io("write", &path))?;
        sync_dir(&self.scratch.path)?;
        self.swap()
    }

    fn swap(mut self) -> Result<(), ReportError> {
        // A signal that came now would find the earlier report moved away and the new one not yet in its place.
        let _undisturbed = interrupt::hold();
        let dir = self.target.dir.clone();
        let into_place = ReportError::io("move the report to", &dir);
        if !self.target.replaces {
            fs::rename(&self.scratch.path, &dir).map_err(into_place)?;
            self.scratch.moved = true;
            return sync_dir(parent(&dir));
        }
        // Creating it claims a free name; it goes again because not every system renames onto a directory.
        let mut aside = Scratch::create(&dir, "old")?;
        fs::remove_dir(&aside.path).map_err(ReportError::io("remove", &aside.path))?;
        fs::rename(&dir, &aside.path).map_err(ReportError::io("move away", &dir))?;
        aside.moved = true;
        if let Err(source) = fs::rename(&self.scratch.path, &dir) {
            return Err(match fs::rename(&aside.path, &dir) {
                Ok(()) => into_place(source),
                Err(_) => ReportError::NotPutBack {
                    old: aside.path.clone(),
                    source,
                },
            });
        }
        self.scratch.moved = true;
        sync_dir(parent(&dir))?;
        fs::remove_dir_all(&aside.path).map_err(|source| ReportError::Leftover {
            dir,
            old: aside.path.clone(),
            source,
        })
    }
}

/// A hidden directory beside the report's place, removed when dropped unless it was moved.
#[derive(Debug)]
struct Scratch {
    path: PathBuf,
    moved: bool,
}

impl Scratch {
    fn create(dir: &Path, what: &str) -> Result<Self, ReportError> {
        let mut stem = OsString::from(".");
        stem.push(dir.file_name().unwrap_or_default());
        let process = std::process::id();
        // A run that was killed may have left its directory behind, and process ids come again.
        for attempt in 0_u32.. {
            let mut name = stem.clone();
            name.push(format!(".{what}-{process}-{attempt}"));
            let path = dir.with_file_name(name);
            match fs::create_dir(&path) {
                Ok(()) => {
                    interrupt::remove_on_signal(&path);
                    return Ok(Self { path, moved: false });
                }
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(ReportError::io("create a directory in", parent(dir))(e)),
            }
        }
        Err(ReportError::NoName(dir.to_path_buf()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        interrupt::forget(&self.path);
        if !self.moved {
            // Nobody is left to tell, and the directory holds nothing of value.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn parent(dir: &Path) -> &Path {
    dir.parent().unwrap_or(dir)
}

/// Names the file in an error that only says that writing failed.
fn at(error: ReportError, path: &Path) -> ReportError {
    match error {
        ReportError::Write(source) => ReportError::io("write", path)(source),
        ReportError::Csv(e) => match e.into_kind() {
            csv::ErrorKind::Io(source) => ReportError::io("write", path)(source),
            kind => ReportError::io("write", path)(std::io::Error::other(format!("{kind:?}"))),
        },
        other => other,
    }
}

/// Makes renames in a directory last through a power cut, where the system lets a directory be synced.
fn sync_dir(dir: &Path) -> Result<(), ReportError> {
    if cfg!(unix) {
        File::open(dir)
            .and_then(|d| d.sync_all())
            .map_err(ReportError::io("write", dir))?;
    }
    Ok(())
}
