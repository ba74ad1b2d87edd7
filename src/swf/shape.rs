//! How shapes are read and written. A shape is read in two steps, because SWF answers two mistakes with two
//! faults: first serde reads the types alone (a number where a string belongs is a SerializationException),
//! then the values are checked, all of them, so that one ValidationException names every member that is wrong.

mod macros;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

pub(crate) use macros::{structure, words};

use super::violation::{Refusal, Rule, Violation, Violations};

/// Why a shape could not be read. Both become a [`Fault`](super::Fault) by `From`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// Not the format, or a member of the wrong type: SWF's SerializationException.
    #[error("{0}")]
    Malformed(E),
    /// Members of the right types with wrong values, or missing: SWF's ValidationException.
    #[error("{0}")]
    Invalid(Violations),
}

/// Something with a form on the wire.
pub(crate) trait Shape: Sized {
    /// The same with its types right and its values unchecked.
    type Wire: for<'de> Deserialize<'de>;

    /// Checks the values and notes each violation.
    fn parse(wire: Self::Wire, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted>;

    /// Does an optional member that holds this say nothing?
    fn is_absent(_wire: &Self::Wire) -> bool {
        false
    }
}

/// The violations found so far.
#[derive(Debug)]
pub(crate) struct Notes(Vec<Violation>);

/// Proof that a violation was noted: only [`Notes::add`] makes one, so whoever fails to parse has said why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted(());

impl Notes {
    pub(crate) fn add(&mut self, refusal: Refusal, at: Path<'_>) -> Noted {
        self.0.push(refusal.at(at.to_string()));
        Noted(())
    }
}

/// The way to a member from the outermost shape: a chain on the stack, spelled out only for a violation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Self>,
    member: &'static str,
}

impl Path<'_> {
    const ROOT: Self = Path { parent: None, member: "" };

    pub(crate) const fn member<'a>(&'a self, member: &'static str) -> Path<'a>
    where
        Self: 'a,
    {
        Path { parent: Some(self), member }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent.filter(|parent| parent.parent.is_some()) {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.member)
    }
}

/// Reads a shape: types first, then values.
pub(crate) fn read<'de, T: Shape, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, ReadError<D::Error>> {
    let wire = T::Wire::deserialize(deserializer).map_err(ReadError::Malformed)?;
    let mut notes = Notes(Vec::new());
    T::parse(wire, Path::ROOT, &mut notes)
        .map_err(|Noted(())| ReadError::Invalid(Violations::new(notes.0)))
}

/// The same for serde's own trait, whose error is text.
pub(crate) fn deserialize<'de, T: Shape, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    read(deserializer).map_err(|error| match error {
        ReadError::Malformed(error) => error,
        ReadError::Invalid(violations) => serde::de::Error::custom(violations),
    })
}

pub(crate) fn required<T: Shape>(
    wire: Option<T::Wire>,
    at: Path<'_>,
    notes: &mut Notes,
) -> Result<T, Noted> {
    match wire {
        Some(wire) => T::parse(wire, at, notes),
        None => Err(notes.add(Refusal { rule: Rule::Required, length: 0 }, at)),
    }
}

pub(crate) fn optional<T: Shape>(
    wire: Option<T::Wire>,
    at: Path<'_>,
    notes: &mut Notes,
) -> Result<Option<T>, Noted> {
    match wire {
        Some(wire) if !T::is_absent(&wire) => T::parse(wire, at, notes).map(Some),
        Some(_) | None => Ok(None),
    }
}

/// A structure on the wire: a map, never a sequence of its members, which serde would take for one too.
#[derive(Debug)]
pub(crate) struct Map<W>(pub(crate) W);

impl<'de, W: Deserialize<'de>> Deserialize<'de> for Map<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<W>(PhantomData<W>);

        impl<'de, W: Deserialize<'de>> Visitor<'de> for Members<W> {
            type Value = Map<W>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a structure")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Map<W>, A::Error> {
                W::deserialize(MapAccessDeserializer::new(members)).map(Map)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

impl Shape for bool {
    type Wire = Self;

    fn parse(wire: Self, _at: Path<'_>, _notes: &mut Notes) -> Result<Self, Noted> {
        Ok(wire)
    }
}

/// Types that are a string on the wire and say themselves what they accept.
macro_rules! leaf {
    ($($name:ident)*) => {$(
        impl Shape for super::$name {
            type Wire = String;

            fn parse(wire: String, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
                Self::try_from(wire).map_err(|refusal| notes.add(refusal, at))
            }
        }
    )*};
}

leaf! {
    Name Version DomainName WorkflowId RunId GivenId TaskToken Data LimitedData FailureReason Identity
    Description
}

impl Shape for super::TaskPriority {
    type Wire = String;

    fn parse(wire: String, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
        wire.parse().map_err(|refusal| notes.add(refusal, at))
    }
}

impl Shape for super::TaskTimeout {
    type Wire = String;

    fn parse(wire: String, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
        wire.parse().map_err(|refusal| notes.add(refusal, at))
    }

    /// The service model allows the empty string; it means that the member is absent (our choice).
    fn is_absent(wire: &String) -> bool {
        wire.is_empty()
    }
}

/// The value whose word it is; `words` stand in the order of `values`.
pub(crate) fn word<T: Copy>(
    wire: &str,
    values: &[T],
    words: &'static [&'static str],
    at: Path<'_>,
    notes: &mut Notes,
) -> Result<T, Noted> {
    let mut pairs = words.iter().zip(values);
    match pairs.find(|(word, _)| **word == wire) {
        Some((_, value)) => Ok(*value),
        None => Err(notes.add(Refusal::of(wire, Rule::OneOf { words }), at)),
    }
}

impl Shape for crate::TimeoutType {
    type Wire = String;

    fn parse(wire: String, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
        const VALUES: [crate::TimeoutType; 4] = [
            crate::TimeoutType::StartToClose,
            crate::TimeoutType::ScheduleToStart,
            crate::TimeoutType::ScheduleToClose,
            crate::TimeoutType::Heartbeat,
        ];
        const WORDS: [&str; 4] =
            [VALUES[0].as_str(), VALUES[1].as_str(), VALUES[2].as_str(), VALUES[3].as_str()];
        word(&wire, &VALUES, &WORDS, at, notes)
    }
}
