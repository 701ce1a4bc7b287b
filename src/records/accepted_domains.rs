//! Get-AcceptedDomain, as JSON or CSV.

use super::recognise::{Format, Seen};
use super::snapshot::{Objects, Properties, Snapshot};
use super::{AcceptedDomain, Kind, Origin, Reader, Record, address};
use crate::evidence::Reason;

pub(super) const FORMAT: Format = Format {
    name: "get_accepted_domain",
    marks: &["Name", "DomainName", "DomainType", "Default"],
    recognise,
};

/// Properties that an accepted domain has and a remote domain, which has a DomainName too, has not.
const OWN: [&str; 8] = [
    "DomainType",
    "MatchSubDomains",
    "Default",
    "InitialDomain",
    "AddressBookEnabled",
    "OutboundOnly",
    "SendingFromDomainDisabled",
    "AuthenticationType",
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let remote = seen.has_any(&["AllowedOOFType", "TNEFEnabled", "AutoReplyEnabled"]);
    let known = seen.has("DomainName") && seen.has_any(&OWN) && !remote;
    known.then(|| {
        Box::new(Snapshot {
            format: FORMAT.name,
            kind: Kind::AcceptedDomains,
            objects: Objects::new(seen, &["WhenCreatedUTC", "WhenCreated"]),
            record,
        }) as Box<dyn Reader>
    })
}

fn record(properties: &Properties, origin: Origin) -> Result<Record<'static>, Reason> {
    let name = properties.text(&["DomainName"]).unwrap_or_default();
    let domain = address::domain(&name);
    // A wildcard means every domain: that is a remote domain's default, and would accept all there is.
    if domain.is_empty() || domain == "*" {
        return Err(Reason::NoName);
    }
    Ok(Record::AcceptedDomain(AcceptedDomain {
        domain: domain.into_owned(),
        created: properties.created(),
        origin,
    }))
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{Kept, ORIGIN, csv_reader, json_reader, read_csv, read_json};
    use crate::records::{AcceptedDomain, Kind};

    fn domain((_, kept): (Fate, Vec<Kept>)) -> AcceptedDomain {
        match kept.into_iter().next() {
            Some(Kept::Domain(domain)) => domain,
            other => panic!("no domain: {other:?}"),
        }
    }

    #[test]
    fn a_domain_name_may_be_text_or_an_object() {
        for name in [
            r#""Fabrikam.com.""#,
            r#"{"Domain":"fabrikam.com","IncludeSubDomains":false}"#,
        ] {
            let object = format!(
                r#"{{"DomainName":{name},"DomainType":"Authoritative","Default":true,"Name":"x","WhenCreated":"\/Date(1)\/","WhenCreatedUTC":"\/Date(1772500512000)\/"}}"#
            );
            let reader = json_reader(&object);
            assert_eq!(reader.kind(), Kind::AcceptedDomains);
            let domain = domain(read_json(&*reader, &object));
            assert_eq!(domain.domain, "fabrikam.com");
            assert_eq!(
                domain.created.map(|t| t.to_string()).as_deref(),
                Some("2026-03-03T01:15:12Z")
            );
            assert_eq!(domain.origin, ORIGIN);
        }
    }

    #[test]
    fn a_csv_row_says_the_same() {
        let reader = csv_reader("Name,DomainName,DomainType,Default,WhenCreated");
        let domain = domain(read_csv(
            &*reader,
            &["x", " FABRIKAM.com", "Authoritative", "True", "3/3/2026 1:15:12 AM"],
            false,
        ));
        assert_eq!(domain.domain, "fabrikam.com");
        assert_eq!(
            domain.created.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:12Z")
        );
    }

    #[test]
    fn broken_objects_are_rejected() {
        let reader = json_reader(r#"{"DomainName":"x","DomainType":"y"}"#);
        let fate = |text: &str| read_json(&*reader, text).0;
        assert_eq!(
            fate(r#"{"DomainName":"*","DomainType":"y"}"#),
            Fate::Rejected(Reason::NoName)
        );
        assert_eq!(fate(r#"{"DomainType":"y"}"#), Fate::Rejected(Reason::NoName));
        assert_eq!(fate(r#"{"DomainName" "y"}"#), Fate::Rejected(Reason::NotJson));
    }
}
