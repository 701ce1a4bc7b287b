//! One narrow fact per distinct message and recipient, 64 bytes wide.
//!
//! Facts with one key join field by field under rules that do not depend on order, so that a digest can be
//! made in any number of parts. Nothing is counted here: what to count is known only when the timeline is.

use bytemuck::{NoUninit, Zeroable};

use crate::records::{ConnectorType, FilterVerdict, Origin, SmtpCode, Status, Time};

/// What one message was to one recipient. Ids refer to the digest's [`super::names`]; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, NoUninit, Zeroable)]
#[repr(C)]
pub struct Fact {
    /// Hash of the network message id; where there is none of the Internet Message-ID, else of the row itself.
    pub message: u64,
    /// Hash of the recipient's address, lower case; 0 where a row speaks of the message alone.
    pub recipient: u64,
    /// Earliest time of any row, microseconds UTC.
    pub time: i64,
    /// Row to cite: file in the upper 20 bits, byte offset in the lower 40; between them the nearness of
    /// [`Part::Envelope`] and [`Part::Header`], two bits each.
    place: u64,
    /// Inbound connector's name; see [`Flags::CONNECTOR_UNSURE`].
    pub connector: u32,
    /// Connecting host.
    pub source: u32,
    /// Domain of the envelope sender (P1).
    pub p1_domain: u32,
    /// Domain of the header sender (P2).
    pub p2_domain: u32,
    /// Hash of the local part of the sender as people see it: P2, else P1.
    pub sender: u32,
    pub recipient_domain: u32,
    /// Record number of the row to cite.
    record: u32,
    pub class: SenderClass,
    /// From the lowest bit: [`Status`] (3 bits), [`FilterVerdict`] (3), nearness of [`Part::Connector`] (2).
    outcome: u8,
    /// From the lowest bit: [`SmtpCode`] (3 bits), rank of the row to cite (3), nearness of [`Part::Source`] (2).
    reply: u8,
    pub flags: Flags,
}

const _: () = assert!(size_of::<Fact>() == 64);

/// Parts of a fact that different rows may give differently. Each remembers how near to the sender's host its row
/// stood: a later hop may carry a rewritten P1, and a summary an address of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Connector,
    Source,
    /// P1 with its class, and the sender where that is P1's.
    Envelope,
    /// P2, and the sender where that is P2's.
    Header,
}

const OFFSET: u64 = (1 << 40) - 1;
const FILES: u32 = (1 << 20) - 1;

/// What kind of envelope sender it is: mail whose P1 differs from P2 by design is told apart before counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, NoUninit, Zeroable)]
#[repr(u8)]
pub enum SenderClass {
    /// No envelope sender is known.
    #[default]
    Unknown = 0,
    Ordinary = 1,
    /// `<>`, postmaster, mailer-daemon.
    Null = 2,
    /// Sender Rewriting Scheme: `SRS0=`, `SRS1=`, `bounces+SRS=`.
    Srs = 3,
    /// Variable envelope return path: the recipient stands in the local part.
    Verp = 4,
    /// Bounce address tag validation: `prvs=`.
    Batv = 5,
}

/// Yes-or-no properties; a union keeps each one that any row had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, NoUninit, Zeroable)]
#[repr(transparent)]
pub struct Flags(pub u8);

impl Flags {
    /// P1 came from a column that may hold P1 or P2 (Get-MessageTrace's SenderAddress).
    pub const SENDER_UNSURE: u8 = 1;
    /// `sender` is the local part of P2.
    pub const SENDER_IS_P2: u8 = 2;
    /// A mailbox submitted the message.
    pub const SUBMITTED_BY_USER: u8 = 4;
    /// The row says that no mailbox submitted it.
    pub const NOT_SUBMITTED_BY_USER: u8 = 8;
    /// The connector's type was given as OnPremises.
    pub const ON_PREMISES: u8 = 16;
    /// The connector's type was given as Partner.
    pub const PARTNER: u8 = 32;
    /// No network message id: the row is told by its Internet Message-ID, or stands alone.
    pub const UNMATCHED: u8 = 64;
    /// The connector may be an outbound one.
    pub const CONNECTOR_UNSURE: u8 = 128;

    pub fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }

    pub fn set(&mut self, flag: u8) {
        self.0 |= flag;
    }
}

impl Fact {
    /// A fact about a message and a recipient, with nothing known yet but when and where.
    pub fn new(message: u64, recipient: u64, time: Time, origin: Origin, rank: u8) -> Self {
        let near = nearness(rank);
        let both = u64::from(near << 2 | near);
        Fact {
            message,
            recipient,
            time: time.0,
            place: u64::from(origin.file.min(FILES)) << 44 | both << 40 | (origin.offset & OFFSET),
            connector: 0,
            source: 0,
            p1_domain: 0,
            p2_domain: 0,
            sender: 0,
            recipient_domain: 0,
            record: origin.record,
            class: SenderClass::Unknown,
            outcome: near << 6,
            reply: near << 6 | rank.min(7) << 3,
            flags: Flags(0),
        }
    }

    pub fn time(&self) -> Time {
        Time(self.time)
    }

    /// The row to cite.
    pub fn origin(&self) -> Origin {
        Origin {
            file: (self.place >> 44) as u32,
            record: self.record,
            offset: self.place & OFFSET,
        }
    }

    /// How near to the sender's host the row stood that gave a part, 3 the nearest.
    pub(super) fn nearness(&self, part: Part) -> u8 {
        match part {
            Part::Connector => self.outcome >> 6,
            Part::Source => self.reply >> 6,
            Part::Envelope => (self.place >> 40 & 3) as u8,
            Part::Header => (self.place >> 42 & 3) as u8,
        }
    }

    pub(super) fn set_nearness(&mut self, part: Part, near: u8) {
        let near = near & 3;
        match part {
            Part::Connector => self.outcome = self.outcome & 0x3f | near << 6,
            Part::Source => self.reply = self.reply & 0x3f | near << 6,
            Part::Envelope => self.place = self.place & !(3 << 40) | u64::from(near) << 40,
            Part::Header => self.place = self.place & !(3 << 42) | u64::from(near) << 42,
        }
    }

    /// What was noted of a fact with [`Fact::set_note`].
    pub fn note(&self) -> u8 {
        self.outcome >> 6 | (self.reply >> 6) << 2 | ((self.place >> 40 & 15) as u8) << 4
    }

    /// Notes eight bits of a fact of a sealed digest. They take the place of the nearness of its parts: facts are joined
    /// no more.
    pub fn set_note(&mut self, note: u8) {
        self.outcome = self.outcome & 0x3f | note << 6;
        self.reply = self.reply & 0x3f | (note >> 2) << 6;
        self.place = self.place & !(15 << 40) | u64::from(note >> 4) << 40;
    }

    /// Cites the row that another fact cites.
    pub fn take_place(&mut self, other: &Fact) {
        const NEAR: u64 = 15 << 40;
        self.place = other.place & !NEAR | self.place & NEAR;
        self.record = other.record;
        self.reply = self.reply & !0x38 | other.reply & 0x38;
    }

    /// Adds to the record number: the chunk's place in its file became known.
    pub fn shift_record(&mut self, by: u32) {
        self.record = self.record.saturating_add(by);
    }

    pub fn status(&self) -> Status {
        match self.outcome & 7 {
            1 => Status::Pending,
            2 => Status::Expanded,
            3 => Status::Delivered,
            4 => Status::Failed,
            5 => Status::Junk,
            6 => Status::Quarantined,
            _ => Status::Unknown,
        }
    }

    pub fn verdict(&self) -> FilterVerdict {
        match self.outcome >> 3 & 7 {
            1 => FilterVerdict::Clean,
            2 => FilterVerdict::Spam,
            3 => FilterVerdict::Phish,
            4 => FilterVerdict::Malware,
            _ => FilterVerdict::None,
        }
    }

    pub fn code(&self) -> SmtpCode {
        match self.reply & 7 {
            1 => SmtpCode::NoSuchRecipient,
            2 => SmtpCode::LowReputation,
            3 => SmtpCode::RelayDenied,
            4 => SmtpCode::RecipientLimit,
            5 => SmtpCode::UnregisteredDomain,
            6 => SmtpCode::TenantThreshold,
            7 => SmtpCode::BadInboundConnector,
            _ => SmtpCode::None,
        }
    }

    /// How much of the message the row to cite tells (see [`crate::records::TraceRow::rank`]).
    pub fn rank(&self) -> u8 {
        self.reply >> 3 & 7
    }

    pub fn set_outcome(&mut self, status: Status, verdict: FilterVerdict) {
        self.outcome = self.outcome & 0xc0 | (verdict as u8) << 3 | status as u8;
    }

    pub fn set_code(&mut self, code: SmtpCode) {
        self.reply = self.reply & !7 | code as u8;
    }

    /// The connector's type as the trace gives it. Where rows disagree, OnPremises: the kind that can relay.
    pub fn connector_type(&self) -> Option<ConnectorType> {
        if self.flags.has(Flags::ON_PREMISES) {
            Some(ConnectorType::OnPremises)
        } else if self.flags.has(Flags::PARTNER) {
            Some(ConnectorType::Partner)
        } else {
            None
        }
    }

    /// Whether any part of the filter's or the recipient's side called it unwanted.
    pub fn is_spam(&self) -> bool {
        self.verdict() >= FilterVerdict::Spam || matches!(self.status(), Status::Junk | Status::Quarantined)
    }

    /// Whether the exports say anything at all on whether it was unwanted.
    pub fn spam_known(&self) -> bool {
        self.verdict() != FilterVerdict::None
            || matches!(self.status(), Status::Delivered | Status::Junk | Status::Quarantined)
    }
}

/// The nearness of a row by its rank (see [`crate::records::TraceRow::rank`]): where the message came in, a table made
/// while it was filtered, a later hop, a summary.
fn nearness(rank: u8) -> u8 {
    match rank {
        6.. => 3,
        4..=5 => 2,
        3 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Fact, Part};
    use crate::records::{FilterVerdict, Origin, SmtpCode, Status, Time};

    #[test]
    fn what_shares_a_word_does_not_disturb_its_neighbours() {
        let origin = Origin {
            file: 0xf_ffff,
            record: u32::MAX,
            offset: (1 << 40) - 1,
        };
        let mut fact = Fact::new(1, 2, Time(3), origin, 7);
        fact.set_outcome(Status::Quarantined, FilterVerdict::Malware);
        fact.set_code(SmtpCode::BadInboundConnector);
        let parts = [Part::Connector, Part::Source, Part::Envelope, Part::Header];
        for (near, part) in (0..).zip(parts) {
            fact.set_nearness(part, near);
        }
        let told = |f: &Fact| (f.origin(), f.status(), f.verdict(), f.code(), f.rank());
        let all = (
            origin,
            Status::Quarantined,
            FilterVerdict::Malware,
            SmtpCode::BadInboundConnector,
            7,
        );
        assert_eq!(told(&fact), all);
        assert_eq!(parts.map(|p| fact.nearness(p)), [0, 1, 2, 3]);
        for note in 0..=u8::MAX {
            let mut noted = fact;
            noted.set_note(note);
            assert_eq!((told(&noted), noted.note()), (all, note));
        }
        let place = Origin {
            file: 5,
            record: 6,
            offset: 7,
        };
        fact.take_place(&Fact::new(1, 2, Time(3), place, 2));
        assert_eq!((fact.origin(), fact.rank()), (place, 2));
        assert_eq!(parts.map(|p| fact.nearness(p)), [0, 1, 2, 3]);
        fact.set_outcome(Status::Unknown, FilterVerdict::None);
        fact.set_code(SmtpCode::None);
        assert_eq!(parts.map(|p| fact.nearness(p)), [0, 1, 2, 3]);
    }
}
