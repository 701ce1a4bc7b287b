//! One message to one recipient, with every field that any trace export needs.

use super::connector::Kind;
use super::random::Guid;
use super::time::Millis;

/// Which way a message went, in the words of EmailEvents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Inbound,
    Outbound,
    IntraOrg,
}

impl Direction {
    /// The spelling of the EmailDirection column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inbound => "Inbound",
            Self::Outbound => "Outbound",
            Self::IntraOrg => "Intra-org",
        }
    }
}

/// What became of a message at one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// Delivered to Junk, or marked as spam on its way out: FilteredAsSpam in a message trace.
    Junked,
    Quarantined,
    /// Not delivered; the text is the SMTP status of the recipient.
    Failed(&'static str),
}

impl Outcome {
    /// The Status column of Get-MessageTrace and Get-MessageTraceV2.
    pub fn status(self) -> &'static str {
        match self {
            Self::Delivered => "Delivered",
            Self::Junked => "FilteredAsSpam",
            Self::Quarantined => "Quarantined",
            Self::Failed(_) => "Failed",
        }
    }
}

/// SMTP status of a connector that Microsoft has blocked (learn.microsoft.com, connectors-remove-blocked).
pub const BLOCKED_CONNECTOR: &str = "550 5.7.711 Access denied, bad inbound connector. AS(2204)";
/// SMTP status of a mailbox that does not exist.
pub const NO_SUCH_RECIPIENT: &str =
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup";

/// The inbound connector that a message came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    pub name: String,
    pub kind: Kind,
}

/// A message to one recipient. A message to three recipients is three of these with one `network_id`.
#[derive(Clone, Debug)]
pub struct Message {
    /// When the service received it.
    pub time: Millis,
    /// NetworkMessageId, MessageTraceId.
    pub network_id: Guid,
    /// Message-ID header, with its angle brackets.
    pub internet_id: String,
    /// Envelope sender (MAIL FROM); empty for the null sender.
    pub p1: String,
    /// Header sender (From).
    pub p2: String,
    pub recipient: String,
    pub subject: String,
    /// Address of the host that connected; empty for mail submitted by a cloud mailbox.
    pub source_ip: String,
    pub via: Option<Via>,
    pub direction: Direction,
    pub outcome: Outcome,
    /// ThreatTypes of EmailEvents.
    pub threat: Option<&'static str>,
    /// Spam confidence level: -1 skipped, 0 and 1 not spam, 5 and 6 spam, 9 certainly.
    pub scl: i8,
    /// Spam filter verdict (message-headers-eop-mdo): NSPM, SPM, SKN, SKI.
    pub sfv: &'static str,
    /// Entra object of the sending mailbox; none for mail that only passed through a connector.
    pub sender_object: Option<Guid>,
    /// Bytes.
    pub size: u64,
    /// Address that the service sent it on from; empty where it did not leave.
    pub outbound_ip: String,
}

impl Message {
    /// The name of the connector, or an empty string.
    pub fn connector(&self) -> &str {
        self.via.as_ref().map_or("", |via| &via.name)
    }
}

/// The part of an address behind the last `@`.
pub fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}
