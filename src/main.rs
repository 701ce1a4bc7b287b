//! Allocator, arguments, exit code: nothing else.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use relaytrail::cli::{Cli, Color};

/// Many small strings are made and dropped on many threads; the system's allocator makes them wait for one another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let command_line: Vec<String> = std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect();
    match cli.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    let mut out = anstream::stdout().lock();
    match relaytrail::run(&cli, &command_line, &mut out).and_then(|code| Ok(out.flush().map(|()| code)?)) {
        Ok(code) => ExitCode::from(code),
        // Whoever read our output has seen enough.
        Err(e) if e.is_broken_pipe() => ExitCode::SUCCESS,
        Err(e) => {
            anstream::eprintln!("error: {}", e.shown());
            if let Some(hint) = e.hint() {
                anstream::eprintln!("hint: {hint}");
            }
            ExitCode::from(e.exit_code())
        }
    }
}
