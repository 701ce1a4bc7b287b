//! What kind of envelope sender an address is.
//!
//! Some mail has an envelope sender (P1) that differs from its header sender (P2) by design: forwarding rewrites
//! it (SRS), mailing software writes the recipient into it (VERP), mail systems sign it (BATV), bounces have none.
//! Each is told by its published form, so that only what remains is compared.

use super::SenderClass;
use crate::records::address;

/// Local parts of addresses that systems use for their own notices.
const SYSTEM: [&str; 3] = [
    "postmaster",
    "mailer-daemon",
    "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
];

/// The class of an envelope sender given without angle brackets; an empty address is the null sender.
///
/// SRS is the Sender Rewriting Scheme (`SRS0=hash=time=domain=local@…`; Microsoft writes
/// `local+SRS=hash=time=domain=local@…`), BATV draft-levine-smtp-batv (`prvs=tag=local@…`), VERP the form
/// `list-user=example.com@…`.
pub fn classify(address: &str) -> SenderClass {
    let address = address::bare(address);
    if address.is_empty() {
        return SenderClass::Null;
    }
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
    if is_plain(local.as_bytes()) {
        return SenderClass::Ordinary;
    }
    let local = local.to_ascii_lowercase();
    if SYSTEM.contains(&local.as_str()) || local.starts_with("microsoftexchange") {
        return SenderClass::Null;
    }
    if is_srs(&local) {
        return SenderClass::Srs;
    }
    if local.starts_with("prvs=") || local.starts_with("btv1==") || local.starts_with("msprvs1=") {
        return SenderClass::Batv;
    }
    if holds_an_address(&local) || local.starts_with("bounce") || local.contains("-bounce") || local.contains("+bounce")
    {
        return SenderClass::Verp;
    }
    SenderClass::Ordinary
}

/// Nothing in it but letters, digits and dots, and none of the names that systems use for their own: that is what nearly
/// all senders look like.
fn is_plain(local: &[u8]) -> bool {
    let begins = |name: &[u8]| {
        local
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    // All bytes are looked at, which is faster than to stop at the first.
    let plain = |all: bool, b: &u8| all & (b.is_ascii_alphanumeric() | (*b == b'.'));
    local.iter().fold(true, plain)
        && ![&b"postmaster"[..], b"microsoftexchange", b"bounce"]
            .iter()
            .any(|name| begins(name))
}

/// A rewritten address carries hash, time stamp, original domain and original local part, in this order.
fn is_srs(local: &str) -> bool {
    let rest = local
        .strip_prefix("srs0")
        .or_else(|| local.strip_prefix("srs1"))
        .or_else(|| local.split_once("+srs").map(|(_, rest)| rest));
    rest.and_then(|r| r.strip_prefix(['=', '+', '-']))
        .is_some_and(|r| r.split('=').count() >= 3 && r.split('=').any(|part| part.contains('.')))
}

/// Whether a local part holds `user=domain.example`.
fn holds_an_address(local: &str) -> bool {
    local.rsplit_once('=').is_some_and(|(user, domain)| {
        !user.is_empty()
            && domain.contains('.')
            && domain.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::classify;
    use crate::digest::SenderClass::{self, Batv, Null, Ordinary, Srs, Verp};

    #[test]
    fn published_forms_are_told_apart() {
        let cases: [(&str, SenderClass); 12] = [
            ("", Null),
            ("<>", Null),
            ("postmaster@fabrikam.com", Null),
            ("SRS0=HHH=TT=orig-domain.example=alice@forwarder.example", Srs),
            ("SRS1=HHH=other.example==HHH=TT=orig.example=alice@second.example", Srs),
            ("alice+SRS=Xy1Zz=AB=orig.example=alice@fabrikam.com", Srs),
            ("prvs=0123456789=alice@fabrikam.com", Batv),
            ("list-owner+bob=contoso.com@lists.example", Verp),
            ("bounce-77@mailer.example", Verp),
            ("alice@fabrikam.com", Ordinary),
            ("srs0nnenschein@fabrikam.com", Ordinary),
            ("a=b@fabrikam.com", Ordinary),
        ];
        for (address, class) in cases {
            assert_eq!(classify(address), class, "{address}");
        }
    }
}
