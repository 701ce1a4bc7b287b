//! `relaytrail inspect --quick`: kinds, sizes and the records at both ends of each file.

use std::io::Write;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::{day, table};
use crate::cli::{Format, Inspect};
use crate::digest::fold::Fold;
use crate::digest::observed::Observed;
use crate::error::Error;
use crate::evidence::{self, Located, Source};
use crate::ingest::{ARCHIVE, discover, lines, unknown};
use crate::records::{self, Dating, Kind, Reader, Recognition, Settled};
use crate::report::model::Unreadable;
use crate::report::{self, clean};

/// What a look at one file gave.
#[derive(Debug, Serialize)]
struct Look {
    path: String,
    /// On the disk; of a member of an archive, once unpacked.
    bytes: Option<u64>,
    kind: &'static str,
    format: &'static str,
    encoding: &'static str,
    compression: Option<&'static str>,
    /// The earliest and latest time among the records at both ends.
    first_time: Option<String>,
    last_time: Option<String>,
    /// Whether the end of the file was seen: that of a large compressed one is not, nor one with no record of the export.
    to_end: bool,
    notes: Vec<String>,
}

/// Prints what the first and last bytes of each file tell.
pub(super) fn run(args: &Inspect, out: &mut dyn Write) -> Result<(), Error> {
    let options = super::super::options(&args.evidence)?;
    let found = discover(&args.evidence.paths, &options)?;
    let looks: Vec<Result<Look, Unreadable>> = found
        .files
        .par_iter()
        .map(|located| look(located, options.dating))
        .collect();
    let unreadable = found.unreadable.iter().map(|u| Unreadable {
        path: u.path.clone(),
        reason: u.reason.clone(),
    });
    let mut unreadable: Vec<Unreadable> = unreadable.collect();
    let mut seen = Vec::new();
    for look in looks {
        match look {
            Ok(look) => seen.push(look),
            Err(file) => unreadable.push(file),
        }
    }
    unreadable.sort_by(|a, b| a.path.cmp(&b.path));
    super::super::warn_of_unreadable(&unreadable);
    if args.format == Format::Json {
        let value = json!({ "evidence": seen, "unreadable": unreadable });
        writeln!(out, "{}", report::json::pretty(&value)?)?;
        return Ok(());
    }
    let heads = vec![
        ("file", false),
        ("export", false),
        ("encoding", false),
        ("bytes", true),
        ("from", false),
        ("to", false),
    ];
    let cells = |look: &Look| {
        vec![
            clean::line(&look.path).into_owned(),
            look.format.to_owned(),
            match look.compression {
                Some(compression) => format!("{} in {compression}", look.encoding),
                None => look.encoding.to_owned(),
            },
            look.bytes.map(|b| b.to_string()).unwrap_or_default(),
            day(look.first_time.as_deref()),
            if look.to_end {
                day(look.last_time.as_deref())
            } else {
                "?".to_owned()
            },
        ]
    };
    writeln!(out, "{}", table(heads, seen.iter().map(cells).collect()).trim_fmt())?;
    for look in &seen {
        for note in &look.notes {
            writeln!(out, "{}: {}", clean::line(&look.path), clean::line(note))?;
        }
    }
    Ok(())
}

fn look(located: &Located, dating: Dating) -> Result<Look, Unreadable> {
    let failed = |e: std::io::Error| Unreadable {
        path: located.path.clone(),
        reason: e.to_string(),
    };
    let opened = evidence::open(located, 0).map_err(failed)?;
    let mut notes: Vec<String> = located.note.iter().cloned().collect();
    let reader = match records::recognise_with(&opened.shape, dating) {
        Recognition::Known(reader) => Some(reader),
        Recognition::Unknown { .. } if located.note.is_some() => None,
        Recognition::Unknown { seen, nearest, missing } => {
            notes = unknown(&opened, &seen, nearest, &missing);
            None
        }
    };
    notes.extend(lines(&opened));
    let (mut first, mut last, mut to_end) = (None, None, true);
    if let Some(reader) = reader.as_deref() {
        let ends = evidence::ends(&opened, &|| Fold::new(reader, opened.file)).map_err(failed)?;
        let observed = |folds: &[Fold<'_>]| -> Vec<Observed> {
            let observed = folds.iter().flat_map(|fold| fold.digest.observed.values());
            observed.cloned().collect()
        };
        let (head, tail) = (observed(&ends.head), ends.tail.as_deref().map(observed));
        let timeless = |seen: &[Observed]| seen.iter().all(|o| o.last.is_none());
        let both = || head.iter().chain(tail.iter().flatten());
        first = both().filter_map(|o| o.first).min();
        last = both().filter_map(|o| o.last).max();
        to_end = ends.to_end;
        if !to_end {
            notes.push("compressed: its last records are seen only by reading all of it".to_owned());
        } else if is_of_times(reader.kind()) && timeless(&head) {
            notes.push(
                "no record with a time that can be read stands at its ends; without --quick the reasons are told"
                    .to_owned(),
            );
        } else if !timeless(&head) && tail.is_some_and(|tail| timeless(&tail)) {
            to_end = false;
            notes.push(
                "what stands at its end is no record of this export, or has no time: its last time is seen only by reading all of it"
                    .to_owned(),
            );
        }
        if let Some(note) = reader.time_note()
            && reader.dates().is_some_and(Settled::may_turn)
        {
            notes.push(format!("{note}; without --quick all rows are asked"));
        }
    }
    let format = match located.source {
        Source::Archive(_) => ARCHIVE,
        _ => reader.as_deref().map_or("unrecognised", Reader::format),
    };
    Ok(Look {
        path: located.path.clone(),
        bytes: located.length(),
        kind: reader.as_deref().map_or(Kind::Unrecognised, Reader::kind).as_str(),
        format,
        encoding: opened.encoding.name(),
        compression: opened.compression(),
        first_time: first.map(|t| t.to_string()),
        last_time: last.map(|t| t.to_string()),
        to_end,
        notes,
    })
}

/// Whether the records of an export say when something happened, and so what the file covers.
fn is_of_times(kind: Kind) -> bool {
    matches!(kind, Kind::AuditLog | Kind::MessageTrace | Kind::SignInLog)
}
