//! A policy document as it was written, whatever the format: text, lists and maps. What they mean, and
//! whether they are a policy at all, is told in `load`; here it is only seen to that they are not large.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The longest policy that loads, in characters, blanks between the parts not counted: the largest of
/// IAM's own quotas on one entity's policies. A text counts with its quotes, a list or map with its
/// brackets.
pub const MAX_POLICY_CHARS: usize = 10_240;

/// Policy, list of statements, statement, condition, operator, list of values.
const MAX_DEPTH: u32 = 6;

/// One part of a document.
#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    List(Vec<Self>),
    /// In the order written, with names that stand twice.
    Map(Vec<(String, Self)>),
    /// Nothing that a policy has a place for: the name of its type.
    Other(&'static str),
}

impl Node {
    /// What an error calls it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Other(kind) => kind,
        }
    }
}

pub(super) fn capture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
    let mut room = MAX_POLICY_CHARS;
    Capture { room: &mut room, depth: 0 }.deserialize(deserializer)
}

struct Capture<'a> {
    /// How many characters may follow.
    room: &'a mut usize,
    /// How many lists and maps this part is in.
    depth: u32,
}

impl Capture<'_> {
    fn spend<E: Error>(&mut self, chars: usize) -> Result<(), E> {
        *self.room = self.room.checked_sub(chars).ok_or_else(|| {
            E::custom(format!("policy refused: it has more than {MAX_POLICY_CHARS} characters"))
        })?;
        Ok(())
    }

    fn spend_text<E: Error>(&mut self, text: &str) -> Result<(), E> {
        self.spend(2 + text.chars().count())
    }

    fn descend<E: Error>(&mut self) -> Result<Capture<'_>, E> {
        self.spend(2)?;
        if self.depth == MAX_DEPTH {
            return Err(E::custom("policy refused: it is nested deeper than any policy can be"));
        }
        Ok(Capture { room: self.room, depth: self.depth + 1 })
    }

    /// For one part more, of the same list or map.
    fn part(&mut self) -> Capture<'_> {
        Capture { room: self.room, depth: self.depth }
    }

    fn other<E: Error>(mut self, kind: &'static str) -> Result<Node, E> {
        self.spend(1)?;
        Ok(Node::Other(kind))
    }
}

impl<'de> DeserializeSeed<'de> for Capture<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Capture<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a policy document: text, lists and maps")
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<Node, E> {
        self.spend_text(text)?;
        Ok(Node::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Node, A::Error> {
        let mut inside = self.descend()?;
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element_seed(inside.part())? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Node, A::Error> {
        let mut inside = self.descend()?;
        let mut nodes = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            inside.spend_text(&name)?;
            nodes.push((name, map.next_value_seed(inside.part())?));
        }
        Ok(Node::Map(nodes))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Node, E> {
        self.other("a boolean")
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Node, E> {
        self.other("a number")
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Node, E> {
        self.other("a number")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Node, E> {
        self.other("a number")
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        self.other("null")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.other("null")
    }
}
