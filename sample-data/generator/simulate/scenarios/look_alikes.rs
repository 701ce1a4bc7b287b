//! Work that looks like an attack: new connectors, changed addresses, floods of wanted mail.

use super::super::campaign::{Campaign, Targets, addresses, verp};
use super::super::connector::Connector;
use super::super::time;
use super::super::world::{ApprovedChange, World};
use super::{INNOCENT, NOT_ACCUSED, NOT_SUPPORTED};

/// The wizard's run on `day` at `hour` local time: organisation object, both connectors and the relationship, all
/// with one GUID, within minutes. Some mail begins to use the new connector.
pub fn wizard_on(world: &mut World, day: i64, hour: i64) {
    let actor = world.admin();
    let start = world.at(day, hour, 12);
    let mut r = world.random("wizard");
    let server = r.guid();
    let domain = world.setup.profile.domain;
    let certificate = format!("mail.{domain}");
    let connector = Connector::hybrid(server, &certificate, start + 2 * time::MINUTE, &mut r);
    let (inbound, outbound) = (connector.name.clone(), format!("Outbound to {server}"));
    let typed = [
        ("Name", inbound.as_str()),
        ("CloudServicesMailEnabled", "True"),
        ("ConnectorSource", "HybridWizard"),
        ("ConnectorType", "OnPremises"),
        ("RequireTls", "True"),
        ("SenderDomains", "*"),
        ("SenderIPAddresses", ""),
        ("RestrictDomainsToIPAddresses", "False"),
        ("TlsSenderCertificateName", &certificate),
        ("AssociatedAcceptedDomains", ""),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    world.create_connector(&actor, connector, &typed);
    let made = [
        ("Name", outbound.as_str()),
        ("RecipientDomains", domain),
        ("SmartHosts", &certificate),
        ("ConnectorSource", "HybridWizard"),
        ("ConnectorType", "OnPremises"),
        ("TlsSettings", "DomainValidation"),
        ("TlsDomain", &certificate),
        ("CloudServicesMailEnabled", "True"),
        ("RouteAllMessagesViaOnPremises", "False"),
        ("UseMXRecord", "False"),
    ];
    world.cmdlet(
        start + 2 * time::MINUTE + 20 * time::SECOND,
        &actor,
        "New-OutboundConnector",
        &outbound,
        &made,
    );
    let organisation = server.to_string();
    let linked = [
        ("HybridDomains", domain),
        ("InboundConnector", inbound.as_str()),
        ("OutboundConnector", outbound.as_str()),
        ("OrganizationGuid", organisation.as_str()),
        ("OrganizationName", "On-premises organization"),
        ("Name", organisation.as_str()),
    ];
    world.cmdlet(
        start + 3 * time::MINUTE,
        &actor,
        "New-OnPremisesOrganization",
        &organisation,
        &linked,
    );
    let relationship = format!("O365 to On-premises - {server}");
    let shared = [
        ("Name", relationship.as_str()),
        ("DomainNames", domain),
        ("FreeBusyAccessEnabled", "True"),
        ("MailTipsAccessEnabled", "True"),
    ];
    world.cmdlet(
        start + 4 * time::MINUTE,
        &actor,
        "New-OrganizationRelationship",
        &relationship,
        &shared,
    );

    let sender = addresses(&["plant.office", "hr.office", "works.council"], domain);
    for later in day + 1..world.setup.days {
        let (from, to) = (world.at(later, 8, 0), world.at(later, 17, 0));
        if world.tenant.works(time::to_local(world.setup.profile.zone, from)) {
            let base = Campaign::spam(&inbound, from, to, 6, &world.setup.profile.mail_servers, &sender, &[]);
            Campaign {
                targets: Targets::Staff,
                subjects: &["Shift plan", "Calendar: team meeting", "Minutes"],
                spam: 0,
                bounces: 0,
                hostile: false,
                ..base
            }
            .send(world);
        }
    }
    world.expect(&inbound, NOT_ACCUSED, &[("unexpected_connector", NOT_SUPPORTED)]);
    world.expect_others(INNOCENT);
}

/// The wizard, on a working day.
pub fn wizard(world: &mut World) {
    wizard_on(world, 30, 14);
}

/// A newsletter each Wednesday through the connector of the main site, from the first week on.
pub fn newsletter_of(world: &mut World, messages: u64) {
    let name = world.headquarters.clone();
    let (p1, p2) = (
        // Bounces come back to a domain that is the organisation's, too, but another one.
        verp(&format!("corp.{}", world.setup.profile.domain)),
        addresses(&["newsletter"], world.setup.profile.domain),
    );
    for day in (2..world.setup.days).step_by(7) {
        let (from, to) = (world.at(day, 10, 0), world.at(day, 10, 50));
        let base = Campaign::spam(
            &name,
            from,
            to,
            messages,
            &world.setup.profile.mail_servers[..1],
            &p1,
            &p2,
        );
        Campaign {
            targets: Targets::Subscribers,
            subjects: &["News of the week"],
            spam: 2,
            bounces: 8,
            hostile: false,
            ..base
        }
        .send(world);
    }
    world.expect(&name, INNOCENT, &[("sender_mismatch", NOT_SUPPORTED)]);
    world.expect_others(INNOCENT);
}

/// The newsletter at ordinary size.
pub fn newsletter(world: &mut World) {
    newsletter_of(world, 130);
}

/// An address is exchanged for another of the same site in the evening; the traffic of the old one moves over.
pub fn renumbering(world: &mut World) {
    let name = world.headquarters.clone();
    let actor = world.admin();
    let changed = world.at(31, 19, 5);
    let [stays, goes] = world.setup.profile.mail_servers;
    let comes = "81.2.69.165";
    world.change_connector(
        changed,
        &actor,
        &name,
        &[("SenderIPAddresses", &format!("{stays};{comes}"))],
    );
    for message in world
        .messages
        .iter_mut()
        .filter(|m| m.time >= changed && m.source_ip == goes)
    {
        comes.clone_into(&mut message.source_ip);
    }
    world.expect(
        &name,
        INNOCENT,
        &[
            ("source_ip_mismatch", NOT_SUPPORTED),
            ("unauthorized_change", NOT_SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}

/// A site moves: with a ticket, on a Monday, the connector carries five times as much as before, and stays there.
pub fn migration(world: &mut World) {
    let name = world.headquarters.clone();
    let start = world.at(28, 6, 0);
    let actor = world.admin();
    world.change_connector(start, &actor, &name, &[("Comment", "CHG-1042: site B moved")]);
    world.approved.push(ApprovedChange {
        connector: name.clone(),
        from: start - 2 * time::HOUR,
        to: start + 12 * time::HOUR,
        note: "CHG-1042",
    });
    let p1: Vec<String> = (1..=40)
        .map(|n| format!("site.b{n:02}@{}", world.setup.profile.domain))
        .collect();
    for day in 28..world.setup.days {
        let (from, to) = (world.at(day, 7, 0), world.at(day, 18, 0));
        if world.tenant.works(time::to_local(world.setup.profile.zone, from)) {
            let base = Campaign::spam(&name, from, to, 120, &world.setup.profile.mail_servers, &p1, &[]);
            Campaign {
                targets: Targets::Correspondents,
                subjects: &["Order confirmation", "Delivery note", "Re: Offer"],
                spam: 2,
                bounces: 10,
                hostile: false,
                ..base
            }
            .send(world);
        }
    }
    world.expect(
        &name,
        NOT_ACCUSED,
        &[("sender_mismatch", NOT_SUPPORTED), ("spam_delivery", NOT_SUPPORTED)],
    );
    world.expect_others(INNOCENT);
}

/// A connector for the printers of the branch: made in office hours by the known administrator, no TLS, the
/// branch's own address, a handful of scans a day to the staff.
pub fn printer(world: &mut World) {
    let actor = world.admin();
    let made = world.at(25, 11, 20);
    let mut r = world.random("printer");
    let office = ["2.125.160.220"];
    let mut connector = Connector::by_address("Printers branch office", &office, made, &mut r);
    connector.require_tls = false;
    connector.comment = "Scan to mail".to_owned();
    let parameters = connector.admin_center_parameters();
    world.create_connector(&actor, connector, &parameters);
    let p1 = addresses(&["scanner01", "scanner02"], world.setup.profile.domain);
    for day in 25..world.setup.days {
        let (from, to) = (world.at(day, 12, 0), world.at(day, 17, 0));
        if world.tenant.works(time::to_local(world.setup.profile.zone, from)) {
            let base = Campaign::spam("Printers branch office", from, to, 5, &office, &p1, &[]);
            Campaign {
                targets: Targets::Staff,
                subjects: &["Scanned document"],
                spam: 0,
                bounces: 0,
                hostile: false,
                ..base
            }
            .send(world);
        }
    }
    world.expect(
        "Printers branch office",
        NOT_ACCUSED,
        &[
            ("unexpected_connector", NOT_SUPPORTED),
            ("source_ip_mismatch", NOT_SUPPORTED),
        ],
    );
    world.expect_others(INNOCENT);
}
