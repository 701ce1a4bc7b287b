//! Compressed evidence, read as a stream: gzip and zstd files, and the members of zip archives.
//!
//! Nothing is unpacked to a disk and nothing is held whole. A stream that breaks off, or that is larger than it may be, ends
//! there as a file would: what came before it is read, and [`Watch`] tells what became of the rest.

mod damage;
mod frames;
mod unpacked;

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

pub use damage::Damage;
pub(super) use unpacked::Watch;

use super::archive::{Member, Method};
use super::bytes::{Bytes, Map, Stamp};
use super::discover::{Located, Source};
use frames::Frames;
use unpacked::{Limit, Tap, Unpacked};

/// Compressed bytes that are taken at a time.
const BLOCK: usize = 64 << 10;

/// How a compressed stream begins.
const GZIP: &[u8] = b"\x1F\x8B\x08";
const ZSTD: &[u8] = b"\x28\xB5\x2F\xFD";
/// A frame of zstd that holds no content, with any last half of the first byte.
const SKIPPABLE: &[u8] = b"\x2A\x4D\x18";

/// Bytes of content that a compressed stream or a member may have: what `--max-member` says, or else far more
/// than exports need: public ones compress to between a third and a thirtieth, and deflate makes a thousandth of zeros.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caps {
    /// Of one stream or member; `None` where nothing was said.
    pub member: Option<u64>,
}

impl Caps {
    /// Whatever the ratio, so much may come of one stream or member.
    pub(super) const FLOOR: u64 = 1 << 30;
    /// So much may come of all members of one archive.
    const FLOOR_OF_ALL: u64 = 4 << 30;
    /// Bytes of content for one byte as it is stored.
    const RATIO: u64 = 200;
    /// Of a stream of which nobody knows how long it is.
    const UNKNOWN: u64 = 16 << 30;

    /// For a stream or member that has so many bytes as it is stored.
    pub(super) fn of_one(self, stored: Option<u64>) -> u64 {
        let usual = stored.map_or(Self::UNKNOWN, |s| s.saturating_mul(Self::RATIO).max(Self::FLOOR));
        self.member.unwrap_or(usual)
    }

    /// For all members of an archive of so many bytes.
    pub(super) fn of_all(self, stored: u64) -> u64 {
        match self.member {
            Some(_) => u64::MAX,
            None => stored.saturating_mul(Self::RATIO).max(Self::FLOOR_OF_ALL),
        }
    }
}

/// A stream format, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Gzip,
    Zstd,
}

impl Format {
    fn of(head: &[u8]) -> Option<Format> {
        if head.starts_with(GZIP) {
            Some(Format::Gzip)
        } else if head.starts_with(ZSTD) || (head.first()? & 0xF0 == 0x50 && head.get(1..4) == Some(SKIPPABLE)) {
            Some(Format::Zstd)
        } else {
            None
        }
    }

    /// A file may hold several streams, one after another, which are read as one.
    fn decoder(self, stored: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        let stored = BufReader::with_capacity(BLOCK, stored);
        match self {
            Format::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(stored)),
            Format::Zstd => Box::new(Frames::new(stored)),
        }
    }
}

/// How the bytes of an exhibit are packed, and what came of unpacking them.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    member: bool,
    format: Option<Format>,
    pub(super) watch: Watch,
    /// Of the file on the disk; `None` for a pipe.
    pub(super) stamp: Option<Stamp>,
}

impl Packed {
    /// Whether the file, or the member of an archive, is itself a compressed stream.
    pub(super) fn is_stream(&self) -> bool {
        self.format.is_some()
    }

    /// The name in the report.
    pub(super) fn name(&self) -> &'static str {
        match (self.member, self.format) {
            (false, Some(Format::Gzip)) => "gzip",
            (false, _) => "zstd",
            (true, None) => "zip",
            (true, Some(Format::Gzip)) => "zip+gzip",
            (true, Some(Format::Zstd)) => "zip+zstd",
        }
    }
}

/// Opens what was found read-only. What is compressed becomes a stream of its content.
pub(super) fn bytes(located: &Located) -> io::Result<(Bytes, Option<Packed>)> {
    match &located.source {
        Source::StandardInput => pipe(Box::new(io::stdin()), located.caps),
        Source::Archive(path) => Ok((Bytes::open(path)?, None)),
        Source::File(path) => match Bytes::open(path)? {
            Bytes::Mapped { map, stamp } => match Format::of(map.bytes()) {
                None => Ok((Bytes::Mapped { map, stamp }, None)),
                Some(format) => {
                    let (length, end) = (stamp.length(), map.bytes().len());
                    let slice = Slice::new(Arc::new(map), 0, end);
                    let (reader, watch) = stream(format, Box::new(slice), located.caps.of_one(Some(length)));
                    let packed = Packed {
                        member: false,
                        format: Some(format),
                        watch,
                        stamp: Some(stamp),
                    };
                    Ok((Bytes::stream(reader), Some(packed)))
                }
            },
            Bytes::Stream(reader) => {
                let reader = reader.into_inner().ok().flatten();
                pipe(reader.unwrap_or_else(|| Box::new(io::empty())), located.caps)
            }
        },
        Source::Member(path, member) => match Bytes::open(path)? {
            Bytes::Mapped { map, stamp } => of_member(map, stamp, member, located.caps),
            Bytes::Stream(_) => Err(io::Error::other("the archive is no regular file any more")),
        },
    }
}

fn pipe(reader: Box<dyn Read + Send>, caps: Caps) -> io::Result<(Bytes, Option<Packed>)> {
    let (head, reader) = peek(reader)?;
    let Some(format) = Format::of(&head) else {
        return Ok((Bytes::stream(reader), None));
    };
    let (reader, watch) = stream(format, reader, caps.of_one(None));
    let packed = Packed {
        member: false,
        format: Some(format),
        watch,
        stamp: None,
    };
    Ok((Bytes::stream(reader), Some(packed)))
}

fn of_member(map: Map, stamp: Stamp, member: &Member, caps: Caps) -> io::Result<(Bytes, Option<Packed>)> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let slice = Slice::new(Arc::new(map), place(member.start), place(member.start + member.stored));
    let stored = BufReader::with_capacity(BLOCK, slice);
    let decoder: Box<dyn Read + Send> = match member.method {
        Method::Stored => Box::new(stored),
        Method::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(stored)),
        Method::Zstd => Box::new(Frames::new(stored)),
    };
    let limit = Limit::Declared {
        bytes: member.bytes,
        crc: member.crc,
    };
    let watch = Watch::default();
    let content = Unpacked::new(decoder, limit, None, watch.clone());
    let (head, content) = peek(Box::new(content))?;
    let mut packed = Packed {
        member: true,
        format: Format::of(&head),
        watch,
        stamp: Some(stamp),
    };
    let Some(format) = packed.format else {
        return Ok((Bytes::stream(content), Some(packed)));
    };
    let (reader, watch) = stream(format, content, caps.of_one(Some(member.bytes)));
    packed.watch.follow(&watch);
    packed.watch = watch;
    Ok((Bytes::stream(reader), Some(packed)))
}

/// The content of a stream, of which all bytes are hashed as they are stored.
fn stream(format: Format, stored: Box<dyn Read + Send>, cap: u64) -> (Unpacked, Watch) {
    let (tap, watch) = (Tap::new(stored), Watch::default());
    let decoder = format.decoder(tap.clone());
    let reader = Unpacked::new(decoder, Limit::Cap(cap), Some(tap), watch.clone());
    (reader, watch)
}

/// The first bytes, and a reader that gives them once more.
fn peek(mut reader: Box<dyn Read + Send>) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut head)?;
    let again = Cursor::new(head.clone()).chain(reader);
    Ok((head, Box::new(again)))
}

/// A part of a map, read in order; its pages are given back as it goes.
pub(super) struct Slice {
    map: Arc<Map>,
    at: usize,
    end: usize,
    given_back: usize,
}

impl Slice {
    /// Pages are given back in stretches of so many bytes.
    const STRETCH: usize = 4 << 20;

    pub(super) fn new(map: Arc<Map>, start: usize, end: usize) -> Self {
        Slice {
            map,
            at: start,
            end,
            given_back: start,
        }
    }
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.map.bytes().get(self.at..self.end).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.at += read;
        if self.at - self.given_back >= Self::STRETCH || read == 0 {
            self.map.give_back(self.given_back..self.at);
            self.given_back = self.at;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
