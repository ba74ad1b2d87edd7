//! A timeout as SWF writes it: `NONE` or whole seconds.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use super::violation::{length, Refusal, Rule};

/// One of an activity's timeouts: whole seconds from 0 to 31,536,000 (a year), or `NONE`.
///
/// On the wire a string of at most 8 characters, digits alone. `"0"` is a timeout like any other. The empty
/// string is legal where a timeout may be absent and means just that (our choice): it is no `TaskTimeout`,
/// and an optional member holding it reads as `None`. Signs, fractions, other text and more than a year are
/// refused (our choice). Leading zeros are dropped: `"007"` is 7 seconds.
///
/// ```
/// # use heartwheel::swf::TaskTimeout;
/// assert_eq!("30".parse::<TaskTimeout>()?, TaskTimeout::from_seconds(30)?);
/// assert_eq!("NONE".parse::<TaskTimeout>()?.to_string(), "NONE");
/// assert!("-5".parse::<TaskTimeout>().is_err());
/// # Ok::<(), heartwheel::swf::Refusal>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TaskTimeout(Option<u32>);

impl TaskTimeout {
    /// No timeout.
    pub const NONE: Self = Self(None);

    /// The longest timeout: one year, SWF's stated ceiling.
    pub const MAX_SECONDS: u32 = 31_536_000;

    /// The longest text, in characters: that of the service model.
    const MAX_LENGTH: u32 = 8;

    /// So many seconds.
    ///
    /// # Errors
    /// More than [`MAX_SECONDS`](Self::MAX_SECONDS).
    pub fn from_seconds(seconds: u32) -> Result<Self, Refusal> {
        if seconds > Self::MAX_SECONDS {
            let rule = Rule::MaxSeconds { max: Self::MAX_SECONDS };
            return Err(Refusal::of(&seconds.to_string(), rule));
        }
        Ok(Self(Some(seconds)))
    }

    /// The seconds; `None` is `NONE`.
    #[must_use]
    pub const fn seconds(self) -> Option<u32> {
        self.0
    }

    /// The same as the engine takes it; `None` is `NONE`.
    #[must_use]
    pub fn duration(self) -> Option<Duration> {
        self.0.map(|seconds| Duration::from_secs(u64::from(seconds)))
    }
}

impl FromStr for TaskTimeout {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        if length(text) > u64::from(Self::MAX_LENGTH) {
            return Err(Refusal::of(text, Rule::MaxLength { max: Self::MAX_LENGTH }));
        }
        if text == "NONE" {
            return Ok(Self::NONE);
        }
        // u32's own parser would take a plus sign.
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(seconds) if digits => {
                Self::from_seconds(seconds).map_err(|refusal| Refusal::of(text, refusal.rule))
            }
            Ok(_) | Err(_) => Err(Refusal::of(text, Rule::Timeout)),
        }
    }
}

impl fmt::Display for TaskTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(seconds) => write!(f, "{seconds}"),
            None => f.write_str("NONE"),
        }
    }
}

impl serde::Serialize for TaskTimeout {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for TaskTimeout {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
