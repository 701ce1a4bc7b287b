//! relaytrail: from a folder of Microsoft 365 exports to a verdict on its inbound mail connectors.

pub mod report;
