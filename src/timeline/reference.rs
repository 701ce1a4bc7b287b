//! What a record calls a connector: Identity and ObjectId come as names, distinguished names, paths or GUIDs.

use super::actor::is_guid;
use super::step::Step;

/// A name or an id taken from what a record calls the connector.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reference {
    Name(String),
    Id(String),
}

/// How names compare.
pub(super) fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Reads an Identity or ObjectId: a GUID, a distinguished name, `org\name`, a path below the hosted
/// organisations, or a plain name. `None` for an empty one.
pub(super) fn reference(text: &str) -> Option<Reference> {
    let text = text.trim();
    let bare = text.trim_matches(['{', '}']);
    if is_guid(bare) {
        return Some(Reference::Id(bare.to_lowercase()));
    }
    let name = if text.get(..3).is_some_and(|p| p.eq_ignore_ascii_case("CN=")) {
        first_component(text.get(3..).unwrap_or_default())
    } else if let Some((_, path)) = text.split_once("Hosted Organizations/") {
        path.split_once('/').map_or(path, |(_, name)| name).to_owned()
    } else {
        text.rsplit('\\').next().unwrap_or(text).to_owned()
    };
    let name = name.trim();
    if is_guid(name) {
        return Some(Reference::Id(name.to_lowercase()));
    }
    (!name.is_empty()).then(|| Reference::Name(name.to_owned()))
}

/// The value of a distinguished name's first component, escapes undone.
fn first_component(text: &str) -> String {
    let mut name = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ',' => break,
            '\\' => name.extend(chars.next()),
            _ => name.push(c),
        }
    }
    name
}

/// The name that a creation record gives.
pub(super) fn new_name(step: &Step) -> Option<String> {
    let typed = step.event.parameter("Name").map(str::trim).filter(|n| !n.is_empty());
    match typed {
        Some(name) => Some(name.to_owned()),
        None => match reference(&step.event.object)? {
            Reference::Name(name) | Reference::Id(name) => Some(name),
        },
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{Reference, reference};

    const GUID: &str = "11111111-2222-3333-4444-555555555555";

    #[test_case("Inbound from HQ", "Inbound from HQ"; "plain")]
    #[test_case(" fabrikam.onmicrosoft.com\\Inbound from HQ", "Inbound from HQ"; "organisation and name")]
    #[test_case("CN=Inbound\\, HQ,CN=Transport Settings,DC=x", "Inbound, HQ"; "distinguished name with an escape")]
    #[test_case("EURPR04A009.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/fabrikam.onmicrosoft.com/A/B", "A/B"; "path")]
    fn names(text: &str, expected: &str) {
        assert_eq!(reference(text), Some(Reference::Name(expected.to_owned())));
    }

    #[test]
    fn guids_are_ids_and_nothing_is_nothing() {
        assert_eq!(reference(&GUID.to_uppercase()), Some(Reference::Id(GUID.to_owned())));
        assert_eq!(reference(&format!("{{{GUID}}}")), Some(Reference::Id(GUID.to_owned())));
        assert_eq!(reference("  "), None);
        assert_eq!(reference("CN="), None);
        assert_eq!(reference("org\\"), None);
    }
}
