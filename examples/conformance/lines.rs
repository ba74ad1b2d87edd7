//! The kit's subject behind a pipe: operations go out as replay's lines, what comes back becomes observations.

use std::collections::VecDeque;

use heartwheel::conformance::lines::{action_name, read_observation, write_operation};
use heartwheel::conformance::{Action, Failure, Observation, Operation, Subject};
use serde_json::Value;

use crate::program::Program;

/// The decisions whose failure is an event of its own.
const DECISIONS: [&str; 2] = ["ScheduleActivityTask", "RequestCancelActivityTask"];

/// Speaks replay's lines with a program, a whole case in one write.
///
/// Timeouts and one answer after them need no sign of their end; other operations have a `Sync` after them. After each
/// one it would not be neutral: at a `Sync` a program may tell what a zero timeout made due at once, and that belongs
/// to the next operation.
#[derive(Debug)]
pub(crate) struct Lines {
    program: Program,
    /// The newest instant that the program was told since the last reset.
    newest: u64,
    /// A reset that goes out together with the operations after it.
    reset: bool,
    /// What was said and belongs to the next operation.
    left: VecDeque<String>,
}

impl Lines {
    pub(crate) const fn new(program: Program) -> Self {
        Self { program, newest: 0, reset: false, left: VecDeque::new() }
    }

    /// What is written for operations, how many `Sync` are in it, and the newest instant at each operation.
    fn write(&mut self, operations: &[Operation]) -> (String, usize, Vec<u64>) {
        let (mut lines, mut syncs) = (String::new(), 0);
        let mut newest = Vec::with_capacity(operations.len());
        if core::mem::take(&mut self.reset) {
            lines += &line("Reset", 0);
        }
        for (place, operation) in operations.iter().enumerate() {
            // A snapshot takes no time, and neither may a Sync after it.
            if operation.action != Action::Snapshot {
                self.newest = self.newest.max(operation.at);
            }
            newest.push(self.newest);
            lines += &write_operation(operation);
            lines.push('\n');
            if is_open_ended(operation) || place + 1 == operations.len() {
                lines += &line("Sync", self.newest);
                syncs += 1;
            }
        }
        (lines, syncs, newest)
    }

    /// Of the lines left, those that belong to an operation.
    fn take(&mut self, operation: &Operation, newest: u64) -> Vec<Observation> {
        let mut told = Vec::new();
        while let Some(line) = self.left.front() {
            let is_over = is_answered(&told) || answers_another(line, operation);
            if is_over && !is_open_ended(operation) {
                break;
            }
            told.extend(observe(line, operation, newest));
            self.left.pop_front();
        }
        told
    }
}

impl Subject for Lines {
    fn reset(&mut self) -> Result<(), Failure> {
        self.newest = 0;
        self.reset = true;
        self.left.clear();
        self.program.start().map_err(|error| Failure::new(format!("cannot start it: {error}")))
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Observation>, Failure> {
        let answers = self.apply_all(core::slice::from_ref(operation));
        answers.into_iter().next().unwrap_or_else(|| Err(Failure::new("no answer")))
    }

    fn apply_all(&mut self, operations: &[Operation]) -> Vec<Result<Vec<Observation>, Failure>> {
        let (lines, syncs, newest) = self.write(operations);
        let (said, silence) = self.program.ask(lines, syncs);
        let mut said = said.into_iter();
        let mut answers = Vec::with_capacity(operations.len());
        let mut is_at_sync = true;
        for (operation, newest) in operations.iter().zip(newest) {
            if is_at_sync {
                self.left.extend(said.next().unwrap_or_default());
            }
            is_at_sync = is_open_ended(operation);
            let told = self.take(operation, newest);
            // What was said last was cut off.
            let is_cut = said.len() == 0 && (is_open_ended(operation) || !is_answered(&told));
            match silence {
                Some(silence) if is_cut => {
                    answers.push(Err(Failure::new(silence)));
                    break;
                }
                Some(_) | None => answers.push(Ok(told)),
            }
        }
        answers
    }
}

/// Whether more may come of an operation than timeouts and one answer after them.
const fn is_open_ended(operation: &Operation) -> bool {
    matches!(
        operation.action,
        Action::Advance | Action::Recover { .. } | Action::RequestCancel { .. }
    )
}

fn is_answered(told: &[Observation]) -> bool {
    told.iter().any(|told| !matches!(told, Observation::TimedOut(_)))
}

/// Whether a line is the answer to a later operation, because this one has none.
fn answers_another(line: &str, operation: &Operation) -> bool {
    let (Ok(read), Ok(object)) = (read_observation(line), serde_json::from_str::<Value>(line))
    else {
        return false;
    };
    if matches!(read.observation, None | Some(Observation::TimedOut(_))) {
        return false;
    }
    let named = match object["event"].as_str() {
        Some(event) => event.strip_suffix("Failed").filter(|decision| DECISIONS.contains(decision)),
        None => object["reply"].as_str().or_else(|| object["action"].as_str()),
    };
    read.activity != operation.action.activity()
        || named.is_some_and(|named| named != action_name(&operation.action))
}

/// A line of the driver's own, which is no operation.
fn line(action: &str, millis: u64) -> String {
    format!("{{\"at\":{}.{:03},\"action\":\"{action}\"}}\n", millis / 1_000, millis % 1_000)
}

/// What a line tells; the reply to `Reset` tells nothing. One that cannot be read stands for itself.
fn observe(line: &str, operation: &Operation, newest: u64) -> Option<Observation> {
    match read_observation(line) {
        Ok(line) => line.answer(operation, newest),
        Err(_) => Some(Observation::Other(line.to_owned())),
    }
}
