use super::*;
use crate::indicators::fixture::{Fixture, Sketch, act};
use crate::timeline::{Action, ActorKind};

/// Every step for the tenant, where the connector `Relay` is bad and these accounts are suspected.
fn left(f: &Fixture, suspected: &[&str]) -> Vec<Step> {
    let accounts: Vec<AccountJudgement> = suspected
        .iter()
        .map(|id| AccountJudgement {
            key: (*id).to_owned(),
            id: (*id).to_owned(),
            kind: ActorKind::User,
            verdict: Verdict::Suspicious,
            score: 0.5,
            findings: Vec::new(),
        })
        .collect();
    undo(&f.case(), &[f.get("Relay")], &accounts)
}

fn commands(steps: &[Step], of: &str) -> Vec<String> {
    let steps = steps.iter().filter(|s| s.step == of);
    steps.flat_map(|s| s.commands.iter().cloned()).collect()
}

/// A case in which one hand changed `Relay` unasked.
fn bad_relay() -> Fixture {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Changed, "m@y.example", Some(false)));
    f
}

fn by(actor: &str, operation: &str, object: &str) -> Event {
    let event = act("10T02:10", Action::Related, actor, None);
    event.typed(operation, &[]).on(object)
}

#[test]
fn what_the_same_hands_changed_in_the_tenant_is_taken_back() {
    let mut f = bad_relay();
    f.tenant(by("m@y.example", "New-TransportRule", "Strip"));
    f.tenant(by("m@y.example", "New-TransportRule", "Gone"));
    f.tenant(by("m@y.example", "Remove-TransportRule", "Gone"));
    f.tenant(by("m@y.example", "New-AcceptedDomain", "new.example"));
    f.tenant(by("m@y.example", "New-OutboundConnector", "Out"));
    f.tenant(by("other@y.example", "New-TransportRule", "Disclaimer"));
    f.tenant(by("giver@y.example", "Set-AdminAuditLogConfig", ""));
    let mut failed = by("m@y.example", "New-TransportRule", "Never made");
    failed.succeeded = false;
    f.tenant(failed);
    let mine = [
        "Get-TransportRule -Identity 'Strip' | Format-List",
        "Remove-TransportRule -Identity 'Strip'",
        "Remove-AcceptedDomain -Identity 'new.example'",
        "Get-OutboundConnector -Identity 'Out' | Format-List",
        "Remove-OutboundConnector -Identity 'Out'",
    ];
    let steps = left(&f, &[]);
    assert_eq!(commands(&steps, "revert"), mine);
    assert!(steps.iter().all(|s| !s.evidence.is_empty()), "{steps:?}");
    let with_giver = commands(&left(&f, &["giver@y.example"]), "revert");
    assert_eq!(with_giver[..5], mine);
    assert_eq!(
        with_giver[5],
        "Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true"
    );
}

#[test]
fn a_rule_that_was_there_before_is_not_removed() {
    let mut f = bad_relay();
    f.tenant(by("m@y.example", "Set-TransportRule", "Disclaimer"));
    f.tenant(by("m@y.example", "Remove-TransportRule", "Phishing filter"));
    let expected = [
        "Get-TransportRule -Identity 'Disclaimer' | Format-List",
        "Disable-TransportRule -Identity 'Disclaimer'",
        "Get-TransportRule -Identity 'Phishing filter' | Format-List",
    ];
    assert_eq!(commands(&left(&f, &[]), "revert"), expected);
}

#[test]
fn what_the_owner_of_a_stolen_account_did_is_left_alone() {
    let mut f = Fixture::complete();
    let stolen = act("10T02:00", Action::Changed, "m@y.example", Some(false)).session(1.2, 30);
    f.event("Relay", stolen);
    f.tenant(by("m@y.example", "New-TransportRule", "Disclaimer").session(0.0, 30));
    f.tenant(by("m@y.example", "New-TransportRule", "Strip").session(1.2, 30));
    assert_eq!(
        commands(&left(&f, &[]), "revert").last().map(String::as_str),
        Some("Remove-TransportRule -Identity 'Strip'")
    );
    assert!(!commands(&left(&f, &[]), "revert").concat().contains("Disclaimer"));
    // Whoever changes a connector unasked in his own session answers for all of it.
    let mut f = Fixture::complete();
    let own = act("10T02:00", Action::Changed, "m@y.example", Some(false)).session(0.0, 30);
    f.event("Relay", own);
    f.tenant(by("m@y.example", "New-TransportRule", "Disclaimer").session(0.0, 30));
    assert!(commands(&left(&f, &[]), "revert").concat().contains("Disclaimer"));
}

#[test]
fn powers_that_the_same_hands_gave_are_taken_away() {
    let mut f = bad_relay();
    f.tenant(by("m@y.example", "Add service principal credentials.", "Mail Helper"));
    f.tenant(by("m@y.example", "Consent to application.", "Mail Helper"));
    f.tenant(by("m@y.example", "Add member to role.", "helper@y.example"));
    f.tenant(by("m@y.example", "Add user.", "helper@y.example"));
    let member = by("m@y.example", "Add-RoleGroupMember", "Organization Management");
    f.tenant(member.typed("Add-RoleGroupMember", &[("Member", "helper@y.example")]));
    f.tenant(by("m@y.example", "Set-MailboxAuditBypassAssociation", "ceo@y.example"));
    let steps = left(&f, &[]);
    let close = commands(&steps, "investigate");
    for expected in [
        "Remove-MgServicePrincipalPassword -ServicePrincipalId <Id> -KeyId <KeyId>",
        "Remove-MgOauth2PermissionGrant -OAuth2PermissionGrantId <Id>",
        "Remove-MgRoleManagementDirectoryRoleAssignment -UnifiedRoleAssignmentId <Id>",
        "Remove-RoleGroupMember -Identity 'Organization Management' -Member 'helper@y.example'",
        "Update-MgUser -UserId 'helper@y.example' -AccountEnabled:$false",
    ] {
        assert!(close.iter().any(|c| c == expected), "{expected}: {close:#?}");
    }
    assert_eq!(
        commands(&steps, "revert"),
        ["Set-MailboxAuditBypassAssociation -Identity 'ceo@y.example' -AuditBypassEnabled $false"]
    );
    assert!(steps.iter().all(|s| !s.evidence.is_empty()), "{steps:?}");
}
