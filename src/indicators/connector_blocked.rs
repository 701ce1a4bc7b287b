//! Was the connector blocked from relaying?

use crate::digest::Fact;
use crate::digest::coverage::Completeness;
use crate::records::{BlockedConnector, SmtpCode, Status};
use crate::timeline::{Action, Cite, Connector, Event};

use super::documented::documented;
use super::reach::Scope;
use super::{Case, Finding, Indicator, acts, reach, usage};

documented! {
    /// Microsoft blocks a connector whose mail shows signs of compromise: it becomes a restricted entity, can
    /// relay no more, and whoever sends through it is answered 550 5.7.711, bad inbound connector.
    ///
    /// Supported: the connector stands in a Get-BlockedConnector export, a block of it or the lifting of one is on
    /// record, or mail of its own was answered 5.7.711. The tenant-wide replies 5.7.705 (sending threshold exceeded) and 5.7.750
    /// (unregistered domains) count weakly, and only on the connector's own mail; where several connectors got
    /// them, only for those that someone changed in the seven days before without being meant to.
    ///
    /// Contradicted: a Get-BlockedConnector export is there without it; or the trace speaks of the whole time and
    /// shows no such reply, and the audit log, alerts included, shows no block. An export that gives Guids alone
    /// says nothing of a connector whose Guid is unknown, which may be the very one that it lists; and a trace without replies nothing of failed mail.
    ///
    /// Look-alikes: bulk mail of a legitimate application can be blocked, and a migration that goes from nothing to
    /// a thousand recipients a day has tripped the tenant's threshold.
    ///
    /// Needs: Get-BlockedConnector, or message trace and audit log with alerts.
    /// Source: Microsoft, Remove blocked connectors from the Restricted entities page; Microsoft, Fix error codes
    /// 5.7.700 through 5.7.750.
    pub struct ConnectorBlocked;
}

impl Indicator for ConnectorBlocked {
    fn id(&self) -> &'static str {
        "connector_blocked"
    }

    fn question(&self) -> &'static str {
        "Was the connector blocked from relaying?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let weight = case.weight(self.id());
        let mail = usage::in_window(case, connector);
        let listed = listed(case, connector);
        let events: Vec<_> = connector
            .events
            .iter()
            .filter(|e| e.action == Action::Blocked && e.succeeded && case.window.contains(e.time))
            .collect();
        let lifted: Vec<_> = connector
            .events
            .iter()
            .filter(|e| e.action == Action::Unblocked && e.succeeded && case.window.contains(e.time))
            .collect();
        let refused = with_code(&mail, &[SmtpCode::BadInboundConnector]);
        if !(listed.is_empty() && events.is_empty() && lifted.is_empty() && refused.is_empty()) {
            let signs: Vec<String> = [
                (!listed.is_empty()).then(|| "it stands in the list of blocked connectors".to_owned()),
                (!events.is_empty()).then(|| format!("{} of it on record", acts::count(events.len(), "block"))),
                (!lifted.is_empty()).then(|| format!("{} of it on record", acts::count(lifted.len(), "unblock"))),
                (!refused.is_empty()).then(|| {
                    format!(
                        "{} of its own answered 5.7.711",
                        acts::count(usage::messages(&refused), "message")
                    )
                }),
            ]
            .into_iter()
            .flatten()
            .collect();
            let mut cites: Vec<Cite> = listed.iter().filter_map(|row| row_cite(case, row)).collect();
            cites.extend(acts::cites(&events));
            cites.extend(acts::cites(&lifted));
            cites.extend(usage::cites(&refused));
            let summary = format!(
                "Microsoft blocked {} from relaying: {}.",
                connector.name,
                signs.join("; ")
            );
            let finding = Finding::supported(self, weight.supported, summary, cites.clone())
                .fact("listed", !listed.is_empty())
                .fact("block_events", events.len())
                .fact("unblock_events", lifted.len())
                .fact("messages_5_7_711", usage::messages(&refused));
            return match (cites.iter().map(|c| c.time).min(), cites.iter().map(|c| c.time).max()) {
                (Some(from), Some(to)) => finding.during(from, to),
                _ => finding,
            };
        }
        let tenant = with_code(&mail, &TENANT);
        if !tenant.is_empty() {
            return self.tenant_wide(case, connector, &tenant);
        }
        self.without_a_sign(case, connector, &mail)
    }
}

/// Replies that speak of the tenant as a whole.
const TENANT: [SmtpCode; 2] = [SmtpCode::TenantThreshold, SmtpCode::UnregisteredDomain];

impl ConnectorBlocked {
    fn tenant_wide(&self, case: &Case, connector: &Connector, refused: &[&Fact]) -> Finding {
        let weight = case.weight(self.id());
        let messages = acts::count(usage::messages(refused), "message");
        let others = case
            .timeline
            .connectors
            .iter()
            .filter(|c| !acts::is_same(c, connector))
            .filter(|c| !with_code(&usage::in_window(case, c), &TENANT).is_empty())
            .count();
        let (Some(first), Some(last)) = (refused.first(), refused.last()) else {
            return self.without_a_sign(case, connector, &[]);
        };
        let doubtful = acts::unvouched_before(case, connector, first.time(), case.thresholds().prelude)
            .iter()
            .any(|e| acts::is_unintended(e));
        if others > 0 && !doubtful {
            return Finding::not_assessable(
                self,
                format!(
                    "{messages} of {} got a reply that the tenant as a whole is restricted, as did mail of {}; \
                     nothing tells which of them caused it.",
                    connector.name,
                    acts::count(others, "other connector")
                ),
                vec![BLOCKED_EXPORT.to_owned()],
            );
        }
        Finding::supported(
            self,
            weight.weak,
            format!(
                "{messages} of {} got a reply that the tenant is restricted (5.7.705 or 5.7.750); the connector \
                 itself is not on record as blocked.",
                connector.name
            ),
            usage::cites(refused),
        )
        .fact("messages_tenant_restricted", usage::messages(refused))
        .during(first.time(), last.time())
    }

    fn without_a_sign(&self, case: &Case, connector: &Connector, mail: &[&Fact]) -> Finding {
        let weight = case.weight(self.id());
        if list_speaks_of(case, connector) {
            return Finding::contradicted(
                self,
                weight.contradicted,
                match case.digest.blocked.len() {
                    0 => format!(
                        "The export lists no blocked connector, and no block of {} is on record.",
                        connector.name
                    ),
                    1 => format!(
                        "{} is not the one blocked connector of the export, and no block of it is on record.",
                        connector.name
                    ),
                    listed => format!(
                        "{} is not among the {listed} blocked connectors of the export, and no block of it is on record.",
                        connector.name
                    ),
                },
            )
            .fact("listed", false);
        }
        let open = unplaced(case, connector);
        if !open.is_empty() {
            return Finding::not_assessable(
                self,
                format!(
                    "{} of a connector on record by a Guid that may be that of {}.",
                    acts::count(open.len(), "block"),
                    connector.name
                ),
                vec!["the connectors with their Guids (Get-InboundConnector)".to_owned()],
            )
            .citing(acts::cites(&open));
        }
        let unexplained = mail
            .iter()
            .filter(|f| f.status() == Status::Failed && f.code() == SmtpCode::None);
        let silent = unexplained.count() > 0 && !case.mail.replies;
        if !mail.is_empty()
            && !silent
            && reach::trace_speaks_throughout(case)
            && reach::log_speaks_throughout(case, Scope::Alerts)
        {
            return Finding::contradicted(
                self,
                weight.contradicted,
                format!(
                    "None of the {} of {} was answered as coming from a blocked connector, and no alert of a block \
                     is in the audit log.",
                    acts::count(usage::messages(mail), "message"),
                    connector.name
                ),
            )
            .fact("messages", usage::messages(mail));
        }
        let mut needs = vec![BLOCKED_EXPORT.to_owned()];
        needs.extend(reach::log_needs(case, Scope::Alerts));
        needs.push(reach::trace_needs(case));
        Finding::not_assessable(
            self,
            format!("Nothing in the evidence tells whether {} was blocked.", connector.name),
            needs,
        )
    }
}

const BLOCKED_EXPORT: &str = "the list of blocked connectors (Get-BlockedConnector)";

fn with_code<'a>(mail: &[&'a Fact], codes: &[SmtpCode]) -> Vec<&'a Fact> {
    mail.iter().copied().filter(|f| codes.contains(&f.code())).collect()
}

/// The rows of the export that mean this connector. A block that began before the time looked at still held in it.
fn listed<'a>(case: &Case<'a>, connector: &Connector) -> Vec<&'a BlockedConnector> {
    case.digest
        .blocked
        .iter()
        .filter(|row| acts::is_meant(case, connector, &row.connector))
        .filter(|row| row.time.is_none_or(|t| case.window.to.is_none_or(|to| t <= to)))
        .collect()
}

/// Whether the export would list the connector in a way that we could tell.
fn list_speaks_of(case: &Case, connector: &Connector) -> bool {
    case.coverage.blocked_connectors.state == Completeness::Complete
        && (connector.id.is_some()
            || case.digest.blocked.iter().all(|row| {
                case.timeline
                    .connectors
                    .iter()
                    .any(|c| acts::is_meant(case, c, &row.connector))
            }))
}

/// Blocks, and liftings of a block, by a Guid that nothing explains: they may mean any connector whose own Guid is
/// not known.
fn unplaced<'a>(case: &Case<'a>, connector: &Connector) -> Vec<&'a Event> {
    let is_block =
        |e: &&Event| e.action == Action::Blocked || e.operation.eq_ignore_ascii_case("Remove-BlockedConnector");
    let tenant = case.timeline.tenant.iter().filter(|_| connector.id.is_none());
    let tenant = tenant.filter(is_block).filter(|e| e.succeeded);
    tenant
        .filter(|e| case.window.to.is_none_or(|to| e.time <= to))
        .collect()
}

/// The row to cite. The export often gives no time; the row then stands at the end of the time looked at.
fn row_cite(case: &Case, row: &BlockedConnector) -> Option<Cite> {
    Some(Cite {
        time: row
            .time
            .or_else(|| reach::period(case).map(|p| p.1))
            .unwrap_or_default(),
        origin: row.origin,
        id: None,
    })
}

#[cfg(test)]
mod tests;
