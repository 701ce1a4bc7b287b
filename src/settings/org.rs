//! org.toml: what the analyst knows and the logs do not, read and checked.

mod numbers;

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};
use ipnet::IpNet;
use serde::Deserialize;

use super::{ApprovedChange, Organization};
use crate::records::{Time, address};

/// What is wrong with an org.toml: where, what was seen, what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum OrgError {
    #[error("cannot read {path}: {source}", path = path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: {message}", path = path.display())]
    Syntax { path: PathBuf, message: String },
    #[error("{path}: unknown key `{key}`; did you mean `{nearest}`?", path = path.display())]
    UnknownKey {
        path: PathBuf,
        key: String,
        nearest: String,
    },
    #[error(
        "{path}: `{key}` stands inside `[{inside}]`, and belongs into a table of its own: write `[{key}]` before its keys",
        path = path.display()
    )]
    Misplaced {
        path: PathBuf,
        key: String,
        inside: &'static str,
    },
    #[error("{path}: {key} = \"{value}\" is not {wanted}", path = path.display())]
    Value {
        path: PathBuf,
        key: &'static str,
        value: String,
        wanted: &'static str,
    },
    #[error("{path}: {key} = {value} is not {wanted}", path = path.display())]
    Number {
        path: PathBuf,
        key: String,
        value: String,
        wanted: String,
    },
}

const TOP: [&str; 4] = ["organization", "approved_change", "weights", "thresholds"];
const ORGANIZATION: [&str; 8] = [
    "name",
    "time_zone",
    "accepted_domains",
    "on_premises_ips",
    "connector_admins",
    "responders",
    "holidays",
    "licenses",
];
const APPROVED_CHANGE: [&str; 4] = ["connector", "from", "to", "note"];

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    organization: Table,
    approved_change: Vec<Ticket>,
    weights: toml::Table,
    thresholds: toml::Table,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Table {
    name: Option<String>,
    time_zone: Option<String>,
    accepted_domains: Vec<String>,
    on_premises_ips: Vec<String>,
    connector_admins: Vec<String>,
    responders: Vec<String>,
    holidays: Vec<Moment>,
    licenses: Option<u64>,
}

#[derive(Deserialize)]
struct Ticket {
    connector: String,
    from: Moment,
    to: Moment,
    note: Option<String>,
}

/// A time in quotes, or TOML's own.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Text(String),
    Native(toml::value::Datetime),
}

impl Moment {
    fn text(&self) -> String {
        match self {
            Moment::Text(text) => text.clone(),
            Moment::Native(time) => time.to_string(),
        }
    }
}

/// Reads and checks an org.toml.
///
/// # Errors
/// When the file cannot be read, is no TOML, has a key nobody knows, or a value that cannot be what it should be.
pub fn read(path: &Path) -> Result<Organization, OrgError> {
    let text = std::fs::read_to_string(path).map_err(|source| OrgError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    parse(&text, path)
}

fn parse(text: &str, path: &Path) -> Result<Organization, OrgError> {
    let syntax = |e: toml::de::Error| OrgError::Syntax {
        path: path.to_owned(),
        message: e.to_string().trim().to_owned(),
    };
    check_keys(&text.parse::<toml::Table>().map_err(syntax)?, path)?;
    let file: File = toml::from_str(text).map_err(syntax)?;
    let bad = |key, value: &str, wanted| OrgError::Value {
        path: path.to_owned(),
        key,
        value: value.to_owned(),
        wanted,
    };
    let table = file.organization;
    let time_zone = match table.time_zone.as_deref() {
        None => chrono_tz::UTC,
        Some(name) => name
            .parse()
            .map_err(|_| bad("time_zone", name, "an IANA time zone such as \"Europe/Berlin\""))?,
    };
    let on_premises = table
        .on_premises_ips
        .iter()
        .map(|net| {
            network(net).ok_or_else(|| {
                bad(
                    "on_premises_ips",
                    net,
                    "an IP address or CIDR such as \"81.2.69.160/28\"",
                )
            })
        })
        .collect::<Result<_, _>>()?;
    let holidays = table
        .holidays
        .iter()
        .map(|day| {
            let day = day.text();
            let date = day.trim().parse::<NaiveDate>();
            date.map_err(|_| bad("holidays", &day, "a date such as \"2026-12-25\""))
        })
        .collect::<Result<_, _>>()?;
    let moment = |key, moment: &Moment, read: fn(&str) -> Option<Time>| {
        read(&moment.text()).ok_or_else(|| {
            bad(
                key,
                &moment.text(),
                "a date, or a time with a zone such as \"2026-03-02T08:00:00Z\"",
            )
        })
    };
    let approved_changes = file
        .approved_change
        .iter()
        .map(|ticket| {
            let from = moment("from", &ticket.from, time)?;
            let to = moment("to", &ticket.to, end)?;
            if to < from {
                return Err(bad("to", &ticket.to.text(), "later than its `from`"));
            }
            Ok(ApprovedChange {
                connector: ticket.connector.trim().to_owned(),
                from,
                to,
                note: ticket.note.clone(),
            })
        })
        .collect::<Result<_, OrgError>>()?;
    let accepted_domains = table
        .accepted_domains
        .iter()
        .map(|text| {
            let domain = address::domain(text.trim().trim_start_matches('@'));
            let bad = || bad("accepted_domains", text, "a domain such as \"contoso.com\"");
            is_domain(&domain).then(|| domain.into_owned()).ok_or_else(bad)
        })
        .collect::<Result<_, _>>()?;
    let account = |a: &String| a.trim().to_lowercase();
    Ok(Organization {
        given: true,
        name: table.name,
        time_zone,
        accepted_domains,
        on_premises,
        connector_admins: table.connector_admins.iter().map(account).collect(),
        responders: table.responders.iter().map(account).collect(),
        holidays,
        licenses: table.licenses,
        approved_changes,
        geoip: Vec::new(),
        tuning: numbers::tuning(&file.weights, &file.thresholds, path)?,
    })
}

fn check_keys(table: &toml::Table, path: &Path) -> Result<(), OrgError> {
    known(table, &TOP, None, path)?;
    if let Some(organization) = table.get("organization").and_then(toml::Value::as_table) {
        known(organization, &ORGANIZATION, Some("organization"), path)?;
    }
    let tickets = table.get("approved_change").and_then(toml::Value::as_array);
    for ticket in tickets.into_iter().flatten().filter_map(toml::Value::as_table) {
        known(ticket, &APPROVED_CHANGE, Some("approved_change"), path)?;
    }
    Ok(())
}

/// `inside`: the name of the table, where it has one.
fn known(
    table: &toml::Table,
    keys: &[&'static str],
    inside: Option<&'static str>,
    path: &Path,
) -> Result<(), OrgError> {
    let Some(key) = table.keys().find(|k| !keys.contains(&k.as_str())) else {
        return Ok(());
    };
    // What is written below a table's header belongs to that table, `a.b = 1` too.
    if let Some(inside) = inside.filter(|_| TOP.contains(&key.as_str())) {
        return Err(OrgError::Misplaced {
            path: path.to_owned(),
            key: key.clone(),
            inside,
        });
    }
    let everywhere = keys.iter().chain(&ORGANIZATION).chain(&APPROVED_CHANGE).chain(&TOP);
    let nearest = everywhere
        .copied()
        .min_by_key(|k| strsim::damerau_levenshtein(k, key))
        .unwrap_or(TOP[0]);
    Err(OrgError::UnknownKey {
        path: path.to_owned(),
        key: key.clone(),
        nearest: nearest.to_owned(),
    })
}

/// Whether it is labels with points between, in A-label form.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// An address or CIDR; host bits set in a CIDR are taken as the network they lie in.
pub fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>()
        .map(|n| n.trunc())
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .ok()
}

/// A time as RFC 3339, or a date: its first moment in UTC.
pub fn time(text: &str) -> Option<Time> {
    instant(text).or_else(|| first_moment(text))
}

/// The end of a span as RFC 3339, or a date: its last moment in UTC, so that the day that is named belongs to the span.
pub fn end(text: &str) -> Option<Time> {
    instant(text).or_else(|| Some(Time(first_moment(text)?.0.checked_add(Time::DAY - 1)?)))
}

fn instant(text: &str) -> Option<Time> {
    let time = DateTime::parse_from_rfc3339(text.trim()).ok()?;
    Some(Time(time.timestamp_micros()))
}

fn first_moment(text: &str) -> Option<Time> {
    let day = text.trim().parse::<NaiveDate>().ok()?;
    Some(Time(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chrono::NaiveDate;
    use test_case::test_case;

    use super::{OrgError, end, parse, time};

    fn error(text: &str) -> String {
        parse(text, Path::new("org.toml")).unwrap_err().to_string()
    }

    #[test]
    fn every_key_of_the_contract_is_read() {
        let org = parse(
            r#"
            [organization]
            name = "Fabrikam"
            time_zone = "Europe/Berlin"
            accepted_domains = ["Fabrikam.com", "Büro.example"]
            on_premises_ips = ["81.2.69.160/28", "2001:db8::1"]
            connector_admins = ["IT.Admin@fabrikam.com"]
            responders = []
            holidays = ["2026-12-25"]
            licenses = 250
            [[approved_change]]
            connector = "Inbound from HQ"
            from = "2026-03-02T08:00:00Z"
            to = 2026-03-02T13:00:00+01:00
            note = "CHG-1042"
            "#,
            Path::new("org.toml"),
        )
        .unwrap();
        assert!(org.given);
        assert_eq!(org.accepted_domains, ["fabrikam.com", "xn--bro-hoa.example"]);
        assert_eq!(
            org.on_premises.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["81.2.69.160/28", "2001:db8::1/128"]
        );
        assert_eq!(org.connector_admins, ["it.admin@fabrikam.com"]);
        assert_eq!(org.approved_changes[0].to.to_string(), "2026-03-02T12:00:00Z");
        assert_eq!((org.holidays.len(), org.licenses), (1, Some(250)));
    }

    #[test]
    fn days_and_times_are_taken_in_quotes_and_as_tomls_own() {
        let org = parse(
            r#"
            [organization]
            holidays = [2026-12-25, "2026-12-26"]
            [[approved_change]]
            connector = "A"
            from = 2026-03-02
            to = 2026-03-02
            [[approved_change]]
            connector = "A"
            from = "2026-03-02"
            to = "2026-03-03"
            "#,
            Path::new("org.toml"),
        )
        .unwrap();
        let days = [25, 26].map(|day| NaiveDate::from_ymd_opt(2026, 12, day).unwrap());
        assert!(org.holidays.iter().eq(&days));
        let spans: Vec<[String; 2]> = org
            .approved_changes
            .iter()
            .map(|c| [c.from.to_string(), c.to.to_string()])
            .collect();
        assert_eq!(spans[0], ["2026-03-02T00:00:00Z", "2026-03-02T23:59:59.999999Z"]);
        assert_eq!(spans[1], ["2026-03-02T00:00:00Z", "2026-03-03T23:59:59.999999Z"]);
        assert!(error("[organization]\nholidays = [2026-12-25T08:00:00Z]").contains("holidays"));
    }

    #[test_case("2026-03-02", "2026-03-02T00:00:00Z", "2026-03-02T23:59:59.999999Z"; "a date is a whole day")]
    #[test_case("2026-03-02T08:00:00+01:00", "2026-03-02T07:00:00Z", "2026-03-02T07:00:00Z"; "a time is a moment")]
    fn a_bound_that_is_a_date_takes_in_the_day(text: &str, from: &str, to: &str) {
        assert_eq!(time(text).unwrap().to_string(), from);
        assert_eq!(end(text).unwrap().to_string(), to);
    }

    #[test_case("02.03.2026"; "another order")]
    #[test_case("2026-03-02T08:00:00"; "no zone")]
    #[test_case(""; "nothing")]
    fn what_is_no_time_is_none(text: &str) {
        assert_eq!((time(text), end(text)), (None, None));
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_known_one() {
        assert_eq!(
            error("[organization]\nacepted_domains = []"),
            "org.toml: unknown key `acepted_domains`; did you mean `accepted_domains`?"
        );
        assert_eq!(
            error("[organisation]\n"),
            "org.toml: unknown key `organisation`; did you mean `organization`?"
        );
        assert_eq!(
            error("[[approved_change]]\nconector = \"x\""),
            "org.toml: unknown key `conector`; did you mean `connector`?"
        );
    }

    #[test_case("[organization]\nthresholds.hole_hours = 4", "thresholds", "organization"; "with a point")]
    #[test_case("[organization]\nweights = { likely = 3 }", "weights", "organization"; "in braces")]
    #[test_case("[[approved_change]]\nthresholds.hole_hours = 4", "thresholds", "approved_change"; "in a ticket")]
    fn a_table_inside_another_is_said_to_stand_there(text: &str, key: &str, inside: &str) {
        assert_eq!(
            error(text),
            format!(
                "org.toml: `{key}` stands inside `[{inside}]`, and belongs into a table of its own: write `[{key}]` \
                 before its keys"
            )
        );
    }

    #[test_case("https://contoso.com/"; "an address of the web")]
    #[test_case("contoso"; "no point")]
    #[test_case("contoso.com, fabrikam.com"; "two in one")]
    #[test_case("contoso..com"; "an empty label")]
    #[test_case(""; "nothing")]
    fn what_is_no_domain_is_not_accepted_as_one(text: &str) {
        assert_eq!(
            error(&format!("[organization]\naccepted_domains = [\"{text}\"]")),
            format!("org.toml: accepted_domains = \"{text}\" is not a domain such as \"contoso.com\"")
        );
    }

    #[test]
    fn a_bad_value_is_shown_with_what_it_should_be() {
        assert!(error("[organization]\non_premises_ips = [\"81.2.69.1/40\"]").contains("81.2.69.1/40"));
        assert!(error("[organization]\ntime_zone = \"Berlin\"").contains("IANA"));
        assert!(error("[organization]\nholidays = [\"25.12.2026\"]").contains("25.12.2026"));
        assert!(matches!(
            parse("[organization", Path::new("o")).unwrap_err(),
            OrgError::Syntax { .. }
        ));
    }

    #[test]
    fn an_empty_file_is_an_organisation_of_which_nothing_is_said() {
        let org = parse("", Path::new("org.toml")).unwrap();
        assert!(org.given && org.connector_admins.is_empty());
    }
}
