//! The audit log of a tenant in which nothing happens: service records day and night, people at work, sign-ins.

use serde_json::{Value, json};

use super::audit::{self, Actor, AuditRecord, EXCHANGE_ITEM, MAILBOX_ACCESS, OFFICE_PORTAL, SHAREPOINT_FILE, SignIn};
use super::random::Random;
use super::tenant::{Account, Tenant};
use super::time::{self, Millis};
use super::traffic;
use super::world::{World, admin_actor};

/// A change that the service makes on its own: nearly all ExchangeAdmin records of a real tenant are of this kind.
pub fn service_change(tenant: &Tenant, time: Millis, r: &mut Random) -> AuditRecord {
    let organization = format!(
        "EURPR04A0{:02}.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{}",
        r.between(10, 19),
        tenant.initial_domain
    );
    let controller = format!(
        "AM0PR04A{:03}DC01.EURPR04A{:03}.PROD.OUTLOOK.COM",
        r.between(1, 20),
        r.between(1, 20)
    );
    let (operation, object, mut parameters): (&str, String, Vec<(&str, String)>) = match r.below(10) {
        0..3 => (
            "Set-TransportConfig",
            format!("{organization}/Transport Settings"),
            vec![
                ("Identity", organization.clone()),
                ("HygieneSuite", "Premium".to_owned()),
                ("OrganizationFederatedMailbox", String::new()),
            ],
        ),
        3 => (
            "Set-AdminAuditLogConfig",
            format!("{organization}/Admin Audit Log Settings"),
            vec![
                ("Identity", organization.clone()),
                ("AdminAuditLogEnabled", "True".to_owned()),
            ],
        ),
        4..7 => {
            let user = r.pick(&tenant.users).address.clone();
            let quota = vec![
                ("Identity", user.clone()),
                ("ProhibitSendQuota", "99 GB (106,300,440,576 bytes)".to_owned()),
            ];
            ("Set-Mailbox", format!("{organization}/{user}"), quota)
        }
        7 => (
            "Set-ConditionalAccessPolicy",
            format!("{organization}/policy"),
            vec![
                ("Identity", r.guid().to_string()),
                ("PolicyLastUpdatedTime", time::en_us(time)),
            ],
        ),
        8 => (
            "Set-TenantObjectVersion",
            organization.clone(),
            vec![("Identity", organization.clone())],
        ),
        _ => {
            let user = r.pick(&tenant.users).address.clone();
            (
                "Set-User",
                format!("{organization}/{user}"),
                vec![("Identity", user), ("ErrorAction", "Stop".to_owned())],
            )
        }
    };
    parameters.push(("DomainController", controller));
    parameters.push(("IgnoreDehydratedFlag", "True".to_owned()));
    audit::cmdlet(
        time,
        &Actor::service(),
        operation,
        &object,
        &parameters,
        &tenant.initial_domain,
        r,
    )
}

/// A record of a mailbox: read (50) or sent (2).
pub fn mailbox(tenant: &Tenant, user: &Account, time: Millis, reads: usize, r: &mut Random) -> AuditRecord {
    let access = r.chance(600);
    // Mailbox records end the name of the server with a line break; ExchangeAdmin records do not.
    let server = format!("VI1PR04MB{} (15.20.4200.000)\r\n", r.between(1000, 9999));
    let mut body = vec![
        ("ClientIPAddress", json!(user.home)),
        (
            "ClientInfoString",
            json!(format!("Client=OWA;Action=ViaProxy;{}", user.agent)),
        ),
        ("ExternalAccess", json!(false)),
        ("InternalLogonType", json!(0)),
        ("LogonType", json!(0)),
        (
            "LogonUserSid",
            json!(format!(
                "S-1-5-21-{}-{}-{}-{}",
                r.below(1 << 31),
                r.below(1 << 31),
                r.below(1 << 31),
                r.between(1000, 99_999)
            )),
        ),
        ("MailboxGuid", json!(r.guid().to_string())),
        ("MailboxOwnerUPN", json!(user.address)),
        ("OrganizationName", json!(tenant.initial_domain)),
        ("OriginatingServer", json!(server)),
        ("SessionId", json!(r.guid().to_string())),
    ];
    if access {
        let items: Value = (0..reads)
            .map(|_| json!({"InternetMessageId": format!("<{:016x}@mail.{}>", r.next(), tenant.profile.domain), "SizeInBytes": r.between(4000, 400_000)}))
            .collect();
        body.push((
            "Folders",
            json!([{"FolderItems": items, "Id": format!("LgAAAAB{:016x}AQ", r.next()), "Path": "\\Inbox"}]),
        ));
        body.push(("OperationCount", json!(reads)));
        body.push((
            "OperationProperties",
            audit::pairs(&[("MailAccessType", "Bind"), ("IsThrottled", "False")]),
        ));
    } else {
        let subject = traffic::subject(r);
        body.push(("Item", json!({"InternetMessageId": format!("<{:016x}@mail.{}>", r.next(), tenant.profile.domain), "ParentFolder": {"Path": "\\Drafts"}, "Subject": subject})));
    }
    AuditRecord {
        time,
        id: r.guid(),
        record_type: if access { MAILBOX_ACCESS } else { EXCHANGE_ITEM },
        operation: if access { "MailItemsAccessed" } else { "Send" }.to_owned(),
        user_type: 0,
        user_id: user.address.clone(),
        user_key: user.puid.clone(),
        workload: "Exchange",
        result_status: Some("Succeeded".to_owned()),
        client_ip: Some(user.home.clone()),
        object_id: None,
        body,
    }
}

/// A record of a document.
pub fn document(tenant: &Tenant, user: &Account, time: Millis, r: &mut Random) -> AuditRecord {
    let site = format!(
        "https://{}.sharepoint.com/sites/projects/",
        tenant.initial_domain.trim_end_matches(".onmicrosoft.com")
    );
    let file = format!(
        "{} {}.{}",
        r.pick(&["Plan", "Offer", "Budget, draft", "\u{dc}bersicht"]),
        r.between(1, 400),
        r.pick(&["docx", "xlsx", "pdf"])
    );
    let operation = *r.pick(&["FileAccessed", "FileModified", "FileDownloaded", "FilePreviewed"]);
    AuditRecord {
        time,
        id: r.guid(),
        record_type: SHAREPOINT_FILE,
        operation: operation.to_owned(),
        user_type: 0,
        user_id: user.address.clone(),
        user_key: format!("i:0h.f|membership|{}@live.com", user.puid.to_lowercase()),
        workload: "SharePoint",
        result_status: None,
        client_ip: Some(user.home.clone()),
        object_id: Some(format!("{site}Shared Documents/{file}")),
        body: vec![
            ("CorrelationId", json!(r.guid().to_string())),
            ("EventSource", json!("SharePoint")),
            ("ItemType", json!("File")),
            ("ListId", json!(r.guid().to_string())),
            ("ListItemUniqueId", json!(r.guid().to_string())),
            ("Site", json!(r.guid().to_string())),
            ("UserAgent", json!(user.agent)),
            ("WebId", json!(r.guid().to_string())),
            ("SourceFileName", json!(file)),
            ("SiteUrl", json!(site)),
            ("SourceRelativeUrl", json!("Shared Documents")),
        ],
    }
}

/// A sign-in of `account` from where it usually is.
pub fn sign_in(account: &Account, time: Millis, r: &mut Random) -> AuditRecord {
    let session = Some(r.guid());
    let (user_id, ip, agent) = (account.address.as_str(), account.home.as_str(), account.agent);
    SignIn {
        user_id,
        object_id: account.object_id,
        ip,
        agent,
        application: OFFICE_PORTAL,
        error: None,
        session,
    }
    .record(time, r)
}

fn person(tenant: &Tenant, time: Millis, r: &mut Random) -> AuditRecord {
    let user = r.pick(&tenant.users).clone();
    match r.below(10) {
        0..3 => sign_in(&user, time, r),
        3..7 => mailbox(tenant, &user, time, 2, r),
        7..9 => document(tenant, &user, time, r),
        // Password spraying reaches every tenant every day; most of it fails at accounts of no interest.
        _ => {
            let ip = format!("192.0.2.{}", r.between(2, 250));
            let error = Some(("50126", "InvalidUserNameOrPassword"));
            let (user_id, agent) = (user.address.as_str(), "BAV2ROPC");
            SignIn {
                user_id,
                object_id: user.object_id,
                ip: &ip,
                agent,
                application: OFFICE_PORTAL,
                error,
                session: None,
            }
            .record(time, r)
        }
    }
}

fn administrator(tenant: &Tenant, admin: &Account, midnight: Millis, r: &mut Random) -> Vec<AuditRecord> {
    let second = r.between(0, 59) * time::SECOND;
    let local = |hour: i64, minute: i64| {
        time::from_local(
            tenant.profile.zone,
            midnight + hour * time::HOUR + minute * time::MINUTE + second,
        )
    };
    let mut records = vec![sign_in(admin, local(8, r.between(0, 50)), r)];
    if r.chance(500) {
        records.push(sign_in(admin, local(13, r.between(0, 59)), r));
    }
    if r.chance(250) {
        let actor = admin_actor(admin, &admin.home);
        let user = r.pick(&tenant.users).address.clone();
        let (operation, parameters) = match r.below(3) {
            0 => (
                "Set-Mailbox",
                vec![
                    ("Identity", user.clone()),
                    ("HiddenFromAddressListsEnabled", "True".to_owned()),
                ],
            ),
            1 => (
                "Add-DistributionGroupMember",
                vec![("Identity", "All staff".to_owned()), ("Member", user.clone())],
            ),
            _ => (
                "Add-MailboxPermission",
                vec![
                    ("Identity", user.clone()),
                    ("User", r.pick(&tenant.users).address.clone()),
                    ("AccessRights", "FullAccess".to_owned()),
                ],
            ),
        };
        records.push(audit::cmdlet(
            local(10, r.between(0, 59)),
            &actor,
            operation,
            &user,
            &parameters,
            &tenant.initial_domain,
            r,
        ));
    }
    if r.chance(60) {
        let user = r.pick(&tenant.users).clone();
        let actor = admin_actor(admin, &admin.home);
        records.push(audit::directory(
            local(11, r.between(0, 59)),
            &actor,
            "Reset user password.",
            &user.address,
            &[(&user.address, 5)],
            &[],
            r,
        ));
    }
    records
}

/// Fills a world with ordinary audit records.
pub fn ordinary(world: &mut World) {
    let mut r = world.random("background");
    let volume = world.setup.volume;
    let mut records = Vec::new();
    let mut time = world.from + r.between(0, 20) * time::MINUTE;
    while time < world.to {
        records.push(service_change(&world.tenant, time, &mut r));
        time += r.between(volume.heartbeat * 3 / 5, volume.heartbeat) * time::MINUTE + r.between(0, 59) * time::SECOND;
    }
    for (midnight, working) in traffic::days(world) {
        for _ in 0..r.count(if working {
            volume.user_events * 1000
        } else {
            volume.user_events * 100
        }) {
            let time = traffic::moment(&world.tenant, midnight, working, &mut r);
            records.push(person(&world.tenant, time, &mut r));
        }
        if working {
            for admin in &world.tenant.admins {
                records.extend(administrator(&world.tenant, admin, midnight, &mut r));
            }
        }
    }
    world.audit.extend(records);
}
