//! Which connectors an alert is placed on.

use test_case::test_case;

use super::*;

const MAIN: &str = "Suspicious Connector Activity";
const GUID: &str = "aaaaaaaa-0000-0000-0000-000000000001";
const OTHER: &str = "aaaaaaaa-0000-0000-0000-000000000002";

/// An alert as the readers hand it on: its fields, and those of its data.
fn alert(time: Time, fields: &[(&str, &str)]) -> AuditEvent {
    let own = [
        ("Alert.Name", MAIN),
        ("Alert.Severity", "High"),
        ("Alert.Status", "Active"),
        ("Alert.Category", "ThreatManagement"),
        ("Alert.Comments", "New alert"),
        ("Alert.Data.an", "Suspicious connector activity"),
        (
            "Alert.Data.ad",
            "Mail of an inbound connector was sent in a suspicious way.",
        ),
        ("Alert.Data.wl", "Exchange"),
        ("Alert.Data.etype", "Connector"),
        ("Alert.Data.sev", "High"),
    ];
    AuditEvent {
        record_type: Some(40),
        user: "SecurityComplianceAlerts".to_owned(),
        user_type: Some(4),
        client_ip: None,
        extended: own
            .iter()
            .chain(fields)
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        ..cmdlet(time, "AlertTriggered", &[])
    }
}

/// The connectors that a later alert with these fields is placed on; "tenant" where it is on none.
fn placed(mut events: Vec<AuditEvent>, connectors: Vec<ConnectorSnapshot>, fields: &[(&str, &str)]) -> Vec<String> {
    events.push(alert(at(9, 0), fields));
    let line = timeline(events, connectors);
    let on = line
        .connectors
        .iter()
        .filter(|c| !of(c, Action::Alerted).is_empty())
        .map(|c| c.name.clone());
    let tenant = line.tenant.iter().filter(|e| e.action == Action::Alerted);
    on.chain(tenant.map(|_| "tenant".to_owned())).collect()
}

fn made(names: &[&str]) -> Vec<AuditEvent> {
    names.iter().map(|n| new(at(0, 9), n, &[])).collect()
}

#[test_case("Connector"; "a word of the title")]
#[test_case("High"; "the severity")]
#[test_case("Exchange"; "the workload")]
#[test_case("Mail"; "a word of the description")]
#[test_case("Inbound"; "another word of the description")]
#[test_case("Active"; "the status")]
#[test_case("New alert"; "the comment")]
#[test_case("ThreatManagement"; "the category")]
#[test_case("suspicious connector activity"; "the title itself")]
fn the_service_s_own_words_name_no_connector(name: &str) {
    let events = || made(&[name, "Datacentre B"]);
    assert_eq!(placed(events(), vec![], &[]), ["tenant"]);
    assert_eq!(
        placed(events(), vec![], &[("Alert.Data.cn", "Datacentre B")]),
        ["Datacentre B"]
    );
}

#[test]
fn a_connector_called_connector_is_named_where_its_name_stands() {
    let events = || made(&["Connector", "Datacentre B"]);
    for field in [
        ("Alert.Data.Connector", "connector"),
        ("Alert.Data.info", "Connector: Connector, IP address: 203.0.113.9"),
        (
            "Alert.Data.info",
            "Suspicious connector activity was seen on Connector.",
        ),
    ] {
        assert_eq!(placed(events(), vec![], &[field]), ["Connector"], "{field:?}");
    }
    let label = ("Alert.Data.info", "Connector: Datacentre B, IP address: 203.0.113.9");
    assert_eq!(placed(events(), vec![], &[label]), ["Datacentre B"]);
}

#[test]
fn a_longer_name_is_not_the_shorter_one_in_it() {
    let events = || made(&["HQ", "HQ 2", "Inbound: HQ, old"]);
    let one = ("Alert.Data.info", "Connector: HQ 2, IP address 203.0.113.9");
    assert_eq!(placed(events(), vec![], &[one]), ["HQ 2"]);
    let short = ("Alert.Data.info", "Connector: HQ, IP address 203.0.113.9");
    assert_eq!(placed(events(), vec![], &[short]), ["HQ"]);
    let odd = ("Alert.Data.info", "Mail of Inbound: HQ, old was stopped");
    assert_eq!(placed(events(), vec![], &[odd]), ["Inbound: HQ, old"]);
}

#[test]
fn a_host_name_is_not_the_connector_whose_name_begins_it() {
    let field = ("Alert.Data.Connector domain", "mail.fabrikam.example");
    assert_eq!(placed(made(&["Mail", "Relay"]), vec![], &[field]), ["tenant"]);
}

#[test]
fn an_alert_that_names_several_belongs_to_all_of_them() {
    let snapshots = vec![
        snapshot("A side", Some(GUID), at(0, 0), &[]),
        snapshot("B side", Some(OTHER), at(0, 0), &[]),
        snapshot("C side", None, at(0, 0), &[]),
    ];
    let fields = [("Alert.Data.eid", GUID), ("Alert.Data.cn", "A side and B side")];
    assert_eq!(placed(vec![], snapshots, &fields), ["A side", "B side"]);
}

#[test]
fn a_guid_tells_two_bearers_of_one_name_apart_and_else_the_moment_does() {
    let events = || {
        vec![
            new(at(0, 9), "Relay", &[]),
            set(at(1, 9), "Relay", &[("Name", "Old relay")]),
            new(at(2, 9), "Relay", &[]),
        ]
    };
    let snapshots = || {
        vec![
            snapshot("Old relay", Some(GUID), at(1, 9), &[]),
            snapshot("Relay", Some(OTHER), at(2, 9), &[]),
        ]
    };
    let name = ("Alert.Data.cn", "Relay");
    assert_eq!(placed(events(), snapshots(), &[name]), ["Relay"]);
    assert_eq!(
        placed(events(), snapshots(), &[name, ("Alert.Data.eid", GUID)]),
        ["Old relay"]
    );
}

#[test]
fn an_address_leads_to_the_connector_that_alone_accepts_it_then() {
    let made = |list: &str| {
        vec![
            new(at(0, 9), "A", &[("SenderIPAddresses", "192.0.2.0/24")]),
            new(at(0, 9), "B", &[("SenderIPAddresses", list)]),
        ]
    };
    let field = ("Alert.Data.sip", "203.0.113.9");
    let both = "198.51.100.7;203.0.113.0/24";
    assert_eq!(placed(made(both), vec![], &[field]), ["B"]);
    assert_eq!(placed(made("198.51.100.7"), vec![], &[field]), ["tenant"]);
    assert_eq!(
        placed(made("192.0.2.0/24"), vec![], &[("Alert.Data.sip", "192.0.2.9")]),
        ["tenant"],
        "two accept it"
    );
    let mut later = made(both);
    later.push(set(at(5, 0), "B", &[("SenderIPAddresses", "198.51.100.7")]));
    assert_eq!(placed(later, vec![], &[field]), ["tenant"]);
}
