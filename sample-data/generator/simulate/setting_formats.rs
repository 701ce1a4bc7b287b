//! The sign-ins of one night and the settings behind it, printed as every export that can hold them: more samples below
//! `sample-data/formats/`.

use serde_json::{Value, json};

use super::evidence::EvidenceFile;
use super::formats::connectors::Style;
use super::formats::text::Encoding;
use super::formats::{alerts, sign_ins};
use super::random::{Guid, Random};
use super::time::{self, Millis};

/// Who signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Interactive,
    NonInteractive,
    ServicePrincipal,
    ManagedIdentity,
}

/// One sign-in as a sign-in log has it.
#[derive(Clone, Debug)]
pub struct LoggedSignIn {
    pub time: Millis,
    pub id: Guid,
    pub who: Who,
    /// UPN; for an application its name.
    pub name: &'static str,
    pub app_id: &'static str,
    pub app: &'static str,
    pub ip: &'static str,
    pub agent: &'static str,
    /// City, state and country.
    pub place: (&'static str, &'static str, &'static str),
    /// 0 for none.
    pub error: u32,
    /// Level in real time and in all, and state.
    pub risk: (&'static str, &'static str, &'static str),
    pub several_factors: bool,
    pub client: &'static str,
}

const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Edg/146.0.0.0";
const STRANGER: &str = "91.219.236.10";
const AMSTERDAM: (&str, &str, &str) = ("Amsterdam", "Noord-Holland", "NL");

/// The sign-ins of a night in order of time.
pub fn sign_ins(seed: u64) -> Vec<LoggedSignIn> {
    let mut r = Random::new(seed).fork("sign-in logs");
    let admin = LoggedSignIn {
        time: time::utc(2026, 4, 4, 0, 28),
        id: r.guid(),
        who: Who::Interactive,
        name: "it.admin@fabrikam.com",
        app_id: "00000006-0000-0ff1-ce00-000000000000",
        app: "Office 365 Portal",
        ip: STRANGER,
        agent: AGENT,
        place: AMSTERDAM,
        error: 50_126,
        risk: ("none", "none", "none"),
        several_factors: false,
        client: "Browser",
    };
    let application = LoggedSignIn {
        time: time::utc(2026, 4, 4, 0, 52),
        id: r.guid(),
        who: Who::ServicePrincipal,
        name: "Mail Sync",
        app_id: "5a95e683-08ad-424e-a441-1d1aec52c02c",
        app: "Mail Sync",
        agent: "",
        risk: ("none", "none", "none"),
        client: "",
        error: 0,
        ..admin.clone()
    };
    vec![
        LoggedSignIn {
            time: time::utc(2026, 4, 4, 0, 31),
            id: r.guid(),
            error: 0,
            risk: ("high", "medium", "atRisk"),
            ..admin.clone()
        },
        LoggedSignIn {
            time: time::utc(2026, 4, 4, 0, 36),
            id: r.guid(),
            who: Who::NonInteractive,
            app: "Exchange Online PowerShell",
            app_id: "fb78d390-0c51-40cd-8e17-fdbfab77341b",
            error: 0,
            several_factors: true,
            client: "Mobile Apps and Desktop clients",
            ..admin.clone()
        },
        LoggedSignIn {
            time: time::utc(2026, 4, 4, 7, 2),
            id: r.guid(),
            name: "office@fabrikam.com",
            ip: "81.2.69.160",
            place: ("Frankfurt am Main", "Hessen", "DE"),
            error: 0,
            client: "IMAP4",
            agent: "BAV2ROPC",
            ..admin.clone()
        },
        LoggedSignIn {
            time: time::utc(2026, 4, 4, 3, 0),
            id: r.guid(),
            who: Who::ManagedIdentity,
            name: "backup-vm",
            app_id: "1f2b6c90-98a4-4a2f-8f57-3d1b9e6a4c11",
            app: "backup-vm",
            ip: "",
            place: ("", "", ""),
            ..application.clone()
        },
        application,
        admin,
    ]
}

/// The samples, each in the folder of its format.
pub fn samples(seed: u64) -> Vec<EvidenceFile> {
    let all = sign_ins(seed);
    let users: Vec<&LoggedSignIn> = all
        .iter()
        .filter(|s| matches!(s.who, Who::Interactive | Who::NonInteractive))
        .collect();
    let principals: Vec<&LoggedSignIn> = all.iter().filter(|s| s.who == Who::ServicePrincipal).collect();
    let every: Vec<&LoggedSignIn> = all.iter().collect();
    let file = |path: &str, encoding: Encoding, text: String| EvidenceFile {
        path: format!("formats/{path}"),
        bytes: encoding.encode(&text),
    };
    use Encoding::{Utf8, Utf8Bom, Utf16Bom};
    let (outbound, rules, config) = (outbound(Style::Windows), rules(Style::Windows), config(Style::Seven));
    vec![
        file(
            "entra_sign_ins_csv/InteractiveSignIns.csv",
            Utf8Bom,
            sign_ins::portal(&users),
        ),
        file(
            "entra_sign_ins_csv/ApplicationSignIns.csv",
            Utf8Bom,
            sign_ins::applications(&principals),
        ),
        file("entra_sign_ins_csv/SignIns-short.csv", Utf8, sign_ins::short(&users)),
        file("entra_sign_ins_json/v1.0.json", Utf8, sign_ins::page(&users)),
        file(
            "entra_sign_ins_json/beta-SignInLogs.json",
            Utf8,
            sign_ins::appended(&every),
        ),
        file(
            "entra_sign_ins_json/insights-logs.json",
            Utf8,
            sign_ins::diagnostic(&every),
        ),
        file(
            "get_outbound_connector/OutboundConnectors.json",
            Utf16Bom,
            Style::Windows.print(outbound),
        ),
        file(
            "get_transport_rule/TransportRules.json",
            Utf16Bom,
            Style::Windows.print(rules),
        ),
        file(
            "get_transport_rule/TransportRules.csv",
            Utf8Bom,
            Style::Csv.print(self::rules(Style::Csv)),
        ),
        file(
            "get_admin_audit_log_config/AdminAuditLogConfig.json",
            Utf8,
            Style::Seven.print(config),
        ),
        file("defender_alerts/alerts.json", Utf8, alerts::graph()),
        file("defender_alerts/Alerts.csv", Utf8Bom, alerts::portal()),
    ]
}

fn outbound(style: Style) -> Vec<Value> {
    let at = style.date(time::utc(2025, 9, 12, 8, 30));
    vec![json!({
        "Enabled": true,
        "UseMXRecord": false,
        "Comment": "",
        "ConnectorType": "OnPremises",
        "ConnectorSource": "HybridWizard",
        "RecipientDomains": ["fabrikam.com"],
        "SmartHosts": ["mail.fabrikam.com"],
        "TlsDomain": "mail.fabrikam.com",
        "TlsSettings": "DomainValidation",
        "IsTransportRuleScoped": false,
        "RouteAllMessagesViaOnPremises": false,
        "CloudServicesMailEnabled": true,
        "AllAcceptedDomains": false,
        "TestMode": false,
        "ValidationRecipients": [],
        "IsValidated": true,
        "Name": "Outbound to 0c5b7f9e-4b7e-4c7e-9d0d-3a4f0d6a1b22",
        "Identity": "Outbound to 0c5b7f9e-4b7e-4c7e-9d0d-3a4f0d6a1b22",
        "WhenChanged": at, "WhenCreated": at, "WhenChangedUTC": at, "WhenCreatedUTC": at,
        "Guid": "9a54f3f0-4a39-4d1b-8a55-6d9a4d1f7c10",
        "IsValid": true,
        "ObjectState": "Unchanged",
    })]
}

fn rules(style: Style) -> Vec<Value> {
    let rule = |name: &str, header: Value, hour: i64| {
        json!({
            "Priority": 0,
            "Comments": null,
            "CreatedBy": "IT Admin",
            "LastModifiedBy": "IT Admin",
            "Description": "Take the following actions:\r\n\tRemove header\r\n",
            "State": "Enabled",
            "Mode": "Enforce",
            "RuleErrorAction": "Ignore",
            "SenderAddressLocation": "Header",
            "StopRuleProcessing": false,
            "FromScope": null,
            "SetHeaderName": null,
            "RemoveHeader": header,
            "BlindCopyTo": null,
            "RedirectMessageTo": [],
            "SetSCL": null,
            "Identity": name,
            "Name": name,
            "Guid": if hour == 0 { "d60d0c37-4f9d-4bcb-8b5e-2c91edfd4cbb" } else { "77e2c1b0-60e6-4d7c-93a5-0f4d8c1b2a33" },
            "WhenChanged": style.date(time::utc(2026, 4, 4, hour, 58)),
            "ObjectState": "Unchanged",
        })
    };
    vec![
        rule(".", json!("Received-SPF"), 0),
        rule("[External] in \"subject\"", Value::Null, 9),
    ]
}

fn config(style: Style) -> Vec<Value> {
    let at = style.date(time::utc(2026, 4, 4, 1, 5));
    vec![json!({
        "AdminAuditLogEnabled": true,
        "LogLevel": "None",
        "TestCmdletLoggingEnabled": false,
        "AdminAuditLogCmdlets": ["*"],
        "AdminAuditLogParameters": ["*"],
        "AdminAuditLogExcludedCmdlets": [],
        "AdminAuditLogAgeLimit": "90.00:00:00",
        "LoadBalancerCount": 3,
        "UnifiedAuditLogIngestionEnabled": false,
        "UnifiedAuditLogFirstOptInDate": null,
        "Name": "Admin Audit Log Settings",
        "Identity": "Admin Audit Log Settings",
        "Guid": "3f1e6a52-98c7-4b1d-a6b4-0a9f3c5d7e21",
        "WhenChangedUTC": at,
        "WhenCreatedUTC": style.date(time::utc(2024, 1, 9, 10, 0)),
        "IsValid": true,
    })]
}
