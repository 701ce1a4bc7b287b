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

/// The connector's mail in order of time. Where another connector bears one of its names too, only what came
/// while the name was this one's.
pub fn facts_of<'a>(case: &Case<'a>, connector: &Connector) -> Vec<&'a Fact> {
    let is_name = |c: &Connector, name: &str| c.names.iter().chain([&c.name]).any(|n| n.eq_ignore_ascii_case(name));
    let mut shared = Vec::new();
    let mut own = Vec::new();
    for (index, name) in case.digest.names.iter().enumerate() {
        if !is_name(connector, name) {
            continue;
        }
        let number = index as u32 + 1;
        match case.timeline.connectors.iter().filter(|c| is_name(c, name)).count() {
            0 | 1 => own.push(number),
            _ => shared.push((number, name)),
        }
    }
    let bore = |number: u32, time: Time| {
        shared.iter().any(|(n, name)| {
            *n == number
                && connector
                    .state_at(time)
                    .is_some_and(|s| s.exists && s.name.eq_ignore_ascii_case(name))
        })
    };
    let mut facts: Vec<&Fact> = case
        .digest
        .facts
        .iter()
        .filter(|f| f.connector != 0 && (own.contains(&f.connector) || bore(f.connector, f.time())))
        .collect();
    facts.sort_by_key(|f| (f.time, f.message, f.recipient));
    facts
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
        0 if reach::trace_speaks(case, from, to) && names_connectors(case) => Use::Unused,
        0 => Use::Unknown,
        n => Use::Used(n),
    }
}

/// Whether the trace names inbound connectors at all.
pub fn names_connectors(case: &Case) -> bool {
    case.digest.facts.iter().any(|f| f.connector != 0)
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
