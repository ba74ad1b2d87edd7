//! Why a value was refused: the member, the rule, and how long the value was. The value itself is not
//! repeated: it may be 32,768 characters, or a secret.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A rule that a value of the wire can break.
///
/// Displays as the condition that SWF's own messages state, where SWF has one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// The member must be there (SWF's documentation: "Required: Yes").
    Required,
    /// At least so many characters.
    MinLength {
        /// The least length, in characters.
        min: u32,
    },
    /// At most so many characters.
    MaxLength {
        /// The greatest length, in characters.
        max: u32,
    },
    /// No colon, slash, vertical bar or control character (U+0000 to U+001F, U+007F to U+009F).
    ForbiddenCharacter {
        /// The first one in the value.
        found: char,
    },
    /// Not the word `arn`.
    ForbiddenWord,
    /// A timeout: `NONE` or whole seconds, digits alone. That a sign or a fraction is refused is our choice.
    Timeout,
    /// A timeout of at most so many seconds.
    MaxSeconds {
        /// The greatest timeout, in seconds.
        max: u32,
    },
    /// A priority: a whole number from -2147483648 to 2147483647.
    Priority,
    /// An event id: a whole number from 0 to 4294967295.
    EventId,
    /// An instant: seconds since the epoch, not negative, before the year 33658.
    Instant,
    /// One of the enumerated words.
    OneOf {
        /// The words, in the order of SWF's service model.
        words: &'static [&'static str],
    },
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("Member must not be null"),
            Self::MinLength { min } => {
                write!(f, "Member must have length greater than or equal to {min}")
            }
            Self::MaxLength { max } => {
                write!(f, "Member must have length less than or equal to {max}")
            }
            Self::ForbiddenCharacter { found } => {
                let code = u32::from(*found);
                write!(f, "Member must not contain ':', '/', '|' or control characters, but contains U+{code:04X}")
            }
            Self::ForbiddenWord => f.write_str("Member must not be the string 'arn'"),
            Self::Timeout => f.write_str("Member must be 'NONE' or a whole number of seconds"),
            Self::MaxSeconds { max } => {
                write!(f, "Member must be 'NONE' or at most {max} seconds")
            }
            Self::Priority => f.write_str(
                "Member must be a whole number between -2147483648 and 2147483647 inclusive",
            ),
            Self::EventId => {
                f.write_str("Member must be a whole number between 0 and 4294967295 inclusive")
            }
            Self::Instant => f.write_str("Member must be an instant from 1970 to 33658"),
            Self::OneOf { words } => {
                write!(f, "Member must satisfy enum value set: [{}]", words.join(", "))
            }
        }
    }
}

/// A value that its type refused. [`at`](Self::at) adds which member it was meant for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("value of length {length}: {rule}")]
#[non_exhaustive]
pub struct Refusal {
    /// The rule that the value breaks: the first one in the order of the type's documentation.
    pub rule: Rule,
    /// The value's length in characters; 0 for a value that is not there, or is no text.
    pub length: u64,
}

impl Refusal {
    pub(super) fn of(value: &str, rule: Rule) -> Self {
        Self { rule, length: length(value) }
    }

    /// The same, with the member that the value was meant for.
    #[must_use]
    pub fn at(self, member: impl Into<String>) -> Violation {
        Violation { member: member.into(), rule: self.rule, length: self.length }
    }
}

/// One member of a request (or of any other shape) that breaks a rule.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("Value of length {length} at '{member}' failed to satisfy constraint: {rule}")]
#[non_exhaustive]
pub struct Violation {
    /// The member by its wire name, with the way to it: `taskToken`, `taskList.name`.
    pub member: String,
    /// The rule that it breaks.
    pub rule: Rule,
    /// The value's length in characters; 0 for a member that is not there, or is no text.
    pub length: u64,
}

/// Every violation of one shape, in the order of its members; at least one.
///
/// Displays as SWF's ValidationException words it: `2 validation errors detected: Value ... at ...`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// The caller has at least one.
    pub(super) const fn new(violations: Vec<Violation>) -> Self {
        Self(violations)
    }

    /// The same where the shape stands inside another one: `way` leads to it, such as `decisions.1.member`.
    #[must_use]
    pub fn within(mut self, way: &str) -> Self {
        for violation in &mut self.0 {
            violation.member = format!("{way}.{}", violation.member);
        }
        self
    }

    /// The violations, in the order of the shape's members.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self([violation].into())
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "error" } else { "errors" };
        write!(f, "{} validation {plural} detected: ", self.0.len())?;
        for (place, violation) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{violation}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Violations {}

/// A text's length as every rule counts it: in characters (Unicode code points).
pub(super) fn length(text: &str) -> u64 {
    text.chars().count() as u64
}
