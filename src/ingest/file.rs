//! One file of the evidence, read once; where all of its rows show that its dates were misread, once more.

use super::File;
use super::parts::{self, Reread};
use super::watch::Watched;
use crate::digest::Digest;
use crate::digest::spill::Share;
use crate::evidence::{self, Cause, Encoding, Entry, Opened, Progress, ReadOptions, Shape, Source, Unheeded};
use crate::records::{self, DateTally, Dating, Kind, Reader, Recognition};
use crate::report::model::Exhibit;

/// The format of a zip archive, whose members stand beside it.
pub const ARCHIVE: &str = "zip";

/// What one pass over one file gave.
pub(super) struct Pass {
    pub(super) digest: Digest,
    pub(super) ledger: Vec<Entry>,
}

/// Reads one file: recognised, cut into rows, folded; a file of no known export is hashed alone.
pub(super) fn read_one(
    located: &evidence::Located,
    index: usize,
    options: &ReadOptions,
    dating: Dating,
    share: Option<Share<'_>>,
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
    let mut reader = match records::recognise_with(&opened.shape, dating) {
        Recognition::Known(reader) => Some(reader),
        Recognition::Unknown { .. } if located.note.is_some() => None,
        Recognition::Unknown { seen, nearest, missing } => {
            notes = unknown(&opened, &seen, nearest, &missing);
            None
        }
    };
    notes.extend(lines(&opened));
    notes.extend(located.note.clone());
    // Of a compressed file nobody knows how much it will give: it counts once it is read, with its length on the disk.
    let (shown, whole) = match opened.is_compressed() {
        true => (&() as &dyn Progress, located.length()),
        false => (progress, None),
    };
    let (mut time_note, mut warning, mut open_dates) = (None, None, 0);
    let read = match &mut reader {
        Some(reader) => read_known(&opened, reader, options, dating, share, shown).map(|read| {
            time_note = read.time_note;
            open_dates = read.open_dates;
            warning = read.warning;
            (read.digest, read.place, read.tally)
        }),
        None => evidence::read::<Unheeded>(&opened, &Shape::Unknown, &|| Unheeded, options, shown)
            .map(|outcome| (Digest::default(), opened.exhibit(&outcome), outcome.tally))
            .map_err(|e| e.to_string()),
    };
    file.reader = reader;
    let known = file.reader.as_deref();
    let (mut digest, place, mut tally) = match read {
        Ok(read) => read,
        Err(e) => return (file, Err(e)),
    };
    progress.advance(whole.unwrap_or_default());
    if let Some(reader) = known {
        match parts::reread(&place, &tally.headers, reader, dating, options, share) {
            Ok(Reread::Parted(read)) => {
                notes.push(read.note);
                (file.parts, digest, tally) = (read.parts, read.digest, read.tally);
            }
            Ok(Reread::Impossible(note)) => notes.push(note),
            Ok(Reread::Not) => {}
            Err(e) => return (file, Err(e.to_string())),
        }
    }
    let known = file.reader.as_deref();
    if tally.resynchronisations > 0 {
        notes.push(format!(
            "reading lost its place {} and went on at the next line",
            match tally.resynchronisations {
                1 => "once".to_owned(),
                times => format!("{times} times"),
            }
        ));
    }
    let unlisted = tally.degraded + tally.rejected - tally.ledger.len() as u64;
    if unlisted > 0 {
        notes.push(format!(
            "{unlisted} more rows that were not used whole are counted but not listed"
        ));
    }
    if let Some(shifted) = place.shifted {
        let encoding = place.encoding.name();
        let cause = match shifted.cause {
            Cause::Byte => format!("a byte too many or too few stands before them in {encoding}"),
            Cause::Encoding => {
                format!("they have one byte a character, behind {encoding}, as where files were put behind one another")
            }
        };
        notes.push(format!(
            "{} bytes from byte {} on are no text: {cause}, and the rows in them are lost; mend a copy of the file there and run again",
            shifted.bytes, shifted.offset,
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
    // A date that could be read either way is a part that is missing.
    let open_dates = open_dates.min(tally.accepted);
    if open_dates > 0 {
        notes.push(format!(
            "{open_dates} rows have a date that can be read in two ways; they count as degraded and are not listed"
        ));
    }
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
        accepted: tally.accepted - open_dates,
        degraded: tally.degraded + open_dates,
        duplicates: 0,
        rejected: tally.rejected,
        first_time: seen.and_then(|o| o.first).map(|t| t.to_string()),
        last_time: seen.and_then(|o| o.last).map(|t| t.to_string()),
        time_note,
        notes,
        warning,
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

/// What one or two passes over a file of a known export gave.
struct Known {
    digest: Digest,
    place: evidence::Exhibit,
    tally: evidence::Tally,
    time_note: Option<String>,
    /// Rows whose date nothing settles.
    open_dates: u64,
    warning: Option<String>,
}

/// Reads a file of a known export. Where all of its rows show that its dates were read in the wrong order, it is read once more
/// in the right one: that happens to files whose first rows leave it open, and saves all others a look at their end.
fn read_known(
    opened: &Opened,
    reader: &mut Box<dyn Reader>,
    options: &ReadOptions,
    dating: Dating,
    share: Option<Share<'_>>,
    progress: &dyn Progress,
) -> Result<Known, String> {
    let order = reader.dates().map(|dates| dates.order);
    let is_open = reader.dates().is_some_and(|dates| dates.may_turn());
    if reader.kind().is_of_messages() || is_open {
        // A report quotes the words of messages.
        opened.keep_copy();
    }
    let (digest, tally, place, dates) = pass(opened, &**reader, options, share, progress)?;
    let conclusion = reader.dates().map(|settled| settled.of_whole_file(&dates));
    let Some(conclusion) = conclusion.filter(|_| reader.dates().is_some_and(|d| !d.columns.is_empty())) else {
        return Ok(Known {
            time_note: reader.time_note(),
            warning: reader
                .dates()
                .and_then(|dates| dates.of_whole_file(&DateTally::default()).warning),
            open_dates: 0,
            digest,
            place,
            tally,
        });
    };
    let mut read = Known {
        digest,
        place,
        tally,
        time_note: conclusion.note,
        open_dates: conclusion.open,
        warning: conclusion.warning,
    };
    if order.is_none_or(|order| order == conclusion.order) {
        return Ok(read);
    }
    let turned = Dating {
        order: Some(conclusion.order),
        ..dating
    };
    let again = records::recognise_with(&opened.shape, turned);
    match (again, read.place.reopened().map_err(|e| e.to_string())?) {
        (Recognition::Known(again), Some(reopened)) => {
            let (digest, tally, place, _) = pass(&reopened, &*again, options, share, &())?;
            let content = read
                .place
                .content
                .as_ref()
                .map_or(&read.place.sha256, |(_, sha256)| sha256);
            if place.sha256 != *content {
                return Err("it changed while it was being read".to_owned());
            }
            (read.digest, read.tally, *reader) = (digest, tally, again);
        }
        _ => {
            // Better read in the wrong order, and said to be, than not at all.
            let said = read.time_note.take().unwrap_or_default();
            let wrong = format!("read in the other order, for a stream is read only once: give it as a file ({said})");
            (read.time_note, read.warning) = (Some(wrong.clone()), Some(wrong));
        }
    }
    Ok(read)
}

/// One pass over a file of a known export.
fn pass(
    opened: &Opened,
    reader: &dyn Reader,
    options: &ReadOptions,
    share: Option<Share<'_>>,
    progress: &dyn Progress,
) -> Result<(Digest, evidence::Tally, evidence::Exhibit, DateTally), String> {
    let outcome = evidence::read(
        opened,
        &opened.shape,
        &|| Watched::new(reader, opened.file, share),
        options,
        progress,
    );
    let outcome = outcome.map_err(|e| e.to_string())?;
    let place = opened.exhibit(&outcome);
    let (digest, dates) = outcome
        .sink
        .map(|watched| (watched.fold.digest, watched.dates))
        .unwrap_or_default();
    Ok((digest, outcome.tally, place, dates))
}

/// What a reader should know of a file that was compressed.
fn of_packing(place: &evidence::Exhibit) -> Vec<String> {
    let content = place.content.as_ref();
    let content = content.map(|(bytes, sha256)| format!("{bytes} bytes once decompressed, with SHA-256 {sha256}"));
    let damage = place.damage.as_ref().map(ToString::to_string);
    content.into_iter().chain(damage).collect()
}

/// What is said of how the lines of a table lie: of those above its header, or of all.
pub fn lines(opened: &Opened) -> Option<String> {
    const MOST: usize = 80;
    if opened.one_cell_a_line {
        return Some(
            "each line is one quoted cell, as where a spreadsheet with another list separator saved it: give the export as it was first saved"
                .to_owned(),
        );
    }
    let Shape::Csv { above, .. } = &opened.shape else {
        return None;
    };
    let text = evidence::text(above);
    let text = text.trim_start_matches('\u{feff}');
    let mut titles = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first: String = titles.next()?.chars().filter(|c| !c.is_control()).take(MOST).collect();
    Some(match titles.count() {
        0 => format!("the header stands below a line that is no row: {first}"),
        more => format!("the header stands below {} lines that are no rows: {first} …", more + 1),
    })
}

/// What is said of a file that is no known export: what was seen of it, and what it lacks to be the nearest one.
pub fn unknown(opened: &Opened, seen: &str, nearest: Option<&str>, missing: &[String]) -> Vec<String> {
    let mut notes = vec![match (&opened.shape, opened.objectless) {
        _ if opened.length().is_some_and(|n| n <= opened.encoding.mark()) => "an empty file".to_owned(),
        (Shape::Unknown | Shape::Json { .. }, Some(what)) => {
            format!("JSON without any object: it holds {what}, and no export that is known does")
        }
        (Shape::Unknown, None) if matches!(opened.encoding, Encoding::Utf32Le | Encoding::Utf32Be) => {
            "text in UTF-32, which is not read: save a copy as UTF-8".to_owned()
        }
        (Shape::Unknown, None) => match opened.container {
            Some(container) => format!("{container}, which is not unpacked: unpack it and give the folder"),
            None => "neither CSV nor JSON".to_owned(),
        },
        (Shape::Json { sample, .. }, None) if sample.iter().all(|s| s.trim() == "{}") => {
            "JSON without any object: an export that found nothing, and nothing in it tells of what".to_owned()
        }
        _ => format!("seen: {seen}"),
    }];
    match nearest {
        Some(nearest) => notes.push(format!(
            "nearest known export: {nearest}, which also has {}",
            missing.join(", ")
        )),
        None if !seen.is_empty() => notes.push("no known export has half of its names in common with it".to_owned()),
        None => {}
    }
    notes
}
