//! A JSON object of one line: written field by field, read as the raw text of each field.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde_json::value::RawValue;

use super::seconds::{to_millis, Seconds};
use super::Unreadable;

/// An object being written.
pub(super) struct Writer {
    text: String,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { text: String::new() }
    }

    /// A value that is JSON as it is displayed: a number or a truth value.
    pub(super) fn raw(mut self, name: &str, value: impl fmt::Display) -> Self {
        let separator = if self.text.is_empty() { '{' } else { ',' };
        self.text += &format!("{separator}\"{name}\":{value}");
        self
    }

    pub(super) fn text(self, name: &str, text: &str) -> Self {
        let quoted = serde_json::Value::from(text).to_string();
        self.raw(name, quoted)
    }

    pub(super) fn time(self, name: &str, millis: u64) -> Self {
        self.raw(name, Seconds(millis))
    }

    pub(super) fn optional_time(self, name: &str, millis: Option<u64>) -> Self {
        match millis {
            Some(millis) => self.time(name, millis),
            None => self,
        }
    }

    /// Numbers that stand for texts.
    pub(super) fn optional_details(self, details: Option<u32>) -> Self {
        match details {
            Some(details) => self.text("details", &details.to_string()),
            None => self,
        }
    }

    pub(super) fn activity(self, activity: u32) -> Self {
        self.text("activityId", &format!("a{activity}"))
    }

    pub(super) fn close(self) -> String {
        self.text + "}"
    }
}

/// An object that was read.
pub(super) struct Reader<'a> {
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(line: &'a str) -> Result<Self, Unreadable> {
        match serde_json::from_str(line) {
            Ok(fields) => Ok(Self { fields }),
            Err(error) => Err(Unreadable(format!("expected a JSON object, found {line}: {error}"))),
        }
    }

    /// The raw text of a field; null is no value.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null")
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Unreadable> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        serde_json::from_str(raw).map(Some).map_err(|_| self.expected(name, "a string"))
    }

    pub(super) fn needed_text(&self, name: &str) -> Result<String, Unreadable> {
        self.text(name)?.ok_or_else(|| self.expected(name, "a string"))
    }

    pub(super) fn optional_time(&self, name: &str) -> Result<Option<u64>, Unreadable> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        to_millis(raw).map(Some).ok_or_else(|| self.expected(name, "seconds"))
    }

    pub(super) fn time(&self, name: &str) -> Result<u64, Unreadable> {
        self.optional_time(name)?.ok_or_else(|| self.expected(name, "seconds"))
    }

    pub(super) fn number<N: core::str::FromStr>(
        &self,
        name: &str,
    ) -> Result<Option<N>, Unreadable> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        raw.parse().map(Some).map_err(|_| self.expected(name, "a whole number"))
    }

    /// Texts that stand for numbers; any other text is no detail of ours.
    pub(super) fn details(&self) -> Result<Option<u32>, Unreadable> {
        let Some(text) = self.text("details")? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.expected("details", "digits in a string"))
    }

    pub(super) fn optional_activity(&self) -> Result<Option<u32>, Unreadable> {
        let Some(text) = self.text("activityId")? else { return Ok(None) };
        let number = text.strip_prefix('a').and_then(|digits| digits.parse().ok());
        number.map(Some).ok_or_else(|| self.expected("activityId", "a and a number"))
    }

    pub(super) fn activity(&self) -> Result<u32, Unreadable> {
        self.optional_activity()?.ok_or_else(|| self.expected("activityId", "a and a number"))
    }

    pub(super) fn expected(&self, name: &str, what: &str) -> Unreadable {
        let found = self.fields.get(name).map_or("nothing", |raw| raw.get()).to_owned();
        Unreadable(format!("{name}: expected {what}, found {found}"))
    }
}
