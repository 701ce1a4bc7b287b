//! Hand-built digests for each rule of the timeline. Times count from Monday 2026-03-02T00:00:00Z.

mod alerts;
mod blocks;
mod damage;
mod intent;
mod naive;
mod names;
mod places;
mod related;
mod sessions;
mod values;
mod wizard;

use crate::digest::hashes::hash_session;
use crate::digest::sightings::Hashes;
use crate::digest::{Digest, Sighting, SightingKey};
use crate::records::{AuditEvent, ConnectorSnapshot, Origin, Time};
use crate::settings::Organization;

use super::{Action, Connector, Event, Timeline, build};

const MONDAY: i64 = 1_772_409_600;
pub(super) const ADMIN: &str = "it.admin@fabrikam.com";
/// Where the admin works; the documentation ranges stand for everyone else.
pub(super) const OFFICE: &str = "81.2.69.161";
pub(super) const ELSEWHERE: &str = "203.0.113.77";
pub(super) const APP: &str = "11111111-2222-3333-4444-555555555555";

/// Day and hour since that Monday.
pub(super) fn at(day: i64, hour: i64) -> Time {
    Time::from_seconds(MONDAY + day * 86_400 + hour * 3_600)
}

pub(super) fn minutes(time: Time, minutes: i64) -> Time {
    Time(time.0 + minutes * Time::HOUR / 60)
}

/// A record by the admin from the office.
pub(super) fn cmdlet(time: Time, operation: &str, parameters: &[(&str, &str)]) -> AuditEvent {
    AuditEvent {
        time,
        id: Some(format!("{operation} at {time}")),
        operation: operation.to_owned(),
        record_type: Some(1),
        user: ADMIN.to_owned(),
        user_type: Some(2),
        succeeded: true,
        client_ip: OFFICE.parse().ok(),
        external_access: Some(false),
        parameters: parameters
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        complete: true,
        ..AuditEvent::default()
    }
}

pub(super) fn new(time: Time, name: &str, more: &[(&str, &str)]) -> AuditEvent {
    let mut parameters = vec![("Name", name)];
    parameters.extend(more);
    cmdlet(time, "New-InboundConnector", &parameters)
}

pub(super) fn set(time: Time, identity: &str, more: &[(&str, &str)]) -> AuditEvent {
    let mut parameters = vec![("Identity", identity)];
    parameters.extend(more);
    cmdlet(time, "Set-InboundConnector", &parameters)
}

pub(super) fn remove(time: Time, identity: &str) -> AuditEvent {
    cmdlet(time, "Remove-InboundConnector", &[("Identity", identity)])
}

pub(super) fn by(user: &str, address: &str, event: AuditEvent) -> AuditEvent {
    AuditEvent {
        user: user.to_owned(),
        client_ip: address.parse().ok(),
        ..event
    }
}

pub(super) fn by_app(event: AuditEvent) -> AuditEvent {
    AuditEvent {
        user: format!("ServicePrincipal_{APP}"),
        user_type: Some(6),
        client_ip: ELSEWHERE.parse().ok(),
        ..event
    }
}

/// A directory record about an application.
pub(super) fn about_app(time: Time, operation: &str) -> AuditEvent {
    AuditEvent {
        record_type: Some(8),
        targets: vec![APP.to_owned(), "Mail Helper".to_owned()],
        ..cmdlet(time, operation, &[])
    }
}

pub(super) fn snapshot(name: &str, id: Option<&str>, changed: Time, parameters: &[(&str, &str)]) -> ConnectorSnapshot {
    ConnectorSnapshot {
        name: name.to_owned(),
        id: id.map(str::to_owned),
        parameters: parameters
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        changed: Some(changed),
        origin: Origin {
            file: 9,
            record: 1,
            offset: 0,
        },
        ..ConnectorSnapshot::default()
    }
}

/// A digest as sealing leaves it: events by time and origin.
pub(super) fn digest(mut events: Vec<AuditEvent>, connectors: Vec<ConnectorSnapshot>) -> Digest {
    for (n, event) in events.iter_mut().enumerate() {
        event.origin.record = u32::try_from(n).unwrap_or_default() + 1;
    }
    events.sort_by_key(|e| (e.time, e.origin));
    Digest {
        events,
        connectors,
        ..Digest::default()
    }
}

pub(super) fn sign_in(digest: &mut Digest, account: &str, address: &str, time: Time, succeeded: bool, count: usize) {
    let key = SightingKey {
        account: account.into(),
        day: i32::try_from(time.0.div_euclid(Time::DAY)).unwrap_or_default(),
        address: address.parse().ok(),
        agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/120".into(),
        succeeded,
    };
    let place = (time, Origin::default());
    digest.sightings.insert(
        key,
        Sighting {
            first: place,
            last: place,
            ids: (0..count as u64).collect(),
            sessions: Hashes::new(),
            details: None,
        },
    );
}

/// Puts the sign-ins of an account on one day from one address into a session.
pub(super) fn in_session(digest: &mut Digest, account: &str, address: &str, time: Time, session: &str) {
    for (key, seen) in digest.sightings.iter_mut() {
        if *key.account == *account && key.address == address.parse().ok() && seen.first.0 == time {
            seen.sessions = hash_session(session).into_iter().collect();
        }
    }
}

/// The admin signs in from the office at eight on each of these days.
pub(super) fn office_days(digest: &mut Digest, days: std::ops::Range<i64>) {
    for day in days {
        sign_in(digest, ADMIN, OFFICE, at(day, 8), true, 1);
    }
}

pub(super) fn timeline(events: Vec<AuditEvent>, connectors: Vec<ConnectorSnapshot>) -> Timeline {
    build(&digest(events, connectors), &Organization::default())
}

pub(super) fn connector<'a>(timeline: &'a Timeline, name: &str) -> &'a Connector {
    timeline
        .connectors
        .iter()
        .find(|c| c.names.iter().any(|n| n == name))
        .unwrap_or_else(|| panic!("no connector {name} among {:?}", names(timeline)))
}

pub(super) fn names(timeline: &Timeline) -> Vec<&str> {
    timeline.connectors.iter().map(|c| c.name.as_str()).collect()
}

pub(super) fn actions(connector: &Connector) -> Vec<Action> {
    connector.events.iter().map(|e| e.action).collect()
}

pub(super) fn of(connector: &Connector, action: Action) -> Vec<&Event> {
    connector.events.iter().filter(|e| e.action == action).collect()
}

/// Changes as `parameter: before -> after`, `?` for an unknown value and `-` for none.
pub(super) fn changes(event: &Event) -> Vec<String> {
    event
        .changes
        .iter()
        .map(|c| {
            let before = c.before.as_deref().unwrap_or(if c.before_known { "-" } else { "?" });
            format!("{}: {before} -> {}", c.parameter, c.after.as_deref().unwrap_or("-"))
        })
        .collect()
}
