//! `relaytrail explain`: what an indicator means, what it needs, how it weighs.

use std::io::Write;

use serde_json::{Value, json};

use crate::cli::{Explain, Format};
use crate::error::Error;
use crate::indicators::weights::{LIKELY, PRIOR, REST_OF_GROUP, SUSPICIOUS, WEIGHTS};
use crate::indicators::{Indicator, registry, weights};

/// Prints one indicator, or all of them and how their points add up.
///
/// # Errors
/// When no indicator has the name (the nearest one is named), or standard output is gone.
pub fn run(args: &Explain, out: &mut dyn Write) -> Result<(), Error> {
    let all = registry();
    let chosen: Vec<&dyn Indicator> = match args.indicator.as_deref() {
        None => all.clone(),
        Some(name) => {
            let wanted = name.trim().to_lowercase().replace('-', "_");
            let Some(found) = all.iter().find(|i| i.id() == wanted) else {
                let nearest = all
                    .iter()
                    .map(|i| i.id())
                    .min_by_key(|id| strsim::damerau_levenshtein(id, &wanted));
                return Err(Error::Usage(format!(
                    "no indicator is called `{name}`; did you mean `{}`? `relaytrail explain` lists all",
                    nearest.unwrap_or_default()
                )));
            };
            vec![*found]
        }
    };
    match args.format {
        Format::Json => {
            let list: Vec<Value> = chosen.iter().map(|i| as_json(*i)).collect();
            let value = json!({
                "prior": PRIOR, "suspicious_from": SUSPICIOUS, "likely_from": LIKELY,
                "rest_of_group": REST_OF_GROUP, "indicators": list,
            });
            writeln!(out, "{value:#}")?;
        }
        Format::Text => {
            for indicator in &chosen {
                text(*indicator, out)?;
            }
            if args.indicator.is_none() {
                scale(out)?;
            }
        }
    }
    Ok(())
}

fn text(indicator: &dyn Indicator, out: &mut dyn Write) -> Result<(), Error> {
    let weight = weights::of(indicator.id());
    writeln!(out, "{}\n  {}\n", indicator.id(), indicator.question())?;
    for paragraph in indicator.explanation().split("\n\n") {
        let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in super::wrap(&words, 76) {
            writeln!(out, "  {line}")?;
        }
        writeln!(out)?;
    }
    let weak = if weight.weak == weight.supported {
        String::new()
    } else {
        format!(", {:+.1} when weak", weight.weak)
    };
    writeln!(
        out,
        "  Weight: {:+.1} when supported{weak}, {:+.1} when contradicted, 0 when not assessable; group {:?}.",
        weight.supported, weight.contradicted, weight.group
    )?;
    writeln!(out, "  Reason: {}.", weight.reason)?;
    if !indicator.techniques().is_empty() {
        writeln!(out, "  ATT&CK (v18): {}", indicator.techniques().join(", "))?;
    }
    writeln!(out)?;
    Ok(())
}

fn scale(out: &mut dyn Write) -> Result<(), Error> {
    let lines = format!(
        "How points add up: they are natural-log odds and start at {PRIOR:+.1}, because most connectors are not compromised. \
         Indicators of one group tend to come together: the strongest counts whole, each other {REST_OF_GROUP} of its points. \
         From {SUSPICIOUS:+.1} on a connector is suspicious, from {LIKELY:+.1} on likely compromised, if more than one group stands \
         behind it. What cannot be assessed adds nothing and widens the range instead; no_indication stands only where even the upper \
         end stays below suspicious and audit log, connector snapshot and message trace are complete."
    );
    for line in super::wrap(&lines, 78) {
        writeln!(out, "{line}")?;
    }
    writeln!(
        out,
        "\nThe table of {} weights stands in src/indicators/weights.rs.",
        WEIGHTS.len()
    )?;
    Ok(())
}

fn as_json(indicator: &dyn Indicator) -> Value {
    let weight = weights::of(indicator.id());
    json!({
        "id": indicator.id(),
        "question": indicator.question(),
        "explanation": indicator.explanation().split_whitespace().collect::<Vec<_>>().join(" "),
        "group": format!("{:?}", weight.group),
        "supported": weight.supported,
        "weak": weight.weak,
        "contradicted": weight.contradicted,
        "reason": weight.reason,
        "techniques": indicator.techniques(),
    })
}
