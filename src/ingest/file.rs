//! One file of the evidence, read once; where all of its rows show that its dates were misread, once more.

use super::File;
use super::watch::Watched;
use crate::digest::Digest;
use crate::evidence::{self, Entry, Opened, Progress, ReadOptions, Shape};
use crate::records::{self, DateTally, Dating, Kind, Reader, Recognition};
use crate::report::model::Exhibit;

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
    progress: &dyn Progress,
) -> (File, Result<Pass, String>) {
    let mut file = File {
        path: located.path.clone(),
        reader: None,
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
        Recognition::Unknown { seen, nearest, missing } => {
            notes = unknown(&opened, &seen, nearest, &missing);
            None
        }
    };
    let (mut time_note, mut warning, mut open_dates) = (None, None, 0);
    let read = match &mut reader {
        Some(reader) => read_known(&opened, reader, options, dating, progress).map(|read| {
            time_note = read.time_note;
            open_dates = read.open_dates;
            warning = read.warning;
            (read.digest, read.place, read.tally)
        }),
        None => evidence::read::<Nothing>(&opened, &Shape::Unknown, &|| Nothing, options, progress)
            .map(|outcome| (Digest::default(), opened.exhibit(&outcome), outcome.tally))
            .map_err(|e| e.to_string()),
    };
    file.reader = reader;
    let known = file.reader.as_deref();
    let (digest, place, tally) = match read {
        Ok(read) => read,
        Err(e) => return (file, Err(e)),
    };
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
    file.exhibit = Some(Exhibit {
        path: place.path.clone(),
        sha256: place.sha256.clone(),
        bytes: place.bytes,
        kind: known.map_or(Kind::Unrecognised, Reader::kind).as_str().into(),
        format: known.map_or("unrecognised", Reader::format).into(),
        encoding: place.encoding.name().into(),
        compression: None,
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
    progress: &dyn Progress,
) -> Result<Known, String> {
    let order = reader.dates().map(|dates| dates.order);
    let is_open = reader.dates().is_some_and(|dates| dates.may_turn());
    if reader.kind().is_of_messages() || is_open {
        // A report quotes the words of messages.
        opened.keep_copy();
    }
    let (digest, tally, place, dates) = pass(opened, &**reader, options, progress)?;
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
            let (digest, tally, place, _) = pass(&reopened, &*again, options, &())?;
            if place.sha256 != read.place.sha256 {
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
    progress: &dyn Progress,
) -> Result<(Digest, evidence::Tally, evidence::Exhibit, DateTally), String> {
    let outcome = evidence::read(
        opened,
        &opened.shape,
        &|| Watched::new(reader, opened.file),
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

/// A sink for files that only need a hash; none is ever made.
struct Nothing;

impl evidence::Sink for Nothing {
    fn row(&mut self, _: &evidence::Row<'_>, _: evidence::Origin) -> evidence::Fate {
        evidence::Fate::Accepted
    }

    fn shift_records(&mut self, _: u32) {}

    fn absorb(&mut self, _: Self) {}
}

fn unknown(opened: &Opened, seen: &str, nearest: Option<&str>, missing: &[String]) -> Vec<String> {
    let mut notes = vec![match &opened.shape {
        _ if opened.length() == Some(0) => "an empty file".to_owned(),
        Shape::Unknown => "neither CSV nor JSON".to_owned(),
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
