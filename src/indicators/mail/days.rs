//! A connector's counts by day, without the days that had none.

use std::ops::Index;

use super::DayCount;

/// Counts by the number of the day, as [`Mail::days`](super::Mail::days) numbers them. Very many connectors over
/// very many days would fill the memory with zeros: a day without mail is not held.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Days(Vec<(u32, DayCount)>);

impl Days {
    /// The count of a day, held from now on. Fastest in ascending order.
    pub fn entry(&mut self, day: usize) -> &mut DayCount {
        let day = u32::try_from(day).unwrap_or(u32::MAX);
        let at = match self.0.last() {
            Some((last, _)) if *last >= day => self.0.binary_search_by_key(&day, |(d, _)| *d),
            _ => Err(self.0.len()),
        };
        let at = at.unwrap_or_else(|at| {
            self.0.insert(at, (day, DayCount::default()));
            at
        });
        // The place was found or made just now.
        &mut self.0[at].1
    }

    /// The days with mail, by number.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &DayCount)> {
        self.0.iter().map(|(day, count)| (*day as usize, count))
    }
}

/// Every day has a count; one that is not held has no mail.
impl Index<usize> for Days {
    type Output = DayCount;

    fn index(&self, day: usize) -> &DayCount {
        const NOTHING: &DayCount = &DayCount {
            messages: 0,
            recipients: 0,
            spam: 0,
            outbound: 0,
            outbound_recipients: 0,
        };
        let found = self.0.binary_search_by_key(&day, |(d, _)| *d as usize);
        found
            .ok()
            .and_then(|at| self.0.get(at))
            .map_or(NOTHING, |(_, count)| count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_held_in_order_and_all_others_have_no_mail() {
        let mut days = Days::default();
        for day in [5, 2, 9, 2, 5] {
            days.entry(day).messages += 1;
        }
        let held: Vec<(usize, u64)> = days.iter().map(|(d, c)| (d, c.messages)).collect();
        assert_eq!(held, [(2, 2), (5, 2), (9, 1)]);
        assert_eq!(
            (days[5].messages, days[6], days[usize::MAX]),
            (2, DayCount::default(), DayCount::default())
        );
    }
}
