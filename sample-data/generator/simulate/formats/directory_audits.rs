//! Entra's directory audit log: Microsoft Graph's page, the lines of diagnostic settings, and Sentinel's table AuditLogs.

use serde_json::{Value, json};

use super::super::time::{self, Millis};

/// A change in the directory as its audit log has it.
pub struct Act {
    pub minute: i64,
    pub name: &'static str,
    pub category: &'static str,
    pub succeeded: bool,
    /// UPN and address; an application for none.
    pub user: Option<(&'static str, &'static str)>,
    /// Kind, UPN or else display name.
    pub target: (&'static str, &'static str),
    /// What was changed, to what.
    pub change: Option<(&'static str, &'static str)>,
}

/// The application that acts where no user does.
pub const APPLICATION: &str = "5a95e683-08ad-424e-a441-1d1aec52c02c";

/// The changes of the night in order of time; the last is of no interest to a connector's case.
pub const ACTS: [Act; 4] = [
    Act {
        minute: 47,
        name: "Add member to role",
        category: "RoleManagement",
        succeeded: true,
        user: Some(("it.admin@fabrikam.com", "91.219.236.10")),
        target: ("User", "backup@fabrikam.com"),
        change: Some(("Role.DisplayName", "Global Administrator")),
    },
    Act {
        minute: 49,
        name: "Add service principal credentials",
        category: "ApplicationManagement",
        succeeded: true,
        user: None,
        target: ("ServicePrincipal", "Mail Sync"),
        change: Some(("KeyDescription", "[KeyType=Password,KeyUsage=Verify]")),
    },
    Act {
        minute: 51,
        name: "Add member to role",
        category: "RoleManagement",
        succeeded: false,
        user: Some(("it.admin@fabrikam.com", "2001:db8::25")),
        target: ("User", "office@fabrikam.com"),
        change: None,
    },
    Act {
        minute: 58,
        name: "Update device",
        category: "Device",
        succeeded: true,
        user: Some(("office@fabrikam.com", "81.2.69.160")),
        target: ("Device", "LAPTOP-7"),
        change: None,
    },
];

impl Act {
    pub fn time(&self) -> Millis {
        time::utc(2026, 4, 4, 0, self.minute)
    }

    fn result(&self) -> &'static str {
        if self.succeeded { "success" } else { "failure" }
    }

    fn by(&self) -> Value {
        match self.user {
            Some((name, address)) => json!({
                "app": null,
                "user": {"id": "0a4c6f0e-1c58-4f0b-9a0c-5a1f7e3b2d11", "displayName": null, "userPrincipalName": name, "ipAddress": address, "roles": []},
            }),
            None => json!({
                "user": null,
                "app": {"appId": APPLICATION, "displayName": "Mail Sync", "servicePrincipalId": "77c1f9a4-2f0e-4b0b-8a93-0d8f5f7b6e21", "servicePrincipalName": null},
            }),
        }
    }

    fn targets(&self) -> Value {
        let (kind, name) = self.target;
        let upn = (kind == "User").then_some(name);
        let display = (kind != "User").then_some(name);
        let change = |(name, value): (&str, &str)| json!({"displayName": name, "oldValue": null, "newValue": format!("\"{value}\"")});
        let modified: Vec<Value> = self.change.map(change).into_iter().collect();
        json!([{
            "id": format!("c0ffee00-0000-4000-8000-0000000000{}", self.minute),
            "displayName": display, "type": kind, "userPrincipalName": upn, "groupType": null,
            "modifiedProperties": modified,
        }])
    }

    fn id(&self) -> String {
        format!("Directory_10065ffb-9a1e-4b59-8a8d-{:012}_1", self.minute)
    }

    fn record(&self) -> Value {
        json!({
            "id": self.id(),
            "category": self.category,
            "correlationId": "10065ffb-9a1e-4b59-8a8d-4b7c6a1e0f55",
            "result": self.result(),
            "resultReason": "",
            "activityDisplayName": self.name,
            "activityDateTime": time::iso_ticks(self.time()),
            "loggedByService": "Core Directory",
            "operationType": "Assign",
            "initiatedBy": self.by(),
            "targetResources": self.targets(),
            "additionalDetails": [{"key": "User-Agent", "value": "Mozilla/5.0"}],
        })
    }
}

/// A page of Graph's directoryAudits, newest first.
pub fn page() -> String {
    let value: Vec<Value> = ACTS.iter().rev().map(Act::record).collect();
    json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs/directoryAudits", "value": value})
        .to_string()
}

/// The records of diagnostic settings, one a line.
pub fn diagnostic() -> String {
    let line = |act: &Act| {
        let record = json!({
            "time": time::iso_ticks(act.time() + 3 * time::MINUTE),
            "resourceId": "/tenants/t/providers/Microsoft.aadiam",
            "operationName": act.name,
            "category": "AuditLogs",
            "resultType": "",
            "properties": act.record(),
        });
        record.to_string() + "\r\n"
    };
    ACTS.iter().map(line).collect()
}

/// Rows of Sentinel's table, in which what is nested is text.
pub fn sentinel() -> String {
    let row = |act: &Act| {
        json!({
            "TenantId": "92db416b-d26a-4a63-b2d0-25123d9b8b5f",
            "SourceSystem": "Azure AD",
            "TimeGenerated": time::iso_ticks(act.time()),
            "ResourceId": "/tenants/t/providers/Microsoft.aadiam",
            "OperationName": act.name,
            "Category": act.category,
            "Result": act.result(),
            "ActivityDateTime": time::iso_ticks(act.time()),
            "ActivityDisplayName": act.name,
            "Id": act.id(),
            "InitiatedBy": act.by().to_string(),
            "TargetResources": act.targets().to_string(),
            "AdditionalDetails": json!([{"key": "User-Agent", "value": "Mozilla/5.0"}]).to_string(),
            "Type": "AuditLogs",
        })
    };
    let rows: Vec<Value> = ACTS.iter().map(row).collect();
    serde_json::to_string_pretty(&rows).unwrap_or_default()
}
