//! Which connector a block by GUID is pinned on, and where it stays when nothing tells.

use super::*;
use crate::digest::Fact;
use crate::records::BlockedConnector;

const GUID: &str = "aaaaaaaa-0000-0000-0000-000000000001";
const UNKNOWN: &str = "deadbeef-0000-0000-0000-000000000009";

fn block(d: &mut Digest, guid: &str) {
    let record = u32::try_from(d.blocked.len()).unwrap_or_default() + 1;
    d.blocked.push(BlockedConnector {
        connector: guid.to_owned(),
        reason: None,
        time: Some(at(2, 0)),
        origin: Origin {
            file: 7,
            record,
            offset: 0,
        },
    });
}

fn mail(d: &mut Digest, name: &str) {
    let number = d.facts.len() as u64;
    let mut fact = Fact::new(number, 1, at(1, number as i64), Origin::default(), 0);
    fact.connector = d.names.intern(name);
    d.facts.push(fact);
}

/// Names of the connectors with a block, and how many blocks are the tenant's.
fn blocked(line: &Timeline) -> (Vec<&str>, usize) {
    let on = |c: &&Connector| !of(c, Action::Blocked).is_empty();
    let names = line.connectors.iter().filter(on).map(|c| c.name.as_str()).collect();
    let tenant = line.tenant.iter().filter(|e| e.action == Action::Blocked).count();
    (names, tenant)
}

fn build_of(d: &Digest) -> Timeline {
    build(d, &Organization::default())
}

#[test]
fn a_block_of_one_of_three_connectors_without_guid_is_the_tenant_s() {
    let mut d = digest(vec![set(at(0, 9), "Printers", &[("Comment", "room 4")])], vec![]);
    for name in ["Printers", "HQ", "Gateway"] {
        mail(&mut d, name);
    }
    block(&mut d, UNKNOWN);
    let line = build_of(&d);
    assert_eq!(names(&line), ["Gateway", "HQ", "Printers"]);
    assert_eq!(blocked(&line), (vec![], 1));
    let event = &line.tenant[0];
    assert!(event.summary.contains(UNKNOWN), "{}", event.summary);
    assert_eq!((event.time, event.cites.len()), (at(2, 0), 1));
}

#[test]
fn a_block_is_of_the_only_connector_without_guid_where_all_others_have_one() {
    let mut d = digest(
        vec![set(at(0, 9), "Printers", &[("Comment", "room 4")])],
        vec![snapshot("HQ", Some(GUID), at(-9, 0), &[])],
    );
    block(&mut d, UNKNOWN);
    assert_eq!(blocked(&build_of(&d)), (vec!["Printers"], 0));
}

#[test]
fn an_outbound_connector_in_the_trace_is_no_candidate() {
    let mut d = digest(
        vec![
            set(at(0, 9), "Printers", &[("Comment", "room 4")]),
            cmdlet(at(0, 9), "New-OutboundConnector", &[("Name", "To partner")]),
        ],
        vec![],
    );
    mail(&mut d, "To partner");
    block(&mut d, UNKNOWN);
    assert_eq!(blocked(&build_of(&d)), (vec!["Printers"], 0));
}

#[test]
fn two_unknown_guids_cannot_both_be_the_one_connector_left() {
    let mut d = digest(vec![set(at(0, 9), "Printers", &[("Comment", "room 4")])], vec![]);
    block(&mut d, UNKNOWN);
    block(&mut d, "deadbeef-0000-0000-0000-00000000000a");
    assert_eq!(blocked(&build_of(&d)), (vec![], 2));
    let mut again = digest(vec![set(at(0, 9), "Printers", &[("Comment", "room 4")])], vec![]);
    block(&mut again, UNKNOWN);
    block(&mut again, &UNKNOWN.to_uppercase());
    assert_eq!(blocked(&build_of(&again)), (vec!["Printers"], 0), "one GUID twice");
}

#[test]
fn a_block_that_can_be_none_of_the_known_is_a_connector_of_its_own() {
    let mut d = digest(vec![], vec![snapshot("HQ", Some(GUID), at(-9, 0), &[])]);
    block(&mut d, UNKNOWN);
    assert_eq!(blocked(&build_of(&d)), (vec![UNKNOWN], 0));
}

#[test]
fn a_block_that_stands_in_two_exports_of_the_list_is_one() {
    let mut d = digest(vec![set(at(0, 9), "Printers", &[("Comment", "room 4")])], vec![]);
    mail(&mut d, "Printers");
    block(&mut d, UNKNOWN);
    block(&mut d, UNKNOWN);
    d.blocked[1].origin.file = 8;
    let line = build_of(&d);
    let blocks = of(&line.connectors[0], Action::Blocked);
    assert_eq!((blocks.len(), blocks[0].cites.len()), (1, 2));
    // Another time is another block.
    d.blocked[1].time = Some(at(3, 0));
    assert_eq!(of(&build_of(&d).connectors[0], Action::Blocked).len(), 2);
}
