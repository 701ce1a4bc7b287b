//! Get-InboundConnector, as JSON or CSV.

use super::recognise::{Format, Seen};
use super::snapshot::ParameterKind::{self, Bool, List, Text};
use super::snapshot::{Objects, Properties, Snapshot, TIMES};
use super::{ConnectorSnapshot, ConnectorType, Kind, Origin, Reader, Record};
use crate::evidence::Reason;

pub(super) const FORMAT: Format = Format {
    name: "get_inbound_connector",
    marks: &[
        "Name",
        "ConnectorType",
        "SenderDomains",
        "SenderIPAddresses",
        "RestrictDomainsToIPAddresses",
    ],
    recognise,
};

/// What New- and Set-InboundConnector can set, as their reference pages order it.
const PARAMETERS: &[(&str, ParameterKind)] = &[
    ("Name", Text),
    ("SenderDomains", List),
    ("ConnectorType", Text),
    ("ConnectorSource", Text),
    ("Enabled", Bool),
    ("RequireTls", Bool),
    ("RestrictDomainsToIPAddresses", Bool),
    ("SenderIPAddresses", List),
    ("RestrictDomainsToCertificate", Bool),
    ("TlsSenderCertificateName", Text),
    ("CloudServicesMailEnabled", Bool),
    ("TreatMessagesAsInternal", Bool),
    ("AssociatedAcceptedDomains", List),
    ("TrustedOrganizations", List),
    ("EFSkipIPs", List),
    ("EFSkipLastIP", Bool),
    ("EFUsers", List),
    ("EFSkipMailGateway", List),
    ("EFTestMode", Bool),
    ("ScanAndDropRecipients", List),
    ("ClientHostNames", List),
    ("Comment", Text),
];

/// Properties that no other object of Exchange Online has.
const INBOUND_ONLY: [&str; 8] = [
    "SenderIPAddresses",
    "RestrictDomainsToIPAddresses",
    "RestrictDomainsToCertificate",
    "TlsSenderCertificateName",
    "TreatMessagesAsInternal",
    "EFSkipIPs",
    "EFSkipLastIP",
    "AssociatedAcceptedDomains",
];

/// Properties of an outbound connector, which shares name, type and half of the rest.
const OUTBOUND: [&str; 6] = [
    "RecipientDomains",
    "SmartHosts",
    "UseMXRecord",
    "IsTransportRuleScoped",
    "RouteAllMessagesViaOnPremises",
    "TlsSettings",
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let named = seen.has_any(&["Name", "Identity"]);
    let inbound = seen.has_any(&INBOUND_ONLY) || (seen.has("SenderDomains") && seen.has("ConnectorType"));
    (named && inbound && !seen.has_any(&OUTBOUND)).then(|| {
        Box::new(Snapshot {
            format: FORMAT.name,
            kind: Kind::InboundConnectors,
            objects: Objects::new(seen, &TIMES),
            record,
        }) as Box<dyn Reader>
    })
}

fn record(properties: &Properties, origin: Origin) -> Result<Record<'static>, Reason> {
    if OUTBOUND.iter().any(|name| properties.has(name)) {
        return Err(Reason::OtherFormat);
    }
    Ok(Record::Connector(Box::new(ConnectorSnapshot {
        name: properties.text(&["Name", "Identity", "Id"]).ok_or(Reason::NoName)?,
        id: properties.guid(),
        kind: properties
            .text(&["ConnectorType"])
            .and_then(|t| ConnectorType::parse(&t)),
        parameters: properties.parameters(PARAMETERS),
        created: properties.created(),
        changed: properties.changed(),
        origin,
    })))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason, Shape};
    use crate::records::testing::{Kept, ORIGIN, csv_reader, json_reader, read_csv, read_json, real};
    use crate::records::{ConnectorSnapshot, ConnectorType, Kind, Recognition, recognise};

    const OBJECT: &str = r#"{"Enabled":true,"ConnectorType":"OnPremises","ConnectorSource":"AdminUI","Comment":null,
        "SenderIPAddresses":["81.2.69.160","91.219.236.10"],"SenderDomains":["smtp:*;1"],"TrustedOrganizations":[],
        "RequireTls":false,"RestrictDomainsToIPAddresses":true,"CloudServicesMailEnabled":false,"TlsSenderCertificateName":null,
        "Name":"Inbound from HQ","WhenChanged":"\/Date(1)\/","WhenCreatedUTC":"\/Date(1772500512000)\/",
        "WhenChangedUTC":"2026-03-03T01:15:23.0000000Z","Guid":"F88DBC64-6D11-4FE3-AACA-9E3A6B313EA7","IsValid":true}"#;

    fn connector((_, kept): (Fate, Vec<Kept>)) -> ConnectorSnapshot {
        match kept.into_iter().next() {
            Some(Kept::Connector(snapshot)) => *snapshot,
            other => panic!("no connector: {other:?}"),
        }
    }

    fn parameters(snapshot: &ConnectorSnapshot) -> Vec<(&str, &str)> {
        snapshot
            .parameters
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect()
    }

    #[test]
    fn an_object_is_read_field_by_field() {
        let reader = json_reader(OBJECT);
        assert_eq!(reader.kind(), Kind::InboundConnectors);
        let read = read_json(&*reader, OBJECT);
        assert_eq!(read.0, Fate::Accepted);
        let snapshot = connector(read);
        assert_eq!(snapshot.name, "Inbound from HQ");
        assert_eq!(snapshot.id.as_deref(), Some("f88dbc64-6d11-4fe3-aaca-9e3a6b313ea7"));
        assert_eq!(snapshot.kind, Some(ConnectorType::OnPremises));
        assert_eq!(
            snapshot.created.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:12Z")
        );
        assert_eq!(
            snapshot.changed.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:23Z")
        );
        assert_eq!(snapshot.origin, ORIGIN);
        assert_eq!(
            parameters(&snapshot),
            [
                ("Name", "Inbound from HQ"),
                ("SenderDomains", "smtp:*;1"),
                ("ConnectorType", "OnPremises"),
                ("ConnectorSource", "AdminUI"),
                ("Enabled", "True"),
                ("RequireTls", "False"),
                ("RestrictDomainsToIPAddresses", "True"),
                ("SenderIPAddresses", "81.2.69.160;91.219.236.10"),
                ("TlsSenderCertificateName", ""),
                ("CloudServicesMailEnabled", "False"),
                ("TrustedOrganizations", ""),
                ("Comment", ""),
            ]
        );
    }

    #[test]
    fn a_csv_row_says_the_same_but_for_lists_that_are_lost() {
        let reader = csv_reader("Name,ConnectorType,Enabled,SenderIPAddresses,SenderDomains,WhenChangedUTC,Guid");
        let cells = [
            "Inbound from HQ",
            "onpremises",
            "TRUE",
            "81.2.69.160 91.219.236.10",
            "System.Collections.ArrayList",
            "3/3/2026 1:15:23 AM",
            "f88dbc64-6d11-4fe3-aaca-9e3a6b313ea7",
        ];
        let snapshot = connector(read_csv(&*reader, &cells, false));
        assert_eq!(snapshot.kind, Some(ConnectorType::OnPremises));
        assert_eq!(
            snapshot.changed.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:23Z")
        );
        assert_eq!(
            parameters(&snapshot),
            [
                ("Name", "Inbound from HQ"),
                ("ConnectorType", "onpremises"),
                ("Enabled", "True"),
                ("SenderIPAddresses", "81.2.69.160;91.219.236.10"),
            ]
        );
    }

    #[test]
    fn a_comment_cut_inside_a_character_does_not_lose_the_connector() {
        let object = OBJECT.replace(r#""Comment":null"#, r#""Comment":"cut emoji \ud83d""#);
        let read = read_json(&*json_reader(&object), &object);
        assert_eq!(read.0, Fate::Degraded(Reason::LoneSurrogate));
        let snapshot = connector(read);
        assert!(parameters(&snapshot).contains(&("Comment", "cut emoji \u{fffd}")));
        assert_eq!(snapshot.name, "Inbound from HQ");
    }

    #[test]
    fn broken_objects_are_rejected_or_degraded() {
        let reader = json_reader(OBJECT);
        let fate = |text: &str| read_json(&*reader, text).0;
        assert_eq!(fate(r#"{"Name":"#), Fate::Rejected(Reason::CutOff));
        assert_eq!(
            fate(r#"{"Name":null,"SenderIPAddresses":[]}"#),
            Fate::Rejected(Reason::NoName)
        );
        assert_eq!(
            fate(r#"{"Name":"Out","UseMXRecord":true}"#),
            Fate::Rejected(Reason::OtherFormat)
        );
        let short = read_csv(&*csv_reader("Name,SenderIPAddresses,Enabled"), &["HQ"], false);
        assert_eq!(short.0, Fate::Degraded(Reason::CellCount));
    }

    #[test]
    fn the_real_export_is_read_and_its_neighbours_are_not_taken_for_it() {
        let sample = |path| {
            let array: Vec<serde_json::Value> = serde_json::from_str(&real(path)?).ok()?;
            let sample = array
                .iter()
                .filter(|v| v.is_object())
                .map(ToString::to_string)
                .collect();
            Some(Shape::Json {
                sample,
                columns: Vec::new(),
            })
        };
        let Some(Shape::Json { sample: objects, .. }) = sample("scubagear/inbound_connectors.json") else {
            return;
        };
        let object = objects.first().expect("one connector");
        let snapshot = connector(read_json(&*json_reader(object), object));
        assert_eq!(snapshot.name, "inbound connector test 1");
        assert_eq!(snapshot.id.as_deref(), Some("f88dbc64-6d11-4fe3-aaca-9e3a6b313ea7"));
        assert_eq!(snapshot.kind, Some(ConnectorType::Partner));
        assert_eq!(
            snapshot.created.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:12Z")
        );
        assert_eq!(
            snapshot.changed.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:23Z")
        );
        assert_eq!(snapshot.parameters.len(), 22);
        assert!(parameters(&snapshot).contains(&("SenderDomains", "smtp:test.domain.com;1")));
        for other in ["scubagear/outbound_connectors.json", "scubagear/conn_filter.json"] {
            let shape = sample(other).expect("the folder is present");
            assert!(matches!(recognise(&shape), Recognition::Unknown { .. }), "{other}");
        }
    }
}
