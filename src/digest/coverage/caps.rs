//! Row counts at which exports stop without a word.

use crate::records::Kind;

/// An audit search or export: one call or a preview session, a session of mixed commands, a large set or a portal export,
/// a Premium portal export (Microsoft's cmdlet reference and Purview pages).
const AUDIT: &[u64] = &[5_000, 10_000, 50_000, 1_000_000];
/// Get-MessageTraceV2 and the older Get-MessageTrace: default and largest page.
const GET_TRACE: &[u64] = &[1_000, 5_000];
/// Advanced hunting: the portal then and now, and its interface for programs.
const HUNTING: &[u64] = &[10_000, 30_000, 100_000];
/// The Enhanced summary, then and now.
const SUMMARY: &[u64] = &[50_000, 100_000];
/// Threat Explorer.
const EXPLORER: &[u64] = &[200_000];
/// What the Exchange admin centre shows: a page, the classic page, and all pages then and now.
const ON_SCREEN: &[u64] = &[250, 500, 10_000, 20_000];
/// Any of them, for an export of which it is not known how it was made.
const ANY_TRACE: &[u64] = &[250, 500, 1_000, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 200_000];
/// The sign-in log of the Entra portal.
const SIGN_INS: &[u64] = &[100_000, 250_000];

/// How the rows of an export are capped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cap {
    /// At one of these numbers of rows.
    Rows(&'static [u64]),
    /// At so many rows a page, of which somebody may have put several together.
    Pages(u64, &'static [u64]),
    /// At [`crate::digest::Few::LIMIT`] messages, whatever their rows.
    Messages,
    /// A stream or a log, which holds everything.
    None,
}

impl Cap {
    /// For an export of this kind, by its reader's name.
    pub(super) fn of(kind: Kind, format: &str) -> Cap {
        match (kind, format) {
            (Kind::AuditLog, _) => Cap::Rows(AUDIT),
            (Kind::SignInLog, _) => Cap::Rows(SIGN_INS),
            (_, "get_message_trace" | "graph_message_trace") => Cap::Pages(5_000, GET_TRACE),
            (_, "historical_search_extended") => Cap::Messages,
            (_, "email_events" | "email_post_delivery_events") => Cap::Rows(HUNTING),
            (_, "historical_search_summary") => Cap::Rows(SUMMARY),
            (_, "threat_explorer") => Cap::Rows(EXPLORER),
            (_, "admin_center_message_trace") => Cap::Rows(ON_SCREEN),
            (_, "streamed_email_events" | "message_tracking_log") => Cap::None,
            _ => Cap::Rows(ANY_TRACE),
        }
    }

    /// The cap that so many rows stand at.
    pub(super) fn hit(self, rows: u64) -> Option<u64> {
        match self {
            Cap::Rows(caps) => caps.contains(&rows).then_some(rows),
            Cap::Pages(page, caps) => (caps.contains(&rows) || (rows > 0 && rows.is_multiple_of(page))).then_some(rows),
            Cap::Messages | Cap::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(Kind::AuditLog, "search_unified_audit_log", 5_000, true)]
    #[test_case(Kind::AuditLog, "search_unified_audit_log", 5_001, false)]
    #[test_case(Kind::AuditLog, "search_unified_audit_log", 1_000, false)]
    #[test_case(Kind::MessageTrace, "get_message_trace", 1_000, true)]
    #[test_case(Kind::MessageTrace, "get_message_trace", 15_000, true; "three whole pages")]
    #[test_case(Kind::MessageTrace, "get_message_trace", 0, false)]
    #[test_case(Kind::MessageTrace, "email_events", 30_000, true)]
    #[test_case(Kind::MessageTrace, "email_events", 1_000, false)]
    #[test_case(Kind::MessageTrace, "historical_search_extended", 1_000, false; "its cap counts messages")]
    #[test_case(Kind::MessageTrace, "something_new", 250, true)]
    fn each_export_has_its_own_caps(kind: Kind, format: &str, rows: u64, capped: bool) {
        assert_eq!(Cap::of(kind, format).hit(rows).is_some(), capped);
    }
}
