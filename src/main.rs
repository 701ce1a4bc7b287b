//! Allocator, arguments, exit code: nothing else.

use std::ffi::c_long;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use libmimalloc_sys::{mi_option_set_default, mi_option_t};
use relaytrail::cli::{Cli, Color};

/// Many small strings are made and dropped on many threads; the system's allocator makes them wait for one another. It asks for no
/// huge pages (`no_thp`): they would save no time here, and of a large trace an eighth of the memory would be their empty parts.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc.h, for which the bindings have no name.
const PURGE_DELAY: mi_option_t = 15;
/// Freed memory goes back to the system at once. In the allocator's own second, what one step frees would still be held while
/// the next asks for room of another size: over 4 GB of EmailEvents that was a third of the peak.
const AT_ONCE: c_long = 0;

fn main() -> ExitCode {
    // SAFETY: sets a number that the allocator looks at when memory is freed, unless the environment sets it; no other thread
    // runs yet.
    unsafe { mi_option_set_default(PURGE_DELAY, AT_ONCE) };
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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use libmimalloc_sys::mi_option_get;

    use super::PURGE_DELAY;

    /// Runs itself as a child, because the allocator reads the environment when a process begins.
    #[test]
    fn the_number_is_that_of_the_purge_delay() {
        const CHILD: &str = "RELAYTRAIL_TEST_PURGE_DELAY";
        // SAFETY: reads a number.
        let delay = unsafe { mi_option_get(PURGE_DELAY) };
        if std::env::var_os(CHILD).is_some() {
            assert_eq!(delay, 77);
            return;
        }
        assert_ne!(delay, 77);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::the_number_is_that_of_the_purge_delay"])
            .envs([(CHILD, "1"), ("MIMALLOC_PURGE_DELAY", "77")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
    }
}
