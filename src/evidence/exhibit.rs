//! An exhibit: one evidence file, opened and recognised by its bytes.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, OnceLock};

use super::alignment::Shifted;
use super::bytes::{Bytes, Map, Stamp};
use super::discover::{Located, Source};
use super::encoding::Encoding;
use super::objectless::objectless;
use super::one_cell::is_one_cell_a_line;
use super::packed::{self, Damage, Packed};
use super::read::{ReadOptions, ReadOutcome, read};
use super::sniff::sniff;
use super::spool::Spool;
use super::step::RECORD_LIMIT;
use super::{Fate, Origin, Row, Shape, Sink};

/// Raw bytes from which encoding and shape are settled.
const HEAD: usize = 256 << 10;
/// Raw bytes that are looked at where the first object ends behind [`HEAD`].
const LONG_HEAD: usize = 2 * RECORD_LIMIT;

/// An evidence file that is open.
pub struct Opened {
    /// The name in the report.
    pub path: String,
    /// Index of the file, for origins.
    pub file: u32,
    pub encoding: Encoding,
    pub shape: Shape,
    /// Where the shape is unknown: the kind of archive that the bytes are.
    pub container: Option<&'static str>,
    /// Of JSON in which no object is: what it is made of.
    pub objectless: Option<&'static str>,
    /// A spreadsheet made one quoted cell of each line.
    pub one_cell_a_line: bool,
    pub(super) bytes: Bytes,
    /// Where the bytes begin in the file.
    pub(super) base: u64,
    pub(super) shifted: OnceLock<Shifted>,
    /// No character of the beginning is beyond ASCII: the encoding shows only further on.
    ascii_head: bool,
    located: Located,
    packed: Option<Packed>,
    spool: Arc<OnceLock<Spool>>,
}

/// What remains of an evidence file that was read.
#[derive(Debug, Clone)]
pub struct Exhibit {
    /// The name in the report.
    pub path: String,
    /// Index of the file, for origins.
    pub file: u32,
    pub encoding: Encoding,
    pub shape: Shape,
    /// As the file lies on the disk, or the member in its archive once unpacked from there.
    pub bytes: u64,
    /// Of the same bytes; lower-case hexadecimal.
    pub sha256: String,
    /// Where a stream was compressed: length and SHA-256 of its content.
    pub content: Option<(u64, String)>,
    /// How it is compressed, as the report names it.
    pub compression: Option<&'static str>,
    /// Why the content of a compressed file is not all there.
    pub damage: Option<Damage>,
    /// What of it was read from the wrong byte on.
    pub shifted: Option<Shifted>,
    located: Located,
    stamp: Option<Stamp>,
    spool: Arc<OnceLock<Spool>>,
}

/// Opens an evidence file read-only and settles its encoding and shape from its first bytes. Nothing of a regular file
/// is read but those.
pub fn open(located: &Located, file: u32) -> io::Result<Opened> {
    let (bytes, packed) = packed::bytes(located)?;
    let opened = Opened::new(located, file, bytes)?;
    Ok(Opened { packed, ..opened })
}

/// The length and the SHA-256 of a file or member, as a report has them.
///
/// # Errors
/// Where it cannot be read.
pub fn sha256(located: &Located) -> io::Result<(u64, String)> {
    let opened = open(located, 0)?;
    let read = read::<Unheeded>(&opened, &Shape::Unknown, &|| Unheeded, &ReadOptions::default(), &());
    let exhibit = opened.exhibit(&read.map_err(io::Error::other)?);
    Ok((exhibit.bytes, exhibit.sha256))
}

/// A sink for what only needs a hash; none is ever made.
pub struct Unheeded;

impl Sink for Unheeded {
    fn row(&mut self, _: &Row<'_>, _: Origin) -> Fate {
        Fate::Accepted
    }

    fn shift_records(&mut self, _: u32) {}

    fn absorb(&mut self, _: Self) {}
}

impl Opened {
    pub(super) fn new(located: &Located, file: u32, mut bytes: Bytes) -> io::Result<Opened> {
        let Recognised {
            encoding,
            shape,
            container,
            objectless,
            one_cell_a_line,
            ascii_head,
        } = match &mut bytes {
            Bytes::Mapped { .. } if matches!(located.source, Source::Archive(_)) => Recognised::default(),
            Bytes::Mapped { map, .. } => recognise(|wanted| {
                let all = map.bytes();
                Ok((all.get(..wanted).unwrap_or(all), wanted >= all.len()))
            })?,
            Bytes::Stream(reader) => {
                let slot = reader.get_mut().map_err(|_| io::Error::other("the stream is broken"))?;
                let mut stream = slot.take().unwrap_or_else(|| Box::new(io::empty()));
                let mut head = Vec::new();
                let recognised = recognise(|wanted| {
                    let missing = wanted.saturating_sub(head.len()) as u64;
                    let ended = (stream.by_ref().take(missing).read_to_end(&mut head)? as u64) < missing;
                    Ok((head.clone(), ended))
                })?;
                *slot = Some(Box::new(Cursor::new(head).chain(stream)));
                recognised
            }
        };
        Ok(Opened {
            path: located.path.clone(),
            file,
            encoding,
            shape,
            container,
            objectless,
            one_cell_a_line,
            ascii_head,
            bytes,
            base: 0,
            shifted: OnceLock::new(),
            located: located.clone(),
            packed: None,
            spool: Arc::default(),
        })
    }

    /// Keeps a copy of a stream while it is read, so that its rows can be read again. Files need none, compressed or not.
    pub fn keep_copy(&self) {
        if let Bytes::Stream(reader) = &self.bytes
            && self.stamp().is_none()
            && self.spool.get().is_none()
            && let Ok(mut slot) = reader.lock()
            && let Some(stream) = slot.take()
        {
            let (spool, copied) = Spool::of(stream);
            *slot = Some(copied);
            self.spool.get_or_init(|| spool);
        }
    }

    /// Bytes of the file, where they are known before it is read.
    pub fn length(&self) -> Option<u64> {
        match &self.bytes {
            Bytes::Mapped { stamp, .. } => Some(stamp.length()),
            Bytes::Stream(_) => None,
        }
    }

    /// What the file on the disk was when it was opened.
    fn stamp(&self) -> Option<&Stamp> {
        match &self.bytes {
            Bytes::Mapped { stamp, .. } => Some(stamp),
            Bytes::Stream(_) => self.packed.as_ref()?.stamp.as_ref(),
        }
    }

    /// Whether the file is still what it was when it was opened. A pipe always is.
    pub fn unchanged(&self) -> bool {
        self.stamp().is_none_or(Stamp::unchanged)
    }

    /// Whether it is a gzip or zstd file: its content is longer than what is stored.
    pub fn is_compressed(&self) -> bool {
        self.packed.as_ref().is_some_and(Packed::is_stream)
    }

    /// How it is compressed, as the report names it.
    pub fn compression(&self) -> Option<&'static str> {
        self.packed.as_ref().map(Packed::name)
    }

    /// What remains when the file is closed, with what reading it gave.
    pub fn exhibit<S>(&self, outcome: &ReadOutcome<S>) -> Exhibit {
        let read = (outcome.bytes, outcome.sha256.clone());
        let stored = self.packed.as_ref().and_then(|p| p.watch.stored());
        let ((bytes, sha256), content) = match stored {
            Some(stored) => (stored, Some(read)),
            None => (read, None),
        };
        Exhibit {
            path: self.path.clone(),
            file: self.file,
            encoding: match self.encoding {
                Encoding::Utf8 if self.ascii_head && outcome.tally.impossible => Encoding::Windows1252,
                encoding => encoding,
            },
            shape: self.shape.clone(),
            bytes,
            sha256,
            content,
            compression: self.compression(),
            damage: self.packed.as_ref().and_then(|p| p.watch.damage()),
            shifted: self.shifted.get().copied(),
            located: self.located.clone(),
            stamp: self.stamp().cloned(),
            spool: Arc::clone(&self.spool),
        }
    }
}

impl Exhibit {
    /// Whether the file is still what it was when it was opened, by its length and time of modification.
    pub fn unchanged(&self) -> bool {
        self.stamp.as_ref().is_none_or(Stamp::unchanged)
    }

    /// Why the copy of a stream that was to be kept is none.
    pub fn copy_lost(&self) -> Option<String> {
        self.spool.get()?.lost()
    }

    /// A part of the content, from one offset to before another or to the end, with the shape that its own beginning has.
    /// `None` where the bytes cannot be had again.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn part(&self, from: u64, to: Option<u64>) -> io::Result<Option<Opened>> {
        let Some(map) = self.again()? else {
            return Ok(None);
        };
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(map.bytes().len());
        let (from_place, to_place) = (place(from), to.map_or(map.bytes().len(), place));
        let raw = map.bytes().get(from_place..to_place).unwrap_or_default();
        let (head, last) = (raw.get(..HEAD).unwrap_or(raw), raw.len() <= HEAD);
        let (shape, _) = shape_of(&decoded(head, self.encoding, last), last);
        Ok(Some(Opened {
            path: self.path.clone(),
            file: self.file,
            encoding: self.encoding,
            shape,
            container: None,
            objectless: None,
            one_cell_a_line: false,
            bytes: Bytes::stream(packed::Slice::new(Arc::new(map), from_place, to_place)),
            base: from,
            shifted: OnceLock::new(),
            ascii_head: false,
            located: self.located.clone(),
            packed: None,
            spool: Arc::clone(&self.spool),
        }))
    }

    /// The same evidence from its start, to be read once more. `None` of a stream of which no copy was kept.
    ///
    /// # Errors
    /// When the file or the copy cannot be opened again.
    pub fn reopened(&self) -> io::Result<Option<Opened>> {
        let whole = self.part(0, None)?;
        Ok(whole.map(|opened| Opened {
            shape: self.shape.clone(),
            ..opened
        }))
    }

    /// The bytes once more: of a file from where it lies, of a stream from its copy. `None` where there is none.
    ///
    /// What is compressed is unpacked into a copy when it is first asked for: rows are asked for in no order and often.
    pub(super) fn again(&self) -> io::Result<Option<Map>> {
        if let Some(spool) = self.spool.get() {
            return spool.map();
        }
        if self.stamp.is_none() {
            return Ok(None);
        }
        match packed::bytes(&self.located)?.0 {
            Bytes::Mapped { map, .. } => Ok(Some(map)),
            Bytes::Stream(reader) => {
                let content = reader
                    .into_inner()
                    .ok()
                    .flatten()
                    .unwrap_or_else(|| Box::new(io::empty()));
                let (spool, mut copied) = Spool::of(content);
                io::copy(&mut copied, &mut io::sink())?;
                self.spool.get_or_init(|| spool).map()
            }
        }
    }
}

/// `head` gives so many first bytes, or all with `true` where there are fewer.
fn recognise<B: AsRef<[u8]>>(mut head: impl FnMut(usize) -> io::Result<(B, bool)>) -> io::Result<Recognised> {
    let (raw, last) = head(HEAD)?;
    let recognised = Recognised::of(raw.as_ref(), last);
    if last || !matches!(&recognised.shape, Shape::Json { sample, .. } if sample.is_empty()) {
        return Ok(recognised);
    }
    let (raw, last) = head(LONG_HEAD)?;
    Ok(Recognised::of(raw.as_ref(), last))
}

/// What the beginning of a file tells of it.
struct Recognised {
    encoding: Encoding,
    shape: Shape,
    container: Option<&'static str>,
    objectless: Option<&'static str>,
    one_cell_a_line: bool,
    ascii_head: bool,
}

impl Default for Recognised {
    fn default() -> Self {
        Recognised {
            encoding: Encoding::Utf8,
            shape: Shape::Unknown,
            container: None,
            objectless: None,
            one_cell_a_line: false,
            ascii_head: false,
        }
    }
}

impl Recognised {
    fn of(raw: &[u8], last: bool) -> Self {
        // The first member may be text, and so may what the archive says before it.
        if is_tar(raw) {
            return Recognised {
                container: Some(TAR),
                ..Recognised::default()
            };
        }
        let encoding = Encoding::detect(raw);
        if matches!(encoding, Encoding::Utf32Le | Encoding::Utf32Be) {
            return Recognised {
                encoding,
                ..Recognised::default()
            };
        }
        let text = decoded(raw, encoding, last);
        let (shape, objectless) = shape_of(&text, last);
        let one_cell_a_line = is_one_cell_a_line(&text);
        match (encoding, &shape) {
            // Bytes that are no text are in no code page.
            (Encoding::Utf8 | Encoding::Windows1252, Shape::Unknown) => Recognised {
                objectless,
                one_cell_a_line,
                container: container(raw),
                ..Recognised::default()
            },
            _ => Recognised {
                encoding,
                shape,
                container: None,
                objectless,
                one_cell_a_line,
                ascii_head: raw.is_ascii(),
            },
        }
    }
}

const TAR: &str = "a tar archive";

/// Whether the header of a first member stands here: the mark behind its other fields, as POSIX and as GNU write it.
fn is_tar(head: &[u8]) -> bool {
    let mark = head.get(257..).unwrap_or_default();
    mark.starts_with(b"ustar\0") || mark.starts_with(b"ustar  \0")
}

/// Archives that are not unpacked, by their first bytes; what could be unpacked lies within such another.
fn container(head: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: [(&[u8], &str); 8] = [
        (b"PK\x03\x04", "a zip archive"),
        (b"PK\x05\x06", "a zip archive"),
        (b"\x1F\x8B\x08", "gzip within another compression"),
        (b"\x28\xB5\x2F\xFD", "zstd within another compression"),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (b"Rar!\x1A\x07", "a RAR archive"),
        (b"\xFD7zXZ\0", "an xz file"),
        (b"BZh", "a bzip2 file"),
    ];
    let begins = |(mark, _): &&(&[u8], &str)| head.starts_with(mark);
    BEGINNINGS.iter().find(begins).map(|(_, name)| *name)
}

/// The text of the beginning of a file.
fn decoded(raw: &[u8], encoding: Encoding, last: bool) -> Cow<'_, [u8]> {
    match encoding.decoder() {
        None => Cow::Borrowed(raw),
        Some(mut decoder) => {
            let mut text = Vec::new();
            decoder.decode(raw, last, &mut text);
            Cow::Owned(text)
        }
    }
}

/// The shape that the beginning of a file has, and what it is made of where it is JSON without objects.
fn shape_of(text: &[u8], last: bool) -> (Shape, Option<&'static str>) {
    let shape = sniff(text, last);
    let objectless = match &shape {
        Shape::Json { sample, .. } if sample.is_empty() => objectless(text, last),
        Shape::Unknown => objectless(text, last),
        _ => None,
    };
    (shape, objectless)
}
