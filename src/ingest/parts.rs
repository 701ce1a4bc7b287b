//! Files that change their header midway: exports with other columns, or of another kind, put behind one another.
//!
//! Rows behind a header with the same names in another order would be read with the wrong columns, and nothing would show
//! it. So rows that look like a header are noted as a file is read, and where one of them is the header of a known export,
//! the file is read once more, part by part.

use std::io;

use crate::digest::Digest;
use crate::digest::fold::Fold;
use crate::digest::spill::Share;
use crate::evidence::{Exhibit, Fate, Opened, Origin, ReadOptions, ReadOutcome, Reason, Row, Shape, Sink, Tally, read};
use crate::records::{self, Dating, Reader, Recognition};

/// Parts of one file that are read; rows behind the header of a further one are in the ledger.
const PARTS: usize = 64;

/// A part of a file that begins with a header of its own.
pub struct Part {
    /// Bytes of the file before it.
    pub start: u64,
    pub shape: Shape,
    /// `None` where the part is an export of another kind than the file, or beyond those that are read.
    pub reader: Option<Box<dyn Reader>>,
}

impl Part {
    /// What reading its rows again asks for.
    pub(super) fn again(&self) -> Option<(u64, &Shape, &dyn Reader)> {
        Some((self.start, &self.shape, self.reader.as_deref()?))
    }
}

/// What came of looking for other headers in a file.
pub(super) enum Reread {
    /// There are none: what was read stands.
    Not,
    /// What was read stands for want of a second reading; what a reader should know.
    Impossible(String),
    Parted(Box<Parted>),
}

/// A file that was read part by part.
pub(super) struct Parted {
    pub(super) parts: Vec<Part>,
    pub(super) digest: Digest,
    pub(super) tally: Tally,
    pub(super) note: String,
}

/// Reads a file again, part by part, if another header stands in it. `headers` are the offsets of rows that look like one,
/// `first` has read the file as if there were none.
pub(super) fn reread(
    place: &Exhibit,
    headers: &[(u64, bool)],
    first: &dyn Reader,
    dating: Dating,
    options: &ReadOptions,
    share: Option<Share<'_>>,
) -> io::Result<Reread> {
    if headers.iter().all(|(_, own)| *own) {
        return Ok(Reread::Not);
    }
    let mut parts: Vec<Part> = Vec::new();
    for &(start, _) in headers {
        let Some(opened) = place.part(start, None)? else {
            return Ok(Reread::Impossible(
                "rows in it look like another header, and a pipe cannot be read again to see whether they are: give it as a file"
                    .to_owned(),
            ));
        };
        let before = parts.last().map_or(&place.shape, |part| &part.shape);
        // Rows above a header further down are rows of what stands before it, and that header is looked at by itself.
        let is_title = matches!(&opened.shape, Shape::Csv { above, .. } if !above.is_empty());
        if is_title || is_same(before, &opened.shape) {
            continue;
        }
        if let Recognition::Known(reader) = records::recognise_with(&opened.shape, dating) {
            let reader = Some(reader).filter(|r| r.kind() == first.kind() && parts.len() < PARTS);
            parts.push(Part {
                start,
                shape: opened.shape,
                reader,
            });
        }
    }
    if parts.is_empty() {
        return Ok(Reread::Not);
    }
    let starts: Vec<u64> = parts.iter().map(|p| p.start).collect();
    let part = |from, to| {
        place
            .part(from, to)?
            .ok_or_else(|| io::Error::other("it cannot be read again"))
    };
    let mut all = one(
        &part(0, starts.first().copied())?,
        &place.shape,
        Some(first),
        options,
        share,
    )?;
    for (i, part_of) in parts.iter().enumerate() {
        let opened = part(part_of.start, starts.get(i + 1).copied())?;
        all.append(one(&opened, &part_of.shape, part_of.reader.as_deref(), options, share)?);
    }
    let refused = parts.iter().filter(|p| p.reader.is_none()).count();
    let mut note = match parts.len() {
        1 => "1 more header stands among its rows, and each part is read by its own".to_owned(),
        more => format!("{more} more headers stand among its rows, and each part is read by its own"),
    };
    match refused {
        0 => {}
        1 => note += "; 1 part is of another export than the file, and its rows are rejected",
        _ => note += &format!("; {refused} parts are of another export than the file, and their rows are rejected"),
    }
    Ok(Reread::Parted(Box::new(Parted {
        digest: all
            .sink
            .map(|rows| rows.0.map(|fold| fold.digest).unwrap_or_default())
            .unwrap_or_default(),
        tally: all.tally,
        parts,
        note,
    })))
}

/// Whether two tables have the same columns.
fn is_same(one: &Shape, other: &Shape) -> bool {
    let columns = |shape: &Shape| match shape {
        Shape::Csv { delimiter, header, .. } => Some((*delimiter, header.clone())),
        _ => None,
    };
    columns(one) == columns(other)
}

fn one<'r>(
    opened: &Opened,
    shape: &Shape,
    reader: Option<&'r dyn Reader>,
    options: &ReadOptions,
    share: Option<Share<'r>>,
) -> io::Result<ReadOutcome<Rows<'r>>> {
    read(
        opened,
        shape,
        &|| Rows(reader.map(|reader| Fold::new(reader, opened.file).within(share))),
        options,
        &(),
    )
    .map_err(io::Error::other)
}

/// Takes the rows of one part, or rejects them all.
struct Rows<'r>(Option<Fold<'r>>);

impl Sink for Rows<'_> {
    fn row(&mut self, row: &Row<'_>, origin: Origin) -> Fate {
        match &mut self.0 {
            Some(fold) => fold.row(row, origin),
            None => Fate::Rejected(Reason::OtherFormat),
        }
    }

    fn close(&mut self) {
        if let Some(fold) = &mut self.0 {
            fold.close();
        }
    }

    fn shift_records(&mut self, by: u32) {
        if let Some(fold) = &mut self.0 {
            fold.shift_records(by);
        }
    }

    fn absorb(&mut self, next: Self) {
        match (&mut self.0, next.0) {
            (Some(fold), Some(next)) => fold.absorb(next),
            (own @ None, Some(next)) => *own = Some(next),
            (_, None) => {}
        }
    }
}
