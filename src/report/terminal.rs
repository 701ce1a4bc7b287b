//! The summary on standard output: the verdict, why, since when, by whom, what next, and what is missing.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::clean;
use super::glance::{self, Since};
use super::model::{Connector, Report, Verdict};
use super::steps;

/// How many entries each section shows; together they keep the summary on one screen.
const REASONS: usize = 3;
/// A reason is cut only where it would push the rest off the screen; the report has it whole.
const ROWS_A_REASON: usize = 3;
/// What else is to be done under a step, a line each.
const FURTHER: usize = 2;
const OTHERS: usize = 6;
/// Longer names would push what is said about them off the line.
const NAME: usize = 48;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The summary with ANSI styles, which the printing stream strips where they are not wanted.
///
/// `width` is in columns. Commands are never broken, so that they can be copied.
pub fn summary(report: &Report, width: usize) -> String {
    let mut page = Page {
        out: String::new(),
        width: width.max(40),
    };
    let summary = &report.summary;
    let verdict = glance::verdict(summary.verdict);
    let style = style(summary.verdict);
    let organization = summary.organization.as_deref().unwrap_or_default();
    let tuned = match report.overrides.len() {
        0 => "",
        _ => "  (weights or thresholds tuned by org.toml)",
    };
    page.raw(&format!(
        "{style}{verdict}{style:#}  {}{DIM}{tuned}{DIM:#}",
        clean::line(organization)
    ));
    page.wrapped("", &summary.headline, 5);

    let ranked = glance::ranked(report);
    if let Some((worst, others)) = ranked.split_first() {
        page.worst(worst);
        page.next(report, worst);
        page.missing(report);
        page.others(others);
    } else {
        page.missing(report);
    }
    page.out
}

struct Page {
    out: String,
    width: usize,
}

impl Page {
    fn worst(&mut self, connector: &Connector) {
        let kind = connector.kind.as_deref().unwrap_or("type unknown");
        self.heading("Connector");
        self.wrapped("  ", &clip(&connector.name, NAME), 2);
        self.wrapped("  ", &format!("{kind}, {}", glance::score(connector)), 1);
        if !connector.reasons.is_empty() {
            self.heading("Why");
            for reason in connector.reasons.iter().take(REASONS) {
                self.wrapped("  - ", reason, ROWS_A_REASON);
            }
            self.more(connector.reasons.len(), REASONS, "reasons");
        }
        match glance::since(connector) {
            Some(Since::Event(event)) => {
                self.heading("Since");
                let what = format!("{}  {}", glance::time(&event.time), event.summary);
                self.wrapped("  ", &what, 2);
                let name = event.actor.as_deref().unwrap_or("an unnamed actor");
                self.wrapped("  by ", &glance::actor_as(&clip(name, NAME), event), 2);
            }
            Some(Since::Indicator(from, indicator)) => {
                self.heading("Since");
                let what = format!("{}  {}", glance::time(from), indicator.summary);
                self.wrapped("  ", &what, 3);
            }
            None => {}
        }
    }

    /// Under each step the first thing to do for this connector or the whole tenant, and what else is to be done.
    fn next(&mut self, report: &Report, worst: &Connector) {
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
                self.heading("What to do next");
            }
            number += 1;
            self.wrapped(&format!("  {number}. {}: ", step.title), &first.why, 2);
            if let Some(command) = first.commands.first() {
                self.raw(&format!("     {BOLD}{}{BOLD:#}", clean::line(command)));
            }
            let further: Vec<_> = responses.collect();
            for also in further.iter().take(FURTHER) {
                self.wrapped("     also: ", &also.why, 1);
            }
            self.more(further.len(), FURTHER, "under this step");
        }
        if let Some(suspects) = glance::suspects(report) {
            self.wrapped("  To purge, and whose recipients to warn: ", &suspects, 1);
        }
    }

    fn missing(&mut self, report: &Report) {
        let mut missing = glance::missing(report).peekable();
        if missing.peek().is_some() {
            self.heading("Missing evidence");
        }
        for family in missing {
            let label = glance::words(&family.family);
            let what = format!("{}. {}", glance::coverage(family.state), family.why);
            self.wrapped(&format!("  {label}: "), &what, 2);
        }
        if !report.unreadable.is_empty() {
            let files: Vec<&str> = report.unreadable.iter().map(|u| u.path.as_str()).collect();
            self.wrapped("  could not be read: ", &files.join(", "), 2);
        }
    }

    fn others(&mut self, others: &[&Connector]) {
        if others.is_empty() {
            return;
        }
        self.heading("Other connectors");
        for connector in others.iter().take(OTHERS) {
            let verdict = glance::verdict(connector.verdict);
            let points = glance::points(connector.score);
            self.wrapped(
                &format!("  {verdict} ({points} points): "),
                &clip(&connector.name, NAME),
                2,
            );
        }
        self.more(others.len(), OTHERS, "connectors");
    }

    fn heading(&mut self, text: &str) {
        self.raw(&format!("{BOLD}{text}{BOLD:#}"));
    }

    fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            self.raw(&format!("  {DIM}and {} more {what}{DIM:#}", all - shown));
        }
    }

    fn raw(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.out, "{}", line.trim_end());
    }

    /// Text behind a lead, broken at blanks, following lines indented to the lead; cut after `rows` lines.
    fn wrapped(&mut self, lead: &str, text: &str, rows: usize) {
        let lead = clean::line(lead);
        let indent = lead.chars().count().min(self.width / 2);
        let mut line = lead.into_owned();
        let mut used = line.chars().count();
        let mut fresh = true;
        let mut left = rows;
        let text = clean::line(text);
        // Two columns are kept for the mark of what was cut.
        let width = self.width - 2;
        for word in text.split(' ').filter(|w| !w.is_empty()) {
            let word = clip(word, width - indent);
            let length = word.chars().count();
            if !fresh && used + 1 + length > width {
                left -= 1;
                if left == 0 {
                    line.push_str(" …");
                    break;
                }
                self.raw(&line);
                line = " ".repeat(indent);
                used = indent;
                fresh = true;
            }
            if !fresh {
                line.push(' ');
                used += 1;
            }
            line.push_str(&word);
            used += length;
            fresh = false;
        }
        self.raw(&line);
    }
}

/// The first characters of a name that is too long for a table.
fn clip(name: &str, most: usize) -> String {
    let shown = clean::line(name);
    if shown.chars().count() <= most {
        return shown.into_owned();
    }
    shown.chars().take(most - 1).chain(['…']).collect()
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
