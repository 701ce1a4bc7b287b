//! One identity per actor, however the records write it.
//!
//! A person appears as UPN, PUID or object id, an application as AppId, service principal or both. Where one
//! record holds two of these, all records under either belong to one actor.

use std::collections::{BTreeSet, HashMap};

use crate::digest::Digest;
use crate::records::AuditEvent;
use crate::settings::Organization;

use super::{Actor, ActorKind};

/// Microsoft's own clients: an AppId among these says which tool was used, not who used it.
/// Source: Microsoft's list of first-party application ids.
const CLIENTS: [&str; 8] = [
    "fb78d390-0c51-40cd-8e17-fdbfab77341b", // Exchange Online PowerShell
    "a0c73c16-a7e3-4564-9a95-2bdf47383716", // Exchange Online remote PowerShell
    "497effe9-df71-4043-a8bb-14cf78c4b63b", // Exchange admin centre
    "1b730954-1685-4b74-9bfd-dac224a7b894", // Azure AD PowerShell
    "14d82eec-204b-4c2f-b7e8-296a70dab67e", // Microsoft Graph PowerShell
    "00000002-0000-0ff1-ce00-000000000000", // Exchange Online
    "00000006-0000-0ff1-ce00-000000000000", // Microsoft 365 admin centre
    "00000003-0000-0000-c000-000000000000", // Microsoft Graph
];

/// Domains whose accounts are Microsoft's datacentre staff and services.
const DATACENTRE: [&str; 3] = ["prod.outlook.com", "prod.exchangelabs.com", "exchangelabs.com"];

/// Who is who in the log.
#[derive(Debug, Default)]
pub(super) struct ActorBook {
    /// Other spellings (PUID, object id, service principal id), lower case, to identities.
    aliases: HashMap<String, String>,
    /// Domains that are the organisation's, as far as is known.
    domains: BTreeSet<String>,
}

impl ActorBook {
    /// Reads the log once for records that hold two spellings of one actor.
    pub(super) fn new(digest: &Digest, organization: &Organization) -> Self {
        let mut book = ActorBook {
            domains: digest
                .accepted_domains
                .iter()
                .map(|d| d.domain.to_lowercase())
                .chain(organization.accepted_domains.iter().map(|d| d.to_lowercase()))
                .collect(),
            ..ActorBook::default()
        };
        for event in &digest.events {
            let user = event.user.trim().to_lowercase();
            if is_application(event, &user) {
                if let (Some(app), Some(principal)) = (own_app_id(event), guid_in_user(&user)) {
                    book.learn(principal, app);
                }
            } else if is_person(&user) {
                let key = event.user_key.trim().to_lowercase();
                if is_puid(&key) || is_guid(&key) {
                    book.learn(key, user.clone());
                }
                if event.external_access == Some(false)
                    && let Some((_, domain)) = user.rsplit_once('@')
                {
                    book.domains.insert(domain.to_owned());
                }
            }
        }
        book
    }

    /// The first link of a spelling holds: a later record can't move an identity to another account.
    fn learn(&mut self, spelling: String, identity: String) {
        if spelling == identity || spelling.is_empty() || identity.is_empty() {
            return;
        }
        self.aliases.entry(spelling).or_insert(identity);
    }

    /// Who acted: identity in lower case and kind; `None` where the record names nobody.
    pub(super) fn identify(&self, event: &AuditEvent) -> Option<(String, Actor)> {
        let user = event.user.trim();
        let lower = user.to_lowercase();
        let named = if is_blank(&lower) { event.user_key.trim() } else { user };
        let name = named.to_lowercase();
        let person = self.aliases.get(&lower).is_some_and(|i| is_person(i));
        let application = !person && (is_application(event, &lower) || is_guid(&lower));
        let identity = if application {
            own_app_id(event)
                .filter(|_| !lower.contains('@'))
                .or_else(|| guid_in_user(&lower).map(|g| self.resolve(g)))
                .or_else(|| own_app_id(event))
                .unwrap_or_else(|| name.clone())
        } else {
            self.resolve(name.clone())
        };
        if is_blank(&identity) {
            return None;
        }
        let kind = if application {
            ActorKind::Application
        } else {
            self.kind(event, &identity)
        };
        let id = if is_blank(&name) {
            identity.clone()
        } else {
            named.to_owned()
        };
        Some((identity, Actor { id, kind }))
    }

    fn kind(&self, event: &AuditEvent, name: &str) -> ActorKind {
        if name.starts_with("nt authority\\")
            || name.starts_with("nt service\\")
            || name.contains("microsoft datacenter")
        {
            return ActorKind::Service;
        }
        if event.user_type == Some(9) || name.contains("#ext#") {
            return ActorKind::Partner;
        }
        let domain = name.rsplit_once('@').map(|(_, d)| d);
        if let Some(domain) = domain.filter(|_| is_person(name)) {
            if self.domains.contains(domain) {
                return ActorKind::User;
            }
            let external = event.external_access == Some(true);
            let microsoft = DATACENTRE
                .iter()
                .any(|d| domain == *d || domain.ends_with(&format!(".{d}")));
            if microsoft && (external || matches!(event.user_type, Some(3 | 4))) {
                return ActorKind::Service;
            }
            return if external { ActorKind::Partner } else { ActorKind::User };
        }
        match event.user_type {
            Some(3 | 4) => ActorKind::Service,
            Some(0 | 2) => ActorKind::User,
            _ if is_puid(name) => ActorKind::User,
            _ if name.starts_with("securitycompliance") || name.contains("microsoft exchange hosted organizations") => {
                ActorKind::Service
            }
            _ => ActorKind::Unknown,
        }
    }

    /// The identity of an account as a sign-in log writes it.
    pub(super) fn canonical(&self, account: &str) -> String {
        self.resolve(account.trim().to_lowercase())
    }

    fn resolve(&self, spelling: String) -> String {
        self.aliases.get(&spelling).cloned().unwrap_or(spelling)
    }
}

/// Whether the record was made by an application in its own name (UserType 5 and 6 of the schema, or a user
/// that is a service principal or an AppId).
fn is_application(event: &AuditEvent, user: &str) -> bool {
    match event.user_type {
        Some(5 | 6) => true,
        // A person's object id may stand in UserId; UserType then says so.
        Some(0 | 2 | 3 | 9) => user.starts_with("serviceprincipal_") || guid_at_tenant(user).is_some(),
        _ => user.starts_with("serviceprincipal_") || is_guid(user) || guid_at_tenant(user).is_some(),
    }
}

fn own_app_id(event: &AuditEvent) -> Option<String> {
    event
        .app_id
        .as_deref()
        .map(|id| id.trim().to_lowercase())
        .filter(|id| is_guid(id) && !CLIENTS.contains(&id.as_str()))
}

fn guid_in_user(user: &str) -> Option<String> {
    let bare = user.strip_prefix("serviceprincipal_").unwrap_or(user);
    if is_guid(bare) {
        Some(bare.to_owned())
    } else {
        guid_at_tenant(bare)
    }
}

fn guid_at_tenant(user: &str) -> Option<String> {
    user.split_once('@')
        .filter(|(id, _)| is_guid(id))
        .map(|(id, _)| id.to_owned())
}

fn is_person(user: &str) -> bool {
    user.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !is_guid(local))
        && !user.contains('\\')
        && !user.contains('/')
}

fn is_blank(user: &str) -> bool {
    matches!(user, "" | "not available" | "unknown" | "n/a" | "__null__")
}

/// A Passport unique id: sixteen hexadecimal digits.
fn is_puid(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a text is one GUID in its usual form.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Every GUID in a text, lower case.
pub(super) fn guids(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + 36) {
        match std::str::from_utf8(window) {
            Ok(candidate) if is_guid(candidate) => {
                found.push(candidate.to_ascii_lowercase());
                at += 36;
            }
            _ => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{ActorBook, guids};
    use crate::digest::Digest;
    use crate::records::{AcceptedDomain, AuditEvent};
    use crate::settings::Organization;
    use crate::timeline::ActorKind;

    const APP: &str = "11111111-2222-3333-4444-555555555555";
    const PRINCIPAL: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

    fn event(user: &str, user_type: u8) -> AuditEvent {
        AuditEvent {
            user: user.to_owned(),
            user_type: Some(user_type),
            ..AuditEvent::default()
        }
    }

    fn book(events: Vec<AuditEvent>) -> ActorBook {
        let digest = Digest {
            events,
            accepted_domains: vec![AcceptedDomain {
                domain: "fabrikam.com".to_owned(),
                ..AcceptedDomain::default()
            }],
            ..Digest::default()
        };
        ActorBook::new(&digest, &Organization::default())
    }

    fn identity(book: &ActorBook, event: &AuditEvent) -> (String, ActorKind) {
        let (identity, actor) = book.identify(event).expect("someone is named");
        (identity, actor.kind)
    }

    #[test]
    fn a_person_is_one_under_upn_and_puid() {
        let both = AuditEvent {
            user_key: "1003200126677019".to_owned(),
            ..event("IT.Admin@Fabrikam.com", 2)
        };
        let book = book(vec![both.clone()]);
        let by_key = event("1003200126677019", 2);
        assert_eq!(identity(&book, &both).0, "it.admin@fabrikam.com");
        assert_eq!(identity(&book, &by_key).0, "it.admin@fabrikam.com");
    }

    #[test]
    fn an_application_is_one_under_app_id_and_service_principal() {
        let both = AuditEvent {
            app_id: Some(APP.to_uppercase()),
            ..event(&format!("ServicePrincipal_{PRINCIPAL}"), 6)
        };
        let book = book(vec![both.clone()]);
        for other in [
            both,
            event(&format!("ServicePrincipal_{PRINCIPAL}"), 6),
            event(&format!("{APP}@fabrikam.onmicrosoft.com"), 2),
            event(APP, 5),
        ] {
            assert_eq!(
                identity(&book, &other),
                (APP.to_owned(), ActorKind::Application),
                "{}",
                other.user
            );
        }
    }

    #[test]
    fn the_tool_that_was_used_is_nobody() {
        let tool = AuditEvent {
            app_id: Some("fb78d390-0c51-40cd-8e17-fdbfab77341b".to_owned()),
            ..event(&format!("ServicePrincipal_{PRINCIPAL}"), 6)
        };
        assert_eq!(identity(&book(vec![]), &tool).0, PRINCIPAL);
    }

    #[test]
    fn kinds_follow_the_records() {
        let book = book(vec![]);
        let external = |user: &str| AuditEvent {
            external_access: Some(true),
            ..event(user, 2)
        };
        let kind = |e: &AuditEvent| identity(&book, e).1;
        assert_eq!(
            kind(&event("NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)", 3)),
            ActorKind::Service
        );
        assert_eq!(kind(&external("admin@gdap-partner.com")), ActorKind::Partner);
        assert_eq!(kind(&external("admin@fabrikam.com")), ActorKind::User);
        assert_eq!(
            kind(&event("a_b.com#EXT#@fabrikam.onmicrosoft.com", 0)),
            ActorKind::Partner
        );
        assert_eq!(kind(&event("x@y.com", 9)), ActorKind::Partner);
        assert_eq!(kind(&event("admin@elsewhere.com", 2)), ActorKind::User);
        assert_eq!(kind(&event("SecurityComplianceAlerts", 4)), ActorKind::Service);
        assert_eq!(kind(&event("Certificate", 7)), ActorKind::Unknown);
        assert!(book.identify(&event("", 2)).is_none());
        assert!(book.identify(&event("Not Available", 2)).is_none());
    }

    #[test]
    fn finds_guids_in_text_of_any_script() {
        assert_eq!(guids(&format!("ä{APP}ö{PRINCIPAL}")), vec![APP, PRINCIPAL]);
        assert!(guids("11111111-2222-3333-4444-55555555555").is_empty());
    }
}
