//! The parts of a trace row by name, whether they stand in the columns of a table or under the keys of an object.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::field::{Columns, damage, get, object_and_damage, value_text};
use super::recognise::Seen;
use crate::evidence::{Reason, Row};

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
pub(super) struct Fields {
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
    pub(super) fn of(seen: &Seen<'_>, subject: Part) -> Self {
        Fields {
            width: seen.width(),
            subject,
        }
    }

    /// The parts of a row, with what is wrong with one that can be read all the same.
    pub(super) fn read<'r, 'a>(&self, row: &'r Row<'a>) -> Result<(Values<'r, 'a>, Option<Reason>), Reason> {
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
    pub(super) fn text(&self, part: Part) -> Cow<'_, str> {
        match self {
            Values::Cells(columns) => columns.text(part.column),
            Values::Object(object) => match part.names.iter().find_map(|name| get(object, name)) {
                None => Cow::Borrowed(""),
                Some(Value::String(text)) => Cow::Borrowed(text.trim()),
                Some(value) => Cow::Owned(value_text(value)),
            },
        }
    }

    /// As [`Values::text`]; a portal may write `null` for nothing.
    pub(super) fn value(&self, part: Part) -> Cow<'_, str> {
        let text = self.text(part);
        if text.eq_ignore_ascii_case("null") {
            Cow::Borrowed("")
        } else {
            text
        }
    }

    /// As [`Values::value`], and `None` where nothing stands.
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
