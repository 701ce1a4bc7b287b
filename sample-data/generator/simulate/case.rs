//! Labelled cases: a scenario, possibly with evidence missing, as files and a label.

use std::io;
use std::path::Path;

use serde_json::Value;

use super::evidence::{self, EvidenceFile, Layout};
use super::expectation::Verdict;
use super::scenarios::gaps::{BASES, GAPS, Gap};
use super::scenarios::{self, Nature, SCENARIOS, Scenario};
use super::world::World;

/// A case: what the analyzer gets, and what it ought to say.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub seed: u64,
    /// The evidence folder.
    pub evidence: Vec<EvidenceFile>,
    /// None where the analyst tells nothing about the organisation.
    pub org_toml: Option<String>,
    /// The content of expected.json.
    pub expected: Value,
}

/// The names of all cases: the scenarios, and each gap with a quiet tenant and with an attack.
pub fn names() -> Vec<String> {
    let gaps = GAPS
        .iter()
        .flat_map(|(gap, _)| BASES.iter().map(move |(base, _)| format!("{gap}_{base}")));
    SCENARIOS
        .iter()
        .map(|scenario| scenario.name.to_owned())
        .chain(gaps)
        .collect()
}

fn find(name: &str) -> Option<(&'static Scenario, Option<Gap>)> {
    if let Some(scenario) = scenarios::find(name) {
        return Some((scenario, None));
    }
    let (gap, base) = GAPS
        .iter()
        .find_map(|(prefix, gap)| Some((*gap, name.strip_prefix(prefix)?.strip_prefix('_')?)))?;
    let (_, scenario) = BASES.iter().find(|(suffix, _)| *suffix == base)?;
    Some((scenarios::find(scenario)?, Some(gap)))
}

/// What the name of a case means, in a line; none where there is no such case.
pub fn summary(name: &str) -> Option<String> {
    let (scenario, gap) = find(name)?;
    Some(match gap {
        Some(gap) => format!("{}; {}", scenario.summary, gap.summary()),
        None => scenario.summary.to_owned(),
    })
}

/// The scenario that a case is made from: its own name, where no evidence is missing.
pub fn scenario_of(name: &str) -> Option<&'static str> {
    find(name).map(|(scenario, _)| scenario.name)
}

/// The world of a scenario after it was played.
pub fn play(scenario: &Scenario, seed: u64) -> World {
    let hybrid = matches!(
        scenario.name,
        "app_connector_header_rules" | "certificate_renewal" | "certificate_swap"
    );
    let mut world = World::quiet(scenarios::setup(scenario.days, hybrid), seed);
    (scenario.play)(&mut world);
    world.expect_others(&[Verdict::NoIndication]);
    world
}

/// The case with this name, in the mixture of formats that its place in the catalogue gives it.
pub fn case(name: &str, seed: u64) -> Option<Case> {
    let (scenario, gap) = find(name)?;
    let turn = SCENARIOS
        .iter()
        .position(|known| known.name == scenario.name)
        .unwrap_or_default();
    let mut layout = if gap.is_some() {
        Layout::whole()
    } else {
        Layout::varied(turn)
    };
    if let Some(gap) = gap {
        gap.apply(&mut layout);
    }
    case_in(name, seed, &layout)
}

/// The case with this name in a layout of the caller's choice; what a gap takes away must be missing there already.
pub fn case_in(name: &str, seed: u64, layout: &Layout) -> Option<Case> {
    let (scenario, gap) = find(name)?;
    let mut world = play(scenario, seed);
    let mut kind = scenario.nature.name();
    if let Some(gap) = gap {
        gap.prepare(&mut world);
        gap.weaken(scenario.nature, &mut world.expectation);
        kind = if scenario.nature == Nature::Attack {
            "incomplete_attack"
        } else {
            "incomplete_quiet"
        };
    }
    let evidence = evidence::files(&mut world, layout);
    let org_toml = (gap != Some(Gap::NoOrganization)).then(|| world.org_toml());
    let expected = world.expectation.json(name, kind, &summary(name)?, seed);
    Some(Case {
        name: name.to_owned(),
        seed,
        evidence,
        org_toml,
        expected,
    })
}

impl Case {
    /// Writes `evidence/`, org.toml and expected.json below `folder`.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        write_files(&folder.join("evidence"), &self.evidence)?;
        if let Some(text) = &self.org_toml {
            std::fs::write(folder.join("org.toml"), text)?;
        }
        let expected = serde_json::to_string_pretty(&self.expected).map_err(io::Error::other)?;
        std::fs::write(folder.join("expected.json"), expected + "\n")
    }
}

/// Writes files below `folder`, which is made where it is missing.
pub fn write_files(folder: &Path, files: &[EvidenceFile]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for file in files {
        let path = folder.join(&file.path);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, &file.bytes)?;
    }
    Ok(())
}
