//! Which exports an analyst holds of a world, and the files themselves.

use super::audit::AuditRecord;
use super::formats::connectors::Style;
use super::formats::search_audit_log::{Columns, Options};
use super::formats::text::{Damage, Encoding};
use super::formats::{
    accepted_domains, connectors, email_events, extended, message_trace, purview, records_json, search_audit_log,
};
use super::message::Message;
use super::time::{self, Millis};
use super::world::World;

/// A file of evidence: its path below the evidence folder, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceFile {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// The form of the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditFormat {
    Search { columns: Columns, type_line: bool },
    Purview,
    ApiArray,
    ApiLines,
}

/// The form of a message trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceFormat {
    GetMessageTrace,
    GetMessageTraceV2,
    /// Cut into files of at most a thousand messages, the limit of a historical search.
    Extended,
    EmailEvents,
}

/// One message trace: a form, the time that it covers, and whether it holds only mail through connectors.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    pub format: TraceFormat,
    /// Covers what is not older than this, counted back from the end of the world; none for everything.
    pub last: Option<Millis>,
    pub connectors_only: bool,
}

/// Which records the audit export lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A limit was reached: only so many rows, the newest, with a ResultCount that says how many there were.
    Newest(usize),
    /// A large set was cut short: rows are missing here and there, four of ten.
    Scattered,
    /// Only New-, Set- and Remove-InboundConnector were asked for.
    ConnectorOperations,
    /// Only what is done to mailboxes was asked for: inbox rules and permissions.
    InboxRules,
}

/// What lies in the evidence folder.
#[derive(Clone, Debug)]
pub struct Layout {
    pub audit: Option<AuditFormat>,
    pub encoding: Encoding,
    pub untidy: bool,
    pub loss: Option<Loss>,
    pub damage: Vec<Damage>,
    pub traces: Vec<Trace>,
    pub connectors: Option<Style>,
    pub accepted_domains: Option<Style>,
    pub blocked: Option<Style>,
}

impl Layout {
    /// Everything whole: a Search-UnifiedAuditLog of the REST module, EmailEvents, snapshots of PowerShell 7.
    pub fn whole() -> Self {
        Self {
            audit: Some(AuditFormat::Search {
                columns: Columns::Rest,
                type_line: false,
            }),
            encoding: Encoding::Utf8,
            untidy: true,
            loss: None,
            damage: Vec::new(),
            traces: vec![whole_time(TraceFormat::EmailEvents)],
            connectors: Some(Style::Seven),
            accepted_domains: Some(Style::Seven),
            blocked: Some(Style::Seven),
        }
    }

    /// The same facts in another mixture of formats; `turn` picks one of six.
    pub fn varied(turn: usize) -> Self {
        let search = |columns, type_line| Some(AuditFormat::Search { columns, type_line });
        let trace = |format| vec![whole_time(format)];
        let whole = Self::whole();
        match turn % 6 {
            0 => whole,
            1 => Self {
                audit: search(Columns::Remoting, true),
                encoding: Encoding::Utf8Bom,
                connectors: Some(Style::Windows),
                ..whole
            },
            2 => Self {
                audit: Some(AuditFormat::Purview),
                traces: trace(TraceFormat::Extended),
                accepted_domains: Some(Style::Csv),
                ..whole
            },
            3 => Self {
                audit: Some(AuditFormat::ApiLines),
                ..whole
            },
            4 => Self {
                audit: search(Columns::Selected, false),
                encoding: Encoding::Utf16Bom,
                connectors: Some(Style::Csv),
                ..whole
            },
            _ => Self {
                audit: Some(AuditFormat::ApiArray),
                traces: trace(TraceFormat::Extended),
                blocked: Some(Style::Windows),
                ..whole
            },
        }
    }
}

const CONNECTOR_OPERATIONS: [&str; 3] = [
    "New-InboundConnector",
    "Set-InboundConnector",
    "Remove-InboundConnector",
];

const MAILBOX_OPERATIONS: [&str; 4] = ["New-InboxRule", "Set-InboxRule", "Set-Mailbox", "Add-MailboxPermission"];

fn audit_file(world: &mut World, layout: &Layout, format: AuditFormat) -> EvidenceFile {
    let mut r = world.random("audit export");
    let all: Vec<&AuditRecord> = world.audit.iter().collect();
    let mut result_count = None;
    let records: Vec<&AuditRecord> = match layout.loss {
        None => all,
        Some(Loss::Newest(limit)) => {
            result_count = Some(all.len());
            let mut newest = all[all.len().saturating_sub(limit)..].to_vec();
            newest.reverse();
            newest
        }
        Some(Loss::Scattered) => {
            result_count = Some(all.len());
            // The records that matter are kept, or the label of an attack would depend on luck.
            all.into_iter()
                .filter(|record| record.operation.contains("Connector") || r.chance(600))
                .collect()
        }
        Some(Loss::ConnectorOperations) => all
            .into_iter()
            .filter(|record| CONNECTOR_OPERATIONS.contains(&record.operation.as_str()))
            .collect(),
        Some(Loss::InboxRules) => all
            .into_iter()
            .filter(|record| MAILBOX_OPERATIONS.contains(&record.operation.as_str()))
            .collect(),
    };
    let organization = world.tenant.organization_id;
    let untidy = layout.untidy && !matches!(layout.loss, Some(Loss::Newest(_)));
    let (path, text) = match format {
        AuditFormat::Search { columns, type_line } => {
            let options = Options {
                columns,
                type_line,
                untidy,
                result_count,
                damage: layout.damage.clone(),
            };
            (
                "UnifiedAuditLog.csv",
                search_audit_log::write(&records, organization, &options, &mut r),
            )
        }
        AuditFormat::Purview => (
            "AuditSearch.csv",
            purview::write(&records, organization, &layout.damage, &mut r),
        ),
        AuditFormat::ApiArray => (
            "Audit.Exchange.json",
            records_json::array(&records, organization, &mut r),
        ),
        AuditFormat::ApiLines => (
            "audit-records.jsonl",
            records_json::lines(&records, organization, &mut r),
        ),
    };
    EvidenceFile {
        path: path.to_owned(),
        bytes: layout.encoding.encode(&text),
    }
}

fn trace_files(world: &mut World, trace: &Trace) -> Vec<EvidenceFile> {
    let mut r = world.random("trace export");
    let from = trace.last.map_or(world.from, |last| world.to - last);
    let messages: Vec<&Message> = world
        .messages
        .iter()
        .filter(|m| m.time >= from && (!trace.connectors_only || m.via.is_some()))
        .collect();
    let file = |path: String, encoding: Encoding, text: String| EvidenceFile {
        path,
        bytes: encoding.encode(&text),
    };
    match trace.format {
        TraceFormat::EmailEvents => vec![file(
            "EmailEvents.csv".to_owned(),
            Encoding::Utf8,
            email_events::write(&messages),
        )],
        TraceFormat::GetMessageTraceV2 => {
            vec![file(
                "MessageTraceV2.csv".to_owned(),
                Encoding::Utf8Bom,
                message_trace::write_v2(&messages),
            )]
        }
        TraceFormat::GetMessageTrace => {
            let text = message_trace::write_v1(&messages, &world.tenant.initial_domain, from, world.to, &mut r);
            vec![file("MessageTrace.csv".to_owned(), Encoding::Utf8, text)]
        }
        TraceFormat::Extended => {
            let by_message: Vec<&[&Message]> = messages.chunk_by(|a, b| a.network_id == b.network_id).collect();
            let searches = by_message.chunks(1000);
            let one = searches.len() == 1;
            searches
                .enumerate()
                .map(|(at, search)| {
                    let path = if one {
                        "MTDetail.csv".to_owned()
                    } else {
                        format!("MTDetail-{}.csv", at + 1)
                    };
                    let text = extended::write(&search.concat(), world.tenant.organization_id, &mut r);
                    file(path, Encoding::Utf16, text)
                })
                .collect()
        }
    }
}

/// The files of a world in this layout.
pub fn files(world: &mut World, layout: &Layout) -> Vec<EvidenceFile> {
    world.finish();
    let mut files = Vec::new();
    if let Some(format) = layout.audit {
        files.push(audit_file(world, layout, format));
    }
    for trace in &layout.traces {
        files.extend(trace_files(world, trace));
    }
    let mut snapshot = |name: &str, style: Style, text: String| {
        // Out-File of Windows PowerShell writes UTF-16 unless told otherwise.
        let encoding = if style == Style::Windows {
            Encoding::Utf16Bom
        } else {
            Encoding::Utf8
        };
        files.push(EvidenceFile {
            path: format!("{name}.{}", style.extension()),
            bytes: encoding.encode(&text),
        });
    };
    if let Some(style) = layout.connectors {
        snapshot("InboundConnectors", style, connectors::write(world, style));
    }
    if let Some(style) = layout.accepted_domains {
        snapshot("AcceptedDomains", style, accepted_domains::write(world, style));
    }
    if let Some(style) = layout.blocked {
        snapshot(
            "BlockedConnectors",
            style,
            connectors::write_blocked(&world.blocked, style),
        );
    }
    files
}

/// The trace of the whole time.
pub fn whole_time(format: TraceFormat) -> Trace {
    Trace {
        format,
        last: None,
        connectors_only: false,
    }
}

/// The trace of the last `days` days.
pub fn last_days(format: TraceFormat, days: i64) -> Trace {
    Trace {
        format,
        last: Some(days * time::DAY),
        connectors_only: false,
    }
}
