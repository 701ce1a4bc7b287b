//! Did Microsoft raise "Suspicious connector activity" or one of its kin?

use crate::timeline::{Action, Connector, Event};

use super::documented::documented;
use super::reach::Scope;
use super::{Case, Finding, Indicator, acts, reach};

documented! {
    /// Microsoft's own detection spoke. Its alert "Suspicious connector activity" means that the connector's mail
    /// was already stopped; kindred alerts speak of connectors and the rules made beside them.
    ///
    /// Supported: such an alert names the connector, by name or Guid, or gives an address or domain that it alone
    /// has; or it names none, and this connector is one that someone not meant to had changed in the seven days before, or
    /// else the only one touched, or the only one that can relay. Weakly: alerts on the whole tenant's sending, for the same connectors.
    ///
    /// Contradicted: the audit log, alerts included, speaks of the whole time and has no such alert, or only such
    /// as name other connectors. Alerts need auditing; a log that was switched off or exported without alerts
    /// says nothing by its silence. Alerts on single users do not count.
    ///
    /// Look-alikes: bulk mail of a legitimate application, a migration's first day.
    ///
    /// Needs: the audit log with alerts (record type SecurityComplianceAlerts).
    /// Source: Microsoft, Alert policies in the Defender portal; the alert on connectors exists since 2022.
    pub struct ConnectorAlert;
}

impl Indicator for ConnectorAlert {
    fn id(&self) -> &'static str {
        "connector_alert"
    }

    fn question(&self) -> &'static str {
        "Did Microsoft raise \"Suspicious connector activity\" or one of its kin?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let weight = case.weight(self.id());
        let alerts = alerts(case, connector);
        let own: Vec<&Alert> = alerts.iter().filter(|a| a.concerns == Concerns::This).collect();
        if let (Some(first), Some(last)) = (own.first(), own.last()) {
            let strong = own.iter().any(|a| a.about == About::Connector);
            let mut titles: Vec<&str> = own.iter().map(|a| a.title).collect();
            titles.sort_unstable();
            titles.dedup();
            let events: Vec<&Event> = own.iter().map(|a| a.event).collect();
            let why = match first.named {
                true => "which names it",
                false => "which names none but fits it alone",
            };
            return Finding::supported(
                self,
                if strong { weight.supported } else { weight.weak },
                format!(
                    "Microsoft raised \"{}\" on {} at {}, {why}.",
                    titles.join("\", \""),
                    connector.name,
                    first.event.time
                ),
                acts::cites(&events),
            )
            .fact("alerts", own.len())
            .fact("titles", titles)
            .during(first.event.time, last.event.time);
        }
        let open: Vec<&Event> = alerts
            .iter()
            .filter(|a| a.concerns == Concerns::CannotTell)
            .map(|a| a.event)
            .collect();
        if !open.is_empty() {
            return Finding::not_assessable(
                self,
                format!(
                    "{} on connectors or the tenant's sending naming none; nothing tells whether {} is meant.",
                    acts::count(open.len(), "alert"),
                    connector.name
                ),
                vec!["the alert's details in the Defender portal: connector domain and IP address".to_owned()],
            )
            .citing(acts::cites(&open));
        }
        if !reach::log_speaks_throughout(case, Scope::Alerts) {
            return Finding::not_assessable(
                self,
                "The audit log does not speak of alerts through the whole time looked at.".to_owned(),
                reach::log_needs(case, Scope::Alerts),
            );
        }
        let (points, summary) = match alerts.len() {
            0 => (
                weight.contradicted,
                format!(
                    "The audit log holds alerts and none of them is on {} or the tenant's sending.",
                    connector.name
                ),
            ),
            n => (
                0.0,
                format!(
                    "{n} alerts on connectors or sending mean others than {}.",
                    connector.name
                ),
            ),
        };
        Finding::contradicted(self, points, summary).fact("alerts_on_others", alerts.len())
    }
}

/// Alerts that are placed on no connector.
pub fn for_tenant(case: &Case) -> Option<Finding> {
    let mut titles = Vec::new();
    let mut events = Vec::new();
    for event in case.timeline.tenant.iter().filter(|e| counts(case, e)) {
        if let Some((title, _)) = policy(&texts(case, event)) {
            titles.push(title);
            events.push(event);
        }
    }
    titles.sort_unstable();
    titles.dedup();
    let (first, last) = (events.first()?, events.last()?);
    let summary = format!(
        "Microsoft raised \"{}\" without naming a connector, first at {}.",
        titles.join("\", \""),
        first.time
    );
    Some(
        Finding::supported(&ConnectorAlert, 0.0, summary, acts::cites(&events))
            .fact("alerts", events.len())
            .fact("titles", titles)
            .during(first.time, last.time),
    )
}

/// What an alert policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// A connector, or a rule made beside one.
    Connector,
    /// The tenant's sending as a whole.
    Tenant,
}

/// Alert policies by title (Microsoft, Alert policies; the first five kin are names the product uses).
const POLICIES: [(&str, About); 9] = [
    ("Suspicious connector activity", About::Connector),
    (
        "Suspicious inbound connector and transport rule created to remove sender email headers",
        About::Connector,
    ),
    ("Suspicious pattern of inbound connector creation", About::Connector),
    (
        "Suspicious email-sending pattern from new Exchange inbound connector",
        About::Connector,
    ),
    ("New transport rule removing antispam header", About::Connector),
    ("Suspicious email transport rule detected", About::Connector),
    ("Suspicious tenant sending patterns observed", About::Tenant),
    ("Tenant restricted from sending email", About::Tenant),
    ("Tenant restricted from sending unprovisioned email", About::Tenant),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concerns {
    This,
    Others,
    CannotTell,
}

struct Alert<'a> {
    event: &'a Event,
    title: &'static str,
    about: About,
    concerns: Concerns,
    named: bool,
}

/// Every alert of the policies above in the time looked at that is this connector's or nobody's, and whether it
/// means this connector, in order of time. What the timeline placed on others only is theirs.
fn alerts<'a>(case: &Case<'a>, connector: &'a Connector) -> Vec<Alert<'a>> {
    let own = connector.events.iter().map(|e| (e, true));
    let tenant = case.timeline.tenant.iter().map(|e| (e, false));
    let mut found: Vec<Alert> = own
        .chain(tenant)
        .filter(|(event, _)| counts(case, event))
        .filter_map(|(event, named)| {
            let (title, about) = policy(&texts(case, event))?;
            let concerns = if named {
                Concerns::This
            } else {
                concerns(case, connector, event)
            };
            Some(Alert {
                event,
                title,
                about,
                concerns,
                named,
            })
        })
        .collect();
    found.sort_by_key(|a| a.event.time);
    found.dedup_by(|a, b| !a.event.cites.is_empty() && a.event.cites == b.event.cites);
    found
}

fn counts(case: &Case, event: &Event) -> bool {
    is_alert(event) && event.succeeded && case.window.contains(event.time)
}

/// Whether the event came of an alert's record, also where it stands on the timeline as a block.
fn is_alert(event: &Event) -> bool {
    event.action == Action::Alerted || event.operation.trim().to_ascii_lowercase().starts_with("alert")
}

/// Everything the alert says: the event's own words and those of the record behind it.
fn texts(case: &Case, event: &Event) -> Vec<String> {
    let record = acts::record(case, event);
    let own = event.parameters.iter().map(|(_, v)| v);
    let raw = record.into_iter().flat_map(|r| {
        let bags = r.extended.iter().chain(&r.parameters).map(|(_, v)| v);
        bags.chain([&r.object]).chain(&r.targets)
    });
    [&event.object, &event.summary]
        .into_iter()
        .chain(own)
        .chain(raw)
        .cloned()
        .collect()
}

/// The policy that raised it; the longest title that stands in its words.
fn policy(texts: &[String]) -> Option<(&'static str, About)> {
    let lower: Vec<String> = texts.iter().map(|t| t.to_ascii_lowercase()).collect();
    POLICIES
        .iter()
        .filter(|(title, _)| lower.iter().any(|t| t.contains(&title.to_ascii_lowercase())))
        .max_by_key(|(title, _)| title.len())
        .copied()
}

/// Whether an alert that names no connector means this one.
fn concerns(case: &Case, connector: &Connector, event: &Event) -> Concerns {
    let suspects = acts::suspects(case, event.time, case.thresholds().prelude);
    if suspects.iter().any(|c| acts::is_same(c, connector)) {
        return Concerns::This;
    }
    let accounted_for = suspects.iter().any(|c| {
        acts::unvouched_before(case, c, event.time, case.thresholds().prelude)
            .iter()
            .any(|e| acts::is_unintended(e))
    });
    if accounted_for || !acts::can_relay(connector) {
        Concerns::Others
    } else {
        Concerns::CannotTell
    }
}

#[cfg(test)]
mod tests;
