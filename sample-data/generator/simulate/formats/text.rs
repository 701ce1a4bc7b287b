//! What all text exports share: CSV framing, JSON layouts of the two PowerShells, encodings, and damage.

use serde_json::Value;

use super::super::random::Random;

/// How a text becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf8Bom,
    /// UTF-16, little endian, without a byte-order mark, as historical searches are delivered.
    Utf16,
    Utf16Bom,
}

impl Encoding {
    /// The bytes of `text`.
    pub fn encode(self, text: &str) -> Vec<u8> {
        let wide = |mark: &[u8]| {
            let mut bytes = Vec::with_capacity(2 * text.len() + 2);
            bytes.extend_from_slice(mark);
            for unit in text.encode_utf16() {
                bytes.extend_from_slice(&unit.to_le_bytes());
            }
            bytes
        };
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf8Bom => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            Self::Utf16 => wide(&[]),
            Self::Utf16Bom => wide(&[0xff, 0xfe]),
        }
    }
}

/// Which cells are quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// Every cell, as Export-Csv does.
    Always,
    /// Only cells that need it, as portals do.
    Needed,
}

/// A CSV text with CRLF line ends.
#[derive(Debug)]
pub struct Table {
    text: String,
    quotes: Quotes,
}

impl Table {
    /// A table with its header row.
    pub fn new(header: &[&str], quotes: Quotes) -> Self {
        let mut table = Self::rows(quotes);
        table.row(header);
        table
    }

    /// A table without a header, for rows that are joined to another.
    pub fn rows(quotes: Quotes) -> Self {
        Self {
            text: String::new(),
            quotes,
        }
    }

    /// Adds a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            let cell = cell.as_ref();
            if self.quotes == Quotes::Always || cell.contains([',', '"', '\r', '\n']) || cell.ends_with(' ') {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(cell);
            }
        }
        self.text.push_str("\r\n");
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }
}

/// What ConvertTo-Json of Windows PowerShell 5.1 prints: four spaces, CRLF, slashes of dates and some ASCII
/// characters escaped. Dates are expected as `/Date(ms)/`.
pub fn json_windows(value: &Value) -> String {
    let escaped = indented(value, b"    ")
        .replace("\"/Date(", "\"\\/Date(")
        .replace(")/\"", ")\\/\"")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\'', "\\u0027");
    escaped.replace('\n', "\r\n") + "\r\n"
}

/// What ConvertTo-Json of PowerShell 7 prints: two spaces, nothing escaped that need not be.
pub fn json_seven(value: &Value) -> String {
    indented(value, b"  ") + "\n"
}

fn indented(value: &Value, indent: &[u8]) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    // Writing a Value into memory fails for no value.
    serde::Serialize::serialize(value, &mut serializer).expect("a JSON value is always writable");
    String::from_utf8_lossy(&out).into_owned()
}

/// What can have happened to a file on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The file ends in the middle of its last record.
    CutLastRecord,
    /// One quote too many in the middle of the file.
    StrayQuote,
    /// In one of fifty rows AuditData ends in the middle of its JSON.
    CutAuditData,
    /// In one of fifty rows AuditData is empty.
    EmptyAuditData,
}

/// AuditData as `damage` leaves it.
pub fn damaged_cell(cell: String, damage: &[Damage], r: &mut Random) -> String {
    for kind in damage {
        match kind {
            Damage::CutAuditData if r.chance(20) => {
                return cell.chars().take(cell.chars().count() * 2 / 3).collect();
            }
            Damage::EmptyAuditData if r.chance(20) => return String::new(),
            _ => {}
        }
    }
    cell
}

/// A whole file as `damage` leaves it.
pub fn damaged_text(mut text: String, damage: &[Damage]) -> String {
    if damage.contains(&Damage::StrayQuote) {
        let middle = text.len() / 2;
        // Behind a line end, so that the quote opens a cell that nothing closes.
        if let Some(at) = text.as_bytes()[middle..].windows(2).position(|pair| pair == b"\r\n") {
            text.insert(middle + at + 2, '"');
        }
    }
    if damage.contains(&Damage::CutLastRecord) {
        let mut end = text.len().saturating_sub(180);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}
