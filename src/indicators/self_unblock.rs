//! Did the same actor unblock the connector and go on?

use crate::records::{SmtpCode, Time};
use crate::timeline::{Action, Connector, Event};

use super::documented::documented;
use super::reach::Scope;
use super::usage::{self, Use};
use super::{Case, Finding, Indicator, acts, reach};

documented! {
    /// Whoever was stopped released himself and went on.
    ///
    /// Supported: someone not meant to, or the same actor whose change of this connector was not meant, lifted the
    /// block within 24 hours without putting anything back, and mail went on. Weakly: nothing decides whether
    /// change and unblock by one actor were meant; the block's own time is not on record, or lies further back;
    /// or the trace cannot show whether mail went on.
    ///
    /// Contradicted: the unblock was meant or a responder's, the connector was put right before it, no mail went
    /// on, or the complete audit log, all Exchange admin records included, holds no unblock.
    ///
    /// Look-alikes: an administrator who releases a connector that bulk mail of a legitimate application got blocked.
    ///
    /// Needs: the audit log with all Exchange admin records (Remove-BlockedConnector), and the trace after it.
    /// Source: Microsoft, Remove blocked connectors from the Restricted entities page: an unblock may take an hour.
    pub struct SelfUnblock;
}

impl Indicator for SelfUnblock {
    fn id(&self) -> &'static str {
        "self_unblock"
    }

    fn question(&self) -> &'static str {
        "Did the same actor unblock the connector and go on?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let weight = case.weight(self.id());
        let unblocks: Vec<&Event> = connector
            .events
            .iter()
            .filter(|e| e.action == Action::Unblocked && e.succeeded && case.window.contains(e.time))
            .collect();
        let releases: Vec<Release> = unblocks.iter().map(|e| release(case, connector, e)).collect();
        let Some(worst) = releases.iter().min_by_key(|r| (r.answer, r.event.time)) else {
            return self.without_unblock(case, connector);
        };
        let (who, when) = (acts::name(case, worst.event), worst.event.time);
        match worst.answer {
            Answer::Full | Answer::Weak => {
                let mut events = vec![worst.event];
                events.extend(&worst.behind);
                events.extend(worst.block_event);
                let after = usage::used_between(case, connector, when, reach::period(case).map_or(when, |p| p.1));
                let mut cites = acts::cites(&events);
                if let (Some(first), Some(last)) = (after.first(), after.last()) {
                    cites.extend(usage::cites(&[first, last]));
                }
                Finding::supported(
                    self,
                    if worst.answer == Answer::Full {
                        weight.supported
                    } else {
                        weight.weak
                    },
                    format!("{who} unblocked {} at {when}: {}.", connector.name, worst.why),
                    cites,
                )
                .fact("unblocks", unblocks.len())
                .fact("messages_after", usage::messages(&after))
                .during(worst.blocked.unwrap_or(when).min(when), when)
            }
            Answer::Open => Finding::not_assessable(
                self,
                format!("{who} unblocked {} at {when}: {}.", connector.name, worst.why),
                reach::intent_needs(case),
            )
            .citing(acts::cites(&unblocks)),
            Answer::No if !reach::log_speaks_throughout(case, Scope::ExchangeAdmin) => Finding::not_assessable(
                self,
                format!(
                    "The unblock of {} at {when} was no sign, but the audit log has gaps.",
                    connector.name
                ),
                reach::log_needs(case, Scope::ExchangeAdmin),
            ),
            Answer::No => Finding::contradicted(
                self,
                weight.contradicted,
                format!("{who} unblocked {} at {when}: {}.", connector.name, worst.why),
            )
            .fact("unblocks", unblocks.len())
            .citing(acts::cites(&unblocks)),
        }
    }
}

impl SelfUnblock {
    fn without_unblock(&self, case: &Case, connector: &Connector) -> Finding {
        let unplaced = case.timeline.tenant.iter().any(|e| {
            case.window.contains(e.time) && e.succeeded && e.operation.eq_ignore_ascii_case("Remove-BlockedConnector")
        });
        if unplaced && connector.id.is_none() {
            return Finding::not_assessable(
                self,
                format!(
                    "A connector was unblocked by its Guid, and the Guid of {} is not known.",
                    connector.name
                ),
                vec!["the connectors with their Guids (Get-InboundConnector)".to_owned()],
            );
        }
        if reach::log_speaks_throughout(case, Scope::ExchangeAdmin) {
            return Finding::contradicted(
                self,
                case.weight(self.id()).contradicted,
                format!("The complete audit log holds no unblock of {}.", connector.name),
            )
            .fact("unblocks", 0);
        }
        Finding::not_assessable(
            self,
            format!(
                "Whether anyone unblocked {} cannot be told from the audit log.",
                connector.name
            ),
            reach::log_needs(case, Scope::ExchangeAdmin),
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Full,
    Weak,
    Open,
    No,
}

/// One unblock, judged.
struct Release<'a> {
    event: &'a Event,
    answer: Answer,
    why: String,
    /// When the connector was last blocked before it.
    blocked: Option<Time>,
    block_event: Option<&'a Event>,
    /// Earlier acts of the same actor on this connector that nobody vouches for.
    behind: Vec<&'a Event>,
}

fn release<'a>(case: &Case, connector: &'a Connector, event: &'a Event) -> Release<'a> {
    let behind: Vec<&Event> = acts::acts(case, connector)
        .into_iter()
        .filter(|e| e.time <= event.time && acts::same_actor(e, event) && !acts::is_vouched(case, e))
        .collect();
    let is_block = |e: &&Event| matches!(e.action, Action::Blocked | Action::Alerted) && e.time <= event.time;
    let block_event = connector.events.iter().rev().find(is_block);
    let refused = usage::facts_of(case, connector)
        .into_iter()
        .rfind(|f| f.code() == SmtpCode::BadInboundConnector && f.time() <= event.time);
    let blocked = block_event.map(|e| e.time).max(refused.map(|f| f.time()));
    let answer = |answer, why: String| Release {
        event,
        answer,
        why,
        blocked,
        block_event,
        behind: behind.clone(),
    };
    if acts::is_on_trust(case, connector, event) {
        let why = "a list alone says that it was meant, and no sign-in shows whose session it was";
        return answer(Answer::Open, why.to_owned());
    }
    if acts::is_vouched(case, event) {
        return answer(Answer::No, "that was meant, or Microsoft's own doing".to_owned());
    }
    let unintended = acts::is_unintended(event) || behind.iter().any(|e| acts::is_unintended(e));
    if !unintended && behind.is_empty() {
        return answer(Answer::Open, "nothing says whether that was meant".to_owned());
    }
    let who = match (behind.is_empty(), acts::is_unintended(event)) {
        (false, _) => "the same actor had changed it",
        _ => "by someone not meant to",
    };
    if put_right(case, connector, blocked, event) {
        return answer(Answer::No, "the connector had been put right before".to_owned());
    }
    let end = reach::period(case).map_or(event.time, |p| p.1.max(event.time));
    let went_on = usage::use_between(case, connector, event.time, end);
    let hasty = blocked.is_some_and(|b| event.time.0 - b.0 <= case.thresholds().hasty_unblock);
    match (went_on, hasty, unintended) {
        (Use::Unused, _, _) => answer(Answer::No, format!("{who}, but no mail went on")),
        (Use::Used(n), true, true) => answer(
            Answer::Full,
            format!("{who}, and {} went on after it", acts::count(n, "message")),
        ),
        (Use::Used(n), _, _) => answer(
            Answer::Weak,
            format!("{who}, and {} went on after it", acts::count(n, "message")),
        ),
        (Use::Unknown, _, _) => answer(
            Answer::Weak,
            format!("{who}; the trace cannot show whether mail went on"),
        ),
    }
}

/// Whether somebody disabled or removed the connector, or changed it as meant, between block and unblock.
fn put_right(case: &Case, connector: &Connector, blocked: Option<Time>, event: &Event) -> bool {
    let Some(blocked) = blocked else { return false };
    acts::acts(case, connector).iter().any(|e| {
        e.time >= blocked
            && e.time <= event.time
            && (acts::is_vouched(case, e) || matches!(e.action, Action::Disabled | Action::Removed))
    })
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::super::fixture::{Fixture, Sketch, act, at};
    use super::*;

    const M: &str = "m@y.example";

    fn story(change: Option<bool>, unblock_at: &str, unblock: Option<bool>) -> Fixture {
        let mut f = Fixture::complete();
        f.event(
            "Relay",
            act("10T02:00", Action::Changed, M, change).with("SenderIPAddresses", "a", "b"),
        );
        f.event("Relay", act("10T08:00", Action::Blocked, "", None));
        f.event("Relay", act(unblock_at, Action::Unblocked, M, unblock));
        f.mail("Relay", "28T08:00");
        f.connector("HQ");
        f
    }

    #[test]
    fn the_same_unmeant_actor_who_unblocks_within_a_day_and_goes_on_is_supported() {
        let f = story(Some(false), "10T09:00", None);
        let finding = f.assess(&SelfUnblock, "Relay");
        assert_eq!((finding.state, finding.points), (State::Supported, 2.5));
        assert_eq!(finding.facts["messages_after"], 1);
        assert_eq!(f.state(&SelfUnblock, "HQ"), State::Contradicted);
    }

    #[test]
    fn later_or_undecided_or_without_a_trace_it_is_weak() {
        assert_eq!(
            story(Some(false), "12T09:00", None)
                .assess(&SelfUnblock, "Relay")
                .points,
            1.2
        );
        assert_eq!(story(None, "10T09:00", None).assess(&SelfUnblock, "Relay").points, 1.2);
        let mut f = story(Some(false), "10T09:00", Some(false)).no_trace();
        f.digest.facts.clear();
        assert_eq!(f.assess(&SelfUnblock, "Relay").points, 1.2);
    }

    #[test]
    fn an_undecided_unblock_by_a_stranger_to_the_change_is_open() {
        let mut f = Fixture::complete();
        f.event("HQ", act("10T09:00", Action::Unblocked, "x@y.example", None));
        f.mail("HQ", "11T08:00");
        assert_eq!(f.state(&SelfUnblock, "HQ"), State::NotAssessable);
    }

    #[test]
    fn a_responder_or_a_connector_put_right_first_is_contradicted() {
        let mut f = story(Some(false), "10T09:00", None);
        f.organization.responders.push(M.to_owned());
        assert_eq!(f.state(&SelfUnblock, "Relay"), State::Contradicted);
        let mut f = story(Some(false), "10T09:00", None);
        f.event(
            "Relay",
            act("10T08:30", Action::Changed, "it.admin@y.example", Some(true)),
        );
        assert_eq!(f.state(&SelfUnblock, "Relay"), State::Contradicted);
    }

    #[test]
    fn an_unblock_that_a_list_alone_vouches_for_is_open() {
        let mut f = story(Some(true), "10T09:00", Some(true));
        assert_eq!(f.state(&SelfUnblock, "Relay"), State::Contradicted);
        for event in &mut f.connector("Relay").events {
            event.session = None;
        }
        assert_eq!(f.state(&SelfUnblock, "Relay"), State::NotAssessable);
    }

    #[test]
    fn a_meant_unblock_beside_a_gap_in_the_log_does_not_contradict() {
        let mut f = story(Some(true), "10T09:00", Some(true));
        assert_eq!(f.state(&SelfUnblock, "Relay"), State::Contradicted);
        f.coverage.audit_log.last = Some(at("20T00:00"));
        assert_eq!(f.state(&SelfUnblock, "Relay"), State::NotAssessable);
    }

    #[test]
    fn when_no_mail_went_on_it_is_contradicted() {
        let mut f = story(Some(false), "10T09:00", None);
        f.digest.facts.clear();
        f.mail("HQ", "28T08:00");
        assert_eq!(f.state(&SelfUnblock, "Relay"), State::Contradicted);
    }

    #[test]
    fn silence_counts_only_where_exchange_records_were_exported() {
        let mut f = Fixture::complete();
        f.connector("HQ");
        assert_eq!(f.assess(&SelfUnblock, "HQ").points, -0.3);
        f.coverage.audit_scope.exchange_admin = false;
        assert_eq!(f.state(&SelfUnblock, "HQ"), State::NotAssessable);
    }

    #[test]
    fn an_unblock_by_a_guid_that_fits_no_connector_leaves_those_without_one_open() {
        let mut f = Fixture::complete();
        f.connector("HQ");
        f.tenant(act("10T09:00", Action::Related, M, None).typed("Remove-BlockedConnector", &[("ConnectorId", "7b")]));
        assert_eq!(f.state(&SelfUnblock, "HQ"), State::NotAssessable);
        f.connector("HQ").id = Some("aa".to_owned());
        assert_eq!(f.state(&SelfUnblock, "HQ"), State::Contradicted);
    }
}
