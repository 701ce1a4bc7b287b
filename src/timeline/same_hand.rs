//! Whoever did what was not meant did also what came from the same place afterwards.
//!
//! A session from a network that an account never came from is only odd; what it does can show that it was a stranger's.
//! Then so are the account's other acts from there, until the network may count as one that the account uses. Where the
//! session itself was a stranger's, [`Sessions`] says so of the later ones.

use std::collections::HashMap;

use crate::records::Time;

use super::custody::Sessions;
use super::history::Network;
use super::{Event, Session};

/// An event that may be a stranger's, with its place among the records.
pub(super) struct Deed<'e> {
    pub event: &'e mut Event,
    pub step: usize,
    /// What the analyst said of its time or of its actor counts for more.
    pub excused: bool,
}

/// Lets no list vouch for deeds from a network from which the same account did what was not meant.
pub(super) fn spread(deeds: Vec<Deed<'_>>, sessions: &Sessions) {
    let place = |deed: &Deed| -> Option<(String, Network)> {
        Some((deed.event.actor.clone()?, sessions.of(deed.step)?.new_network?))
    };
    let mut first: HashMap<(String, Network), Time> = HashMap::new();
    for deed in &deeds {
        let odd = deed.event.session.as_ref().is_some_and(Session::is_odd);
        if deed.event.intended == Some(false)
            && odd
            && let Some(place) = place(deed)
        {
            let time = first.entry(place).or_insert(deed.event.time);
            *time = deed.event.time.min(*time);
        }
    }
    for deed in deeds {
        let Some(key) = place(&deed) else { continue };
        let known = first.get(&key).filter(|time| deed.event.time > **time);
        if let Some(time) = known
            && deed.event.intended != Some(false)
            && !deed.excused
        {
            deed.event.intended = Some(false);
            deed.event.intended_because = format!(
                "It came from {}, as what was done at {time} and was not meant.",
                key.1.0
            );
        }
    }
}
