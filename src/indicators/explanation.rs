//! An indicator's documentation in its parts, told apart by the labels that its paragraphs begin with.

/// What a doc comment says, part by part; each is running text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What the question is about, a paragraph each.
    pub meaning: Vec<String>,
    /// How a sign is reckoned, and when it is weak.
    pub supported: String,
    /// When its absence means something.
    pub contradicted: String,
    /// What looks like it and is benign.
    pub look_alikes: String,
    /// What evidence it needs.
    pub needs: String,
    pub source: String,
}

/// Labels as they stand at the start of a line, in the order of the parts.
pub const LABELS: [&str; 5] = ["Supported", "Contradicted", "Look-alikes", "Needs", "Source"];

impl Explanation {
    /// Reads a documentation.
    pub fn of(text: &str) -> Self {
        let mut found = Explanation::default();
        // The part that the lines belong to; none yet: the meaning.
        let mut part: Option<usize> = None;
        let mut fresh = true;
        for line in text.lines().map(str::trim) {
            if line.is_empty() {
                fresh = true;
                continue;
            }
            let labelled = LABELS.iter().enumerate().find_map(|(index, label)| {
                let rest = line.strip_prefix(label)?.strip_prefix(':')?;
                Some((index, rest.trim()))
            });
            let line = match labelled {
                Some((index, rest)) => {
                    part = Some(index);
                    rest
                }
                None => line,
            };
            let into = match part {
                Some(0) => &mut found.supported,
                Some(1) => &mut found.contradicted,
                Some(2) => &mut found.look_alikes,
                Some(3) => &mut found.needs,
                Some(_) => &mut found.source,
                None => {
                    if fresh {
                        found.meaning.push(String::new());
                    }
                    match found.meaning.last_mut() {
                        Some(paragraph) => paragraph,
                        None => continue,
                    }
                }
            };
            if !into.is_empty() {
                into.push(' ');
            }
            into.push_str(line);
            fresh = false;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Explanation;
    use crate::indicators::registry;
    use crate::settings::tuning::{Thresholds, weight_names};

    #[test]
    fn parts_are_told_apart_by_their_labels() {
        let found = Explanation::of(
            " One\n two.\n\n Three.\n\n Supported: a\n b.\n\n Contradicted: c.\n Needs: d.\n Source: e.\n",
        );
        assert_eq!(found.meaning, ["One two.", "Three."]);
        assert_eq!((found.supported.as_str(), found.contradicted.as_str()), ("a b.", "c."));
        assert_eq!((found.needs.as_str(), found.source.as_str()), ("d.", "e."));
    }

    #[test]
    fn every_indicator_says_all_that_an_analyst_asks() {
        for indicator in registry() {
            let found = Explanation::of(indicator.explanation());
            assert!(!found.meaning.is_empty(), "{}", indicator.id());
            for part in [
                &found.supported,
                &found.contradicted,
                &found.look_alikes,
                &found.needs,
                &found.source,
            ] {
                assert!(part.len() > 20 && part.ends_with('.'), "{}: {part:?}", indicator.id());
            }
        }
    }

    #[test]
    fn what_a_documentation_calls_by_name_is_in_the_tables_and_used_by_it() {
        let weights = weight_names();
        for indicator in registry() {
            for name in indicator.explanation().split('`').skip(1).step_by(2) {
                let entry = Thresholds::ENTRIES.iter().find(|e| e.name == name);
                let known = entry.is_some_and(|e| e.used_by.contains(&indicator.id()))
                    || weights.iter().any(|w| w == name)
                    || name == "on_premises_ips";
                assert!(known, "{} speaks of `{name}`", indicator.id());
            }
        }
    }
}
