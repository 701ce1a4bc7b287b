//! The report as data: the shape of `report.json`, version 1.
//!
//! Every other file of a report directory is written from these structures alone, so that
//! `relaytrail report report.json --out DIR` can make them again without the evidence.
//! Field order is the order of the keys in the file.
//!
//! Times are RFC 3339 in UTC (`2026-03-02T07:00:00Z`); counts are of rows unless said otherwise; points are
//! natural-log odds.

mod event;
mod exhibit;
mod traffic;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use crate::indicators::State;
pub use crate::places::Named;
pub use crate::settings::tuning::Override;
pub use crate::verdict::Verdict;
pub use event::{Change, Event};
pub use exhibit::{Citation, Coverage, CoverageState, Exhibit, Gap, RejectedRow, Unreadable};
pub use traffic::{Compared, Comparison, Top, Traffic, TrafficDay};

/// The version of the report's shape; a key dropped or renamed needs a new one.
pub const SCHEMA_VERSION: &str = "1";

/// Everything a run found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    pub tool: Tool,
    pub summary: Summary,
    /// Where a score begins and what it means; null in a report that does not say.
    #[serde(default)]
    pub scale: Option<Scale>,
    /// Every file that was read, in order of path.
    pub evidence: Vec<Exhibit>,
    /// Files that could not be opened or read to their end, and why.
    #[serde(default)]
    pub unreadable: Vec<Unreadable>,
    /// One a family.
    pub coverage: Vec<Coverage>,
    /// In order of name, then first event.
    pub connectors: Vec<Connector>,
    /// In order of identity.
    pub accounts: Vec<Account>,
    pub tenant: Tenant,
    /// In the order in which they help: identify, revert, unblock, investigate.
    pub response: Vec<Response>,
    /// The messages to purge and whose recipients to warn, in order of time.
    #[serde(default)]
    pub suspect_messages: Vec<SuspectMessage>,
    /// The databases of places that were used, in the order in which they were given.
    #[serde(default)]
    pub geoip: Vec<Named>,
    /// The weights and thresholds that org.toml put in the place of the program's own, in the order of the tables.
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// Every row that was not used whole, in order of path and record.
    #[serde(default)]
    pub rejected_rows: Vec<RejectedRow>,
}

/// The program that made the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// What a score is measured against, in log-odds points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Before any evidence.
    pub prior: f64,
    /// Suspicious from here on.
    pub suspicious: f64,
    /// Likely compromised from here on, if more than one group stands behind it.
    pub likely: f64,
    /// What a finding counts that is not the strongest of its group, as a part of one.
    pub rest_of_group: f64,
}

/// The whole case in a sentence and its counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The worst of all connectors.
    pub verdict: Verdict,
    /// One sentence: what happened, to which connector, since when.
    pub headline: String,
    /// The organisation's name where org.toml gave one.
    #[serde(default)]
    pub organization: Option<String>,
    /// IANA name of the zone in which the organisation's days are reckoned; null in a report that does not say.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// How many connectors the evidence names.
    pub connectors: u64,
    /// Rows of audit-log files, duplicates included.
    pub audit_records: u64,
    /// How many of them were duplicates.
    pub audit_duplicates: u64,
    /// Rows of message-trace files, duplicates included.
    pub trace_records: u64,
    pub trace_duplicates: u64,
    /// Rows of all files that could not be placed at all.
    pub rejected: u64,
}

/// One inbound connector through all its names, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connector {
    pub name: String,
    /// Every name it bore, oldest first.
    pub names: Vec<String>,
    /// GUID, where the evidence gives it.
    pub id: Option<String>,
    /// `OnPremises` or `Partner`; null where no evidence gives it.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub present_in_snapshot: bool,
    pub verdict: Verdict,
    /// Log-odds points; the range is what missing evidence could do.
    pub score: f64,
    pub score_low: f64,
    pub score_high: f64,
    /// Which shape of compromise the score is for: `configuration` (it was made or changed to relay), `let_in` (it was
    /// opened, and a host never seen before sends) or `host` (a host behind it sends); null in a report that does not
    /// say.
    #[serde(default)]
    pub score_shape: Option<String>,
    /// The score taken apart; the parts add up to it.
    #[serde(default)]
    pub score_parts: Vec<ScorePart>,
    /// Since when something is wrong with it; null where nothing speaks against it.
    #[serde(default)]
    pub since: Option<Since>,
    /// The order of what happened around a change that nobody meant; empty where there is none.
    #[serde(default)]
    pub story: Vec<StoryLink>,
    /// The verdict in sentences, strongest first.
    pub reasons: Vec<String>,
    /// Points that belong to no indicator, each with its reason (a complete hybrid wizard run, say).
    #[serde(default)]
    pub adjustments: Vec<Adjustment>,
    /// In the order of the contract.
    pub indicators: Vec<Indicator>,
    /// In order of time.
    pub timeline: Vec<Event>,
    /// How many more events relate to it than stand on its timeline; they stand on the tenant's.
    #[serde(default)]
    pub related_left_out: u64,
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

/// One part of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScorePart {
    /// `prior`, `floor` (what is raised to the least score that the findings leave), or the id of an indicator or
    /// an adjustment.
    pub id: String,
    /// The group of an indicator, such as `vendor`; only the strongest of a group counts whole.
    pub group: Option<String>,
    /// Points by itself.
    pub given: f64,
    /// What of them counts.
    pub points: f64,
}

/// Points that no indicator gives: what vouches for the configuration, or the order of events that speaks against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// `hybrid_wizard`, `approved_change` or `order_of_events`.
    pub id: String,
    pub points: f64,
    pub summary: String,
    /// The rows behind it.
    #[serde(default)]
    pub citations: Vec<Citation>,
}

/// One indicator's answer for one connector, account or the tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    pub id: String,
    pub state: State,
    /// 0 where it is not assessable.
    pub points: f64,
    /// One sentence with the figures in it.
    pub summary: String,
    /// The figures by name.
    pub facts: Map<String, Value>,
    /// For not assessable: what to collect.
    pub needs: Vec<String>,
    pub window: Option<Window>,
    /// ATT&CK technique numbers.
    pub techniques: Vec<String>,
    /// Rows behind the finding, of which at most 20 are listed.
    pub citation_count: u64,
    pub citations: Vec<Citation>,
}

/// The time that a finding speaks of, both ends included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub from: String,
    pub to: String,
}

/// Someone who acted on a connector, or prepared it, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// As the log writes it.
    pub id: String,
    /// `user`, `application`, `partner` or `unknown`.
    pub kind: String,
    pub verdict: Verdict,
    /// Log-odds points.
    pub score: f64,
    /// Where its deeds came from, in order of first use.
    #[serde(default)]
    pub addresses: Vec<Whence>,
    pub indicators: Vec<Indicator>,
}

/// One part of a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryLink {
    pub time: String,
    /// `sign_in`, `change`, `mail` or `verdict`.
    pub stage: String,
    /// A sentence.
    pub summary: String,
    pub citations: Vec<Citation>,
}

/// An address that an account acted from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whence {
    pub address: String,
    /// In words; null where no database of places knows it.
    pub place: Option<String>,
    pub first_time: String,
    pub last_time: String,
    /// Records of its deeds from there.
    pub deeds: u64,
}

/// What belongs to no single connector.
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
    /// Null where it concerns an account or the whole tenant.
    pub connector: Option<String>,
    pub why: String,
    /// One command an entry, on one line, names in it quoted by `verdict::quote::quote`.
    pub commands: Vec<String>,
    pub links: Vec<String>,
    /// The rows it is done for, at most 20.
    #[serde(default)]
    pub citations: Vec<Citation>,
}

/// One message to one recipient that carries a sign of abuse.
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
    /// Address of the host that handed it over.
    pub source: Option<String>,
    /// Name of the connector it came through.
    pub connector: String,
    /// The signs, in words.
    pub why: String,
    pub citation: Citation,
}
