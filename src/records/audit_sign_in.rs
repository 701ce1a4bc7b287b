//! Sign-ins of the audit log (RecordType 15): many, so read typed and borrowed.

use std::borrow::Cow;

use serde::Deserialize;

use super::audit::Placed;
use super::audit_event;
use super::field::object_and_damage;
use super::scan::Head;
use super::{AuditEvent, Record, RecordId, SignIn, SignInDetails, address};
use crate::evidence::Reason;

/// What a sign-in is asked for. ResultStatus is left out: it tells whether the HTTP request succeeded, and most
/// failed sign-ins say `Success` (schema, AzureActiveDirectoryStsLogon).
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    account: Cow<'a, str>,
    address: Cow<'a, str>,
    agent: Cow<'a, str>,
    session: Cow<'a, str>,
}

/// Serde borrows a `Cow` within an `Option` only through a type of its own.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data<'a> {
    #[serde(borrow)]
    user_id: Option<Text<'a>>,
    #[serde(borrow, rename = "ClientIP")]
    client_ip: Option<Text<'a>>,
    #[serde(borrow)]
    actor_ip_address: Option<Text<'a>>,
    #[serde(borrow)]
    session_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    extended_properties: Vec<Pair<'a>>,
    #[serde(borrow, default)]
    device_properties: Vec<Pair<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    value: Option<Text<'a>>,
}

/// Reads AuditData, and what is wrong with it; no fields where it is no JSON object.
pub(super) fn read(data: &str) -> (Option<Fields<'_>>, Option<Reason>) {
    if let Ok(typed) = serde_json::from_str::<Data<'_>>(data)
        && typed.user_id.is_some()
    {
        return (Some(typed.into()), None);
    }
    // A key that stands twice or in other letters, a number where text is usual, a bag of another shape.
    match object_and_damage(data.as_bytes()) {
        Ok((map, damage)) => (Some(audit_event::from_object(&map).into()), damage),
        Err(_) => (None, Some(Reason::AuditDataBroken)),
    }
}

impl From<AuditEvent> for Fields<'_> {
    fn from(event: AuditEvent) -> Self {
        Fields {
            agent: event.extended("UserAgent").unwrap_or_default().to_owned().into(),
            address: event.client_ip.map(|a| a.to_string()).unwrap_or_default().into(),
            account: event.user.into(),
            session: event.session_id.unwrap_or_default().into(),
        }
    }
}

impl<'a> From<Data<'a>> for Fields<'a> {
    fn from(data: Data<'a>) -> Self {
        let filled = |text: Option<Text<'a>>| text.map(|t| t.0).filter(|t| !t.trim().is_empty());
        let value = |pairs: Vec<Pair<'a>>, name: &str| {
            pairs.into_iter().find_map(|pair| {
                let named = pair.name.is_some_and(|n| n.0.eq_ignore_ascii_case(name));
                pair.value.filter(|_| named)
            })
        };
        let agent = value(data.extended_properties, "UserAgent");
        let session = value(data.device_properties, "SessionId");
        Fields {
            account: filled(data.user_id).unwrap_or_default(),
            address: filled(data.client_ip)
                .or(filled(data.actor_ip_address))
                .unwrap_or_default(),
            agent: filled(agent).unwrap_or_default(),
            session: filled(data.session_id).or(filled(session)).unwrap_or_default(),
        }
    }
}

/// Hands on a sign-in; `head` is what could be had of AuditData where it could not be read.
pub(super) fn hand_on(
    placed: &Placed<'_>,
    fields: Option<Fields<'_>>,
    head: &Head<'_>,
    outer: &Head<'_>,
    succeeded: bool,
    complete: bool,
    out: &mut dyn FnMut(Record<'_>),
) {
    let fields = fields.unwrap_or_else(|| Fields {
        account: head.user.text(),
        address: head.client_ip.text(),
        agent: Cow::Borrowed(""),
        session: Cow::Borrowed(""),
    });
    out(Record::SignIn(SignIn {
        time: placed.time,
        id: RecordId::of(&placed.id),
        account: if fields.account.is_empty() {
            outer.user.text()
        } else {
            fields.account
        },
        address: address::ip(&fields.address).or_else(|| address::ip(&outer.client_ip.text())),
        agent: fields.agent,
        session: fields.session,
        succeeded,
        complete,
        from_audit_log: true,
        operation: Cow::Borrowed(&placed.operation),
        result_count: placed.result_count,
        details: SignInDetails::default(),
    }));
}

#[cfg(test)]
mod tests {
    use super::read;

    fn session(fields: &str) -> String {
        let data = format!(r#"{{"UserId":"a@b.example","ClientIP":"81.2.69.160",{fields}}}"#);
        let (read, damage) = read(&data);
        assert_eq!(damage, None);
        read.map(|fields| fields.session.into_owned()).unwrap_or_default()
    }

    #[test]
    fn a_session_is_named_among_the_properties_of_the_device_or_beside_them() {
        let device = r#""DeviceProperties":[{"Name":"OS","Value":"Windows"},{"Name":"SessionId","Value":"s-1"}]"#;
        assert_eq!(session(device), "s-1");
        assert_eq!(session(&format!(r#""SessionId":"s-2",{device}"#)), "s-2");
        assert_eq!(session(&format!(r#""SessionId":"",{device}"#)), "s-1");
        // As a map, and in other letters: read the long way.
        assert_eq!(
            session(r#""DeviceProperties":{"OS":"Windows","SESSIONID":"s-3"}"#),
            "s-3"
        );
        assert_eq!(
            session(r#""AppAccessContext":{"AADSessionId":"s-4"},"DeviceProperties":{}"#),
            "s-4"
        );
        assert_eq!(session(r#""DeviceProperties":[]"#), "");
    }
}
