//! What was typed: only clap, no meaning yet.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::evidence::Caps;
use crate::records;
use crate::report::Extras;
use crate::report::model::Verdict;

/// Was this inbound mail connector compromised, by whom, when, and what puts it right?
#[derive(Debug, Parser)]
#[command(
    name = "relaytrail",
    version,
    about,
    long_about = "Reads exported message traces, unified audit logs and connector snapshots of a Microsoft 365 tenant and judges, \
                  offline, whether an inbound mail connector was turned against its owner. Evidence is opened read-only; nothing \
                  is sent anywhere.",
    after_help = "Example:\n  relaytrail analyze sample-data/compromised --org sample-data/compromised/org.toml --out report"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Colour: on a terminal unless told (NO_COLOR, CLICOLOR and CLICOLOR_FORCE are heeded).
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
}

/// When the output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that shows it, as the environment says.
    Auto,
    /// Even into a file or a pipe.
    Always,
    /// Not at all.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job: read evidence, judge, write the report.
    #[command(
        after_help = "Examples:\n  relaytrail analyze sample-data/compromised --org sample-data/compromised/org.toml --out report\n  relaytrail analyze sample-data/partial/UnifiedAuditLog.csv\n  relaytrail analyze sample-data/changed --out for-others --xlsx --stix --navigator\n  relaytrail analyze sample-data/changed --fail-on suspicious --format json"
    )]
    Analyze(Analyze),
    /// What each file is, what it covers, what was lost; no judgement.
    #[command(after_help = "Example:\n  relaytrail inspect sample-data/compromised")]
    Inspect(Inspect),
    /// The connector change timeline alone.
    #[command(
        after_help = "Example:\n  relaytrail timeline sample-data/changed --connector \"Inbound from HQ Exchange\""
    )]
    Timeline(TimelineArgs),
    /// The trace rows that match, from whatever export they came.
    #[command(after_help = "Example:\n  relaytrail messages sample-data/changed --ip 91.219.236.0/24 --spam")]
    Messages(Messages),
    /// What an indicator means, what it needs, how it weighs, its source.
    #[command(after_help = "Examples:\n  relaytrail explain\n  relaytrail explain sender_mismatch")]
    Explain(Explain),
    /// Do report and evidence still match the manifest?
    #[command(after_help = "Example:\n  relaytrail verify report sample-data/compromised")]
    Verify(Verify),
    /// The other files of a report again, from report.json alone.
    #[command(
        after_help = "Examples:\n  relaytrail report report/report.json --out again\n  relaytrail report report/report.json --out again --xlsx --stix --navigator"
    )]
    Report(ReportArgs),
    /// Completions for a shell, on standard output.
    #[command(after_help = "Example:\n  relaytrail completions bash")]
    Completions {
        /// The shell to complete for.
        shell: clap_complete::Shell,
    },
}

/// What every command that reads evidence takes.
#[derive(Debug, Args)]
pub struct Evidence {
    /// Evidence: files, folders (read recursively), or - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What the analyst knows and the logs do not (never taken as evidence).
    #[arg(long, value_name = "FILE")]
    pub org: Option<PathBuf>,
    /// How dates are read that nothing in their file settles: 3/12/2025 is the 3rd of December (dmy) or the 12th of March (mdy);
    /// ymd is of years with two digits.
    #[arg(long, value_enum, value_name = "ORDER")]
    pub date_order: Option<DateOrder>,
    /// Time zone of exports that print an administrator's own time (an IANA name such as Europe/Berlin); UTC unless told.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Worker threads; all cores unless told.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Read so much of one compressed file or member of an archive (bytes, or 500M, 20G); 200 times its compressed size
    /// unless told, and 1G at least.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_member: Option<u64>,
    /// Keep so much of what is read in memory (bytes, or 500M, 20G; 1M at least) and the rest in temporary files; half of the
    /// machine's memory unless told. The program itself takes some 150M besides.
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    pub memory: Option<u64>,
    /// Directory of all temporary files, copies of standard input and of unpacked files too; the system's unless told.
    #[arg(long, value_name = "DIR")]
    pub temp: Option<PathBuf>,
}

/// The least memory that can be asked for: with less, there would be more files than rows are worth.
const LEAST_MEMORY: u64 = 1 << 20;

fn memory(text: &str) -> Result<u64, String> {
    match size(text)? {
        LEAST_MEMORY.. => Ok(size(text)?),
        _ => Err("1M is the least".to_owned()),
    }
}

/// Bytes, or so many thousands, millions and so on of them in powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let power = match unit.to_ascii_uppercase().trim_end_matches('B').trim_end_matches('I') {
        "" => 0,
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        _ => return Err("write bytes, or a number with K, M, G or T behind it, such as 20G".to_owned()),
    };
    let number = text.strip_suffix(unit).unwrap_or(text);
    number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(1 << (10 * power)))
        .ok_or_else(|| "write bytes, or a number with K, M, G or T behind it, such as 20G".to_owned())
}

impl Evidence {
    /// What may come of compressed evidence.
    pub fn caps(&self) -> Caps {
        Caps {
            member: self.max_member,
        }
    }
}

/// Databases that say where addresses stand.
#[derive(Debug, Args)]
pub struct Geo {
    /// A database in MaxMind's format (countries, cities or network operators); may be given several times. Without
    /// one, nothing is guessed of an address.
    #[arg(long, value_name = "FILE")]
    pub geoip: Vec<PathBuf>,
}

/// Bounds of the time looked at.
#[derive(Debug, Args)]
pub struct Span {
    /// Look at this time and later (RFC 3339, or a date: from its start, UTC); what lies before still serves as baseline.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Look at this time and earlier (RFC 3339, or a date: to its end, UTC, the day included).
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

/// Arguments of `analyze`.
#[derive(Debug, Args)]
pub struct Analyze {
    #[command(flatten)]
    pub evidence: Evidence,
    #[command(flatten)]
    pub span: Span,
    #[command(flatten)]
    pub geo: Geo,
    /// Write the report into this directory; an earlier report of relaytrail there is replaced.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace DIR whatever it holds.
    #[arg(long, requires = "out")]
    pub force: bool,
    #[command(flatten)]
    pub extras: ExtraFiles,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Exit with 3 where some connector stands at this verdict or worse.
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub fail_on: Option<FailOn>,
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    #[command(flatten)]
    pub evidence: Evidence,
    /// Only kinds, sizes and the records at both ends of each file, within a second; nothing between is read.
    #[arg(long)]
    pub quick: bool,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Arguments of `timeline`.
#[derive(Debug, Args)]
pub struct TimelineArgs {
    #[command(flatten)]
    pub evidence: Evidence,
    #[command(flatten)]
    pub span: Span,
    #[command(flatten)]
    pub geo: Geo,
    /// Only this connector, by any of its names or its GUID.
    #[arg(long, value_name = "NAME")]
    pub connector: Option<String>,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Arguments of `messages`: every condition that is given must hold.
#[derive(Debug, Args)]
pub struct Messages {
    #[command(flatten)]
    pub evidence: Evidence,
    #[command(flatten)]
    pub span: Span,
    /// Came through this connector, by any of its names.
    #[arg(long, value_name = "NAME")]
    pub connector: Option<String>,
    /// Came from this address or network.
    #[arg(long, value_name = "NET")]
    pub ip: Option<String>,
    /// P1 or P2 in this domain.
    #[arg(long, value_name = "DOMAIN")]
    pub sender_domain: Option<String>,
    /// Recipient in this domain.
    #[arg(long, value_name = "DOMAIN")]
    pub recipient_domain: Option<String>,
    /// Judged spam, phishing or malware.
    #[arg(long)]
    pub spam: bool,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// One indicator; all of them unless told.
    #[arg(value_name = "INDICATOR")]
    pub indicator: Option<String>,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// A report directory.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The evidence it was made from, as it was given then.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A report.json.
    #[arg(value_name = "REPORT.JSON")]
    pub report: PathBuf,
    /// Where to write the files.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace DIR whatever it holds.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub extras: ExtraFiles,
}

/// Files that a report directory has only where they are asked for.
#[derive(Debug, Clone, Copy, Args)]
pub struct ExtraFiles {
    /// Write report.xlsx too: findings, timeline, sources and evidence as sheets.
    #[arg(long, requires = "out")]
    pub xlsx: bool,
    /// Write stix.json too: addresses, domains and accounts as a STIX 2.1 bundle.
    #[arg(long, requires = "out")]
    pub stix: bool,
    /// Write navigator.json too: a layer for MITRE's ATT&CK Navigator.
    #[arg(long, requires = "out")]
    pub navigator: bool,
}

impl From<ExtraFiles> for Extras {
    fn from(files: ExtraFiles) -> Self {
        Extras {
            xlsx: files.xlsx,
            stix: files.stix,
            navigator: files.navigator,
        }
    }
}

/// The order of the parts of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DateOrder {
    Dmy,
    Mdy,
    Ymd,
}

impl From<DateOrder> for records::date::DateOrder {
    fn from(word: DateOrder) -> Self {
        match word {
            DateOrder::Dmy => Self::DayFirst,
            DateOrder::Mdy => Self::MonthFirst,
            DateOrder::Ymd => Self::YearFirst,
        }
    }
}

/// What a verb prints on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A summary for people.
    Text,
    /// The same facts as JSON.
    Json,
}

/// A verdict as a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum FailOn {
    LikelyCompromised,
    Suspicious,
    NotAssessable,
    NoIndication,
}

impl From<FailOn> for Verdict {
    fn from(word: FailOn) -> Self {
        match word {
            FailOn::LikelyCompromised => Verdict::LikelyCompromised,
            FailOn::Suspicious => Verdict::Suspicious,
            FailOn::NotAssessable => Verdict::NotAssessable,
            FailOn::NoIndication => Verdict::NoIndication,
        }
    }
}
