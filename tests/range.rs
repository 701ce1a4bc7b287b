//! A small fixed part of the range of simulated tenants: one of each kind, and two kinds with each part of the evidence
//! taken away. The example `range` runs the whole of it.

use std::collections::BTreeSet;

#[path = "../sample-data/generator/measure/mod.rs"]
mod measure;
#[path = "../sample-data/generator/simulate/mod.rs"]
mod simulate;

use measure::Observation;
use simulate::range::plan::{self, MISSING, Missing, Plan};
use simulate::range::{Half, KINDS};
use simulate::scenarios::Nature;

fn tenant(kind: &str, seed: u64, missing: Missing) -> Plan {
    let kind = plan::kind(kind).expect("a kind of this name");
    Plan {
        kind,
        seed,
        size: 30,
        history: 28,
        missing,
        turn: seed as usize % 12,
        exported: kind.after,
    }
}

fn observe(plans: Vec<Plan>) -> Vec<Observation> {
    let plans: Vec<(usize, Plan)> = plans.into_iter().enumerate().collect();
    measure::observe_all(&plans).expect("every tenant is analyzed")
}

#[test]
fn every_kind_of_attack_is_found_and_every_look_alike_is_left_alone() {
    let kinds = KINDS.iter().zip(100..);
    let observed = observe(kinds.map(|(k, seed)| tenant(k.name, seed, Missing::Nothing)).collect());
    let wrong: Vec<String> = observed
        .iter()
        .filter(|o| o.is_wrong())
        .map(Observation::explain)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn with_evidence_taken_away_nobody_is_wrongly_cleared_accused_or_contradicted() {
    let plans = MISSING.iter().zip(200..).flat_map(|((missing, _), seed)| {
        ["added_address", "own_host", "renumbering"].map(|kind| tenant(kind, seed, *missing))
    });
    let observed = observe(plans.collect());
    let wrong = observed.iter().filter(|o| {
        let outright = |why: &str| ["cleared", "accused"].contains(&why);
        o.wrong().iter().any(|(_, why)| outright(why)) || !o.wrongly_contradicted().is_empty()
    });
    let wrong: Vec<String> = wrong.map(Observation::explain).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_tenants_and_more_of_them_only_add() {
    let names = |cases| -> Vec<String> { plan::plans(cases, 7, plan::MOST).iter().map(Plan::name).collect() };
    assert_eq!(names(40), names(80)[..40]);
    let other: Vec<String> = plan::plans(40, 8, plan::MOST).iter().map(Plan::name).collect();
    assert_ne!(names(40), other);
    let files = |plan: &Plan| plan.case().evidence;
    let plan = tenant("newsletter", 9, Missing::Nothing);
    assert_eq!(files(&plan), files(&plan));
}

#[test]
fn the_halves_are_balanced_and_the_kinds_are_those_of_the_catalogue() {
    let names: BTreeSet<&str> = KINDS.iter().map(|k| k.name).collect();
    assert_eq!(names.len(), KINDS.len());
    for (nature, count) in [(Nature::Attack, 18), (Nature::LookAlike, 15)] {
        let those = || KINDS.iter().filter(move |k| k.nature == nature);
        assert_eq!(those().count(), count);
        let held_out = those().filter(|k| k.half == Half::HeldOut).count();
        assert!(
            held_out.abs_diff(count - held_out) <= 1,
            "{nature:?}: {held_out} held out"
        );
    }
}
