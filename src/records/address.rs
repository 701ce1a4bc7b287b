//! IP addresses, mail addresses and domains in the spellings of the exports.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use ipnet::IpNet;

/// Reads an address with or without port and brackets; IPv4 within IPv6 becomes IPv4.
///
/// `None` for host names, for damage, and for the unspecified address, which exports write for "unknown".
pub fn ip(text: &str) -> Option<IpAddr> {
    if let Some(address) = dotted(text.as_bytes()) {
        return Some(address.into()).filter(|a: &IpAddr| !a.is_unspecified());
    }
    let text = text.trim();
    let address: IpAddr = if let Some(rest) = text.strip_prefix('[') {
        let (inside, port) = rest.split_once(']')?;
        let port_is_sound = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        port_is_sound.then(|| without_zone(inside).parse().ok())??
    } else if let Some((host, port)) = text.split_once(':').filter(|(_, port)| !port.contains(':')) {
        is_port(port).then(|| host.parse::<Ipv4Addr>().ok())??.into()
    } else {
        without_zone(text).parse().ok()?
    };
    Some(address.to_canonical()).filter(|a| !a.is_unspecified())
}

/// Four numbers with dots between them, as most addresses stand. `None` for anything else, sound or not.
fn dotted(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let (mut number, mut digits, mut place) = (0_u16, 0, 0);
    for byte in text {
        match byte {
            // A zero in front could stand for an octal number.
            b'0'..=b'9' if digits < 3 && (number > 0 || digits == 0) => {
                number = number * 10 + u16::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 => {
                *octets.get_mut(place)? = u8::try_from(number).ok()?;
                (number, digits, place) = (0, 0, place + 1);
            }
            _ => return None,
        }
    }
    let [.., last] = &mut octets;
    *last = u8::try_from(number).ok()?;
    (place == 3 && digits > 0).then(|| octets.into())
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

fn without_zone(text: &str) -> &str {
    text.split_once('%').map_or(text, |(address, _)| address)
}

/// Networks of Exchange Online's own hosts.
///
/// Source: "Office 365 URLs and IP address ranges", worldwide, Exchange Online: ids 9 and 10 are the mail hosts, id 1
/// the front ends (without the anycast doors for browsers, which connect to nobody). Beyond that list:
/// 2a01:111::/32, whose /48 f400 and f403 it names, stands as a whole in published exports of Exchange admin records;
/// 2603:1080::/25 are hosts between which the service hands mail on (2603:1096, 10a6 and 10d6 stood in part in the
/// list of 2019, 10b6 and its like stand in published traces). Networks of Azure's customers lie below it.
const MICROSOFT: [&str; 20] = [
    "40.92.0.0/15",
    "40.107.0.0/16",
    "52.100.0.0/14",
    "52.238.78.88/32",
    "104.47.0.0/17",
    "23.103.160.0/20",
    "40.96.0.0/13",
    "40.104.0.0/15",
    "52.96.0.0/14",
    "132.245.0.0/16",
    "13.107.128.0/22",
    "150.171.32.0/22",
    "2a01:111::/32",
    "2603:1006::/40",
    "2603:1016::/36",
    "2603:1026::/36",
    "2603:1036::/36",
    "2603:1046::/36",
    "2603:1056::/36",
    "2603:1080::/25",
];

/// The table as network and mask, so that a look-up costs a comparison each.
#[derive(Default)]
struct Networks {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

static NETWORKS: LazyLock<Networks> = LazyLock::new(|| {
    let Networks { mut v4, mut v6 } = Networks::default();
    for network in MICROSOFT.iter().filter_map(|n| n.parse::<IpNet>().ok()) {
        match network {
            IpNet::V4(n) => v4.push((n.network().to_bits(), n.netmask().to_bits())),
            IpNet::V6(n) => v6.push((n.network().to_bits(), n.netmask().to_bits())),
        }
    }
    Networks { v4, v6 }
});

/// Whether an address is one of Exchange Online's own hosts, or of the host itself: a hop within the service, which
/// says nothing of who sent mail or where an admin sat.
pub fn is_microsoft_hop(address: IpAddr) -> bool {
    let Networks { v4, v6 } = &*NETWORKS;
    match address.to_canonical() {
        IpAddr::V4(a) => a.is_loopback() || v4.iter().any(|(net, mask)| a.to_bits() & mask == *net),
        IpAddr::V6(a) => a.is_loopback() || v6.iter().any(|(net, mask)| a.to_bits() & mask == *net),
    }
}

/// Whether the address means something only within a network, or nothing at all (RFC 6890).
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_link_local()
                || v4.is_loopback()
                || v4.is_broadcast()
                || a == 0
                || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback() || v6.is_unspecified(),
    }
}

/// Whether an address can be a stranger's at all: neither Exchange Online's own nor one of a private network.
pub fn is_public(address: IpAddr) -> bool {
    !is_private(address) && !is_microsoft_hop(address)
}

/// A mail address without white space and angle brackets at its ends; empty for the null sender `<>`.
pub fn bare(text: &str) -> &str {
    // Nearly every address begins and ends with what is no part of either.
    if let [first, .., last] = text.as_bytes()
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
    {
        return text;
    }
    let text = text.trim();
    text.strip_prefix('<')
        .and_then(|t| t.strip_suffix('>'))
        .unwrap_or(text)
        .trim()
}

/// As [`bare`], for text that may be owned.
#[inline]
pub fn bare_cow(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(t) => Cow::Borrowed(bare(t)),
        Cow::Owned(t) if bare(&t).len() == t.len() => Cow::Owned(t),
        Cow::Owned(t) => Cow::Owned(bare(&t).to_owned()),
    }
}

/// What follows the last `@`: a quoted local part may hold others. `None` without one or with nothing behind it.
pub fn domain_of(address: &str) -> Option<&str> {
    let address = bare(address);
    let domain = address.get(memchr::memrchr(b'@', address.as_bytes())? + 1..)?;
    Some(domain.trim_end_matches('.')).filter(|d| !d.is_empty())
}

/// A domain in lower case without white space, dot or angle bracket at its ends. Exchange hands out A-labels, so a
/// name in letters beyond ASCII becomes one; where it can't be one (UTS 46), it is kept in lower case.
pub fn domain(text: &str) -> Cow<'_, str> {
    let bare = bare(text);
    let plain = if bare.starts_with('.') || bare.ends_with('.') {
        bare.trim_matches('.')
    } else {
        bare
    };
    if !plain.is_ascii() {
        let lower = || plain.to_lowercase();
        return Cow::Owned(idna::domain_to_ascii(plain).unwrap_or_else(|_| lower()));
    }
    if has_capital(plain.as_bytes()) {
        Cow::Owned(plain.to_ascii_lowercase())
    } else {
        Cow::Borrowed(plain)
    }
}

/// Whether any letter of ASCII is a capital. All bytes are looked at, which is faster than to stop at the first.
pub fn has_capital(text: &[u8]) -> bool {
    text.iter().fold(false, |found, byte| found | byte.is_ascii_uppercase())
}

/// The addresses of a list with `;` between them; one within quotes belongs to a local part.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        let end = memchr::memchr2_iter(b';', b'"', text.as_bytes()).find(|&at| {
            let parts = text.as_bytes().get(at) == Some(&b';');
            quoted ^= !parts;
            parts && !quoted
        });
        let (one, after) = match end {
            Some(end) => (text.get(..end)?, text.get(end + 1..)),
            None => (text, None),
        };
        rest = after;
        Some(one)
    })
    .map(bare)
    .filter(|a| !a.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::{MICROSOFT, NETWORKS, domain, domain_of, dotted, ip, is_microsoft_hop, is_public, list};

    #[test_case("62.149.20.10:33758", "62.149.20.10"; "IPv4 with a port")]
    #[test_case("[2a01:111:f100:9001::1761:914f]:52903", "2a01:111:f100:9001::1761:914f"; "IPv6 with a port")]
    #[test_case("81.2.69.160", "81.2.69.160"; "bare IPv4")]
    #[test_case(" 2a02:cf40::0000:1234:5678:9abc ", "2a02:cf40::1234:5678:9abc"; "IPv6 that is not compressed")]
    #[test_case("[2001:db8::1]", "2001:db8::1"; "brackets alone")]
    #[test_case("[10.1.2.3]:25", "10.1.2.3"; "IPv4 in brackets")]
    #[test_case("::ffff:10.11.12.13", "10.11.12.13"; "IPv4 within IPv6")]
    #[test_case("[::ffff:10.11.12.13]:443", "10.11.12.13"; "IPv4 within IPv6 with a port")]
    #[test_case("::1", "::1"; "loopback")]
    #[test_case("fe80::1%12", "fe80::1"; "with a zone")]
    fn reads(text: &str, expected: &str) {
        assert_eq!(ip(text), expected.parse().ok());
    }

    #[test_case("")]
    #[test_case("localhost:443")]
    #[test_case("NOTANIPV4 (10.9000.0.1)")]
    #[test_case("10.1.2.3:99999")]
    #[test_case("[2001:db8::1")]
    #[test_case("[2001:db8::1]x")]
    #[test_case("0.0.0.0")]
    #[test_case("::")]
    fn refuses(text: &str) {
        assert_eq!(ip(text), None);
    }

    proptest! {
        #[test]
        fn four_numbers_are_read_as_the_standard_library_reads_them(text in "([0-9]{1,3}\\.){3}[0-9.]{1,4}|[0-9.]{0,16}") {
            prop_assert_eq!(dotted(text.as_bytes()), text.parse().ok());
        }
    }

    #[test]
    fn the_domain_follows_the_last_at_sign() {
        assert_eq!(domain_of("<a@Fabrikam.com.>"), Some("Fabrikam.com"));
        assert_eq!(domain_of("\"x@y\"@contoso.com"), Some("contoso.com"));
        assert_eq!(domain_of("<>"), None);
        assert_eq!(domain_of("a@"), None);
    }

    #[test]
    fn domains_are_compared_in_one_spelling() {
        assert_eq!(domain(" <Fabrikam.COM.> "), "fabrikam.com");
        assert_eq!(
            domain("BÜRO.example"),
            "xn--bro-hoa.example",
            "by another encoder of RFC 3490"
        );
        assert_eq!(domain("\u{202e}x.example"), "\u{202e}x.example", "no name at all");
    }

    #[test]
    fn a_semicolon_within_quotes_parts_no_list() {
        let found: Vec<_> = list("a@x.com;\"b;c\"@x.com; <d@x.com>;").collect();
        assert_eq!(found, ["a@x.com", "\"b;c\"@x.com", "d@x.com"]);
    }

    #[test]
    fn hosts_of_the_service_are_known() {
        assert_eq!(
            NETWORKS.v4.len() + NETWORKS.v6.len(),
            MICROSOFT.len(),
            "every line is a network"
        );
        for own in [
            "2603:10b6:208::1",
            "2603:10a6:800::1",
            "2603:1096:4::1",
            "2603:1036:301::5",
            "2a01:111:f400::1",
            "40.92.3.1",
            "40.93.255.255",
            "40.107.1.1",
            "52.96.0.1",
            "52.103.0.9",
            "104.47.127.255",
            "127.0.0.1",
            "::1",
            "::ffff:40.107.1.1",
        ] {
            assert!(is_microsoft_hop(own.parse().expect("an address")), "{own}");
        }
        // 2603:1030::/32 holds Azure's customers.
        for other in [
            "81.2.69.160",
            "104.47.128.1",
            "2603:1030:20e::1",
            "2603:1036:2400::1",
            "2603:1100::1",
            "40.94.1.1",
            "10.1.2.3",
        ] {
            assert!(!is_microsoft_hop(other.parse().expect("an address")), "{other}");
        }
    }

    #[test]
    fn only_public_addresses_can_be_a_strangers() {
        for own in [
            "10.1.2.3",
            "0.0.0.0",
            "0.1.2.3",
            "255.255.255.255",
            "100.64.1.1",
            "fe80::1",
            "fd00::1",
            "::ffff:192.168.1.1",
            "40.107.1.1",
        ] {
            assert!(!is_public(own.parse().expect("an address")), "{own}");
        }
        for other in ["185.220.101.5", "100.128.0.1", "2001:db8::1"] {
            assert!(is_public(other.parse().expect("an address")), "{other}");
        }
    }
}
