//! What happened to a connector, in sentences and in order of time.

use super::place::Place;
use crate::indicators::State;
use crate::report::model::{Citation, Connector, Event, Indicator};
use crate::report::rows::time_key;

/// Sentences at most; the timeline has every event.
const MOST: usize = 30;
/// Of these so many are the last.
const LAST: usize = 8;

/// One sentence of the story.
pub struct Sentence<'a> {
    pub time: &'a str,
    pub text: &'a str,
    /// Why it counts as meant or not; left out where the sentence before says the same.
    pub because: Option<&'a str>,
    /// How many more of the same came after it, and the time of the last.
    pub more: usize,
    pub until: &'a str,
    /// Where it stands on the page in full.
    pub place: Place,
    /// Of each event that it tells of.
    pub citations: Vec<&'a [Citation]>,
    pub count: u64,
}

/// The story of a connector.
pub struct Story<'a> {
    pub sentences: Vec<Sentence<'a>>,
    /// Sentences left out after [`Story::before`].
    pub left_out: usize,
    /// How many sentences stand before those that are left out.
    pub before: usize,
}

/// Tells what casts doubt on a connector: its events that were not known to be meant, blocks and alerts, and what
/// was found that is not among the verdict's reasons. `number` is the connector's on the page.
pub fn tell(connector: &Connector, number: usize) -> Story<'_> {
    let events = connector.timeline.iter().enumerate().filter(|(_, e)| is_told(e));
    let mut sentences: Vec<Sentence> = Vec::new();
    let mut last: Option<&Event> = None;
    for (n, event) in events {
        match sentences.last_mut() {
            Some(sentence) if last.is_some_and(|last| is_same(last, event)) => {
                sentence.more += 1;
                sentence.until = &event.time;
                sentence.citations.push(&event.citations);
                sentence.count += event.citations.len() as u64;
            }
            _ => sentences.push(Sentence {
                time: &event.time,
                text: &event.summary,
                because: event.intended_because.as_deref(),
                more: 0,
                until: &event.time,
                place: Place::ConnectorEvent(number, n),
                citations: vec![&event.citations],
                count: event.citations.len() as u64,
            }),
        }
        last = Some(event);
    }
    let findings = connector
        .indicators
        .iter()
        .enumerate()
        .filter(|(_, i)| is_found(connector, i));
    sentences.extend(findings.filter_map(|(n, i)| {
        let window = i.window.as_ref()?;
        Some(Sentence {
            time: &window.from,
            text: &i.summary,
            because: None,
            more: 0,
            until: &window.from,
            place: Place::ConnectorIndicator(number, n),
            citations: vec![&i.citations],
            count: i.citation_count,
        })
    }));
    sentences.sort_by_key(|s| time_key(s.time));
    let mut said = None;
    for sentence in &mut sentences {
        let because = sentence.because;
        if because.is_some() && because == said {
            sentence.because = None;
        }
        said = because.or(said);
    }
    let left_out = sentences.len().saturating_sub(MOST);
    let before = if left_out > 0 { MOST - LAST } else { sentences.len() };
    if left_out > 0 {
        sentences.drain(before..before + left_out);
    }
    Story {
        sentences,
        left_out,
        before,
    }
}

fn is_told(event: &Event) -> bool {
    match event.action.as_str() {
        "seen_in_snapshot" => false,
        "blocked" | "unblocked" | "alerted" => true,
        _ => event.intended != Some(true) && !event.no_op,
    }
}

/// Whether an event does the same again as the one told before it.
fn is_same(last: &Event, event: &Event) -> bool {
    let by = |e: &Event| {
        (
            e.action.clone(),
            e.operation.clone(),
            e.actor.clone(),
            e.intended,
            e.succeeded,
        )
    };
    event.action == "related" && by(last) == by(event)
}

fn is_found(connector: &Connector, indicator: &Indicator) -> bool {
    let is_reason = || connector.reasons.iter().any(|r| says(r, indicator));
    indicator.state == State::Supported && indicator.points > 0.0 && !is_reason()
}

fn says(reason: &str, indicator: &Indicator) -> bool {
    !indicator.summary.is_empty() && reason.ends_with(indicator.summary.as_str())
}

/// The finding whose summary a reason of the verdict ends with.
pub fn behind<'a>(connector: &'a Connector, reason: &str) -> Option<(usize, &'a Indicator)> {
    connector.indicators.iter().enumerate().find(|(_, i)| says(reason, i))
}

#[cfg(test)]
mod tests;
