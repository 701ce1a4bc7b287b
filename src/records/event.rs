//! Records of the audit log: those that are kept whole, and what is kept of all others.

use std::borrow::Cow;
use std::net::IpAddr;

use super::{Origin, Time};

/// The parts every audit row has, for rows whose operation belongs to no story.
#[derive(Debug, Clone)]
pub struct AuditTally<'a> {
    pub time: Time,
    pub id: Option<RecordId>,
    pub operation: Cow<'a, str>,
    pub workload: Workload,
    /// `ResultCount` of the search that returned the row, where the export has it.
    pub result_count: Option<u32>,
    /// False where a part was missing or cut off.
    pub complete: bool,
}

/// An audit record's `Id`: a GUID, or the hash of what stood in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u128);

/// Which part of the service wrote an audit record; coarse, for coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Workload {
    /// Exchange admin cmdlets (RecordType 1).
    ExchangeAdmin,
    /// Mailbox activity (RecordType 2, 3, 50).
    ExchangeItem,
    /// Directory changes (RecordType 8).
    Directory,
    /// Sign-ins (RecordType 15).
    SignIn,
    /// Alerts (RecordType 40).
    Alerts,
    Other,
}

/// An audit row kept whole: everything the timeline and the indicators may ask of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditEvent {
    pub time: Time,
    /// `Id` as the log writes it.
    pub id: Option<String>,
    /// As the log writes it, trimmed of white space at its ends (`Add member to role.` keeps its full stop).
    pub operation: String,
    /// Numeric RecordType, where given.
    pub record_type: Option<u32>,
    /// UserId as written.
    pub user: String,
    pub user_key: String,
    /// The schema's UserType number (0 Regular, 2 Admin, 3 DcAdmin, 4 System, 5 Application, 6 ServicePrincipal, …).
    pub user_type: Option<u8>,
    /// False only where the log says that the operation failed.
    pub succeeded: bool,
    pub client_ip: Option<IpAddr>,
    /// ObjectId.
    pub object: String,
    pub external_access: Option<bool>,
    /// AppId, or AppAccessContext.ClientAppId.
    pub app_id: Option<String>,
    pub session_id: Option<String>,
    /// OrganizationId of the record.
    pub organization_id: Option<String>,
    /// Cmdlet parameters in the order of the record; multi-valued ones joined with `;` as the log has them.
    pub parameters: Vec<(String, String)>,
    pub modified: Vec<ModifiedProperty>,
    /// ExtendedProperties, DeviceProperties and the fields of an alert (`Alert.Name`, `Alert.Severity`, `Alert.Data` …).
    pub extended: Vec<(String, String)>,
    /// Target names and ids of directory records.
    pub targets: Vec<String>,
    /// False where AuditData was missing or cut off: who, when and which operation still stand.
    pub complete: bool,
    pub result_count: Option<u32>,
    pub origin: Origin,
}

impl AuditEvent {
    /// The value of a cmdlet parameter, by name without regard to case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }

    /// The value of an extended property, by name without regard to case.
    pub fn extended(&self, name: &str) -> Option<&str> {
        find(&self.extended, name)
    }

    /// What tells two records apart: the id's value, however it is spelled.
    pub fn record_id(&self) -> Option<RecordId> {
        self.id.as_deref().and_then(RecordId::of)
    }

    /// Whether this is the named operation, without regard to case or a full stop at its end.
    pub fn is(&self, operation: &str) -> bool {
        let plain = |s: &str| s.trim().trim_end_matches('.').to_ascii_lowercase();
        plain(&self.operation) == plain(operation)
    }
}

/// One entry of ModifiedProperties. `None` where the record does not carry the side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModifiedProperty {
    pub name: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// The value of a name in a bag, without regard to case.
pub(super) fn find<'a>(bag: &'a [(String, String)], name: &str) -> Option<&'a str> {
    bag.iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_str())
}
