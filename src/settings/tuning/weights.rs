//! Every weight, in one table, each with its reason.
//!
//! Points are natural-log likelihood ratios (weights of evidence). Microsoft's page names no figures, so
//! these are ours; they are printed by `relaytrail explain` and calibrated on the project's simulated tenants.
//! `[weights]` in org.toml overrides them.

use super::table::table;

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
#[derive(Debug, Clone, Copy, PartialEq)]
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

table! {
    /// What the verdict reckons with beside the indicators' own weights, and what the signs of a stranger's session
    /// weigh: at 1.0 a session counts as someone else's.
    pub struct Points {
        /// Before any evidence: most inbound connectors are not compromised.
        prior: Points = -4.0, -20.0..0.0, &[];
        /// From here on a connector is suspicious: the evidence outweighs the prior.
        suspicious: Points = 0.0, -10.0..20.0, &[];
        /// From here on it is likely compromised, if more than one group of indicators stands behind it.
        likely: Points = 2.0, -10.0..20.0, &[];
        /// What a finding counts that is not the strongest of its group: indicators of one group tend to come
        /// together, so that the second says little that the first did not.
        rest_of_group: Figure = 0.25, 0.0..1.0, &[];
        /// A complete run of the hybrid wizard around a creation: every sibling object is there and the certificate
        /// is the organisation's.
        hybrid_wizard: Points = -2.5, -20.0..0.0, &[];
        /// A change ticket covers all that was done. It vouches for the change, not for the mail that followed.
        approved_change: Points = -2.0, -20.0..0.0, &[];
        /// An unmeant or odd act, then mail from a host never seen before it, within a week and in this order. Each of the
        /// parts has its own weight; the order rules out most of what explains them one by one.
        order_of_events: Points = 1.5, 0.0..5.0, &[];
        /// For an account: an act that nobody meant on a connector that was likely compromised. With nothing said of
        /// the session it is enough for suspicion and no more.
        deed_likely: Points = 4.5, 0.0..20.0, &["compromised_admin"];
        /// The same on a connector that looks suspicious: not enough without a sign in the session.
        deed_suspicious: Points = 2.5, 0.0..20.0, &["compromised_admin"];

        /// A network never seen before, of an account that seldom has new ones. Alone it is what a first journey
        /// looks like; with any other sign it decides.
        session_new_network_rare: Points = 0.7, 0.0..2.0, SESSION;
        /// The same of an account that now and then has new ones.
        session_new_network_unusual: Points = 0.5, 0.0..2.0, SESSION;
        /// The same of an account that often has new ones.
        session_new_network_ordinary: Points = 0.2, 0.0..2.0, SESSION;
        /// New to the account, but colleagues or the organisation's own servers are at home there.
        session_new_but_ours: Points = 0.3, 0.0..2.0, SESSION;
        /// A few failed sign-ins within a day of the success, from the same new network: a mistyped password or a
        /// guess.
        session_after_few_failures: Points = 0.3, 0.0..2.0, SESSION;
        /// More of them than a forgotten password makes.
        session_after_failures: Points = 0.7, 0.0..2.0, SESSION;
        /// As many as only guessing makes.
        session_after_many_failures: Points = 1.0, 0.0..2.0, SESSION;
        /// Failures from where the account is at home: an old password saved somewhere.
        session_failures_at_home: Points = 0.3, 0.0..2.0, SESSION;
        /// Sign-ins of other accounts failed from the same network: spraying.
        session_sprayed: Points = 0.7, 0.0..2.0, SESSION;
        /// A client that the account never used.
        session_new_client: Points = 0.2, 0.0..2.0, SESSION;
        /// The same, and one that no person browses or administers with.
        session_new_tool: Points = 0.5, 0.0..2.0, SESSION;
        /// A time of day at which the account was never seen.
        session_unusual_hour: Points = 0.2, 0.0..2.0, SESSION;
        /// Password, second factor or an application's credentials changed from the same new network.
        session_credentials_changed: Points = 0.5, 0.0..2.0, SESSION;
        /// An administrator confirmed to Microsoft that the account was taken over: that decides.
        session_risk_confirmed: Points = 1.0, 0.0..2.0, SESSION;
        /// Microsoft saw the sign-in at high risk: with any other sign it decides. In 86 of 100 tenants of the 2022
        /// campaign an administrator had signed in at high risk.
        session_risk_high: Points = 0.7, 0.0..2.0, SESSION;
        /// Microsoft saw it at medium risk, which travel and anonymising networks make too.
        session_risk_medium: Points = 0.3, 0.0..2.0, SESSION;
        /// What a new network weighs is multiplied by this where the account always used the same network operator in
        /// the same country: another address of one's own provider. Known with --geoip alone, as are the next two.
        session_same_operator: Figure = 0.5, 0.0..1.0, SESSION;
        /// A country that the account never signed in from. A first journey shows it beside the new network, so that
        /// the two together do not decide.
        session_new_country: Points = 0.2, 0.0..2.0, SESSION;
        /// Another sign-in of the account, too far away for any journey in the time between: one of the two is a
        /// stranger, or uses a relay that the account's own past does not show.
        session_impossible_travel: Points = 0.7, 0.0..2.0, SESSION;
        /// An application's power was given in the week before its first connector change: for it, likely as not.
        session_given_just_before: Points = 0.5, 0.0..2.0, SESSION;
        /// An application's power, or an account's, was given in a session that was not the owner's: it is in the
        /// same hand.
        session_given_by_stranger: Points = 1.0, 0.0..2.0, SESSION;
    }
}

/// The indicators that go by the session behind an act.
pub(super) const SESSION: &[&str] = &["compromised_admin", "unauthorized_change", "unexpected_connector"];

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

/// The weight of an indicator as the program has it, by its id.
///
/// # Panics
/// If the id is not in the table: a mistake in the program that the registry's test finds.
pub fn of(id: &str) -> &'static Weight {
    WEIGHTS
        .iter()
        .find(|w| w.id == id)
        .expect("every indicator has its row in the table of weights")
}
