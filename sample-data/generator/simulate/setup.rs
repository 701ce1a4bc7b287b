//! What a world starts from: which organisation, when, and how busy.

use super::tenant::Profile;

/// How much happens on a working day (mean counts); a tenth of it on other days.
#[derive(Clone, Copy, Debug)]
pub struct Volume {
    /// Messages through the connector of the main site.
    pub headquarters: u64,
    pub branch: u64,
    pub partner: u64,
    /// Sent and received by cloud mailboxes, without a connector.
    pub cloud_out: u64,
    pub cloud_in: u64,
    /// Audit records of people at work.
    pub user_events: u64,
    /// Minutes between two records that the service writes on its own, day and night.
    pub heartbeat: i64,
}

/// A small office.
pub const ORDINARY: Volume = Volume {
    headquarters: 30,
    branch: 12,
    partner: 4,
    cloud_out: 18,
    cloud_in: 22,
    user_events: 20,
    heartbeat: 55,
};

/// What a world starts from.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub profile: &'static Profile,
    /// First day, by the local calendar.
    pub start: (i64, i64, i64),
    pub days: i64,
    pub volume: Volume,
    /// Whether the main site is connected by the Hybrid Configuration Wizard (certificate) or by addresses.
    pub hybrid: bool,
}
