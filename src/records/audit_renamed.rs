//! What exports share that give the fields of an audit record columns or keys of their own: from those to the fields under
//! the names of the audit log.

use serde_json::{Map, Value};

use super::audit::Renamed;
use super::date_order::{Settled, Zone};
use super::field::{column_text, damage, is_type_name};
use super::recognise::Seen;
use super::scan::{Head, Token};
use super::{Kind, Origin, Reader, Record};
use crate::evidence::{CsvRow, Fate, Reason, Row};

/// Fields that hold pairs of a name and a value, or fields of their own.
const BAGS: [&str; 5] = [
    "Parameters",
    "ExtendedProperties",
    "DeviceProperties",
    "ModifiedProperties",
    "AppAccessContext",
];

/// What every row is asked for, under the audit log's names.
const HEADS: [&str; 5] = ["Operation", "RecordType", "UserId", "ClientIP", "ObjectId"];

/// How an export names what the audit log names otherwise.
pub(super) struct Naming {
    pub(super) format: &'static str,
    /// The audit log's name for a column or key; `None` for one that says nothing of the record.
    pub(super) name: fn(&str) -> Option<&str>,
    /// Columns with the record's time, the best first.
    pub(super) times: &'static [&'static str],
    /// Columns with the record's id, the best first.
    pub(super) ids: &'static [&'static str],
    /// What stands in a cell that has no value.
    pub(super) missing: &'static str,
}

/// A CSV export with a column for every field.
pub(super) struct RenamedCsv {
    naming: Naming,
    /// The audit log's names of the columns.
    names: Vec<Option<String>>,
    time: Option<usize>,
    id: Option<usize>,
    /// Of what every row is asked for, the columns that may hold it.
    heads: [Vec<usize>; 5],
    dates: Settled,
}

impl RenamedCsv {
    /// `zone`: of its times.
    pub(super) fn new(naming: Naming, seen: &Seen<'_>, zone: Zone) -> Self {
        let (time, id) = (seen.column(naming.times), seen.column(naming.ids));
        let dates = seen.settle(naming.times, zone);
        let names: Vec<Option<String>> = seen
            .names()
            .iter()
            .map(|n| (naming.name)(n).map(str::to_owned))
            .collect();
        let columns = |name: &str| {
            let named = names
                .iter()
                .enumerate()
                .filter(|(_, n)| n.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name)));
            named.map(|(column, _)| column).collect()
        };
        RenamedCsv {
            heads: HEADS.map(columns),
            names,
            time,
            id,
            dates,
            naming,
        }
    }

    fn token<'a>(&self, row: &CsvRow<'a>, column: Option<usize>) -> Token<'a> {
        let token = column.map(|c| Token::column(row, c)).unwrap_or_default();
        if token.raw() == self.naming.missing.as_bytes() {
            return Token::default();
        }
        token
    }

    /// The first of some columns that holds anything.
    fn first<'a>(&self, row: &CsvRow<'a>, columns: &[usize]) -> Token<'a> {
        let filled = columns.iter().map(|&column| self.token(row, Some(column)));
        filled.fold(Token::default(), Token::or)
    }

    /// The record's fields, and whether a list among them was lost.
    fn fields(&self, row: &CsvRow<'_>) -> (Map<String, Value>, Option<Reason>) {
        let (mut fields, mut lost) = (Map::new(), None);
        for (column, name) in self.names.iter().enumerate() {
            let Some(name) = name else { continue };
            let cell = column_text(row, column);
            // Where something stands for no value, an empty cell is an empty value.
            if cell == self.naming.missing {
                continue;
            }
            if bag(name).is_some() && is_type_name(&cell) {
                lost = Some(Reason::ListLost);
                continue;
            }
            put(&mut fields, name, Value::String(cell.into_owned()));
        }
        (fields, lost)
    }
}

impl Reader for RenamedCsv {
    fn format(&self) -> &'static str {
        self.naming.format
    }

    fn kind(&self) -> Kind {
        Kind::AuditLog
    }

    fn dates(&self) -> Option<&Settled> {
        Some(&self.dates)
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Csv(row) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        if row.is_blank() {
            return Fate::Rejected(Reason::Empty);
        }
        let [operation, record_type, user, client_ip, object] = &self.heads;
        let renamed = Renamed {
            head: Head {
                operation: self.first(row, operation),
                id: self.token(row, self.id),
                record_type: self.first(row, record_type),
                user: self.first(row, user),
                client_ip: self.first(row, client_ip),
                object: self.first(row, object),
                ..Head::default()
            },
            time: self.dates.parse(self.token(row, self.time).text().as_bytes()),
            damage: damage(row, self.names.len()),
        };
        renamed.read(|| Ok(self.fields(row)), origin, out)
    }
}

/// The bag of this name, in the log's own spelling.
fn bag(name: &str) -> Option<&'static str> {
    BAGS.into_iter().find(|bag| bag.eq_ignore_ascii_case(name))
}

/// Puts a value under a name. `Parameters.Identity` names a part of a bag, `ModifiedProperties.Role.DisplayName.NewValue`
/// a side of one; the first value of a name stays.
pub(super) fn put(fields: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((bag, part)) = name.split_once('.').and_then(|(name, part)| Some((bag(name)?, part))) else {
        fields.entry(name).or_insert(value);
        return;
    };
    let Value::Object(inside) = fields.entry(bag).or_insert_with(|| Value::Object(Map::new())) else {
        return;
    };
    match part.rsplit_once('.').filter(|_| bag == "ModifiedProperties") {
        Some((property, side)) => {
            let property = inside.entry(property).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(sides) = property {
                sides.entry(side).or_insert(value);
            }
        }
        None => {
            inside.entry(part).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::put;

    #[test]
    fn names_with_dots_become_bags_again() {
        let mut fields = Map::new();
        for (name, value) in [
            ("Operation", "x"),
            ("Parameters.Identity", "a.b"),
            ("Parameters.X.Y", "z"),
            ("ModifiedProperties.Role.DisplayName.NewValue", "n"),
            ("ModifiedProperties.Role.DisplayName.OldValue", "o"),
            ("ExtendedProperties", "-Name \"x\""),
            ("ExtendedProperties.part", "of what is text already"),
            ("Operation", "again"),
            ("PARAMETERS.ENABLED", "False"),
        ] {
            put(&mut fields, name, Value::from(value));
        }
        assert_eq!(
            Value::Object(fields),
            json!({
                "Operation": "x",
                "Parameters": {"Identity": "a.b", "X.Y": "z", "ENABLED": "False"},
                "ModifiedProperties": {"Role.DisplayName": {"NewValue": "n", "OldValue": "o"}},
                "ExtendedProperties": "-Name \"x\"",
            })
        );
    }
}
