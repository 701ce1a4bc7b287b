//! What puts it right, in the order of Microsoft's page: identify, revert, unblock, investigate.
//!
//! Commands are written for a person to read and run; the program runs none of them.

use serde_json::Value;

use super::quote::quote;
use super::revert::{doubtful, revert};
use super::undo::undo;
use super::{AccountJudgement, ConnectorJudgement, Verdict};
use crate::indicators::{Case, Finding, State, spread};
use crate::records::Time;
use crate::timeline::{Action, ActorKind, Cite, Connector};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `identify`, `revert`, `unblock` or `investigate`.
    pub step: &'static str,
    pub connector: Option<String>,
    pub why: String,
    pub commands: Vec<String>,
    pub links: Vec<&'static str>,
    /// The rows it is done for, as many as a finding lists.
    pub evidence: Vec<Cite>,
}

/// Microsoft's page whose order the steps follow.
pub(super) const PAGE: &str = "https://learn.microsoft.com/defender-office-365/connectors-detect-respond-to-compromise";
const BLOCKED: &str = "https://learn.microsoft.com/defender-office-365/connectors-remove-blocked";
pub(super) const ACCOUNT: &str =
    "https://learn.microsoft.com/defender-office-365/responding-to-a-compromised-email-account";
pub(super) const APPLICATION: &str = "https://learn.microsoft.com/defender-xdr/malicious-oauth-apps-investigate";

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
    let blocked = case.timeline.connectors.iter().zip(judged).filter_map(|(c, j)| {
        let block = |f: &&Finding| f.id == "connector_blocked" && f.state == State::Supported;
        Some((c, j.findings.iter().find(block)?))
    });
    let mut steps: Vec<Step> = bad.iter().map(|c| identify(c)).collect();
    steps.extend(bad.iter().map(|c| revert(c)));
    let (left, ways_back): (Vec<Step>, Vec<Step>) =
        undo(case, &bad, accounts).into_iter().partition(|s| s.step == "revert");
    steps.extend(left);
    steps.extend(blocked.map(|(c, finding)| unblock(c, finding)));
    steps.extend(
        accounts
            .iter()
            .filter(|a| a.verdict <= Verdict::Suspicious)
            .map(investigate),
    );
    steps.extend(ways_back);
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
        evidence: doubtful_rows(connector),
    }
}

/// The rows of what was done to a connector and nobody vouches for.
pub(super) fn doubtful_rows(connector: &Connector) -> Vec<Cite> {
    let acts = doubtful(connector).filter(|e| !matches!(e.action, Action::Related | Action::Alerted));
    spread(acts.flat_map(|e| e.cites.iter().cloned()).collect())
}

/// What is said of a block is what is known of it: the export lists it, the log or the trace tells of it, or only
/// the tenant as a whole was refused.
fn unblock(connector: &Connector, blocked: &Finding) -> Step {
    let fact = |name: &str| blocked.facts.get(name);
    let count = |name: &str| fact(name).and_then(Value::as_u64).unwrap_or_default();
    let id = connector
        .id
        .as_deref()
        .map_or_else(|| "<ConnectorId from the line above>".to_owned(), quote);
    let look = "Get-BlockedConnector | Format-List".to_owned();
    let release = format!("Remove-BlockedConnector -ConnectorId {id}");
    let (why, commands) = if fact("listed").and_then(Value::as_bool) == Some(true) {
        (
            "Only after the revert: the connector stands under Restricted entities. It may take an hour to take effect.",
            vec![look, release],
        )
    } else if count("messages_tenant_restricted") > 0 {
        (
            "Only after the revert: mail was refused because the tenant is restricted, and no block of the connector \
             itself is on record. See whether one stands; the tenant is released by Microsoft's support.",
            vec![look],
        )
    } else {
        (
            "Only after the revert: the connector was blocked. See whether it still stands under Restricted entities, \
             and release it there; it may take an hour to take effect.",
            vec![look, release],
        )
    };
    Step {
        step: "unblock",
        connector: Some(connector.name.clone()),
        why: why.to_owned(),
        commands,
        links: vec![BLOCKED],
        evidence: blocked.cites.clone(),
    }
}

fn investigate(account: &AccountJudgement) -> Step {
    let id = quote(&account.id);
    let (why, commands, link) = match account.kind {
        ActorKind::Application => (
            "An application acted. A new password for a person does not stop it: take away its credentials, consents and roles, and find out who gave them.",
            vec![
                format!("Get-MgServicePrincipal -Filter {} | Format-List Id, AppId, DisplayName, AccountEnabled", named(&account.id)),
                "Update-MgServicePrincipal -ServicePrincipalId <Id> -AccountEnabled:$false".to_owned(),
                "Get-MgServicePrincipal -ServicePrincipalId <Id> -Property KeyCredentials,PasswordCredentials | Format-List".to_owned(),
                "Remove-MgServicePrincipalPassword -ServicePrincipalId <Id> -KeyId <KeyId>".to_owned(),
                "Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId <Id>".to_owned(),
                format!("Get-MgOauth2PermissionGrant -Filter {}", quote("clientId eq '<Id>'")),
                format!("Get-MgRoleManagementDirectoryRoleAssignment -Filter {}", quote("principalId eq '<Id>'")),
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
                format!("Update-MgUser -UserId {id} -PasswordProfile @{{ Password = '<new password>'; ForceChangePasswordNextSignIn = $true }}"),
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
        evidence: spread(account.findings.iter().flat_map(|f| f.cites.iter().cloned()).collect()),
    }
}

/// The OData filter, as one PowerShell argument, that finds an application by its id or name. A quote in an OData
/// literal is doubled; PowerShell's own quoting comes around the whole, where nothing of it expands.
pub(super) fn named(application: &str) -> String {
    let literal = format!("'{}'", application.replace('\'', "''"));
    // Directory records name it by an object's id, a sign-in by the application's; only what is an id may be asked for as one.
    let hexadecimal = |c: char| c == '-' || c.is_ascii_hexdigit();
    let other = if application.len() == 36 && application.chars().all(hexadecimal) {
        "id"
    } else {
        "displayName"
    };
    quote(&format!("appId eq {literal} or {other} eq {literal}"))
}

#[cfg(test)]
mod tests;
