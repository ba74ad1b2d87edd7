//! The replayer's lines: any bytes are told of line by line, and a snapshot after one of them shows nowhere.

use std::io;

use heartwheel::Timestamp;
use serde_json::{Map, Value};

use super::replayer::command::{Command, Timed};
use super::replayer::input;
use super::replayer::json::JsonLines;
use super::replayer::lines::{Line, Lines};
use super::replayer::record::{Closing, Output, Record, What};
use super::replayer::session::Session;
use super::replayer::story::Story;

/// Replays the bytes, for programs and for people, without a snapshot, and now and then with one
/// after some line.
///
/// # Panics
/// If what programs are told is not one JSON object a line, or if the snapshot shows.
pub fn run(bytes: &[u8]) {
    let [json, story] = replay(bytes, None);
    for line in json.split_inclusive(|byte| *byte == b'\n') {
        assert_eq!(line.last(), Some(&b'\n'));
        serde_json::from_slice::<Map<String, Value>>(line).expect("one object a line");
    }
    // Seldom, as it takes twice as long. Any line would do, as long as the same bytes give the same one.
    if bytes.len() % 4 == 0 {
        let lines = bytes.split(|byte| *byte == b'\n').count();
        assert_eq!(replay(bytes, Some(1 + bytes.len() / 4 % lines)), [json, story]);
    }
}

/// What programs and people are told; the snapshot is taken after so many lines.
fn replay(bytes: &[u8], snapshot_after: Option<usize>) -> [Vec<u8>; 2] {
    let mut told = [Vec::new(), Vec::new()];
    let [json, story] = &mut told;
    let mut lines = Lines::new(Box::new(io::Cursor::new(bytes.to_vec())));
    let mut session = Session::new(Both(JsonLines::new(json), Story::new(story)));
    while let Some((number, line)) = lines.next().expect("bytes in memory are there to read") {
        let read = match line {
            Line::Bytes(bytes) => input::read(bytes),
            Line::TooLong => Err(input::too_long()),
        };
        match read {
            Ok(None) => {}
            Ok(Some(line)) => session.apply(line).expect("memory takes what is written"),
            Err(unreadable) => assert!(!unreadable.to_string().contains('\n')),
        }
        if snapshot_after.is_some_and(|after| after as u64 == number) {
            // A snapshot takes no time, whatever its instant.
            let line = Timed { at: Timestamp::ZERO, command: Command::Snapshot };
            session.apply(line).expect("as before");
        }
    }
    session.finish(true).expect("as before");
    told
}

/// Tells programs and people the same, but of no snapshot.
struct Both<J, S>(J, S);

impl<J: Output, S: Output> Output for Both<J, S> {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        if matches!(record.what, What::Snapshot) {
            return Ok(());
        }
        self.0.record(record)?;
        self.1.record(record)
    }

    fn chapter(&mut self, closing: &Closing) -> io::Result<()> {
        self.0.chapter(closing)?;
        self.1.chapter(closing)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        self.1.flush()
    }
}
