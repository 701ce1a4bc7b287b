//! Whether a connector was used: its mail, as far as the trace names the connector.

use crate::digest::Fact;
use crate::records::{SmtpCode, Time};
use crate::timeline::{Cite, Connector};

use super::{Case, reach};

/// What the trace says of a connector's use in some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// So many messages.
    Used(usize),
    /// The trace speaks of the time, names connectors, and shows none of this one's mail.
    Unused,
    /// The trace does not speak of the time, or names no connector at all.
    Unknown,
}

/// The connector's mail in order of time, however it was tied to it.
pub fn facts_of<'a>(case: &Case<'a>, connector: &Connector) -> Vec<&'a Fact> {
    let Some(index) = place(case, connector) else {
        return Vec::new();
    };
    case.mail.of(index).iter().map(|seen| &seen.fact).collect()
}

/// The connector's index on the timeline.
pub fn place(case: &Case, connector: &Connector) -> Option<usize> {
    case.timeline.connectors.iter().position(|c| std::ptr::eq(c, connector))
}

/// The connector's mail from `from` to `to`, both included.
pub fn used_between<'a>(case: &Case<'a>, connector: &Connector, from: Time, to: Time) -> Vec<&'a Fact> {
    let mut facts = facts_of(case, connector);
    facts.retain(|f| f.time() >= from && f.time() <= to);
    facts
}

/// The connector's mail within the time looked at.
pub fn in_window<'a>(case: &Case<'a>, connector: &Connector) -> Vec<&'a Fact> {
    let mut facts = facts_of(case, connector);
    facts.retain(|f| case.window.contains(f.time()));
    facts
}

/// Whether the connector let mail through from `from` to `to`: what Microsoft turned away as coming from a bad
/// connector is no use of it.
pub fn use_between(case: &Case, connector: &Connector, from: Time, to: Time) -> Use {
    let mut facts = used_between(case, connector, from, to);
    facts.retain(|f| f.code() != SmtpCode::BadInboundConnector);
    match messages(&facts) {
        0 if reach::trace_speaks(case, from, to) && is_attributable(case, connector) => Use::Unused,
        0 => Use::Unknown,
        n => Use::Used(n),
    }
}

/// Whether mail of this connector could be told in the trace: it names connectors, or this one lists addresses.
pub fn is_attributable(case: &Case, connector: &Connector) -> bool {
    place(case, connector)
        .and_then(|i| case.mail.connectors.get(i))
        .is_some_and(|m| m.attributable)
}

/// Distinct messages.
pub fn messages(facts: &[&Fact]) -> usize {
    let mut messages: Vec<u64> = facts.iter().map(|f| f.message).collect();
    messages.sort_unstable();
    messages.dedup();
    messages.len()
}

/// The rows behind mail.
pub fn cites(facts: &[&Fact]) -> Vec<Cite> {
    facts
        .iter()
        .map(|f| Cite {
            time: f.time(),
            origin: f.origin(),
            id: None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, at};
    use super::*;
    use crate::timeline::State;

    #[test]
    fn mail_under_a_name_that_two_connectors_bore_belongs_to_the_one_that_bore_it_then() {
        let mut f = Fixture::complete();
        for (from, exists) in [("01T00:00", true), ("10T00:00", false)] {
            f.connector("Relay").states.push(State {
                from: Some(at(from)),
                name: "Relay".to_owned(),
                exists,
                ..State::default()
            });
        }
        f.connector("Second").names.insert(0, "relay".to_owned());
        f.connector("Second").states.push(State {
            from: Some(at("12T00:00")),
            name: "relay".to_owned(),
            exists: true,
            ..State::default()
        });
        f.mail("Relay", "05T00:00");
        f.mail("Relay", "20T00:00");
        let times = |name: &str| -> Vec<Time> { facts_of(&f.case(), f.get(name)).iter().map(|x| x.time()).collect() };
        assert_eq!(times("Relay"), [at("05T00:00")]);
        assert_eq!(times("Second"), [at("20T00:00")]);
    }

    #[test]
    fn no_mail_means_unused_only_where_the_trace_names_connectors() {
        let mut f = Fixture::complete();
        f.connector("Relay");
        let between = |f: &Fixture| use_between(&f.case(), f.get("Relay"), at("05T00:00"), at("06T00:00"));
        assert_eq!(between(&f), Use::Unknown);
        f.mail("Other", "05T12:00");
        assert_eq!(between(&f), Use::Unused);
        f.mail("Relay", "05T12:00");
        assert_eq!(between(&f), Use::Used(1));
    }
}
