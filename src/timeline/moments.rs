//! Which connectors a hand touched near a moment.

use std::collections::BTreeMap;

use crate::records::Time;

/// How far before an event of the connector a related one may lie, and how far after.
const BEFORE: i64 = 7 * Time::DAY;
const AFTER: i64 = Time::DAY;
/// A deed belongs to so many connectors at most: those touched nearest to it.
const CONNECTORS: usize = 8;
/// Where a hand touched more than that, so many of its touches on either side of the deed are looked at.
const LOOK: usize = 500;

/// Touches by one hand: connector and time.
#[derive(Debug, Default)]
pub(super) struct Moments {
    all: Vec<(Time, usize)>,
    by_connector: BTreeMap<usize, Vec<Time>>,
}

impl Moments {
    pub(super) fn add(&mut self, time: Time, connector: usize) {
        self.all.push((time, connector));
        self.by_connector.entry(connector).or_default().push(time);
    }

    pub(super) fn extend(&mut self, other: &Moments) {
        for &(time, connector) in &other.all {
            self.add(time, connector);
        }
    }

    /// To be called when all are in, before anything is asked.
    pub(super) fn in_order(&mut self) {
        self.all.sort_unstable();
        for times in self.by_connector.values_mut() {
            times.sort_unstable();
        }
    }

    /// The connectors touched nearest to a moment, each with its distance in microseconds, in ascending order.
    pub(super) fn nearest(&self, time: Time) -> Vec<(u64, usize)> {
        Self::nearest_of(std::iter::once(self), time)
    }

    /// The same over several.
    pub(super) fn nearest_of<'a>(several: impl Iterator<Item = &'a Moments>, time: Time) -> Vec<(u64, usize)> {
        let mut nearest: BTreeMap<usize, u64> = BTreeMap::new();
        let mut note = |connector: usize, moment: Time| {
            let distance = moment.0.abs_diff(time.0);
            let known = nearest.entry(connector).or_insert(distance);
            *known = distance.min(*known);
        };
        for moments in several {
            if moments.by_connector.len() <= CONNECTORS {
                for (&connector, times) in &moments.by_connector {
                    let at = times.partition_point(|m| *m < time);
                    let neighbours = [at.checked_sub(1).and_then(|i| times.get(i)), times.get(at)];
                    let near = neighbours.into_iter().flatten().filter(|m| in_window(time, **m));
                    near.for_each(|m| note(connector, *m));
                }
            } else {
                let at = moments.all.partition_point(|(m, _)| *m < time);
                let (before, after) = moments.all.split_at(at);
                let near = before.iter().rev().take(LOOK).chain(after.iter().take(LOOK));
                near.filter(|(m, _)| in_window(time, *m))
                    .for_each(|&(m, connector)| note(connector, m));
            }
        }
        let mut nearest: Vec<(u64, usize)> = nearest.into_iter().map(|(c, d)| (d, c)).collect();
        nearest.sort_unstable();
        nearest.truncate(CONNECTORS);
        nearest
    }
}

/// Whether something at `time` may relate to an event of the connector at `moment`.
pub(super) fn in_window(time: Time, moment: Time) -> bool {
    (-AFTER..=BEFORE).contains(&moment.0.saturating_sub(time.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every touch looked at.
    fn naive(touches: &[(i64, usize)], time: i64) -> Vec<(u64, usize)> {
        let mut found: Vec<(u64, usize)> = Vec::new();
        for connector in 0..40 {
            let own = touches.iter().filter(|(_, c)| *c == connector);
            let near = own.filter(|(t, _)| *t >= time - 24 && *t <= time + 7 * 24);
            found.extend(near.map(|(t, _)| (t.abs_diff(time), connector)).min());
        }
        found.sort();
        found.truncate(8);
        found
    }

    proptest! {
        #[test]
        fn the_nearest_are_found_as_a_look_at_all_finds_them(
            touches in prop::collection::vec((0_i64..800, 0_usize..40), 0..120),
            time in 0_i64..800,
        ) {
            let mut moments = Moments::default();
            touches.iter().for_each(|&(t, c)| moments.add(Time(t * Time::HOUR), c));
            moments.in_order();
            let found: Vec<(u64, usize)> = moments
                .nearest(Time(time * Time::HOUR))
                .into_iter()
                .map(|(d, c)| (d / Time::HOUR.unsigned_abs(), c))
                .collect();
            prop_assert_eq!(found, naive(&touches, time));
        }
    }
}
