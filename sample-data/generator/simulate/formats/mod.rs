//! The exports, one file a format family: a world in, the bytes of a file out.

pub mod accepted_domains;
pub mod alerts;
pub mod cloud_app_events;
pub mod collected;
pub mod connectors;
pub mod elastic;
pub mod email_events;
pub mod enhanced;
pub mod extended;
pub mod graph;
pub mod hunting;
pub mod message_trace;
pub mod portal_lists;
pub mod purview;
pub mod records_json;
pub mod search_audit_log;
pub mod sentinel;
pub mod sign_ins;
pub mod text;
pub mod trace_detail;
pub mod trace_json;
pub mod tracking_log;
