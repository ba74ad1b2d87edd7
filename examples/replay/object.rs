//! One JSON object as it stands in a line: which fields it has, and the raw text of each.
//!
//! JSON itself is left to serde_json, value by value as raw text: numbers are then read as the decimal
//! text they are, and a repeated or unknown field is seen where it stands.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::command::Field;
use super::seconds;
use super::text::{printable, shorten};

/// Offending text is quoted up to here: enough to recognise it, whatever its size.
const QUOTED_CHARS: usize = 40;

/// Longer than any message of ours, with its list of fields.
const MESSAGE_CHARS: usize = 300;

/// Why a line cannot be read: what was expected, and what stands there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreadable(String);

impl Unreadable {
    pub(crate) const fn new(message: String) -> Self {
        Self(message)
    }
}

/// The line as it stands: the raw value of each field that is there.
#[derive(Default)]
pub(crate) struct Object<'a> {
    /// One place for each field, in the order of [`Field`], whose last one is the last of [`Field::ALL`].
    values: [Option<&'a RawValue>; Field::ALL.len()],
}

impl<'a> Object<'a> {
    pub(crate) fn read(line: &'a str) -> Result<Self, Unreadable> {
        serde_json::from_str(line).map_err(|error| {
            let message = bare(&error);
            match error.column() {
                // What is no object at all has no place where it went wrong.
                0 => Unreadable(message),
                column if error.is_data() => Unreadable(format!("column {column}: {message}")),
                column => Unreadable(format!(
                    "expected one JSON object a line, found at column {column}: {message}"
                )),
            }
        })
    }

    /// Whether the field is there, be it with null.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.values[field as usize].is_some()
    }

    /// The field's text; `None` if it is no string. A string may still be malformed inside.
    pub(crate) fn text(&self, field: Field) -> Result<Option<Cow<'a, str>>, Unreadable> {
        let Some(raw) = self.value(field).filter(|raw| raw.starts_with('"')) else {
            return Ok(None);
        };
        let Text(text) = serde_json::from_str(raw).map_err(|error| {
            Unreadable(format!("{}: expected a string, found {}", field.name(), bare(&error)))
        })?;
        Ok(Some(text))
    }

    /// The field's number in thousandths; `None` if it is no number or out of range.
    pub(crate) fn number(&self, field: Field) -> Option<u64> {
        self.value(field)
            .filter(|raw| raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()))
            .and_then(seconds::to_millis)
    }

    /// The field's raw text; null is no value.
    pub(crate) fn value(&self, field: Field) -> Option<&'a str> {
        self.values[field as usize].map(RawValue::get).filter(|raw| *raw != "null")
    }

    pub(crate) fn expected(&self, field: Field, what: &str) -> Unreadable {
        let found = match self.values[field as usize] {
            Some(raw) => quote(raw.get()),
            None => "nothing".to_owned(),
        };
        Unreadable(format!("{}: expected {what}, found {found}", field.name()))
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut object = Object::default();
                while let Some(field) = map.next_key::<Field>()? {
                    let value = map.next_value::<&RawValue>()?;
                    if object.values[field as usize].replace(value).is_some() {
                        return Err(A::Error::custom(format_args!(
                            "{}: expected once, found again",
                            field.name()
                        )));
                    }
                }
                Ok(object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldVisitor;

        impl Visitor<'_> for FieldVisitor {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Field, E> {
                Field::ALL.into_iter().find(|field| field.name() == name).ok_or_else(|| {
                    let known = Field::ALL.map(Field::name).join(", ");
                    E::custom(format_args!(
                        "expected one of the fields {known}, found {}",
                        quote(name)
                    ))
                })
            }
        }

        deserializer.deserialize_identifier(FieldVisitor)
    }
}

/// A string, borrowed from the line unless it holds escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The error without serde_json's own position: its line is always 1, and ours is told already.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    // A misplaced string is quoted whole, be it of megabytes.
    shorten(text.strip_suffix(&position).unwrap_or(&text), MESSAGE_CHARS)
}

fn quote(text: &str) -> String {
    printable(&shorten(text, QUOTED_CHARS)).into_owned()
}
