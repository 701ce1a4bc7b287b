//! The same morning of mail in every message trace that can hold it, against what the generator says the morning was.

use std::collections::BTreeSet;
use std::path::PathBuf;

use relaytrail::digest::Flags;
use relaytrail::digest::hashes::{hash_message_id, hash_text};
use relaytrail::indicators::mail::completed;
use relaytrail::ingest::{Evidence, Options, ingest};
use relaytrail::settings::{Organization, Window};

#[path = "support/samples.rs"]
mod committed;
#[path = "support/exhibits.rs"]
mod exhibits;
#[path = "../sample-data/generator/simulate/mod.rs"]
mod simulate;

use simulate::evidence::{Layout, files as files_of};
use simulate::formats::{enhanced, hunting, portal_lists, trace_json};
use simulate::message::{Message, Outcome};
use simulate::setup::{Setup, Volume};
use simulate::world::World;
use simulate::{samples, tenant, trace_formats};

fn read(paths: &[PathBuf]) -> Evidence {
    ingest(paths, &Options::default()).expect("the sample is read")
}

/// What a file gave, as text: what the report says of it, and every message and recipient.
fn told(evidence: &Evidence) -> String {
    let text = exhibits::told(evidence);
    let digest = &evidence.digest;
    let name = |id: u32| digest.names.get(id).map_or("-", AsRef::as_ref).to_owned();
    let mut lines: Vec<String> = Vec::new();
    for message in digest
        .facts
        .lists()
        .flat_map(|l| l.chunk_by(|a, b| a.message == b.message))
    {
        for (_, f) in completed(message) {
            let source = digest.sources.get(f.source).map_or("-".to_owned(), ToString::to_string);
            lines.push(format!(
                "{} to {} from {source}, P1 {}{}, P2 {}, through {}{}, {:?} {:?} {:?}{}",
                f.time(),
                name(f.recipient_domain),
                name(f.p1_domain),
                if f.flags.has(Flags::SENDER_UNSURE) {
                    " (or P2)"
                } else {
                    ""
                },
                name(f.p2_domain),
                name(f.connector),
                f.connector_type()
                    .map_or(String::new(), |t| format!(" ({})", t.as_str())),
                f.status(),
                f.verdict(),
                f.code(),
                if f.flags.has(Flags::SUBMITTED_BY_USER) {
                    ", from a mailbox"
                } else {
                    ""
                },
            ));
        }
    }
    lines.sort();
    text + &lines.join("\n") + "\n"
}

/// Messages and recipients by their keys, with whether it was unwanted.
type Pairs = BTreeSet<(u64, u64)>;

fn truth(of: impl Fn(&Message) -> bool) -> Pairs {
    let messages = trace_formats::morning(samples::SEED);
    let pair = |m: &Message| {
        (
            hash_message_id(&m.network_id.to_string()),
            hash_text(&m.recipient).max(1),
        )
    };
    messages.iter().filter(|m| of(m)).map(pair).collect()
}

fn unwanted(message: &Message) -> bool {
    matches!(message.outcome, Outcome::Junked | Outcome::Quarantined)
}

/// The counted messages and recipients of evidence, all and the unwanted.
fn counted(evidence: &Evidence) -> (Pairs, Pairs) {
    let (mut all, mut spam) = (Pairs::new(), Pairs::new());
    for message in evidence
        .digest
        .facts
        .lists()
        .flat_map(|l| l.chunk_by(|a, b| a.message == b.message))
    {
        for (_, fact) in completed(message).filter(|(_, fact)| fact.rank() > 0) {
            all.insert((fact.message, fact.recipient));
            if fact.is_spam() {
                spam.insert((fact.message, fact.recipient));
            }
        }
    }
    (all, spam)
}

/// Reads every file of a format; where `rows` are of recipients with their network message id, holds it to the truth.
fn check(format: &str, kind: &str, is_whole: bool) -> String {
    let mut all = String::new();
    for path in committed::files(format) {
        let evidence = read(std::slice::from_ref(&path));
        let exhibit = &evidence.exhibits()[0];
        let name = path.display();
        assert_eq!(
            (exhibit.format.as_str(), exhibit.kind.as_str()),
            (format, kind),
            "{name}"
        );
        let sum = exhibit.accepted + exhibit.degraded + exhibit.duplicates + exhibit.rejected;
        assert_eq!(
            (exhibit.records, exhibit.rejected, exhibit.degraded),
            (sum, 0, 0),
            "{name}"
        );
        if is_whole {
            assert_eq!(counted(&evidence), (truth(|_| true), truth(unwanted)), "{name}");
        }
        all.push_str(&told(&evidence));
        all.push('\n');
    }
    all
}

macro_rules! formats {
    ($($format:ident $kind:literal $is_whole:literal),* $(,)?) => {$(
        #[test]
        fn $format() {
            insta::assert_snapshot!(stringify!($format), check(stringify!($format), $kind, $is_whole));
        }
    )*};
}

formats! {
    get_message_trace "message_trace" true,
    graph_message_trace "message_trace" true,
    historical_search_summary "message_trace" true,
    email_events "message_trace" true,
    streamed_email_events "message_trace" true,
    threat_explorer "message_trace" true,
    // It tells of messages whose recipients others name.
    get_message_trace_detail "message_trace_detail" false,
    // It tells of messages that others count.
    email_post_delivery_events "post_delivery" false,
    // Its events are those of the first recipient.
    message_tracking_log "message_trace" false,
    // Its rows have no network message id.
    admin_center_message_trace "message_trace" false,
}

#[test]
fn all_exports_together_tell_of_the_same_messages_and_recipients() {
    let evidence = read(&committed::files(""));
    let (all, spam) = counted(&evidence);
    assert_eq!(all, truth(|_| true));
    assert_eq!(spam, truth(unwanted));
    let rows: u64 = evidence.exhibits().iter().map(|e| e.records).sum();
    assert!(rows > 10 * all.len() as u64, "{rows} rows");
    // Four of them give the same times to the millisecond: three times nine rows are the same rows again.
    let same = ["graph_message_trace", "V1-5.1.json", "V1-7.json", "V2.json"];
    let exhibits = evidence.exhibits();
    let alike = exhibits
        .iter()
        .filter(|e| same.iter().any(|name| e.path.contains(name)));
    assert_eq!(alike.map(|e| e.duplicates).sum::<u64>(), 27);
}

/// Ten quiet days of a tenant in one trace and the snapshots: what each connector is said to have carried.
fn traffic(name: &str, write: impl Fn(&[&Message]) -> String) -> Vec<(String, u64, u64)> {
    let setup = Setup {
        profile: &tenant::FABRIKAM,
        start: (2026, 3, 2),
        days: 10,
        volume: Volume {
            headquarters: 16,
            branch: 6,
            partner: 2,
            cloud_out: 6,
            cloud_in: 7,
            user_events: 2,
            heartbeat: 24,
        },
        hybrid: false,
    };
    let mut world = World::quiet(setup, samples::SEED);
    let layout = Layout {
        traces: Vec::new(),
        ..Layout::whole()
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    simulate::case::write_files(folder.path(), &files_of(&mut world, &layout)).expect("the evidence is written");
    let messages: Vec<&Message> = world.messages.iter().collect();
    std::fs::write(folder.path().join(name), write(&messages)).expect("the trace is written");
    let report = relaytrail::analyze(
        &[folder.path().to_path_buf()],
        &Options::default(),
        &Organization::default(),
        Window::default(),
    )
    .expect("an analysis");
    let traffic = report.connectors.into_iter();
    traffic
        .map(|c| (c.name, c.traffic.messages, c.traffic.recipients))
        .collect()
}

#[test]
fn a_connector_carries_the_same_mail_whether_the_trace_names_it_or_not() {
    let named = traffic("EmailEvents.csv", simulate::formats::email_events::write);
    assert!(named.iter().any(|(_, messages, _)| *messages > 100), "{named:?}");
    let others = [
        ("Enhanced", traffic("a.csv", enhanced::write)),
        ("Explorer", traffic("a.csv", portal_lists::explorer)),
        ("Streamed", traffic("a.json", hunting::streamed)),
    ];
    for (name, found) in others {
        assert_eq!(found, named, "{name}");
    }
    // A partner that is known by its certificate may send from anywhere: no address ties its mail to its connector.
    let mut by_address = named;
    let partner = by_address.iter_mut().find(|(name, ..)| name.starts_with("Litware"));
    let (_, messages, recipients) = partner.expect("the partner's connector");
    (*messages, *recipients) = (0, 0);
    let unnamed = [
        ("V1", traffic("a.json", |m| trace_json::get_message_trace(m, false))),
        ("Graph", traffic("a.json", trace_json::graph)),
    ];
    for (name, found) in unnamed {
        assert_eq!(found, by_address, "{name}");
    }
}

#[test]
fn committed_samples_are_what_the_generator_makes() {
    let made = trace_formats::samples(samples::SEED).into_iter();
    committed::check_committed(made.map(|file| (file.path, file.bytes)));
}
