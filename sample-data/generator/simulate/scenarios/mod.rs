//! The catalogue: every scenario with its name, what happens in it and how it is played.

pub mod added_address;
pub mod application;
pub mod gaps;
pub mod insider_traffic;
pub mod look_alikes;
pub mod routine;
pub mod stolen_admin;

use super::expectation::Verdict;
use super::setup::{ORDINARY, Setup};
use super::tenant;
use super::world::World;

/// What a scenario is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Must be found.
    Attack,
    /// Must not be taken for an attack.
    LookAlike,
}

impl Nature {
    /// The word in expected.json.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::LookAlike => "look_alike",
        }
    }
}

/// One scenario.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub nature: Nature,
    pub summary: &'static str,
    /// Days that are simulated.
    pub days: i64,
    pub play: fn(&mut World),
}

/// States of an indicator, for labels.
pub const SUPPORTED: &[&str] = &["supported"];
pub const NOT_SUPPORTED: &[&str] = &["contradicted", "not_assessable"];

/// Verdicts for a connector that an attacker used.
pub const GUILTY: &[Verdict] = &[Verdict::LikelyCompromised];
/// Verdicts where an attack leaves few traces.
pub const DOUBTFUL: &[Verdict] = &[Verdict::LikelyCompromised, Verdict::Suspicious];
/// Verdicts for a connector that nobody touched.
pub const INNOCENT: &[Verdict] = &[Verdict::NoIndication];
/// The same where something else in the tenant may leave a question open.
pub const NOT_ACCUSED: &[Verdict] = &[Verdict::NoIndication, Verdict::NotAssessable];

const fn attack(name: &'static str, days: i64, summary: &'static str, play: fn(&mut World)) -> Scenario {
    Scenario {
        name,
        nature: Nature::Attack,
        summary,
        days,
        play,
    }
}

const fn look_alike(name: &'static str, summary: &'static str, play: fn(&mut World)) -> Scenario {
    Scenario {
        name,
        nature: Nature::LookAlike,
        summary,
        days: 42,
        play,
    }
}

/// All scenarios.
pub const SCENARIOS: [Scenario; 31] = [
    attack(
        "app_connector_header_rules",
        42,
        "a planted application makes a connector and header-removing rules at night, sends, removes them",
        application::header_rules,
    ),
    attack(
        "hybrid_wizard_mimicry",
        42,
        "a planted application makes a connector that carries the wizard's name and source, without its siblings",
        application::wizard_mimicry,
    ),
    attack(
        "partner_made_connector",
        42,
        "a delegated partner account makes a connector and sends through it",
        application::partner,
    ),
    attack(
        "stolen_admin_adds_address",
        42,
        "a stolen administrator adds an address to a good connector; P1 is the victim's domain, P2 a bank's",
        added_address::adds_address,
    ),
    attack(
        "stolen_admin_renames",
        42,
        "the same, and the connector gets another name",
        stolen_admin::renames,
    ),
    attack(
        "slow_ramp",
        56,
        "an added address sends a few messages at first and twelve per cent more each day",
        added_address::slow_ramp,
    ),
    attack(
        "weekend_burst",
        42,
        "an added address sends on Saturday as much as a working day brings",
        added_address::weekend_burst,
    ),
    attack(
        "accepted_domain_first",
        42,
        "a stolen administrator adds an accepted domain, then a connector, and sends from that domain",
        stolen_admin::accepted_domain_first,
    ),
    attack(
        "audit_switched_off",
        42,
        "a stolen administrator switches auditing off; the connector changes while nothing is recorded",
        stolen_admin::audit_switched_off,
    ),
    attack(
        "self_unblock",
        42,
        "after the alert the same actor unblocks the connector and goes on",
        added_address::self_unblock,
    ),
    attack(
        "change_send_revert",
        42,
        "an address is added, used for hours and taken away again; the snapshot shows nothing",
        added_address::change_send_revert,
    ),
    attack(
        "trust_flags_only",
        42,
        "only the flags that make outside mail internal are switched on",
        stolen_admin::trust_flags_only,
    ),
    attack(
        "low_volume_fraud",
        42,
        "an added address sends twenty letters from the managing director to business partners",
        added_address::low_volume_fraud,
    ),
    attack(
        "two_connectors",
        42,
        "one change on each of two connectors, and the traffic is split between them",
        added_address::two_connectors,
    ),
    attack(
        "on_premises_host",
        42,
        "the organisation's own mail server is in other hands: nothing is configured, only traffic shows it",
        insider_traffic::own_host,
    ),
    attack(
        "certificate_swap",
        42,
        "the certificate name of the hybrid connector becomes that of the attacker's host",
        stolen_admin::certificate_swap,
    ),
    attack(
        "older_than_export",
        42,
        "the change was made before the export begins; hostile mail from the first day on",
        stolen_admin::older_than_export,
    ),
    attack(
        "hostile_names",
        42,
        "a connector whose name holds quotes, markup, a formula and right-to-left text",
        stolen_admin::hostile_names,
    ),
    look_alike("quiet", "nothing but work", |_| ()),
    look_alike(
        "hybrid_wizard_run",
        "the Hybrid Configuration Wizard makes a connector with all its siblings",
        look_alikes::wizard,
    ),
    look_alike(
        "newsletter",
        "a newsletter with bounce addresses goes out every Wednesday",
        look_alikes::newsletter,
    ),
    look_alike(
        "address_renumbering",
        "the known administrator exchanges an address in the evening; traffic moves with it",
        look_alikes::renumbering,
    ),
    look_alike(
        "certificate_renewal",
        "the yearly certificate work sets the same subject again",
        routine::certificate,
    ),
    look_alike(
        "reapplied_configuration",
        "automation sets identical values every night",
        routine::reapplied,
    ),
    look_alike(
        "header_gateway",
        "a mail-encryption product adds its connector and rules that remove headers of its own",
        routine::gateway,
    ),
    look_alike(
        "migration_cutover",
        "with a change ticket, mail of a whole site moves to the connector in one day",
        look_alikes::migration,
    ),
    look_alike(
        "printer_relay",
        "a connector for printers of the branch: no TLS, few messages",
        look_alikes::printer,
    ),
    look_alike(
        "bounce_backscatter",
        "a forged campaign elsewhere brings a flood of delivery reports with null senders",
        insider_traffic::backscatter,
    ),
    look_alike(
        "forwarding",
        "forwarded mail with rewritten envelope senders",
        insider_traffic::forwarding,
    ),
    look_alike(
        "responder_cleanup",
        "a responder removes an unused connector and tightens another",
        routine::cleanup,
    ),
    look_alike(
        "travelling_admin",
        "an administrator signs in from a hotel and changes no connector",
        routine::travel,
    ),
];

/// The setup that scenarios are played in: a connector by addresses, or a hybrid one where `hybrid`.
pub fn setup(days: i64, hybrid: bool) -> Setup {
    let profile = if hybrid { &tenant::CONTOSO } else { &tenant::FABRIKAM };
    Setup {
        profile,
        start: (2026, 2, 16),
        days,
        volume: ORDINARY,
        hybrid,
    }
}

/// The scenario with this name.
pub fn find(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}
