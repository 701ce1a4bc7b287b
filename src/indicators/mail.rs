//! What the traffic says, counted once for all indicators: every fact tied to its connector at its moment, per day
//! and source and sender, and split into an undoubted past and a time to be judged.

pub mod attribution;
pub mod calendar;
mod count;
mod days;
pub mod domains;
mod earliest;
#[cfg(test)]
pub mod fixture;
mod gather;
pub mod history;
mod keyed;
pub mod period;
mod resolve;
pub mod sources;
mod suspects;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use polars::prelude::PolarsResult;

use self::attribution::Attribution;
use self::calendar::Calendar;
use self::domains::Domains;
use self::earliest::Earliest;
use self::keyed::{Rows, Table};
use self::period::{Ground, TenantDay};
use self::resolve::{Bench, Messages};
use self::sources::{Evidence, Judged, SourceDay};
use crate::digest::coverage::Coverage;
use crate::digest::spill::{Column, Spill};
use crate::digest::{Digest, Fact, Facts, Flags};
use crate::records::Time;
use crate::settings::tuning::Thresholds;
use crate::settings::{Organization, Window};
use crate::timeline::{Action, Timeline};

pub use calendar::{DayClass, day_text};
pub use days::Days;
pub use keyed::sender_key;
pub use period::{Cutoff, Period};
pub use resolve::{Cell, Seen, completed};
pub use suspects::Suspect;

/// How many sources, senders and recipient domains are listed.
const TOP: usize = 20;

/// All mail, counted.
#[derive(Debug)]
pub struct Mail {
    /// In the order of the timeline's connectors.
    pub connectors: Vec<ConnectorMail>,
    /// Every local day from the first to the last with traced mail.
    pub days: Vec<TenantDay>,
    pub calendar: Calendar,
    /// The thresholds of this run.
    limits: Thresholds,
    /// Which domains were the organisation's own, and when.
    pub domains: Domains,
    /// First and last traced moment; `None` without any traced mail.
    pub traced: Option<(Time, Time)>,
    /// Facts whose sender address fitted several connectors alike; they are counted for none.
    pub ambiguous: u64,
    /// Facts that name a connector.
    pub named: u64,
    /// Whether any row carries an SMTP reply that is told apart.
    pub replies: bool,
    /// Connector mail by connector, time, message and recipient.
    seen: Column<Seen>,
}

/// The mail of one connector.
#[derive(Debug)]
pub struct ConnectorMail {
    /// Distinct messages.
    pub messages: u64,
    /// Messages and recipients.
    pub recipients: u64,
    /// Recipients tied by the name that the trace gives, and by sender address.
    pub by_name: u64,
    pub by_address: u64,
    /// Recipients that might have been its own, but whose sender address fitted other connectors as well.
    pub contested: u64,
    /// How mail was tied to it, in one sentence.
    pub attribution: String,
    /// The trace can be tied to it at all: it names connectors, or this one lists sender addresses.
    pub attributable: bool,
    /// The trace names no connectors, and some of this one's mail may have come by certificate from anywhere.
    pub untold_by_certificate: bool,
    /// By number of the day in [`Mail::days`].
    pub days: Days,
    /// Outbound messages by hour since 1970 in UTC, ascending.
    pub hours: Vec<(i64, u64)>,
    pub sources: Vec<SourceDay>,
    /// Outbound messages by sender domains.
    pub pairs: Vec<Pair>,
    /// Messages with a known outcome, and those of them that were unwanted.
    pub outcomes: Vec<Outcome>,
    /// External recipients by day.
    pub written_to: Vec<WrittenTo>,
    pub top_sources: Vec<Top>,
    pub top_senders: Vec<Top>,
    pub top_recipient_domains: Vec<Top>,
    /// `None` where no trace can be tied to the connector.
    pub period: Option<Period>,
    /// `None` exactly where `period` is.
    pub hosts: Option<Judged>,
    facts: Range<usize>,
}

/// One connector's day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayCount {
    pub messages: u64,
    pub recipients: u64,
    /// Recipients for whom it was unwanted.
    pub spam: u64,
    /// Messages with at least one recipient outside.
    pub outbound: u64,
    /// Recipients outside.
    pub outbound_recipients: u64,
}

/// Outbound messages of one pair of sender domains on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    pub test: bool,
    pub day: i32,
    pub cell: Cell,
    /// Numbers of the envelope's and the header's domain; 0 is none.
    pub p1: u32,
    pub p2: u32,
    pub unprovisioned: bool,
    pub fresh: bool,
    pub messages: u64,
}

/// Outcomes of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub test: bool,
    pub day: i32,
    pub known: u64,
    pub spam: u64,
}

/// One external recipient on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenTo {
    pub recipient: u64,
    pub test: bool,
    pub day: i32,
    /// When anyone of the organisation first wrote to it, as far as the trace reaches.
    pub first: Time,
}

/// One of the most frequent sources, senders or recipient domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Top {
    /// Number of the source or the domain; for a sender a key of no meaning outside.
    pub key: u64,
    pub messages: u64,
    pub recipients: u64,
    /// The earliest fact that shows it: its words can be read again from there.
    pub shown_by: crate::digest::Fact,
}

impl Mail {
    /// Counts the facts of a sealed digest, using them up: they and what is kept of them would not fit into memory
    /// side by side.
    ///
    /// # Errors
    /// If polars refuses the columns: more than 2³² facts.
    pub fn count(
        facts: Facts,
        digest: &Digest,
        timeline: &Timeline,
        coverage: &Coverage,
        organization: &Organization,
        window: Window,
    ) -> PolarsResult<Mail> {
        Mail::count_within(facts, digest, timeline, coverage, organization, window, None)
    }

    /// As [`Mail::count`]; what finds no room in memory is spilled.
    ///
    /// # Errors
    /// As [`Mail::count`].
    pub fn count_within(
        facts: Facts,
        digest: &Digest,
        timeline: &Timeline,
        coverage: &Coverage,
        organization: &Organization,
        window: Window,
        spill: Option<&Spill>,
    ) -> PolarsResult<Mail> {
        let survey = facts
            .each_list(Survey::of)
            .into_iter()
            .fold(Survey::default(), Survey::and);
        let traced = match survey.spoken {
            Some((first, last)) => Some((
                coverage.message_trace.first.map_or(Time(first), |t| t.min(Time(first))),
                coverage.message_trace.last.map_or(Time(last), |t| t.max(Time(last))),
            )),
            _ => None,
        };
        let (first, last) = traced.unwrap_or_default();
        let bench = Bench {
            attribution: Attribution::new(digest, timeline),
            domains: Domains::gather(digest, timeline, organization),
            calendar: Calendar::new(organization, first, last),
        };
        let (seen, all) = bench.resolve(facts, spill);
        let tenant: BTreeMap<i32, Messages> = all.days.iter().map(|(&day, &messages)| (day, messages)).collect();
        let mut counter = Counter {
            digest,
            timeline,
            coverage,
            organization,
            window,
            traced,
            written_to: &all.written_to,
            tenant: &tenant,
            seen: &seen,
            scattered: all.scattered,
            bench: &bench,
            days: Vec::new(),
            first_named: survey.first_named,
        };
        let mut connectors = counter.connectors()?;
        for (index, facts) in &all.contested {
            if let Some(mail) = connectors.get_mut(*index) {
                mail.contested = *facts;
            }
        }
        let days = std::mem::take(&mut counter.days);
        Ok(Mail {
            connectors,
            days,
            domains: bench.domains,
            calendar: bench.calendar,
            limits: organization.tuning.thresholds,
            traced,
            ambiguous: all.ambiguous,
            named: survey.named,
            replies: all.replies,
            seen,
        })
    }

    /// The mail of a connector by its index on the timeline, in order of time.
    pub fn of(&self, connector: usize) -> &[Seen] {
        let range = self.connectors.get(connector).map_or(0..0, |c| c.facts.clone());
        self.seen.get(range).unwrap_or_default()
    }
}

/// What a first look at the facts tells.
#[derive(Debug, Clone, Copy, Default)]
struct Survey {
    /// Facts that name a connector, and the time of the first.
    named: u64,
    first_named: Option<i64>,
    /// First and last time of which more than a hop is told.
    spoken: Option<(i64, i64)>,
}

impl Survey {
    fn of(facts: &[Fact]) -> Self {
        let is_named = |f: &&Fact| f.connector != 0 && !f.flags.has(Flags::CONNECTOR_UNSURE);
        let named = || facts.iter().filter(is_named);
        let times = || facts.iter().filter(|f| f.rank() > 0).map(|f| f.time);
        Survey {
            named: named().count() as u64,
            first_named: named().map(|f| f.time).min(),
            spoken: times().min().zip(times().max()),
        }
    }

    fn and(self, other: Self) -> Self {
        let spoken = [self.spoken, other.spoken].into_iter().flatten();
        Survey {
            named: self.named + other.named,
            first_named: [self.first_named, other.first_named].into_iter().flatten().min(),
            spoken: spoken.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
        }
    }
}

/// What counting needs at hand.
struct Counter<'a> {
    digest: &'a Digest,
    timeline: &'a Timeline,
    coverage: &'a Coverage,
    organization: &'a Organization,
    window: Window,
    traced: Option<(Time, Time)>,
    /// When anyone of the tenant first wrote to each recipient outside.
    written_to: &'a Earliest,
    /// Mail of the whole tenant by day.
    tenant: &'a BTreeMap<i32, Messages>,
    seen: &'a Column<Seen>,
    /// How many of them are scattered.
    scattered: usize,
    bench: &'a Bench<'a>,
    days: Vec<TenantDay>,
    /// The first row that names any connector.
    first_named: Option<i64>,
}
