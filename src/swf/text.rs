//! The texts of the wire, each a type that cannot hold a wrong value: names, free texts, and the limits of
//! both. What a text means is not known here.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::violation::{length, Refusal, Rule};

/// What texts of one type may look like.
struct Form {
    /// In characters.
    min: u32,
    /// In characters.
    max: u32,
    content: Content,
}

enum Content {
    /// Any text.
    Free,
    /// No `:`, `/`, `|` or control character, and not the word `arn`.
    Name,
}

impl Form {
    const fn free(min: u32, max: u32) -> Self {
        Self { min, max, content: Content::Free }
    }

    const fn name(max: u32) -> Self {
        Self { min: 1, max, content: Content::Name }
    }

    /// The first rule that the text breaks: length, then characters, then the word.
    fn check(&self, text: &str) -> Result<(), Refusal> {
        let broken = self.broken_rule(text);
        broken.map_or(Ok(()), |rule| Err(Refusal::of(text, rule)))
    }

    fn broken_rule(&self, text: &str) -> Option<Rule> {
        let length = length(text);
        if length < u64::from(self.min) {
            return Some(Rule::MinLength { min: self.min });
        }
        if length > u64::from(self.max) {
            return Some(Rule::MaxLength { max: self.max });
        }
        match self.content {
            Content::Free => None,
            Content::Name => match text.chars().find(|c| is_forbidden(*c)) {
                Some(found) => Some(Rule::ForbiddenCharacter { found }),
                None => (text == "arn").then_some(Rule::ForbiddenWord),
            },
        }
    }
}

/// `char::is_control` is exactly U+0000 to U+001F and U+007F to U+009F.
fn is_forbidden(c: char) -> bool {
    matches!(c, ':' | '/' | '|') || c.is_control()
}

/// A text type: its documentation, its name, and its form.
macro_rules! text {
    ($($(#[$meta:meta])* $name:ident: $form:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, owned.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Refusal;

            fn try_from(text: String) -> Result<Self, Refusal> {
                $form.check(&text)?;
                Ok(Self(text))
            }
        }

        impl FromStr for $name {
            type Err = Refusal;

            fn from_str(text: &str) -> Result<Self, Refusal> {
                // Checked before it is copied: a refused text costs no memory.
                $form.check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::try_from(text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text! {
    /// A name of an activity type or of a task list: 1 to 256 characters, without `:`, `/`, `|` and control
    /// characters, and not the word `arn` (SWF's documentation).
    Name: Form::name(256);
    /// A version of an activity type: 1 to 64 characters, under the same rules as a [`Name`].
    Version: Form::name(64);
    /// A domain's name: 1 to 256 characters, under the same rules as a [`Name`].
    DomainName: Form::name(256);
    /// A starter's name for a workflow execution: 1 to 256 characters, under the same rules as a [`Name`].
    WorkflowId: Form::name(256);
    /// The service's name for one run of a workflow: 1 to 64 characters, any.
    RunId: Form::free(1, 64);
    /// The id that a decider gives an activity, SWF's `activityId`: 1 to 256 characters, under the same rules
    /// as a [`Name`].
    ///
    /// Not the engine's [`ActivityId`](crate::ActivityId), hence another name: this one is chosen by the
    /// decider, unique only among the open activities of one execution, and free again when its activity closes.
    GivenId: Form::name(256);
    /// An opaque handle on a started task: 1 to 1024 characters, any. Whether it was ever issued is not
    /// known here.
    ///
    /// Whoever holds it may answer for the task, so `Debug` does not show it and there is no `Display`.
    TaskToken: Form::free(1, 1024);
    /// Free text of the decider and the workers (input, result, control, details of failed and canceled
    /// tasks): at most 32,768 characters, any.
    Data: Form::free(0, 32_768);
    /// The details of a heartbeat, which a timeout carries on: at most 2048 characters, any.
    LimitedData: Form::free(0, 2048);
    /// Why a task failed, in a word: at most 256 characters, any.
    FailureReason: Form::free(0, 256);
    /// Who polls: at most 256 characters, any.
    Identity: Form::free(0, 256);
    /// What an activity type is for: at most 1024 characters, any.
    Description: Form::free(0, 1024);
}

impl TaskToken {
    /// A token of this crate's own making: 59 to 951 characters, which needs no second look.
    pub(super) const fn sealed(text: String) -> Self {
        Self(text)
    }
}

/// Names are for reading: they display as they are.
macro_rules! shown {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

shown! { Name Version DomainName WorkflowId RunId GivenId Data LimitedData FailureReason Identity Description }

impl fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskToken(of length {})", length(&self.0))
    }
}
