//! relaytrail: from a folder of Microsoft 365 exports to a verdict on its inbound mail connectors.

pub mod digest;
pub mod evidence;
pub mod indicators;
pub mod records;
pub mod report;
pub mod settings;
pub mod timeline;
