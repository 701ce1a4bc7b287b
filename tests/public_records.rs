//! Public records of real tenants, kept beside the repository: every row of every file is accounted for, and what is known
//! to be in them is found.

use std::path::{Path, PathBuf};

use relaytrail::ingest::{Evidence, Options, ingest};

/// The file, or nothing where the folder is not present.
fn read(path: &str) -> Option<Evidence> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/evidence");
    if !folder.exists() {
        eprintln!("{path} is not looked at: {} is not there", folder.display());
        return None;
    }
    Some(ingest(&[folder.join(path)], &Options::default()).expect("a public file is read"))
}

/// Kind, format, and rows: found, accepted, degraded, duplicates, rejected.
type Told = (String, String, [u64; 5]);

fn told(evidence: &Evidence) -> Told {
    let e = evidence.exhibits().remove(0);
    (
        e.kind,
        e.format,
        [e.records, e.accepted, e.degraded, e.duplicates, e.rejected],
    )
}

fn check(path: &str, kind: &str, format: &str, counts: [u64; 5]) -> Option<Evidence> {
    let evidence = read(path)?;
    assert_eq!(told(&evidence), (kind.to_owned(), format.to_owned(), counts), "{path}");
    Some(evidence)
}

#[test]
fn a_projection_of_office_activity() {
    let counts = [1334, 1334, 0, 0, 0];
    let Some(evidence) = check(
        "msticpy/demo_exchange_data.csv",
        "audit_log",
        "sentinel_office_activity",
        counts,
    ) else {
        return;
    };
    let of = |name: &str| evidence.digest.events.iter().filter(|e| e.is(name)).count();
    assert_eq!(of("New-InboundConnector"), 1);
    let connector = evidence.digest.events.iter().find(|e| e.is("New-InboundConnector"));
    let parameter = connector.and_then(|e| e.parameter("SenderIPAddresses"));
    assert_eq!(parameter, Some("13.90.41.248"));
}

#[test]
fn the_portals_export_of_office_activity() {
    check(
        "sentinel/office_activity_inbox_rule.csv",
        "audit_log",
        "sentinel_office_activity",
        [2, 2, 0, 0, 0],
    );
    check(
        "otrf/OfficeActivityEvents.json",
        "audit_log",
        "sentinel_office_activity",
        [1, 1, 0, 0, 0],
    );
}

#[test]
fn a_mixture_of_hunting_tables() {
    // Device and identity events stand beside cloud events; only one of the nine has its audit record.
    let counts = [9, 1, 8, 0, 0];
    let Some(evidence) = check(
        "otrf/Microsoft365DefenderEvents.json",
        "audit_log",
        "defender_cloud_app_events",
        counts,
    ) else {
        return;
    };
    let grants: Vec<_> = evidence
        .digest
        .events
        .iter()
        .map(|e| (e.operation.as_str(), e.complete))
        .collect();
    assert_eq!(grants, [("Add delegated permission grant.", false)]);
}

#[test]
fn directory_audits() {
    // One record stands in the file twice.
    let Some(evidence) = check(
        "otrf/AADAuditEvents.json",
        "audit_log",
        "entra_directory_audits",
        [4, 3, 0, 1, 0],
    ) else {
        return;
    };
    for event in &evidence.digest.events {
        assert_eq!(event.user, "pgustavo@simulandlabs.com", "{}", event.operation);
        assert!(
            !event.object.is_empty() && !event.modified.is_empty(),
            "{}",
            event.operation
        );
    }
}

#[test]
fn records_of_the_management_api() {
    check(
        "plaso/microsoft_audit_log.jsonl",
        "audit_log",
        "management_activity_api",
        [4, 4, 0, 0, 0],
    );
}

#[test]
fn settings_as_windows_powershell_wrote_them() {
    check(
        "scubagear/inbound_connectors.json",
        "inbound_connectors",
        "get_inbound_connector",
        [1, 1, 0, 0, 0],
    );
    check(
        "scubagear/transport_rule.json",
        "transport_rules",
        "get_transport_rule",
        [1, 1, 0, 0, 0],
    );
    // Nothing was found, and a policy that says nothing of connectors.
    check(
        "scubagear/outbound_connectors.json",
        "unrecognised",
        "unrecognised",
        [0; 5],
    );
    check("scubagear/conn_filter.json", "unrecognised", "unrecognised", [0; 5]);
}
