//! From the judged case to the report as data.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::model::{
    Account, Adjustment, Change, Citation, Connector, Coverage, CoverageState, Event, Exhibit, Gap, Indicator,
    RejectedRow, Report, Response, SCHEMA_VERSION, Scale, ScorePart, Since, StoryLink, Summary, SuspectMessage, Tenant,
    Tool, Traffic, Unreadable, Whence, Window,
};
use crate::digest::coverage::{Completeness, Family, families};
use crate::evidence::{Entry, What};
use crate::indicators::{self, Case, Finding, each_once};
use crate::records::{Kind, Origin, Time};
use crate::timeline::{self, Cite, Timeline};
use crate::verdict::{self, ConnectorJudgement, Judgement};

/// What the reading of the evidence gave besides the digest.
pub struct Read<'a> {
    /// Of every file that was read to its end, in order of path.
    pub exhibits: &'a [Exhibit],
    /// Path of every file, in the order of [`crate::records::Origin::file`].
    pub paths: &'a [String],
    pub unreadable: &'a [Unreadable],
    pub ledger: &'a [Entry],
}

/// A connector's traffic, and the messages to purge, as the report shows them.
pub struct Mail {
    /// In the order of the timeline's connectors.
    pub traffic: Vec<Traffic>,
    pub suspects: Vec<SuspectMessage>,
}

/// Puts everything into the report's shape.
pub fn assemble(case: &Case, judgement: &Judgement, read: &Read, mail: Mail) -> Report {
    let cites = Cites { paths: read.paths };
    let connectors = case
        .timeline
        .connectors
        .iter()
        .zip(&judgement.connectors)
        .zip(mail.traffic)
        .map(|((connector, judged), traffic)| cites.connector(case, connector, judged, traffic))
        .collect();
    let accounts = judgement
        .accounts
        .iter()
        .map(|a| Account {
            id: a.id.clone(),
            kind: a.kind.as_str().into(),
            verdict: a.verdict,
            score: a.score,
            addresses: whence(case, &a.key),
            indicators: a.findings.iter().map(|f| cites.indicator(f)).collect(),
        })
        .collect();
    Report {
        schema_version: SCHEMA_VERSION.into(),
        tool: Tool {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
        },
        summary: summary(case, judgement, read),
        scale: Some(Scale {
            prior: case.points().prior,
            suspicious: case.points().suspicious,
            likely: case.points().likely,
            rest_of_group: case.points().rest_of_group,
        }),
        evidence: read.exhibits.to_vec(),
        unreadable: read.unreadable.to_vec(),
        coverage: families(case.coverage).map(|(family, c)| coverage(family, c)).collect(),
        connectors,
        accounts,
        tenant: Tenant {
            indicators: judgement.tenant.iter().map(|f| cites.indicator(f)).collect(),
            timeline: case
                .timeline
                .tenant
                .iter()
                .map(|e| cites.event(case.timeline, e))
                .collect(),
        },
        response: judgement
            .response
            .iter()
            .map(|s| Response {
                step: s.step.into(),
                connector: s.connector.clone(),
                why: s.why.clone(),
                commands: s.commands.clone(),
                links: s.links.iter().map(|&l| l.into()).collect(),
                citations: s.evidence.iter().map(|c| cites.cite(c)).collect(),
            })
            .collect(),
        suspect_messages: mail.suspects,
        geoip: case.timeline.places.databases.clone(),
        overrides: case.organization.tuning.overrides.clone(),
        rejected_rows: read.ledger.iter().map(|entry| cites.rejected(entry)).collect(),
    }
}

/// The addresses that an account's deeds came from.
fn whence(case: &Case, key: &str) -> Vec<Whence> {
    let mut used: BTreeMap<IpAddr, (Time, Time, u64)> = BTreeMap::new();
    // A deed of the tenant may stand on the timelines of several connectors.
    let mut told: BTreeSet<Origin> = BTreeSet::new();
    for event in indicators::deeds(case, key) {
        let is_new = event.cites.first().is_none_or(|c| told.insert(c.origin));
        if let Some(address) = event.client_ip.filter(|_| is_new) {
            let span = used
                .entry(address.to_canonical())
                .or_insert((event.time, event.time, 0));
            *span = (span.0.min(event.time), span.1.max(event.time), span.2 + 1);
        }
    }
    let mut used: Vec<(IpAddr, (Time, Time, u64))> = used.into_iter().collect();
    used.sort_by_key(|(address, (first, ..))| (*first, *address));
    used.into_iter()
        .map(|(address, (first, last, deeds))| Whence {
            address: address.to_string(),
            place: case.timeline.places.label(address),
            first_time: first.to_string(),
            last_time: last.to_string(),
            deeds,
        })
        .collect()
}

fn summary(case: &Case, judgement: &Judgement, read: &Read) -> Summary {
    let sum = |kind: Kind, part: fn(&Exhibit) -> u64| {
        read.exhibits
            .iter()
            .filter(|e| e.kind == kind.as_str())
            .map(part)
            .sum::<u64>()
    };
    Summary {
        verdict: judgement.verdict,
        headline: judgement.headline.clone(),
        organization: case.organization.name.clone(),
        time_zone: Some(case.organization.time_zone.name().into()),
        connectors: case.timeline.connectors.len() as u64,
        audit_records: sum(Kind::AuditLog, |e| e.records),
        audit_duplicates: sum(Kind::AuditLog, |e| e.duplicates),
        trace_records: sum(Kind::MessageTrace, |e| e.records),
        trace_duplicates: sum(Kind::MessageTrace, |e| e.duplicates),
        rejected: read.exhibits.iter().map(|e| e.rejected).sum(),
    }
}

fn since(connector: &timeline::Connector, judged: &ConnectorJudgement, since: verdict::Since) -> Option<Since> {
    Some(match since {
        verdict::Since::Event(index) => Since {
            time: connector.events.get(index)?.time.to_string(),
            event: Some(index),
            indicator: None,
        },
        verdict::Since::Finding(index) => {
            let finding = judged.findings.get(index)?;
            Since {
                time: finding.window?.0.to_string(),
                event: None,
                indicator: Some(finding.id.into()),
            }
        }
    })
}

/// One family's coverage as the report shows it.
pub fn coverage(family: Family, c: &crate::digest::coverage::FamilyCoverage) -> Coverage {
    Coverage {
        family: family.as_str().into(),
        state: match c.state {
            Completeness::Complete => CoverageState::Complete,
            Completeness::Partial => CoverageState::Partial,
            Completeness::Missing => CoverageState::Missing,
        },
        first_time: c.first.map(|t| t.to_string()),
        last_time: c.last.map(|t| t.to_string()),
        gaps: c
            .gaps
            .iter()
            .chain(&c.outside)
            .map(|g| Gap {
                from: g.from.map(|t| t.to_string()),
                to: g.to.map(|t| t.to_string()),
                reason: g.reason.clone(),
                how_to_collect: Some(family.how_to_close(g)),
            })
            .collect(),
        why: c.why.clone(),
        how_to_collect: Some(family.how_to_collect().into()),
    }
}

/// Turns places into citations.
pub struct Cites<'a> {
    /// In the order of [`crate::records::Origin::file`].
    pub paths: &'a [String],
}

impl Cites<'_> {
    fn path(&self, file: u32) -> String {
        self.paths.get(file as usize).cloned().unwrap_or_default()
    }

    /// A row as the report cites it.
    pub fn cite(&self, cite: &Cite) -> Citation {
        Citation {
            path: self.path(cite.origin.file),
            record: u64::from(cite.origin.record),
            byte_offset: cite.origin.offset,
            id: cite.id.clone(),
        }
    }

    /// The rows behind a statement, each once.
    fn rows(&self, cites: &[Cite]) -> Vec<Citation> {
        each_once(cites.to_vec()).iter().map(|c| self.cite(c)).collect()
    }

    fn story(&self, judged: &ConnectorJudgement) -> Vec<StoryLink> {
        let links = judged.weighing.sequence.iter().flat_map(|s| &s.links);
        links
            .map(|l| StoryLink {
                time: l.time.to_string(),
                stage: l.stage.as_str().into(),
                summary: l.said.clone(),
                citations: self.rows(&l.cites),
            })
            .collect()
    }

    fn connector(
        &self,
        case: &Case,
        connector: &timeline::Connector,
        judged: &ConnectorJudgement,
        traffic: Traffic,
    ) -> Connector {
        let (shape, parts) = verdict::weigh::parts(case, &judged.findings, &judged.weighing);
        Connector {
            name: connector.name.clone(),
            names: connector.names.clone(),
            id: connector.id.clone(),
            kind: connector.kind.map(|k| k.as_str().into()),
            present_in_snapshot: connector.present_in_snapshot,
            verdict: judged.verdict,
            score: judged.weighing.score,
            score_low: judged.weighing.low,
            score_high: judged.weighing.high,
            score_shape: Some(shape.into()),
            score_parts: parts
                .into_iter()
                .map(|p| ScorePart {
                    id: p.id.into(),
                    group: p.group.map(|g| g.as_str().into()),
                    given: p.given,
                    points: p.points,
                })
                .collect(),
            since: judged.since.and_then(|s| since(connector, judged, s)),
            story: self.story(judged),
            reasons: judged.reasons.clone(),
            adjustments: judged
                .weighing
                .adjustments
                .iter()
                .map(|a| Adjustment {
                    id: a.id.into(),
                    points: a.points,
                    summary: a.summary.clone(),
                    citations: self.rows(&a.cites),
                })
                .collect(),
            indicators: judged.findings.iter().map(|f| self.indicator(f)).collect(),
            timeline: connector.events.iter().map(|e| self.event(case.timeline, e)).collect(),
            related_left_out: connector.related_left_out as u64,
            traffic,
        }
    }

    fn indicator(&self, f: &Finding) -> Indicator {
        Indicator {
            id: f.id.into(),
            state: f.state,
            points: f.points,
            summary: f.summary.clone(),
            facts: f.facts.clone(),
            needs: f.needs.clone(),
            window: f.window.map(|(from, to)| Window {
                from: from.to_string(),
                to: to.to_string(),
            }),
            techniques: f.techniques.iter().map(|&t| t.into()).collect(),
            citation_count: f.cite_count,
            citations: self.rows(&f.cites),
        }
    }

    /// An event as the report shows it.
    pub fn event(&self, timeline: &Timeline, e: &timeline::Event) -> Event {
        let actor = e.actor.as_deref().and_then(|key| timeline.actors.get(key));
        Event {
            time: e.time.to_string(),
            action: e.action.as_str().into(),
            operation: Some(e.operation.clone()).filter(|o| !o.is_empty()),
            actor: actor.map(|a| a.id.clone()).or_else(|| e.actor.clone()),
            actor_kind: actor.map_or(timeline::ActorKind::Unknown, |a| a.kind).as_str().into(),
            client_ip: e.client_ip.map(|ip| ip.to_string()),
            client_place: e.client_ip.and_then(|ip| timeline.places.label(ip)),
            intended: e.intended,
            intended_because: Some(e.intended_because.clone()).filter(|b| !b.is_empty()),
            no_op: e.no_op,
            succeeded: e.succeeded,
            changes: e
                .changes
                .iter()
                .map(|c| Change {
                    parameter: c.parameter.clone(),
                    before: c.before.clone(),
                    after: c.after.clone(),
                    before_known: c.before_known,
                })
                .collect(),
            summary: e.summary.clone(),
            citations: self.rows(&e.cites),
        }
    }

    fn rejected(&self, entry: &Entry) -> RejectedRow {
        RejectedRow {
            path: self.path(entry.origin.file),
            record: u64::from(entry.origin.record),
            byte_offset: entry.origin.offset,
            what: match entry.what {
                What::Degraded => "degraded",
                What::Rejected => "rejected",
            }
            .into(),
            reason: entry.reason.to_string(),
        }
    }
}
