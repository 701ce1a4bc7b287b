//! Whether another export takes up where one was cut off at a cap.

use super::rhythm::{Rhythm, utc_class};
use crate::records::Time;

/// How far from a cut another export may take up at any hour.
const NEXT_PAGE: i64 = 2 * Time::HOUR;
/// A longer silence that the family's own rhythm makes no rarer than this is none.
const USUAL: f64 = 1e-3;

/// What is missing behind a cut export, given the spans of the others; `None` where one of them takes up there.
/// `active` are the hours since 1970, ascending, in which any export of the family has a row: a night without mail
/// between two pages is no hole.
pub fn cut(
    first: Option<Time>,
    last: Option<Time>,
    newest_first: bool,
    others: impl Iterator<Item = (Time, Time)>,
    active: &[i64],
) -> Option<(Option<Time>, Option<Time>)> {
    let spans: Vec<(Time, Time)> = others.collect();
    let taken_up = |from: Time, to: Time| to.0 - from.0 <= NEXT_PAGE || is_usual(from, to, active);
    if newest_first {
        let edge = first?;
        let before = spans.iter().filter(|(from, _)| *from < edge).map(|(_, to)| *to).max();
        let whole = before.is_some_and(|to| taken_up(to, edge));
        (!whole).then_some((before, Some(edge)))
    } else {
        let edge = last?;
        let after = spans.iter().filter(|(_, to)| *to > edge).map(|(from, _)| *from).min();
        let whole = after.is_some_and(|from| taken_up(edge, from));
        (!whole).then_some((Some(edge), after))
    }
}

/// Whether the hours wholly between two moments are as empty as they often are.
fn is_usual(from: Time, to: Time, active: &[i64]) -> bool {
    Rhythm::new(active, utc_class)
        .and_then(|rhythm| rhythm.silence(from.hour() + 1, to.hour()))
        .is_some_and(|chance| chance >= USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, hour: i64) -> Time {
        Time::default().plus_hours(day * 24 + hour)
    }

    /// Twenty days with mail from 6 to 22 o'clock.
    fn working_hours() -> Vec<i64> {
        (0..20)
            .flat_map(|day| (6..22).map(move |hour| day * 24 + hour))
            .collect()
    }

    #[test]
    fn a_page_that_ends_in_the_evening_is_taken_up_in_the_morning() {
        let next = || std::iter::once((at(4, 6), at(19, 21)));
        assert_eq!(
            cut(Some(at(0, 6)), Some(at(3, 21)), false, next(), &working_hours()),
            None
        );
    }

    #[test]
    fn a_silence_over_hours_that_are_busy_on_other_days_is_a_hole() {
        let next = || std::iter::once((at(4, 6), at(19, 21)));
        let missing = cut(Some(at(0, 6)), Some(at(3, 15)), false, next(), &working_hours());
        assert_eq!(missing, Some((Some(at(3, 15)), Some(at(4, 6)))));
        let mut always: Vec<i64> = (0..480).collect();
        always.retain(|h| !(94..102).contains(h));
        let missing = cut(Some(at(0, 6)), Some(at(3, 21)), false, next(), &always);
        assert_eq!(missing, Some((Some(at(3, 21)), Some(at(4, 6)))));
    }

    #[test]
    fn where_nothing_follows_the_rest_is_missing() {
        let missing = cut(
            Some(at(0, 6)),
            Some(at(3, 21)),
            false,
            std::iter::empty(),
            &working_hours(),
        );
        assert_eq!(missing, Some((Some(at(3, 21)), None)));
        let missing = cut(
            Some(at(0, 6)),
            Some(at(3, 21)),
            true,
            std::iter::empty(),
            &working_hours(),
        );
        assert_eq!(missing, Some((None, Some(at(0, 6)))));
    }
}
