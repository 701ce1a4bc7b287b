//! What the tests of this room share: a sink that writes everything down.

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::bytes::Bytes;
use super::exhibit::Opened;
use super::{
    Caps, Encoding, Fate, Located, Origin, ReadOptions, ReadOutcome, Reason, Row, Shape, Sink, Source, Tally, read,
};

/// One row as a sink saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub origin: Origin,
    pub cells: Vec<String>,
    pub damaged: bool,
}

/// Writes every row down. Its answer depends on the row: one whose first cell begins with `R` is rejected, with `D`
/// degraded.
#[derive(Debug, Default)]
pub struct Recorder(pub Vec<Seen>);

impl Sink for Recorder {
    fn row(&mut self, row: &Row<'_>, origin: Origin) -> Fate {
        let seen = seen(row, origin);
        let fate = match seen.cells.first().and_then(|c| c.chars().next()) {
            Some('R') => Fate::Rejected(Reason::NoTime),
            Some('D') => Fate::Degraded(Reason::AuditDataBroken),
            _ => Fate::Accepted,
        };
        self.0.push(seen);
        fate
    }

    fn shift_records(&mut self, by: u32) {
        for seen in &mut self.0 {
            seen.origin.record += by;
        }
    }

    fn absorb(&mut self, next: Self) {
        self.0.extend(next.0);
    }
}

/// A row as owned text; an object is one cell.
pub fn seen(row: &Row<'_>, origin: Origin) -> Seen {
    let (cells, damaged) = match row {
        Row::Csv(row) => (row.cells.iter().map(|c| c.text().into_owned()).collect(), row.damaged),
        Row::Json(text) => (vec![super::text(text).into_owned()], false),
    };
    Seen { origin, cells, damaged }
}

/// What a pass gave, without its division into chunks.
#[derive(Debug, PartialEq, Eq)]
pub struct Result {
    pub rows: Vec<Seen>,
    pub tally: Tally,
    pub sha256: String,
    pub bytes: u64,
}

impl Result {
    pub fn cells(&self) -> Vec<Vec<&str>> {
        self.rows
            .iter()
            .map(|row| row.cells.iter().map(String::as_str).collect())
            .collect()
    }

    pub fn offsets(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.origin.offset).collect()
    }

    /// What the ledger holds: record, offset and reason.
    pub fn ledger(&self) -> Vec<(u32, u64, Reason)> {
        self.tally
            .ledger
            .iter()
            .map(|e| (e.origin.record, e.origin.offset, e.reason))
            .collect()
    }
}

impl From<ReadOutcome<Recorder>> for Result {
    fn from(outcome: ReadOutcome<Recorder>) -> Self {
        let rows = outcome.sink.map(|sink| sink.0).unwrap_or_default();
        Result {
            rows,
            tally: outcome.tally,
            sha256: outcome.sha256,
            bytes: outcome.bytes,
        }
    }
}

/// Sizes for small texts: `chunk` bytes a chunk, four chunks a wave or window.
pub fn sizes(chunk: usize) -> ReadOptions {
    ReadOptions {
        chunk,
        wave: chunk.saturating_mul(4),
        window: chunk.saturating_mul(4),
        ..ReadOptions::default()
    }
}

/// A table of three columns.
pub fn table() -> Shape {
    Shape::Csv {
        delimiter: b',',
        header: ["a", "b", "c"].map(str::to_owned).to_vec(),
        sample: Vec::new(),
        above: Vec::new(),
    }
}

pub fn objects() -> Shape {
    Shape::Json {
        sample: Vec::new(),
        columns: Vec::new(),
    }
}

fn located(source: Source) -> Located {
    Located {
        path: "evidence".to_owned(),
        source,
        caps: Caps::default(),
        note: None,
    }
}

/// Opened as a stream.
pub fn stream(raw: &[u8]) -> Opened {
    let bytes = Bytes::stream(Cursor::new(raw.to_vec()));
    Opened::new(&located(Source::StandardInput), 7, bytes).unwrap()
}

/// Opened as a file, which must outlive it.
pub fn mapped(raw: &[u8]) -> (tempfile::NamedTempFile, Opened) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(raw).unwrap();
    let opened = super::open(&located(Source::File(file.path().to_owned())), 7).unwrap();
    (file, opened)
}

pub fn read_opened(opened: &Opened, shape: &Shape, options: &ReadOptions) -> Result {
    read(opened, shape, &Recorder::default, options, &()).unwrap().into()
}

/// Reads a mapped file of UTF-8.
pub fn read_mapped(raw: &[u8], shape: &Shape, options: &ReadOptions) -> Result {
    let (_file, mut opened) = mapped(raw);
    opened.encoding = Encoding::Utf8;
    read_opened(&opened, shape, options)
}

/// Reads a stream of UTF-8.
pub fn read_stream(raw: &[u8], shape: &Shape, options: &ReadOptions) -> Result {
    let mut opened = stream(raw);
    opened.encoding = Encoding::Utf8;
    read_opened(&opened, shape, options)
}

/// Texts made of such pieces.
pub fn pieces(of: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(of), 0..40).prop_map(|pieces| pieces.concat())
}

/// Pieces of tables, whole and broken.
pub const TABLES: &[&[u8]] = &[
    b"1,2,3\n",
    b"\"1\",\"2\",\"3\"\r\n",
    b"\"x\ny\",b,\"\r\n\"\n",
    b"\"q\"\"q\",2,\"\"\"\"\n",
    b"R,1,2\n",
    b"D,\"1\",2\r\n",
    b"a,b,c\r\n",
    b"#TYPE T\n",
    b"\xEF\xBB\xBF",
    b"1,2\n",
    b"1,\"2\n",
    b"\"un\"closed\" x,2,3\n",
    b"\xff\xfe,\xc3\xa9,3\n",
    b"\"",
    b",",
    b"\n",
    b"\r",
    b" ",
    b"#TY",
    b"\xEF",
];

/// Zip archives written byte by byte, so that any of it can be wrong.
pub mod zip {
    use std::io::Write;

    pub struct Entry {
        pub name: Vec<u8>,
        pub method: u16,
        pub flags: u16,
        pub data: Vec<u8>,
        pub crc: u32,
        /// The length once unpacked.
        pub length: u64,
        /// What the directory says of the length, where it is something else.
        pub declared: Option<u64>,
        /// Where the directory says that the header stands, if elsewhere than it does.
        pub header_at: Option<u64>,
    }

    impl Entry {
        fn new(name: &str, method: u16, data: Vec<u8>, content: &[u8]) -> Self {
            let mut crc = flate2::Crc::new();
            crc.update(content);
            Entry {
                name: name.as_bytes().to_vec(),
                method,
                flags: 0,
                data,
                crc: crc.sum(),
                length: content.len() as u64,
                declared: None,
                header_at: None,
            }
        }

        pub fn stored(name: &str, content: &[u8]) -> Self {
            Entry::new(name, 0, content.to_vec(), content)
        }

        pub fn deflated(name: &str, content: &[u8]) -> Self {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(content).unwrap();
            Entry::new(name, 8, encoder.finish().unwrap(), content)
        }

        pub fn zstd(name: &str, content: &[u8]) -> Self {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            Entry::new(name, 93, ruzstd::encoding::compress_to_vec(content, level), content)
        }
    }

    pub struct Zip(Vec<Entry>);

    impl Zip {
        pub fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
            Zip(entries.into_iter().collect())
        }

        /// Sizes and offsets stand in zip64 fields, which every reader must know.
        pub fn bytes(&self) -> Vec<u8> {
            let (mut out, mut directory) = (Vec::new(), Vec::new());
            for entry in &self.0 {
                let at = entry.header_at.unwrap_or(out.len() as u64);
                let length = entry.declared.unwrap_or(entry.length);
                let sizes = [length, entry.data.len() as u64];
                let mut common = Vec::new();
                common.extend([45u16, entry.flags, entry.method, 0, 0].map(u16::to_le_bytes).concat());
                common.extend(entry.crc.to_le_bytes());
                common.extend([0xFF; 8]);
                common.extend(u16::to_le_bytes(entry.name.len() as u16));
                let extra = |values: &[u64]| {
                    let mut extra = [1u16, values.len() as u16 * 8].map(u16::to_le_bytes).concat();
                    values.iter().for_each(|v| extra.extend(v.to_le_bytes()));
                    extra
                };
                let (local, central) = (extra(&sizes), extra(&[sizes[0], sizes[1], at]));
                out.extend(b"PK\x03\x04");
                out.extend(&common);
                out.extend(u16::to_le_bytes(local.len() as u16));
                out.extend([&entry.name[..], &local, &entry.data].concat());
                directory.extend(b"PK\x01\x02\x2D\0");
                directory.extend(&common);
                directory.extend(u16::to_le_bytes(central.len() as u16));
                directory.extend([0; 10]);
                directory.extend([0xFF; 4]);
                directory.extend([&entry.name[..], &central].concat());
            }
            let (at, length, count) = (out.len() as u64, directory.len() as u64, self.0.len() as u64);
            out.extend(directory);
            let record = out.len() as u64;
            out.extend(b"PK\x06\x06");
            out.extend(44u64.to_le_bytes());
            out.extend([45u16, 45, 0, 0, 0, 0].map(u16::to_le_bytes).concat());
            out.extend([count, count, length, at].map(u64::to_le_bytes).concat());
            out.extend(b"PK\x06\x07\0\0\0\0");
            out.extend(record.to_le_bytes());
            out.extend(1u32.to_le_bytes());
            out.extend(b"PK\x05\x06\0\0\0\0");
            out.extend([0xFF; 12]);
            out.extend([0, 0]);
            out
        }
    }
}
