//! Where accounts signed in from, before and around what they did.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::digest::sightings::Hashes;
use crate::digest::{Digest, Sighting, SightingKey};
use crate::records::address::is_microsoft_hop;
use crate::records::{Origin, Risk, Time};

use super::Cite;

/// Neighbouring addresses that count as one place: an IPv4 /24 or an IPv6 /48, the usual size of one site's
/// or one provider pool's allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Network(pub IpNet);

impl Network {
    /// The network of an address; `None` for hosts of the service, whose address a record may carry instead of the
    /// admin's, and for loopback and unset addresses.
    pub(super) fn of(address: IpAddr) -> Option<Network> {
        let address = address.to_canonical();
        if is_microsoft_hop(address) || address.is_unspecified() {
            return None;
        }
        let length = if address.is_ipv4() { 24 } else { 48 };
        let net = IpNet::new(address, length).ok()?;
        Some(Network(net.trunc()))
    }
}

/// One sighting of an account.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub day: i32,
    pub first: Time,
    pub last: Time,
    pub address: Option<IpAddr>,
    pub network: Option<Network>,
    pub family: String,
    pub succeeded: bool,
    pub count: usize,
    /// As a sign-in log has it.
    pub risk: Risk,
    /// Hashes of the ids of its sessions.
    sessions: Hashes,
    origin: Origin,
}

impl Visit {
    fn new(key: &SightingKey, sighting: &Sighting) -> Self {
        Visit {
            day: key.day,
            first: sighting.first.0,
            last: sighting.last.0,
            address: key.address,
            network: key.address.and_then(Network::of),
            family: family(&key.agent),
            succeeded: key.succeeded,
            count: sighting.count().max(1),
            risk: sighting.details.as_ref().map_or(Risk::Unknown, |d| d.risk),
            sessions: sighting.sessions.clone(),
            origin: sighting.first.1,
        }
    }

    /// Whether a session of this id began or went on in it.
    pub(super) fn is_of(&self, session: u64) -> bool {
        self.sessions.binary_search(&session).is_ok()
    }

    /// The row of its first sign-in.
    pub(super) fn cite(&self) -> Cite {
        Cite {
            time: self.first,
            origin: self.origin,
            id: None,
        }
    }
}

/// What an account did on one network.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub account: String,
    pub first: Time,
    pub last: Time,
    pub succeeded: bool,
}

/// Sign-ins of the accounts that act on the timeline, and of everyone on the networks they acted from.
#[derive(Debug, Default)]
pub(super) struct History {
    accounts: HashMap<String, Vec<Visit>>,
    networks: HashMap<Network, Vec<Guest>>,
}

impl History {
    /// `identity` gives the identity of an account as the sign-in log writes it.
    pub(super) fn new(digest: &Digest, actors: &BTreeSet<String>, identity: impl Fn(&str) -> String) -> Self {
        let mut history = History::default();
        for (key, sighting) in digest.sightings.iter() {
            let account = identity(&key.account);
            if actors.contains(&account) {
                history
                    .accounts
                    .entry(account)
                    .or_default()
                    .push(Visit::new(key, sighting));
            }
        }
        for visits in history.accounts.values_mut() {
            visits.sort_by_key(|v| (v.first, v.origin));
        }
        let wanted: HashSet<Network> = history.accounts.values().flatten().filter_map(|v| v.network).collect();
        let mut guests: BTreeMap<(Network, String, bool), (Time, Time)> = BTreeMap::new();
        for (key, sighting) in digest.sightings.iter() {
            if let Some(network) = key.address.and_then(Network::of).filter(|n| wanted.contains(n)) {
                let (first, last) = (sighting.first.0, sighting.last.0);
                guests
                    .entry((network, identity(&key.account), key.succeeded))
                    .and_modify(|span| *span = (span.0.min(first), span.1.max(last)))
                    .or_insert((first, last));
            }
        }
        for ((network, account, succeeded), (first, last)) in guests {
            history.networks.entry(network).or_default().push(Guest {
                account,
                first,
                last,
                succeeded,
            });
        }
        history
    }

    /// Sightings of an account in order of time.
    pub(super) fn visits(&self, account: &str) -> &[Visit] {
        self.accounts.get(account).map_or(&[], Vec::as_slice)
    }

    /// Everyone seen on a network.
    pub(super) fn guests(&self, network: Network) -> &[Guest] {
        self.networks.get(&network).map_or(&[], Vec::as_slice)
    }
}

/// Whether a client family is a program's rather than one that a person browses or administers with.
pub(super) fn is_tool(family: &str) -> bool {
    const TOOLS: [&str; 6] = ["python", "axios", "curl", "go", "okhttp", "bav2ropc"];
    family.split(' ').next().is_some_and(|client| TOOLS.contains(&client))
}

/// What kind of client an agent string names, coarse enough that an update is no new client; empty where the
/// record has none.
pub(super) fn family(agent: &str) -> String {
    const CLIENTS: [(&str, &str); 12] = [
        ("powershell", "powershell"),
        ("python", "python"),
        ("axios", "axios"),
        ("curl", "curl"),
        ("go-http", "go"),
        ("okhttp", "okhttp"),
        ("bav2ropc", "bav2ropc"),
        ("edg", "edge"),
        ("opr/", "opera"),
        ("firefox", "firefox"),
        ("chrome", "chrome"),
        ("safari", "safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iphone", "ios"),
        ("ipad", "ios"),
        ("android", "android"),
        ("windows", "windows"),
        ("mac os", "macos"),
        ("linux", "linux"),
    ];
    let lower = agent.to_lowercase();
    let named = |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| lower.contains(mark)).map(|&(_, n)| n);
    match (named(&CLIENTS), named(&SYSTEMS)) {
        (Some(client), Some(system)) => format!("{client} on {system}"),
        (Some(client), None) => client.to_owned(),
        (None, Some(system)) => system.to_owned(),
        (None, None) => lower.split(['/', ' ']).next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Network, family};

    #[test]
    fn an_update_is_no_new_client() {
        let old = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36";
        assert_eq!(family(old), family(&old.replace("120.0", "131.0")));
        assert_ne!(family(old), family("python-requests/2.31"));
        assert_eq!(family(""), "");
    }

    #[test]
    fn networks_are_sites() {
        let net = |a: &str| Network::of(a.parse().expect("an address")).map(|n| n.0.to_string());
        assert_eq!(net("81.2.69.161").as_deref(), Some("81.2.69.0/24"));
        assert_eq!(net("::ffff:81.2.69.7").as_deref(), Some("81.2.69.0/24"));
        assert_eq!(net("2001:db8:1:2::3").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(net("2a01:111:f100:9001::1761:914f"), None);
        assert_eq!(net("127.0.0.1"), None);
    }
}
