//! The four samples that are shipped in `sample-data/`: small, whole stories, one for each thing a report can say.

use serde_json::Value;

use super::evidence::{self, AuditFormat, EvidenceFile, Layout, Loss, Trace, TraceFormat};
use super::expectation::Verdict;
use super::formats::connectors::Style;
use super::formats::search_audit_log::Columns;
use super::formats::text::Encoding;
use super::scenarios::application::{self, HeaderRules};
use super::scenarios::{added_address, look_alikes};
use super::setup::{Setup, Volume};
use super::tenant::{self, Profile};
use super::time;
use super::world::World;

/// The seed of the committed samples.
pub const SEED: u64 = 2026;

/// A shipped sample.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The folder below `sample-data/`.
    pub folder: &'static str,
    /// Its files, org.toml among them.
    pub files: Vec<EvidenceFile>,
    /// What a correct analysis says, in the form of a case's expected.json. It is not shipped with the evidence.
    pub expected: Value,
}

/// Small, so that the samples stay quick to clone: some thirty messages a day.
const SMALL: Volume = Volume {
    headquarters: 16,
    branch: 6,
    partner: 2,
    cloud_out: 6,
    cloud_in: 7,
    user_events: 9,
    heartbeat: 105,
};

fn world(profile: &'static Profile, start: (i64, i64, i64), days: i64, hybrid: bool) -> World {
    World::quiet(
        Setup {
            profile,
            start,
            days,
            volume: SMALL,
            hybrid,
        },
        SEED,
    )
}

fn sample(folder: &'static str, summary: &str, mut world: World, layout: &Layout) -> Sample {
    let mut files = evidence::files(&mut world, layout);
    files.push(EvidenceFile {
        path: "org.toml".to_owned(),
        bytes: world.org_toml().into_bytes(),
    });
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let expected = world.expectation.json(folder, "sample", summary, SEED);
    Sample {
        folder,
        files,
        expected,
    }
}

/// A planted application makes a connector and rules at night, is noticed, and cleans up behind itself.
fn compromised() -> Sample {
    let mut world = world(&tenant::CONTOSO, (2026, 1, 26), 36, true);
    application::header_rules_with(
        &mut world,
        HeaderRules {
            planted: 17,
            day: 33,
            messages: 420,
            rules: 8,
            noticed: true,
        },
    );
    let layout = Layout {
        audit: Some(AuditFormat::Search {
            columns: Columns::Remoting,
            type_line: true,
        }),
        encoding: Encoding::Utf8Bom,
        connectors: Some(Style::Windows),
        accepted_domains: Some(Style::Csv),
        blocked: Some(Style::Windows),
        ..Layout::whole()
    };
    sample(
        "compromised",
        "a planted application makes a connector and header-removing rules, sends, removes them",
        world,
        &layout,
    )
}

/// A stolen administrator adds an address to a good connector on Easter Saturday.
fn changed() -> Sample {
    let mut world = world(&tenant::FABRIKAM, (2026, 2, 26), 39, false);
    let (signed_in, changed) = (time::utc(2026, 4, 4, 0, 31), time::utc(2026, 4, 4, 0, 55));
    added_address::adds_address_at(&mut world, signed_in, changed, 26, 190);
    let layout = Layout {
        audit: Some(AuditFormat::Purview),
        traces: vec![
            Trace {
                format: TraceFormat::Extended,
                last: Some(13 * time::DAY),
                connectors_only: true,
            },
            evidence::whole_time(TraceFormat::GetMessageTraceV2),
        ],
        ..Layout::whole()
    };
    sample(
        "changed",
        "a stolen administrator adds an address to a good connector",
        world,
        &layout,
    )
}

/// Nothing wrong: the Hybrid Configuration Wizard ran, and a newsletter goes out every week.
fn quiet() -> Sample {
    let mut world = world(&tenant::ADATUM, (2026, 3, 4), 33, false);
    look_alikes::newsletter_of(&mut world, 36);
    look_alikes::wizard_on(&mut world, 19, 14);
    let layout = Layout {
        audit: Some(AuditFormat::ApiLines),
        ..Layout::whole()
    };
    sample(
        "quiet",
        "nothing wrong; a wizard run and a newsletter are in it",
        world,
        &layout,
    )
}

/// Too little to say anything: the audit log ends at a limit, and nobody exported a trace.
fn partial() -> Sample {
    let mut world = world(&tenant::NORTHWIND, (2026, 3, 9), 30, false);
    world.expect_others(&[Verdict::NotAssessable]);
    let layout = Layout {
        audit: Some(AuditFormat::Search {
            columns: Columns::Rest,
            type_line: false,
        }),
        loss: Some(Loss::Newest(300)),
        traces: Vec::new(),
        connectors: Some(Style::Csv),
        accepted_domains: None,
        blocked: None,
        ..Layout::whole()
    };
    sample("partial", "a truncated audit log, no trace", world, &layout)
}

/// All samples, always with the same bytes.
pub fn samples() -> Vec<Sample> {
    vec![compromised(), changed(), quiet(), partial()]
}
