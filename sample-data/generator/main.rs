//! Makes the data that relaytrail is shown, tested and measured with.
//!
//! `cargo run --release --example generate -- samples` rewrites the samples beside this program; the same seed gives
//! the same bytes on every machine.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

mod simulate;

use simulate::{audit_formats, case, large, samples, setting_formats, trace_formats};

#[derive(Parser)]
#[command(about = "Simulated Microsoft 365 tenants: samples, labelled cases, large inputs")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Rewrite compromised/, changed/, quiet/, partial/ and formats/ in sample-data/
    Samples {
        /// Write them there instead
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Write one labelled case: evidence/, org.toml, expected.json
    Scenario {
        /// A name from `list`
        name: String,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long)]
        out: PathBuf,
    },
    /// Name all cases
    List,
    /// Write one large file for benchmarks
    Large {
        #[arg(long, value_enum)]
        kind: Kind,
        /// Bytes, or with KB, MB or GB (powers of ten)
        #[arg(long, value_parser = parse_size)]
        size: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    UalCsv,
    UalJsonl,
    TraceCsv,
    Extended,
    #[value(name = "emailevents")]
    EmailEvents,
}

fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        other => return Err(format!("unknown unit {other}: use KB, MB or GB")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("{text} is no size"))?;
    number.checked_mul(unit).ok_or_else(|| format!("{text} is too large"))
}

fn write_samples(folder: &Path) -> io::Result<()> {
    for sample in samples::samples() {
        let target = folder.join(sample.folder);
        // What an earlier version left behind would be taken for evidence.
        if target.exists() {
            std::fs::remove_dir_all(&target)?;
        }
        case::write_files(&target, &sample.files)?;
        let bytes: usize = sample.files.iter().map(|file| file.bytes.len()).sum();
        println!(
            "{}: {} files, {} KB",
            target.display(),
            sample.files.len(),
            bytes / 1000
        );
    }
    let mut formats = audit_formats::samples(samples::SEED);
    formats.extend(setting_formats::samples(samples::SEED));
    formats.extend(trace_formats::samples(samples::SEED));
    case::write_files(folder, &formats)?;
    println!("{}: {} files", folder.join("formats").display(), formats.len());
    Ok(())
}

fn run(arguments: Arguments) -> io::Result<()> {
    match arguments.command {
        Command::Samples { out } => {
            write_samples(&out.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data")))
        }
        Command::Scenario { name, seed, out } => {
            let case = case::case(&name, seed)
                .ok_or_else(|| io::Error::other(format!("no case is called {name}; see `list`")))?;
            case.write(&out)
        }
        Command::List => {
            for name in case::names() {
                println!("{name:40} {}", case::summary(&name).unwrap_or_default());
            }
            Ok(())
        }
        Command::Large { kind, size, seed, out } => {
            let kind = match kind {
                Kind::UalCsv => large::Kind::UalCsv,
                Kind::UalJsonl => large::Kind::UalJsonl,
                Kind::TraceCsv => large::Kind::TraceCsv,
                Kind::Extended => large::Kind::Extended,
                Kind::EmailEvents => large::Kind::EmailEvents,
            };
            let (rows, bytes) = large::write(kind, size, seed, &mut File::create(&out)?)?;
            println!("{}: {rows} rows, {bytes} bytes", out.display());
            Ok(())
        }
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
