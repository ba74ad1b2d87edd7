//! The conditions of a statement: an operator, a key, and the values that the request's parameter is
//! compared with.

use alloc::string::String;
use alloc::vec::Vec;

use super::request::Parameters;
use super::wildcard::{fold, matches, Case};

/// One operator on one key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Condition {
    pub(super) operator: Operator,
    pub(super) key: Key,
    /// At least one.
    pub(super) values: Vec<String>,
}

impl Condition {
    pub(super) fn holds(&self, parameters: &Parameters<'_>) -> bool {
        let Operator { test, sense, absent } = self.operator;
        match (self.key.of(parameters), sense) {
            (None, _) => absent == Absent::Holds,
            (Some(found), Sense::Any) => self.values.iter().any(|value| test.passes(value, found)),
            (Some(found), Sense::None) => {
                !self.values.iter().any(|value| test.passes(value, found))
            }
        }
    }
}

/// A string operator of IAM.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Operator {
    test: Test,
    sense: Sense,
    absent: Absent,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Test {
    Equals,
    EqualsIgnoreCase,
    Like,
}

impl Test {
    fn passes(self, value: &str, found: &str) -> bool {
        match self {
            Self::Equals => value == found,
            Self::EqualsIgnoreCase => value.chars().flat_map(fold).eq(found.chars().flat_map(fold)),
            Self::Like => matches(value, found, Case::Sensitive),
        }
    }
}

/// How many of the values must pass the test.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sense {
    Any,
    None,
}

/// What becomes of a condition whose parameter the request does not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Absent {
    Holds,
    Fails,
}

impl Operator {
    /// What an error lists.
    pub(super) const NAMES: &'static str =
        "StringEquals, StringNotEquals, StringEqualsIgnoreCase, \
        StringNotEqualsIgnoreCase, StringLike or StringNotLike, also with IfExists";

    /// Exactly as IAM spells it.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (plain, absent) = match name.strip_suffix("IfExists") {
            Some(plain) => (plain, Some(Absent::Holds)),
            None => (name, None),
        };
        let (test, sense) = match plain {
            "StringEquals" => (Test::Equals, Sense::Any),
            "StringNotEquals" => (Test::Equals, Sense::None),
            "StringEqualsIgnoreCase" => (Test::EqualsIgnoreCase, Sense::Any),
            "StringNotEqualsIgnoreCase" => (Test::EqualsIgnoreCase, Sense::None),
            "StringLike" => (Test::Like, Sense::Any),
            "StringNotLike" => (Test::Like, Sense::None),
            _ => return None,
        };
        let absent = absent.unwrap_or(match sense {
            Sense::Any => Absent::Fails,
            Sense::None => Absent::Holds,
        });
        Some(Self { test, sense, absent })
    }
}

/// A parameter that policies may constrain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Key {
    ActivityTypeName,
    ActivityTypeVersion,
    DefaultTaskListName,
    Name,
    TaskListName,
    Version,
    WorkflowTypeName,
    WorkflowTypeVersion,
}

impl Key {
    /// What an error lists.
    pub(super) const NAMES: &'static str = "swf:activityType.name, swf:activityType.version, \
        swf:defaultTaskList.name, swf:name, swf:taskList.name, swf:version, swf:workflowType.name or \
        swf:workflowType.version";

    /// Without regard to case, as IAM reads names of keys.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "swf:activitytype.name" => Self::ActivityTypeName,
            "swf:activitytype.version" => Self::ActivityTypeVersion,
            "swf:defaulttasklist.name" => Self::DefaultTaskListName,
            "swf:name" => Self::Name,
            "swf:tasklist.name" => Self::TaskListName,
            "swf:version" => Self::Version,
            "swf:workflowtype.name" => Self::WorkflowTypeName,
            "swf:workflowtype.version" => Self::WorkflowTypeVersion,
            _ => return None,
        })
    }

    fn of<'a>(self, parameters: &Parameters<'a>) -> Option<&'a str> {
        match self {
            Self::ActivityTypeName => parameters.activity_type.map(|named| named.name),
            Self::ActivityTypeVersion => parameters.activity_type.map(|named| named.version),
            Self::DefaultTaskListName => parameters.default_task_list,
            Self::Name => parameters.registered.map(|named| named.name),
            Self::TaskListName => parameters.task_list,
            Self::Version => parameters.registered.map(|named| named.version),
            Self::WorkflowTypeName => parameters.workflow_type.map(|named| named.name),
            Self::WorkflowTypeVersion => parameters.workflow_type.map(|named| named.version),
        }
    }
}
