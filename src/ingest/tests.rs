//! Whole folders, written down and read as a run reads them.

use std::fmt::Write as _;
use std::path::Path;

use rayon::prelude::*;

use super::{Evidence, ingest};
use crate::records::{Dating, SmtpCode};

const EXTENDED: &str = "date_time_utc,client_ip,client_hostname,server_ip,server_hostname,source_context,connector_id,source,event_id,internal_message_id,message_id,network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,related_recipient_address,reference,message_subject,sender_address,return_path,message_info,directionality,tenant_id,original_client_ip,original_server_ip,custom_data";

/// A folder of files, read.
fn read(files: &[(&str, String)]) -> Evidence {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    ingest(&[Path::new(folder.path()).to_path_buf()], None, Dating::default()).unwrap()
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
    let read = || counts(ingest(&[folder.path().to_owned()], None, Dating::default()).unwrap());
    let expected: Vec<(u64, u64)> = (0..9).map(|f| (f + 2, 1)).collect();
    assert_eq!(read(), expected);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let within: Vec<_> = pool.install(|| (0..4).into_par_iter().map(|_| read()).collect());
    assert!(within.iter().all(|counts| *counts == expected));
}
