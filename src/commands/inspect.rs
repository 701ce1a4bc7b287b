//! `relaytrail inspect`: what each file is, what it covers, what was lost. No judgement.

mod quick;

use std::collections::BTreeMap;
use std::io::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::json;

use crate::cli::{Format, Inspect};
use crate::digest::coverage::families;
use crate::error::Error;
use crate::evidence::{Entry, Reason, What};
use crate::ingest::{Evidence, ingest};
use crate::report::assemble::coverage;
use crate::report::model::{Coverage, CoverageState, Exhibit};
use crate::report::{self, clean};

/// Prints what the evidence holds.
///
/// # Errors
/// When nothing of the evidence can be read, or standard output is gone.
pub fn run(args: &Inspect, out: &mut dyn Write) -> Result<(), Error> {
    super::settings(&args.evidence, None)?;
    if args.quick {
        return quick::run(args, out);
    }
    let evidence = ingest(&args.evidence.paths, &super::options(&args.evidence)?)?;
    super::warn_of_unreadable(&evidence.unreadable);
    evidence.check_unchanged()?;
    let exhibits = evidence.exhibits();
    super::warn_of_dates(&exhibits);
    let coverage: Vec<Coverage> = families(&evidence.coverage).map(|(f, c)| coverage(f, c)).collect();
    match args.format {
        Format::Json => {
            let value = json!({"evidence": exhibits, "unreadable": evidence.unreadable, "coverage": coverage});
            writeln!(out, "{}", report::json::pretty(&value)?)?;
        }
        Format::Text => {
            writeln!(out, "{}", files(&exhibits).trim_fmt())?;
            notes(&evidence, out)?;
            writeln!(out, "\nCoverage")?;
            for family in &coverage {
                of_family(family, out)?;
            }
        }
    }
    Ok(())
}

/// A column of the table of files: its head, its cell for a file, and whether it is set to the right.
type Heading = (&'static str, fn(&Exhibit) -> String, bool);

fn files(exhibits: &[Exhibit]) -> Table {
    let lost = |count: fn(&Exhibit) -> u64| exhibits.iter().any(|e| count(e) > 0);
    let mut headings: Vec<Heading> = vec![
        ("file", |e| clean::line(&e.path).into_owned(), false),
        ("export", |e| e.format.clone(), false),
        ("encoding", |e| e.encoding.clone(), false),
        ("records", |e| e.records.to_string(), true),
    ];
    // What did not happen in any file needs no column.
    if lost(|e| e.degraded) {
        headings.push(("degraded", |e| e.degraded.to_string(), true));
    }
    if lost(|e| e.duplicates) {
        headings.push(("duplicates", |e| e.duplicates.to_string(), true));
    }
    if lost(|e| e.rejected) {
        headings.push(("rejected", |e| e.rejected.to_string(), true));
    }
    headings.push(("from", |e| day(e.first_time.as_deref()), false));
    headings.push(("to", |e| day(e.last_time.as_deref()), false));
    let rows = exhibits
        .iter()
        .map(|e| headings.iter().map(|(_, cell, _)| cell(e)).collect());
    table(
        headings.iter().map(|(head, _, right)| (*head, *right)).collect(),
        rows.collect(),
    )
}

fn day(time: Option<&str>) -> String {
    time.map_or(String::new(), |t| t.chars().take(10).collect())
}

/// A table without lines, within the terminal where there is one. Heads say whether their column is set to the right.
fn table(heads: Vec<(&str, bool)>, rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Some(width) = super::terminal_width().and_then(|w| u16::try_from(w).ok()) {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    table.set_header(heads.iter().map(|(head, _)| *head)).add_rows(rows);
    for (index, (_, right)) in heads.iter().enumerate() {
        if let Some(column) = table.column_mut(index).filter(|_| *right) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn notes(evidence: &Evidence, out: &mut dyn Write) -> Result<(), Error> {
    let mut lost = lost(&evidence.ledger);
    for (index, exhibit) in (0..)
        .zip(&evidence.files)
        .filter_map(|(i, f)| Some((i, f.exhibit.as_ref()?)))
    {
        let notes = exhibit.notes.iter().chain(&exhibit.time_note).cloned();
        for note in notes.chain(lost.remove(&index).unwrap_or_default()) {
            writeln!(out, "{}: {}", clean::line(&exhibit.path), clean::line(&note))?;
        }
    }
    for file in &evidence.unreadable {
        writeln!(
            out,
            "{}: could not be read: {}",
            clean::line(&file.path),
            clean::line(&file.reason)
        )?;
    }
    Ok(())
}

/// Of each file, for each reason how many rows were not used whole, and where the first of them stands.
fn lost(ledger: &[Entry]) -> BTreeMap<u32, Vec<String>> {
    let mut reasons: BTreeMap<(u32, What, Reason), (u64, &Entry)> = BTreeMap::new();
    for entry in ledger {
        let key = (entry.origin.file, entry.what, entry.reason);
        reasons.entry(key).or_insert((0, entry)).0 += 1;
    }
    let mut lost: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for ((file, what, reason), (count, first)) in reasons {
        let what = match what {
            What::Degraded => "degraded",
            What::Rejected => "rejected",
        };
        let place = format!("record {}, byte {}", first.origin.record, first.origin.offset);
        lost.entry(file).or_default().push(match count {
            1 => format!("1 row {what}: {reason} ({place})"),
            _ => format!("{count} rows {what}: {reason} (the first: {place})"),
        });
    }
    lost
}

fn of_family(family: &Coverage, out: &mut dyn Write) -> Result<(), Error> {
    let state = match family.state {
        CoverageState::Complete => "complete",
        CoverageState::Partial => "partial",
        CoverageState::Missing => "missing",
    };
    writeln!(out, "  {:<19} {state:<9} {}", family.family, clean::line(&family.why))?;
    for gap in &family.gaps {
        let (from, to) = (gap.from.as_deref().unwrap_or("…"), gap.to.as_deref().unwrap_or("…"));
        writeln!(out, "      {from} to {to}: {}", clean::line(&gap.reason))?;
    }
    let told = family.gaps.iter().find(|g| g.from.is_some() || g.to.is_some());
    if let Some(how) = told.and_then(|g| g.how_to_collect.as_ref()) {
        for line in super::wrap(how, 90) {
            writeln!(out, "      {line}")?;
        }
    } else if family.state != CoverageState::Complete
        && let Some(how) = &family.how_to_collect
    {
        for line in super::wrap(how, 90) {
            writeln!(out, "      {line}")?;
        }
    }
    Ok(())
}
