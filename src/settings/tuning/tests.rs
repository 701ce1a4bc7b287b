use std::collections::BTreeSet;

use super::weights::WEIGHTS;
use super::{Entry, Points, Thresholds, Tuning, Unit, weight_names};

fn entries() -> impl Iterator<Item = &'static Entry> {
    Points::ENTRIES.iter().chain(Thresholds::ENTRIES)
}

#[test]
fn every_default_lies_in_its_range_and_every_number_has_a_reason() {
    for entry in entries() {
        let (least, most) = entry.range;
        assert!(least <= entry.default && entry.default <= most, "{}", entry.name);
        assert!(
            entry.reason().len() > 20 && entry.reason().ends_with('.'),
            "{}",
            entry.name
        );
        assert!(
            entry.unit != Unit::Count || entry.default.fract() == 0.0,
            "{}",
            entry.name
        );
    }
}

#[test]
fn a_number_is_read_back_as_it_was_written() {
    let (points, thresholds) = (Points::default(), Thresholds::default());
    for entry in Points::ENTRIES {
        assert_eq!(points.get(entry.name), Some(entry.default), "{}", entry.name);
    }
    for entry in Thresholds::ENTRIES {
        assert_eq!(thresholds.get(entry.name), Some(entry.default), "{}", entry.name);
    }
}

#[test]
fn names_are_told_apart_and_every_one_of_them_can_be_set() {
    let names: Vec<String> = weight_names();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert_eq!(names.len(), Points::ENTRIES.len() + 3 * WEIGHTS.len());
    let mut tuning = Tuning::default();
    for entry in Thresholds::ENTRIES {
        let given = [(entry.name.to_owned(), entry.default)];
        assert_eq!(tuning.set_thresholds(&given), Ok(()), "{}", entry.name);
    }
    assert!(tuning.overrides.is_empty(), "a default is no override");
}

#[test]
fn thresholds_name_indicators_that_there_are() {
    for id in entries().flat_map(|e| e.used_by) {
        assert!(WEIGHTS.iter().any(|w| w.id == *id), "{id}");
    }
}
