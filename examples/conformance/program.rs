//! The program under test: a process that is started anew when it has died or fallen silent.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A line of a program that is longer is none: the replayer's have less than a thousandth of it.
const LONGEST_LINE: usize = 1 << 20;

/// More than that is not an answer to a case, whose answers are some kilobytes: in bytes, line ends included.
const MOST_SAID: usize = 16 << 20;

/// Lines that are read ahead of what has been looked at: a program that talks on waits then.
const READ_AHEAD: usize = 1_024;

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
    #[error("a line of more than {LONGEST_LINE} bytes")]
    LongLine,
    #[error("no answer to Sync within {MOST_SAID} bytes")]
    Flood,
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
    output: Receiver<Result<String, Silence>>,
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
        let (read, output) = mpsc::sync_channel(READ_AHEAD);
        if let Some(mut stdin) = child.stdin.take() {
            thread::spawn(move || {
                to_write.iter().try_for_each(|lines| stdin.write_all(lines.as_bytes()))
            });
        }
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || read_lines(BufReader::new(stdout), &read));
        }
        Ok(Self { child, input, output })
    }

    fn ask(&self, lines: String, syncs: usize, limit: Duration) -> Answers {
        let asked = Instant::now();
        let mut answers = Vec::with_capacity(syncs + 1);
        let mut said = Vec::new();
        let mut bytes = 0;
        // That nobody reads it any more shows in the output.
        let _ = self.input.send(lines);
        while answers.len() < syncs {
            let line = self.line(limit.saturating_sub(asked.elapsed()), limit).and_then(|line| {
                bytes += line.len() + 1;
                if bytes > MOST_SAID {
                    Err(Silence::Flood)
                } else {
                    Ok(line)
                }
            });
            match line {
                Ok(line) if is_synced(&line) => answers.push(core::mem::take(&mut said)),
                Ok(line) => said.push(line),
                Err(silence) => {
                    answers.push(said);
                    return (answers, Some(silence));
                }
            }
        }
        (answers, None)
    }

    /// The next line, if so much of the limit is left for it.
    fn line(&self, left: Duration, limit: Duration) -> Result<String, Silence> {
        if left.is_zero() {
            // Though there may be more to read: it could go on for ever.
            return Err(Silence::TimeLimit(limit));
        }
        match self.output.recv_timeout(left) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => Err(Silence::Ended),
            Err(RecvTimeoutError::Timeout) => Err(Silence::TimeLimit(limit)),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; waiting takes it off the system's table in any case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hands on line after line, until there are no more or nobody listens. What is no UTF-8 is no JSON either, and ends
/// the output as if the process had died.
fn read_lines(mut output: impl BufRead, read: &SyncSender<Result<String, Silence>>) {
    loop {
        let mut line = Vec::new();
        let most = LONGEST_LINE as u64 + 1;
        let length = output.by_ref().take(most).read_until(b'\n', &mut line);
        if !matches!(length, Ok(1..)) {
            return;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        } else if line.len() > LONGEST_LINE {
            let _ = read.send(Err(Silence::LongLine));
            return;
        }
        let Ok(line) = String::from_utf8(line) else { return };
        if read.send(Ok(line)).is_err() {
            return;
        }
    }
}

/// Read as JSON and not compared as text: other languages put spaces elsewhere.
fn is_synced(line: &str) -> bool {
    // Most lines are something else, and that shows without parsing.
    line.contains("Sync")
        && serde_json::from_str::<Value>(line).is_ok_and(|object| object["reply"] == "Sync")
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
    fn a_program_that_never_stops_talking_is_not_listened_to_for_ever() {
        let limit = Duration::from_millis(200);
        // Each line comes well within the limit, and together they never end.
        let slowly = "while :; do echo {}; sleep 0.01; done";
        let mut talker = program(&["sh", "-c", slowly], limit);
        talker.start().unwrap();
        assert_eq!(talker.ask(SYNC.to_owned(), 1).1, Some(Silence::TimeLimit(limit)));
        let mut shouter = program(&["yes"], Duration::MAX);
        shouter.start().unwrap();
        let (said, silence) = shouter.ask(SYNC.to_owned(), 1);
        assert_eq!((said[0].len(), silence), (MOST_SAID / 2, Some(Silence::Flood)));
    }

    #[test]
    fn a_line_that_does_not_end_is_not_read_to_its_end() {
        for bytes in ["exec cat /dev/zero", "head -c 1048577 /dev/zero; exec sleep 1000"] {
            let mut endless = program(&["sh", "-c", bytes], Duration::MAX);
            endless.start().unwrap();
            let (said, silence) = endless.ask(SYNC.to_owned(), 1);
            assert_eq!((said, silence), (vec![vec![]], Some(Silence::LongLine)));
        }
        let longest = "head -c 1048575 /dev/zero; echo; echo '{\"reply\":\"Sync\"}'";
        let mut long = program(&["sh", "-c", longest], Duration::MAX);
        long.start().unwrap();
        let (said, silence) = long.ask(SYNC.to_owned(), 1);
        assert_eq!((said[0][0].len(), silence), (LONGEST_LINE - 1, None));
    }

    #[test]
    fn what_cannot_be_started_is_an_error() {
        assert!(program(&["/nonexistent"], Duration::MAX).start().is_err());
        assert!(program(&[], Duration::MAX).start().is_err());
    }
}
