//! What records did to connectors, in sentences for people.

use super::Change;
use super::step::{Step, brief};
use super::subject::Verb;

/// What a connector's record did, in one sentence.
pub(super) fn sentence(
    step: &Step,
    verb: Verb,
    object: &str,
    changes: &[Change],
    no_op: bool,
    inferred: bool,
) -> String {
    let who = step.who();
    match verb {
        Verb::New => {
            let shown: Vec<String> = changes
                .iter()
                .filter(|c| {
                    matches!(
                        c.parameter.as_str(),
                        "ConnectorType" | "SenderIPAddresses" | "SenderDomains"
                    )
                })
                .map(|c| format!("{} {}", c.parameter, brief(c.after.as_deref().unwrap_or_default())))
                .collect();
            let with = if shown.is_empty() {
                String::new()
            } else {
                format!(" with {}", shown.join(", "))
            };
            format!("{who} created the connector {object}{with}{}.", lost(step))
        }
        Verb::Remove => format!("{who} removed the connector {object}."),
        _ if inferred => format!(
            "{who} set values on the connector {object}; the same actor sets exactly these again and again with nothing changed in between, so they count as the values already there."
        ),
        _ if no_op => format!("{who} set values on the connector {object} that were there already."),
        _ if changes.is_empty() && step.parameters_lost() => {
            format!(
                "{who} ran {} on the connector {object}{}.",
                step.event.operation,
                lost(step)
            )
        }
        _ if changes.is_empty() => format!(
            "{who} ran {} on the connector {object} without setting anything.",
            step.event.operation
        ),
        _ => format!("{who} changed the connector {object}: {}.", told(changes)),
    }
}

/// That a damaged record does not tell what it set; empty for a whole one.
pub(super) fn lost(step: &Step) -> &'static str {
    if step.parameters_lost() {
        "; what it set cannot be read: the record is cut off"
    } else {
        ""
    }
}

/// Changes in words.
pub(super) fn told(changes: &[Change]) -> String {
    const SHOWN: usize = 6;
    let mut parts: Vec<String> = changes
        .iter()
        .take(SHOWN)
        .map(|c| {
            let after = brief(c.after.as_deref().unwrap_or_default());
            match (&c.before, c.before_known) {
                (Some(before), _) => format!("{} from {} to {after}", c.parameter, brief(before)),
                (None, true) => format!("{} set to {after}", c.parameter),
                (None, false) => format!("{} to {after} (value before unknown)", c.parameter),
            }
        })
        .collect();
    if changes.len() > SHOWN {
        parts.push(format!("and {} more", changes.len() - SHOWN));
    }
    parts.join(", ")
}
