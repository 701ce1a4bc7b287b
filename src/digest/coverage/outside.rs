//! What a log does not reach: times that another log of the evidence tells of, and times that nobody keeps any more.

use super::{Coverage, Family, FamilyCoverage, Gap};
use crate::records::Time;

/// A log that begins or ends so much inside another is told of, at least.
const EDGE: i64 = 24 * Time::HOUR;
/// Days for which an audit log is kept: by the licence, 90 before October 2023, 180 since, 365 with Premium (Microsoft's
/// audit pages); and for which Get-MessageTrace and the historical search reach back.
const AUDIT_KEPT: [i64; 3] = [90, 180, 365];
const TRACE_KEPT: [i64; 2] = [10, 90];
/// How near to such an age a first record must stand, in hours.
const NEAR: i64 = 36;

/// Notes for audit log and message trace the times that the other one covers and they do not, and where they reach back
/// just as far as they are kept.
pub(super) fn note(coverage: &mut Coverage) {
    let latest = [&coverage.audit_log, &coverage.message_trace].into_iter();
    let latest = latest.filter_map(|c| c.last).max();
    let of = |own: &FamilyCoverage, other: &FamilyCoverage, family: Family, kept: &[i64]| {
        let mut gaps = beside(own, other, family);
        gaps.extend(kept_no_longer(own, latest, kept));
        gaps
    };
    let (audit, trace) = (&coverage.audit_log, &coverage.message_trace);
    let of_audit = of(audit, trace, Family::MessageTrace, &AUDIT_KEPT);
    let of_trace = of(trace, audit, Family::AuditLog, &TRACE_KEPT);
    coverage.audit_log.outside = of_audit;
    coverage.message_trace.outside = of_trace;
    for family in [&mut coverage.audit_log, &mut coverage.message_trace] {
        if let Some(gap) = family.outside.first() {
            family.why = format!("{}; {}", family.why, gap.reason);
        }
    }
}

/// The times that the other log covers before this one begins and after it ends.
fn beside(own: &FamilyCoverage, other: &FamilyCoverage, family: Family) -> Vec<Gap> {
    let (Some(first), Some(last)) = (own.first, own.last) else {
        return Vec::new();
    };
    let (Some(begins), Some(ends)) = (other.first, other.last) else {
        return Vec::new();
    };
    let what = match family {
        Family::AuditLog => "the audit log",
        _ => "the message trace",
    };
    let edge = own.slack.max(other.slack).max(EDGE);
    if last < begins || ends < first {
        let reason = format!("{what} covers {begins} to {ends}, and of that time nothing is here");
        let (from, to) = (Some(begins), Some(ends));
        return vec![Gap { from, to, reason }];
    }
    let mut gaps = Vec::new();
    if first.0.saturating_sub(begins.0) > edge {
        gaps.push(Gap {
            from: Some(begins),
            to: Some(first),
            reason: format!("{what} begins earlier, at {begins}"),
        });
    }
    if ends.0.saturating_sub(last.0) > edge {
        gaps.push(Gap {
            from: Some(last),
            to: Some(ends),
            reason: format!("{what} goes on longer, to {ends}"),
        });
    }
    gaps
}

/// A log whose first record is just as old as such a log is kept was asked for all there was.
fn kept_no_longer(own: &FamilyCoverage, latest: Option<Time>, kept: &[i64]) -> Option<Gap> {
    let (first, latest) = (own.first?, latest?);
    let hours = latest.hour() - first.hour();
    let days = kept.iter().find(|days| (hours - *days * 24).abs() <= NEAR)?;
    Some(Gap {
        from: None,
        to: Some(first),
        reason: format!(
            "it reaches back {days} days, as far as it is kept or can be asked for: what was before may be gone"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Completeness;
    use super::*;

    fn log(from: i64, to: i64) -> FamilyCoverage {
        let day = |day: i64| Some(Time::default().plus_hours(24 * day));
        FamilyCoverage {
            state: Completeness::Complete,
            first: day(from),
            last: day(to),
            why: "records".into(),
            ..FamilyCoverage::default()
        }
    }

    /// What is told of audit log and trace: from and to in days, if any.
    fn told(audit: FamilyCoverage, trace: FamilyCoverage) -> [Vec<(Option<i64>, Option<i64>)>; 2] {
        let mut coverage = Coverage {
            audit_log: audit,
            message_trace: trace,
            ..Coverage::default()
        };
        note(&mut coverage);
        assert_eq!(coverage.audit_log.state, Completeness::Complete);
        let day = |t: Option<Time>| t.map(|t| t.hour() / 24);
        [&coverage.audit_log, &coverage.message_trace]
            .map(|c| c.outside.iter().map(|g| (day(g.from), day(g.to))).collect())
    }

    #[test]
    fn a_short_trace_beside_a_long_log_is_told_of() {
        let told = told(log(0, 60), log(40, 62));
        assert_eq!(told, [vec![(Some(60), Some(62))], vec![(Some(0), Some(40))]]);
    }

    #[test]
    fn logs_of_other_times_tell_nothing_of_one_another() {
        let told = told(log(0, 20), log(30, 50));
        assert_eq!(told, [vec![(Some(30), Some(50))], vec![(Some(0), Some(20))]]);
    }

    #[test]
    fn a_log_that_reaches_back_as_far_as_it_is_kept_says_so() {
        let told = told(log(0, 180), log(170, 180));
        assert_eq!(told[0], [(None, Some(0))]);
        assert_eq!(told[1], [(Some(0), Some(170)), (None, Some(170))]);
        let told = self::told(log(0, 60), log(0, 60));
        assert_eq!(told, [vec![], vec![]]);
    }

    #[test]
    fn a_log_that_is_not_there_has_no_edges() {
        let mut coverage = Coverage {
            audit_log: log(0, 30),
            ..Coverage::default()
        };
        note(&mut coverage);
        assert_eq!(
            (coverage.audit_log.outside, coverage.message_trace.outside),
            (vec![], vec![])
        );
    }
}
