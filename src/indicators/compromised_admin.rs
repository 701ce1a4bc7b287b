//! Was the account behind the change recently compromised?

use crate::timeline::{ActorKind, Cite, Connector, Event};

use super::documented::documented;
use super::preparations::{self, Preparation};
use super::reach::Scope;
use super::{Case, Finding, Indicator, acts, index, reach};

documented! {
    /// The hand behind the change was not the owner's. Every actor that created or changed the connector is
    /// looked at in the moment it did so; changes that were not meant come first.
    ///
    /// Supported: the session was anomalous (an address, agent or hour the account never had, failures before
    /// success; with databases of places also a country or journey that does not fit), or the actor is an application
    /// that someone prepared in the seven days before: a new credential, owner, consent, a role, or the application
    /// itself; or a partner let in since then. Preparation by an anomalous session counts at any distance,
    /// because applications are left to sleep for months, and so does a role that such a session gave to a user. What a
    /// listed connector admin gave counts only so: services are installed that way.
    /// Weakly: anomalies that together weigh between 0.8 and 1 on a change that nobody vouches for, or a single
    /// preparation. One anomaly alone, a network never seen before, is what travel shows and leaves the question open.
    ///
    /// Contradicted: the log speaks of the whole time and every session behind a change looks like its owner's,
    /// seen on three days or more before; or nobody touched the connector at all. An application or partner is
    /// never cleared by this: the tenant holds no sign-ins of theirs that could.
    ///
    /// Look-alikes: travel, a new computer, a vendor's application set up by its installer.
    ///
    /// Needs: sign-ins of at least 30 days before the change, directory records (consents, credentials, roles).
    /// Source: Microsoft, Malicious OAuth applications abuse cloud email services to spread spam (22 September 2022);
    /// Respond to a compromised connector, step 4.
    pub struct CompromisedAdmin;
}

impl Indicator for CompromisedAdmin {
    fn id(&self) -> &'static str {
        "compromised_admin"
    }

    fn question(&self) -> &'static str {
        "Was the account behind the change recently compromised?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1078.004"]
    }

    fn further_techniques(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("T1199", "where a partner acted"),
            ("T1098.001", "where the actor was given credentials"),
            ("T1098.003", "where it was given roles or permissions"),
        ]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let events = acts::acts(case, connector);
        let speaks =
            reach::life(case, connector).is_some_and(|(from, to)| reach::log_speaks(case, Scope::Connectors, from, to));
        if events.is_empty() {
            if let Some((what, time)) = reach::touched_just_before(case, connector) {
                return Finding::not_assessable(
                    self,
                    format!(
                        "{} was {what} at {time}, shortly before the audit log begins, and no record tells by whom.",
                        connector.name
                    ),
                    reach::log_needs_before(case, time),
                );
            }
            return if speaks {
                Finding::contradicted(
                    self,
                    case.weight(self.id()).contradicted,
                    format!(
                        "Nobody touched {} in the time of the complete audit log.",
                        connector.name
                    ),
                )
            } else {
                Finding::not_assessable(
                    self,
                    format!(
                        "Whether anyone touched {} cannot be told from the audit log.",
                        connector.name
                    ),
                    reach::log_needs(case, Scope::Connectors),
                )
            };
        }
        self.judge(case, &connector.name, &events, speaks)
    }
}

/// The answer for one account: over everything it did to connectors and to the tenant.
pub fn for_account(case: &Case, actor_id: &str) -> Finding {
    let mut events = index::deeds(case, actor_id);
    events.retain(|e| e.succeeded && case.window.contains(e.time));
    events.sort_by_key(|e| e.time);
    let indicator = &CompromisedAdmin;
    if events.is_empty() {
        return Finding::not_assessable(
            indicator,
            format!("{actor_id} did nothing on record in the time looked at."),
            reach::log_needs(case, Scope::Connectors),
        );
    }
    let speaks = reach::log_speaks_throughout(case, Scope::Connectors);
    indicator.judge(case, actor_id, &events, speaks)
}

/// What one event says of the hand behind it, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hand {
    Strange,
    Odd,
    Unknown,
    Owner,
}

struct Opinion<'a> {
    hand: Hand,
    event: &'a Event,
    why: String,
    cites: Vec<Cite>,
    techniques: &'static [&'static str],
    /// Who prepared the actor for it.
    given_by: Vec<String>,
}

impl Hand {
    /// The word in the facts of a finding: whose hand it was.
    fn as_str(self) -> &'static str {
        match self {
            Hand::Strange => "a stranger's",
            Hand::Odd => "odd",
            Hand::Unknown => "unknown",
            Hand::Owner => "the owner's",
        }
    }
}

impl CompromisedAdmin {
    /// The worst opinion decides; among equals the one on a change that was not meant, then the first.
    fn judge(&self, case: &Case, subject: &str, events: &[&Event], log_speaks: bool) -> Finding {
        let weight = case.weight(self.id());
        let mut opinions: Vec<Opinion> = events
            .iter()
            .map(|e| {
                let prepared = acts::actor(case, e).map_or(&[][..], |a| preparations::of(case, a));
                opinion(case, e, prepared)
            })
            .collect();
        opinions.sort_by_key(|o| (o.hand, o.event.intended != Some(false), o.event.time));
        let Some(worst) = opinions.first() else {
            return Finding::not_assessable(
                self,
                format!("Nothing is on record that would show who acted on {subject}."),
                reach::intent_needs(case),
            );
        };
        let (hand, who, when) = (worst.hand, acts::name(case, worst.event), worst.event.time);
        let behind: Vec<&Opinion> = opinions.iter().filter(|o| o.hand == hand).collect();
        let mut actors: Vec<String> = behind.iter().map(|o| acts::name(case, o.event)).collect();
        actors.sort();
        actors.dedup();
        let mut givers: Vec<String> = behind.iter().flat_map(|o| o.given_by.iter().cloned()).collect();
        givers.sort();
        givers.dedup();
        let finding = match hand {
            Hand::Strange | Hand::Odd => {
                let mut cites = acts::cites(&behind.iter().map(|o| o.event).collect::<Vec<_>>());
                cites.extend(behind.iter().flat_map(|o| o.cites.iter().cloned()));
                let points = if hand == Hand::Strange {
                    weight.supported
                } else {
                    weight.weak
                };
                let summary = format!("{who} acted on {subject} at {when}: {}.", worst.why);
                let mut finding = Finding::supported(self, points, summary, cites)
                    .fact("actors", actors)
                    .fact("events", behind.len());
                if let Some(session) = &worst.event.session {
                    finding = finding
                        .fact("anomalies", session.anomalies.clone())
                        .fact("session_weight", (session.weight * 100.0).round() / 100.0);
                }
                finding.techniques = worst.techniques;
                let times = behind.iter().map(|o| o.event.time);
                match (times.clone().min(), times.max()) {
                    (Some(from), Some(to)) => finding.during(from, to),
                    _ => finding,
                }
            }
            Hand::Unknown => {
                let needs = needs(case, &behind);
                Finding::not_assessable(
                    self,
                    format!("{who} acted on {subject} at {when}: {}.", worst.why),
                    needs,
                )
                .fact("actors", actors)
            }
            Hand::Owner if log_speaks => Finding::contradicted(
                self,
                weight.contradicted,
                format!(
                    "What was done to {subject} came from sessions that look like their owners': {} by {}.",
                    acts::count(events.len(), "act"),
                    actors.join(", ")
                ),
            )
            .fact("actors", actors)
            .citing(acts::cites(events)),
            Hand::Owner => Finding::not_assessable(
                self,
                format!("What is on record for {subject} came from its owners' sessions, but the audit log has gaps."),
                reach::log_needs(case, Scope::Connectors),
            ),
        };
        let finding = finding.fact("hand", hand.as_str());
        if givers.is_empty() {
            finding
        } else {
            finding.fact("given_by", givers)
        }
    }
}

fn needs(case: &Case, behind: &[&Opinion]) -> Vec<String> {
    let mut needs: Vec<String> = behind
        .iter()
        .map(|o| {
            let who = acts::name(case, o.event);
            match acts::kind(case, o.event) {
                ActorKind::Application => format!(
                    "sign-ins and directory records of the application {who} (service principal sign-in log, \
                     audit log with record type AzureActiveDirectory)"
                ),
                ActorKind::Partner => format!("the partner's own sign-in and activity logs for {who}"),
                _ => format!("sign-in logs of {who} for at least 30 days before the change"),
            }
        })
        .collect();
    needs.sort();
    needs.dedup();
    needs
}

/// What the evidence says of the hand behind one event.
fn opinion<'a>(case: &Case, event: &'a Event, prepared: &[Preparation]) -> Opinion<'a> {
    let found = |hand, why: String, cites, techniques| Opinion {
        hand,
        event,
        why,
        cites,
        techniques,
        given_by: Vec::new(),
    };
    let kind = acts::kind(case, event);
    if let Some(session) = event.session.as_ref().filter(|s| s.is_anomalous()) {
        let why = format!("the session is not its owner's: {}", session.anomalies.join("; "));
        return found(Hand::Strange, why, session.cites.clone(), techniques(kind));
    }
    let prepared = match acts::is_unvouched(event) {
        true => preparations::before(case, prepared, event.time),
        false => Vec::new(),
    };
    if !prepared.is_empty() {
        let strange = prepared.iter().any(|p| p.by_stranger);
        let kinds = preparations::kinds(&prepared);
        // An application that admins have just set up, each in a session of his own, is installed like that.
        let installed =
            kind == ActorKind::Application && event.intended.is_none() && prepared.iter().all(|p| p.by_owner);
        let hand = match () {
            () if strange => Hand::Strange,
            () if installed => Hand::Unknown,
            () if kinds.len() > 1 => Hand::Strange,
            () => Hand::Odd,
        };
        if hand == Hand::Strange || !looks_like_owner(case, event) {
            let why = format!("it was prepared shortly before: {}", preparations::sentence(&prepared));
            let cites = prepared.iter().flat_map(|p| p.cites.iter().cloned()).collect();
            return Opinion {
                given_by: prepared.iter().map(|p| p.by.clone()).collect(),
                ..found(hand, why, cites, preparations::techniques(&prepared))
            };
        }
    }
    match (&event.session, kind) {
        (Some(session), _) if session.weight >= case.thresholds().odd_session && acts::is_unvouched(event) => {
            let why = format!(
                "the session is odd, though not beyond doubt: {}",
                session.anomalies.join("; ")
            );
            found(Hand::Odd, why, session.cites.clone(), techniques(kind))
        }
        (_, ActorKind::Application) => {
            let why = "an application needs no user's sign-in, so nothing here can clear it".to_owned();
            found(Hand::Unknown, why, Vec::new(), &[])
        }
        (_, ActorKind::Partner) => {
            let why = "a partner's sign-ins are kept in its own tenant".to_owned();
            found(Hand::Unknown, why, Vec::new(), &[])
        }
        (_, ActorKind::Service) if event.intended != Some(false) => {
            found(Hand::Owner, "Microsoft's own service".to_owned(), Vec::new(), &[])
        }
        (Some(_), _) if looks_like_owner(case, event) => found(
            Hand::Owner,
            "the session looks like its owner's".to_owned(),
            Vec::new(),
            &[],
        ),
        (Some(session), _) if session.is_odd() => {
            let why = format!(
                "whether the session is its owner's cannot be told: {}",
                session.anomalies.join("; ")
            );
            found(Hand::Unknown, why, session.cites.clone(), &[])
        }
        (Some(session), _) => {
            let why = format!(
                "the account was seen on {} days before, too few to know it by",
                session.history_days
            );
            found(Hand::Unknown, why, Vec::new(), &[])
        }
        (None, _) => {
            let why = "there are no sign-ins to judge the session by".to_owned();
            found(Hand::Unknown, why, Vec::new(), &[])
        }
    }
}

fn looks_like_owner(case: &Case, event: &Event) -> bool {
    event.session.as_ref().is_some_and(|s| {
        u64::from(s.history_days) >= case.thresholds().session_history
            && !s.is_anomalous()
            && (!s.is_odd() || !acts::is_unvouched(event))
    })
}

fn techniques(kind: ActorKind) -> &'static [&'static str] {
    match kind {
        ActorKind::Partner => &["T1078.004", "T1199"],
        _ => &["T1078.004"],
    }
}

#[cfg(test)]
mod tests;
