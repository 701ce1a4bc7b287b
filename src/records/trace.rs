//! What all message traces share: status words, SMTP replies, and what makes a row placeable.

use std::borrow::Cow;

use super::{Record, SmtpCode, Status, TraceRow};
use crate::evidence::{Fate, Reason};

/// Status words of Get-MessageTrace(V2), Graph and the admin centre, in lower case and without spaces.
const STATUSES: [(&str, Status); 8] = [
    ("gettingstatus", Status::Pending),
    ("pending", Status::Pending),
    ("expanded", Status::Expanded),
    // An alias hop; undocumented, and often half of all rows.
    ("resolved", Status::Expanded),
    ("delivered", Status::Delivered),
    ("failed", Status::Failed),
    // The documents disagree on what then became of the mail; that the filter called it spam they all say.
    ("filteredasspam", Status::Junk),
    ("quarantined", Status::Quarantined),
];

/// A status word, whatever export spells it.
pub(super) fn status(word: &str) -> Status {
    known(word).map_or(Status::Unknown, |(_, status)| status)
}

/// A status word in one spelling for all exports, so that a row of one is the same as that of another; an unknown one
/// as it is written.
pub(super) fn status_word(word: Cow<'_, str>) -> Cow<'_, str> {
    known(&word).map_or(word, |(name, _)| Cow::Borrowed(name))
}

fn known(word: &str) -> Option<(&'static str, Status)> {
    // Most exports write it as one word.
    if let Some(known) = STATUSES.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
        return Some(known);
    }
    let letters = || {
        word.bytes()
            .filter(|c| !c.is_ascii_whitespace())
            .map(|c| c.to_ascii_lowercase())
    };
    STATUSES.into_iter().find(|(name, _)| name.bytes().eq(letters()))
}

/// The enhanced status code that tells most in an SMTP text. Meanings: Microsoft's NDR pages (5.1.1 to 5.7.750).
pub(super) fn smtp_code(text: &str) -> SmtpCode {
    let mut found = SmtpCode::None;
    let bytes = text.as_bytes();
    for at in memchr::memmem::find_iter(bytes, b"5.") {
        let starts = at
            .checked_sub(1)
            .and_then(|before| bytes.get(before))
            .is_none_or(|c| !matches!(c, b'0'..=b'9' | b'.'));
        let code = bytes.get(at..).unwrap_or_default();
        let end = code
            .iter()
            .position(|c| !matches!(c, b'0'..=b'9' | b'.'))
            .unwrap_or(code.len());
        let code = code.get(..end).unwrap_or_default();
        if starts {
            found = found.max(match code.strip_suffix(b".").unwrap_or(code) {
                b"5.1.1" | b"5.1.10" => SmtpCode::NoSuchRecipient,
                b"5.7.708" => SmtpCode::LowReputation,
                b"5.7.64" => SmtpCode::RelayDenied,
                b"5.7.232" | b"5.7.233" => SmtpCode::RecipientLimit,
                b"5.7.750" => SmtpCode::UnregisteredDomain,
                b"5.7.705" => SmtpCode::TenantThreshold,
                b"5.7.711" => SmtpCode::BadInboundConnector,
                _ => SmtpCode::None,
            });
        }
    }
    found
}

/// Whether a hop's connector is one that the tenant made: no `SERVER\connector` of the service's own servers, and
/// none of its default names.
pub(super) fn is_tenant_connector(name: &str) -> bool {
    const DEFAULTS: [&str; 5] = [
        "opportunistictls",
        "intra-organization",
        "inbound proxy",
        "client proxy",
        "default frontend",
    ];
    let lower = name.to_ascii_lowercase();
    !name.is_empty() && !name.contains('\\') && !DEFAULTS.iter().any(|default| lower.contains(default))
}

/// Hands on a row, unless nothing in it says which message it speaks of.
pub(super) fn hand_on(row: &TraceRow<'_>, damage: Option<Reason>, out: &mut dyn FnMut(Record<'_>)) -> Fate {
    let sender = [&row.p1, &row.p2, &row.sender]
        .into_iter()
        .flatten()
        .any(|s| !s.is_empty());
    let placeable =
        sender || !row.network_message_id.is_empty() || !row.message_id.is_empty() || !row.recipients.is_empty();
    if !placeable {
        return Fate::Rejected(Reason::NothingToPlace);
    }
    out(Record::Trace(row));
    damage.map_or(Fate::Accepted, Fate::Degraded)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{smtp_code, status};
    use crate::records::{SmtpCode, Status};

    #[test_case("Delivered", Status::Delivered)]
    #[test_case("filteredAsSpam", Status::Junk; "as Graph spells it")]
    #[test_case("Filtered as spam", Status::Junk; "as the admin centre spells it")]
    #[test_case("Getting status", Status::Pending)]
    #[test_case("Resolved", Status::Expanded)]
    #[test_case("None", Status::Unknown)]
    #[test_case("", Status::Unknown; "no word")]
    fn reads_status_words(word: &str, expected: Status) {
        assert_eq!(status(word), expected);
    }

    #[test_case(
        "550 5.7.711 Access denied, bad inbound connector. AS(2204).",
        SmtpCode::BadInboundConnector
    )]
    #[test_case("550;5.7.64 TenantAttribution; Relay Access Denied", SmtpCode::RelayDenied)]
    #[test_case(
        "[{LED=550 5.1.10 RESOLVER.ADR.RecipientNotFound};{MSG=}]",
        SmtpCode::NoSuchRecipient
    )]
    #[test_case("550 5.1.1", SmtpCode::NoSuchRecipient; "at the end")]
    #[test_case("550 5.7.750.", SmtpCode::UnregisteredDomain; "before a full stop")]
    #[test_case("15.7.711", SmtpCode::None; "within a longer number")]
    #[test_case("5.7.7110", SmtpCode::None; "longer")]
    #[test_case("250 2.1.5 Recipient OK", SmtpCode::None; "none of them")]
    #[test_case("550 5.1.1 after 5.7.705", SmtpCode::TenantThreshold; "the one that tells more")]
    fn reads_smtp_codes(text: &str, expected: SmtpCode) {
        assert_eq!(smtp_code(text), expected);
    }
}
