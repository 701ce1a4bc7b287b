//! One pass over one file: every byte hashed, every record offered to a sink.

use std::io;

use sha2::{Digest, Sha256};

use super::alignment::GROUP;
use super::bytes::{Bytes, Map};
use super::csv::Csv;
use super::encoding::Ruler;
use super::exhibit::Opened;
use super::feed::{Feed, Raw, hexadecimal};
use super::json::Json;
use super::split::Stretch;
use super::step::{Format, RECORD_LIMIT};
use super::tally::Tally;
use super::text::start_of_character;
use super::{Cause, Reason, Shape, Sink};

/// Told how far reading has come.
pub trait Progress: Sync {
    /// So many more bytes of evidence were read. Called from several threads.
    fn advance(&self, bytes: u64);

    /// A file was begun, and came to its end. Several are read at the same time.
    fn began(&self, path: &str);
    fn ended(&self, path: &str);
}

/// Tells nobody.
impl Progress for () {
    fn advance(&self, _bytes: u64) {}
    fn began(&self, _path: &str) {}
    fn ended(&self, _path: &str) {}
}

/// Sizes, in bytes. None of them changes what is read, except `record`.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// A chunk, read by one core.
    pub chunk: usize,
    /// A stretch of a map that is hashed and read, then given back: so much of the file counts as memory.
    pub wave: usize,
    /// A window of decoded text, where a file is not read as it lies on the disk.
    pub window: usize,
    /// What one record may have.
    pub record: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            chunk: 4 << 20,
            wave: 48 << 20,
            window: 16 << 20,
            record: RECORD_LIMIT,
        }
    }
}

/// What one pass over a file gave.
#[derive(Debug)]
pub struct ReadOutcome<S> {
    /// What took the rows; `None` where there were none.
    pub sink: Option<S>,
    /// Counts and ledger of the whole file.
    pub tally: Tally,
    /// SHA-256 of all bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Bytes read.
    pub bytes: u64,
}

impl<S: Sink> ReadOutcome<S> {
    /// Takes in the rows and counts of the part of the file that follows.
    pub fn append(&mut self, next: ReadOutcome<S>) {
        let Some(mut sink) = next.sink else { return };
        self.tally.append(next.tally, &mut sink);
        match &mut self.sink {
            Some(all) => all.absorb(sink),
            None => self.sink = Some(sink),
        }
    }
}

/// Why a pass came to no end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
    #[error("{path}: a stream can be read only once")]
    Spent { path: String },
}

/// Bytes of a map that are hashed between two words on progress.
const HASHED: usize = 4 << 20;
/// Room kept before a window for the record that the one before it left unfinished, and for what is looked back at from there.
const HEADROOM: usize = 128 << 10;

/// Reads a file once from start to end. A sink is made for every chunk of it, and all are joined in order.
/// Of a file whose shape is given as unknown only the hash is taken.
///
/// The outcome is the same for every number of threads and every size of chunk, wave and window.
pub fn read<S: Sink>(
    opened: &Opened,
    shape: &Shape,
    make: &(dyn Fn() -> S + Sync),
    options: &ReadOptions,
    progress: &dyn Progress,
) -> Result<ReadOutcome<S>, ReadError> {
    let pass = Pass {
        opened,
        make,
        options,
        progress,
    };
    let outcome = match shape {
        Shape::Unknown => pass.hash_alone(),
        Shape::Csv {
            delimiter,
            header,
            above,
            ..
        } => {
            let csv = |_: &[u8]| Csv {
                delimiter: *delimiter,
                header,
                limit: options.record,
            };
            pass.run(above.len(), csv)
        }
        Shape::Json { columns, .. } => pass.run(0, |head| Json::learn(head, columns, options.record)),
    };
    outcome.map(|mut outcome| {
        if let Some(shifted) = opened.shifted.get().filter(|s| s.cause == Cause::Encoding) {
            name_encoding(&mut outcome.tally, opened.base + shifted.offset, shifted.bytes);
        }
        outcome
    })
}

/// Gives rows the reason for which they are none: text in another encoding, so many bytes from a place on that is known to
/// within [`GROUP`]. A row that begins before it has taken it in where the next row is none either, and begins well behind.
fn name_encoding(tally: &mut Tally, offset: u64, bytes: u64) {
    let ledger = &mut tally.ledger;
    let first = ledger.partition_point(|entry| entry.origin.offset <= offset);
    let next = ledger.get(first).map(|entry| entry.origin);
    let is_near = next.is_some_and(|next| next.offset < offset.saturating_add(GROUP as u64));
    let reaches = |row: u64| next.map_or(tally.records == row, |next| u64::from(next.record) == row + 1);
    let before = ledger.get(first.wrapping_sub(1)).map(|entry| entry.origin);
    let taken = before.is_some_and(|row| row.offset == offset || (!is_near && reaches(row.record.into())));
    for entry in ledger
        .iter_mut()
        .skip(first - usize::from(taken))
        .take_while(|entry| entry.origin.offset < offset.saturating_add(bytes))
    {
        entry.reason = Reason::OtherEncoding;
    }
}

struct Pass<'a, S> {
    opened: &'a Opened,
    make: &'a (dyn Fn() -> S + Sync),
    options: &'a ReadOptions,
    progress: &'a dyn Progress,
}

impl<S: Sink> Pass<'_, S> {
    /// Reads from a place in the text on. `learn` makes the format from its beginning.
    fn run<F: Format>(&self, from: usize, learn: impl FnOnce(&[u8]) -> F) -> Result<ReadOutcome<S>, ReadError> {
        match &self.opened.bytes {
            Bytes::Mapped { map, .. } if !self.opened.encoding.is_decoded() => {
                Ok(self.mapped(map, from, &learn(map.bytes())))
            }
            _ => self.windows(self.feed()?, from, learn),
        }
    }

    fn hash_alone(&self) -> Result<ReadOutcome<S>, ReadError> {
        let mut feed = self.feed()?;
        feed.drain().map_err(|e| self.failed(e))?;
        Ok(Gathered::new().outcome(feed.finish()))
    }

    fn feed(&self) -> Result<Feed<'_>, ReadError> {
        let raw = match &self.opened.bytes {
            Bytes::Mapped { map, .. } => Raw::Map { map, at: 0 },
            Bytes::Stream(reader) => {
                let reader = reader.lock().ok().and_then(|mut reader| reader.take());
                let reader = reader.ok_or_else(|| ReadError::Spent {
                    path: self.opened.path.clone(),
                })?;
                Raw::Stream {
                    reader,
                    block: Vec::new(),
                }
            }
        };
        let (encoding, shifted) = (self.opened.encoding, &self.opened.shifted);
        Ok(Feed::new(raw, encoding, shifted, self.progress))
    }

    fn failed(&self, source: io::Error) -> ReadError {
        ReadError::Io {
            path: self.opened.path.clone(),
            source,
        }
    }

    fn stretch<'b, F>(&'b self, format: &'b F, text: &'b [u8], last: bool, ruler: Ruler) -> Stretch<'b, F, S> {
        let (file, chunk, make) = (self.opened.file, self.options.chunk, self.make);
        Stretch {
            format,
            text,
            last,
            ruler,
            file,
            chunk,
            make,
        }
    }

    /// Reads a map wave by wave: while one core hashes a wave, the others split it, and what the wave before it gave is
    /// joined; then its pages are given back. One file cannot be hashed on two cores, so nothing else may hold up the hash.
    fn mapped<F: Format>(&self, map: &Map, from: usize, format: &F) -> ReadOutcome<S> {
        let text = map.bytes();
        let stretch = self.stretch(format, text, true, Ruler::Bytes { base: 0 });
        let wave = self.options.wave.max(self.options.chunk).max(1);
        let mut gathered = Gathered::new();
        let mut pieces = Vec::new();
        let mut hasher = Sha256::new();
        let (mut hashed, mut at, mut given_back) = (0usize, from.min(text.len()), 0usize);
        while hashed < text.len() {
            let to = text.len().min(at.saturating_add(wave)).max(hashed);
            let hash = || {
                for block in text.get(hashed..to).unwrap_or_default().chunks(HASHED) {
                    hasher.update(block);
                    self.progress.advance(block.len() as u64);
                }
            };
            let earlier = std::mem::take(&mut pieces);
            let join = || gathered.add(earlier);
            let (_, (read, ())) = rayon::join(hash, || rayon::join(|| stretch.read(at..to), join));
            hashed = to;
            at = read.end;
            pieces = read.pieces;
            let done = at.min(hashed);
            map.give_back(given_back..done);
            given_back = done;
        }
        gathered.add(pieces);
        gathered.outcome((text.len() as u64, hexadecimal(hasher)))
    }

    /// Reads window by window: while one is split, the next is read, hashed and decoded. The next window is filled behind
    /// some room, into which the unfinished end of this one goes, so that whole windows are not moved.
    fn windows<F: Format>(
        &self,
        mut feed: Feed<'_>,
        from: usize,
        learn: impl FnOnce(&[u8]) -> F,
    ) -> Result<ReadOutcome<S>, ReadError> {
        let window = self.options.window.max(1).saturating_add(HEADROOM);
        let mut buffer = vec![0; HEADROOM];
        let first = window.max(HEADROOM.saturating_add(from));
        let mut ended = feed.fill(&mut buffer, first).map_err(|e| self.failed(e))?;
        let mut start = HEADROOM;
        let format = learn(buffer.get(start..).unwrap_or_default());
        let mut ruler = Ruler::new(self.opened.encoding, self.opened.base);
        let mut gathered = Gathered::new();
        let mut pieces = Vec::new();
        let mut at = from.min(buffer.len() - HEADROOM);
        let mut ahead = Vec::new();
        loop {
            let text = buffer.get(start..).unwrap_or_default();
            let stretch = self.stretch(&format, text, ended, ruler);
            ahead.clear();
            ahead.resize(HEADROOM, 0);
            let fill = || if ended { Ok(true) } else { feed.fill(&mut ahead, window) };
            let earlier = std::mem::take(&mut pieces);
            let join = || gathered.add(earlier);
            let (filled, (read, ())) = rayon::join(fill, || rayon::join(|| stretch.read(at..text.len()), join));
            at = read.end;
            pieces = read.pieces;
            if ended {
                gathered.add(pieces);
                return Ok(gathered.outcome(feed.finish()));
            }
            ended = filled.map_err(|e| self.failed(e))?;
            let kept = start_of_character(text, at.saturating_sub(F::LOOK_BACK));
            ruler = ruler.rebased(text, kept);
            at -= kept;
            start = carry_over(text.get(kept..).unwrap_or_default(), &mut ahead);
            std::mem::swap(&mut buffer, &mut ahead);
        }
    }
}

/// Puts the unfinished end of a window before the next, which begins behind [`HEADROOM`]; gives the place where it begins.
fn carry_over(rest: &[u8], next: &mut Vec<u8>) -> usize {
    if let Some(start) = HEADROOM.checked_sub(rest.len())
        && let Some(room) = next.get_mut(start..HEADROOM)
    {
        room.copy_from_slice(rest);
        return start;
    }
    next.splice(..HEADROOM, rest.iter().copied());
    0
}

/// What was read so far.
struct Gathered<S> {
    sink: Option<S>,
    tally: Tally,
}

impl<S: Sink> Gathered<S> {
    fn new() -> Self {
        Gathered {
            sink: None,
            tally: Tally::default(),
        }
    }

    fn add(&mut self, pieces: Vec<(S, Tally)>) {
        for (mut sink, tally) in pieces {
            if tally.records == 0 {
                self.tally.append_marks(tally.impossible, tally.headers);
                continue;
            }
            self.tally.append(tally, &mut sink);
            match &mut self.sink {
                Some(all) => all.absorb(sink),
                None => self.sink = Some(sink),
            }
        }
    }

    fn outcome(self, (bytes, sha256): (u64, String)) -> ReadOutcome<S> {
        ReadOutcome {
            sink: self.sink,
            tally: self.tally,
            sha256,
            bytes,
        }
    }
}

#[cfg(test)]
mod tests;
