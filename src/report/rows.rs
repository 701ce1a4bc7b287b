//! The timeline as rows: every event of every connector and of the tenant, in order of time.
//!
//! `timeline.csv` and `timesketch.jsonl` hold the same rows because both take them from here.

use super::model::{Change, Citation, Event, Report};

/// One change of an event, or an event that changed no parameter.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The connector's name; `None` for what belongs to the whole tenant.
    pub connector: Option<&'a str>,
    pub event: &'a Event,
    pub change: Option<&'a Change>,
}

/// All rows in order of time; events of one moment keep the report's order of connectors, the tenant last.
pub fn timeline(report: &Report) -> Vec<Row<'_>> {
    let of_connectors = report
        .connectors
        .iter()
        .flat_map(|c| c.timeline.iter().map(|e| (Some(c.name.as_str()), e)));
    let of_tenant = report.tenant.timeline.iter().map(|e| (None, e));
    let mut events: Vec<_> = of_connectors.chain(of_tenant).collect();
    events.sort_by_key(|(_, event)| time_key(&event.time));
    events
        .into_iter()
        .flat_map(|(connector, event)| {
            let changes = event.changes.iter().map(Some);
            let alone = event.changes.is_empty().then_some(None);
            changes.chain(alone).map(move |change| Row {
                connector,
                event,
                change,
            })
        })
        .collect()
}

/// A key by which RFC 3339 times in UTC sort, with and without a fraction of a second.
pub fn time_key(time: &str) -> (&str, &str) {
    let digits = time.trim_end_matches('Z');
    // Trailing zeros would set .5 apart from .50; without them fractions compare as text.
    match digits.split_once('.') {
        Some((seconds, fraction)) => (seconds, fraction.trim_end_matches('0')),
        None => (digits, ""),
    }
}

/// A citation as people read it: `path, record N`.
pub fn cite(citation: &Citation) -> String {
    format!("{}, record {}", citation.path, citation.record)
}

/// The value before in words where it is none: a creation had none, and some evidence does not say.
pub fn before(change: &Change) -> &str {
    match &change.before {
        Some(value) if value.is_empty() => "(empty)",
        Some(value) => value,
        None if change.before_known => "(none)",
        None => "(unknown)",
    }
}

/// The value after, in words where it is empty or none.
pub fn after(change: &Change) -> &str {
    match &change.after {
        Some(value) if value.is_empty() => "(empty)",
        Some(value) => value,
        None => "(none)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_sort_between_seconds() {
        let sorted = [
            "2026-04-04T00:55:00Z",
            "2026-04-04T00:55:00.05Z",
            "2026-04-04T00:55:00.1234567Z",
            "2026-04-04T00:55:00.5Z",
            "2026-04-04T00:55:01Z",
        ];
        assert!(sorted.is_sorted_by_key(|t| time_key(t)));
        assert_eq!(time_key("2026-04-04T00:55:00.50Z"), time_key("2026-04-04T00:55:00.5Z"));
    }
}
