//! What the report says of mail.

use serde::{Deserialize, Serialize};

use super::Window;

/// The mail of one connector, in messages and in recipients: one recipient is one message and one who got it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Traffic {
    pub messages: u64,
    pub recipients: u64,
    /// How rows were tied to the connector: named by the trace, or by sender address in time.
    #[serde(default)]
    pub attribution: Option<String>,
    /// In order of day. Of a long time only the days with mail.
    pub by_day: Vec<TrafficDay>,
    pub top_sources: Vec<Top>,
    pub top_senders: Vec<Top>,
    pub top_recipient_domains: Vec<Top>,
    /// The undoubted past against the time judged; null where no trace can be tied to the connector.
    #[serde(default)]
    pub comparison: Option<Comparison>,
}

/// Mail of the undoubted past against mail of the time judged, in recipients: one is one message and one who got it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The past ends before its `to`; empty where `from` and `to` are the same.
    pub past: Window,
    /// The time judged.
    pub judged: Window,
    /// Why the past ends there.
    pub because: String,
    pub recipients_before: u64,
    pub recipients_after: u64,
    /// The most frequent of either time, those with most mail in the time judged first.
    pub sources: Vec<Compared>,
    pub senders: Vec<Compared>,
    pub recipient_domains: Vec<Compared>,
}

/// One value's recipients before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    pub value: String,
    pub before: u64,
    pub after: u64,
}

/// One day of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrafficDay {
    /// `YYYY-MM-DD` in the organisation's time zone.
    pub day: String,
    pub messages: u64,
    pub recipients: u64,
    /// Recipients (one message and one who got it) at whom a filter judged it unwanted.
    pub spam: u64,
    /// Messages that the frozen baseline expects; null where it has no history.
    pub expected: Option<f64>,
}

/// One of the most frequent values, with its mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Top {
    pub value: String,
    /// Where a source stands, in words; null where no database of places knows it.
    #[serde(default)]
    pub place: Option<String>,
    pub messages: u64,
    pub recipients: u64,
}
