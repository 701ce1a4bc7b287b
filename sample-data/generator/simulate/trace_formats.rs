//! One morning of mail, printed as every message trace that can hold it: the samples below `sample-data/formats/`. All tell
//! of the same messages and recipients, so that the readers can be compared with that and with one another.

use super::connector::Kind;
use super::evidence::EvidenceFile;
use super::formats::text::Encoding;
use super::formats::{enhanced, hunting, message_trace, portal_lists, trace_detail, trace_json, tracking_log};
use super::message::{BLOCKED_CONNECTOR, Direction, Message, NO_SUCH_RECIPIENT, Outcome, Via};
use super::random::Random;
use super::time;

/// The connector that the mail of the morning came through.
pub const CONNECTOR: &str = "Inbound from HQ; 2nd floor";

/// Recipients of one message, each with what became of it there.
type Copies = &'static [(&'static str, Outcome)];

/// The morning's messages in order of time, a message to three recipients as three of them.
pub fn morning(seed: u64) -> Vec<Message> {
    const MESSAGES: [(&str, &str, &str, Direction, Copies); 6] = [
        (
            "news@fabrikam.com",
            "prize@brand.example",
            "91.219.236.10",
            Direction::Outbound,
            &[
                ("bob@contoso.com", Outcome::Delivered),
                ("eve@contoso.com", Outcome::Junked),
                ("gone@contoso.com", Outcome::Failed(NO_SUCH_RECIPIENT)),
            ],
        ),
        (
            "scanner@fabrikam.com",
            "scanner@fabrikam.com",
            "81.2.69.160",
            Direction::IntraOrg,
            &[("office@fabrikam.com", Outcome::Delivered)],
        ),
        (
            "news@fabrikam.com",
            "prize@brand.example",
            "91.219.236.10",
            Direction::Outbound,
            &[("ann@adatum.com", Outcome::Quarantined)],
        ),
        (
            "office@fabrikam.com",
            "office@fabrikam.com",
            "",
            Direction::Outbound,
            &[
                ("bob@contoso.com", Outcome::Delivered),
                ("ann@adatum.com", Outcome::Delivered),
            ],
        ),
        (
            "sales@northwind.example",
            "sales@northwind.example",
            "2001:db8::25",
            Direction::Inbound,
            &[("office@fabrikam.com", Outcome::Delivered)],
        ),
        (
            "news@fabrikam.com",
            "prize@brand.example",
            "91.219.236.10",
            Direction::Outbound,
            &[("carl@adatum.com", Outcome::Failed(BLOCKED_CONNECTOR))],
        ),
    ];
    let mut r = Random::new(seed).fork("trace formats");
    let mut all = Vec::new();
    for (at, (p1, p2, ip, direction, copies)) in (0..).zip(MESSAGES) {
        let (network_id, own) = (r.guid(), r.guid());
        for &(recipient, outcome) in copies {
            let unwanted = matches!(outcome, Outcome::Junked | Outcome::Quarantined);
            let through = !ip.is_empty() && direction != Direction::Inbound;
            all.push(Message {
                time: time::utc(2026, 4, 4, 7, 10 * at) + 250,
                network_id,
                internet_id: format!("<{}@mail.fabrikam.com>", at + 1),
                p1: p1.to_owned(),
                p2: p2.to_owned(),
                recipient: recipient.to_owned(),
                subject: format!("Invoice \"{at}\", second; reminder"),
                source_ip: ip.to_owned(),
                via: through.then(|| Via {
                    name: CONNECTOR.to_owned(),
                    kind: Kind::OnPremises,
                }),
                direction,
                outcome,
                threat: unwanted.then_some("Spam"),
                scl: if unwanted { 6 } else { 1 },
                sfv: if unwanted { "SPM" } else { "NSPM" },
                sender_object: ip.is_empty().then_some(own),
                size: 4711 + at.unsigned_abs(),
                outbound_ip: String::new(),
            });
        }
    }
    all
}

/// The samples, each below a folder of its format's name.
pub fn samples(seed: u64) -> Vec<EvidenceFile> {
    let messages = morning(seed);
    let all: Vec<&Message> = messages.iter().collect();
    let mut r = Random::new(seed).fork("trace formats' own");
    let file = |path: &str, encoding: Encoding, text: String| EvidenceFile {
        path: format!("formats/{path}"),
        bytes: encoding.encode(&text),
    };
    use Encoding::{Utf8, Utf8Bom, Utf16, Utf16Bom};
    vec![
        file("get_message_trace/V2.csv", Utf8Bom, message_trace::write_v2(&all)),
        file(
            "get_message_trace/V2.json",
            Utf8,
            trace_json::get_message_trace_v2(&all),
        ),
        file(
            "get_message_trace/V1-7.json",
            Utf8,
            trace_json::get_message_trace(&all, false),
        ),
        file(
            "get_message_trace/V1-5.1.json",
            Utf16Bom,
            trace_json::get_message_trace(&all, true),
        ),
        file("graph_message_trace/page.json", Utf8, trace_json::graph(&all)),
        file("historical_search_summary/MTSummary.csv", Utf16, enhanced::write(&all)),
        file(
            "get_message_trace_detail/Details.csv",
            Utf8Bom,
            trace_detail::write(&all),
        ),
        file("email_events/hunting.json", Utf8, hunting::email_events_json(&all)),
        file(
            "email_post_delivery_events/Purges.csv",
            Utf8Bom,
            hunting::post_delivery(&all),
        ),
        file("streamed_email_events/PT1H.json", Utf8, hunting::streamed(&all)),
        file("message_tracking_log/MSGTRK.LOG", Utf8, {
            let tenant = r.guid();
            tracking_log::write(&all, tenant, &mut r)
        }),
        file("threat_explorer/Export.csv", Utf8Bom, portal_lists::explorer(&all)),
        file(
            "admin_center_message_trace/Zone.csv",
            Utf8Bom,
            portal_lists::admin_center(&all, -7 * time::HOUR, Some("UTC-07:00")),
        ),
        file(
            "admin_center_message_trace/NoZone.csv",
            Utf8,
            portal_lists::admin_center(&all, 0, None),
        ),
    ]
}
