//! Labelled cases: simulated tenants, each with what a correct analysis says of it. They are how weights and
//! thresholds are calibrated, so a case that fails says so with all its neighbours beside it.

use std::fmt::Write;
use std::sync::LazyLock;

use relaytrail::ingest::Options;
use relaytrail::report::model::{Connector, Report, Verdict};
use relaytrail::settings::{self, Organization, Window};
use serde_json::Value;

#[path = "../sample-data/generator/simulate/mod.rs"]
mod simulate;

use simulate::case;
use simulate::evidence::Layout;

fn analyze(case: &case::Case) -> Report {
    let folder = tempfile::tempdir().expect("a temporary folder");
    case.write(folder.path()).expect("the case is written");
    let organization = match &case.org_toml {
        Some(_) => settings::read(&folder.path().join("org.toml")).expect("org.toml is right"),
        None => Organization::default(),
    };
    relaytrail::analyze(
        &[folder.path().join("evidence")],
        &Options::default(),
        &organization,
        Window::default(),
    )
    .expect("an analysis")
}

fn verdict(connector: &Connector) -> String {
    connector.verdict.as_str().to_owned()
}

fn words(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../docs/report.schema.json")).expect("the schema is JSON");
    jsonschema::draft202012::new(&schema).expect("the schema is one")
});

/// Where a report is not of the shape that it promises, or rows are lost.
fn misshapen(report: &Report) -> Vec<String> {
    let value = serde_json::to_value(report).expect("a report is JSON");
    let shape = SCHEMA
        .iter_errors(&value)
        .map(|e| format!("{}: {e}", e.instance_path()));
    let lost = report.evidence.iter().filter_map(|f| {
        let sum = f.accepted + f.degraded + f.duplicates + f.rejected;
        (sum != f.records).then(|| format!("{}: {} records, {sum} accounted for", f.path, f.records))
    });
    shape.chain(lost).collect()
}

/// What is wrong with a report, a line each.
fn faults(case: &case::Case, report: &Report) -> Vec<String> {
    let mut faults = misshapen(report);
    for expected in case.expected["connectors"].as_array().into_iter().flatten() {
        let name = expected["name"].as_str().unwrap_or_default();
        let Some(connector) = report
            .connectors
            .iter()
            .find(|c| c.names.iter().any(|n| n == name) || c.name == name)
        else {
            faults.push(format!("{name}: not in the report"));
            continue;
        };
        let verdicts = words(&expected["verdicts"]);
        if !verdicts.contains(&verdict(connector)) {
            let mut why = String::new();
            for i in &connector.indicators {
                let _ = write!(
                    why,
                    "\n        {:<24} {:?} {:+.2} {}",
                    i.id, i.state, i.points, i.summary
                );
            }
            faults.push(format!(
                "{name}: {} ({:.2} in {:.2}..{:.2}), expected {verdicts:?}{why}",
                verdict(connector),
                connector.score,
                connector.score_low,
                connector.score_high
            ));
        }
        for (id, states) in expected["indicators"].as_object().into_iter().flatten() {
            let found = connector.indicators.iter().find(|i| i.id == *id);
            let state = found.map(|i| {
                serde_json::to_value(i.state)
                    .expect("a state")
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            });
            if !state.as_ref().is_some_and(|s| words(states).contains(s)) {
                let summary = found.map(|i| i.summary.as_str()).unwrap_or_default();
                faults.push(format!("{name}: {id} is {state:?}, expected {states}: {summary}"));
            }
        }
    }
    faults.extend(account_faults(case, report));
    faults
}

/// Cases whose evidence cannot show that the account was stolen, and why. It must not be cleared there.
const HIDDEN: [(&str, &str); 3] = [
    ("no_audit_attack", "no log names anybody"),
    (
        "connector_operations_only_attack",
        "no sign-ins, and the account is a listed admin",
    ),
    ("inbox_rules_only_attack", "the log holds inbox rules alone"),
];

/// Accounts in the wrong hands that the report misses, and others that it accuses.
fn account_faults(case: &case::Case, report: &Report) -> Vec<String> {
    let stolen = words(&case.expected["compromised_accounts"]);
    let hidden = HIDDEN.iter().any(|(name, _)| *name == case.name);
    let is_stolen = |id: &str| stolen.iter().any(|s| s.eq_ignore_ascii_case(id));
    let missed = stolen.iter().filter_map(|id| {
        let found = report.accounts.iter().find(|a| a.id.eq_ignore_ascii_case(id));
        match found.map(|a| a.verdict) {
            Some(verdict) if verdict <= Verdict::Suspicious => None,
            None | Some(Verdict::NotAssessable) if hidden => None,
            Some(verdict) => Some(format!("{id}: stolen, but {}", verdict.as_str())),
            None => Some(format!("{id}: stolen, and not among the accounts")),
        }
    });
    let suspected = || report.accounts.iter().filter(|a| a.verdict <= Verdict::Suspicious);
    let accused = suspected().filter(|a| !is_stolen(&a.id)).map(|a| {
        format!(
            "{}: {} at {:.2}, but nobody stole it",
            a.id,
            a.verdict.as_str(),
            a.score
        )
    });
    let investigated = |id: &str| {
        let mut steps = report.response.iter().filter(|r| r.step == "investigate");
        steps.any(|r| r.why.starts_with(id))
    };
    let idle = suspected()
        .filter(|a| is_stolen(&a.id) && !investigated(&a.id))
        .map(|a| format!("{}: stolen, and no step to investigate it", a.id));
    missed.chain(accused).chain(idle).collect()
}

fn check(names: &[String], seed: u64, layout: Option<&Layout>) {
    let look = |name: &String| {
        let case = match layout {
            Some(layout) => case::case_in(name, seed, layout),
            None => case::case(name, seed),
        }
        .expect("a case of this name");
        let faults = faults(&case, &analyze(&case));
        (!faults.is_empty()).then(|| format!("{name}\n    {}", faults.join("\n    ")))
    };
    // On threads of their own: one of the pool that waited for an analysis would begin another within it.
    let lanes = std::thread::available_parallelism().map_or(1, usize::from);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes)
            .map(|lane| {
                scope.spawn(move || {
                    names
                        .iter()
                        .skip(lane)
                        .step_by(lanes)
                        .filter_map(look)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        lanes
            .into_iter()
            .flat_map(|lane| lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    assert!(
        failed.is_empty(),
        "{} of {} cases:\n{}",
        failed.len(),
        names.len(),
        failed.join("\n")
    );
}

fn is_whole(name: &str) -> bool {
    case::scenario_of(name) == Some(name)
}

#[test]
fn attacks_are_found_and_look_alikes_are_not_accused() {
    let names: Vec<String> = case::names().into_iter().filter(|n| is_whole(n)).collect();
    check(&names, 1, Some(&Layout::whole()));
}

#[test]
fn the_answers_hold_in_other_export_formats() {
    let names: Vec<String> = case::names().into_iter().filter(|n| is_whole(n)).collect();
    check(&names, 2, None);
}

#[test]
fn incomplete_evidence_neither_clears_nor_accuses() {
    let names: Vec<String> = case::names().into_iter().filter(|n| !is_whole(n)).collect();
    check(&names, 3, None);
}
