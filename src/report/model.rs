//! The report as data: the shape of `report.json`, version 1.
//!
//! Every other file of a report directory is written from these structures alone, so that
//! `relaytrail report report.json --out DIR` can make them again without the evidence.
//! Field order is the order of the keys in the file.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use crate::indicators::State;
pub use crate::verdict::Verdict;

/// The version of the report's shape; a key dropped or renamed needs a new one.
pub const SCHEMA_VERSION: &str = "1";

/// Everything a run found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub schema_version: String,
    pub tool: Tool,
    pub summary: Summary,
    pub evidence: Vec<Exhibit>,
    /// Files that could not be opened or read to their end, and why.
    #[serde(default)]
    pub unreadable: Vec<Unreadable>,
    pub coverage: Vec<Coverage>,
    pub connectors: Vec<Connector>,
    pub accounts: Vec<Account>,
    pub tenant: Tenant,
    pub response: Vec<Response>,
    /// The messages to purge and whose recipients to warn, in order of time.
    #[serde(default)]
    pub suspect_messages: Vec<SuspectMessage>,
    /// Every row that was not used whole, in order of path and record.
    #[serde(default)]
    pub rejected_rows: Vec<RejectedRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub verdict: Verdict,
    /// One sentence: what happened, to which connector, since when.
    pub headline: String,
    /// The organisation's name where org.toml gave one.
    #[serde(default)]
    pub organization: Option<String>,
    pub connectors: u64,
    /// Rows of audit-log files, duplicates included.
    pub audit_records: u64,
    pub audit_duplicates: u64,
    pub trace_records: u64,
    pub trace_duplicates: u64,
    pub rejected: u64,
}

/// One evidence file. `records = accepted + degraded + duplicates + rejected`, always.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhibit {
    pub path: String,
    pub sha256: String,
    pub bytes: u64,
    pub kind: String,
    pub format: String,
    pub encoding: String,
    pub compression: Option<String>,
    pub records: u64,
    pub accepted: u64,
    pub degraded: u64,
    pub duplicates: u64,
    pub rejected: u64,
    pub first_time: Option<String>,
    pub last_time: Option<String>,
    pub time_note: Option<String>,
    /// What a reader should know about how this file was read.
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unreadable {
    pub path: String,
    pub reason: String,
}

/// What one family of evidence covers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    pub family: String,
    pub state: CoverageState,
    pub first_time: Option<String>,
    pub last_time: Option<String>,
    pub gaps: Vec<Gap>,
    pub why: String,
    pub how_to_collect: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageState {
    Complete,
    Partial,
    Missing,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    pub from: Option<String>,
    pub to: Option<String>,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connector {
    pub name: String,
    /// Every name it bore, oldest first.
    pub names: Vec<String>,
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub present_in_snapshot: bool,
    pub verdict: Verdict,
    /// Log-odds points; the range is what missing evidence could do.
    pub score: f64,
    pub score_low: f64,
    pub score_high: f64,
    /// Since when something is wrong with it; null where nothing speaks against it.
    #[serde(default)]
    pub since: Option<Since>,
    /// The verdict in sentences, strongest first.
    pub reasons: Vec<String>,
    /// Points that belong to no indicator, each with its reason (a complete hybrid wizard run, say).
    #[serde(default)]
    pub adjustments: Vec<Adjustment>,
    pub indicators: Vec<Indicator>,
    pub timeline: Vec<Event>,
    pub traffic: Traffic,
}

/// The earliest sign against a connector: an event of its timeline or, where no act is to blame, an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// RFC 3339 in UTC: of the event, or the start of the indicator's window.
    pub time: String,
    /// Place in [`Connector::timeline`], from 0.
    pub event: Option<usize>,
    /// Id of one of [`Connector::indicators`].
    pub indicator: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    pub id: String,
    pub points: f64,
    pub summary: String,
}

/// One indicator's answer for one connector, account or the tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    pub id: String,
    pub state: State,
    pub points: f64,
    pub summary: String,
    pub facts: Map<String, Value>,
    pub needs: Vec<String>,
    pub window: Option<Window>,
    pub techniques: Vec<String>,
    pub citation_count: u64,
    pub citations: Vec<Citation>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub from: String,
    pub to: String,
}

/// A row of the evidence. `record` is 1-based without the header; `byte_offset` counts bytes of the
/// file before any text decoding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    pub path: String,
    pub record: u64,
    pub byte_offset: u64,
    pub id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub time: String,
    pub action: String,
    /// The cmdlet or operation as the log writes it.
    pub operation: Option<String>,
    pub actor: Option<String>,
    pub actor_kind: String,
    pub client_ip: Option<String>,
    pub intended: Option<bool>,
    /// One sentence: why it counts as intended, unintended or undecided.
    #[serde(default)]
    pub intended_because: Option<String>,
    /// True where every value that was set was the value already there.
    #[serde(default)]
    pub no_op: bool,
    /// False where the log says that the operation failed: it was attempted and changed nothing.
    #[serde(default = "yes")]
    pub succeeded: bool,
    pub changes: Vec<Change>,
    /// One sentence for people.
    pub summary: String,
    pub citations: Vec<Citation>,
}

/// An event is taken for done where a report of an earlier program does not say.
fn yes() -> bool {
    true
}

impl Event {
    /// The action in words for people: `removed`, or `removed (attempted, failed)`.
    pub fn deed(&self) -> String {
        let failed = if self.succeeded { "" } else { " (attempted, failed)" };
        format!("{}{failed}", self.action.replace('_', " "))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub parameter: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub before_known: bool,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Traffic {
    pub messages: u64,
    pub recipients: u64,
    /// How rows were tied to the connector: named by the trace, or by sender address in time.
    #[serde(default)]
    pub attribution: Option<String>,
    pub by_day: Vec<TrafficDay>,
    pub top_sources: Vec<Top>,
    pub top_senders: Vec<Top>,
    pub top_recipient_domains: Vec<Top>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrafficDay {
    /// `YYYY-MM-DD` in the organisation's time zone.
    pub day: String,
    pub messages: u64,
    pub recipients: u64,
    pub spam: u64,
    /// Messages that the frozen baseline expects; null where it has no history.
    pub expected: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Top {
    pub value: String,
    pub messages: u64,
    pub recipients: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub id: String,
    pub kind: String,
    pub verdict: Verdict,
    pub score: f64,
    pub indicators: Vec<Indicator>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Tenant {
    pub indicators: Vec<Indicator>,
    /// Events that belong to no single connector, in order of time.
    #[serde(default)]
    pub timeline: Vec<Event>,
}

/// One thing to do, under one of the steps identify, revert, unblock, investigate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    pub step: String,
    pub connector: Option<String>,
    pub why: String,
    /// One command an entry, on one line, names in it quoted by `verdict::quote::quote`.
    pub commands: Vec<String>,
    pub links: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspectMessage {
    pub time: String,
    pub network_message_id: Option<String>,
    pub message_id: Option<String>,
    pub recipient: Option<String>,
    /// Envelope sender, MAIL FROM.
    pub p1: Option<String>,
    /// Header sender, From.
    pub p2: Option<String>,
    pub source: Option<String>,
    pub connector: String,
    pub why: String,
    pub citation: Citation,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    pub path: String,
    pub record: u64,
    pub byte_offset: u64,
    /// `rejected` or `degraded`.
    pub what: String,
    pub reason: String,
}
