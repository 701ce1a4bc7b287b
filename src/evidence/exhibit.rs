//! An exhibit: one evidence file, opened and recognised by its bytes.

use std::io::{self, Cursor, Read};
use std::sync::OnceLock;

use super::Shape;
use super::alignment::Shifted;
use super::bytes::{Bytes, Map, Stamp};
use super::discover::{Located, Source};
use super::encoding::Encoding;
use super::read::ReadOutcome;
use super::sniff::sniff;
use super::spool::Spool;
use super::step::RECORD_LIMIT;

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
    pub(super) bytes: Bytes,
    pub(super) shifted: OnceLock<Shifted>,
    source: Source,
    spool: OnceLock<Spool>,
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
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// What of it was read from the wrong byte on.
    pub shifted: Option<Shifted>,
    source: Source,
    stamp: Option<Stamp>,
    spool: Option<Spool>,
}

/// Opens an evidence file read-only and settles its encoding and shape from its first bytes. Nothing of a regular file
/// is read but those.
pub fn open(located: &Located, file: u32) -> io::Result<Opened> {
    let bytes = match &located.source {
        Source::StandardInput => Bytes::stream(io::stdin()),
        Source::File(path) => Bytes::open(path)?,
    };
    Opened::new(located, file, bytes)
}

impl Opened {
    pub(super) fn new(located: &Located, file: u32, mut bytes: Bytes) -> io::Result<Opened> {
        let (encoding, shape) = match &mut bytes {
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
        let (path, source) = (located.path.clone(), located.source.clone());
        Ok(Opened {
            path,
            file,
            encoding,
            shape,
            bytes,
            shifted: OnceLock::new(),
            source,
            spool: OnceLock::new(),
        })
    }

    /// Keeps a copy of a stream while it is read, so that its rows can be read again. Files need none.
    pub fn keep_copy(&self) {
        if let Bytes::Stream(reader) = &self.bytes
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

    /// Whether the file is still what it was when it was opened. A stream always is.
    pub fn unchanged(&self) -> bool {
        match &self.bytes {
            Bytes::Mapped { stamp, .. } => stamp.unchanged(),
            Bytes::Stream(_) => true,
        }
    }

    /// What remains when the file is closed, with what reading it gave.
    pub fn exhibit<S>(&self, outcome: &ReadOutcome<S>) -> Exhibit {
        Exhibit {
            path: self.path.clone(),
            file: self.file,
            encoding: self.encoding,
            shape: self.shape.clone(),
            bytes: outcome.bytes,
            sha256: outcome.sha256.clone(),
            shifted: self.shifted.get().copied(),
            source: self.source.clone(),
            stamp: match &self.bytes {
                Bytes::Mapped { stamp, .. } => Some(stamp.clone()),
                Bytes::Stream(_) => None,
            },
            spool: self.spool.get().cloned(),
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
        self.spool.as_ref()?.lost()
    }

    /// The same evidence from its start, to be read once more. `None` of a stream of which no copy was kept.
    ///
    /// # Errors
    /// When the file or the copy cannot be opened again.
    pub fn reopened(&self) -> io::Result<Option<Opened>> {
        let Some(map) = self.again()? else { return Ok(None) };
        Ok(Some(Opened {
            path: self.path.clone(),
            file: self.file,
            encoding: self.encoding,
            shape: self.shape.clone(),
            bytes: Bytes::stream(Cursor::new(map)),
            shifted: OnceLock::new(),
            source: self.source.clone(),
            spool: OnceLock::new(),
        }))
    }

    /// The bytes once more: of a file from where it lies, of a stream from its copy. `None` where there is none.
    pub(super) fn again(&self) -> io::Result<Option<Map>> {
        match (&self.spool, &self.stamp, &self.source) {
            (Some(spool), ..) => spool.map(),
            (None, Some(_), Source::File(path)) => match Bytes::open(path)? {
                Bytes::Mapped { map, .. } => Ok(Some(map)),
                Bytes::Stream(_) => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

/// `head` gives so many first bytes, or all with `true` where there are fewer.
fn recognise<B: AsRef<[u8]>>(mut head: impl FnMut(usize) -> io::Result<(B, bool)>) -> io::Result<(Encoding, Shape)> {
    let (raw, last) = head(HEAD)?;
    let encoding = Encoding::detect(raw.as_ref());
    let shape = shape_of(raw.as_ref(), encoding, last);
    if last || !matches!(&shape, Shape::Json { sample } if sample.is_empty()) {
        return Ok((encoding, shape));
    }
    let (raw, last) = head(LONG_HEAD)?;
    Ok((encoding, shape_of(raw.as_ref(), encoding, last)))
}

fn shape_of(raw: &[u8], encoding: Encoding, last: bool) -> Shape {
    match encoding.decoder() {
        None => sniff(raw, last),
        Some(mut decoder) => {
            let mut text = Vec::new();
            decoder.decode(raw, last, &mut text);
            sniff(&text, last)
        }
    }
}
