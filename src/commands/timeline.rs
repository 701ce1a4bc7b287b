//! `relaytrail timeline`: the connector change timeline alone.

use std::io::Write;

use serde_json::json;

use crate::cli::{Format, TimelineArgs};
use crate::error::Error;
use crate::ingest::{Evidence, ingest};
use crate::report::assemble::Cites;
use crate::report::model::Event;
use crate::report::{self, clean};
use crate::settings::Window;
use crate::timeline::{self, Connector};

/// Prints what happened to each connector, in order of time.
///
/// # Errors
/// When the evidence cannot be read, no connector bears the name, or standard output is gone.
pub fn run(args: &TimelineArgs, out: &mut dyn Write) -> Result<(), Error> {
    let (mut organization, window) = super::settings(&args.evidence, Some(&args.span))?;
    organization.geoip.clone_from(&args.geo.geoip);
    let evidence = ingest(&args.evidence.paths, &super::options(&args.evidence)?)?;
    super::warn(&evidence);
    evidence.check_recognised()?;
    let timeline = timeline::build_placed(&evidence.digest, &organization)?;
    evidence.check_unchanged()?;
    let chosen: Vec<&Connector> = match args.connector.as_deref() {
        None => timeline.connectors.iter().collect(),
        Some(name) => {
            let chosen: Vec<&Connector> = timeline
                .connectors
                .iter()
                .filter(|c| super::is_called(c, name))
                .collect();
            if chosen.is_empty() {
                return Err(super::no_such_connector(&timeline, name));
            }
            chosen
        }
    };
    let paths = evidence.paths();
    let cites = Cites { paths: &paths };
    let shown: Vec<(&Connector, Vec<Event>)> = chosen
        .into_iter()
        .map(|connector| {
            let events = connector.events.iter().filter(|e| window.contains(e.time));
            (connector, events.map(|e| cites.event(&timeline, e)).collect())
        })
        .collect();
    match args.format {
        Format::Json => {
            let connectors: Vec<_> = shown
                .iter()
                .map(|(c, events)| json!({"name": c.name, "names": c.names, "id": c.id, "type": c.kind.map(|k| k.as_str()), "timeline": events, "related_left_out": c.related_left_out}))
                .collect();
            let value = json!({ "connectors": connectors });
            writeln!(out, "{}", report::json::pretty(&value)?)?;
        }
        Format::Text => text(&evidence, &shown, window, out)?,
    }
    Ok(())
}

fn text(
    evidence: &Evidence,
    shown: &[(&Connector, Vec<Event>)],
    window: Window,
    out: &mut dyn Write,
) -> Result<(), Error> {
    if shown.is_empty() {
        writeln!(out, "The evidence names no inbound connector.")?;
    }
    for (connector, events) in shown {
        let kind = connector.kind.map_or("type not known", |k| k.as_str());
        writeln!(out, "{} ({kind})", clean::line(&connector.name))?;
        if events.is_empty() {
            let bound = if window == Window::default() {
                ""
            } else {
                " in the time asked for"
            };
            writeln!(out, "  nothing is on record{bound}")?;
        }
        for event in events {
            entry(event, out)?;
        }
        if connector.related_left_out > 0 {
            let more = connector.related_left_out;
            writeln!(
                out,
                "  {more} more events by the same hands around these changes are left out"
            )?;
        }
        writeln!(out)?;
    }
    let audit = &evidence.coverage.audit_log;
    writeln!(out, "Audit log: {}.", audit.why)?;
    Ok(())
}

fn entry(event: &Event, out: &mut dyn Write) -> Result<(), Error> {
    let intended = match event.intended {
        Some(true) => "intended",
        Some(false) => "NOT INTENDED",
        None => "intent unknown",
    };
    let actor = event.actor.as_deref().map_or(String::new(), |a| {
        format!(" by {} ({})", clean::line(a), event.actor_kind)
    });
    let whence = match (&event.client_ip, &event.client_place) {
        (Some(ip), Some(place)) => format!(" from {ip} ({})", clean::line(place)),
        (Some(ip), None) => format!(" from {ip}"),
        (None, _) => String::new(),
    };
    writeln!(out, "  {}  {}{actor}{whence}  [{intended}]", event.time, event.deed())?;
    writeln!(out, "      {}", clean::line(&event.summary))?;
    for change in &event.changes {
        let before = match (&change.before, change.before_known) {
            (Some(before), _) => format!("\"{}\"", clean::line(before)),
            (None, true) => "(nothing)".to_owned(),
            (None, false) => "(not known)".to_owned(),
        };
        let after = change
            .after
            .as_deref()
            .map_or("(not known)".to_owned(), |a| format!("\"{}\"", clean::line(a)));
        writeln!(out, "      {}: {before} -> {after}", clean::line(&change.parameter))?;
    }
    for citation in &event.citations {
        writeln!(out, "      {}, record {}", clean::line(&citation.path), citation.record)?;
    }
    Ok(())
}
