//! Which export a file is: by its header or its keys, never by its name.

use serde_json::{Map, Value};

use super::date_culture::{Form, form};
use super::date_order::{Dating, Settled, Zone};
use super::field::{get, object, value_text};
use super::{
    Reader, Time, accepted_domains, alerts, audit_cloud_app_events, audit_config, audit_elastic, audit_flattened,
    audit_graph, audit_management, audit_purview, audit_purview_classic, audit_search, audit_search_json,
    audit_sentinel, audit_wazuh, blocked_connectors, entra_audit, inbound_connectors, outbound_connectors,
    sign_in_graph, sign_in_portal, trace_detail, trace_email_events, trace_enhanced, trace_explorer, trace_extended,
    trace_get, trace_graph, trace_post_delivery, trace_screen, trace_streamed, trace_tracking_log, transport_rules,
};
use crate::evidence::Shape;

/// Every export that is known. To add one, write its file and name it here; the first that recognises a file
/// reads it.
const FORMATS: &[Format] = &[
    audit_purview::FORMAT,
    audit_purview_classic::FORMAT,
    audit_graph::FORMAT,
    audit_search::FORMAT,
    audit_search_json::FORMAT,
    audit_management::FORMAT,
    audit_flattened::FORMAT,
    audit_cloud_app_events::FORMAT,
    audit_elastic::FORMAT,
    audit_wazuh::FORMAT,
    audit_sentinel::FORMAT,
    entra_audit::FORMAT,
    sign_in_graph::FORMAT,
    sign_in_portal::FORMAT,
    trace_extended::FORMAT,
    trace_tracking_log::FORMAT,
    trace_enhanced::FORMAT,
    trace_get::FORMAT,
    trace_graph::FORMAT,
    trace_detail::FORMAT,
    trace_streamed::FORMAT,
    trace_email_events::FORMAT,
    trace_post_delivery::FORMAT,
    trace_explorer::FORMAT,
    trace_screen::FORMAT,
    inbound_connectors::FORMAT,
    outbound_connectors::FORMAT,
    accepted_domains::FORMAT,
    blocked_connectors::FORMAT,
    transport_rules::FORMAT,
    audit_config::FORMAT,
    alerts::FORMAT,
];

/// One export.
pub(super) struct Format {
    pub(super) name: &'static str,
    /// The names that mark it, as it writes them: what an unknown file is compared with.
    pub(super) marks: &'static [&'static str],
    pub(super) recognise: fn(&Seen<'_>) -> Option<Box<dyn Reader>>,
}

/// What a file turned out to be.
pub enum Recognition {
    Known(Box<dyn Reader>),
    Unknown {
        /// The header or the keys, shortened.
        seen: String,
        /// The known export that it resembles most.
        nearest: Option<&'static str>,
        /// What it lacks to be that one.
        missing: Vec<String>,
    },
}

/// What recognition may look at.
pub(super) struct Seen<'s> {
    /// Column names or top-level keys as written, without white space and quotes at their ends.
    names: Vec<String>,
    content: Content<'s>,
    dating: Dating,
}

enum Content<'s> {
    Csv(&'s [Vec<String>]),
    Json(Vec<Map<String, Value>>),
}

impl<'s> Seen<'s> {
    fn of(shape: &'s Shape, dating: Dating) -> Option<Self> {
        match shape {
            Shape::Csv { header, sample, .. } => Some(Seen {
                names: header.iter().map(|n| plain(n)).collect(),
                content: Content::Csv(sample),
                dating,
            }),
            Shape::Json { sample, .. } => {
                let objects: Vec<_> = sample.iter().filter_map(|text| object(text.as_bytes()).ok()).collect();
                let mut names = Vec::new();
                for key in objects.iter().flat_map(Map::keys).map(|k| plain(k)) {
                    if !names.contains(&key) {
                        names.push(key);
                    }
                }
                Some(Seen {
                    names,
                    content: Content::Json(objects),
                    dating,
                })
            }
            Shape::Unknown => None,
        }
    }

    /// The first of several names that is there, as a column number.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.names.iter().position(|n| n.eq_ignore_ascii_case(name)))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.column(&[name]).is_some()
    }

    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        self.column(names).is_some()
    }

    /// The number of columns; of distinct keys for JSON.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// Column names or keys as written, in order.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The sample rows, if it is a CSV file.
    pub(super) fn rows(&self) -> Option<&'s [Vec<String>]> {
        match self.content {
            Content::Csv(rows) => Some(rows),
            Content::Json(_) => None,
        }
    }

    /// Whether a key's value in some object of the sample holds this text.
    pub(super) fn says(&self, key: &str, text: &str) -> bool {
        self.values(key)
            .any(|value| value.as_str().is_some_and(|v| v.contains(text)))
    }

    /// Whether a key's value in some object of the sample is an object with any of these keys.
    pub(super) fn holds(&self, key: &str, names: &[&str]) -> bool {
        let inside = self.values(key).filter_map(Value::as_object);
        inside
            .into_iter()
            .any(|object| names.iter().any(|name| get(object, name).is_some()))
    }

    /// The sample's objects; none of a CSV file.
    pub(super) fn objects(&self) -> &[Map<String, Value>] {
        match &self.content {
            Content::Json(objects) => objects,
            Content::Csv(_) => &[],
        }
    }

    fn values(&self, key: &str) -> impl Iterator<Item = &Value> {
        self.objects().iter().filter_map(move |object| get(object, key))
    }

    pub(super) fn is_json(&self) -> bool {
        !self.objects().is_empty()
    }

    /// How dates are read that stand under these names, the time of the row under the first that is there.
    pub(super) fn settle(&self, names: &[&str], zone: Zone) -> Settled {
        let columns: Vec<usize> = match self.content {
            Content::Csv(_) => names.iter().filter_map(|name| self.column(&[name])).collect(),
            Content::Json(_) => Vec::new(),
        };
        let of_row = |row: &Vec<String>| {
            let mut dates = columns.iter().filter_map(|&c| row.get(c)).filter(|t| !t.is_empty());
            let decisive = dates
                .clone()
                .find(|date| matches!(form(date.as_bytes()), Form::Order(_)));
            decisive.or(dates.next()).cloned()
        };
        let of_object = |object: &Map<String, Value>| names.iter().find_map(|n| get(object, n)).map(value_text);
        let dates: Vec<String> = match &self.content {
            Content::Csv(rows) => rows.iter().filter_map(of_row).collect(),
            Content::Json(objects) => objects.iter().filter_map(of_object).collect(),
        };
        let dates = dates.iter().map(|text| (text.as_str(), None));
        Settled::new(self.dating, columns, zone, dates)
    }

    /// As [`Seen::settle`], for a table whose rows give their time a second time in a form that cannot be misread.
    pub(super) fn settle_by(&self, column: Option<usize>, dates: &[(String, Option<Time>)]) -> Settled {
        let dates = dates.iter().map(|(text, known)| (text.as_str(), *known));
        Settled::new(self.dating, column.into_iter().collect(), Zone::Utc, dates)
    }
}

fn plain(name: &str) -> String {
    let name = name.trim().trim_start_matches('\u{feff}');
    name.trim_matches('"').trim().to_owned()
}

/// Finds the reader for an exhibit, or says what it looks like and what it lacks.
pub fn recognise(shape: &Shape) -> Recognition {
    recognise_with(shape, Dating::default())
}

/// As [`recognise`], with what the analyst says of dates.
pub fn recognise_with(shape: &Shape, dating: Dating) -> Recognition {
    let Some(seen) = Seen::of(shape, dating) else {
        return Recognition::Unknown {
            seen: String::new(),
            nearest: None,
            missing: Vec::new(),
        };
    };
    match FORMATS.iter().find_map(|format| (format.recognise)(&seen)) {
        Some(reader) => Recognition::Known(reader),
        None => unknown(&seen),
    }
}

fn unknown(seen: &Seen<'_>) -> Recognition {
    let missing = |format: &'static Format| format.marks.iter().filter(|mark| !seen.has(mark)).count();
    // Half of an export's marks must be there before the likeness is worth a word.
    let nearest = FORMATS
        .iter()
        .filter(|format| missing(format) * 2 <= format.marks.len())
        .min_by_key(|format| missing(format) * 100 / format.marks.len().max(1));
    let lacks = |format: &'static Format| format.marks.iter().filter(|mark| !seen.has(mark));
    Recognition::Unknown {
        seen: shortened(&seen.names),
        nearest: nearest.map(|format| format.name),
        missing: nearest
            .map(|format| lacks(format).map(ToString::to_string).collect())
            .unwrap_or_default(),
    }
}

/// At most 200 characters of the names; they come from the evidence, so control characters do not.
fn shortened(names: &[String]) -> String {
    const MOST: usize = 200;
    let all = names.join(", ");
    let mut text: String = all.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if all.chars().nth(MOST).is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{FORMATS, Recognition, recognise};
    use crate::evidence::Shape;

    pub(crate) fn csv(header: &str) -> Shape {
        Shape::Csv {
            delimiter: b',',
            header: header.split(',').map(str::to_owned).collect(),
            sample: Vec::new(),
            above: Vec::new(),
        }
    }

    fn json(object: &str) -> Shape {
        Shape::Json {
            sample: vec![object.to_owned()],
            columns: Vec::new(),
        }
    }

    fn name(shape: &Shape) -> Option<&'static str> {
        match recognise(shape) {
            Recognition::Known(reader) => Some(reader.format()),
            Recognition::Unknown { .. } => None,
        }
    }

    #[test]
    fn every_known_header_finds_its_reader() {
        let cases = [
            (
                "RecordType,CreationDate,UserIds,Operations,AuditData,ResultIndex,ResultCount,Identity,IsValid,ObjectState",
                "search_unified_audit_log",
            ),
            (
                "PSComputerName,RunspaceId,PSShowComputerName,RecordType,CreationDate,UserIds,Operations,AuditData,ResultIndex,ResultCount,Identity,IsValid,ObjectState",
                "search_unified_audit_log",
            ),
            (
                "creationdate, userids ,OPERATIONS,auditdata",
                "search_unified_audit_log",
            ),
            ("Operations,CreationDate", "search_unified_audit_log"),
            (
                "RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,AssociatedAdminUnitsNames",
                "purview_audit_search",
            ),
            (
                "PSComputerName,RunspaceId,PSShowComputerName,Organization,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size,MessageTraceId,StartDate,EndDate,Index",
                "get_message_trace",
            ),
            (
                "MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,FromIP,ToIP,Subject,Status,Size",
                "get_message_trace",
            ),
            (
                "date_time_utc,client_ip,client_hostname,server_ip,server_hostname,source_context,connector_id,source,event_id,internal_message_id,message_id,network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,related_recipient_address,reference,message_subject,sender_address,return_path,message_info,directionality,tenant_id,original_client_ip,original_server_ip,custom_data",
                "historical_search_extended",
            ),
            (
                "Timestamp,NetworkMessageId,InternetMessageId,SenderMailFromAddress,SenderFromAddress,SenderIPv4,RecipientEmailAddress,Subject,DeliveryAction,Connectors",
                "email_events",
            ),
            (
                "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id,original_client_ip,directionality,connector_id,delivery_priority",
                "historical_search_summary",
            ),
            (
                "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info",
                "message_tracking_log",
            ),
            ("Date,Event,Action,Detail,Data", "get_message_trace_detail"),
            (
                "Date,MessageId,MessageTraceId,SenderAddress,RecipientAddress,Subject,Event,Action,Detail,Data",
                "get_message_trace_detail",
            ),
            (
                "Timestamp,NetworkMessageId,Action,ActionType,RecipientEmailAddress,DeliveryLocation,SenderFromAddress",
                "email_post_delivery_events",
            ),
            (
                "Email date (UTC),Recipients,Subject,Sender address,Sender IP,Delivery action,Latest delivery location",
                "threat_explorer",
            ),
            (
                "Date (UTC+01:00),Sender,Recipient,Subject,Status",
                "admin_center_message_trace",
            ),
            (
                "id,createdDateTime,auditLogRecordType,operation,organizationId,userType,userId,service,objectId,userPrincipalName,clientIp,administrativeUnits,auditData",
                "graph_audit_log_query",
            ),
            (
                "CreationTime,Id,Operation,OrganizationId,RecordType,ResultStatus,UserKey,UserType,Workload",
                "flattened_audit_records",
            ),
            (
                "TimeGenerated,UserId,ClientIP,Operation,Parameters",
                "sentinel_office_activity",
            ),
            (
                "Timestamp,ActionType,Application,ReportId,RawEventData",
                "defender_cloud_app_events",
            ),
            ("@timestamp,event.action,o365.audit.Operation", "elastic_o365_audit"),
            ("Name,ConnectorType,SenderIPAddresses,Enabled", "get_inbound_connector"),
            ("Name,DomainName,DomainType,Default", "get_accepted_domain"),
            ("ConnectorId,Reason,CreatedDatetime", "get_blocked_connector"),
        ];
        for (header, expected) in cases {
            assert_eq!(name(&csv(header)), Some(expected), "{header}");
        }
    }

    #[test]
    fn objects_find_their_reader() {
        let cases = [
            (
                r#"{"CreationTime":"2022-05-07T12:55:53","Id":"x","Operation":"y","RecordType":1}"#,
                "management_activity_api",
            ),
            (
                r#"{"CreationDate":"\/Date(1)\/","Operations":"y","AuditData":{"Id":"x"}}"#,
                "search_unified_audit_log_json",
            ),
            (
                r#"{"id":"x","createdDateTime":"2026-07-17T08:28:17Z","operation":"y","auditLogRecordType":"z","auditData":{}}"#,
                "graph_audit_log_query",
            ),
            (
                r#"{"Name":"x","SenderDomains":[],"SenderIPAddresses":[],"ConnectorType":"Partner"}"#,
                "get_inbound_connector",
            ),
            (
                r#"{"DomainName":{"Domain":"x"},"DomainType":0,"Default":true}"#,
                "get_accepted_domain",
            ),
            (r#"{"ConnectorId":"x","Reason":"y"}"#, "get_blocked_connector"),
            (
                r#"{"Name":"x","ConnectorType":"Partner","UseMXRecord":true,"RecipientDomains":[],"SmartHosts":[]}"#,
                "get_outbound_connector",
            ),
            (
                r#"{"Name":"x","Priority":0,"State":"Enabled","SenderIpRanges":null}"#,
                "get_transport_rule",
            ),
        ];
        for (object, expected) in cases {
            assert_eq!(name(&json(object)), Some(expected), "{object}");
        }
    }

    #[test]
    fn other_exports_of_the_same_tenant_are_unknown() {
        for object in [
            r#"{"Name":"x","Priority":0,"State":"Enabled","HostedContentFilterPolicy":"Default","SentTo":null}"#,
            r#"{"Name":"x","DomainName":"*","AllowedOOFType":"External","TNEFEnabled":null}"#,
            r#"{"SenderAddress":"a@x.com","Reason":"spam","CreatedDatetime":"x"}"#,
            r#"{"Name":"Default","IPAllowList":[],"IPBlockList":[]}"#,
        ] {
            assert_eq!(name(&json(object)), None, "{object}");
        }
        for header in [
            "Timestamp,NetworkMessageId,SenderFromAddress,RecipientEmailAddress,FileName,FileType",
            "Timestamp,Url,ActionType,AccountUpn,NetworkMessageId,IPAddress",
        ] {
            assert_eq!(name(&csv(header)), None, "{header}");
        }
    }

    #[test]
    fn an_unknown_file_is_told_what_it_lacks() {
        let Recognition::Unknown { seen, nearest, missing } = recognise(&csv("Received,SenderAddress,Subject")) else {
            panic!("three columns are no message trace");
        };
        assert_eq!(seen, "Received, SenderAddress, Subject");
        assert_eq!(nearest, Some("get_message_trace"));
        assert_eq!(missing, ["RecipientAddress", "Status"]);
    }

    #[test]
    fn an_unknown_object_is_told_what_it_lacks() {
        let object = r#"{"createdDateTime":"x","userPrincipalName":"y","appDisplayName":"z"}"#;
        let Recognition::Unknown { seen, nearest, missing } = recognise(&json(object)) else {
            panic!("three keys are no sign-in");
        };
        assert_eq!(seen, "createdDateTime, userPrincipalName, appDisplayName");
        assert_eq!(nearest, Some("entra_sign_ins_json"));
        assert_eq!(missing, ["id", "ipAddress", "status"]);
    }

    #[test]
    fn what_an_unknown_file_holds_is_shortened() {
        let Recognition::Unknown { seen, nearest, .. } = recognise(&csv(&"a\u{1b}b,".repeat(500))) else {
            panic!("no export has such columns");
        };
        assert_eq!(seen.chars().count(), 201);
        assert!(!seen.contains('\u{1b}'));
        assert_eq!(nearest, None);
    }

    #[test]
    fn names_are_distinct() {
        for (i, format) in FORMATS.iter().enumerate() {
            assert!(FORMATS.iter().skip(i + 1).all(|other| other.name != format.name));
        }
    }
}
