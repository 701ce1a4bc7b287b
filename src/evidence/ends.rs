//! The records at both ends of a file, for a look at it that does not read what lies between.

use std::io::{self, Read};
use std::ops::Range;

use super::bytes::Bytes;
use super::csv::Csv;
use super::encoding::Ruler;
use super::exhibit::Opened;
use super::json::Json;
use super::split::Stretch;
use super::step::{Format, RECORD_LIMIT};
use super::{Shape, Sink};

/// Raw bytes at either end.
const END: usize = 256 << 10;
/// Content of a stream that is read for a look: a small one is seen to its end.
const STREAM: u64 = 8 << 20;

/// What the ends of a file hold.
#[derive(Debug)]
pub struct Ends<S> {
    /// What took the rows near the start, of a small file all.
    pub head: Vec<S>,
    /// What took the rows near the end, empty where none was found there; `None` where the start is all that was looked at.
    pub tail: Option<Vec<S>>,
    /// Whether the end of the file was seen. That of a large stream is not.
    pub to_end: bool,
}

/// Reads the rows near both ends of a file in its own shape.
///
/// # Errors
/// Where it cannot be read.
pub fn ends<S: Sink>(opened: &Opened, make: &(dyn Fn() -> S + Sync)) -> io::Result<Ends<S>> {
    let mut content = Vec::new();
    let (raw, to_end) = match &opened.bytes {
        Bytes::Mapped { map, .. } => (map.bytes(), true),
        Bytes::Stream(reader) => {
            let reader = reader.lock().ok().and_then(|mut reader| reader.take());
            let mut reader = reader.unwrap_or_else(|| Box::new(io::empty())).take(STREAM);
            reader.read_to_end(&mut content)?;
            (&content[..], (content.len() as u64) < STREAM)
        }
    };
    let look = Look { opened, make };
    let (head, tail) = match &opened.shape {
        Shape::Unknown => (Vec::new(), None),
        Shape::Csv {
            delimiter,
            header,
            above,
            ..
        } => {
            let csv = Csv {
                delimiter: *delimiter,
                header,
                limit: RECORD_LIMIT,
            };
            look.both(raw, to_end, above.len(), |_| csv.clone())
        }
        Shape::Json { columns, .. } => look.both(raw, to_end, 0, |head| Json::learn(head, columns, RECORD_LIMIT)),
    };
    Ok(Ends { head, tail, to_end })
}

struct Look<'a, S> {
    opened: &'a Opened,
    make: &'a (dyn Fn() -> S + Sync),
}

impl<S: Sink> Look<'_, S> {
    /// The rows near the start, and those near the end. `from`: where the records begin in the text.
    fn both<F: Format>(
        &self,
        raw: &[u8],
        to_end: bool,
        from: usize,
        learn: impl Fn(&[u8]) -> F,
    ) -> (Vec<S>, Option<Vec<S>>) {
        if raw.len() <= 2 * END {
            let text = self.text(raw, to_end);
            let range = from.min(text.len())..text.len();
            return (self.rows(&learn(&text), &text, range, to_end), None);
        }
        let head = self.text(raw.get(..END).unwrap_or(raw), false);
        let format = learn(&head);
        let first = self.rows(&format, &head, from.min(head.len())..head.len(), false);
        let last = to_end.then(|| {
            // An even number of bytes from the start, as the halves of UTF-16 are.
            let from = (raw.len() - END) & !1;
            let tail = self.text(raw.get(from..).unwrap_or_default(), true);
            let start = format.guess(&tail, 1..tail.len(), false);
            start.map_or_else(Vec::new, |start| self.rows(&format, &tail, start..tail.len(), true))
        });
        (first, last)
    }

    fn text(&self, raw: &[u8], last: bool) -> Vec<u8> {
        let mut text = Vec::new();
        match self.opened.encoding.decoder() {
            None => text.extend_from_slice(raw),
            Some(mut decoder) => decoder.decode(raw, last, &mut text),
        }
        text
    }

    fn rows<F: Format>(&self, format: &F, text: &[u8], range: Range<usize>, last: bool) -> Vec<S> {
        let stretch = Stretch {
            format,
            text,
            last,
            ruler: Ruler::Bytes { base: 0 },
            file: self.opened.file,
            chunk: usize::MAX,
            make: self.make,
        };
        stretch.read(range).pieces.into_iter().map(|(sink, _)| sink).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Recorder, mapped, stream};
    use super::*;
    use test_case::test_case;

    fn utf_16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn plain(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }

    fn firsts(ends: &Ends<Recorder>) -> Vec<(String, String)> {
        let cell = |seen: Option<&super::super::testing::Seen>| seen.map(|s| s.cells[0].clone()).unwrap_or_default();
        ends.head
            .iter()
            .chain(ends.tail.iter().flatten())
            .map(|s| (cell(s.0.first()), cell(s.0.last())))
            .collect()
    }

    fn table(rows: usize) -> String {
        let row = |i| format!("{i},\"x\ny\",{}\n", "z".repeat(60));
        std::iter::once("a,b,c\n".to_owned())
            .chain((0..rows).map(row))
            .collect()
    }

    #[test_case(plain)]
    #[test_case(utf_16)]
    fn the_first_and_last_rows_of_a_large_file_are_seen(encode: fn(&str) -> Vec<u8>) {
        let (_file, opened) = mapped(&encode(&table(30_000)));
        let ends = ends(&opened, &Recorder::default).unwrap();
        let firsts = firsts(&ends);
        assert_eq!(
            (firsts[0].0.as_str(), firsts[1].1.as_str(), ends.to_end),
            ("0", "29999", true)
        );
        assert_eq!(firsts.len(), 2);
    }

    #[test]
    fn a_small_file_is_seen_whole_and_json_is_too() {
        let (_file, opened) = mapped(table(3).as_bytes());
        assert_eq!(ends(&opened, &Recorder::default).unwrap().head[0].0.len(), 3);
        let text: String = (0..20_000)
            .map(|i| format!("{{\"Id\":{i},\"Name\":\"a name of some length\"}}\n"))
            .collect();
        let (_file, opened) = mapped(text.as_bytes());
        let ends = ends(&opened, &Recorder::default).unwrap();
        assert!(firsts(&ends)[1].1.contains("19999"));
    }

    #[test]
    fn of_a_large_stream_only_the_start_is_seen() {
        let opened = stream(table(130_000).as_bytes());
        let ends = ends(&opened, &Recorder::default).unwrap();
        assert_eq!(
            (firsts(&ends)[0].0.as_str(), ends.to_end, ends.tail.is_none()),
            ("0", false, true)
        );
    }
}
