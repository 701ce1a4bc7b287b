//! Which tenants the range consists of: kind, size, history, export format, and what is taken away.

use super::super::audit::SIGN_IN;
use super::super::case::Case;
use super::super::evidence::{self, AuditFormat, Layout, Loss, TraceFormat, last_days, whole_time};
use super::super::formats::connectors::Style;
use super::super::formats::search_audit_log::Columns;
use super::super::random::Random;
use super::super::scenarios::Nature;
use super::super::setup::{Setup, Volume};
use super::super::tenant::{ADATUM, CONTOSO, FABRIKAM, NORTHWIND, Profile};
use super::super::time::{self, Millis};
use super::super::world::World;
use super::scene::{self, Scene};
use super::{KINDS, Kind};

/// Messages on a working day of the whole tenant, and how often in a hundred tenants.
const SIZES: [(u64, u64); 7] = [(3, 10), (15, 20), (50, 25), (150, 20), (500, 15), (1500, 7), (5000, 3)];
/// Days of history before the event, and how often in a hundred tenants.
const HISTORIES: [(i64, u64); 3] = [(10, 20), (28, 45), (90, 35)];
/// Messages of one tenant, at most: a larger organisation with a long history is made smaller, so that a thousand
/// tenants take minutes.
pub const MOST: u64 = 60_000;

/// The organisations that the tenants are.
const PROFILES: [&Profile; 4] = [&FABRIKAM, &CONTOSO, &ADATUM, &NORTHWIND];

/// What of the evidence is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// Nothing: audit log, sign-ins, trace with both senders and connector, snapshots, org.toml.
    Nothing,
    /// Of mail there are only ten days of Get-MessageTrace rows: neither connector nor envelope sender.
    TenDaysOfRows,
    /// No snapshot of connectors, accepted domains and blocks.
    Snapshot,
    /// No sign-ins in the audit log.
    SignIns,
    /// The trace does not give the header sender (P2).
    HeaderSender,
    /// The audit search ended at a limit: the newest rows, or rows here and there.
    AuditRows,
    /// Nobody wrote an org.toml.
    Organization,
    /// No audit log at all.
    AuditLog,
}

/// All of them, each with how often in a hundred tenants.
pub const MISSING: [(Missing, u64); 8] = [
    (Missing::Nothing, 60),
    (Missing::TenDaysOfRows, 14),
    (Missing::Snapshot, 5),
    (Missing::SignIns, 5),
    (Missing::HeaderSender, 4),
    (Missing::AuditRows, 5),
    (Missing::Organization, 4),
    (Missing::AuditLog, 3),
];

impl Missing {
    /// In words.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::TenDaysOfRows => "all mail but ten days of Get-MessageTrace rows",
            Self::Snapshot => "the snapshots",
            Self::SignIns => "the sign-ins",
            Self::HeaderSender => "the header sender (P2)",
            Self::AuditRows => "audit rows, by a limit",
            Self::Organization => "org.toml",
            Self::AuditLog => "the audit log",
        }
    }

    /// In one word, for a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::TenDaysOfRows => "rows",
            Self::Snapshot => "snapshot",
            Self::SignIns => "signins",
            Self::HeaderSender => "p2",
            Self::AuditRows => "audit_rows",
            Self::Organization => "org",
            Self::AuditLog => "audit_log",
        }
    }
}

/// One tenant of the range.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub kind: &'static Kind,
    pub seed: u64,
    /// Messages on a working day of the whole tenant.
    pub size: u64,
    /// Days before the event.
    pub history: i64,
    pub missing: Missing,
    /// The mixture of export formats.
    pub turn: usize,
    /// Exports were made this many days after the event; what came later is not in them.
    pub exported: i64,
}

fn drawn<T: Copy>(weights: &[(T, u64)], r: &mut Random) -> T {
    let chances: Vec<u64> = weights.iter().map(|(_, weight)| *weight).collect();
    weights[r.weighted(&chances)].0
}

/// The tenants of a range: each kind in turn. None has more than `most` messages or so.
pub fn plans(cases: usize, seed: u64, most: u64) -> Vec<Plan> {
    let root = Random::new(seed).fork("range");
    (0..cases)
        .map(|n| {
            let mut r = root.fork(&format!("tenant {n}"));
            let kind = &KINDS[n % KINDS.len()];
            let history = drawn(&HISTORIES, &mut r);
            let days = (history + kind.after) as u64;
            Plan {
                kind,
                seed: r.next(),
                size: drawn(&SIZES, &mut r).min(most / days),
                history,
                missing: drawn(&MISSING, &mut r),
                turn: r.index(12),
                exported: kind.after,
            }
        })
        .collect()
}

/// What a tenant of this size does on a working day.
fn volume(size: u64) -> Volume {
    let share = |hundredths: u64| (size * hundredths).div_ceil(100);
    Volume {
        headquarters: share(40),
        branch: share(14),
        partner: size * 5 / 100,
        cloud_out: share(18),
        cloud_in: share(20),
        // People make records whatever the mail does; the log of a large tenant is as long as need be to test reading.
        user_events: 8 + size.min(200) / 10,
        heartbeat: 75,
    }
}

impl Plan {
    /// Kind, seed and circumstances, in a line.
    pub fn name(&self) -> String {
        format!(
            "{} seed {} size {} history {} missing {:?} formats {}",
            self.kind.name, self.seed, self.size, self.history, self.missing, self.turn
        )
    }

    fn setup(&self, r: &mut Random) -> Setup {
        let hybrid = match self.kind.name {
            "certificate_takeover" | "certificate_renewal" => true,
            // These change addresses, which a connector by certificate has none of.
            "hybrid_wizard" | "nightly_reapplication" | "service_actor" | "newsletter" | "own_host" => r.chance(300),
            _ => false,
        };
        let profile = PROFILES[r.index(PROFILES.len())];
        Setup {
            profile,
            start: (2026, r.between(1, 5), r.between(1, 28)),
            days: self.history + self.kind.after,
            volume: volume(self.size),
            hybrid,
        }
    }

    /// The tenant after everything happened.
    pub fn world(&self) -> World {
        let mut r = Random::new(self.seed).fork("plan");
        let mut world = World::quiet(self.setup(&mut r), self.seed);
        scene::habits(&mut world);
        let mut scene = Scene::new(&mut world, self.history);
        scene.logged = !matches!(self.missing, Missing::AuditLog | Missing::AuditRows);
        (self.kind.play)(&mut world, &mut scene);
        if self.exported < self.kind.after {
            world.to = world.at(self.history + self.exported + 1, 0, 0);
        }
        match self.missing {
            Missing::SignIns => world.audit.retain(|record| record.record_type != SIGN_IN),
            Missing::HeaderSender => world.messages.iter_mut().for_each(|m| m.p2.clear()),
            _ => {}
        }
        world
    }

    fn layout(&self, rows: usize) -> Layout {
        let formats = [TraceFormat::EmailEvents, TraceFormat::Extended];
        let mut layout = Layout {
            traces: vec![whole_time(formats[self.turn % 2])],
            ..Layout::varied(self.turn)
        };
        match self.missing {
            Missing::TenDaysOfRows => layout.traces = vec![last_days(TraceFormat::GetMessageTrace, 10)],
            Missing::AuditLog => layout.audit = None,
            Missing::Snapshot => (layout.connectors, layout.accepted_domains, layout.blocked) = (None, None, None),
            Missing::AuditRows => {
                layout.audit = Some(AuditFormat::Search {
                    columns: Columns::Rest,
                    type_line: false,
                });
                layout.connectors = Some(Style::Seven);
                layout.loss = Some(if self.turn.is_multiple_of(2) {
                    Loss::Newest(rows / 2)
                } else {
                    Loss::Scattered
                });
            }
            _ => {}
        }
        layout
    }

    /// Files and label.
    pub fn case(&self) -> Case {
        let mut world = self.world();
        world.finish();
        let layout = self.layout(world.audit.len());
        let evidence = evidence::files(&mut world, &layout);
        let org_toml = (self.missing != Missing::Organization).then(|| world.org_toml());
        let kind = match self.kind.nature {
            Nature::Attack => "attack",
            Nature::LookAlike => "look_alike",
        };
        let expected = world
            .expectation
            .json(self.kind.name, kind, self.kind.summary, self.seed);
        Case {
            name: self.name(),
            seed: self.seed,
            evidence,
            org_toml,
            expected,
        }
    }

    /// The moment from which on the event lasts.
    pub fn event(&self, world: &World) -> Millis {
        world.at(self.history, 0, 0) - time::HOUR
    }
}

/// The kind with this name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
