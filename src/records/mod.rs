//! The second room: a row, as it stands in an export, read into one of a few typed records.
//!
//! A reader borrows from the chunk it is given and allocates only for what is kept. Which export a row
//! came from is forgotten here: two formats that say the same thing give the same record.

use std::borrow::Cow;
use std::net::IpAddr;

mod accepted_domains;
pub mod address;
mod alerts;
mod audit;
mod audit_cloud_app_events;
mod audit_config;
mod audit_csv;
mod audit_elastic;
mod audit_event;
mod audit_flattened;
mod audit_graph;
mod audit_json;
mod audit_management;
mod audit_purview;
mod audit_purview_classic;
mod audit_renamed;
mod audit_search;
mod audit_search_json;
mod audit_sentinel;
mod audit_sign_in;
mod audit_wazuh;
mod bag;
mod blocked_connectors;
mod custom_data;
pub mod date;
mod date_culture;
mod date_excel;
pub mod date_order;
mod date_tally;
mod entra_audit;
mod field;
#[cfg(test)]
mod hostile;
pub mod id;
mod inbound_connectors;
mod interest;
mod mep;
mod outbound_connectors;
mod recognise;
mod scan;
mod sign_in_graph;
mod sign_in_log;
mod sign_in_portal;
mod snapshot;
#[cfg(test)]
mod testing;
pub mod time;
mod trace;
mod trace_detail;
mod trace_email_events;
mod trace_enhanced;
mod trace_explorer;
mod trace_extended;
mod trace_fields;
mod trace_get;
mod trace_graph;
mod trace_post_delivery;
mod trace_screen;
mod trace_status;
mod trace_streamed;
mod trace_tracking_log;
mod transport_rules;

pub use crate::evidence::Origin;
pub use audit::{cmdlet, workload};
pub use date_order::{Dating, Settled};
pub use date_tally::DateTally;
pub use recognise::{Recognition, recognise, recognise_with};
pub use time::Time;
pub use trace_tracking_log::NAME as TRACKING_LOG;

/// What a row turned out to be.
#[derive(Debug)]
pub enum Record<'a> {
    /// An audit row that belongs to the story and is kept whole.
    Audit(Box<AuditEvent>),
    /// An audit row that only counts.
    Tally(AuditTally<'a>),
    /// A sign-in, successful or not.
    SignIn(SignIn<'a>),
    /// A message-trace row.
    Trace(TraceRow<'a>),
    Connector(Box<ConnectorSnapshot>),
    AcceptedDomain(AcceptedDomain),
    BlockedConnector(BlockedConnector),
    Setting(Box<Setting>),
}

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

fn find<'a>(bag: &'a [(String, String)], name: &str) -> Option<&'a str> {
    bag.iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_str())
}

/// One entry of ModifiedProperties. `None` where the record does not carry the side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModifiedProperty {
    pub name: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// A sign-in row of the audit log (RecordType 15) or of a sign-in log.
#[derive(Debug, Clone)]
pub struct SignIn<'a> {
    pub time: Time,
    pub id: Option<RecordId>,
    /// UPN or id, as written.
    pub account: Cow<'a, str>,
    pub address: Option<IpAddr>,
    pub agent: Cow<'a, str>,
    /// The session's id, which changes made in it bear too; empty where the row has none.
    pub session: Cow<'a, str>,
    pub succeeded: bool,
    pub complete: bool,
    /// From the audit log, or from a sign-in log.
    pub from_audit_log: bool,
    pub operation: Cow<'a, str>,
    pub result_count: Option<u32>,
    pub details: SignInDetails<'a>,
}

/// What a sign-in log says of a sign-in and the audit log does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInDetails<'a> {
    pub kind: SignInKind,
    /// Display name of the application signed in to.
    pub app: Cow<'a, str>,
    pub city: Cow<'a, str>,
    /// Two-letter code or name, as written.
    pub country: Cow<'a, str>,
    pub risk: Risk,
    pub factor: Factor,
    /// Over a protocol that knows no second factor.
    pub legacy: bool,
}

/// Who signs in, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SignInKind {
    #[default]
    Interactive,
    NonInteractive,
    ServicePrincipal,
    ManagedIdentity,
}

/// What Microsoft's identity protection holds of a sign-in, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Risk {
    /// The export does not say, or the tenant may not see it.
    #[default]
    Unknown,
    /// None, or settled as harmless by an administrator.
    None,
    Low,
    Medium,
    High,
    /// An administrator confirmed that the account was taken over.
    Confirmed,
}

/// What was asked of whoever signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Factor {
    #[default]
    Unknown,
    One,
    Several,
}

/// One row of any message trace. A row may speak of several recipients, or of none (an agent's entry).
#[derive(Debug, Clone, Default)]
pub struct TraceRow<'a> {
    pub time: Time,
    /// MessageTraceId / NetworkMessageId as written; empty where the row has none.
    pub network_message_id: Cow<'a, str>,
    /// Internet Message-ID as written.
    pub message_id: Cow<'a, str>,
    pub recipients: Vec<Cow<'a, str>>,
    /// Envelope sender, MAIL FROM; `Some("")` is the null sender.
    pub p1: Option<Cow<'a, str>>,
    /// Header sender, From.
    pub p2: Option<Cow<'a, str>>,
    /// Sender address of an export that does not say whether it is P1 or P2 (Get-MessageTrace).
    pub sender: Option<Cow<'a, str>>,
    /// The connecting host.
    pub source: Option<IpAddr>,
    /// Inbound connector's name.
    pub connector: Option<Cow<'a, str>>,
    /// The column may hold an outbound connector as well: the name counts only where an inbound one is known to bear it.
    pub connector_unsure: bool,
    /// Its type where the row says so (`OnPremises`, `Partner`).
    pub connector_type: Option<ConnectorType>,
    pub status: Status,
    pub verdict: FilterVerdict,
    /// What became of it at each recipient, in their order, where the row tells them apart; else empty.
    pub outcomes: Vec<(Status, FilterVerdict)>,
    /// What an SMTP reply said of all recipients, or of the message.
    pub code: SmtpCode,
    /// The same for each recipient, in their order, where they fared differently; else empty.
    pub codes: Vec<SmtpCode>,
    pub subject: Cow<'a, str>,
    /// What tells two rows of one message, recipient and time apart: the status in one spelling for all exports, or the event
    /// as written.
    pub event: Cow<'a, str>,
    /// A mailbox of the organisation submitted it (SenderObjectId): no connector mail in the attack's sense.
    pub submitted_by_user: Option<bool>,
    /// How much of the message this row tells and how near to the sender's host it stood, 0 to 7: where it came in 6
    /// or 7, EmailEvents 5, a later hop 3, a summary 2, an agent's entry 1. The highest row of a message becomes its
    /// citation, and its values win. 0: it tells what became of a message that other exports count.
    pub rank: u8,
    /// False where a part was missing or cut off.
    pub complete: bool,
}

/// Delivery status, in the order in which a later one replaces an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Status {
    #[default]
    Unknown = 0,
    /// GettingStatus, Pending, deferred.
    Pending = 1,
    /// Expanded, Resolved: a hop, not a delivery.
    Expanded = 2,
    Delivered = 3,
    Failed = 4,
    /// FilteredAsSpam, Junked.
    Junk = 5,
    Quarantined = 6,
}

/// What the spam filter said, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum FilterVerdict {
    /// The row carries no verdict.
    #[default]
    None = 0,
    Clean = 1,
    Spam = 2,
    Phish = 3,
    Malware = 4,
}

/// SMTP replies that speak of connectors, tenants or dead recipients (detection facts: Microsoft's NDR pages).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum SmtpCode {
    #[default]
    None = 0,
    /// 5.1.1, 5.1.10: no such recipient.
    NoSuchRecipient = 1,
    /// 5.7.708: source address of low reputation.
    LowReputation = 2,
    /// 5.7.64: relay denied, no connector attributed.
    RelayDenied = 3,
    /// 5.7.232, 5.7.233: the tenant's external recipient limit.
    RecipientLimit = 4,
    /// 5.7.750: unregistered domains.
    UnregisteredDomain = 5,
    /// 5.7.705: the tenant exceeded its threshold.
    TenantThreshold = 6,
    /// 5.7.711: bad inbound connector.
    BadInboundConnector = 7,
}

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
#[derive(Debug, Clone, PartialEq, Default, Hash)]
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
#[derive(Debug, Clone, PartialEq, Default, Hash)]
pub struct AcceptedDomain {
    /// Lower case, A-label form.
    pub domain: String,
    pub created: Option<Time>,
    pub origin: Origin,
}

/// One object of a Get-BlockedConnector export.
#[derive(Debug, Clone, PartialEq, Default, Hash)]
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
#[derive(Debug, Clone, PartialEq, Hash)]
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

/// Reads the rows of one exhibit, once its format is known.
pub trait Reader: Send + Sync {
    /// Which export it is; the names stand in docs/evidence.md.
    fn format(&self) -> &'static str;

    /// What the export holds.
    fn kind(&self) -> Kind;

    /// Reads one row and hands on what it holds. Nothing is handed on for a rejected row.
    fn read(
        &self,
        row: &crate::evidence::Row<'_>,
        origin: Origin,
        out: &mut dyn FnMut(Record<'_>),
    ) -> crate::evidence::Fate;

    /// How the dates of this exhibit are read; `None` where they can be read in one way only.
    fn dates(&self) -> Option<&Settled> {
        None
    }

    /// How ambiguous dates of this exhibit are read and what settled it; `None` where none are ambiguous.
    fn time_note(&self) -> Option<String> {
        self.dates().and_then(|dates| dates.note.clone())
    }
}

/// What an export holds, in the report's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    AuditLog,
    MessageTrace,
    /// Events of single messages, asked for one by one: they add to a trace and cover no time.
    MessageTraceDetail,
    /// What became of messages after they were delivered.
    PostDelivery,
    SignInLog,
    InboundConnectors,
    AcceptedDomains,
    BlockedConnectors,
    OutboundConnectors,
    TransportRules,
    AuditConfig,
    Alerts,
    Unrecognised,
}

impl Kind {
    /// Whether its rows speak of messages.
    pub fn is_of_messages(self) -> bool {
        matches!(self, Kind::MessageTrace | Kind::MessageTraceDetail | Kind::PostDelivery)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::AuditLog => "audit_log",
            Kind::MessageTrace => "message_trace",
            Kind::MessageTraceDetail => "message_trace_detail",
            Kind::PostDelivery => "post_delivery",
            Kind::SignInLog => "sign_in_log",
            Kind::InboundConnectors => "inbound_connectors",
            Kind::AcceptedDomains => "accepted_domains",
            Kind::BlockedConnectors => "blocked_connectors",
            Kind::OutboundConnectors => "outbound_connectors",
            Kind::TransportRules => "transport_rules",
            Kind::AuditConfig => "audit_config",
            Kind::Alerts => "alerts",
            Kind::Unrecognised => "unrecognised",
        }
    }
}
