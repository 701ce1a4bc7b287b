use super::*;
use crate::indicators::fixture::{Fixture, Sketch, act};
use crate::timeline::{Change, State};

#[test]
fn values_from_the_log_stay_values() {
    assert_eq!(
        assignment("SenderIPAddresses", "81.2.69.160;81.2.69.161"),
        "-SenderIPAddresses @('81.2.69.160', '81.2.69.161')"
    );
    assert_eq!(assignment("SenderDomains", "smtp:*;1"), "-SenderDomains @('smtp:*')");
    assert_eq!(
        assignment("SenderDomains", "smtp:a.example;1;smtp:b.example;1"),
        "-SenderDomains @('smtp:a.example', 'smtp:b.example')"
    );
    assert_eq!(
        assignment("EFSkipMailGateway", "gw1.example;gw2.example"),
        "-EFSkipMailGateway @('gw1.example', 'gw2.example')"
    );
    assert_eq!(assignment("Comment", "a;b"), "-Comment 'a;b'", "one value");
    assert_eq!(assignment("RequireTls", "True"), "-RequireTls $true");
    assert_eq!(
        assignment("TlsSenderCertificateName", ""),
        "-TlsSenderCertificateName $null"
    );
    assert_eq!(assignment("Comment", "a'b"), "-Comment 'a''b'");
}

/// The commands that put the connector `Relay` back, with their reason before them.
fn relay(events: Vec<Event>) -> Vec<String> {
    let mut f = Fixture::complete();
    f.connector("Relay").events = events;
    let step = revert(f.get("Relay"));
    assert_eq!((step.step, step.connector.as_deref()), ("revert", Some("Relay")));
    std::iter::once(step.why).chain(step.commands).collect()
}

fn failed(event: Event) -> Event {
    Event {
        succeeded: false,
        ..event
    }
}

#[test]
fn a_removal_that_failed_removed_nothing() {
    let created = act("10T02:00", Action::Created, "m@y.example", Some(false));
    let removed = act("11T02:00", Action::Removed, "m@y.example", Some(false));
    let gone = relay(vec![created.clone(), removed.clone()]);
    assert!(gone[0].contains("was removed"), "{gone:?}");
    let there = [
        "Set-InboundConnector -Identity 'Relay' -Enabled $false",
        "Remove-InboundConnector -Identity 'Relay'",
    ];
    assert_eq!(relay(vec![created.clone(), failed(removed.clone())])[1..], there);
    let again = act("12T02:00", Action::Created, "m@y.example", Some(false));
    assert_eq!(relay(vec![created.clone(), removed.clone(), again.clone()])[1..], there);
    assert_eq!(relay(vec![created, removed, failed(again)])[0], gone[0]);
}

#[test]
fn the_values_before_the_first_doubtful_change_are_put_back() {
    let change = |time, intended, before, after| {
        act(time, Action::Changed, "m@y.example", intended).with("SenderIPAddresses", before, after)
    };
    let mut silent = act("12T02:00", Action::Changed, "m@y.example", Some(false));
    silent.changes.push(Change {
        parameter: "TlsSenderCertificateName".into(),
        before: None,
        after: Some("evil.example".into()),
        before_known: false,
    });
    let lines = relay(vec![
        change("09T09:00", Some(true), "10.0.0.1", "10.0.0.1;10.0.0.2"),
        failed(change("09T10:00", Some(false), "10.9.9.9", "x")),
        change(
            "10T02:00",
            Some(false),
            "10.0.0.1;10.0.0.2",
            "10.0.0.1;10.0.0.2;6.6.6.6",
        ),
        change("11T02:00", None, "10.0.0.1;10.0.0.2;6.6.6.6", "6.6.6.6").with("RequireTls", "True", "False"),
        silent,
    ]);
    assert!(lines[0].contains("no evidence gives the earlier value of TlsSenderCertificateName"));
    assert_eq!(
        lines[1..],
        [
            "Set-InboundConnector -Identity 'Relay' -RequireTls $true -SenderIPAddresses @('10.0.0.1', '10.0.0.2')",
            "Get-InboundConnector -Identity 'Relay' | Format-List TlsSenderCertificateName",
        ]
    );
}

#[test]
fn without_a_change_on_record_the_connector_is_switched_off() {
    let off = ["Set-InboundConnector -Identity 'Relay' -Enabled $false"];
    assert_eq!(relay(vec![])[1..], off);
    let seen = act("10T02:00", Action::SeenInSnapshot, "", None).with("Enabled", "False", "True");
    assert_eq!(relay(vec![seen])[1..], off);
    let meant = act("10T02:00", Action::Changed, "owner@y.example", Some(true)).with("Enabled", "False", "True");
    assert_eq!(relay(vec![meant])[1..], off);
}

#[test]
fn a_good_connector_that_a_stranger_removed_is_made_again_as_it_last_was() {
    let mut f = Fixture::complete();
    let connector = f.connector("Relay");
    connector.states = vec![State {
        from: None,
        name: "Relay".into(),
        exists: true,
        parameters: [
            ("ConnectorType", "OnPremises"),
            ("SenderDomains", "smtp:*;1"),
            ("RequireTls", "True"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .into(),
    }];
    connector.events = vec![act("10T02:00", Action::Removed, "m@y.example", Some(false))];
    let step = revert(f.get("Relay"));
    assert_eq!(
        step.commands[1],
        "New-InboundConnector -Name 'Relay' -ConnectorType 'OnPremises' -RequireTls $true -SenderDomains @('smtp:*')"
    );
    assert_eq!(step.evidence.len(), 1);
    // One that the owner removed stays removed.
    f.connector("Relay").events[0].intended = Some(true);
    assert!(
        !revert(f.get("Relay"))
            .commands
            .concat()
            .contains("New-InboundConnector")
    );
}
