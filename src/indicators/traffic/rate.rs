//! Whether a share rose beyond a connector's own past, over all the time judged or on some day of it.

use std::collections::BTreeMap;

use super::Strength;
use crate::indicators::statistics::{beta_binomial_upper_tail, odds, wilson};
use crate::settings::tuning::Thresholds;

/// 95 %.
const Z: f64 = 1.96;

/// Successes and trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    pub of: u64,
    pub all: u64,
}

impl Share {
    pub fn value(self) -> f64 {
        if self.all == 0 {
            0.0
        } else {
            self.of as f64 / self.all as f64
        }
    }

    pub fn add(&mut self, of: u64, all: u64) {
        self.of += of;
        self.all += all;
    }

    pub fn lower(self) -> f64 {
        wilson(self.of, self.all, Z).0
    }

    pub fn upper(self) -> f64 {
        wilson(self.of, self.all, Z).1
    }
}

/// How much higher than the past a share must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Factor {
    /// The lower bound of the share above this multiple of the past's upper bound.
    Ratio(f64),
    /// The same of the odds: still possible where most of the past has the sign.
    Odds(f64),
}

/// What counts as a rise.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Fewer cases than this are nothing.
    pub least: u64,
    /// The lower bound must lie above it.
    pub floor: f64,
    pub factor: Factor,
}

/// A share beyond its past.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// `None`: over all the time judged.
    pub day: Option<i32>,
    pub share: Share,
    /// Probability under the past, corrected for the number of tests; 1 without a past.
    pub p: f64,
    pub strength: Strength,
}

/// Looks for a rise over the whole and on each day. `past` is `None` where there is nothing to compare with: then
/// only the floor decides, and weakly.
pub fn rise(days: &BTreeMap<i32, Share>, past: Option<Share>, rule: Rule, limits: &Thresholds) -> Option<Rise> {
    let mut whole = Share::default();
    for share in days.values() {
        whole.add(share.of, share.all);
    }
    let single = days
        .iter()
        .filter(|_| days.len() > 1)
        .map(|(day, share)| (Some(*day), *share));
    let units: Vec<(Option<i32>, Share)> = std::iter::once((None, whole)).chain(single).collect();
    let tests = units.len() as f64;
    let rises = units.into_iter().filter_map(|(day, share)| {
        if share.of < rule.least || share.lower() <= rule.floor {
            return None;
        }
        let Some(past) = past else {
            return Some(Rise {
                day,
                share,
                p: 1.0,
                strength: Strength::Weak,
            });
        };
        let beyond = match rule.factor {
            Factor::Ratio(times) => share.lower() > times * past.upper().min(1.0),
            Factor::Odds(times) => odds(share.lower()) > times * odds(past.upper()),
        };
        let (alpha, beta) = (past.of as f64 + 0.5, (past.all - past.of.min(past.all)) as f64 + 0.5);
        let p = (beta_binomial_upper_tail(share.of, share.all, alpha, beta) * tests).min(1.0);
        let strong = p < limits.very_improbable && share.of >= limits.strong_least && past.all >= limits.past_full;
        let strength = if strong { Strength::Strong } else { Strength::Weak };
        (beyond && p < limits.improbable).then_some(Rise {
            day,
            share,
            p,
            strength,
        })
    });
    // The strongest, then the one over the whole time, then the least probable.
    rises.min_by(|a, b| {
        let key = |r: &Rise| (std::cmp::Reverse(r.strength), r.day.is_some());
        key(a).cmp(&key(b)).then(a.p.total_cmp(&b.p)).then(a.day.cmp(&b.day))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        least: 5,
        floor: 0.05,
        factor: Factor::Odds(3.0),
    };

    fn days(shares: &[(u64, u64)]) -> BTreeMap<i32, Share> {
        let shares = shares.iter().map(|&(of, all)| Share { of, all });
        (0..).zip(shares).collect()
    }

    fn rising(days: &BTreeMap<i32, Share>, past: Option<Share>, rule: Rule) -> Option<Rise> {
        rise(days, past, rule, &Thresholds::default())
    }

    #[test]
    fn one_bad_day_shows_in_a_long_quiet_time() {
        let mut shares = vec![(0, 1_000); 30];
        shares[12] = (300, 1_300);
        let found = rising(&days(&shares), Some(Share { of: 0, all: 10_000 }), RULE).unwrap();
        assert_eq!((found.day, found.strength), (Some(12), Strength::Strong));
    }

    #[test]
    fn what_was_always_so_is_no_rise() {
        let past = Some(Share { of: 300, all: 1_000 });
        assert_eq!(rising(&days(&[(30, 100), (35, 100), (28, 100)]), past, RULE), None);
    }

    #[test]
    fn without_a_past_only_the_floor_decides_and_weakly() {
        let found = rising(&days(&[(90, 100)]), None, RULE).unwrap();
        assert_eq!(found.strength, Strength::Weak);
        assert_eq!(rising(&days(&[(5, 100)]), None, RULE), None);
    }

    #[test]
    fn a_short_past_gives_a_weak_answer() {
        let found = rising(&days(&[(200, 200)]), Some(Share { of: 0, all: 20 }), RULE).unwrap();
        assert_eq!(found.strength, Strength::Weak);
    }
}
