use super::*;
use crate::indicators::Finding;
use crate::indicators::connector_blocked::ConnectorBlocked;
use crate::indicators::fixture::{Fixture, Sketch, act, cite};
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
        },
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
        let blocked = Finding::supported(&ConnectorBlocked, 3.5, text.to_owned(), vec![cite(Time::default())]);
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
