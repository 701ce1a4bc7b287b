//! Rows of message traces, and what they say became of a message.

use std::borrow::Cow;
use std::net::IpAddr;
use std::ops::Deref;

use super::{ConnectorType, Time};

/// The recipients of a row, in its order. Most rows speak of one, for whom no memory is asked.
#[derive(Debug, Clone)]
pub enum Recipients<'a> {
    One(Cow<'a, str>),
    /// Or none.
    Several(Vec<Cow<'a, str>>),
}

impl Default for Recipients<'_> {
    fn default() -> Self {
        Recipients::Several(Vec::new())
    }
}

impl<'a> Deref for Recipients<'a> {
    type Target = [Cow<'a, str>];

    fn deref(&self) -> &Self::Target {
        match self {
            Recipients::One(recipient) => std::slice::from_ref(recipient),
            Recipients::Several(recipients) => recipients,
        }
    }
}

impl<'a> FromIterator<Cow<'a, str>> for Recipients<'a> {
    fn from_iter<I: IntoIterator<Item = Cow<'a, str>>>(recipients: I) -> Self {
        let mut recipients = recipients.into_iter();
        match (recipients.next(), recipients.next()) {
            (Some(one), None) => Recipients::One(one),
            (first, second) => Recipients::Several(first.into_iter().chain(second).chain(recipients).collect()),
        }
    }
}

/// One row of any message trace. A row may speak of several recipients, or of none (an agent's entry).
#[derive(Debug, Clone, Default)]
pub struct TraceRow<'a> {
    pub time: Time,
    /// MessageTraceId / NetworkMessageId as written; empty where the row has none.
    pub network_message_id: Cow<'a, str>,
    /// Internet Message-ID as written.
    pub message_id: Cow<'a, str>,
    pub recipients: Recipients<'a>,
    /// Envelope sender, MAIL FROM; `Some("")` is the null sender.
    pub p1: Option<Cow<'a, str>>,
    /// Header sender, From.
    pub p2: Option<Cow<'a, str>>,
    /// Sender address of an export that does not say whether it is P1 or P2 (Get-MessageTrace).
    pub sender: Option<Cow<'a, str>>,
    /// The connecting host.
    pub source: Option<IpAddr>,
    /// Inbound connector's name.
    pub connector: Option<Cow<'a, str>>,
    /// The column may hold an outbound connector as well: the name counts only where an inbound one is known to bear it.
    pub connector_unsure: bool,
    /// Its type where the row says so (`OnPremises`, `Partner`).
    pub connector_type: Option<ConnectorType>,
    pub status: Status,
    pub verdict: FilterVerdict,
    /// What became of it at each recipient, in their order, where the row tells them apart; else empty.
    pub outcomes: Vec<(Status, FilterVerdict)>,
    /// What an SMTP reply said of all recipients, or of the message.
    pub code: SmtpCode,
    /// The same for each recipient, in their order, where they fared differently; else empty.
    pub codes: Vec<SmtpCode>,
    pub subject: Cow<'a, str>,
    /// What tells two rows of one message, recipient and time apart: the status in one spelling for all exports, or the event
    /// as written.
    pub event: Cow<'a, str>,
    /// A mailbox of the organisation submitted it (SenderObjectId): no connector mail in the attack's sense.
    pub submitted_by_user: Option<bool>,
    /// How much of the message this row tells and how near to the sender's host it stood, 0 to 7: where it came in 6
    /// or 7, EmailEvents 5, a later hop 3, a summary 2, an agent's entry 1. The highest row of a message becomes its
    /// citation, and its values win. 0: it tells what became of a message that other exports count.
    pub rank: u8,
    /// False where a part was missing or cut off.
    pub complete: bool,
}

/// Delivery status, in the order in which a later one replaces an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Status {
    #[default]
    Unknown = 0,
    /// GettingStatus, Pending, deferred.
    Pending = 1,
    /// Expanded, Resolved: a hop, not a delivery.
    Expanded = 2,
    Delivered = 3,
    Failed = 4,
    /// FilteredAsSpam, Junked.
    Junk = 5,
    Quarantined = 6,
}

/// What the spam filter said, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum FilterVerdict {
    /// The row carries no verdict.
    #[default]
    None = 0,
    Clean = 1,
    Spam = 2,
    Phish = 3,
    Malware = 4,
}

/// SMTP replies that speak of connectors, tenants or dead recipients (detection facts: Microsoft's NDR pages).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum SmtpCode {
    #[default]
    None = 0,
    /// 5.1.1, 5.1.10: no such recipient.
    NoSuchRecipient = 1,
    /// 5.7.708: source address of low reputation.
    LowReputation = 2,
    /// 5.7.64: relay denied, no connector attributed.
    RelayDenied = 3,
    /// 5.7.232, 5.7.233: the tenant's external recipient limit.
    RecipientLimit = 4,
    /// 5.7.750: unregistered domains.
    UnregisteredDomain = 5,
    /// 5.7.705: the tenant exceeded its threshold.
    TenantThreshold = 6,
    /// 5.7.711: bad inbound connector.
    BadInboundConnector = 7,
}
