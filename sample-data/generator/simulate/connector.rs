//! An inbound connector with the field set of Get-InboundConnector.

use super::random::{Guid, Random};
use super::time::Millis;

/// ConnectorType. Only an on-premises connector can relay to the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    OnPremises,
    Partner,
}

impl Kind {
    /// The spelling of the ConnectorType field.
    pub fn name(self) -> &'static str {
        match self {
            Self::OnPremises => "OnPremises",
            Self::Partner => "Partner",
        }
    }
}

/// A connector as it is configured at one moment. Names and defaults follow New-InboundConnector.
#[derive(Clone, Debug)]
pub struct Connector {
    pub name: String,
    pub guid: Guid,
    pub kind: Kind,
    /// ConnectorSource: Default, HybridWizard, Migrated or AdminUI. The caller sets it, so it proves nothing.
    pub source: String,
    pub enabled: bool,
    pub comment: String,
    /// IPv4 addresses or /24 to /32 networks.
    pub sender_ips: Vec<String>,
    /// Address spaces, `smtp:*;1` or a plain domain.
    pub sender_domains: Vec<String>,
    pub certificate: String,
    pub require_tls: bool,
    pub restrict_to_ips: bool,
    pub restrict_to_certificate: bool,
    pub cloud_services_mail: bool,
    pub treat_as_internal: bool,
    pub accepted_domains: Vec<String>,
    pub skip_last_ip: bool,
    pub skip_ips: Vec<String>,
    pub created: Millis,
    pub changed: Millis,
}

impl Connector {
    /// An on-premises connector for mail servers known by their addresses, as the admin centre makes it.
    pub fn by_address(name: &str, sender_ips: &[&str], created: Millis, random: &mut Random) -> Self {
        Self {
            name: name.to_owned(),
            guid: random.guid(),
            kind: Kind::OnPremises,
            source: "AdminUI".to_owned(),
            enabled: true,
            comment: String::new(),
            sender_ips: sender_ips.iter().map(|ip| (*ip).to_owned()).collect(),
            sender_domains: vec!["smtp:*;1".to_owned()],
            certificate: String::new(),
            require_tls: true,
            restrict_to_ips: true,
            restrict_to_certificate: false,
            cloud_services_mail: false,
            treat_as_internal: false,
            accepted_domains: Vec::new(),
            skip_last_ip: false,
            skip_ips: Vec::new(),
            created,
            changed: created,
        }
    }

    /// An on-premises connector as the Hybrid Configuration Wizard makes it: by certificate, open to all domains.
    pub fn hybrid(server: Guid, certificate: &str, created: Millis, random: &mut Random) -> Self {
        Self {
            source: "HybridWizard".to_owned(),
            certificate: certificate.to_owned(),
            restrict_to_ips: false,
            cloud_services_mail: true,
            ..Self::by_address(&format!("Inbound from {server}"), &[], created, random)
        }
    }

    /// A partner connector that accepts one domain with its certificate.
    pub fn partner(name: &str, domain: &str, created: Millis, random: &mut Random) -> Self {
        Self {
            kind: Kind::Partner,
            sender_domains: vec![format!("smtp:{domain};1")],
            certificate: format!("*.{domain}"),
            restrict_to_ips: false,
            restrict_to_certificate: true,
            ..Self::by_address(name, &[], created, random)
        }
    }

    /// The parameters that the admin centre sends at a creation: always the same eleven names.
    pub fn admin_center_parameters(&self) -> Vec<(String, String)> {
        let text = |flag: bool| if flag { "True" } else { "False" }.to_owned();
        [
            ("Name", self.name.clone()),
            ("Enabled", text(self.enabled)),
            ("RestrictDomainsToCertificate", text(self.restrict_to_certificate)),
            ("SenderDomains", self.sender_domains.join(";")),
            ("SenderIPAddresses", self.sender_ips.join(";")),
            ("TlsSenderCertificateName", self.certificate.clone()),
            ("RestrictDomainsToIPAddresses", text(self.restrict_to_ips)),
            ("ConnectorSource", self.source.clone()),
            ("CloudServicesMailEnabled", text(self.cloud_services_mail)),
            ("ConnectorType", self.kind.name().to_owned()),
            ("RequireTls", text(self.require_tls)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// The value of a parameter as the audit log spells it; none for one that is not kept here.
    pub fn value(&self, parameter: &str) -> Option<String> {
        let text = |flag: bool| if flag { "True" } else { "False" }.to_owned();
        Some(match parameter {
            "Name" => self.name.clone(),
            "Enabled" => text(self.enabled),
            "ConnectorType" => self.kind.name().to_owned(),
            "ConnectorSource" => self.source.clone(),
            "Comment" => self.comment.clone(),
            "SenderIPAddresses" => self.sender_ips.join(";"),
            "SenderDomains" => self.sender_domains.join(";"),
            "TlsSenderCertificateName" => self.certificate.clone(),
            "RequireTls" => text(self.require_tls),
            "RestrictDomainsToIPAddresses" => text(self.restrict_to_ips),
            "RestrictDomainsToCertificate" => text(self.restrict_to_certificate),
            "CloudServicesMailEnabled" => text(self.cloud_services_mail),
            "TreatMessagesAsInternal" => text(self.treat_as_internal),
            "EFSkipLastIP" => text(self.skip_last_ip),
            "EFSkipIPs" => self.skip_ips.join(";"),
            _ => return None,
        })
    }

    /// Takes over what a Set-InboundConnector typed. Parameters that are not kept here are ignored.
    pub fn apply(&mut self, parameters: &[(String, String)], time: Millis) {
        let list = |value: &str| {
            value
                .split(';')
                .filter(|v| !v.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        for (name, value) in parameters {
            let flag = value == "True";
            match name.as_str() {
                "Name" => self.name.clone_from(value),
                "Enabled" => self.enabled = flag,
                "Comment" => self.comment.clone_from(value),
                "ConnectorSource" => self.source.clone_from(value),
                "SenderIPAddresses" => self.sender_ips = list(value),
                // An address space holds a `;` itself, so the whole text stays one value.
                "SenderDomains" => self.sender_domains = vec![value.clone()],
                "TlsSenderCertificateName" => self.certificate.clone_from(value),
                "RequireTls" => self.require_tls = flag,
                "RestrictDomainsToIPAddresses" => self.restrict_to_ips = flag,
                "RestrictDomainsToCertificate" => self.restrict_to_certificate = flag,
                "CloudServicesMailEnabled" => self.cloud_services_mail = flag,
                "TreatMessagesAsInternal" => self.treat_as_internal = flag,
                "EFSkipLastIP" => self.skip_last_ip = flag,
                "EFSkipIPs" => self.skip_ips = list(value),
                _ => {}
            }
        }
        self.changed = time;
    }
}
