//! Alerts outside the audit log: Microsoft Graph's, and the portal's CSV.

use serde_json::json;

use super::super::time;
use super::text::{Quotes, Table};

const TITLES: [(&str, &str, i64); 2] = [
    ("Suspicious connector activity", "High", 2),
    ("Email sending limit exceeded", "Medium", 4),
];

/// A page of alerts, version 2.
pub fn graph() -> String {
    let alert = |(title, severity, hour): &(&str, &str, i64)| {
        json!({
            "id": format!("fa{hour}f9e1c2-5d7a-4b61-8d3e-000000000000"),
            "incidentId": "512",
            "status": "new",
            "severity": severity.to_lowercase(),
            "category": "ThreatManagement",
            "title": title,
            "serviceSource": "microsoftDefenderForOffice365",
            "detectionSource": "microsoftDefenderForOffice365",
            "createdDateTime": time::iso_ticks(time::utc(2026, 4, 4, *hour, 59)),
            "firstActivityDateTime": time::iso(time::utc(2026, 4, 4, *hour, 50)),
            "lastActivityDateTime": time::iso(time::utc(2026, 4, 4, *hour, 55)),
            "evidence": [{"@odata.type": "#microsoft.graph.security.mailClusterEvidence", "query": "connector \"Inbound from HQ\"", "senderIp": "91.219.236.10"}],
        })
    };
    let value: Vec<_> = TITLES.iter().map(alert).collect();
    json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#security/alerts_v2", "value": value})
        .to_string()
}

/// The portal's list.
pub fn portal() -> String {
    let header = [
        "Alert ID",
        "Alert name",
        "Tags",
        "Severity",
        "Investigation state",
        "Status",
        "Category",
        "Detection source",
        "Impacted assets",
        "First activity",
        "Last activity",
    ];
    let mut table = Table::new(&header, Quotes::Needed);
    for (title, severity, hour) in TITLES {
        table.row(&[
            &format!("fa{hour}f9e1c2-5d7a-4b61-8d3e-000000000000"),
            title,
            "",
            severity,
            "Unsupported alert type",
            "New",
            "Threat management",
            "MDO",
            "Inbound from HQ",
            &time::en_us(time::utc(2026, 4, 4, hour, 50)),
            &time::en_us(time::utc(2026, 4, 4, hour, 55)),
        ]);
    }
    table.finish()
}
