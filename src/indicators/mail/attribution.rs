//! Which connector a message came through, at the moment it came.
//!
//! The name that the trace gives decides, read as names stood at that moment, because connectors are renamed.
//! Where a trace names none, the sender's address decides: the connectors whose SenderIPAddresses held it at that
//! moment. Mail that a mailbox submitted came through no connector.

use std::net::IpAddr;

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use crate::digest::{Digest, Fact, Flags};
use crate::timeline::{Connector, State, Timeline};

/// How a message was tied to its connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tie {
    /// Named by the trace.
    Name(usize),
    /// By sender address, as configured at that moment.
    Address(usize),
    /// These fit alike.
    Ambiguous(Vec<usize>),
    None,
}

/// One state of a connector, as far as attribution asks.
#[derive(Debug, Clone)]
struct Setting {
    from: i64,
    name: String,
    exists: bool,
    enabled: bool,
    nets: Vec<IpNet>,
    by_certificate: bool,
    senders: Vec<String>,
}

/// Looks up connectors for facts.
#[derive(Debug)]
pub struct Attribution<'a> {
    digest: &'a Digest,
    settings: Vec<Vec<Setting>>,
    /// By number of a name: the connectors that ever bore it, or whose id it is.
    by_name: FxHashMap<u32, Vec<usize>>,
    /// By number of a source: the connectors that ever listed it.
    by_source: Vec<Vec<usize>>,
}

impl<'a> Attribution<'a> {
    pub fn new(digest: &'a Digest, timeline: &Timeline) -> Self {
        let connectors = &timeline.connectors;
        let settings: Vec<Vec<Setting>> = connectors
            .iter()
            .map(|c| c.states.iter().map(setting).collect())
            .collect();
        let mut by_name: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for (number, name) in (1_u32..).zip(digest.names.iter()) {
            let bearers: Vec<usize> = positions(connectors, |c| bore(c, name));
            if !bearers.is_empty() {
                by_name.insert(number, bearers);
            }
        }
        let lists = |index: usize, address: IpAddr| {
            let settings: &[Setting] = settings.get(index).map_or(&[], Vec::as_slice);
            settings.iter().any(|s| contains(&s.nets, address))
        };
        let by_source = std::iter::once(Vec::new())
            .chain(digest.sources.iter().map(|address| {
                let address = address.to_canonical();
                (0..connectors.len()).filter(|&i| lists(i, address)).collect()
            }))
            .collect();
        Attribution {
            digest,
            settings,
            by_name,
            by_source,
        }
    }

    /// The connector a fact belongs to.
    pub fn of(&self, fact: &Fact) -> Tie {
        if let Some(bearers) = self.by_name.get(&fact.connector) {
            return self.named(bearers, fact);
        }
        let other = fact.connector != 0 && !fact.flags.has(Flags::CONNECTOR_UNSURE);
        if other || fact.source == 0 || fact.flags.has(Flags::SUBMITTED_BY_USER) {
            return Tie::None;
        }
        self.addressed(fact)
    }

    fn named(&self, bearers: &[usize], fact: &Fact) -> Tie {
        let name = self.digest.names.get(fact.connector).map_or("", AsRef::as_ref);
        let at = |i: usize| self.at(i, fact.time);
        let bearing = |i: &usize| at(*i).is_some_and(|s| s.exists && s.name.eq_ignore_ascii_case(name));
        let existing = |i: &usize| at(*i).is_none_or(|s| s.exists);
        // A trace may lag behind a rename or a removal; then whoever is known to bear the name is meant.
        let found = bearers.iter().find(|i| bearing(i));
        let found = found
            .or_else(|| bearers.iter().find(|i| existing(i)))
            .or(bearers.first());
        found.map_or(Tie::None, |&i| Tie::Name(i))
    }

    fn addressed(&self, fact: &Fact) -> Tie {
        let Some(address) = self.digest.sources.get(fact.source).map(IpAddr::to_canonical) else {
            return Tie::None;
        };
        let listed = self.by_source.get(fact.source as usize).map_or(&[][..], Vec::as_slice);
        let candidates: Vec<(usize, &Setting)> = listed
            .iter()
            .filter_map(|&i| self.at(i, fact.time).map(|s| (i, s)))
            .filter(|(_, s)| s.exists && s.enabled && contains(&s.nets, address))
            .collect();
        match candidates.as_slice() {
            [] => Tie::None,
            [(only, _)] => Tie::Address(*only),
            several => {
                let domain = if fact.p1_domain != 0 {
                    fact.p1_domain
                } else {
                    fact.p2_domain
                };
                let domain = self.digest.names.get(domain).map_or("", AsRef::as_ref);
                let closest = several.iter().map(|(_, s)| fit(&s.senders, domain)).max().unwrap_or(0);
                let mut best = several.iter().filter(|(_, s)| fit(&s.senders, domain) == closest);
                match (closest, best.next(), best.next()) {
                    (1.., Some((one, _)), None) => Tie::Address(*one),
                    _ => Tie::Ambiguous(several.iter().map(|(i, _)| *i).collect()),
                }
            }
        }
    }

    fn at(&self, connector: usize, time: i64) -> Option<&Setting> {
        self.settings.get(connector)?.iter().rev().find(|s| s.from <= time)
    }

    /// The moment from which on every state of the connector is known to list sender addresses, so that no mail of
    /// it can be missed by them; `None` where the last state lists none.
    pub fn addresses_known_from(&self, connector: usize) -> Option<i64> {
        let settings = self.settings.get(connector)?;
        let known = settings
            .iter()
            .rev()
            .take_while(|s| !s.exists || !s.nets.is_empty())
            .collect::<Vec<_>>();
        known.iter().any(|s| s.exists).then(|| known.last().map(|s| s.from))?
    }

    /// Whether a state of the connector in that time knows its senders by certificate: their mail may come from
    /// anywhere.
    pub fn knows_by_certificate(&self, connector: usize, from: i64, to: i64) -> bool {
        let settings = self.settings.get(connector).map_or(&[][..], Vec::as_slice);
        let ends = settings.iter().skip(1).map(|s| s.from).chain([i64::MAX]);
        settings
            .iter()
            .zip(ends)
            .any(|(s, end)| s.exists && s.by_certificate && s.from <= to && end > from)
    }
}

fn positions(connectors: &[Connector], test: impl Fn(&Connector) -> bool) -> Vec<usize> {
    let found = connectors.iter().enumerate().filter(|(_, c)| test(c));
    found.map(|(i, _)| i).collect()
}

fn bore(connector: &Connector, name: &str) -> bool {
    let is = |n: &str| n.eq_ignore_ascii_case(name);
    is(&connector.name) || connector.names.iter().any(|n| is(n)) || connector.id.as_deref().is_some_and(is)
}

fn setting(state: &State) -> Setting {
    let value = |name: &str| {
        let found = state.parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map_or("", |(_, v)| v.as_str())
    };
    Setting {
        from: state.from.map_or(i64::MIN, |t| t.0),
        name: state.name.clone(),
        exists: state.exists,
        enabled: !value("Enabled").trim().eq_ignore_ascii_case("false"),
        nets: networks(value("SenderIPAddresses")),
        by_certificate: !value("TlsSenderCertificateName").trim().is_empty(),
        senders: sender_domains(value("SenderDomains")),
    }
}

/// The addresses and networks of a SenderIPAddresses value; what is neither is passed over.
pub fn networks(value: &str) -> Vec<IpNet> {
    value
        .split(|c: char| c == ';' || c == ',' || c.is_whitespace())
        .map(|token| token.trim_matches(['{', '}', '"', '\'']))
        .filter_map(|token| {
            let address = token.parse::<IpAddr>().ok().map(|a| IpNet::from(a.to_canonical()));
            address.or_else(|| token.parse::<IpNet>().ok())
        })
        .collect()
}

pub fn contains(nets: &[IpNet], address: IpAddr) -> bool {
    nets.iter().any(|n| n.contains(&address))
}

/// The patterns of a SenderDomains value: `smtp:*;1`, `*.contoso.com`, `contoso.com`, costs left out.
fn sender_domains(value: &str) -> Vec<String> {
    value
        .split([';', ','])
        .map(|token| token.trim().trim_matches(['{', '}']).to_ascii_lowercase())
        .map(|token| token.strip_prefix("smtp:").unwrap_or(&token).to_owned())
        .filter(|token| !token.is_empty() && !token.bytes().all(|b| b.is_ascii_digit()))
        .collect()
}

/// How closely a domain fits: 3 by name, 2 as a subdomain of a pattern, 1 by `*`, 0 not at all.
fn fit(patterns: &[String], domain: &str) -> u8 {
    let one = |pattern: &String| match pattern.strip_prefix("*.") {
        _ if pattern == "*" => 1,
        Some(parent) => u8::from(domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))) * 2,
        None => u8::from(!domain.is_empty() && pattern == domain) * 3,
    };
    patterns.iter().map(one).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_whatever_separates_them() {
        let nets = networks("81.2.69.160;10.0.0.0/24, 2001:db8::1 nonsense");
        let text: Vec<String> = nets.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["81.2.69.160/32", "10.0.0.0/24", "2001:db8::1/128"]);
    }

    #[test]
    fn a_named_domain_fits_closer_than_a_star() {
        let patterns = sender_domains("smtp:*.contoso.com;1;smtp:fabrikam.com;1");
        assert_eq!(patterns, ["*.contoso.com", "fabrikam.com"]);
        assert_eq!(
            (fit(&patterns, "fabrikam.com"), fit(&patterns, "mail.contoso.com")),
            (3, 2)
        );
        assert_eq!(
            (fit(&patterns, "contoso.com"), fit(&patterns, "evilcontoso.com")),
            (0, 0)
        );
        assert_eq!(fit(&sender_domains("smtp:*;1"), "anything.example"), 1);
    }
}
