//! Milliseconds to seconds in decimal text and back, both exactly.

use core::fmt;

/// `u64::MAX` milliseconds are so many digits of whole seconds; more cannot be an instant.
const WHOLE_DIGITS: usize = 17;

/// A span or an instant in milliseconds, shown as seconds with no needless zeros: `70`, `70.5`, `0.001`.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Seconds(pub(in super::super) u64);

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

/// The milliseconds of a plain decimal number of seconds, with zeros after the third decimal at most; programs
/// that write `5.0` for 5 are understood, powers of ten are not.
pub(super) fn to_millis(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() || whole.len() > WHOLE_DIGITS || fraction.len() > 3 {
        return None;
    }
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let mut millis: u64 = 0;
    for place in 0..3 {
        let digit = fraction.as_bytes().get(place).map_or(0, |byte| u64::from(byte - b'0'));
        millis = millis * 10 + digit;
    }
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_instant_comes_back_and_nothing_else_is_one() {
        for millis in [0, 1, 10, 100, 999, 1_000, 70_500, 1 << 53, (1 << 53) + 1, u64::MAX] {
            assert_eq!(to_millis(&Seconds(millis).to_string()), Some(millis));
        }
        assert_eq!(to_millis("5.0"), Some(5_000));
        assert_eq!(to_millis("5.1000"), Some(5_100));
        for wrong in ["", ".5", "-1", "1e3", "0.0001", "18446744073709551.616", "1.2.3"] {
            assert_eq!(to_millis(wrong), None, "{wrong}");
        }
    }
}
