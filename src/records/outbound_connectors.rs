//! Get-OutboundConnector, as JSON or CSV.

use super::recognise::{Format, Seen};
use super::snapshot;
use super::snapshot::ParameterKind::{self, Bool, List, Text};
use super::{Kind, Reader, SettingKind};

pub(super) const FORMAT: Format = Format {
    name: "get_outbound_connector",
    marks: &["Name", "ConnectorType", "RecipientDomains", "SmartHosts", "UseMXRecord"],
    recognise,
};

/// What New- and Set-OutboundConnector can set, as their reference pages order it.
const PARAMETERS: &[(&str, ParameterKind)] = &[
    ("Name", Text),
    ("ConnectorType", Text),
    ("ConnectorSource", Text),
    ("Enabled", Bool),
    ("RecipientDomains", List),
    ("SmartHosts", List),
    ("UseMXRecord", Bool),
    ("TlsDomain", Text),
    ("TlsSettings", Text),
    ("IsTransportRuleScoped", Bool),
    ("RouteAllMessagesViaOnPremises", Bool),
    ("CloudServicesMailEnabled", Bool),
    ("AllAcceptedDomains", Bool),
    ("SenderRewritingEnabled", Bool),
    ("MtaStsMode", Text),
    ("SmtpDaneMode", Text),
    ("TestMode", Bool),
    ("Comment", Text),
];

/// Properties that no other object of Exchange Online has.
const OUTBOUND_ONLY: [&str; 5] = [
    "RecipientDomains",
    "SmartHosts",
    "UseMXRecord",
    "IsTransportRuleScoped",
    "RouteAllMessagesViaOnPremises",
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let named = seen.has_any(&["Name", "Identity"]);
    // A send connector of an on-premises server has smart hosts, too, and address spaces.
    let outbound = seen.has_any(&OUTBOUND_ONLY) && seen.has("ConnectorType") && !seen.has("AddressSpaces");
    let known = named && outbound;
    known.then(|| {
        snapshot::Settings {
            format: FORMAT.name,
            kind: Kind::OutboundConnectors,
            setting: SettingKind::OutboundConnector,
            names: &["Name", "Identity", "Id"],
            unnamed: None,
            parameters: PARAMETERS,
        }
        .reader(seen)
    })
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, json_reader, read_csv, read_json, setting};
    use crate::records::{Kind, SettingKind};

    const OBJECT: &str = r#"{"Enabled":true,"UseMXRecord":false,"Comment":null,"ConnectorType":"OnPremises","ConnectorSource":"HybridWizard",
        "RecipientDomains":["fabrikam.com"],"SmartHosts":["mail.fabrikam.com"],"TlsDomain":null,"TlsSettings":1,
        "RouteAllMessagesViaOnPremises":false,"CloudServicesMailEnabled":true,"Name":"Outbound to 71d2","Guid":"F88DBC64-6D11-4FE3-AACA-9E3A6B313EA7",
        "WhenCreatedUTC":"\/Date(1772500512000)\/","WhenChangedUTC":"2026-03-03T01:15:23.0000000Z"}"#;

    #[test]
    fn an_object_is_read_field_by_field() {
        let reader = json_reader(OBJECT);
        assert_eq!(
            (reader.kind(), reader.format()),
            (Kind::OutboundConnectors, "get_outbound_connector")
        );
        let read = read_json(&*reader, OBJECT);
        assert_eq!(read.0, Fate::Accepted);
        let outbound = setting(read);
        assert_eq!(
            (outbound.kind, outbound.name.as_str()),
            (SettingKind::OutboundConnector, "Outbound to 71d2")
        );
        assert_eq!(outbound.id.as_deref(), Some("f88dbc64-6d11-4fe3-aaca-9e3a6b313ea7"));
        assert_eq!(outbound.parameter("smarthosts"), Some("mail.fabrikam.com"));
        assert_eq!(outbound.parameter("CloudServicesMailEnabled"), Some("True"));
        assert_eq!(outbound.parameter("TestMode"), None, "absent is not false");
        assert_eq!(
            outbound.created.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:12Z")
        );
        assert_eq!(
            outbound.changed.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:23Z")
        );
    }

    #[test]
    fn a_csv_row_says_the_same_and_a_nameless_one_is_rejected() {
        let reader = csv_reader("Name,ConnectorType,UseMXRecord,SmartHosts,WhenCreated");
        let read = read_csv(&*reader, &["Out", "Partner", "True", "", "3/3/2026 1:15:12 AM"], false);
        assert_eq!(setting(read).parameter("UseMXRecord"), Some("True"));
        let fate = read_csv(&*reader, &["", "Partner", "True", "", ""], false).0;
        assert_eq!(fate, Fate::Rejected(Reason::NoName));
    }
}
