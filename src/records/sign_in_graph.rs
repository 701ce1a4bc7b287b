//! Entra sign-in logs as JSON: Microsoft Graph v1.0 and beta, alone or in pages, the records that diagnostic settings
//! write (the same object under `properties`), and Microsoft Sentinel's tables of them.
//!
//! Interactive and non-interactive sign-ins of users, sign-ins of service principals and of managed identities all have
//! this shape. A sign-in's `id` is the Id of the audit log's record of it.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::date::{self, DateOrder};
use super::field::json_reason;
use super::recognise::{Format, Seen};
use super::scan::{Token, values};
use super::sign_in_log::{self, factor, is_legacy, place, risk};
use super::{Kind, Origin, Reader, Record, SignInKind};
use crate::evidence::{Fate, Reason, Row};

pub(super) const FORMAT: Format = Format {
    name: "entra_sign_ins_json",
    marks: &[
        "id",
        "createdDateTime",
        "userPrincipalName",
        "appDisplayName",
        "ipAddress",
        "status",
    ],
    recognise,
};

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let named = seen.has_any(&[
        "userPrincipalName",
        "servicePrincipalId",
        "servicePrincipalName",
        "appId",
    ]);
    let dated = seen.has_any(&["createdDateTime", "TimeGenerated"]);
    let signs_in = seen.has("ipAddress")
        && seen.has_any(&["status", "ResultType"])
        && seen.has_any(&[
            "clientAppUsed",
            "conditionalAccessStatus",
            "isInteractive",
            "signInEventTypes",
            "ServicePrincipalId",
        ]);
    let diagnostic = seen.has("properties") && seen.says("category", "SignInLogs");
    (seen.is_json() && ((named && dated && signs_in) || diagnostic)).then_some(Box::new(SignIns))
}

struct SignIns;

impl Reader for SignIns {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn kind(&self) -> Kind {
        Kind::SignInLog
    }

    fn read(&self, row: &Row<'_>, origin: Origin, out: &mut dyn FnMut(Record<'_>)) -> Fate {
        let Row::Json(text) = row else {
            return Fate::Rejected(Reason::OtherFormat);
        };
        let damage = serde_json::from_slice::<IgnoredAny>(text)
            .err()
            .map(|e| json_reason(&e));
        let outer = Token::plain(text);
        let [properties, category, logged] = values(outer, ["properties", "category", "time"]);
        let record = if properties.is_object() { properties } else { outer };
        let [created, generated, id, user, user_id, address, agent, status, result] = values(
            record,
            [
                "createdDateTime",
                "TimeGenerated",
                "id",
                "userPrincipalName",
                "userId",
                "ipAddress",
                "userAgent",
                "status",
                "ResultType",
            ],
        );
        let [
            app,
            app_id,
            principal,
            principal_name,
            location,
            details,
            during,
            aggregated,
            state,
        ] = values(
            record,
            [
                "appDisplayName",
                "appId",
                "servicePrincipalId",
                "servicePrincipalName",
                "location",
                "LocationDetails",
                "riskLevelDuringSignIn",
                "riskLevelAggregated",
                "riskState",
            ],
        );
        let [requirement, client, interactive, kinds, table, identity, mfa, session] = values(
            record,
            [
                "authenticationRequirement",
                "clientAppUsed",
                "isInteractive",
                "signInEventTypes",
                "Type",
                "managedServiceIdentity",
                "mfaDetail",
                "sessionId",
            ],
        );
        let time = [created, generated, logged]
            .iter()
            .find_map(|t| date::parse(t.text().as_bytes(), DateOrder::MonthFirst));
        let is_principal = user.is_empty() && !principal.or(principal_name).is_empty();
        let hints = [category.text(), kinds.text(), table.text()]
            .concat()
            .to_ascii_lowercase();
        let kind = if hints.contains("managedidentity") || (is_principal && is_filled(identity)) {
            SignInKind::ManagedIdentity
        } else if hints.contains("serviceprincipal") || is_principal {
            SignInKind::ServicePrincipal
        } else if hints.contains("noninteractive") || interactive.raw().eq_ignore_ascii_case(b"false") {
            SignInKind::NonInteractive
        } else {
            SignInKind::Interactive
        };
        let status_text = status.text();
        let inside = if status.is_object() {
            status
        } else {
            Token::plain(status_text.as_bytes())
        };
        let [code] = values(inside, ["errorCode"]);
        let account = if is_principal {
            app_id.or(principal).or(principal_name)
        } else {
            user.or(user_id)
        };
        let (location, location_text) = (
            if details.is_object() { details } else { location },
            details.or(location).text(),
        );
        let (city, country) = place(&location, &location_text);
        let row = sign_in_log::Row {
            time: time.ok_or(Reason::NoTime),
            id: id.text(),
            account: account.text(),
            address: address.text(),
            agent: agent.text(),
            session: session.text(),
            outcome: code.or(result).text(),
            kind,
            app: app.or(principal_name).text(),
            country: if country.is_empty() && !location_text.starts_with('{') {
                // Sentinel's Location is the country's code alone.
                Cow::Borrowed(location_text.as_ref())
            } else {
                country
            },
            city,
            risk: risk([&during.text(), &aggregated.text()], &state.text()),
            factor: match factor(&requirement.text()) {
                super::Factor::Unknown if is_filled(mfa) => super::Factor::Several,
                known => known,
            },
            legacy: is_legacy(&client.text()),
        };
        row.hand_on(damage, origin, out)
    }
}

/// An object with something in it.
fn is_filled(token: Token<'_>) -> bool {
    token.is_object() && token.raw().contains(&b':') && !token.raw().ends_with(b":null}")
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{json_reader, read_json, sign_in};
    use crate::records::{Factor, Kind, RecordId, Risk, SignInKind};

    const ID: &str = "66ea54eb-6301-4ee5-be62-ff5a759b0100";
    const V1: &str = r#"{"id":"66ea54eb-6301-4ee5-be62-ff5a759b0100","createdDateTime":"2026-04-04T00:31:00Z","userDisplayName":"IT","userPrincipalName":"it.admin@fabrikam.com","userId":"0a","appId":"00000006-0000-0ff1-ce00-000000000000","appDisplayName":"Office 365 Portal","ipAddress":"91.219.236.10","clientAppUsed":"Browser","correlationId":"c","conditionalAccessStatus":"notApplied","isInteractive":true,"riskDetail":"none","riskLevelAggregated":"low","riskLevelDuringSignIn":"medium","riskState":"atRisk","resourceDisplayName":"x","status":{"errorCode":0,"failureReason":"Other.","additionalDetails":"MFA requirement satisfied by claim in the token"},"deviceDetail":{"browser":"Edge"},"location":{"city":"Amsterdam","state":"NH","countryOrRegion":"NL","geoCoordinates":{"latitude":1.0}}}"#;

    #[test]
    fn a_sign_in_of_a_user_is_read_field_by_field() {
        let reader = json_reader(V1);
        assert_eq!(
            (reader.kind(), reader.format()),
            (Kind::SignInLog, "entra_sign_ins_json")
        );
        let read = read_json(&*reader, V1);
        assert_eq!(read.0, Fate::Accepted);
        let s = sign_in(read);
        assert_eq!(
            (s.time.to_string().as_str(), s.id),
            ("2026-04-04T00:31:00Z", RecordId::of(ID))
        );
        assert_eq!(
            (s.account.as_ref(), s.address),
            ("it.admin@fabrikam.com", "91.219.236.10".parse().ok())
        );
        assert!(s.succeeded && s.complete && !s.from_audit_log);
        assert_eq!(
            (s.details.city.as_ref(), s.details.country.as_ref()),
            ("Amsterdam", "NL")
        );
        assert_eq!(
            (s.details.risk, s.details.kind),
            (Risk::Medium, SignInKind::Interactive)
        );
        assert_eq!(
            (s.details.app.as_ref(), s.details.factor),
            ("Office 365 Portal", Factor::Unknown)
        );
    }

    #[test]
    fn beta_adds_agent_and_factors_and_tells_the_kinds_apart() {
        let beta = |more: &str| V1.replacen('{', &format!("{{{more},"), 1);
        let text = beta(
            r#""userAgent":"axios/1.7","sessionId":"00aa11bb","authenticationRequirement":"singleFactorAuthentication","signInEventTypes":["nonInteractiveUser"]"#,
        );
        let s = sign_in(read_json(&*json_reader(&text), &text));
        assert_eq!((s.agent.as_ref(), s.details.factor), ("axios/1.7", Factor::One));
        assert_eq!(s.session, "00aa11bb");
        assert_eq!(s.details.kind, SignInKind::NonInteractive);
        let principal = r#"{"id":"b","createdDateTime":"2026-04-04T00:31:00Z","userPrincipalName":"","userId":"","appId":"5a95e683-08ad-424e-a441-1d1aec52c02c","appDisplayName":"Planted","ipAddress":"91.219.236.10","clientAppUsed":null,"isInteractive":null,"servicePrincipalId":"p","servicePrincipalName":"Planted","signInEventTypes":["servicePrincipal"],"status":{"errorCode":7000215},"location":null}"#;
        let s = sign_in(read_json(&*json_reader(principal), principal));
        assert_eq!(
            s.account, "5a95e683-08ad-424e-a441-1d1aec52c02c",
            "as the audit log names an application"
        );
        assert_eq!((s.details.kind, s.succeeded), (SignInKind::ServicePrincipal, false));
        let managed = principal.replace("servicePrincipal\"]", "managedIdentity\"]");
        let s = sign_in(read_json(&*json_reader(&managed), &managed));
        assert_eq!(s.details.kind, SignInKind::ManagedIdentity);
    }

    #[test]
    fn diagnostic_records_and_sentinels_tables_say_the_same() {
        let wrapped = format!(
            r#"{{"time":"2026-04-04T00:35:00Z","category":"NonInteractiveUserSignInLogs","resultType":"0","properties":{V1}}}"#
        );
        let s = sign_in(read_json(&*json_reader(&wrapped), &wrapped));
        assert_eq!(
            (s.time.to_string().as_str(), s.id),
            ("2026-04-04T00:31:00Z", RecordId::of(ID))
        );
        assert_eq!(s.details.kind, SignInKind::NonInteractive);
        let table = r#"{"TimeGenerated":"2026-04-04T00:31:00Z","Id":"66ea54eb-6301-4ee5-be62-ff5a759b0100","ResultType":"50126","UserPrincipalName":"it.admin@fabrikam.com","AppDisplayName":"x","IPAddress":"91.219.236.10","Location":"NL","LocationDetails":"{\"city\":\"Amsterdam\",\"countryOrRegion\":\"NL\"}","Status":"{\"errorCode\":50126}","ConditionalAccessStatus":"notApplied","RiskLevelDuringSignIn":"hidden","Type":"AADNonInteractiveUserSignInLogs"}"#;
        let reader = json_reader(table);
        assert_eq!(reader.format(), "entra_sign_ins_json");
        let s = sign_in(read_json(&*reader, table));
        assert_eq!((s.succeeded, s.details.city.as_ref()), (false, "Amsterdam"));
        assert_eq!(
            (s.details.kind, s.details.risk),
            (SignInKind::NonInteractive, Risk::Unknown)
        );
    }

    #[test]
    fn what_cannot_be_placed_has_its_reason() {
        let reader = json_reader(V1);
        let fate = |text: &str| read_json(&*reader, text).0;
        assert_eq!(
            fate(&V1.replace("2026-04-04T00:31:00Z", "soon")),
            Fate::Rejected(Reason::NoTime)
        );
        assert_eq!(
            fate(r#"{"createdDateTime":"2026-04-04T00:31:00Z"}"#),
            Fate::Rejected(Reason::NoName)
        );
        assert_eq!(fate(&V1.replace("1.0}", "?}")), Fate::Degraded(Reason::NotJson));
    }
}
