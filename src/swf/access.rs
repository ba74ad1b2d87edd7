//! Access control: policies in the language of AWS IAM, and what they say to a call or decision of SWF.
//!
//! A [`Policy`] is an IAM policy document, loaded through serde from any format that describes itself. It
//! is asked about a [`Request`] (the action, and the parameters of it that SWF lets policies constrain) and
//! the domain it is about. The rules are IAM's, by AWS's documentation:
//!
//! - A statement applies if its action, its resource and all its conditions match.
//! - One applying statement that denies settles the matter; otherwise one that allows; otherwise the
//!   request is denied. Where the host has no policy at all, everything is allowed: that is our own choice,
//!   as for any embedded engine.
//! - In `Action` and `Resource`, `*` stands for any text and `?` for any one character. Actions are
//!   compared without regard to case, resources with.
//! - Operators and keys of a condition must all hold. Of several values one must match or, if the
//!   operator is negated, none may. Where the request has no such parameter, a negated operator and one
//!   ending in `IfExists` hold, any other does not. Names of keys are compared without regard to case.
//!
//! What the engine would have to guess at refuses the whole document when it is loaded, with an error
//! that names the statement and the element. Several of these refusals are our own choice, on the safe
//! side of IAM:
//!
//! - unknown elements, among them those of policies that are attached to resources (`Principal`), and
//!   anything that stands twice or is of the wrong type;
//! - operators other than `StringEquals`, `StringNotEquals`, `StringEqualsIgnoreCase`,
//!   `StringNotEqualsIgnoreCase`, `StringLike`, `StringNotLike` and the same with `IfExists`;
//! - condition keys that no [`Request`] carries: a denial on such a key would never apply;
//! - policy variables and escapes (`${...}`), in either version of the language. So a pattern cannot ask
//!   for a `*` or `?` itself, but with `StringEquals`;
//! - empty lists and conditions, which IAM has little use for either;
//! - a resource that is not `*` and has not the six fields of an ARN, and an action without a service;
//! - more than [`MAX_POLICY_CHARS`].
//!
//! A document without `Version` is of 2008-10-17, as in IAM; both versions mean the same here. `Id` and
//! `Sid` change no decision. Letter case is folded by Unicode's own mappings, the same everywhere.

mod condition;
mod document;
mod load;
mod request;
mod statement;
mod wildcard;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

pub use document::MAX_POLICY_CHARS;
pub use request::{PlainAction, Request, TypeRef};

use statement::{Effect, Statement};

/// An IAM policy document: what one caller may do. The module describes the language.
///
/// Its memory is bounded by [`MAX_POLICY_CHARS`]. An evaluation allocates nothing, and takes time in
/// proportion to the policy's text times the request's, at worst.
///
/// ```
/// use heartwheel::swf::access::{decide, domain_arn, PlainAction, Policy, Request, Verdict};
///
/// let policy: Policy = serde_json::from_str(
///     r#"{
///         "Version": "2012-10-17",
///         "Statement": [
///             {"Effect": "Allow", "Action": "swf:*", "Resource": "arn:aws:swf:*:*:/domain/media"},
///             {
///                 "Effect": "Deny", "Action": "swf:PollForActivityTask", "Resource": "*",
///                 "Condition": {"StringLike": {"swf:taskList.name": "internal-*"}}
///             }
///         ]
///     }"#,
/// )?;
/// let domain = domain_arn("eu-west-1", "123456789012", "media");
/// let beat = Request::Plain(PlainAction::RecordActivityTaskHeartbeat);
/// assert_eq!(decide(Some(&policy), &beat, &domain), Verdict::Allowed);
/// let poll = Request::PollForActivityTask { task_list: "internal-mail" };
/// assert_eq!(decide(Some(&policy), &poll, &domain), Verdict::DeniedBy { statement: 2 });
/// assert_eq!(decide(None, &poll, &domain), Verdict::Allowed);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    statements: Vec<Statement>,
}

impl Policy {
    /// Allows nothing: for a caller whom the host's policies do not mention.
    pub const DENY_ALL: Self = Self { statements: Vec::new() };

    /// What the policy says to a request about one domain, or about the resource that SWF names in its
    /// stead for the actions that are about no one domain (`arn:aws:swf::<account>:domain/*` for
    /// `ListDomains`).
    pub fn evaluate(&self, request: &Request<'_>, resource: &str) -> Verdict {
        let (action, parameters) = (request.action(), request.parameters());
        let mut verdict = Verdict::DeniedByDefault;
        for (statement, number) in self.statements.iter().zip(1..) {
            if statement.applies(action, resource, &parameters) {
                match statement.effect {
                    Effect::Allow => verdict = Verdict::Allowed,
                    Effect::Deny => return Verdict::DeniedBy { statement: number },
                }
            }
        }
        verdict
    }
}

/// Loads a policy document.
///
/// # Errors
/// The format's own, and each refusal that the module lists, through [`serde::de::Error::custom`]:
/// `policy refused: statement 2 (Sid "Polls"), Condition: unknown operator "NumericEquals" ...`.
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = document::capture(deserializer)?;
        let statements = load::statements(document).map_err(D::Error::custom)?;
        Ok(Self { statements })
    }
}

/// What the host's policy, if it has one, says to a request about a domain: without a policy, yes.
pub fn decide(policy: Option<&Policy>, request: &Request<'_>, domain_arn: &str) -> Verdict {
    policy.map_or(Verdict::Allowed, |policy| policy.evaluate(request, domain_arn))
}

/// Whether a request is permitted, and what denied it: for the host's log, hardly for the caller.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[must_use]
#[non_exhaustive]
pub enum Verdict {
    /// A statement allows it and none denies it, or there is no policy.
    Allowed,
    /// No statement allows it.
    DeniedByDefault,
    /// A statement denies it, whatever the others say.
    DeniedBy {
        /// Which one, the first if several do, counted from 1 as in the errors of loading.
        statement: u32,
    },
}

impl Verdict {
    /// Whether the request is permitted.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        match self {
            Self::Allowed => true,
            Self::DeniedByDefault | Self::DeniedBy { .. } => false,
        }
    }
}

/// The name by which policies know a domain: `arn:aws:swf:<region>:<account>:/domain/<name>`.
///
/// A host outside AWS is free in its region and account, as long as neither has a colon in it. SWF's names
/// of domains have none either.
#[must_use]
pub fn domain_arn(region: &str, account: &str, domain: &str) -> String {
    format!("arn:aws:swf:{region}:{account}:/domain/{domain}")
}
