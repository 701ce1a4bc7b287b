//! The counting itself: facts as polars columns, grouped eagerly.
//!
//! Sums are of integers and every result is sorted by its keys, so the number of threads cannot show.

use polars::prelude::*;
use rayon::prelude::*;

use super::resolve::{Resolved, Seen};

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
}

/// Connector mail in columns.
///
/// # Errors
/// If polars refuses the columns: more than 2³² rows.
pub fn connector_frame(seen: &[Seen]) -> PolarsResult<DataFrame> {
    let u32s = |name: &str, value: fn(&Seen) -> u32| Column::new(name.into(), column(seen, value));
    let u64s = |name: &str, value: fn(&Seen) -> u64| Column::new(name.into(), column(seen, value));
    let bools = |name: &str, value: fn(&Seen) -> bool| Column::new(name.into(), column(seen, value));
    DataFrame::new_infer_height(vec![
        u64s("message", |s| s.fact.message),
        u64s("recipient", |s| s.fact.recipient),
        u64s("sender", sender_key),
        u64s("hour", |s| s.fact.time().hour().cast_unsigned()),
        u32s("connector", |s| s.connector),
        Column::new("day".into(), column(seen, |s| s.day)),
        u32s("source", |s| s.fact.source),
        u32s("recipient_domain", |s| s.fact.recipient_domain),
        u32s("p1", |s| s.fact.p1_domain),
        u32s("p2", |s| s.fact.p2_domain),
        u32s("cell", |s| s.cell as u32),
        bools("outbound", |s| s.outbound),
        bools("unprovisioned", |s| s.unprovisioned),
        bools("fresh", |s| s.fresh),
        bools("spam", |s| s.fact.is_spam()),
        bools("spam_known", |s| s.fact.spam_known()),
    ])
}

/// One value of each row, gathered on all cores.
fn column<T: Send>(seen: &[Seen], value: fn(&Seen) -> T) -> Vec<T> {
    seen.par_iter().map(value).collect()
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

/// The outbound mail of the tenant in columns.
///
/// # Errors
/// As [`connector_frame`].
pub fn outbound_frame(all: &mut Resolved) -> PolarsResult<DataFrame> {
    DataFrame::new_infer_height(vec![
        Column::new("recipient".into(), std::mem::take(&mut all.recipient)),
        Column::new("time".into(), std::mem::take(&mut all.time)),
    ])
}

/// The rows for which a yes-or-no column says yes.
///
/// # Errors
/// If the frame has no such column.
pub fn only(frame: &DataFrame, column: &str) -> PolarsResult<DataFrame> {
    frame.filter(frame.column(column)?.bool()?)
}

/// Distinct messages and facts by the given keys.
///
/// # Errors
/// If the frame has no such column.
pub fn count(frame: &DataFrame, keys: &[&str]) -> PolarsResult<Table> {
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

/// The distinct combinations of the given keys, in ascending order, and the facts of each.
///
/// # Errors
/// If the frame has no such column.
pub fn distinct<const N: usize>(frame: &DataFrame, keys: [&str; N]) -> PolarsResult<Vec<([u64; N], u64)>> {
    let grouped = aggregate(frame, &keys, "message", Aggregate::Facts)?;
    let columns: Vec<Vec<u64>> = keys
        .iter()
        .map(|k| numbers(grouped.column(k)?))
        .collect::<PolarsResult<_>>()?;
    let facts = numbers(grouped.column("message_count")?)?;
    let key = |row: usize, k: usize| columns.get(k).and_then(|column| column.get(row)).copied().unwrap_or(0);
    let rows = facts.into_iter().enumerate();
    let mut rows: Vec<([u64; N], u64)> = rows
        .map(|(row, facts)| (std::array::from_fn(|k| key(row, k)), facts))
        .collect();
    rows.par_sort_unstable();
    Ok(rows)
}

/// The first time each recipient was written to by anyone, by ascending recipient.
///
/// # Errors
/// If the frame has no such column.
pub fn first_seen(frame: &DataFrame) -> PolarsResult<Vec<(u64, i64)>> {
    let grouped = aggregate(frame, &["recipient"], "time", Aggregate::Earliest)?;
    let recipients = numbers(grouped.column("recipient")?)?;
    let times = numbers(grouped.column("time_min")?)?;
    let times = times.into_iter().map(u64::cast_signed);
    let mut seen: Vec<(u64, i64)> = recipients.into_iter().zip(times).collect();
    seen.par_sort_unstable();
    Ok(seen)
}

#[derive(Clone, Copy)]
enum Aggregate {
    Messages,
    Facts,
    Earliest,
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
        Aggregate::Earliest => groups.min()?,
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
