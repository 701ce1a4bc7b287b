//! Daily counts: what the next day may bring, and whether many small rises add up.

use statrs::distribution::{DiscreteCDF, NegativeBinomial};

/// Share of the days that is pulled in at either end, so that one odd day does not set the mean.
const WINSORISED: f64 = 0.1;

/// The predictive distribution of the next day's count, given days of the same class: a Poisson count whose rate
/// is itself uncertain and uneven (gamma), which makes a negative binomial.
///
/// The mean is Winsorised at 10 % on either side (Dixon 1960); the variance is that of the Winsorised days over the
/// squared share of days left alone (Tukey and McLaughlin 1963), as variance-to-mean ratio φ, at least `least_dispersion`, and widened by (1 + 2/n) because mean and ratio are
/// themselves estimates. Sources: Gelman et al., *Bayesian Data Analysis*, 3rd ed., section 2.6 (Gamma-Poisson);
/// Ver Hoef and Boveng 2007, *Ecology* 88, for the quasi-Poisson form var = φ·mean.
#[derive(Debug, Clone, Copy)]
pub struct Predictive {
    distribution: NegativeBinomial,
    mean: f64,
    dispersion: f64,
    days: usize,
}

impl Predictive {
    /// From the counts of past days of one class; `None` without any.
    pub fn from_history(history: &[u64], least_dispersion: f64) -> Option<Self> {
        if history.is_empty() {
            return None;
        }
        let n = history.len() as f64;
        let days = winsorise(history);
        let raw_mean = days.iter().sum::<f64>() / n;
        // Half a message over the whole history stands for "none seen yet" (Jeffreys' prior for a Poisson rate).
        let mean = raw_mean.max(0.5 / n);
        let variance = if days.len() > 1 {
            let kept = 1.0 - 2.0 * cut(days.len()) as f64 / n;
            days.iter().map(|d| (d - raw_mean).powi(2)).sum::<f64>() / (n - 1.0) / (kept * kept)
        } else {
            0.0
        };
        let dispersion = (variance / mean).max(least_dispersion) * (1.0 + 2.0 / n);
        let distribution = NegativeBinomial::new(mean / (dispersion - 1.0), 1.0 / dispersion).ok()?;
        Some(Predictive {
            distribution,
            mean,
            dispersion,
            days: history.len(),
        })
    }

    /// P(X ≥ x).
    pub fn upper_tail(&self, x: u64) -> f64 {
        match x.checked_sub(1) {
            None => 1.0,
            Some(below) => self.distribution.sf(below).clamp(0.0, 1.0),
        }
    }

    /// P(X ≤ x).
    pub fn lower_tail(&self, x: u64) -> f64 {
        self.distribution.cdf(x).clamp(0.0, 1.0)
    }

    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Variance-to-mean ratio φ.
    pub fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// How many days it was learnt from.
    pub fn days(&self) -> usize {
        self.days
    }
}

/// The counts with the lowest and the highest tenth replaced by the nearest that is left.
fn winsorise(counts: &[u64]) -> Vec<f64> {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let cut = cut(sorted.len());
    let low = sorted.get(cut).copied().unwrap_or(0);
    let high = sorted.iter().rev().nth(cut).copied().unwrap_or(u64::MAX);
    counts.iter().map(|&c| c.max(low).min(high) as f64).collect()
}

/// How many days are pulled in at either end.
fn cut(days: usize) -> usize {
    (days as f64 * WINSORISED).floor() as usize
}

/// Anscombe's variance-stabilising transform of a count against what was expected, in standard deviations:
/// 2(√(x + 3/8) − √(μ + 3/8)) / √φ (Anscombe 1948, *Biometrika* 35; φ for overdispersion), clipped at ±4 so
/// that one wild day does not decide alone.
pub fn anscombe(count: u64, expected: &Predictive) -> f64 {
    let root = |x: f64| 2.0 * (x + 0.375).sqrt();
    ((root(count as f64) - root(expected.mean())) / expected.dispersion().sqrt()).clamp(-4.0, 4.0)
}

/// Page's one-sided cumulative sum: S ← max(0, S + z − k), alarm when S > h (Page 1954, *Biometrika* 41).
/// Returns the first index of the run that raised the first alarm, and that of the run's highest sum.
pub fn cusum(z: &[f64], k: f64, h: f64) -> Option<(usize, usize)> {
    let (mut sum, mut start) = (0.0_f64, 0);
    let mut peak: Option<(usize, f64)> = None;
    for (i, value) in z.iter().enumerate() {
        sum += value - k;
        if sum > h && peak.is_none_or(|(_, highest)| sum > highest) {
            peak = Some((i, sum));
        }
        if sum <= 0.0 {
            if peak.is_some() {
                break;
            }
            sum = 0.0;
            start = i + 1;
        }
    }
    peak.map(|(end, _)| (start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(history: &[u64]) -> Option<Predictive> {
        Predictive::from_history(history, 1.3)
    }

    /// P(X ≥ x) by adding up the probabilities themselves, from the recurrence p(k+1)/p(k) = (k+r)/(k+1)·(1−p).
    fn naive_upper_tail(r: f64, p: f64, x: u64) -> f64 {
        let mut term = p.powf(r);
        let mut below = 0.0;
        for k in 0..x {
            below += term;
            term *= (k as f64 + r) / (k as f64 + 1.0) * (1.0 - p);
        }
        1.0 - below
    }

    #[test]
    fn the_tail_agrees_with_adding_up_every_term() {
        let history = [10, 12, 9, 14, 11, 30, 8, 13, 12, 10, 9, 11];
        let predictive = learnt(&history).unwrap();
        let r = predictive.mean() / (predictive.dispersion() - 1.0);
        for x in [0, 1, 5, 12, 20, 30] {
            let naive = naive_upper_tail(r, 1.0 / predictive.dispersion(), x);
            assert!((predictive.upper_tail(x) - naive).abs() < 1e-9, "{x}");
            let at_most = 1.0 - naive_upper_tail(r, 1.0 / predictive.dispersion(), x + 1);
            assert!((predictive.lower_tail(x) - at_most).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn one_odd_day_hardly_moves_the_mean() {
        // Ten days: one from either end is pulled in, so 900 counts as 11 and 8 as 9.
        let mean = learnt(&[10, 11, 9, 10, 10, 11, 9, 10, 8, 900]).unwrap().mean();
        assert!((mean - 10.0).abs() < 1e-12);
    }

    #[test]
    fn even_days_still_get_the_least_dispersion_widened_for_few_days() {
        let predictive = learnt(&[100; 20]).unwrap();
        assert!((predictive.dispersion() - 1.3 * 1.1).abs() < 1e-12);
    }

    #[test]
    fn without_a_day_there_is_nothing_to_predict() {
        assert!(learnt(&[]).is_none());
    }

    #[test]
    fn far_tails_stay_probabilities() {
        let predictive = learnt(&[600, 650, 580, 700, 610, 90, 1200, 640]).unwrap();
        let mut last = 1.0;
        for x in [1, 600, 3_000, 30_000, 3_000_000, u64::MAX] {
            let p = predictive.upper_tail(x);
            assert!((0.0..=last).contains(&p), "{x}: {p}");
            last = p;
        }
    }

    #[test]
    fn a_day_as_expected_is_no_deviation_and_a_wild_one_counts_four() {
        let predictive = learnt(&[40; 30]).unwrap();
        assert_eq!(anscombe(40, &predictive), 0.0);
        assert_eq!(anscombe(100_000, &predictive), 4.0);
    }

    #[test]
    fn the_sum_starts_afresh_when_it_falls_to_nothing() {
        // Sums with k = 0.5: 0.5, 0, 1.5, 3.0, 4.5 -> above 4 at index 4, in a run that began at index 2.
        assert_eq!(cusum(&[1.0, -3.0, 2.0, 2.0, 2.0], 0.5, 4.0), Some((2, 4)));
        assert_eq!(cusum(&[1.0, -3.0, 2.0, 2.0, 2.0], 0.5, 4.5), None);
        // It goes on to its highest sum, 6.0 at index 3, and ends where it falls to nothing.
        assert_eq!(cusum(&[2.0, 2.0, 2.0, 2.0, 0.0, -9.0, 9.0], 0.5, 4.0), Some((0, 3)));
    }
}
