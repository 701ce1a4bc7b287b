//! Text that cannot be had all at once: a stream, or a file that must be decoded. It comes window by window.

use std::io::{self, Read};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::Progress;
use super::alignment::{Alignment, Shifted};
use super::bytes::Map;
use super::encoding::{Encoding, ToUtf8};

/// Raw bytes hashed and decoded at a time.
const BLOCK: usize = 1 << 20;

/// Where raw bytes come from.
pub(super) enum Raw<'a> {
    Map {
        map: &'a Map,
        at: usize,
    },
    Stream {
        reader: Box<dyn Read + Send>,
        block: Vec<u8>,
    },
}

/// Reads raw bytes once, in order: hashes them and appends their text to windows.
pub(super) struct Feed<'a> {
    raw: Raw<'a>,
    decoder: Option<ToUtf8>,
    alignment: Option<Alignment>,
    /// Told of what the alignment of all bytes was.
    shifted: &'a OnceLock<Shifted>,
    hasher: Sha256,
    bytes: u64,
    ended: bool,
    progress: &'a dyn Progress,
}

impl<'a> Feed<'a> {
    pub(super) fn new(
        raw: Raw<'a>,
        encoding: Encoding,
        shifted: &'a OnceLock<Shifted>,
        progress: &'a dyn Progress,
    ) -> Self {
        Feed {
            raw,
            decoder: encoding.decoder(),
            alignment: Alignment::of(encoding),
            shifted,
            hasher: Sha256::new(),
            bytes: 0,
            ended: false,
            progress,
        }
    }

    /// Appends text until `text` holds at least `wanted` bytes or the raw bytes end. Returns whether they ended.
    pub(super) fn fill(&mut self, text: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
        while !self.ended && text.len() < wanted {
            let size = BLOCK.min(wanted - text.len());
            self.block(Some(text), size)?;
        }
        Ok(self.ended)
    }

    /// Takes at most `size` raw bytes.
    fn block(&mut self, text: Option<&mut Vec<u8>>, size: usize) -> io::Result<()> {
        let Feed {
            raw,
            decoder,
            alignment,
            hasher,
            ended,
            ..
        } = self;
        let block: &[u8] = match raw {
            Raw::Map { map, at } => {
                let rest = map.bytes().get(*at..).unwrap_or_default();
                *ended = rest.len() <= size;
                rest.get(..size).unwrap_or(rest)
            }
            Raw::Stream { reader, block } => {
                block.clear();
                reader.by_ref().take(size as u64).read_to_end(block)?;
                *ended = block.len() < size;
                block
            }
        };
        let length = block.len();
        if let Some(alignment) = alignment {
            alignment.take(block);
        }
        match (text, decoder) {
            (None, _) => hasher.update(block),
            (Some(text), None) => {
                hasher.update(block);
                text.extend_from_slice(block);
            }
            (Some(text), Some(decoder)) => {
                let last = *ended;
                rayon::join(|| hasher.update(block), || decoder.decode(block, last, text));
            }
        }
        if let Raw::Map { map, at } = raw {
            map.give_back(*at..*at + length);
            *at += length;
        }
        self.bytes += length as u64;
        self.progress.advance(length as u64);
        Ok(())
    }

    /// Reads what is left without keeping its text.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        while !self.ended {
            self.block(None, BLOCK)?;
        }
        Ok(())
    }

    /// The number of raw bytes and their SHA-256, lower-case hexadecimal.
    pub(super) fn finish(self) -> (u64, String) {
        if let Some(shifted) = self.alignment.and_then(Alignment::finish) {
            self.shifted.get_or_init(|| shifted);
        }
        (self.bytes, hexadecimal(self.hasher))
    }
}

pub(super) fn hexadecimal(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
