//! What is meant: the analyst's org.toml and the command line, validated.

mod org;
pub mod tuning;

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::NaiveDate;
use chrono_tz::Tz;
use ipnet::IpNet;

use crate::records::Time;

pub use org::{OrgError, end, network, read, time};
pub use tuning::Tuning;

/// A time zone by its IANA name, whatever the case of its letters; else the known name that is nearest to it, if any is near.
///
/// # Errors
/// Gives the nearest name where there is no such zone.
pub fn time_zone(name: &str) -> Result<Tz, Option<&'static str>> {
    let name = name.trim();
    let lower = name.to_ascii_lowercase();
    // What people write for a city or a zone is the end of its name.
    let likeness = |known: &str| {
        let known = known.to_ascii_lowercase();
        let end = known.rsplit('/').next().unwrap_or_default();
        strsim::jaro_winkler(&known, &lower).max(strsim::jaro_winkler(end, &lower))
    };
    let exact = chrono_tz::TZ_VARIANTS
        .iter()
        .find(|zone| zone.name().eq_ignore_ascii_case(name));
    if let Some(zone) = exact {
        return Ok(*zone);
    }
    let scored = chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| (likeness(zone.name()), zone.name()));
    let nearest = scored.fold(
        (NEAR, None),
        |best, (score, name)| {
            if score > best.0 { (score, Some(name)) } else { best }
        },
    );
    Err(nearest.1)
}

/// How like a name must be to be offered for another.
const NEAR: f64 = 0.85;

/// What the analyst knows and the logs do not. Without an org.toml everything is empty and `given` is false.
#[derive(Debug, Clone)]
pub struct Organization {
    /// An org.toml was given.
    pub given: bool,
    pub name: Option<String>,
    /// Working days are reckoned in it; UTC where nothing was said.
    pub time_zone: Tz,
    /// Lower case, A-label form.
    pub accepted_domains: Vec<String>,
    pub on_premises: Vec<IpNet>,
    /// Lower case. Empty: the analyst said nothing about who is meant to change connectors.
    pub connector_admins: Vec<String>,
    /// Lower case. Whose clean-up is no attack, unless the session behind it was not their own.
    pub responders: Vec<String>,
    /// Days on which the organisation does not work, in its own time zone.
    pub holidays: BTreeSet<NaiveDate>,
    /// Seats, for the tenant's limit of external recipients.
    pub licenses: Option<u64>,
    pub approved_changes: Vec<ApprovedChange>,
    /// Databases of places, the first of which has the first word.
    pub geoip: Vec<PathBuf>,
    /// The weights and thresholds to go by.
    pub tuning: Tuning,
}

impl Default for Organization {
    fn default() -> Self {
        Organization {
            given: false,
            name: None,
            time_zone: chrono_tz::UTC,
            accepted_domains: Vec::new(),
            on_premises: Vec::new(),
            connector_admins: Vec::new(),
            responders: Vec::new(),
            holidays: BTreeSet::new(),
            licenses: None,
            approved_changes: Vec::new(),
            geoip: Vec::new(),
            tuning: Tuning::default(),
        }
    }
}

/// A change ticket: from its first to its last moment, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedChange {
    pub connector: String,
    pub from: Time,
    pub to: Time,
    pub note: Option<String>,
}

/// The time looked at, both ends included; either end may be open. What lies before `from` still serves as baseline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    pub from: Option<Time>,
    pub to: Option<Time>,
}

impl Window {
    pub fn contains(&self, time: Time) -> bool {
        self.from.is_none_or(|f| time >= f) && self.to.is_none_or(|t| time <= t)
    }
}
