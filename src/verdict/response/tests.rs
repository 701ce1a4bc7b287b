use super::*;
use crate::indicators::connector_blocked::ConnectorBlocked;
use crate::indicators::fixture::{Fixture, Sketch, act, cite};
use crate::records::{BlockedConnector, SmtpCode};
use crate::timeline::{Action, Change, Event};
use crate::verdict::Weighing;

/// A judgement on each connector of the fixture: this verdict, these findings.
fn judged(f: &Fixture, verdict: Verdict, findings: &[Finding]) -> Vec<ConnectorJudgement> {
    let one = ConnectorJudgement {
        verdict,
        weighing: Weighing {
            score: 3.0,
            low: 3.0,
            high: 3.0,
            adjustments: Vec::new(),
            sequence: None,
        },
        since: None,
        reasons: Vec::new(),
        findings: findings.to_vec(),
    };
    vec![one; f.timeline.connectors.len()]
}

fn account(id: &str, kind: ActorKind) -> AccountJudgement {
    AccountJudgement {
        key: id.to_lowercase(),
        id: id.to_owned(),
        kind,
        verdict: Verdict::LikelyCompromised,
        score: 2.5,
        findings: Vec::new(),
    }
}

/// What is left of a command when every single-quoted string is taken out of it, as PowerShell reads one: up to the
/// next quote that is not doubled. `None` where a string does not end.
fn outside_strings(command: &str) -> Option<String> {
    let mut left = String::new();
    let mut rest = command;
    while let Some((before, string)) = rest.split_once('\'') {
        left.push_str(before);
        rest = string;
        loop {
            let (_, after) = rest.split_once('\'')?;
            rest = after;
            match after.strip_prefix('\'') {
                Some(more) => rest = more,
                None => break,
            }
        }
    }
    Some(left + rest)
}

/// Every way out of a string or an argument that PowerShell knows, with a word to find it by.
const HOSTILE: [&str; 5] = [
    "x$(EVIL)",
    "x' -Confirm; EVIL; '",
    "x\" ; EVIL `n \"",
    "x\u{2019}; EVIL #\u{2018}",
    "x\r\nEVIL | EVIL & EVIL",
];

/// A case in which every text that an attacker may choose is this one.
fn hostile_case(text: &str) -> Fixture {
    let mut f = Fixture::complete();
    let change = |parameter: &str, before: Option<&str>| Change {
        parameter: parameter.to_owned(),
        before: before.map(str::to_owned),
        after: Some(text.to_owned()),
        before_known: before.is_some(),
    };
    let changed = Event {
        changes: vec![
            change("Comment", Some(text)),
            change("SenderIPAddresses", Some(&format!("{text};{text}"))),
            change("SenderDomains", Some(text)),
            change("TlsSenderCertificateName", None),
            change(text, Some(text)),
            change(&format!("Foo{text}"), None),
        ],
        ..act("10T03:00", Action::Changed, text, Some(false))
    };
    f.event(text, changed);
    f.connector(text).id = Some(text.to_owned());
    let second = format!("{text} again");
    f.event(&second, act("10T04:00", Action::Created, text, Some(false)));
    f.event(
        &format!("{text} gone"),
        act("10T05:00", Action::Removed, text, Some(false)),
    );
    for operation in [
        "New-TransportRule",
        "Set-TransportRule",
        "New-AcceptedDomain",
        "Set-AdminAuditLogConfig",
    ] {
        let event = act("10T03:30", Action::Related, text, Some(false));
        f.tenant(
            event
                .typed(operation, &[(text, text)])
                .on(&format!("{operation} {text}")),
        );
    }
    f
}

#[test]
fn no_command_holds_a_value_of_the_evidence_outside_quotes() {
    for text in HOSTILE {
        let f = hostile_case(text);
        let case = f.case();
        let blocked = Finding::supported(&ConnectorBlocked, 3.5, text.to_owned(), vec![cite(Time::default())])
            .fact("listed", true);
        let kinds = [
            ActorKind::User,
            ActorKind::Application,
            ActorKind::Partner,
            ActorKind::Unknown,
        ];
        let accounts = kinds.map(|kind| account(text, kind));
        let steps = steps(&case, &judged(&f, Verdict::LikelyCompromised, &[blocked]), &accounts);
        let commands: Vec<&String> = steps.iter().flat_map(|s| &s.commands).collect();
        let all = steps.iter().map(|s| s.step).collect::<Vec<_>>();
        for step in ["identify", "revert", "unblock", "investigate"] {
            assert!(all.contains(&step), "{all:?}");
        }
        let quoted = commands.iter().filter(|c| c.contains("EVIL")).count();
        assert!(quoted >= 15, "the values are not in the commands at all: {commands:#?}");
        for command in commands {
            let left = outside_strings(command).unwrap_or_else(|| panic!("{command}"));
            // In double quotes a single one opens nothing, and what expands is run.
            assert!(!left.contains(['"', '`']), "{command}");
            assert!(!left.contains("EVIL"), "{command}");
            assert!(command.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{command}");
        }
    }
}

#[test]
fn an_application_is_looked_up_by_an_odata_filter_that_is_one_argument() {
    let step = investigate(&account("O'Neil $(calc)", ActorKind::Application));
    assert!(
        step.commands[0].starts_with(
            "Get-MgServicePrincipal -Filter 'appId eq ''O''''Neil $(calc)'' or displayName eq ''O''''Neil $(calc)''' | "
        ),
        "{}",
        step.commands[0]
    );
    let beyond = investigate(&account("a\u{2019}b", ActorKind::Application));
    assert!(
        beyond.commands[0].starts_with(
            "Get-MgServicePrincipal -Filter ('appId eq ''a' + [char]0x2019 + 'b'' or displayName eq ''a' + [char]0x2019 + 'b''') | "
        ),
        "{}",
        beyond.commands[0]
    );
}

const GUID: &str = "7b1f2c3d-0000-4000-8000-000000000001";

/// The unblock step that follows from what the indicator finds on the connector `Relay`.
fn unblock_of(f: &Fixture) -> Option<Step> {
    let finding = f.assess(&ConnectorBlocked, "Relay");
    let steps = steps(&f.case(), &judged(f, Verdict::NotAssessable, &[finding]), &[]);
    steps.into_iter().find(|s| s.step == "unblock")
}

#[test]
fn a_block_is_spoken_of_as_far_as_it_is_known() {
    let mut f = Fixture::complete();
    f.connector("Relay").id = Some(GUID.to_owned());
    assert_eq!(unblock_of(&f), None, "contradicted by the export");

    f.refused("Relay", "10T08:00", SmtpCode::TenantThreshold);
    let tenant = unblock_of(&f).unwrap();
    assert!(
        tenant.why.contains("no block of the connector itself is on record"),
        "{}",
        tenant.why
    );
    assert_eq!(tenant.commands, ["Get-BlockedConnector | Format-List"]);

    f.refused("Relay", "10T09:00", SmtpCode::BadInboundConnector);
    let refused = unblock_of(&f).unwrap();
    assert!(
        refused.why.contains("was blocked. See whether it still stands"),
        "{}",
        refused.why
    );
    let release = format!("Remove-BlockedConnector -ConnectorId '{GUID}'");
    assert_eq!(
        refused.commands,
        ["Get-BlockedConnector | Format-List", release.as_str()]
    );

    f.digest.blocked.push(BlockedConnector {
        connector: GUID.to_owned(),
        ..BlockedConnector::default()
    });
    let listed = unblock_of(&f).unwrap();
    assert!(
        listed.why.contains("stands under Restricted entities"),
        "{}",
        listed.why
    );
    assert_eq!(listed.commands[1], release);
}

#[test]
fn without_a_guid_the_block_is_looked_up_first() {
    let mut f = Fixture::complete();
    f.connector("Relay");
    f.refused("Relay", "10T09:00", SmtpCode::BadInboundConnector);
    let commands = unblock_of(&f).unwrap().commands;
    assert_eq!(
        commands[1],
        "Remove-BlockedConnector -ConnectorId <ConnectorId from the line above>"
    );
}

#[test]
fn steps_come_in_the_order_of_the_page_and_for_the_bad_alone() {
    let mut f = Fixture::complete();
    f.event("Relay", act("10T02:00", Action::Created, "m@y.example", Some(false)));
    f.connector("HQ");
    f.refused("Relay", "10T09:00", SmtpCode::BadInboundConnector);
    let mut judgements = judged(&f, Verdict::Suspicious, &[f.assess(&ConnectorBlocked, "Relay")]);
    judgements[1] = judged(&f, Verdict::NotAssessable, &[]).remove(0);
    let mut accounts = ["m@y.example", "owner@y.example"].map(|id| account(id, ActorKind::User));
    accounts[1].verdict = Verdict::NotAssessable;
    let found = steps(&f.case(), &judgements, &accounts);
    let order: Vec<_> = found.iter().map(|s| (s.step, s.connector.as_deref())).collect();
    assert_eq!(
        order,
        [
            ("identify", Some("Relay")),
            ("revert", Some("Relay")),
            ("unblock", Some("Relay")),
            ("investigate", None),
        ]
    );
    assert!(found[3].why.starts_with("m@y.example: End its sessions"));
    // A day before the first and two after the last event.
    assert_eq!(
        found[0].commands[1],
        "Search-UnifiedAuditLog -StartDate 2026-03-09 -EndDate 2026-03-12 -Operations \
         New-InboundConnector,Set-InboundConnector,Remove-InboundConnector -ResultSize 5000"
    );
}

#[test]
fn each_kind_of_account_is_investigated_in_its_own_way() {
    let of = |kind| investigate(&account("x@y.example", kind));
    assert_eq!(
        of(ActorKind::User).commands[0],
        "Revoke-MgUserSignInSession -UserId 'x@y.example'"
    );
    assert_eq!(of(ActorKind::Unknown), of(ActorKind::User));
    let application = of(ActorKind::Application);
    assert!(application.why.contains("credentials, consents and roles"));
    assert!(
        !application
            .commands
            .iter()
            .any(|c| c.contains("Revoke-MgUserSignInSession"))
    );
    assert!(of(ActorKind::Partner).commands[0].starts_with("Get-MgTenantRelationshipDelegatedAdminRelationship"));
}
