//! Get-TransportRule, as JSON or CSV.

use super::recognise::{Format, Seen};
use super::snapshot;
use super::snapshot::ParameterKind::{self, Bool, List, Text};
use super::{Kind, Reader, SettingKind};

pub(super) const FORMAT: Format = Format {
    name: "get_transport_rule",
    marks: &["Name", "Priority", "State", "Mode", "Conditions", "Actions"],
    recognise,
};

/// What tells which mail a rule acts on, and what it does to it.
const PARAMETERS: &[(&str, ParameterKind)] = &[
    ("Name", Text),
    ("State", Text),
    ("Mode", Text),
    ("Priority", Text),
    ("Comments", Text),
    ("CreatedBy", Text),
    ("LastModifiedBy", Text),
    ("StopRuleProcessing", Bool),
    ("RemoveHeader", Text),
    ("SetHeaderName", Text),
    ("SetHeaderValue", Text),
    ("SetSCL", Text),
    ("RedirectMessageTo", List),
    ("BlindCopyTo", List),
    ("CopyTo", List),
    ("AddToRecipients", List),
    ("RouteMessageOutboundConnector", Text),
    ("DeleteMessage", Bool),
    ("Quarantine", Bool),
    ("From", List),
    ("FromScope", Text),
    ("SentToScope", Text),
    ("SenderDomainIs", List),
    ("SenderIpRanges", List),
    ("HeaderContainsMessageHeader", Text),
    ("HeaderContainsWords", List),
    ("SubjectOrBodyContainsWords", List),
    ("ActivationDate", Text),
    ("ExpiryDate", Text),
];

/// What a rule of mail flow has and the rules that bind filter policies to people have not.
const OWN: [&str; 8] = [
    "SenderAddressLocation",
    "RuleErrorAction",
    "StopRuleProcessing",
    "RemoveHeader",
    "SetHeaderName",
    "RedirectMessageTo",
    "BlindCopyTo",
    "SenderIpRanges",
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let named = seen.has_any(&["Name", "Identity"]);
    let rule = seen.has_any(&["State", "Mode"]) && seen.has_any(&OWN);
    let known = named && rule;
    known.then(|| {
        snapshot::Settings {
            format: FORMAT.name,
            kind: Kind::TransportRules,
            setting: SettingKind::TransportRule,
            names: &["Name", "Identity"],
            unnamed: None,
            parameters: PARAMETERS,
        }
        .reader(seen)
    })
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Fate, Reason};
    use crate::records::testing::{csv_reader, json_reader, read_csv, read_json, real, setting};
    use crate::records::{Kind, SettingKind};

    #[test]
    fn a_rule_is_read_field_by_field() {
        let object = r#"{"Priority":0,"State":"Enabled","Mode":"Enforce","RuleErrorAction":"Ignore","RemoveHeader":"Received-SPF","BlindCopyTo":["a@evil.example","b@evil.example"],"SetSCL":-1,"Name":".","Guid":"d60d0c37-4f9d-4bcb-8b5e-2c91edfd4cbb","CreatedBy":"IT","WhenChanged":"\/Date(1777880642000)\/","From":null}"#;
        let reader = json_reader(object);
        assert_eq!(
            (reader.kind(), reader.format()),
            (Kind::TransportRules, "get_transport_rule")
        );
        let rule = setting(read_json(&*reader, object));
        assert_eq!((rule.kind, rule.name.as_str()), (SettingKind::TransportRule, "."));
        assert_eq!(rule.parameter("RemoveHeader"), Some("Received-SPF"));
        assert_eq!(rule.parameter("BlindCopyTo"), Some("a@evil.example;b@evil.example"));
        assert_eq!(
            (rule.parameter("SetSCL"), rule.parameter("From")),
            (Some("-1"), Some(""))
        );
        assert_eq!(
            rule.changed.map(|t| t.to_string()).as_deref(),
            Some("2026-05-04T07:44:02Z")
        );
    }

    #[test]
    fn a_csv_row_says_the_same_and_a_nameless_one_is_rejected() {
        let reader = csv_reader("Name,State,Mode,RuleErrorAction,RemoveHeader,WhenChanged");
        let row = ["x", "Disabled", "Enforce", "Ignore", "Received", "5/4/2026 7:44:02 AM"];
        assert_eq!(
            setting(read_csv(&*reader, &row, false)).parameter("State"),
            Some("Disabled")
        );
        let fate = read_csv(&*reader, &["", "Enabled", "", "", "", ""], false).0;
        assert_eq!(fate, Fate::Rejected(Reason::NoName));
    }

    #[test]
    fn the_public_rule_is_read() {
        let Some(text) = real("scubagear/transport_rule.json") else {
            return;
        };
        let object = text.trim().trim_start_matches('[').trim_end_matches(']').trim();
        let rule = setting(read_json(&*json_reader(object), object));
        assert_eq!(rule.id.as_deref(), Some("d60d0c37-4f9d-4bcb-8b5e-2c91edfd4cbb"));
        assert_eq!(
            (rule.parameter("FromScope"), rule.parameter("State")),
            (Some("NotInOrganization"), Some("Enabled"))
        );
        assert_eq!(rule.parameter("RemoveHeader"), Some(""));
    }
}
