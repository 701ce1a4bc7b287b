//! What the same hands left in the tenant beside the connectors, and how it is taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::quote::quote;
use super::response::{ACCOUNT, APPLICATION, PAGE, Step, named};
use super::{AccountJudgement, Verdict};
use crate::indicators::preparations::{Kind, kind_of_operation};
use crate::indicators::{Case, spread};
use crate::timeline::{Cite, Connector, Event};

/// Steps that take back rules, domains, switches, credentials, consents, roles and accounts: those of whoever changed
/// a bad connector unasked, and of every account that is suspected.
pub(super) fn undo(case: &Case, bad: &[&Connector], accounts: &[AccountJudgement]) -> Vec<Step> {
    let hands = hands(bad, accounts);
    let mut left = Left::default();
    for event in &case.timeline.tenant {
        let hand = event.actor.as_deref().and_then(|a| hands.get(a));
        if let Some(always) = hand
            && event.succeeded
            && event.intended != Some(true)
            && (*always || !is_the_owners(event))
        {
            left.take(event);
        }
    }
    left.steps()
}

/// By actor: whether what it did in its own sessions counts as well. An account that was stolen has an owner, whose
/// own deeds nobody wants taken back.
fn hands<'a>(bad: &[&'a Connector], accounts: &'a [AccountJudgement]) -> BTreeMap<&'a str, bool> {
    let mut hands: BTreeMap<&str, bool> = BTreeMap::new();
    let acts = bad.iter().flat_map(|c| &c.events).filter(|e| e.intended == Some(false));
    for event in acts {
        if let Some(actor) = event.actor.as_deref() {
            *hands.entry(actor).or_default() |= is_the_owners(event);
        }
    }
    let suspected = accounts.iter().filter(|a| a.verdict <= Verdict::Suspicious);
    for account in suspected {
        hands.entry(&account.key).or_default();
    }
    hands
}

/// Whether the session behind it is known to look like its owner's.
fn is_the_owners(event: &Event) -> bool {
    event.session.as_ref().is_some_and(|s| !s.is_anomalous() && !s.is_odd())
}

/// An object and the rows about it.
#[derive(Default)]
struct Thing {
    /// The same hands made it.
    made: bool,
    /// The last that is known of it is not its removal.
    there: bool,
    cites: Vec<Cite>,
}

type Things<'a> = BTreeMap<&'a str, Thing>;

/// What is left, by kind and name.
#[derive(Default)]
struct Left<'a> {
    rules: Things<'a>,
    domains: Things<'a>,
    outbound: Things<'a>,
    audit: Vec<Cite>,
    bypassed: Things<'a>,
    /// By kind and by what was given the power.
    powers: BTreeMap<(Kind, &'a str), Vec<Cite>>,
    /// By role group and member.
    members: BTreeMap<(&'a str, &'a str), Vec<Cite>>,
    users: Things<'a>,
}

impl<'a> Left<'a> {
    fn take(&mut self, event: &'a Event) {
        let operation = event.operation.trim().trim_end_matches('.').to_ascii_lowercase();
        let object = event.object.as_str();
        match operation.split_once('-') {
            Some((verb, "transportrule")) => note(&mut self.rules, verb, event),
            Some((verb, "accepteddomain")) => note(&mut self.domains, verb, event),
            Some((verb, "outboundconnector")) => note(&mut self.outbound, verb, event),
            Some((_, "adminauditlogconfig")) => self.audit.extend(event.cites.iter().cloned()),
            Some((verb, "mailboxauditbypassassociation")) => note(&mut self.bypassed, verb, event),
            Some(("add", "rolegroupmember")) => {
                let member = parameter(event, "Member").unwrap_or_default();
                let cites = self.members.entry((object, member)).or_default();
                cites.extend(event.cites.iter().cloned());
            }
            _ if operation == "add user" => note(&mut self.users, "new", event),
            _ => {
                if let Some(kind) = kind_of_operation(&event.operation) {
                    let cites = self.powers.entry((kind, object)).or_default();
                    cites.extend(event.cites.iter().cloned());
                }
            }
        }
    }

    fn steps(self) -> Vec<Step> {
        let mut steps = Vec::new();
        let made = |t: &Thing| t.made && t.there;
        let changed = |t: &Thing| !t.made && t.there;
        let removed = |t: &Thing| !t.made && !t.there;
        put(
            &mut steps,
            (
                "revert",
                "Mail flow rules that the same hands made: look at each, then remove it.",
                PAGE,
            ),
            &self.rules,
            made,
            |name| {
                vec![
                    get("TransportRule", name),
                    format!("Remove-TransportRule -Identity {}", quote(name)),
                ]
            },
        );
        put(
            &mut steps,
            (
                "revert",
                "Mail flow rules that the same hands changed or switched on and had not made: look at each, and put it \
                 back or switch it off.",
                PAGE,
            ),
            &self.rules,
            changed,
            |name| {
                vec![
                    get("TransportRule", name),
                    format!("Disable-TransportRule -Identity {}", quote(name)),
                ]
            },
        );
        put(
            &mut steps,
            (
                "revert",
                "Mail flow rules that the same hands removed: see whether they are missed.",
                PAGE,
            ),
            &self.rules,
            removed,
            |name| vec![get("TransportRule", name)],
        );
        put(
            &mut steps,
            ("revert", "Accepted domains added by the same hands.", PAGE),
            &self.domains,
            made,
            |name| vec![format!("Remove-AcceptedDomain -Identity {}", quote(name))],
        );
        put(
            &mut steps,
            (
                "revert",
                "Accepted domains changed or removed by the same hands: see whether they are as they should be.",
                PAGE,
            ),
            &self.domains,
            |t| !t.made,
            |name| vec![get("AcceptedDomain", name)],
        );
        put(
            &mut steps,
            ("revert", "Outbound connectors made by the same hands.", PAGE),
            &self.outbound,
            made,
            |name| {
                vec![
                    get("OutboundConnector", name),
                    format!("Remove-OutboundConnector -Identity {}", quote(name)),
                ]
            },
        );
        put(
            &mut steps,
            (
                "revert",
                "Outbound connectors changed or removed by the same hands: see whether they are as they should be.",
                PAGE,
            ),
            &self.outbound,
            |t| !t.made,
            |name| vec![get("OutboundConnector", name)],
        );
        if !self.audit.is_empty() {
            steps.push(step(
                (
                    "revert",
                    "The same hands changed the audit settings; make sure that auditing is on.",
                    PAGE,
                ),
                vec![
                    "Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true".into(),
                    "Get-AdminAuditLogConfig | Format-List UnifiedAuditLogIngestionEnabled".into(),
                ],
                self.audit,
            ));
        }
        put(
            &mut steps,
            (
                "revert",
                "Mailboxes that the same hands exempted from auditing, or set the exemption of.",
                PAGE,
            ),
            &self.bypassed,
            |_| true,
            |name| {
                vec![format!(
                    "Set-MailboxAuditBypassAssociation -Identity {} -AuditBypassEnabled $false",
                    quote(name)
                )]
            },
        );
        powers(&mut steps, &self.powers);
        let members = self.members.keys().map(|(group, member)| {
            format!(
                "Remove-RoleGroupMember -Identity {} -Member {}",
                quote(group),
                quote(member)
            )
        });
        let commands: Vec<String> = members.collect();
        if !commands.is_empty() {
            let why = "Members that the same hands added to role groups.";
            let cites = self.members.into_values().flatten().collect();
            steps.push(step(("investigate", why, ACCOUNT), commands, cites));
        }
        put(
            &mut steps,
            (
                "investigate",
                "Accounts that the same hands made: switch each off, and remove it once nothing speaks for it.",
                ACCOUNT,
            ),
            &self.users,
            |_| true,
            |name| {
                vec![
                    format!("Update-MgUser -UserId {} -AccountEnabled:$false", quote(name)),
                    format!("Remove-MgUser -UserId {}", quote(name)),
                ]
            },
        );
        steps
    }
}

/// Credentials, consents, roles and registrations, a step for each kind.
fn powers(steps: &mut Vec<Step>, powers: &BTreeMap<(Kind, &str), Vec<Cite>>) {
    let kinds: BTreeSet<Kind> = powers.keys().map(|(kind, _)| *kind).collect();
    for kind in kinds {
        let of_kind = || powers.iter().filter(move |((k, _), _)| *k == kind);
        let objects = of_kind().map(|((_, object), _)| *object).filter(|o| !o.is_empty());
        let (head, remove): ((_, _, _), &[&str]) = match kind {
            Kind::Credential => (
                (
                    "investigate",
                    "Credentials that the same hands added to applications outlive every password: remove those of that time.",
                    APPLICATION,
                ),
                &[
                    "Get-MgApplication -ApplicationId <Id> -Property PasswordCredentials,KeyCredentials | Format-List",
                    "Remove-MgApplicationPassword -ApplicationId <Id> -KeyId <KeyId>",
                    "Remove-MgServicePrincipalPassword -ServicePrincipalId <Id> -KeyId <KeyId>",
                ],
            ),
            Kind::Consent => (
                (
                    "investigate",
                    "Permissions that the same hands granted to applications.",
                    APPLICATION,
                ),
                &[
                    "Remove-MgOauth2PermissionGrant -OAuth2PermissionGrantId <Id>",
                    "Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId <Id> -AppRoleAssignmentId <Id>",
                ],
            ),
            Kind::Role => (
                ("investigate", "Roles that the same hands gave.", ACCOUNT),
                &[
                    "Remove-MgRoleManagementDirectoryRoleAssignment -UnifiedRoleAssignmentId <Id>",
                    "Remove-ManagementRoleAssignment -Identity <Name>",
                ],
            ),
            Kind::Made => (
                (
                    "investigate",
                    "Applications that the same hands registered: switch each off, and remove it once nothing speaks for it.",
                    APPLICATION,
                ),
                &[
                    "Update-MgServicePrincipal -ServicePrincipalId <Id> -AccountEnabled:$false",
                    "Remove-MgApplication -ApplicationId <Id>",
                ],
            ),
            Kind::Owner => (
                (
                    "investigate",
                    "Owners that the same hands gave to applications may add credentials to them.",
                    APPLICATION,
                ),
                &[
                    "Get-MgApplicationOwner -ApplicationId <Id>",
                    "Remove-MgApplicationOwnerByRef -ApplicationId <Id> -DirectoryObjectId <Id>",
                    "Remove-MgServicePrincipalOwnerByRef -ServicePrincipalId <Id> -DirectoryObjectId <Id>",
                ],
            ),
            Kind::Partnership => (
                (
                    "investigate",
                    "Partners that the same hands let in: end the relationship in the admin centre under Settings, Partner relationships.",
                    ACCOUNT,
                ),
                &["Get-MgTenantRelationshipDelegatedAdminRelationship | Format-List Id, DisplayName, Status"],
            ),
            Kind::Weakened => (
                (
                    "investigate",
                    "Accounts whose sign-in the same hands weakened: register their methods anew.",
                    ACCOUNT,
                ),
                &[],
            ),
        };
        let look = |object: &str| match kind {
            Kind::Weakened => format!("Get-MgUserAuthenticationMethod -UserId {}", quote(object)),
            Kind::Role | Kind::Partnership => format!(
                "Get-ManagementRoleAssignment -RoleAssignee {} | Format-Table Name, Role",
                quote(object)
            ),
            Kind::Made | Kind::Credential | Kind::Consent | Kind::Owner => format!(
                "Get-MgServicePrincipal -Filter {} | Format-List Id, AppId, DisplayName, PasswordCredentials, KeyCredentials",
                named(object)
            ),
        };
        // A partnership is looked at as a whole; the others object by object.
        let looked_at = objects.filter(|_| kind != Kind::Partnership);
        let mut commands: Vec<String> = looked_at.map(look).collect();
        commands.extend(remove.iter().map(|c| (*c).to_owned()));
        let cites = of_kind().flat_map(|(_, cites)| cites.iter().cloned()).collect();
        steps.push(step(head, commands, cites));
    }
}

fn note<'a>(things: &mut Things<'a>, verb: &str, event: &'a Event) {
    let thing = things.entry(&event.object).or_default();
    match verb {
        "new" => (thing.made, thing.there) = (true, true),
        "remove" => thing.there = false,
        _ => thing.there = true,
    }
    thing.cites.extend(event.cites.iter().cloned());
}

fn parameter<'e>(event: &'e Event, wanted: &str) -> Option<&'e str> {
    let found = event.parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted));
    found.map(|(_, v)| v.as_str())
}

fn get(noun: &str, name: &str) -> String {
    format!("Get-{noun} -Identity {} | Format-List", quote(name))
}

/// Adds a step for the things that are wanted, where there are any.
fn put(
    steps: &mut Vec<Step>,
    head: (&'static str, &'static str, &'static str),
    things: &Things,
    wanted: impl Fn(&Thing) -> bool,
    commands: impl Fn(&str) -> Vec<String>,
) {
    let chosen = || things.iter().filter(|(name, thing)| !name.is_empty() && wanted(thing));
    let commands: Vec<String> = chosen().flat_map(|(name, _)| commands(name)).collect();
    if !commands.is_empty() {
        let cites = chosen().flat_map(|(_, thing)| thing.cites.iter().cloned()).collect();
        steps.push(step(head, commands, cites));
    }
}

fn step((step, why, link): (&'static str, &str, &'static str), commands: Vec<String>, cites: Vec<Cite>) -> Step {
    Step {
        step,
        connector: None,
        why: why.to_owned(),
        commands,
        links: vec![link],
        evidence: spread(cites),
    }
}

#[cfg(test)]
mod tests;
