//! When each recipient was first written to.

/// Recipients that are held twice before they are joined.
const FEW: usize = 1 << 12;

/// The earliest time for each of many numbers; memory follows the distinct ones.
#[derive(Debug, Default)]
pub struct Earliest {
    /// In order of number after [`Earliest::settle`], each once.
    times: Vec<(u64, i64)>,
    /// How many there were when they were last brought into order.
    settled: usize,
}

impl Earliest {
    pub fn push(&mut self, number: u64, time: i64) {
        self.times.push((number, time));
        self.settle_if_many();
    }

    /// Takes in another's.
    pub fn append(&mut self, mut other: Self) {
        self.times.append(&mut other.times);
        self.settle_if_many();
    }

    fn settle_if_many(&mut self) {
        if self.times.len() > FEW.max(2 * self.settled) {
            self.settle();
        }
    }

    /// Joins what is held twice. Must follow the last addition before anything is asked.
    pub fn settle(&mut self) {
        self.times.sort_unstable();
        self.times.dedup_by_key(|(number, _)| *number);
        self.settled = self.times.len();
    }

    /// The earliest time of a number.
    pub fn of(&self, number: u64) -> Option<i64> {
        let place = self.times.binary_search_by_key(&number, |(n, _)| *n).ok()?;
        self.times.get(place).map(|(_, time)| *time)
    }
}

#[cfg(test)]
mod tests {
    use super::{Earliest, FEW};

    #[test]
    fn the_earliest_of_many_times_is_kept_in_any_number_of_parts() {
        let mut all = Earliest::default();
        for part in 0..8 {
            let mut earliest = Earliest::default();
            for i in 0..FEW as u64 {
                earliest.push(i % 700, (i * 31 % 997) as i64 + part);
            }
            all.append(earliest);
        }
        all.settle();
        let expected = (0..FEW as u64)
            .filter(|i| i % 700 == 5)
            .map(|i| (i * 31 % 997) as i64)
            .min();
        assert_eq!((all.of(5), all.of(700), all.times.len()), (expected, None, 700));
    }
}
