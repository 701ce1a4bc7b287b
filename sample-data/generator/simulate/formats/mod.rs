//! The exports, one file a format family: a world in, the bytes of a file out.

pub mod accepted_domains;
pub mod connectors;
pub mod email_events;
pub mod extended;
pub mod message_trace;
pub mod purview;
pub mod records_json;
pub mod search_audit_log;
pub mod text;
