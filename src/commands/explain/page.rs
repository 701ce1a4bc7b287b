//! An indicator's documentation as a page, set for the terminal or in Markdown: one text, two dresses.

use std::fmt::Write;

use super::used;
use crate::commands::wrap;
use crate::indicators::explanation::Explanation;
use crate::indicators::{ATTACK_VERSION, Indicator, registry};
use crate::settings::tuning::{Entry, Points, Thresholds, Unit, weights};

/// Columns that a page for the terminal is set in.
const WIDTH: usize = 78;

/// A title, a sentence under it, and sections.
pub(super) struct Page {
    title: String,
    lead: String,
    sections: Vec<Section>,
}

struct Section {
    title: &'static str,
    paragraphs: Vec<String>,
    numbers: Vec<Number>,
}

/// A number of the tables with its reason.
struct Number {
    name: String,
    value: String,
    reason: String,
}

/// The page of an indicator.
pub(super) fn of(indicator: &dyn Indicator) -> Page {
    let says = Explanation::of(indicator.explanation());
    let text = |title, text: String| Section {
        title,
        paragraphs: vec![capitalised(&text)],
        numbers: Vec::new(),
    };
    let mut sections = vec![Section {
        title: "What it means",
        paragraphs: says.meaning,
        numbers: Vec::new(),
    }];
    sections.extend([
        text("Supported", says.supported),
        text("Contradicted", says.contradicted),
        text("What looks like it and is benign", says.look_alikes),
        text("What it needs", says.needs),
        weighing(indicator),
    ]);
    let thresholds: Vec<Number> = used(Thresholds::ENTRIES, indicator.id()).map(Number::of).collect();
    if !thresholds.is_empty() {
        sections.push(Section {
            title: "Thresholds",
            paragraphs: Vec::new(),
            numbers: thresholds,
        });
    }
    sections.extend(techniques(indicator).map(|t| text("ATT&CK", t)));
    sections.push(text("Source", says.source));
    Page {
        title: indicator.id().to_owned(),
        lead: indicator.question().to_owned(),
        sections,
    }
}

/// The page of a number of org.toml.
pub(super) fn of_number(table: &str, entry: &Entry) -> Page {
    let (least, most) = entry.range;
    let users = match entry.used_by {
        [] => "No single indicator goes by it: `relaytrail explain` says how points add up.".to_owned(),
        users => format!("Indicators that go by it: {}.", users.join(", ")),
    };
    Page {
        title: entry.name.to_owned(),
        lead: format!("A number of the program, which [{table}] of org.toml can change."),
        sections: vec![Section {
            title: "What it is for",
            paragraphs: vec![format!("From {least} to {most}. {users}")],
            numbers: vec![Number::of(entry)],
        }],
    }
}

/// What stood behind a label becomes a sentence of its own.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn weighing(indicator: &dyn Indicator) -> Section {
    let id = indicator.id();
    let weight = weights::of(id);
    let states = [
        ("supported", weight.supported, "when supported at full strength"),
        ("weak", weight.weak, "when supported weakly"),
        (
            "contradicted",
            weight.contradicted,
            "when contradicted; what cannot be assessed counts 0",
        ),
    ];
    let own = states.into_iter().map(|(state, points, when)| Number {
        name: format!("{id}.{state}"),
        value: format!("{points} points"),
        reason: format!("Counted {when}."),
    });
    Section {
        title: "Weights",
        paragraphs: vec![format!(
            "Group {:?}: only the strongest of a group counts whole. The reason: {}.",
            weight.group, weight.reason
        )],
        numbers: own.chain(used(Points::ENTRIES, id).map(Number::of)).collect(),
    }
}

fn techniques(indicator: &dyn Indicator) -> Option<String> {
    let always = indicator.techniques().join(", ");
    let further: Vec<String> = indicator
        .further_techniques()
        .iter()
        .map(|(technique, when)| format!("{technique} {when}"))
        .collect();
    let all: Vec<String> = [always, further.join(", ")]
        .into_iter()
        .filter(|t| !t.is_empty())
        .collect();
    (!all.is_empty()).then(|| format!("{} (matrix version {ATTACK_VERSION}).", all.join("; ")))
}

/// How points add up, and the numbers that belong to no single indicator.
pub(super) fn scale() -> Page {
    let points = Points::default();
    let alone = |entry: &&Entry| entry.used_by.is_empty();
    let paragraphs = vec![
        format!(
            "Points are natural-log odds and start at {}, because most connectors are not compromised. Indicators of \
             one group tend to come together: the strongest counts whole, each other {} of its points. A compromise \
             takes one of two shapes, a configuration turned against its owner or a host behind an untouched \
             connector; each is weighed by itself and the higher score stands. From {} points on a connector is \
             suspicious, from {} on likely compromised, if more than one group stands behind it.",
            points.prior, points.rest_of_group, points.suspicious, points.likely
        ),
        "What cannot be assessed adds nothing and widens the range instead; no_indication stands only where even the \
         upper end stays below suspicious and audit log, connector snapshot and message trace are complete. A score is \
         points, never a probability."
            .to_owned(),
        "Every number can be changed in org.toml, by its name: the weights in [weights], the thresholds in \
         [thresholds]. The report lists what was changed."
            .to_owned(),
    ];
    let numbers = |title, entries: &'static [Entry]| Section {
        title,
        paragraphs: Vec::new(),
        numbers: entries.iter().filter(alone).map(Number::of).collect(),
    };
    Page {
        title: "How points add up".to_owned(),
        lead: "What the verdict makes of the indicators.".to_owned(),
        sections: vec![
            Section {
                title: "The score",
                paragraphs,
                numbers: Vec::new(),
            },
            numbers("Weights of no single indicator", Points::ENTRIES),
            numbers("Thresholds of no single indicator", Thresholds::ENTRIES),
        ],
    }
}

/// docs/indicators.md: the scale, then every indicator.
pub fn markdown() -> String {
    let mut text =
        "# The indicators\n\n`relaytrail explain` prints the same text; a test keeps the two equal.\n".to_owned();
    for page in std::iter::once(scale()).chain(registry().into_iter().map(of)) {
        text.push_str(&page.markdown());
    }
    text
}

impl Number {
    fn of(entry: &Entry) -> Self {
        let unit = match entry.unit {
            Unit::Days => " days",
            Unit::Hours => " hours",
            Unit::Points => " points",
            Unit::Count | Unit::Figure => "",
        };
        Number {
            name: entry.name.to_owned(),
            value: format!("{}{unit}", entry.default),
            reason: entry.reason(),
        }
    }
}

impl Page {
    /// Set for a terminal.
    pub(super) fn text(&self) -> String {
        let mut out = format!("{}\n  {}\n\n", self.title, self.lead);
        let mut put = |indent: usize, text: &str| {
            for line in wrap(text, WIDTH - indent) {
                // Writing to a String cannot fail.
                let _ = writeln!(out, "{:indent$}{line}", "");
            }
        };
        for section in &self.sections {
            put(2, &format!("{}:", section.title));
            for paragraph in &section.paragraphs {
                put(4, &paragraph.replace('`', ""));
            }
            for number in &section.numbers {
                put(4, &format!("{} = {}", number.name, number.value));
                put(8, &number.reason);
            }
            put(0, "");
        }
        out.push('\n');
        out
    }

    fn markdown(&self) -> String {
        let mut out = format!("\n## {}\n\n{}\n", self.title, self.lead);
        for section in &self.sections {
            let _ = writeln!(out, "\n**{}**", section.title);
            for paragraph in &section.paragraphs {
                let _ = write!(out, "\n{}\n", wrap(paragraph, 120).join("\n"));
            }
            if !section.numbers.is_empty() {
                out.push_str("\n| name | value | reason |\n|---|---|---|\n");
                for Number { name, value, reason } in &section.numbers {
                    let _ = writeln!(out, "| `{name}` | {value} | {} |", reason.replace('|', "\\|"));
                }
            }
        }
        out
    }
}
