//! Microsoft Sentinel's table OfficeActivity: the portal's CSV of some 130 columns, a selection of them, or rows as JSON.
//!
//! A row has no AuditData: each field is a column, some of them renamed, Parameters is JSON text. Times stand in
//! TimeGenerated (the portal adds `[UTC]`); Start_Time and ElevationTime are all that is left where that was dropped.

use super::audit::{Renamed, undisputed};
use super::audit_renamed::{Naming, RenamedCsv, put};
use super::date_order::Zone;
use super::field::object_and_damage;
use super::recognise::{Format, Seen};
use super::scan::{Head, Token, values};
use super::{Kind, Origin, Reader, Record};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "sentinel_office_activity",
    marks: &[
        "TimeGenerated",
        "Operation",
        "OfficeWorkload",
        "OfficeObjectId",
        "OfficeId",
    ],
    recognise,
};

const TIMES: [&str; 9] = [
    "TimeGenerated",
    "TimeGenerated [UTC]",
    "Start_Time",
    "Start_Time [UTC]",
    "ElevationTime",
    "ElevationTime [UTC]",
    LOCAL[0],
    LOCAL[1],
    LOCAL[2],
];

/// Columns of a portal that was set to the reader's own clock.
const LOCAL: [&str; 3] = [
    "TimeGenerated [Local Time]",
    "Start_Time [Local Time]",
    "ElevationTime [Local Time]",
];

const IDS: [&str; 2] = ["OfficeId", "SourceRecordId"];

/// Columns that no other table of the workspace has.
const OWN: [&str; 5] = [
    "OfficeWorkload",
    "OfficeObjectId",
    "OfficeId",
    "OfficeTenantId",
    "SourceRecordId",
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    // A selection may keep none of the table's own columns; an operation with its parameters is still its row.
    let fields = seen.has_any(&OWN) || (seen.has_any(&["Parameters", "UserId"]) && !seen.has("Timestamp"));
    if !(seen.has("Operation") && seen.has_any(&TIMES) && fields) {
        return None;
    }
    if seen.is_json() {
        return Some(Box::new(Objects));
    }
    seen.rows()?;
    let naming = Naming {
        format: FORMAT.name,
        name,
        times: &TIMES,
        ids: &IDS,
        missing: "",
    };
    let local = seen.column(&TIMES) == seen.column(&LOCAL);
    let zone = if local { Zone::Unsaid } else { Zone::Utc };
    Some(Box::new(RenamedCsv::new(naming, seen, zone)))
}

/// The audit log's name of a column.
fn name(column: &str) -> Option<&str> {
    let is = |name: &str| column.eq_ignore_ascii_case(name);
    if TIMES.iter().any(|time| is(time)) || IDS.iter().any(|id| is(id)) {
        return None;
    }
    Some(match column {
        _ if is("OfficeWorkload") => "Workload",
        _ if is("OfficeObjectId") => "ObjectId",
        _ if is("Client_IPAddress") => "ClientIPAddress",
        _ if is("AADTarget") => "Target",
        // The workspace's, not the tenant's record.
        _ if is("Type") || is("TenantId") || is("SourceSystem") => return None,
        _ => column,
    })
}

struct Objects;

impl Reader for Objects {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        Kind::AuditLog
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Json(text) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        let [
            generated,
            start,
            elevation,
            office,
            source,
            operation,
            kind,
            user,
            address,
            object,
        ] = values(
            Token::plain(text),
            [
                TIMES[0],
                TIMES[2],
                TIMES[4],
                IDS[0],
                IDS[1],
                "Operation",
                "RecordType",
                "UserId",
                "ClientIP",
                "OfficeObjectId",
            ],
        );
        let renamed = Renamed {
            head: Head {
                operation,
                id: office.or(source),
                record_type: kind,
                user,
                client_ip: address,
                object,
                ..Head::default()
            },
            time: undisputed(generated.or(start).or(elevation)),
            damage: None,
        };
        let fields = || {
            let (row, damage) = object_and_damage(text)?;
            let mut fields = serde_json::Map::new();
            for (key, value) in row {
                if let Some(name) = name(&key).filter(|_| !value.is_null()) {
                    put(&mut fields, name, value);
                }
            }
            Ok((fields, damage))
        };
        renamed.read(fields, origin, out)
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, csv_shape, event, json_reader, read_csv, read_json, real, tally};
    use crate::records::{Dating, Recognition, RecordId, Workload, recognise_with};

    const HEADER: &str = "TenantId,RecordType,TimeGenerated [UTC],Operation,UserType,UserKey,OfficeWorkload,ResultStatus,OfficeObjectId,UserId,ClientIP,Parameters,ExternalAccess,OriginatingServer,ElevationTime [UTC],OfficeId,SourceRecordId,Start_Time [UTC],Type";
    const ID: &str = "c9d2d808-0efe-48cb-eaec-08da3028eb80";
    const PARAMETERS: &str = "[\n  {\n    \"Name\": \"Name\",\n    \"Value\": \"Relay\"\n  },\n  {\n    \"Name\": \"SenderDomains\",\n    \"Value\": \"smtp:*;1\"\n  }\n]";

    fn cells(operation: &str) -> [&str; 19] {
        [
            "w",
            "ExchangeAdmin",
            "4/4/2026, 12:55:00.000 AM",
            operation,
            "Admin",
            "1003200126677019",
            "Exchange",
            "TRUE",
            "Relay",
            "it.admin@fabrikam.com",
            "[2a01:110:8068:7::5f1f]:36185",
            PARAMETERS,
            "FALSE",
            "AM0PR04MB1 (15.20.9115.012)\n",
            "4/4/2026, 1:04:00.000 AM",
            ID,
            ID,
            "4/4/2026, 1:04:00.000 AM",
            "OfficeActivity",
        ]
    }

    #[test]
    fn a_row_of_the_portal_is_the_record_that_the_log_has() {
        let reader = csv_reader(HEADER);
        assert_eq!(reader.format(), "sentinel_office_activity");
        let read = read_csv(&*reader, &cells("New-InboundConnector"), false);
        assert_eq!(read.0, Fate::Accepted);
        let event = event(read);
        assert_eq!(event.time.to_string(), "2026-04-04T00:55:00Z");
        assert_eq!((event.id.as_deref(), event.record_type), (Some(ID), Some(1)));
        assert_eq!(
            (event.user.as_str(), event.user_type),
            ("it.admin@fabrikam.com", Some(2))
        );
        assert_eq!(event.object, "Relay");
        assert_eq!(event.client_ip, "2a01:110:8068:7::5f1f".parse().ok());
        assert!(event.succeeded);
        assert_eq!(event.external_access, Some(false));
        assert_eq!(event.parameter("SenderDomains"), Some("smtp:*;1"));
        assert_eq!(event.parameters.len(), 2);
    }

    #[test]
    fn a_header_in_capitals_or_small_letters_is_the_same_header() {
        let own = event(read_csv(&*csv_reader(HEADER), &cells("New-InboundConnector"), false));
        for header in [HEADER.to_uppercase(), HEADER.to_lowercase()] {
            let reader = csv_reader(&header);
            assert_eq!(reader.format(), "sentinel_office_activity");
            let read = read_csv(&*reader, &cells("New-InboundConnector"), false);
            assert_eq!((read.0, event(read)), (Fate::Accepted, own.clone()), "{header}");
            let counted = tally(read_csv(&*reader, &cells("MailItemsAccessed"), false));
            assert_eq!(counted.id, RecordId::of(ID));
        }
    }

    #[test]
    fn rows_that_count_are_told_by_their_columns() {
        let counted = tally(read_csv(&*csv_reader(HEADER), &cells("MailItemsAccessed"), false));
        assert_eq!(
            (counted.id, counted.workload),
            (RecordId::of(ID), Workload::ExchangeAdmin)
        );
        assert!(counted.complete);
    }

    #[test]
    fn a_selection_without_the_time_it_was_generated_is_dated_by_what_is_left() {
        let reader = csv_reader("Operation,UserId,Parameters,Start_Time [UTC],OfficeId");
        let read = read_csv(
            &*reader,
            &[
                "Set-InboundConnector",
                "a@b.example",
                "[]",
                "4/26/2021, 7:17:10.000 AM",
                ID,
            ],
            false,
        );
        assert_eq!(event(read).time.to_string(), "2021-04-26T07:17:10Z");
    }

    #[test]
    fn times_by_the_clock_of_the_portal_s_user_are_in_the_zone_that_the_analyst_gives() {
        let header = "TimeGenerated [Local Time],Operation,UserId,OfficeId";
        let row = ["4/26/2021, 7:17:10.000 AM", "Set-InboundConnector", "a@b.example", ID];
        let shape = csv_shape(header, &[]);
        let read = |zone| {
            let dating = Dating { order: None, zone };
            let Recognition::Known(reader) = recognise_with(&shape, dating) else {
                panic!("the header is known");
            };
            let time = event(read_csv(&*reader, &row, false)).time.to_string();
            (time, reader.time_note().unwrap_or_default())
        };
        let (time, note) = read(Some(chrono_tz::Europe::Berlin));
        assert_eq!(time, "2021-04-26T05:17:10Z");
        assert_eq!(note, "local times of Europe/Berlin, as --time-zone says");
        let (time, note) = read(None);
        assert_eq!(time, "2021-04-26T07:17:10Z");
        assert!(note.starts_with("local times read as UTC"), "{note}");
    }

    #[test]
    fn objects_say_the_same_and_broken_ones_have_their_reason() {
        let object = format!(
            r#"{{"TenantId":"w","RecordType":"1","TimeGenerated":"2026-04-04T00:55:00Z","Operation":"New-InboundConnector","UserType":"Admin","OfficeWorkload":"Exchange","ResultStatus":"False","OfficeObjectId":"Relay","UserId":"it.admin@fabrikam.com","Client_IPAddress":"91.219.236.10","Parameters":"[{{\"Name\":\"Name\",\"Value\":\"Relay\"}}]","OfficeId":"{ID}","Start_Time":"2026-04-04T01:04:00Z","Type":"OfficeActivity"}}"#
        );
        let reader = json_reader(&object);
        assert_eq!(reader.format(), "sentinel_office_activity");
        let read = read_json(&*reader, &object);
        assert_eq!(read.0, Fate::Accepted);
        let event = event(read);
        assert_eq!(event.time.to_string(), "2026-04-04T00:55:00Z");
        assert_eq!(
            (event.object.as_str(), event.parameter("Name")),
            ("Relay", Some("Relay"))
        );
        assert_eq!(event.client_ip, "91.219.236.10".parse().ok());
        assert!(!event.succeeded);
        let cut = object.get(..object.len() - 90).unwrap_or_default();
        assert_eq!(read_json(&*reader, cut).0, Fate::Degraded(Reason::CutOff));
        let fate = |text: &str| read_json(&*reader, text).0;
        assert_eq!(fate(r#"{"Operation":"x"}"#), Fate::Rejected(Reason::NoTime));
        assert_eq!(
            fate(r#"{"TimeGenerated":"2026-04-04T00:55:00Z"}"#),
            Fate::Rejected(Reason::NoOperation)
        );
        assert_eq!(fate(r#"{"TimeGenerated""#), Fate::Rejected(Reason::CutOff));
    }

    #[test]
    fn the_one_public_record_of_a_new_connector_is_read() {
        let Some(text) = real("msticpy/new_inboundconnector_record.json") else {
            return;
        };
        let object = text.trim().trim_start_matches('[').trim_end_matches(']').trim();
        let event = event(read_json(&*json_reader(object), object));
        assert_eq!(event.time.to_string(), "2020-05-18T17:48:50Z");
        assert_eq!(event.parameters.len(), 11);
        for (name, value) in [
            ("Name", "Githubrelay"),
            ("SenderDomains", "smtp:*;1"),
            ("SenderIPAddresses", "13.90.41.248"),
            ("TlsSenderCertificateName", ""),
            ("ConnectorType", "OnPremises"),
        ] {
            assert_eq!(event.parameter(name), Some(value), "{name}");
        }
    }
}
