//! The figures of a finding by name, as people read them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::clock::Clock;
use super::markup;
use crate::report::glance;

/// Of a list so many values are shown; report.json has them all.
const SHOWN: usize = 8;

/// Names and values as markup, in the report's order; what has no value, or is `said` elsewhere, is left out.
pub fn figures(facts: &Map<String, Value>, clock: &Clock, said: &BTreeSet<&str>) -> Vec<(String, String)> {
    facts
        .iter()
        .filter(|(_, value)| !value.as_str().is_some_and(|text| said.contains(text)))
        .filter_map(|(name, value)| Some((markup::escape(&glance::words(name)), show(value, clock)?)))
        .collect()
}

fn show(value: &Value, clock: &Clock) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.into()),
        Value::Number(number) => Some(match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => rounded(float),
            None => number.to_string(),
        }),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(clock.prose(text)),
        Value::Array(values) => {
            // Objects hold commas of their own.
            let between = if values.iter().any(Value::is_object) {
                "; "
            } else {
                ", "
            };
            let shown: Vec<String> = values.iter().take(SHOWN).filter_map(|v| show(v, clock)).collect();
            let more = values.len().saturating_sub(SHOWN);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            (!shown.is_empty()).then(|| shown.join(between) + &more)
        }
        Value::Object(map) => {
            let pairs = figures(map, clock, &BTreeSet::new());
            let shown: Vec<String> = pairs
                .into_iter()
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            (!shown.is_empty()).then(|| shown.join(", "))
        }
    }
}

/// Three decimals at most, and small numbers by their leading figures.
fn rounded(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.001 {
        return format!("{value:.1e}");
    }
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_are_rounded_and_lists_are_cut() {
        let facts = json!({
            "expected_messages": 0.1 + 0.2, "p": 0.000_012_3, "count": 12, "known": true, "none": null, "empty": [],
            "hosts": [{"address": "<b>", "messages": 2}, {"address": "c", "messages": 1}],
            "days": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "baseline": "frozen at its creation",
        });
        let shown = figures(
            facts.as_object().unwrap(),
            &Clock::new(None),
            &BTreeSet::from(["frozen at its creation"]),
        );
        let expected = [
            ("expected messages", "0.3"),
            ("p", "1.2e-5"),
            ("count", "12"),
            ("known", "yes"),
            ("hosts", "address &#60;b&#62;, messages 2; address c, messages 1"),
            ("days", "1, 2, 3, 4, 5, 6, 7, 8 and 2 more"),
        ];
        assert_eq!(shown, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }

    #[test]
    fn whole_numbers_keep_their_zeros() {
        assert_eq!(
            (rounded(100.0), rounded(0.0), rounded(-0.0001)),
            ("100".into(), "0".into(), "-1.0e-4".into())
        );
    }
}
