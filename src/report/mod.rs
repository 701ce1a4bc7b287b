//! The last room: what people and tools read.

pub mod model;
