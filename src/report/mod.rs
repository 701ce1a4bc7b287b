//! The last room: what people and tools read.
//!
//! Everything is made from [`model::Report`] alone, and the same report gives the same bytes; only `manifest.json`
//! holds the command line and the clock. Names in the report are attacker-chosen: each writer neutralises them for
//! the reader it writes for, and `report.json` has the exact values.

pub mod assemble;
pub mod clean;
pub mod csv;
mod error;
mod extras;
mod glance;
mod hash;
mod html;
mod interrupt;
pub mod json;
mod leftover;
pub mod manifest;
pub mod model;
mod navigator;
mod picked;
mod powershell;
mod rows;
mod staging;
mod steps;
mod stix;
mod target;
pub mod terminal;
mod timesketch;
pub mod traffic;
mod verify;
pub mod words;
mod xlsx;

use std::io::Write;

pub use error::ReportError;
pub use extras::Extras;
pub use staging::Staging;
pub use verify::{Mismatch, Problem, verify};

/// Writes one file of a report.
type Writer = fn(&model::Report, &mut dyn Write) -> Result<(), ReportError>;

/// Every file that each report directory has but its manifest, which lists these and the [`Extras`] asked for.
const WRITERS: [(&str, Writer); 7] = [
    ("report.json", json::write),
    ("report.html", html::write),
    ("timeline.csv", csv::timeline),
    ("timesketch.jsonl", timesketch::write),
    ("suspect_messages.csv", csv::suspect_messages),
    ("remediation.ps1", powershell::write),
    ("rejected.csv", csv::rejected),
];
