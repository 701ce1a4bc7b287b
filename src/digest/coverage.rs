//! What the evidence covers: per family a period, its gaps with their reasons, and what of the audit log is there.

mod assess;
mod caps;
mod outside;
mod paging;
mod rhythm;
mod scope;
mod searches;

use crate::records::Time;

pub use assess::{FileSummary, assess, families};
pub use rhythm::{DayHour, Rhythm, Silence};

/// A family of evidence, as the report names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    AuditLog,
    MessageTrace,
    SignInLog,
    InboundConnectors,
    AcceptedDomains,
    BlockedConnectors,
}

impl Family {
    pub const ALL: [Family; 6] = [
        Family::AuditLog,
        Family::MessageTrace,
        Family::SignInLog,
        Family::InboundConnectors,
        Family::AcceptedDomains,
        Family::BlockedConnectors,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Family::AuditLog => "audit_log",
            Family::MessageTrace => "message_trace",
            Family::SignInLog => "sign_in_log",
            Family::InboundConnectors => "inbound_connectors",
            Family::AcceptedDomains => "accepted_domains",
            Family::BlockedConnectors => "blocked_connectors",
        }
    }

    /// The command that would close a gap: the one that collects it, for the gap's time.
    pub fn how_to_close(self, gap: &Gap) -> String {
        let mut command = self.how_to_collect().to_owned();
        for (place, time) in [("<from>", gap.from), ("<to>", gap.to)] {
            if let Some(time) = time {
                command = command.replace(place, &time.to_string());
            }
        }
        command
    }

    /// The command that would collect it.
    pub fn how_to_collect(self) -> &'static str {
        match self {
            Family::AuditLog => {
                "Search-UnifiedAuditLog -StartDate <from> -EndDate <to> -SessionId <id> -SessionCommand ReturnLargeSet -ResultSize 5000, repeated until no rows return, in windows small enough to stay under 50,000 rows"
            }
            Family::MessageTrace => {
                "Start-HistoricalSearch -ReportType MessageTraceDetail -ReportTitle <title> -StartDate <from> -EndDate <to> -SenderAddress *@<domain>, or EmailEvents from advanced hunting; Get-MessageTraceV2 where neither is to be had"
            }
            Family::SignInLog => {
                "Entra admin centre > Sign-in logs > Download (JSON), or UserLoggedIn and UserLoginFailed from the audit log"
            }
            Family::InboundConnectors => "Get-InboundConnector | ConvertTo-Json -Depth 5",
            Family::AcceptedDomains => "Get-AcceptedDomain | ConvertTo-Json -Depth 5",
            Family::BlockedConnectors => "Get-BlockedConnector | ConvertTo-Json -Depth 5",
        }
    }
}

/// How whole a family is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Completeness {
    #[default]
    Missing,
    Partial,
    Complete,
}

/// A time for which a family says nothing, or not all; an open end is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub from: Option<Time>,
    pub to: Option<Time>,
    pub reason: String,
}

/// What one family covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FamilyCoverage {
    pub state: Completeness,
    /// For a log: the first and last record. For a snapshot: when it was last changed, where it says so.
    pub first: Option<Time>,
    pub last: Option<Time>,
    /// Microseconds by which the first and last record may lie inside the time that is covered: records come
    /// only so often.
    pub slack: i64,
    /// Times within it of which something is missing.
    pub gaps: Vec<Gap>,
    /// Times before or behind it that other evidence tells of. They take nothing from what it says of its own time.
    pub outside: Vec<Gap>,
    /// One sentence.
    pub why: String,
}

/// What kinds of audit records the log was exported with. A search for a few operations is silent on all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuditScope {
    /// Connector cmdlets would be in it.
    pub connectors: bool,
    /// Other Exchange admin cmdlets would (rules, domains, audit switches).
    pub exchange_admin: bool,
    /// Directory changes would (applications, roles, credentials).
    pub directory: bool,
    /// Sign-ins would, from the audit log or a sign-in log.
    pub sign_ins: bool,
    /// Alerts would.
    pub alerts: bool,
    /// The log has a steady background from which a hole could be told.
    pub heartbeat: bool,
}

/// What all the evidence covers.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    pub audit_log: FamilyCoverage,
    pub message_trace: FamilyCoverage,
    pub sign_in_log: FamilyCoverage,
    pub inbound_connectors: FamilyCoverage,
    pub accepted_domains: FamilyCoverage,
    pub blocked_connectors: FamilyCoverage,
    pub audit_scope: AuditScope,
    /// Hours since 1970 that hold at least one audit record, ascending.
    pub audit_hours: Vec<i64>,
    /// Hours since 1970 that hold at least one traced message, ascending.
    pub trace_hours: Vec<i64>,
}

impl Coverage {
    pub fn family(&self, family: Family) -> &FamilyCoverage {
        match family {
            Family::AuditLog => &self.audit_log,
            Family::MessageTrace => &self.message_trace,
            Family::SignInLog => &self.sign_in_log,
            Family::InboundConnectors => &self.inbound_connectors,
            Family::AcceptedDomains => &self.accepted_domains,
            Family::BlockedConnectors => &self.blocked_connectors,
        }
    }
}

impl FamilyCoverage {
    /// Whether the family speaks of this whole time: there, begun before, ended after (within its slack), and no
    /// gap in between.
    pub fn covers(&self, from: Time, to: Time) -> bool {
        self.state != Completeness::Missing
            && self.first.is_some_and(|f| f.0.saturating_sub(self.slack) <= from.0)
            && self.last.is_some_and(|l| l.0.saturating_add(self.slack) >= to.0)
            && !self.gap_within(from, to)
    }

    /// Whether a gap touches this time.
    pub fn gap_within(&self, from: Time, to: Time) -> bool {
        self.gaps
            .iter()
            .any(|g| g.from.is_none_or(|f| f <= to) && g.to.is_none_or(|t| t >= from))
    }
}
