//! The program under test: a process that is started anew when it has died or fallen silent.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A command, and the process that it has become.
#[derive(Debug)]
pub(crate) struct Program {
    words: Vec<String>,
    limit: Duration,
    process: Option<Process>,
}

/// Why an answer to `Sync` did not come.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Silence {
    #[error("the program ended before it answered Sync")]
    Ended,
    #[error("no answer to Sync within {0:?}")]
    TimeLimit(Duration),
}

/// What was said before the answer to each `Sync`, and why one was not answered; before that one stands what was said
/// so far.
pub(crate) type Answers = (Vec<Vec<String>>, Option<Silence>);

impl Program {
    /// `limit`: how long one call of [`ask`](Self::ask) may take.
    pub(crate) const fn new(words: Vec<String>, limit: Duration) -> Self {
        Self { words, limit, process: None }
    }

    /// Starts the process, unless it is there already.
    pub(crate) fn start(&mut self) -> io::Result<()> {
        if self.process.is_none() {
            self.process = Some(Process::start(&self.words)?);
        }
        Ok(())
    }

    /// Writes lines with so many `Sync` in one go, and reads until all are answered. A process that fails in this is
    /// gone afterwards.
    pub(crate) fn ask(&mut self, lines: String, syncs: usize) -> Answers {
        let Some(process) = &self.process else { return (Vec::new(), Some(Silence::Ended)) };
        let answers = process.ask(lines, syncs, self.limit);
        if answers.1.is_some() {
            self.process = None;
        }
        answers
    }
}

/// Threads of their own write to the process and read from it: it may be slow at either without stopping the clock.
#[derive(Debug)]
struct Process {
    child: Child,
    input: Sender<String>,
    output: Receiver<String>,
}

impl Process {
    fn start(words: &[String]) -> io::Result<Self> {
        let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, to_write) = mpsc::channel::<String>();
        let (read, output) = mpsc::channel();
        if let Some(mut stdin) = child.stdin.take() {
            thread::spawn(move || {
                to_write.iter().try_for_each(|lines| stdin.write_all(lines.as_bytes()))
            });
        }
        if let Some(stdout) = child.stdout.take() {
            // What is no UTF-8 is no JSON either, and ends the output as if the process had died.
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            thread::spawn(move || lines.try_for_each(|line| read.send(line)));
        }
        Ok(Self { child, input, output })
    }

    fn ask(&self, lines: String, syncs: usize, limit: Duration) -> Answers {
        let asked = Instant::now();
        let mut answers = Vec::with_capacity(syncs + 1);
        let mut said = Vec::new();
        // That nobody reads it any more shows in the output.
        let _ = self.input.send(lines);
        while answers.len() < syncs {
            let silence = match self.output.recv_timeout(limit.saturating_sub(asked.elapsed())) {
                Ok(line) if is_synced(&line) => {
                    answers.push(core::mem::take(&mut said));
                    continue;
                }
                Ok(line) => {
                    said.push(line);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => Silence::Ended,
                Err(RecvTimeoutError::Timeout) => Silence::TimeLimit(limit),
            };
            answers.push(said);
            return (answers, Some(silence));
        }
        (answers, None)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; waiting takes it off the system's table in any case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Read as JSON and not compared as text: other languages put spaces elsewhere.
fn is_synced(line: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|object| object["reply"] == "Sync")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVANCE: &str = "{\"action\":\"Advance\"}\n";
    const SYNC: &str = "{\"action\":\"Sync\"}\n";

    fn program(words: &[&str], limit: Duration) -> Program {
        Program::new(words.iter().map(|word| (*word).to_owned()).collect(), limit)
    }

    /// Says back what it is told, as replies.
    fn parrot() -> Program {
        let mut parrot = program(&["sed", "-u", "s/action/reply/"], Duration::from_secs(60));
        parrot.start().unwrap();
        parrot
    }

    #[test]
    fn what_is_said_before_each_sync_stands_apart() {
        let mut parrot = parrot();
        for _ in 0..2 {
            let (said, silence) = parrot.ask([ADVANCE, SYNC, SYNC].concat(), 2);
            assert_eq!(
                (said, silence),
                (vec![vec![r#"{"reply":"Advance"}"#.to_owned()], vec![]], None)
            );
        }
    }

    #[test]
    fn more_than_a_pipe_holds_goes_out_though_nothing_was_read_yet() {
        let case = [ADVANCE.repeat(100_000), SYNC.to_owned()].concat();
        let (said, silence) = parrot().ask(case, 1);
        assert_eq!((said[0].len(), silence), (100_000, None));
    }

    #[test]
    fn a_program_that_ends_is_started_anew() {
        let mut two_lines = program(&["sed", "-u", "s/action/reply/;2q"], Duration::from_secs(60));
        for _ in 0..2 {
            two_lines.start().unwrap();
            let (said, silence) = two_lines.ask([SYNC, ADVANCE, SYNC].concat(), 2);
            assert_eq!(said, [vec![], vec![r#"{"reply":"Advance"}"#.to_owned()]]);
            assert_eq!(silence, Some(Silence::Ended));
        }
    }

    #[test]
    fn a_program_that_says_nothing_is_not_waited_for_long() {
        let limit = Duration::from_millis(50);
        let mut silent = program(&["sleep", "1000"], limit);
        silent.start().unwrap();
        let (said, silence) = silent.ask(SYNC.to_owned(), 1);
        assert_eq!((said, silence), (vec![vec![]], Some(Silence::TimeLimit(limit))));
    }

    #[test]
    fn what_cannot_be_started_is_an_error() {
        assert!(program(&["/nonexistent"], Duration::MAX).start().is_err());
        assert!(program(&[], Duration::MAX).start().is_err());
    }
}
