//! Random bytes, from the operating system.

use crate::state::Seed;

/// A seed for a new state.
///
/// # Errors
/// The operating system's.
pub fn seed() -> Result<Seed, getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    Ok(Seed::new(secret, getrandom::u32()?))
}

/// A number for the ids of requests.
///
/// # Errors
/// The operating system's.
pub fn salt() -> Result<u64, getrandom::Error> {
    getrandom::u64()
}
