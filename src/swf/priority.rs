//! The priority of a task in its task list.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::violation::{Refusal, Rule};

/// How urgent a task is: any `i32`, a string on the wire; higher goes first, the default is 0.
///
/// A task that was given none is delivered as if it had 0, and its history shows none: SWF does not say, and so a
/// history tells what was given (our choice).
///
/// SWF says "Java's Integer", so a plus sign is read as Java reads it. The empty string is refused (our choice).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TaskPriority(i32);

impl TaskPriority {
    /// The priority with this value.
    #[must_use]
    pub const fn new(value: i32) -> Self {
        Self(value)
    }

    /// The value.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl FromStr for TaskPriority {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        text.parse().map(Self).map_err(|_| Refusal::of(text, Rule::Priority))
    }
}

impl fmt::Display for TaskPriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl serde::Serialize for TaskPriority {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for TaskPriority {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
