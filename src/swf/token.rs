//! Task tokens: an activity's id and its domain, sealed into opaque text that a worker carries about.
//!
//! The worker's calls name their task by token alone, so a token says which domain it belongs to, also
//! when the task has long closed and the engine no longer knows it. The order for such a call is: the
//! token's shape, then its seal ([`TokenKey::open`]), then permission on the domain that it gave, then
//! whether the task is open.
//!
//! A token is authentic, not secret: whoever holds one may use it, hand it on, and read the domain's name
//! and the id in it. Nothing in it expires; the engine's generations see to that, since an id dies with
//! its activity. SWF says only that tokens are opaque, 1 to 1024 long, and issued by the service; the
//! form is our own:
//!
//! | bytes | |
//! |---|---|
//! | 1 | version of the form, 1 |
//! | 4 + 4 | index and generation of the [`ActivityId`], most significant byte first |
//! | 3 to 672 | the domain's name, 21 bits a character, padded with zero bits |
//! | 32 | HMAC-SHA-256 of all bytes before |
//!
//! as URL-safe base64 without padding: 59 to 951 characters, 91 for a domain of ten.
//!
//! The domain's name stands in the token, so a token can be opened with nothing but the key: no table of
//! domains for the host to keep in step with what it has sealed. SWF allows names of 256 characters, which
//! is 1024 bytes of UTF-8, more than base64 has room for; 21 bits, the size of a code point, always fit.

mod domain;

use alloc::vec::Vec;
use core::fmt;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine as _;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::swf::text::{DomainName, TaskToken};
use crate::ActivityId;

/// The longest token that SWF admits, in characters.
pub const MAX_TOKEN_CHARS: usize = 1024;

/// Of the form that the module describes. A later form takes the next number.
const VERSION: u8 = 1;
/// Version, index, generation.
const HEADER_BYTES: usize = 9;
/// All of SHA-256: the text is short enough not to need a truncated seal.
const SEAL_BYTES: usize = 32;
/// What the longest text decodes to: three bytes from four characters.
const MAX_BYTES: usize = MAX_TOKEN_CHARS / 4 * 3;
/// Keeps these seals apart from whatever else a host does with the same key.
const LABEL: &[u8] = b"heartwheel: activity task token";

/// Seals and opens task tokens with the host's key.
///
/// One key belongs to one engine and its successors: the host keeps it as long as the engine's state.
/// An engine that begins anew issues the same ids again, so it needs a new key, or old tokens would reach
/// its activities. So does one that goes on from a state older than its newest token, for whatever it issues from
/// then on: a host that may lose its last moments keeps a key for each start, and which one sealed each task's
/// token. Tokens of another kind (a decision task's, say) need another key too.
///
/// ```
/// use core::time::Duration;
/// use heartwheel::swf::token::TokenKey;
/// use heartwheel::{Config, Engine, Timeouts, Timestamp};
///
/// let mut engine: Engine<&str, ()> = Engine::new(Config::default());
/// let id = engine.schedule(Timestamp::from_millis(0), "encode", Timeouts::NONE)?;
///
/// let key = TokenKey::new(&[7; 32])?; // a real host draws random bytes, and keeps them
/// let token = key.seal(&"media".parse()?, id);
/// let task = key.open(token.as_str())?;
/// assert_eq!((task.domain.as_str(), task.id), ("media", id));
/// assert!(key.open(&token.as_str().replacen('A', "B", 1)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TokenKey {
    /// Already keyed, which saves two rounds of the hash on every call.
    mac: Hmac<Sha256>,
}

impl TokenKey {
    /// The shortest key, in bytes: as long as the seal. A shorter one would be easier to guess than the
    /// seal itself (RFC 2104 discourages them for this reason).
    pub const MIN_BYTES: usize = SEAL_BYTES;

    /// A key from the host's bytes, which ought to be random: at least [`MIN_BYTES`](Self::MIN_BYTES) of
    /// them, with no maximum. Every bit counts: two keys that differ at all refuse each other's tokens.
    ///
    /// # Errors
    /// [`KeyTooShort`] below the minimum.
    pub fn new(key: &[u8]) -> Result<Self, KeyTooShort> {
        if key.len() < Self::MIN_BYTES {
            return Err(KeyTooShort { bytes: key.len() });
        }
        // HMAC pads its key with zeros, and hashes a long one; taken as it is, a key and the same key with
        // a zero byte behind it would be one. The digest of all of it has neither ambiguity.
        let digest = Sha256::new().chain_update(LABEL).chain_update(key).finalize();
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (place, byte) in block.iter_mut().zip(digest) {
            *place = byte;
        }
        Ok(Self { mac: Hmac::new(&block) })
    }

    /// The token of one activity in one domain: always the same text for the same two, and never too long.
    #[must_use]
    pub fn seal(&self, domain: &DomainName, id: ActivityId) -> TaskToken {
        let domain = domain.as_str();
        let name_bytes = domain::packed_bytes(domain.chars().count());
        let mut bytes = Vec::with_capacity(HEADER_BYTES + name_bytes + SEAL_BYTES);
        bytes.push(VERSION);
        bytes.extend(id.index.to_be_bytes());
        bytes.extend(id.generation.to_be_bytes());
        domain::pack(domain, &mut bytes);
        let seal = self.mac.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend(seal);
        TaskToken::sealed(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a genuine token was sealed with. Work and memory are bounded by [`MAX_TOKEN_CHARS`], whatever
    /// the text; the seal is compared in constant time, before anything under it is looked at.
    ///
    /// # Errors
    /// [`InvalidToken`] for every text that this key has not sealed, whatever is wrong with it.
    pub fn open(&self, token: &str) -> Result<OpenToken, InvalidToken> {
        let mut buffer = [0; MAX_BYTES];
        if token.len() > MAX_TOKEN_CHARS {
            return Err(InvalidToken);
        }
        // This decoder takes the canonical text alone: no padding, no blanks, no bits set past the end.
        let length = URL_SAFE_NO_PAD.decode_slice(token, &mut buffer).map_err(|_| InvalidToken)?;
        let bytes = buffer.get(..length).ok_or(InvalidToken)?;
        let (sealed, seal) = bytes.split_last_chunk::<SEAL_BYTES>().ok_or(InvalidToken)?;
        self.mac.clone().chain_update(sealed).verify_slice(seal).map_err(|_| InvalidToken)?;
        parse(sealed).ok_or(InvalidToken)
    }

    /// Like [`open`](Self::open), where only tokens of one domain are genuine: for a host that serves one.
    ///
    /// # Errors
    /// [`InvalidToken`] for every text that this key has not sealed for this domain.
    pub fn open_in(&self, domain: &DomainName, token: &str) -> Result<ActivityId, InvalidToken> {
        let task = self.open(token)?;
        if task.domain == *domain {
            Ok(task.id)
        } else {
            Err(InvalidToken)
        }
    }
}

/// Never the key.
impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey").finish_non_exhaustive()
    }
}

/// `None` for what [`TokenKey::seal`] does not write: another version, which another release may have
/// sealed with the same key.
fn parse(sealed: &[u8]) -> Option<OpenToken> {
    let (header, name) = sealed.split_first_chunk::<HEADER_BYTES>()?;
    let [version, i0, i1, i2, i3, g0, g1, g2, g3] = *header;
    if version != VERSION {
        return None;
    }
    let id = ActivityId {
        index: u32::from_be_bytes([i0, i1, i2, i3]),
        generation: u32::from_be_bytes([g0, g1, g2, g3]),
    };
    Some(OpenToken { domain: DomainName::try_from(domain::unpack(name)?).ok()?, id })
}

/// What a genuine token was sealed with. Whether the task is still open, the engine knows.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct OpenToken {
    /// The domain that the token belongs to, on which the caller needs permission.
    pub domain: DomainName,
    /// The activity.
    pub id: ActivityId,
}

/// Altered, cut, extended, of another key or domain, or invented: one error, which does not tell which.
// The text is the message that SWF's clients get, so it keeps the capital.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("Invalid token")]
#[allow(clippy::exhaustive_structs, reason = "it has nothing to tell, by design")]
pub struct InvalidToken;

/// A key that is too short to seal with. Draw [`TokenKey::MIN_BYTES`] random bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a key of {bytes} bytes is too short: at least {} are needed, or the key is easier to guess than the seal",
    TokenKey::MIN_BYTES
)]
#[non_exhaustive]
pub struct KeyTooShort {
    /// How long the key was.
    pub bytes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_not_read_however_well_it_is_sealed() {
        let sealed = [VERSION, 0, 0, 0, 3, 0, 0, 0, 4, 0, 3, 8];
        assert!(parse(&sealed).is_some_and(|task| task.domain.as_str() == "a"));
        for version in (0..=u8::MAX).filter(|version| *version != VERSION) {
            let mut other = sealed;
            other[0] = version;
            assert_eq!(parse(&other), None);
        }
    }
}
