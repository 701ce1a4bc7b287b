//! One night of audit records, printed as every export of the audit log that can hold them: the samples below
//! `sample-data/formats/`. All tell the same story, so that the readers can be compared with it and with one another.

use serde_json::{Value, json};

use super::audit::{self, Actor, AuditRecord};
use super::evidence::EvidenceFile;
use super::formats::text::Encoding;
use super::formats::{cloud_app_events, collected, elastic, graph, purview, sentinel};
use super::random::{Guid, Random};
use super::time;

const ADMIN: &str = "it.admin@fabrikam.com";
const STRANGER: &str = "91.219.236.10";
const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Edg/146.0.0.0";

/// The night's records in order of time, and the organisation they belong to.
pub fn night(seed: u64) -> (Vec<AuditRecord>, Guid) {
    let mut r = Random::new(seed).fork("audit formats");
    let (organization, object, session) = (r.guid(), r.guid(), r.guid());
    let at = |hour, minute| time::utc(2026, 4, 4, hour, minute);
    let admin = Actor {
        user_id: ADMIN.to_owned(),
        user_key: "1003200126677019".to_owned(),
        user_type: 2,
        ip: Some(STRANGER.to_owned()),
        external: false,
        app_id: None,
        session: Some(session),
    };
    let sign_in = |error| audit::SignIn {
        user_id: ADMIN,
        object_id: object,
        ip: STRANGER,
        agent: AGENT,
        application: audit::OFFICE_PORTAL,
        error,
        session: Some(session),
    };
    let tenant = "fabrikam.onmicrosoft.com";
    let relay = [
        ("Name", "Inbound from HQ"),
        ("Enabled", "True"),
        ("SenderDomains", "smtp:*;1"),
        ("SenderIPAddresses", "91.219.236.10;91.219.237.0/24"),
        ("TlsSenderCertificateName", ""),
        ("ConnectorType", "OnPremises"),
        ("CloudServicesMailEnabled", "True"),
        ("Comment", "for \"scan to mail\", 2. Stock"),
    ];
    let rule = [
        ("Name", "."),
        ("RemoveHeader", "Received-SPF"),
        ("StopRuleProcessing", "False"),
    ];
    let spoken = json!({
        "an": "Suspicious connector activity", "sev": "High", "ad": "A connector was blocked", "tdc": "1",
        "f3u": "Inbound from HQ", "sip": STRANGER, "ts": "2026-04-04T02:50:00.0000000Z", "te": "2026-04-04T02:55:00.0000000Z",
    });
    let mut records = vec![
        sign_in(Some(("50126", "InvalidUserNameOrPassword"))).record(at(0, 28), &mut r),
        sign_in(None).record(at(0, 31), &mut r),
        audit::cmdlet(
            at(0, 40),
            &Actor::service(),
            "Set-AdminAuditLogConfig",
            &format!("{tenant}\\Admin Audit Log Settings"),
            &[("AdminAuditLogEnabled", "True")],
            tenant,
            &mut r,
        ),
        audit::directory(
            at(0, 47),
            &admin,
            "Add member to role.",
            "backup@fabrikam.com",
            &[("backup@fabrikam.com", 5), ("User_0a", 2)],
            &[("Role.DisplayName", "Global Administrator", "")],
            &mut r,
        ),
        audit::cmdlet(
            at(0, 55),
            &admin,
            "New-InboundConnector",
            "Inbound from HQ",
            &relay,
            tenant,
            &mut r,
        ),
        audit::cmdlet(at(0, 58), &admin, "New-TransportRule", "", &rule, tenant, &mut r),
        mailbox(at(1, 20), &mut r),
        audit::alert(
            at(3, 0),
            "Suspicious connector activity",
            "High",
            "ThreatManagement",
            &spoken,
            &mut r,
        ),
        eop_cmdlet(at(4, 5), &admin, &mut r),
        audit::cmdlet(
            at(5, 10),
            &admin,
            "Remove-BlockedConnector",
            "",
            &[("ConnectorId", "f88dbc64-6d11-4fe3-aaca-9e3a6b313ea7")],
            tenant,
            &mut r,
        ),
    ];
    records.sort_by_key(|record| record.time);
    (records, organization)
}

/// Mail read in somebody's mailbox: a row that only counts, with line ends in its text.
fn mailbox(time: time::Millis, r: &mut Random) -> AuditRecord {
    AuditRecord {
        time,
        id: r.guid(),
        record_type: audit::MAILBOX_ACCESS,
        operation: "MailItemsAccessed".to_owned(),
        user_type: 0,
        user_id: "office@fabrikam.com".to_owned(),
        user_key: "10032001266770AA".to_owned(),
        workload: "Exchange",
        result_status: Some("Succeeded".to_owned()),
        client_ip: None,
        object_id: None,
        body: vec![
            ("ClientIPAddress", json!("81.2.69.160")),
            ("ExternalAccess", json!(false)),
            ("OriginatingServer", json!("AM0PR04MB4411 (15.20.9115.012)\r\n")),
            ("OperationProperties", audit::pairs(&[("MailAccessType", "Bind")])),
        ],
    }
}

/// A cmdlet of RecordType 18, whose parameters are the text that was typed.
fn eop_cmdlet(time: time::Millis, actor: &Actor, r: &mut Random) -> AuditRecord {
    AuditRecord {
        time,
        id: r.guid(),
        record_type: audit::EOP_CMDLET,
        operation: "Set-HostedOutboundSpamFilterPolicy".to_owned(),
        user_type: actor.user_type,
        user_id: actor.user_id.clone(),
        user_key: actor.user_key.clone(),
        workload: "SecurityComplianceCenter",
        result_status: Some("True".to_owned()),
        client_ip: actor.ip.clone(),
        object_id: Some("Default".to_owned()),
        body: vec![
            (
                "Parameters",
                json!(
                    "-Identity \"Default\" -RecipientLimitPerDay \"10000\" -NotifyOutboundSpamRecipients (\"a@fabrikam.com\",\"b@fabrikam.com\") -NotifyOutboundSpam $false"
                ),
            ),
            ("NonPIIParameters", json!("-RecipientLimitPerDay -NotifyOutboundSpam")),
        ],
    }
}

/// The samples, each in the folder of its format.
pub fn samples(seed: u64) -> Vec<EvidenceFile> {
    let (records, organization) = night(seed);
    let records: Vec<&AuditRecord> = records.iter().collect();
    let mut r = Random::new(seed).fork("audit formats' own");
    let data: Vec<Value> = records
        .iter()
        .map(|record| Value::Object(record.data(organization)))
        .collect();
    let file = |path: &str, encoding: Encoding, text: String| EvidenceFile {
        path: format!("formats/{path}"),
        bytes: encoding.encode(&text),
    };
    use Encoding::{Utf8, Utf8Bom, Utf16Bom};
    vec![
        file(
            "purview_audit_search_classic/AuditLog.csv",
            Utf8Bom,
            purview::write_classic(&records, organization),
        ),
        file(
            "graph_audit_log_query/page.json",
            Utf8,
            graph::page(&records, organization),
        ),
        file(
            "graph_audit_log_query/UnifiedAuditLog.json",
            Utf8Bom,
            graph::collected(&records, organization),
        ),
        file(
            "graph_audit_log_query/records.jsonl",
            Utf8,
            graph::lines(&records, organization),
        ),
        file(
            "graph_audit_log_query/UnifiedAuditLog.csv",
            Utf8Bom,
            graph::csv(&records, organization),
        ),
        file(
            "search_unified_audit_log_json/UAL-5.1.json",
            Utf16Bom,
            collected::windows(&records, organization),
        ),
        file(
            "search_unified_audit_log_json/UAL-7.json",
            Utf8,
            collected::seven(&records, organization),
        ),
        file(
            "search_unified_audit_log_json/UAL-Combined.jsonl",
            Utf8,
            collected::lines(&records, organization),
        ),
        file(
            "search_unified_audit_log_json/joined.json",
            Utf8,
            collected::joined(&records, organization),
        ),
        file("management_activity_api/lines.json", Utf8, collected::data_lines(&data)),
        file("management_activity_api/merged.json", Utf8, collected::merged(&data)),
        file(
            "management_activity_api/stringly.jsonl",
            Utf8,
            collected::stringly(&data),
        ),
        file("flattened_audit_records/UAL.csv", Utf8Bom, collected::flattened(&data)),
        file(
            "sentinel_office_activity/query_data.csv",
            Utf8Bom,
            sentinel::portal(&records, organization),
        ),
        file(
            "sentinel_office_activity/OfficeActivity.json",
            Utf8,
            sentinel::rows(&records, organization),
        ),
        file(
            "defender_cloud_app_events/CloudAppEvents.json",
            Utf8,
            cloud_app_events::rows(&records, organization),
        ),
        file(
            "defender_cloud_app_events/streamed.jsonl",
            Utf8,
            cloud_app_events::streamed(&records, organization, &mut r),
        ),
        file(
            "defender_cloud_app_events/query.csv",
            Utf8Bom,
            cloud_app_events::portal(&records, organization),
        ),
        file(
            "wazuh_office365/alerts.json",
            Utf8,
            collected::wazuh(&records, organization),
        ),
        file(
            "elastic_o365_audit/documents.jsonl",
            Utf8,
            elastic::nested(&records, organization, false),
        ),
        file(
            "elastic_o365_audit/originals.jsonl",
            Utf8,
            elastic::nested(&records, organization, true),
        ),
        file(
            "elastic_o365_audit/dotted.json",
            Utf8,
            elastic::dotted(&records, organization),
        ),
        file(
            "elastic_o365_audit/Discover.csv",
            Utf8,
            elastic::kibana(&records, organization),
        ),
    ]
}
