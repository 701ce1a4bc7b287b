//! From what a pass saw of each file to what each family covers.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::caps::Cap;
use super::rhythm::silences_of_week;
use super::{AuditScope, Completeness, Coverage, Family, FamilyCoverage, Gap};
use super::{outside, paging, scope, searches};
use crate::digest::{Digest, Few, Observed};
use crate::evidence::Damage;
use crate::records::{Kind, TRACKING_LOG, Time};

/// What is known of a file once it is read.
#[derive(Debug, Clone)]
pub struct FileSummary {
    pub path: String,
    pub kind: Kind,
    /// The reader's name for the export.
    pub format: &'static str,
    /// Bytes that were read from the wrong byte on, and whatever rows they held.
    pub shifted: u64,
    /// Why the content of a compressed file is not all there.
    pub damage: Option<Damage>,
    /// Rows found that are more than delimiters.
    pub records: u64,
    pub duplicates: u64,
    /// Of them, those that could not be read.
    pub rejected: u64,
}

impl FileSummary {
    /// Rows that were read and are in no other place.
    fn kept(&self) -> u64 {
        self.records.saturating_sub(self.duplicates + self.rejected)
    }
}

/// Judges what the evidence covers. `files` is in the order of [`crate::records::Origin::file`].
pub fn assess(digest: &Digest, files: &[FileSummary]) -> Coverage {
    let mut coverage = Coverage {
        audit_log: audit_log(digest, files),
        message_trace: message_trace(digest, files),
        sign_in_log: FamilyCoverage::default(),
        inbound_connectors: snapshot(digest, files, Kind::InboundConnectors),
        accepted_domains: snapshot(digest, files, Kind::AcceptedDomains),
        blocked_connectors: snapshot(digest, files, Kind::BlockedConnectors),
        audit_scope: AuditScope::default(),
        audit_hours: hours(digest, files, Kind::AuditLog),
        trace_hours: hours(digest, files, Kind::MessageTrace),
    };
    let logs: Vec<&Observed> = seen(digest, files, Kind::AuditLog).collect();
    coverage.audit_scope = scope::of(&logs, digest, &coverage);
    coverage.sign_in_log = sign_ins(digest, files, &coverage);
    outside::note(&mut coverage);
    coverage
}

fn of_kind(files: &[FileSummary], kind: Kind) -> impl Iterator<Item = (u32, &FileSummary)> {
    // What the organisation's own servers saw covers nothing of Exchange Online: an attacker's mail need not pass them.
    (0u32..)
        .zip(files)
        .filter(move |(_, f)| f.kind == kind && f.format != TRACKING_LOG)
}

fn seen<'a>(digest: &'a Digest, files: &'a [FileSummary], kind: Kind) -> impl Iterator<Item = &'a Observed> {
    of_kind(files, kind).filter_map(|(i, _)| digest.observed.get(&i))
}

fn hours(digest: &Digest, files: &[FileSummary], kind: Kind) -> Vec<i64> {
    let all: BTreeSet<i64> = seen(digest, files, kind)
        .flat_map(|o| o.hours.iter().copied())
        .collect();
    all.into_iter().collect()
}

fn span(digest: &Digest, files: &[FileSummary], kind: Kind) -> (Option<Time>, Option<Time>) {
    let first = seen(digest, files, kind).filter_map(|o| o.first).min();
    let last = seen(digest, files, kind).filter_map(|o| o.last).max();
    (first, last)
}

/// A log from its span, its gaps and its files.
fn log(
    first: Option<Time>,
    last: Option<Time>,
    files: Vec<&FileSummary>,
    hours: usize,
    gaps: Vec<Gap>,
    what: &str,
) -> FamilyCoverage {
    let (Some(from), Some(to)) = (first, last) else {
        // What is there and could not be read is not what nobody exported.
        let (state, why) = match (gaps.first(), files.len()) {
            (Some(gap), 1..) => (
                Completeness::Partial,
                format!("no record of the {what} could be placed: {}", gap.reason),
            ),
            (None, 1..) => (
                Completeness::Missing,
                format!("the {what} that is in the evidence holds no records: its search found nothing, or failed"),
            ),
            (_, 0) => (Completeness::Missing, format!("no {what} is in the evidence")),
        };
        return FamilyCoverage {
            state,
            gaps,
            why,
            ..FamilyCoverage::default()
        };
    };
    let records: u64 = files.iter().map(|f| f.kept()).sum();
    let unread: u64 = files.iter().map(|f| f.rejected).sum();
    // The log's last record is not the end of what it covers: the next was due only some time later.
    let usual = 3 * (to.0 - from.0) / i64::try_from(hours.max(1)).unwrap_or(i64::MAX);
    let state = if gaps.is_empty() {
        Completeness::Complete
    } else {
        Completeness::Partial
    };
    let why = match gaps.as_slice() {
        [] if unread == 0 => format!("{records} records from {from} to {to}; nothing suggests that rows are missing"),
        [] => format!(
            "{records} records from {from} to {to}; no rows seem to be missing, but {unread} could not be read (rejected.csv)"
        ),
        [gap] => format!("{records} records from {from} to {to}, but {}", gap.reason),
        [gap, rest @ ..] => format!(
            "{records} records from {from} to {to}, but {}, and {} more",
            gap.reason,
            rest.len()
        ),
    };
    FamilyCoverage {
        state,
        first,
        last,
        slack: usual.clamp(2 * Time::HOUR, 48 * Time::HOUR),
        gaps,
        outside: Vec::new(),
        why,
    }
}

/// What is missing of an export that stopped at a cap.
fn at_cap(file: &FileSummary, cap: u64, unit: &str, from: Option<Time>, to: Option<Time>) -> Gap {
    Gap {
        from,
        to,
        reason: format!(
            "{} holds exactly {cap} {unit}, where exports stop without a word",
            file.path
        ),
    }
}

fn audit_log(digest: &Digest, files: &[FileSummary]) -> FamilyCoverage {
    let mut gaps = Vec::new();
    let logs = of_kind(files, Kind::AuditLog)
        .map(|(index, file)| (index, file.rejected))
        .collect();
    for (count, rows) in searches::short(digest, &logs) {
        gaps.push(Gap {
            from: None,
            to: None,
            reason: format!("a search that found {count} audit records is here with {rows} of them"),
        });
    }
    if seen(digest, files, Kind::AuditLog).any(|o| o.result_counts.contains_key(&0)) {
        gaps.push(Gap {
            from: None,
            to: None,
            reason: "a search answered with ResultCount 0, which is how a time-out looks".into(),
        });
    }
    for (index, file) in of_kind(files, Kind::AuditLog) {
        let observed = digest.observed.get(&index);
        let told = observed.is_some_and(|o| !o.result_counts.is_empty());
        let cap = Cap::of(file.kind, file.format).hit(file.records);
        let cap = cap.filter(|cap| *cap >= 50_000 || !told);
        if let Some(cap) = cap {
            gaps.push(at_cap(file, cap, "records", None, None));
        }
    }
    rejected(files, Kind::AuditLog, &mut gaps);
    gaps.extend(silences(
        &hours(digest, files, Kind::AuditLog),
        LOG_SILENCE,
        "audit log",
    ));
    let (first, last) = span(digest, files, Kind::AuditLog);
    let of_family = of_kind(files, Kind::AuditLog).map(|(_, f)| f).collect();
    log(
        first,
        last,
        of_family,
        hours(digest, files, Kind::AuditLog).len(),
        gaps,
        "audit log",
    )
}

fn message_trace(digest: &Digest, files: &[FileSummary]) -> FamilyCoverage {
    let mut gaps = Vec::new();
    let active = hours(digest, files, Kind::MessageTrace);
    for (index, file) in of_kind(files, Kind::MessageTrace) {
        let observed = digest.observed.get(&index);
        let first = observed.and_then(|o| o.first);
        let cap = Cap::of(file.kind, file.format);
        let (capped, unit) = match cap {
            Cap::Messages => {
                let messages = observed.and_then(|o| o.messages.count());
                let full = messages.filter(|&m| m == Few::LIMIT);
                (full.map(|m| m as u64), "messages")
            }
            _ => (cap.hit(file.records), "rows"),
        };
        if let Some(cap) = capped {
            // Get-MessageTrace answers newest first, so that what comes before is missing; the others keep the
            // first they find. Where another export takes up at the cut, someone paged over it.
            let newest_first = file.format == "get_message_trace";
            let others = || of_kind(files, Kind::MessageTrace).filter(|(i, _)| *i != index);
            let spans = others()
                .filter_map(|(i, _)| digest.observed.get(&i))
                .filter_map(|o| o.first.zip(o.last));
            let last = observed.and_then(|o| o.last);
            let Some((from, to)) = paging::cut(first, last, newest_first, spans, &active) else {
                continue;
            };
            gaps.push(at_cap(file, cap, unit, from, to));
        }
    }
    rejected(files, Kind::MessageTrace, &mut gaps);
    gaps.extend(silences(&active, TRACE_SILENCE, "message trace"));
    let (first, last) = span(digest, files, Kind::MessageTrace);
    let of_family = of_kind(files, Kind::MessageTrace).map(|(_, f)| f).collect();
    log(first, last, of_family, active.len(), gaps, "message trace")
}

/// Shortest silences that are looked at, in hours. A log has a background that never pauses for long; mail stops over
/// a long weekend of holidays, which nothing here knows of.
const LOG_SILENCE: i64 = 2;
const TRACE_SILENCE: i64 = 120;

/// Silences that the family's own rhythm makes improbable, as gaps.
fn silences(active: &[i64], least: i64, what: &str) -> Vec<Gap> {
    let found = silences_of_week(active, least).into_iter();
    found
        .map(|s| Gap {
            from: Some(Time(s.from.saturating_mul(Time::HOUR))),
            to: Some(Time(s.to.saturating_mul(Time::HOUR))),
            reason: format!(
                "the {what} is empty for {} hours in which it usually is not",
                s.to - s.from
            ),
        })
        .collect()
}

/// Rows that could not be placed may have been the ones that matter, once they are more than stray lines.
fn rejected(files: &[FileSummary], kind: Kind, gaps: &mut Vec<Gap>) {
    for (_, file) in of_kind(files, kind) {
        if file.shifted > 0 {
            gaps.push(Gap {
                from: None,
                to: None,
                reason: format!(
                    "{} bytes of {} are no text in its encoding, and their rows are lost",
                    file.shifted, file.path
                ),
            });
        }
        if let Some(damage) = &file.damage {
            gaps.push(Gap {
                from: None,
                to: None,
                reason: format!("of {} not all was read: {damage}", file.path),
            });
        }
        if file.rejected * 100 > file.records {
            gaps.push(Gap {
                from: None,
                to: None,
                reason: format!(
                    "{} of {} rows of {} could not be read",
                    file.rejected, file.records, file.path
                ),
            });
        }
    }
}

fn snapshot(digest: &Digest, files: &[FileSummary], kind: Kind) -> FamilyCoverage {
    let count = of_kind(files, kind).count();
    if count == 0 {
        return FamilyCoverage {
            why: "no such export is in the evidence".into(),
            ..FamilyCoverage::default()
        };
    }
    let (first, last) = span(digest, files, kind);
    let objects: u64 = of_kind(files, kind).map(|(_, f)| f.kept()).sum();
    let mut gaps = Vec::new();
    rejected(files, kind, &mut gaps);
    let state = if gaps.is_empty() {
        Completeness::Complete
    } else {
        Completeness::Partial
    };
    let but = gaps
        .first()
        .map_or_else(String::new, |gap| format!(", but {}", gap.reason));
    let why = format!(
        "{objects} objects in {count} export{}{but}",
        if count == 1 { "" } else { "s" }
    );
    FamilyCoverage {
        state,
        first,
        last,
        slack: 0,
        gaps,
        outside: Vec::new(),
        why,
    }
}

fn sign_ins(digest: &Digest, files: &[FileSummary], coverage: &Coverage) -> FamilyCoverage {
    let kind = Kind::SignInLog;
    let (first, last) = span(digest, files, kind);
    let of_family: Vec<&FileSummary> = of_kind(files, kind).map(|(_, f)| f).collect();
    if of_family.is_empty() && !coverage.audit_scope.sign_ins {
        return FamilyCoverage {
            why: "neither a sign-in log nor sign-ins in an audit log are in the evidence".into(),
            ..FamilyCoverage::default()
        };
    }
    let mut gaps = Vec::new();
    for (_, file) in of_kind(files, kind) {
        if let Some(cap) = Cap::of(kind, file.format).hit(file.records) {
            gaps.push(at_cap(file, cap, "records", None, None));
        }
    }
    rejected(files, kind, &mut gaps);
    let is_there = !of_family.is_empty();
    let own = log(
        first,
        last,
        of_family,
        hours(digest, files, kind).len(),
        gaps,
        "sign-in log",
    );
    if first.is_some() || !coverage.audit_scope.sign_ins {
        return own;
    }
    let instead = "the audit log carries UserLoggedIn and UserLoginFailed: no risk levels, no service principals";
    FamilyCoverage {
        state: Completeness::Partial,
        why: match is_there {
            true => format!("{}; {instead}", own.why),
            false => format!("no sign-in log, but {instead}"),
        },
        ..coverage.audit_log.clone()
    }
}

/// The families with their coverage, in the order of the report.
pub fn families(coverage: &Coverage) -> impl Iterator<Item = (Family, &FamilyCoverage)> {
    Family::ALL.into_iter().map(|f| (f, coverage.family(f)))
}
