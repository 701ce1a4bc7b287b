//! Name/Value bags: Parameters, ExtendedProperties, DeviceProperties, ModifiedProperties.

use serde_json::{Map, Value};

use super::ModifiedProperty;
use super::field::{self, get, get_text, value_text};

/// The pairs of a bag: an array of `{"Name":…,"Value":…}`, an object (Elastic turns bags into maps), either of
/// them as JSON text (Sentinel), or the cmdlet's text (RecordType 18).
pub(super) fn pairs(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::String(text) => match nested(text) {
            Some(inner) => structured_pairs(&inner),
            None => hashtable(text).map_or_else(|| cmdlet_text(text), |pair| vec![pair]),
        },
        other => structured_pairs(other),
    }
}

/// `@{Name=Enabled; Value=False}`, in either order: what PowerShell makes of a pair that it prints as text.
fn hashtable(text: &str) -> Option<(String, String)> {
    let inside = text.trim().strip_prefix("@{")?.strip_suffix('}')?;
    let (name, value) = match inside.strip_prefix("Name=") {
        Some(rest) => rest.split_once("; Value=")?,
        // The value may hold anything, a name hardly a semicolon.
        None => {
            let (value, name) = inside.strip_prefix("Value=")?.rsplit_once("; Name=")?;
            (name, value)
        }
    };
    (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
}

fn structured_pairs(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(items) => items
            .iter()
            .filter_map(|item| match item {
                Value::Object(item) => Some((get_text(item, "Name"), get_text(item, "Value"))),
                Value::String(text) => hashtable(text),
                _ => None,
            })
            .filter(|(name, _)| !name.is_empty())
            .collect(),
        // One pair alone, where ConvertTo-Json dropped the brackets.
        Value::Object(map) if is_pair(map) => vec![(get_text(map, "Name"), get_text(map, "Value"))],
        Value::Object(map) => map
            .iter()
            .filter(|(name, _)| !is_sidecar(name))
            .map(|(name, value)| (name.clone(), value_text(value)))
            .collect(),
        _ => Vec::new(),
    }
}

/// Nothing but a Name and a Value.
fn is_pair(map: &Map<String, Value>) -> bool {
    let plain = map.keys().filter(|name| !is_sidecar(name));
    map.contains_key("Name") && map.contains_key("Value") && plain.count() == 2
}

/// ModifiedProperties: an array of `{"Name":…,"OldValue":…,"NewValue":…}`, a map of such, or bare names (SharePoint).
pub(super) fn modified(value: &Value) -> Vec<ModifiedProperty> {
    let sides = |name: String, item: &Map<String, Value>| ModifiedProperty {
        name,
        old: get(item, "OldValue").filter(|v| !v.is_null()).map(value_text),
        new: get(item, "NewValue").filter(|v| !v.is_null()).map(value_text),
    };
    match value {
        Value::String(text) => match nested(text) {
            Some(inner @ (Value::Array(_) | Value::Object(_))) => modified(&inner),
            _ => Vec::new(),
        },
        Value::Array(items) => items
            .iter()
            .filter_map(|item| match item {
                Value::Object(item) => Some(sides(get_text(item, "Name"), item)),
                Value::String(name) => Some(ModifiedProperty {
                    name: name.clone(),
                    ..ModifiedProperty::default()
                }),
                _ => None,
            })
            .filter(|p| !p.name.is_empty())
            .collect(),
        Value::Object(map) => map
            .iter()
            .filter(|(name, _)| !is_sidecar(name))
            .filter_map(|(name, item)| Some(sides(name.clone(), item.as_object()?)))
            .collect(),
        _ => Vec::new(),
    }
}

/// Graph's type notes beside the fields.
fn is_sidecar(name: &str) -> bool {
    name.contains("@odata.type") || name.contains("@data.type")
}

fn nested(text: &str) -> Option<Value> {
    let text = text.trim();
    text.starts_with(['[', '{']).then(|| field::nested(text))?
}

/// `-Identity "Inbound from HQ" -Enabled $false -SenderIPAddresses ("1.2.3.4","1.2.3.5")`.
fn cmdlet_text(text: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for word in words(text) {
        let name = word
            .strip_prefix('-')
            .filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic()));
        match (name, pairs.last_mut()) {
            (Some(name), _) => {
                let (name, value) = name.split_once(':').unwrap_or((name, ""));
                pairs.push((name.to_owned(), plain(value)));
            }
            (None, Some((_, value))) => {
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(&plain(word));
            }
            (None, None) => {}
        }
    }
    pairs
}

/// Splits at white space outside quotes and parentheses.
fn words(text: &str) -> Vec<&str> {
    let (mut quote, mut depth, mut start) = (None, 0usize, None);
    let mut words = Vec::new();
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c == '(' => depth += 1,
            None if c == ')' => depth = depth.saturating_sub(1),
            None => {}
        }
        let parts = c.is_whitespace() && quote.is_none() && depth == 0;
        match (parts, start) {
            (true, Some(begin)) => {
                words.extend(text.get(begin..at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    words.extend(start.and_then(|begin| text.get(begin..)));
    words
}

/// A PowerShell literal as the log would write its value; lists are one level deep.
fn plain(literal: &str) -> String {
    let literal = literal.trim_start_matches('@');
    match literal.strip_prefix('(').and_then(|l| l.strip_suffix(')')) {
        Some(items) => items.split(',').map(scalar).collect::<Vec<_>>().join(";"),
        None => scalar(literal).to_owned(),
    }
}

fn scalar(literal: &str) -> &str {
    let literal = literal.trim();
    match literal {
        l if l.eq_ignore_ascii_case("$true") => "True",
        l if l.eq_ignore_ascii_case("$false") => "False",
        l if l.eq_ignore_ascii_case("$null") => "",
        l => l.trim_matches(['"', '\'']),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{modified, pairs};
    use crate::records::ModifiedProperty;

    fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn every_spelling_of_a_bag_gives_the_same_pairs() {
        let expected = owned(&[
            ("Name", "Relay"),
            ("SenderIPAddresses", "1.2.3.4;1.2.3.5"),
            ("Enabled", "True"),
        ]);
        let array = json!([{"Name": "Name", "Value": "Relay"}, {"Name": "SenderIPAddresses", "Value": ["1.2.3.4", "1.2.3.5"]},
            {"Name": "Enabled", "Value": true}]);
        let map = json!({"Name": "Relay", "SenderIPAddresses": "1.2.3.4;1.2.3.5", "Enabled": "True", "Enabled@odata.type": "#Bool"});
        let text = json!("-Name \"Relay\" -SenderIPAddresses (\"1.2.3.4\",\"1.2.3.5\") -Enabled $true");
        let json_text = json!(array.to_string());
        for bag in [array, map, text, json_text] {
            assert_eq!(pairs(&bag), expected, "{bag}");
        }
    }

    #[test]
    fn cmdlet_text_keeps_what_stands_in_quotes() {
        let text = json!("-StartReceivedDate \"4/25/2021 7:00:00 AM\" -Identity 'a -b c' -Force:$true -Quiet");
        let expected = owned(&[
            ("StartReceivedDate", "4/25/2021 7:00:00 AM"),
            ("Identity", "a -b c"),
            ("Force", "True"),
            ("Quiet", ""),
        ]);
        assert_eq!(pairs(&text), expected);
    }

    #[test]
    fn pairs_that_powershell_printed_or_left_alone_are_pairs() {
        let expected = owned(&[("SenderIPAddresses", "1.2.3.4; 1.2.3.5"), ("Enabled", "")]);
        let printed = json!([
            "@{Name=SenderIPAddresses; Value=1.2.3.4; 1.2.3.5}",
            "@{Value=; Name=Enabled}",
            "@{Id=5}"
        ]);
        assert_eq!(pairs(&printed), expected);
        assert_eq!(
            pairs(&json!({"Name": "Enabled", "Value": "False"})),
            owned(&[("Enabled", "False")])
        );
        assert_eq!(pairs(&json!("@{Name=a; Value=b}")), owned(&[("a", "b")]));
    }

    #[test]
    fn modified_properties_keep_both_sides() {
        let expected = vec![ModifiedProperty {
            name: "Role.DisplayName".into(),
            old: None,
            new: Some("\"Global Administrator\"".into()),
        }];
        let new = "\"Global Administrator\"";
        assert_eq!(
            modified(&json!([{"Name": "Role.DisplayName", "OldValue": null, "NewValue": new}])),
            expected
        );
        assert_eq!(modified(&json!({"Role.DisplayName": {"NewValue": new}})), expected);
    }

    #[test]
    fn nested_parentheses_cost_no_stack() {
        let text = format!("-A {}{}", "(".repeat(200_000), ")".repeat(200_000));
        assert_eq!(pairs(&json!(text)).len(), 1);
    }

    #[test]
    fn what_is_no_bag_gives_nothing() {
        assert!(pairs(&json!(5)).is_empty());
        assert!(pairs(&json!("just words")).is_empty());
        assert!(modified(&json!("[")).is_empty());
    }
}
