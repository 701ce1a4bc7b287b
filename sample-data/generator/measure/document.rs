//! docs/calibration.md.

use std::fmt::Write;

use super::ramps::Followed;
use super::tables::{self, Verdicts, of_part, percent};
use super::{Observation, Part};
use crate::simulate::range::plan::Missing;
use crate::simulate::range::{Half, KINDS};
use crate::simulate::scenarios::Nature;

fn complete(observed: &[Observation], history: i64, half: Option<Half>) -> Vec<&Observation> {
    let wanted = |o: &&Observation| {
        o.plan.missing == Missing::Nothing
            && o.plan.history >= history
            && half.is_none_or(|half| o.plan.kind.half == half)
    };
    observed.iter().filter(wanted).collect()
}

/// A goal with its figure.
fn goal(text: &mut String, goal: &str, figure: &str, reached: bool) {
    let _ = writeln!(
        text,
        "| {goal} | {figure} | {} |",
        if reached { "yes" } else { "**no**" }
    );
}

fn goals(observed: &[Observation]) -> String {
    let mut text = "| goal | found | reached |\n|---|---|---|\n".to_owned();
    let whole = complete(observed, 28, None);
    let look_alike = Verdicts::of(
        whole
            .iter()
            .flat_map(|o| o.connectors.iter())
            .filter(|c| c.part == Part::LookAlike && c.allowed.len() == 1),
    );
    goal(
        &mut text,
        "complete evidence, 28 days or more: no look-alike above `no_indication`",
        &format!(
            "of {} look-alikes that the exports tell apart, {} accused, {} left open",
            look_alike.all(),
            look_alike.likely + look_alike.suspicious,
            look_alike.not_assessable + look_alike.absent
        ),
        look_alike.no_indication == look_alike.all(),
    );
    let attacked = Verdicts::of(of_part(&whole, Part::Attacked));
    let below = attacked.all() - attacked.likely - attacked.suspicious;
    goal(
        &mut text,
        "no attack below `suspicious`",
        &format!("{below} of {} attacked connectors", attacked.all()),
        below == 0,
    );
    let provable: Vec<&Observation> = whole.iter().copied().filter(|o| o.is_provable()).collect();
    let proven = Verdicts::of(of_part(&provable, Part::Attacked));
    goal(
        &mut text,
        "95 in 100 attacks `likely_compromised`",
        &format!(
            "{} of those that the exports prove ({} of {}); {} of all",
            percent(proven.likely, proven.all()),
            proven.likely,
            proven.all(),
            percent(attacked.likely, attacked.all())
        ),
        proven.likely * 100 >= proven.all() * 95,
    );
    let untouched = Verdicts::of(of_part(&whole, Part::Untouched));
    let accused = untouched.likely + untouched.suspicious;
    goal(
        &mut text,
        "the innocent connector beside a guilty one never accused",
        &format!("{accused} of {} untouched connectors accused", untouched.all()),
        accused == 0,
    );
    let rows: Vec<&Observation> = observed
        .iter()
        .filter(|o| o.plan.missing == Missing::TenDaysOfRows)
        .collect();
    let shown: Vec<&Observation> = rows.iter().copied().filter(|o| o.plan.kind.shown_by_rows).collect();
    let found = Verdicts::of(of_part(&shown, Part::Attacked));
    goal(
        &mut text,
        "ten days of Get-MessageTrace rows: 80 in 100 of the attacks that they can show `suspicious` or worse",
        &format!(
            "{} ({} of {})",
            percent(found.likely + found.suspicious, found.all()),
            found.likely + found.suspicious,
            found.all()
        ),
        (found.likely + found.suspicious) * 100 >= found.all() * 80,
    );
    let accused: usize = rows.iter().map(|o| tables::accused(o).len()).sum();
    goal(
        &mut text,
        "… and no look-alike is",
        &format!("{accused} innocent connectors accused"),
        accused == 0,
    );
    let lacking: Vec<&Observation> = observed.iter().filter(|o| o.plan.missing != Missing::Nothing).collect();
    let cleared = Verdicts::of(of_part(&lacking, Part::Attacked)).no_indication;
    let denied: usize = lacking.iter().map(|o| o.wrongly_contradicted().len()).sum();
    goal(
        &mut text,
        "evidence taken away: never a wrong `no_indication`, never a wrong *contradicted*",
        &format!("{cleared} and {denied}"),
        cleared + denied == 0,
    );
    text
}

fn kinds() -> String {
    let mut text = "| kind | half | what happens | what decides it |\n|---|---|---|---|\n".to_owned();
    for (nature, word) in [(Nature::Attack, "attack"), (Nature::LookAlike, "look-alike")] {
        for kind in KINDS.iter().filter(|k| k.nature == nature) {
            let half = match kind.half {
                Half::Calibration => "calibration",
                Half::HeldOut => "held out",
            };
            let _ = writeln!(
                text,
                "| `{}` ({word}) | {half} | {} | {} |",
                kind.name, kind.summary, kind.decides
            );
        }
    }
    text
}

fn accounts(observed: &[Observation]) -> String {
    let accused: usize = observed.iter().map(|o| o.accused_accounts.len()).sum();
    let whole = complete(observed, 28, None);
    let missed: usize = whole.iter().map(|o| o.missed_accounts.len()).sum();
    let attacks = whole.iter().filter(|o| o.plan.kind.nature == Nature::Attack).count();
    format!(
        "Accounts: {accused} accounts that nobody stole were suspected, over all tenants; with complete evidence and 28 days or \
         more {missed} stolen accounts or applications of {attacks} attacks were not (an intruder in a session that looks \
         like its owner's, or an account that no log covers).\n"
    )
}

/// The document.
pub fn document(observed: &[Observation], followed: &[Followed], cases: usize, seed: u64) -> String {
    let mut text = format!(
        "# Calibration\n\n\
         Made by `cargo run --release --example range -- --cases {cases} --seed {seed} --out docs/calibration.md`; edit the \
         program, not this file.\n\n\
         Everything here is **simulated**: {} tenants, made by the generator in `sample-data/`, no real one among them. Their mail \
         is more regular than real mail, their intruders act as public reports tell, and whoever wrote them knew the \
         analyzer. The tables show that weights, thresholds and indicators agree with one another, and where they fail; they \
         do not show how often the program is right in the world. A score is points, never a probability.\n\n\
         ## The range\n\n\
         33 kinds: every look-alike and every way to hide that is known from public reports and the vendor's documentation. \
         Each is played over seeds, 3 to 5,000 messages a working day, 10, 28 or 90 days of history, six mixtures of \
         export formats, and with evidence taken away; people work from home, newsletters go out and mail is forwarded in a \
         part of the tenants. Half of the intruders guessed a password, the others took a session and came in one quiet \
         sign-in. A large organisation with a long history is made smaller (60,000 messages).\n\n\
         Weights and thresholds are set by looking at the calibration half alone. The halves are balanced by mechanism and \
         fixed in the generator. Of most kinds, in both halves, one labelled case had been among the project's tests before \
         the range was; `certificate_takeover`, `mail_gateway`, `service_actor` and `falling_volume` had none.\n\n",
        observed.len()
    );
    text += &kinds();
    text += "\n## What was to be reached\n\n";
    text += &goals(observed);
    let _ = write!(
        text,
        "\n`migration_cutover` is not among the look-alikes of the first line: without a ticket nothing in any export tells it from \
         `own_host`, and `suspicious` or `not_assessable` is right for both. `own_host`, `older_than_export` and \
         `trust_flags_only` are attacks that no export proves; `suspicious` is right. {}",
        accounts(observed)
    );
    for (half, name) in [
        (Half::Calibration, "Calibration kinds"),
        (Half::HeldOut, "Held-out kinds"),
    ] {
        let all = complete(observed, 0, Some(half));
        let long = complete(observed, 28, Some(half));
        let _ = write!(
            text,
            "\n## {name} (simulated)\n\nComplete evidence. Verdicts by length of history:\n\n{}\n\
             By kind, 28 days or more, the connector that it is about:\n\n{}\n\
             Indicators, 28 days or more. *Must show* and *must not show* count connectors where the answer is certain:\n\n{}\n\
             Reliability: what share of the connectors at a score was attacked (the range has far more attacks than the world):\n\n{}",
            tables::confusion(&all),
            tables::by_kind(&long),
            tables::indicators(&long),
            tables::reliability(&all),
        );
    }
    let rows: Vec<&Observation> = observed
        .iter()
        .filter(|o| o.plan.missing == Missing::TenDaysOfRows)
        .collect();
    let _ = write!(
        text,
        "\n## Ten days of Get-MessageTrace rows (simulated)\n\nNeither connector nor envelope sender; audit log and snapshots \
         are there.\n\n{}\n## Evidence taken away (simulated)\n\nAll kinds, all histories. *Accused* leaves out what nothing \
         tells from an attack.\n\n{}\n## Ramps (simulated)\n\n`slow_ramp`: a tenth of the connector's mail on the first \
         day, twelve per cent more each day; exports made on the evening of each day after the change.\n\n{}",
        tables::by_kind(&rows),
        tables::taken_away(observed),
        tables::ramps(followed),
    );
    text
}
