//! Which connecting hosts are the organisation's own.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::attribution::{contains, networks};
use super::period::Period;
use crate::digest::{Digest, Sources};
use crate::indicators::acts;
pub use crate::records::address::is_public;
use crate::records::{ConnectorType, Time};
use crate::settings::Organization;
use crate::timeline::Connector;

/// What a connector's sources are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yardstick {
    /// `on_premises_ips` of org.toml.
    OnPremises,
    /// The sources of the connector's own frozen past.
    Past,
    /// For a connector without a past: the organisation's other connectors and its admins' addresses.
    Others,
    /// Nothing to compare with.
    Nothing,
}

/// Messages of one source on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceDay {
    pub source: u32,
    pub day: i32,
    /// Within the time to be judged; else in the past.
    pub test: bool,
    pub messages: u64,
    pub recipients: u64,
}

/// The sources of a connector, judged.
#[derive(Debug, Clone)]
pub struct Judged {
    pub yardstick: Yardstick,
    /// Test sources that are not the organisation's.
    pub foreign: BTreeSet<u32>,
    /// Of those, the ones in the same /24 as a known source.
    pub neighbours: BTreeSet<u32>,
    /// Foreign by org.toml, but in use in the past already.
    pub carried_before: BTreeSet<u32>,
    /// Test sources that an intended change of the addresses brought in.
    pub renumbered: BTreeSet<u32>,
}

/// What [`judge`] looks at.
pub struct Evidence<'a> {
    pub digest: &'a Digest,
    pub organization: &'a Organization,
    pub connector: &'a Connector,
    pub period: &'a Period,
    /// Of this connector.
    pub sources: &'a [SourceDay],
    /// Sources of the undoubted past of all connectors. It is the others' where this one has no past.
    pub all_past: &'a BTreeSet<u32>,
}

/// Tells a connector's own sources from foreign ones.
pub fn judge(evidence: &Evidence) -> Judged {
    let addresses = &evidence.digest.sources;
    let of = |test: bool| -> BTreeSet<u32> {
        let days = evidence.sources.iter().filter(|s| s.test == test && s.source != 0);
        days.map(|s| s.source).collect()
    };
    let (past, test) = (of(false), of(true));
    // Behind a Partner connector stand the partner's hosts, whatever the organisation's own are.
    let is_partner = evidence.connector.kind == Some(ConnectorType::Partner);
    let on_premises = if is_partner {
        &[][..]
    } else {
        &evidence.organization.on_premises[..]
    };
    let (yardstick, known): (Yardstick, HashSet<IpAddr>) = if !on_premises.is_empty() {
        (Yardstick::OnPremises, HashSet::new())
    } else if !past.is_empty() {
        (Yardstick::Past, resolve(&past, addresses))
    } else {
        let mut known = resolve(evidence.all_past, addresses);
        known.extend(admin_addresses(evidence));
        let yardstick = if known.is_empty() {
            Yardstick::Nothing
        } else {
            Yardstick::Others
        };
        (yardstick, known)
    };
    let meant = intended_networks(evidence.organization, evidence.connector, evidence.period.until);
    let mut judged = Judged {
        yardstick,
        foreign: BTreeSet::new(),
        neighbours: BTreeSet::new(),
        carried_before: BTreeSet::new(),
        renumbered: BTreeSet::new(),
    };
    if yardstick == Yardstick::Nothing {
        return judged;
    }
    let networks: HashSet<IpNet> = known.iter().filter_map(|a| slash24(*a)).collect();
    for source in test {
        let Some(address) = addresses.get(source).map(IpAddr::to_canonical) else {
            continue;
        };
        let near = slash24(address).is_some_and(|n| networks.contains(&n));
        // Without a past of its own, a neighbour of a host that is known is good enough.
        let own =
            known.contains(&address) || contains(on_premises, address) || (yardstick == Yardstick::Others && near);
        if own || !is_public(address) {
            continue;
        }
        // The list of the organisation's own hosts outweighs a change that looks meant, unless the old hosts made
        // room for the new one: an address added beside them is what an intruder adds.
        if contains(&meant, address) && (yardstick != Yardstick::OnPremises || took_over(source, &meant, evidence)) {
            judged.renumbered.insert(source);
            continue;
        }
        judged.foreign.insert(source);
        if near {
            judged.neighbours.insert(source);
        }
        if past.contains(&source) {
            judged.carried_before.insert(source);
        }
    }
    judged
}

/// Whether the hosts that a change did not bring in fell silent once a new one began to send.
fn took_over(source: u32, meant: &[IpNet], evidence: &Evidence) -> bool {
    let begun = evidence
        .sources
        .iter()
        .filter(|s| s.test && s.source == source)
        .map(|s| s.day)
        .min();
    // A connector that nobody sent through before was not taken over but made for the host.
    let others = |s: &&SourceDay| s.source != source && begun.is_some_and(|b| s.day < b);
    if !evidence.sources.iter().any(|s| others(&s)) {
        return false;
    }
    // The day of the change itself has mail of both.
    let after = evidence
        .sources
        .iter()
        .filter(|s| s.test && begun.is_some_and(|b| s.day > b));
    let (mut old, mut all) = (0, 0);
    for day in after {
        all += day.messages;
        // What was typed may name the old hosts beside the new one.
        let is_new = |a: IpAddr| contains(meant, a) && !contains(&evidence.organization.on_premises, a);
        let new = evidence
            .digest
            .sources
            .get(day.source)
            .is_some_and(|a| is_new(a.to_canonical()));
        old += if new { 0 } else { day.messages };
    }
    all > 0 && old as f64 <= evidence.organization.tuning.thresholds.source_silent * all as f64
}

fn resolve(numbers: &BTreeSet<u32>, sources: &Sources) -> HashSet<IpAddr> {
    numbers
        .iter()
        .filter_map(|n| sources.get(*n))
        .map(IpAddr::to_canonical)
        .collect()
}

fn slash24(address: IpAddr) -> Option<IpNet> {
    let length = if address.is_ipv4() { 24 } else { 64 };
    IpNet::new(address, length).ok().map(|n| n.trunc())
}

/// Networks that intended changes made to the connector's SenderIPAddresses added from the given time on. A list of admins
/// alone vouches for none: some ticket or sign-in must say that it was them.
pub fn intended_networks(organization: &Organization, connector: &Connector, from: Time) -> Vec<IpNet> {
    let changes = connector
        .events
        .iter()
        .filter(|e| e.intended == Some(true) && e.succeeded && e.time >= from)
        .filter(|e| !acts::is_unproven(organization, connector, e));
    let changes = changes.flat_map(|e| &e.changes);
    changes
        .filter(|c| c.parameter.eq_ignore_ascii_case("SenderIPAddresses"))
        .flat_map(|c| networks(c.after.as_deref().unwrap_or_default()))
        .collect()
}

/// Addresses from which the listed admins (all accounts, where none are listed) signed in on several days, before
/// the time to be judged.
fn admin_addresses(evidence: &Evidence) -> Vec<IpAddr> {
    let admins = &evidence.organization.connector_admins;
    let mut days: BTreeMap<IpAddr, BTreeSet<i32>> = BTreeMap::new();
    for (key, sighting) in evidence.digest.sightings.iter() {
        let counted = key.succeeded
            && sighting.last.0 < evidence.period.until
            && (admins.is_empty() || admins.iter().any(|admin| **admin == *key.account));
        if let (true, Some(address)) = (counted, key.address) {
            days.entry(address.to_canonical()).or_default().insert(key.day);
        }
    }
    days.retain(|_, days| days.len() as u64 >= evidence.organization.tuning.thresholds.source_seen);
    days.into_keys().filter(|a| is_public(*a)).collect()
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn hosts_of_microsoft_and_of_the_local_network_are_no_strangers() {
        for own in [
            "40.107.20.1",
            "52.103.0.9",
            "104.47.1.1",
            "2603:10b6:208::1",
            "2a01:111:f400::1",
            "10.1.2.3",
            "127.0.0.1",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "::ffff:192.168.1.1",
            "100.64.1.1",
        ] {
            assert!(!is_public(own.parse().unwrap()), "{own}");
        }
        for foreign in ["185.220.101.5", "104.47.200.1", "2001:db8::1", "40.94.1.1"] {
            assert!(is_public(foreign.parse().unwrap()), "{foreign}");
        }
    }
}
