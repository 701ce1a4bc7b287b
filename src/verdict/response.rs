//! What puts it right, in the order of Microsoft's page: identify, revert, unblock, investigate.
//!
//! Commands are written for a person to read and run; the program runs none of them.

use std::collections::{BTreeMap, BTreeSet};

use super::quote::{list, quote};
use super::{AccountJudgement, ConnectorJudgement, Verdict};
use crate::indicators::{Case, State};
use crate::records::Time;
use crate::timeline::{Action, ActorKind, Connector, Event};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `identify`, `revert`, `unblock` or `investigate`.
    pub step: &'static str,
    pub connector: Option<String>,
    pub why: String,
    pub commands: Vec<String>,
    pub links: Vec<&'static str>,
}

const PAGE: &str = "https://learn.microsoft.com/defender-office-365/connectors-detect-respond-to-compromise";
const BLOCKED: &str = "https://learn.microsoft.com/defender-office-365/connectors-remove-blocked";
const ACCOUNT: &str = "https://learn.microsoft.com/defender-office-365/responding-to-a-compromised-email-account";
const APPLICATION: &str = "https://learn.microsoft.com/defender-xdr/malicious-oauth-apps-investigate";

/// Parameters whose values a cmdlet takes as a list.
const LISTS: [&str; 8] = [
    "SenderIPAddresses",
    "SenderDomains",
    "TrustedOrganizations",
    "AssociatedAcceptedDomains",
    "EFSkipIPs",
    "EFUsers",
    "ClientHostNames",
    "ScanAndDropRecipients",
];

/// The steps for all connectors that stand at suspicious or worse, in the page's order.
pub fn steps(case: &Case, judged: &[ConnectorJudgement], accounts: &[AccountJudgement]) -> Vec<Step> {
    let bad: Vec<&Connector> = case
        .timeline
        .connectors
        .iter()
        .zip(judged)
        .filter(|(_, j)| j.verdict <= Verdict::Suspicious)
        .map(|(c, _)| c)
        .collect();
    let blocked: Vec<&Connector> = case
        .timeline
        .connectors
        .iter()
        .zip(judged)
        .filter(|(_, j)| {
            j.findings
                .iter()
                .any(|f| f.id == "connector_blocked" && f.state == State::Supported)
        })
        .map(|(c, _)| c)
        .collect();
    let mut steps: Vec<Step> = bad.iter().map(|c| identify(c)).collect();
    steps.extend(bad.iter().filter_map(|c| revert(c)));
    steps.extend(revert_tenant(case, &bad));
    steps.extend(blocked.into_iter().map(unblock));
    steps.extend(
        accounts
            .iter()
            .filter(|a| a.verdict <= Verdict::Suspicious)
            .map(|a| investigate(case, a)),
    );
    steps
}

fn identify(connector: &Connector) -> Step {
    let first = connector.events.first().map(|e| e.time).unwrap_or_default();
    let last = connector.events.last().map(|e| e.time).unwrap_or_default();
    let day = |t: Time| t.to_string().chars().take(10).collect::<String>();
    let mut commands = vec![format!(
        "Get-InboundConnector -Identity {} | Format-List",
        quote(&connector.name)
    )];
    if last > Time::default() {
        commands.push(format!(
            "Search-UnifiedAuditLog -StartDate {} -EndDate {} -Operations New-InboundConnector,Set-InboundConnector,Remove-InboundConnector -ResultSize 5000",
            day(first.plus_hours(-24)),
            day(last.plus_hours(48)),
        ));
    }
    Step {
        step: "identify",
        connector: Some(connector.name.clone()),
        why: "Look at the connector as it stands now and at every change since the exports were made.".into(),
        commands,
        links: vec![PAGE],
    }
}

fn revert(connector: &Connector) -> Option<Step> {
    let doubtful = |e: &&Event| e.intended != Some(true) && !e.no_op && e.succeeded;
    let removed = connector
        .events
        .iter()
        .rfind(|e| matches!(e.action, Action::Created | Action::Removed));
    if removed.is_some_and(|e| e.action == Action::Removed) {
        return Some(Step {
            step: "revert",
            connector: Some(connector.name.clone()),
            why: "The log says that the connector was removed; make sure that it is gone and was not made again under another name.".into(),
            commands: vec!["Get-InboundConnector | Format-Table Name, Enabled, ConnectorType, WhenCreated, WhenChanged".into()],
            links: vec![PAGE],
        });
    }
    if let Some(created) = connector
        .events
        .iter()
        .filter(doubtful)
        .find(|e| e.action == Action::Created)
    {
        return Some(Step {
            step: "revert",
            connector: Some(connector.name.clone()),
            why: format!(
                "It was created at {} and nothing shows that it was meant; switch it off first, remove it once nobody misses it.",
                created.time
            ),
            commands: vec![
                format!(
                    "Set-InboundConnector -Identity {} -Enabled $false",
                    quote(&connector.name)
                ),
                format!("Remove-InboundConnector -Identity {}", quote(&connector.name)),
            ],
            links: vec![PAGE],
        });
    }
    // The first doubtful change of a parameter holds its last good value.
    let mut before: BTreeMap<&str, (Option<&str>, bool)> = BTreeMap::new();
    for change in connector
        .events
        .iter()
        .filter(doubtful)
        .filter(|e| e.action != Action::SeenInSnapshot)
        .flat_map(|e| &e.changes)
    {
        before
            .entry(&change.parameter)
            .or_insert((change.before.as_deref(), change.before_known));
    }
    let known: Vec<String> = before
        .iter()
        .filter(|(_, (_, known))| *known)
        .map(|(parameter, (value, _))| assignment(parameter, value.unwrap_or_default()))
        .collect();
    let unknown: Vec<&str> = before
        .iter()
        .filter(|(_, (_, known))| !known)
        .map(|(parameter, _)| *parameter)
        .collect();
    if before.is_empty() {
        return Some(Step {
            step: "revert",
            connector: Some(connector.name.clone()),
            why: "No change of its configuration is on record; switch it off while the hosts behind it are looked at."
                .into(),
            commands: vec![format!(
                "Set-InboundConnector -Identity {} -Enabled $false",
                quote(&connector.name)
            )],
            links: vec![PAGE],
        });
    }
    let mut commands = Vec::new();
    if !known.is_empty() {
        commands.push(format!(
            "Set-InboundConnector -Identity {} {}",
            quote(&connector.name),
            known.join(" ")
        ));
    }
    let why = if unknown.is_empty() {
        "Put back the values that stood before the first change nobody meant.".to_owned()
    } else {
        commands.push(format!(
            "Get-InboundConnector -Identity {} | Format-List {}",
            quote(&connector.name),
            unknown.join(", ")
        ));
        format!(
            "Put back the values that stood before the first change nobody meant; no evidence gives the earlier value of {}: ask the connector's owner.",
            unknown.join(", ")
        )
    };
    Some(Step {
        step: "revert",
        connector: Some(connector.name.clone()),
        why,
        commands,
        links: vec![PAGE],
    })
}

fn assignment(parameter: &str, value: &str) -> String {
    let text = match value {
        "True" => "$true".to_owned(),
        "False" => "$false".to_owned(),
        "" => "$null".to_owned(),
        v if LISTS.iter().any(|l| l.eq_ignore_ascii_case(parameter)) => list(values(parameter, v)),
        v => quote(v),
    };
    // Only names that are plain words reach a command line: they come from the log.
    let parameter: String = parameter.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("-{parameter} {text}")
}

/// The values of a list. In an address space such as `smtp:*;1` the semicolon belongs to the value.
fn values<'v>(parameter: &str, value: &'v str) -> impl Iterator<Item = &'v str> {
    let spaces = parameter.eq_ignore_ascii_case("SenderDomains");
    value
        .split(';')
        .map(str::trim)
        .filter(move |part| !part.is_empty() && (!spaces || part.chars().any(|c| !c.is_ascii_digit())))
}

/// Rules, domains and switches that the same hands changed.
fn revert_tenant(case: &Case, bad: &[&Connector]) -> Vec<Step> {
    let hands: BTreeSet<&str> = bad
        .iter()
        .flat_map(|c| &c.events)
        .filter(|e| e.intended == Some(false))
        .filter_map(|e| e.actor.as_deref())
        .collect();
    let theirs = case
        .timeline
        .tenant
        .iter()
        .filter(|e| e.intended != Some(true) && e.actor.as_deref().is_some_and(|a| hands.contains(a)));
    let mut rules: BTreeMap<&str, bool> = BTreeMap::new();
    let mut domains: BTreeSet<&str> = BTreeSet::new();
    let mut audit_off = false;
    for event in theirs {
        match event.operation.to_ascii_lowercase().as_str() {
            "new-transportrule" | "set-transportrule" | "enable-transportrule" => {
                rules.insert(&event.object, true);
            }
            "remove-transportrule" => {
                rules.insert(&event.object, false);
            }
            "new-accepteddomain" => {
                domains.insert(&event.object);
            }
            "set-adminauditlogconfig" => audit_off = true,
            _ => {}
        }
    }
    let mut steps = Vec::new();
    let mut step = |why: &str, commands: Vec<String>| {
        if !commands.is_empty() {
            steps.push(Step {
                step: "revert",
                connector: None,
                why: why.to_owned(),
                commands,
                links: vec![PAGE],
            });
        }
    };
    let standing = rules.iter().filter(|(name, there)| **there && !name.is_empty());
    step(
        "Mail flow rules made or changed by the same hands: look at each, then remove it.",
        standing
            .flat_map(|(name, _)| {
                [
                    format!("Get-TransportRule -Identity {} | Format-List", quote(name)),
                    format!("Remove-TransportRule -Identity {}", quote(name)),
                ]
            })
            .collect(),
    );
    step(
        "Accepted domains added by the same hands.",
        domains
            .iter()
            .filter(|d| !d.is_empty())
            .map(|d| format!("Remove-AcceptedDomain -Identity {}", quote(d)))
            .collect(),
    );
    if audit_off {
        step(
            "The same hands changed the audit settings; make sure that auditing is on.",
            vec![
                "Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true".into(),
                "Get-AdminAuditLogConfig | Format-List UnifiedAuditLogIngestionEnabled".into(),
            ],
        );
    }
    steps
}

fn unblock(connector: &Connector) -> Step {
    let id = connector
        .id
        .as_deref()
        .map_or_else(|| "<ConnectorId from the line above>".to_owned(), quote);
    Step {
        step: "unblock",
        connector: Some(connector.name.clone()),
        why:
            "Only after the revert: the connector stands under Restricted entities. It may take an hour to take effect."
                .into(),
        commands: vec![
            "Get-BlockedConnector | Format-List".into(),
            format!("Remove-BlockedConnector -ConnectorId {id}"),
        ],
        links: vec![BLOCKED],
    }
}

fn investigate(case: &Case, account: &AccountJudgement) -> Step {
    let id = quote(&account.id);
    let kind = case
        .timeline
        .actors
        .get(&account.id.to_lowercase())
        .map_or(account.kind, |a| a.kind);
    let (why, commands, link) = match kind {
        ActorKind::Application => (
            "An application acted. A new password for a person does not stop it: take away its credentials, consents and roles, and find out who gave them.",
            vec![
                format!("Get-MgServicePrincipal -Filter \"appId eq {id} or displayName eq {id}\" | Format-List Id, AppId, DisplayName, AccountEnabled"),
                "Update-MgServicePrincipal -ServicePrincipalId <Id> -AccountEnabled:$false".to_owned(),
                "Get-MgServicePrincipal -ServicePrincipalId <Id> -Property KeyCredentials,PasswordCredentials | Format-List".to_owned(),
                "Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId <Id>".to_owned(),
                "Get-MgRoleManagementDirectoryRoleAssignment -Filter \"principalId eq '<Id>'\"".to_owned(),
            ],
            APPLICATION,
        ),
        ActorKind::Partner => (
            "A delegated administrator of another organisation acted: speak to the partner over another channel and end the delegation meanwhile.",
            vec!["Get-MgTenantRelationshipDelegatedAdminRelationship | Format-List Id, DisplayName, Status".to_owned()],
            ACCOUNT,
        ),
        _ => (
            "End its sessions, give it a new password and new sign-in methods, and look for what else it left behind.",
            vec![
                format!("Revoke-MgUserSignInSession -UserId {id}"),
                format!("Get-MgUserAuthenticationMethod -UserId {id}"),
                format!("Get-InboxRule -Mailbox {id} -IncludeHidden | Format-List Name, Enabled, ForwardTo, RedirectTo, DeleteMessage"),
                format!("Get-Mailbox -Identity {id} | Format-List ForwardingAddress, ForwardingSmtpAddress, DeliverToMailboxAndForward"),
                format!("Get-ManagementRoleAssignment -RoleAssignee {id} | Format-Table Role, RoleAssigneeName"),
            ],
            ACCOUNT,
        ),
    };
    Step {
        step: "investigate",
        connector: None,
        why: format!("{}: {why}", account.id),
        commands,
        links: vec![link],
    }
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn values_from_the_log_stay_values() {
        assert_eq!(
            assignment("SenderIPAddresses", "81.2.69.160;81.2.69.161"),
            "-SenderIPAddresses @('81.2.69.160', '81.2.69.161')"
        );
        assert_eq!(assignment("SenderDomains", "smtp:*;1"), "-SenderDomains @('smtp:*')");
        assert_eq!(assignment("RequireTls", "True"), "-RequireTls $true");
        assert_eq!(
            assignment("TlsSenderCertificateName", ""),
            "-TlsSenderCertificateName $null"
        );
        assert_eq!(assignment("Comment;calc", "a'b"), "-Commentcalc 'a''b'");
    }
}
