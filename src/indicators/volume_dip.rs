//! Did the traffic fall, unexplained?

use super::documented::documented;
use super::mail::{Mail, day_text};
use super::traffic::{View, either_side, probability};
use super::volume_spike::round;
use super::{Case, Finding, Indicator};
use crate::records::{SmtpCode, Time};
use crate::timeline::{Action, Connector};

documented! {
    /// A fall is a note that adds no points: faults, holidays and blocks all cause one. Microsoft's page asks for
    /// "abnormal spikes or dips".
    ///
    /// Supported: on a whole day on which at least `dip_expected` messages were to be expected, the lower tail of the same
    /// frozen past as that of volume_spike, on all messages of the connector and times the number of days, lies below
    /// `improbable`, and nothing explains it. A block, alert, change or removal within `dip_explained_days` before, replies
    /// 5.7.711 (blocked) or 5.7.64 (relay denied), or as much more mail on another connector that day explain it.
    ///
    /// Contradicted: no day fell, or each fall is explained.
    ///
    /// Look-alikes: holidays, a fault of the host, mail that moved to another connector. A day on which nothing of the whole
    /// tenant was traced is missing data, not a fall.
    ///
    /// Needs: a message trace with at least `class_least` past days of the class.
    /// Source: Microsoft, Respond to a compromised connector, step 1.
    pub struct VolumeDip;
}

/// A day far below the past.
struct Fall {
    day: i32,
    count: u64,
    expected: f64,
    p: f64,
    explained: Option<String>,
}

impl Indicator for VolumeDip {
    fn id(&self) -> &'static str {
        "volume_dip"
    }

    fn question(&self) -> &'static str {
        "Did outbound volume fall, unexplained?"
    }

    fn explanation(&self) -> &'static str {
        Self::DOC
    }

    fn assess(&self, case: &Case, connector: &Connector) -> Finding {
        let view = match View::new(self, case, connector) {
            Ok(view) => view,
            Err(finding) => return *finding,
        };
        let history = case.mail.history(view.index, |d| d.messages);
        let days: Vec<_> = whole_days(&view)
            .filter_map(|i| {
                let (day, count) = (case.mail.days.get(i)?, view.mail.days[i].messages);
                let expected = history.predictive(day.class)?;
                (expected.mean() >= case.thresholds().dip_expected as f64).then_some((i, day.day, count, expected))
            })
            .collect();
        if days.is_empty() {
            return view.unable(
                self,
                "No day to be judged has enough past to say what was to be expected of it (10 messages or more)."
                    .to_owned(),
                "A message trace that reaches at least four weeks back before the first doubtful event",
            );
        }
        let tests = days.len() as f64;
        let falls: Vec<Fall> = days
            .iter()
            .filter_map(|&(i, day, count, expected)| {
                let p = (expected.lower_tail(count) * tests).min(1.0);
                let explained = || explanation(&view, i, day, expected.mean() - count as f64);
                (p < case.thresholds().improbable).then(|| Fall {
                    day,
                    count,
                    expected: expected.mean(),
                    p,
                    explained: explained(),
                })
            })
            .collect();
        let unexplained: Vec<&Fall> = falls.iter().filter(|f| f.explained.is_none()).collect();
        match (unexplained.first(), falls.first()) {
            (Some(fall), _) => noted(self, &view, fall, &unexplained),
            (None, Some(fall)) => view.not_shown(
                self,
                1.0,
                format!(
                    "{} fell to {} messages where {:.1} were to be expected, which is explained: {}.",
                    day_text(fall.day),
                    fall.count,
                    fall.expected,
                    fall.explained.as_deref().unwrap_or_default()
                ),
            ),
            (None, None) => view.not_shown(
                self,
                1.0,
                format!("None of {} days fell below the connector's own past.", days.len()),
            ),
        }
    }
}

/// Days to be judged that the trace covers from midnight to midnight.
fn whole_days<'a>(view: &'a View) -> impl Iterator<Item = usize> + 'a {
    let mail: &Mail = view.case.mail;
    let traced = mail.traced.unwrap_or_default();
    mail.test_days(view.index).into_iter().filter(move |&i| {
        mail.days.get(i).is_some_and(|d| {
            let (start, end) = (mail.calendar.start(d.day), mail.calendar.start(d.day.saturating_add(1)));
            !d.missing && start >= traced.0 && end <= traced.1
        })
    })
}

fn noted(indicator: &VolumeDip, view: &View, fall: &Fall, all: &[&Fall]) -> Finding {
    let last = all.last().map_or(fall.day, |f| f.day);
    let calendar = &view.case.mail.calendar;
    let (from, to) = (calendar.start(fall.day), calendar.start(last.saturating_add(1)));
    let summary = format!(
        "{} fell to {} messages where {:.1} were to be expected (p {}); {} such days, none explained by a block, a change or another connector.",
        day_text(fall.day),
        fall.count,
        fall.expected,
        probability(fall.p),
        all.len()
    );
    let cites = either_side(view.facts(), from, to);
    let mut finding = view.shown(indicator, super::traffic::Strength::Weak, summary, std::iter::empty());
    finding = finding.citing(cites);
    finding
        .fact("days", all.iter().map(|f| day_text(f.day)).collect::<Vec<_>>())
        .fact("count", fall.count)
        .fact("expected", round(fall.expected))
        .fact("p", fall.p)
}

/// What explains a fall of so many messages on a day.
fn explanation(view: &View, index: usize, day: i32, lacking: f64) -> Option<String> {
    let mail = view.case.mail;
    let (start, end) = (mail.calendar.start(day), mail.calendar.start(day.saturating_add(1)));
    let near = |t: Time| t.0 >= start.0.saturating_sub(view.case.thresholds().dip_explained) && t < end;
    let event = view.connector.events.iter().find(|e| {
        let quiet = matches!(e.action, Action::SeenInSnapshot | Action::Related) || e.no_op;
        // A removal or disabling explains every day after it; the rest only the days at hand.
        let lasting = matches!(e.action, Action::Removed | Action::Disabled | Action::Blocked);
        !quiet && (near(e.time) || (lasting && e.time < end))
    });
    if let Some(event) = event {
        return Some(format!("{} at {}", event.action.as_str(), event.time));
    }
    let reply = view
        .facts()
        .iter()
        .filter(|s| near(s.fact.time()))
        .map(|s| s.fact.code());
    for code in reply {
        match code {
            SmtpCode::BadInboundConnector => return Some("replies 5.7.711, the connector was blocked".to_owned()),
            SmtpCode::RelayDenied => return Some("replies 5.7.64, mail was not attributed to it".to_owned()),
            _ => {}
        }
    }
    let carried = |other: usize| {
        mail.connectors
            .get(other)
            .map_or(0.0, |c| c.days[index].messages as f64)
    };
    let risen = |other: usize| -> f64 {
        let class = mail.days.get(index).map(|d| d.class);
        let expected = class.and_then(|c| mail.history(other, |d| d.messages).predictive(c));
        carried(other) - expected.map_or(0.0, |p| p.mean())
    };
    // Few carried so much at all that their past need be asked.
    let others = (0..mail.connectors.len()).filter(|o| *o != view.index && carried(*o) >= lacking / 2.0);
    let moved = others.map(|o| (o, risen(o))).find(|(_, more)| *more >= lacking / 2.0);
    let name = moved
        .and_then(|(o, _)| view.case.timeline.connectors.get(o))
        .map(|c| c.name.as_str());
    name.map(|name| format!("its mail came through {name} instead"))
}
