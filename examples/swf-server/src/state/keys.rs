//! The keys of tokens, from one random seed that is kept as long as the state.

use heartwheel::swf::token::{KeyTooShort, TokenKey};
use serde::{Deserialize, Serialize};

/// Random bytes: 32 for the tokens, which in a snapshot are as secret as the tokens are, and a few that every run id
/// shows, so that no two states give the same.
#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
pub struct Seed {
    secret: [u8; 32],
    salt: u32,
}

impl Seed {
    #[must_use]
    pub const fn new(secret: [u8; 32], salt: u32) -> Self {
        Self { secret, salt }
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seed").field("salt", &self.salt).finish_non_exhaustive()
    }
}

/// One key for each kind of token, so that neither is taken for the other.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) seed: Seed,
    pub(crate) activity: TokenKey,
    pub(crate) decision: TokenKey,
}

impl Keys {
    pub(crate) fn new(seed: Seed) -> Result<Self, KeyTooShort> {
        Ok(Self { seed, activity: key(seed, 1)?, decision: key(seed, 2)? })
    }

    /// The id of the run with this number.
    pub(crate) fn run_id(&self, number: usize) -> String {
        format!("{:08x}-{number:010}", self.seed.salt)
    }
}

/// Two keys that differ at all refuse each other's tokens.
fn key(seed: Seed, kind: u8) -> Result<TokenKey, KeyTooShort> {
    let mut bytes = seed.secret.to_vec();
    bytes.push(kind);
    TokenKey::new(&bytes)
}
