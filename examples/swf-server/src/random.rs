//! Random bytes, from the operating system.

use crate::state::{Boot, Seed};

/// A seed for a new state.
///
/// # Errors
/// The operating system's.
pub fn seed() -> Result<Seed, getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    Ok(Seed::new(secret))
}

/// A number for this start.
///
/// # Errors
/// The operating system's.
pub fn boot() -> Result<Boot, getrandom::Error> {
    getrandom::u64().map(Boot::new)
}

/// A number for the ids of requests.
///
/// # Errors
/// The operating system's.
pub fn salt() -> Result<u64, getrandom::Error> {
    getrandom::u64()
}
