//! What the figures depend on and the code does not show.

use std::fs;

const HUGE_PAGES: &str = "/sys/kernel/mm/transparent_hugepage/enabled";

/// The settings to print beside every table: huge pages decide how much of a beat is translation
/// misses, so figures under different settings do not compare.
pub fn settings() -> String {
    let huge_pages = fs::read_to_string(HUGE_PAGES).unwrap_or_else(|_| "unknown".to_owned());
    let tunables = std::env::var("GLIBC_TUNABLES").unwrap_or_else(|_| "unset".to_owned());
    format!("transparent huge pages: {}; GLIBC_TUNABLES: {tunables}; {}", huge_pages.trim(), cpu())
}

/// The processor's own name for itself.
pub fn cpu() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned())
}

/// A field of `/proc/self/status` that is given in kB, such as `VmHWM`, in bytes; zero where the
/// system has no such file.
pub fn status_bytes(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
