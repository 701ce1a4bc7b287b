//! Was the connector created by someone not meant to?

use crate::digest::coverage::Completeness;
use crate::records::Time;
use crate::timeline::{Action, ActorKind, Cite, Connector, Event};

use super::documented::documented;
use super::reach::Scope;
use super::{Case, Finding, Indicator, acts, reach, usage};

documented! {
    /// A relay that nobody meant to create. Most organisations need no inbound connector at all, and one that an
    /// administrator's account made can still be the attack: what counts is whether that person was meant to.
    ///
    /// Supported: its creation is on record and was not meant. Weakly: it was created while a complete audit log
    /// was kept and the log does not know it; or mail came through it although neither a complete log nor the
    /// snapshot ever heard of it.
    ///
    /// Contradicted: all its creations were meant, and a change ticket or sign-ins show by whom; or it stood at least 30 days before the log begins, by its
    /// date of creation or its first mail. The age weighs as evidence only where the date is known and nothing
    /// else done to the connector is in doubt; a younger one may have been made for what the log shows.
    ///
    /// Look-alikes: the hybrid configuration wizard, signature and security services whose application creates
    /// connectors, new printers and applications. The creation's own verdict (intended or not) tells them apart.
    ///
    /// Needs: the audit log with connector cmdlets, the connector snapshot with dates; connector_admins in org.toml
    /// or sign-in logs to say who was meant to. ATT&CK has no exact technique; T1098 is the closest.
    /// Source: Microsoft, Respond to a compromised connector; the 30 days are ours.
    pub struct UnexpectedConnector;
}

impl Indicator for UnexpectedConnector {
    fn id(&self) -> &'static str {
        "unexpected_connector"
    }

    fn question(&self) -> &'static str {
        "Was it created by someone not meant to?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1098"]
    }

    fn further_techniques(&self) -> &'static [(&'static str, &'static str)] {
        &[("T1199", "where a partner acted")]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let creations: Vec<&Event> = connector
            .events
            .iter()
            .filter(|e| e.action == Action::Created && e.succeeded)
            .collect();
        if creations.is_empty() {
            return self.without_record(case, connector);
        }
        let inside: Vec<&Event> = creations
            .iter()
            .copied()
            .filter(|e| case.window.contains(e.time))
            .collect();
        if inside.is_empty() && creations.iter().any(|e| acts::is_unvouched(e)) {
            return Finding::not_assessable(
                self,
                format!("{} was created outside the time looked at.", connector.name),
                vec!["a wider --from and --to".to_owned()],
            );
        }
        self.by_record(case, connector, if inside.is_empty() { &creations } else { &inside })
    }
}

impl UnexpectedConnector {
    fn by_record(&self, case: &Case, connector: &Connector, creations: &[&Event]) -> Finding {
        let weight = case.weight(self.id());
        let unintended: Vec<&Event> = creations.iter().copied().filter(|e| acts::is_unintended(e)).collect();
        if let (Some(first), Some(last)) = (unintended.first(), unintended.last()) {
            let again = match unintended.len() {
                1 => String::new(),
                n => format!(", {n} times"),
            };
            let mut finding = Finding::supported(
                self,
                weight.supported,
                format!(
                    "{} was created by {} at {}{again}: {}.",
                    connector.name,
                    acts::names(case, &unintended),
                    first.time,
                    reason(first)
                ),
                acts::cites(&unintended),
            )
            .fact("creations", creations.len())
            .fact("unintended", unintended.len())
            .fact("actors", acts::names(case, &unintended))
            .during(first.time, last.time);
            if unintended.iter().any(|e| acts::kind(case, e) == ActorKind::Partner) {
                finding.techniques = &["T1098", "T1199"];
            }
            return finding;
        }
        let undecided: Vec<&Event> = creations.iter().copied().filter(|e| acts::is_unvouched(e)).collect();
        let odd: Vec<&Event> = undecided
            .iter()
            .copied()
            .filter(|e| acts::is_by_odd_session(case, e))
            .collect();
        if let (Some(first), Some(last)) = (odd.first(), odd.last()) {
            return Finding::supported(
                self,
                weight.weak,
                format!(
                    "{} was created by {} at {} in a session that is odd, though not beyond doubt: {}.",
                    connector.name,
                    acts::names(case, &odd),
                    first.time,
                    acts::oddities(first)
                ),
                acts::cites(&odd),
            )
            .fact("creations", creations.len())
            .during(first.time, last.time);
        }
        if let Some(first) = undecided.first() {
            return Finding::not_assessable(
                self,
                format!(
                    "{} was created by {} at {}, and nothing says whether that was meant: {}.",
                    connector.name,
                    acts::names(case, &undecided),
                    first.time,
                    reason(first)
                ),
                reach::intent_needs(case),
            )
            .citing(acts::cites(&undecided));
        }
        let trusted: Vec<&Event> = creations
            .iter()
            .copied()
            .filter(|e| acts::is_on_trust(case, connector, e))
            .collect();
        if !trusted.is_empty() {
            return Finding::not_assessable(
                self,
                format!(
                    "{} was created by {}, who is meant to, but there are no sign-ins that show whose session it was.",
                    connector.name,
                    acts::names(case, &trusted)
                ),
                reach::session_needs(),
            )
            .citing(acts::cites(&trusted));
        }
        Finding::contradicted(
            self,
            weight.contradicted,
            format!(
                "{} was created by {}, as meant.",
                connector.name,
                acts::names(case, creations)
            ),
        )
        .fact("creations", creations.len())
        .citing(acts::cites(creations))
    }

    fn without_record(&self, case: &Case, connector: &Connector) -> Finding {
        let snapshot = acts::snapshot(case, connector);
        if let Some((created, row)) = snapshot.and_then(|s| s.created.map(|c| (c, s))) {
            let cite = Cite {
                time: created,
                origin: row.origin,
                id: None,
            };
            return self.by_date(case, connector, created, cite);
        }
        let mail = usage::facts_of(case, connector);
        let Some((first, last)) = mail.first().zip(mail.last()) else {
            return self.cannot_tell(case, connector, "its creation is in no record");
        };
        if let Some(log) = case.coverage.audit_log.first
            && first.time().0.saturating_add(case.thresholds().established) <= log.0
        {
            return Finding::contradicted(
                self,
                0.0,
                format!(
                    "{} carried mail at {}, at least {} days before the audit log begins at {log}.",
                    connector.name,
                    first.time(),
                    case.thresholds().established / Time::DAY
                ),
            )
            .citing(usage::cites(&[first]));
        }
        let unheard = !connector.present_in_snapshot
            && case.coverage.inbound_connectors.state == Completeness::Complete
            && !connector.events.iter().any(acts::is_act);
        if unheard
            && case.window.contains(last.time())
            && reach::log_speaks(case, Scope::Connectors, first.time(), last.time())
            && reach::log_speaks_throughout(case, Scope::Connectors)
        {
            let messages = usage::messages(&mail);
            return Finding::supported(
                self,
                case.weight(self.id()).weak,
                format!(
                    "{} came through {} from {} to {}, but neither the snapshot nor the complete \
                     audit log knows it.",
                    acts::count(messages, "message"),
                    connector.name,
                    first.time(),
                    last.time()
                ),
                usage::cites(&mail),
            )
            .fact("messages", messages)
            .during(first.time(), last.time());
        }
        self.cannot_tell(case, connector, "its creation is in no record and no snapshot dates it")
    }

    fn by_date(&self, case: &Case, connector: &Connector, created: Time, cite: Cite) -> Finding {
        let weight = case.weight(self.id());
        let Some(log) = case.coverage.audit_log.first else {
            return self.cannot_tell(
                case,
                connector,
                &format!("it was created at {created} and there is no audit log"),
            );
        };
        if created.0.saturating_add(case.thresholds().established) <= log.0 {
            let doubtful = acts::acts(case, connector).iter().any(|e| acts::is_unvouched(e));
            return Finding::contradicted(
                self,
                if doubtful { 0.0 } else { weight.contradicted },
                format!(
                    "{} was created at {created}, at least {} days before the audit log begins at {log}.",
                    connector.name,
                    case.thresholds().established / Time::DAY
                ),
            )
            .fact("created", created.to_string())
            .citing(vec![cite]);
        }
        if case.window.contains(created)
            && created.0 >= log.0.saturating_add(case.thresholds().edge)
            && reach::log_speaks(
                case,
                Scope::Connectors,
                Time(created.0 - case.thresholds().same_story),
                Time(created.0 + case.thresholds().same_story),
            )
            && case.coverage.audit_log.last.is_some_and(|last| created <= last)
        {
            return Finding::supported(
                self,
                weight.weak,
                format!(
                    "{} was created at {created} by the snapshot's date, and the audit log of that time has no \
                     record of it.",
                    connector.name
                ),
                vec![cite],
            )
            .fact("created", created.to_string())
            .during(created, created);
        }
        self.cannot_tell(
            case,
            connector,
            &format!("it was created at {created}, and the audit log does not tell by whom"),
        )
    }

    fn cannot_tell(&self, case: &Case, connector: &Connector, why: &str) -> Finding {
        let mut needs = vec![
            "the audit log back to the connector's creation, with New-InboundConnector (Search-UnifiedAuditLog)"
                .to_owned(),
        ];
        if case.coverage.inbound_connectors.state != Completeness::Complete {
            needs.push("the connectors with their dates of creation (Get-InboundConnector)".to_owned());
        }
        Finding::not_assessable(
            self,
            format!("Who created {} cannot be told: {why}.", connector.name),
            needs,
        )
    }
}

fn reason(event: &Event) -> &str {
    match event.intended_because.trim().trim_end_matches('.') {
        "" => "no reason is on record",
        text => text,
    }
}

#[cfg(test)]
mod tests;
