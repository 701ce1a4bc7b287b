//! From facts to counted mail: each fact completed, tied to its connector, and judged as the domains stood then.

use std::collections::BTreeMap;

use bytemuck::{NoUninit, Zeroable};
use rustc_hash::FxHashMap;

use super::Earliest;
use super::attribution::{Attribution, Tie};
use super::calendar::Calendar;
use super::domains::{Domains, Standing};
use super::gather::Gathering;
use crate::digest::spill::{Column, Spill};
use crate::digest::{Fact, Facts, Flags, SenderClass};
use crate::records::{FilterVerdict, SmtpCode, Status};

/// Envelope sender (P1) against header sender (P2), each own or foreign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, NoUninit)]
#[repr(u8)]
pub enum Cell {
    /// Null sender, SRS, VERP or BATV: differs by design.
    Excluded = 0,
    /// P1 or P2 is not known, or the export does not say which of them it gives.
    Unknown = 1,
    OwnOwn = 2,
    /// What abuse of a connector looks like since relay needs an own P1.
    OwnForeign = 3,
    /// A bounce domain of a sending service, or a spoofed From.
    ForeignOwn = 4,
    /// Both foreign, of one organisation.
    ForeignAligned = 5,
    /// Both foreign, of two organisations.
    ForeignForeign = 6,
}

impl Cell {
    pub fn from_number(number: u64) -> Self {
        match number {
            0 => Cell::Excluded,
            2 => Cell::OwnOwn,
            3 => Cell::OwnForeign,
            4 => Cell::ForeignOwn,
            5 => Cell::ForeignAligned,
            6 => Cell::ForeignForeign,
            _ => Cell::Unknown,
        }
    }

    /// Whether P1 and P2 were both known and comparable.
    pub fn is_comparable(self) -> bool {
        self >= Cell::OwnOwn
    }

    /// Whether the header names someone whom neither the organisation nor the envelope vouches for.
    pub fn is_mismatch(self) -> bool {
        matches!(self, Cell::OwnForeign | Cell::ForeignForeign)
    }
}

/// One message to one recipient through a connector: the fact, completed from the row that speaks of the whole message, whose
/// connector is an index into the timeline's connectors, and whose note says how it stood. So a row of connector mail takes no more
/// memory than its fact did.
#[derive(Debug, Clone, Copy, NoUninit, Zeroable)]
#[repr(transparent)]
pub struct Seen {
    pub fact: Fact,
}

/// What the note of a fact says beside its cell, which stands in the lowest three bits.
mod note {
    pub const CELL: u8 = 7;
    pub const OUTBOUND: u8 = 8;
    pub const UNPROVISIONED: u8 = 16;
    pub const FRESH: u8 = 32;
    pub const BY_NAME: u8 = 64;
    pub const SCATTERED: u8 = 128;
}

impl Seen {
    /// Mail of a connector, of which nothing but its senders is known yet.
    pub fn new(mut fact: Fact, connector: u32, cell: Cell) -> Self {
        fact.connector = connector;
        fact.set_note(cell as u8);
        Seen { fact }
    }

    fn with(mut self, bit: u8, is: bool) -> Self {
        let note = self.fact.note() & !bit;
        self.fact.set_note(if is { note | bit } else { note });
        self
    }

    fn has(&self, bit: u8) -> bool {
        self.fact.note() & bit != 0
    }

    /// Index into the timeline's connectors.
    pub fn connector(&self) -> u32 {
        self.fact.connector
    }

    pub fn cell(&self) -> Cell {
        Cell::from_number(u64::from(self.fact.note() & note::CELL))
    }

    /// To a recipient outside the domains accepted then.
    pub fn outbound(&self) -> bool {
        self.has(note::OUTBOUND)
    }

    /// A sender domain was not the organisation's then.
    pub fn unprovisioned(&self) -> bool {
        self.has(note::UNPROVISIONED)
    }

    /// No sender domain was foreign, but one had been accepted for less than 30 days.
    pub fn fresh(&self) -> bool {
        self.has(note::FRESH)
    }

    /// Tied by the name that the trace gives; else by sender address.
    pub fn by_name(&self) -> bool {
        self.has(note::BY_NAME)
    }

    /// Of its message other rows of the same connector have another time, so that they stand elsewhere.
    pub fn scattered(&self) -> bool {
        self.has(note::SCATTERED)
    }
}

/// Distinct messages of one local day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Messages {
    pub all: u64,
    /// With at least one recipient outside.
    pub outbound: u64,
}

/// All mail of the tenant counted, and that of the connectors whole. A tenant has far more mail than its connectors, so
/// of that only what is asked for is kept.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Connector mail that was not yet gathered.
    seen: Vec<Seen>,
    /// How many rows of connector mail are scattered.
    pub scattered: usize,
    /// The tenant's mail by day.
    pub days: FxHashMap<i32, Messages>,
    /// When anyone of the tenant first wrote to each recipient outside.
    pub written_to: Earliest,
    /// Whether any row carries an SMTP reply that is told apart.
    pub replies: bool,
    /// Facts whose address fitted several connectors alike.
    pub ambiguous: u64,
    /// Of those, how many each connector might have had.
    pub contested: BTreeMap<usize, u64>,
    /// Days of the message that is being resolved, and whether it went outside.
    of_message: Vec<(i32, bool)>,
}

impl Resolved {
    fn append(&mut self, other: Self) {
        self.written_to.append(other.written_to);
        self.scattered += other.scattered;
        self.replies |= other.replies;
        for (day, messages) in other.days {
            let sum = self.days.entry(day).or_default();
            sum.all += messages.all;
            sum.outbound += messages.outbound;
        }
        self.ambiguous += other.ambiguous;
        for (connector, facts) in other.contested {
            *self.contested.entry(connector).or_default() += facts;
        }
    }

    /// Counts the message whose days were noted.
    fn count_message(&mut self) {
        let mut of_message = std::mem::take(&mut self.of_message);
        of_message.sort_unstable();
        for day in of_message.chunk_by(|a, b| a.0 == b.0) {
            if let Some(&(number, outbound)) = day.last() {
                let sum = self.days.entry(number).or_default();
                sum.all += 1;
                sum.outbound += u64::from(outbound);
            }
        }
        of_message.clear();
        self.of_message = of_message;
    }
}

/// What the facts are judged by.
pub struct Bench<'a> {
    pub attribution: Attribution<'a>,
    pub domains: Domains,
    pub calendar: Calendar,
}

impl Bench<'_> {
    /// Completes and judges all facts of a sealed digest, using them up: of most mail only counts are kept, and that of the
    /// connectors is given in order of connector, time, message and recipient. Rows of Expanded are hops and are not counted.
    pub fn resolve(&self, facts: Facts, spill: Option<&Spill>) -> (Column<Seen>, Resolved) {
        let gathering = Gathering::new(spill);
        let parts: Vec<Resolved> = facts.use_up(|out: &mut Resolved, list| {
            out.seen.reserve_exact(list.len());
            for message in list.chunk_by(|a, b| a.message == b.message) {
                self.message(message, out);
            }
            // One that is nearly full stays in its room, which is of the size that the next list asks for.
            if out.seen.len() <= list.len() / 2 {
                out.seen.shrink_to_fit();
            }
            gathering.add(std::mem::take(&mut out.seen));
        });
        let mut all = Resolved::default();
        parts.into_iter().for_each(|part| all.append(part));
        all.written_to.settle();
        (gathering.finish(), all)
    }

    fn message(&self, facts: &[Fact], out: &mut Resolved) {
        let before = out.seen.len();
        for (fact, completed) in completed(facts) {
            out.replies |= fact.code() != SmtpCode::None;
            // Of a message of which only rows of this rank speak it is not known when it came, or not whether through a connector.
            let counts = completed.rank() > 0;
            if counts && fact.status() != Status::Expanded {
                self.fact(completed, out);
            }
        }
        out.scattered += mark_scattered(out.seen.get_mut(before..).unwrap_or_default());
        out.count_message();
    }

    fn fact(&self, fact: Fact, out: &mut Resolved) {
        let day = self.calendar.day(fact.time());
        let outbound = self.domains.known()
            && fact.recipient_domain != 0
            && !self.domains.accepts(fact.recipient_domain, fact.time);
        out.of_message.push((day, outbound));
        if outbound {
            out.written_to.push(fact.recipient, fact.time);
        }
        let (connector, by_name) = match self.attribution.of(&fact) {
            Tie::Name(i) => (i, true),
            Tie::Address(i) => (i, false),
            Tie::Ambiguous(connectors) => {
                out.ambiguous += 1;
                for connector in connectors {
                    *out.contested.entry(connector).or_default() += 1;
                }
                return;
            }
            Tie::None => return,
        };
        let senders = self.senders(&fact);
        let connector = u32::try_from(connector).unwrap_or(u32::MAX);
        let unprovisioned = senders.contains(&Some(Standing::Foreign));
        let fresh = !unprovisioned && senders.contains(&Some(Standing::Fresh));
        let seen = Seen::new(fact, connector, self.cell(&fact))
            .with(note::OUTBOUND, outbound)
            .with(note::UNPROVISIONED, unprovisioned)
            .with(note::FRESH, fresh)
            .with(note::BY_NAME, by_name);
        out.seen.push(seen);
    }

    /// How the envelope and the header sender stood; `None` where unknown or excluded by class.
    fn senders(&self, fact: &Fact) -> [Option<Standing>; 2] {
        if !self.domains.known() || is_excluded(fact.class) {
            return [None, None];
        }
        [fact.p1_domain, fact.p2_domain].map(|d| (d != 0).then(|| self.domains.standing(d, fact.time)))
    }

    fn cell(&self, fact: &Fact) -> Cell {
        if is_excluded(fact.class) {
            return Cell::Excluded;
        }
        if fact.flags.has(Flags::SENDER_UNSURE) {
            return Cell::Unknown;
        }
        let own = |s: Standing| s != Standing::Foreign;
        match self.senders(fact) {
            [Some(p1), Some(p2)] => match (own(p1), own(p2)) {
                (true, true) => Cell::OwnOwn,
                (true, false) => Cell::OwnForeign,
                (false, true) => Cell::ForeignOwn,
                (false, false) if self.domains.aligned(fact.p1_domain, fact.p2_domain) => Cell::ForeignAligned,
                (false, false) => Cell::ForeignForeign,
            },
            _ => Cell::Unknown,
        }
    }
}

/// Marks the rows of one message that will not stand together, and tells how many they are.
fn mark_scattered(message: &mut [Seen]) -> usize {
    let times = message.iter().map(|s| s.fact.time);
    if times.clone().min() == times.max() {
        return 0;
    }
    let mut connectors: BTreeMap<u32, (i64, bool)> = BTreeMap::new();
    for seen in &*message {
        let (time, scattered) = connectors.entry(seen.connector()).or_insert((seen.fact.time, false));
        *scattered |= *time != seen.fact.time;
    }
    let mut count = 0;
    for seen in message {
        let scattered = connectors
            .get(&seen.connector())
            .is_some_and(|(_, scattered)| *scattered);
        *seen = seen.with(note::SCATTERED, scattered);
        count += usize::from(scattered);
    }
    count
}

fn is_excluded(class: SenderClass) -> bool {
    matches!(
        class,
        SenderClass::Null | SenderClass::Srs | SenderClass::Verp | SenderClass::Batv
    )
}

/// The facts of one message, one a recipient, each beside itself completed from the row that speaks of the whole
/// message. Where no row names a recipient, that row stands for the message.
pub fn completed(facts: &[Fact]) -> impl Iterator<Item = (&Fact, Fact)> {
    let whole = facts.iter().find(|f| f.recipient == 0);
    let alone = facts.iter().all(|f| f.recipient == 0);
    let of_recipients = facts.iter().filter(move |f| alone || f.recipient != 0);
    of_recipients.map(move |fact| {
        let mut completed = *fact;
        if let Some(whole) = whole.filter(|_| !alone) {
            lend(&mut completed, whole);
        }
        (fact, completed)
    })
}

/// Fills what a recipient's fact lacks from the row that speaks of the whole message.
fn lend(fact: &mut Fact, whole: &Fact) {
    let fill = |mine: &mut u32, theirs: u32| {
        if *mine == 0 {
            *mine = theirs;
        }
    };
    if fact.connector == 0 {
        fact.connector = whole.connector;
        fact.flags.0 |= whole.flags.0 & Flags::CONNECTOR_UNSURE;
    }
    fill(&mut fact.source, whole.source);
    fill(&mut fact.p2_domain, whole.p2_domain);
    let sure = whole.p1_domain != 0 && !whole.flags.has(Flags::SENDER_UNSURE);
    if sure && fact.flags.has(Flags::SENDER_UNSURE) {
        fact.flags.0 &= !Flags::SENDER_UNSURE;
        fact.p1_domain = whole.p1_domain;
        fact.class = whole.class;
    } else if fact.p1_domain == 0 && fact.class == SenderClass::Unknown {
        fact.flags.0 |= whole.flags.0 & Flags::SENDER_UNSURE;
        fact.p1_domain = whole.p1_domain;
        fact.class = whole.class;
    }
    let better = whole.flags.has(Flags::SENDER_IS_P2) && !fact.flags.has(Flags::SENDER_IS_P2);
    if whole.sender != 0 && (fact.sender == 0 || better) {
        fact.sender = whole.sender;
        fact.flags.0 |= whole.flags.0 & Flags::SENDER_IS_P2;
    }
    let shared = Flags::SUBMITTED_BY_USER | Flags::NOT_SUBMITTED_BY_USER | Flags::ON_PREMISES | Flags::PARTNER;
    fact.flags.0 |= whole.flags.0 & shared;
    if fact.verdict() == FilterVerdict::None {
        fact.set_outcome(fact.status(), whole.verdict());
    }
    if fact.status() == Status::Unknown {
        fact.set_outcome(whole.status(), fact.verdict());
    }
    if fact.code() == SmtpCode::None {
        fact.set_code(whole.code());
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Seen, note};
    use crate::digest::Fact;
    use crate::records::{Origin, Time};

    #[test]
    fn a_row_of_connector_mail_remembers_how_it_stood() {
        let fact = Fact::new(1, 2, Time(3), Origin::default(), 7);
        let bits = [
            note::OUTBOUND,
            note::UNPROVISIONED,
            note::FRESH,
            note::BY_NAME,
            note::SCATTERED,
        ];
        for number in 0..=6 {
            let cell = Cell::from_number(number);
            let mut seen = Seen::new(fact, 9, cell);
            assert_eq!((seen.connector(), cell as u64), (9, number));
            let told = |s: &Seen| [s.outbound(), s.unprovisioned(), s.fresh(), s.by_name(), s.scattered()];
            for (at, bit) in bits.into_iter().enumerate() {
                let expected: [bool; 5] = std::array::from_fn(|i| i == at);
                seen = seen.with(bit, true);
                assert_eq!((told(&seen), seen.cell()), (expected, cell));
                seen = seen.with(bit, false);
            }
            assert_eq!((told(&seen), seen.cell()), ([false; 5], cell));
        }
    }
}
