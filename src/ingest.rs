//! From paths to a sealed digest: the first three rooms, for every verb that reads evidence.

mod file;
mod link;
mod parts;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::digest::coverage::{Coverage, FileSummary};
use crate::digest::spill::Spill;
use crate::digest::{Digest, Duplicates, coverage, fingerprints};
use crate::error::Error;
use crate::evidence::{self, Caps, DiscoverError, Entry, Progress, ReadOptions, Reason};
use crate::progress::Bar;
use crate::records::{Dating, Kind, Reader};
use crate::report::clean;
use crate::report::model::{Exhibit, Unreadable};
use crate::report::words::Again;

use self::file::read_one;
pub use self::file::{ARCHIVE, lines, unknown};
pub use self::parts::Part;

/// Files that an error names.
const NAMED: usize = 5;

/// How evidence is read, as far as it does not say so itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// The file given as org.toml: no evidence, wherever it lies.
    pub org: Option<&'o Path>,
    /// What may come of compressed evidence.
    pub caps: Caps,
    pub dating: Dating,
    /// Bytes of memory for what is kept of the rows, and the directory for what finds no room there: the system's for
    /// temporary files unless told. Without a bound all is kept in memory.
    pub memory: Option<u64>,
    pub temp: Option<&'o Path>,
}

/// Evidence, read.
pub struct Evidence {
    /// In the order of [`records::Origin::file`].
    pub files: Vec<File>,
    /// Sealed.
    pub digest: Digest,
    pub coverage: Coverage,
    /// In order of path and record.
    pub ledger: Vec<Entry>,
    pub unreadable: Vec<Unreadable>,
    /// Where what finds no room in memory goes; `None` where memory has no bound.
    pub spill: Option<Spill>,
}

/// One file of the evidence.
pub struct File {
    /// Its name in the report.
    pub path: String,
    pub reader: Option<Box<dyn Reader>>,
    /// Parts of it that begin with another header.
    pub parts: Vec<Part>,
    /// Where to find it again; `None` where it could not be read to its end.
    pub place: Option<evidence::Exhibit>,
    /// What the report says of it; `None` where it could not be read to its end.
    pub exhibit: Option<Exhibit>,
}

impl Evidence {
    /// The path of every file, in the order of [`records::Origin::file`].
    pub fn paths(&self) -> Vec<String> {
        self.files.iter().map(|f| f.path.clone()).collect()
    }

    /// What the report says of the files that were read to their end.
    pub fn exhibits(&self) -> Vec<Exhibit> {
        self.files.iter().filter_map(|f| f.exhibit.clone()).collect()
    }

    /// Every file, to be read again for the words of its rows.
    pub fn again(&self) -> Vec<Option<Again<'_>>> {
        self.files
            .iter()
            .map(|f| {
                f.reader.as_deref().zip(f.place.as_ref()).map(|(reader, place)| Again {
                    place,
                    reader,
                    parts: f.parts.iter().filter_map(Part::again).collect(),
                })
            })
            .collect()
    }

    /// Fails where no file is an export that is known: then there is nothing to analyse.
    ///
    /// # Errors
    /// Says of the first files what they look like.
    pub fn check_recognised(&self) -> Result<(), Error> {
        if self.files.iter().any(|f| f.reader.is_some() && f.exhibit.is_some()) {
            return Ok(());
        }
        let said = self.files.iter().filter_map(|f| f.exhibit.as_ref());
        let said: Vec<String> = said
            .take(NAMED)
            .map(|e| format!("\n  {}: {}", clean::line(&e.path), clean::line(&e.notes.join("; "))))
            .collect();
        Err(Error::NothingReadable(format!(
            "no file of the evidence is an export that is known (docs/evidence.md lists them){}",
            said.concat()
        )))
    }

    /// Fails where what found no room in memory could not be written.
    ///
    /// # Errors
    /// Names the directory and the reason.
    pub fn check_spilled(&self) -> Result<(), Error> {
        self.spill.as_ref().map_or(Ok(()), check_spilled)
    }

    /// Fails where a file is not what it was when it was opened.
    ///
    /// # Errors
    /// Names the first such file.
    pub fn check_unchanged(&self) -> Result<(), Error> {
        match self
            .files
            .iter()
            .find(|f| f.place.as_ref().is_some_and(|p| !p.unchanged()))
        {
            Some(file) => Err(Error::EvidenceChanged(file.path.clone())),
            None => Ok(()),
        }
    }
}

fn check_spilled(spill: &Spill) -> Result<(), Error> {
    match spill.failure() {
        Some(reason) => Err(Error::Spill {
            dir: spill.dir().to_owned(),
            reason: reason.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Lists what the paths name.
///
/// # Errors
/// When a path names nothing, or no file lies below any.
pub fn discover(paths: &[PathBuf], options: &Options<'_>) -> Result<evidence::Discovery, Error> {
    let found = evidence::discover(paths, options.org, options.caps).map_err(|e| match e {
        DiscoverError::StandardInputTwice => Error::Usage(e.to_string()),
        _ => Error::NothingReadable(clean::line(&e.to_string()).into_owned()),
    })?;
    if found.files.is_empty() {
        return Err(Error::NothingReadable(match found.unreadable.first() {
            Some(u) => format!(
                "no file of the evidence can be read; {}: {}",
                clean::line(&u.path),
                clean::line(&u.reason)
            ),
            None => "the evidence holds no files; give a folder of exports, files, or - for standard input".into(),
        }));
    }
    Ok(found)
}

/// Reads everything once: hashed, recognised, cut into rows, folded, merged.
///
/// # Errors
/// When nothing of the evidence can be read, or what finds no room in memory cannot be written.
pub fn ingest(paths: &[PathBuf], options: &Options<'_>) -> Result<Evidence, Error> {
    let found = discover(paths, options)?;
    let bar = Bar::new(found.files.iter().map(evidence::Located::length).sum());
    let spill = options.memory.map(|memory| {
        let dir = options.temp.map_or_else(std::env::temp_dir, Path::to_owned);
        Spill::new(memory, dir)
    });
    let (read, mut digest) = read_all(&found.files, options.dating, spill.as_ref(), &bar);
    bar.done();
    spill.as_ref().map_or(Ok(()), check_spilled)?;

    let mut unreadable: Vec<Unreadable> = found
        .unreadable
        .into_iter()
        .map(|u| Unreadable {
            path: u.path,
            reason: u.reason,
        })
        .collect();
    let (mut files, mut ledger) = (Vec::new(), Vec::new());
    for (file, entries) in read {
        match entries {
            Ok(entries) => ledger.extend(entries),
            Err(reason) => unreadable.push(Unreadable {
                path: file.path.clone(),
                reason,
            }),
        }
        files.push(file);
    }
    if files.iter().all(|f| f.exhibit.is_none()) {
        let first = unreadable
            .first()
            .map(|u| format!("; {}: {}", clean::line(&u.path), clean::line(&u.reason)))
            .unwrap_or_default();
        return Err(Error::NothingReadable(format!(
            "no file of the evidence can be read{first}"
        )));
    }
    link::by_message_id(&mut files, &mut digest, spill.as_ref().map(|s| s.share(1)));
    let summaries = count_duplicates(&mut files, &ledger, &digest);
    // Nothing asks for these marks again, and they are many.
    digest.trace_marks = BTreeMap::new();
    digest.seal_within(spill.as_ref());
    spill.as_ref().map_or(Ok(()), check_spilled)?;
    ledger.sort_by_key(|e: &Entry| e.origin);
    unreadable.sort_by(|a, b| a.path.cmp(&b.path));
    let coverage = coverage::assess(&digest, &summaries);
    digest.fingerprints = BTreeMap::new();
    Ok(Evidence {
        files,
        digest,
        coverage,
        ledger,
        unreadable,
        spill,
    })
}

/// A file with what the ledger says of it, or why it could not be read to its end.
type FileRead = (File, Result<Vec<Entry>, String>);

/// Files that are read at the same time, at most. Each is split on all cores and hashed on one; the more of them, the more
/// hashes run at once and the more of them lies in memory.
const AT_ONCE: usize = 8;

/// Reads all files, the longest first: what is begun last should end soon. The files come in their own order; their
/// digests are merged as they come, for their order does not matter.
fn read_all(
    files: &[evidence::Located],
    dating: Dating,
    spill: Option<&Spill>,
    progress: &dyn Progress,
) -> (Vec<FileRead>, Digest) {
    let mut order: Vec<(usize, &evidence::Located)> = files.iter().enumerate().collect();
    order.sort_by_key(|(_, located)| std::cmp::Reverse(located.length()));
    // The lanes wait for the pool. A thread of the pool that waited for them could leave nobody to do the work.
    let within_pool = rayon::current_thread_index().is_some();
    let most = if within_pool { 1 } else { AT_ONCE };
    let at_once = files.len().min(rayon::current_num_threads()).clamp(1, most);
    let mut options = ReadOptions::default();
    options.wave /= at_once;
    options.window /= at_once;
    // Of every lane, the digest of its files and that of the file it reads live at the same time.
    let share = spill.map(|spill| spill.share(2 * at_once));
    let next = AtomicUsize::new(0);
    let lane = || {
        let (mut read, mut digest) = (Vec::new(), Digest::default());
        while let Some((index, located)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            progress.began(&located.path);
            let (file, pass) = read_one(located, *index, &options, dating, share, progress);
            progress.ended(&located.path);
            let entries = pass.map(|pass| {
                digest.absorb(pass.digest);
                if let Some(share) = share {
                    digest.relieve(share);
                }
                pass.ledger
            });
            read.push((*index, (file, entries)));
        }
        (read, digest)
    };
    let lanes: Vec<_> = if at_once == 1 {
        vec![lane()]
    } else {
        std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..at_once).map(|_| scope.spawn(lane)).collect();
            let joined = lanes.into_iter().map(|lane| lane.join());
            joined
                .map(|lane| lane.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    };
    let (mut read, mut digest) = (Vec::new(), Digest::default());
    for (files, more) in lanes {
        read.extend(files);
        digest.absorb(more);
        if let Some(spill) = spill {
            digest.relieve(spill.share(1));
        }
    }
    read.sort_by_key(|(index, _)| *index);
    (read.into_iter().map(|(_, file)| file).collect(), digest)
}

/// Moves duplicate rows out of the accepted and degraded ones, file by file.
fn count_duplicates(files: &mut [File], ledger: &[Entry], digest: &Digest) -> Vec<FileSummary> {
    let of_records = fingerprints::duplicates(&digest.fingerprints);
    let of_rows = fingerprints::duplicates(&digest.trace_marks);
    // Spreadsheets write a line of delimiters for every row that was ever formatted: nothing is lost with it.
    let mut blank: BTreeMap<u32, u64> = BTreeMap::new();
    for entry in ledger.iter().filter(|e| e.reason == Reason::Empty) {
        *blank.entry(entry.origin.file).or_default() += 1;
    }
    files
        .iter_mut()
        .enumerate()
        .map(|(index, file)| {
            let kind = file
                .reader
                .as_deref()
                .filter(|_| file.exhibit.is_some())
                .map_or(Kind::Unrecognised, Reader::kind);
            let format = file.reader.as_deref().map_or("unrecognised", Reader::format);
            let mut summary = FileSummary {
                path: file.path.clone(),
                kind,
                format,
                shifted: file.place.as_ref().and_then(|p| p.shifted).map_or(0, |s| s.bytes),
                damage: file.place.as_ref().and_then(|p| p.damage.clone()),
                records: 0,
                duplicates: 0,
                rejected: 0,
            };
            if let Some(exhibit) = &mut file.exhibit {
                let of_file = |found: &BTreeMap<u32, Duplicates>| {
                    let index = u32::try_from(index).ok();
                    index.and_then(|i| found.get(&i)).copied().unwrap_or_default()
                };
                let mut again = of_file(&of_records);
                again += of_file(&of_rows);
                // Rows with a date that can be read in two ways were moved among the degraded ones.
                let accepted = again.accepted.min(exhibit.accepted);
                let degraded = (again.degraded + again.accepted - accepted).min(exhibit.degraded);
                exhibit.accepted -= accepted;
                exhibit.degraded -= degraded;
                exhibit.duplicates = accepted + degraded;
                let blank = u32::try_from(index)
                    .ok()
                    .and_then(|i| blank.get(&i))
                    .copied()
                    .unwrap_or_default();
                summary.records = exhibit.records.saturating_sub(blank);
                summary.duplicates = exhibit.duplicates;
                summary.rejected = exhibit.rejected.saturating_sub(blank);
            }
            summary
        })
        .collect()
}

#[cfg(test)]
mod tests;
