//! Times and counts that the configuration, identity and vendor indicators go by, each with its reason.
//!
//! Microsoft's pages name none of them; they are ours, and the explanations print them.

use crate::records::Time;

/// A log speaks this much beyond its first and last record: exports are asked for in whole days, and a small
/// tenant writes nothing for hours.
pub const EDGE: i64 = Time::DAY;

/// The same for a log with a steady background: no night in it is longer than this.
pub const EDGE_STEADY: i64 = 12 * Time::HOUR;

/// How long before a connector's doubtful change something may lie and still belong to it: the look-back of
/// Microsoft's own hunting queries for malicious connectors is seven days.
pub const PRELUDE: i64 = 7 * Time::DAY;

/// A connector that was there this long before the log begins was not made for what the log shows. A younger
/// one may have been: attackers are known to wait for weeks.
pub const ESTABLISHED: i64 = 30 * Time::DAY;

/// A trace of this length has working days, weekends and a month's end in it.
pub const LONG_TRACE: i64 = 28 * Time::DAY;

/// How far a rule may stand from a change by another hand and still belong to one story: scripts that make a
/// connector and its rules do both within minutes.
pub const SAME_STORY: i64 = Time::HOUR;

/// So many distinct trace headers removed are a campaign's set; one alone may be a misguided repair.
pub const HEADERS_FULL: usize = 3;

/// A connector made and removed within this time was made for one campaign.
pub const SHORT_LIFE: i64 = 7 * Time::DAY;

/// A change undone within this time was made for one run.
pub const QUICK_REVERT: i64 = Time::DAY;

/// An unblock within this time after the block is in haste: nobody has found out what caused the block.
pub const HASTY_UNBLOCK: i64 = Time::DAY;

/// Anomalies of a session that together weigh this much are a weak sign; one alone is what a journey shows.
pub const ODD_SESSION: f64 = 0.8;

/// From this weight of its anomalies on a session does not show that it is its owner's, though nothing says that it is not: a
/// network never seen before, of an account that travels now and then.
pub const UNPROVEN_SESSION: f64 = 0.5;

/// Days on which an account must have been seen before its session can be called its owner's.
pub const SESSION_HISTORY: u32 = 3;

/// The longest time that mail may rest without being missing: a weekend with a holiday on either side.
pub const LONGEST_REST: i64 = 4 * Time::DAY;

/// The shortest hole in the audit log that is looked at, in hours: one empty hour happens to small tenants.
pub const HOLE_HOURS: i64 = 2;

/// How long an audit switch may take to work: a change made in the meantime still belongs to it.
pub const SWITCH_DELAY: i64 = Time::HOUR;
