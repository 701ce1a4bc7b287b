//! The textbook statistics behind the traffic indicators, each under its usual name.
//!
//! Nothing here knows of mail. Daily counts are in [`counts`], shares and rates in [`rates`].

pub mod counts;
pub mod rates;

pub use counts::{Predictive, anscombe, cusum};
pub use rates::{beta_binomial_upper_tail, expected_distinct, odds, wilson};

/// The middle of a set of counts, the mean of the two middle ones where their number is even; 0 for none.
pub fn median(counts: &[u64]) -> f64 {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (None, _) => 0.0,
        (Some(&m), 1) => m as f64,
        (Some(&m), _) => {
            let below = sorted.get(middle.wrapping_sub(1)).copied().unwrap_or(m);
            f64::midpoint(below as f64, m as f64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(&[9, 1, 4, 2]), 3.0);
        assert_eq!(median(&[7, 1, 100]), 7.0);
        assert_eq!(median(&[]), 0.0);
    }
}
