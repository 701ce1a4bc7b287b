//! What all exports of the audit log share: from the outer columns and AuditData to a record.
//!
//! The operation decides first. A record that only counts is never parsed, only scanned for its four fields.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::audit_event::{self, is_service};
use super::audit_sign_in;
use super::date::{self, DateOrder};
use super::date_excel::unread;
use super::field::{object, object_and_damage, trimmed};
use super::interest::{self, Interest, Keep};
use super::scan::{Head, Token};
use super::{AuditEvent, AuditTally, Origin, Record, RecordId, Time, Workload, address};
use crate::evidence::{Cell, Fate, Reason};

/// One row, before anything is parsed.
pub(super) struct Parts<'a> {
    /// What the export's own columns say.
    pub(super) outer: Head<'a>,
    /// AuditData, or the record itself where the export has no outer columns.
    pub(super) data: Token<'a>,
    /// The row is the record itself.
    pub(super) bare: bool,
    /// Of the outer date.
    pub(super) order: DateOrder,
    /// What is wrong with the row as a row.
    pub(super) damage: Option<Reason>,
}

/// Verb and noun of an operation that is an Exchange cmdlet: directory operations are sentences, mailbox operations
/// single words.
pub fn cmdlet(operation: &str) -> Option<(&str, &str)> {
    let (verb, noun) = operation.trim().split_once('-')?;
    let named = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    (named(verb) && named(noun)).then_some((verb, noun))
}

/// One row of an export that gives the record's fields names of its own.
pub(super) struct Renamed<'a> {
    /// What every audit row has.
    pub(super) head: Head<'a>,
    /// The row's time, or why there is none.
    pub(super) time: Result<Time, Reason>,
    /// What is wrong with the row as a row.
    pub(super) damage: Option<Reason>,
}

impl Renamed<'_> {
    /// Hands on the row's record. `fields` gives them under AuditData's names, or what is wrong, and is asked only for
    /// a row that is more than counted.
    pub(super) fn read(
        &self,
        fields: impl FnOnce() -> Result<(Map<String, Value>, Option<Reason>), Reason>,
        origin: Origin,
        out: &mut dyn FnMut(Record<'_>),
    ) -> Fate {
        let head = &self.head;
        let operation = head.operation.text();
        let time = match self.time {
            Ok(time) => time,
            Err(reason) => return Fate::Rejected(fields().err().unwrap_or(reason)),
        };
        if operation.trim().is_empty() {
            return Fate::Rejected(fields().err().unwrap_or(Reason::NoOperation));
        }
        let (interest, by_table) = interest::of(&operation);
        let placed = Placed::new(
            time,
            operation,
            head.id.text(),
            &head.record_type.text(),
            by_table,
            origin,
        );
        let placed = Placed {
            trouble: self.damage,
            ..placed
        };
        if interest == Interest::Count {
            return placed.tally(out);
        }
        let (event, trouble) = match fields() {
            Ok((fields, damage)) => (audit_event::from_object(&fields), self.damage.or(damage)),
            Err(reason) => (audit_event::from_head(head), self.damage.or(Some(reason))),
        };
        let placed = Placed { trouble, ..placed };
        match interest {
            Interest::Count => placed.tally(out),
            Interest::SignIn { succeeded } => {
                let fields = Some(audit_sign_in::Fields::from(event));
                audit_sign_in::hand_on(&placed, fields, head, head, succeeded, trouble.is_none(), out);
                fate(trouble)
            }
            Interest::Keep(Keep::StrongAuthentication) if !changes_strong_authentication(&event) => placed.tally(out),
            Interest::Keep(keep) => placed.event(event, head, keep, out),
        }
    }
}

/// The time of a row that no culture's order of days and months has touched.
pub(super) fn undisputed(token: Token<'_>) -> Result<Time, Reason> {
    date::time(token.text().as_bytes(), DateOrder::MonthFirst)
}

fn changes_strong_authentication(event: &AuditEvent) -> bool {
    event.modified.iter().any(|m| m.name.contains("StrongAuthentication"))
}

/// What is known of a row once it could be placed.
pub(super) struct Placed<'a> {
    pub(super) time: Time,
    pub(super) operation: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    pub(super) record_type: Option<u32>,
    workload: Workload,
    pub(super) result_count: Option<u32>,
    pub(super) origin: Origin,
    /// Why it is not whole.
    trouble: Option<Reason>,
}

impl Parts<'_> {
    /// Hands on the row's record.
    pub(super) fn read(&self, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let outer_time = || date::parse(self.outer.time.raw(), self.order);
        let counts_at_once = self.data.is_escaped() && self.outer_counts() && outer_time().is_some();
        let again = self.data.is_doubled_again();
        let unescaped = if again || (self.data.is_escaped() && !counts_at_once) {
            self.data.text()
        } else {
            Cow::Borrowed("")
        };
        let data = if unescaped.is_empty() {
            self.data
        } else {
            Token::cell(Cell::new(unescaped.as_bytes(), again))
        };
        let inner = if counts_at_once {
            Head::default()
        } else {
            Head::of(data)
        };

        let operation = self.outer.operation.or(inner.operation).text();
        let time = date::parse(inner.time.raw(), DateOrder::MonthFirst).or_else(outer_time);
        let (time, operation) = match (time, trimmed(&operation)) {
            (Some(time), name) if !name.is_empty() => (time, operation),
            (time, _) => return Fate::Rejected(self.refusal(time.is_none())),
        };
        let (interest, by_table) = interest::of(&operation);
        let id = self.outer.id.or(inner.id).text();
        let record_type = self.outer.record_type.or(inner.record_type).text();
        let placed = Placed {
            result_count: trimmed(&self.outer.result_count.text()).parse().ok(),
            trouble: self.trouble(data),
            ..Placed::new(time, operation, id, &record_type, by_table, origin)
        };
        match interest {
            Interest::Count => placed.tally(out),
            Interest::SignIn { succeeded } => self.sign_in(placed, data, succeeded, out),
            Interest::Keep(Keep::StrongAuthentication) if !speaks_of_strong_authentication(data) => placed.tally(out),
            Interest::Keep(keep) => self.event(placed, data, keep, out),
        }
    }

    /// Whether the outer columns alone say that the row only counts, and which it is.
    fn outer_counts(&self) -> bool {
        let operation = self.outer.operation;
        let only_counts = || interest::of(&operation.text()).0 == Interest::Count;
        !operation.is_empty() && !self.outer.id.is_empty() && only_counts()
    }

    fn trouble(&self, data: Token<'_>) -> Option<Reason> {
        let in_data = if data.is_empty() {
            Some(Reason::AuditDataMissing)
        } else if !data.looks_whole() {
            Some(if self.bare {
                Reason::CutOff
            } else {
                Reason::AuditDataBroken
            })
        } else {
            None
        };
        self.damage.or(in_data)
    }

    /// Why a row that has no time or no operation has none.
    fn refusal(&self, no_time: bool) -> Reason {
        if self.bare
            && let Err(reason) = object(self.data.raw())
        {
            return reason;
        }
        if no_time {
            unread(self.outer.time.raw())
        } else {
            Reason::NoOperation
        }
    }

    fn sign_in(&self, placed: Placed<'_>, data: Token<'_>, succeeded: bool, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let text = data.text();
        let (read, damage) = audit_sign_in::read(&text);
        let trouble = placed.trouble.or(damage);
        let head = if read.is_none() {
            Head::whole(data)
        } else {
            Head::default()
        };
        audit_sign_in::hand_on(&placed, read, &head, &self.outer, succeeded, trouble.is_none(), out);
        fate(trouble)
    }

    fn event(&self, placed: Placed<'_>, data: Token<'_>, keep: Keep, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let parsed = object_and_damage(data.text().as_bytes());
        let trouble = placed.trouble.or(match &parsed {
            Ok((_, damage)) => *damage,
            Err(reason) if self.bare => Some(*reason),
            Err(_) => Some(Reason::AuditDataBroken),
        });
        let event = match parsed {
            Ok((object, _)) => audit_event::from_object(&object),
            Err(_) => audit_event::from_head(&Head::whole(data)),
        };
        Placed { trouble, ..placed }.event(event, &self.outer, keep, out)
    }
}

impl<'a> Placed<'a> {
    fn new(
        time: Time,
        operation: Cow<'a, str>,
        id: Cow<'a, str>,
        type_text: &str,
        by_table: Option<Workload>,
        origin: Origin,
    ) -> Self {
        let record_type = record_type(type_text);
        Placed {
            time,
            operation,
            id,
            record_type,
            workload: record_type.map(of_type).or(by_table).unwrap_or(Workload::Other),
            result_count: None,
            origin,
            trouble: None,
        }
    }

    /// Hands on an event, with what the columns know where the record itself is silent.
    fn event(self, mut event: AuditEvent, outer: &Head<'_>, keep: Keep, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        if event.user.is_empty() {
            event.user = outer.user.text().trim().to_owned();
        }
        if event.object.is_empty() {
            event.object = outer.object.text().into_owned();
        }
        event.client_ip = event.client_ip.or_else(|| address::ip(&outer.client_ip.text()));
        if !wanted(keep, &event) {
            return self.tally(out);
        }
        if event.operation.is_empty() {
            event.operation = self.operation.trim().to_owned();
        }
        event.id = event
            .id
            .or_else(|| Some(self.id.trim().to_owned()).filter(|id| !id.is_empty()));
        event.record_type = event.record_type.or(self.record_type);
        event.time = self.time;
        event.result_count = self.result_count;
        event.origin = self.origin;
        event.complete = self.trouble.is_none();
        out(Record::Audit(Box::new(event)));
        fate(self.trouble)
    }

    fn tally(self, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let trouble = self.trouble;
        out(Record::Tally(AuditTally {
            time: self.time,
            id: RecordId::of(&self.id),
            operation: self.operation,
            workload: self.workload,
            result_count: self.result_count,
            complete: trouble.is_none(),
        }));
        fate(trouble)
    }
}

fn fate(trouble: Option<Reason>) -> Fate {
    trouble.map_or(Fate::Accepted, Fate::Degraded)
}

fn speaks_of_strong_authentication(data: Token<'_>) -> bool {
    memchr::memmem::find(data.raw(), b"StrongAuthentication").is_some()
}

/// Whether a record meets the condition on which its operation is kept. A record that is cut off and was not
/// written by the service is kept: what it changed cannot be told, that it did can.
fn wanted(keep: Keep, event: &AuditEvent) -> bool {
    match keep {
        Keep::Always | Keep::StrongAuthentication => true,
        Keep::ByPeople => !is_service(event),
        Keep::AuditSwitch => {
            event.parameter("UnifiedAuditLogIngestionEnabled").is_some()
                || event
                    .parameter("AdminAuditLogEnabled")
                    .is_some_and(|v| v.trim_start_matches('$').eq_ignore_ascii_case("false"))
                || (event.parameters.is_empty() && !is_service(event))
        }
    }
}

/// A RecordType as a number, from the number or the name. Names: Office 365 Management Activity API schema,
/// AuditLogRecordType; those that this program tells apart, and the most frequent others.
pub(super) fn record_type(text: &str) -> Option<u32> {
    const NAMES: &[(&str, u32)] = &[
        ("ExchangeAdmin", 1),
        ("ExchangeItem", 2),
        ("ExchangeItemGroup", 3),
        ("SharePoint", 4),
        ("SharePointFileOperation", 6),
        ("OneDrive", 7),
        ("AzureActiveDirectory", 8),
        ("AzureActiveDirectoryAccountLogon", 9),
        ("AzureActiveDirectoryStsLogon", 15),
        ("SecurityComplianceCenterEOPCmdlet", 18),
        ("MicrosoftTeams", 25),
        ("ThreatIntelligence", 28),
        ("SecurityComplianceAlerts", 40),
        ("ExchangeItemAggregated", 50),
        ("Quarantine", 65),
    ];
    let text = trimmed(text);
    text.parse().ok().or_else(|| {
        NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text))
            .map(|&(_, number)| number)
    })
}

/// The part of the service that an event's record came from: by its type, else by its operation.
pub fn workload(event: &AuditEvent) -> Workload {
    event
        .record_type
        .map(of_type)
        .or(interest::of(&event.operation).1)
        .unwrap_or(Workload::Other)
}

fn of_type(record_type: u32) -> Workload {
    match record_type {
        1 => Workload::ExchangeAdmin,
        2 | 3 | 50 => Workload::ExchangeItem,
        8 => Workload::Directory,
        9 | 15 => Workload::SignIn,
        40 => Workload::Alerts,
        _ => Workload::Other,
    }
}
