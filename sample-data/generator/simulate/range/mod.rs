//! The range: every known look-alike and every known way to hide, each played in many tenants.
//!
//! A [`Kind`] is one of them. It is played over seeds, sizes, lengths of history, export formats and evidence taken
//! away ([`plan`]), in tenants with habits of their own ([`scene`]). Each carries its answer and names the evidence
//! that decides it; where nothing in any export tells an attack from its look-alike, being sure is wrong.

mod attacks;
mod hidden;
mod look_alikes;
mod mail;
pub mod plan;
pub mod scene;

use super::expectation::Verdict;
use super::scenarios::Nature;
use super::world::World;
use scene::Scene;

/// Which half of the range a kind is in. Weights and thresholds are set by looking at the first half alone.
///
/// The halves are fixed here, before any figure was looked at, and balanced: each has changes of a good connector,
/// new connectors, actors that are no user, attacks that keep out of the log, and small volumes; each has look-alikes of
/// configuration, of volume and of senders. What no earlier labelled case had (certificate, mail gateway, service
/// actor, falling volume) is held out, so that at least there nothing can have been fitted before the halves were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    Calibration,
    HeldOut,
}

/// What the answer is, with everything at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An attack that the exports prove: likely compromised is the aim, suspicious is not wrong.
    Provable,
    /// An attack that the exports cannot tell from something harmless, or that has not been used yet: suspicious is
    /// right.
    Doubtful,
    /// Harmless, and the exports show it.
    Harmless,
    /// Harmless, but nothing in the exports tells it from an attack: suspicious is right, too; being sure is wrong.
    Ambiguous,
}

impl Answer {
    /// The verdicts on the connector it is about that are not wrong, with complete evidence.
    pub fn verdicts(self) -> &'static [Verdict] {
        use Verdict::{LikelyCompromised, NoIndication, NotAssessable, Suspicious};
        match self {
            Self::Provable | Self::Doubtful => &[LikelyCompromised, Suspicious],
            Self::Harmless => &[NoIndication],
            Self::Ambiguous => &[NoIndication, NotAssessable, Suspicious],
        }
    }
}

/// One look-alike or adversarial variant.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub name: &'static str,
    pub nature: Nature,
    pub half: Half,
    pub answer: Answer,
    /// What happens, in a line.
    pub summary: &'static str,
    /// Which evidence decides it.
    pub decides: &'static str,
    /// Whether ten days of Get-MessageTrace rows, which name neither connector nor P1, can show it beside the audit
    /// log and a snapshot.
    pub shown_by_rows: bool,
    /// Days that are simulated after the event.
    pub after: i64,
    pub play: fn(&mut World, &mut Scene),
}

/// Days after the event where nothing else is said: with the day before it they make the ten of Get-MessageTrace.
const AFTER: i64 = 9;
/// A ramp needs longer.
pub const RAMP: i64 = 25;

const fn attack(
    name: &'static str,
    half: Half,
    summary: &'static str,
    decides: &'static str,
    play: fn(&mut World, &mut Scene),
) -> Kind {
    Kind {
        name,
        nature: Nature::Attack,
        half,
        answer: Answer::Provable,
        summary,
        decides,
        shown_by_rows: true,
        after: AFTER,
        play,
    }
}

const fn harmless(
    name: &'static str,
    half: Half,
    summary: &'static str,
    decides: &'static str,
    play: fn(&mut World, &mut Scene),
) -> Kind {
    Kind {
        nature: Nature::LookAlike,
        answer: Answer::Harmless,
        shown_by_rows: false,
        ..attack(name, half, summary, decides, play)
    }
}

use Half::{Calibration, HeldOut};

/// All kinds: the attacks first.
pub const KINDS: [Kind; 33] = [
    Kind {
        after: RAMP,
        ..attack(
            "slow_ramp",
            Calibration,
            "an added address sends a tenth of the connector's mail and twelve per cent more each day",
            "the record of the change, the session behind it, mail by source address against a frozen past",
            attacks::slow_ramp,
        )
    },
    attack(
        "added_address",
        Calibration,
        "an address or a /24 is added beside the good ones",
        "SenderIPAddresses before and after, mail by source address",
        attacks::added_address,
    ),
    attack(
        "change_send_revert",
        HeldOut,
        "a change, with or without a new name, is used for hours and taken back",
        "two records that undo each other and the mail between them; the snapshot shows nothing",
        attacks::change_send_revert,
    ),
    attack(
        "create_use_remove",
        Calibration,
        "a connector is created, used and removed",
        "the records of creation and removal and the mail that names the connector; the snapshot lacks it",
        attacks::create_use_remove,
    ),
    attack(
        "application_only",
        Calibration,
        "an application that was planted weeks before makes the connector, without any sign-in",
        "directory records of the application and the session that planted it",
        hidden::application,
    ),
    attack(
        "partner_account",
        HeldOut,
        "an account of a delegated partner makes the connector",
        "ExternalAccess, the foreign domain of the actor, and that no list names it",
        hidden::partner,
    ),
    attack(
        "audit_off_first",
        Calibration,
        "auditing is switched off, and the connector is changed while nothing is recorded",
        "the switch itself, the hole in the log, WhenChanged of the snapshot inside it, mail by source address",
        hidden::audit_off,
    ),
    attack(
        "wizard_mimicry",
        HeldOut,
        "a connector that bears the hybrid wizard's name and source",
        "the siblings that the wizard makes, and the certificate's domain",
        hidden::wizard_mimicry,
    ),
    attack(
        "idle_time_burst",
        Calibration,
        "as much as a working day brings, at a weekend or at night",
        "the count of days of the same class, the record of the change",
        attacks::idle_time_burst,
    ),
    attack(
        "low_volume_fraud",
        HeldOut,
        "ten to fifty letters in the managing director's name",
        "the record of the change and the session behind it, mail by source address",
        attacks::low_volume_fraud,
    ),
    attack(
        "accepted_domain_first",
        Calibration,
        "the domain that will be sent from is made an accepted one first",
        "the record of the new domain and its date, the creation and the session behind both",
        attacks::accepted_domain_first,
    ),
    attack(
        "certificate_takeover",
        HeldOut,
        "the certificate name becomes that of a forgotten host below the organisation's own domain",
        "TlsSenderCertificateName before and after, the session behind it, mail by source address",
        attacks::certificate_takeover,
    ),
    Kind {
        answer: Answer::Doubtful,
        ..attack(
            "trust_flags_only",
            HeldOut,
            "only flags that make outside mail internal are switched on; nothing has come through yet",
            "all parameters of the record, not only name, domain and address; the session behind it",
            hidden::trust_flags,
        )
    },
    Kind {
        answer: Answer::Doubtful,
        shown_by_rows: false,
        ..attack(
            "own_host",
            Calibration,
            "the organisation's own mail server is in other hands",
            "senders, verdicts and recipients alone; nothing proves that it was no change of business",
            hidden::own_host,
        )
    },
    attack(
        "split_over_two",
        HeldOut,
        "two connectors get a /24 each, and many addresses share the mail",
        "the records of both changes; sources counted together",
        attacks::split,
    ),
    attack(
        "self_unblock",
        Calibration,
        "the connector is blocked; the same actor unblocks it and goes on",
        "block, Remove-BlockedConnector by the actor of the change, mail after it",
        attacks::self_unblock,
    ),
    Kind {
        answer: Answer::Doubtful,
        ..attack(
            "older_than_export",
            HeldOut,
            "everything was done before the export begins",
            "org.toml's own hosts against the sources; no export holds the change itself",
            hidden::older,
        )
    },
    attack(
        "hostile_names",
        HeldOut,
        "a connector whose name holds quotes, line ends, markup, formulas and right-to-left text",
        "the same as of any created connector, if the name does not break the reading",
        attacks::hostile_names,
    ),
    harmless(
        "hybrid_wizard",
        Calibration,
        "a run of the Hybrid Configuration Wizard",
        "the sibling objects within minutes and a certificate of an accepted domain",
        look_alikes::wizard,
    ),
    Kind {
        answer: Answer::Ambiguous,
        ..harmless(
            "migration_cutover",
            Calibration,
            "the mail of a whole site moves to the connector from one day to the next",
            "a change ticket where there is one; without it only that senders, recipients and verdicts stay usual",
            mail::migration,
        )
    },
    harmless(
        "newsletter",
        Calibration,
        "a newsletter with bounce addresses, every week",
        "its repetition in the past; VERP; unchanged configuration",
        mail::newsletter,
    ),
    harmless(
        "printer_relay",
        HeldOut,
        "a connector for printers, by address and without TLS",
        "its maker, the site's own address, recipients inside",
        look_alikes::printer,
    ),
    harmless(
        "mail_gateway",
        HeldOut,
        "a filtering service in front: Partner connector, outbound connector and a rule in one session",
        "type Partner, the vendor's certificate, mail that only comes in",
        look_alikes::mail_gateway,
    ),
    harmless(
        "signature_service",
        Calibration,
        "a service's application makes its own connectors and a rule, right after the administrator's consent",
        "who gave the application its rights, in which session; mail that comes back with the same Message-ID",
        look_alikes::signature_service,
    ),
    harmless(
        "encryption_gateway",
        Calibration,
        "a product's connector and rules that remove its own headers",
        "which headers the rules remove; the maker's session",
        look_alikes::encryption_gateway,
    ),
    harmless(
        "renumbering",
        Calibration,
        "a mail server gets another address, and the connector follows",
        "the maker's session; the old address falls silent as the new one begins",
        look_alikes::renumbering,
    ),
    harmless(
        "certificate_renewal",
        HeldOut,
        "the yearly certificate: the same subject is set again",
        "old and new value are equal",
        look_alikes::certificate_renewal,
    ),
    harmless(
        "rewritten_senders",
        Calibration,
        "forwarders, lists and ticket systems: SRS, VERP, BATV and a sending service",
        "the forms of the envelope senders; the connector's own past",
        mail::rewritten_senders,
    ),
    harmless(
        "backscatter",
        HeldOut,
        "a flood of delivery reports with null senders",
        "the null sender is a class of its own",
        mail::backscatter,
    ),
    harmless(
        "service_actor",
        HeldOut,
        "Microsoft's own service sets a connector's parameters",
        "the actor, and that no value changes",
        look_alikes::service_actor,
    ),
    harmless(
        "nightly_reapplication",
        Calibration,
        "automation sets identical values every night",
        "old and new value are equal",
        look_alikes::reapplied,
    ),
    harmless(
        "falling_volume",
        HeldOut,
        "company holidays: hardly any mail for a week, on all connectors",
        "that a fall is on all connectors at once; a fall accuses nobody",
        mail::falling_volume,
    ),
    harmless(
        "responder_cleanup",
        HeldOut,
        "a responder removes a forgotten connector and tightens another",
        "the responder's name in org.toml",
        look_alikes::responder,
    ),
];
