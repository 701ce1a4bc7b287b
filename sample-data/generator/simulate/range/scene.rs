//! What differs between two tenants in which the same thing happens: the intruder's way in and hosts, the hour, and the
//! habits of the people who work there.

use super::super::audit::{Actor, OFFICE_PORTAL, SignIn};
use super::super::campaign::{Campaign, Targets, addresses, own_senders, verp};
use super::super::intrusion::steal_admin;
use super::super::random::Random;
use super::super::scenarios::SUPPORTED;
use super::super::tenant::AGENTS;
use super::super::time::{self, Millis};
use super::super::world::{World, admin_actor};

/// Networks of public GeoIP test data that no simulated organisation stands in.
const ABROAD: [&str; 3] = ["91.219.236", "67.43.156", "202.196.224"];
/// Foreign organisations in whose name is written.
const BRANDS: [&str; 3] = [
    "woodgrovebank.com",
    "humongousinsurance.com",
    "consolidatedmessenger.com",
];
/// Where administrators live.
const HOME: &str = "198.51.100.201";

/// States of an indicator, as labels hold them.
type Label = (&'static str, &'static [&'static str]);

/// How the intruder came by the administrator's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// Guessed passwords: failures, then success, with a scripting client.
    Guessed,
    /// A session taken by a proxy in between: one success from a new network, in a browser.
    Taken,
}

/// The circumstances of one tenant.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The day of the event.
    pub day: i64,
    /// The hour of it, by the local clock.
    pub hour: i64,
    pub way_in: WayIn,
    /// The address that the intruder signs in from.
    pub session_ip: String,
    /// The network, without its last number, that the mail comes from.
    pub network: String,
    /// Whether the audit log will be whole: without it, a connector under another name is another connector.
    pub logged: bool,
    /// How many of a thousand of the intruder's messages the filters find.
    pub filtered: u64,
    /// Messages a working day that the connector of the main site carries.
    pub usual: u64,
    pub r: Random,
}

impl Scene {
    /// Draws the circumstances of an event on `day`.
    pub fn new(world: &mut World, day: i64) -> Self {
        let mut r = world.random("scene");
        let network = (*r.pick(&ABROAD)).to_owned();
        // Mostly the session and the mail come from different networks.
        let session = if r.chance(300) {
            network.as_str()
        } else {
            *r.pick(&ABROAD)
        };
        Self {
            day,
            hour: *r.pick(&[1, 2, 3, 5, 9, 11, 14, 16, 21, 23]),
            way_in: if r.chance(550) { WayIn::Guessed } else { WayIn::Taken },
            session_ip: format!("{session}.{}", r.between(2, 250)),
            network,
            logged: true,
            filtered: *r.pick(&[420, 420, 300, 120, 20]),
            usual: world.setup.volume.headquarters,
            r,
        }
    }

    /// A host in the intruder's network.
    pub fn host(&mut self) -> String {
        format!("{}.{}", self.network, self.r.between(2, 250))
    }

    /// The event's moment.
    pub fn moment(&mut self, world: &World) -> Millis {
        world.at(self.day, self.hour, 0) + self.r.between(0, 59) * time::MINUTE
    }

    /// A moment in office hours of the first working day from the event's day on, or in the evening of it.
    pub fn work_moment(&mut self, world: &World) -> Millis {
        let hour = *self.r.pick(&[8, 9, 10, 11, 13, 14, 15, 16, 19]);
        world.at(self.work_day(world), hour, 0) + self.r.between(0, 59) * time::MINUTE
    }

    /// The first working day from the event's day on.
    pub fn work_day(&self, world: &World) -> i64 {
        let zone = world.setup.profile.zone;
        (self.day..self.day + 6)
            .find(|day| world.tenant.works(time::to_local(zone, world.at(*day, 12, 0))))
            .unwrap_or(self.day)
    }

    /// Takes the administrator's session at `time`.
    pub fn enter(&mut self, world: &mut World, admin: usize, time: Millis) -> Actor {
        if self.way_in == WayIn::Guessed {
            return steal_admin(world, admin, time, &self.session_ip);
        }
        let account = world.tenant.admins[admin].clone();
        let session = Some(self.r.guid());
        let sign_in = SignIn {
            user_id: &account.address,
            object_id: account.object_id,
            ip: &self.session_ip,
            agent: AGENTS[self.r.index(3)],
            application: OFFICE_PORTAL,
            error: None,
            session,
        };
        let record = sign_in.record(time, &mut self.r);
        world.audit.push(record);
        world.expectation.compromised_accounts.push(account.address.clone());
        world.expectation.attack_lasted(time, time);
        Actor {
            session,
            ..admin_actor(&account, &self.session_ip)
        }
    }

    /// The administrator at work: in the office or, where that is a habit, at home.
    pub fn admin(&mut self, world: &mut World, time: Millis) -> Actor {
        let account = world.tenant.admins[0].clone();
        let at_home = world.audit.iter().any(|r| r.client_ip.as_deref() == Some(HOME)) && self.r.chance(300);
        let ip = if at_home { HOME } else { account.home.as_str() };
        // A new computer or browser, now and then.
        let agent = if self.r.chance(200) { AGENTS[1] } else { account.agent };
        let session = Some(self.r.guid());
        let sign_in = SignIn {
            user_id: &account.address,
            object_id: account.object_id,
            ip,
            agent,
            application: OFFICE_PORTAL,
            error: None,
            session,
        };
        let record = sign_in.record(time - self.r.between(1, 60) * time::MINUTE, &mut self.r);
        world.audit.push(record);
        Actor {
            session,
            ..admin_actor(&account, ip)
        }
    }

    /// So many messages as a campaign has: some hundred, and in a large organisation now and then a share of its mail.
    pub fn campaign_size(&mut self) -> u64 {
        let share = self.usual * self.r.below(60) / 100;
        self.r.between(150, 700) as u64 + if self.r.chance(400) { share } else { 0 }
    }

    /// Sends spam through a connector for `hours`, in a brand's name or in the organisation's own, and says which
    /// indicators must show it.
    pub fn spam(
        &mut self,
        world: &mut World,
        connector: &str,
        from: Millis,
        hours: i64,
        messages: u64,
        sources: &[String],
    ) -> Vec<Label> {
        let own = own_senders(world);
        let brand = *self.r.pick(&BRANDS);
        let foreign = self.r.chance(700);
        let p2 = if foreign {
            addresses(&["security", "service.center", "alerts"], brand)
        } else {
            Vec::new()
        };
        let to = from + hours * time::HOUR;
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        Campaign {
            spam: self.filtered,
            ..Campaign::spam(connector, from, to, messages, &sources, &own, &p2)
        }
        .send(world);
        let days = (hours as u64).div_ceil(24).max(1);
        let mut labels = Vec::new();
        // What is less than a third of the mail of its days may drown.
        if messages * 2 > self.usual * days {
            if self.filtered >= 300 {
                labels.push(("spam_delivery", SUPPORTED));
            }
            labels.push(("unfamiliar_recipients", SUPPORTED));
            if foreign {
                labels.push(("sender_mismatch", SUPPORTED));
            }
        }
        if messages / days > 3 * self.usual + 30 {
            labels.push(("volume_spike", SUPPORTED));
        }
        labels
    }

    /// The label of the hand behind a change: only guessed passwords leave nothing open.
    pub fn hand(&self) -> Option<Label> {
        (self.way_in == WayIn::Guessed).then_some(("compromised_admin", SUPPORTED))
    }
}

/// Habits that have nothing to do with what happens: people who work at home, a newsletter, forwarded mail.
pub fn habits(world: &mut World) {
    let mut r = world.random("habits");
    if r.chance(400) {
        works_at_home(world, &mut r);
    }
    if r.chance(250) {
        travels(world, &mut r);
    }
    world.knows_hosts = !r.chance(250);
    if r.chance(200) {
        newsletter(world, 2 + r.between(0, 2), world.setup.volume.headquarters.max(10) * 2);
    }
    if r.chance(200) {
        let mean = world.setup.volume.headquarters * 80;
        forwards(world, mean.max(600));
    }
}

/// The first administrator signs in from home on two days a week.
fn works_at_home(world: &mut World, r: &mut Random) {
    let account = world.tenant.admins[0].clone();
    for day in 0..world.setup.days {
        if !r.chance(350) {
            continue;
        }
        let sign_in = SignIn {
            user_id: &account.address,
            object_id: account.object_id,
            ip: HOME,
            agent: account.agent,
            application: OFFICE_PORTAL,
            error: None,
            session: Some(r.guid()),
        };
        let time = world.at(day, r.between(7, 20), r.between(0, 59));
        world.audit.push(sign_in.record(time, r));
    }
}

/// The first administrator is on a journey for some days of the first week or two, with a sign-in each evening.
fn travels(world: &mut World, r: &mut Random) {
    let account = world.tenant.admins[0].clone();
    let first = r.between(1, (world.setup.days / 2 - 4).clamp(1, 40));
    let hotel = format!("198.51.100.{}", r.between(220, 250));
    for day in first..first + r.between(1, 4) {
        let sign_in = SignIn {
            user_id: &account.address,
            object_id: account.object_id,
            ip: &hotel,
            agent: account.agent,
            application: OFFICE_PORTAL,
            error: None,
            session: Some(r.guid()),
        };
        let time = world.at(day, r.between(18, 22), r.between(0, 59));
        world.audit.push(sign_in.record(time, r));
    }
}

/// A newsletter every week on that day, from the first week on.
pub fn newsletter(world: &mut World, first: i64, messages: u64) {
    let name = world.headquarters.clone();
    let domain = world.setup.profile.domain;
    let (p1, p2) = (verp(&format!("corp.{domain}")), addresses(&["newsletter"], domain));
    for day in (first..world.setup.days).step_by(7) {
        let (from, to) = (world.at(day, 10, 0), world.at(day, 10, 50));
        let source = &world.setup.profile.mail_servers[..1];
        Campaign {
            targets: Targets::List(messages + messages / 10),
            subjects: &["News of the week"],
            spam: 2,
            bounces: 8,
            hostile: false,
            ..Campaign::spam(&name, from, to, messages, source, &p1, &p2)
        }
        .send(world);
    }
}

/// Mail that the own servers forward outside, with rewritten envelope senders: thousandths of a message a working day.
pub fn forwards(world: &mut World, mean_milli: u64) {
    super::super::scenarios::insider_traffic::forward(world, mean_milli);
}
