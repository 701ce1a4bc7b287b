//! What stands around and between JSON records: the object around an array of records, and small change.
//!
//! `{"@odata.context":"…","value":[` opens a page of records as Graph and the Management API return it, and
//! `],"Count":2}` closes one as ConvertTo-Json of Windows PowerShell writes it. Advanced hunting has `{"Schema":[…],"Results":[`,
//! a search of Elastic `{"took":1,"hits":{"total":{…},"hits":[`, a query of Log Analytics
//! `{"tables":[{"name":"…","columns":[…],"rows":[`.

use serde_json::Value;

use super::json::{begins, string_end};

/// Names of the array that holds the records.
const ARRAYS: [&str; 5] = ["value", "records", "results", "data", "hits"];
/// Names of the object around that array, and of the table among others.
const OUTER: [&str; 2] = ["hits", "tables"];
/// What else stands around the records: numbers and words on the answer, and the types of its columns.
const ASIDE: [&str; 10] = [
    "count",
    "schema",
    "stats",
    "took",
    "timed_out",
    "_shards",
    "_scroll_id",
    "pit_id",
    "total",
    "max_score",
];
/// Names of the rows of a table, of its columns, and of a column's name.
const ROWS: &str = "rows";
const COLUMNS: &str = "columns";
const COLUMN_NAMES: [&str; 2] = ["name", "ColumnName"];
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    No,
    End,
}

pub(super) struct Reader<'t> {
    view: &'t [u8],
    at: usize,
    /// The text goes on behind the view.
    limited: bool,
}

/// `{"value":[`, if objects, their texts or nothing follow in the array; other members may stand before it.
pub(super) fn open(text: &[u8], at: usize, last: bool) -> Around {
    let mut reader = Reader::new(text, at + 1);
    let mut read = || loop {
        let key = reader.key()?;
        let opens = reader.peek()?;
        if opens == b'[' && is_one_of(key, &ARRAYS) {
            reader.at += 1;
            let inside = reader.at;
            return match reader.peek()? {
                b'{' | b']' => Ok(inside),
                b'"' if reader.object_in_string()? => Ok(inside),
                _ => Err(Stop::No),
            };
        }
        if opens == b'{' && is_one_of(key, &OUTER) {
            reader.at += 1;
            continue;
        }
        reader.aside(key)?;
        reader.expect(b',')?;
    };
    told(read(), text, at, last)
}

/// The beginning of a table up to its rows, if its columns are those of the file.
pub(super) fn table(text: &[u8], at: usize, last: bool, are: impl Fn(&[String]) -> bool) -> Around {
    let read = match rows(text, at) {
        Ok((names, inside)) if are(&names) => Ok(inside),
        Ok(_) => Err(Stop::No),
        Err(stop) => Err(stop),
    };
    told(read, text, at, last)
}

/// The names of the columns of a table that begins at `at`.
pub(super) fn columns(text: &[u8], at: usize) -> Option<Vec<String>> {
    rows(text, at).ok().map(|(names, _)| names)
}

/// The names of the columns of a table, and the place behind the bracket that opens its rows.
fn rows(text: &[u8], at: usize) -> Result<(Vec<String>, usize), Stop> {
    if text.get(at) != Some(&b'{') {
        return Err(Stop::No);
    }
    let mut reader = Reader::new(text, at + 1);
    let mut names = None;
    loop {
        let key = reader.key()?;
        match (reader.peek()?, &names) {
            (b'[', _) if is_one_of(key, &OUTER) => {
                reader.at += 1;
                reader.expect(b'{')?;
                continue;
            }
            (b'[', Some(_)) if is_one_of(key, &[ROWS]) => {
                reader.at += 1;
                let inside = reader.at;
                return match reader.peek()? {
                    b'[' | b']' => Ok((names.unwrap_or_default(), inside)),
                    _ => Err(Stop::No),
                };
            }
            (b'[', None) if is_one_of(key, &[COLUMNS]) => names = Some(column_names(reader.value()?)?),
            _ => reader.scalar()?,
        }
        reader.expect(b',')?;
    }
}

fn column_names(columns: &[u8]) -> Result<Vec<String>, Stop> {
    let columns: Vec<Value> = serde_json::from_slice(columns).map_err(|_| Stop::No)?;
    let name = |column: &Value| {
        let named = |key: &str| Some(column.get(key)?.as_str()?.to_owned());
        COLUMN_NAMES.iter().find_map(|key| named(key)).ok_or(Stop::No)
    };
    let names: Vec<String> = columns.iter().map(name).collect::<Result<_, _>>()?;
    if names.is_empty() { Err(Stop::No) } else { Ok(names) }
}

/// `]` with the rest of the objects that [`open`] began: more members beside the array, and `}` for each.
pub(super) fn close(text: &[u8], at: usize, last: bool) -> Around {
    let mut reader = Reader::new(text, at + 1);
    let mut closed = None;
    let mut read = || loop {
        match (reader.peek(), closed) {
            (Ok(b'}'), _) => {
                reader.at += 1;
                closed = Some(reader.at);
            }
            (Ok(b','), None) => {
                reader.at += 1;
                let key = reader.key()?;
                reader.beside(key)?;
            }
            (Ok(_), None) => return Err(Stop::No),
            (Ok(_), Some(end)) => return Ok(end),
            (Err(Stop::End), Some(end)) if last || reader.limited => return Ok(end),
            (Err(stop), _) => return Err(stop),
        }
    };
    told(read(), text, at, last)
}

fn is_one_of(key: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| key.eq_ignore_ascii_case(name.as_bytes()))
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
            limited: end < text.len(),
        }
    }

    /// Reads on in a text that is all there, from `at`.
    pub(super) fn within(view: &'t [u8], at: usize) -> Self {
        Reader {
            view,
            at,
            limited: false,
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Result<u8, Stop> {
        let rest = self.view.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        self.view.get(self.at).copied().ok_or(Stop::End)
    }

    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), Stop> {
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

    /// The value of a member before the array.
    fn aside(&mut self, key: &[u8]) -> Result<(), Stop> {
        if is_one_of(key, &ASIDE) {
            self.value().map(drop)
        } else if key.starts_with(b"@") || key.starts_with(b"odata.") {
            self.scalar()
        } else {
            Err(Stop::No)
        }
    }

    /// The value of a member behind the array. What is no scalar may hold records: it is passed over where its name says
    /// that it holds none.
    fn beside(&mut self, key: &[u8]) -> Result<(), Stop> {
        if is_one_of(key, &ASIDE) {
            self.value().map(drop)
        } else {
            self.scalar()
        }
    }

    /// Whether the string here begins as the text of an object does.
    fn object_in_string(&self) -> Result<bool, Stop> {
        begins(self.view, self.at, false).ok_or(Stop::End)
    }

    /// Any value.
    pub(super) fn value(&mut self) -> Result<&'t [u8], Stop> {
        if !matches!(self.peek()?, b'{' | b'[') {
            let from = self.at;
            self.scalar()?;
            return Ok(self.view.get(from..self.at).unwrap_or_default());
        }
        let (from, mut depth) = (self.at, 0_usize);
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(self.view.get(from..self.at).unwrap_or_default());
            }
        }
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
