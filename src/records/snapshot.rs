//! What the exports of settings share: an object's properties, from JSON or from a CSV row.

use std::hash::{Hash, Hasher};

use serde_json::{Map, Value};
use siphasher::sip::SipHasher13;

use super::date::{self, DateOrder};
use super::date_order::{Settled, Zone};
use super::field::{column_text, damage, first_text, get, is_type_name, object_and_damage, value_text};
use super::recognise::Seen;
use super::{Kind, Origin, Reader, Record, Setting, SettingKind, Time, id};
use crate::evidence::{Fate, Reason, Row};

/// Names of the dates that every object of Exchange Online has.
pub(super) const TIMES: [&str; 4] = ["WhenCreatedUTC", "WhenCreated", "WhenChangedUTC", "WhenChanged"];

/// Reads the rows of a snapshot as objects.
pub(super) struct Objects {
    /// Column names; empty for JSON.
    header: Vec<String>,
    dates: Settled,
}

/// One object of a snapshot.
pub(super) struct Properties {
    map: Map<String, Value>,
    order: DateOrder,
    /// What is wrong with the row as a row.
    pub(super) damage: Option<Reason>,
    /// From a CSV row, where a list has lost its shape.
    flat: bool,
}

impl Objects {
    /// `times`: the names of columns with dates.
    pub(super) fn new(seen: &Seen<'_>, times: &[&str]) -> Self {
        let dates = seen.settle(times, Zone::Utc);
        let header = seen.rows().map_or(Vec::new(), |_| seen.names().to_vec());
        Objects { header, dates }
    }

    fn read(&self, row: &Row<'_>) -> Result<Properties, Reason> {
        let (map, damage, flat) = match row {
            Row::Json(text) => {
                let (map, damage) = object_and_damage(text)?;
                (map, damage, false)
            }
            Row::Csv(row) => {
                let cells = self.header.iter().enumerate();
                let map = cells.map(|(i, name)| (name.clone(), Value::String(column_text(row, i).into_owned())));
                (map.collect(), damage(row, self.header.len()), true)
            }
        };
        Ok(Properties {
            map,
            order: self.dates.order,
            damage,
            flat,
        })
    }
}

/// An export of one kind of object, of which `record` makes a record or says why not.
pub(super) struct Snapshot<M> {
    pub(super) format: &'static str,
    pub(super) kind: Kind,
    pub(super) objects: Objects,
    pub(super) record: M,
}

impl<M> Reader for Snapshot<M>
where
    M: Fn(&Properties, Origin) -> Result<Record<'static>, Reason> + Send + Sync,
{
    fn format(&self) -> &'static str {
        self.format
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn dates(&self) -> Option<&Settled> {
        Some(&self.objects.dates)
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let read = self.objects.read(row).and_then(|properties| {
            let record = (self.record)(&properties, origin)?;
            Ok((record, properties.hash(), properties.damage))
        });
        match read {
            Ok((record, properties, damage)) => {
                out(Record::Properties(properties));
                out(record);
                damage.map_or(Fate::Accepted, Fate::Degraded)
            }
            Err(reason) => Fate::Rejected(reason),
        }
    }
}

/// One kind of setting.
pub(super) struct Settings {
    pub(super) format: &'static str,
    pub(super) kind: Kind,
    pub(super) setting: SettingKind,
    /// Properties that name the object, the most telling first.
    pub(super) names: &'static [&'static str],
    /// The name of an object without one; where there is none, the object is rejected.
    pub(super) unnamed: Option<&'static str>,
    pub(super) parameters: &'static [(&'static str, ParameterKind)],
}

impl Settings {
    /// Reads its objects.
    pub(super) fn reader(self, seen: &Seen<'_>) -> Box<dyn Reader> {
        Box::new(Snapshot {
            format: self.format,
            kind: self.kind,
            objects: Objects::new(seen, &TIMES),
            record: move |properties: &Properties, origin| {
                let name = properties.text(self.names).or(self.unnamed.map(str::to_owned));
                let parameters = properties.parameters(self.parameters);
                Ok(Record::Setting(Box::new(Setting {
                    kind: self.setting,
                    name: name.filter(|_| !parameters.is_empty()).ok_or(Reason::NoName)?,
                    id: properties.guid(),
                    parameters,
                    created: properties.created(),
                    changed: properties.changed(),
                    origin,
                })))
            },
        })
    }
}

impl Properties {
    /// Every property, in the order of the export.
    pub(super) fn all(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.map.iter()
    }

    /// A hash of all of them, in whatever order they stand.
    fn hash(&self) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(0, 0);
        self.map.hash(&mut hasher);
        hasher.finish()
    }

    /// The object's GUID, lower case with hyphens.
    pub(super) fn guid(&self) -> Option<String> {
        let found = ["Guid", "ExchangeObjectId"]
            .iter()
            .find_map(|name| id::guid(&self.text(&[name])?));
        found.filter(|&guid| guid != 0).map(id::guid_text)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        get(&self.map, name).is_some()
    }

    /// The first of several properties that is not empty.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        first_text(&self.map, names)
            .map(|t| t.trim().to_owned())
            .filter(|t| !t.is_empty())
    }

    pub(super) fn time(&self, names: &[&str]) -> Option<Time> {
        names.iter().find_map(|name| match get(&self.map, name)? {
            Value::String(text) => date::parse(text.as_bytes(), self.order),
            // PowerShell 5.1 may wrap a date in an object with its value inside.
            wrapped @ Value::Object(_) => date::parse(value_text(wrapped).as_bytes(), self.order),
            _ => None,
        })
    }

    /// When the object was made.
    pub(super) fn created(&self) -> Option<Time> {
        self.time(&["WhenCreatedUTC", "WhenCreated"])
    }

    /// When it was last changed.
    pub(super) fn changed(&self) -> Option<Time> {
        self.time(&["WhenChangedUTC", "WhenChanged"])
    }

    /// Those of some properties that the export has, as the audit log would write them.
    pub(super) fn parameters(&self, named: &[(&str, ParameterKind)]) -> Vec<(String, String)> {
        let held = named
            .iter()
            .filter_map(|&(name, kind)| Some((name.to_owned(), self.parameter(name, kind)?)));
        held.collect()
    }

    /// A property as the audit log would write it. `None` where the export lacks it, or has only its type's name.
    fn parameter(&self, name: &str, kind: ParameterKind) -> Option<String> {
        let value = get(&self.map, name)?;
        let text = value_text(value).trim().to_owned();
        match kind {
            ParameterKind::Bool if text.eq_ignore_ascii_case("true") => Some("True".to_owned()),
            ParameterKind::Bool if text.eq_ignore_ascii_case("false") => Some("False".to_owned()),
            ParameterKind::List if self.flat => flat_list(&text),
            _ => Some(text),
        }
    }
}

/// How a parameter's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParameterKind {
    Text,
    Bool,
    List,
}

/// A multi-valued cell: Export-Csv writes the type's name, or the values with something between them. A `;` stays
/// as it is: in `smtp:*;1` it belongs to the value, and elsewhere it is what the audit log joins with.
fn flat_list(text: &str) -> Option<String> {
    if is_type_name(text) {
        return None;
    }
    let inner = text.trim_start_matches('{').trim_end_matches('}');
    let items = inner
        .split(|c: char| c.is_whitespace() || c == ',')
        .map(|item| item.trim_matches(';'));
    Some(items.filter(|item| !item.is_empty()).collect::<Vec<_>>().join(";"))
}

#[cfg(test)]
mod tests {
    use super::flat_list;

    #[test]
    fn a_flattened_list_is_joined_again_or_left_out() {
        let cases = [
            ("81.2.69.160 81.2.69.161", Some("81.2.69.160;81.2.69.161")),
            ("81.2.69.160, 81.2.69.161", Some("81.2.69.160;81.2.69.161")),
            ("81.2.69.160;81.2.69.161", Some("81.2.69.160;81.2.69.161")),
            ("81.2.69.160\r\n81.2.69.161", Some("81.2.69.160;81.2.69.161")),
            ("smtp:a.com;1 smtp:b.com;1", Some("smtp:a.com;1;smtp:b.com;1")),
            ("{smtp:*;1}", Some("smtp:*;1")),
            ("", Some("")),
            (
                "Microsoft.Exchange.Data.MultiValuedProperty`1[Microsoft.Exchange.Data.AddressSpace]",
                None,
            ),
            ("System.Collections.ArrayList", None),
            ("System.String[]", None),
            ("'System.String[]", None),
        ];
        for (text, expected) in cases {
            assert_eq!(flat_list(text).as_deref(), expected, "{text}");
        }
    }
}
