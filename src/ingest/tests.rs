//! Whole folders, written down and read as a run reads them.

use std::fmt::Write as _;
use std::path::Path;

use rayon::prelude::*;

use super::{Evidence, Options, ingest};
use crate::digest::Flags;
use crate::evidence::Reason;
use crate::records::{Dating, SmtpCode};

const EXTENDED: &str = "date_time_utc,client_ip,client_hostname,server_ip,server_hostname,source_context,connector_id,source,event_id,internal_message_id,message_id,network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,related_recipient_address,reference,message_subject,sender_address,return_path,message_info,directionality,tenant_id,original_client_ip,original_server_ip,custom_data";

/// A folder of files, read.
fn read(files: &[(&str, String)]) -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    ingest(&[Path::new(folder.path()).to_path_buf()], &Options::default()).unwrap()
}

/// Three rows, each of which says of three recipients what became of them.
fn failed() -> String {
    let mut text = format!("{EXTENDED}\n");
    for i in 0..3 {
        writeln!(text, "2026-03-0{}T10:00:00Z,,,,,,,ROUTING,FAIL,,<m{i}@x>,0000000{i}-0000-0000-0000-000000000000,a@x.example;b@y.example;c@z.example,550 5.1.1 no;250 2.1.5 ok;550 5.7.711 bad,,,,,,s@contoso.com,s@contoso.com,,,,,,", i + 1).unwrap();
    }
    text
}

#[test]
fn a_row_of_several_recipients_is_one_row_and_one_duplicate() {
    let evidence = read(&[("a.csv", failed()), ("b.csv", failed())]);
    let told: Vec<_> = evidence
        .exhibits()
        .iter()
        .map(|e| (e.records, e.accepted, e.degraded, e.duplicates, e.rejected))
        .collect();
    assert_eq!(told, [(3, 3, 0, 0, 0), (3, 0, 0, 3, 0)]);
    let why = &evidence.coverage.message_trace.why;
    assert!(why.starts_with("3 records from "), "{why}");
    let mut codes: Vec<_> = evidence.digest.facts.iter().map(|f| f.code()).collect();
    codes.sort();
    assert_eq!(
        codes,
        [
            [SmtpCode::None; 3],
            [SmtpCode::NoSuchRecipient; 3],
            [SmtpCode::BadInboundConnector; 3]
        ]
        .concat()
    );
}

const AUDIT: &str = "\"CreationDate\",\"UserIds\",\"Operations\",\"AuditData\"\r\n";

#[test]
fn many_files_at_once_give_what_each_gives_alone_even_within_the_pool() {
    let folder = tempfile::tempdir().unwrap();
    // Row n of file f is an operation of its own; every file also repeats the first row of file 0.
    let row = |f: u32, n: u32| {
        let id = format!("{f:08x}-0000-4000-8000-{n:012x}");
        let time = format!("2026-03-{:02}T0{f}:00:00", n + 1);
        let json = format!(
            "{{\"\"CreationTime\"\":\"\"{time}\"\",\"\"Id\"\":\"\"{id}\"\",\"\"Operation\"\":\"\"Op{n}\"\",\"\"RecordType\"\":2}}"
        );
        format!("\"{time}\",\"a@b.example\",\"Op{n}\",\"{json}\"\r\n")
    };
    for f in 0..9 {
        let rows: String = (0..=f).map(|n| row(f, n)).chain([row(0, 0)]).collect();
        std::fs::write(folder.path().join(format!("{f}.csv")), format!("{AUDIT}{rows}")).unwrap();
    }
    let counts = |evidence: Evidence| -> Vec<(u64, u64)> {
        evidence.exhibits().iter().map(|e| (e.records, e.duplicates)).collect()
    };
    let read = || counts(ingest(&[folder.path().to_owned()], &Options::default()).unwrap());
    let expected: Vec<(u64, u64)> = (0..9).map(|f| (f + 2, 1)).collect();
    assert_eq!(read(), expected);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let within: Vec<_> = pool.install(|| (0..4).into_par_iter().map(|_| read()).collect());
    assert!(within.iter().all(|counts| *counts == expected));
}

const V1: &str = "MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,FromIP,MessageTraceId\n";

/// Rows of Get-MessageTrace at these times.
fn received(times: &[&str]) -> String {
    let mut text = V1.to_owned();
    for (i, time) in times.iter().enumerate() {
        writeln!(
            text,
            "<{i}@x>,{time},a@contoso.com,b@y.example,s,Delivered,81.2.69.160,0000{i:04}-0000-0000-0000-000000000000"
        )
        .unwrap();
    }
    text
}

fn read_with(files: &[(&str, String)], dating: Dating) -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let options = Options {
        dating,
        ..Options::default()
    };
    ingest(&[Path::new(folder.path()).to_path_buf()], &options).unwrap()
}

#[test]
fn a_row_behind_the_sample_turns_the_dates_of_the_whole_file() {
    let mut times = vec!["03/12/2025 10:00:00"; 40];
    times.push("25/12/2025 10:00:00");
    let evidence = read(&[("a.csv", received(&times))]);
    let exhibit = &evidence.exhibits()[0];
    assert_eq!(exhibit.first_time.as_deref(), Some("2025-12-03T10:00:00Z"));
    assert_eq!(exhibit.time_note.as_deref(), Some("day-first dates, settled by 1 row"));
    assert_eq!(
        (exhibit.accepted, exhibit.degraded, exhibit.warning.as_deref()),
        (41, 0, None)
    );
    assert_eq!(
        evidence.digest.facts.len(),
        41,
        "the first reading leaves nothing behind"
    );
}

#[test]
fn dates_that_nothing_settles_degrade_their_rows_until_the_analyst_decides() {
    let text = received(&["03/12/2025 10:00:00", "2025-12-04T10:00:00Z", "03/12/2025 10:00:00"]);
    let unsettled = read(&[("a.csv", text.clone()), ("b.csv", text.clone())]);
    let told: Vec<_> = unsettled
        .exhibits()
        .iter()
        .map(|e| (e.records, e.accepted, e.degraded, e.duplicates, e.rejected))
        .collect();
    assert_eq!(told, [(3, 1, 2, 0, 0), (3, 0, 0, 3, 0)]);
    let exhibit = &unsettled.exhibits()[0];
    assert_eq!(exhibit.first_time.as_deref(), Some("2025-03-12T10:00:00Z"));
    assert!(
        exhibit
            .warning
            .as_deref()
            .is_some_and(|w| w.contains("--date-order dmy"))
    );
    let order = Some(crate::records::date::DateOrder::DayFirst);
    let decided = read_with(&[("a.csv", text)], Dating { order, zone: None });
    let exhibit = &decided.exhibits()[0];
    assert_eq!(
        (exhibit.accepted, exhibit.degraded, exhibit.warning.as_deref()),
        (3, 0, None)
    );
    assert_eq!(exhibit.first_time.as_deref(), Some("2025-12-03T10:00:00Z"));
}

#[test]
fn a_trace_out_of_a_spreadsheet_is_dated_as_far_as_its_cells_hold_dates() {
    // 46022.5 is 2025-12-31 at noon; of minutes and seconds nobody knows the day.
    let evidence = read(&[("a.csv", received(&["46022.5", "46022.75", "12:34.5", "########"]))]);
    let exhibit = &evidence.exhibits()[0];
    assert_eq!(
        (exhibit.records, exhibit.accepted, exhibit.rejected),
        (4, 2, 2),
        "{exhibit:?}"
    );
    assert_eq!(exhibit.first_time.as_deref(), Some("2025-12-31T12:00:00Z"));
    assert_eq!(exhibit.last_time.as_deref(), Some("2025-12-31T18:00:00Z"));
    let told = exhibit.time_note.as_deref().unwrap_or_default();
    assert!(
        told.starts_with("2 rows have a date as a spreadsheet's serial number") && told.contains("; 2 rows have what"),
        "{told}"
    );
    assert!(
        exhibit
            .warning
            .as_deref()
            .is_some_and(|w| w.starts_with("2 rows have what a spreadsheet showed"))
    );
    let reasons: Vec<_> = evidence.ledger.iter().map(|e| (e.origin.record, e.reason)).collect();
    assert_eq!(reasons, [(3, Reason::DateLost), (4, Reason::DateLost)]);
}

#[test]
fn an_audit_row_whose_date_a_spreadsheet_lost_is_dated_by_its_audit_data() {
    let row = |time: &str, json: &str| {
        format!(
            "{time},a@b.example,Set-InboundConnector,\"{}\"\r\n",
            json.replace('"', "\"\"")
        )
    };
    let whole = r#"{"CreationTime":"2026-03-02T07:00:01","Id":"00000001-0000-4000-8000-000000000000","Operation":"Set-InboundConnector","RecordType":1}"#;
    let text = format!("{AUDIT}{}{}", row("00:01.0", whole), row("00:02.0", ""));
    let evidence = read(&[("a.csv", text)]);
    let exhibit = &evidence.exhibits()[0];
    assert_eq!((exhibit.accepted, exhibit.rejected), (1, 1), "{exhibit:?}");
    assert_eq!(exhibit.first_time.as_deref(), Some("2026-03-02T07:00:01Z"));
    assert!(
        exhibit
            .time_note
            .as_deref()
            .is_some_and(|n| n.contains("dated by AuditData, an object of the configuration stands without a date"))
    );
    assert_eq!(evidence.ledger[0].reason, Reason::DateLost);
}

#[test]
fn rows_without_a_network_message_id_join_the_one_message_that_bears_theirs() {
    let screen = "Date (UTC),Sender,Recipient,Subject,Status,Message ID\n\
        2025-12-04 10:00:00,a@contoso.com,b@y.example,s,Quarantined,<0@x>\n\
        2025-12-04 10:00:00,a@contoso.com,b@y.example,s,Delivered,<twice@x>\n\
        2025-12-04 10:00:00,a@contoso.com,b@y.example,s,Delivered,\n";
    let mut trace = received(&["2025-12-04T10:00:00Z"]);
    for i in 1..3 {
        writeln!(
            trace,
            "<twice@x>,2025-12-04T10:00:00Z,a@contoso.com,b@y.example,s,Delivered,,0000000{i}-1111-0000-0000-000000000000"
        )
        .unwrap();
    }
    let evidence = read(&[("screen.csv", screen.to_owned()), ("trace.csv", trace)]);
    let unmatched = evidence.digest.facts.iter().filter(|f| f.flags.has(Flags::UNMATCHED));
    assert_eq!((unmatched.count(), evidence.digest.facts.len()), (2, 5));
    let spam = evidence.digest.facts.iter().filter(|f| f.is_spam());
    assert_eq!(spam.map(|f| f.flags.has(Flags::UNMATCHED)).collect::<Vec<_>>(), [false]);
    let notes = &evidence.exhibits()[0].notes;
    assert!(
        notes[0].starts_with("3 rows name no network message id") && notes[0].contains("; 2 messages"),
        "{notes:?}"
    );
}

/// A row of an audit export with the columns in the order of `columns`.
fn audit_row(n: u32, columns: [&str; 4]) -> String {
    let json = format!(
        "{{\"\"CreationTime\"\":\"\"2026-03-02T07:00:{n:02}\"\",\"\"Id\"\":\"\"{n:08x}-0000-4000-8000-000000000000\"\",\"\"Operation\"\":\"\"Set-InboundConnector\"\",\"\"RecordType\"\":1}}"
    );
    let cell = |column: &str| match column {
        "CreationDate" => format!("2026-03-02T07:00:{n:02}"),
        "UserIds" => "a@b.example".to_owned(),
        "Operations" => "Set-InboundConnector".to_owned(),
        _ => json.clone(),
    };
    columns.map(|c| format!("\"{}\"", cell(c))).join(",") + "\r\n"
}

fn audit_file(rows: std::ops::Range<u32>, columns: [&str; 4]) -> String {
    let header = columns.map(|c| format!("\"{c}\"")).join(",") + "\r\n";
    header + &rows.map(|n| audit_row(n, columns)).collect::<String>()
}

const ORDER: [&str; 4] = ["CreationDate", "UserIds", "Operations", "AuditData"];
const OTHER_ORDER: [&str; 4] = ["AuditData", "Operations", "CreationDate", "UserIds"];

#[test]
fn a_header_in_another_order_midway_is_obeyed_from_there_on() {
    let text = audit_file(0..3, ORDER) + &audit_file(3..8, OTHER_ORDER) + &audit_file(8..9, ORDER);
    let evidence = read(&[("a.csv", text.clone())]);
    let exhibit = &evidence.exhibits()[0];
    assert_eq!((exhibit.records, exhibit.accepted, exhibit.rejected), (9, 9, 0));
    assert_eq!(exhibit.last_time.as_deref(), Some("2026-03-02T07:00:08Z"));
    assert!(
        exhibit.notes.iter().any(|n| n.contains("2 more headers")),
        "{:?}",
        exhibit.notes
    );
    let records: Vec<u32> = evidence.digest.events.iter().map(|e| e.origin.record).collect();
    assert_eq!(records, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let fifth = &evidence.digest.events[4];
    let row = &text[usize::try_from(fifth.origin.offset).unwrap()..];
    assert!(row.starts_with(&audit_row(4, OTHER_ORDER)));
}

#[test]
fn the_same_header_midway_is_no_part_and_no_record() {
    let text = audit_file(0..3, ORDER) + &audit_file(3..5, ORDER);
    let exhibit = read(&[("a.csv", text)]).exhibits()[0].clone();
    assert_eq!((exhibit.records, exhibit.accepted, exhibit.notes), (5, 5, vec![]));
}

#[test]
fn an_export_of_another_kind_midway_is_in_the_ledger_row_by_row() {
    let evidence = read(&[("a.csv", audit_file(0..3, ORDER) + &failed())]);
    let exhibit = &evidence.exhibits()[0];
    assert_eq!((exhibit.records, exhibit.accepted, exhibit.rejected), (6, 3, 3));
    assert_eq!(evidence.ledger.len(), 3);
    assert!(
        exhibit.notes.iter().any(|n| n.contains("another export")),
        "{:?}",
        exhibit.notes
    );
}

#[test]
fn a_file_in_the_code_page_of_windows_is_told_as_such_wherever_it_shows() {
    let subject = |word: &[u8]| {
        [
            b"2026-03-02T10:00:00Z,,,,,,,SMTP,RECEIVE,,<m@x>,00000001-0000-0000-0000-000000000000,a@x.example,,,,,,",
            word,
            b",s@contoso.com,s@contoso.com,,,,,,\n",
        ]
        .concat()
    };
    let plain: Vec<u8> = (0..4_000).flat_map(|_| subject(b"x")).collect();
    let header = format!("{EXTENDED}\n").into_bytes();
    let early = [header.clone(), subject(b"B\xFCro"), plain.clone()].concat();
    let late = [header.clone(), plain.clone(), subject(b"B\xFCro")].concat();
    let utf_8 = [header, plain, subject("Büro".as_bytes())].concat();
    for (bytes, encoding) in [(early, "windows-1252"), (late, "windows-1252"), (utf_8, "utf-8")] {
        assert!(bytes.len() > 512 << 10, "beyond what is looked at to begin with");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("t.csv"), bytes).unwrap();
        let evidence = ingest(&[folder.path().to_owned()], &Options::default()).unwrap();
        let exhibit = &evidence.exhibits()[0];
        assert_eq!(exhibit.encoding, encoding);
        assert_eq!(
            exhibit.notes.iter().any(|n| n.contains("Windows-1252")),
            encoding != "utf-8"
        );
        assert_eq!((exhibit.records, exhibit.rejected), (4_001, 0));
    }
}

#[test]
fn a_run_with_hardly_any_memory_reads_the_same() {
    let mut trace = format!("{EXTENDED}\n");
    for i in 0..3_000 {
        let (event, message, host) = (["RECEIVE", "SEND", "DELIVER"][i % 3], i * 7919 % 1_100, i % 200);
        writeln!(trace, "2026-03-02T10:{:02}:00Z,203.0.113.{host},,,,,,SMTP,{event},,<m{message}@x>,{message:08x}-0000-0000-0000-000000000000,a{}@x.example,,,,,,,s@d{}.example,s@contoso.com,,,,,,", i % 60, i % 5, i % 70).unwrap();
    }
    let audit = audit_file(0..60, ORDER);
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("t1.csv", &trace),
        ("t2.csv", &trace),
        ("a1.csv", &audit),
        ("a2.csv", &audit),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let temp = tempfile::tempdir().unwrap();
    let read = |memory| {
        let options = Options {
            memory,
            temp: Some(temp.path()),
            ..Options::default()
        };
        let evidence = ingest(&[folder.path().to_owned()], &options).unwrap();
        let facts: Vec<_> = evidence.digest.facts.iter().copied().collect();
        let counts: Vec<_> = evidence.exhibits().iter().map(|e| (e.accepted, e.duplicates)).collect();
        (facts, counts, format!("{:?}", evidence.coverage))
    };
    let (held, spilled) = (read(None), read(Some(2_000)));
    assert!(held == spilled);
    assert_eq!(held.1.iter().map(|(accepted, _)| accepted).sum::<u64>(), 3_060);
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0, "nothing has a name");
}

#[test]
fn a_place_that_takes_nothing_ends_a_run_that_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), audit_file(0..500, ORDER)).unwrap();
    let gone = folder.path().join("gone");
    let read = |memory| {
        let options = Options {
            memory: Some(memory),
            temp: Some(&gone),
            ..Options::default()
        };
        ingest(&[folder.path().join("a.csv")], &options)
    };
    assert!(read(1 << 20).is_ok(), "nothing is written where there is room");
    let Err(error) = read(0) else {
        panic!("there was no room")
    };
    assert_eq!(error.exit_code(), 1);
    assert!(error.to_string().contains("gone"), "{error}");
}

#[test]
fn lines_of_delimiters_below_a_table_are_counted_and_no_gap() {
    let blank = ",".repeat(EXTENDED.matches(',').count()) + "\n";
    let shorter = ",,,\n";
    let evidence = read(&[("a.csv", failed() + &blank.repeat(4) + &shorter.repeat(3))]);
    let [e] = evidence.exhibits().try_into().unwrap();
    assert_eq!((e.records, e.accepted, e.degraded, e.rejected), (10, 3, 0, 7));
    assert!(evidence.ledger.iter().all(|e| e.reason == Reason::Empty));
    let coverage = &evidence.coverage.message_trace;
    assert!(coverage.why.starts_with("3 records from "), "{}", coverage.why);
    assert!(coverage.gaps.iter().all(|g| !g.reason.contains("could not be read")));
}

#[test]
fn one_object_that_breaks_off_is_an_export_with_a_lost_row() {
    let connector = r#"{"Name":"Inbound from HQ","ConnectorType":"OnPremises","SenderIPAddresses":["192.0.2.1"],"TlsSenderCertificateName":null,"CloudServicesMailEnabled":true,"Comm"#;
    let evidence = read(&[("c.json", connector.to_owned())]);
    let [e] = evidence.exhibits().try_into().unwrap();
    assert_eq!((e.kind.as_str(), e.records, e.rejected), ("inbound_connectors", 1, 1));
    let gap = &evidence.coverage.inbound_connectors.gaps[0];
    assert_eq!(gap.reason, "1 of 1 rows of c.json could not be read");
}

#[test]
fn a_snapshot_put_behind_itself_holds_no_object_twice() {
    let domains =
        "DomainName,DomainType,Default\r\ncontoso.com,Authoritative,True\r\nfabrikam.com,Authoritative,False\r\n";
    let blocked = r#"[{"ConnectorId":"c9d2d808-0efe-48cb-eaec-08da3028eb80","Reason":"x","CreatedDatetime":"2026-03-02T07:00:00Z"}]"#;
    let evidence = read(&[
        ("a.csv", domains.repeat(2)),
        ("b.json", format!("{blocked}\n{blocked}")),
        ("c.csv", domains.to_owned()),
    ]);
    let told: Vec<_> = evidence
        .exhibits()
        .iter()
        .map(|e| (e.records, e.accepted, e.degraded, e.duplicates, e.rejected))
        .collect();
    // A header that comes again is no row.
    assert_eq!(told, [(4, 2, 0, 2, 0), (2, 1, 0, 1, 0), (2, 2, 0, 0, 0)]);
    assert_eq!(
        (evidence.digest.accepted_domains.len(), evidence.digest.blocked.len()),
        (4, 1)
    );
    assert_eq!(evidence.coverage.accepted_domains.why, "4 objects in 2 exports");
}

/// What is counted as a duplicate is what is left out, and the row that is kept is the whole one.
#[test]
fn of_two_copies_of_an_object_the_whole_one_is_kept() {
    let connectors = "Name,ConnectorType,SenderDomains,Enabled,Guid\r\n\
        In,Partner,smtp:*;1,True,00000001-0000-4000-8000-000000000000,extra\r\n\
        In,Partner,smtp:*;1,True,00000001-0000-4000-8000-000000000000\r\n";
    let evidence = read(&[("a.csv", connectors.to_owned())]);
    let e = &evidence.exhibits()[0];
    assert_eq!((e.records, e.accepted, e.degraded, e.duplicates), (2, 1, 0, 1));
    let kept: Vec<u32> = evidence.digest.connectors.iter().map(|c| c.origin.record).collect();
    assert_eq!(kept, [2]);
}

#[test]
fn objects_that_differ_in_any_property_are_two() {
    let domains =
        "DomainName,DomainType,Default\r\ncontoso.com,Authoritative,True\r\ncontoso.com,InternalRelay,True\r\n";
    let json = r#"[{"DomainName":"a.example","DomainType":"x","Name":"1"},{"Name":"1","DomainType":"x","DomainName":"a.example"},{"DomainName":"a.example","DomainType":"x","Name":"2"}]"#;
    let evidence = read(&[("a.csv", domains.to_owned()), ("b.json", json.to_owned())]);
    let told: Vec<_> = evidence.exhibits().iter().map(|e| (e.records, e.duplicates)).collect();
    assert_eq!(told, [(2, 0), (3, 1)], "properties in another order say the same");
    assert_eq!(evidence.digest.accepted_domains.len(), 4);
}

#[test]
fn an_object_whose_dates_a_spreadsheet_lost_stands_undated() {
    let connectors = "Name,ConnectorType,SenderDomains,Enabled,Guid,WhenCreated,WhenChanged\r\n\
        In,Partner,smtp:*;1,True,00000001-0000-4000-8000-000000000000,########,12:34.5\r\n";
    let evidence = read(&[("a.csv", connectors.to_owned())]);
    let e = &evidence.exhibits()[0];
    let note = e.time_note.as_deref().unwrap_or_default();
    assert!(
        note.contains("an object of the configuration stands without a date"),
        "{note}"
    );
    let dates: Vec<_> = evidence
        .digest
        .connectors
        .iter()
        .map(|c| (c.created, c.changed))
        .collect();
    assert_eq!((e.rejected, dates), (0, vec![(None, None)]));
}

#[test]
fn a_sign_in_log_without_a_row_that_could_be_read_is_there_and_unread() {
    let log = "Date (UTC),Request ID,Username,IP address,Status\r\n12:34.5,r1,a@b.example,81.2.69.160,Success\r\n07:08.0,r2,a@b.example,81.2.69.160,Success\r\n";
    let evidence = read(&[("a.csv", log.to_owned())]);
    let exhibit = &evidence.exhibits()[0];
    assert_eq!((exhibit.kind.as_str(), exhibit.rejected), ("sign_in_log", 2));
    let coverage = &evidence.coverage.sign_in_log;
    assert_eq!(
        (coverage.state, coverage.first),
        (crate::digest::coverage::Completeness::Partial, None)
    );
    assert_eq!(
        coverage.why,
        "no record of the sign-in log could be placed: 2 of 2 rows of a.csv could not be read"
    );
}
