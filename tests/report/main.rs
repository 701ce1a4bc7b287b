//! A hostile report, written, read by every reader, replaced and verified.

mod directory;
mod files;
mod sample;
