//! Records of the unified audit log, with the fields that each record type really has.

use serde_json::{Map, Value, json};

use super::random::{Guid, Random};
use super::time::{self, Millis};

/// One audit record. What all types share stands in fields; the rest is kept in `body`, in the order of the log.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    pub time: Millis,
    pub id: Guid,
    pub record_type: u16,
    pub operation: String,
    pub user_type: u8,
    pub user_id: String,
    pub user_key: String,
    pub workload: &'static str,
    pub result_status: Option<String>,
    pub client_ip: Option<String>,
    pub object_id: Option<String>,
    pub body: Vec<(&'static str, Value)>,
}

/// Record types in use here (office-365-management-activity-api-schema).
pub const EXCHANGE_ADMIN: u16 = 1;
pub const EXCHANGE_ITEM: u16 = 2;
pub const SHAREPOINT_FILE: u16 = 6;
pub const DIRECTORY: u16 = 8;
pub const SIGN_IN: u16 = 15;
pub const EOP_CMDLET: u16 = 18;
pub const ALERT: u16 = 40;
pub const MAILBOX_ACCESS: u16 = 50;

/// The name that Search-UnifiedAuditLog prints for a record type.
pub fn record_type_name(record_type: u16) -> &'static str {
    match record_type {
        EXCHANGE_ADMIN => "ExchangeAdmin",
        EXCHANGE_ITEM => "ExchangeItem",
        SHAREPOINT_FILE => "SharePointFileOperation",
        DIRECTORY => "AzureActiveDirectory",
        SIGN_IN => "AzureActiveDirectoryStsLogon",
        EOP_CMDLET => "SecurityComplianceCenterEOPCmdlet",
        ALERT => "SecurityComplianceAlerts",
        MAILBOX_ACCESS => "ExchangeItemAggregated",
        _ => "Unknown",
    }
}

/// The name that other exports print for a user type.
pub fn user_type_name(user_type: u8) -> &'static str {
    match user_type {
        0 => "Regular",
        2 => "Admin",
        3 => "DcAdmin",
        4 => "System",
        5 => "Application",
        6 => "ServicePrincipal",
        _ => "Unknown",
    }
}

impl AuditRecord {
    /// The AuditData object, keys in the order in which the service writes them.
    pub fn data(&self, organization: Guid) -> Map<String, Value> {
        let mut map = Map::new();
        let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
        put("CreationTime", json!(time::iso_bare(self.time)));
        put("Id", json!(self.id.to_string()));
        put("Operation", json!(self.operation));
        put("OrganizationId", json!(organization.to_string()));
        put("RecordType", json!(self.record_type));
        if let Some(status) = &self.result_status {
            put("ResultStatus", json!(status));
        }
        put("UserKey", json!(self.user_key));
        put("UserType", json!(self.user_type));
        put("Version", json!(1));
        put("Workload", json!(self.workload));
        if let Some(ip) = &self.client_ip {
            put("ClientIP", json!(ip));
        }
        if let Some(object) = &self.object_id {
            put("ObjectId", json!(object));
        }
        put("UserId", json!(self.user_id));
        for (key, value) in &self.body {
            put(key, value.clone());
        }
        map
    }
}

/// Who acts, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: String,
    pub user_key: String,
    /// 2 admin, 3 datacentre service, 5 application, 6 service principal.
    pub user_type: u8,
    /// Without port.
    pub ip: Option<String>,
    /// ExternalAccess: the service itself, or a partner with delegated rights.
    pub external: bool,
    pub app_id: Option<Guid>,
    pub session: Option<Guid>,
}

impl Actor {
    /// The service that changes settings in the tenant on its own.
    pub fn service() -> Self {
        let name = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)".to_owned();
        Self {
            user_key: name.clone(),
            user_id: name,
            user_type: 3,
            ip: None,
            external: true,
            app_id: None,
            session: None,
        }
    }
}

/// Name and value pairs as Parameters, ExtendedProperties and others hold them.
pub fn pairs<N: AsRef<str>, V: AsRef<str>>(list: &[(N, V)]) -> Value {
    list.iter()
        .map(|(name, value)| json!({"Name": name.as_ref(), "Value": value.as_ref()}))
        .collect()
}

/// The address with a port behind it, as Exchange writes it; now and then without, or mapped into IPv6.
fn with_port(ip: &str, random: &mut Random) -> String {
    let port = random.between(1025, 65_000);
    match (ip.contains(':'), random.below(10)) {
        (true, _) => format!("[{ip}]:{port}"),
        (false, 0) => ip.to_owned(),
        (false, 1) => format!("[::ffff:{ip}]:{port}"),
        (false, _) => format!("{ip}:{port}"),
    }
}

/// An Exchange cmdlet.
pub fn cmdlet<N: AsRef<str>, V: AsRef<str>>(
    time: Millis,
    actor: &Actor,
    operation: &str,
    object: &str,
    parameters: &[(N, V)],
    organization: &str,
    random: &mut Random,
) -> AuditRecord {
    let id = random.guid();
    let client_ip = actor.ip.as_ref().map(|ip| with_port(ip, random));
    let server = format!(
        "{}PR04MB{} (15.20.9115.0{})",
        random.pick(&["AM0", "DB8", "VI1", "BN8"]),
        random.between(1000, 9999),
        random.between(10, 29)
    );
    let mut body = vec![
        ("AppId", json!(actor.app_id.map_or(String::new(), |id| id.to_string()))),
        ("ClientAppId", json!("")),
        ("ExternalAccess", json!(actor.external)),
        ("OrganizationName", json!(organization)),
        ("OriginatingServer", json!(server)),
        ("Parameters", pairs(parameters)),
    ];
    if actor.user_type != 3 {
        body.push((
            "SessionId",
            json!(actor.session.map_or(String::new(), |id| id.to_string())),
        ));
    }
    AuditRecord {
        time,
        id,
        record_type: EXCHANGE_ADMIN,
        operation: operation.to_owned(),
        user_type: actor.user_type,
        user_id: actor.user_id.clone(),
        user_key: actor.user_key.clone(),
        workload: "Exchange",
        result_status: Some("True".to_owned()),
        client_ip,
        object_id: Some(object.to_owned()),
        body,
    }
}

/// Application ids that sign-ins name.
pub const OFFICE_PORTAL: &str = "00000006-0000-0ff1-ce00-000000000000";
pub const EXCHANGE_ONLINE: &str = "00000002-0000-0ff1-ce00-000000000000";
/// Azure AD PowerShell, the way in of the 2022 campaign.
pub const AAD_POWERSHELL: &str = "1b730954-1685-4b74-9bfd-dac224a7b894";

/// A sign-in. `error` is the pair of ErrorNumber and LogonError for one that failed.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    pub user_id: &'a str,
    pub object_id: Guid,
    pub ip: &'a str,
    pub agent: &'a str,
    pub application: &'a str,
    pub error: Option<(&'a str, &'a str)>,
    pub session: Option<Guid>,
}

impl SignIn<'_> {
    /// The record of this sign-in.
    pub fn record(&self, time: Millis, random: &mut Random) -> AuditRecord {
        let id = random.guid();
        let request = if self.error.is_some() {
            "Login:login"
        } else {
            "OAuth2:Authorize"
        };
        let mut body = vec![
            ("AzureActiveDirectoryEventType", json!(1)),
            (
                "ExtendedProperties",
                pairs(&[
                    (
                        "ResultStatusDetail",
                        if self.error.is_some() { "UserError" } else { "Success" },
                    ),
                    ("UserAgent", self.agent),
                    ("RequestType", request),
                ]),
            ),
            ("ModifiedProperties", json!([])),
            (
                "Actor",
                json!([{"ID": self.object_id.to_string(), "Type": 0}, {"ID": self.user_id, "Type": 5}]),
            ),
            ("ActorContextId", json!(random.guid().to_string())),
            ("ActorIpAddress", json!(self.ip)),
            ("InterSystemsId", json!(random.guid().to_string())),
            ("IntraSystemId", json!(id.to_string())),
            ("Target", json!([{"ID": EXCHANGE_ONLINE, "Type": 0}])),
            ("ApplicationId", json!(self.application)),
            (
                "DeviceProperties",
                json!([
                    {"Name": "OS", "Value": if self.agent.contains("Windows") { "Windows10" } else { "Unknown" }},
                    {"Name": "BrowserType", "Value": if self.agent.contains("Edg/") { "Edge" } else { "Other" }},
                    {"Name": "SessionId", "Value": self.session.map_or(String::new(), |s| s.to_string())},
                ]),
            ),
            ("ErrorNumber", json!(self.error.map_or("0", |(number, _)| number))),
        ];
        if let Some((_, name)) = self.error {
            body.push(("LogonError", json!(name)));
        }
        AuditRecord {
            time,
            id,
            record_type: SIGN_IN,
            operation: if self.error.is_some() {
                "UserLoginFailed"
            } else {
                "UserLoggedIn"
            }
            .to_owned(),
            user_type: 0,
            user_id: self.user_id.to_owned(),
            user_key: self.object_id.to_string(),
            workload: "AzureActiveDirectory",
            // It says only that the service answered; whether the user got in stands in Operation.
            result_status: Some("Success".to_owned()),
            client_ip: Some(self.ip.to_owned()),
            object_id: Some(EXCHANGE_ONLINE.to_owned()),
            body,
        }
    }
}

/// A change in the directory. `modified` holds name, new value, old value; `target` an id and its Type.
pub fn directory(
    time: Millis,
    actor: &Actor,
    operation: &str,
    object: &str,
    target: &[(&str, u8)],
    modified: &[(&str, &str, &str)],
    random: &mut Random,
) -> AuditRecord {
    let ip = actor.ip.clone().unwrap_or_default();
    let modified: Value = modified
        .iter()
        .map(|(name, new, old)| json!({"Name": name, "NewValue": new, "OldValue": old}))
        .collect();
    let target: Value = target
        .iter()
        .map(|(id, kind)| json!({"ID": id, "Type": kind}))
        .collect();
    let category = if object.contains('@') { "User" } else { "Application" };
    AuditRecord {
        time,
        id: random.guid(),
        record_type: DIRECTORY,
        operation: operation.to_owned(),
        user_type: if actor.user_type == 2 { 0 } else { 4 },
        user_id: actor.user_id.clone(),
        user_key: actor.user_key.clone(),
        workload: "AzureActiveDirectory",
        result_status: Some("Success".to_owned()),
        client_ip: Some(ip.clone()),
        object_id: Some(object.to_owned()),
        body: vec![
            ("AzureActiveDirectoryEventType", json!(1)),
            (
                "ExtendedProperties",
                pairs(&[("additionalDetails", "{}"), ("extendedAuditEventCategory", category)]),
            ),
            ("ModifiedProperties", modified),
            (
                "Actor",
                json!([{"ID": actor.user_id, "Type": 5}, {"ID": actor.user_key, "Type": 3}, {"ID": "User_", "Type": 2}]),
            ),
            ("ActorContextId", json!(random.guid().to_string())),
            ("ActorIpAddress", json!(ip)),
            ("InterSystemsId", json!(random.guid().to_string())),
            ("IntraSystemId", json!(random.guid().to_string())),
            ("SupportTicketId", json!("")),
            ("Target", target),
        ],
    }
}

/// An alert. `data` becomes the JSON text of the Data field.
pub fn alert(
    time: Millis,
    name: &str,
    severity: &str,
    category: &str,
    data: &Value,
    random: &mut Random,
) -> AuditRecord {
    let (alert, policy) = (random.guid().to_string(), random.guid().to_string());
    let actor = "SecurityComplianceAlerts".to_owned();
    AuditRecord {
        time,
        id: random.guid(),
        record_type: ALERT,
        operation: "AlertTriggered".to_owned(),
        user_type: 4,
        user_id: actor.clone(),
        user_key: actor,
        workload: "SecurityComplianceCenter",
        result_status: Some("Succeeded".to_owned()),
        client_ip: None,
        object_id: Some(alert.clone()),
        body: vec![
            ("AlertId", json!(alert)),
            ("AlertLinks", json!([{"AlertLinkHref": ""}])),
            ("AlertType", json!("System")),
            ("Category", json!(category)),
            ("Comments", json!("New alert")),
            ("Data", json!(data.to_string())),
            ("Name", json!(name)),
            ("PolicyId", json!(policy)),
            ("Severity", json!(severity)),
            ("Source", json!("Office 365 Security & Compliance")),
            ("Status", json!("Active")),
        ],
    }
}
