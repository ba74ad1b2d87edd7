//! The journal: every (now, command) since the snapshot, written before it is carried out.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use heartwheel::{ActivityId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::crowd::Host;

/// What this host does between snapshots; another would have more.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum Command {
    Heartbeat { id: ActivityId, details: u64 },
    Poll,
}

/// A command and its time: all that an engine's answer depends on.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Entry {
    pub(crate) now: u64,
    pub(crate) command: Command,
}

impl Entry {
    /// Carries it out; how many timeouts came of it.
    pub(crate) fn apply(self, engine: &mut Host) -> u64 {
        let now = Timestamp::from_millis(self.now);
        match self.command {
            Command::Heartbeat { id, details } => {
                // A refusal is an answer like any other, and comes again on replay.
                let _ = engine.heartbeat(now, id, Some(details));
                0
            }
            Command::Poll => {
                let mut timed_out = 0;
                while engine.poll(now).is_some() {
                    timed_out += 1;
                }
                timed_out
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Journal {
    file: BufWriter<File>,
}

impl Journal {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create(path)?) })
    }

    pub(crate) fn write(&mut self, entry: Entry) -> Result<(), postcard::Error> {
        postcard::to_io(&entry, &mut self.file).map(|_| ())
    }

    /// What was written survives this process from here on. (One that must survive the machine syncs.)
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Reads a journal to its end; an entry that was torn by the death of the host never took effect.
pub(crate) fn entries(path: &Path) -> io::Result<impl Iterator<Item = Entry>> {
    let mut bytes = Vec::new();
    BufReader::new(File::open(path)?).read_to_end(&mut bytes)?;
    let mut place = 0;
    Ok(std::iter::from_fn(move || {
        let (entry, rest) = postcard::take_from_bytes(&bytes[place..]).ok()?;
        place = bytes.len() - rest.len();
        Some(entry)
    }))
}
