//! Replays recorded commands through the engine and tells what happened, and when.
//!
//! ```text
//! cargo run --release --example replay                    # the bundled session, for people
//! cargo run --release --example replay -- --json FILE     # JSON Lines, for programs
//! cargo run --release --example replay -- --drain -       # standard input, then run the clock on
//! ```
//!
//! It is a whole host in small: `lines` reads bytes, `object` and `input` make commands of them, `session` drives the
//! engine, which `snapshot` stores and restores, and `json` or `story` shows what came of it.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a program that needs std anyway gains nothing from naming the crates below it"
)]

mod command;
mod input;
mod json;
mod lines;
mod object;
mod record;
mod seconds;
mod session;
mod snapshot;
mod story;
mod text;
mod timeline;

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::json::JsonLines;
use crate::lines::{Line, Lines};
use crate::record::Output;
use crate::session::Session;
use crate::story::Story;

/// What is replayed when no file is named.
const BUNDLED: &[u8] = include_bytes!("session.jsonl");

/// Large enough that a million lines cost few system calls.
const OUTPUT_BUFFER_BYTES: usize = 64 * 1024;

/// Replays recorded commands through heartwheel and tells what happened, and when.
#[derive(Debug, Parser)]
#[command(name = "replay", after_help = AFTER_HELP)]
struct Arguments {
    /// The commands to replay, `-` for standard input; without it, a bundled session
    file: Option<PathBuf>,
    /// Print one JSON object a line instead of a story
    #[arg(long)]
    json: bool,
    /// After the last line, run the clock on until nothing is armed
    #[arg(long)]
    drain: bool,
}

const AFTER_HELP: &str = r#"Input: one JSON object a line, of at most 16 MiB. Blank lines are skipped.
  at          seconds, 0 to 18446744073709551.615, at most three decimals
  action      one of those below
  activityId  1 to 256 characters
  run         which scheduling of that activityId is meant, from 1 (optional)

  ScheduleActivityTask          scheduleToStartTimeout, scheduleToCloseTimeout,
                                startToCloseTimeout, heartbeatTimeout
                                ("NONE", the default, or seconds in digits); no run
  StartActivityTask
  RecordActivityTaskHeartbeat   details (optional)
  RequestCancelActivityTask
  RespondActivityTaskCompleted  result (optional)
  RespondActivityTaskFailed     reason, details (optional)
  RespondActivityTaskCanceled   details (optional)
  UpdateTimeouts                the four of ScheduleActivityTask, which replace those before;
                                one that is absent is NONE
  Suspend                       stops the clocks of an activity
  Resume                        lets them go on with what they had left
  Advance                       only moves time; no activityId
  Recover                       the host was silent since the newest time: what that means for
                                heartbeats due meanwhile; no activityId
                                policy: "Absolute" (they time out), "Rearm" (all heartbeat
                                clocks start anew) or "Grace" (none is due before at +
                                graceSeconds, a number; for Grace only)
                                spreadSeconds, a number (optional): deadlines that are moved
                                are spread over so long
  Snapshot                      the engine goes through bytes and back; no activityId
  Sync                          answers and flushes; no activityId
  Reset                         forgets everything; no activityId

Everything due at a line's instant happens before the line, but after Recover, which may
postpone it. Snapshot takes no time, whatever its instant, and changes no other line of the
output. A line that cannot be read is reported on standard error and changes nothing; the
exit status is then 1.

A timeout tells how many recoveries moved the heartbeat clock since the last heartbeat
(recovered), and for how long the activity was suspended in all (suspendedSeconds), where
there is anything to tell.

Example:
  {"at":0,"action":"ScheduleActivityTask","activityId":"a1","heartbeatTimeout":"60"}
  {"at":5,"action":"StartActivityTask","activityId":"a1"}
  {"at":10,"action":"RecordActivityTaskHeartbeat","activityId":"a1","details":"10%"}
  {"at":500,"action":"Advance"}"#;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let input = match open(arguments.file.as_deref()) {
        Ok(input) => input,
        Err(error) => {
            report(&error);
            return ExitCode::FAILURE;
        }
    };
    let stdout = BufWriter::with_capacity(OUTPUT_BUFFER_BYTES, io::stdout().lock());
    let replayed = if arguments.json {
        replay(input, JsonLines::new(stdout), arguments.drain)
    } else {
        replay(input, Story::new(stdout), arguments.drain)
    };
    match replayed {
        Ok(code) => code,
        // Whoever read the output has seen enough (`| head`): nobody is left to complain to.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            report(&format!("cannot write the output: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn open(file: Option<&Path>) -> Result<Box<dyn Read>, String> {
    match file {
        None => Ok(Box::new(BUNDLED)),
        Some(path) if path.as_os_str() == "-" => Ok(Box::new(io::stdin().lock())),
        Some(path) => match File::open(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(format!("cannot open {}: {error}", path.display())),
        },
    }
}

/// Replays the whole input; an error is one of writing the output.
fn replay(input: Box<dyn Read>, output: impl Output, drain: bool) -> io::Result<ExitCode> {
    let mut lines = Lines::new(input);
    let mut session = Session::new(output);
    let mut code = ExitCode::SUCCESS;
    loop {
        if !lines.has_whole_line() {
            // Reading may now wait for a program that itself waits for our answers.
            session.flush()?;
        }
        let (number, line) = match lines.next() {
            Ok(Some(numbered)) => numbered,
            Ok(None) => break,
            Err(error) => {
                report(&format!("cannot read the input: {error}"));
                code = ExitCode::FAILURE;
                break;
            }
        };
        let read = match line {
            Line::Bytes(bytes) => input::read(bytes),
            Line::TooLong => Err(input::too_long()),
        };
        match read {
            Ok(None) => {}
            Ok(Some(line)) => session.apply(line)?,
            Err(unreadable) => {
                // Keeps the two streams in order where both end in one terminal or file.
                session.flush()?;
                report(&format!("line {number}: {unreadable}"));
                code = ExitCode::FAILURE;
            }
        }
    }
    session.finish(drain)?;
    Ok(code)
}

/// One line on standard error, in one write; if that is closed, there is nobody to tell.
fn report(message: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(format!("{message}\n").as_bytes());
    let _ = stderr.flush();
}
