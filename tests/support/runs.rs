//! What long runs share: figures from the environment, the seeds of their scenarios, and the lines that they print.

use std::io::Write;

pub(crate) const SEED: u64 = 0x6865_6172_7477_6865;

/// The seed of a scenario, such that those of neighbouring seeds do not overlap (the splitmix64 finaliser).
pub(crate) fn scenario_seed(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A figure that an environment variable chooses: decimal or 0x, with underscores where one likes.
pub(crate) fn from_env(name: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(name) else { return default };
    let digits = text.replace('_', "");
    let parsed = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    parsed.unwrap_or_else(|error| panic!("{name}={text}: {error}"))
}

/// Prints a line to the handle itself: it is wanted though the test passes, and the harness keeps what the print
/// macros write.
pub(crate) fn say(line: core::fmt::Arguments<'_>) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{line}").unwrap();
}
