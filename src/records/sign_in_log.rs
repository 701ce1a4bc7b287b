//! What the exports of Entra's sign-in logs share: from their fields to a sign-in.

use std::borrow::Cow;

use super::scan::{Token, values};
use super::{Factor, Origin, Record, RecordId, Risk, SignIn, SignInDetails, SignInKind, Time, address};
use crate::evidence::Fate;
use crate::evidence::Reason;

/// The fields of one row, as written.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Or why there is none.
    pub(super) time: Result<Time, Reason>,
    pub(super) id: Cow<'a, str>,
    /// Names of who signed in, the best first: the UPN of a user, the application of a service principal.
    pub(super) account: Cow<'a, str>,
    pub(super) address: Cow<'a, str>,
    pub(super) agent: Cow<'a, str>,
    pub(super) session: Cow<'a, str>,
    /// The error number, or a word: `0`, `50126`, `Success`, `Failure`, `Interrupted`.
    pub(super) outcome: Cow<'a, str>,
    pub(super) kind: SignInKind,
    pub(super) app: Cow<'a, str>,
    pub(super) city: Cow<'a, str>,
    pub(super) country: Cow<'a, str>,
    pub(super) risk: Risk,
    pub(super) factor: Factor,
    pub(super) legacy: bool,
}

impl Row<'_> {
    /// Hands on the sign-in; `damage` is what is wrong with the row.
    pub(super) fn hand_on(self, damage: Option<Reason>, _origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let time = match self.time {
            Ok(time) => time,
            Err(reason) => return Fate::Rejected(reason),
        };
        if self.account.trim().is_empty() {
            return Fate::Rejected(Reason::NoName);
        }
        out(Record::SignIn(SignIn {
            time,
            id: RecordId::of(&self.id),
            account: self.account,
            address: address::ip(&self.address),
            agent: self.agent,
            session: self.session,
            succeeded: succeeded(&self.outcome),
            complete: damage.is_none(),
            from_audit_log: false,
            operation: Cow::Borrowed(""),
            result_count: None,
            details: SignInDetails {
                kind: self.kind,
                app: self.app,
                city: self.city,
                country: self.country,
                risk: self.risk,
                factor: self.factor,
                legacy: self.legacy,
            },
        }));
        damage.map_or(Fate::Accepted, Fate::Degraded)
    }
}

/// Whether the account got in. 50140 asks whether to stay signed in, which is asked of someone who is; the audit log
/// has it as UserLoggedIn. Every other interruption had no token to show for it.
fn succeeded(outcome: &str) -> bool {
    let outcome = outcome.trim();
    matches!(outcome, "0" | "50140") || outcome.eq_ignore_ascii_case("success")
}

/// The risk of a sign-in from its levels, worst of those that count, and its state. `hidden` stands where the tenant has
/// no licence to see it.
pub(super) fn risk(levels: [&str; 2], state: &str) -> Risk {
    let is = |text: &str, word: &str| text.trim().eq_ignore_ascii_case(word);
    let level = |text: &str| match text {
        t if is(t, "high") => Risk::High,
        t if is(t, "medium") => Risk::Medium,
        t if is(t, "low") => Risk::Low,
        t if is(t, "none") => Risk::None,
        _ => Risk::Unknown,
    };
    let [during, aggregated] = levels.map(level);
    let worst = during.max(aggregated);
    match state {
        s if is(s, "confirmedCompromised") => Risk::Confirmed,
        // Someone looked at it and settled it.
        s if is(s, "confirmedSafe") || is(s, "dismissed") => Risk::None,
        s if is(s, "none") => worst.max(Risk::None),
        _ => worst,
    }
}

/// `multiFactorAuthentication`, `Single-factor authentication`.
pub(super) fn factor(text: &str) -> Factor {
    let begins = |word: &str| {
        text.trim()
            .get(..word.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(word))
    };
    if begins("multi") {
        Factor::Several
    } else if begins("single") {
        Factor::One
    } else {
        Factor::Unknown
    }
}

/// Clients that know nothing of a second factor, as `clientAppUsed` names them (Microsoft, Sign-in logs: client app).
pub(super) fn is_legacy(client: &str) -> bool {
    const LEGACY: [&str; 9] = [
        "imap",
        "pop",
        "smtp",
        "exchange activesync",
        "autodiscover",
        "mapi",
        "exchange web services",
        "offline address book",
        "other clients",
    ];
    let client = client.trim().to_ascii_lowercase();
    LEGACY.iter().any(|name| client.contains(name))
}

/// City and country of an object, or of its JSON text, under Graph's names.
pub(super) fn place<'a>(location: &'a Token<'a>, text: &'a str) -> (Cow<'a, str>, Cow<'a, str>) {
    let inside = if location.is_object() {
        *location
    } else {
        Token::plain(text.as_bytes())
    };
    let [city, country] = values(inside, ["city", "countryOrRegion"]);
    (city.text(), country.text())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{factor, is_legacy, risk, succeeded};
    use crate::records::{Factor, Risk};

    #[test_case("0", true)]
    #[test_case("Success", true)]
    #[test_case("50140", true; "asked whether to stay signed in")]
    #[test_case("50126", false)]
    #[test_case("Interrupted", false)]
    #[test_case("", false)]
    fn gets_in(outcome: &str, expected: bool) {
        assert_eq!(succeeded(outcome), expected);
    }

    #[test_case(["high", "none"], "atRisk", Risk::High)]
    #[test_case(["none", "medium"], "atRisk", Risk::Medium; "raised later")]
    #[test_case(["low", "low"], "confirmedCompromised", Risk::Confirmed)]
    #[test_case(["high", "high"], "dismissed", Risk::None)]
    #[test_case(["hidden", "hidden"], "none", Risk::None)]
    #[test_case(["hidden", "hidden"], "", Risk::Unknown; "no licence")]
    fn weighs(levels: [&str; 2], state: &str, expected: Risk) {
        assert_eq!(risk(levels, state), expected);
    }

    #[test]
    fn factors_and_clients_are_told_by_either_spelling() {
        assert_eq!(factor("multiFactorAuthentication"), Factor::Several);
        assert_eq!(factor("Single-factor authentication"), Factor::One);
        assert_eq!(factor(""), Factor::Unknown);
        assert!(is_legacy("Authenticated SMTP") && is_legacy("IMAP4") && !is_legacy("Browser"));
    }
}
