//! One line's bytes to one command, or to a sentence that says what was expected.

use std::borrow::Cow;
use std::time::Duration;

use heartwheel::{Timeouts, Timestamp};

use super::command::{Action, Call, Command, Field, Policy, Recover, Timed};
use super::lines::MAX_LINE_BYTES;
use super::object::{Object, Unreadable};
use super::seconds::Seconds;

/// SWF's limits, in characters.
const ACTIVITY_ID_CHARS: usize = 256;
const HEARTBEAT_DETAILS_CHARS: usize = 2_048;
const DATA_CHARS: usize = 32_768;
const REASON_CHARS: usize = 256;

const SECONDS: &str =
    "seconds, a number from 0 to 18446744073709551.615 with at most three decimals";

/// Reads a line; `None` if it is blank.
pub(crate) fn read(line: &[u8]) -> Result<Option<Timed<'_>>, Unreadable> {
    let text = std::str::from_utf8(line).map_err(|error| {
        Unreadable::new(format!(
            "expected UTF-8, found another byte at column {}",
            error.valid_up_to() + 1
        ))
    })?;
    // The whitespace of JSON and no other.
    if text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
        return Ok(None);
    }
    Object::read(text)?.into_command().map(Some)
}

/// What to say of a line that was not even kept.
pub(crate) fn too_long() -> Unreadable {
    Unreadable::new(format!("expected at most {MAX_LINE_BYTES} bytes a line"))
}

impl<'a> Object<'a> {
    fn into_command(self) -> Result<Timed<'a>, Unreadable> {
        let action = self.action()?;
        self.check_fields(action)?;
        let at = self.at()?;
        let command = match action {
            Action::Schedule => {
                Command::Schedule { activity_id: self.activity_id()?, timeouts: self.timeouts()? }
            }
            Action::Start => self.call(Call::Start)?,
            Action::Heartbeat => {
                let details = self.optional_text(Field::Details, HEARTBEAT_DETAILS_CHARS)?;
                self.call(Call::Heartbeat { details })?
            }
            Action::RequestCancel => self.call(Call::RequestCancel)?,
            Action::Complete => {
                let result = self.optional_text(Field::Result, DATA_CHARS)?;
                self.call(Call::Complete { result })?
            }
            Action::Fail => {
                let reason = self.optional_text(Field::Reason, REASON_CHARS)?;
                let details = self.optional_text(Field::Details, DATA_CHARS)?;
                self.call(Call::Fail { reason, details })?
            }
            Action::Cancel => {
                let details = self.optional_text(Field::Details, DATA_CHARS)?;
                self.call(Call::Cancel { details })?
            }
            Action::UpdateTimeouts => {
                let timeouts = self.timeouts()?;
                self.call(Call::UpdateTimeouts { timeouts })?
            }
            Action::Suspend => self.call(Call::Suspend)?,
            Action::Resume => self.call(Call::Resume)?,
            Action::Advance => Command::Advance,
            Action::Recover => Command::Recover(self.recover()?),
            Action::Snapshot => Command::Snapshot,
            Action::Sync => Command::Sync,
            Action::Reset => Command::Reset,
        };
        Ok(Timed { at, command })
    }

    fn action(&self) -> Result<Action, Unreadable> {
        self.text(Field::Action)?
            .and_then(|name| Action::ALL.into_iter().find(|action| action.name() == name))
            .ok_or_else(|| {
                let known = Action::ALL.map(Action::name).join(", ");
                self.expected(Field::Action, &format!("one of {known}"))
            })
    }

    /// A field of another action is as suspicious as one that no action has.
    fn check_fields(&self, action: Action) -> Result<(), Unreadable> {
        let fields = action.fields();
        let stray =
            Field::ALL.into_iter().find(|field| self.has(*field) && !fields.contains(field));
        match stray {
            None => Ok(()),
            Some(stray) => Err(Unreadable::new(format!(
                "{}: expected no such field for {}, only {}",
                stray.name(),
                action.name(),
                fields.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    fn at(&self) -> Result<Timestamp, Unreadable> {
        self.seconds(Field::At).map(|Seconds(millis)| Timestamp::from_millis(millis))
    }

    fn seconds(&self, field: Field) -> Result<Seconds, Unreadable> {
        self.number(field).map(Seconds).ok_or_else(|| self.expected(field, SECONDS))
    }

    fn activity_id(&self) -> Result<Cow<'a, str>, Unreadable> {
        self.text(Field::ActivityId)?
            .filter(|id| !id.is_empty() && is_within(id, ACTIVITY_ID_CHARS))
            .ok_or_else(|| {
                self.expected(
                    Field::ActivityId,
                    &format!("a string of 1 to {ACTIVITY_ID_CHARS} characters"),
                )
            })
    }

    fn call(&self, call: Call<'a>) -> Result<Command<'a>, Unreadable> {
        Ok(Command::Call { activity_id: self.activity_id()?, run: self.run()?, call })
    }

    fn run(&self) -> Result<Option<u64>, Unreadable> {
        if self.value(Field::Run).is_none() {
            return Ok(None);
        }
        match self.number(Field::Run) {
            Some(thousandths) if thousandths > 0 && thousandths % 1_000 == 0 => {
                Ok(Some(thousandths / 1_000))
            }
            Some(_) | None => {
                Err(self.expected(Field::Run, "a whole number from 1 to 18446744073709551"))
            }
        }
    }

    fn recover(&self) -> Result<Recover, Unreadable> {
        let policy = match self.policy()? {
            Policy::Grace(_) => Policy::Grace(self.seconds(Field::GraceSeconds)?),
            other @ (Policy::Absolute | Policy::Rearm) => {
                self.check_no_grace(other)?;
                other
            }
        };
        let spread = match self.value(Field::SpreadSeconds) {
            Some(_) => self.seconds(Field::SpreadSeconds)?,
            None => Seconds(0),
        };
        Ok(Recover { policy, spread })
    }

    fn policy(&self) -> Result<Policy, Unreadable> {
        self.text(Field::Policy)?
            .and_then(|name| Policy::ALL.into_iter().find(|policy| policy.name() == name))
            .ok_or_else(|| {
                let known = Policy::ALL.map(Policy::name).join(", ");
                self.expected(Field::Policy, &format!("one of {known}"))
            })
    }

    /// A grace that would have no effect is a mistake, but none at all may be written as 0.
    fn check_no_grace(&self, policy: Policy) -> Result<(), Unreadable> {
        match self.number(Field::GraceSeconds) {
            Some(0) => Ok(()),
            None if self.value(Field::GraceSeconds).is_none() => Ok(()),
            Some(_) | None => {
                let what = format!("0 or nothing with {}", policy.name());
                Err(self.expected(Field::GraceSeconds, &what))
            }
        }
    }

    fn timeouts(&self) -> Result<Timeouts, Unreadable> {
        type With = fn(Timeouts, Duration) -> Timeouts;
        const FOUR: [(Field, With); 4] = [
            (Field::ScheduleToStart, Timeouts::with_schedule_to_start),
            (Field::ScheduleToClose, Timeouts::with_schedule_to_close),
            (Field::StartToClose, Timeouts::with_start_to_close),
            (Field::HeartbeatTimeout, Timeouts::with_heartbeat),
        ];
        let mut timeouts = Timeouts::NONE;
        for (field, with) in FOUR {
            if let Some(timeout) = self.timeout(field)? {
                timeouts = with(timeouts, timeout);
            }
        }
        Ok(timeouts)
    }

    fn timeout(&self, field: Field) -> Result<Option<Duration>, Unreadable> {
        if self.value(field).is_none() {
            return Ok(None);
        }
        match self.text(field)?.as_deref() {
            Some("NONE") => Ok(None),
            Some(digits)
                if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                // More seconds than u64 counts never fall due, and neither do u64::MAX of them.
                Ok(Some(Duration::from_secs(digits.parse().unwrap_or(u64::MAX))))
            }
            Some(_) | None => {
                Err(self.expected(field, "a string, either \"NONE\" or seconds in digits"))
            }
        }
    }

    fn optional_text(
        &self,
        field: Field,
        max_chars: usize,
    ) -> Result<Option<Cow<'a, str>>, Unreadable> {
        if self.value(field).is_none() {
            return Ok(None);
        }
        match self.text(field)?.filter(|text| is_within(text, max_chars)) {
            Some(text) => Ok(Some(text)),
            None => {
                Err(self.expected(field, &format!("a string of at most {max_chars} characters")))
            }
        }
    }
}

fn is_within(text: &str, max_chars: usize) -> bool {
    // Bytes are at least as many as characters: short texts need no count.
    text.len() <= max_chars || text.chars().nth(max_chars).is_none()
}
