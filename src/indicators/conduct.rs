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
mod tests {
    use super::super::State;
    use super::super::fixture::{Fixture, check};
    use super::super::weights::WEIGHTS;
    use super::*;

    #[test]
    fn every_indicator_has_a_weight_in_the_order_of_the_table_and_explains_itself() {
        let table: Vec<&str> = WEIGHTS.iter().map(|w| w.id).collect();
        let places: Vec<Option<usize>> = registry_conduct()
            .iter()
            .map(|i| table.iter().position(|t| *t == i.id()))
            .collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
        for indicator in registry_conduct() {
            let text = indicator.explanation();
            for part in ["Supported:", "Contradicted:", "Look-alikes:", "Needs:", "Source:"] {
                assert!(text.contains(part), "{} does not say: {part}", indicator.id());
            }
            assert!(indicator.question().ends_with('?'));
        }
    }

    #[test]
    fn with_no_evidence_at_all_nothing_is_supported_or_contradicted() {
        let mut f = Fixture::complete().no_log().no_trace();
        f.coverage = Default::default();
        f.connector("HQ");
        for indicator in registry_conduct() {
            assert_eq!(
                f.assess(indicator, "HQ").state,
                State::NotAssessable,
                "{}",
                indicator.id()
            );
        }
    }

    #[test]
    fn an_old_untouched_connector_with_complete_evidence_is_contradicted_on_every_question() {
        let mut f = Fixture::complete();
        f.snapshot("HQ", Some(crate::records::Time(0)), None);
        f.mail("HQ", "10T08:00");
        for indicator in registry_conduct() {
            let finding = indicator.assess(&f.case(), f.get("HQ"));
            check(indicator, &finding);
            assert_eq!(
                finding.state,
                State::Contradicted,
                "{}: {}",
                indicator.id(),
                finding.summary
            );
        }
    }
}
