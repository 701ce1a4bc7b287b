use test_case::test_case;

use super::codes;
use crate::evidence::{Fate, Reason};
use crate::records::testing::{csv_reader, read_csv, traces_by_name};
use crate::records::trace::is_tenant_connector;
use crate::records::{ConnectorType, FilterVerdict, Kind, SmtpCode, Status, TraceRow};

const HEADER: &str = "date_time_utc,client_ip,client_hostname,server_ip,server_hostname,source_context,connector_id,source,event_id,internal_message_id,message_id,network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,related_recipient_address,reference,message_subject,sender_address,return_path,message_info,directionality,tenant_id,original_client_ip,original_server_ip,custom_data";
const ID: &str = "81945af2-cab7-45ad-ba23-08d8ede2715d";

/// A row with some columns filled, by name.
fn read(filled: &[(&str, &str)]) -> (Fate, Vec<TraceRow<'static>>) {
    let defaults = [
        ("date_time_utc", "2026-04-04T00:56:10.6050000Z"),
        ("network_message_id", ID),
        ("message_id", "<a@b>"),
    ];
    traces_by_name(HEADER, &[&defaults[..], filled].concat())
}

fn one(filled: &[(&str, &str)]) -> TraceRow<'static> {
    read(filled).1.into_iter().next().expect("a row")
}

#[test]
fn a_receive_event_is_read_field_by_field() {
    assert_eq!(csv_reader(HEADER).kind(), Kind::MessageTrace);
    let row = one(&[
        ("client_ip", "40.107.1.1"),
        ("source", "SMTP"),
        ("event_id", "RECEIVE"),
        ("connector_id", "SRV01\\Default SRV01"),
        ("recipient_address", "bob@contoso.com;\"x;y\"@contoso.com"),
        ("message_subject", "You have won, \"Bob\""),
        ("sender_address", "prize@brand.example"),
        ("return_path", "<news@fabrikam.com>"),
        ("original_client_ip", "91.219.236.10"),
        (
            "custom_data",
            "S:Oorg=fabrikam.com;S:InboundConnectorData=Name=Inbound; HQ=1;ConnectorType=OnPremises;S:FromEntity=Internet",
        ),
    ]);
    assert_eq!(row.time.to_string(), "2026-04-04T00:56:10.605Z");
    assert_eq!(
        (row.network_message_id.as_ref(), row.message_id.as_ref()),
        (ID, "<a@b>")
    );
    assert_eq!(row.recipients[..], ["bob@contoso.com", "\"x;y\"@contoso.com"]);
    assert_eq!(
        (row.p1.as_deref(), row.p2.as_deref()),
        (Some("news@fabrikam.com"), Some("prize@brand.example"))
    );
    assert_eq!(row.sender, None);
    assert_eq!(row.source, "91.219.236.10".parse().ok());
    assert_eq!(
        (row.connector.as_deref(), row.connector_type),
        (Some("Inbound; HQ=1"), Some(ConnectorType::OnPremises))
    );
    assert_eq!(
        (row.status, row.verdict, row.code),
        (Status::Unknown, FilterVerdict::None, SmtpCode::None)
    );
    assert_eq!(
        (row.subject.as_ref(), row.event.as_ref()),
        ("You have won, \"Bob\"", "RECEIVE SMTP")
    );
    assert_eq!((row.rank, row.submitted_by_user, row.complete), (7, None, true));
}

#[test]
fn an_agents_entry_speaks_of_the_message_alone() {
    let row = one(&[
        ("source", "AGENT"),
        ("event_id", "AGENTINFO"),
        ("custom_data", "S:SFA=SUM|SFV=SPM|SCL=9|DI=SQ|CIP=91.219.236.10"),
    ]);
    assert!(row.recipients.is_empty());
    assert_eq!((row.verdict, row.status), (FilterVerdict::Spam, Status::Quarantined));
    assert_eq!(row.source, "91.219.236.10".parse().ok());
    assert_eq!((row.rank, row.p1), (1, None));
}

#[test]
fn the_null_sender_is_kept_apart_from_none() {
    let row = one(&[("event_id", "RECEIVE"), ("return_path", "<>"), ("sender_address", "")]);
    assert_eq!((row.p1.as_deref(), row.p2.as_deref()), (Some(""), None));
}

#[test_case(&[("original_client_ip", "192.168.1.251"), ("custom_data", "S:SFA=SUM|CIP=91.219.236.10")], "91.219.236.10"; "a public address before a private one")]
#[test_case(&[("original_client_ip", "2603:10b6::1"), ("custom_data", "S:SFA=SUM|CIP=10.0.0.5")], "10.0.0.5"; "a private one before a hop of the service")]
#[test_case(&[("original_client_ip", "81.2.69.160"), ("custom_data", "S:SFA=SUM|CIP=91.219.236.10")], "81.2.69.160"; "the original client before CIP")]
#[test_case(&[("event_id", "RECEIVE"), ("client_ip", "91.219.236.10")], "91.219.236.10"; "the client of the receiving hop")]
#[test_case(&[("event_id", "SEND"), ("client_ip", "91.219.236.10")], ""; "no client of another hop")]
#[test_case(&[("event_id", "RECEIVE"), ("client_ip", "2603:10b6::1")], ""; "no hop within the service")]
fn the_connecting_host_is_the_best_there_is(filled: &[(&str, &str)], expected: &str) {
    assert_eq!(one(filled).source, expected.parse().ok());
}

#[test_case("Inbound from HQ", true)]
#[test_case("To_DefaultOpportunisticTLS", false)]
#[test_case("SRV01\\Default Frontend SRV01", false)]
#[test_case("Intra-Organization SMTP Send Connector", false)]
#[test_case("", false; "none")]
fn a_hops_connector_may_be_the_services_own(name: &str, expected: bool) {
    assert_eq!(is_tenant_connector(name), expected);
    let received = [("event_id", "RECEIVE"), ("source", "SMTP"), ("connector_id", name)];
    assert_eq!(one(&received).connector.is_some(), expected);
    let sent = [("event_id", "SEND"), ("source", "SMTP"), ("connector_id", name)];
    assert_eq!(one(&sent).connector, None);
}

#[test_case("DELIVER", Status::Delivered)]
#[test_case("send", Status::Delivered)]
#[test_case("FAIL", Status::Failed)]
#[test_case("EXPAND", Status::Expanded)]
#[test_case("DEFER", Status::Pending)]
#[test_case("TRANSFER", Status::Unknown)]
fn an_event_is_a_status(event: &str, expected: Status) {
    assert_eq!(one(&[("event_id", event)]).status, expected);
}

#[test]
fn what_a_mailbox_submitted_is_said_to_be_so() {
    assert_eq!(
        one(&[("event_id", "SUBMIT"), ("source", "STOREDRIVER")]).submitted_by_user,
        Some(true)
    );
    assert_eq!(
        one(&[("event_id", "DELIVER"), ("source", "STOREDRIVER")]).submitted_by_user,
        None
    );
}

#[test]
fn recipients_that_fared_differently_are_told_apart_within_one_record() {
    let (fate, rows) = read(&[
        ("event_id", "FAIL"),
        ("recipient_address", "a@x.com;b@x.com"),
        (
            "recipient_status",
            "550 5.1.10 RESOLVER.ADR; not found;550 5.7.711 Access denied, bad inbound connector",
        ),
    ]);
    assert_eq!(fate, Fate::Accepted);
    assert_eq!(rows.len(), 1, "a row is one record, or it would be counted twice");
    assert_eq!(rows[0].recipients[..], ["a@x.com", "b@x.com"]);
    assert_eq!(
        rows[0].codes,
        [SmtpCode::NoSuchRecipient, SmtpCode::BadInboundConnector]
    );
}

#[test]
fn recipients_that_fared_alike_stay_together() {
    let row = one(&[
        ("event_id", "FAIL"),
        ("recipient_address", "a@x.com;b@x.com"),
        ("recipient_status", "550 5.7.705 x;550 5.7.705 y"),
    ]);
    assert_eq!((row.recipients.len(), row.code), (2, SmtpCode::TenantThreshold));
}

#[test]
fn a_failure_without_a_status_is_told_by_its_context() {
    let context = [
        ("event_id", "FAIL"),
        ("source_context", "550 5.7.64 TenantAttribution; Relay Access Denied"),
    ];
    assert_eq!(one(&context).code, SmtpCode::RelayDenied);
}

#[test]
fn statuses_that_match_no_number_of_recipients_say_only_what_concerns_all() {
    assert_eq!(codes("550 5.1.1 a;550 5.7.750 b", 3), [SmtpCode::UnregisteredDomain]);
    assert_eq!(codes("550 5.1.1 a;250 2.1.5 b", 3), [SmtpCode::None]);
    assert_eq!(codes("550 4.4.7 QUEUE.Expired;<text>", 1), [SmtpCode::None]);
}

#[test]
fn broken_rows_are_rejected_or_degraded() {
    assert_eq!(
        read(&[("date_time_utc", "date_time_utc")]).0,
        Fate::Rejected(Reason::NoTime)
    );
    assert_eq!(
        read(&[("network_message_id", ""), ("message_id", ""), ("event_id", "RECEIVE")]).0,
        Fate::Rejected(Reason::NothingToPlace)
    );
    let short: Vec<&str> = vec![
        "2026-04-04T00:56:10Z",
        "",
        "",
        "",
        "",
        "",
        "",
        "SMTP",
        "RECEIVE",
        "1",
        "<a@b>",
    ];
    assert_eq!(
        read_csv(&*csv_reader(HEADER), &short, false).0,
        Fate::Degraded(Reason::CellCount)
    );
}
