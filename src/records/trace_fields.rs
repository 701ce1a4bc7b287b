//! The parts of a trace row by name, whether they stand in the columns of a table or under the keys of an object, and the
//! reader of every trace whose rows are read so.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::field::{Columns, damage, get, object_and_damage, value_text};
use super::recognise::Seen;
use super::{Kind, Origin, Reader, Record, Settled, TraceRow, trace};
use crate::evidence::{Fate, Reason, Row};

/// One part, by the names that exports give it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Of a table.
    column: Option<usize>,
    names: &'static [&'static str],
}

impl Part {
    pub(super) fn of(seen: &Seen<'_>, names: &'static [&'static str]) -> Self {
        Part {
            column: seen.column(names),
            names,
        }
    }

    /// Of a table whose column was found by other means than its whole name.
    pub(super) fn at(column: usize) -> Self {
        Part {
            column: Some(column),
            names: &[],
        }
    }
}

/// How the rows of a file hold their parts.
#[derive(Debug, Clone, Copy)]
struct Fields {
    width: usize,
    /// Behind it the columns of a damaged row may have shifted.
    subject: Part,
}

/// The parts of one row.
pub(super) enum Values<'r, 'a> {
    Cells(Columns<'r, 'a>),
    Object(Map<String, Value>),
}

impl Fields {
    /// The parts of a row, with what is wrong with one that can be read all the same.
    fn read<'r, 'a>(&self, row: &'r Row<'a>) -> Result<(Values<'r, 'a>, Option<Reason>), Reason> {
        match row {
            Row::Csv(row) => {
                let columns = Columns::of(row, self.width, self.subject.column);
                Ok((Values::Cells(columns), damage(row, self.width)))
            }
            Row::Json(text) => {
                let (object, damage) = object_and_damage(text)?;
                Ok((Values::Object(object), damage))
            }
        }
    }
}

impl Values<'_, '_> {
    /// The text of a part without white space at its ends; empty where the row does not hold it, or not surely.
    #[inline(always)]
    pub(super) fn text(&self, part: Part) -> Cow<'_, str> {
        match self {
            Values::Cells(columns) => columns.text(part.column),
            Values::Object(object) => text_of(object, part),
        }
    }

    /// As [`Values::text`]; a portal may write `null` for nothing.
    #[inline]
    pub(super) fn value(&self, part: Part) -> Cow<'_, str> {
        let text = self.text(part);
        if text.eq_ignore_ascii_case("null") {
            Cow::Borrowed("")
        } else {
            text
        }
    }

    /// As [`Values::value`], and `None` where nothing stands.
    #[inline]
    pub(super) fn filled(&self, part: Part) -> Option<Cow<'_, str>> {
        Some(self.value(part)).filter(|text| !text.is_empty())
    }

    /// Whether the row holds a part, and surely: only then does an empty one say anything.
    pub(super) fn trusts(&self, part: Part) -> bool {
        match self {
            Values::Cells(columns) => columns.trusts(part.column),
            Values::Object(object) => part.names.iter().any(|name| get(object, name).is_some()),
        }
    }
}

#[inline(never)]
fn text_of(object: &Map<String, Value>, part: Part) -> Cow<'_, str> {
    match part.names.iter().find_map(|name| get(object, name)) {
        None => Cow::Borrowed(""),
        Some(Value::String(text)) => Cow::Borrowed(text.trim()),
        Some(value) => Cow::Owned(value_text(value)),
    }
}

/// What one export makes of a row whose parts are at hand.
pub(super) trait Layout: Send + Sync {
    fn format(&self) -> &'static str;

    fn kind(&self) -> Kind {
        Kind::MessageTrace
    }

    /// Hands on the row's record. Its time and whether it is whole are not asked for.
    fn read(&self, values: &Values<'_, '_>, hand_on: impl FnOnce(TraceRow<'_>) -> Fate) -> Fate;
}

/// A message trace.
pub(super) struct Trace<L> {
    layout: L,
    time: Part,
    fields: Fields,
    dates: Settled,
}

impl<L: Layout> Trace<L> {
    /// `time` and `subject`: where a row's time stands, and the one free text of a trace; behind it the columns of a damaged
    /// row may have shifted.
    pub(super) fn new(seen: &Seen<'_>, time: Part, subject: Part, dates: Settled, layout: L) -> Self {
        Trace {
            layout,
            time,
            fields: Fields {
                width: seen.width(),
                subject,
            },
            dates,
        }
    }

    /// Reads a row whose parts are at hand; `damage` is what is wrong with it.
    pub(super) fn read_values(
        &self,
        values: &Values<'_, '_>,
        damage: Option<Reason>,
        out: &mut dyn FnMut(Record<'_>),
    ) -> Fate {
        let time = match self.dates.parse(values.text(self.time).as_bytes()) {
            Ok(time) => time,
            Err(reason) => return Fate::Rejected(reason),
        };
        self.layout.read(values, |mut row| {
            row.time = time;
            row.complete = damage.is_none();
            trace::hand_on(&row, damage, out)
        })
    }
}

impl<L: Layout> Reader for Trace<L> {
    fn format(&self) -> &'static str {
        self.layout.format()
    }

    fn kind(&self) -> Kind {
        self.layout.kind()
    }

    fn dates(&self) -> Option<&Settled> {
        Some(&self.dates)
    }

    fn read(&self, row: &Row<'_>, _: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        match self.fields.read(row) {
            Ok((values, damage)) => self.read_values(&values, damage, out),
            Err(reason) => Fate::Rejected(reason),
        }
    }
}
