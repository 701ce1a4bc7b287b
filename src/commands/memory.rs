//! How much memory a run may take for what it keeps, unless it is told.

use std::fs;

/// Bytes, where the machine does not say how much it has.
const UNKNOWN: u64 = 4 << 30;

/// Half of the machine's memory, or of what the system lets this process have of it.
pub fn default() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.as_deref().and_then(total);
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|text| text.trim().parse().ok());
    [machine, group]
        .into_iter()
        .flatten()
        .min()
        .map_or(UNKNOWN, |all: u64| all / 2)
}

/// The memory of the machine in bytes, as Linux tells it.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::{default, total};

    #[test]
    fn the_memory_of_the_machine_is_read_in_bytes() {
        let text = "MemFree:         1 kB\nMemTotal:       24683520 kB\nMemAvailable:   2 kB\n";
        assert_eq!(total(text), Some(24_683_520 * 1024));
        assert_eq!(total("MemTotal: many"), None);
        assert!(default() > 0);
    }
}
