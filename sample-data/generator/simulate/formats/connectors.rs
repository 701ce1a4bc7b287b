//! Get-InboundConnector and Get-BlockedConnector.

use serde_json::{Value, json};

use super::super::connector::Connector;
use super::super::time::{self, Millis};
use super::super::world::{BlockedConnector, World};
use super::text::{Quotes, Table, json_seven, json_windows};

/// How a snapshot was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// ConvertTo-Json of Windows PowerShell 5.1: dates as `\/Date(ms)\/`.
    Windows,
    /// ConvertTo-Json of PowerShell 7: ISO 8601.
    Seven,
    /// Export-Csv by someone who joined the lists with `;`.
    Csv,
}

impl Style {
    /// The date as this style prints it.
    pub fn date(self, time: Millis) -> String {
        match self {
            Self::Windows => format!("/Date({time})/"),
            Self::Seven => time::iso_ticks(time),
            Self::Csv => time::en_us(time),
        }
    }

    /// The text of a list of objects: one object alone stands without brackets, as ConvertTo-Json prints it.
    pub fn print(self, mut objects: Vec<Value>) -> String {
        let value = match objects.len() {
            1 => objects.remove(0),
            _ => Value::Array(objects),
        };
        match self {
            Self::Windows => json_windows(&value),
            Self::Seven => json_seven(&value),
            Self::Csv => csv(&value),
        }
    }

    /// The ending of a file in this style.
    pub fn extension(self) -> &'static str {
        if self == Self::Csv { "csv" } else { "json" }
    }
}

fn csv_cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(csv_cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

fn csv(value: &Value) -> String {
    let objects: Vec<_> = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        other => other.as_object().into_iter().collect(),
    };
    let header: Vec<&str> = objects
        .first()
        .map(|object| object.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let mut table = Table::new(&header, Quotes::Always);
    for object in objects {
        table.row(&object.values().map(csv_cell).collect::<Vec<_>>());
    }
    table.finish()
}

fn connector(connector: &Connector, world: &World, style: Style) -> Value {
    let unit = format!(
        "EURPR04A012.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{}",
        world.tenant.initial_domain
    );
    let name = format!(
        "CN={},CN=Transport Settings,CN=Configuration,CN={},CN=ConfigurationUnits,DC=EURPR04A012,DC=PROD,DC=OUTLOOK,DC=COM",
        connector.name, world.tenant.initial_domain
    );
    let (created, changed) = (style.date(connector.created), style.date(connector.changed));
    let certificate = if connector.certificate.is_empty() {
        Value::Null
    } else {
        json!(connector.certificate)
    };
    json!({
        "Enabled": connector.enabled,
        "ConnectorType": connector.kind.name(),
        "ConnectorSource": connector.source,
        "Comment": connector.comment,
        "SenderIPAddresses": connector.sender_ips,
        "SenderDomains": connector.sender_domains,
        "TrustedOrganizations": [],
        "ClientHostNames": [],
        "AssociatedAcceptedDomains": connector.accepted_domains,
        "RequireTls": connector.require_tls,
        "RestrictDomainsToIPAddresses": connector.restrict_to_ips,
        "RestrictDomainsToCertificate": connector.restrict_to_certificate,
        "CloudServicesMailEnabled": connector.cloud_services_mail,
        "TreatMessagesAsInternal": connector.treat_as_internal,
        "TlsSenderCertificateName": certificate,
        "EFTestMode": false,
        "ScanAndDropRecipients": [],
        "EFSkipLastIP": connector.skip_last_ip,
        "EFSkipIPs": connector.skip_ips,
        "EFSkipMailGateway": [],
        "EFUsers": [],
        "AdminDisplayName": "",
        "ExchangeVersion": "0.1 (8.0.535.0)",
        "Name": connector.name,
        "DistinguishedName": name,
        "Identity": connector.name,
        "ObjectCategory": "EURPR04A012.PROD.OUTLOOK.COM/Configuration/Schema/ms-Exch-SMTP-Inbound-Connector",
        "ObjectClass": ["top", "msExchSMTPInboundConnector"],
        "WhenChanged": changed,
        "WhenCreated": created,
        "WhenChangedUTC": changed,
        "WhenCreatedUTC": created,
        "ExchangeObjectId": connector.guid.to_string(),
        "OrganizationalUnitRoot": world.tenant.initial_domain,
        "OrganizationId": unit,
        "Id": connector.name,
        "Guid": connector.guid.to_string(),
        "OriginatingServer": "AM0PR04A012DC01.EURPR04A012.PROD.OUTLOOK.COM",
        "IsValid": true,
        "ObjectState": "Unchanged",
    })
}

/// The text of Get-InboundConnector at the end of the world's period.
pub fn write(world: &World, style: Style) -> String {
    style.print(
        world
            .connectors
            .iter()
            .map(|item| connector(item, world, style))
            .collect(),
    )
}

/// The text of Get-BlockedConnector. No export of this cmdlet is public; the columns are those of its sister
/// Get-BlockedSenderAddress with the parameter name of Remove-BlockedConnector.
pub fn write_blocked(blocked: &[BlockedConnector], style: Style) -> String {
    let row = |item: &BlockedConnector| {
        json!({
            "ConnectorId": item.connector.to_string(),
            "Reason": item.reason,
            "CreatedDatetime": style.date(item.time),
            "ChangedDatetime": style.date(item.time),
            "TemporaryBlock": false,
        })
    };
    style.print(blocked.iter().map(row).collect())
}
