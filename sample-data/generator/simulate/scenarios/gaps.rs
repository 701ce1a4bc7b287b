//! Incomplete evidence: what is missing, and what can still be said.

use super::super::audit::Actor;
use super::super::evidence::{AuditFormat, Layout, Loss, TraceFormat, last_days, whole_time};
use super::super::expectation::{Expectation, Verdict};
use super::super::formats::search_audit_log::Columns;
use super::super::formats::text::Damage;
use super::super::time;
use super::super::world::{World, admin_actor};
use super::Nature;

/// One kind of incomplete evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    TruncatedAudit,
    NoTrace,
    NoSnapshot,
    NoAudit,
    ConnectorOperationsOnly,
    /// The usual export where mailboxes were broken into.
    InboxRulesOnly,
    /// Get-MessageTrace: neither connector nor header sender.
    TraceWithoutConnector,
    /// Get-MessageTraceV2: the same, ten columns.
    TraceV2,
    ShortTrace,
    NoOrganization,
    DamagedAudit,
}

/// All of them, each with the first part of the names of its cases.
pub const GAPS: [(&str, Gap); 11] = [
    ("truncated_audit", Gap::TruncatedAudit),
    ("no_trace", Gap::NoTrace),
    ("no_snapshot", Gap::NoSnapshot),
    ("no_audit", Gap::NoAudit),
    ("connector_operations_only", Gap::ConnectorOperationsOnly),
    ("inbox_rules_only", Gap::InboxRulesOnly),
    ("trace_without_connector", Gap::TraceWithoutConnector),
    ("trace_v2_only", Gap::TraceV2),
    ("short_trace", Gap::ShortTrace),
    ("no_organization", Gap::NoOrganization),
    ("damaged_audit", Gap::DamagedAudit),
];

/// The scenarios that a gap is combined with, each with the last part of the name.
pub const BASES: [(&str, &str); 2] = [("quiet", "quiet"), ("attack", "stolen_admin_adds_address")];

impl Gap {
    /// What is missing, in words.
    pub fn summary(self) -> &'static str {
        match self {
            Self::TruncatedAudit => "the audit log was cut short by a limit",
            Self::NoTrace => "there is no message trace",
            Self::NoSnapshot => "there is no snapshot of connectors, domains and blocks",
            Self::NoAudit => "there is no audit log",
            Self::ConnectorOperationsOnly => "the audit log was filtered to connector operations",
            Self::InboxRulesOnly => "the audit log was filtered to inbox rules and mailbox permissions",
            Self::TraceWithoutConnector => "the trace names neither connector nor header sender (Get-MessageTrace)",
            Self::TraceV2 => "the trace names neither connector nor header sender (Get-MessageTraceV2)",
            Self::ShortTrace => "the trace covers only the last twelve days",
            Self::NoOrganization => "nobody told the analyzer about the organisation",
            Self::DamagedAudit => "the audit log has a stray quote, rows cut off and a last record that ends early",
        }
    }

    /// Takes away what is missing.
    pub fn apply(self, layout: &mut Layout) {
        match self {
            Self::TruncatedAudit => layout.loss = Some(Loss::Scattered),
            Self::NoTrace => layout.traces.clear(),
            Self::NoSnapshot => (layout.connectors, layout.accepted_domains, layout.blocked) = (None, None, None),
            Self::NoAudit => layout.audit = None,
            Self::ConnectorOperationsOnly => layout.loss = Some(Loss::ConnectorOperations),
            Self::InboxRulesOnly => layout.loss = Some(Loss::InboxRules),
            Self::TraceWithoutConnector => layout.traces = vec![whole_time(TraceFormat::GetMessageTrace)],
            Self::TraceV2 => layout.traces = vec![whole_time(TraceFormat::GetMessageTraceV2)],
            Self::ShortTrace => layout.traces = vec![last_days(TraceFormat::EmailEvents, 12)],
            Self::NoOrganization => {}
            Self::DamagedAudit => {
                layout.audit = Some(AuditFormat::Search {
                    columns: Columns::Rest,
                    type_line: true,
                });
                layout.damage = vec![
                    Damage::CutAuditData,
                    Damage::EmptyAuditData,
                    Damage::StrayQuote,
                    Damage::CutLastRecord,
                ];
            }
        }
    }

    /// What happens besides, so that what is left is not nothing: people make rules for their inboxes, every day one.
    pub fn prepare(self, world: &mut World) {
        if self != Self::InboxRulesOnly {
            return;
        }
        let users = world.tenant.users.clone();
        let days = (world.to - world.from) / time::DAY;
        for (day, user) in (0..days).zip(users.iter().cycle()) {
            let actor = Actor {
                user_type: 0,
                ..admin_actor(user, &user.home)
            };
            let typed = [
                ("Name", "Newsletters"),
                ("SubjectContainsWords", "newsletter"),
                ("MoveToFolder", "Reading"),
            ];
            let at = world.from + day * time::DAY + 11 * time::HOUR + day * time::MINUTE;
            world.cmdlet(at, &actor, "New-InboxRule", &user.address, &typed);
        }
    }

    /// What can still be said, given what could be said with everything at hand.
    pub fn weaken(self, nature: Nature, expectation: &mut Expectation) {
        use Verdict::{NoIndication, NotAssessable, Suspicious};
        let lost: &[&str] = match self {
            Self::TruncatedAudit
            | Self::NoAudit
            | Self::ConnectorOperationsOnly
            | Self::InboxRulesOnly
            | Self::DamagedAudit => &["compromised_admin", "unauthorized_change"],
            Self::NoTrace => &[
                "volume_spike",
                "sender_mismatch",
                "source_ip_mismatch",
                "spam_delivery",
                "unfamiliar_recipients",
            ],
            Self::TraceWithoutConnector | Self::TraceV2 => &["sender_mismatch", "volume_spike", "spam_delivery"],
            Self::ShortTrace => &["volume_spike", "sender_mismatch", "unfamiliar_recipients"],
            Self::NoSnapshot | Self::NoOrganization => {
                &["unauthorized_change", "source_ip_mismatch", "sender_mismatch"]
            }
        };
        match nature {
            // Only complete evidence can clear a connector.
            Nature::LookAlike => match self {
                Self::TruncatedAudit
                | Self::NoTrace
                | Self::NoSnapshot
                | Self::NoAudit
                | Self::ConnectorOperationsOnly
                | Self::InboxRulesOnly => {
                    expectation.all(&[NotAssessable]);
                    expectation.widen(&[], lost);
                }
                _ => expectation.widen(&[NoIndication, NotAssessable], lost),
            },
            Nature::Attack => {
                let guilty: Vec<_> = expectation
                    .connectors
                    .iter()
                    .map(|c| c.verdicts.contains(&Verdict::LikelyCompromised))
                    .collect();
                expectation.widen(&[NotAssessable], lost);
                for (connector, guilty) in expectation.connectors.iter_mut().zip(guilty) {
                    if guilty {
                        connector.verdicts.push(Suspicious);
                    }
                }
            }
        }
    }
}
