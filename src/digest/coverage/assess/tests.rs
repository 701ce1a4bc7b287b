//! What families cover, judged by what was seen of their files.

use super::{FileSummary, assess};
use crate::digest::coverage::Completeness;
use crate::digest::{Digest, Observed};
use crate::records::{Kind, Time, Workload};

fn file(kind: Kind, format: &'static str, records: u64) -> FileSummary {
    FileSummary {
        path: "x.csv".into(),
        kind,
        format,
        shifted: 0,
        damage: None,
        records,
        duplicates: 0,
        rejected: 0,
    }
}

fn observed(rows: &[(Workload, &str)], hours: i64, result_count: Option<u32>) -> Observed {
    let mut o = Observed::default();
    (0..hours).for_each(|h| o.at(Time::default().plus_hours(h)));
    rows.iter().for_each(|(w, op)| o.audit(*w, op, result_count));
    o
}

fn digest(observed: Observed) -> Digest {
    Digest {
        observed: [(0, observed)].into(),
        ..Digest::default()
    }
}

#[test]
fn a_search_with_fewer_rows_than_it_found_is_partial() {
    let rows = [(Workload::ExchangeAdmin, "Set-Mailbox"); 3];
    let short = assess(
        &digest(observed(&rows, 10, Some(7))),
        &[file(Kind::AuditLog, "search_ual", 3)],
    );
    assert_eq!(short.audit_log.state, Completeness::Partial);
    assert!(
        short.audit_log.why.contains("found 7 audit records"),
        "{}",
        short.audit_log.why
    );
    let whole = assess(
        &digest(observed(&rows, 10, Some(3))),
        &[file(Kind::AuditLog, "search_ual", 3)],
    );
    assert_eq!(whole.audit_log.state, Completeness::Complete);
}

#[test]
fn a_count_at_a_cap_is_partial_unless_the_search_says_it_is_whole() {
    let rows = [(Workload::ExchangeAdmin, "Set-Mailbox")];
    let capped = assess(
        &digest(observed(&rows, 10, None)),
        &[file(Kind::AuditLog, "search_ual", 5_000)],
    );
    assert_eq!(capped.audit_log.state, Completeness::Partial);
    let page = |from: i64, hours: i64| {
        let mut o = Observed::default();
        (from..from + hours).for_each(|h| o.at(Time::default().plus_hours(h)));
        o
    };
    let next = |from| Digest {
        observed: [(0, page(10, 5)), (1, page(from, 5))].into(),
        ..Digest::default()
    };
    let pages = [
        file(Kind::MessageTrace, "get_message_trace", 1_000),
        file(Kind::MessageTrace, "get_message_trace", 7),
    ];
    assert_eq!(
        assess(&next(6), &pages).message_trace.state,
        Completeness::Complete,
        "paged over"
    );
    let torn = assess(&next(0), &pages).message_trace;
    assert_eq!(
        (torn.gaps[0].from, torn.gaps[0].to),
        (Some(Time(0).plus_hours(4)), Some(Time(0).plus_hours(10)))
    );
    let trace = assess(
        &digest(observed(&[], 5, None)),
        &[file(Kind::MessageTrace, "get_message_trace", 1_000)],
    );
    assert_eq!(trace.message_trace.state, Completeness::Partial);
    assert_eq!(
        trace.message_trace.gaps[0].to,
        Some(Time(0)),
        "the older part is what is missing"
    );
}

#[test]
fn what_is_not_there_is_missing() {
    let nothing = assess(&Digest::default(), &[]);
    assert_eq!(nothing.message_trace.state, Completeness::Missing);
    assert_eq!(nothing.sign_in_log.state, Completeness::Missing);
    assert_eq!(nothing.message_trace.why, "no message trace is in the evidence");
}

#[test]
fn what_is_there_without_a_record_that_was_read_is_told_from_what_is_not_there() {
    let mut trace = file(Kind::MessageTrace, "get_message_trace", 0);
    let of = |trace: &FileSummary| assess(&Digest::default(), std::slice::from_ref(trace)).message_trace;
    assert_eq!(of(&trace).state, Completeness::Missing);
    assert!(of(&trace).why.contains("holds no records"), "{}", of(&trace).why);
    (trace.records, trace.rejected) = (9, 9);
    assert_eq!(of(&trace).state, Completeness::Partial);
    assert_eq!((of(&trace).first, of(&trace).gaps.len()), (None, 1));
    assert!(!of(&trace).covers(Time(0), Time(1)));
    assert!(
        of(&trace).why.ends_with("9 of 9 rows of x.csv could not be read"),
        "{}",
        of(&trace).why
    );
}

#[test]
fn a_sign_in_log_that_could_not_be_read_is_there_and_covers_nothing() {
    let mut log = file(Kind::SignInLog, "entra_sign_ins_csv", 3);
    log.rejected = 3;
    let audit = file(Kind::AuditLog, "search_ual", 1);
    let alone = assess(&Digest::default(), std::slice::from_ref(&log)).sign_in_log;
    assert_eq!((alone.state, alone.first), (Completeness::Partial, None));
    assert!(
        alone.why.ends_with("3 of 3 rows of x.csv could not be read"),
        "{}",
        alone.why
    );
    assert!(!alone.covers(Time(0), Time(1)));
    // Beside an audit log with sign-ins, those are all that is read, and the reason stays.
    let beside = assess(
        &digest(observed(&[(Workload::SignIn, "UserLoggedIn")], 10, None)),
        &[audit.clone(), log.clone()],
    );
    assert_eq!(beside.sign_in_log.state, Completeness::Partial);
    assert!(
        beside
            .sign_in_log
            .why
            .contains("3 of 3 rows of x.csv could not be read; the audit log carries"),
        "{}",
        beside.sign_in_log.why
    );
    let mut empty = log;
    (empty.records, empty.rejected) = (0, 0);
    let empty = assess(&Digest::default(), &[empty]).sign_in_log;
    assert_eq!(empty.state, Completeness::Missing);
    assert!(empty.why.contains("holds no records"), "{}", empty.why);
}

#[test]
fn a_snapshot_of_which_no_object_was_read_says_why() {
    let mut domains = file(Kind::AcceptedDomains, "get_accepted_domain", 2);
    domains.rejected = 2;
    let domains = assess(&Digest::default(), &[domains]).accepted_domains;
    assert_eq!(domains.state, Completeness::Partial);
    assert_eq!(
        domains.why,
        "0 objects in 1 export, but 2 of 2 rows of x.csv could not be read"
    );
}

#[test]
fn rows_that_could_not_be_read_are_told_of_a_log_that_is_complete() {
    let digest = digest(observed(&[(Workload::ExchangeAdmin, "Set-InboundConnector")], 5, None));
    let mut log = file(Kind::AuditLog, "search_unified_audit_log", 1_234);
    let why = |log: &FileSummary| assess(&digest, std::slice::from_ref(log)).audit_log.why;
    assert!(
        why(&log).contains("nothing suggests that rows are missing"),
        "{}",
        why(&log)
    );
    log.rejected = 2;
    assert!(why(&log).starts_with("1232 records"), "{}", why(&log));
    assert!(why(&log).contains("2 could not be read"), "{}", why(&log));
}
