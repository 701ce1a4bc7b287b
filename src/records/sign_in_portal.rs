//! Entra sign-in logs as CSV: the portal's downloads of interactive, non-interactive, application and managed-identity
//! sign-ins, the short form of collection scripts, and Microsoft Sentinel's tables.
//!
//! The portal's long form has some 58 columns, two of them of one name and some with white space behind their names, and
//! no risk; the short form has the risk and dates in the culture of the exporting host.

use std::borrow::Cow;

use super::date_order::{Settled, Zone};
use super::field::{column_text, damage};
use super::recognise::{Format, Seen};
use super::sign_in_log::{self, factor, is_legacy, risk};
use super::{Factor, Kind, Origin, Reader, Record, SignInKind};
use crate::evidence::{CsvRow, Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "entra_sign_ins_csv",
    marks: &[
        "Date (UTC)",
        "Request ID",
        "Username",
        "IP address",
        "Status",
        "Application",
    ],
    recognise,
};

const TIMES: [&str; 5] = [
    "Date (UTC)",
    "Date",
    "CreatedDateTime",
    "TimeGenerated",
    "TimeGenerated [UTC]",
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    seen.rows()?;
    let who = seen.has_any(&[
        "Username",
        "UserPrincipalName",
        "Service principal ID",
        "ServicePrincipalId",
        "Managed Identity type",
    ]);
    let outcome = seen.has_any(&["Status", "ResultType", "Sign-in error code"]);
    let own = seen.has_any(&[
        "Request ID",
        "Sign-in error code",
        "ConditionalAccessStatus",
        "Conditional Access",
        "RiskLevelDuringSignIn",
        "ClientAppUsed",
        "ResultType",
    ]);
    let known = seen.has_any(&TIMES) && seen.has_any(&["IP address", "IPAddress"]) && who && outcome && own;
    known.then(|| Box::new(SignIns::new(seen)) as Box<dyn Reader>)
}

struct SignIns {
    width: usize,
    time: Option<usize>,
    id: Option<usize>,
    user: Option<usize>,
    user_id: Option<usize>,
    principal: Option<usize>,
    app_id: Option<usize>,
    address: Option<usize>,
    agent: Option<usize>,
    session: Option<usize>,
    code: Option<usize>,
    status: Option<usize>,
    app: Option<usize>,
    location: Option<usize>,
    city: Option<usize>,
    country: Option<usize>,
    during: Option<usize>,
    aggregated: Option<usize>,
    state: Option<usize>,
    requirement: Option<usize>,
    client: Option<usize>,
    managed: Option<usize>,
    interactive: Option<usize>,
    events: Option<usize>,
    token: Option<usize>,
    table: Option<usize>,
    dates: Settled,
}

impl SignIns {
    fn new(seen: &Seen<'_>) -> Self {
        let at = |names: &[&str]| seen.column(names);
        let time = at(&TIMES);
        SignIns {
            width: seen.width(),
            time,
            id: at(&["Request ID", "Id", "OriginalRequestId"]),
            user: at(&["Username", "UserPrincipalName"]),
            user_id: at(&["User ID", "UserId"]),
            principal: at(&["Service principal ID", "ServicePrincipalId"]),
            app_id: at(&["Application ID", "AppId"]),
            address: at(&["IP address", "IPAddress"]),
            agent: at(&["User agent", "UserAgent"]),
            session: at(&["Session ID", "SessionId"]),
            code: at(&["Sign-in error code", "ResultType", "ErrorCode"]),
            status: at(&["Status"]),
            app: at(&[
                "Application",
                "AppDisplayName",
                "Service principal name",
                "ServicePrincipalName",
            ]),
            location: at(&["Location"]),
            city: at(&["City"]),
            country: at(&["Country"]),
            during: at(&["RiskLevelDuringSignIn", "Risk level (real-time)"]),
            aggregated: at(&["RiskLevelAggregated", "Risk level (aggregate)"]),
            state: at(&["RiskState", "Risk state"]),
            requirement: at(&["Authentication requirement", "AuthenticationRequirement"]),
            client: at(&["Client app", "ClientAppUsed"]),
            managed: at(&["Managed Identity type"]),
            interactive: at(&["IsInteractive"]),
            events: at(&["SignInEventTypes", "Sign-in event types"]),
            token: at(&["Incoming token type", "IncomingTokenType"]),
            table: at(&["Type"]),
            dates: seen.settle(&TIMES, Zone::Utc),
        }
    }

    fn kind(&self, is_principal: bool, cell: impl Fn(Option<usize>) -> String) -> SignInKind {
        let table = [cell(self.table), cell(self.events)].concat().to_ascii_lowercase();
        // The downloads of both kinds have one header. Whoever redeems a refresh token is no person at a keyboard.
        let redeems = || cell(self.token).trim().eq_ignore_ascii_case("refreshToken");
        if table.contains("managedidentity") || (is_principal && self.managed.is_some() && self.user.is_none()) {
            SignInKind::ManagedIdentity
        } else if is_principal {
            SignInKind::ServicePrincipal
        } else if table.contains("noninteractive") || cell(self.interactive).eq_ignore_ascii_case("false") || redeems()
        {
            SignInKind::NonInteractive
        } else {
            SignInKind::Interactive
        }
    }
}

impl Reader for SignIns {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        Kind::SignInLog
    }

    fn dates(&self) -> Option<&Settled> {
        Some(&self.dates)
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Csv(row) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        if row.is_blank() {
            return Fate::Rejected(Reason::Empty);
        }
        let cell = |column: Option<usize>| of(row, column);
        let (user, user_id) = (cell(self.user), cell(self.user_id));
        let is_principal = user.is_empty() && self.principal.is_some();
        let account = if is_principal {
            [cell(self.app_id), cell(self.principal)]
                .into_iter()
                .find(|t| !t.is_empty())
                .unwrap_or_default()
        } else if user.is_empty() {
            user_id
        } else {
            user
        };
        let (code, status) = (cell(self.code), cell(self.status));
        // `None` stands where there was no error; the word beside it says whether that was a success.
        let numbered = code.bytes().all(|b| b.is_ascii_digit()) && !code.is_empty();
        let (city, country) = match (cell(self.city), cell(self.country), cell(self.location)) {
            (city, country, _) if !city.is_empty() || !country.is_empty() => (city, country),
            (_, _, location) => split(&location),
        };
        let entry = sign_in_log::Row {
            time: self.dates.parse(cell(self.time).as_bytes()),
            id: cell(self.id),
            account,
            address: cell(self.address),
            agent: cell(self.agent),
            session: cell(self.session),
            outcome: if numbered { code } else { status },
            kind: self.kind(is_principal, |column| cell(column).into_owned()),
            app: cell(self.app),
            city,
            country,
            risk: risk([&cell(self.during), &cell(self.aggregated)], &cell(self.state)),
            factor: if self.requirement.is_some() {
                factor(&cell(self.requirement))
            } else {
                Factor::Unknown
            },
            legacy: is_legacy(&cell(self.client)),
        };
        entry.hand_on(damage(row, self.width), origin, out)
    }
}

fn of<'a>(row: &CsvRow<'a>, column: Option<usize>) -> Cow<'a, str> {
    column.map(|c| column_text(row, c)).unwrap_or_default()
}

/// City and country of `Melbourne, Victoria, AU`, or of a country alone.
fn split(location: &str) -> (Cow<'static, str>, Cow<'static, str>) {
    match location.rsplit_once(',') {
        Some((before, country)) => {
            let city = before.split(',').next().unwrap_or_default().trim();
            (city.to_owned().into(), country.trim().to_owned().into())
        }
        None => (Cow::Borrowed(""), location.trim().to_owned().into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, csv_shape, read_csv, reader, sign_in};
    use crate::records::{Factor, Kind, Risk, SignInKind};

    const LONG: &str = "Date (UTC),Request ID,User agent,Correlation ID,User ID,User,Username,User type,Incoming token type,Application,Application ID ,Resource,Resource ID ,IP address,Location,Status,Sign-in error code,Failure reason,Client app,Device ID,Authentication requirement,Session ID,Autonomous system  number,Incoming token type,Conditional Access";

    fn long<'a>(user: &'a str, status: &'a str, code: &'a str) -> [&'a str; 25] {
        [
            "2026-04-04T00:31:00Z",
            "66ea54eb-6301-4ee5-be62-ff5a759b0100",
            "Mozilla/5.0",
            "c",
            "0a",
            "IT",
            user,
            "Member",
            "none",
            "Office 365 Portal",
            "00000006-0000-0ff1-ce00-000000000000",
            "x",
            "y",
            "91.219.236.10",
            "\"Frankfurt am Main, Hessen, DE\"",
            status,
            code,
            "Other.",
            "IMAP4",
            "",
            "Multifactor authentication",
            "s",
            "1",
            "none",
            "Not Applied",
        ]
    }

    #[test]
    fn the_long_form_is_read_with_its_double_and_padded_names() {
        let reader = csv_reader(LONG);
        assert_eq!(
            (reader.kind(), reader.format()),
            (Kind::SignInLog, "entra_sign_ins_csv")
        );
        let mut cells = long("it.admin@fabrikam.com", "Success", "None");
        cells[14] = "Frankfurt am Main, Hessen, DE";
        let read = read_csv(&*reader, &cells, false);
        assert_eq!(read.0, Fate::Accepted);
        let s = sign_in(read);
        assert_eq!(
            (s.account.as_ref(), s.agent.as_ref()),
            ("it.admin@fabrikam.com", "Mozilla/5.0")
        );
        assert!(s.succeeded && s.details.legacy);
        assert_eq!((s.session.as_ref(), s.details.kind), ("s", SignInKind::Interactive));
        assert_eq!(
            (s.details.city.as_ref(), s.details.country.as_ref()),
            ("Frankfurt am Main", "DE")
        );
        assert_eq!((s.details.factor, s.details.risk), (Factor::Several, Risk::Unknown));
    }

    #[test]
    fn whoever_redeems_a_refresh_token_is_no_person_at_a_keyboard() {
        let kind = |token: &'static str| {
            let mut cells = long("a@b.example", "Success", "0");
            cells[8] = token;
            sign_in(read_csv(&*csv_reader(LONG), &cells, false)).details.kind
        };
        assert_eq!(kind("refreshToken"), SignInKind::NonInteractive);
        // A browser hands on a primary refresh token while its user looks on.
        assert_eq!(kind("primaryRefreshToken"), SignInKind::Interactive);
        let header = "Date (UTC),Request ID,Username,IP address,Status,SignInEventTypes";
        let cells = [
            "2026-04-04T00:31:00Z",
            "r",
            "a@b.example",
            "81.2.69.160",
            "Success",
            "nonInteractiveUser",
        ];
        let s = sign_in(read_csv(&*csv_reader(header), &cells, false));
        assert_eq!(s.details.kind, SignInKind::NonInteractive);
    }

    #[test]
    fn an_error_number_counts_before_the_word() {
        let succeeded = |status, code| {
            let cells = long("a@b.example", status, code);
            sign_in(read_csv(&*csv_reader(LONG), &cells, false)).succeeded
        };
        assert!(succeeded("Success", "") && succeeded("Success", "0") && succeeded("Interrupted", "50140"));
        assert!(!succeeded("Failure", "50126") && !succeeded("Interrupted", "50074") && !succeeded("Failure", ""));
    }

    #[test]
    fn the_short_form_has_risk_and_dates_of_its_host() {
        let header = "CreatedDateTime,UserPrincipalName,UserDisplayName,AppDisplayName,IPAddress,City,Country,Device,Browser,OS,Status,RiskState,RiskLevelDuringSignIn,RiskLevelAggregated,ConditionalAccessStatus";
        let row = |date: &'static str| {
            [
                date,
                "it.admin@fabrikam.com",
                "IT",
                "Portal",
                "91.219.236.10",
                "Amsterdam",
                "NL",
                "",
                "Edge",
                "Windows",
                "Failure",
                "atRisk",
                "high",
                "medium",
                "failure",
            ]
        };
        let shape = csv_shape(header, &[&row("13/12/2025 7:22:01 AM")]);
        let reader = reader(&shape);
        let s = sign_in(read_csv(&*reader, &row("3/12/2025 7:22:01 AM"), false));
        assert_eq!(s.time.to_string(), "2025-12-03T07:22:01Z");
        assert_eq!((s.details.risk, s.succeeded), (Risk::High, false));
        assert_eq!(s.details.city, "Amsterdam");
        assert!(reader.time_note().is_some_and(|n| n.starts_with("day-first")));
    }

    #[test]
    fn applications_are_named_as_the_audit_log_names_them() {
        let header = "Date (UTC),Request ID,Service principal ID,Service principal name,Credential key ID,Application ID,IP address,Location,Status,Sign-in error code";
        let reader = csv_reader(header);
        let cells = [
            "2026-04-04T00:31:00Z",
            "r",
            "p",
            "Planted",
            "k",
            "5a95e683",
            "91.219.236.10",
            "NL",
            "Success",
            "0",
        ];
        let s = sign_in(read_csv(&*reader, &cells, false));
        assert_eq!(
            (s.account.as_ref(), s.details.kind),
            ("5a95e683", SignInKind::ServicePrincipal)
        );
        assert_eq!((s.details.country.as_ref(), s.details.app.as_ref()), ("NL", "Planted"));
        let fate = |cells: &[&str]| read_csv(&*reader, cells, false).0;
        assert_eq!(fate(&["soon", "r", "p"]), Fate::Rejected(Reason::NoTime));
        assert_eq!(fate(&["2026-04-04T00:31:00Z", "r"]), Fate::Rejected(Reason::NoName));
        assert_eq!(
            fate(&["2026-04-04T00:31:00Z", "r", "p"]),
            Fate::Degraded(Reason::CellCount)
        );
    }
}
