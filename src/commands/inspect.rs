//! `relaytrail inspect`: what each file is, what it covers, what was lost. No judgement.

mod quick;

use std::collections::BTreeMap;
use std::io::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::json;

use crate::cli::{Format, Inspect};
use crate::digest::coverage::families;
use crate::error::Error;
use crate::evidence::{Entry, LEDGER_LIMIT, Reason, What};
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
    let mut lost = lost(&evidence.ledger, LEDGER_LIMIT);
    for (index, exhibit) in (0..)
        .zip(&evidence.files)
        .filter_map(|(i, f)| Some((i, f.exhibit.as_ref()?)))
    {
        let notes = exhibit.notes.iter().chain(&exhibit.time_note).cloned();
        let lost = lost.remove(&index).unwrap_or_default();
        for note in notes.chain(lost.notes(exhibit.degraded)) {
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

/// The rows of a file that were not used whole.
#[derive(Default)]
struct Lost<'a> {
    /// For each reason how many, and the first of them.
    reasons: BTreeMap<(What, Reason), (u64, Option<&'a Entry>)>,
    /// The ledger holds no more of the file: there may be others.
    full: bool,
}

impl Lost<'_> {
    /// `degraded`: how many rows count as such. The ledger has those too that count as duplicates.
    fn notes(&self, degraded: u64) -> Vec<String> {
        let of = |what| self.reasons.iter().filter(move |((w, _), _)| *w == what);
        let repeated = of(What::Degraded).map(|(_, (count, _))| count).sum::<u64>() > degraded;
        let note = |((what, reason), (count, first)): (&(What, Reason), &(u64, Option<&Entry>))| {
            let what = match what {
                What::Degraded if repeated => "degraded, duplicates among them",
                What::Degraded => "degraded",
                What::Rejected => "rejected",
            };
            let place = first.map_or_else(String::new, |first| {
                format!("record {}, byte {}", first.origin.record, first.origin.offset)
            });
            let least = if self.full { "at least " } else { "" };
            match count {
                1 => format!("{least}1 row {what}: {reason} ({place})"),
                _ => format!("{least}{count} rows {what}: {reason} (the first: {place})"),
            }
        };
        self.reasons.iter().map(note).collect()
    }
}

/// Of each file what was lost; `limit`: entries that the ledger keeps of one file.
fn lost(ledger: &[Entry], limit: usize) -> BTreeMap<u32, Lost<'_>> {
    let mut files: BTreeMap<u32, Lost<'_>> = BTreeMap::new();
    for entries in ledger.chunk_by(|one, next| one.origin.file == next.origin.file) {
        let mut lost = Lost {
            full: entries.len() >= limit,
            ..Lost::default()
        };
        for entry in entries {
            let (count, first) = lost.reasons.entry((entry.what, entry.reason)).or_default();
            *count += 1;
            first.get_or_insert(entry);
        }
        if let Some(first) = entries.first() {
            files.insert(first.origin.file, lost);
        }
    }
    files
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Origin;

    #[test]
    fn what_the_ledger_holds_is_told_as_what_it_is() {
        let entry = |file, record, what| Entry {
            origin: Origin {
                file,
                record,
                offset: 7,
            },
            what,
            reason: Reason::CellCount,
        };
        let ledger = [
            entry(0, 1, What::Degraded),
            entry(0, 2, What::Degraded),
            entry(3, 9, What::Rejected),
        ];
        let notes = |limit, degraded| lost(&ledger, limit)[&0].notes(degraded).concat();
        let cause = Reason::CellCount;
        assert_eq!(
            notes(3, 2),
            format!("2 rows degraded: {cause} (the first: record 1, byte 7)")
        );
        let repeated = format!("2 rows degraded, duplicates among them: {cause} (the first: record 1, byte 7)");
        assert_eq!(notes(3, 1), repeated);
        assert_eq!(notes(2, 1), format!("at least {repeated}"));
        let other = format!("1 row rejected: {cause} (record 9, byte 7)");
        assert_eq!(lost(&ledger, 3)[&3].notes(0), [other]);
    }
}
