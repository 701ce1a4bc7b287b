//! The organisations that are simulated: who they are, where they stand, whom they write to.
//!
//! All names are the fictional companies of vendor documentation, and every mailbox is a role, not a person.
//! Addresses lie in documentation ranges or in the ranges of public GeoIP test databases.

use chrono_tz::Tz;

use super::random::{Guid, Random};
use super::time::{self, Millis};

/// The fixed facts of an organisation.
#[derive(Debug)]
pub struct Profile {
    pub name: &'static str,
    pub domain: &'static str,
    pub zone: Tz,
    /// The network of the main site; its first addresses are mail servers, its last one is the office gateway.
    pub site: &'static str,
    pub mail_servers: [&'static str; 2],
    pub office: &'static str,
    /// A smaller site with a relay of its own.
    pub branch: &'static str,
    pub branch_relay: &'static str,
    pub licenses: u32,
    /// Days without work, as (year, month, day).
    pub holidays: &'static [(i64, i64, i64)],
}

/// A company with mail servers in Berlin.
pub const FABRIKAM: Profile = Profile {
    name: "Fabrikam",
    domain: "fabrikam.com",
    zone: chrono_tz::Europe::Berlin,
    site: "81.2.69.160/28",
    mail_servers: ["81.2.69.161", "81.2.69.162"],
    office: "81.2.69.174",
    branch: "2.125.160.216/29",
    branch_relay: "2.125.160.217",
    licenses: 250,
    holidays: &[(2026, 4, 3), (2026, 4, 6)],
};

/// A company in Chicago, half way to the cloud (hybrid).
pub const CONTOSO: Profile = Profile {
    name: "Contoso",
    domain: "contoso.com",
    zone: chrono_tz::America::Chicago,
    site: "216.160.83.56/29",
    mail_servers: ["216.160.83.57", "216.160.83.58"],
    office: "216.160.83.62",
    branch: "89.160.20.112/28",
    branch_relay: "89.160.20.113",
    licenses: 400,
    holidays: &[(2026, 1, 19), (2026, 2, 16), (2026, 5, 25)],
};

/// A company in London.
pub const ADATUM: Profile = Profile {
    name: "Adatum",
    domain: "adatum.com",
    zone: chrono_tz::Europe::London,
    site: "2.125.160.216/29",
    mail_servers: ["2.125.160.217", "2.125.160.218"],
    office: "2.125.160.222",
    branch: "81.2.69.144/28",
    branch_relay: "81.2.69.145",
    licenses: 120,
    holidays: &[(2026, 4, 3), (2026, 4, 6)],
};

/// A company in Sydney.
pub const NORTHWIND: Profile = Profile {
    name: "Northwind Traders",
    domain: "northwindtraders.com",
    zone: chrono_tz::Australia::Sydney,
    site: "175.16.199.32/28",
    mail_servers: ["175.16.199.33", "175.16.199.34"],
    office: "175.16.199.46",
    branch: "89.160.20.128/28",
    branch_relay: "89.160.20.129",
    licenses: 60,
    holidays: &[(2026, 1, 26), (2026, 4, 3), (2026, 4, 6)],
};

/// An account with a mailbox.
#[derive(Clone, Debug)]
pub struct Account {
    pub address: String,
    pub object_id: Guid,
    /// UserKey of Exchange records: 16 hexadecimal digits.
    pub puid: String,
    /// The address that its sign-ins usually come from.
    pub home: String,
    pub agent: &'static str,
}

/// An external organisation that mail is exchanged with.
#[derive(Clone, Debug)]
pub struct Correspondent {
    pub domain: String,
    pub server: String,
    pub people: Vec<String>,
}

/// A domain of Get-AcceptedDomain.
#[derive(Clone, Debug)]
pub struct AcceptedDomain {
    pub name: String,
    pub guid: Guid,
    pub default: bool,
    pub created: Millis,
}

/// One simulated organisation.
#[derive(Debug)]
pub struct Tenant {
    pub profile: &'static Profile,
    pub organization_id: Guid,
    /// `contoso.onmicrosoft.com`
    pub initial_domain: String,
    pub accepted_domains: Vec<AcceptedDomain>,
    pub admins: Vec<Account>,
    /// Mailboxes in the cloud.
    pub users: Vec<Account>,
    /// Senders whose mailbox or application is on the organisation's own servers.
    pub on_premises: Vec<String>,
    pub correspondents: Vec<Correspondent>,
}

/// User agents that occur in sign-ins.
pub const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36 Edg/144.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
];

const COMPANIES: [&str; 30] = [
    "litwareinc.com",
    "proseware.com",
    "tailspintoys.com",
    "wingtiptoys.com",
    "adventure-works.com",
    "fourthcoffee.com",
    "treyresearch.net",
    "lucernepublishing.com",
    "relecloud.com",
    "alpineskihouse.com",
    "cohovineyard.com",
    "cohowinery.com",
    "blueyonderairlines.com",
    "consolidatedmessenger.com",
    "graphicdesigninstitute.com",
    "humongousinsurance.com",
    "margiestravel.com",
    "southridgevideo.com",
    "wideworldimporters.com",
    "bestforyouorganics.com",
    "vanarsdelltd.com",
    "thephone-company.com",
    "nodpublishers.com",
    "cpandl.com",
    "firstupconsultants.com",
    "lamnahealthcare.com",
    "munsonspicklesandpreservesfarm.com",
    "trade-team.example",
    "m\u{fc}ller-logistik.example",
    "city-council.example",
];

const ROLES: [&str; 10] = [
    "orders",
    "invoices",
    "contact",
    "sales",
    "purchasing",
    "accounts.payable",
    "logistics",
    "service",
    "info",
    "projects",
];

const DEPARTMENTS: [&str; 6] = ["sales", "purchasing", "finance", "support", "logistics", "marketing"];

impl Tenant {
    /// The organisation of `profile` with everything that chance decides about it. It has existed since long
    /// before `start`.
    pub fn new(profile: &'static Profile, start: Millis, random: &Random) -> Self {
        let mut r = random.fork("tenant");
        let initial = profile.domain.split('.').next().unwrap_or(profile.domain).to_owned() + ".onmicrosoft.com";
        let old = start - 900 * time::DAY - r.between(0, 90 * time::DAY);
        let accepted_domains = [
            (initial.clone(), false),
            (profile.domain.to_owned(), true),
            (format!("corp.{}", profile.domain), false),
        ]
        .into_iter()
        .map(|(name, default)| AcceptedDomain {
            name,
            guid: r.guid(),
            default,
            created: old,
        })
        .collect();
        let mut account = |local: String, home: &str, agent: &'static str| Account {
            address: format!("{local}@{}", profile.domain),
            object_id: r.guid(),
            puid: format!("10032{:011X}", r.below(1 << 44)),
            home: home.to_owned(),
            agent,
        };
        let admins = ["it.admin", "mail.admin"]
            .map(|name| account(name.to_owned(), profile.office, AGENTS[0]))
            .to_vec();
        let users = (0..24)
            .map(|n| {
                // Most work from the office, some from a home of their own, one address each.
                let home = match n % 6 {
                    0 => format!("198.51.100.{}", 20 + n),
                    3 => format!("2001:db8:20:{n:x}::1f"),
                    _ => profile.office.to_owned(),
                };
                account(
                    format!("{}{:02}", DEPARTMENTS[n % DEPARTMENTS.len()], n / DEPARTMENTS.len() + 1),
                    &home,
                    AGENTS[n % 4],
                )
            })
            .collect();
        let on_premises = [
            "erp",
            "invoicing",
            "order.confirmation",
            "monitoring",
            "hr.office",
            "plant.office",
            "works.council",
            "reception",
        ]
        .map(|name| format!("{name}@{}", profile.domain))
        .to_vec();
        let correspondents = COMPANIES
            .iter()
            .enumerate()
            .map(|(n, domain)| Correspondent {
                domain: (*domain).to_owned(),
                server: if n % 9 == 7 {
                    format!("2001:db8:60::{n:x}:25")
                } else {
                    format!("203.0.113.{}", 10 + n)
                },
                people: (0..r.between(1, 6) as usize)
                    .map(|k| {
                        let role = ROLES[(n + k) % ROLES.len()];
                        if k < 3 {
                            format!("{role}@{domain}")
                        } else {
                            format!("{role}{k:02}@{domain}")
                        }
                    })
                    .collect(),
            })
            .collect();
        Self {
            profile,
            organization_id: r.guid(),
            initial_domain: initial,
            accepted_domains,
            admins,
            users,
            on_premises,
            correspondents,
        }
    }

    /// Whether people work on the day that a local clock shows.
    pub fn works(&self, local: Millis) -> bool {
        let c = time::civil(local);
        time::weekday(local) < 5 && !self.profile.holidays.contains(&(c.year, c.month, c.day))
    }

    /// Whether `domain` is one of the organisation's own.
    pub fn accepts(&self, domain: &str) -> bool {
        self.accepted_domains
            .iter()
            .any(|accepted| accepted.name.eq_ignore_ascii_case(domain))
    }
}
