//! `report.html`: one self-contained page for the screen and for paper, readable without a script.
//!
//! The template holds the order of the page; what it asks for is made here and in the modules below, each of which
//! makes one kind of thing from the report alone.

mod chart;
mod cites;
mod clock;
mod diff;
mod figures;
mod markup;
mod place;
mod policy;
mod score;
mod story;
mod strip;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;

use askama::Template;

use self::chart::Chart;
use self::cites::Cites;
use self::clock::Clock;
use self::place::Place;
use self::score::Sum;
use self::story::{Sentence, Story};
use self::strip::Strips;
use super::clean;
use super::error::ReportError;
use super::glance::{self, Since};
use super::model::{
    Change, Citation, Compared, Connector, Coverage, CoverageState, Event, Exhibit, Indicator, Report, Response, State,
    Top, Verdict, Window,
};
use super::rows;
use super::steps;

/// Bars and rows of days on the page, over all connectors, and what a single connector may have of them.
const BARS: usize = 3_000;
const LEAST_BARS: usize = 40;
const MOST_BARS: usize = 400;
/// Connectors that the contents list one by one.
const LISTED: usize = 12;
/// Reasons that the answer gives; the connector's own section has all of them.
const REASONS: usize = 3;

/// Findings on a page beyond which those that were contradicted are shown without their figures.
const WHOLE: usize = 400;

const STYLE: &str = include_str!("page/style.css");

/// Writes the page.
pub fn write(report: &Report, out: &mut dyn Write) -> Result<(), ReportError> {
    let html = Page::new(report).render()?;
    // The template engine has escaped markup; what hides or turns text is left, and only strings hold it.
    Ok(out.write_all(clean::text(&html).as_bytes())?)
}

/// A connector and what is drawn and told of it.
struct Shown<'a> {
    connector: &'a Connector,
    /// On the page, from 0.
    number: usize,
    chart: Chart<'a>,
    story: Story<'a>,
    sum: Sum,
}

#[derive(Template)]
#[template(path = "report.html", config = "src/report/page/askama.toml")]
struct Page<'a> {
    report: &'a Report,
    /// From worst to best.
    connectors: Vec<Shown<'a>>,
    steps: Vec<(steps::Step, Vec<&'a Response>)>,
    clock: Clock,
    cites: Cites<'a>,
    strips: Strips,
    /// What the mail's own section says once, and findings need not say again.
    said: BTreeSet<&'a str>,
    /// Whether there is so much to show that some figures are left to report.json.
    is_brief: bool,
    policy: String,
    style: &'static str,
}

impl<'a> Page<'a> {
    fn new(report: &'a Report) -> Self {
        let ranked = glance::ranked(report);
        let clock = Clock::new(report.summary.time_zone.as_deref());
        let with_mail = ranked.iter().filter(|c| !c.traffic.by_day.is_empty()).count();
        let bars = (BARS / with_mail.max(1)).clamp(LEAST_BARS, MOST_BARS);
        let cites = Cites::gather(report, &ranked);
        let connectors = ranked.into_iter().enumerate();
        let connectors = connectors.map(|(number, connector)| Shown {
            connector,
            number,
            chart: chart::draw(connector, &clock, bars),
            story: story::tell(connector, number),
            sum: score::sum(connector, number, report.scale.as_ref()),
        });
        Page {
            report,
            connectors: connectors.collect(),
            steps: steps::grouped(report),
            clock,
            cites,
            strips: strip::draw(&report.coverage),
            is_brief: report.connectors.iter().map(|c| c.indicators.len()).sum::<usize>() > WHOLE,
            said: report
                .connectors
                .iter()
                .flat_map(|c| {
                    let because = c.traffic.comparison.as_ref().map(|c| c.because.as_str());
                    [c.traffic.attribution.as_deref(), because]
                })
                .flatten()
                .collect(),
            policy: policy::policy(STYLE),
            style: STYLE,
        }
    }
}

/// What the templates ask for; they hand over references to whatever they hold.
impl<'a> Page<'a> {
    /// The connector that the first section is about.
    fn worst(&self) -> Option<&Shown<'a>> {
        self.connectors.first()
    }

    /// The connectors that the contents list.
    fn listed(&self) -> &[Shown<'a>] {
        self.connectors.get(..LISTED).unwrap_or(&self.connectors)
    }

    /// How many connectors stand at each verdict, but for the worst itself.
    fn others(&self) -> Vec<String> {
        let all = [
            Verdict::LikelyCompromised,
            Verdict::Suspicious,
            Verdict::NotAssessable,
            Verdict::NoIndication,
        ];
        let count = |v: Verdict| {
            self.connectors
                .iter()
                .skip(1)
                .filter(|s| s.connector.verdict == v)
                .count()
        };
        let counts = all.into_iter().map(|v| (count(v), glance::verdict(v).to_lowercase()));
        counts
            .filter(|(n, _)| *n > 0)
            .map(|(n, words)| format!("{n} {words}"))
            .collect()
    }

    /// When, what and who of the earliest sign against a connector, as markup.
    fn since(&self, connector: &'a Connector) -> Option<(String, String, Option<String>)> {
        Some(match glance::since(connector)? {
            Since::Event(event) => {
                // A sentence that names the actor needs no second naming.
                let is_named = |actor: &str| !actor.is_empty() && event.summary.contains(actor);
                let who = if event.actor.as_deref().is_some_and(is_named) {
                    glance::actor_as("The actor", event)
                } else {
                    format!("By {}", glance::actor(event))
                };
                (
                    self.clock.time(&event.time),
                    self.clock.prose(&event.summary),
                    Some(markup::escape(&who)),
                )
            }
            Since::Indicator(from, indicator) => (self.clock.time(from), self.clock.prose(&indicator.summary), None),
        })
    }

    /// The reasons of a verdict as markup, each with the place of the finding that it comes from and links to rows. What
    /// comes from no finding says what is missing, and that stands with the coverage.
    fn reasons(&self, shown: &Shown<'a>) -> Vec<(String, (Place, String))> {
        let reasons = shown.connector.reasons.iter();
        let reasons = reasons.map(|reason| {
            let finding = story::behind(shown.connector, reason).map(|(n, indicator)| {
                let rows = self.cites.few(&[&indicator.citations], indicator.citation_count);
                (Place::ConnectorIndicator(shown.number, n), rows)
            });
            let mut adjustments = shown.connector.adjustments.iter().enumerate();
            let finding = finding.or_else(|| {
                let (n, adjustment) = adjustments.find(|(_, a)| a.summary == *reason)?;
                let rows = self
                    .cites
                    .few(&[&adjustment.citations], adjustment.citations.len() as u64);
                Some((Place::ConnectorAdjustment(shown.number, n), rows))
            });
            (
                self.clock.prose(reason),
                finding.unwrap_or((Place::Coverage, String::new())),
            )
        });
        reasons.collect()
    }

    fn first_reasons(&self, shown: &Shown<'a>) -> Vec<(String, (Place, String))> {
        let mut reasons = self.reasons(shown);
        reasons.truncate(REASONS);
        reasons
    }

    fn sure(&self, connector: &Connector) -> Vec<String> {
        score::sure(connector, self.report.scale.as_ref())
    }

    fn missing(&self) -> Vec<&'a Coverage> {
        glance::missing(self.report).collect()
    }

    /// The indicators with what speaks against the connector first, each state by falling weight.
    fn indicators(&self, indicators: &'a [Indicator], place: impl Fn(usize) -> Place) -> Vec<(Place, &'a Indicator)> {
        let rank = |state| match state {
            State::Supported => 0,
            State::NotAssessable => 1,
            State::Contradicted => 2,
        };
        let numbered = indicators.iter().enumerate();
        let mut sorted: Vec<_> = numbered.map(|(n, i)| (place(n), i)).collect();
        sorted.sort_by(|(_, a), (_, b)| {
            (rank(a.state).cmp(&rank(b.state))).then_with(|| b.points.abs().total_cmp(&a.points.abs()))
        });
        sorted
    }

    fn connector_indicators(&self, shown: &Shown<'a>) -> Vec<(Place, &'a Indicator)> {
        self.indicators(&shown.connector.indicators, |n| {
            Place::ConnectorIndicator(shown.number, n)
        })
    }

    fn account_indicators(&self, account: &usize) -> Vec<(Place, &'a Indicator)> {
        let indicators = self.report.accounts.get(*account).map_or(&[][..], |a| &a.indicators);
        self.indicators(indicators, |n| Place::AccountIndicator(*account, n))
    }

    fn tenant_indicators(&self) -> Vec<(Place, &'a Indicator)> {
        self.indicators(&self.report.tenant.indicators, Place::TenantIndicator)
    }

    fn events(&self, shown: &Shown<'a>) -> Vec<(Place, &'a Event, Option<String>)> {
        self.judged(&shown.connector.timeline, |n| Place::ConnectorEvent(shown.number, n))
    }

    fn tenant_events(&self) -> Vec<(Place, &'a Event, Option<String>)> {
        self.judged(&self.report.tenant.timeline, Place::TenantEvent)
    }

    /// Events with the reason for which each counts as meant or not, as markup; the same reason is not said twice in
    /// a row.
    fn judged(&self, events: &'a [Event], place: impl Fn(usize) -> Place) -> Vec<(Place, &'a Event, Option<String>)> {
        let mut before = None;
        let judged = events.iter().enumerate().map(|(n, event)| {
            let because = event.intended_because.as_deref();
            let is_said = because.is_some() && because == before;
            before = because;
            let shown = because.map(|because| match is_said {
                true => "Judged for the same reason.".to_owned(),
                false => self.clock.prose(because),
            });
            (place(n), event, shown)
        });
        judged.collect()
    }

    /// Whether an event was meant to be; of an alert or a snapshot nobody would ask it.
    fn intended(&self, event: &Event) -> Option<(&'static str, &'static str)> {
        match (event.intended, event.action.as_str()) {
            (Some(true), _) => Some(("meant", "intended")),
            (Some(false), _) => Some(("unmeant", "not intended")),
            (None, "blocked" | "unblocked" | "alerted" | "seen_in_snapshot" | "related") => None,
            (None, _) => Some(("undecided", "intended or not: undecided")),
        }
    }

    /// Before and after of a change as markup, set against each other where both are known.
    fn change(&self, change: &Change) -> (String, String) {
        match (&change.before, &change.after) {
            (Some(before), after) => {
                let marked = diff::marked(before, after.as_deref().unwrap_or_default());
                let shown = |text: &Option<String>, marked, words| match text.as_deref() {
                    None | Some("") => none(words),
                    Some(_) => marked,
                };
                (
                    shown(&change.before, marked.0, rows::before(change)),
                    shown(after, marked.1, rows::after(change)),
                )
            }
            // Of what was not there, or is not known, nothing is added or removed.
            (None, Some(after)) if !after.is_empty() => (none(rows::before(change)), diff::plain(after)),
            (None, _) => (none(rows::before(change)), none(rows::after(change))),
        }
    }

    fn overrides(&self) -> Option<String> {
        glance::overrides(self.report)
    }

    fn suspects(&self) -> Option<String> {
        glance::suspects(self.report)
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

    fn compared(&self, connector: &'a Connector) -> [(&'static str, &'a [Compared]); 3] {
        let Some(comparison) = &connector.traffic.comparison else {
            return [("Sources", &[]), ("Senders", &[]), ("Recipient domains", &[])];
        };
        [
            ("Sources", &comparison.sources),
            ("Senders", &comparison.senders),
            ("Recipient domains", &comparison.recipient_domains),
        ]
    }

    /// A count with its share of all: `300 (12%)`.
    fn share(&self, count: &u64, all: &u64) -> String {
        if *count == 0 {
            return "0".into();
        }
        let percent = 100.0 * *count as f64 / (*all).max(*count) as f64;
        let percent = if percent < 1.0 {
            "under 1".into()
        } else {
            format!("{percent:.0}")
        };
        format!("{count} ({percent}%)")
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

    fn state_class(&self, state: &State) -> &'static str {
        match state {
            State::Supported => "supported",
            State::Contradicted => "contradicted",
            State::NotAssessable => "open",
        }
    }

    fn coverage(&self, state: &CoverageState) -> &'static str {
        glance::coverage(*state)
    }

    fn points(&self, points: &f64) -> String {
        glance::points(*points)
    }

    /// Points with their sign and two decimals, so that a column of them adds up.
    fn signed(&self, points: &f64) -> String {
        let text = format!("{points:+.2}");
        if text == "-0.00" {
            "+0.00".into()
        } else {
            text.replace('-', "\u{2212}")
        }
    }

    fn score(&self, connector: &Connector) -> String {
        glance::score(connector)
    }

    fn capital(&self, words: &str) -> String {
        score::capital(words)
    }

    fn words(&self, id: &str) -> String {
        glance::words(id)
    }

    fn title(&self, id: &str) -> String {
        score::capital(&glance::words(id))
    }

    fn time(&self, time: &str) -> String {
        self.clock.time(time)
    }

    fn window(&self, window: &Window) -> String {
        self.clock.window(window)
    }

    fn prose(&self, text: &str) -> String {
        self.clock.prose(text)
    }

    fn actor(&self, event: &Event) -> String {
        glance::actor(event)
    }

    fn cite(&self, citations: &'a [Citation], count: &u64) -> String {
        self.cites.links(citations, *count)
    }

    fn cite_few(&self, sentence: &Sentence) -> String {
        self.cites.few(&sentence.citations, sentence.count)
    }

    fn figures(&self, indicator: &Indicator) -> Vec<(String, String)> {
        if self.is_brief && indicator.state == State::Contradicted {
            return Vec::new();
        }
        figures::figures(&indicator.facts, &self.clock, &self.said)
    }

    fn span(&self, first: &Option<String>, last: &Option<String>) -> String {
        match (first, last) {
            (None, None) => "–".to_string(),
            (first, last) => {
                let shown = |t: &Option<String>| t.as_deref().map_or("open".into(), |t| self.clock.time(t));
                format!("{} to {}", shown(first), shown(last))
            }
        }
    }

    /// The strip of a family by its number.
    fn strip(&self, family: &usize) -> &str {
        self.strips.pictures.get(*family).map_or("", String::as_str)
    }

    /// The rows of all files: records, accepted, degraded, duplicates, rejected.
    fn totals(&self) -> [u64; 5] {
        let rows = |e: &Exhibit| [e.records, e.accepted, e.degraded, e.duplicates, e.rejected];
        self.report.evidence.iter().map(rows).fold([0; 5], |sums, rows| {
            std::array::from_fn(|n| sums[n].saturating_add(rows[n]))
        })
    }
}

/// Words in place of a value that is empty, none or unknown.
fn none(words: &str) -> String {
    format!("<span class=\"none\">{}</span>", markup::escape(words))
}
