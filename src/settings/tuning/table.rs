//! The form of a table of numbers: each has a name, a unit, a default, a range and a reason, all in one place.

use crate::records::Time;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Days,
    Hours,
    /// A whole number.
    Count,
    /// From 0 to 1, a multiple, or a probability.
    Figure,
    /// Log-odds points.
    Points,
}

impl Unit {
    /// In words, for `relaytrail explain`.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Days => "days",
            Unit::Hours => "hours",
            Unit::Count => "count",
            Unit::Figure => "figure",
            Unit::Points => "points",
        }
    }
}

/// One number of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// The key in org.toml.
    pub name: &'static str,
    pub unit: Unit,
    pub default: f64,
    /// The smallest and the largest value that org.toml may give.
    pub range: (f64, f64),
    /// Ids of the indicators that go by it; empty where the verdict alone does.
    pub used_by: &'static [&'static str],
    pub reason: &'static str,
}

impl Entry {
    /// The reason as running text.
    pub fn reason(&self) -> String {
        self.reason.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// A number as org.toml writes it, and as the program reckons with it: spans of time in microseconds.
pub(super) trait Number: Copy {
    fn read(value: f64, unit: Unit) -> Self;
    fn write(self, unit: Unit) -> f64;
}

fn length(unit: Unit) -> f64 {
    match unit {
        Unit::Days => Time::DAY as f64,
        Unit::Hours => Time::HOUR as f64,
        Unit::Count | Unit::Figure | Unit::Points => 1.0,
    }
}

impl Number for i64 {
    fn read(value: f64, unit: Unit) -> Self {
        (value * length(unit)).round() as i64
    }

    fn write(self, unit: Unit) -> f64 {
        self as f64 / length(unit)
    }
}

impl Number for u64 {
    fn read(value: f64, _: Unit) -> Self {
        value.round() as u64
    }

    fn write(self, _: Unit) -> f64 {
        self as f64
    }
}

impl Number for f64 {
    fn read(value: f64, _: Unit) -> Self {
        value
    }

    fn write(self, _: Unit) -> f64 {
        self
    }
}

/// Declares a table: a struct of numbers whose doc comments are their reasons.
macro_rules! table {
    (
        $(#[doc = $doc:literal])+
        pub struct $table:ident {
            $(
                $(#[doc = $reason:literal])+
                $name:ident: $unit:ident = $default:literal, $least:literal..$most:literal, $used_by:expr;
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $table {
            $(
                $(#[doc = $reason])+
                pub $name: $crate::settings::tuning::table::number!($unit),
            )+
        }

        impl $table {
            /// Every number, in the order of the table.
            pub const ENTRIES: &[$crate::settings::tuning::table::Entry] = &[$(
                $crate::settings::tuning::table::Entry {
                    name: $crate::settings::tuning::table::name!($unit, $name),
                    unit: $crate::settings::tuning::table::unit!($unit),
                    default: $default,
                    range: ($least, $most),
                    used_by: $used_by,
                    reason: concat!($($reason),+),
                },
            )+];

            /// Sets a number by its name; false where there is none.
            pub(super) fn set(&mut self, name: &str, value: f64) -> bool {
                $(
                    if name == $crate::settings::tuning::table::name!($unit, $name) {
                        self.$name = $crate::settings::tuning::table::Number::read(
                            value,
                            $crate::settings::tuning::table::unit!($unit),
                        );
                        return true;
                    }
                )+
                false
            }

            /// A number by its name, as org.toml would write it.
            pub fn get(&self, name: &str) -> Option<f64> {
                $(
                    if name == $crate::settings::tuning::table::name!($unit, $name) {
                        return Some($crate::settings::tuning::table::Number::write(
                            self.$name,
                            $crate::settings::tuning::table::unit!($unit),
                        ));
                    }
                )+
                None
            }
        }

        impl Default for $table {
            fn default() -> Self {
                $table {
                    $(
                        $name: $crate::settings::tuning::table::Number::read(
                            $default,
                            $crate::settings::tuning::table::unit!($unit),
                        ),
                    )+
                }
            }
        }
    };
}

/// The type that holds a number of a unit.
macro_rules! number {
    (Days) => {
        i64
    };
    (Hours) => {
        i64
    };
    (Count) => {
        u64
    };
    (Figure) => {
        f64
    };
    (Points) => {
        f64
    };
}

/// The key in org.toml: spans of time carry their unit.
macro_rules! name {
    (Days, $name:ident) => {
        concat!(stringify!($name), "_days")
    };
    (Hours, $name:ident) => {
        concat!(stringify!($name), "_hours")
    };
    ($unit:ident, $name:ident) => {
        stringify!($name)
    };
}

macro_rules! unit {
    ($unit:ident) => {
        $crate::settings::tuning::table::Unit::$unit
    };
}

pub(super) use {name, number, table, unit};
