//! `[weights]` and `[thresholds]` of org.toml: names and numbers, put in the place of the program's own.

use std::path::Path;

use super::OrgError;
use crate::settings::tuning::{Refused, Tuning};

/// The numbers of both tables.
///
/// # Errors
/// When a value is no number, a name is unknown, or a number cannot be what it should be.
pub(super) fn tuning(weights: &toml::Table, thresholds: &toml::Table, path: &Path) -> Result<Tuning, OrgError> {
    let mut tuning = Tuning::default();
    let given = flat(weights, path)?;
    tuning
        .set_weights(&given)
        .map_err(|e| refused("weights", e, &given, path))?;
    let given = flat(thresholds, path)?;
    tuning
        .set_thresholds(&given)
        .map_err(|e| refused("thresholds", e, &given, path))?;
    Ok(tuning)
}

/// Names and numbers; those of an inner table joined with a point, so that `volume_spike.weak = 0.5` and
/// `volume_spike = { weak = 0.5 }` say the same.
fn flat(table: &toml::Table, path: &Path) -> Result<Vec<(String, f64)>, OrgError> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            toml::Value::Float(number) => found.push((key.clone(), *number)),
            toml::Value::Integer(number) => found.push((key.clone(), *number as f64)),
            toml::Value::Table(inner) => {
                let inner = flat(inner, path)?;
                found.extend(
                    inner
                        .into_iter()
                        .map(|(name, number)| (format!("{key}.{name}"), number)),
                );
            }
            other => {
                return Err(OrgError::Number {
                    path: path.to_owned(),
                    key: key.clone(),
                    value: other.to_string(),
                    wanted: "a number".to_owned(),
                });
            }
        }
    }
    Ok(found)
}

fn refused(table: &str, (name, what): (String, Refused), given: &[(String, f64)], path: &Path) -> OrgError {
    let key = format!("{table}.{name}");
    match what {
        Refused::Unknown { nearest } => OrgError::UnknownKey {
            path: path.to_owned(),
            key,
            nearest: format!("{table}.{nearest}"),
        },
        Refused::Value { wanted } => {
            let value = given.iter().find(|(known, _)| *known == name);
            OrgError::Number {
                path: path.to_owned(),
                key,
                value: value.map_or_else(|| "the program's own value".to_owned(), |(_, v)| v.to_string()),
                wanted,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use test_case::test_case;

    use crate::settings::org::parse;

    fn error(text: &str) -> String {
        parse(text, Path::new("org.toml")).unwrap_err().to_string()
    }

    #[test]
    fn weights_and_thresholds_are_taken_in_either_form_and_listed() {
        let text = "[weights]\nlikely = 3\nvolume_spike.weak = 0.5\nspam_delivery = { supported = 2.5 }\n\
                    [thresholds]\nhole_hours = 4\nprelude_days = 3.5\nrare = 0.15";
        let tuning = parse(text, Path::new("org.toml")).unwrap().tuning;
        assert_eq!(tuning.points.likely, 3.0);
        assert_eq!(
            (
                tuning.weight("volume_spike").weak,
                tuning.weight("spam_delivery").supported
            ),
            (0.5, 2.5)
        );
        assert_eq!(tuning.thresholds.hole, 4 * 3_600_000_000);
        assert_eq!(tuning.thresholds.prelude, 84 * 3_600_000_000);
        let listed: Vec<(&str, &str, f64, f64)> = tuning
            .overrides
            .iter()
            .map(|o| (o.table.as_str(), o.name.as_str(), o.default, o.value))
            .collect();
        // What is as the program has it is no override.
        let expected = [
            ("weights", "likely", 2.0, 3.0),
            ("weights", "volume_spike.weak", 0.7, 0.5),
            ("weights", "spam_delivery.supported", 2.0, 2.5),
            ("thresholds", "prelude_days", 7.0, 3.5),
            ("thresholds", "hole_hours", 2.0, 4.0),
        ];
        assert_eq!(listed, expected);
    }

    #[test_case(
        "[weights]\nvolume_spice.weak = 1",
        "unknown key `weights.volume_spice.weak`; did you mean `weights.volume_spike.weak`?"
    )]
    #[test_case(
        "[weights]\nlikly = 1",
        "unknown key `weights.likly`; did you mean `weights.likely`?"
    )]
    #[test_case(
        "[weights]\nspam_delivery = 1",
        "unknown key `weights.spam_delivery`; did you mean `weights.spam_delivery.weak`?"
    )]
    #[test_case(
        "[thresholds]\nprelude = 1",
        "unknown key `thresholds.prelude`; did you mean `thresholds.prelude_days`?"
    )]
    #[test_case("[treshold]\nprelude_days = 1", "unknown key `treshold`; did you mean `thresholds`?")]
    fn an_unknown_name_is_named_with_the_nearest_known_one(text: &str, expected: &str) {
        assert_eq!(error(text), format!("org.toml: {expected}"));
    }

    #[test_case("[weights]\nlikely = nan", "weights.likely = NaN is not a number from -10 to 20"; "not a number")]
    #[test_case("[weights]\nprior = -inf", "weights.prior = -inf is not a number from -20 to 0"; "not finite")]
    #[test_case("[weights]\nrest_of_group = 1.5", "weights.rest_of_group = 1.5 is not a number from 0 to 1"; "beyond its range")]
    #[test_case("[weights]\nprior = \"low\"", "prior = \"low\" is not a number"; "a text")]
    #[test_case("[weights]\nsuspicious = 3", "weights.likely = the program's own value is not more than suspicious (3)"; "bands in disorder")]
    #[test_case("[weights]\nvolume_spike.weak = 1.6", "weights.volume_spike.weak = 1.6 is not at most the 1.5 points of volume_spike.supported"; "weaker is not more")]
    #[test_case("[thresholds]\nheaders_full = 2.5", "thresholds.headers_full = 2.5 is not a whole number from 1 to 20"; "part of a count")]
    #[test_case("[thresholds]\nfailures = 20", "thresholds.many_failures = the program's own value is not at least failures (20)"; "steps in disorder")]
    fn a_number_that_cannot_be_is_shown_with_what_it_should_be(text: &str, expected: &str) {
        assert_eq!(error(text), format!("org.toml: {expected}"));
    }
}
