//! Shares: how sure one may be of a rate, whether it rose, and how many new names a sample brings by itself.

use statrs::function::gamma::ln_gamma;

/// Wilson's score interval for a share, at `z` standard deviations (Wilson 1927, *JASA* 22). 1.96 gives 95 %.
/// Without trials: the whole of 0 to 1.
pub fn wilson(successes: u64, trials: u64, z: f64) -> (f64, f64) {
    if trials == 0 {
        return (0.0, 1.0);
    }
    let n = trials as f64;
    let share = successes.min(trials) as f64 / n;
    let z2 = z * z;
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// Odds of a share, kept finite.
pub fn odds(share: f64) -> f64 {
    let share = share.clamp(0.0, 1.0 - 1e-9);
    share / (1.0 - share)
}

/// P(X ≥ k) of `n` trials when the rate itself is only known as Beta(α, β): the posterior predictive of a
/// binomial (Gelman et al., *Bayesian Data Analysis*, 3rd ed., section 2.4). With α = k₀ + ½ and
/// β = n₀ − k₀ + ½ it compares a rate with a baseline of k₀ in n₀ and allows for the baseline's own uncertainty.
pub fn beta_binomial_upper_tail(k: u64, n: u64, alpha: f64, beta: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if k > n {
        return 0.0;
    }
    let mean = n as f64 * alpha / (alpha + beta);
    // Terms are added from k outwards, away from the bulk, where they only get smaller.
    if (k as f64) > mean {
        let mut term = probability(k, n, alpha, beta);
        let mut sum = term;
        for j in k..n {
            let (j, n) = (j as f64, n as f64);
            term *= (n - j) / (j + 1.0) * (j + alpha) / (n - j - 1.0 + beta);
            sum += term;
            if term < sum * 1e-15 {
                break;
            }
        }
        sum.min(1.0)
    } else {
        let mut term = probability(k - 1, n, alpha, beta);
        let mut sum = term;
        for j in (1..k).rev() {
            let (j, n) = (j as f64, n as f64);
            term *= j / (n - j + 1.0) * (n - j + beta) / (j - 1.0 + alpha);
            sum += term;
            if term < sum * 1e-15 {
                break;
            }
        }
        (1.0 - sum).max(0.0)
    }
}

fn probability(k: u64, n: u64, alpha: f64, beta: f64) -> f64 {
    let (x, y) = (k as f64, (n - k) as f64);
    let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    (ln_choose(n, k) + ln_beta(x + alpha, y + beta) - ln_beta(alpha, beta)).exp()
}

fn ln_choose(n: u64, k: u64) -> f64 {
    let (n, k) = (n as f64, k as f64);
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
}

/// Rarefaction: how many distinct names a random sample of `n` out of a collection shows on average, without
/// replacement: Σ [1 − C(N − Nᵢ, n) / C(N, n)] (Hurlbert 1971, *Ecology* 52). `multiplicities` lists how often a
/// name occurs and how many names occur that often.
pub fn expected_distinct(multiplicities: &[(u64, u64)], n: u64) -> f64 {
    let total: u64 = multiplicities.iter().map(|(times, names)| times * names).sum();
    let n = n.min(total);
    multiplicities
        .iter()
        .map(|&(times, names)| {
            let rest = total - times.min(total);
            let unseen = if rest < n {
                0.0
            } else {
                (ln_choose(rest, n) - ln_choose(total, n)).exp()
            };
            names as f64 * (1.0 - unseen)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_gives_the_published_intervals() {
        // Newcombe 1998, Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29.
        for (k, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (l, h) = wilson(k, n, 1.959_964);
            assert!((l - low).abs() < 6e-5 && (h - high).abs() < 6e-5, "{k}/{n}: {l} {h}");
        }
    }

    #[test]
    fn with_a_flat_prior_every_number_of_successes_is_equally_likely() {
        for (k, n) in [(0, 10), (1, 10), (3, 10), (8, 10), (10, 10), (900, 1000)] {
            let expected = (n - k + 1) as f64 / (n + 1) as f64;
            let tail = beta_binomial_upper_tail(k, n, 1.0, 1.0);
            assert!((tail - expected).abs() < 1e-9, "{k} of {n}: {tail}");
        }
    }

    #[test]
    fn the_beta_binomial_tail_agrees_with_polyas_urn() {
        // Drawing from an urn of 2 red and 3 white, one more of the drawn colour put back each time: reds in 3 draws.
        // P(3) = 2·3·4/(5·6·7), P(2) = 3·(2·3·3)/(5·6·7).
        let (three, two) = (24.0 / 210.0, 54.0 / 210.0);
        assert!((beta_binomial_upper_tail(3, 3, 2.0, 3.0) - three).abs() < 1e-12);
        assert!((beta_binomial_upper_tail(2, 3, 2.0, 3.0) - three - two).abs() < 1e-12);
    }

    #[test]
    fn rarefaction_agrees_with_every_possible_draw() {
        // Letters a a b c: of the six pairs one is (a, a), the others show two letters.
        let letters = [(2, 1), (1, 2)];
        assert!((expected_distinct(&letters, 2) - 11.0 / 6.0).abs() < 1e-12);
        assert!((expected_distinct(&letters, 4) - 3.0).abs() < 1e-12);
        assert!((expected_distinct(&letters, 9) - 3.0).abs() < 1e-12);
        assert_eq!(expected_distinct(&[], 3), 0.0);
    }

    #[test]
    fn odds_of_a_certainty_stay_finite() {
        assert!(odds(1.0).is_finite());
        assert!((odds(0.75) - 3.0).abs() < 1e-12);
    }
}
