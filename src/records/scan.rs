//! A purpose-made scanner for the few top-level fields that decide what becomes of an audit record.
//!
//! It reads JSON as it stands in a CSV cell, inner quotes still doubled, copies nothing, and stops as soon as
//! it knows enough. Cut-off text gives what stands before the cut. It does not validate: whatever becomes a
//! finding is parsed strictly again.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use super::field::nested;
use crate::evidence::{Cell, CsvRow, Text};

/// A piece of a row that is still dressed as it stands there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Token<'a> {
    text: Text<'a>,
    /// Quotes stand doubled.
    doubled: bool,
    /// The inside of a JSON string: backslashes escape.
    escaped: bool,
    /// The value of a key that is not spelled as the audit log's own are: a capital, then a small letter.
    loose: bool,
}

impl<'a> Token<'a> {
    /// Plain bytes.
    pub(super) fn plain(raw: &'a [u8]) -> Self {
        Token::of(Text::Bytes(raw))
    }

    fn of(text: Text<'a>) -> Self {
        Token {
            text: text.trim_ascii(),
            ..Token::default()
        }
    }

    pub(super) fn cell(cell: Cell<'a>) -> Self {
        Token {
            doubled: cell.is_doubled(),
            ..Token::of(cell.inner())
        }
    }

    /// The cell of a column.
    pub(super) fn column(row: &CsvRow<'a>, column: usize) -> Self {
        match row.cells.plain(column) {
            Some(text) => Token {
                text: Text::Known(text),
                ..Token::default()
            },
            None => Token::cell(row.cell(column)),
        }
    }

    /// A cell that holds JSON. Of a damaged line the doubling may not be known: it shows in the text.
    pub(super) fn json_cell(cell: Cell<'a>) -> Self {
        let token = Token::cell(cell);
        let shows = token
            .raw()
            .strip_prefix(b"{")
            .is_some_and(|t| t.trim_ascii_start().starts_with(b"\"\""));
        Token {
            doubled: token.doubled || shows,
            ..token
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.raw().is_empty()
    }

    pub(super) fn raw(self) -> &'a [u8] {
        self.text.bytes()
    }

    /// Whether a table's quotes were doubled once more than its reader took away: `{""Id"":""1""}`.
    pub(super) fn is_doubled_again(self) -> bool {
        let quotes: &[u8] = if self.doubled { b"\"\"\"\"" } else { b"\"\"" };
        let inside = self.raw().strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
        let behind = inside.strip_prefix(quotes).filter(|_| !self.escaped);
        // A colon there ends an empty name.
        behind.is_some_and(|rest| rest.first().is_some_and(|b| *b != b':'))
    }

    /// Whether the text still has to be unescaped as a JSON string.
    pub(super) fn is_escaped(self) -> bool {
        self.escaped
    }

    /// The word `null`, which is no text.
    fn is_null(self) -> bool {
        !self.escaped && self.raw() == b"null"
    }

    /// An object, and not the text of one.
    pub(super) fn is_object(self) -> bool {
        !self.escaped && self.raw().starts_with(b"{")
    }

    /// Begins and ends as a whole object does; what lies between is not looked at.
    pub(super) fn looks_whole(self) -> bool {
        self.raw().starts_with(b"{") && self.raw().ends_with(b"}")
    }

    /// This, or the other where this is empty.
    pub(super) fn or(self, other: Self) -> Self {
        if self.is_empty() { other } else { self }
    }

    /// The text with every layer taken off; borrowed where no layer changes anything.
    pub(super) fn text(self) -> Cow<'a, str> {
        let text = Cell::of(self.text, self.doubled).text();
        if !self.escaped || !text.contains('\\') {
            return text;
        }
        // A broken escape, or one cut in half, leaves the text as it stands.
        nested(&format!("\"{text}\"")).map_or(text, Cow::Owned)
    }
}

/// The fields looked for. Search-UnifiedAuditLog, Purview and Graph spell the outer ones differently.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Head<'a> {
    pub(super) operation: Token<'a>,
    pub(super) id: Token<'a>,
    pub(super) time: Token<'a>,
    pub(super) record_type: Token<'a>,
    pub(super) user: Token<'a>,
    pub(super) client_ip: Token<'a>,
    pub(super) object: Token<'a>,
    pub(super) result_count: Token<'a>,
    pub(super) data: Token<'a>,
    /// The time is AuditData's own CreationTime.
    pub(super) bare: bool,
}

impl<'a> Head<'a> {
    /// Scans until the four fields that every bare record has are found, else to the end.
    pub(super) fn of(json: Token<'a>) -> Self {
        let mut head = Head::default();
        head.scan(json, Head::is_enough);
        head
    }

    /// Scans to the end, or to where the text breaks.
    pub(super) fn whole(json: Token<'a>) -> Self {
        let mut head = Head::default();
        head.scan(json, |_| false);
        head
    }

    /// Found under the names that the log itself gives them: of keys that differ by case alone, those count.
    fn is_enough(&self) -> bool {
        let found = |token: Token<'_>| !token.is_empty() && !token.loose;
        self.bare && found(self.time) && found(self.operation) && found(self.id) && found(self.record_type)
    }

    fn scan(&mut self, json: Token<'a>, enough: fn(&Self) -> bool) {
        each(json, |key, value| {
            self.take(key, value);
            if enough(self) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
    }

    fn take(&mut self, key: &[u8], value: Token<'a>) {
        if value.is_empty() || value.is_null() {
            return;
        }
        let is = |name: &[u8]| key.eq_ignore_ascii_case(name);
        let place = match key.len() {
            2 if is(b"Id") => &mut self.id,
            6 if is(b"UserId") => &mut self.user,
            7 if is(b"UserIds") => &mut self.user,
            8 if is(b"Identity") || is(b"RecordId") => &mut self.id,
            8 if is(b"ClientIP") => &mut self.client_ip,
            8 if is(b"ObjectId") => &mut self.object,
            9 if is(b"Operation") => &mut self.operation,
            9 if is(b"AuditData") => &mut self.data,
            10 if is(b"Operations") => &mut self.operation,
            10 if is(b"RecordType") => &mut self.record_type,
            11 if is(b"ResultCount") => &mut self.result_count,
            12 if is(b"CreationTime") => {
                self.bare = true;
                &mut self.time
            }
            12 if is(b"CreationDate") => &mut self.time,
            15 if is(b"CreatedDateTime") => &mut self.time,
            // Graph puts the classic UserId here, and the classic UserKey into userId.
            17 if is(b"UserPrincipalName") => {
                self.user = value;
                return;
            }
            18 if is(b"AuditLogRecordType") => &mut self.record_type,
            _ => return,
        };
        if place.is_empty() || (place.loose && !value.loose) {
            *place = value;
        }
    }
}

/// Hands on every top-level key with its value, in the order of the text, until `take` has enough or the text breaks.
pub(super) fn each<'a>(json: Token<'a>, mut take: impl FnMut(&'a [u8], Token<'a>) -> ControlFlow<()>) {
    let mut scanner = Scanner {
        text: json.text,
        raw: json.raw(),
        at: 1,
        quote: 1 + usize::from(json.doubled),
    };
    if !json.raw().starts_with(b"{") {
        return;
    }
    while let Some((key, value)) = scanner.member(json.doubled) {
        if take(key, value).is_break() {
            return;
        }
    }
}

/// The top-level values of some keys, in the order of `keys`, compared without regard to case; empty where there is none.
pub(super) fn values<'a, const N: usize>(json: Token<'a>, keys: [&str; N]) -> [Token<'a>; N] {
    let mut found = [Token::default(); N];
    each(json, |key, value| {
        let wanted = keys
            .iter()
            .zip(&mut found)
            .find(|(k, _)| key.eq_ignore_ascii_case(k.as_bytes()));
        if let Some((_, place)) = wanted
            && !value.is_null()
        {
            *place = place.or(value);
        }
        ControlFlow::Continue(())
    });
    found
}

struct Scanner<'a> {
    text: Text<'a>,
    /// Its bytes.
    raw: &'a [u8],
    at: usize,
    /// How many quotes stand for one.
    quote: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a [u8] {
        self.raw.get(self.at..).unwrap_or_default()
    }

    /// The key and the value that come next in an object.
    fn member(&mut self, doubled: bool) -> Option<(&'a [u8], Token<'a>)> {
        self.gap(b',');
        let key = self.string()?;
        let key = self.raw.get(key)?;
        self.gap(b':');
        let (text, escaped) = self.value()?;
        let value = Token {
            text,
            doubled,
            escaped,
            loose: !matches!(key, [b'A'..=b'Z', b'a'..=b'z', ..]),
        };
        Some((key, value))
    }

    /// Passes over white space and the separator.
    fn gap(&mut self, separator: u8) {
        let passed = self
            .rest()
            .iter()
            .take_while(|c| c.is_ascii_whitespace() || **c == separator);
        self.at += passed.count();
    }

    /// Where the inside of a string stands that begins here.
    fn string(&mut self) -> Option<Range<usize>> {
        let quotes = self.rest().iter().take(self.quote).take_while(|c| **c == b'"').count();
        (quotes == self.quote).then_some(())?;
        self.at += quotes;
        let start = self.at;
        loop {
            let found = memchr::memchr2(b'"', b'\\', self.rest())?;
            self.at += found;
            if self.raw.get(self.at) == Some(&b'"') {
                let inside = start..self.at;
                self.at = (self.at + self.quote).min(self.raw.len());
                return Some(inside);
            }
            self.at += 1;
            self.at += if self.rest().first() == Some(&b'"') {
                self.quote
            } else {
                1
            };
        }
    }

    /// The value that begins here, and whether it is a string's inside.
    fn value(&mut self) -> Option<(Text<'a>, bool)> {
        let first = *self.rest().first()?;
        let range = match first {
            b'"' => self.string()?,
            b'{' | b'[' => self.container()?,
            _ => {
                let start = self.at;
                self.at += self.rest().iter().position(|c| matches!(c, b',' | b'}' | b']'))?;
                start..self.at
            }
        };
        let text = self.text.get(range.start, range.end)?;
        if first == b'"' {
            Some((text, true))
        } else {
            Some((text.trim_ascii(), false))
        }
    }

    /// Passes over an object or array, whatever its depth; no recursion.
    fn container(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let mut depth = 0usize;
        loop {
            match self.rest().first()? {
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
                return Some(start..self.at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Head, Token};
    use crate::evidence::Cell;

    const RECORD: &str = r#"{"Nested":{"Id":"wrong","Operation":["}","{"]},"CreationTime":"2021-05-18T21:13:33",
        "Id":"c9d2d808-0efe-48cb-eaec-08da3028eb80", "Operation" : "Say \"hi\"","RecordType":1,"UserId":null,"ClientIP":"1.2.3.4:5"}"#;

    fn check(head: &Head<'_>) {
        assert_eq!(head.id.text(), "c9d2d808-0efe-48cb-eaec-08da3028eb80");
        assert_eq!(head.operation.text(), "Say \"hi\"");
        assert_eq!(head.time.text(), "2021-05-18T21:13:33");
        assert_eq!(head.record_type.text(), "1");
    }

    #[test]
    fn finds_top_level_fields_only() {
        check(&Head::of(Token::plain(RECORD.as_bytes())));
        let whole = Head::whole(Token::plain(RECORD.as_bytes()));
        assert_eq!(whole.client_ip.text(), "1.2.3.4:5");
        assert!(whole.user.is_empty());
    }

    #[test]
    fn reads_a_cell_whose_quotes_stand_doubled() {
        let doubled = RECORD.replace('"', "\"\"");
        check(&Head::of(Token::json_cell(Cell::new(doubled.as_bytes(), true))));
        // Where a damaged line no longer says that they do.
        check(&Head::of(Token::json_cell(Cell::new(doubled.as_bytes(), false))));
    }

    #[test]
    fn text_that_is_cut_off_gives_what_stands_before_the_cut() {
        let cut = &RECORD[..RECORD.find("\"RecordType\"").unwrap_or(0) + 6];
        let token = Token::plain(cut.as_bytes());
        let head = Head::of(token);
        assert_eq!(head.operation.text(), "Say \"hi\"");
        assert!(head.record_type.is_empty());
        assert!(!token.looks_whole());
    }

    #[test]
    fn an_audit_data_of_either_kind_is_handed_on() {
        let string = r#"{"Operations":"X","AuditData":"{\"Id\":\"a\"}"}"#;
        let head = Head::of(Token::plain(string.as_bytes()));
        assert!(head.data.is_escaped());
        assert_eq!(head.data.text(), r#"{"Id":"a"}"#);
        let object = r#"{"auditData":{"Id":"a"},"operation":"X"}"#;
        let head = Head::of(Token::plain(object.as_bytes()));
        assert_eq!(head.data.text(), r#"{"Id":"a"}"#);
        assert_eq!(head.operation.text(), "X");
    }

    #[test]
    fn of_keys_that_differ_by_case_alone_the_logs_own_count() {
        let text = br#"{"operation":"lower","OPERATION":"upper","ID":"0","id":"1","Operation":"own","Id":"2","recordtype":"15","creationtime":"t"}"#;
        let head = Head::of(Token::plain(text));
        assert_eq!((head.operation.text().as_ref(), head.id.text().as_ref()), ("own", "2"));
        assert_eq!(
            (head.record_type.text().as_ref(), head.time.text().as_ref()),
            ("15", "t")
        );
    }

    #[test]
    fn wanted_values_come_in_the_order_of_their_names() {
        let text = br#"{"b":{"a":1},"A":null,"c":"x","a":"y"}"#;
        let [a, b, missing] = super::values(Token::plain(text), ["a", "B", "d"]);
        assert_eq!(
            (a.text().as_ref(), b.raw(), missing.is_empty()),
            ("y", &br#"{"a":1}"#[..], true)
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[{}\[\]",:\\a-cI d]{0,60}"#, doubled: bool) {
            let token = Token::json_cell(Cell::new(text.as_bytes(), doubled));
            let head = Head::whole(token);
            head.operation.text();
            Head::of(token).id.text();
        }

        #[test]
        fn agrees_with_serde_json_on_sound_text(
            operation in any::<String>().prop_filter("empty fields are not taken", |s| !s.is_empty()),
            noise in any::<String>(),
            doubled: bool,
        ) {
            let value = serde_json::json!({"Noise": [{"Operation": noise.clone()}], "x": noise, "Operation": operation.clone()});
            let json = value.to_string();
            let text = if doubled { json.replace('"', "\"\"") } else { json };
            let cell = Cell::new(text.as_bytes(), doubled);
            prop_assert_eq!(Head::of(Token::json_cell(cell)).operation.text(), operation);
        }
    }
}
