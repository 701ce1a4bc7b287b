//! What an audit record is about, by its operation.

use crate::records::AuditEvent;

/// The part of the story that a record belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    InboundConnector(Verb),
    /// Remove-BlockedConnector.
    Unblock,
    OutboundConnector,
    /// Hybrid objects beside the connectors: on-premises organisation, organisation relationship.
    Hybrid,
    TransportRule,
    AcceptedDomain,
    /// Auditing switched, or a mailbox excluded from it.
    AuditSwitch,
    /// Applications: registration, credentials, consent, permissions.
    Application,
    /// Roles given or taken, in the directory or in Exchange.
    Role,
    /// An account's password or second factor, or its creation.
    Account,
    Alert,
    Other,
}

/// What a connector cmdlet does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    New,
    Set,
    Enable,
    Disable,
    Remove,
}

/// RecordType of alerts (SecurityComplianceAlerts).
const ALERTS: u32 = 40;

impl Subject {
    pub(super) fn of(event: &AuditEvent) -> Subject {
        let operation = event.operation.trim().trim_end_matches('.').to_lowercase();
        if event.record_type == Some(ALERTS) || operation.starts_with("alert") {
            return Subject::Alert;
        }
        match operation.split_once('-') {
            Some((verb, noun)) if !verb.contains(' ') && !noun.contains(' ') => Self::of_cmdlet(verb, noun),
            _ => Self::of_directory(&operation, event),
        }
    }

    fn of_cmdlet(verb: &str, noun: &str) -> Subject {
        match noun {
            "inboundconnector" => match verb {
                "new" => Subject::InboundConnector(Verb::New),
                "set" => Subject::InboundConnector(Verb::Set),
                "enable" => Subject::InboundConnector(Verb::Enable),
                "disable" => Subject::InboundConnector(Verb::Disable),
                "remove" => Subject::InboundConnector(Verb::Remove),
                _ => Subject::Other,
            },
            "blockedconnector" if verb == "remove" => Subject::Unblock,
            "outboundconnector" => Subject::OutboundConnector,
            "onpremisesorganization"
            | "organizationrelationship"
            | "hybridconfiguration"
            | "intraorganizationconnector" => Subject::Hybrid,
            "transportrule" => Subject::TransportRule,
            "accepteddomain" => Subject::AcceptedDomain,
            "adminauditlogconfig" | "mailboxauditbypassassociation" => Subject::AuditSwitch,
            "serviceprincipal" => Subject::Application,
            "managementroleassignment" | "rolegroupmember" | "rolegroup" | "managementrole" => Subject::Role,
            _ => Subject::Other,
        }
    }

    fn of_directory(operation: &str, event: &AuditEvent) -> Subject {
        let has = |words: &[&str]| words.iter().any(|w| operation.contains(w));
        if has(&["member to role", "member from role", "role assignment", "to role"]) && !operation.contains("app role")
        {
            Subject::Role
        } else if has(&[
            "application",
            "service principal",
            "consent",
            "permission grant",
            "app role",
        ]) {
            Subject::Application
        } else if has(&[
            "strong authentication",
            "password",
            "security info",
            "authentication method",
            "add user",
        ]) || (operation.starts_with("update user")
            && event
                .modified
                .iter()
                .any(|m| m.name.to_lowercase().contains("strongauthentication")))
        {
            Subject::Account
        } else {
            Subject::Other
        }
    }

    /// Whether the record may hand power to someone: to act as an application, or to administer.
    pub(super) fn is_grant(self) -> bool {
        matches!(self, Subject::Application | Subject::Role | Subject::Account)
    }

    /// Whether such a record, by the actor who touched a connector, belongs to that connector's story.
    pub(super) fn can_relate(self) -> bool {
        !matches!(
            self,
            Subject::InboundConnector(_) | Subject::Unblock | Subject::Alert | Subject::Other
        )
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{Subject, Verb};
    use crate::records::AuditEvent;

    #[test_case("New-InboundConnector", Subject::InboundConnector(Verb::New))]
    #[test_case("set-inboundconnector", Subject::InboundConnector(Verb::Set))]
    #[test_case("Get-InboundConnector", Subject::Other)]
    #[test_case("Remove-BlockedConnector", Subject::Unblock)]
    #[test_case("Add member to role.", Subject::Role)]
    #[test_case("Add app role assignment to service principal.", Subject::Application)]
    #[test_case("Update application – Certificates and secrets management ", Subject::Application)]
    #[test_case("Disable Strong Authentication.", Subject::Account)]
    #[test_case("AlertTriggered", Subject::Alert)]
    #[test_case("", Subject::Other)]
    fn operations(operation: &str, expected: Subject) {
        let event = AuditEvent {
            operation: operation.to_owned(),
            ..AuditEvent::default()
        };
        assert_eq!(Subject::of(&event), expected);
    }
}
