//! Runs of the Exchange hybrid configuration wizard.
//!
//! The wizard names its connector `Inbound from <guid>`, and so can anyone. What vouches for it is the whole
//! set that a run makes within minutes, and a certificate of a domain that the organisation has.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::records::{SettingKind, Time};
use crate::settings::tuning::Thresholds;

use super::actor::guids;
use super::reference::{Reference, fold, reference};
use super::{Action, Cite, Connector, Event, Timeline};

/// A whole run of the wizard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HybridRun {
    /// First and last record of the run.
    pub from: Time,
    pub to: Time,
    /// The run's id: the GUID in the names of all its parts.
    pub id: String,
    /// The certificate domain that is accepted.
    pub domain: String,
    /// One row for each part.
    pub cites: Vec<Cite>,
}

/// An outbound connector of a snapshot, which stands in for the record of its making where that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    pub name: String,
    pub made: Time,
    pub cite: Cite,
}

/// Those whose making the snapshot dates.
pub(super) fn siblings(digest: &Digest) -> Vec<Sibling> {
    let outbound = digest
        .settings
        .iter()
        .filter(|s| s.kind == SettingKind::OutboundConnector);
    let dated = outbound.filter_map(|s| Some((s, s.created?)));
    let sibling = dated.map(|(s, made)| Sibling {
        name: s.name.clone(),
        made,
        cite: Cite {
            time: made,
            origin: s.origin,
            id: None,
        },
    });
    sibling.collect()
}

/// The run of the wizard that made or set this connector: organisation, outbound connector and relationship
/// of the same id, by the same actor within half an hour, and a certificate of an accepted domain. `None`
/// where a part is missing. The outbound connector may also stand in a snapshot that dates it so.
pub fn hybrid_wizard(timeline: &Timeline, connector: &Connector, limits: &Thresholds) -> Option<HybridRun> {
    // A tenant may have very many events, and few connectors bear a GUID in their name.
    if connector.names.iter().all(|n| guids(n).is_empty()) {
        return None;
    }
    let events: Vec<&Event> = connector.events.iter().collect();
    let siblings: Vec<&Event> = timeline.tenant.iter().collect();
    let known = Known {
        accepted: &timeline.accepted_domains,
        outbound: &timeline.outbound,
    };
    find(connector, &events, &siblings, &known, limits)
}

/// What the run is compared with.
pub(super) struct Known<'a> {
    pub accepted: &'a BTreeMap<String, Option<Time>>,
    pub outbound: &'a [Sibling],
}

/// As [`hybrid_wizard`], before the timeline is put together. `tenant` in order of time.
pub(super) fn find(
    connector: &Connector,
    events: &[&Event],
    tenant: &[&Event],
    known: &Known<'_>,
    limits: &Thresholds,
) -> Option<HybridRun> {
    let ids: Vec<String> = connector.names.iter().flat_map(|n| guids(n)).collect();
    if ids.is_empty() {
        return None;
    }
    let anchors = events
        .iter()
        .filter(|e| e.succeeded && matches!(e.action, Action::Created | Action::Changed));
    anchors.into_iter().find_map(|anchor| {
        let from = tenant.partition_point(|e| e.time.0 < anchor.time.0.saturating_sub(limits.wizard_run));
        let later = tenant.get(from..).unwrap_or_default().iter().copied();
        let near: Vec<&Event> = later
            .take_while(|e| e.time.0 <= anchor.time.0.saturating_add(limits.wizard_run))
            .filter(|e| e.succeeded && e.actor == anchor.actor)
            .collect();
        ids.iter().find_map(|id| {
            let organisation = near.iter().find(|e| is_organisation(e, connector))?;
            let its_name = format!("outbound to {id}");
            let written = near
                .iter()
                .find(|e| is_write(&e.operation, "outboundconnector") && fold(&own_name(e)) == its_name)
                .map(|e| (e.time, e.cites.first().cloned()));
            let stands = || {
                let of_run = |s: &&Sibling| {
                    fold(&s.name) == its_name && s.made.0.abs_diff(anchor.time.0) <= limits.wizard_run.unsigned_abs()
                };
                known
                    .outbound
                    .iter()
                    .find(of_run)
                    .map(|s| (s.made, Some(s.cite.clone())))
            };
            let outbound = written.or_else(stands)?;
            let relationship = near.iter().find(|e| {
                is_write(&e.operation, "organizationrelationship") && fold(&own_name(e)).ends_with(&format!("- {id}"))
            })?;
            let certificate = connector
                .state_at(anchor.time)?
                .parameters
                .get("TlsSenderCertificateName")?;
            let domain = accepted_parent(&certificate_domain(certificate)?, known.accepted, anchor.time, limits)?;
            let of_event = |e: &Event| (e.time, e.cites.first().cloned());
            let parts = [
                of_event(anchor),
                of_event(organisation),
                outbound,
                of_event(relationship),
            ];
            Some(HybridRun {
                from: parts.iter().map(|(time, _)| *time).min()?,
                to: parts.iter().map(|(time, _)| *time).max()?,
                id: id.clone(),
                domain,
                cites: parts.into_iter().filter_map(|(_, cite)| cite).collect(),
            })
        })
    })
}

fn is_write(operation: &str, noun: &str) -> bool {
    let operation = operation.trim().to_lowercase();
    ["new-", "set-"]
        .iter()
        .any(|verb| operation.strip_prefix(verb) == Some(noun))
}

fn is_organisation(event: &Event, connector: &Connector) -> bool {
    is_write(&event.operation, "onpremisesorganization")
        && event.parameters.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("InboundConnector")
                && match reference(value) {
                    Some(Reference::Id(id)) => connector.id.as_ref().is_some_and(|own| fold(own) == id),
                    Some(Reference::Name(named)) => connector.names.iter().any(|n| fold(n) == fold(&named)),
                    None => false,
                }
        })
}

/// The name of the object that a record makes or sets.
fn own_name(event: &Event) -> String {
    let parameter = |wanted: &str| {
        event
            .parameters
            .iter()
            .find(|(n, v)| n.eq_ignore_ascii_case(wanted) && !v.trim().is_empty())
            .map(|(_, v)| v.as_str())
    };
    let text = parameter("Name")
        .or_else(|| parameter("Identity"))
        .unwrap_or(&event.object);
    match reference(text) {
        Some(Reference::Name(name) | Reference::Id(name)) => name,
        None => String::new(),
    }
}

/// The host of a certificate: a bare name, or the subject of `<I>issuer<S>subject`.
fn certificate_domain(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    let subject = lower.rsplit_once("<s>").map_or(lower.as_str(), |(_, s)| s);
    let host = match subject.split_once("cn=") {
        Some((_, rest)) => rest.split(',').next().unwrap_or(rest),
        None => subject,
    };
    let host = host.trim().trim_start_matches("*.").trim_end_matches('.');
    host.contains('.').then(|| host.to_owned())
}

/// The accepted domain that a host lies in, if it was accepted long enough before.
fn accepted_parent(
    host: &str,
    accepted: &BTreeMap<String, Option<Time>>,
    time: Time,
    limits: &Thresholds,
) -> Option<String> {
    let mut rest = host;
    loop {
        if let Some(since) = accepted.get(rest)
            && since.is_none_or(|s| time.0.saturating_sub(s.0) >= limits.domain_fresh)
        {
            return Some(rest.to_owned());
        }
        rest = rest.split_once('.')?.1;
    }
}

/// Whether an event lies within a run.
pub(super) fn covers(run: &HybridRun, time: Time, limits: &Thresholds) -> bool {
    let slack = limits.wizard_run;
    (run.from.0.saturating_sub(slack)..=run.to.0.saturating_add(slack)).contains(&time.0)
}
