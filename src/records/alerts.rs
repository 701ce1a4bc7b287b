//! Alerts outside the audit log: the Defender and Purview portals' CSV, Microsoft Graph's alerts, the hunting table
//! AlertInfo, and Microsoft Sentinel's table SecurityAlert.
//!
//! Whatever an alert says is kept: no document tells in which field a connector's alert names the connector. The record is
//! the same as of an alert in the audit log.

use serde_json::Value;

use super::date_excel::unread;
use super::field::value_text;
use super::recognise::{Format, Seen};
use super::snapshot::{Objects, Properties, Snapshot};
use super::{AuditEvent, Kind, Origin, Reader, Record};
use crate::evidence::Reason;

pub(super) const FORMAT: Format = Format {
    name: "defender_alerts",
    marks: &["title", "severity", "status", "createdDateTime"],
    recognise,
};

const TITLES: [&str; 6] = ["title", "Alert name", "Alert title", "AlertName", "DisplayName", "Name"];
const SEVERITIES: [&str; 3] = ["severity", "Alert severity", "AlertSeverity"];
const IDS: [&str; 5] = ["AlertId", "Alert ID", "SystemAlertId", "id", "ProviderAlertId"];
/// When what the alert is about began, else when it was raised.
const TIMES: [&str; 14] = [
    "firstActivityDateTime",
    "First activity",
    "First activity time",
    "StartTime",
    "StartTime [UTC]",
    "createdDateTime",
    "TimeGenerated",
    "TimeGenerated [UTC]",
    "Timestamp",
    "Created on",
    "Creation date",
    "Date (UTC)",
    "Last activity",
    "Last occurrence date",
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let alert = seen.has_any(&TITLES) && seen.has_any(&SEVERITIES) && seen.has_any(&TIMES);
    let own = seen.has_any(&IDS) || seen.has_any(&["Alert name", "Detection source", "Category", "serviceSource"]);
    // An incident holds alerts and is none.
    let other = seen.has_any(&["alerts", "Incident name", "IncidentName", "Operation"]);
    (alert && own && !other).then(|| {
        Box::new(Snapshot {
            format: FORMAT.name,
            kind: Kind::Alerts,
            objects: Objects::new(seen, &TIMES),
            record,
        }) as Box<dyn Reader>
    })
}

fn record(properties: &Properties, origin: Origin) -> Result<Record<'static>, Reason> {
    let title = properties.text(&TITLES).ok_or(Reason::NoName)?;
    let undated = || unread(properties.text(&TIMES).unwrap_or_default().as_bytes());
    let id = properties.text(&IDS);
    Ok(Record::Audit(Box::new(AuditEvent {
        time: properties.time(&TIMES).ok_or_else(undated)?,
        id: id.clone(),
        operation: "AlertTriggered".to_owned(),
        record_type: Some(40),
        user: "SecurityComplianceAlerts".to_owned(),
        user_key: "SecurityComplianceAlerts".to_owned(),
        user_type: Some(4),
        succeeded: true,
        object: id.unwrap_or_default(),
        extended: said(properties, &title),
        complete: properties.damage.is_none(),
        origin,
        ..AuditEvent::default()
    })))
}

/// The alert's fields under the names that an alert of the audit log has, and all others as its data.
fn said(properties: &Properties, title: &str) -> Vec<(String, String)> {
    let known: [(&str, Option<String>); 4] = [
        ("Alert.Name", Some(title.to_owned())),
        ("Alert.Severity", properties.text(&SEVERITIES)),
        ("Alert.Status", properties.text(&["status"])),
        ("Alert.Category", properties.text(&["category"])),
    ];
    let mut said: Vec<(String, String)> = known
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    let listed = |name: &str| {
        let plain = ["status", "category"];
        let all = TITLES.iter().chain(&SEVERITIES).chain(&IDS).chain(&TIMES).chain(&plain);
        all.into_iter().any(|n| n.eq_ignore_ascii_case(name))
    };
    for (name, value) in properties.all().filter(|(name, _)| !listed(name)) {
        let text = match value {
            // What is nested stays JSON: each of its strings is looked at.
            Value::Array(_) | Value::Object(_) => value.to_string(),
            plain => value_text(plain),
        };
        if !text.trim().is_empty() {
            said.push((format!("Alert.Data.{name}"), text));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::Kind;
    use crate::records::testing::{csv_reader, event, json_reader, read_csv, read_json};

    #[test]
    fn an_alert_of_graph_is_the_record_that_the_audit_log_has() {
        let object = r##"{"id":"fa1","providerAlertId":"1","incidentId":"5","status":"new","severity":"high","category":"InitialAccess","title":"Suspicious connector activity","description":"x","serviceSource":"microsoftDefenderForOffice365","createdDateTime":"2026-04-04T03:05:00Z","firstActivityDateTime":"2026-04-04T02:50:00.1234567Z","evidence":[{"@odata.type":"#x","connectorName":"Inbound from HQ","senderIp":"91.219.236.10"}]}"##;
        let reader = json_reader(object);
        assert_eq!((reader.kind(), reader.format()), (Kind::Alerts, "defender_alerts"));
        let read = read_json(&*reader, object);
        assert_eq!(read.0, Fate::Accepted);
        let alert = event(read);
        assert_eq!(alert.time.to_string(), "2026-04-04T02:50:00.123456Z");
        assert_eq!(
            (alert.operation.as_str(), alert.record_type),
            ("AlertTriggered", Some(40))
        );
        assert_eq!(alert.extended("Alert.Name"), Some("Suspicious connector activity"));
        assert_eq!(alert.extended("Alert.Severity"), Some("high"));
        assert!(
            alert
                .extended("Alert.Data.evidence")
                .is_some_and(|e| e.contains("\"Inbound from HQ\""))
        );
        assert_eq!(alert.id.as_deref(), Some("fa1"));
    }

    #[test]
    fn a_row_of_the_portal_and_one_of_sentinel_say_the_same() {
        let reader = csv_reader(
            "Alert name,Tags,Severity,Investigation state,Status,Category,Detection source,Impacted assets,First activity,Last activity",
        );
        assert_eq!(reader.format(), "defender_alerts");
        let row = [
            "Suspicious connector activity",
            "",
            "High",
            "",
            "New",
            "ThreatManagement",
            "MDO",
            "Inbound from HQ",
            "4/4/2026 2:50:00 AM",
            "4/4/2026 2:55:00 AM",
        ];
        let alert = event(read_csv(&*reader, &row, false));
        assert_eq!(alert.time.to_string(), "2026-04-04T02:50:00Z");
        assert_eq!(alert.extended("Alert.Data.Impacted assets"), Some("Inbound from HQ"));
        let row = r#"{"TimeGenerated":"2026-04-04T02:55:00Z","DisplayName":"Suspicious connector activity","AlertName":"Suspicious connector activity","AlertSeverity":"High","ProviderName":"OATP","SystemAlertId":"s","StartTime":"2026-04-04T02:50:00Z","Entities":"[{\"Type\":\"ip\",\"Address\":\"91.219.236.10\"}]","Status":"New","Type":"SecurityAlert"}"#;
        let alert = event(read_json(&*json_reader(row), row));
        assert_eq!(
            (alert.time.to_string().as_str(), alert.id.as_deref()),
            ("2026-04-04T02:50:00Z", Some("s"))
        );
        assert!(alert.extended("Alert.Data.Entities").is_some());
    }

    #[test]
    fn what_has_no_name_or_time_is_rejected() {
        let reader = csv_reader("Alert name,Severity,Status,First activity");
        let fate = |row: &[&str]| read_csv(&*reader, row, false).0;
        assert_eq!(
            fate(&["", "High", "New", "4/4/2026 2:50:00 AM"]),
            Fate::Rejected(Reason::NoName)
        );
        assert_eq!(fate(&["x", "High", "New", "soon"]), Fate::Rejected(Reason::NoTime));
    }
}
