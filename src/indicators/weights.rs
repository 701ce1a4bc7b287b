//! Every weight and threshold, in one table, each with its reason.
//!
//! Points are natural-log likelihood ratios (weights of evidence). Microsoft's page names no thresholds, so
//! these are ours; they are printed by `relaytrail explain` and calibrated on the project's simulated tenants.

/// Indicators that tend to fire together; within a group only the strongest counts whole, the rest a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// What Microsoft's own protection did.
    Vendor,
    /// What was done to connectors and rules.
    Configuration,
    /// Who did it.
    Identity,
    /// How much was sent.
    Volume,
    /// In whose name.
    Sender,
    /// From where.
    Source,
    /// What the filters said of it.
    Content,
    /// To whom.
    Recipients,
}

impl Group {
    /// The word as it stands in report.json.
    pub fn as_str(self) -> &'static str {
        match self {
            Group::Vendor => "vendor",
            Group::Configuration => "configuration",
            Group::Identity => "identity",
            Group::Volume => "volume",
            Group::Sender => "sender",
            Group::Source => "source",
            Group::Content => "content",
            Group::Recipients => "recipients",
        }
    }
}

/// How an indicator weighs.
#[derive(Debug, Clone, Copy)]
pub struct Weight {
    pub id: &'static str,
    pub group: Group,
    /// Points when supported at full strength.
    pub supported: f64,
    /// Points when supported weakly (short history, one sign of several); equal to `supported` where there is no weak form.
    pub weak: f64,
    /// Points when contradicted with complete evidence; 0 or negative.
    pub contradicted: f64,
    pub reason: &'static str,
}

/// Log-odds before any evidence: most inbound connectors are not compromised.
pub const PRIOR: f64 = -4.0;
/// At or above: suspicious.
pub const SUSPICIOUS: f64 = 0.0;
/// At or above: likely compromised, if more than one group stands behind it.
pub const LIKELY: f64 = 2.0;
/// An unmeant or odd act, then mail from a host never seen before it, within a week and in this order. Each of the parts
/// has its own weight; the order rules out most of what explains them one by one.
pub const CHAIN: f64 = 1.5;
/// What a finding counts that is not the strongest of its group.
pub const REST_OF_GROUP: f64 = 0.25;

const fn weight(
    id: &'static str,
    group: Group,
    supported: f64,
    weak: f64,
    contradicted: f64,
    reason: &'static str,
) -> Weight {
    Weight {
        id,
        group,
        supported,
        weak,
        contradicted,
        reason,
    }
}

/// In the order of the contract.
pub const WEIGHTS: [Weight; 16] = [
    weight(
        "volume_spike",
        Group::Volume,
        1.5,
        0.7,
        -0.7,
        "a jump beyond the connector's own past is what a campaign looks like; busy seasons look alike",
    ),
    weight(
        "volume_dip",
        Group::Volume,
        0.0,
        0.0,
        0.0,
        "a fall is a note: faults, holidays and blocks all cause it",
    ),
    weight(
        "sender_mismatch",
        Group::Sender,
        1.5,
        0.7,
        -0.7,
        "since November 2023 relay needs an own P1 domain, so a foreign P2 behind an own P1 is the natural pattern of abuse",
    ),
    weight(
        "unprovisioned_domain",
        Group::Sender,
        1.5,
        0.7,
        -0.3,
        "mail from a domain that is not the organisation's has no business on its connector",
    ),
    weight(
        "connector_blocked",
        Group::Vendor,
        3.5,
        2.0,
        -0.3,
        "Microsoft saw enough to stop it; bulk from a legitimate sender can cause it too",
    ),
    weight(
        "unexpected_connector",
        Group::Configuration,
        2.5,
        1.2,
        -1.0,
        "a relay that nobody meant to create",
    ),
    weight(
        "unauthorized_change",
        Group::Configuration,
        2.5,
        1.2,
        -1.0,
        "a good connector opened by someone not meant to",
    ),
    weight(
        "compromised_admin",
        Group::Identity,
        2.0,
        1.0,
        -0.5,
        "the hand behind the change was not the owner's",
    ),
    weight(
        "source_ip_mismatch",
        Group::Source,
        1.5,
        0.7,
        -1.5,
        "mail from hosts that are not the organisation's; none at all speaks strongly against",
    ),
    weight(
        "spam_delivery",
        Group::Content,
        2.0,
        1.0,
        -1.0,
        "much of it judged unwanted, beyond the connector's past",
    ),
    weight(
        "unfamiliar_recipients",
        Group::Recipients,
        1.0,
        0.5,
        -0.7,
        "recipients the organisation never wrote to, beyond what a day of that size brings",
    ),
    weight(
        "connector_alert",
        Group::Vendor,
        3.0,
        2.0,
        -0.5,
        "Microsoft's own detection raised an alert",
    ),
    weight(
        "transport_rule_tampering",
        Group::Configuration,
        2.5,
        1.2,
        -0.3,
        "rules that strip authentication or trace headers have no other use beside a relay",
    ),
    weight(
        "audit_tampering",
        Group::Identity,
        2.0,
        1.0,
        -0.3,
        "someone looked away from the log on purpose",
    ),
    weight(
        "short_lived_connector",
        Group::Configuration,
        2.0,
        1.0,
        -0.3,
        "made, used and removed: cleaning up after oneself",
    ),
    weight(
        "self_unblock",
        Group::Vendor,
        2.5,
        1.2,
        -0.3,
        "whoever was stopped released himself and went on",
    ),
];

/// The weight of an indicator by its id.
///
/// # Panics
/// If the id is not in the table: a mistake in the program that the registry's test finds.
pub fn of(id: &str) -> &'static Weight {
    WEIGHTS
        .iter()
        .find(|w| w.id == id)
        .expect("every indicator has its row in the table of weights")
}
