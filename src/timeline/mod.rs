//! The fourth room: who changed what on which connector, and when.
//!
//! From a sealed digest it makes every connector with its states over time, every change with the values
//! before and after, and every actor with one identity.

use std::collections::BTreeMap;
use std::net::IpAddr;

mod actor;
mod alert;
mod anomaly;
mod bearer;
mod blocks;
mod build;
mod connectors;
mod custody;
mod history;
mod hybrid;
mod intent;
mod moments;
mod naming;
mod reference;
mod related;
mod replay;
mod same_hand;
mod session;
mod snapshot;
mod state;
mod step;
mod subject;
mod tenant;
#[cfg(test)]
mod tests;
mod traffic;
mod value;
mod whereabouts;
mod wording;

use crate::places::Places;
use crate::records::{ConnectorType, Origin, Time};
use crate::settings::tuning::Thresholds;

pub use build::{build, build_placed};
pub use hybrid::{HybridRun, Sibling, hybrid_wizard};
pub use value::list_members;

/// A row of the evidence behind a statement: when, where, and the record's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cite {
    pub time: Time,
    pub origin: Origin,
    pub id: Option<String>,
}

/// Everything that happened, by connector.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// In order of name, then first event.
    pub connectors: Vec<Connector>,
    /// Everyone who did something that is on the timeline, by identity in lower case.
    pub actors: BTreeMap<String, Actor>,
    /// Events that belong to no single connector (rules, domains, audit switches, role and application changes,
    /// tenant-wide alerts), in order of time.
    pub tenant: Vec<Event>,
    /// Domains of the organisation in lower case, from its exports, the log and org.toml, each with the moment
    /// it was accepted where that is known.
    pub accepted_domains: BTreeMap<String, Option<Time>>,
    /// Outbound connectors of a snapshot.
    pub outbound: Vec<Sibling>,
    /// Where addresses stand, as far as databases were given.
    pub places: Places,
}

/// One inbound connector through all its names.
#[derive(Debug, Clone, Default)]
pub struct Connector {
    /// Its last name.
    pub name: String,
    /// Every name it bore, oldest first.
    pub names: Vec<String>,
    /// Guid, where a snapshot or a record gives it.
    pub id: Option<String>,
    pub kind: Option<ConnectorType>,
    pub present_in_snapshot: bool,
    /// What it was like, from one moment to the next, in order of time.
    pub states: Vec<State>,
    /// In order of time.
    pub events: Vec<Event>,
    /// How many more events of the tenant relate to it than stand in `events`.
    pub related_left_out: usize,
}

/// A connector's configuration from `from` until the next state begins.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// `None`: since before the evidence begins.
    pub from: Option<Time>,
    pub name: String,
    /// False before its creation and after its removal.
    pub exists: bool,
    /// Values by cmdlet parameter name; a parameter that no evidence gives at this time is not in it.
    pub parameters: BTreeMap<String, String>,
}

/// Something that happened, or was seen.
#[derive(Debug, Clone)]
pub struct Event {
    pub time: Time,
    pub action: Action,
    /// The cmdlet or operation as the log writes it; empty for a snapshot.
    pub operation: String,
    /// What it was done to: the connector, rule, domain or application as the record names it.
    pub object: String,
    /// Key into [`Timeline::actors`]; `None` for a snapshot, and where the record names nobody.
    pub actor: Option<String>,
    pub client_ip: Option<IpAddr>,
    pub session_id: Option<String>,
    pub intended: Option<bool>,
    /// One sentence: why it counts as intended, unintended or undecided.
    pub intended_because: String,
    /// Every value that was set was the value already there.
    pub no_op: bool,
    /// False only where the log says that the operation failed.
    pub succeeded: bool,
    pub changes: Vec<Change>,
    /// The record is damaged and what it set cannot be read: that `changes` is empty says nothing.
    pub parameters_lost: bool,
    /// All parameters as typed, in the order of the record.
    pub parameters: Vec<(String, String)>,
    /// One sentence for people.
    pub summary: String,
    /// The anomalies of the actor's session at this moment; `None` where there are no sign-ins to judge by.
    pub session: Option<Session>,
    pub cites: Vec<Cite>,
}

/// The report's word for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Created,
    Changed,
    Removed,
    Enabled,
    Disabled,
    Blocked,
    Unblocked,
    Alerted,
    SeenInSnapshot,
    Related,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Created => "created",
            Action::Changed => "changed",
            Action::Removed => "removed",
            Action::Enabled => "enabled",
            Action::Disabled => "disabled",
            Action::Blocked => "blocked",
            Action::Unblocked => "unblocked",
            Action::Alerted => "alerted",
            Action::SeenInSnapshot => "seen_in_snapshot",
            Action::Related => "related",
        }
    }
}

/// One parameter before and after. `before` is `None` with `before_known` true at a creation, and with
/// `before_known` false where no evidence gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub parameter: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub before_known: bool,
}

/// Someone, or something, that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// As the log writes it.
    pub id: String,
    pub kind: ActorKind,
}

/// What kind of actor it is, as far as the records tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorKind {
    User,
    Application,
    /// A delegated administrator of another organisation (GDAP).
    Partner,
    /// Microsoft's own service.
    Service,
    Unknown,
}

impl ActorKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ActorKind::User => "user",
            ActorKind::Application => "application",
            ActorKind::Partner => "partner",
            ActorKind::Service => "service",
            ActorKind::Unknown => "unknown",
        }
    }
}

/// What speaks for and against the session behind an event being the account's owner.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// Sentences, strongest first; empty: the session looks like the owner's.
    pub anomalies: Vec<String>,
    /// Sum of the anomalies' weights.
    pub weight: f64,
    /// What the weight says.
    pub hand: Hand,
    /// Days on which the account was seen before.
    pub history_days: u32,
    pub cites: Vec<Cite>,
    /// The sign-in that began it, or that of whoever gave its actor the power to act.
    pub sign_in: Option<Cite>,
    /// Sign-ins that failed around it: how many, and rows of them in order of time.
    pub failed: Option<(usize, Vec<Cite>)>,
}

/// Whose a session is, as far as its anomalies tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hand {
    #[default]
    Owner,
    /// One sign of a stranger, as a first journey shows it.
    Open,
    Stranger,
}

impl Session {
    /// A session with these anomalies, which together have this weight.
    pub fn new(anomalies: Vec<String>, weight: f64, history_days: u32, cites: Vec<Cite>, limits: &Thresholds) -> Self {
        let hand = match weight {
            w if w >= limits.strange_session => Hand::Stranger,
            w if w >= limits.open_session => Hand::Open,
            _ => Hand::Owner,
        };
        Session {
            anomalies,
            weight,
            hand,
            history_days,
            cites,
            sign_in: None,
            failed: None,
        }
    }

    /// Whether the session counts as someone else's.
    pub fn is_anomalous(&self) -> bool {
        self.hand == Hand::Stranger
    }

    /// Whether nothing tells if the session is the owner's.
    pub fn is_odd(&self) -> bool {
        self.hand == Hand::Open
    }
}

impl Connector {
    /// Its configuration at a moment; `None` before the first thing known of it.
    pub fn state_at(&self, time: Time) -> Option<&State> {
        self.states.iter().rev().find(|s| s.from.is_none_or(|f| f <= time))
    }
}
