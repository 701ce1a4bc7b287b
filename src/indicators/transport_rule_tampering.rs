//! Did rules strip authentication or trace headers, or redirect, around the change?

use crate::records::{Setting, SettingKind};
use crate::timeline::{ActorKind, Cite, Connector, Event, Session};

use super::documented::documented;
use super::index::Place;
use super::reach::Scope;
use super::{Case, Finding, Indicator, acts, reach};

documented! {
    /// Mail-flow rules that take out the headers by which mail is authenticated and traced. Beside a relay they
    /// have no other use: the attackers of 2022 made one rule for each header, within minutes of the connector.
    ///
    /// Supported: rules that remove such a header, by someone not meant to or undecided, made by the actor who
    /// changed this connector within seven days of it, or by anyone within an hour of it. From three distinct
    /// headers on it weighs whole, below weakly; so do rules that redirect, copy in blind or switch spam
    /// filtering off (SCL -1), if they or the change were clearly not meant. Weakly, too: such a rule stands in the
    /// snapshot of the rules, last changed within seven days of this connector's change, and no record of it is there.
    ///
    /// Contradicted: the audit log, all Exchange admin records included, speaks of the whole time and has no such
    /// rule, or only rules that belong to another connector's story or were meant. Rules that belong to no
    /// connector's story act on all mail and leave the question open.
    ///
    /// Look-alikes: gateways and signature services remove headers of their own (X-SM-*, X-Proofpoint-*,
    /// X-Mimecast-* and the like), which do not count; vendors' guides set SCL -1 rules beside a connector.
    ///
    /// Needs: the audit log with all Exchange admin records; Get-TransportRule shows what still stands.
    /// Source: Microsoft, Malicious OAuth applications abuse cloud email services to spread spam (22 September 2022),
    /// for the headers as later reports list them.
    pub struct TransportRuleTampering;
}

/// Headers of authentication and trace that the rules of the 2022 campaign removed.
const HEADERS: [&str; 12] = [
    "X-MS-Exchange-ExternalOriginalInternetSender",
    "X-MS-Exchange-SkipListedInternetSender",
    "Received-SPF",
    "Received",
    "ARC-Authentication-Results",
    "ARC-Message-Signature",
    "DKIM-Signature",
    "ARC-Seal",
    "X-MS-Exchange-SenderADCheck",
    "X-MS-Exchange-Authentication-Results",
    "Authentication-Results",
    "X-MS-Exchange-AntiSpam-MessageData-ChunkCount",
];

impl Indicator for TransportRuleTampering {
    fn id(&self) -> &'static str {
        "transport_rule_tampering"
    }

    fn question(&self) -> &'static str {
        "Did rules strip authentication or trace headers, or redirect, around the change?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1564.008"]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let rules = Rules::of(case);
        let story = story(case, connector);
        let own: Vec<Rule> = rules.each(case).filter(|r| belongs(case, &story, r)).collect();
        if !own.is_empty() {
            return self.supported(case, connector, &own);
        }
        let stray = rules.stray(case);
        if !stray.is_empty() && acts::can_relay(connector) {
            let events: Vec<&Event> = stray.iter().map(|r| r.event).collect();
            return Finding::not_assessable(
                self,
                format!(
                    "{} to strip headers or redirect, by {}, in no connector's story; whether that served {} cannot be \
                     told.",
                    acts::count(stray.len(), "rule"),
                    acts::names(case, &events),
                    connector.name
                ),
                vec!["the transport rules as they are (Get-TransportRule), to see which mail they act on".to_owned()],
            )
            .citing(acts::cites(&events));
        }
        let standing = standing(case);
        if let Some(finding) = self.by_snapshot(case, connector, &story, &standing) {
            return finding;
        }
        if !reach::log_speaks_throughout(case, Scope::ExchangeAdmin) {
            return Finding::not_assessable(
                self,
                "The audit log does not speak of transport rules through the whole time looked at.".to_owned(),
                reach::log_needs(case, Scope::ExchangeAdmin),
            );
        }
        Finding::contradicted(
            self,
            case.weight(self.id()).contradicted,
            match rules.all.len() {
                0 => "The complete audit log holds no rule that strips such headers or redirects mail.".to_owned(),
                n => format!(
                    "{n} such rules are in the audit log; none belongs to {}.",
                    connector.name
                ),
            },
        )
        .fact("rules_elsewhere", rules.all.len())
        .citing(acts::cites(&rules.each(case).map(|r| r.event).collect::<Vec<_>>()))
    }
}

/// Rules that belong to no connector's story.
pub fn for_tenant(case: &Case) -> Option<Finding> {
    let events: Vec<&Event> = Rules::of(case).stray(case).iter().map(|r| r.event).collect();
    let (first, last) = (events.first()?, events.last()?);
    let summary = format!(
        "{} to strip headers or redirect mail, by {}, in no connector's story.",
        acts::count(events.len(), "rule"),
        acts::names(case, &events)
    );
    Some(
        Finding::supported(&TransportRuleTampering, 0.0, summary, acts::cites(&events))
            .fact("rules", events.len())
            .during(first.time, last.time),
    )
}

impl TransportRuleTampering {
    fn supported(&self, case: &Case, connector: &Connector, own: &[Rule]) -> Finding {
        let weight = case.weight(self.id());
        let mut headers: Vec<&str> = own.iter().filter_map(|r| r.header).collect();
        headers.sort_unstable();
        headers.dedup();
        let events: Vec<&Event> = own.iter().map(|r| r.event).collect();
        let redirects = own.iter().filter(|r| r.header.is_none()).count();
        let mut what = Vec::new();
        if !headers.is_empty() {
            what.push(format!(
                "{} removed ({})",
                acts::count(headers.len(), "header"),
                headers.join(", ")
            ));
        }
        if redirects > 0 {
            what.push(format!(
                "{} to redirect mail or switch filtering off",
                acts::count(redirects, "rule")
            ));
        }
        let full = headers.len() as u64 >= case.thresholds().headers_full;
        let finding = Finding::supported(
            self,
            if full { weight.supported } else { weight.weak },
            format!(
                "{} made {} around the change of {}: {}.",
                acts::names(case, &events),
                acts::count(own.len(), "rule"),
                connector.name,
                what.join("; ")
            ),
            acts::cites(&events),
        )
        .fact("rules", own.len())
        .fact("headers", headers)
        .fact("redirects", redirects);
        match (events.first(), events.last()) {
            (Some(first), Some(last)) => finding.during(first.time, last.time),
            _ => finding,
        }
    }
}

impl TransportRuleTampering {
    /// What the rules say that stood at the end, where no record says who made them: weak where one was last changed in
    /// this connector's story, for its date may be that of a later and harmless change.
    fn by_snapshot(
        &self,
        case: &Case,
        connector: &Connector,
        story: &[&Event],
        standing: &[Standing],
    ) -> Option<Finding> {
        let near = |rule: &&Standing| {
            let changed = rule.setting.changed.map(|t| t.0);
            changed.is_some_and(|t| {
                story
                    .iter()
                    .any(|e| e.time.0.abs_diff(t) <= case.thresholds().prelude.unsigned_abs())
            })
        };
        let own: Vec<&Standing> = standing.iter().filter(near).collect();
        let told = if own.is_empty() {
            standing.iter().collect()
        } else {
            own.clone()
        };
        let first = told.first()?;
        let headers: Vec<&str> = told.iter().map(|r| r.header).collect();
        let what = format!(
            "{} in force to remove {}, last changed {}, and no record says who made {}",
            acts::count(told.len(), "rule"),
            headers.join(", "),
            first
                .setting
                .changed
                .map_or_else(|| "at an unknown time".to_owned(), |t| format!("at {t}")),
            if told.len() == 1 { "it" } else { "them" },
        );
        let cites: Vec<Cite> = told.iter().map(|r| r.cite()).collect();
        if own.is_empty() {
            if !acts::can_relay(connector) {
                return None;
            }
            let needs = vec!["all Exchange admin records of the time when the rules were made".to_owned()];
            let summary = format!(
                "The snapshot has {what}; whether that served {} cannot be told.",
                connector.name
            );
            return Some(Finding::not_assessable(self, summary, needs).citing(cites));
        }
        let summary = format!(
            "The snapshot has {what}; {} was changed within seven days of that.",
            connector.name
        );
        Some(
            Finding::supported(self, case.weight(self.id()).weak, summary, cites)
                .fact("rules", own.len())
                .fact("headers", headers),
        )
    }
}

/// A rule of the snapshot that is in force and removes such a header.
struct Standing<'a> {
    setting: &'a Setting,
    header: &'static str,
}

impl Standing<'_> {
    fn cite(&self) -> Cite {
        Cite {
            time: self.setting.changed.unwrap_or_default(),
            origin: self.setting.origin,
            id: None,
        }
    }
}

/// Those that the audit log holds no record of: where it does, its records were judged.
fn standing<'a>(case: &Case<'a>) -> Vec<Standing<'a>> {
    let recorded = |name: &str| {
        Place::all(case.timeline).any(|(_, e)| {
            let is_rule = e.operation.to_ascii_lowercase().ends_with("-transportrule");
            let named = || ["Name", "Identity"].iter().filter_map(|p| parameter(e, p));
            is_rule && named().any(|n| n.eq_ignore_ascii_case(name.trim()))
        })
    };
    let rules = case
        .digest
        .settings
        .iter()
        .filter(|s| s.kind == SettingKind::TransportRule);
    rules
        .filter(|s| !s.parameter("State").is_some_and(|v| v.eq_ignore_ascii_case("disabled")))
        .filter_map(|setting| {
            let header = header(setting.parameter("RemoveHeader")?)?;
            Some(Standing { setting, header })
        })
        .filter(|rule| !recorded(&rule.setting.name))
        .collect()
}

/// A rule that tampers: the header it removes, or `None` for one that redirects or switches filtering off.
struct Rule<'a> {
    event: &'a Event,
    header: Option<&'static str>,
}

/// All tampering rules of the tenant in the time looked at that nobody vouches for.
pub(super) struct Rules {
    /// Each once, in order of time.
    all: Vec<(Place, Option<&'static str>)>,
    /// Of each: whether it belongs to some connector's story.
    told: Vec<bool>,
}

impl Rules {
    fn of<'c>(case: &'c Case) -> &'c Rules {
        case.index.rules.get_or_init(|| {
            let mut rules = Rules {
                all: found(case),
                told: Vec::new(),
            };
            let mut told = vec![false; rules.all.len()];
            for connector in &case.timeline.connectors {
                let story = story(case, connector);
                for (rule, told) in rules.each(case).zip(&mut told).filter(|_| !story.is_empty()) {
                    *told = *told || belongs(case, &story, &rule);
                }
            }
            rules.told = told;
            rules
        })
    }

    fn each<'a>(&self, case: &Case<'a>) -> impl Iterator<Item = Rule<'a>> {
        let timeline = case.timeline;
        self.all.iter().filter_map(move |&(place, header)| {
            let event = place.event(timeline)?;
            Some(Rule { event, header })
        })
    }

    /// Those that belong to no connector's story.
    fn stray<'a>(&self, case: &Case<'a>) -> Vec<Rule<'a>> {
        let told = self.each(case).zip(&self.told);
        told.filter(|(_, told)| !**told).map(|(rule, _)| rule).collect()
    }
}

fn found(case: &Case) -> Vec<(Place, Option<&'static str>)> {
    let mut found: Vec<(Place, Rule)> = Place::all(case.timeline)
        .filter(|(_, e)| e.succeeded && !e.no_op && case.window.contains(e.time))
        .filter(|(_, e)| {
            ["New-TransportRule", "Set-TransportRule"]
                .iter()
                .any(|op| e.operation.eq_ignore_ascii_case(op))
        })
        .filter(|(_, e)| !acts::is_vouched(case, e) || is_on_trust(case, e))
        .filter_map(|(place, event)| {
            let header = removed_header(event);
            (header.is_some() || redirects(event)).then_some((place, Rule { event, header }))
        })
        .collect();
    found.sort_by(|(_, a), (_, b)| (a.event.time, &a.event.cites).cmp(&(b.event.time, &b.event.cites)));
    found.dedup_by(|(_, a), (_, b)| !a.event.cites.is_empty() && a.event.cites == b.event.cites);
    found.into_iter().map(|(place, rule)| (place, rule.header)).collect()
}

/// Whether only the list of admins vouches for the rule, and no sign-in says that it was them.
fn is_on_trust(case: &Case, event: &Event) -> bool {
    let unseen = |s: &Session| u64::from(s.history_days) < case.thresholds().session_history;
    acts::kind(case, event) == ActorKind::User
        && !acts::is_responder(case, event)
        && event.session.as_ref().is_none_or(unseen)
}

fn parameter<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event
        .parameters
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim())
}

fn removed_header(event: &Event) -> Option<&'static str> {
    header(parameter(event, "RemoveHeader")?)
}

fn header(name: &str) -> Option<&'static str> {
    let name = name.trim().trim_end_matches(':');
    HEADERS.iter().find(|h| h.eq_ignore_ascii_case(name)).copied()
}

fn redirects(event: &Event) -> bool {
    ["RedirectMessageTo", "BlindCopyTo"]
        .iter()
        .any(|p| parameter(event, p).is_some_and(|v| !v.is_empty()))
        || parameter(event, "SetSCL") == Some("-1")
}

/// What was done to the connector that nobody vouches for, in order of time.
fn story<'a>(case: &Case, connector: &'a Connector) -> Vec<&'a Event> {
    let mut story = acts::acts(case, connector);
    story.retain(|e| !acts::is_vouched(case, e));
    story
}

/// Whether the rule belongs to a connector's story.
fn belongs(case: &Case, story: &[&Event], rule: &Rule) -> bool {
    let limits = case.thresholds();
    let moment = rule.event.time.0;
    let from = story.partition_point(|e| e.time.0 < moment.saturating_sub(limits.prelude));
    let near = story.get(from..).unwrap_or_default().iter();
    near.take_while(|e| e.time.0 <= moment.saturating_add(limits.prelude))
        .any(|e| {
            let distance = e.time.0.abs_diff(moment);
            let near = distance <= limits.same_story.unsigned_abs() || acts::same_actor(e, rule.event);
            let clear = rule.header.is_some() || acts::is_unintended(e) || acts::is_unintended(rule.event);
            near && clear
        })
}

#[cfg(test)]
mod tests;
