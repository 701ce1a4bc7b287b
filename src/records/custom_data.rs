//! `custom_data` of the Extended trace: `S:Agent=Key=Value|Key=Value|…;S:Key=Value;…`.
//!
//! Keys: "Understanding the Extended report" (message trace FAQ) and "Anti-spam message headers". Newer data
//! spells them in lower case. Keys repeat; the worst verdict counts.

use std::net::IpAddr;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::field::trimmed;
use super::{ConnectorType, FilterVerdict, Status, address};

/// What the spam and malware agents and the front end wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct CustomData {
    pub(super) verdict: FilterVerdict,
    /// Where the filter sent it: Junk or quarantine.
    pub(super) status: Status,
    /// CIP, the connecting host.
    pub(super) connecting: Option<IpAddr>,
    /// The client, where a front end proxied it.
    pub(super) proxied: Option<IpAddr>,
}

/// Characters of the longest key that is asked for.
const LONGEST: usize = 22;

impl CustomData {
    pub(super) fn read(text: &str) -> Self {
        let mut data = CustomData::default();
        let mut in_malware_agent = false;
        for piece in pieces(text) {
            let piece = trimmed(piece);
            let (piece, agent) = match strip(piece, "S:") {
                Some(rest) => (rest, true),
                None => (piece, false),
            };
            // `S:SFA=SUM` opens an agent's entry; what the agent found follows after bars.
            if agent {
                in_malware_agent = strip(piece, "AMA=").is_some();
            }
            let key = piece.bytes().take(LONGEST + 1).position(|b| b == b'=');
            if let Some(end) = key
                && let Some((key, value)) = piece.split_at_checked(end)
            {
                data.take(key, trimmed(value.get(1..).unwrap_or_default()), in_malware_agent);
            }
        }
        data
    }

    fn take(&mut self, key: &str, value: &str, in_malware_agent: bool) {
        let is = |name: &str| key.eq_ignore_ascii_case(name);
        match key.len() {
            1 if in_malware_agent && is("v") && value == "1" => self.worsen(FilterVerdict::Malware),
            2 if is("DI") => self.dispose(value),
            3 if is("SFV") => self.worsen(filter_verdict(value)),
            3 if is("SCL") => self.worsen(confidence(value)),
            3 if is("CIP") => self.connecting = self.connecting.or_else(|| address::ip(value)),
            LONGEST if is("ProxiedClientIPAddress") => self.proxied = self.proxied.or_else(|| address::ip(value)),
            _ => {}
        }
    }

    fn worsen(&mut self, verdict: FilterVerdict) {
        self.verdict = self.verdict.max(verdict);
    }

    /// DI: to Junk, quarantined, deleted, sender blocked. SN and SO tell outbound pools apart; the documents
    /// contradict each other on which is which, so they prove nothing.
    fn dispose(&mut self, value: &str) {
        let status = match value.to_ascii_uppercase().as_str() {
            "SJ" => Status::Junk,
            "SQ" => Status::Quarantined,
            "SD" | "SB" => Status::Failed,
            _ => return,
        };
        self.worsen(FilterVerdict::Spam);
        self.status = self.status.max(status);
    }
}

/// Spam confidence level: 5 and above is spam, -1 means that filtering was skipped.
pub(super) fn confidence(text: &str) -> FilterVerdict {
    match text.parse::<i32>() {
        Ok(5..=9) => FilterVerdict::Spam,
        Ok(-1..=4) => FilterVerdict::Clean,
        _ => FilterVerdict::None,
    }
}

fn filter_verdict(value: &str) -> FilterVerdict {
    match value.to_ascii_uppercase().as_str() {
        "SPM" | "SKS" | "SKB" | "BLK" => FilterVerdict::Spam,
        "NSPM" | "SFE" | "SKA" | "SKN" | "SKQ" | "SKI" => FilterVerdict::Clean,
        _ => FilterVerdict::None,
    }
}

/// The pieces between `;` and `|`. The column is the widest of the report, so it is searched, not walked.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (piece, after) = match memchr::memchr2(b';', b'|', text.as_bytes()) {
            Some(end) => (text.get(..end)?, text.get(end + 1..)),
            None => (text, None),
        };
        rest = after;
        Some(piece)
    })
}

fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The inbound connector: `S:InboundConnectorData=Name=…;ConnectorType=…`. A name may hold `;`, `=` and dots, so
/// it ends at the type, or where the next token begins.
pub(super) fn connector(text: &str) -> Option<(&str, Option<ConnectorType>)> {
    const START: &str = "S:InboundConnectorData=Name=";
    const TYPE: &str = ";ConnectorType=";
    static FIND: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(START));
    let rest = text.get(FIND.find(text.as_bytes())? + START.len()..)?;
    let token = rest.split_once(";S:").map_or(rest, |(token, _)| token);
    let (name, kind) = match token.split_once(TYPE) {
        Some((name, kind)) => (name, ConnectorType::parse(kind.split(';').next().unwrap_or_default())),
        None => (token.trim_end_matches(';'), None),
    };
    Some((name.trim(), kind)).filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{CustomData, connector};
    use crate::records::{ConnectorType, FilterVerdict, Status};

    #[test]
    fn the_documented_example_is_spam() {
        let data = CustomData::read(
            "S:SFA=SUM|SFV=SPM|IPV=CAL|SRV=BULK|SFS=470454002|SFS=349001|SCL=9|SCORE=-1|LIST=0|DI=SN|RD=ftmail.inc.com|H=ftmail.inc.com|CIP=98.129.140.74|SFP=1501|ASF=1|CTRY=US|CLTCTRY=|LANG=en|LAT=287|LAT=260;",
        );
        assert_eq!((data.verdict, data.status), (FilterVerdict::Spam, Status::Unknown));
        assert_eq!(data.connecting, "98.129.140.74".parse().ok());
    }

    #[test]
    fn lower_case_keys_and_a_clean_verdict() {
        let data =
            CustomData::read("S:SFA=SUM|sfv=NSPM|scl=1|cip=2001:db8::1;S:ProxiedClientIPAddress=81.2.69.160;S:BCL=0");
        assert_eq!(data.verdict, FilterVerdict::Clean);
        assert_eq!(data.connecting, "2001:db8::1".parse().ok());
        assert_eq!(data.proxied, "81.2.69.160".parse().ok());
    }

    #[test]
    fn where_it_was_sent_counts_as_a_verdict() {
        for (di, status) in [
            ("SJ", Status::Junk),
            ("SQ", Status::Quarantined),
            ("SD", Status::Failed),
            ("SB", Status::Failed),
        ] {
            let data = CustomData::read(&format!("S:SFA=SUM|DI={di}"));
            assert_eq!((data.verdict, data.status), (FilterVerdict::Spam, status), "{di}");
        }
        assert_eq!(CustomData::read("S:SFA=SUM|DI=SO").verdict, FilterVerdict::None);
    }

    #[test]
    fn malware_is_told_by_its_agent_alone() {
        assert_eq!(
            CustomData::read("S:AMA=SUM|v=1|action=b|error=|atch=1").verdict,
            FilterVerdict::Malware
        );
        assert_eq!(CustomData::read("S:AMA=SUM|v=0|action=").verdict, FilterVerdict::None);
        assert_eq!(CustomData::read("S:TRA=ETR|v=1").verdict, FilterVerdict::None);
    }

    #[test]
    fn a_connector_name_may_hold_what_parts_tokens() {
        let read = |name: &str| {
            let text =
                format!("S:Oorg=x;S:InboundConnectorData=Name={name};ConnectorType=OnPremises;S:FromEntity=Internet");
            connector(&text).map(|(n, t)| (n.to_owned(), t))
        };
        for name in [
            "Relai SMTP interne",
            "[SEPPmail.cloud] Inbound-Parallel",
            "a;b=c.d",
            "x=Name=y",
        ] {
            assert_eq!(read(name), Some((name.to_owned(), Some(ConnectorType::OnPremises))));
        }
    }

    #[test]
    fn a_connector_without_a_type_ends_at_the_next_token() {
        let text = "S:InboundConnectorData=Name=HQ;S:Microsoft.Exchange.Hygiene.TenantOutboundConnectorCustomData=Name=Out;ConnectorType=Partner";
        assert_eq!(connector(text), Some(("HQ", None)));
        assert_eq!(connector("S:InboundConnectorData=Name=HQ"), Some(("HQ", None)));
        assert_eq!(
            connector("S:TenantOutboundConnectorCustomData=Name=Out;ConnectorType=OnPremises"),
            None
        );
        assert_eq!(connector("S:InboundConnectorData=Name=;ConnectorType=OnPremises"), None);
    }
}
