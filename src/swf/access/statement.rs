//! One statement of a policy, and whether it applies to a request.

use alloc::string::String;
use alloc::vec::Vec;

use super::condition::Condition;
use super::request::Parameters;
use super::wildcard::{matches, Case};

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Statement {
    pub(super) effect: Effect,
    pub(super) actions: Patterns,
    pub(super) resources: Patterns,
    /// All must hold.
    pub(super) conditions: Vec<Condition>,
}

impl Statement {
    pub(super) fn applies(
        &self,
        action: &str,
        resource: &str,
        parameters: &Parameters<'_>,
    ) -> bool {
        self.actions.select(action, Case::Insensitive)
            // IAM matches ARNs field by field. On a text with the five colons that every ARN here has,
            // a pattern with at least as many, which loading sees to, can do nothing else.
            && self.resources.select(resource, Case::Sensitive)
            && self.conditions.iter().all(|condition| condition.holds(parameters))
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// The `Action` or `NotAction`, the `Resource` or `NotResource` of a statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Patterns {
    /// What one of them matches.
    AnyOf(Vec<String>),
    /// What none of them matches.
    NoneOf(Vec<String>),
}

impl Patterns {
    fn select(&self, text: &str, case: Case) -> bool {
        match self {
            Self::AnyOf(patterns) => patterns.iter().any(|pattern| matches(pattern, text, case)),
            Self::NoneOf(patterns) => !patterns.iter().any(|pattern| matches(pattern, text, case)),
        }
    }
}
