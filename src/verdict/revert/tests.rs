use super::*;
use crate::indicators::fixture::{Fixture, Sketch, act};
use crate::timeline::ActorKind;

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
    assert_eq!(assignment("Comment", "a'b"), "-Comment 'a''b'");
}

/// Commands under every step for the tenant, where the connector `Relay` is bad and these accounts are suspected.
fn tenant_commands(f: &Fixture, suspected: &[&str]) -> Vec<String> {
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
    let steps = revert_tenant(&f.case(), &[f.get("Relay")], &accounts);
    steps.into_iter().flat_map(|s| s.commands).collect()
}

#[test]
fn what_the_same_hands_changed_in_the_tenant_is_taken_back() {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Changed, "m@y.example", Some(false)));
    let by = |actor: &str, operation: &str, object: &str| {
        let event = act("10T02:10", Action::Related, actor, None);
        event.typed(operation, &[]).on(object)
    };
    f.tenant(by("m@y.example", "New-TransportRule", "Strip"));
    f.tenant(by("m@y.example", "New-TransportRule", "Gone"));
    f.tenant(by("m@y.example", "Remove-TransportRule", "Gone"));
    f.tenant(by("m@y.example", "New-AcceptedDomain", "new.example"));
    f.tenant(by("other@y.example", "New-TransportRule", "Disclaimer"));
    f.tenant(by("giver@y.example", "Set-AdminAuditLogConfig", ""));
    let mut failed = by("m@y.example", "New-TransportRule", "Never made");
    failed.succeeded = false;
    f.tenant(failed);
    let mine = [
        "Get-TransportRule -Identity 'Strip' | Format-List",
        "Remove-TransportRule -Identity 'Strip'",
        "Remove-AcceptedDomain -Identity 'new.example'",
    ];
    assert_eq!(tenant_commands(&f, &[]), mine);
    let with_giver = tenant_commands(&f, &["giver@y.example"]);
    assert_eq!(with_giver[..3], mine);
    assert_eq!(
        with_giver[3],
        "Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true"
    );
}
