//! Get-AcceptedDomain.

use serde_json::{Value, json};

use super::super::tenant::AcceptedDomain;
use super::super::world::World;
use super::connectors::Style;

/// The text of Get-AcceptedDomain at the end of the world's period.
pub fn write(world: &World, style: Style) -> String {
    let row = |domain: &AcceptedDomain| -> Value {
        let created = style.date(domain.created);
        json!({
            "DomainName": domain.name,
            "DomainType": "Authoritative",
            "MatchSubDomains": false,
            "AddressBookEnabled": true,
            "Default": domain.default,
            "InitialDomain": domain.name == world.tenant.initial_domain,
            "AuthenticationType": "Managed",
            "OutboundOnly": false,
            "PendingRemoval": false,
            "SendingFromDomainDisabled": false,
            "SendingToDomainDisabled": false,
            "Name": domain.name,
            "Identity": domain.name,
            "WhenChanged": created,
            "WhenCreated": created,
            "WhenChangedUTC": created,
            "WhenCreatedUTC": created,
            "Guid": domain.guid.to_string(),
            "IsValid": true,
            "ObjectState": "Unchanged",
        })
    };
    style.print(world.tenant.accepted_domains.iter().map(row).collect())
}
