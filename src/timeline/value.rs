//! Parameter values: which cmdlet parameters matter, when two spellings say the same, and what an
//! incremental value makes of the value before.
//!
//! The log writes what was typed, a snapshot what the service keeps: `*` and `smtp:*;1`, `$true` and `True`,
//! `81.2.69.160` and `81.2.69.160/32` are one value each.

use std::collections::BTreeSet;

use ipnet::IpNet;

/// Parameters that say how a cmdlet runs, not what it sets (seen in real exports of Exchange admin records).
const NOISE: [&str; 19] = [
    "identity",
    "domaincontroller",
    "organization",
    "ignoredehydratedflag",
    "erroraction",
    "errorvariable",
    "warningaction",
    "warningvariable",
    "informationaction",
    "informationvariable",
    "outvariable",
    "outbuffer",
    "pipelinevariable",
    "confirm",
    "force",
    "whatif",
    "verbose",
    "debug",
    "asjob",
];

/// Inbound connector parameters that New- and Set- take, as Microsoft's cmdlet pages spell them.
const CONNECTOR: [&str; 22] = [
    "Name",
    "Enabled",
    "ConnectorType",
    "ConnectorSource",
    "Comment",
    "SenderIPAddresses",
    "SenderDomains",
    "TrustedOrganizations",
    "ClientHostNames",
    "AssociatedAcceptedDomains",
    "RequireTls",
    "RestrictDomainsToIPAddresses",
    "RestrictDomainsToCertificate",
    "CloudServicesMailEnabled",
    "TreatMessagesAsInternal",
    "TlsSenderCertificateName",
    "EFTestMode",
    "EFSkipLastIP",
    "EFSkipIPs",
    "EFSkipMailGateway",
    "EFUsers",
    "ScanAndDropRecipients",
];

/// Connector parameters that take several values.
const LISTS: [&str; 9] = [
    "senderipaddresses",
    "senderdomains",
    "trustedorganizations",
    "clienthostnames",
    "associatedaccepteddomains",
    "efskipips",
    "efskipmailgateway",
    "efusers",
    "scananddroprecipients",
];

const BOOLEANS: [&str; 8] = [
    "enabled",
    "requiretls",
    "restrictdomainstoipaddresses",
    "restrictdomainstocertificate",
    "cloudservicesmailenabled",
    "treatmessagesasinternal",
    "eftestmode",
    "efskiplastip",
];

/// Whether a parameter sets nothing on the object.
pub(super) fn is_noise(parameter: &str) -> bool {
    let lower = parameter.trim().to_ascii_lowercase();
    lower.is_empty() || NOISE.contains(&lower.as_str())
}

/// The documented spelling of an inbound connector's parameter; `None` for any other.
pub(super) fn connector_parameter(parameter: &str) -> Option<&'static str> {
    CONNECTOR
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(parameter.trim()))
}

/// The value as the report writes it: booleans as `True` and `False`, nothing as the empty string.
pub(super) fn canonical(parameter: &str, value: &str) -> String {
    let value = value.trim();
    if is_in(&BOOLEANS, parameter)
        && let Some(truth) = boolean(value)
    {
        return if truth { "True" } else { "False" }.to_owned();
    }
    if is_nothing(value) {
        String::new()
    } else {
        value.to_owned()
    }
}

/// Whether two spellings set the same.
pub(super) fn same(parameter: &str, a: &str, b: &str) -> bool {
    if a.trim() == b.trim() {
        return true;
    }
    if is_in(&LISTS, parameter) {
        return members(parameter, a) == members(parameter, b);
    }
    let (a, b) = (canonical(parameter, a), canonical(parameter, b));
    if parameter.eq_ignore_ascii_case("Comment") {
        a == b
    } else {
        a.to_lowercase() == b.to_lowercase()
    }
}

/// The members of a multi-valued parameter, each in one spelling: addresses as networks, domains in lower
/// case without `smtp:` and cost.
pub(super) fn members(parameter: &str, value: &str) -> BTreeSet<String> {
    items(value).iter().map(|item| member(parameter, item)).collect()
}

/// The members of a multi-valued connector parameter as they are written, an address space with its cost
/// (`smtp:*;1`); `None` for a parameter that takes one value.
pub fn list_members(parameter: &str, value: &str) -> Option<Vec<String>> {
    is_in(&LISTS, parameter).then(|| items(value))
}

/// Whether the value is a PowerShell hash table that adds to or takes from the value before.
pub(super) fn is_incremental(value: &str) -> bool {
    value.trim_start().starts_with("@{")
}

/// The value after an incremental change; `None` where the table cannot be read.
pub(super) fn apply(parameter: &str, before: &str, table: &str) -> Option<String> {
    let inner = table.trim().strip_prefix("@{")?.strip_suffix('}')?;
    let mut now = items(before);
    for entry in split(inner, ';') {
        let (verb, list) = entry.split_once('=')?;
        let given: Vec<String> = split(list, ',')
            .iter()
            .flat_map(|v| items(v))
            .filter(|v| !v.is_empty())
            .collect();
        let touched: BTreeSet<String> = given.iter().map(|v| member(parameter, v)).collect();
        match verb.trim().to_ascii_lowercase().as_str() {
            "add" => {
                let there: BTreeSet<String> = now.iter().map(|v| member(parameter, v)).collect();
                now.extend(given.into_iter().filter(|v| !there.contains(&member(parameter, v))));
            }
            "remove" => now.retain(|v| !touched.contains(&member(parameter, v))),
            "replace" => now = given,
            _ => return None,
        }
    }
    Some(now.join(";"))
}

fn is_in(set: &[&str], parameter: &str) -> bool {
    set.iter().any(|p| p.eq_ignore_ascii_case(parameter.trim()))
}

fn is_nothing(value: &str) -> bool {
    value.is_empty()
        || ["$null", "null", "{}", "@()"]
            .iter()
            .any(|n| value.eq_ignore_ascii_case(n))
}

fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "$true" | "1" => Some(true),
        "false" | "$false" | "0" => Some(false),
        _ => None,
    }
}

/// Members as written. The cost of an address space (`smtp:*;1`) stays with its domain.
fn items(value: &str) -> Vec<String> {
    let value = value.trim();
    if is_nothing(value) {
        return Vec::new();
    }
    let bare = value
        .strip_prefix('{')
        .and_then(|v| v.strip_suffix('}'))
        .unwrap_or(value);
    let mut found: Vec<String> = Vec::new();
    for part in bare.split([';', ',']) {
        let part = part.trim().trim_matches(['"', '\'']).trim();
        let is_cost = !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
        match found.last_mut() {
            Some(last) if is_cost && last.contains(':') && !last.contains(';') => {
                last.push(';');
                last.push_str(part);
            }
            _ if part.is_empty() => {}
            _ => found.push(part.to_owned()),
        }
    }
    found
}

fn member(parameter: &str, item: &str) -> String {
    let lower = item.trim().to_lowercase();
    if parameter.eq_ignore_ascii_case("SenderDomains") || parameter.eq_ignore_ascii_case("AssociatedAcceptedDomains") {
        let space = lower.strip_prefix("smtp:").unwrap_or(&lower);
        return space
            .split(';')
            .next()
            .unwrap_or(space)
            .trim_end_matches('.')
            .to_owned();
    }
    match network(&lower) {
        Some(net) => net.to_string(),
        None => lower,
    }
}

/// Reads an address or CIDR block as a network.
pub(super) fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>()
        .map(|net| net.trunc())
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

/// Splits at a separator outside quotes.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == separator => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.retain(|p| !p.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{apply, canonical, same};

    #[test_case("SenderDomains", "*", "smtp:*;1", true; "an address space and its bare domain")]
    #[test_case("SenderDomains", "smtp:a.com;1;smtp:b.com;1", "B.com; a.com", true; "two spaces in another order")]
    #[test_case("SenderDomains", "smtp:a.com;1;smtp:b.com;1", "a.com", false; "one domain fewer")]
    #[test_case("SenderIPAddresses", "81.2.69.160/32;10.1.2.3", "10.1.2.3;81.2.69.160", true; "a host and its block")]
    #[test_case("SenderIPAddresses", "10.1.2.0/24", "10.1.2.0", false; "a block is no host")]
    #[test_case("RequireTls", "$true", "1", true; "spellings of true")]
    #[test_case("RequireTls", "$false", "True", false; "true and false")]
    #[test_case("TlsSenderCertificateName", "", "$null", true; "nothing")]
    #[test_case("TlsSenderCertificateName", "Mail.Fabrikam.com", "mail.fabrikam.com", true; "certificate without case")]
    #[test_case("Comment", "Printer", "printer", false; "a comment is text")]
    #[test_case("SenderIPAddresses", "{10.1.2.3, 10.1.2.4}", "10.1.2.3;10.1.2.4", true; "as a table prints it")]
    fn spellings(parameter: &str, a: &str, b: &str, expected: bool) {
        assert_eq!(same(parameter, a, b), expected);
        assert_eq!(same(parameter, b, a), expected);
    }

    #[test]
    fn an_incremental_value_changes_the_value_before() {
        let after = apply(
            "SenderIPAddresses",
            "10.0.0.1;10.0.0.2",
            r#"@{Add="10.0.0.3","10.0.0.1"; Remove="10.0.0.2"}"#,
        );
        assert_eq!(after.as_deref(), Some("10.0.0.1;10.0.0.3"));
        let domains = apply("SenderDomains", "smtp:a.com;1", "@{Add='b.com'}");
        assert_eq!(domains.as_deref(), Some("smtp:a.com;1;b.com"));
        assert_eq!(apply("SenderIPAddresses", "10.0.0.1", "@{Add="), None);
        assert_eq!(apply("SenderIPAddresses", "10.0.0.1", "@{Burn='x'}"), None);
    }

    #[test]
    fn values_are_written_as_the_log_does() {
        assert_eq!(canonical("Enabled", "$false"), "False");
        assert_eq!(canonical("Comment", " 1 "), "1");
        assert_eq!(canonical("TlsSenderCertificateName", "$null"), "");
    }
}
