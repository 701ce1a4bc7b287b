//! From where: `source_ip_mismatch`.

use super::*;

#[test]
fn hosts_outside_the_listed_networks_are_foreign() {
    let mut world = changed();
    world.organization.on_premises = vec!["81.2.69.160/28".parse().unwrap()];
    world.day(50, 60, STRANGER);
    let finding = ask(&mut world, "source_ip_mismatch");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 1.5),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["hosts"][0], "185.220.101.5");
}

#[test]
fn without_a_list_the_past_says_who_is_foreign_and_a_neighbour_is_noted() {
    let mut world = changed();
    world.day(
        50,
        60,
        Letter {
            source: "81.2.69.77",
            ..LETTER
        },
    );
    world.day(
        50,
        60,
        Letter {
            source: "40.107.1.1",
            ..LETTER
        },
    );
    let finding = ask(&mut world, "source_ip_mismatch");
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 1.5),
        "{}",
        finding.summary
    );
    assert_eq!(
        (&finding.facts["foreign"], &finding.facts["neighbours"][0]),
        (&60.into(), &"81.2.69.77".into())
    );
}

#[test]
fn an_intended_renumbering_is_told_from_an_intrusion() {
    let mut world = World::new();
    world.routine(0, 42, 80, LETTER);
    world.routine(
        42,
        60,
        80,
        Letter {
            source: "81.2.70.9",
            ..LETTER
        },
    );
    world.timeline.connectors[0]
        .events
        .push(address_change(at(42, 3), "81.2.70.9", true));
    let finding = ask(&mut world, "source_ip_mismatch");
    assert_eq!(finding.state, State::Contradicted, "{}", finding.summary);
    assert!(finding.summary.contains("intended change") && finding.summary.contains("fell silent"));
    assert_eq!(ask(&mut world, "volume_spike").state, State::Contradicted);
}

#[test]
fn a_connector_made_for_a_host_that_is_not_listed_was_not_taken_over() {
    let mut world = World::new();
    world.organization.on_premises = vec!["81.2.69.160/28".parse().unwrap()];
    world.timeline.connectors[0].states[0].from = Some(at(42, 3));
    let mut created = address_change(at(42, 3), "81.2.70.9", true);
    created.action = Action::Created;
    world.timeline.connectors[0].events.push(created);
    world.routine(
        43,
        56,
        80,
        Letter {
            source: "81.2.70.9",
            ..LETTER
        },
    );
    let finding = ask(&mut world, "source_ip_mismatch");
    assert_eq!(finding.state, State::Supported, "{}", finding.summary);
    assert_eq!(finding.facts["hosts"][0], "81.2.70.9");
}

#[test]
fn a_past_that_no_log_watched_over_clears_nobody() {
    let mut world = changed();
    world.logged = false;
    let finding = ask(&mut world, "source_ip_mismatch");
    assert_eq!(finding.state, State::NotAssessable, "{}", finding.summary);
    assert!(
        finding.needs[0].contains("Search-UnifiedAuditLog"),
        "{:?}",
        finding.needs
    );
    // The list of the organisation's own hosts needs no log.
    let mut world = changed();
    world.logged = false;
    world.organization.on_premises = vec!["81.2.69.160/28".parse().unwrap()];
    assert_eq!(ask(&mut world, "source_ip_mismatch").state, State::Contradicted);
}

#[test]
fn mail_that_was_tied_by_its_addresses_cannot_be_cleared_by_them() {
    let mut world = World::new();
    world.routine(
        0,
        56,
        80,
        Letter {
            connector: "",
            ..LETTER
        },
    );
    let finding = ask(&mut world, "source_ip_mismatch");
    assert_eq!(finding.state, State::NotAssessable, "{}", finding.summary);
    assert!(finding.needs[0].contains("names the connector"), "{:?}", finding.needs);
}

#[test]
fn a_new_connector_without_anything_to_compare_with_is_not_judged_by_its_hosts() {
    let mut world = World::new();
    world.timeline.connectors[0].states[0].from = Some(at(20, 0));
    let created = event(at(20, 0), Action::Created, "New-InboundConnector");
    world.timeline.connectors[0].events.push(created);
    world.routine(
        0,
        20,
        80,
        Letter {
            connector: "",
            source: "",
            ..LETTER
        },
    );
    world.routine(21, 40, 80, LETTER);
    let finding = ask(&mut world, "source_ip_mismatch");
    assert_eq!(finding.state, State::NotAssessable, "{}", finding.summary);
    assert_eq!(finding.needs, ["on_premises_ips in org.toml"]);
}
