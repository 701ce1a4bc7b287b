//! Simulated tenants: years of nobody's mail, with attacks of which everything is known.
//!
//! A [`world::World`] is a quiet organisation with some weeks of mail and audit records. A scenario adds an
//! attack, or something that only looks like one, and says what a correct analysis finds. The writers in
//! [`formats`] print the world as the exports that an analyst would hold. Nothing here knows the analyzer.
//!
//! The example `generate`, the tests and the benchmarks include this module by path, and each uses another part of it.
#![allow(dead_code)]

pub mod audit;
pub mod audit_formats;
pub mod background;
pub mod campaign;
pub mod case;
pub mod connector;
pub mod evidence;
pub mod expectation;
pub mod formats;
pub mod intrusion;
pub mod large;
pub mod message;
pub mod organization;
pub mod random;
pub mod range;
pub mod samples;
pub mod scenarios;
pub mod setting_formats;
pub mod setup;
pub mod tenant;
pub mod time;
pub mod trace_formats;
pub mod traffic;
pub mod world;
