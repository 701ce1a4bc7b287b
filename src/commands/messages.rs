//! `relaytrail messages`: the trace rows that match, from whatever export they came, as CSV on standard output.

use std::io::Write;

use ipnet::IpNet;

use crate::cli::Messages;
use crate::digest::Fact;
use crate::error::Error;
use crate::indicators::mail::{Mail, Seen, completed};
use crate::ingest::{Evidence, ingest};
use crate::records::{Kind, address};
use crate::report::csv::neutral;
use crate::report::words::{self, Words};
use crate::settings::{self, Window};
use crate::timeline::{self, Timeline};

/// Messages whose words are read again in one go.
const BATCH: usize = 10_000;

/// What to look for; everything given must hold.
struct Filter {
    window: Window,
    net: Option<IpNet>,
    /// Number of the domain among the digest's names; `Some(0)` is a domain that no message has.
    sender: Option<u32>,
    recipient: Option<u32>,
    spam: bool,
}

/// Prints the matching messages in order of time.
///
/// # Errors
/// When an option cannot be understood, the evidence cannot be read, or standard output is gone.
pub fn run(args: &Messages, out: &mut dyn Write) -> Result<(), Error> {
    let (organization, window) = super::settings(&args.evidence, Some(&args.span))?;
    let net = match args.ip.as_deref() {
        None => None,
        Some(text) => Some(settings::network(text).ok_or_else(|| {
            Error::Usage(format!(
                "--ip {text}: neither an address nor a network such as 203.0.113.0/24"
            ))
        })?),
    };
    let evidence = ingest(&args.evidence.paths, &super::options(&args.evidence)?)?;
    super::warn(&evidence);
    evidence.check_recognised()?;
    if !evidence
        .exhibits()
        .iter()
        .any(|e| e.kind == Kind::MessageTrace.as_str())
    {
        anstream::eprintln!("warning: none of the files is a message trace, so there are no messages to show");
    }
    let timeline = timeline::build(&evidence.digest, &organization);
    let domain = |d: &Option<String>| {
        d.as_deref().map(|d| {
            evidence
                .digest
                .names
                .find(address::domain(d.trim_start_matches('@')).as_ref())
                .unwrap_or(0)
        })
    };
    let filter = Filter {
        window,
        net,
        sender: domain(&args.sender_domain),
        recipient: domain(&args.recipient_domain),
        spam: args.spam,
    };
    // Mail is counted over all time here: the window bounds what is shown.
    let mail = Mail::count_within(
        evidence.digest.facts.clone(),
        &evidence.digest,
        &timeline,
        &evidence.coverage,
        &organization,
        Window::default(),
        evidence.spill.as_ref(),
    )
    .map_err(|e| Error::Internal(e.to_string()))?;
    evidence.check_spilled()?;
    let seen: Vec<&Seen> = (0..timeline.connectors.len()).flat_map(|i| mail.of(i)).collect();
    let mut facts: Vec<(Option<u32>, Fact)> = match args.connector.as_deref() {
        Some(name) => {
            if !timeline.connectors.iter().any(|c| super::is_called(c, name)) {
                return Err(super::no_such_connector(&timeline, name));
            }
            let wanted = |s: &&&Seen| {
                timeline
                    .connectors
                    .get(s.connector() as usize)
                    .is_some_and(|c| super::is_called(c, name))
            };
            seen.iter()
                .filter(wanted)
                .map(|s| (Some(s.connector()), s.fact))
                .filter(|(_, fact)| filter.matches(fact, &evidence))
                .collect()
        }
        None => {
            let tied: std::collections::HashMap<(u64, u64), u32> = seen
                .iter()
                .map(|s| ((s.fact.message, s.fact.recipient), s.connector()))
                .collect();
            let of = |f: &Fact| tied.get(&(f.message, f.recipient)).copied();
            // As the indicators see it: what the row of the whole message lends belongs to each of its recipients.
            let lists = evidence.digest.facts.lists();
            let messages = lists.flat_map(|list| list.chunk_by(|a, b| a.message == b.message));
            messages
                .flat_map(|message| completed(message).map(|(_, fact)| fact))
                .filter(|fact| filter.matches(fact, &evidence))
                .map(|fact| (of(&fact), fact))
                .collect()
        }
    };
    facts.sort_by_key(|(_, fact)| (fact.time, fact.origin(), fact.recipient));
    write(&facts, &evidence, &timeline, out)?;
    evidence.check_unchanged()
}

impl Filter {
    fn matches(&self, fact: &Fact, evidence: &Evidence) -> bool {
        self.window.contains(fact.time())
            && self.net.is_none_or(|net| {
                evidence
                    .digest
                    .sources
                    .get(fact.source)
                    .is_some_and(|ip| net.contains(ip))
            })
            && self
                .sender
                .is_none_or(|d| d != 0 && (fact.p1_domain == d || fact.p2_domain == d))
            && self.recipient.is_none_or(|d| d != 0 && fact.recipient_domain == d)
            && (!self.spam || fact.is_spam())
    }
}

fn write(
    facts: &[(Option<u32>, Fact)],
    evidence: &Evidence,
    timeline: &Timeline,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let broken = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => Error::Output(e),
        kind => Error::Internal(format!("{kind:?}")),
    };
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "time",
        "network_message_id",
        "message_id",
        "recipient",
        "p1",
        "p2",
        "subject",
        "source",
        "connector",
        "status",
        "spam",
        "path",
        "record",
        "byte_offset",
    ])
    .map_err(broken)?;
    let (paths, files) = (evidence.paths(), evidence.again());
    for batch in facts.chunks(BATCH) {
        let list: Vec<&Fact> = batch.iter().map(|(_, f)| f).collect();
        for ((connector, fact), words) in batch.iter().zip(words::of(&list, &files)) {
            let Words {
                network_message_id,
                message_id,
                recipient,
                p1,
                p2,
                sender,
                subject,
            } = words;
            let origin = fact.origin();
            let text = |t: Option<String>| neutral(&t.unwrap_or_default());
            let connector = connector
                .and_then(|c| timeline.connectors.get(c as usize))
                .map(|c| c.name.clone());
            csv.write_record([
                fact.time().to_string(),
                text(network_message_id),
                text(message_id),
                text(recipient),
                text(p1.or(sender)),
                text(p2),
                text(subject),
                evidence
                    .digest
                    .sources
                    .get(fact.source)
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                text(connector),
                format!("{:?}", fact.status()).to_lowercase(),
                if !fact.spam_known() {
                    ""
                } else if fact.is_spam() {
                    "yes"
                } else {
                    "no"
                }
                .to_owned(),
                text(paths.get(origin.file as usize).cloned()),
                origin.record.to_string(),
                origin.offset.to_string(),
            ])
            .map_err(broken)?;
        }
    }
    csv.flush()?;
    Ok(())
}
