//! The summary on standard output: the verdict, why, since when, by whom, what next, and what is missing.
//!
//! It is told in as much detail as the screen has room for; the report has all of it.

mod page;

use anstyle::{AnsiColor, Style};

use self::page::{BOLD, DIM, Page, clip};
use super::clean;
use super::glance::{self, Since};
use super::model::{Connector, Report, Verdict};
use super::steps;

/// The room there is.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Columns.
    pub width: usize,
    /// Rows, the one of the next prompt among them; `None` where nothing limits them.
    pub height: Option<usize>,
}

/// What the reader does next, as the last lines.
#[derive(Debug, Clone)]
pub struct Next {
    /// What for.
    pub sentence: String,
    /// One command, quoted for the shell.
    pub command: String,
}

/// How much is told: entries of a section and the rows that each may take.
#[derive(Clone, Copy)]
struct Detail {
    headline: usize,
    reasons: usize,
    /// A reason is cut only where it would push the rest off the screen.
    reason: usize,
    since: usize,
    /// What was done then; 0 leaves it out.
    deed: usize,
    /// For the first thing to do under a step.
    why: usize,
    /// Steps whose first command is shown.
    commands: usize,
    /// What else is to be done under a step, a line each.
    further: usize,
    /// Families of evidence are told with the reason in so many rows; 0 names them in one sentence.
    missing: usize,
    /// Other connectors by name; 0 counts them.
    others: usize,
}

/// What every summary tells, however small the screen.
const LEAST: Detail = Detail {
    headline: 2,
    reasons: 1,
    reason: 1,
    since: 1,
    deed: 0,
    why: 1,
    commands: 0,
    further: 0,
    missing: 0,
    others: 0,
};

/// What is told besides where there is room, the most useful first.
const MORE: [fn(&mut Detail); 15] = [
    |detail| detail.since = 2,
    |detail| detail.headline = 3,
    |detail| detail.reason = 2,
    |detail| detail.reasons = 2,
    |detail| detail.commands = 1,
    |detail| detail.headline = 5,
    |detail| detail.reasons = 3,
    |detail| detail.commands = 4,
    |detail| detail.missing = 1,
    |detail| detail.others = 3,
    |detail| detail.why = 2,
    |detail| detail.deed = 2,
    |detail| detail.reason = 3,
    |detail| detail.missing = 2,
    |detail| (detail.further, detail.others) = (2, 6),
];

/// Longer names would push what is said about them off the line.
const NAME: usize = 48;

/// The summary with ANSI styles, which the printing stream strips where they are not wanted.
///
/// Commands are never broken, so that they can be copied.
pub fn summary(report: &Report, screen: Screen, next: &Next) -> String {
    let told = |detail: &Detail| {
        let mut page = Page::new(screen.width);
        tell(&mut page, report, detail);
        page.end(next);
        page
    };
    // One row is the next prompt's.
    let fits = |page: &Page| screen.height.is_none_or(|height| page.rows() < height);
    let mut detail = LEAST;
    let mut page = told(&detail);
    for more in MORE {
        let mut richer = detail;
        more(&mut richer);
        let longer = told(&richer);
        if fits(&longer) {
            (detail, page) = (richer, longer);
        }
    }
    page.into_text()
}

/// Beside the verdict, where org.toml changed how it was reached.
const TUNED: &str = "  (tuned by org.toml)";

fn tell(page: &mut Page, report: &Report, detail: &Detail) {
    let summary = &report.summary;
    let verdict = glance::verdict(summary.verdict);
    let style = style(summary.verdict);
    let organization = summary.organization.as_deref().unwrap_or_default();
    let organization = clip(organization, NAME);
    // A narrow screen has no room for it; the report lists what was tuned.
    let used = verdict.chars().count() + organization.chars().count() + 2;
    let tuned = if report.overrides.is_empty() || used + TUNED.len() > page.width() {
        ""
    } else {
        TUNED
    };
    page.raw(&format!("{style}{verdict}{style:#}  {organization}{DIM}{tuned}{DIM:#}"));
    page.wrapped("", &summary.headline, detail.headline);
    let ranked = glance::ranked(report);
    if let Some((worst, others)) = ranked.split_first() {
        about(page, worst, detail);
        steps(page, report, worst, detail);
        missing(page, report, detail);
        rest(page, others, detail);
    } else {
        missing(page, report, detail);
    }
}

fn about(page: &mut Page, connector: &Connector, detail: &Detail) {
    let kind = connector.kind.as_deref().unwrap_or("type unknown");
    let name = clip(&connector.name, NAME);
    page.section(
        "Connector",
        &format!("{name} ({kind}, {})", glance::score(connector)),
        2,
    );
    if !connector.reasons.is_empty() {
        page.heading("Why");
        for reason in connector.reasons.iter().take(detail.reasons) {
            page.wrapped("  - ", reason, detail.reason);
        }
        page.more(connector.reasons.len(), detail.reasons, "reasons");
    }
    match glance::since(connector) {
        Some(Since::Event(event)) => {
            let name = event.actor.as_deref().unwrap_or("an unnamed actor");
            let who = glance::actor_as(&clip(name, NAME), event);
            page.section(
                "Since",
                &format!("{}, by {who}", glance::time(&event.time)),
                detail.since,
            );
            if detail.deed > 0 {
                page.wrapped("  ", &event.summary, detail.deed);
            }
        }
        Some(Since::Indicator(from, indicator)) => {
            let what = format!("{}: {}", glance::time(from), indicator.summary);
            page.section("Since", &what, detail.since + detail.deed / 2);
        }
        None => {}
    }
}

/// Under each step the first thing to do for this connector or the whole tenant, and what else is to be done.
fn steps(page: &mut Page, report: &Report, worst: &Connector, detail: &Detail) {
    let mut number = 0;
    for (step, responses) in steps::grouped(report) {
        let about_it = |name: &Option<String>| {
            name.as_ref()
                .is_none_or(|n| worst.name == *n || worst.names.contains(n))
        };
        let mut responses = responses.into_iter().filter(|r| about_it(&r.connector));
        let Some(first) = responses.next() else {
            continue;
        };
        if number == 0 {
            page.heading("What to do next");
        }
        number += 1;
        page.wrapped(&format!("  {number}. {}: ", step.title), &first.why, detail.why);
        if let Some(command) = first.commands.first().filter(|_| number <= detail.commands) {
            page.raw(&format!("     {BOLD}{}{BOLD:#}", clean::line(command)));
        }
        let further: Vec<_> = responses.collect();
        for also in further.iter().take(detail.further) {
            page.wrapped("     also: ", &also.why, 1);
        }
        if detail.further > 0 {
            page.more(further.len(), detail.further, "under this step");
        }
    }
    if let Some(suspects) = glance::suspects(report) {
        page.wrapped("  To purge, and whose recipients to warn: ", &suspects, 1);
    }
}

fn missing(page: &mut Page, report: &Report, detail: &Detail) {
    let missing: Vec<_> = glance::missing(report).collect();
    let unreadable: Vec<&str> = report.unreadable.iter().map(|u| u.path.as_str()).collect();
    if detail.missing == 0 {
        let families = missing
            .iter()
            .map(|f| format!("{} ({})", glance::words(&f.family), glance::coverage(f.state)));
        let files = (!unreadable.is_empty()).then(|| format!("could not be read: {}", unreadable.join(", ")));
        let all: Vec<String> = families.chain(files).collect();
        if !all.is_empty() {
            page.section("Missing evidence", &all.join(", "), 2);
        }
        return;
    }
    if !missing.is_empty() || !unreadable.is_empty() {
        page.heading("Missing evidence");
    }
    for family in missing {
        let label = glance::words(&family.family);
        let what = format!("{}. {}", glance::coverage(family.state), family.why);
        page.wrapped(&format!("  {label}: "), &what, detail.missing);
    }
    if !unreadable.is_empty() {
        page.wrapped("  could not be read: ", &unreadable.join(", "), detail.missing);
    }
}

fn rest(page: &mut Page, others: &[&Connector], detail: &Detail) {
    let Some(worst) = others.first() else {
        return;
    };
    if detail.others == 0 {
        let verdict = glance::verdict(worst.verdict);
        let what = match others.len() {
            1 => format!("{}: {verdict}", clip(&worst.name, NAME)),
            count => format!("{count}, the worst of them: {verdict}"),
        };
        page.section("Other connectors", &what, 1);
        return;
    }
    page.heading("Other connectors");
    for connector in others.iter().take(detail.others) {
        let verdict = glance::verdict(connector.verdict);
        let points = glance::points(connector.score);
        let lead = format!("  {verdict} ({points} points): ");
        page.wrapped(&lead, &clip(&connector.name, NAME), 2);
    }
    page.more(others.len(), detail.others, "connectors");
}

fn style(verdict: Verdict) -> Style {
    let color = match verdict {
        Verdict::LikelyCompromised => AnsiColor::Red,
        Verdict::Suspicious => AnsiColor::Yellow,
        Verdict::NotAssessable => AnsiColor::Cyan,
        Verdict::NoIndication => AnsiColor::Green,
    };
    Style::new().bold().fg_color(Some(color.into()))
}
