use statrs::distribution::{DiscreteCDF, NegativeBinomial};

use super::*;
use crate::indicators::State;
use crate::indicators::mail::fixture::{LETTER, Letter, World, address_change, at, event};
use crate::settings::tuning::Thresholds;
use crate::timeline::Action;

/// SplitMix64 (Steele, Lea and Flood 2014): small, seeded, and good enough to draw quantiles with.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A negative binomial law as a table of its distribution function, to draw from quickly.
struct Law(Vec<f64>);

impl Law {
    fn new(mean: f64, k: f64) -> Self {
        let law = NegativeBinomial::new(k, k / (k + mean)).unwrap();
        let top = (mean * 12.0) as u64 + 30;
        Law((0..=top).map(|x| law.cdf(x)).collect())
    }

    fn draw(&self, dice: &mut Dice) -> u64 {
        let u = dice.uniform();
        self.0.partition_point(|&p| p < u) as u64
    }
}

/// `n` days from a Monday on, weekends at a tenth.
fn quiet(mean: f64, k: f64, n: usize) -> impl FnMut(&mut Dice) -> Vec<(DayClass, u64)> {
    let (week, weekend) = (Law::new(mean, k), Law::new(mean / 10.0, k));
    move |dice| {
        let day = |i: usize| match i % 7 {
            5 | 6 => (DayClass::WeekendOrHoliday, weekend.draw(dice)),
            _ => (DayClass::Weekday, week.draw(dice)),
        };
        (0..n).map(day).collect()
    }
}

fn alarm(past: &[(DayClass, u64)], test: &[(DayClass, u64)]) -> Shown {
    let history = History::from_days(&Thresholds::default(), past.iter().copied());
    let days: Vec<Day> = test
        .iter()
        .enumerate()
        .map(|(i, &(class, count))| (i, class, count))
        .collect();
    judge(&history, &days, 2 * days.len())
}

#[test]
fn quiet_connectors_raise_hardly_any_false_alarm() {
    for (mean, k, seed) in [(0.3, 2.0, 1), (5.0, 2.0, 2), (60.0, 5.0, 3), (600.0, 5.0, 4)] {
        let (mut dice, mut series) = (Dice(seed), quiet(mean, k, 42));
        let runs = 1_000;
        let alarms = (0..runs)
            .filter(|_| {
                let days = series(&mut dice);
                let shown = alarm(&days[..28], &days[28..]);
                !shown.flags.is_empty() || shown.ramp.is_some()
            })
            .count();
        assert!(
            alarms * 50 <= runs,
            "mean {mean}: {alarms} of {runs} quiet runs raised an alarm"
        );
    }
}

#[test]
fn a_weekday_at_five_times_the_usual_is_found() {
    for (mean, k, seed) in [(5.0, 2.0, 5), (60.0, 5.0, 6), (600.0, 5.0, 7)] {
        let (mut dice, mut series) = (Dice(seed), quiet(mean, k, 42));
        let runs = 500;
        let found = (0..runs)
            .filter(|_| {
                let mut days = series(&mut dice);
                days[30].1 += (5.0 * mean).max(200.0) as u64;
                !alarm(&days[..28], &days[28..]).flags.is_empty()
            })
            .count();
        assert!(found * 10 >= runs * 8, "mean {mean}: {found} of {runs} bursts found");
    }
}

#[test]
fn a_ramp_too_slow_for_any_day_is_found_by_its_sum() {
    // Seventy days of 5 to 35: a day of three times the mean has been seen or nearly so.
    let past: Vec<_> = (0..70).map(|i| (DayClass::Weekday, 5 + (i * 13) % 31)).collect();
    let level = (0..14).map(|_| (DayClass::Weekday, 20)).collect::<Vec<_>>();
    let slow: Vec<_> = (0..30).map(|i| (DayClass::Weekday, 20 + 3 * i.min(9))).collect();
    let shown = alarm(&past, &slow);
    assert_eq!(shown.flags, []);
    assert!(shown.ramp.is_some_and(|(from, to)| from < to));
    assert_eq!(alarm(&past, &level).ramp, None, "what it always did is no ramp");
}

#[test]
fn a_quiet_connector_is_cleared() {
    let mut world = World::new();
    world.routine(0, 60, 80, LETTER);
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::Contradicted, "{}", finding.summary);
    assert!(finding.points < 0.0);
}

#[test]
fn a_burst_of_weekday_size_on_a_saturday_is_strong() {
    let mut world = World::new();
    world.routine(0, 82, 80, LETTER);
    // Day 75 is a Saturday: 2026-05-16. Fifteen times its usual ten or so.
    world.day(75, 400, LETTER);
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::Supported, "{}", finding.summary);
    assert_eq!(finding.points, 1.5);
    assert_eq!(finding.facts["peak_day"], "2026-05-16");
    assert!(finding.cite_count >= 400 && finding.cites.len() == 20);
}

#[test]
fn few_past_weekends_make_it_weak() {
    let mut world = World::new();
    world.routine(0, 30, 80, LETTER);
    world.day(26, 400, LETTER);
    let finding = world.ask(&VolumeSpike);
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 0.7),
        "{}",
        finding.summary
    );
}

#[test]
fn an_attack_without_any_event_does_not_teach_its_own_yardstick() {
    let mut world = World::new();
    world.routine(0, 60, 80, LETTER);
    // Well before half of the traced time.
    world.day(22, 900, LETTER);
    world.day(23, 900, LETTER);
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::Supported, "{}", finding.summary);
    assert_eq!(finding.facts["days"][0], "2026-03-24");
}

#[test]
fn a_weekly_newsletter_is_part_of_the_past() {
    let mut world = World::new();
    world.routine(0, 60, 40, LETTER);
    for week in 0..8 {
        world.day(week * 7 + 2, 1_500 + week.cast_unsigned() * 10, LETTER);
    }
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::Contradicted, "{}", finding.summary);
}

#[test]
fn a_ramp_after_the_change_is_measured_with_the_past_before_it() {
    let mut world = World::new();
    world.routine(0, 70, 80, LETTER);
    world.timeline.connectors[0]
        .events
        .push(address_change(at(40, 10), "81.2.69.160;185.220.101.5", false));
    for day in 40..70 {
        let more = 1.12_f64.powi((day - 40) as i32) * 8.0;
        world.day(
            day,
            more as u64,
            Letter {
                source: "185.220.101.5",
                ..LETTER
            },
        );
    }
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::Supported, "{}", finding.summary);
    assert_eq!(finding.window.unwrap().0, at(40, 10));
}

#[test]
fn a_new_connector_is_held_against_absolute_yardsticks() {
    let mut world = World::new();
    world.routine(0, 40, 80, LETTER);
    let mut new = crate::indicators::mail::fixture::connector("Relay", "185.220.101.5");
    new.states[0].from = Some(at(30, 9));
    let mut created = event(at(30, 9), Action::Created, "New-InboundConnector");
    created.intended = Some(false);
    new.events.push(created);
    world.timeline.connectors.push(new);
    for i in 0..600 {
        let time = crate::records::Time(at(30, 14).0 + i * 10_000_000);
        world.send(
            time,
            Letter {
                connector: "Relay",
                source: "185.220.101.5",
                ..LETTER
            },
        );
    }
    let finding = world.ask_of(1, &VolumeSpike);
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 1.5),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["busiest_hour"], 360);
    assert_eq!(finding.facts["hours_to_first_burst"], 5);
}

#[test]
fn without_a_trace_nothing_is_said() {
    let finding = World::new().ask(&VolumeSpike);
    assert_eq!(finding.state, State::NotAssessable);
    assert!(finding.needs[0].contains("Start-HistoricalSearch"));
}

#[test]
fn without_accepted_domains_nothing_is_outbound() {
    let mut world = World::new();
    world.organization.accepted_domains.clear();
    world.routine(0, 60, 80, LETTER);
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::NotAssessable);
    assert!(finding.needs[0].contains("Get-AcceptedDomain"));
}

#[test]
fn a_trace_that_ends_before_the_change_cannot_clear() {
    let mut world = World::new();
    world.routine(0, 40, 80, LETTER);
    world.timeline.connectors[0]
        .events
        .push(address_change(at(50, 10), "185.220.101.5", false));
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::NotAssessable, "{}", finding.summary);
    assert!(finding.needs[0].contains("2026-04-21"), "{:?}", finding.needs);
}

#[test]
fn more_recipients_a_message_count_too() {
    let mut world = World::new();
    world.routine(0, 60, 60, LETTER);
    for message in 0..40_u64 {
        for recipient in 0..50 {
            let fact = world.send(
                at(51, 9),
                Letter {
                    recipient: 5_000 + recipient,
                    ..LETTER
                },
            );
            fact.message = 1_000_000 + message;
        }
    }
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::Supported, "{}", finding.summary);
    assert_eq!(finding.facts["unit"], "recipients");
}

#[test]
fn the_days_before_an_alert_do_not_teach_what_is_usual() {
    let mut world = World::new();
    world.routine(0, 50, 80, LETTER);
    for day in 41..44 {
        world.day(day, 900, LETTER);
    }
    world.timeline.connectors[0]
        .events
        .push(event(at(44, 0), Action::Alerted, "AlertTriggered"));
    let finding = world.ask(&VolumeSpike);
    assert_eq!(
        (finding.state, finding.points),
        (State::Supported, 1.5),
        "{}",
        finding.summary
    );
    assert_eq!(finding.facts["days"].as_array().unwrap().len(), 3);
}

#[test]
fn a_trace_that_begins_with_the_doubt_cannot_clear_an_old_connector() {
    let mut world = World::new();
    world.routine(0, 30, 80, LETTER);
    world.timeline.connectors[0]
        .events
        .push(address_change(at(1, 10), "81.2.69.160", false));
    let finding = world.ask(&VolumeSpike);
    assert_eq!(finding.state, State::NotAssessable, "{}", finding.summary);
}
