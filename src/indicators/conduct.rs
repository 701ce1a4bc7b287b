//! The register of the indicators that ask about configuration, identity and what Microsoft's protection did.

use super::Indicator;
use super::audit_tampering::AuditTampering;
use super::compromised_admin::CompromisedAdmin;
use super::connector_alert::ConnectorAlert;
use super::connector_blocked::ConnectorBlocked;
use super::self_unblock::SelfUnblock;
use super::short_lived_connector::ShortLivedConnector;
use super::transport_rule_tampering::TransportRuleTampering;
use super::unauthorized_change::UnauthorizedChange;
use super::unexpected_connector::UnexpectedConnector;

/// The nine, in the order of the contract.
pub fn registry_conduct() -> [&'static dyn Indicator; 9] {
    [
        &ConnectorBlocked,
        &UnexpectedConnector,
        &UnauthorizedChange,
        &CompromisedAdmin,
        &ConnectorAlert,
        &TransportRuleTampering,
        &AuditTampering,
        &ShortLivedConnector,
        &SelfUnblock,
    ]
}

#[cfg(test)]
mod tests;
