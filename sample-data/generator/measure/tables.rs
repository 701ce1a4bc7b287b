//! Counts over observations, as rows of Markdown tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use relaytrail::report::model::{State, Verdict};

use super::ramps::Followed;
use super::{Judged, Observation, Part};
use crate::simulate::range::KINDS;
use crate::simulate::range::plan::{MISSING, Missing};

/// How often each verdict was given, and how often the report did not know the connector.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verdicts {
    pub likely: usize,
    pub suspicious: usize,
    pub not_assessable: usize,
    pub no_indication: usize,
    pub absent: usize,
}

impl Verdicts {
    pub fn of<'a>(connectors: impl Iterator<Item = &'a Judged>) -> Self {
        let mut counts = Self::default();
        for connector in connectors {
            *match connector.verdict {
                Some(Verdict::LikelyCompromised) => &mut counts.likely,
                Some(Verdict::Suspicious) => &mut counts.suspicious,
                Some(Verdict::NotAssessable) => &mut counts.not_assessable,
                Some(Verdict::NoIndication) => &mut counts.no_indication,
                None => &mut counts.absent,
            } += 1;
        }
        counts
    }

    pub fn all(self) -> usize {
        self.likely + self.suspicious + self.not_assessable + self.no_indication + self.absent
    }

    fn cells(self) -> String {
        format!(
            "{} | {} | {} | {} | {}",
            self.likely, self.suspicious, self.not_assessable, self.no_indication, self.absent
        )
    }
}

/// The connectors of these tenants that play this part.
pub fn of_part<'a>(observed: &'a [&Observation], part: Part) -> impl Iterator<Item = &'a Judged> {
    observed
        .iter()
        .flat_map(|o| o.connectors.iter())
        .filter(move |c| c.part == part)
}

const VERDICTS: &str = "likely compromised | suspicious | not assessable | no indication | not in the report";

/// The verdicts by length of history and part.
pub fn confusion(observed: &[&Observation]) -> String {
    let mut text = format!("| history | connector | {VERDICTS} |\n|---|---|---|---|---|---|---|\n");
    for history in [10, 28, 90] {
        let those: Vec<&Observation> = observed.iter().copied().filter(|o| o.plan.history == history).collect();
        for (part, words) in [
            (Part::Attacked, "attacked"),
            (Part::LookAlike, "look-alike"),
            (Part::Untouched, "untouched"),
        ] {
            let counts = Verdicts::of(of_part(&those, part));
            let _ = writeln!(text, "| {history} days | {words} | {} |", counts.cells());
        }
    }
    text
}

/// The verdicts on the connector that each kind is about.
pub fn by_kind(observed: &[&Observation]) -> String {
    let mut text = format!("| kind | tenants | {VERDICTS} |\n|---|---|---|---|---|---|---|\n");
    for kind in &KINDS {
        let those: Vec<&Observation> = observed
            .iter()
            .copied()
            .filter(|o| o.plan.kind.name == kind.name)
            .collect();
        if those.is_empty() {
            continue;
        }
        let about = those
            .iter()
            .flat_map(|o| o.connectors.iter())
            .filter(|c| c.part != Part::Untouched);
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            kind.name,
            those.len(),
            Verdicts::of(about).cells()
        );
    }
    text
}

/// What one indicator said where the answer is certain.
#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    must: usize,
    denied: usize,
    open: usize,
    must_not: usize,
    alarms: usize,
    untouched: usize,
    untouched_alarms: usize,
}

/// Misses and false alarms of each indicator.
pub fn indicators(observed: &[&Observation]) -> String {
    let mut all: BTreeMap<&str, Answers> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for connector in observed.iter().flat_map(|o| o.connectors.iter()) {
        for said in &connector.said {
            if !order.contains(&said.id.as_str()) {
                order.push(&said.id);
            }
            let answers = all.entry(&said.id).or_default();
            let alarm = usize::from(said.state == State::Supported && said.points > 0.0);
            match connector.certain.iter().find(|(id, _)| *id == said.id) {
                Some((_, true)) => {
                    answers.must += 1;
                    answers.denied += usize::from(said.state == State::Contradicted);
                    answers.open += usize::from(said.state == State::NotAssessable);
                }
                Some((_, false)) => {
                    answers.must_not += 1;
                    answers.alarms += alarm;
                }
                None => {}
            }
            if connector.part == Part::Untouched {
                answers.untouched += 1;
                answers.untouched_alarms += alarm;
            }
        }
    }
    let mut text =
        "| indicator | must show | missed: contradicted | missed: not assessable | must not show | false alarms | \
                    on untouched connectors | false alarms |\n|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for id in order {
        let a = all.get(id).copied().unwrap_or_default();
        let _ = writeln!(
            text,
            "| `{id}` | {} | {} | {} | {} | {} | {} | {} |",
            a.must, a.denied, a.open, a.must_not, a.alarms, a.untouched, a.untouched_alarms
        );
    }
    text
}

/// What share of connectors at each score was attacked.
pub fn reliability(observed: &[&Observation]) -> String {
    const EDGES: [f64; 8] = [-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 9.0];
    let mut text = "| score, points | connectors | attacked | share attacked |\n|---|---|---|---|\n".to_owned();
    for band in 0..=EDGES.len() {
        let low = if band == 0 { f64::NEG_INFINITY } else { EDGES[band - 1] };
        let high = EDGES.get(band).copied().unwrap_or(f64::INFINITY);
        let those = observed.iter().flat_map(|o| o.connectors.iter());
        let those: Vec<&Judged> = those
            .filter(|c| c.verdict.is_some() && c.score >= low && c.score < high)
            .collect();
        let attacked = those.iter().filter(|c| c.part == Part::Attacked).count();
        let name = match (band, EDGES.get(band)) {
            (0, _) => format!("below {high}"),
            (_, None) => format!("{low} and more"),
            _ => format!("{low} to {high}"),
        };
        let share = if those.is_empty() {
            "–".to_owned()
        } else {
            percent(attacked, those.len())
        };
        let _ = writeln!(text, "| {name} | {} | {attacked} | {share} |", those.len());
    }
    text
}

/// What was said with evidence taken away.
pub fn taken_away(observed: &[Observation]) -> String {
    let mut text = "| taken away | tenants | attacked connectors | found | left open | cleared (wrong) | wrongly contradicted | \
                    innocent connectors | cleared | left open | accused (wrong) |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for (missing, _) in MISSING.iter().filter(|(m, _)| *m != Missing::Nothing) {
        let those: Vec<&Observation> = observed.iter().filter(|o| o.plan.missing == *missing).collect();
        let guilty = Verdicts::of(of_part(&those, Part::Attacked));
        let innocent = Verdicts::of(of_part(&those, Part::LookAlike).chain(of_part(&those, Part::Untouched)));
        let denied: usize = those.iter().map(|o| o.wrongly_contradicted().len()).sum();
        let accused: usize = those.iter().map(|o| accused(o).len()).sum();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {denied} | {} | {} | {} | {accused} |",
            missing.summary(),
            those.len(),
            guilty.all(),
            guilty.likely + guilty.suspicious,
            guilty.not_assessable + guilty.absent,
            guilty.no_indication,
            innocent.all(),
            innocent.no_indication,
            innocent.all() - innocent.no_indication - innocent.likely - innocent.suspicious,
        );
    }
    text
}

/// Innocent connectors of a tenant that were accused though nothing excuses it.
pub fn accused(observation: &Observation) -> Vec<&Judged> {
    let wrong = observation.wrong().into_iter();
    wrong.filter(|(_, why)| *why == "accused").map(|(c, _)| c).collect()
}

/// Days until ramps were told.
pub fn ramps(followed: &[Followed]) -> String {
    let mut text = "| evidence | what is told | ramps | median day | 90 in 100 by day | never in 24 days |\n\
                    |---|---|---|---|---|---|\n"
        .to_owned();
    type Told = fn(&Followed) -> Option<i64>;
    let told: [(&str, Told); 3] = [
        ("suspicious or worse", |f| f.suspicious),
        ("likely compromised", |f| f.likely),
        ("`volume_spike` alone", |f| f.volume),
    ];
    for (with_log, evidence) in [(true, "everything"), (false, "no audit log")] {
        let those: Vec<&Followed> = followed.iter().filter(|f| f.with_log == with_log).collect();
        for (words, day) in told {
            let mut days: Vec<i64> = those.iter().map(|f| day(f).unwrap_or(i64::MAX)).collect();
            days.sort_unstable();
            let at = |per_cent: usize| match days.get((days.len() * per_cent).div_ceil(100).saturating_sub(1)) {
                Some(&day) if day < i64::MAX => day.to_string(),
                _ => "–".to_owned(),
            };
            let never = days.iter().filter(|d| **d == i64::MAX).count();
            let (half, most) = (at(50), at(90));
            let _ = writeln!(
                text,
                "| {evidence} | {words} | {} | {half} | {most} | {never} |",
                days.len()
            );
        }
    }
    text
}

/// A share in per cent.
pub fn percent(of: usize, all: usize) -> String {
    if all == 0 {
        "–".to_owned()
    } else {
        format!("{:.1} %", 100.0 * of as f64 / all as f64)
    }
}
