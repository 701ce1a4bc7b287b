//! Was auditing switched off, or is there a hole in it while mail went on?

use crate::records::{Setting, SettingKind, Time};
use crate::timeline::{ActorKind, Cite, Connector, Event};

use super::documented::documented;
use super::holes::{self, Hole};
use super::reach::Scope;
use super::{Case, Finding, Indicator, acts, reach, usage};

documented! {
    /// Someone made the log look away. Switching the unified audit log off is itself on record; a log that was
    /// stopped otherwise, or cut later, shows as a hole: two hours or more without any record, rarer than one in
    /// a thousand by the tenant's own habit at those hours, while mail went on.
    ///
    /// The exported configuration shows a switch, too, where it reads off and the log ends with its last change.
    ///
    /// Supported: auditing was switched off by someone who changed this connector within seven days without anyone
    /// vouching for it, or within seven days of a change that was not meant. Weakly: a hole, or a mailbox exempted
    /// from auditing, within seven days of such a change; or a hole in which the connector was changed or made by
    /// the snapshot's or trace's dates, with no record of it.
    ///
    /// Contradicted: all Exchange admin records are there through the whole time, the log has a steady background,
    /// and there is neither switch nor hole; or the snapshot's date shows that this connector was not changed
    /// since before it. A switch or hole that touches other connectors only leaves the question open here.
    ///
    /// Look-alikes: an export with missing parts, outages of the service, quiet nights and holidays, Microsoft's own
    /// service actors, which set the same switch to what it is.
    ///
    /// Needs: the whole audit log, not a search for a few operations, and the trace of the same time.
    /// Source: Microsoft, Turn auditing on or off: a switch takes up to an hour to work. The rest is ours.
    pub struct AuditTampering;
}

impl Indicator for AuditTampering {
    fn id(&self) -> &'static str {
        "audit_tampering"
    }

    fn question(&self) -> &'static str {
        "Was auditing switched off, or is there a hole in it while mail went on?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1562.008"]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let weight = case.weight(self.id());
        let holes = holes::holes(case);
        let signs = signs(case, &holes);
        let ties: Vec<(&Sign, Tie)> = signs
            .iter()
            .filter_map(|s| tie(case, connector, s).map(|t| (s, t)))
            .collect();
        let strong = ties.iter().find(|(s, t)| s.kind == Kind::Switch && t.certain);
        if let Some((sign, tied)) = strong.or_else(|| ties.iter().find(|(_, t)| t.certain)) {
            let mut cites: Vec<Cite> = Vec::new();
            for (sign, tied) in ties.iter().filter(|(_, t)| t.certain) {
                cites.extend(sign.cites.iter().cloned());
                cites.extend(tied.cites.iter().cloned());
            }
            return Finding::supported(
                self,
                if strong.is_some() {
                    weight.supported
                } else {
                    weight.weak
                },
                format!("{}; {}.", sign.words, tied.why),
                cites,
            )
            .fact("signs", ties.len())
            .fact("holes", holes.len())
            .during(sign.from, sign.to);
        }
        self.without_tie(case, connector, &signs, &holes)
    }
}

impl AuditTampering {
    fn without_tie(&self, case: &Case, connector: &Connector, signs: &[Sign], holes: &[Hole]) -> Finding {
        let weight = case.weight(self.id());
        let unjudged = holes
            .iter()
            .filter(|h| !reach::trace_speaks(case, h.from, h.to))
            .count();
        if let Some(first) = signs.iter().min_by_key(|s| s.from) {
            let unchanged = acts::snapshot(case, connector)
                .and_then(|s| s.changed.or(s.created))
                .filter(|changed| *changed < first.from);
            let cites: Vec<Cite> = signs.iter().flat_map(|s| s.cites.iter().cloned()).collect();
            return match unchanged {
                Some(changed) => Finding::contradicted(
                    self,
                    weight.contradicted,
                    format!(
                        "{}, but {} was last changed at {changed}, before it.",
                        first.words, connector.name
                    ),
                )
                .citing(cites),
                None => Finding::not_assessable(
                    self,
                    format!(
                        "{}; whether that was for {} cannot be told.",
                        first.words, connector.name
                    ),
                    vec![
                        "the connectors with their dates of change (Get-InboundConnector)".to_owned(),
                        "the missing part of the audit log, if it was only not exported".to_owned(),
                    ],
                )
                .citing(cites),
            };
        }
        if unjudged == 0
            && case.coverage.audit_scope.heartbeat
            && reach::log_speaks_throughout(case, Scope::ExchangeAdmin)
        {
            return Finding::contradicted(
                self,
                weight.contradicted,
                "Auditing was not switched off, and the audit log has no hole that its own habit makes improbable."
                    .to_owned(),
            )
            .fact("hours_with_records", case.coverage.audit_hours.len());
        }
        let mut needs = reach::log_needs(case, Scope::ExchangeAdmin);
        if unjudged > 0 {
            needs.push(reach::trace_needs(case));
        }
        Finding::not_assessable(
            self,
            match unjudged {
                0 => "The audit log is not complete enough to tell whether it was tampered with.".to_owned(),
                n => format!(
                    "The audit log has {}, and no trace tells whether mail went on.",
                    acts::count(n, "hole")
                ),
            },
            needs,
        )
        .fact("holes", holes.len())
    }
}

/// Signs that are tied to no connector.
pub fn for_tenant(case: &Case) -> Option<Finding> {
    let holes = holes::holes(case);
    let signs = signs(case, &holes);
    let stray: Vec<&Sign> = signs
        .iter()
        .filter(|s| !case.timeline.connectors.iter().any(|c| tie(case, c, s).is_some()))
        .collect();
    let first = stray.first()?;
    let cites = stray.iter().flat_map(|s| s.cites.iter().cloned()).collect();
    let summary = format!("{}; nothing ties it to a connector.", first.words);
    Some(
        Finding::supported(&AuditTampering, 0.0, summary, cites)
            .fact("signs", stray.len())
            .during(first.from, first.to),
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Switch,
    Bypass,
    Hole,
}

/// Something that made the log look away.
struct Sign<'a> {
    kind: Kind,
    from: Time,
    to: Time,
    event: Option<&'a Event>,
    words: String,
    cites: Vec<Cite>,
}

fn signs<'a>(case: &Case<'a>, holes: &[Hole]) -> Vec<Sign<'a>> {
    let switched = case.timeline.tenant.iter().filter_map(|event| {
        let counts = event.succeeded
            && !event.no_op
            && case.window.contains(event.time)
            && (!acts::is_vouched(case, event) || acts::is_on_list_alone(case, event))
            && acts::kind(case, event) != ActorKind::Service;
        let kind = if counts { switch(event)? } else { return None };
        let what = match kind {
            Kind::Switch => "switched auditing off",
            _ => "exempted a mailbox from auditing",
        };
        Some(Sign {
            kind,
            from: event.time,
            to: event.time,
            event: Some(event),
            words: format!("{} {what} at {}", acts::name(case, event), event.time),
            cites: event.cites.clone(),
        })
    });
    let silent = holes.iter().filter(|h| h.mail_hours > 0).map(|h| Sign {
        kind: Kind::Hole,
        // Holes are of whole hours: the last record stands somewhere in the hour before.
        from: Time(h.from.0.saturating_sub(Time::HOUR)),
        to: h.to,
        event: None,
        words: format!(
            "The audit log is empty for {} hours from {}, while mail went on in {} of them",
            h.hours, h.from, h.mail_hours
        ),
        cites: around(case, h),
    });
    switched.chain(silent).chain(left_off(case)).collect()
}

/// The configuration as it stood at the end, where it says that auditing is off since its last change and the log ends
/// there. In Security & Compliance PowerShell the switch always reads False: a log that goes on shows such an export. A
/// switch that is itself on record needs no second sign.
fn left_off<'a>(case: &Case<'a>) -> Option<Sign<'a>> {
    let is_off = |s: &&Setting| {
        let switch = s.parameter("UnifiedAuditLogIngestionEnabled");
        s.kind == SettingKind::AuditConfig && switch.is_some_and(|v| v.eq_ignore_ascii_case("false"))
    };
    let ended = case.coverage.audit_log.last?;
    let stops = |at: Time| ended.0 <= at.0.saturating_add(case.thresholds().switch_delay);
    let configs = case.digest.settings.iter().filter(is_off);
    let (config, at) = configs
        .filter_map(|s| Some((s, s.changed?)))
        .filter(|(_, at)| case.window.contains(*at) && stops(*at))
        .max_by_key(|(s, at)| (*at, s.origin))?;
    let on_record = case.timeline.tenant.iter().any(|e| {
        switch(e) == Some(Kind::Switch) && e.time.0.abs_diff(at.0) <= case.thresholds().switch_delay.unsigned_abs()
    });
    (!on_record).then(|| Sign {
        kind: Kind::Switch,
        from: at,
        to: at,
        event: None,
        words: format!("Auditing stood switched off by a change at {at}, and the audit log ends there"),
        cites: vec![Cite {
            time: at,
            origin: config.origin,
            id: None,
        }],
    })
}

/// Cmdlet, parameter and value that make the log look away.
const SWITCHES: [(&str, &str, &str, Kind); 3] = [
    (
        "Set-AdminAuditLogConfig",
        "UnifiedAuditLogIngestionEnabled",
        "False",
        Kind::Switch,
    ),
    ("Set-AdminAuditLogConfig", "AdminAuditLogEnabled", "False", Kind::Switch),
    (
        "Set-MailboxAuditBypassAssociation",
        "AuditBypassEnabled",
        "True",
        Kind::Bypass,
    ),
];

/// What kind of switch the event set to off, if any.
fn switch(event: &Event) -> Option<Kind> {
    SWITCHES
        .iter()
        .find(|(operation, parameter, value, _)| {
            event.operation.eq_ignore_ascii_case(operation)
                && event.parameters.iter().any(|(n, v)| {
                    n.eq_ignore_ascii_case(parameter) && v.trim().trim_start_matches('$').eq_ignore_ascii_case(value)
                })
        })
        .map(|s| s.3)
}

/// The rows on either side of a hole, and the first and last mail within it.
fn around(case: &Case, hole: &Hole) -> Vec<Cite> {
    let events = &case.digest.events;
    let before = events
        .iter()
        .filter(|e| e.time < hole.from)
        .max_by_key(|e| (e.time, e.origin));
    let after = events
        .iter()
        .filter(|e| e.time >= hole.to)
        .min_by_key(|e| (e.time, e.origin));
    let rows = before.into_iter().chain(after).map(|e| Cite {
        time: e.time,
        origin: e.origin,
        id: e.id.clone(),
    });
    let within = || {
        case.digest
            .facts
            .iter()
            .filter(|f| f.time() >= hole.from && f.time() < hole.to)
    };
    let first = within().min_by_key(|f| (f.time, f.origin()));
    let last = within().max_by_key(|f| (f.time, f.origin()));
    rows.chain(usage::cites(&first.into_iter().chain(last).collect::<Vec<_>>()))
        .collect()
}

/// What ties a sign to a connector.
struct Tie {
    certain: bool,
    why: String,
    cites: Vec<Cite>,
}

fn tie(case: &Case, connector: &Connector, sign: &Sign) -> Option<Tie> {
    let near: Vec<&Event> = acts::acts(case, connector)
        .into_iter()
        .filter(|e| !acts::is_vouched(case, e))
        .filter(|e| {
            e.time.0 >= sign.from.0.saturating_sub(case.thresholds().prelude)
                && e.time.0 <= sign.to.0.saturating_add(case.thresholds().prelude)
        })
        .collect();
    let same = near.iter().find(|e| sign.event.is_some_and(|s| acts::same_actor(s, e)));
    if let Some(event) = same.or_else(|| near.iter().find(|e| acts::is_unintended(e))) {
        let whose = if same.is_some() {
            "the same actor"
        } else {
            "someone not meant to"
        };
        let verb = event.action.as_str();
        return Some(Tie {
            certain: true,
            why: format!("{} was {verb} by {whose} at {}", connector.name, event.time),
            cites: event.cites.clone(),
        });
    }
    if sign.kind != Kind::Bypass
        && let Some(tied) = within(case, connector, sign)
    {
        return Some(tied);
    }
    near.first().map(|event| Tie {
        certain: false,
        why: format!("{} was {} at {}", connector.name, event.action.as_str(), event.time),
        cites: event.cites.clone(),
    })
}

/// When auditing was on again: at the first switch that says so, else within the time that a switch accounts for.
fn on_again(case: &Case, off: &Sign) -> Time {
    let on = |e: &&Event| {
        e.time > off.from
            && e.operation.eq_ignore_ascii_case("Set-AdminAuditLogConfig")
            && e.parameters.iter().any(|(name, value)| {
                let value = value.trim().trim_start_matches('$');
                SWITCHES.iter().any(|s| name.eq_ignore_ascii_case(s.1)) && value.eq_ignore_ascii_case("True")
            })
    };
    let latest = Time(off.from.0.saturating_add(case.thresholds().prelude));
    case.timeline
        .tenant
        .iter()
        .find(on)
        .map_or(latest, |e| e.time.min(latest))
}

/// What the snapshot or the trace dates into a hole, or into the time of a switch, with no record of it.
fn within(case: &Case, connector: &Connector, hole: &Sign) -> Option<Tie> {
    let until = if hole.kind == Kind::Switch {
        on_again(case, hole)
    } else {
        hole.to
    };
    let end = Time(until.0.saturating_add(case.thresholds().switch_delay));
    let is_in = |t: &Time| *t >= hole.from && *t < end;
    let recorded = connector.events.iter().any(|e| acts::is_act(e) && is_in(&e.time));
    if recorded {
        return None;
    }
    if let Some(snapshot) = acts::snapshot(case, connector) {
        let (what, time) = match (snapshot.created.filter(is_in), snapshot.changed.filter(is_in)) {
            (Some(created), _) => ("created", created),
            (None, Some(changed)) => ("changed", changed),
            (None, None) => return None,
        };
        return Some(Tie {
            certain: true,
            why: format!(
                "{} was {what} in it at {time} by the snapshot's date, with no record",
                connector.name
            ),
            cites: vec![Cite {
                time,
                origin: snapshot.origin,
                id: None,
            }],
        });
    }
    let first = *usage::facts_of(case, connector).first()?;
    let known_before = connector.events.iter().any(|e| e.time < hole.from);
    let before = Time(hole.from.0.saturating_sub(case.thresholds().prelude));
    let is_new = !known_before
        && first.time() >= hole.from
        && first.time().0 <= hole.to.0.saturating_add(case.thresholds().prelude)
        && reach::trace_speaks(case, before, hole.from);
    is_new.then(|| Tie {
        certain: true,
        why: format!(
            "the first mail of {} came at {}, and no record of its creation",
            connector.name,
            first.time()
        ),
        cites: usage::cites(&[first]),
    })
}

#[cfg(test)]
mod tests;
