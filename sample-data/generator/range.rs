//! Runs the range of simulated tenants and writes what came of it.
//!
//! `cargo run --release --example range -- --cases 1000 --seed 7 --out docs/calibration.md` rewrites the document; the
//! same seed and number give the same bytes at any number of threads.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

mod measure;
mod simulate;

use measure::{Observation, ramps};
use simulate::range::plan::{self, Plan};

#[derive(Parser)]
#[command(about = "The range of simulated tenants: attacks, look-alikes, evidence taken away")]
struct Arguments {
    /// How many tenants
    #[arg(long, default_value_t = 1000)]
    cases: usize,
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Only kinds whose names hold this
    #[arg(long, default_value = "")]
    only: String,
    /// Only tenants with this missing: nothing, rows, snapshot, signins, p2, audit_rows, org, audit_log
    #[arg(long, default_value = "")]
    missing: String,
    /// How many ramps are followed day by day
    #[arg(long, default_value_t = 20)]
    ramps: usize,
    /// Messages of one tenant, about, at most
    #[arg(long, default_value_t = plan::MOST)]
    most: u64,
    /// Name every wrong answer with all its findings
    #[arg(long)]
    wrong: bool,
    /// Write evidence, org.toml and expected.json of the tenant with this number there, and judge nothing
    #[arg(long)]
    tenant: Option<usize>,
    /// Write the document there; without it only figures are printed
    #[arg(long)]
    out: Option<PathBuf>,
}

fn run(arguments: &Arguments) -> io::Result<()> {
    let plans = plan::plans(arguments.cases, arguments.seed, arguments.most);
    if let (Some(number), Some(out)) = (arguments.tenant, &arguments.out) {
        let plan = plans
            .get(number)
            .ok_or_else(|| io::Error::other("no tenant has this number"))?;
        println!("{}", plan.name());
        return plan.case().write(out);
    }
    let wanted: Vec<(usize, Plan)> = plans
        .into_iter()
        .enumerate()
        .filter(|(_, plan)| {
            plan.kind.name.contains(&arguments.only) && plan.missing.word().contains(&arguments.missing)
        })
        .collect();
    let started = Instant::now();
    let observed: Vec<Observation> = measure::observe_all(&wanted)?;
    eprintln!("{} tenants in {:.0} s", observed.len(), started.elapsed().as_secs_f64());
    if arguments.wrong {
        for observation in observed.iter().filter(|o| o.is_wrong()) {
            println!("{}\n", observation.explain());
        }
    }
    let followed = ramps::follow(arguments.ramps, arguments.seed)?;
    let text = measure::document::document(&observed, &followed, arguments.cases, arguments.seed);
    match &arguments.out {
        Some(path) => std::fs::write(path, text),
        None => {
            println!("{text}");
            Ok(())
        }
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
