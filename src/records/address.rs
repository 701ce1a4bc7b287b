//! IP addresses, mail addresses and domains in the spellings of the exports.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an address with or without port and brackets; IPv4 within IPv6 becomes IPv4.
///
/// `None` for host names, for damage, and for the unspecified address, which exports write for "unknown".
pub fn ip(text: &str) -> Option<IpAddr> {
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

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

fn without_zone(text: &str) -> &str {
    text.split_once('%').map_or(text, |(address, _)| address)
}

/// Whether a hop belongs to Exchange Online itself: its published endpoints ("Office 365 URLs and IP address
/// ranges", Exchange Online Protection) and the IPv6 ranges that traces show for hops within the service.
pub fn is_microsoft_hop(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            v4.is_loopback()
                || (a == 40 && matches!(b, 92 | 93 | 107))
                || (a == 52 && (100..=103).contains(&b))
                || (a == 104 && b == 47 && c < 128)
        }
        IpAddr::V6(v6) => {
            let [a, b, ..] = v6.segments();
            v6 == Ipv6Addr::LOCALHOST || (a == 0x2a01 && b == 0x111) || (a == 0x2603 && b & 0xff00 == 0x1000)
        }
    }
}

/// Whether the address is one of a private network.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
    }
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
    if plain.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(plain.to_ascii_lowercase())
    } else {
        Cow::Borrowed(plain)
    }
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
    use test_case::test_case;

    use super::{domain, domain_of, ip, is_microsoft_hop, list};

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
    fn hops_within_the_service_are_known() {
        for hop in [
            "2603:10b6:208::1",
            "2a01:111:f400::1",
            "40.107.1.1",
            "104.47.0.1",
            "127.0.0.1",
        ] {
            assert!(is_microsoft_hop(hop.parse().expect("an address")), "{hop}");
        }
        for other in ["81.2.69.160", "104.47.128.1", "2603:2000::1", "52.96.0.1"] {
            assert!(!is_microsoft_hop(other.parse().expect("an address")), "{other}");
        }
    }
}
