//! What lies in a zip archive, by its directory: nothing is unpacked to list it.
//!
//! An archive is as hostile as any evidence. Its names become names in the report and never paths on a disk; members that
//! share bytes, as those of a decompression bomb do, are given once; what cannot be read is named and gone past.

use std::fmt::Write as _;

use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use super::bytes::Map;
use super::packed::Caps;

/// Members that are looked at.
const MEMBERS: usize = 1 << 16;
/// Members that are named with why they cannot be read; more are counted.
const NAMED: usize = 1_000;
/// The member that every Office document has.
const OFFICE: &str = "[Content_Types].xml";

/// How a member is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflate,
    Zstd,
}

/// Where a member lies in its archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub(super) method: Method,
    /// Of its data, in bytes from the start of the archive, and its length there.
    pub(super) start: u64,
    pub(super) stored: u64,
    /// Its length and CRC-32 once unpacked, as the archive says.
    pub(super) bytes: u64,
    pub(super) crc: u32,
}

impl Member {
    /// Its length once unpacked, as the archive says.
    pub fn length(&self) -> u64 {
        self.bytes
    }
}

/// What lies in an archive.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// By their names within the archive, parts separated by `/`, in the order of its directory. Names may repeat.
    pub(super) members: Vec<(String, Member)>,
    /// Members that cannot be read, with the reason.
    pub(super) refused: Vec<(String, String)>,
    /// What the report says of the archive.
    pub(super) note: String,
    /// An Office document, whose parts are no evidence each.
    pub(super) document: bool,
}

/// Whether a file begins like a zip archive.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Lists an archive.
///
/// # Errors
/// Why it has no directory that can be read.
pub(super) fn list(map: &Map, caps: Caps) -> Result<Contents, String> {
    let archive = ZipArchive::from_slice(map.bytes()).map_err(|e| format!("a zip archive without a directory: {e}"))?;
    let mut listing = Listing {
        archive: &archive,
        caps,
        left: caps.of_all(map.bytes().len() as u64),
        found: Vec::new(),
        contents: Contents::default(),
        refused: 0,
        outside: 0,
    };
    let (mut count, mut seen, mut broken) = (0u64, 0usize, false);
    let mut entries = archive.entries();
    loop {
        match entries.next_entry() {
            Ok(None) => break,
            Ok(Some(entry)) => {
                count += 1;
                let folder = entry.is_dir() && entry.uncompressed_size_hint() == 0;
                seen += usize::from(!folder);
                if !folder && seen <= MEMBERS {
                    listing.take(&entry);
                }
            }
            Err(_) => {
                broken = true;
                break;
            }
        }
    }
    // Archives of the old kind count their entries in 16 bits.
    broken |= archive.entries_hint() as u16 != count as u16;
    let told = broken.then(|| (count, archive.entries_hint()));
    Ok(listing.contents(seen, told))
}

struct Listing<'a, 'm> {
    archive: &'a ZipSliceArchive<&'m [u8]>,
    caps: Caps,
    /// Bytes of content that may still come of it.
    left: u64,
    /// Members that may be read, each with the place of its header.
    found: Vec<(u64, String, Member)>,
    contents: Contents,
    refused: usize,
    /// Names that led out of the archive.
    outside: usize,
}

impl Listing<'_, '_> {
    fn take(&mut self, entry: &ZipFileHeaderRecord<'_>) {
        let raw = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
        let name = self.name(&raw);
        self.contents.document |= name == OFFICE;
        match self.member(entry) {
            Ok(member) => self.found.push((entry.local_header_offset(), name, member)),
            Err(reason) => self.refuse(name, reason),
        }
    }

    /// A name as the report has it: no part of it leads anywhere.
    fn name(&mut self, raw: &str) -> String {
        let parts = raw.split(['/', '\\']);
        let inside = |part: &&str| !matches!(*part, "" | "." | "..");
        let name = parts.clone().filter(inside).collect::<Vec<_>>().join("/");
        let rooted = raw.starts_with(['/', '\\']) || raw.get(1..2) == Some(":");
        self.outside += usize::from(rooted || parts.clone().any(|part| part == ".."));
        if name.is_empty() { "unnamed".to_owned() } else { name }
    }

    fn member(&self, entry: &ZipFileHeaderRecord<'_>) -> Result<Member, String> {
        let method = entry.compression_method();
        if entry.flags().is_encrypted() || method == CompressionMethod::AES {
            return Err("encrypted: unpack it with its password and give the file".to_owned());
        }
        if entry.mode().is_symlink() {
            return Err("a symbolic link, not followed".to_owned());
        }
        let method = match method {
            CompressionMethod::STORE => Method::Stored,
            CompressionMethod::DEFLATE => Method::Deflate,
            CompressionMethod::ZSTD | CompressionMethod::ZSTD_DEPRECATED => Method::Zstd,
            other => {
                let name = other.name().map_or_else(|| other.as_u16().to_string(), str::to_owned);
                return Err(format!(
                    "compressed by a method that is not read here ({name}): unpack it and give the file"
                ));
            }
        };
        let found = self.archive.get_entry(entry.wayfinder());
        let (start, end) = found
            .map(|found| found.compressed_data_range())
            .map_err(|e| format!("its data is not where the archive says: {e}"))?;
        let bytes = entry.uncompressed_size_hint();
        let cap = self.caps.of_one(Some(end - start));
        if bytes > cap {
            return Err(format!(
                "{bytes} bytes from {} stored ones are more than the {cap} that may be read of it; --max-member reads more",
                end - start
            ));
        }
        Ok(Member {
            method,
            start,
            stored: end - start,
            bytes,
            crc: entry.crc32(),
        })
    }

    fn refuse(&mut self, name: String, reason: String) {
        self.refused += 1;
        if self.contents.refused.len() < NAMED {
            self.contents.refused.push((name, reason));
        }
    }

    /// Sets aside the members that share bytes with another or with the directory, and those of which the archive as a
    /// whole would give too much.
    fn contents(mut self, seen: usize, broken: Option<(u64, u64)>) -> Contents {
        let mut order: Vec<usize> = (0..self.found.len()).collect();
        order.sort_by_key(|&i| self.found.get(i).map(|(header, ..)| *header));
        let mut shared = vec![false; self.found.len()];
        let (mut end, directory) = (0, self.archive.directory_offset());
        for i in order {
            let Some((header, _, member)) = self.found.get(i) else {
                continue;
            };
            let behind = member.start + member.stored;
            let overlaps = *header < end || behind > directory;
            if let Some(shared) = shared.get_mut(i) {
                *shared = overlaps;
            }
            end = if overlaps { end } else { behind };
        }
        for ((_, name, member), shared) in std::mem::take(&mut self.found).into_iter().zip(shared) {
            if shared {
                self.refuse(
                    name,
                    "it shares its bytes with another member, as in a decompression bomb".to_owned(),
                );
            } else if member.bytes > self.left {
                self.refuse(
                    name,
                    "the members before it already hold more than may be read of one archive; --max-member reads more"
                        .to_owned(),
                );
            } else {
                self.left -= member.bytes;
                self.contents.members.push((name, member));
            }
        }
        self.contents.note = self.note(seen, broken);
        self.contents
    }

    /// `broken`: entries of the directory that could be read, and how many it says that it has.
    fn note(&self, seen: usize, broken: Option<(u64, u64)>) -> String {
        let read = self.contents.members.len();
        let mut note = format!("a zip archive: {read} of {seen} members are files of the evidence");
        // Writing to a text does not fail.
        if self.refused > self.contents.refused.len() {
            let _ = write!(note, "; {} of the others are named", self.contents.refused.len());
        }
        if seen > MEMBERS {
            let _ = write!(note, "; only the first {MEMBERS} were looked at");
        }
        if self.outside > 0 {
            let _ = write!(
                note,
                "; {} names lead out of the archive, where nothing is written",
                self.outside
            );
        }
        if let Some((count, told)) = broken {
            let _ = write!(
                note,
                "; its directory is damaged: {count} entries can be read where it tells of {told}"
            );
        }
        note
    }
}

#[cfg(test)]
mod tests;
