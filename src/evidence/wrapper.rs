//! What stands around and between JSON records: the object around an array of records, and small change.
//!
//! `{"@odata.context":"…","value":[` opens a page of records as Graph and the Management API return it, and
//! `],"Count":2}` closes one as ConvertTo-Json of Windows PowerShell writes it. Advanced hunting has `{"Schema":[…],"Results":[`,
//! a search of Elastic `{"took":1,"hits":{"total":{…},"hits":[`, a query of Log Analytics
//! `{"tables":[{"name":"…","columns":[…],"rows":[`.

use serde_json::Value;

use super::json::{begins, string_end, work};

/// Names of the array that holds the records.
const ARRAYS: [&str; 5] = ["value", "records", "results", "data", "hits"];
/// Names of the object around that array, and of the table among others.
const OUTER: [&str; 2] = ["hits", "tables"];
/// What else stands around the records: numbers and words on the answer, and the types of its columns.
const ASIDE: [&str; 13] = [
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
    "num_reduce_phases",
    "terminated_early",
    "_clusters",
];
/// What stands behind the records only: before an array it may be the member of a record.
const BEHIND: [&str; 5] = ["nextlink", "status", "aggregations", "statistics", "render"];
/// Names of the rows of a table, of its columns, and of a column's name.
const ROWS: &str = "rows";
const COLUMNS: &str = "columns";
const COLUMN_NAMES: [&str; 2] = ["name", "ColumnName"];
/// Bytes that the members around the array may have.
const LIMIT: usize = 64 << 10;
/// Members before the array, and behind it; and brackets inside one another in one of them. Without bounds hostile text would
/// be looked at to [`LIMIT`] from each of its lines.
const MEMBERS: usize = 12;
const DEPTH: usize = 16;

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

/// Where the objects around an array end.
struct End {
    place: usize,
    /// How many of them.
    objects: usize,
}

pub(super) struct Reader<'t> {
    view: &'t [u8],
    at: usize,
    /// The view ends at the bound, whether or not the text goes on behind it: a window may end there too.
    limited: bool,
    /// Brackets that a value may have inside one another.
    depth: usize,
}

/// `{"value":[`, if objects or their texts follow in the array; other members may stand before it. Where nothing follows in
/// it, all of the object must be such as stands around records: it may be a record in which a list is empty.
pub(super) fn open(text: &[u8], at: usize, last: bool) -> Around {
    let mut reader = Reader::new(text, at + 1);
    let inside = reader.array(last);
    work::count(reader.at - at);
    told(inside, text, at, last)
}

/// The beginning of a table up to its rows, if its columns are those of the file.
pub(super) fn table(text: &[u8], at: usize, last: bool, are: impl Fn(&[String]) -> bool) -> Around {
    let mut reader = Reader::new(text, at + 1);
    let rows = reader.rows();
    work::count(reader.at - at);
    let inside = rows.and_then(|(names, inside)| if are(&names) { Ok(inside) } else { Err(Stop::No) });
    told(inside, text, at, last)
}

/// The names of the columns of a table that begins at `at`.
pub(super) fn columns(text: &[u8], at: usize) -> Option<Vec<String>> {
    let rows = Reader::new(text, at + 1).rows();
    rows.ok()
        .filter(|_| text.get(at) == Some(&b'{'))
        .map(|(names, _)| names)
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
    let behind = reader.end(last);
    work::count(reader.at - at);
    told(behind.map(|end| end.place), text, at, last)
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
            limited: end == (at - 1).saturating_add(LIMIT),
            depth: DEPTH,
        }
    }

    /// Reads on in a text that is all there, from `at`.
    pub(super) fn within(view: &'t [u8], at: usize) -> Self {
        Reader {
            view,
            at,
            limited: false,
            depth: usize::MAX,
        }
    }

    /// Passes over the members before the array of records, to the place behind its bracket.
    fn array(&mut self, last: bool) -> Result<usize, Stop> {
        let mut outer = 0;
        for _ in 0..MEMBERS {
            let key = self.key()?;
            let opens = self.peek()?;
            if opens == b'[' && is_one_of(key, &ARRAYS) {
                self.at += 1;
                let inside = self.at;
                return match self.peek()? {
                    b'{' => Ok(inside),
                    b']' => {
                        self.at += 1;
                        let end = self.end(last)?;
                        if end.objects > outer { Ok(inside) } else { Err(Stop::No) }
                    }
                    b'"' if self.object_in_string()? => Ok(inside),
                    _ => Err(Stop::No),
                };
            }
            if opens == b'{' && outer == 0 && is_one_of(key, &OUTER) {
                self.at += 1;
                outer += 1;
                continue;
            }
            self.aside(key)?;
            self.expect(b',')?;
        }
        Err(Stop::No)
    }

    /// Passes over the members before the rows of a table: the names of its columns, and the place behind the bracket that
    /// opens the rows.
    fn rows(&mut self) -> Result<(Vec<String>, usize), Stop> {
        let (mut names, mut outer) = (None, 0);
        for _ in 0..MEMBERS {
            let key = self.key()?;
            match (self.peek()?, &names) {
                (b'[', None) if outer == 0 && is_one_of(key, &OUTER) => {
                    self.at += 1;
                    self.expect(b'{')?;
                    outer += 1;
                    continue;
                }
                (b'[', Some(_)) if is_one_of(key, &[ROWS]) => {
                    self.at += 1;
                    let inside = self.at;
                    return match self.peek()? {
                        b'[' | b']' => Ok((names.unwrap_or_default(), inside)),
                        _ => Err(Stop::No),
                    };
                }
                (b'[', None) if is_one_of(key, &[COLUMNS]) => names = Some(column_names(self.value()?)?),
                _ => self.scalar()?,
            }
            self.expect(b',')?;
        }
        Err(Stop::No)
    }

    /// Passes over the members behind the array and the brackets that close the objects around it.
    fn end(&mut self, last: bool) -> Result<End, Stop> {
        let mut closed: Option<End> = None;
        for _ in 0..MEMBERS {
            let read = match (self.peek(), &closed) {
                (Ok(b'}'), _) => {
                    self.at += 1;
                    let objects = closed.map_or(1, |end| end.objects + 1);
                    closed = Some(End {
                        place: self.at,
                        objects,
                    });
                    continue;
                }
                (Ok(b','), _) => self.beside(),
                (Ok(_), _) => Err(Stop::No),
                (Err(stop), _) => Err(stop),
            };
            // Behind a bracket there may be nothing more.
            match (read, closed) {
                (Ok(()), kept) => closed = kept,
                (Err(Stop::No), Some(end)) => return Ok(end),
                (Err(Stop::End), Some(end)) if last || self.limited => return Ok(end),
                (Err(stop), _) => return Err(stop),
            }
        }
        closed.ok_or(Stop::No)
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

    /// The value of a member before or behind the array, of a name that no record has. What is no scalar may hold records: it
    /// is passed over where its name says that it holds none.
    fn aside(&mut self, key: &[u8]) -> Result<(), Stop> {
        if is_one_of(key, &ASIDE) {
            self.value().map(drop)
        } else if key.starts_with(b"@") || key.starts_with(b"odata.") {
            self.scalar()
        } else {
            Err(Stop::No)
        }
    }

    /// A comma and a member behind the array.
    fn beside(&mut self) -> Result<(), Stop> {
        self.at += 1;
        let key = self.key()?;
        if is_one_of(key, &BEHIND) {
            self.value().map(drop)
        } else {
            self.aside(key)
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
            if depth > self.depth {
                return Err(Stop::No);
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BEHIND_ARRAY: &[&str] = &[
        "]",
        "}",
        ",",
        "\"count\":1",
        "\"status\":{}",
        "\"a\":1",
        " ",
        "{\"a\":1}",
    ];

    proptest! {
        /// `space` moves the bound of what is looked at over the brackets; a window ends near it.
        #[test]
        fn a_window_never_tells_what_more_text_would_not(
            parts in prop::collection::vec(prop::sample::select(BEHIND_ARRAY), 0..8),
            space in 0usize..40,
            short in 0usize..60,
        ) {
            let text = format!("]}}{}{}{}", " ".repeat(LIMIT - space), parts.concat(), " ".repeat(LIMIT));
            let text = text.as_bytes();
            let whole = close(text, 0, true);
            prop_assert_ne!(whole, Around::Unfinished);
            for end in [LIMIT - short, LIMIT, LIMIT + short, text.len()] {
                let told = close(&text[..end], 0, false);
                prop_assert!(told == whole || told == Around::Unfinished && end < LIMIT);
            }
        }
    }
}
