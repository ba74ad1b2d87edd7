//! Seconds in decimal text to milliseconds and back, both exactly: no float is involved.

use std::fmt;
use std::time::Duration;

use heartwheel::Timestamp;

/// `u64::MAX` has this many digits, so a longer whole number is past it.
const U64_DIGITS: i64 = 20;

/// The milliseconds that a JSON number of seconds stands for; `None` if it is negative, finer than a
/// millisecond, or past the last instant.
///
/// The value counts and not how it is written: `1.5`, `1.5000`, `15e-1` and `0.15E+1` are the same, and
/// `-0` is zero.
pub(crate) fn to_millis(number: &str) -> Option<u64> {
    let (negative, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, number),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let without_trailing = digits.trim_end_matches('0');
    let significant = without_trailing.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // The value is `significant` times ten to this power, in milliseconds.
    let power = exponent
        .saturating_add(3)
        .saturating_sub(length(fraction))
        .saturating_add(length(&digits) - length(without_trailing));
    // Checked before anything is multiplied: 1e999999999 must cost nothing.
    if negative || power < 0 || length(significant).saturating_add(power) > U64_DIGITS {
        return None;
    }
    let scale = 10_u128.checked_pow(u32::try_from(power).ok()?)?;
    let millis = significant.parse::<u128>().ok()?.checked_mul(scale)?;
    u64::try_from(millis).ok()
}

/// An instant or a span as a number of seconds with no needless zeros, such as `70`, `70.5` or `0.001`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(pub(crate) u64);

impl From<Timestamp> for Seconds {
    fn from(instant: Timestamp) -> Self {
        Self(instant.as_millis())
    }
}

/// Of whole milliseconds, as the engine's spans are; longer than time is all of time.
impl From<Duration> for Seconds {
    fn from(span: Duration) -> Self {
        Self(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, millis) = (self.0 / 1_000, self.0 % 1_000);
        match millis {
            0 => write!(f, "{whole}"),
            _ if millis % 100 == 0 => write!(f, "{whole}.{}", millis / 100),
            _ if millis % 10 == 0 => write!(f, "{whole}.{:02}", millis / 10),
            _ => write!(f, "{whole}.{millis:03}"),
        }
    }
}

/// An exponent past `i64` is past every limit here as well, whatever mantissa fits into a line.
fn read_exponent(digits: &str) -> i64 {
    let past_every_limit = if digits.starts_with('-') { i64::MIN } else { i64::MAX };
    digits.parse().unwrap_or(past_every_limit)
}

/// A length as a signed number; no text in memory is longer than `i64` counts.
fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}
