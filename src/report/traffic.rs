//! A connector's mail, and the messages to purge, as the report shows them.

mod compare;

use super::assemble::{Cites, Mail as Shown};
use super::model::{SuspectMessage, Top, Traffic, TrafficDay};
use super::words::{self, Again, Words};
use crate::digest::{Digest, Fact};
use crate::indicators::mail::{Mail, day_text};
use crate::indicators::{Case, State};
use crate::records::Time;
use crate::timeline::Cite;
use crate::verdict::{ConnectorJudgement, Judgement, Verdict};

/// A connector's days are listed one by one, those without mail too, up to so many.
const LONGEST_SPAN: usize = 400;
/// Days without mail that all connectors together may list.
const QUIET_DAYS: usize = 100_000;
/// In place of a source, sender or domain that no row gives.
const NOT_GIVEN: &str = "(not given)";

/// The traffic of every connector, and the suspect messages of those that stand at suspicious or worse.
pub fn show(case: &Case, judgement: &Judgement, cites: &Cites, files: &[Option<Again<'_>>]) -> Shown {
    let traffic = (0..case.timeline.connectors.len())
        .map(|index| of_connector(case, case.mail, index, files))
        .collect();
    let mut suspects = Vec::new();
    for (index, judged) in judgement.connectors.iter().enumerate() {
        if judged.verdict <= Verdict::Suspicious {
            suspects.extend(suspects_of(case, index, judged, cites, files));
        }
    }
    suspects.sort_by_key(|(place, _)| *place);
    Shown {
        traffic,
        suspects: suspects.into_iter().map(|(_, s)| s).collect(),
    }
}

fn of_connector(case: &Case, mail: &Mail, index: usize, files: &[Option<Again<'_>>]) -> Traffic {
    let Some(counted) = mail.connectors.get(index) else {
        return Traffic::default();
    };
    let digest = case.digest;
    let top_sources = counted.top_sources.iter().map(|t| Top {
        value: source(digest, &t.shown_by),
        place: digest
            .sources
            .get(t.shown_by.source)
            .and_then(|address| case.timeline.places.label(*address)),
        messages: t.messages,
        recipients: t.recipients,
    });
    let top_recipient_domains = counted.top_recipient_domains.iter().map(|t| Top {
        value: recipient_domain(digest, &t.shown_by),
        place: None,
        messages: t.messages,
        recipients: t.recipients,
    });
    let compared = compare::compare(case, index);
    // One reading of the files for all senders that are to be quoted.
    let mut shown: Vec<&Fact> = counted.top_senders.iter().map(|t| &t.shown_by).collect();
    shown.extend(compared.iter().flat_map(compare::Counted::senders));
    let mut senders = words::of(&shown, files);
    let comparison_senders = senders.split_off(counted.top_senders.len().min(senders.len()));
    let top_senders = counted.top_senders.iter().zip(senders).map(|(t, words)| Top {
        value: visible_sender(&words),
        place: None,
        messages: t.messages,
        recipients: t.recipients,
    });
    Traffic {
        messages: counted.messages,
        recipients: counted.recipients,
        attribution: Some(counted.attribution.clone()).filter(|a| !a.is_empty()),
        by_day: by_day(mail, index),
        top_sources: top_sources.collect(),
        top_senders: top_senders.collect(),
        top_recipient_domains: top_recipient_domains.collect(),
        comparison: compared.map(|c| c.show(digest, comparison_senders)),
    }
}

fn by_day(mail: &Mail, index: usize) -> Vec<TrafficDay> {
    let Some(counted) = mail.connectors.get(index) else {
        return Vec::new();
    };
    let expected = mail.expected(index);
    let held: Vec<usize> = counted.days.iter().map(|(day, _)| day).collect();
    let end = mail.days.len().checked_sub(1).filter(|end| expected(*end).is_some());
    let days = listed(&held, end, mail.connectors.len());
    let day = |day: usize| {
        let count = counted.days[day];
        Some(TrafficDay {
            day: day_text(mail.days.get(day)?.day),
            messages: count.messages,
            recipients: count.recipients,
            spam: count.spam,
            expected: expected(day),
        })
    };
    days.into_iter().filter_map(day).collect()
}

/// The days to list: those with mail (`held`, ascending) and, where that is no longer than all connectors together
/// leave room for, those without from the first with mail on: to `end`, up to which some mail was to be expected.
fn listed(held: &[usize], end: Option<usize>, connectors: usize) -> Vec<usize> {
    let (Some(&first), Some(&last)) = (held.first(), held.last()) else {
        return Vec::new();
    };
    let end = end.map_or(last, |end| end.max(last));
    let room = (QUIET_DAYS / connectors.max(1)).min(LONGEST_SPAN);
    if end - first < room {
        (first..=end).collect()
    } else {
        held.to_vec()
    }
}

/// The sender as people see it: P2, else P1, else what the export calls sender.
fn visible_sender(words: &Words) -> String {
    let sender = words.p2.as_ref().or(words.p1.as_ref()).or(words.sender.as_ref());
    sender.map_or_else(|| NOT_GIVEN.into(), |s| s.to_lowercase())
}

fn source(digest: &Digest, fact: &Fact) -> String {
    let source = digest.sources.get(fact.source);
    source.map_or_else(|| NOT_GIVEN.into(), ToString::to_string)
}

fn recipient_domain(digest: &Digest, fact: &Fact) -> String {
    let domain = digest.names.get(fact.recipient_domain);
    domain.map_or_else(|| NOT_GIVEN.into(), ToString::to_string)
}

fn suspects_of(
    case: &Case,
    index: usize,
    judged: &ConnectorJudgement,
    cites: &Cites,
    files: &[Option<Again<'_>>],
) -> Vec<((Time, crate::records::Origin), SuspectMessage)> {
    let unexpected = judged
        .findings
        .iter()
        .any(|f| f.id == "unexpected_connector" && f.state == State::Supported);
    let suspects = case.mail.suspects(index, unexpected);
    let facts: Vec<&Fact> = suspects.iter().map(|s| s.fact).collect();
    let words = words::of(&facts, files);
    let name = case
        .timeline
        .connectors
        .get(index)
        .map(|c| c.name.clone())
        .unwrap_or_default();
    suspects
        .iter()
        .zip(words)
        .map(|(suspect, words)| {
            let fact = suspect.fact;
            let (time, origin) = (fact.time(), fact.origin());
            let message = SuspectMessage {
                time: time.to_string(),
                network_message_id: words.network_message_id,
                message_id: words.message_id,
                recipient: words.recipient,
                p1: words.p1.or(words.sender),
                p2: words.p2,
                source: case.digest.sources.get(fact.source).map(ToString::to_string),
                connector: name.clone(),
                why: suspect.why.clone(),
                citation: cites.cite(&Cite { time, origin, id: None }),
            };
            ((time, origin), message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_mail_are_listed_within_the_time_with_mail_and_as_long_as_mail_was_expected() {
        assert_eq!(listed(&[2, 5], None, 1), [2, 3, 4, 5]);
        assert_eq!(listed(&[2, 5], Some(7), 1), [2, 3, 4, 5, 6, 7]);
        assert!(listed(&[], Some(7), 1).is_empty());
    }

    #[test]
    fn of_a_long_time_or_very_many_connectors_only_days_with_mail_are_listed() {
        assert_eq!(listed(&[0, 399], None, 1).len(), 400);
        assert_eq!(listed(&[0, 400], None, 1), [0, 400]);
        // 2 000 connectors leave room for 50 days each.
        assert_eq!(listed(&[0, 49], None, 2_000).len(), 50);
        assert_eq!(listed(&[0, 3], Some(50), 2_000), [0, 3]);
    }
}
