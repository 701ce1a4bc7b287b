//! Get-BlockedConnector, as JSON or CSV. No document lists its columns and no public sample exists: names are
//! taken as its sibling Get-BlockedSenderAddress and Remove-BlockedConnector's parameters suggest, liberally.

use super::recognise::{Format, Seen};
use super::snapshot::{Objects, Properties, Snapshot};
use super::{BlockedConnector, Kind, Origin, Reader, Record};
use crate::evidence::Reason;

pub(super) const FORMAT: Format = Format {
    name: "get_blocked_connector",
    marks: &["ConnectorId", "Reason", "CreatedDatetime"],
    recognise,
};

/// What may name the connector, the most telling first.
const NAMES: [&str; 6] = [
    "ConnectorId",
    "ConnectorGuid",
    "Identity",
    "Id",
    "ConnectorName",
    "Name",
];

/// What may say since when.
const TIMES: [&str; 10] = [
    "CreatedDatetime",
    "BlockedDatetime",
    "BlockedDate",
    "BlockedTime",
    "WhenCreatedUTC",
    "WhenCreated",
    "CreatedTime",
    "CreationTime",
    "CreationDate",
    "ChangedDatetime",
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    // A blocked user has a sender address, an event of a message a message id, a cmdlet's record an operation.
    let other = seen.has_any(&[
        "SenderAddress",
        "MessageId",
        "MessageTraceId",
        "Operation",
        "Operations",
        "Event",
    ]);
    let by_id = seen.has("ConnectorId") && (seen.has("Reason") || seen.has_any(&TIMES) || seen.width() <= 3);
    let by_reason = seen.has("Reason") && seen.has_any(&NAMES) && seen.has_any(&["CreatedDatetime", "BlockedDatetime"]);
    (!other && (by_id || by_reason)).then(|| {
        Box::new(Snapshot {
            format: FORMAT.name,
            kind: Kind::BlockedConnectors,
            objects: Objects::new(seen, &TIMES),
            record,
        }) as Box<dyn Reader>
    })
}

fn record(properties: &Properties, origin: Origin) -> Result<Record<'static>, Reason> {
    Ok(Record::BlockedConnector(BlockedConnector {
        connector: properties.text(&NAMES).ok_or(Reason::NoName)?,
        reason: properties.text(&["Reason"]),
        time: properties.time(&TIMES),
        origin,
    }))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{Kept, ORIGIN, csv_reader, json_reader, read_csv, read_json};
    use crate::records::{BlockedConnector, Kind};

    const ID: &str = "f88dbc64-6d11-4fe3-aaca-9e3a6b313ea7";

    fn blocked((_, kept): (Fate, Vec<Kept>)) -> BlockedConnector {
        match kept.into_iter().next() {
            Some(Kept::Blocked(blocked)) => blocked,
            other => panic!("no blocked connector: {other:?}"),
        }
    }

    #[test]
    fn an_object_is_read_field_by_field() {
        let object = format!(
            r#"{{"ConnectorId":"{ID}","Reason":"OutboundSpamLast24Hours=120","CreatedDatetime":{{"value":"\/Date(1775264100000)\/","DisplayHint":2}}}}"#
        );
        let reader = json_reader(&object);
        assert_eq!(reader.kind(), Kind::BlockedConnectors);
        let blocked = blocked(read_json(&*reader, &object));
        assert_eq!(blocked.connector, ID);
        assert_eq!(blocked.reason.as_deref(), Some("OutboundSpamLast24Hours=120"));
        assert_eq!(
            blocked.time.map(|t| t.to_string()).as_deref(),
            Some("2026-04-04T00:55:00Z")
        );
        assert_eq!(blocked.origin, ORIGIN);
    }

    #[test]
    fn a_csv_row_may_name_the_connector_otherwise() {
        let reader = csv_reader("Name,Reason,BlockedDatetime");
        let blocked = blocked(read_csv(
            &*reader,
            &["Inbound from HQ", "", "2026-04-04T00:55:00Z"],
            false,
        ));
        assert_eq!((blocked.connector.as_str(), blocked.reason), ("Inbound from HQ", None));
        assert_eq!(
            blocked.time.map(|t| t.to_string()).as_deref(),
            Some("2026-04-04T00:55:00Z")
        );
    }

    #[test]
    fn broken_objects_are_rejected() {
        let reader = json_reader(r#"{"ConnectorId":"x","Reason":"y"}"#);
        assert_eq!(
            read_json(&*reader, r#"{"ConnectorId":"","Reason":"y"}"#).0,
            Fate::Rejected(Reason::NoName)
        );
        assert_eq!(
            read_json(&*reader, r#"{"ConnectorId":"x""#).0,
            Fate::Rejected(Reason::CutOff)
        );
    }
}
