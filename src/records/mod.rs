//! The second room: a row, as it stands in an export, read into one of a few typed records.
//!
//! A reader borrows from the chunk it is given and allocates only for what is kept. Which export a row
//! came from is forgotten here: two formats that say the same thing give the same record.

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
mod event;
mod field;
#[cfg(test)]
mod hostile;
pub mod id;
mod inbound_connectors;
mod interest;
mod mep;
mod object;
mod outbound_connectors;
mod recognise;
mod scan;
mod sign_in;
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
mod trace_row;
mod trace_screen;
mod trace_status;
mod trace_streamed;
mod trace_tracking_log;
mod transport_rules;

pub use crate::evidence::Origin;
pub use audit::{cmdlet, workload};
pub use date_order::{Dating, Settled};
pub use date_tally::DateTally;
pub use event::{AuditEvent, AuditTally, ModifiedProperty, RecordId, Workload};
pub(crate) use field::trimmed;
pub use object::{AcceptedDomain, BlockedConnector, ConnectorSnapshot, ConnectorType, Setting, SettingKind};
pub use recognise::{Recognition, recognise, recognise_with};
pub use sign_in::{Factor, Risk, SignIn, SignInDetails, SignInKind};
pub use time::Time;
pub use trace_row::{FilterVerdict, Recipients, SmtpCode, Status, TraceRow};
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
    Trace(&'a TraceRow<'a>),
    /// A hash of all properties of an object of the configuration, whose record follows.
    Properties(u64),
    Connector(Box<ConnectorSnapshot>),
    AcceptedDomain(AcceptedDomain),
    BlockedConnector(BlockedConnector),
    Setting(Box<Setting>),
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
