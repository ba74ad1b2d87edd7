//! A request's members, read one by one from its JSON: a wrong type is a SerializationException, a wrong value a
//! ValidationException, the first one found. (The activity calls are read by the library, which names them all.)

mod unique;

use std::str::FromStr;

use heartwheel::swf::{Fault, FaultKind, ReadError, Refusal, Violations};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use unique::Unique;

/// A structure of a request, and where it stands in it.
#[derive(Debug)]
pub struct Members {
    map: Map<String, Value>,
    /// With a full stop at its end, or empty.
    path: String,
}

impl Members {
    /// The outermost structure.
    pub fn of_body(body: &[u8]) -> Result<Self, Fault> {
        let Unique(value) =
            serde_json::from_slice(body).map_err(|error| serialization(&error.to_string()))?;
        Self::of(value, String::new())
    }

    fn of(value: Value, path: String) -> Result<Self, Fault> {
        match value {
            Value::Object(map) => Ok(Self { map, path }),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(serialization(&format!("a structure is needed at '{path}'"))),
        }
    }

    /// A text type that says itself what it accepts.
    pub fn optional<T: FromStr<Err = Refusal>>(&self, member: &str) -> Result<Option<T>, Fault> {
        let Some(text) = self.string(member)? else { return Ok(None) };
        let parsed = text.parse().map_err(|refusal: Refusal| {
            Fault::from(Violations::from(refusal.at(self.at(member))))
        })?;
        Ok(Some(parsed))
    }

    pub fn required<T: FromStr<Err = Refusal>>(&self, member: &str) -> Result<T, Fault> {
        self.optional(member)?.ok_or_else(|| self.missing(member))
    }

    /// The same where the empty string says nothing.
    pub fn optional_or_empty<T: FromStr<Err = Refusal>>(
        &self,
        member: &str,
    ) -> Result<Option<T>, Fault> {
        match self.string(member)? {
            Some("") => Ok(None),
            Some(_) | None => self.optional(member),
        }
    }

    /// Free text of so many characters.
    pub fn text(&self, member: &str, min: usize, max: usize) -> Result<Option<String>, Fault> {
        let Some(text) = self.string(member)? else { return Ok(None) };
        let length = text.chars().count();
        if length < min {
            let rule = format!("Member must have length greater than or equal to {min}");
            return Err(self.violation(member, length, &rule));
        }
        if length > max {
            let rule = format!("Member must have length less than or equal to {max}");
            return Err(self.violation(member, length, &rule));
        }
        Ok(Some(text.to_owned()))
    }

    pub fn required_text(&self, member: &str, min: usize, max: usize) -> Result<String, Fault> {
        self.text(member, min, max)?.ok_or_else(|| self.missing(member))
    }

    /// One of an enumeration's words.
    pub fn word<T: DeserializeOwned>(&self, member: &str) -> Result<Option<T>, Fault> {
        let Some(text) = self.string(member)? else { return Ok(None) };
        // Which words there are serde knows; the one that came is not said back, whatever its length.
        let word = serde_json::from_value(Value::from(text)).map_err(|error| {
            let error = error.to_string();
            let known = error.split_once("expected ").map_or("", |(_, known)| known);
            let rule = format!("Member must satisfy enum value set: {known}");
            self.violation(member, text.chars().count(), &rule)
        })?;
        Ok(Some(word))
    }

    pub fn required_word<T: DeserializeOwned>(&self, member: &str) -> Result<T, Fault> {
        self.word(member)?.ok_or_else(|| self.missing(member))
    }

    /// Is there anything but null?
    pub fn has(&self, member: &str) -> bool {
        self.get(member).is_some()
    }

    pub fn flag(&self, member: &str) -> Result<bool, Fault> {
        match self.get(member) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.wrong_type(member, "true or false")),
        }
    }

    pub fn number(&self, member: &str) -> Result<Option<f64>, Fault> {
        match self.get(member) {
            None => Ok(None),
            Some(value) => {
                value.as_f64().map(Some).ok_or_else(|| self.wrong_type(member, "a number"))
            }
        }
    }

    /// A whole number in a range.
    pub fn integer(&self, member: &str, min: i64, max: i64) -> Result<Option<i64>, Fault> {
        let Some(value) = self.get(member) else { return Ok(None) };
        let number = value.as_i64().ok_or_else(|| self.wrong_type(member, "a whole number"))?;
        if number < min || number > max {
            let rule = format!("Member must have value between {min} and {max} inclusive");
            return Err(self.violation(member, value.to_string().len(), &rule));
        }
        Ok(Some(number))
    }

    pub fn structure(&self, member: &str) -> Result<Option<Self>, Fault> {
        match self.get(member) {
            None => Ok(None),
            Some(value) => Self::of(value.clone(), format!("{}.", self.at(member))).map(Some),
        }
    }

    pub fn required_structure(&self, member: &str) -> Result<Self, Fault> {
        self.structure(member)?.ok_or_else(|| self.missing(member))
    }

    pub fn list(&self, member: &str) -> Result<Vec<Value>, Fault> {
        match self.get(member) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list.clone()),
            Some(_) => Err(self.wrong_type(member, "a list")),
        }
    }

    /// A list of structures, each with its place, counted from 1 as SWF does.
    pub fn structures(&self, member: &str) -> Result<Vec<Self>, Fault> {
        let list = self.list(member)?.into_iter().zip(1..);
        let at = self.at(member);
        list.map(|(value, place)| Self::of(value, format!("{at}.{place}.member."))).collect()
    }

    /// A list of at most so many texts of at most so many characters.
    pub fn texts(&self, member: &str, most: usize, max: usize) -> Result<Vec<String>, Fault> {
        let list = self.list(member)?;
        if list.len() > most {
            let rule = format!("Member must have length less than or equal to {most}");
            return Err(self.violation(member, list.len(), &rule));
        }
        let texts = list.into_iter().map(|value| match value {
            Value::String(text) if text.chars().count() <= max => Ok(text),
            Value::String(text) => {
                let rule = format!("Member must have length less than or equal to {max}");
                Err(self.violation(member, text.chars().count(), &rule))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => Err(self.wrong_type(member, "a list of strings")),
        });
        texts.collect()
    }

    /// A ValidationException about a member.
    pub fn violation(&self, member: &str, length: usize, rule: &str) -> Fault {
        let at = self.at(member);
        let message = format!(
            "1 validation error detected: Value of length {length} at '{at}' failed to satisfy constraint: {rule}"
        );
        Fault::new(FaultKind::Validation, message)
    }

    fn missing(&self, member: &str) -> Fault {
        self.violation(member, 0, "Member must not be null")
    }

    fn string(&self, member: &str) -> Result<Option<&str>, Fault> {
        match self.get(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong_type(member, "a string")),
        }
    }

    /// A member that is null is absent.
    fn get(&self, member: &str) -> Option<&Value> {
        self.map.get(member).filter(|value| !value.is_null())
    }

    fn wrong_type(&self, member: &str, needed: &str) -> Fault {
        serialization(&format!("{needed} is needed at '{}'", self.at(member)))
    }

    fn at(&self, member: &str) -> String {
        format!("{}{member}", self.path)
    }

    /// A shape of the library's that stands here, with all its violations.
    pub fn shape<T>(
        self,
        read: impl FnOnce(Value) -> Result<T, ReadError<serde_json::Error>>,
    ) -> Result<T, Fault> {
        let way = self.path.trim_end_matches('.');
        read(Value::Object(self.map)).map_err(|error| match error {
            ReadError::Malformed(error) => serialization(&format!("{error} in '{way}'")),
            ReadError::Invalid(violations) => violations.within(way).into(),
            error => error.into(),
        })
    }
}

fn serialization(message: &str) -> Fault {
    Fault::new(FaultKind::Serialization, message)
}
