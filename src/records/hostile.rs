//! Every reader against rows that no export would write.

use proptest::prelude::*;

use super::testing::{csv_reader, json_reader, read_csv, read_json};

const HEADERS: [&str; 23] = [
    "CreationDate,UserIds,Operations,AuditData",
    "RecordId,CreationDate,RecordType,Operation,UserId,AuditData",
    "Received,SenderAddress,RecipientAddress,Subject,Status",
    "date_time_utc,event_id,source,message_id,recipient_address,recipient_status,message_subject,custom_data",
    "Timestamp,NetworkMessageId,SenderMailFromAddress,RecipientEmailAddress,ThreatTypes,ConfidenceLevel",
    "origin_timestamp_utc,sender_address,recipient_status,message_subject,connector_id",
    "date-time,event-id,source,message-id,recipient-address,custom-data",
    "Date,MessageTraceId,Event,Action,Detail,Data",
    "Timestamp,NetworkMessageId,ActionType,ActionResult,RecipientEmailAddress,ThreatTypes",
    "Email date (UTC),Recipients,Sender address,Delivery action,Threats",
    "Date (UTC),Sender,Recipient,Subject,Status",
    "Name,SenderIPAddresses,ConnectorType,WhenCreatedUTC",
    "DomainName,DomainType,WhenCreated",
    "ConnectorId,Reason,CreatedDatetime",
    "id,createdDateTime,auditLogRecordType,operation,userPrincipalName,auditData",
    "CreationTime,Id,Operation,RecordType,Parameters,ModifiedProperties",
    "TimeGenerated [UTC],Operation,UserId,Parameters,OfficeId",
    "Timestamp,ActionType,AccountId,RawEventData",
    "@timestamp,event.action,o365.audit.Parameters.Name,o365.audit.ModifiedProperties.A.NewValue",
    "Date (UTC),Request ID,Username,IP address,Location,Status,Sign-in error code",
    "Alert name,Severity,Status,First activity,Impacted assets",
    "Name,State,Mode,RuleErrorAction,BlindCopyTo,WhenChanged",
    "Name,ConnectorType,UseMXRecord,SmartHosts,WhenCreated",
];

const OBJECTS: [&str; 15] = [
    r#"{"CreationTime":"2026-04-04T00:55:00","Operation":"x"}"#,
    r#"{"Received":"2026-04-04T00:55:00","SenderAddress":"a@x","RecipientAddress":"b@y","Status":"Delivered"}"#,
    r#"{"receivedDateTime":"2026-04-04T00:55:00Z","senderAddress":"a@x","recipientAddress":"b@y","id":"x"}"#,
    r#"{"dateTime":"2026-04-04T00:55:00Z","event":"Receive","action":"","description":"","data":""}"#,
    r#"{"Timestamp":"2026-04-04T00:55:00Z","NetworkMessageId":"x","RecipientEmailAddress":"b@y","DeliveryAction":"Delivered"}"#,
    r#"{"category":"AdvancedHunting-EmailEvents","properties":{}}"#,
    r#"{"Name":"x","SenderIPAddresses":[]}"#,
    r#"{"DomainName":"x","DomainType":"y"}"#,
    r#"{"ConnectorId":"x","Reason":"y"}"#,
    r#"{"id":"x","createdDateTime":"y","auditLogRecordType":"z","operation":"x","auditData":{}}"#,
    r#"{"TimeGenerated":"x","Operation":"y","OfficeId":"z"}"#,
    r#"{"Timestamp":"x","ActionType":"y","RawEventData":{}}"#,
    r#"{"@timestamp":"x","event":{},"o365":{}}"#,
    r#"{"createdDateTime":"x","userPrincipalName":"y","ipAddress":"z","status":{},"isInteractive":true}"#,
    r#"{"id":"x","title":"y","severity":"high","createdDateTime":"z"}"#,
];

/// Text that comes near to what a column may hold.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,30}",
        Just("2026-04-04T00:55:00Z".to_owned()),
        Just("New-InboundConnector".to_owned()),
        Just("UserLoggedIn".to_owned()),
        Just("AlertTriggered".to_owned()),
        r#"\{("[A-Za-z]{0,9}":[\[{"0-9a,:}\]]{0,9},?){0,4}\}?"#,
        r#"(<root>)?(<MEP Name="(ClientIP|CustomData|SCL)" (String|Blob)="[a-z0-9:;=&#.]{0,9}"?/?>?){0,3}"#,
        r#"([a-z;#"<]{0,5}@x.com##(Receive|Fail|, |;){0,4}){0,3}"#,
        r#"([0-9]{1,2}[/.-]){2}[0-9]{2,4} [0-9]{1,2}[:.][0-9]{2}( [AaPp]\.?[Mm])?"#,
        r#"(S:)?(InboundConnectorData=Name=|SFV=|CIP=|[;|=]){0,6}.{0,10}"#,
        r#"([0-9]{3} 5\.[0-9.;]{0,9}|[<>@;" a]{0,9}){0,3}"#,
    ]
}

/// An object of any of the formats' keys with any values; often broken.
fn json() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        Just("Operation"),
        Just("CreationTime"),
        Just("AuditData"),
        Just("Parameters"),
        Just("ModifiedProperties"),
        Just("Data"),
        Just("AlertId"),
        Just("Received"),
        Just("receivedDateTime"),
        Just("dateTime"),
        Just("Timestamp"),
        Just("RecipientEmailAddress"),
        Just("MessageTraceId"),
        Just("category"),
        Just("properties"),
        Just("Name"),
        Just("SenderIPAddresses"),
        Just("DomainName"),
        Just("ConnectorId"),
        Just("auditData"),
        Just("TimeGenerated"),
        Just("RawEventData"),
        Just("ActionType"),
        Just("Timestamp"),
        Just("@timestamp"),
        Just("o365"),
        Just("event"),
        Just("properties"),
        Just("createdDateTime"),
        Just("userPrincipalName"),
        Just("status"),
        Just("title"),
    ];
    let value = prop_oneof![
        Just(r#""2026-04-04T00:55:00""#.to_owned()),
        Just(r#""New-InboundConnector""#.to_owned()),
        Just(r#""AdvancedHunting-EmailPostDeliveryEvents""#.to_owned()),
        Just(r#"{"Timestamp":"2026-04-04T00:55:00Z","NetworkMessageId":["x"],"RecipientEmailAddress":7}"#.to_owned()),
        Just(r#""AlertTriggered""#.to_owned()),
        Just(r#""-Identity (\"a\",'b') -X:$true ""#.to_owned()),
        Just(r#""[{\"Name\":\"a\",\"Value\":[1,null]}]""#.to_owned()),
        Just(r#"{"value":{"value":[{"Name":"a","OldValue":1}]}}"#.to_owned()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        ".{0,8}",
    ];
    let fields = prop::collection::vec((key, value), 0..8);
    (fields, any::<bool>()).prop_map(|(fields, whole)| {
        let fields: Vec<_> = fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}{}", fields.join(","), if whole { "}" } else { "" })
    })
}

proptest! {
    // Reading asserts that a rejected row hands on nothing and that every other hands on something.
    #[test]
    fn no_csv_row_makes_a_reader_panic(cells in prop::collection::vec(cell(), 0..10), damaged: bool) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        for header in HEADERS {
            read_csv(&*csv_reader(header), &cells, damaged);
        }
    }

    #[test]
    fn no_object_makes_a_reader_panic(text in json()) {
        for object in OBJECTS {
            read_json(&*json_reader(object), &text);
        }
    }
}
