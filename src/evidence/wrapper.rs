//! What stands around and between JSON records: the object around an array of records, and small change.
//!
//! `{"@odata.context":"…","value":[` opens a page of records as Graph and the Management API return it, and
//! `],"Count":2}` closes one as ConvertTo-Json of Windows PowerShell writes it.

use super::json::string_end;

/// Names of the array that holds the records.
const ARRAYS: [&[u8]; 2] = [b"value", b"records"];
/// Bytes that the members around the array may have.
const LIMIT: usize = 64 << 10;

/// What was found at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// It is passed over up to here.
    Behind(usize),
    /// It is not that.
    No,
    /// The text ends before it can be told.
    Unfinished,
}

/// A member was not read: because it is none, or because the text ends within.
enum Stop {
    No,
    End,
}

struct Reader<'t> {
    view: &'t [u8],
    at: usize,
}

/// `{"value":[`, if objects or nothing follow in the array; other members may stand before it.
pub(super) fn open(text: &[u8], at: usize, last: bool) -> Around {
    let mut reader = Reader::new(text, at + 1);
    let mut read = || loop {
        let key = reader.key()?;
        if ARRAYS.contains(&key) {
            reader.expect(b'[')?;
            let inside = reader.at;
            return match reader.peek()? {
                b'{' | b']' => Ok(inside),
                _ => Err(Stop::No),
            };
        }
        if !(key.starts_with(b"@") || key.eq_ignore_ascii_case(b"count")) {
            return Err(Stop::No);
        }
        reader.scalar()?;
        reader.expect(b',')?;
    };
    told(read(), text, at, last)
}

/// `]` with the rest of the object that [`open`] began: more members without objects or arrays, and `}`.
pub(super) fn close(text: &[u8], at: usize, last: bool) -> Around {
    let mut reader = Reader::new(text, at + 1);
    let mut read = || loop {
        match reader.peek()? {
            b'}' => return Ok(reader.at + 1),
            b',' => reader.at += 1,
            _ => return Err(Stop::No),
        }
        reader.key()?;
        reader.scalar()?;
    };
    told(read(), text, at, last)
}

/// `null` in the place of a record.
pub(super) fn null(text: &[u8], at: usize, last: bool) -> Around {
    match literal(text, at, last, b"null") {
        Around::Behind(next) => match text.get(next) {
            Some(b) if b.is_ascii_alphanumeric() || *b == b'_' => Around::No,
            None if !last => Around::Unfinished,
            _ => Around::Behind(next),
        },
        other => other,
    }
}

/// These bytes and no others.
pub(super) fn literal(text: &[u8], at: usize, last: bool, bytes: &[u8]) -> Around {
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with(bytes) {
        Around::Behind(at + bytes.len())
    } else if !last && bytes.starts_with(rest) {
        Around::Unfinished
    } else {
        Around::No
    }
}

fn told(read: Result<usize, Stop>, text: &[u8], at: usize, last: bool) -> Around {
    match read {
        Ok(next) => Around::Behind(next),
        Err(Stop::No) => Around::No,
        Err(Stop::End) if last || text.len() - at >= LIMIT => Around::No,
        Err(Stop::End) => Around::Unfinished,
    }
}

impl<'t> Reader<'t> {
    fn new(text: &'t [u8], at: usize) -> Self {
        let end = text.len().min((at - 1).saturating_add(LIMIT));
        Reader {
            view: text.get(..end).unwrap_or_default(),
            at,
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Result<u8, Stop> {
        let rest = self.view.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        self.view.get(self.at).copied().ok_or(Stop::End)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Stop> {
        if self.peek()? != wanted {
            return Err(Stop::No);
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<&'t [u8], Stop> {
        self.expect(b'"')?;
        let from = self.at;
        match string_end(self.view, from) {
            None => Err(Stop::End),
            Some(Err(_)) => Err(Stop::No),
            Some(Ok(close)) => {
                self.at = close + 1;
                Ok(self.view.get(from..close).unwrap_or_default())
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Result<&'t [u8], Stop> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// A value that is neither object nor array.
    fn scalar(&mut self) -> Result<(), Stop> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                let rest = self.view.get(self.at..).unwrap_or_default();
                let word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+');
                self.at += rest.iter().take_while(word).count();
                Ok(())
            }
            _ => Err(Stop::No),
        }
    }
}
