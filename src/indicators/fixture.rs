//! Cases built by hand for the indicators' tests: March 2026 with complete evidence unless a test takes some away.

use crate::digest::coverage::{AuditScope, Completeness, Coverage, FamilyCoverage};
use crate::digest::{Digest, Fact};
use crate::records::{ConnectorSnapshot, ConnectorType, Origin, SmtpCode, Status, Time};
use crate::settings::tuning::Thresholds;
use crate::settings::{Organization, Window};
use crate::timeline::{Action, Actor, ActorKind, Change, Cite, Connector, Event, Session, Timeline};

use super::mail::Mail;
use super::{Case, Finding, Indicator, State};

/// Everything a [`Case`] borrows.
pub struct Fixture {
    pub organization: Organization,
    pub window: Window,
    pub digest: Digest,
    pub coverage: Coverage,
    pub timeline: Timeline,
}

/// A moment of March 2026: `10T08:30` is the tenth at half past eight, UTC; `02-10T08:30` names the month.
pub fn at(text: &str) -> Time {
    let text = if text.matches('-').count() == 0 {
        format!("03-{text}")
    } else {
        text.to_owned()
    };
    let text = if text.len() > 12 {
        format!("{text}:00Z")
    } else {
        format!("2026-{text}:00Z")
    };
    Time(
        chrono::DateTime::parse_from_rfc3339(&text)
            .expect("a time in a test")
            .timestamp_micros(),
    )
}

/// A citation whose record number follows from the time, so that two moments never share one.
pub fn cite(time: Time) -> Cite {
    let record = (time.hour() as u32).wrapping_mul(60) + (time.0.rem_euclid(Time::HOUR) / 60_000_000) as u32;
    Cite {
        time,
        origin: Origin {
            file: 0,
            record,
            offset: u64::from(record) * 100,
        },
        id: Some(format!("record {record}")),
    }
}

/// An event by an actor, with one row behind it.
pub fn act(time: &str, action: Action, actor: &str, intended: Option<bool>) -> Event {
    let operation = match action {
        Action::Created => "New-InboundConnector",
        Action::Removed => "Remove-InboundConnector",
        Action::Unblocked => "Remove-BlockedConnector",
        Action::Alerted => "AlertTriggered",
        Action::SeenInSnapshot => "",
        _ => "Set-InboundConnector",
    };
    Event {
        time: at(time),
        action,
        operation: operation.to_owned(),
        object: String::new(),
        actor: (!actor.is_empty()).then(|| actor.to_owned()),
        client_ip: None,
        session_id: None,
        intended,
        intended_because: "as the test says".to_owned(),
        no_op: false,
        succeeded: true,
        changes: Vec::new(),
        parameters_lost: false,
        parameters: Vec::new(),
        summary: String::new(),
        // What is meant, unless the test says otherwise, is done in a session that looks like its owner's.
        session: (intended == Some(true))
            .then(|| Session::new(Vec::new(), 0.0, 40, Vec::new(), &Thresholds::default())),
        cites: vec![cite(at(time))],
    }
}

/// Details of an event, one after the other.
pub trait Sketch: Sized {
    /// With one parameter changed.
    fn with(self, parameter: &str, before: &str, after: &str) -> Self;
    /// Under another operation, with parameters as typed.
    fn typed(self, operation: &str, parameters: &[(&str, &str)]) -> Self;
    /// Done to the object of this name.
    fn on(self, object: &str) -> Self;
    /// From a session of this weight, by an account seen on so many days before.
    fn session(self, weight: f64, history_days: u32) -> Self;
}

impl Sketch for Event {
    fn with(mut self, parameter: &str, before: &str, after: &str) -> Self {
        self.changes.push(Change {
            parameter: parameter.to_owned(),
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
            before_known: true,
        });
        self.parameters.push((parameter.to_owned(), after.to_owned()));
        self
    }

    fn typed(mut self, operation: &str, parameters: &[(&str, &str)]) -> Self {
        self.operation = operation.to_owned();
        self.parameters
            .extend(parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self
    }

    fn on(mut self, object: &str) -> Self {
        self.object = object.to_owned();
        self
    }

    fn session(mut self, weight: f64, history_days: u32) -> Self {
        let sentence = (weight > 0.0).then(|| "an address never seen before".to_owned());
        self.session = Some(Session::new(
            sentence.into_iter().collect(),
            weight,
            history_days,
            vec![cite(Time(self.time.0 - 600_000_000))],
            &Thresholds::default(),
        ));
        self
    }
}

impl Fixture {
    /// Audit log and trace of all March, every kind of record in it, all snapshots there; no connectors yet.
    pub fn complete() -> Self {
        let log = FamilyCoverage {
            state: Completeness::Complete,
            first: Some(at("01T00:00")),
            last: Some(at("31T23:00")),
            ..FamilyCoverage::default()
        };
        let snapshot = FamilyCoverage {
            state: Completeness::Complete,
            ..FamilyCoverage::default()
        };
        let hours: Vec<i64> = (at("01T00:00").hour()..=at("31T23:00").hour()).collect();
        Fixture {
            organization: Organization::default(),
            window: Window::default(),
            digest: Digest::default(),
            coverage: Coverage {
                audit_log: log.clone(),
                message_trace: log.clone(),
                sign_in_log: log,
                inbound_connectors: snapshot.clone(),
                accepted_domains: snapshot.clone(),
                blocked_connectors: snapshot,
                audit_scope: AuditScope {
                    connectors: true,
                    exchange_admin: true,
                    directory: true,
                    sign_ins: true,
                    alerts: true,
                    heartbeat: true,
                },
                audit_hours: hours.clone(),
                trace_hours: hours,
            },
            timeline: Timeline::default(),
        }
    }

    /// Without any audit log.
    pub fn no_log(mut self) -> Self {
        self.coverage.audit_log = FamilyCoverage::default();
        self.coverage.audit_scope = AuditScope::default();
        self.coverage.audit_hours = Vec::new();
        self
    }

    /// Without any trace.
    pub fn no_trace(mut self) -> Self {
        self.coverage.message_trace = FamilyCoverage::default();
        self.coverage.trace_hours = Vec::new();
        self
    }

    /// The OnPremises connector of this name, made now if it is not there.
    pub fn connector(&mut self, name: &str) -> &mut Connector {
        let connectors = &mut self.timeline.connectors;
        let index = connectors.iter().position(|c| c.name == name).unwrap_or_else(|| {
            connectors.push(Connector {
                name: name.to_owned(),
                names: vec![name.to_owned()],
                kind: Some(ConnectorType::OnPremises),
                ..Connector::default()
            });
            connectors.len() - 1
        });
        &mut connectors[index]
    }

    pub fn get(&self, name: &str) -> &Connector {
        self.timeline
            .connectors
            .iter()
            .find(|c| c.name == name)
            .expect("a connector of the test")
    }

    /// An event on the connector; its actor becomes known as a user.
    pub fn event(&mut self, connector: &str, event: Event) -> &mut Self {
        self.knows(&event, ActorKind::User);
        self.connector(connector).events.push(event);
        self
    }

    /// An event of the tenant.
    pub fn tenant(&mut self, event: Event) -> &mut Self {
        self.knows(&event, ActorKind::User);
        self.timeline.tenant.push(event);
        self
    }

    fn knows(&mut self, event: &Event, kind: ActorKind) {
        if let Some(id) = &event.actor {
            self.timeline
                .actors
                .entry(id.clone())
                .or_insert(Actor { id: id.clone(), kind });
        }
    }

    /// Says what kind of actor it is.
    pub fn actor(&mut self, id: &str, kind: ActorKind) -> &mut Self {
        self.timeline.actors.insert(
            id.to_owned(),
            Actor {
                id: id.to_owned(),
                kind,
            },
        );
        self
    }

    /// Puts the connector into the snapshot.
    pub fn snapshot(&mut self, name: &str, created: Option<Time>, changed: Option<Time>) -> &mut Self {
        let record = self.digest.connectors.len() as u32 + 1;
        self.connector(name).present_in_snapshot = true;
        self.digest.connectors.push(ConnectorSnapshot {
            name: name.to_owned(),
            created,
            changed,
            origin: Origin {
                file: 2,
                record,
                offset: 0,
            },
            ..ConnectorSnapshot::default()
        });
        self
    }

    /// One delivered message over the connector.
    pub fn mail(&mut self, connector: &str, time: &str) -> &mut Fact {
        let number = self.digest.facts.len() as u64 + 1;
        let origin = Origin {
            file: 1,
            record: number as u32,
            offset: number * 100,
        };
        let mut fact = Fact::new(number, number, at(time), origin, 3);
        fact.connector = self.digest.names.intern(connector);
        fact.set_outcome(Status::Delivered, crate::records::FilterVerdict::Clean);
        self.digest.facts.push(fact);
        self.digest.facts.last_mut().expect("just pushed")
    }

    /// One message over the connector that was answered with this reply.
    pub fn refused(&mut self, connector: &str, time: &str, code: SmtpCode) -> &mut Self {
        let fact = self.mail(connector, time);
        fact.set_outcome(Status::Failed, crate::records::FilterVerdict::None);
        fact.set_code(code);
        self
    }

    /// The case as it stands. Its mail is counted anew each time and, in a test, never dropped.
    pub fn case(&self) -> Case<'_> {
        let mail = Mail::count(
            self.digest.facts.clone(),
            &self.digest,
            &self.timeline,
            &self.coverage,
            &self.organization,
            self.window,
        )
        .expect("a test's few facts are counted");
        Case {
            mail: Box::leak(Box::new(mail)),
            organization: &self.organization,
            window: self.window,
            digest: &self.digest,
            coverage: &self.coverage,
            timeline: &self.timeline,
            index: super::Index::default(),
        }
    }

    /// The answer for a connector, with what holds for every finding checked.
    pub fn assess(&self, indicator: &dyn Indicator, connector: &str) -> Finding {
        let finding = indicator.assess(&self.case(), self.get(connector));
        check(indicator, &finding);
        finding
    }

    pub fn state(&self, indicator: &dyn Indicator, connector: &str) -> State {
        self.assess(indicator, connector).state
    }
}

/// What holds for every finding: points and rows fit the state, and a sentence says why.
pub fn check(indicator: &dyn Indicator, finding: &Finding) {
    let weight = crate::settings::tuning::weights::of(indicator.id());
    assert_eq!(finding.id, indicator.id());
    assert!(
        finding.summary.ends_with('.') && finding.summary.len() > 20,
        "{:?}",
        finding.summary
    );
    match finding.state {
        State::Supported => {
            assert!(
                !finding.cites.is_empty(),
                "supported without a row: {}",
                finding.summary
            );
            assert!(finding.points == weight.supported || finding.points == weight.weak);
        }
        State::Contradicted => assert!(finding.points == weight.contradicted || finding.points == 0.0),
        State::NotAssessable => {
            assert_eq!(finding.points, 0.0);
            assert!(!finding.needs.is_empty(), "nothing to collect: {}", finding.summary);
        }
    }
}
