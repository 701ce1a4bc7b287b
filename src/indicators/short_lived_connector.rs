//! Was the connector created, used and removed; or changed, used and reverted?

use crate::timeline::{Action, Change, Connector, Event};

use super::documented::documented;
use super::reach::Scope;
use super::usage::{self, Use};
use super::{Case, Finding, Indicator, acts, reach};

documented! {
    /// Cleaning up after oneself: a connector made for one campaign and removed, or a good one opened for a run and
    /// put back, so that whoever looks at the configuration later finds nothing.
    ///
    /// Supported: created, used and removed within seven days, or more than once; or changed and put back within
    /// 24 hours with mail in between; by someone not meant to. Weakly: it was created, used and removed and nothing
    /// decides whether that was meant; or it was not, and the trace cannot show whether it was used.
    ///
    /// Contradicted: the audit log speaks of connectors through the whole time and holds no such pair, or the
    /// removal was meant (a responder's or administrator's clean-up), or the trace shows that no mail went through.
    ///
    /// Look-alikes: tests by an administrator, a rollback of a failed change, clean-up after an alert.
    ///
    /// Needs: the audit log with connector cmdlets, and the trace for the time between.
    /// Source: Microsoft, Malicious OAuth applications abuse cloud email services to spread spam (22 September 2022):
    /// connectors and rules were removed between campaigns. The times are ours.
    pub struct ShortLivedConnector;
}

impl Indicator for ShortLivedConnector {
    fn id(&self) -> &'static str {
        "short_lived_connector"
    }

    fn question(&self) -> &'static str {
        "Created, used and removed; or changed, used and reverted?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn techniques(&self) -> &'static [&'static str] {
        &["T1070"]
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let weight = case.weight(self.id());
        let mut spans = lives(case, connector);
        let cycles = spans.len();
        spans.retain(|s| cycles > 1 || s.length() <= case.thresholds().short_life);
        spans.extend(reverts(case, connector, acts::is_unintended));
        let judged: Vec<(Span, Use)> = spans
            .into_iter()
            .map(|s| {
                let used = usage::use_between(case, connector, s.begin.time, s.end.time);
                (s, used)
            })
            .collect();
        let told: Vec<&(Span, Use)> = judged
            .iter()
            .filter(|(s, u)| matches!(u, Use::Used(_)) || (*u == Use::Unknown && acts::is_unintended(s.begin)))
            .collect();
        let is_strong = |s: &Span, u: &Use| matches!(u, Use::Used(_)) && acts::is_unintended(s.begin);
        let best = told.iter().find(|(s, u)| is_strong(s, u)).or(told.first());
        if let Some((span, used)) = best {
            let events: Vec<&Event> = told.iter().flat_map(|(s, _)| [s.begin, s.end]).collect();
            let messages: usize = told
                .iter()
                .map(|(_, u)| if let Use::Used(n) = u { *n } else { 0 })
                .sum();
            let mail = match used {
                Use::Used(n) => format!("{} went through in between", acts::count(*n, "message")),
                _ => "the trace cannot show whether it was used".to_owned(),
            };
            return Finding::supported(
                self,
                if is_strong(span, used) {
                    weight.supported
                } else {
                    weight.weak
                },
                format!(
                    "{} was {} by {} at {} and {} after {}; {mail}.",
                    connector.name,
                    span.what.0,
                    acts::name(case, span.begin),
                    span.begin.time,
                    span.what.1,
                    length(span.length())
                ),
                acts::cites(&events),
            )
            .fact("cycles", told.len())
            .fact("messages", messages)
            .during(span.begin.time, span.end.time);
        }
        if let Some((span, _)) = judged.iter().find(|(_, u)| *u == Use::Unknown) {
            let mut needs = vec![reach::trace_needs(case)];
            needs.extend(reach::intent_needs(case));
            return Finding::not_assessable(
                self,
                format!(
                    "{} was created at {} and removed after {}; nothing tells whether it was used or meant.",
                    connector.name,
                    span.begin.time,
                    length(span.length())
                ),
                needs,
            )
            .citing(acts::cites(&[span.begin, span.end]));
        }
        if let Some(span) = unproven(case, connector) {
            return Finding::not_assessable(
                self,
                format!(
                    "{} was {} at {} and {} after {}, with mail in between, and nothing shows whether that was meant.",
                    connector.name,
                    span.what.0,
                    span.begin.time,
                    span.what.1,
                    length(span.length())
                ),
                reach::intent_needs(case),
            )
            .citing(acts::cites(&[span.begin, span.end]));
        }
        let speaks =
            reach::life(case, connector).is_some_and(|(from, to)| reach::log_speaks(case, Scope::Connectors, from, to));
        if !speaks {
            return Finding::not_assessable(
                self,
                format!(
                    "The audit log does not speak of {} through the whole time looked at.",
                    connector.name
                ),
                reach::log_needs(case, Scope::Connectors),
            );
        }
        let summary = match judged.len() {
            0 => format!(
                "{} was neither made and removed nor changed and put back within days.",
                connector.name
            ),
            n => format!(
                "{} of {} on record, but no mail went through.",
                acts::count(n, "short-lived state"),
                connector.name
            ),
        };
        Finding::contradicted(self, weight.contradicted, summary).fact("unused_spans", judged.len())
    }
}

/// From a beginning to an end that undoes it.
struct Span<'a> {
    begin: &'a Event,
    end: &'a Event,
    what: (&'static str, &'static str),
}

impl Span<'_> {
    fn length(&self) -> i64 {
        self.end.time.0 - self.begin.time.0
    }
}

/// A pair that was used, of acts that nothing decides or that only a list vouches for. It clears nobody.
fn unproven<'a>(case: &Case, connector: &'a Connector) -> Option<Span<'a>> {
    let doubtful = |e: &Event| acts::is_unvouched(e) || acts::is_on_trust(case, connector, e);
    let events = acts::acts(case, connector);
    let pairs = events.windows(2).filter_map(|w| match w {
        [begin, end] if begin.action == Action::Created && end.action == Action::Removed => Some(Span {
            begin,
            end,
            what: ("created", "removed"),
        }),
        _ => None,
    });
    // A removal somebody meant is clean-up here too, unless only a list says that it was meant.
    let clean_up = |e: &Event| acts::is_vouched(case, e) && !acts::is_on_trust(case, connector, e);
    let pairs = pairs.filter(|s| doubtful(s.begin) && !clean_up(s.end));
    let pairs = pairs.filter(|s| s.length() <= case.thresholds().short_life);
    let mut spans: Vec<Span> = pairs.collect();
    spans.extend(reverts(case, connector, doubtful));
    let used = |s: &Span| {
        matches!(
            usage::use_between(case, connector, s.begin.time, s.end.time),
            Use::Used(_)
        )
    };
    spans.into_iter().find(used)
}

/// Creations that nobody vouches for, each with the removal that follows it. A removal somebody meant is clean-up
/// and makes no span.
fn lives<'a>(case: &Case, connector: &'a Connector) -> Vec<Span<'a>> {
    let mut spans = Vec::new();
    let mut born: Option<&Event> = None;
    for event in acts::acts(case, connector) {
        match event.action {
            Action::Created => born = Some(event),
            Action::Removed => {
                if let Some(begin) = born.take()
                    && !acts::is_vouched(case, begin)
                    && !acts::is_vouched(case, event)
                {
                    spans.push(Span {
                        begin,
                        end: event,
                        what: ("created", "removed"),
                    });
                }
            }
            _ => {}
        }
    }
    spans
}

/// Changes of the kind `wanted`, each with the first one after it that puts a value back. An undecided change that
/// is put back is what any rollback looks like, with mail going on as always.
fn reverts<'a>(case: &Case, connector: &'a Connector, wanted: impl Fn(&Event) -> bool) -> Vec<Span<'a>> {
    let events = acts::acts(case, connector);
    let mut spans: Vec<Span> = Vec::new();
    for (i, begin) in events.iter().enumerate() {
        if !wanted(begin) || spans.last().is_some_and(|s| begin.time <= s.end.time) {
            continue;
        }
        let undone = events[i + 1..]
            .iter()
            .take_while(|e| e.time.0 - begin.time.0 <= case.thresholds().quick_revert)
            .find(|e| undoes(begin, e));
        if let Some(end) = undone
            && (!acts::is_vouched(case, end) || wanted(end))
        {
            spans.push(Span {
                begin,
                end,
                what: ("changed", "put back"),
            });
        }
    }
    spans
}

/// Whether the later event gives a parameter the value that it had before the earlier one.
fn undoes(earlier: &Event, later: &Event) -> bool {
    if earlier.action == Action::Enabled && later.action == Action::Disabled {
        return true;
    }
    if takes_back(earlier, later) {
        return true;
    }
    let set = |c: &&Change| !c.parameter.eq_ignore_ascii_case("Comment") && c.before_known && c.before != c.after;
    earlier.changes.iter().filter(set).any(|a| {
        later.changes.iter().any(|b| {
            a.parameter.eq_ignore_ascii_case(&b.parameter)
                && a.before.is_some()
                && values(a.before.as_deref()) == values(b.after.as_deref())
        })
    })
}

/// Whether the later event, by the same hand, takes away part of a list that the earlier one typed in whole. What
/// stood there before may be unknown, but what is taken away again was put there by the first.
fn takes_back(earlier: &Event, later: &Event) -> bool {
    let typed = |c: &&Change| !c.before_known && c.after.as_deref().is_some_and(|a| a.contains(';'));
    earlier.actor.is_some()
        && earlier.actor == later.actor
        && earlier.changes.iter().filter(typed).any(|a| {
            later.changes.iter().any(|b| {
                let (put, left) = (values(a.after.as_deref()), values(b.after.as_deref()));
                a.parameter.eq_ignore_ascii_case(&b.parameter)
                    && values(b.before.as_deref()) == put
                    && !left.is_empty()
                    && left.len() < put.len()
                    && left.iter().all(|v| put.contains(v))
            })
        })
}

/// A multi-valued parameter's values without regard to order or case.
fn values(text: Option<&str>) -> Vec<String> {
    let mut values: Vec<String> = text
        .unwrap_or_default()
        .split(';')
        .map(|v| v.trim().to_lowercase())
        .filter(|v| !v.is_empty())
        .collect();
    values.sort();
    values.dedup();
    values
}

fn length(micros: i64) -> String {
    let minutes = micros / 60_000_000;
    match minutes {
        0..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::super::fixture::{Fixture, Sketch, act};
    use super::*;

    fn cycle(created: &str, removed: &str, intended: Option<bool>, removal: Option<bool>) -> Fixture {
        let mut f = Fixture::complete();
        f.event("Relay", act(created, Action::Created, "m@y.example", intended));
        f.event("Relay", act(removed, Action::Removed, "m@y.example", removal));
        f.event("HQ", act("05T09:00", Action::Changed, "it.admin@y.example", Some(true)));
        f.mail("HQ", "11T08:00");
        f
    }

    #[test]
    fn created_used_and_removed_within_days_is_supported_and_not_held_against_the_one_beside_it() {
        let mut f = cycle("10T02:00", "12T02:00", Some(false), Some(false));
        f.mail("Relay", "11T08:00");
        let finding = f.assess(&ShortLivedConnector, "Relay");
        assert_eq!((finding.points, finding.cite_count), (2.0, 2));
        assert_eq!(finding.facts["messages"], 1);
        assert_eq!(f.state(&ShortLivedConnector, "HQ"), State::Contradicted);
    }

    #[test]
    fn without_a_trace_it_is_weak_and_with_one_that_shows_no_mail_contradicted() {
        let f = cycle("10T02:00", "12T02:00", Some(false), Some(false));
        assert_eq!(f.state(&ShortLivedConnector, "Relay"), State::Contradicted);
        let mut f = f.no_trace();
        f.digest.facts.clear();
        assert_eq!(f.assess(&ShortLivedConnector, "Relay").points, 1.0);
    }

    #[test]
    fn a_removal_by_a_responder_or_meant_otherwise_is_clean_up() {
        let mut f = cycle("10T02:00", "12T02:00", Some(false), Some(true));
        f.mail("Relay", "11T08:00");
        assert_eq!(f.state(&ShortLivedConnector, "Relay"), State::Contradicted);
        let mut f = cycle("10T02:00", "12T02:00", Some(false), None);
        f.mail("Relay", "11T08:00");
        f.organization.responders.push("m@y.example".to_owned());
        assert_eq!(f.state(&ShortLivedConnector, "Relay"), State::Contradicted);
    }

    #[test]
    fn a_long_life_counts_only_when_it_repeats() {
        let mut f = cycle("02T02:00", "12T02:00", Some(false), Some(false));
        f.mail("Relay", "11T08:00");
        assert_eq!(f.state(&ShortLivedConnector, "Relay"), State::Contradicted);
        f.event("Relay", act("14T02:00", Action::Created, "m@y.example", Some(false)));
        f.event("Relay", act("15T02:00", Action::Removed, "m@y.example", Some(false)));
        assert_eq!(f.assess(&ShortLivedConnector, "Relay").points, 2.0);
    }

    #[test]
    fn changed_used_and_put_back_within_a_day_is_supported_even_with_the_list_in_another_order() {
        let mut f = Fixture::complete();
        let set = |time, before, after| {
            act(time, Action::Changed, "m@y.example", Some(false)).with("SenderIPAddresses", before, after)
        };
        f.event(
            "HQ",
            set("10T02:00", "192.0.2.1;192.0.2.2", "192.0.2.1;192.0.2.2;203.0.113.9"),
        );
        f.event(
            "HQ",
            set("10T06:00", "192.0.2.1;192.0.2.2;203.0.113.9", "192.0.2.2;192.0.2.1"),
        );
        f.mail("HQ", "10T09:00");
        assert_eq!(f.state(&ShortLivedConnector, "HQ"), State::Contradicted);
        f.mail("HQ", "10T04:00");
        assert_eq!(f.assess(&ShortLivedConnector, "HQ").points, 2.0);
    }

    #[test]
    fn an_undecided_rollback_is_no_sign_and_clears_nobody() {
        let mut f = Fixture::complete();
        let set =
            |time, before, after| act(time, Action::Changed, "x@y.example", None).with("RequireTls", before, after);
        f.event("HQ", set("10T02:00", "True", "False"));
        f.event("HQ", set("10T03:00", "False", "True"));
        f.mail("HQ", "10T02:30");
        assert_eq!(f.state(&ShortLivedConnector, "HQ"), State::NotAssessable);
    }

    #[test]
    fn an_undecided_pair_is_weak_and_a_gap_in_the_log_leaves_silence_open() {
        let mut f = cycle("10T02:00", "12T02:00", None, None);
        f.mail("Relay", "11T08:00");
        assert_eq!(f.assess(&ShortLivedConnector, "Relay").points, 1.0);
        f.coverage.audit_scope.connectors = false;
        assert_eq!(f.state(&ShortLivedConnector, "HQ"), State::NotAssessable);
        let mut f = f.no_trace();
        f.digest.facts.clear();
        assert_eq!(f.state(&ShortLivedConnector, "Relay"), State::NotAssessable);
    }

    #[test]
    fn a_pair_that_a_list_alone_vouches_for_clears_nobody() {
        let mut f = cycle("10T02:00", "12T02:00", Some(true), Some(true));
        f.mail("Relay", "11T08:00");
        assert_eq!(f.state(&ShortLivedConnector, "Relay"), State::Contradicted);
        for event in &mut f.connector("Relay").events {
            event.session = None;
        }
        assert_eq!(f.state(&ShortLivedConnector, "Relay"), State::NotAssessable);
    }
}
