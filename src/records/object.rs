//! Objects of the configuration as exports of it show them.

use super::event::find;
use super::{Origin, Time};

/// ConnectorType of an inbound connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectorType {
    OnPremises,
    Partner,
}

impl ConnectorType {
    /// Reads `OnPremises` or `Partner` without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            t if t.eq_ignore_ascii_case("OnPremises") => Some(Self::OnPremises),
            t if t.eq_ignore_ascii_case("Partner") => Some(Self::Partner),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnPremises => "OnPremises",
            Self::Partner => "Partner",
        }
    }
}

/// One object of a Get-InboundConnector export.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConnectorSnapshot {
    pub name: String,
    /// Guid, lower case with hyphens.
    pub id: Option<String>,
    pub kind: Option<ConnectorType>,
    /// Every property that a cmdlet can set, by its cmdlet name. Values as the audit log would write them
    /// (`True`/`False`, lists joined with `;`, `""` for null).
    pub parameters: Vec<(String, String)>,
    pub created: Option<Time>,
    pub changed: Option<Time>,
    pub origin: Origin,
}

/// One object of a Get-AcceptedDomain export.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AcceptedDomain {
    /// Lower case, A-label form.
    pub domain: String,
    pub created: Option<Time>,
    pub origin: Origin,
}

/// One object of a Get-BlockedConnector export.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockedConnector {
    /// ConnectorId: a GUID, or a name where the export has one.
    pub connector: String,
    pub reason: Option<String>,
    pub time: Option<Time>,
    pub origin: Origin,
}

/// Whose setting it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingKind {
    /// Of Get-OutboundConnector.
    OutboundConnector,
    /// Of Get-TransportRule.
    TransportRule,
    /// Of Get-AdminAuditLogConfig.
    AuditConfig,
}

/// An outbound connector, a transport rule or the audit configuration as it stood when it was exported.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    pub kind: SettingKind,
    pub name: String,
    /// Guid, lower case with hyphens.
    pub id: Option<String>,
    /// Its properties by their cmdlet names, values as the audit log would write them.
    pub parameters: Vec<(String, String)>,
    pub created: Option<Time>,
    pub changed: Option<Time>,
    pub origin: Origin,
}

impl Setting {
    /// The value of a property, by name without regard to case; `None` where the export lacks it.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }
}
