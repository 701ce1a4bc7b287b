//! What an audit log was exported with. A log that was searched for a few operations is silent on all others, and its
//! silence clears nobody.

use std::collections::BTreeSet;

use super::{AuditScope, Coverage};
use crate::digest::{Digest, Observed};
use crate::records::{Workload, cmdlet};

/// Families of cmdlets that together no filter leaves behind.
const BREADTH: usize = 3;

/// Parts of the nouns that an incident's search names, with the family they belong to: mailboxes and their rules and
/// permissions, rules of transport, spam filters, roles, auditing, domains, connectors.
const SOUGHT: [(&str, &str); 19] = [
    ("inboxrule", "mailbox"),
    ("sweeprule", "mailbox"),
    ("mailbox", "mailbox"),
    ("mailuser", "mailbox"),
    ("mailcontact", "mailbox"),
    ("recipientpermission", "mailbox"),
    ("transportrule", "rule"),
    ("journalrule", "rule"),
    ("filter", "filter"),
    ("antiphish", "filter"),
    ("safe", "filter"),
    ("role", "role"),
    ("audit", "audit"),
    ("domain", "domain"),
    ("federation", "domain"),
    ("connector", "connector"),
    ("blocked", "connector"),
    ("serviceprincipal", "application"),
    ("app", "application"),
];

/// Judges the scope of the audit logs from what they hold.
pub fn of(logs: &[&Observed], digest: &Digest, coverage: &Coverage) -> AuditScope {
    let has = |w| logs.iter().any(|o| o.workloads.contains(&w));
    let operations = || logs.iter().flat_map(|o| &o.operations);
    let identity = has(Workload::Directory) || has(Workload::SignIn);
    // Mailboxes, files and chats are in nobody's search for an incident: they come with "everything".
    let everything = identity && has(Workload::ExchangeItem) && has(Workload::Other);
    let unfiltered = everything || is_broad(operations().map(String::as_str));
    let sign_in_log = digest.observed.values().any(|o| o.sign_in_log);
    let (hours, audit) = (&coverage.audit_hours, &coverage.audit_log);
    let period = audit.first.zip(audit.last).map_or(0, |(f, l)| l.hour() - f.hour() + 1);
    AuditScope {
        connectors: unfiltered || operations().any(|o| is_connector_operation(o)),
        exchange_admin: unfiltered,
        directory: has(Workload::Directory) || everything,
        sign_ins: has(Workload::SignIn) || sign_in_log,
        alerts: has(Workload::Alerts) || everything,
        heartbeat: period >= 48 && 2 * i64::try_from(hours.len()).unwrap_or(0) >= period,
    }
}

/// Whether the cmdlets on record are so unlike that no filter by operation let them through: of several families, and
/// one of them such as nobody searches for. The service itself keeps writing those (Set-TenantObjectVersion,
/// Set-ConditionalAccessPolicy, Set-TransportConfig), so that even a quiet tenant's log has them.
fn is_broad<'o>(operations: impl Iterator<Item = &'o str>) -> bool {
    let mut families = BTreeSet::new();
    let mut unsought = false;
    for (_, noun) in operations.filter_map(cmdlet) {
        let noun = noun.to_ascii_lowercase();
        match SOUGHT.iter().find(|(part, _)| noun.contains(part)) {
            Some((_, family)) => families.insert((*family).to_owned()),
            None => {
                unsought = true;
                families.insert(noun)
            }
        };
    }
    unsought && families.len() >= BREADTH
}

/// Connector cmdlets as they stand in an audit log.
fn is_connector_operation(operation: &str) -> bool {
    operation.to_ascii_lowercase().contains("inboundconnector")
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::digest::coverage::{AuditScope, Coverage};
    use crate::digest::{Digest, Observed};
    use crate::records::Workload::{ExchangeAdmin, ExchangeItem, Other, SignIn};
    use crate::records::{Time, Workload};

    fn scope(rows: &[(Workload, &str)], hours: i64) -> AuditScope {
        let mut observed = Observed::default();
        rows.iter().for_each(|(w, op)| observed.audit(*w, op, None));
        (0..hours).for_each(|h| observed.at(Time::default().plus_hours(h)));
        let mut coverage = Coverage {
            audit_hours: (0..hours).collect(),
            ..Coverage::default()
        };
        (coverage.audit_log.first, coverage.audit_log.last) = (observed.first, observed.last);
        of(&[&observed], &Digest::default(), &coverage)
    }

    fn admin(operations: &[&'static str]) -> AuditScope {
        let rows: Vec<_> = operations.iter().map(|o| (ExchangeAdmin, *o)).collect();
        scope(&rows, 3)
    }

    #[test]
    fn a_search_for_connector_cmdlets_says_nothing_of_rules_sign_ins_or_alerts() {
        let scope = admin(&["New-InboundConnector", "Set-InboundConnector"]);
        assert!(scope.connectors && !scope.exchange_admin && !scope.sign_ins && !scope.alerts && !scope.heartbeat);
    }

    #[test]
    fn a_search_for_what_is_done_to_mailboxes_says_nothing_of_connectors() {
        for filtered in [
            &["New-InboxRule"][..],
            &["New-InboxRule", "Set-InboxRule", "Set-Mailbox", "Add-MailboxPermission"],
            &[
                "New-InboxRule",
                "Set-Mailbox",
                "New-TransportRule",
                "New-ManagementRoleAssignment",
            ],
            &[
                "Set-Mailbox",
                "Set-AdminAuditLogConfig",
                "Add-RoleGroupMember",
                "New-AcceptedDomain",
            ],
            &["UserLoggedIn", "New-InboxRule", "Add member to role."],
        ] {
            let scope = admin(filtered);
            assert!(!scope.connectors && !scope.exchange_admin, "{filtered:?}");
        }
    }

    #[test]
    fn a_log_that_no_search_leaves_behind_holds_connectors_too() {
        let everything = [
            (ExchangeItem, "MailItemsAccessed"),
            (SignIn, "UserLoggedIn"),
            (Other, "FileAccessed"),
        ];
        let quiet = scope(&everything, 72);
        assert!(quiet.connectors && quiet.exchange_admin && quiet.sign_ins && quiet.alerts && quiet.heartbeat);
        // A search by record type alone, in a tenant where only the service and one administrator did anything.
        let by_type = admin(&["Set-TenantObjectVersion", "Set-ConditionalAccessPolicy", "Set-Mailbox"]);
        assert!(by_type.connectors && by_type.exchange_admin && !by_type.sign_ins);
    }
}
