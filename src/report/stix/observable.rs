//! What a bundle holds of the world: addresses, domains and accounts as STIX cyber-observable objects.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Map, Value, json};
use uuid::{Uuid, uuid};

use crate::records::address::is_public;

/// The namespace of the ids of cyber-observable objects: STIX 2.1, section 2.9.
const NAMESPACE: Uuid = uuid!("00abedb4-aa42-466c-9c01-fed23315a9b7");

/// An address or network, a domain, or an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Observable {
    /// A single host has the longest prefix.
    Address(IpNet),
    /// In lower case, of letters, digits and hyphens alone (IDNA's `xn--` form).
    Domain(String),
    /// As the log writes it.
    Account { id: String, application: bool },
}

impl Observable {
    /// One host.
    pub fn host(address: IpAddr) -> Self {
        Self::Address(address.to_canonical().into())
    }

    /// A host or a network as a connector's parameter has it; `None` for ranges with a dash and for damage.
    pub fn network(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Self::host(address));
        }
        text.parse::<IpNet>().ok().map(|net| Self::Address(net.trunc()))
    }

    /// A domain, or the domain below a wildcard; `None` for what is none.
    pub fn domain(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('.');
        let bare = text.strip_prefix("*.").unwrap_or(text);
        let ascii = idna::domain_to_ascii_strict(bare).ok()?;
        // A name of one label, or of digits alone, names no domain of the internet.
        let last = ascii.rsplit('.').next().unwrap_or_default();
        let named = ascii.contains('.') && last.bytes().any(|b| b.is_ascii_alphabetic());
        named.then_some(Self::Domain(ascii))
    }

    /// Whether a stranger could stand behind it. Nobody outside can act on a private address, and Microsoft's own
    /// are everybody's.
    pub fn may_be_hostile(&self) -> bool {
        match self {
            Self::Address(net) => is_public(net.addr()),
            Self::Domain(_) | Self::Account { .. } => true,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Address(IpNet::V4(_)) => "ipv4-addr",
            Self::Address(IpNet::V6(_)) => "ipv6-addr",
            Self::Domain(_) => "domain-name",
            Self::Account { .. } => "user-account",
        }
    }

    /// The property that tells it from others of its kind, and its value.
    fn key(&self) -> (&'static str, String) {
        match self {
            Self::Address(net) => ("value", network(net)),
            Self::Domain(domain) => ("value", domain.clone()),
            Self::Account { id, application: true } => ("user_id", id.clone()),
            Self::Account { id, application: false } => ("account_login", id.clone()),
        }
    }

    /// The id that every producer gives this object: made from its kind and the property that tells it from others.
    pub fn id(&self) -> String {
        let (property, value) = self.key();
        // With one property that is text, this is the canonical form of RFC 8785 that the specification asks for.
        let name = json!({ property: value }).to_string();
        format!("{}--{}", self.kind(), Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }

    /// The object itself.
    pub fn object(&self) -> Value {
        let (property, value) = self.key();
        let mut object = Map::new();
        object.insert("type".into(), self.kind().into());
        object.insert("spec_version".into(), "2.1".into());
        object.insert("id".into(), self.id().into());
        object.insert(property.into(), value.into());
        if let Self::Account { application: true, .. } = self {
            object.insert("is_service_account".into(), true.into());
        }
        Value::Object(object)
    }

    /// The STIX pattern that finds it.
    pub fn pattern(&self) -> String {
        let (property, value) = self.key();
        let operator = match self {
            Self::Address(net) if net.prefix_len() < net.max_prefix_len() => "ISSUBSET",
            _ => "=",
        };
        let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
        format!("[{}:{property} {operator} '{quoted}']", self.kind())
    }

    /// Whether it is the account that the log writes so.
    pub fn is_account(&self, name: Option<&str>) -> bool {
        matches!(self, Self::Account { id, .. } if name == Some(id.as_str()))
    }

    /// In words, for people.
    pub fn name(&self) -> String {
        match self {
            Self::Address(net) if net.prefix_len() == net.max_prefix_len() => format!("Address {}", net.addr()),
            Self::Address(net) => format!("Network {net}"),
            Self::Domain(domain) => format!("Domain {domain}"),
            Self::Account { id, application: true } => format!("Application {id}"),
            Self::Account { id, application: false } => format!("Account {id}"),
        }
    }
}

/// A network as the specification writes it: a single host without its prefix.
fn network(net: &IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("91.219.236.10", Some("[ipv4-addr:value = '91.219.236.10']"))]
    #[test_case("91.219.236.10/32", Some("[ipv4-addr:value = '91.219.236.10']"))]
    #[test_case(" 91.219.236.77/24", Some("[ipv4-addr:value ISSUBSET '91.219.236.0/24']"); "a host within its network")]
    #[test_case("2001:DB8:0::1", Some("[ipv6-addr:value = '2001:db8::1']"))]
    #[test_case("::ffff:91.219.236.10", Some("[ipv4-addr:value = '91.219.236.10']"))]
    #[test_case("91.219.236.1-91.219.236.9", None; "a range with a dash")]
    #[test_case("'] OR [file:name = 'x", None; "a way out of the pattern")]
    fn networks_are_read(text: &str, pattern: Option<&str>) {
        assert_eq!(Observable::network(text).map(|o| o.pattern()).as_deref(), pattern);
    }

    #[test_case("Evil.Example.", Some("evil.example"))]
    #[test_case("*.evil.example", Some("evil.example"); "below a wildcard")]
    #[test_case("bücher.example", Some("xn--bcher-kva.example"); "with a letter that is not ASCII")]
    #[test_case("*", None; "every domain")]
    #[test_case("localhost", None; "one label")]
    #[test_case("10.0.0.1", None; "an address")]
    #[test_case("a b.example", None; "a blank")]
    #[test_case("x'.example", None; "a quote")]
    #[test_case("", None; "nothing")]
    fn domains_are_read(text: &str, expected: Option<&str>) {
        let expected = expected.map(|d| Observable::Domain(d.to_string()));
        assert_eq!(Observable::domain(text), expected);
    }

    fn account(id: &str, application: bool) -> Option<Observable> {
        let id = id.to_string();
        Some(Observable::Account { id, application })
    }

    #[test]
    fn names_cannot_leave_the_pattern() {
        let pattern = account("x' OR '\\' = '", false).map(|o| o.pattern());
        let expected = r"[user-account:account_login = 'x\' OR \'\\\' = \'']";
        assert_eq!(pattern.as_deref(), Some(expected));
    }

    /// The ids are those that OASIS's own library (cti-python-stix2 3.0) gives the same objects.
    #[test_case(
        Observable::network("198.51.100.3"),
        "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    )]
    #[test_case(
        Observable::network("2001:db8::1"),
        "ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26"
    )]
    #[test_case(
        Observable::domain("evil.example"),
        "domain-name--69228563-c8d2-54ae-aeca-5f4134cb59aa"
    )]
    #[test_case(
        account("it.admin@fabrikam.com", false),
        "user-account--9ce3b0af-17cd-573b-8992-ea95ed62577e"
    )]
    #[test_case(account("x", true), "user-account--0340297c-d887-5549-86ff-8be21c6f46d6"; "an application")]
    #[test_case(account("a\"\\\u{202e}\u{1b}é", false), "user-account--0195a45b-621e-5792-ae2f-f279a35d2570"; "a hostile name")]
    fn ids_are_those_of_every_producer(observable: Option<Observable>, id: &str) {
        assert_eq!(observable.map(|o| o.id()).as_deref(), Some(id));
    }

    #[test_case("10.1.2.3", false)]
    #[test_case("40.107.1.1", false; "of Exchange Online")]
    #[test_case("91.219.236.10", true)]
    fn only_public_addresses_may_be_hostile(text: &str, expected: bool) {
        assert_eq!(Observable::network(text).map(|o| o.may_be_hostile()), Some(expected));
    }
}
