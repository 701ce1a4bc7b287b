//! Entra's directory audit log as JSON: Microsoft Graph's directoryAudits, the records of diagnostic settings, and
//! Microsoft Sentinel's table AuditLogs, in which what is nested is text.
//!
//! The same acts stand in the audit log as RecordType 8, under ids of their own. Records here are made like those, so that
//! a change of roles or of an application's credentials is found in either.

use serde_json::{Map, Value};

use super::audit::{Renamed, undisputed};
use super::field::{first_text, get, get_text, nested, object_and_damage};
use super::recognise::{Format, Seen};
use super::scan::{Head, Token, values};
use super::{Kind, Origin, Reader, Record};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "entra_directory_audits",
    marks: &[
        "id",
        "activityDateTime",
        "activityDisplayName",
        "initiatedBy",
        "targetResources",
    ],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let named = seen.has_any(&["activityDisplayName", "OperationName"]);
    let own = named && seen.has("initiatedBy") && seen.has("targetResources");
    let diagnostic = seen.has("properties") && seen.says("category", "AuditLogs");
    (seen.is_json() && (own || diagnostic)).then_some(Box::new(DirectoryAudits))
}

struct DirectoryAudits;

impl Reader for DirectoryAudits {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        Kind::AuditLog
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Json(text) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        let outer = Token::plain(text);
        let [properties] = values(outer, ["properties"]);
        let record = if properties.is_object() { properties } else { outer };
        let [id, time, generated, activity, operation] = values(
            record,
            [
                "id",
                "activityDateTime",
                "TimeGenerated",
                "activityDisplayName",
                "OperationName",
            ],
        );
        let renamed = Renamed {
            head: Head {
                operation: activity.or(operation),
                id,
                record_type: Token::plain(b"8"),
                ..Head::default()
            },
            time: undisputed(time.or(generated)),
            damage: None,
        };
        let fields = || {
            let (object, damage) = object_and_damage(record.raw())?;
            Ok((fields(&object), damage))
        };
        renamed.read(fields, origin, out)
    }
}

/// A value, or what its text holds.
fn inside(object: &Map<String, Value>, key: &str) -> Value {
    match get(object, key) {
        Some(Value::String(text)) => nested(text).unwrap_or_default(),
        Some(value) => value.clone(),
        None => Value::Null,
    }
}

/// The record under the names of the audit log.
fn fields(record: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() && value != "" {
            fields.insert(name.to_owned(), value);
        }
    };
    put("Id", get_text(record, "id").into());
    let operation = first_text(record, &["activityDisplayName", "OperationName"]);
    put("Operation", operation.unwrap_or_default().into());
    put(
        "ResultStatus",
        first_text(record, &["result"]).unwrap_or_default().into(),
    );
    put("RecordType", 8.into());
    let by = inside(record, "initiatedBy");
    let part = |name: &str| by.as_object().and_then(|by| get(by, name)).and_then(Value::as_object);
    if let Some(user) = part("user") {
        put(
            "UserId",
            first_text(user, &["userPrincipalName", "id"])
                .unwrap_or_default()
                .into(),
        );
        put("UserKey", get_text(user, "id").into());
        put("ClientIP", get_text(user, "ipAddress").into());
        put("UserType", 0.into());
    }
    if let Some(app) = part("app").filter(|_| part("user").is_none()) {
        let name = first_text(app, &["appId", "servicePrincipalId", "displayName"]);
        put("UserId", name.unwrap_or_default().into());
        put("AppId", get_text(app, "appId").into());
        put("UserKey", get_text(app, "servicePrincipalId").into());
        put("UserType", 5.into());
    }
    let (mut targets, mut modified) = (Vec::new(), Vec::new());
    let resources = inside(record, "targetResources");
    for target in resources.as_array().into_iter().flatten().filter_map(Value::as_object) {
        for key in ["id", "userPrincipalName", "displayName"] {
            targets.push(serde_json::json!({"ID": get_text(target, key)}));
        }
        let properties = inside(target, "modifiedProperties");
        for property in properties.as_array().into_iter().flatten().filter_map(Value::as_object) {
            modified.push(serde_json::json!({
                "Name": get_text(property, "displayName"),
                "OldValue": get(property, "oldValue"),
                "NewValue": get(property, "newValue"),
            }));
        }
    }
    let first = resources.get(0).and_then(Value::as_object);
    let object = first.and_then(|t| first_text(t, &["userPrincipalName", "displayName", "id"]));
    put("ObjectId", object.unwrap_or_default().into());
    put("Target", targets.into());
    put("ModifiedProperties", modified.into());
    let details = inside(record, "additionalDetails");
    let pairs = details.as_array().into_iter().flatten().filter_map(Value::as_object);
    let pairs = pairs.map(|d| serde_json::json!({"Name": get_text(d, "key"), "Value": get_text(d, "value")}));
    put("ExtendedProperties", pairs.collect::<Vec<_>>().into());
    fields
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{event, json_reader, read_json, tally};
    use crate::records::{Kind, ModifiedProperty, Workload};

    const GRAPH: &str = r#"{"id":"Directory_10065ffb_1","category":"RoleManagement","correlationId":"c","result":"success","activityDisplayName":"Add member to role","activityDateTime":"2026-04-04T00:47:00.1234567Z","loggedByService":"Core Directory","initiatedBy":{"app":null,"user":{"id":"0a","userPrincipalName":"it.admin@fabrikam.com","ipAddress":"91.219.236.10"}},"targetResources":[{"id":"t","type":"User","userPrincipalName":"backup@fabrikam.com","modifiedProperties":[{"displayName":"Role.DisplayName","oldValue":null,"newValue":"\"Global Administrator\""}]}],"additionalDetails":[{"key":"User-Agent","value":"Mozilla"}]}"#;

    #[test]
    fn a_record_is_made_like_the_audit_logs_own() {
        let reader = json_reader(GRAPH);
        assert_eq!(
            (reader.kind(), reader.format()),
            (Kind::AuditLog, "entra_directory_audits")
        );
        let read = read_json(&*reader, GRAPH);
        assert_eq!(read.0, Fate::Accepted);
        let event = event(read);
        assert!(event.is("Add member to role.") && event.succeeded);
        assert_eq!(event.time.to_string(), "2026-04-04T00:47:00.123456Z");
        assert_eq!(
            (event.user.as_str(), event.record_type),
            ("it.admin@fabrikam.com", Some(8))
        );
        assert_eq!(event.client_ip, "91.219.236.10".parse().ok());
        assert_eq!(event.object, "backup@fabrikam.com");
        assert_eq!(event.targets, ["t", "backup@fabrikam.com"]);
        let role = ModifiedProperty {
            name: "Role.DisplayName".into(),
            old: None,
            new: Some("\"Global Administrator\"".into()),
        };
        assert_eq!(event.modified, [role]);
        assert_eq!(event.extended("User-Agent"), Some("Mozilla"));
    }

    #[test]
    fn sentinels_table_and_diagnostic_records_say_the_same() {
        let table = r#"{"TimeGenerated":"2026-04-04T00:48:00Z","OperationName":"Add service principal credentials","Id":"x","Result":"failure","InitiatedBy":"{\"app\":{\"appId\":\"5a95\",\"displayName\":\"Planted\",\"servicePrincipalId\":\"p\"}}","TargetResources":"[{\"id\":\"a\",\"displayName\":\"Mail Sync\",\"modifiedProperties\":[]}]","AdditionalDetails":"[]","ActivityDateTime":"2026-04-04T00:47:00Z","Type":"AuditLogs"}"#;
        let by_app = event(read_json(&*json_reader(table), table));
        assert_eq!((by_app.user.as_str(), by_app.app_id.as_deref()), ("5a95", Some("5a95")));
        assert_eq!(
            (by_app.time.to_string().as_str(), by_app.succeeded),
            ("2026-04-04T00:47:00Z", false)
        );
        assert_eq!(by_app.object, "Mail Sync");
        let wrapped = format!(r#"{{"time":"x","category":"AuditLogs","operationName":"y","properties":{GRAPH}}}"#);
        assert_eq!(
            event(read_json(&*json_reader(&wrapped), &wrapped)).user,
            "it.admin@fabrikam.com"
        );
    }

    #[test]
    fn other_acts_count_and_what_has_no_time_is_rejected() {
        let text = GRAPH.replace("Add member to role", "Update device");
        assert_eq!(
            tally(read_json(&*json_reader(&text), &text)).workload,
            Workload::Directory
        );
        let fate = read_json(&*json_reader(GRAPH), r#"{"activityDisplayName":"x"}"#).0;
        assert_eq!(fate, Fate::Rejected(Reason::NoTime));
    }
}
