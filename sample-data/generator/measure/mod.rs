//! What the analyzer says of the range, held against the answers.
//!
//! The example `range` and the tests include this module by path, and each uses another part of it.
#![allow(dead_code)]

pub mod document;
pub mod ramps;
mod tables;

use std::fmt::Write;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use relaytrail::ingest::Options;
use relaytrail::report::model::{Report, State, Verdict};
use relaytrail::settings::{self, Organization, Window};
use serde_json::Value;

use crate::simulate::case::Case;
use crate::simulate::range::plan::Plan;

/// What a connector is in a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The intruder used it, or made it ready.
    Attacked,
    /// What looks like an attack happened to it.
    LookAlike,
    /// Nothing happened to it.
    Untouched,
}

/// What was said of one indicator.
#[derive(Clone, Debug)]
pub struct Said {
    pub id: String,
    pub state: State,
    pub points: f64,
    pub summary: String,
}

/// What was said of one connector.
#[derive(Clone, Debug)]
pub struct Judged {
    pub name: String,
    pub part: Part,
    /// The verdicts that the label allows with everything at hand.
    pub allowed: Vec<String>,
    /// None where the report does not know the connector.
    pub verdict: Option<Verdict>,
    pub score: f64,
    pub said: Vec<Said>,
    /// Indicators whose state is certain with everything at hand, and whether they must show.
    pub certain: Vec<(String, bool)>,
}

impl Judged {
    pub fn is_accused(&self) -> bool {
        matches!(self.verdict, Some(Verdict::LikelyCompromised | Verdict::Suspicious))
    }

    pub fn state(&self, id: &str) -> Option<State> {
        self.said.iter().find(|said| said.id == id).map(|said| said.state)
    }
}

/// One tenant and what was said of it.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The number of the tenant in the range.
    pub number: usize,
    pub plan: Plan,
    pub connectors: Vec<Judged>,
    /// Accounts in the wrong hands that were not suspected, and others that were.
    pub missed_accounts: Vec<String>,
    pub accused_accounts: Vec<String>,
}

fn words(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The report on a case.
///
/// # Errors
/// When the case cannot be written or analyzed.
pub fn analyze(case: &Case) -> io::Result<Report> {
    let folder = tempfile::tempdir()?;
    case.write(folder.path())?;
    let organization = match &case.org_toml {
        Some(_) => settings::read(&folder.path().join("org.toml")).map_err(io::Error::other)?,
        None => Organization::default(),
    };
    relaytrail::analyze(
        &[folder.path().join("evidence")],
        &Options::default(),
        &organization,
        Window::default(),
    )
    .map_err(|error| io::Error::other(format!("{}: {error}", case.name)))
}

/// Analyzes a tenant.
///
/// # Errors
/// When it cannot be written or analyzed.
pub fn observe(number: usize, plan: Plan) -> io::Result<Observation> {
    let case = plan.case();
    let report = analyze(&case)?;
    let connectors = case.expected["connectors"].as_array().into_iter().flatten();
    let connectors = connectors.map(|expected| judged(expected, &report)).collect();
    let stolen = words(&case.expected["compromised_accounts"]);
    let suspected = |id: &str| {
        let mut found = report.accounts.iter().filter(|a| a.id.eq_ignore_ascii_case(id));
        found.any(|a| a.verdict <= Verdict::Suspicious)
    };
    let accused = report.accounts.iter().filter(|a| a.verdict <= Verdict::Suspicious);
    Ok(Observation {
        number,
        plan,
        connectors,
        missed_accounts: stolen.iter().filter(|id| !suspected(id)).cloned().collect(),
        accused_accounts: accused
            .filter(|a| !stolen.iter().any(|id| id.eq_ignore_ascii_case(&a.id)))
            .map(|a| a.id.clone())
            .collect(),
    })
}

fn judged(expected: &Value, report: &Report) -> Judged {
    let name = expected["name"].as_str().unwrap_or_default();
    let allowed = words(&expected["verdicts"]);
    let indicators = expected["indicators"].as_object();
    let certain: Vec<(String, bool)> = indicators
        .into_iter()
        .flatten()
        .map(|(id, states)| (id.clone(), words(states) == ["supported"]))
        .collect();
    let part = if allowed.iter().any(|v| v == Verdict::LikelyCompromised.as_str()) {
        Part::Attacked
    } else if certain.is_empty() {
        Part::Untouched
    } else {
        Part::LookAlike
    };
    let found = report
        .connectors
        .iter()
        .find(|c| c.name == name || c.names.iter().any(|n| n == name));
    Judged {
        name: name.to_owned(),
        part,
        allowed,
        verdict: found.map(|c| c.verdict),
        score: found.map_or(0.0, |c| c.score),
        said: found.map_or_else(Vec::new, |c| {
            let said = c.indicators.iter();
            said.map(|i| Said {
                id: i.id.clone(),
                state: i.state,
                points: i.points,
                summary: i.summary.clone(),
            })
            .collect()
        }),
        certain,
    }
}

/// Analyzes many, side by side; they come in the order of their numbers.
///
/// # Errors
/// The first that cannot be written or analyzed.
pub fn observe_all(plans: &[(usize, Plan)]) -> io::Result<Vec<Observation>> {
    side_by_side(plans, |(number, plan)| observe(*number, *plan))
}

/// Does something with each of many on threads of their own; what comes of it is in their order.
///
/// An analysis waits for the thread pool. A thread of the pool that waited would begin another tenant meanwhile, and another
/// within that, until its stack is full.
///
/// # Errors
/// The first that something comes of.
pub fn side_by_side<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> io::Result<R> + Sync) -> io::Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut done = Vec::new();
        while let Some((index, one)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            all.get(index).map(|one| (index, one))
        } {
            done.push((index, work(one)));
        }
        done
    };
    let lanes = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, io::Result<R>)> = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(lane)).collect();
        let joined = lanes.into_iter().map(|lane| lane.join());
        joined
            .flat_map(|lane| lane.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

impl Observation {
    /// The connectors on which the answer is wrong, with a word on why. With everything at hand the label's verdicts are
    /// right; with something missing, only a guilty connector that is cleared and an innocent one that is accused are
    /// wrong.
    pub fn wrong(&self) -> Vec<(&Judged, &'static str)> {
        use crate::simulate::range::plan::Missing;
        let complete = self.plan.missing == Missing::Nothing;
        let judge = |c: &Judged| -> Option<&'static str> {
            let verdict = c.verdict.map_or("absent", Verdict::as_str);
            let is_allowed = c.allowed.iter().any(|v| v == verdict);
            match c.part {
                Part::Attacked if c.verdict == Some(Verdict::NoIndication) => Some("cleared"),
                Part::Attacked if complete && !is_allowed => Some("missed"),
                Part::Attacked if complete && c.verdict == Some(Verdict::Suspicious) && self.is_provable() => {
                    Some("only suspicious")
                }
                Part::LookAlike | Part::Untouched if c.is_accused() && !is_allowed => Some("accused"),
                Part::LookAlike | Part::Untouched if complete && !is_allowed && self.plan.history >= 28 => {
                    Some("left open")
                }
                _ => None,
            }
        };
        self.connectors.iter().filter_map(|c| Some((c, judge(c)?))).collect()
    }

    /// Whether the exports prove the attack.
    pub fn is_provable(&self) -> bool {
        self.plan.kind.answer == crate::simulate::range::Answer::Provable
    }

    /// Indicators that say the contrary of what is certain: contradicted though it must show.
    pub fn wrongly_contradicted(&self) -> Vec<(&Judged, &str)> {
        let contradicted = |c: &Judged, id: &str| c.state(id) == Some(State::Contradicted);
        let connectors = self.connectors.iter();
        connectors
            .flat_map(|c| c.certain.iter().map(move |(id, shows)| (c, id.as_str(), *shows)))
            .filter(|(c, id, shows)| *shows && contradicted(c, id))
            .map(|(c, id, _)| (c, id))
            .collect()
    }

    pub fn is_wrong(&self) -> bool {
        !self.wrong().is_empty() || !self.wrongly_contradicted().is_empty() || !self.accused_accounts.is_empty()
    }

    /// The tenant and everything that is wrong about it, for people.
    pub fn explain(&self) -> String {
        let mut text = format!("#{} {}", self.number, self.plan.name());
        let wrong = self.wrong();
        for (connector, why) in &wrong {
            let verdict = connector.verdict.map_or("absent", Verdict::as_str);
            let _ = write!(
                text,
                "\n  {why}: {} {verdict} at {:.2}",
                connector.name, connector.score
            );
            for said in &connector.said {
                let _ = write!(
                    text,
                    "\n      {:<24} {:?} {:+.2} {}",
                    said.id, said.state, said.points, said.summary
                );
            }
        }
        for (connector, id) in self.wrongly_contradicted() {
            let summary = connector.said.iter().find(|s| s.id == id).map_or("", |s| &s.summary);
            let _ = write!(text, "\n  contradicted: {} {id}: {summary}", connector.name);
        }
        for account in &self.accused_accounts {
            let _ = write!(text, "\n  account accused: {account}");
        }
        text
    }
}
