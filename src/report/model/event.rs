//! What the report says happened.

use serde::{Deserialize, Serialize};

use super::Citation;

/// Something that happened to a connector or in the tenant, or was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub time: String,
    /// `created`, `changed` and so on, as the schema lists them.
    pub action: String,
    /// The cmdlet or operation as the log writes it.
    pub operation: Option<String>,
    /// As the log writes it.
    pub actor: Option<String>,
    /// `user`, `application`, `partner`, `service` or `unknown`.
    pub actor_kind: String,
    pub client_ip: Option<String>,
    /// Where that address stands, in words; null where no database of places knows it.
    #[serde(default)]
    pub client_place: Option<String>,
    /// Null where the evidence cannot tell.
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

/// One parameter before and after. Several values are joined with `;`, booleans are `True` and `False`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub parameter: String,
    /// Null at a creation, and where no evidence gives it; `before_known` tells which.
    pub before: Option<String>,
    pub after: Option<String>,
    pub before_known: bool,
}
