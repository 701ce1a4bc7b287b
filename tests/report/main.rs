//! A hostile report, written, read by every reader, replaced and verified.

mod directory;
mod files;
mod foreign;
mod navigator;
mod sample;
mod script;
mod stix;
mod summary;
mod timesketch;
mod tools;
mod workbook;
