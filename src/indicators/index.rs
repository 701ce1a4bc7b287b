//! What several questions look up again and again, gathered when it is first asked for.
//!
//! A tenant may have very many connectors, and a log very many actors: nothing that looks at the whole case may
//! be done anew for each of them.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::timeline::{Event, Timeline};

use super::Case;
use super::preparations::Preparation;
use super::transport_rule_tampering::Rules;

/// Kept with the case.
#[derive(Default)]
pub struct Index {
    pub(super) preparations: OnceLock<HashMap<String, Vec<Preparation>>>,
    pub(super) rules: OnceLock<Rules>,
    deeds: OnceLock<HashMap<String, Vec<Place>>>,
}

/// Where an event stands: on a connector, by its number, or with the tenant; and by its own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(Option<usize>, usize);

impl Place {
    /// Every event of the timeline: connector by connector, then the tenant's.
    pub(super) fn all(timeline: &Timeline) -> impl Iterator<Item = (Place, &Event)> {
        let connectors = timeline.connectors.iter().enumerate();
        let theirs = connectors.flat_map(|(c, connector)| {
            let events = connector.events.iter().enumerate();
            events.map(move |(i, event)| (Place(Some(c), i), event))
        });
        let tenant = timeline.tenant.iter().enumerate();
        theirs.chain(tenant.map(|(i, event)| (Place(None, i), event)))
    }

    pub(super) fn event(self, timeline: &Timeline) -> Option<&Event> {
        match self {
            Place(None, event) => timeline.tenant.get(event),
            Place(Some(connector), event) => timeline.connectors.get(connector)?.events.get(event),
        }
    }
}

/// Everything on the timeline that an actor did, by identity without regard to case: connector by connector,
/// then the tenant's.
pub fn deeds<'a>(case: &Case<'a>, actor: &str) -> Vec<&'a Event> {
    let deeds = case.index.deeds.get_or_init(|| {
        let mut deeds: HashMap<String, Vec<Place>> = HashMap::new();
        for (place, event) in Place::all(case.timeline) {
            if let Some(actor) = &event.actor {
                deeds.entry(actor.to_ascii_lowercase()).or_default().push(place);
            }
        }
        deeds
    });
    let places = deeds.get(&actor.to_ascii_lowercase()).into_iter().flatten();
    places.filter_map(|place| place.event(case.timeline)).collect()
}
