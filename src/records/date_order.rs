//! How the dates of one file are read: which part is the month, and in which time zone they were written. Settled for a file
//! as a whole, by evidence.

use chrono::{DateTime, Duration, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::Time;
use super::date::{self, DateOrder};
use super::date_culture::{Form, form};
use super::date_excel::unread;
use super::date_tally::DateTally;
use crate::evidence::Reason;

/// What the analyst says of dates that no file settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dating {
    /// `--date-order`.
    pub order: Option<DateOrder>,
    /// `--time-zone`: of the exports that print an administrator's own time.
    pub zone: Option<Tz>,
}

/// The time zone of dates that name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// The export is documented to print UTC.
    #[default]
    Utc,
    /// Local times, and nothing says of where: read as UTC.
    Unsaid,
    /// Seconds east of UTC, as the export's header says.
    Offset(i64),
    /// As the analyst says.
    Named(Tz),
}

/// How a file's dates are read, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    pub order: DateOrder,
    /// One clause for the report; `None` where no date of the sample is ambiguous in form.
    pub note: Option<String>,
    /// The columns of a table that hold dates; the first is the time of the row.
    pub columns: Vec<usize>,
    zone: Zone,
    /// What the analyst says.
    given: Option<DateOrder>,
    /// Sample rows whose unambiguous time elsewhere shows the order: day first, month first.
    shown: [u64; 2],
}

/// What the dates of a whole file come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    pub order: DateOrder,
    pub note: Option<String>,
    /// Rows whose date nothing in the file settles.
    pub open: u64,
    /// What the analyst should be told at once.
    pub warning: Option<String>,
}

impl Settled {
    /// Settles the order from sample dates, each with the unambiguous time of its row where there is one.
    /// Rows that can be read in one order only are read in that one anyway (see [`date::parse`]).
    pub(super) fn new<'s>(
        dating: Dating,
        columns: Vec<usize>,
        zone: Zone,
        dates: impl IntoIterator<Item = (&'s str, Option<Time>)>,
    ) -> Self {
        let mut tally = DateTally::default();
        let mut shown = [0; 2];
        for (text, known) in dates {
            tally.row([text.as_bytes()].into_iter());
            match order_shown(text.as_bytes(), known) {
                Some(DateOrder::DayFirst) => shown[0] += 1,
                Some(_) => shown[1] += 1,
                None => {}
            }
        }
        let mut settled = Settled {
            order: DateOrder::MonthFirst,
            note: None,
            columns,
            zone: match (zone, dating.zone) {
                (Zone::Unsaid, Some(named)) => Zone::Named(named),
                (zone, _) => zone,
            },
            given: dating.order,
            shown,
        };
        let conclusion = settled.conclude(&tally, " of the sample");
        (settled.order, settled.note) = (conclusion.order, conclusion.note);
        settled
    }

    /// Reads a date of the file.
    ///
    /// # Errors
    /// Why it gives no time.
    pub fn parse(&self, text: &[u8]) -> Result<Time, Reason> {
        let written = date::read(text, self.order).ok_or_else(|| unread(text))?;
        if written.zoned {
            return Ok(written.time);
        }
        Ok(self.zone.to_utc(written.time))
    }

    /// Whether the rows behind the sample may show that the dates are in another order.
    pub fn may_turn(&self) -> bool {
        let is_open = self.given.is_none_or(|given| given == DateOrder::YearFirst);
        !self.columns.is_empty() && self.note.is_some() && is_open
    }

    /// Settles the order by all rows of the file.
    pub fn of_whole_file(&self, tally: &DateTally) -> Conclusion {
        self.conclude(tally, "")
    }

    /// `of`: what the rows are of, for the words.
    fn conclude(&self, tally: &DateTally, of: &str) -> Conclusion {
        let (day, month) = (tally.day_first + self.shown[0], tally.month_first + self.shown[1]);
        let order = if day > month {
            DateOrder::DayFirst
        } else {
            DateOrder::MonthFirst
        };
        let (settling, against) = (day.max(month), day.min(month));
        let mut conclusion = Conclusion {
            order,
            note: None,
            open: 0,
            warning: None,
        };
        // A year of four digits shows where it stands, and leaves open which of the others is the month.
        let given = self.given.filter(|g| *g != DateOrder::YearFirst || tally.short);
        let vain = self.given.is_some() && given.is_none() && settling + tally.open > 0;
        let vain = vain.then(|| "--date-order ymd does not apply to years of four digits".to_owned());
        let clause = match (given, settling, tally.open) {
            (None, 0, 0) => None,
            (Some(given), 0, 0) if given != DateOrder::YearFirst => None,
            (Some(given), ..) => {
                conclusion.order = given;
                let contrary = match given {
                    DateOrder::DayFirst => month,
                    DateOrder::MonthFirst => day,
                    DateOrder::YearFirst => 0,
                };
                let but = match contrary {
                    0 => String::new(),
                    n => format!(", though {} can be read in the other order only", rows(n, of)),
                };
                Some(format!("{} dates, as --date-order says{but}", name(given)))
            }
            (None, 0, open) => match tally.order_of_rows() {
                Some(order) => {
                    conclusion.order = order;
                    Some(format!("{} dates, settled by the order of the rows", name(order)))
                }
                None => {
                    conclusion.open = open;
                    let assumed = format!(
                        "{} dates assumed, settled by no row{of}: --date-order dmy or --date-order mdy decides",
                        name(order)
                    );
                    conclusion.warning = Some(assumed.clone());
                    Some(assumed)
                }
            },
            (None, n, _) if against > 0 => Some(format!("{} dates, by {} against {against}", name(order), rows(n, of))),
            (None, n, _) => Some(format!("{} dates, settled by {}", name(order), rows(n, of))),
        };
        let zone = self.zone.note();
        let lost = tally.spreadsheet.of_lost(of);
        let unsaid = zone.clone().filter(|_| self.zone == Zone::Unsaid);
        conclusion.warning = joined([conclusion.warning.take(), vain.clone(), unsaid, lost.clone()]);
        conclusion.note = joined([clause, vain, zone, tally.spreadsheet.of_serials(of), lost]);
        conclusion
    }
}

fn joined<const N: usize>(clauses: [Option<String>; N]) -> Option<String> {
    let clauses: Vec<String> = clauses.into_iter().flatten().collect();
    (!clauses.is_empty()).then(|| clauses.join("; "))
}

fn name(order: DateOrder) -> &'static str {
    match order {
        DateOrder::DayFirst => "day-first",
        DateOrder::MonthFirst => "month-first",
        DateOrder::YearFirst => "year-first",
    }
}

fn rows(n: u64, of: &str) -> String {
    format!("{n} {}{of}", if n == 1 { "row" } else { "rows" })
}

impl Zone {
    /// The instant of a local time that was read as if it were UTC. Of the hour that a clock shows twice the first is
    /// meant; in the hour that it leaves out, the clock is taken not to have been put forward yet.
    fn to_utc(self, local: Time) -> Time {
        match self {
            Zone::Utc | Zone::Unsaid => local,
            Zone::Offset(seconds) => Time(local.0 - seconds * 1_000_000),
            Zone::Named(zone) => {
                let Some(naive) = local.to_chrono().map(|t| t.naive_utc()) else {
                    return local;
                };
                let hour = Duration::hours(1);
                let found = earliest(zone, naive).or_else(|| Some(earliest(zone, naive - hour)? + hour));
                found.map_or(local, |t| Time(t.timestamp_micros()))
            }
        }
    }

    fn note(self) -> Option<String> {
        Some(match self {
            Zone::Utc => return None,
            Zone::Unsaid => {
                "local times read as UTC, for nothing says of which time zone they are: --time-zone decides".to_owned()
            }
            Zone::Offset(seconds) => {
                let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
                format!(
                    "local times at UTC{sign}{:02}:{:02}, as the header says",
                    minutes / 60,
                    minutes % 60
                )
            }
            Zone::Named(zone) => format!("local times of {}, as --time-zone says", zone.name()),
        })
    }
}

fn earliest(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    zone.from_local_datetime(&local)
        .earliest()
        .map(|t| t.with_timezone(&Utc))
}

/// The order that makes an ambiguous date the instant it is known to be.
fn order_shown(text: &[u8], known: Option<Time>) -> Option<DateOrder> {
    let known = known.filter(|_| form(text) == Form::Open)?;
    let same_second =
        |order| date::parse(text, order).is_some_and(|t| t.0.div_euclid(1_000_000) == known.0.div_euclid(1_000_000));
    match (same_second(DateOrder::DayFirst), same_second(DateOrder::MonthFirst)) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{Dating, Settled, Zone};
    use crate::records::Time;
    use crate::records::date::{DateOrder, parse};
    use crate::records::date_tally::DateTally;

    fn settled(dates: &[(&str, Option<Time>)]) -> Settled {
        Settled::new(Dating::default(), vec![0], Zone::Utc, dates.iter().copied())
    }

    fn tally(dates: &[&str]) -> DateTally {
        let mut tally = DateTally::default();
        dates.iter().for_each(|d| tally.row([d.as_bytes()].into_iter()));
        tally
    }

    #[test]
    fn the_time_of_the_row_settles_an_ambiguous_order() {
        let known = parse(b"2025-12-03T07:31:34", DateOrder::MonthFirst);
        let settled = settled(&[("3/12/2025 7:31:34 AM", known)]);
        assert_eq!(settled.order, DateOrder::DayFirst);
        assert_eq!(
            settled.note.as_deref(),
            Some("day-first dates, settled by 1 row of the sample")
        );
        let whole = settled.of_whole_file(&tally(&["3/12/2025 7:31:34 AM"; 9]));
        assert_eq!((whole.order, whole.open), (DateOrder::DayFirst, 0));
    }

    #[test]
    fn a_part_over_twelve_settles_the_order() {
        let settled = settled(&[("03/12/2025 00:31:38", None), ("25/12/2025 00:31:38", None)]);
        assert_eq!(settled.order, DateOrder::DayFirst);
    }

    #[test]
    fn a_row_far_behind_the_sample_settles_the_order() {
        let settled = settled(&[("03/12/2025 00:31:38", None)]);
        assert_eq!(settled.order, DateOrder::MonthFirst);
        let mut dates = vec!["03/12/2025 00:31:38"; 1000];
        dates.push("25/12/2025 00:31:38");
        let whole = settled.of_whole_file(&tally(&dates));
        assert_eq!(
            (whole.order, whole.open, whole.note.as_deref(), whole.warning),
            (DateOrder::DayFirst, 0, Some("day-first dates, settled by 1 row"), None)
        );
    }

    #[test]
    fn an_unsettled_order_is_said_to_be_assumed() {
        let settled = settled(&[("03/12/2025 00:31:38", None)]);
        assert_eq!(settled.order, DateOrder::MonthFirst);
        assert_eq!(
            settled.note.as_deref(),
            Some(
                "month-first dates assumed, settled by no row of the sample: --date-order dmy or --date-order mdy decides"
            )
        );
        let whole = settled.of_whole_file(&tally(&["03/12/2025 00:31:38"; 3]));
        assert_eq!((whole.open, whole.warning.is_some()), (3, true));
        assert_eq!(self::settled(&[("2025-12-03T00:31:38", None)]).note, None);
    }

    #[test]
    fn what_the_analyst_says_decides_and_what_speaks_against_it_is_told() {
        let dating = Dating {
            order: Some(DateOrder::DayFirst),
            zone: None,
        };
        let settled = Settled::new(dating, vec![0], Zone::Utc, [("03/12/2025 00:31:38", None)]);
        assert_eq!(
            settled.parse(b"03/12/2025 00:31:38").ok(),
            parse(b"2025-12-03T00:31:38", DateOrder::MonthFirst)
        );
        let whole = settled.of_whole_file(&tally(&["03/12/2025", "12/25/2025"]));
        assert_eq!((whole.order, whole.open, whole.warning), (DateOrder::DayFirst, 0, None));
        assert_eq!(
            whole.note.as_deref(),
            Some("day-first dates, as --date-order says, though 1 row can be read in the other order only")
        );
        let plain = Settled::new(dating, vec![0], Zone::Utc, [("2025-12-03T00:31:38Z", None)]);
        assert_eq!(plain.note, None, "nothing was to be decided");
    }

    #[test]
    fn year_first_says_nothing_of_years_of_four_digits() {
        let dating = Dating {
            order: Some(DateOrder::YearFirst),
            zone: None,
        };
        let vain = "--date-order ymd does not apply to years of four digits";
        let settled = Settled::new(dating, vec![0], Zone::Utc, [("03/12/2025", None)]);
        let whole = settled.of_whole_file(&tally(&["03/12/2025"; 3]));
        assert_eq!((whole.order, whole.open), (DateOrder::MonthFirst, 3));
        let warning = whole.warning.unwrap();
        assert!(
            warning.starts_with("month-first dates assumed") && warning.ends_with(vain),
            "{warning}"
        );
        // A row that settles the order settles it all the same.
        let whole = settled.of_whole_file(&tally(&["03/12/2025", "25/12/2025"]));
        assert_eq!((whole.order, whole.open), (DateOrder::DayFirst, 0));
        assert_eq!(
            whole.note.as_deref(),
            Some(&*format!("day-first dates, settled by 1 row; {vain}"))
        );
        assert!(settled.may_turn());
        let short = settled.of_whole_file(&tally(&["25/12/03"]));
        assert_eq!(
            (short.order, short.open, short.warning),
            (DateOrder::YearFirst, 0, None)
        );
    }

    #[test_case("2026-03-29 01:30:00", "2026-03-29T00:30:00Z"; "winter")]
    #[test_case("2026-03-29 02:30:00", "2026-03-29T01:30:00Z"; "an hour that is left out")]
    #[test_case("2026-03-29 03:30:00", "2026-03-29T01:30:00Z"; "summer")]
    #[test_case("2026-10-25 02:30:00", "2026-10-25T00:30:00Z"; "an hour that comes twice")]
    #[test_case("2026-10-25 02:30:00Z", "2026-10-25T02:30:00Z"; "a zone of its own")]
    fn local_times_are_those_of_the_named_zone(text: &str, expected: &str) {
        let dating = Dating {
            order: None,
            zone: Some(chrono_tz::Europe::Berlin),
        };
        let settled = Settled::new(dating, vec![0], Zone::Unsaid, []);
        assert_eq!(
            settled.parse(text.as_bytes()).map(|t| t.to_string()),
            Ok(expected.to_owned())
        );
        assert_eq!(
            settled.note.as_deref(),
            Some("local times of Europe/Berlin, as --time-zone says")
        );
    }

    #[test]
    fn an_export_in_utc_is_in_no_other_zone() {
        let dating = Dating {
            order: None,
            zone: Some(chrono_tz::Europe::Berlin),
        };
        let settled = Settled::new(dating, vec![0], Zone::Utc, []);
        assert_eq!(
            settled.parse(b"2026-07-01 02:30:00").map(|t| t.to_string()),
            Ok("2026-07-01T02:30:00Z".to_owned())
        );
        let offset = Settled::new(dating, vec![0], Zone::Offset(-7 * 3600), []);
        assert_eq!(
            offset.parse(b"2026-07-01 02:30:00").map(|t| t.to_string()),
            Ok("2026-07-01T09:30:00Z".to_owned())
        );
        assert_eq!(
            offset.note.as_deref(),
            Some("local times at UTC-07:00, as the header says")
        );
    }

    #[test]
    fn a_local_time_of_nowhere_is_read_as_utc_and_said_to_be() {
        let settled = Settled::new(Dating::default(), vec![0], Zone::Unsaid, []);
        let whole = settled.of_whole_file(&DateTally::default());
        assert_eq!(whole.warning, whole.note);
        assert!(whole.note.is_some_and(|n| n.contains("--time-zone")));
    }
}
