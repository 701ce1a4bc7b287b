//! How intruders get in and what they leave behind: stolen administrators, planted applications, header rules.

use super::audit::{self, AAD_POWERSHELL, Actor, SignIn};
use super::random::Guid;
use super::tenant::AGENTS;
use super::time::{self, Millis};
use super::world::{World, admin_actor};

/// Headers that the rules of the 2022 campaign removed, so that nobody sees where a message came from.
pub const HEADERS: [&str; 12] = [
    "X-MS-Exchange-ExternalOriginalInternetSender",
    "X-MS-Exchange-SkipListedInternetSender",
    "Received-SPF",
    "Received",
    "ARC-Authentication-Results",
    "ARC-Message-Signature",
    "DKIM-Signature",
    "ARC-Seal",
    "X-MS-Exchange-SenderADCheck",
    "X-MS-Exchange-Authentication-Results",
    "Authentication-Results",
    "X-MS-Exchange-AntiSpam-MessageData-ChunkCount",
];

/// Failed sign-ins, then one that succeeds at `time`, from a network where the administrator never was. The
/// returned actor works in that session.
pub fn steal_admin(world: &mut World, admin: usize, time: Millis, ip: &str) -> Actor {
    let mut r = world.random("stolen sign-in");
    let account = world.tenant.admins[admin].clone();
    let session = r.guid();
    let mut sign_in = SignIn {
        user_id: &account.address,
        object_id: account.object_id,
        ip,
        agent: AGENTS[1],
        application: AAD_POWERSHELL,
        error: Some(("50126", "InvalidUserNameOrPassword")),
        session: None,
    };
    for _ in 0..r.between(6, 14) {
        let before = time - r.between(60, 1800) * time::SECOND;
        world.audit.push(sign_in.record(before, &mut r));
    }
    (sign_in.error, sign_in.session) = (None, Some(session));
    world.audit.push(sign_in.record(time, &mut r));
    if !world.expectation.compromised_accounts.contains(&account.address) {
        world.expectation.compromised_accounts.push(account.address.clone());
    }
    world.expectation.attack_lasted(time, time);
    Actor {
        session: Some(session),
        ..admin_actor(&account, ip)
    }
}

/// Name, new value and old value of a property that a directory record shows.
type Modified<'a> = (&'a str, &'a str, &'a str);

/// An application in the directory.
#[derive(Clone, Debug)]
pub struct Application {
    pub name: &'static str,
    pub app_id: Guid,
    pub service_principal: Guid,
}

impl Application {
    /// The application at work, from `ip`, without any user signed in.
    pub fn actor(&self, ip: &str) -> Actor {
        Actor {
            user_id: self.app_id.to_string(),
            user_key: self.service_principal.to_string(),
            user_type: 5,
            ip: Some(ip.to_owned()),
            external: false,
            app_id: Some(self.app_id),
            session: None,
        }
    }
}

/// Registers an application, gives it a credential, the right to run Exchange cmdlets and the role for it: six
/// directory records within some minutes of `time`.
pub fn plant_application(world: &mut World, time: Millis, actor: &Actor, name: &'static str) -> Application {
    let mut r = world.random("application");
    let app = Application {
        name,
        app_id: r.guid(),
        service_principal: r.guid(),
    };
    let object = r.guid().to_string();
    let (app_id, principal) = (app.app_id.to_string(), app.service_principal.to_string());
    let target = [(principal.as_str(), 1), (app_id.as_str(), 2), (name, 4)];
    let key = format!(
        "[\r\n  \"[KeyIdentifier={},KeyType=Password,KeyUsage=Verify,DisplayName=access]\"\r\n]",
        r.guid()
    );
    let steps: [(&str, &str, Vec<Modified>); 7] = [
        (
            "Add application.",
            &object,
            vec![
                ("AppId", app_id.as_str(), "[]"),
                ("DisplayName", name, "[]"),
                ("AvailableToOtherTenants", "[\r\n  false\r\n]", "[]"),
            ],
        ),
        (
            "Add service principal.",
            &app_id,
            vec![
                ("AccountEnabled", "[\r\n  true\r\n]", "[]"),
                ("AppPrincipalId", &app_id, "[]"),
                ("DisplayName", name, "[]"),
            ],
        ),
        (
            "Update application.",
            &object,
            vec![(
                "RequiredResourceAccess",
                "[\r\n  {\r\n    \"ResourceAppId\": \"00000002-0000-0ff1-ce00-000000000000\",\r\n    \"RequiredAppPermissions\": [\r\n      {\r\n        \"EntitlementId\": \"dc50a0fb-09a3-484d-be87-e023b12c6440\"\r\n      }\r\n    ]\r\n  }\r\n]",
                "[]",
            )],
        ),
        (
            "Add app role assignment to service principal.",
            &principal,
            vec![
                ("AppRole.Id", "dc50a0fb-09a3-484d-be87-e023b12c6440", ""),
                ("AppRole.Value", "Exchange.ManageAsApp", ""),
                ("ServicePrincipal.ObjectID", &principal, ""),
                ("ServicePrincipal.DisplayName", name, ""),
            ],
        ),
        (
            "Consent to application.",
            &app_id,
            vec![
                ("ConsentContext.IsAdminConsent", "True", ""),
                ("ConsentContext.OnBehalfOfAll", "True", ""),
                (
                    "ConsentAction.Permissions",
                    "[] => [[Id: x, ConsentType: AllPrincipals, Scope: Exchange.ManageAsApp]]",
                    "",
                ),
            ],
        ),
        (
            "Add member to role.",
            &principal,
            vec![
                ("Role.DisplayName", "Exchange Administrator", ""),
                ("Role.TemplateId", "29232cdf-9323-42fd-ade2-1d097af3e4de", ""),
                ("Role.WellKnownObjectName", "ExchangeServiceAdmins", ""),
            ],
        ),
        // The name of this operation has an en dash and ends with a space.
        (
            "Update application \u{2013} Certificates and secrets management ",
            &object,
            vec![
                ("KeyDescription", key.as_str(), "[]"),
                ("Included Updated Properties", "KeyDescription", ""),
            ],
        ),
    ];
    let mut when = time;
    for (operation, object, modified) in &steps {
        when += r.between(20, 140) * time::SECOND;
        world.audit.push(audit::directory(
            when, actor, operation, object, &target, modified, &mut r,
        ));
    }
    world.expectation.compromised_accounts.push(app_id);
    app
}

/// Makes `count` transport rules, each of which removes one header; returns their names.
pub fn strip_headers(world: &mut World, actor: &Actor, time: Millis, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut r = world.random("rules");
    let mut when = time;
    for header in HEADERS.iter().take(count) {
        let name = format!("rule {}", r.between(100_000, 999_999));
        let parameters = [
            ("Name", name.as_str()),
            ("RemoveHeader", header),
            ("FromScope", "NotInOrganization"),
            ("Enabled", "True"),
            ("Mode", "Enforce"),
            ("SetAuditSeverity", "DoNotAudit"),
        ];
        world.cmdlet(when, actor, "New-TransportRule", "", &parameters);
        names.push(name);
        when += r.between(2, 9) * time::SECOND;
    }
    names
}

/// Removes transport rules.
pub fn remove_rules(world: &mut World, actor: &Actor, time: Millis, names: &[String]) {
    for (at, name) in names.iter().enumerate() {
        let when = time + at as i64 * 3 * time::SECOND;
        world.cmdlet(
            when,
            actor,
            "Remove-TransportRule",
            name,
            &[("Identity", name.as_str()), ("Confirm", "False")],
        );
    }
}
