//! `relaytrail explain`: what an indicator means, what it needs, how it weighs.

mod page;

use std::io::Write;

use serde_json::{Value, json};

use crate::cli::{Explain, Format};
use crate::error::Error;
use crate::indicators::explanation::Explanation;
use crate::indicators::{ATTACK_VERSION, Indicator, registry};
use crate::settings::tuning::{Entry, Points, Thresholds, weights};

pub use page::markdown;

/// Prints one indicator or one number of org.toml, or all of them and how their points add up.
///
/// # Errors
/// When neither has the name (the nearest one is named), or standard output is gone.
pub fn run(args: &Explain, out: &mut dyn Write) -> Result<(), Error> {
    let all = registry();
    let chosen: Vec<&dyn Indicator> = match args.indicator.as_deref() {
        None => all.clone(),
        Some(name) => {
            let wanted = name.trim().to_lowercase().replace('-', "_");
            // `volume_spike.weak` is a number of the indicator before the point.
            let indicator = wanted.split('.').next().unwrap_or_default();
            let Some(found) = all.iter().find(|i| i.id() == indicator) else {
                let numbers = || Points::ENTRIES.iter().chain(Thresholds::ENTRIES);
                let table = |entries: &'static [Entry]| entries.iter().find(|e| e.name == wanted);
                for (name, entries) in [("weights", Points::ENTRIES), ("thresholds", Thresholds::ENTRIES)] {
                    if let Some(entry) = table(entries) {
                        return Ok(explain_number(name, entry, args.format, out)?);
                    }
                }
                let names = all.iter().map(|i| i.id()).chain(numbers().map(|e| e.name));
                let nearest = names.min_by_key(|id| strsim::damerau_levenshtein(id, &wanted));
                return Err(Error::Usage(format!(
                    "no indicator or number is called `{name}`; did you mean `{}`? `relaytrail explain` lists all",
                    nearest.unwrap_or_default()
                )));
            };
            vec![*found]
        }
    };
    match args.format {
        Format::Json => {
            let list: Vec<Value> = chosen.iter().map(|i| as_json(*i)).collect();
            let points = Points::default();
            let alone = |entry: &&Entry| entry.used_by.is_empty();
            let value = json!({
                "prior": points.prior, "suspicious_from": points.suspicious, "likely_from": points.likely,
                "rest_of_group": points.rest_of_group, "attack_version": ATTACK_VERSION,
                "weights": Points::ENTRIES.iter().filter(alone).map(number).collect::<Vec<_>>(),
                "thresholds": Thresholds::ENTRIES.iter().filter(alone).map(number).collect::<Vec<_>>(),
                "indicators": list,
            });
            writeln!(out, "{value:#}")?;
        }
        Format::Text => {
            for indicator in &chosen {
                write!(out, "{}", page::of(*indicator).text())?;
            }
            if args.indicator.is_none() {
                write!(out, "{}", page::scale().text())?;
            }
        }
    }
    Ok(())
}

/// Prints what a number of `[weights]` or `[thresholds]` is for, and who goes by it.
fn explain_number(table: &str, entry: &Entry, format: Format, out: &mut dyn Write) -> std::io::Result<()> {
    match format {
        Format::Json => writeln!(out, "{:#}", number(entry)),
        Format::Text => write!(out, "{}", page::of_number(table, entry).text()),
    }
}

/// The numbers of a table that an indicator goes by.
fn used<'a>(entries: &'a [Entry], id: &'a str) -> impl Iterator<Item = &'a Entry> {
    entries.iter().filter(move |e| e.used_by.contains(&id))
}

fn number(entry: &Entry) -> Value {
    json!({
        "name": entry.name, "unit": entry.unit.as_str(), "value": entry.default,
        "least": entry.range.0, "most": entry.range.1, "reason": entry.reason(),
    })
}

fn as_json(indicator: &dyn Indicator) -> Value {
    let id = indicator.id();
    let weight = weights::of(id);
    let says = Explanation::of(indicator.explanation());
    let further: Vec<Value> = indicator
        .further_techniques()
        .iter()
        .map(|(technique, when)| json!({"id": technique, "when": when}))
        .collect();
    json!({
        "id": id,
        "question": indicator.question(),
        "explanation": indicator.explanation().split_whitespace().collect::<Vec<_>>().join(" "),
        "meaning": says.meaning.join(" "),
        "supported_when": says.supported,
        "contradicted_when": says.contradicted,
        "look_alikes": says.look_alikes,
        "needs": says.needs,
        "source": says.source,
        "group": format!("{:?}", weight.group),
        "supported": weight.supported,
        "weak": weight.weak,
        "contradicted": weight.contradicted,
        "reason": weight.reason,
        "weights": used(Points::ENTRIES, id).map(number).collect::<Vec<_>>(),
        "thresholds": used(Thresholds::ENTRIES, id).map(number).collect::<Vec<_>>(),
        "techniques": indicator.techniques(),
        "further_techniques": further,
    })
}
