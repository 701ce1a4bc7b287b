//! The counting itself: facts as polars columns, grouped eagerly.
//!
//! Sums are of integers and every result is sorted by its keys, so the number of threads cannot show.

use polars::prelude::*;
use rayon::prelude::*;

use super::resolve::Seen;
use crate::digest::spill::Column as Kept;

/// What a frame is counted by, and what was counted: rows in ascending order of the keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// One vector a key, in the order asked for.
    pub keys: Vec<Vec<u64>>,
    /// Distinct messages of each row.
    pub messages: Vec<u64>,
    /// Facts of each row: one a message and recipient.
    pub recipients: Vec<u64>,
}

impl Table {
    /// Each row's keys, then messages and recipients. `N` is the number of keys.
    pub fn rows<const N: usize>(&self) -> impl Iterator<Item = ([u64; N], u64, u64)> + '_ {
        self.messages
            .iter()
            .zip(&self.recipients)
            .enumerate()
            .map(|(row, (&m, &r))| {
                let key = |k: usize| self.keys.get(k).and_then(|column| column.get(row)).copied();
                (std::array::from_fn(|k| key(k).unwrap_or(0)), m, r)
            })
    }

    /// One table of several whose rows count different messages.
    fn sum(mut tables: Vec<Table>) -> Table {
        if tables.len() <= 1 {
            return tables.pop().unwrap_or_default();
        }
        let width = tables.first().map_or(0, |t| t.keys.len());
        let mut rows: Vec<(Vec<u64>, u64, u64)> = Vec::new();
        for table in tables {
            let keys = |row: usize| {
                table
                    .keys
                    .iter()
                    .filter_map(|column| column.get(row).copied())
                    .collect()
            };
            let counts = table.messages.iter().zip(&table.recipients).enumerate();
            rows.extend(counts.map(|(row, (&m, &r))| (keys(row), m, r)));
        }
        rows.par_sort_unstable();
        let mut sum = Table {
            keys: vec![Vec::new(); width],
            ..Table::default()
        };
        for same in rows.chunk_by(|a, b| a.0 == b.0) {
            let Some((keys, ..)) = same.first() else { continue };
            sum.keys
                .iter_mut()
                .zip(keys)
                .for_each(|(column, key)| column.push(*key));
            sum.messages.push(same.iter().map(|(_, m, _)| m).sum());
            sum.recipients.push(same.iter().map(|(.., r)| r).sum());
        }
        sum
    }
}

/// Rows that stand in columns at the same time: beside the rows themselves, only so many are held.
const AT_ONCE: usize = 1 << 20;

/// Connector mail to be counted.
pub struct Rows<'a> {
    seen: &'a Kept<Seen>,
    phase: Phase<'a>,
    at_once: usize,
}

/// The phase of a row, where phases are known.
type Phase<'a> = &'a (dyn Fn(&Seen) -> u32 + Sync);

/// What is asked of all rows, or of those for which a yes-or-no column says yes.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    pub only: Option<&'q str>,
    pub keys: &'q [&'q str],
}

impl<'a> Rows<'a> {
    pub fn new(seen: &'a Kept<Seen>, phase: Phase<'a>) -> Self {
        Rows {
            seen,
            phase,
            at_once: AT_ONCE,
        }
    }

    /// The rows in columns, in parts that each hold all rows of their messages: then counts of distinct messages add up.
    fn frames(&self, columns: &[&str]) -> impl Iterator<Item = PolarsResult<DataFrame>> {
        let parts = self.seen.len().div_ceil(self.at_once).next_power_of_two();
        let bits = parts.ilog2();
        (0..parts as u64).map(move |part| {
            let of_part = |s: &Seen| bits == 0 || s.fact.message >> (64 - bits) == part;
            let rows: Vec<&Seen> = self.seen.par_iter().filter(|s| of_part(s)).collect();
            let columns = columns.iter().map(|name| column(name, &rows, self.phase));
            let columns = columns.collect::<PolarsResult<_>>()?;
            self.seen.give_back(0..self.seen.len());
            DataFrame::new_infer_height(columns)
        })
    }

    /// Distinct messages and facts by the keys of each question. `columns` are all that the questions name.
    ///
    /// # Errors
    /// If polars refuses a column: an unknown name, or more than 2³² rows at once.
    pub fn count<const N: usize>(&self, columns: &[&str], questions: [Question<'_>; N]) -> PolarsResult<[Table; N]> {
        let mut tables: [Vec<Table>; N] = std::array::from_fn(|_| Vec::new());
        for frame in self.frames(columns) {
            let frame = frame?;
            for (question, tables) in questions.iter().zip(&mut tables) {
                tables.push(match question.only {
                    Some(column) => count(&only(&frame, column)?, question.keys)?,
                    None => count(&frame, question.keys)?,
                });
            }
        }
        Ok(tables.map(Table::sum))
    }

    /// The distinct combinations of the given keys among the rows for which a column says yes, in ascending order.
    ///
    /// # Errors
    /// As [`Rows::count`].
    pub fn distinct<const N: usize>(&self, yes: &str, keys: [&str; N]) -> PolarsResult<Vec<[u64; N]>> {
        let columns = [&keys[..], &[yes, "message"]].concat();
        let mut all: Vec<[u64; N]> = Vec::new();
        for frame in self.frames(&columns) {
            all.append(&mut distinct(&only(&frame?, yes)?, keys)?);
        }
        all.par_sort_unstable();
        all.dedup();
        Ok(all)
    }
}

/// One column of rows.
///
/// # Errors
/// If there is no column of that name.
fn column(name: &str, rows: &[&Seen], phase: Phase<'_>) -> PolarsResult<Column> {
    fn gathered<T: Send>(rows: &[&Seen], value: impl Fn(&Seen) -> T + Sync) -> Vec<T> {
        rows.par_iter().map(|s| value(s)).collect()
    }
    let u32s = |value: fn(&Seen) -> u32| Column::new(name.into(), gathered(rows, value));
    let u64s = |value: fn(&Seen) -> u64| Column::new(name.into(), gathered(rows, value));
    let bools = |value: fn(&Seen) -> bool| Column::new(name.into(), gathered(rows, value));
    Ok(match name {
        "message" => u64s(|s| s.fact.message),
        "recipient" => u64s(|s| s.fact.recipient),
        "sender" => u64s(sender_key),
        "hour" => u64s(|s| s.fact.time().hour().cast_unsigned()),
        "connector" => u32s(|s| s.connector),
        "day" => Column::new(name.into(), gathered(rows, |s| s.day)),
        "source" => u32s(|s| s.fact.source),
        "recipient_domain" => u32s(|s| s.fact.recipient_domain),
        "p1" => u32s(|s| s.fact.p1_domain),
        "p2" => u32s(|s| s.fact.p2_domain),
        "cell" => u32s(|s| s.cell as u32),
        "outbound" => bools(|s| s.outbound),
        "unprovisioned" => bools(|s| s.unprovisioned),
        "fresh" => bools(|s| s.fresh),
        "spam" => bools(|s| s.fact.is_spam()),
        "spam_known" => bools(|s| s.fact.spam_known()),
        "phase" => Column::new(name.into(), gathered(rows, phase)),
        _ => polars_bail!(ColumnNotFound: "{name}"),
    })
}

/// A sender as one number: local part and domain, the header's where known.
pub fn sender_key(seen: &Seen) -> u64 {
    let domain = if seen.fact.p2_domain != 0 {
        seen.fact.p2_domain
    } else {
        seen.fact.p1_domain
    };
    u64::from(seen.fact.sender) << 32 | u64::from(domain)
}

/// The rows for which a yes-or-no column says yes.
///
/// # Errors
/// If the frame has no such column.
fn only(frame: &DataFrame, column: &str) -> PolarsResult<DataFrame> {
    frame.filter(frame.column(column)?.bool()?)
}

/// Distinct messages and facts by the given keys.
///
/// # Errors
/// If the frame has no such column.
fn count(frame: &DataFrame, keys: &[&str]) -> PolarsResult<Table> {
    let grouped = aggregate(frame, keys, "message", Aggregate::Messages)?;
    let grouped = grouped.sort(keys.iter().copied(), SortMultipleOptions::default())?;
    Ok(Table {
        keys: keys
            .iter()
            .map(|k| numbers(grouped.column(k)?))
            .collect::<PolarsResult<_>>()?,
        messages: numbers(grouped.column("message_n_unique")?)?,
        recipients: numbers(grouped.column("message_count")?)?,
    })
}

/// The distinct combinations of the given keys, in no order.
///
/// # Errors
/// If the frame has no such column.
fn distinct<const N: usize>(frame: &DataFrame, keys: [&str; N]) -> PolarsResult<Vec<[u64; N]>> {
    let grouped = aggregate(frame, &keys, "message", Aggregate::Facts)?;
    let columns: Vec<Vec<u64>> = keys
        .iter()
        .map(|k| numbers(grouped.column(k)?))
        .collect::<PolarsResult<_>>()?;
    let key = |row: usize, k: usize| columns.get(k).and_then(|column| column.get(row)).copied().unwrap_or(0);
    let rows = 0..columns.first().map_or(0, Vec::len);
    Ok(rows.map(|row| std::array::from_fn(|k| key(row, k))).collect())
}

#[derive(Clone, Copy)]
enum Aggregate {
    Messages,
    Facts,
}

/// The one place that groups; the rows come in no order. Polars marks the eager aggregations as superseded by its lazy engine, which this
/// program leaves out because it brings a network stack with it.
#[allow(deprecated)]
fn aggregate(frame: &DataFrame, keys: &[&str], of: &str, how: Aggregate) -> PolarsResult<DataFrame> {
    let groups = frame.group_by(keys)?.select([of]);
    Ok(match how {
        Aggregate::Messages => {
            let mut table = groups.n_unique()?;
            let counted = groups.count()?;
            table.with_column(counted.column("message_count")?.clone())?;
            table
        }
        Aggregate::Facts => groups.count()?,
    })
}

/// A column of whole numbers or yes-or-no as `u64`, negative ones by their two's complement.
fn numbers(column: &Column) -> PolarsResult<Vec<u64>> {
    let series = column.as_materialized_series();
    Ok(match series.dtype() {
        DataType::UInt64 => series.u64()?.iter().map(Option::unwrap_or_default).collect(),
        DataType::UInt32 => series.u32()?.iter().map(|v| u64::from(v.unwrap_or(0))).collect(),
        DataType::Int32 => signed(series.i32()?.iter().map(|v| v.map_or(0, i64::from))),
        DataType::Boolean => series.bool()?.iter().map(|v| u64::from(v.unwrap_or(false))).collect(),
        _ => signed(series.i64()?.iter().map(Option::unwrap_or_default)),
    })
}

fn signed(values: impl Iterator<Item = i64>) -> Vec<u64> {
    values.map(i64::cast_unsigned).collect()
}
