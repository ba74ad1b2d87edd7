//! The keys of tokens, from one random seed that is kept as long as the state, and the boots that issue them.

use std::fmt;

use heartwheel::swf::token::{KeyTooShort, TokenKey};
use serde::{Deserialize, Serialize};

/// Random bytes for the keys of tokens: in a snapshot as secret as the tokens are.
#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Seed([u8; 32]);

impl Seed {
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// One start of the server upon a state, by a random number: no two are alike, also if no snapshot tells of the last.
///
/// A snapshot may be older than the newest token. What it does not know is lost in a crash, and the engine gives its
/// ids again; so tokens and run ids say which boot issued them.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Boot(u64);

impl Boot {
    #[must_use]
    pub const fn new(random: u64) -> Self {
        Self(random)
    }

    /// As it displays, and no other text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let boot = Self(u64::from_str_radix(text, 16).ok()?);
        (boot.to_string() == text).then_some(boot)
    }
}

impl fmt::Display for Boot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What a token is for: no kind is taken for the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Activity,
    Decision,
}

/// Where keys and names come from.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) seed: Seed,
    pub(crate) boot: Boot,
    /// The library's handler cannot do without one. None of its calls here makes or opens a token: [`key`](Self::key)
    /// is for those.
    pub(crate) activity: TokenKey,
}

impl Keys {
    pub(crate) fn new(seed: Seed, boot: Boot) -> Result<Self, KeyTooShort> {
        Ok(Self { seed, boot, activity: key(seed, Kind::Activity, boot)? })
    }

    /// The key of one boot's tokens of a kind. Keys that differ at all refuse each other's tokens.
    pub(crate) fn key(&self, kind: Kind, boot: Boot) -> Result<TokenKey, KeyTooShort> {
        key(self.seed, kind, boot)
    }

    /// The id of the run with this number.
    pub(crate) fn run_id(&self, number: u64) -> String {
        format!("{}-{number:010}", self.boot)
    }
}

fn key(seed: Seed, kind: Kind, boot: Boot) -> Result<TokenKey, KeyTooShort> {
    let kind = match kind {
        Kind::Activity => 1,
        Kind::Decision => 2,
    };
    let mut bytes = seed.0.to_vec();
    bytes.push(kind);
    bytes.extend(boot.0.to_be_bytes());
    TokenKey::new(&bytes)
}
