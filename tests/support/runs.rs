//! What long runs share: figures from the environment and the lines that they print.

use std::io::Write;

pub(crate) const SEED: u64 = 0x6865_6172_7477_6865;

/// A figure that an environment variable chooses: decimal or 0x, with underscores where one likes.
pub(crate) fn from_env(name: &str, default: u64) -> u64 {
    chosen(name).unwrap_or(default)
}

/// The same, if it is chosen.
pub(crate) fn chosen(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let digits = text.replace('_', "");
    let parsed = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    Some(parsed.unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

/// Prints a line to the handle itself: it is wanted though the test passes, and the harness keeps what the print
/// macros write.
pub(crate) fn say(line: core::fmt::Arguments<'_>) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{line}").unwrap();
}
