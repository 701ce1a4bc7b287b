//! Entra sign-in logs: the portal's CSV long, short and of applications, Graph v1.0 and beta, and diagnostic records.

use serde_json::{Value, json};

use super::super::setting_formats::{LoggedSignIn, Who};
use super::super::time;
use super::text::{Quotes, Table, json_windows};

/// Two columns have one name, and two have white space behind theirs.
const LONG: [&str; 27] = [
    "Date (UTC)",
    "Request ID",
    "User agent",
    "Correlation ID",
    "User ID",
    "User",
    "Username",
    "User type",
    "Cross tenant access type",
    "Incoming token type",
    "Application",
    "Application ID ",
    "Resource",
    "Resource ID ",
    "IP address",
    "Location",
    "Status",
    "Sign-in error code",
    "Failure reason",
    "Client app",
    "Browser",
    "Authentication requirement",
    "Session ID",
    "Autonomous system  number",
    "Incoming token type",
    "Latency",
    "Conditional Access",
];

fn place(s: &LoggedSignIn) -> String {
    let (city, state, country) = s.place;
    [city, state, country].join(", ").trim_matches([',', ' ']).to_owned()
}

fn status(s: &LoggedSignIn) -> &'static str {
    if s.error == 0 { "Success" } else { "Failure" }
}

fn factors(s: &LoggedSignIn) -> &'static str {
    if s.several_factors {
        "Multifactor authentication"
    } else {
        "Single-factor authentication"
    }
}

/// The portal's long form, newest first.
pub fn portal(all: &[&LoggedSignIn]) -> String {
    let mut table = Table::new(&LONG, Quotes::Always);
    for s in all.iter().rev() {
        let error = if s.error == 0 {
            "None".to_owned()
        } else {
            s.error.to_string()
        };
        let row = [
            &time::iso(s.time),
            &s.id.to_string(),
            s.agent,
            "d0c5f8ae-9ed7-4e46-bfdf-ea1460f5a31b",
            "0a0a0a0a-0000-4000-8000-000000000001",
            "IT Admin",
            s.name,
            "Member",
            "none",
            "none",
            s.app,
            s.app_id,
            "Office 365 Exchange Online",
            "00000002-0000-0ff1-ce00-000000000000",
            s.ip,
            &place(s),
            status(s),
            &error,
            "Other.",
            s.client,
            "Edge 146",
            factors(s),
            "",
            "64500",
            "none",
            "123",
            "Not Applied",
        ];
        table.row(&row);
    }
    table.finish()
}

/// The portal's sign-ins of applications.
pub fn applications(all: &[&LoggedSignIn]) -> String {
    let header = [
        "Date (UTC)",
        "Request ID",
        "Correlation ID",
        "Service principal ID",
        "Service principal name",
        "Credential key ID",
        "Application",
        "Application ID ",
        "Resource",
        "IP address",
        "Location",
        "Status",
        "Sign-in error code",
        "Failure reason",
        "Conditional Access",
    ];
    let mut table = Table::new(&header, Quotes::Needed);
    for s in all {
        table.row(&[
            &time::iso(s.time),
            &s.id.to_string(),
            "",
            "33333333-0000-4000-8000-000000000003",
            s.name,
            "k",
            s.app,
            s.app_id,
            "Office 365 Exchange Online",
            s.ip,
            &place(s),
            status(s),
            &s.error.to_string(),
            "Other.",
            "Not Applied",
        ]);
    }
    table.finish()
}

/// The short form, with dates of a British host.
pub fn short(all: &[&LoggedSignIn]) -> String {
    let header = [
        "CreatedDateTime",
        "UserPrincipalName",
        "UserDisplayName",
        "AppDisplayName",
        "IPAddress",
        "City",
        "Country",
        "Device",
        "Browser",
        "OS",
        "Status",
        "RiskState",
        "RiskLevelDuringSignIn",
        "RiskLevelAggregated",
        "ConditionalAccessStatus",
    ];
    let mut table = Table::new(&header, Quotes::Always);
    // A day of the month beyond twelve settles the order; the sign-ins are of the fourth.
    let older = LoggedSignIn {
        time: time::utc(2026, 3, 27, 9, 15),
        ..(*all[0]).clone()
    };
    for s in std::iter::once(&older).chain(all.iter().copied()) {
        table.row(&[
            &time::en_gb(s.time),
            s.name,
            "IT Admin",
            s.app,
            s.ip,
            s.place.0,
            s.place.2,
            "",
            "Edge 146",
            "Windows10",
            status(s),
            s.risk.2,
            s.risk.0,
            s.risk.1,
            "notApplied",
        ]);
    }
    table.finish()
}

/// What Graph v1.0 says; it knows no agent.
fn v1(s: &LoggedSignIn) -> Value {
    let (city, state, country) = s.place;
    json!({
        "id": s.id.to_string(),
        "createdDateTime": time::iso(s.time),
        "userDisplayName": "IT Admin",
        "userPrincipalName": s.name,
        "userId": "0a0a0a0a-0000-4000-8000-000000000001",
        "appId": s.app_id,
        "appDisplayName": s.app,
        "ipAddress": s.ip,
        "clientAppUsed": s.client,
        "correlationId": "d0c5f8ae-9ed7-4e46-bfdf-ea1460f5a31b",
        "conditionalAccessStatus": "notApplied",
        "isInteractive": s.who == Who::Interactive,
        "riskDetail": "none",
        "riskLevelAggregated": s.risk.1,
        "riskLevelDuringSignIn": s.risk.0,
        "riskState": s.risk.2,
        "riskEventTypes_v2": [],
        "resourceDisplayName": "Office 365 Exchange Online",
        "status": {"errorCode": s.error, "failureReason": "Other.", "additionalDetails": null},
        "deviceDetail": {"deviceId": "", "browser": "Edge 146", "operatingSystem": "Windows10"},
        "location": {"city": city, "state": state, "countryOrRegion": country, "geoCoordinates": {"altitude": null, "latitude": 52.37}},
    })
}

/// What beta adds, and how it writes applications.
fn beta(s: &LoggedSignIn) -> Value {
    let mut value = v1(s);
    let kind = match s.who {
        Who::Interactive => "interactiveUser",
        Who::NonInteractive => "nonInteractiveUser",
        Who::ServicePrincipal => "servicePrincipal",
        Who::ManagedIdentity => "managedIdentity",
    };
    value["signInEventTypes"] = json!([kind]);
    value["userAgent"] = json!(s.agent);
    value["authenticationRequirement"] = json!(if s.several_factors {
        "multiFactorAuthentication"
    } else {
        "singleFactorAuthentication"
    });
    value["uniqueTokenIdentifier"] = json!("q3Qx");
    value["sessionId"] = json!("");
    if matches!(s.who, Who::ServicePrincipal | Who::ManagedIdentity) {
        value["userPrincipalName"] = json!("");
        value["userId"] = json!("");
        value["servicePrincipalName"] = json!(s.name);
        value["servicePrincipalId"] = json!("33333333-0000-4000-8000-000000000003");
    }
    value
}

/// A page of Graph v1.0.
pub fn page(all: &[&LoggedSignIn]) -> String {
    let value: Vec<Value> = all.iter().map(|s| v1(s)).collect();
    json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns",
        "value": value,
    })
    .to_string()
}

/// Pages of beta that a script appended to one file, the last of one sign-in and so without brackets.
pub fn appended(all: &[&LoggedSignIn]) -> String {
    let mut values: Vec<Value> = all.iter().map(|s| beta(s)).collect();
    let last = values.pop().unwrap_or_default();
    let rest = values.split_off(values.len() / 2);
    [Value::Array(values), Value::Array(rest), last]
        .iter()
        .map(json_windows)
        .collect()
}

/// Records of diagnostic settings, one a line.
pub fn diagnostic(all: &[&LoggedSignIn]) -> String {
    let line = |s: &&LoggedSignIn| {
        let category = match s.who {
            Who::Interactive => "SignInLogs",
            Who::NonInteractive => "NonInteractiveUserSignInLogs",
            Who::ServicePrincipal => "ServicePrincipalSignInLogs",
            Who::ManagedIdentity => "ManagedIdentitySignInLogs",
        };
        let record = json!({
            "time": time::iso_ticks(s.time + 4 * time::MINUTE),
            "resourceId": "/tenants/t/providers/Microsoft.aadiam",
            "operationName": "Sign-in activity",
            "category": category,
            "resultType": s.error.to_string(),
            "callerIpAddress": s.ip,
            "properties": beta(s),
        });
        record.to_string() + "\n"
    };
    all.iter().map(line).collect()
}
