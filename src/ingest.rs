//! From paths to a sealed digest: the first three rooms, for every verb that reads evidence.

mod parts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::digest::coverage::{Coverage, FileSummary};
use crate::digest::fold::Fold;
use crate::digest::{Digest, coverage, fingerprints};
use crate::error::Error;
use crate::evidence::{self, Caps, DiscoverError, Entry, Opened, Progress, ReadOptions, Shape, Source, Unheeded};
use crate::progress::Bar;
use crate::records::{self, Kind, Reader, Recognition};
use crate::report::clean;
use crate::report::model::{Exhibit, Unreadable};
use crate::report::words::Again;

pub use parts::Part;
use parts::Reread;

/// Files that an error names.
const NAMED: usize = 5;

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

/// Lists what the paths name.
///
/// # Errors
/// When a path names nothing, or no file lies below any.
pub fn discover(paths: &[PathBuf], org: Option<&Path>, caps: Caps) -> Result<evidence::Discovery, Error> {
    let found = evidence::discover(paths, org, caps).map_err(|e| match e {
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
/// When nothing of the evidence can be read.
pub fn ingest(paths: &[PathBuf], org: Option<&Path>, caps: Caps) -> Result<Evidence, Error> {
    let found = discover(paths, org, caps)?;
    let bar = Bar::new(found.files.iter().map(evidence::Located::length).sum());
    let (read, mut digest) = read_all(&found.files, &bar);
    bar.done();

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
    digest.seal();
    ledger.sort_by_key(|e: &Entry| e.origin);
    unreadable.sort_by(|a, b| a.path.cmp(&b.path));
    let summaries = count_duplicates(&mut files, &mut digest);
    let coverage = coverage::assess(&digest, &summaries);
    // Nothing asks for the marks again, and they are many.
    digest.fingerprints = BTreeMap::new();
    Ok(Evidence {
        files,
        digest,
        coverage,
        ledger,
        unreadable,
    })
}

/// A file with what the ledger says of it, or why it could not be read to its end.
type FileRead = (File, Result<Vec<Entry>, String>);

/// Files that are read at the same time, at most. Each is split on all cores and hashed on one; the more of them, the more
/// hashes run at once and the more of them lies in memory.
const AT_ONCE: usize = 8;

/// Reads all files, the longest first: what is begun last should end soon. The files come in their own order; their
/// digests are merged as they come, for their order does not matter.
fn read_all(files: &[evidence::Located], progress: &dyn Progress) -> (Vec<FileRead>, Digest) {
    let mut order: Vec<(usize, &evidence::Located)> = files.iter().enumerate().collect();
    order.sort_by_key(|(_, located)| std::cmp::Reverse(located.length()));
    // The lanes wait for the pool. A thread of the pool that waited for them could leave nobody to do the work.
    let within_pool = rayon::current_thread_index().is_some();
    let most = if within_pool { 1 } else { AT_ONCE };
    let at_once = files.len().min(rayon::current_num_threads()).clamp(1, most);
    let mut options = ReadOptions::default();
    options.wave /= at_once;
    options.window /= at_once;
    let next = AtomicUsize::new(0);
    let lane = || {
        let (mut read, mut digest) = (Vec::new(), Digest::default());
        while let Some((index, located)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (file, pass) = read_one(located, *index, &options, progress);
            let entries = pass.map(|pass| {
                digest.absorb(pass.digest);
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
    }
    read.sort_by_key(|(index, _)| *index);
    (read.into_iter().map(|(_, file)| file).collect(), digest)
}

/// What one pass over one file gave.
struct Pass {
    digest: Digest,
    ledger: Vec<Entry>,
}

fn read_one(
    located: &evidence::Located,
    index: usize,
    options: &ReadOptions,
    progress: &dyn Progress,
) -> (File, Result<Pass, String>) {
    let mut file = File {
        path: located.path.clone(),
        reader: None,
        parts: Vec::new(),
        place: None,
        exhibit: None,
    };
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    let opened = match evidence::open(located, index) {
        Ok(opened) => opened,
        Err(e) => return (file, Err(e.to_string())),
    };
    let mut notes = Vec::new();
    match records::recognise(&opened.shape) {
        Recognition::Known(reader) => file.reader = Some(reader),
        Recognition::Unknown { .. } if located.note.is_some() => {}
        Recognition::Unknown { seen, nearest, missing } => notes = unknown(&opened, &seen, nearest, &missing),
    }
    notes.extend(located.note.clone());
    let known = file.reader.as_deref();
    if known.is_some_and(|reader| reader.kind() == Kind::MessageTrace) {
        // A report quotes the words of messages.
        opened.keep_copy();
    }
    // Of a compressed file nobody knows how much it will give: it counts once it is read, with its length on the disk.
    let (shown, whole) = match opened.is_compressed() {
        true => (&() as &dyn Progress, located.length()),
        false => (progress, None),
    };
    let read = match known {
        Some(reader) => evidence::read(&opened, &opened.shape, &|| Fold::new(reader), options, shown).map(|outcome| {
            let place = opened.exhibit(&outcome);
            let digest = outcome.sink.map(|fold| fold.digest).unwrap_or_default();
            (digest, place, outcome.tally)
        }),
        None => evidence::read::<Unheeded>(&opened, &Shape::Unknown, &|| Unheeded, options, shown)
            .map(|outcome| (Digest::default(), opened.exhibit(&outcome), outcome.tally)),
    };
    let (mut digest, place, mut tally) = match read {
        Ok(read) => read,
        Err(e) => return (file, Err(e.to_string())),
    };
    progress.advance(whole.unwrap_or_default());
    if let Some(reader) = known {
        match parts::reread(&place, &tally.headers, reader, options) {
            Ok(Reread::Parted(read)) => {
                notes.push(read.note);
                (file.parts, digest, tally) = (read.parts, read.digest, read.tally);
            }
            Ok(Reread::Impossible(note)) => notes.push(note),
            Ok(Reread::Not) => {}
            Err(e) => return (file, Err(e.to_string())),
        }
    }
    if tally.resynchronisations > 0 {
        notes.push(format!(
            "reading lost its place {} times and went on at the next line",
            tally.resynchronisations
        ));
    }
    let unlisted = tally.degraded + tally.rejected - tally.ledger.len() as u64;
    if unlisted > 0 {
        notes.push(format!(
            "{unlisted} more rows that were not used whole are counted but not listed"
        ));
    }
    if let Some(shifted) = place.shifted {
        notes.push(format!(
            "{} bytes from byte {} on are no text: a byte too many or too few stands before them in {}, and the rows in them \
             are lost; mend a copy of the file there and run again",
            shifted.bytes,
            shifted.offset,
            place.encoding.name()
        ));
    }
    if tally.impossible {
        notes.push(
            "bytes in it cannot be UTF-8: cells that hold such and no others beyond ASCII are read as Windows-1252"
                .into(),
        );
    }
    notes.extend(of_packing(&place));
    if let Some(reason) = place.copy_lost() {
        notes.push(format!(
            "no copy of the stream could be kept ({reason}): a report lacks the ids and addresses of its messages; give it as a file"
        ));
    }
    let seen = digest.observed.get(&index);
    let format = match &located.source {
        Source::Archive(_) => ARCHIVE,
        _ => known.map_or("unrecognised", Reader::format),
    };
    file.exhibit = Some(Exhibit {
        path: place.path.clone(),
        sha256: place.sha256.clone(),
        bytes: place.bytes,
        kind: known.map_or(Kind::Unrecognised, Reader::kind).as_str().into(),
        format: format.into(),
        encoding: place.encoding.name().into(),
        compression: place.compression.map(str::to_owned),
        records: tally.records,
        accepted: tally.accepted,
        degraded: tally.degraded,
        duplicates: 0,
        rejected: tally.rejected,
        first_time: seen.and_then(|o| o.first).map(|t| t.to_string()),
        last_time: seen.and_then(|o| o.last).map(|t| t.to_string()),
        time_note: known.and_then(Reader::time_note),
        notes,
    });
    file.place = Some(place);
    (
        file,
        Ok(Pass {
            digest,
            ledger: tally.ledger,
        }),
    )
}

/// The format of a zip archive, whose members stand beside it.
pub const ARCHIVE: &str = "zip";

/// What a reader should know of a file that was compressed.
fn of_packing(place: &evidence::Exhibit) -> Vec<String> {
    let content = place.content.as_ref();
    let content = content.map(|(bytes, sha256)| format!("{bytes} bytes once decompressed, with SHA-256 {sha256}"));
    let damage = place.damage.as_ref().map(ToString::to_string);
    content.into_iter().chain(damage).collect()
}

fn unknown(opened: &Opened, seen: &str, nearest: Option<&str>, missing: &[String]) -> Vec<String> {
    let mut notes = vec![match &opened.shape {
        _ if opened.length() == Some(0) => "an empty file".to_owned(),
        Shape::Unknown => match opened.container {
            Some(container) => format!("{container}, which is not unpacked: unpack it and give the folder"),
            None => "neither CSV nor JSON".to_owned(),
        },
        Shape::Json { sample } if sample.iter().all(|s| s.trim() == "{}") => {
            "JSON without any object: an export that found nothing, and nothing in it tells of what".to_owned()
        }
        _ => format!("seen: {seen}"),
    }];
    if let Some(nearest) = nearest {
        notes.push(format!(
            "nearest known export: {nearest}, which also has {}",
            missing.join(", ")
        ));
    }
    notes
}

/// Moves duplicate rows out of the accepted and degraded ones, file by file.
fn count_duplicates(files: &mut [File], digest: &mut Digest) -> Vec<FileSummary> {
    let duplicates = fingerprints::duplicates(&mut digest.fingerprints);
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
                let again = u32::try_from(index)
                    .ok()
                    .and_then(|i| duplicates.get(&i))
                    .copied()
                    .unwrap_or_default();
                let accepted = again.accepted.min(exhibit.accepted);
                let degraded = again.degraded.min(exhibit.degraded);
                exhibit.accepted -= accepted;
                exhibit.degraded -= degraded;
                exhibit.duplicates = accepted + degraded;
                summary.records = exhibit.records;
                summary.duplicates = exhibit.duplicates;
                summary.rejected = exhibit.rejected;
            }
            summary
        })
        .collect()
}

#[cfg(test)]
mod tests;
