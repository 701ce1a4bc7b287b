//! AuditData, read whole: every field that the timeline or an indicator may ask of an event.
//!
//! Field names: Office 365 Management Activity API schema. Producers write numbers as text, bags as maps and
//! parameters as one string; all give the same event.

use serde_json::{Map, Value};

use super::audit::record_type;
use super::bag;
use super::field::{first_text, get, get_text, nested, value_bool, value_text};
use super::scan::Head;
use super::{AuditEvent, address};

/// The event of a whole AuditData object; time, origin and what only outer columns know are the caller's.
pub(super) fn from_object(data: &Map<String, Value>) -> AuditEvent {
    let context = get(data, "AppAccessContext").and_then(Value::as_object);
    let in_context = |key| context.map(|c| get_text(c, key)).filter(|t| !t.is_empty());
    let mut extended = Vec::new();
    for key in ["ExtendedProperties", "DeviceProperties"] {
        extended.extend(get(data, key).map(bag::pairs).unwrap_or_default());
    }
    let session = first_text(data, &["SessionId"])
        .or_else(|| in_context("AADSessionId"))
        .or_else(|| {
            let named = extended.iter().find(|(n, _)| n.eq_ignore_ascii_case("SessionId"));
            named.map(|(_, v)| v.clone())
        });
    let mut event = AuditEvent {
        id: first_text(data, &["Id"]),
        operation: get_text(data, "Operation").trim().to_owned(),
        record_type: record_type(&get_text(data, "RecordType")),
        user: name(data, "UserId"),
        user_key: name(data, "UserKey"),
        user_type: user_type(&get_text(data, "UserType")),
        succeeded: succeeded(&get_text(data, "ResultStatus")),
        client_ip: ["ClientIP", "ActorIpAddress", "ClientIPAddress"]
            .iter()
            .find_map(|key| address::ip(&get_text(data, key))),
        object: get_text(data, "ObjectId"),
        external_access: get(data, "ExternalAccess").and_then(value_bool),
        app_id: first_text(data, &["AppId"])
            .or_else(|| in_context("ClientAppId"))
            .or_else(|| first_text(data, &["ClientAppId", "ApplicationId"])),
        session_id: session.filter(|s| !s.is_empty()),
        organization_id: first_text(data, &["OrganizationId"]),
        parameters: get(data, "Parameters").map(bag::pairs).unwrap_or_default(),
        modified: get(data, "ModifiedProperties").map(bag::modified).unwrap_or_default(),
        extended,
        targets: targets(data),
        complete: true,
        ..AuditEvent::default()
    };
    if get(data, "AlertId").is_some() || event.record_type == Some(40) {
        alert(data, &mut event.extended);
    }
    event
}

/// Who it was; empty for `__NULL__`, which Graph writes for nobody.
fn name(data: &Map<String, Value>, key: &str) -> String {
    let text = get_text(data, key);
    Some(text.trim())
        .filter(|t| *t != "__NULL__")
        .unwrap_or_default()
        .to_owned()
}

/// What a scan of broken text gave: who, when and which operation still stand.
pub(super) fn from_head(head: &Head<'_>) -> AuditEvent {
    let text = |token: super::scan::Token<'_>| token.text().trim().to_owned();
    AuditEvent {
        id: Some(text(head.id)).filter(|t| !t.is_empty()),
        operation: text(head.operation),
        record_type: record_type(&head.record_type.text()),
        user: text(head.user),
        succeeded: true,
        client_ip: address::ip(&head.client_ip.text()),
        object: text(head.object),
        ..AuditEvent::default()
    }
}

/// Whether a part of the service wrote the record: UserType DcAdmin or System, or the account of a service host.
pub(super) fn is_service(event: &AuditEvent) -> bool {
    let system = "NT AUTHORITY\\";
    matches!(event.user_type, Some(3 | 4))
        || event
            .user
            .get(..system.len())
            .is_some_and(|u| u.eq_ignore_ascii_case(system))
}

/// `False`, `Failure`, `Failed`; every other value, and none, is no statement that it failed.
fn succeeded(status: &str) -> bool {
    let status = status.trim();
    let failed = status.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("fail"));
    !(failed || status.eq_ignore_ascii_case("false"))
}

/// UserType as a number, from the number or the name.
fn user_type(text: &str) -> Option<u8> {
    const NAMES: [&str; 11] = [
        "Regular",
        "Reserved",
        "Admin",
        "DcAdmin",
        "System",
        "Application",
        "ServicePrincipal",
        "CustomPolicy",
        "SystemPolicy",
        "PartnerTechnician",
        "Guest",
    ];
    let text = text.trim();
    let by_name = || NAMES.iter().position(|n| n.eq_ignore_ascii_case(text));
    text.parse().ok().or_else(|| u8::try_from(by_name()?).ok())
}

/// Ids and names of the objects that a directory record acted on, each once.
fn targets(data: &Map<String, Value>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for item in get(data, "Target").and_then(Value::as_array).into_iter().flatten() {
        let id = item.as_object().map(|o| get_text(o, "ID")).unwrap_or_default();
        if !id.is_empty() && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// The fields of an alert, under `Alert.` names; its Data is JSON within a string.
fn alert(data: &Map<String, Value>, extended: &mut Vec<(String, String)>) {
    for key in [
        "Name",
        "Severity",
        "Status",
        "Category",
        "AlertId",
        "EntityType",
        "Comments",
    ] {
        if let Some(value) = get(data, key) {
            extended.push((format!("Alert.{key}"), value_text(value)));
        }
    }
    let inner = match get(data, "Data") {
        Some(Value::String(text)) => nested(text),
        Some(Value::Object(map)) => Some(map.clone()),
        _ => None,
    };
    let fields = inner.iter().flatten();
    extended.extend(fields.map(|(key, value)| (format!("Alert.Data.{key}"), value_text(value))));
}
