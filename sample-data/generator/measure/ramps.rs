//! How long a slow ramp goes on before it is told: exports made on the evening of each day after the change.

use std::io;

use relaytrail::report::model::{State, Verdict};

use super::{Observation, Part, observe};
use crate::simulate::range::RAMP;
use crate::simulate::range::plan::{self, Missing, Plan};

/// One ramp.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Whether the audit log was among the evidence; without it only the mail tells.
    pub with_log: bool,
    /// Days after the change until the connector is suspicious, likely compromised, and its volume alone stands out;
    /// none where it never was.
    pub suspicious: Option<i64>,
    pub likely: Option<i64>,
    pub volume: Option<i64>,
}

/// Follows so many ramps, of tenants with at least four weeks of history; half of them with everything at hand, half
/// without the audit log, so that only mail tells.
///
/// # Errors
/// When a tenant cannot be written or analyzed.
pub fn follow(count: usize, seed: u64) -> io::Result<Vec<Followed>> {
    let kinds = crate::simulate::range::KINDS.len();
    let ramps = plan::plans(count * kinds * 3, seed ^ 0x5241_4d50, plan::MOST)
        .into_iter()
        .filter(|p| p.kind.name == "slow_ramp" && p.history >= 28 && p.size <= 500)
        .take(count);
    let plans: Vec<(usize, Plan)> = ramps
        .enumerate()
        .map(|(n, p)| {
            (
                n,
                Plan {
                    missing: if n % 2 == 0 {
                        Missing::Nothing
                    } else {
                        Missing::AuditLog
                    },
                    ..p
                },
            )
        })
        .collect();
    super::side_by_side(&plans, |(_, plan)| follow_one(*plan))
}

fn follow_one(plan: Plan) -> io::Result<Followed> {
    let at = |day: i64| observe(0, Plan { exported: day, ..plan });
    let is_guilty = |o: &Observation, worst: Verdict| {
        let guilty = o.connectors.iter().filter(|c| c.part == Part::Attacked);
        guilty.clone().count() > 0 && guilty.clone().all(|c| c.verdict.is_some_and(|v| v <= worst))
    };
    let jumps = |o: &Observation| {
        let mut guilty = o.connectors.iter().filter(|c| c.part == Part::Attacked);
        guilty.any(|c| c.state("volume_spike") == Some(State::Supported))
    };
    let days: Vec<Observation> = (1..RAMP).map(at).collect::<io::Result<_>>()?;
    let first = |test: &dyn Fn(&Observation) -> bool| days.iter().position(test).map(|n| n as i64 + 1);
    Ok(Followed {
        with_log: plan.missing == Missing::Nothing,
        suspicious: first(&|o| is_guilty(o, Verdict::Suspicious)),
        likely: first(&|o| is_guilty(o, Verdict::LikelyCompromised)),
        volume: first(&jumps),
    })
}
