//! Hand-built cases for the tests of the traffic indicators.

use std::net::IpAddr;

use crate::digest::coverage::{AuditScope, Completeness, Coverage};
use crate::digest::{Digest, Fact, Flags, SenderClass};
use crate::indicators::mail::Mail;
use crate::indicators::{Case, Finding, Indicator};
use crate::records::{ConnectorType, FilterVerdict, Origin, Status, Time};
use crate::settings::tuning::Thresholds;
use crate::settings::{Organization, Window};
use crate::timeline::{Action, Change, Connector, Event, Session, State, Timeline};

/// 2026-03-02, a Monday, 00:00 UTC.
pub const MONDAY: Time = Time(1_772_409_600_000_000);

/// An instant so many days and hours after [`MONDAY`].
pub fn at(day: i64, hour: i64) -> Time {
    MONDAY.plus_hours(day * 24 + hour)
}

/// An event with nothing but time, action and operation.
pub fn event(time: Time, action: Action, operation: &str) -> Event {
    Event {
        time,
        action,
        operation: operation.into(),
        object: String::new(),
        actor: None,
        client_ip: None,
        session_id: None,
        intended: None,
        intended_because: String::new(),
        no_op: false,
        succeeded: true,
        changes: Vec::new(),
        parameters_lost: false,
        parameters: Vec::new(),
        summary: String::new(),
        session: None,
        cites: Vec::new(),
    }
}

/// A change of SenderIPAddresses; a meant one in a session that looks like its owner's.
pub fn address_change(time: Time, after: &str, intended: bool) -> Event {
    let change = Change {
        parameter: "SenderIPAddresses".into(),
        before: None,
        after: Some(after.into()),
        before_known: false,
    };
    Event {
        intended: Some(intended),
        session: intended.then(|| Session::new(Vec::new(), 0.0, 40, Vec::new(), &Thresholds::default())),
        changes: vec![change],
        ..event(time, Action::Changed, "Set-InboundConnector")
    }
}

/// A connector that was always there with these addresses.
pub fn connector(name: &str, addresses: &str) -> Connector {
    Connector {
        name: name.into(),
        names: vec![name.into()],
        kind: Some(ConnectorType::OnPremises),
        states: vec![state(name, None, addresses)],
        ..Connector::default()
    }
}

pub fn state(name: &str, from: Option<Time>, addresses: &str) -> State {
    State {
        from,
        name: name.into(),
        exists: true,
        parameters: [("SenderIPAddresses".to_owned(), addresses.to_owned())].into(),
    }
}

/// What a message is made from.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    pub connector: &'a str,
    pub source: &'a str,
    pub p1: &'a str,
    pub p2: &'a str,
    pub to: &'a str,
    pub recipient: u64,
    pub class: SenderClass,
    pub spam: bool,
}

/// An ordinary message of fabrikam.com to someone at customer.example.
pub const LETTER: Letter<'static> = Letter {
    connector: "HQ",
    source: "81.2.69.160",
    p1: "fabrikam.com",
    p2: "fabrikam.com",
    to: "customer.example",
    recipient: 1,
    class: SenderClass::Ordinary,
    spam: false,
};

/// A tenant in the making.
pub struct World {
    pub digest: Digest,
    pub timeline: Timeline,
    pub coverage: Coverage,
    pub organization: Organization,
    pub window: Window,
    /// An audit log of connector changes covers the time of the trace.
    pub logged: bool,
    messages: u64,
}

impl Default for World {
    fn default() -> Self {
        World::new()
    }
}

impl World {
    /// fabrikam.com with one connector named HQ.
    pub fn new() -> Self {
        World {
            digest: Digest::default(),
            timeline: Timeline {
                connectors: vec![connector("HQ", "81.2.69.160")],
                ..Timeline::default()
            },
            coverage: Coverage::default(),
            organization: Organization {
                given: true,
                accepted_domains: vec!["fabrikam.com".into()],
                ..Organization::default()
            },
            window: Window::default(),
            logged: true,
            messages: 0,
        }
    }

    /// One message to one recipient.
    pub fn send(&mut self, time: Time, letter: Letter) -> &mut Fact {
        self.messages += 1;
        let origin = Origin {
            file: 0,
            record: u32::try_from(self.messages).unwrap(),
            offset: self.messages * 100,
        };
        let mut fact = Fact::new(self.messages, letter.recipient, time, origin, 1);
        let names = &mut self.digest.names;
        let mut name = |text: &str| if text.is_empty() { 0 } else { names.intern(text) };
        fact.connector = name(letter.connector);
        fact.p1_domain = name(letter.p1);
        fact.p2_domain = name(letter.p2);
        fact.recipient_domain = name(letter.to);
        if let Ok(address) = letter.source.parse::<IpAddr>() {
            fact.source = self.digest.sources.insert(address);
        }
        fact.sender = 7;
        fact.class = letter.class;
        if letter.p2.is_empty() {
            fact.flags.set(Flags::SENDER_UNSURE);
        }
        let (status, verdict) = if letter.spam {
            (Status::Junk, FilterVerdict::Spam)
        } else {
            (Status::Delivered, FilterVerdict::Clean)
        };
        fact.set_outcome(status, verdict);
        self.digest.facts.push(fact);
        self.digest.facts.last_mut().unwrap()
    }

    /// `count` messages spread over the working hours of a day, to a circle of a hundred recipients.
    pub fn day(&mut self, day: i64, count: u64, letter: Letter) {
        for i in 0..count {
            let recipient = letter.recipient + (i * 7 + day.cast_unsigned() * 13) % 100;
            let time = Time(at(day, 8).0 + (i * 8 * Time::HOUR.cast_unsigned() / count.max(1)).cast_signed());
            self.send(time, Letter { recipient, ..letter });
        }
    }

    /// Weekdays of about `weekday` messages, weekends of a tenth, from day `from` up to day `to`.
    pub fn routine(&mut self, from: i64, to: i64, weekday: u64, letter: Letter) {
        for day in from..to {
            let swing = [0, 3, 1, 4, 2, 5, 0][(day.rem_euclid(7)) as usize];
            let base = if day.rem_euclid(7) < 5 { weekday } else { weekday / 10 };
            let wave = [0, 2, 1, 3][(day.rem_euclid(4)) as usize];
            self.day(day, base + base * (swing + wave) / 40, letter);
        }
    }

    /// Sorts the facts, states that the trace is whole, and counts.
    pub fn count(&mut self) -> Mail {
        self.digest.facts.sort();
        let times = || self.digest.facts.iter().map(Fact::time);
        if self.coverage.message_trace.state == Completeness::Missing && !self.digest.facts.is_empty() {
            self.coverage.message_trace.state = Completeness::Complete;
            self.coverage.message_trace.first = times().min();
            self.coverage.message_trace.last = times().max();
            if self.logged {
                self.coverage.audit_log = self.coverage.message_trace.clone();
                self.coverage.audit_scope = AuditScope {
                    connectors: true,
                    heartbeat: true,
                    ..AuditScope::default()
                };
            }
        }
        Mail::count(
            self.digest.facts.clone(),
            &self.digest,
            &self.timeline,
            &self.coverage,
            &self.organization,
            self.window,
        )
        .unwrap()
    }

    /// What indicators say of a connector.
    pub fn ask_each(&mut self, index: usize, indicators: &[&dyn Indicator]) -> Vec<Finding> {
        self.with_case(|case| {
            let connector = &case.timeline.connectors[index];
            indicators.iter().map(|i| i.assess(case, connector)).collect()
        })
    }

    /// What there is to see in the case as it stands.
    pub fn with_case<R>(&mut self, look: impl FnOnce(&Case) -> R) -> R {
        let mail = self.count();
        look(&Case {
            organization: &self.organization,
            window: self.window,
            digest: &self.digest,
            coverage: &self.coverage,
            timeline: &self.timeline,
            mail: &mail,
            index: crate::indicators::Index::default(),
        })
    }

    pub fn ask_of(&mut self, index: usize, indicator: &dyn Indicator) -> Finding {
        self.ask_each(index, &[indicator]).remove(0)
    }

    pub fn ask(&mut self, indicator: &dyn Indicator) -> Finding {
        self.ask_of(0, indicator)
    }
}
