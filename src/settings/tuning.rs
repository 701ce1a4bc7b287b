//! The weights and thresholds that a run goes by: the program's own, and what org.toml puts in their place.

pub(super) mod table;
pub mod thresholds;
pub mod weights;

use serde::{Deserialize, Serialize};

pub use table::{Entry, Unit};
pub use thresholds::Thresholds;
pub use weights::{Group, Points, Weight};

use self::weights::WEIGHTS;

/// Every number that a run goes by.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// In the order of the contract.
    weights: [Weight; WEIGHTS.len()],
    pub points: Points,
    pub thresholds: Thresholds,
    /// What org.toml changed, in the order of the tables.
    pub overrides: Vec<Override>,
}

impl Default for Tuning {
    fn default() -> Self {
        Tuning {
            weights: WEIGHTS,
            points: Points::default(),
            thresholds: Thresholds::default(),
            overrides: Vec::new(),
        }
    }
}

/// A number that the analyst put in the place of the program's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Override {
    /// `weights` or `thresholds`.
    pub table: String,
    pub name: String,
    pub default: f64,
    pub value: f64,
}

/// What is wrong with a number that was given.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// No number has the name; the nearest one has this.
    Unknown { nearest: String },
    /// The number cannot be this; what it may be, in words.
    Value { wanted: String },
}

/// What one indicator weighs in each state, by the last part of its names in `[weights]`.
const STATES: [(&str, (f64, f64)); 3] = [
    ("supported", (0.0, 20.0)),
    ("weak", (0.0, 20.0)),
    ("contradicted", (-20.0, 0.0)),
];

impl Tuning {
    /// The weight of an indicator by its id.
    ///
    /// # Panics
    /// If the id is not in the table: a mistake in the program that the registry's test finds.
    pub fn weight(&self, id: &str) -> &Weight {
        self.weights
            .iter()
            .find(|w| w.id == id)
            .expect("every indicator has its row in the table of weights")
    }

    /// Puts numbers in the place of the program's own; `given` holds names and values of one table.
    ///
    /// # Errors
    /// The first name that is unknown, or whose value cannot be, with what is wrong with it.
    pub fn set_weights(&mut self, given: &[(String, f64)]) -> Result<(), (String, Refused)> {
        for (name, value) in given {
            let refuse = |what| (name.clone(), what);
            let (default, range, unit) = weight_entry(name).ok_or_else(|| refuse(unknown(name, weight_names())))?;
            check(*value, range, unit).map_err(refuse)?;
            if let Some((id, state)) = name.rsplit_once('.')
                && let Some(weight) = self.weights.iter_mut().find(|w| w.id == id)
            {
                match state {
                    "supported" => weight.supported = *value,
                    "weak" => weight.weak = *value,
                    _ => weight.contradicted = *value,
                }
            } else {
                self.points.set(name, *value);
            }
            self.note("weights", name, default, *value);
        }
        let inconsistent = self.weights.iter().find(|w| w.weak > w.supported);
        if let Some(weight) = inconsistent {
            let wanted = format!("at most the {} points of {}.supported", weight.supported, weight.id);
            return Err((format!("{}.weak", weight.id), Refused::Value { wanted }));
        }
        if self.points.likely <= self.points.suspicious {
            let wanted = format!("more than suspicious ({})", self.points.suspicious);
            return Err(("likely".to_owned(), Refused::Value { wanted }));
        }
        self.overrides.sort_by_key(place);
        Ok(())
    }

    /// As [`Tuning::set_weights`], for the table of thresholds.
    ///
    /// # Errors
    /// The first name that is unknown, or whose value cannot be, with what is wrong with it.
    pub fn set_thresholds(&mut self, given: &[(String, f64)]) -> Result<(), (String, Refused)> {
        for (name, value) in given {
            let refuse = |what| (name.clone(), what);
            let entry = Thresholds::ENTRIES.iter().find(|e| e.name == name);
            let names = || Thresholds::ENTRIES.iter().map(|e| e.name.to_owned()).collect();
            let entry = entry.ok_or_else(|| refuse(unknown(name, names())))?;
            check(*value, entry.range, entry.unit).map_err(refuse)?;
            self.thresholds.set(name, *value);
            self.note("thresholds", name, entry.default, *value);
        }
        let t = &self.thresholds;
        let ascending = [
            ("failures", t.few_failures, t.failures, "few_failures"),
            ("many_failures", t.failures, t.many_failures, "failures"),
            ("class_full", t.class_least, t.class_full, "class_least"),
        ];
        if let Some((name, least, _, lower)) = ascending.into_iter().find(|(_, a, b, _)| a > b) {
            let wanted = format!("at least {lower} ({least})");
            return Err((name.to_owned(), Refused::Value { wanted }));
        }
        if t.very_improbable > t.improbable {
            let wanted = format!("at most improbable ({})", t.improbable);
            return Err(("very_improbable".to_owned(), Refused::Value { wanted }));
        }
        self.overrides.sort_by_key(place);
        Ok(())
    }

    fn note(&mut self, table: &str, name: &str, default: f64, value: f64) {
        if value != default {
            self.overrides.push(Override {
                table: table.to_owned(),
                name: name.to_owned(),
                default,
                value,
            });
        }
    }
}

/// Every key of `[weights]`, in the order of the tables.
pub fn weight_names() -> Vec<String> {
    let points = Points::ENTRIES.iter().map(|e| e.name.to_owned());
    let own = WEIGHTS
        .iter()
        .flat_map(|w| STATES.iter().map(move |(state, _)| format!("{}.{state}", w.id)));
    points.chain(own).collect()
}

/// Default, range and unit of a key of `[weights]`.
fn weight_entry(name: &str) -> Option<(f64, (f64, f64), Unit)> {
    if let Some(entry) = Points::ENTRIES.iter().find(|e| e.name == name) {
        return Some((entry.default, entry.range, entry.unit));
    }
    let (id, state) = name.rsplit_once('.')?;
    let weight = WEIGHTS.iter().find(|w| w.id == id)?;
    let (_, range) = STATES.iter().find(|(known, _)| *known == state)?;
    let default = match state {
        "supported" => weight.supported,
        "weak" => weight.weak,
        _ => weight.contradicted,
    };
    Some((default, *range, Unit::Points))
}

/// Where an override stands in the tables.
fn place(of: &Override) -> (bool, usize) {
    let names = match of.table.as_str() {
        "weights" => weight_names(),
        _ => Thresholds::ENTRIES.iter().map(|e| e.name.to_owned()).collect(),
    };
    let index = names.iter().position(|n| *n == of.name);
    (of.table != "weights", index.unwrap_or(usize::MAX))
}

fn unknown(name: &str, names: Vec<String>) -> Refused {
    let nearest = names
        .into_iter()
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .unwrap_or_default();
    Refused::Unknown { nearest }
}

fn check(value: f64, (least, most): (f64, f64), unit: Unit) -> Result<(), Refused> {
    let whole = unit != Unit::Count || value.fract() == 0.0;
    if value.is_finite() && value >= least && value <= most && whole {
        return Ok(());
    }
    let what = match unit {
        Unit::Count => "a whole number",
        Unit::Days => "a number of days",
        Unit::Hours => "a number of hours",
        Unit::Figure | Unit::Points => "a number",
    };
    let wanted = format!("{what} from {least} to {most}");
    Err(Refused::Value { wanted })
}

#[cfg(test)]
mod tests;
