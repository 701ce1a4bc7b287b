//! The content of one compressed stream, ended where it breaks or grows too large.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, OnceLock};

use flate2::Crc;
use sha2::{Digest, Sha256};

use super::Damage;
use crate::evidence::feed::hexadecimal;

/// What is told of a compressed stream once it was read to its end.
#[derive(Debug, Clone, Default)]
pub(in crate::evidence) struct Watch(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    damage: OnceLock<Damage>,
    stored: OnceLock<(u64, String)>,
    /// The stream that this one is packed in.
    outer: OnceLock<Watch>,
}

impl Watch {
    /// What became of its end, or of the end of what it is packed in.
    pub(in crate::evidence) fn damage(&self) -> Option<Damage> {
        let outer = || self.0.outer.get().and_then(Watch::damage);
        self.0.damage.get().cloned().or_else(outer)
    }

    /// Its length and SHA-256 as it is stored, compressed.
    pub(in crate::evidence) fn stored(&self) -> Option<(u64, String)> {
        self.0.stored.get().cloned()
    }

    /// `inner` is packed in the stream of this watch.
    pub(super) fn follow(&self, inner: &Watch) {
        inner.0.outer.get_or_init(|| self.clone());
    }
}

/// A reader that hashes what is read from it, also what nobody wanted.
#[derive(Clone)]
pub(super) struct Tap(Arc<Mutex<Flow>>);

struct Flow {
    source: Box<dyn Read + Send>,
    hasher: Sha256,
    bytes: u64,
    /// The source itself could not be read.
    failed: bool,
}

impl Tap {
    pub(super) fn new(source: Box<dyn Read + Send>) -> Self {
        Tap(Arc::new(Mutex::new(Flow {
            source,
            hasher: Sha256::new(),
            bytes: 0,
            failed: false,
        })))
    }

    fn failed(&self) -> bool {
        self.0.lock().is_ok_and(|flow| flow.failed)
    }

    /// Reads what is left; the length and SHA-256 of everything.
    fn finish(&mut self) -> io::Result<(u64, String)> {
        io::copy(self, &mut io::sink())?;
        let flow = self.0.lock().map_err(|_| io::Error::other("the stream is broken"))?;
        Ok((flow.bytes, hexadecimal(flow.hasher.clone())))
    }
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut flow = self.0.lock().map_err(|_| io::Error::other("the stream is broken"))?;
        let read = match flow.source.read(buffer) {
            Ok(read) => read,
            Err(e) => {
                flow.failed |= e.kind() != io::ErrorKind::Interrupted;
                return Err(e);
            }
        };
        flow.hasher.update(buffer.get(..read).unwrap_or_default());
        flow.bytes += read as u64;
        Ok(read)
    }
}

/// How much may come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// So many bytes and no more.
    Cap(u64),
    /// What an archive says of a member.
    Declared { bytes: u64, crc: u32 },
}

/// Reads the content of a stream. Damage ends it and is no error: what came before is evidence.
pub(super) struct Unpacked {
    decoder: Box<dyn Read + Send>,
    limit: Limit,
    tap: Option<Tap>,
    watch: Watch,
    crc: Crc,
    given: u64,
    ended: bool,
}

impl Unpacked {
    pub(super) fn new(decoder: Box<dyn Read + Send>, limit: Limit, tap: Option<Tap>, watch: Watch) -> Self {
        Unpacked {
            decoder,
            limit,
            tap,
            watch,
            crc: Crc::new(),
            given: 0,
            ended: false,
        }
    }

    fn most(&self) -> u64 {
        match self.limit {
            Limit::Cap(bytes) | Limit::Declared { bytes, .. } => bytes,
        }
    }

    /// What a stream that ended by itself lacks.
    fn lacking(&self) -> Option<Damage> {
        match self.limit {
            Limit::Declared { bytes, .. } if self.given < bytes => Some(Damage::CutOff),
            Limit::Declared { crc, .. } if self.crc.sum() != crc => Some(Damage::Checksum),
            _ => None,
        }
    }

    /// What a stream that goes on behind its limit is.
    fn beyond(&self) -> Damage {
        match self.limit {
            Limit::Cap(cap) => Damage::Capped(cap),
            Limit::Declared { .. } => Damage::Longer,
        }
    }

    fn finish(&mut self, damage: Option<Damage>) -> io::Result<usize> {
        self.ended = true;
        if let Some(damage) = damage {
            self.watch.0.damage.get_or_init(|| damage);
        }
        if let Some(tap) = &mut self.tap {
            let stored = tap.finish()?;
            self.watch.0.stored.get_or_init(|| stored);
        }
        Ok(0)
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let left = usize::try_from(self.most() - self.given).unwrap_or(usize::MAX);
        let mut one_more = [0];
        let room = left.min(buffer.len());
        let target = match left {
            0 => &mut one_more[..],
            _ => buffer.get_mut(..room).unwrap_or_default(),
        };
        match self.decoder.read(target) {
            Ok(0) => {
                let lacking = self.lacking();
                self.finish(lacking)
            }
            Ok(_) if left == 0 => {
                let beyond = self.beyond();
                self.finish(Some(beyond))
            }
            Ok(read) => {
                if let Limit::Declared { .. } = self.limit {
                    self.crc.update(target.get(..read).unwrap_or_default());
                }
                self.given += read as u64;
                Ok(read)
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted || self.tap.as_ref().is_some_and(Tap::failed) => Err(e),
            Err(e) => self.finish(Some(Damage::of(&e))),
        }
    }
}
