//! One pass over one file: every byte hashed, every record offered to a sink.

use std::io;

use sha2::{Digest, Sha256};

use super::bytes::{Bytes, Map};
use super::csv::Csv;
use super::encoding::Ruler;
use super::exhibit::Opened;
use super::feed::{Feed, Raw, hexadecimal};
use super::json::Json;
use super::split::{self, Stretch};
use super::step::{Format, RECORD_LIMIT};
use super::tally::Tally;
use super::{Shape, Sink};

/// Told how far reading has come.
pub trait Progress: Sync {
    /// So many more bytes of evidence were read. Called from several threads.
    fn advance(&self, bytes: u64);
}

/// Tells nobody.
impl Progress for () {
    fn advance(&self, _bytes: u64) {}
}

/// Sizes, in bytes. None of them changes what is read, except `record`.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// A chunk, read by one core.
    pub chunk: usize,
    /// A window of decoded text, where a file is not read as it lies on the disk.
    pub window: usize,
    /// What one record may have.
    pub record: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            chunk: 4 << 20,
            window: 32 << 20,
            record: RECORD_LIMIT,
        }
    }
}

/// What one pass over a file gave.
#[derive(Debug)]
pub struct ReadOutcome<S> {
    /// One a chunk, in order.
    pub sinks: Vec<S>,
    /// Counts and ledger of the whole file.
    pub tally: Tally,
    /// SHA-256 of all bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Bytes read.
    pub bytes: u64,
}

/// Why a pass came to no end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
    #[error("{path}: a stream can be read only once")]
    Spent { path: String },
}

/// Chunks of a map that are read, and given back, together.
const WAVE: usize = 32;
/// Bytes of a map that are hashed between two words on progress.
const HASHED: usize = 4 << 20;

/// Reads a file once from start to end. A sink is made for every chunk of it; those that took no row are dropped.
/// Of a file whose shape is given as unknown only the hash is taken.
///
/// The outcome is the same for every number of threads and every size of chunk and window, but for the number of sinks.
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
    match shape {
        Shape::Unknown => pass.hash_alone(),
        Shape::Csv { delimiter, header, .. } => pass.run(|_| Csv {
            delimiter: *delimiter,
            header,
            limit: options.record,
        }),
        Shape::Json { .. } => pass.run(|head| Json::learn(head, options.record)),
    }
}

struct Pass<'a, S> {
    opened: &'a Opened,
    make: &'a (dyn Fn() -> S + Sync),
    options: &'a ReadOptions,
    progress: &'a dyn Progress,
}

impl<S: Sink> Pass<'_, S> {
    /// `learn` makes the format from the beginning of the text.
    fn run<F: Format>(&self, learn: impl FnOnce(&[u8]) -> F) -> Result<ReadOutcome<S>, ReadError> {
        match &self.opened.bytes {
            Bytes::Mapped { map, .. } if !self.opened.encoding.is_decoded() => {
                Ok(self.mapped(map, &learn(map.bytes())))
            }
            _ => self.windows(self.feed()?, learn),
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

    /// Reads a map wave by wave: while one core hashes a wave, the others split it; then its pages are given back.
    fn mapped<F: Format>(&self, map: &Map, format: &F) -> ReadOutcome<S> {
        let text = map.bytes();
        let stretch = self.stretch(format, text, true, Ruler::Bytes { base: 0 });
        let wave = self.options.chunk.max(1).saturating_mul(WAVE);
        let mut gathered = Gathered::new();
        let mut hasher = Sha256::new();
        let (mut hashed, mut at, mut given_back) = (0usize, 0usize, 0usize);
        while hashed < text.len() {
            let to = text.len().min(at.saturating_add(wave)).max(hashed);
            let hash = || {
                for block in text.get(hashed..to).unwrap_or_default().chunks(HASHED) {
                    hasher.update(block);
                    self.progress.advance(block.len() as u64);
                }
            };
            let (_, read) = rayon::join(hash, || stretch.read(at..to));
            hashed = to;
            at = read.end;
            gathered.add(read);
            let done = at.min(hashed);
            map.give_back(given_back..done);
            given_back = done;
        }
        gathered.outcome((text.len() as u64, hexadecimal(hasher)))
    }

    /// Reads window by window: while one is split, the next is read, hashed and decoded.
    fn windows<F: Format>(
        &self,
        mut feed: Feed<'_>,
        learn: impl FnOnce(&[u8]) -> F,
    ) -> Result<ReadOutcome<S>, ReadError> {
        let window = self.options.window.max(1);
        let mut text = Vec::new();
        let mut ended = feed.fill(&mut text, window).map_err(|e| self.failed(e))?;
        let format = learn(&text);
        let mut ruler = Ruler::new(self.opened.encoding);
        let mut gathered = Gathered::new();
        let mut at = 0;
        let mut ahead = Vec::new();
        loop {
            let stretch = self.stretch(&format, &text, ended, ruler);
            let fill = || if ended { Ok(true) } else { feed.fill(&mut ahead, window) };
            let (filled, read) = rayon::join(fill, || stretch.read(at..text.len()));
            at = read.end;
            gathered.add(read);
            if ended {
                return Ok(gathered.outcome(feed.finish()));
            }
            ended = filled.map_err(|e| self.failed(e))?;
            let kept = start_of_character(&text, at.saturating_sub(F::LOOK_BACK));
            ruler = ruler.rebased(&text, kept);
            text.drain(..kept);
            at -= kept;
            text.append(&mut ahead);
        }
    }
}

/// The place at or before `at` where a character of UTF-8 begins.
fn start_of_character(text: &[u8], at: usize) -> usize {
    let continued = text
        .get(..=at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take(3)
        .take_while(|b| (**b & 0xC0) == 0x80)
        .count();
    at.saturating_sub(continued)
}

/// What was read so far.
struct Gathered<S> {
    sinks: Vec<S>,
    tally: Tally,
}

impl<S: Sink> Gathered<S> {
    fn new() -> Self {
        Gathered {
            sinks: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn add(&mut self, read: split::Read<S>) {
        for (mut sink, tally) in read.pieces {
            if tally.records > 0 {
                self.tally.append(tally, &mut sink);
                self.sinks.push(sink);
            }
        }
    }

    fn outcome(self, (bytes, sha256): (u64, String)) -> ReadOutcome<S> {
        ReadOutcome {
            sinks: self.sinks,
            tally: self.tally,
            sha256,
            bytes,
        }
    }
}

#[cfg(test)]
mod tests;
