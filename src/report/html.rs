//! `report.html`: one self-contained page without a script, for the screen and for paper.

use std::borrow::Cow;
use std::io::Write;

use askama::Template;

use super::chart;
use super::clean;
use super::error::ReportError;
use super::glance::{self, Since};
use super::model::{
    Change, Citation, Connector, CoverageState, Event, Indicator, Report, Response, State, Top, Verdict,
};
use super::rows;
use super::steps;

/// Writes the page.
pub fn write(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let page = Page {
        report,
        connectors: glance::ranked(report),
        steps: steps::grouped(report),
    };
    let html = page.render()?;
    // The template engine has escaped markup; what hides or turns text is left, and only strings hold it.
    Ok(out.write_all(clean::text(&html).as_bytes())?)
}

#[derive(Template)]
#[template(path = "report.html", config = "src/report/page/askama.toml")]
struct Page<'a> {
    report: &'a Report,
    /// From worst to best.
    connectors: Vec<&'a Connector>,
    steps: Vec<(steps::Step, Vec<&'a Response>)>,
}

/// What the templates ask for; they hand over references to whatever they hold.
impl<'a> Page<'a> {
    /// The connector that the first section is about.
    fn worst(&self) -> Option<&'a Connector> {
        self.connectors.first().copied()
    }

    /// When, what and who of the earliest sign against a connector.
    fn since(&self, connector: &'a Connector) -> Option<(String, &'a str, Option<String>)> {
        Some(match glance::since(connector)? {
            Since::Event(event) => (
                glance::time(&event.time),
                event.summary.as_str(),
                Some(glance::actor(event)),
            ),
            Since::Indicator(from, indicator) => (glance::time(from), indicator.summary.as_str(), None),
        })
    }

    /// The indicators with what speaks against the connector first, each state by falling weight.
    fn indicators(&self, indicators: &'a [Indicator]) -> Vec<&'a Indicator> {
        let rank = |state| match state {
            State::Supported => 0,
            State::NotAssessable => 1,
            State::Contradicted => 2,
        };
        let mut sorted: Vec<_> = indicators.iter().collect();
        sorted.sort_by(|a, b| (rank(a.state).cmp(&rank(b.state))).then_with(|| b.points.total_cmp(&a.points)));
        sorted
    }

    /// Whether an event was meant to be; of an alert or a snapshot nobody would ask it.
    fn intended(&self, event: &Event) -> Option<&'static str> {
        match (event.intended, event.action.as_str()) {
            (Some(true), _) => Some("intended"),
            (Some(false), _) => Some("not intended"),
            (None, "blocked" | "alerted" | "seen_in_snapshot" | "related") => None,
            (None, _) => Some("intended or not: undecided"),
        }
    }

    fn overrides(&self) -> Option<String> {
        glance::overrides(self.report)
    }

    fn suspects(&self) -> Option<String> {
        glance::suspects(self.report)
    }

    fn chart(&self, connector: &Connector) -> String {
        chart::by_day(&connector.traffic.by_day)
    }

    /// Only a link to a page of the web is made one: a report.json from elsewhere may hold any scheme.
    fn is_link(&self, link: &str) -> bool {
        link.starts_with("https://")
    }

    fn expected(&self, expected: &Option<f64>) -> String {
        expected.map_or_else(|| "–".to_string(), |value| format!("{value:.1}"))
    }

    fn tops(&self, connector: &'a Connector) -> [(&'static str, &'a [Top]); 3] {
        let traffic = &connector.traffic;
        [
            ("Sources", &traffic.top_sources),
            ("Senders", &traffic.top_senders),
            ("Recipient domains", &traffic.top_recipient_domains),
        ]
    }

    /// A command on one line, so that nothing a name brings in stands there as a command of its own.
    fn command(&self, command: &'a str) -> Cow<'a, str> {
        clean::line(command)
    }

    fn class(&self, verdict: &Verdict) -> &'static str {
        verdict.as_str()
    }

    fn verdict(&self, verdict: &Verdict) -> &'static str {
        glance::verdict(*verdict)
    }

    fn state(&self, state: &State) -> &'static str {
        glance::state(*state)
    }

    fn coverage(&self, state: &CoverageState) -> &'static str {
        glance::coverage(*state)
    }

    fn points(&self, points: &f64) -> String {
        glance::points(*points)
    }

    fn score(&self, connector: &Connector) -> String {
        glance::score(connector)
    }

    fn words(&self, id: &str) -> String {
        glance::words(id)
    }

    fn time(&self, time: &str) -> String {
        glance::time(time)
    }

    fn actor(&self, event: &Event) -> String {
        glance::actor(event)
    }

    fn cite(&self, citation: &Citation) -> String {
        rows::cite(citation)
    }

    fn before(&self, change: &'a Change) -> &'a str {
        rows::before(change)
    }

    fn after(&self, change: &'a Change) -> &'a str {
        rows::after(change)
    }

    fn span(&self, first: &Option<String>, last: &Option<String>) -> String {
        match (first, last) {
            (None, None) => "–".to_string(),
            (first, last) => {
                let shown = |t: &Option<String>| t.as_deref().map_or("?".into(), glance::time);
                format!("{} to {}", shown(first), shown(last))
            }
        }
    }
}
