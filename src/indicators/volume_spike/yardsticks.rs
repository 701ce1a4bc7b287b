//! For a connector without a past: figures that would be much for anyone.

use super::round;
use crate::indicators::mail::day_text;
use crate::indicators::traffic::{Strength, View, percent};
use crate::indicators::{Finding, Indicator};
use crate::records::Time;
use crate::timeline::Action;

/// External recipients in 24 hours that Exchange Online allows a tenant: 500 × licences^0.7 + 9500.
pub fn external_recipient_limit(licenses: u64) -> f64 {
    500.0 * (licenses as f64).powf(0.7) + 9500.0
}

/// Judges by hour, by share of the tenant, by share of its limit and by the time to the first burst.
pub fn assess(indicator: &dyn Indicator, view: &View) -> Finding {
    let (mail, limits) = (view.case.mail, view.case.thresholds());
    let inside = |hour: &i64| {
        let start = hour.saturating_mul(Time::HOUR);
        start.saturating_add(Time::HOUR) > view.period.since.0 && start <= view.period.to.0
    };
    let hours = || view.mail.hours.iter().filter(|(hour, _)| inside(hour));
    let peak = hours().map(|h| h.1).max().unwrap_or(0);
    let burst = hours()
        .find(|h| h.1 >= limits.burst)
        .map(|h| Time(h.0.saturating_mul(Time::HOUR)));
    let days = mail.test_days(view.index);
    let of = |i: &usize| view.mail.days[*i];
    let sent: u64 = days.iter().map(|i| of(i).outbound).sum();
    let tenant: u64 = days.iter().filter_map(|i| mail.days.get(*i)).map(|d| d.outbound).sum();
    let share = if tenant == 0 { 0.0 } else { sent as f64 / tenant as f64 };
    let recipients = days.iter().map(|i| of(i).outbound_recipients).max().unwrap_or(0);
    let part = view
        .case
        .organization
        .licenses
        .map(|l| recipients as f64 / external_recipient_limit(l));
    let soon = match (burst, view.period.born) {
        (Some(burst), Some(born)) => burst.0.saturating_sub(born.0) <= limits.burst_soon,
        _ => false,
    };
    let second = soon || share >= limits.tenant_share_notable || part.is_some_and(|p| p >= limits.limit_part_notable);
    let meant = view
        .connector
        .events
        .iter()
        .any(|e| e.action == Action::Created && e.intended == Some(true));
    let strength = match burst {
        // What somebody was meant to create is expected to carry mail, all of a sudden.
        Some(_) if meant => Some(Strength::Weak),
        Some(_) if second => Some(Strength::Strong),
        Some(_) => Some(Strength::Weak),
        None if sent >= limits.burst && share >= limits.tenant_share_large => Some(Strength::Weak),
        None => part.filter(|p| *p >= limits.limit_part_large).map(|_| Strength::Weak),
    };
    let figures = format!(
        "Without a past to compare with: {sent} outbound messages, {peak} in the busiest hour, {} of the tenant's outbound mail in that time{}",
        percent(share),
        part.map_or(String::new(), |p| format!(
            ", {} of its daily limit of external recipients",
            percent(p)
        )),
    );
    if view.period.born.is_none() {
        // It had a past, only the trace does not reach it: what is much for a newcomer may be its daily business.
        return view.unable(
            indicator,
            format!("{figures}; what was usual before is not in the trace."),
            "A message trace that reaches at least four weeks back before the first doubtful event",
        );
    }
    let finding = match strength {
        Some(strength) => {
            let when = burst.map_or(String::new(), |b| {
                format!("; the first hour of {} or more began at {b}", limits.burst)
            });
            let rows = view.test().filter(|s| s.outbound());
            view.shown(indicator, strength, format!("{figures}{when}."), rows)
        }
        None if sent >= limits.burst && share >= limits.tenant_share_notable => {
            return view.unable(
                indicator,
                format!("{figures}; for a new connector that is neither little nor much."),
                "what the connector was made for: how much mail was to be expected of it",
            );
        }
        None => view.not_shown(indicator, 0.5, format!("{figures}: not much for anyone.")),
    };
    let finding = finding
        .fact("outbound_messages", sent)
        .fact("busiest_hour", peak)
        .fact("share_of_tenant", round(share))
        .fact("busiest_day_recipients", recipients);
    let finding = match part {
        Some(part) => finding.fact("share_of_recipient_limit", round(part)),
        None => finding,
    };
    match (burst, view.period.born) {
        (Some(burst), Some(born)) => finding
            .fact(
                "hours_to_first_burst",
                (burst.0.saturating_sub(born.0)).max(0) / Time::HOUR,
            )
            .fact("created_on", day_text(mail.calendar.day(born))),
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::external_recipient_limit;

    #[test]
    fn the_limit_is_the_published_one() {
        // Published: 25 licences 14 259, 100 licences 22 059, 1 000 licences 72 446, 10 000 licences 324 979.
        for (licenses, limit) in [(25, 14_259.0), (100, 22_059.0), (1_000, 72_446.0), (10_000, 324_979.0)] {
            assert!((external_recipient_limit(licenses) - limit).abs() < 1.0, "{licenses}");
        }
    }
}
