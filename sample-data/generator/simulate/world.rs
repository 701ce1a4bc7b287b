//! A tenant with everything that happened in it: what a scenario changes and what the writers print.

use serde_json::{Value, json};

use super::audit::{self, Actor, AuditRecord};
use super::connector::Connector;
use super::expectation::{Expectation, Verdict};
use super::message::Message;
use super::random::{Guid, Random};
use super::setup::Setup;
use super::tenant::{AcceptedDomain, Account, Tenant};
use super::time::{self, Millis};
use super::{background, traffic};

/// A row of Get-BlockedConnector.
#[derive(Clone, Debug)]
pub struct BlockedConnector {
    pub connector: Guid,
    pub time: Millis,
    pub reason: String,
}

/// A change ticket for org.toml.
#[derive(Clone, Debug)]
pub struct ApprovedChange {
    pub connector: String,
    pub from: Millis,
    pub to: Millis,
    pub note: &'static str,
}

/// A tenant and its history. Messages and records are in no order until [`World::finish`].
#[derive(Debug)]
pub struct World {
    pub setup: Setup,
    pub tenant: Tenant,
    /// Start and end of what is simulated.
    pub from: Millis,
    pub to: Millis,
    pub messages: Vec<Message>,
    pub audit: Vec<AuditRecord>,
    /// The connectors as a snapshot at the end would show them.
    pub connectors: Vec<Connector>,
    pub blocked: Vec<BlockedConnector>,
    /// More for org.toml.
    pub responders: Vec<String>,
    pub more_networks: Vec<String>,
    /// Whether the analyst knows where the organisation's mail servers stand.
    pub knows_hosts: bool,
    pub approved: Vec<ApprovedChange>,
    pub expectation: Expectation,
    /// Names of the two on-premises connectors that every world begins with.
    pub headquarters: String,
    pub branch: String,
    root: Random,
    pieces: u64,
}

impl World {
    /// An organisation in which nothing happens but work.
    pub fn quiet(setup: Setup, seed: u64) -> Self {
        let root = Random::new(seed).fork(setup.profile.domain);
        let (year, month, day) = setup.start;
        let from = time::from_local(setup.profile.zone, time::utc(year, month, day, 0, 0));
        let to = time::from_local(
            setup.profile.zone,
            time::utc(year, month, day, 0, 0) + setup.days * time::DAY,
        );
        let tenant = Tenant::new(setup.profile, from, &root);
        let mut r = root.fork("connectors");
        let old = from - r.between(300, 700) * time::DAY + r.between(8, 15) * time::HOUR;
        let main = if setup.hybrid {
            let server = r.guid();
            Connector::hybrid(server, &format!("mail.{}", setup.profile.domain), old, &mut r)
        } else {
            Connector::by_address("Inbound from HQ Exchange", &setup.profile.mail_servers, old, &mut r)
        };
        let branch = Connector::by_address(
            "Inbound from Branch Relay",
            &[setup.profile.branch_relay],
            old + 40 * time::DAY,
            &mut r,
        );
        let partner = Connector::partner(
            "Litware supplier gateway",
            "litwareinc.com",
            old + 90 * time::DAY,
            &mut r,
        );
        let mut world = Self {
            setup,
            tenant,
            from,
            to,
            messages: Vec::new(),
            audit: Vec::new(),
            headquarters: main.name.clone(),
            branch: branch.name.clone(),
            connectors: vec![main, branch, partner],
            blocked: Vec::new(),
            responders: Vec::new(),
            more_networks: Vec::new(),
            knows_hosts: true,
            approved: Vec::new(),
            expectation: Expectation::default(),
            root,
            pieces: 0,
        };
        traffic::ordinary(&mut world);
        background::ordinary(&mut world);
        world
    }

    /// Chance for one piece of the simulation; every call gives a stream of its own.
    pub fn random(&mut self, label: &str) -> Random {
        self.pieces += 1;
        self.root.fork(&format!("{label} {}", self.pieces))
    }

    /// The moment when a clock in the organisation shows this time on day `day` (0 is the first).
    pub fn at(&self, day: i64, hour: i64, minute: i64) -> Millis {
        let (year, month, first) = self.setup.start;
        let local = time::utc(year, month, first, hour, minute) + day * time::DAY;
        time::from_local(self.setup.profile.zone, local)
    }

    /// The connector with this name. Scenarios name only connectors that they know.
    ///
    /// # Panics
    /// When there is none: a mistake in a scenario, not in any input.
    pub fn connector(&self, name: &str) -> &Connector {
        let found = self.connectors.iter().find(|connector| connector.name == name);
        found.unwrap_or_else(|| panic!("the scenario names a connector that does not exist: {name}"))
    }

    /// The administrator who is meant to change connectors, at work in the office.
    pub fn admin(&self) -> Actor {
        admin_actor(&self.tenant.admins[0], self.setup.profile.office)
    }

    /// Records a cmdlet.
    pub fn cmdlet<N: AsRef<str>, V: AsRef<str>>(
        &mut self,
        time: Millis,
        actor: &Actor,
        operation: &str,
        object: &str,
        parameters: &[(N, V)],
    ) {
        let mut r = self.random("cmdlet");
        let organization = self.tenant.initial_domain.clone();
        self.audit.push(audit::cmdlet(
            time,
            actor,
            operation,
            object,
            parameters,
            &organization,
            &mut r,
        ));
    }

    /// Creates a connector with the parameters that its maker typed.
    pub fn create_connector(&mut self, actor: &Actor, connector: Connector, typed: &[(String, String)]) {
        self.cmdlet(connector.created, actor, "New-InboundConnector", &connector.name, typed);
        self.connectors.push(connector);
    }

    /// Set-InboundConnector on the connector that is called `name` now. A new Name is also given to the mail that comes later.
    pub fn change_connector(&mut self, time: Millis, actor: &Actor, name: &str, changes: &[(&str, &str)]) {
        let mut typed = vec![("Identity".to_owned(), name.to_owned())];
        typed.extend(
            changes
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        self.cmdlet(time, actor, "Set-InboundConnector", name, &typed);
        self.change_unseen(time, name, changes);
    }

    /// The same change without a record of it.
    pub fn change_unseen(&mut self, time: Millis, name: &str, changes: &[(&str, &str)]) {
        let typed: Vec<_> = changes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        for connector in self.connectors.iter_mut().filter(|connector| connector.name == name) {
            connector.apply(&typed, time);
        }
        for (_, new) in changes.iter().filter(|(key, _)| *key == "Name") {
            for via in self
                .messages
                .iter_mut()
                .filter(|m| m.time >= time)
                .filter_map(|m| m.via.as_mut())
            {
                if via.name == name {
                    (*new).clone_into(&mut via.name);
                }
            }
        }
    }

    /// Set-InboundConnector whose record also names old and new values, as some tenants' records do.
    pub fn change_with_old_values(&mut self, time: Millis, actor: &Actor, name: &str, changes: &[(&str, &str)]) {
        let before = self.connector(name).clone();
        self.change_connector(time, actor, name, changes);
        let modified: Value = changes
            .iter()
            .map(|(key, new)| json!({"Name": key, "NewValue": new, "OldValue": before.value(key).unwrap_or_default()}))
            .collect();
        if let Some(record) = self.audit.last_mut() {
            record.body.push(("ModifiedProperties", modified));
        }
    }

    /// Remove-InboundConnector.
    pub fn remove_connector(&mut self, time: Millis, actor: &Actor, name: &str) {
        self.cmdlet(
            time,
            actor,
            "Remove-InboundConnector",
            name,
            &[("Identity", name), ("Confirm", "False")],
        );
        self.connectors.retain(|connector| connector.name != name);
    }

    /// New-AcceptedDomain.
    pub fn accept_domain(&mut self, time: Millis, actor: &Actor, domain: &str) {
        self.cmdlet(
            time,
            actor,
            "New-AcceptedDomain",
            domain,
            &[
                ("Name", domain),
                ("DomainName", domain),
                ("DomainType", "Authoritative"),
            ],
        );
        let guid = self.random("accepted domain").guid();
        self.tenant.accepted_domains.push(AcceptedDomain {
            name: domain.to_owned(),
            guid,
            default: false,
            created: time,
        });
    }

    /// The alert that Microsoft raises when it blocks a connector, and the block itself. What the service
    /// then refuses is for `campaign::refuse`. No Data of this alert is public: its keys are those of other
    /// alerts, with the two fields that the documentation names (connector domain and IP address).
    pub fn block(&mut self, time: Millis, name: &str, ips: &[&str]) {
        let connector = self.connector(name).guid;
        let data = json!({
            "tid": self.tenant.organization_id.to_string(), "ts": time::iso_ticks(time - 15 * time::MINUTE), "te": time::iso_ticks(time),
            "op": "Suspicious connector activity", "wl": "Exchange", "an": "Suspicious connector activity", "sev": "High", "lon": "Protection",
            "ad": "An inbound connector sends mail in a suspicious way and has been blocked from relaying.",
            "eid": connector.to_string(), "etype": "Connector", "Connector": name,
            "Connector domain": self.setup.profile.domain, "IP address": ips.join(", "),
        });
        let mut r = self.random("alert");
        self.audit.push(audit::alert(
            time,
            "Suspicious connector activity",
            "High",
            "ThreatManagement",
            &data,
            &mut r,
        ));
        let reason = "Connector shows indications of compromise: message limits exceeded".to_owned();
        self.blocked.push(BlockedConnector {
            connector,
            time,
            reason,
        });
    }

    /// What the analyzer may say about the connector.
    pub fn expect(&mut self, connector: &str, verdicts: &[Verdict], indicators: &[(&'static str, &[&'static str])]) {
        self.expectation.connector(connector, verdicts, indicators);
    }

    /// All connectors of the snapshot that nothing was said about get the same verdicts.
    pub fn expect_others(&mut self, verdicts: &[Verdict]) {
        for name in self
            .connectors
            .iter()
            .map(|connector| connector.name.clone())
            .collect::<Vec<_>>()
        {
            if !self.expectation.knows(&name) {
                self.expectation.connector(&name, verdicts, &[]);
            }
        }
    }

    /// Sorts messages and records by time, and drops what lies outside the simulated period.
    pub fn finish(&mut self) {
        let (from, to) = (self.from, self.to);
        self.messages.retain(|message| (from..to).contains(&message.time));
        self.audit.retain(|record| (from..to).contains(&record.time));
        self.messages
            .sort_by(|a, b| (a.time, a.network_id, &a.recipient).cmp(&(b.time, b.network_id, &b.recipient)));
        self.audit.sort_by_key(|record| (record.time, record.id));
    }
}

/// An administrator at `ip`.
pub fn admin_actor(account: &Account, ip: &str) -> Actor {
    Actor {
        user_id: account.address.clone(),
        user_key: account.puid.clone(),
        user_type: 2,
        ip: Some(ip.to_owned()),
        external: false,
        app_id: None,
        session: None,
    }
}
