//! The hybrid configuration wizard, and those who dress up as it.

use super::*;
use crate::records::{AcceptedDomain, Setting, SettingKind};
use crate::settings::tuning::Thresholds;
use crate::timeline::{HybridRun, hybrid_wizard};

const RUN: &str = "0f4e1f3c-8b1e-4d5a-9c53-6f1f4a1c2b3d";

fn inbound() -> String {
    format!("Inbound from {RUN}")
}

fn whole_run(certificate: &str) -> Vec<AuditEvent> {
    let start = at(40, 9);
    vec![
        new(
            start,
            &inbound(),
            &[
                ("ConnectorType", "OnPremises"),
                ("SenderDomains", "*"),
                ("CloudServicesMailEnabled", "True"),
                ("TlsSenderCertificateName", certificate),
            ],
        ),
        cmdlet(
            minutes(start, 1),
            "New-OutboundConnector",
            &[("Name", &format!("Outbound to {RUN}"))],
        ),
        cmdlet(
            minutes(start, 3),
            "New-OnPremisesOrganization",
            &[
                ("Name", RUN),
                ("InboundConnector", &inbound()),
                ("HybridDomains", "fabrikam.com"),
            ],
        ),
        cmdlet(
            minutes(start, 5),
            "New-OrganizationRelationship",
            &[("Name", &format!("O365 to On-premises - {RUN}"))],
        ),
    ]
}

fn found(events: Vec<AuditEvent>, accepted: Option<Time>) -> Option<HybridRun> {
    let mut d = digest(events, vec![]);
    d.accepted_domains = vec![AcceptedDomain {
        domain: "fabrikam.com".to_owned(),
        created: accepted,
        origin: Origin::default(),
    }];
    let line = build(&d, &Organization::default());
    hybrid_wizard(&line, connector(&line, &inbound()), &Thresholds::default())
}

#[test]
fn a_whole_run_is_recognised() {
    for certificate in [
        "mail.fabrikam.com",
        "*.Fabrikam.com",
        "<I>CN=Some CA, O=CA<S>CN=mail.fabrikam.com, O=Fabrikam",
    ] {
        let run = found(whole_run(certificate), None).expect("all parts are there");
        assert_eq!((run.id.as_str(), run.domain.as_str()), (RUN, "fabrikam.com"));
        assert_eq!((run.from, run.to), (at(40, 9), minutes(at(40, 9), 5)));
        assert_eq!(run.cites.len(), 4);
    }
}

#[test]
fn a_run_with_a_part_missing_is_mimicry() {
    for part in 1..4 {
        let mut events = whole_run("mail.fabrikam.com");
        events.remove(part);
        assert_eq!(found(events, None), None, "without part {part}");
        let mut late = whole_run("mail.fabrikam.com");
        late[part].time = minutes(at(40, 9), 31);
        assert_eq!(found(late, None), None, "part {part} too late");
        let mut foreign = whole_run("mail.fabrikam.com");
        foreign[part].user = "someone.else@fabrikam.com".to_owned();
        assert_eq!(found(foreign, None), None, "part {part} by another hand");
        let mut failed = whole_run("mail.fabrikam.com");
        failed[part].succeeded = false;
        assert_eq!(found(failed, None), None, "part {part} failed");
    }
}

#[test]
fn the_certificate_must_be_of_a_settled_domain() {
    assert_eq!(found(whole_run("mail.attacker.example"), None), None);
    assert_eq!(found(whole_run("notfabrikam.com"), None), None);
    assert_eq!(found(whole_run(""), None), None);
    assert_eq!(
        found(whole_run("mail.fabrikam.com"), Some(at(35, 0))),
        None,
        "accepted five days before"
    );
    assert!(found(whole_run("mail.fabrikam.com"), Some(at(0, 0))).is_some());
}

#[test]
fn a_wizard_s_run_vouches_for_a_partner() {
    let by_partner = |event: AuditEvent| AuditEvent {
        external_access: Some(true),
        ..by("admin@gdap-partner.com", ELSEWHERE, event)
    };
    let intended = |events: Vec<AuditEvent>| {
        let mut d = digest(events.into_iter().map(by_partner).collect(), vec![]);
        d.accepted_domains = vec![AcceptedDomain {
            domain: "fabrikam.com".to_owned(),
            ..AcceptedDomain::default()
        }];
        let line = build(&d, &Organization::default());
        connector(&line, &inbound()).events[0].intended
    };
    assert_eq!(intended(whole_run("mail.fabrikam.com")), None);
    assert_eq!(
        intended(whole_run("mail.fabrikam.com").into_iter().take(1).collect()),
        Some(false)
    );
}

#[test]
fn the_outbound_connector_of_a_snapshot_stands_in_for_its_record() {
    let with = |name: &str, made: Time| {
        let events = whole_run("mail.fabrikam.com");
        let rest = events.into_iter().filter(|e| e.operation != "New-OutboundConnector");
        let mut d = digest(rest.collect(), vec![]);
        d.accepted_domains = vec![AcceptedDomain {
            domain: "fabrikam.com".to_owned(),
            created: None,
            origin: Origin::default(),
        }];
        d.settings = vec![Setting {
            kind: SettingKind::OutboundConnector,
            name: name.to_owned(),
            id: None,
            parameters: Vec::new(),
            created: Some(made),
            changed: None,
            origin: Origin::default(),
        }];
        let line = build(&d, &Organization::default());
        hybrid_wizard(&line, connector(&line, &inbound()), &Thresholds::default())
    };
    let start = at(40, 9);
    let run = with(&format!("Outbound to {RUN}"), minutes(start, 1)).expect("all parts are there");
    assert_eq!((run.from, run.to, run.cites.len()), (start, minutes(start, 5), 4));
    assert_eq!(
        with(&format!("Outbound to {RUN}"), at(41, 9)),
        None,
        "made at another time"
    );
    assert_eq!(with("Outbound to nowhere", minutes(start, 1)), None);
}
