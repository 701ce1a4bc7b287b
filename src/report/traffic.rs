//! A connector's mail, and the messages to purge, as the report shows them.

use super::assemble::{Cites, Mail as Shown};
use super::model::{SuspectMessage, Top, Traffic, TrafficDay};
use super::words::{self, Again, Words};
use crate::digest::Fact;
use crate::indicators::mail::{Mail, day_text};
use crate::indicators::{Case, State};
use crate::records::Time;
use crate::timeline::Cite;
use crate::verdict::{ConnectorJudgement, Judgement, Verdict};

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
    let expected = mail.expected(index);
    let by_day = mail
        .days
        .iter()
        .zip(&counted.days)
        .enumerate()
        .map(|(i, (tenant, day))| TrafficDay {
            day: day_text(tenant.day),
            messages: day.messages,
            recipients: day.recipients,
            spam: day.spam,
            expected: expected.get(i).copied().flatten(),
        })
        .collect();
    let digest = case.digest;
    let top_sources = counted.top_sources.iter().map(|t| Top {
        value: digest
            .sources
            .get(t.shown_by.source)
            .map_or_else(|| "(not given)".into(), ToString::to_string),
        messages: t.messages,
        recipients: t.recipients,
    });
    let top_recipient_domains = counted.top_recipient_domains.iter().map(|t| Top {
        value: digest
            .names
            .get(t.shown_by.recipient_domain)
            .map_or_else(|| "(not given)".into(), ToString::to_string),
        messages: t.messages,
        recipients: t.recipients,
    });
    let shown: Vec<&Fact> = counted.top_senders.iter().map(|t| &t.shown_by).collect();
    let senders = words::of(&shown, files);
    let top_senders = counted.top_senders.iter().zip(senders).map(|(t, words)| Top {
        value: visible_sender(&words).unwrap_or_else(|| "(not given)".into()),
        messages: t.messages,
        recipients: t.recipients,
    });
    Traffic {
        messages: counted.messages,
        recipients: counted.recipients,
        attribution: Some(counted.attribution.clone()).filter(|a| !a.is_empty()),
        by_day,
        top_sources: top_sources.collect(),
        top_senders: top_senders.collect(),
        top_recipient_domains: top_recipient_domains.collect(),
    }
}

/// The sender as people see it: P2, else P1, else what the export calls sender.
fn visible_sender(words: &Words) -> Option<String> {
    words
        .p2
        .clone()
        .or_else(|| words.p1.clone())
        .or_else(|| words.sender.clone())
        .map(|s| s.to_lowercase())
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
