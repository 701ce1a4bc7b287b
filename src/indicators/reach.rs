//! How far the evidence reaches: whether silence in it means anything.

use crate::digest::coverage::{AuditScope, Completeness, FamilyCoverage};
use crate::records::Time;
use crate::timeline::{Action, Connector, State};

use super::{Case, acts};

/// A kind of audit record that an indicator needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Connectors,
    ExchangeAdmin,
    Alerts,
}

impl Scope {
    fn within(self, scope: &AuditScope) -> bool {
        match self {
            Scope::Connectors => scope.connectors,
            Scope::ExchangeAdmin => scope.exchange_admin,
            Scope::Alerts => scope.alerts,
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Scope::Connectors => "New-, Set- and Remove-InboundConnector",
            Scope::ExchangeAdmin => "all Exchange admin records (record type ExchangeAdmin)",
            Scope::Alerts => "alerts (record type SecurityComplianceAlerts)",
        }
    }
}

/// The time looked at: what `--from` and `--to` say, else from the first to the last record of audit log and
/// trace together. `None` where neither is there.
pub fn period(case: &Case) -> Option<(Time, Time)> {
    let logs = [&case.coverage.audit_log, &case.coverage.message_trace];
    let first = logs.iter().filter_map(|c| c.first).min();
    let last = logs.iter().filter_map(|c| c.last).max();
    Some((case.window.from.or(first)?, case.window.to.or(last)?))
}

/// The part of the time looked at in which the connector was there: from its creation, where the log holds it
/// and nothing was seen of it before, to its removal, where that was the last thing done to it.
pub fn life(case: &Case, connector: &Connector) -> Option<(Time, Time)> {
    let (mut from, mut to) = period(case)?;
    let mut acts = connector.events.iter().filter(|e| acts::is_act(e));
    if let Some(first) = acts.next() {
        let was_there = |s: &State| s.exists && s.from.is_none_or(|from| from < first.time);
        if first.action == Action::Created && !connector.states.iter().any(was_there) {
            from = from.max(first.time);
        }
        let last = acts.next_back().unwrap_or(first);
        if last.action == Action::Removed {
            to = to.min(last.time);
        }
    }
    Some((from, to.max(from)))
}

/// Whether the family would show what happened at any moment from `from` to `to`. Its first and last record may
/// stand a little inside that time; a family that is partial without saying where does not speak.
fn speaks(family: &FamilyCoverage, edge: i64, from: Time, to: Time) -> bool {
    let (Some(first), Some(last)) = (family.first, family.last) else {
        return false;
    };
    let known = match family.state {
        Completeness::Missing => false,
        Completeness::Partial => !family.gaps.is_empty(),
        Completeness::Complete => true,
    };
    let inner = (
        Time(from.max(first).0.saturating_add(1)),
        Time(to.min(last).0.saturating_sub(1)),
    );
    known
        && first.0.saturating_sub(edge) <= from.0
        && last.0.saturating_add(edge) >= to.0
        && (inner.0 > inner.1 || !family.gap_within(inner.0, inner.1))
}

/// Whether the audit log would show records of this kind at any moment from `from` to `to`.
pub fn log_speaks(case: &Case, scope: Scope, from: Time, to: Time) -> bool {
    let holds = &case.coverage.audit_scope;
    let edge = if holds.heartbeat {
        case.thresholds().edge_steady
    } else {
        case.thresholds().edge
    };
    scope.within(holds) && speaks(&case.coverage.audit_log, edge, from, to)
}

/// Whether the message trace would show the mail of any moment from `from` to `to`.
pub fn trace_speaks(case: &Case, from: Time, to: Time) -> bool {
    speaks(
        &case.coverage.message_trace,
        rest(case).max(case.thresholds().edge),
        from,
        to,
    )
}

/// The longest time that this tenant's mail rests, as a small office's does over a weekend: a trace may end that long
/// before the last day asked for. No more than `longest_rest`; a longer silence is a hole.
fn rest(case: &Case) -> i64 {
    let with_mail: Vec<i32> = case
        .mail
        .days
        .iter()
        .filter(|d| d.messages > 0)
        .map(|d| d.day)
        .collect();
    let gaps = with_mail
        .windows(2)
        .filter_map(|w| Some(i64::from(w.get(1)? - w.first()?)));
    (gaps.max().unwrap_or(0) * Time::DAY).min(case.thresholds().longest_rest)
}

/// Whether the trace is long enough to clear a connector: it speaks of all the time that the connector was there, or
/// of four weeks of it. A fortnight's trace beside a season's log says nothing of the season.
pub fn trace_is_long(case: &Case, connector: &Connector) -> bool {
    let (trace, life) = (&case.coverage.message_trace, life(case, connector));
    let (Some((from, to)), Some(first), Some(last)) = (life, trace.first, trace.last) else {
        return false;
    };
    let spoken = last.0.min(to.0).saturating_sub(first.0.max(from.0));
    spoken >= case.thresholds().long_trace || trace_speaks(case, from, to)
}

/// Whether the audit log would show records of this kind through the whole time looked at.
pub fn log_speaks_throughout(case: &Case, scope: Scope) -> bool {
    period(case).is_some_and(|(from, to)| log_speaks(case, scope, from, to))
}

/// Whether the message trace speaks of the whole time looked at.
pub fn trace_speaks_throughout(case: &Case) -> bool {
    period(case).is_some_and(|(from, to)| trace_speaks(case, from, to))
}

/// When the connector was made, by the snapshot, where that is too shortly before the audit log begins to rule out
/// that it was made for what the log shows, and no record of the making is there.
pub fn made_just_before(case: &Case, connector: &Connector) -> Option<Time> {
    let created = acts::snapshot(case, connector)?.created?;
    let begins = case.coverage.audit_log.first?;
    let recorded = connector
        .events
        .iter()
        .any(|e| e.action == Action::Created && e.succeeded);
    (!recorded && created < begins && created.0 > begins.0.saturating_sub(case.thresholds().established))
        .then_some(created)
}

/// When the connector was last changed, by the snapshot, where that is too shortly before the audit log begins to rule out
/// that it was changed for what the evidence shows: no record tells what was done, or by whom.
pub fn changed_just_before(case: &Case, connector: &Connector) -> Option<Time> {
    let changed = acts::snapshot(case, connector)?.changed?;
    let begins = case.coverage.audit_log.first?;
    (changed < begins && changed.0 > begins.0.saturating_sub(case.thresholds().established)).then_some(changed)
}

/// When it was made or, by the snapshot, last changed, where either is too shortly before the audit log begins; with what
/// was done, for a sentence.
pub fn touched_just_before(case: &Case, connector: &Connector) -> Option<(&'static str, Time)> {
    let made = made_just_before(case, connector).map(|time| ("created", time));
    made.or_else(|| Some(("last changed", changed_just_before(case, connector)?)))
}

/// What would tell of a moment before the audit log begins.
pub fn log_needs_before(case: &Case, moment: Time) -> Vec<String> {
    vec![format!(
        "the audit log from {} on, with New-InboundConnector (Search-UnifiedAuditLog)",
        Time(moment.0.saturating_sub(case.thresholds().prelude))
    )]
}

/// What to collect where the audit log does not speak of records of this kind.
pub fn log_needs(case: &Case, scope: Scope) -> Vec<String> {
    let time = match period(case) {
        Some((from, to)) => format!("from {from} to {to} without gaps"),
        None => "of the time in question".to_owned(),
    };
    vec![format!(
        "the audit log {time}, with {} (Search-UnifiedAuditLog)",
        scope.wanted()
    )]
}

/// What to collect where the trace does not speak.
pub fn trace_needs(case: &Case) -> String {
    let time = match period(case) {
        Some((from, to)) => format!("from {from} to {to}"),
        None => "of the time in question".to_owned(),
    };
    format!("a message trace {time} that names the inbound connector (historical search with extended report)")
}

/// What to collect where nothing says whether someone was meant to do what he did.
pub fn intent_needs(case: &Case) -> Vec<String> {
    let mut needs = Vec::new();
    if case.organization.connector_admins.is_empty() {
        needs.push("connector_admins in org.toml: who is meant to make and change connectors".to_owned());
    }
    needs.extend(session_needs());
    needs
}

/// What to collect where nothing says whose session it was.
pub fn session_needs() -> Vec<String> {
    vec!["sign-in logs of the actors for at least 30 days before the change".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, at};
    use super::*;
    use crate::digest::coverage::Gap;

    #[test]
    fn a_log_speaks_half_a_day_beyond_its_records_or_a_day_if_it_has_no_steady_background() {
        let mut f = Fixture::complete();
        f.coverage.audit_log.first = Some(at("05T00:00"));
        assert!(log_speaks(&f.case(), Scope::Connectors, at("04T12:00"), at("10T00:00")));
        assert!(!log_speaks(
            &f.case(),
            Scope::Connectors,
            at("04T11:59"),
            at("10T00:00")
        ));
        f.coverage.audit_scope.heartbeat = false;
        assert!(log_speaks(&f.case(), Scope::Connectors, at("04T00:00"), at("10T00:00")));
        assert!(!log_speaks(
            &f.case(),
            Scope::Connectors,
            at("03T23:59"),
            at("10T00:00")
        ));
    }

    #[test]
    fn a_gap_silences_the_log_only_where_it_lies() {
        let mut f = Fixture::complete();
        f.coverage.audit_log.state = Completeness::Partial;
        assert!(
            !log_speaks_throughout(&f.case(), Scope::Alerts),
            "partial without saying where"
        );
        f.coverage.audit_log.gaps.push(Gap {
            from: Some(at("12T00:00")),
            to: Some(at("13T00:00")),
            reason: "truncated".to_owned(),
        });
        assert!(!log_speaks(&f.case(), Scope::Alerts, at("05T00:00"), at("12T06:00")));
        assert!(log_speaks(&f.case(), Scope::Alerts, at("14T00:00"), at("30T00:00")));
    }

    #[test]
    fn a_search_for_a_few_operations_is_silent_on_the_others() {
        let mut f = Fixture::complete();
        f.coverage.audit_scope.alerts = false;
        assert!(!log_speaks_throughout(&f.case(), Scope::Alerts));
        assert!(log_speaks_throughout(&f.case(), Scope::Connectors));
    }

    #[test]
    fn mail_traced_long_before_the_log_begins_is_time_the_log_does_not_speak_of() {
        let mut f = Fixture::complete();
        f.coverage.audit_log.first = Some(at("10T00:00"));
        assert!(!log_speaks_throughout(&f.case(), Scope::Connectors));
        f.window.from = Some(at("10T00:00"));
        assert!(log_speaks_throughout(&f.case(), Scope::Connectors));
    }

    #[test]
    fn a_trace_may_end_as_long_before_the_time_as_the_mail_rests_at_other_times() {
        let mut f = Fixture::complete();
        f.coverage.message_trace.last = Some(at("27T12:00"));
        for day in ["03T09:00", "04T09:00", "05T09:00", "06T09:00"] {
            f.mail("HQ", day);
        }
        let speaks = |f: &Fixture| trace_speaks(&f.case(), at("05T00:00"), at("29T20:00"));
        assert!(!speaks(&f), "mail every day, and two days of silence");
        f.mail("HQ", "09T09:00");
        assert!(speaks(&f), "a long weekend");
    }
}
