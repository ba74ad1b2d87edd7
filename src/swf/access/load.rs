//! From a document to the statements of a policy. Everything that is not understood to the last word
//! refuses the whole: half a policy is a wrong one.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::condition::{Condition, Key, Operator};
use super::document::Node;
use super::statement::{Effect, Patterns, Statement};

/// Why a policy was refused, and where in it.
#[derive(Debug)]
pub(super) struct Refusal {
    /// From the outside in: statement, element, operator, key.
    place: Vec<String>,
    reason: String,
}

impl Refusal {
    fn new(reason: impl Into<String>) -> Self {
        Self { place: Vec::new(), reason: reason.into() }
    }

    fn within(mut self, outer: impl Into<String>) -> Self {
        self.place.insert(0, outer.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, reason } = self;
        f.write_str("policy refused: ")?;
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(reason)
    }
}

/// A map's elements, taken one by one by name; what is left over was not known.
struct Elements(Vec<(String, Node)>);

impl Elements {
    fn of(node: Node) -> Result<Self, Refusal> {
        match node {
            Node::Map(elements) => Ok(Self(elements)),
            Node::Text(_) | Node::List(_) | Node::Other(_) => {
                Err(Refusal::new(format!("a map is needed, not {}", node.kind())))
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<Node> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// To be called when everything known has been taken, once.
    fn finish(self, known: &[&str]) -> Result<(), Refusal> {
        self.0.first().map_or(Ok(()), |(name, _)| {
            Err(if known.contains(&name.as_str()) {
                Refusal::new(format!("element {name} stands twice"))
            } else {
                Refusal::new(format!("unknown element {name:?}: {} are known", known.join(", ")))
            })
        })
    }
}

/// The statements of a policy document.
pub(super) fn statements(document: Node) -> Result<Vec<Statement>, Refusal> {
    let mut elements = Elements::of(document)?;
    let (version, id) = (elements.take("Version"), elements.take("Id"));
    let written = elements.take("Statement");
    elements.finish(&["Version", "Id", "Statement"])?;

    if let Some(version) = version {
        self::version(version).map_err(|refusal| refusal.within("Version"))?;
    }
    if let Some(id) = id {
        text(id).map_err(|refusal| refusal.within("Id"))?;
    }
    let written = written.ok_or_else(|| Refusal::new("element Statement is missing"))?;
    let written = match written {
        Node::List(list) if list.is_empty() => {
            return Err(Refusal::new("the list is empty").within("Statement"))
        }
        Node::List(list) => list,
        Node::Map(_) | Node::Text(_) | Node::Other(_) => Vec::from([written]),
    };

    let mut sids = BTreeSet::new();
    written
        .into_iter()
        .enumerate()
        .map(|(at, node)| numbered_statement(at + 1, node, &mut sids))
        .collect()
}

fn version(node: Node) -> Result<(), Refusal> {
    match text(node)?.as_str() {
        "2012-10-17" | "2008-10-17" => Ok(()),
        other => {
            Err(Refusal::new(format!("unknown {other:?}: 2012-10-17 and 2008-10-17 are known")))
        }
    }
}

fn numbered_statement(
    number: usize,
    node: Node,
    sids: &mut BTreeSet<String>,
) -> Result<Statement, Refusal> {
    let mut place = format!("statement {number}");
    let statement = Elements::of(node).and_then(|mut elements| {
        let sid = elements.take("Sid");
        if let Some(Node::Text(sid)) = &sid {
            place = format!("statement {number} (Sid {sid:?})");
        }
        if let Some(sid) = sid {
            self::sid(sid, sids).map_err(|refusal| refusal.within("Sid"))?;
        }
        statement(elements)
    });
    statement.map_err(|refusal| refusal.within(place))
}

/// IAM's rule for the policies of users, groups and roles. An empty one, which AWS's own tools write, is
/// none.
fn sid(node: Node, sids: &mut BTreeSet<String>) -> Result<(), Refusal> {
    let sid = text(node)?;
    if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Refusal::new("only the letters A to Z, a to z and digits are allowed"));
    }
    if !sid.is_empty() && !sids.insert(sid) {
        return Err(Refusal::new("an earlier statement has the same"));
    }
    Ok(())
}

fn statement(mut elements: Elements) -> Result<Statement, Refusal> {
    let effect = elements.take("Effect");
    let actions = either(&mut elements, "Action", "NotAction", action);
    let resources = either(&mut elements, "Resource", "NotResource", resource);
    let conditions = elements.take("Condition");
    elements.finish(&[
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ])?;

    let effect = effect.ok_or_else(|| Refusal::new("element Effect is missing"))?;
    Ok(Statement {
        effect: self::effect(effect).map_err(|refusal| refusal.within("Effect"))?,
        actions: actions?,
        resources: resources?,
        conditions: match conditions {
            Some(conditions) => {
                self::conditions(conditions).map_err(|refusal| refusal.within("Condition"))?
            }
            None => Vec::new(),
        },
    })
}

fn effect(node: Node) -> Result<Effect, Refusal> {
    match text(node)?.as_str() {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => Err(Refusal::new(format!("unknown {other:?}: Allow and Deny are known"))),
    }
}

/// The one of two elements that a statement must have.
fn either(
    elements: &mut Elements,
    plain: &str,
    negated: &str,
    check: fn(&str) -> Result<(), Refusal>,
) -> Result<Patterns, Refusal> {
    let patterns = |node| {
        let patterns = texts(node)?;
        patterns.iter().try_for_each(|pattern| check(pattern))?;
        Ok(patterns)
    };
    let within = |name| move |refusal: Refusal| refusal.within(name);
    match (elements.take(plain), elements.take(negated)) {
        (Some(node), None) => patterns(node).map(Patterns::AnyOf).map_err(within(plain)),
        (None, Some(node)) => patterns(node).map(Patterns::NoneOf).map_err(within(negated)),
        (Some(_), Some(_)) => {
            Err(Refusal::new(format!("elements {plain} and {negated} exclude each other")))
        }
        (None, None) => Err(Refusal::new(format!("element {plain} or {negated} is missing"))),
    }
}

fn action(pattern: &str) -> Result<(), Refusal> {
    let complete = pattern == "*"
        || pattern.split_once(':').is_some_and(|(service, action)| {
            !service.is_empty() && !action.is_empty() && !action.contains(':')
        });
    complete.then_some(()).ok_or_else(|| {
        Refusal::new(format!("{pattern:?} is no action: write a service and an action, as in swf:PollForActivityTask, or *"))
    })
}

/// IAM fills in the missing fields of some short ARNs; where a field is missing we would have to guess.
fn resource(pattern: &str) -> Result<(), Refusal> {
    let complete =
        pattern == "*" || (pattern.starts_with("arn:") && pattern.split(':').count() >= 6);
    complete.then_some(()).ok_or_else(|| {
        Refusal::new(format!(
            "{pattern:?} is no resource: write an ARN of six fields, as in arn:aws:swf:*:*:/domain/name, or *"
        ))
    })
}

fn conditions(node: Node) -> Result<Vec<Condition>, Refusal> {
    let mut conditions = Vec::new();
    for (name, keys) in filled(node)? {
        let operator = Operator::parse(&name).ok_or_else(|| {
            Refusal::new(format!("unknown operator {name:?}: {} are known", Operator::NAMES))
        })?;
        for (key, values) in filled(keys).map_err(|refusal| refusal.within(name.as_str()))? {
            let condition = condition(operator, &key, values)
                .map_err(|refusal| refusal.within(format!("{key:?}")).within(name.as_str()))?;
            conditions.push(condition);
        }
    }
    Ok(conditions)
}

fn condition(operator: Operator, key: &str, values: Node) -> Result<Condition, Refusal> {
    let key = Key::parse(key)
        .ok_or_else(|| Refusal::new(format!("unknown key: {} are known", Key::NAMES)))?;
    Ok(Condition { operator, key, values: texts(values)? })
}

/// The entries of a map that has some, none of them twice, whatever the case of its letters.
fn filled(node: Node) -> Result<Vec<(String, Node)>, Refusal> {
    let Elements(entries) = Elements::of(node)?;
    if entries.is_empty() {
        return Err(Refusal::new("the map is empty"));
    }
    let mut names = BTreeSet::new();
    match entries.iter().find(|(name, _)| !names.insert(name.to_ascii_lowercase())) {
        Some((name, _)) => Err(Refusal::new(format!("{name:?} stands twice"))),
        None => Ok(entries),
    }
}

/// A string, or a list of at least one.
fn texts(node: Node) -> Result<Vec<String>, Refusal> {
    match node {
        Node::List(list) if list.is_empty() => Err(Refusal::new("the list is empty")),
        Node::List(list) => list.into_iter().map(text).collect(),
        Node::Text(_) | Node::Map(_) | Node::Other(_) => Ok(Vec::from([text(node)?])),
    }
}

fn text(node: Node) -> Result<String, Refusal> {
    match node {
        Node::Text(text) if text.contains("${") => {
            Err(Refusal::new(format!("{text:?} has a policy variable: none is supported")))
        }
        Node::Text(text) => Ok(text),
        Node::List(_) | Node::Map(_) | Node::Other(_) => {
            Err(Refusal::new(format!("a string is needed, not {}", node.kind())))
        }
    }
}
