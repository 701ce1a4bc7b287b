//! A historical search with message events (Extended): 27 columns, several tracking events a message, in no order.

use super::super::message::{Direction, Message, Outcome};
use super::super::random::{Guid, Random};
use super::super::time::{self, Millis};
use super::text::{Quotes, Table};

/// The columns in the order of the export.
pub const HEADER: [&str; 27] = [
    "date_time_utc",
    "client_ip",
    "client_hostname",
    "server_ip",
    "server_hostname",
    "source_context",
    "connector_id",
    "source",
    "event_id",
    "internal_message_id",
    "message_id",
    "network_message_id",
    "recipient_address",
    "recipient_status",
    "total_bytes",
    "recipient_count",
    "related_recipient_address",
    "reference",
    "message_subject",
    "sender_address",
    "return_path",
    "message_info",
    "directionality",
    "tenant_id",
    "original_client_ip",
    "original_server_ip",
    "custom_data",
];

/// What differs between the events of one message.
#[derive(Default)]
struct Event {
    time: Millis,
    client_ip: String,
    server_ip: &'static str,
    context: String,
    connector: String,
    source: &'static str,
    id: &'static str,
    status: String,
    related: String,
    reference: String,
    custom: String,
}

/// The spam filter's entry. Keys repeat and values may be empty, as in real files.
fn filter_entry(message: &Message, r: &mut Random) -> String {
    let direction = match message.direction {
        Direction::Inbound => "INB",
        Direction::Outbound => "OUT",
        Direction::IntraOrg => "INT",
    };
    let disposition = match message.outcome {
        Outcome::Junked => "SJ",
        Outcome::Quarantined => "SQ",
        _ => "SO",
    };
    format!(
        "S:SFA=SUM|SFV={}|IPV=NLI|SRV=|SFS=({})|SFS=({})|SCL={}|SCORE={}|LIST=0|DI={disposition}|RD=mail|H=mail|CIP={}|DIR={direction}|CTRY=|LANG=en|LAT={}|LAT={};S:CompCost=|ETR=0;",
        message.sfv,
        r.between(13_230_000, 13_239_999),
        r.between(4_636_000, 4_636_999),
        message.scl,
        if message.scl >= 5 { r.between(40, 99) } else { 0 },
        message.source_ip,
        r.between(20, 400),
        r.between(1, 20),
    )
}

fn receive_entry(message: &Message, r: &mut Random) -> String {
    let hop = format!(
        "S:ProxyHop1=AM0PR04MB{}.eurprd04.prod.outlook.com({});",
        r.between(1000, 9999),
        message.source_ip
    );
    let connector = message.via.as_ref().map_or(String::new(), |via| {
        format!(
            "S:InboundConnectorData=Name={};ConnectorType={};",
            via.name,
            via.kind.name()
        )
    });
    let p1 = if message.p1.is_empty() { "<>" } else { &message.p1 };
    format!(
        "{hop}{connector}S:tlsversion=TLS1_2;S:OriginalFromAddress={p1};S:FromEntity=Internet;S:FirstForestHop=AM0PR04MB1.eurprd04.prod.outlook.com"
    )
}

fn events(message: &Message, r: &mut Random) -> Vec<Event> {
    let at = |ms: Millis| message.time + ms;
    let server_ip = "2603:10a6:208:a1::23";
    let mut all = Vec::new();
    if message.source_ip.is_empty() {
        all.push(Event {
            time: at(0),
            source: "STOREDRIVER",
            id: "RECEIVE",
            custom: "S:FromEntity=Hosted".to_owned(),
            ..Event::default()
        });
        all.push(Event {
            time: at(40),
            source: "STOREDRIVER",
            id: "SUBMIT",
            context: format!("MDB:{}, Mailbox:{}", r.guid(), r.guid()),
            ..Event::default()
        });
    } else {
        all.push(Event {
            time: at(0),
            client_ip: message.source_ip.clone(),
            server_ip,
            connector: message.connector().to_owned(),
            source: "SMTP",
            id: "RECEIVE",
            custom: receive_entry(message, r),
            ..Event::default()
        });
    }
    all.push(Event {
        time: at(180),
        source: "AGENT",
        id: "AGENTINFO",
        custom: filter_entry(message, r),
        ..Event::default()
    });
    for extra in 0..[0, 0, 0, 1, 2, 5][r.index(6)] {
        let (source, id) = *r.pick(&[
            ("ROUTING", "RESOLVE"),
            ("SMTP", "TRANSFER"),
            ("QUEUE", "DEFER"),
            ("AGENT", "AGENTINFO"),
        ]);
        let custom = if id == "AGENTINFO" {
            "S:PCFA=SUM|dir=in|dis=0;S:TRA=ETR|mode=Enforce".to_owned()
        } else {
            String::new()
        };
        all.push(Event {
            time: at(200 + 10 * extra),
            source,
            id,
            custom,
            ..Event::default()
        });
    }
    let last = at(r.between(700, 6000));
    all.push(match (message.outcome, message.direction) {
        (Outcome::Failed(status), _) => Event {
            time: last,
            source: "ROUTING",
            id: "FAIL",
            status: status.to_owned(),
            ..Event::default()
        },
        (Outcome::Quarantined, _) => Event {
            time: last,
            source: "AGENT",
            id: "FAIL",
            status: "550 4.3.2 QUEUE.TransportDelete; message quarantined".to_owned(),
            ..Event::default()
        },
        (_, Direction::Outbound) => Event {
            time: last,
            client_ip: "2603:10a6:208:a1::24".to_owned(),
            server_ip: "203.0.113.250",
            connector: "To_DefaultOpportunisticTLS".to_owned(),
            source: "SMTP",
            id: "SEND",
            status: "250 2.0.0 OK".to_owned(),
            custom: format!(
                "S:ToEntity=Internet;S:E2ELatency={}.{:03};S:ExternalSendLatency=0.4",
                r.between(1, 9),
                r.between(0, 999)
            ),
            ..Event::default()
        },
        _ => Event {
            time: last,
            source: "STOREDRIVER",
            id: "DELIVER",
            server_ip,
            custom: "S:ToEntity=Hosted;S:AccountForest=EURPR04A001".to_owned(),
            ..Event::default()
        },
    });
    if matches!(message.outcome, Outcome::Failed(_)) {
        all.push(Event {
            time: last + 5,
            source: "DSN",
            id: "DSN",
            reference: message.internet_id.clone(),
            related: message.p1.clone(),
            ..Event::default()
        });
    }
    all
}

/// The rows of one message; `copies` are its recipients, at least one.
pub fn rows(copies: &[&Message], tenant: Guid, r: &mut Random) -> Vec<[String; 27]> {
    let Some(message) = copies.first() else {
        return Vec::new();
    };
    let recipients = copies
        .iter()
        .map(|copy| copy.recipient.as_str())
        .collect::<Vec<_>>()
        .join(";");
    let internal_id = r.between(1 << 40, 1 << 44).to_string();
    let server = format!("AM0PR04MB{}.eurprd04.prod.outlook.com", r.between(1000, 9999));
    let directionality = if message.direction == Direction::Inbound {
        "Incoming"
    } else {
        "Originating"
    };
    events(message, r)
        .into_iter()
        .map(|event| {
            let status = vec![event.status.as_str(); if event.status.is_empty() { 0 } else { copies.len() }].join(";");
            [
                time::iso_ticks(event.time),
                event.client_ip,
                String::new(),
                event.server_ip.to_owned(),
                server.clone(),
                event.context,
                event.connector,
                event.source.to_owned(),
                event.id.to_owned(),
                internal_id.clone(),
                message.internet_id.clone(),
                message.network_id.to_string(),
                recipients.clone(),
                status,
                message.size.to_string(),
                copies.len().to_string(),
                event.related,
                event.reference,
                message.subject.clone(),
                message.p2.clone(),
                if message.p1.is_empty() {
                    "<>".to_owned()
                } else {
                    message.p1.clone()
                },
                if event.id == "SEND" {
                    format!("{};SRV=mx", time::iso_millis(message.time))
                } else {
                    String::new()
                },
                directionality.to_owned(),
                tenant.to_string(),
                message.source_ip.clone(),
                String::new(),
                event.custom,
            ]
        })
        .collect()
}

/// The text of the export. `messages` must be sorted, so that the recipients of one message stand together.
pub fn write(messages: &[&Message], tenant: Guid, r: &mut Random) -> String {
    let mut all = Vec::new();
    for copies in messages.chunk_by(|a, b| a.network_id == b.network_id) {
        all.extend(rows(copies, tenant, r));
    }
    for at in (1..all.len()).rev() {
        let other = r.index(at + 1);
        all.swap(at, other);
    }
    let mut table = Table::new(&HEADER, Quotes::Needed);
    for row in all {
        table.row(&row);
    }
    table.finish()
}
