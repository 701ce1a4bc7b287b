//! Get-AdminAuditLogConfig, as JSON or CSV.
//!
//! In Security & Compliance PowerShell, unlike Exchange Online's, UnifiedAuditLogIngestionEnabled reads False whatever it is
//! (Microsoft, Turn auditing on or off). The export does not say where it was made.

use super::recognise::{Format, Seen};
use super::snapshot;
use super::snapshot::ParameterKind::{self, Bool, List, Text};
use super::{Kind, Reader, SettingKind};

pub(super) const FORMAT: Format = Format {
    name: "get_admin_audit_log_config",
    marks: &["UnifiedAuditLogIngestionEnabled", "AdminAuditLogEnabled", "LogLevel"],
    recognise,
};

const PARAMETERS: &[(&str, ParameterKind)] = &[
    ("UnifiedAuditLogIngestionEnabled", Bool),
    ("AdminAuditLogEnabled", Bool),
    ("LogLevel", Text),
    ("TestCmdletLoggingEnabled", Bool),
    ("AdminAuditLogCmdlets", List),
    ("AdminAuditLogParameters", List),
    ("AdminAuditLogExcludedCmdlets", List),
    ("AdminAuditLogAgeLimit", Text),
];

fn recognise(seen: &Seen<'_>) -> Option<Box<dyn Reader>> {
    let switch = seen.has("UnifiedAuditLogIngestionEnabled");
    let known = switch || (seen.has("AdminAuditLogEnabled") && seen.has_any(&["LogLevel", "AdminAuditLogCmdlets"]));
    (known && !seen.has("Operation")).then(|| {
        snapshot::Settings {
            format: FORMAT.name,
            kind: Kind::AuditConfig,
            setting: SettingKind::AuditConfig,
            names: &["Name", "Identity", "Id"],
            unnamed: Some("Admin Audit Log Settings"),
            parameters: PARAMETERS,
        }
        .reader(seen)
    })
}

#[cfg(test)]
mod tests {
    use crate::records::testing::{csv_reader, json_reader, read_csv, read_json, setting};
    use crate::records::{Kind, SettingKind};

    #[test]
    fn the_switch_is_read_whole_or_alone() {
        let object = r#"{"AdminAuditLogEnabled":true,"LogLevel":"None","AdminAuditLogCmdlets":["*"],"AdminAuditLogAgeLimit":"90.00:00:00","UnifiedAuditLogIngestionEnabled":false,"Name":"Admin Audit Log Settings","WhenChangedUTC":"2026-03-03T01:15:23.0000000Z"}"#;
        let reader = json_reader(object);
        assert_eq!(
            (reader.kind(), reader.format()),
            (Kind::AuditConfig, "get_admin_audit_log_config")
        );
        let config = setting(read_json(&*reader, object));
        assert_eq!(config.kind, SettingKind::AuditConfig);
        assert_eq!(config.parameter("UnifiedAuditLogIngestionEnabled"), Some("False"));
        assert_eq!(config.parameter("AdminAuditLogCmdlets"), Some("*"));
        assert_eq!(
            config.changed.map(|t| t.to_string()).as_deref(),
            Some("2026-03-03T01:15:23Z")
        );
        let alone = setting(read_csv(
            &*csv_reader("UnifiedAuditLogIngestionEnabled"),
            &["True"],
            false,
        ));
        assert_eq!(
            (alone.name.as_str(), alone.parameter("UnifiedAuditLogIngestionEnabled")),
            ("Admin Audit Log Settings", Some("True"))
        );
    }
}
