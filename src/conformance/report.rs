//! What a check found.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::check::{About, Kind, Look};
use super::lines::{write_observation, write_operation, Seconds};
use super::{Failure, Observation, Operation, Sentence};

/// What a check found. Displayed, it is a summary for people, with the trace of each departure.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Report {
    /// The profile's name.
    pub profile: Cow<'static, str>,
    /// The seed of the plan.
    pub seed: u64,
    /// Cases done.
    pub cases: u64,
    /// Operations of these, shortening not counted.
    pub operations: u64,
    /// How each sentence of the contract stands, in order.
    pub verdicts: Vec<Verdict>,
    /// The different departures, in the order in which they were found.
    pub departures: Vec<Departure>,
    /// Why the check ended before its time, if it did: the subject could not be reset, or panicked at that.
    pub aborted: Option<Failure>,
}

/// How a sentence stands.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Verdict {
    /// Which sentence.
    pub sentence: Sentence,
    /// How it stands.
    pub standing: Standing,
    /// How often it was put to the test.
    pub checked: u64,
}

/// How a sentence stands.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It was checked and held.
    Held,
    /// So was as much of it as the profile claims, which is not the whole.
    HeldAsClaimed,
    /// It was broken.
    Broken,
    /// Nothing was shown to break it, but it was not looked at to the end: a case seemed to break it that was shortened
    /// to one that breaks another sentence, or was not shortened since it looked like many before; or a part of it was
    /// told wrongly again and again, in cases that break another sentence.
    Undecided,
    /// The profile does not claim it, or, as with cost, no observation shows it.
    NotClaimed,
    /// The profile claims it, and no case put it to the test.
    NotReached,
}

/// One way in which a subject departs from what is expected of it.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Departure {
    /// The sentence of the contract that it breaks.
    pub sentence: Sentence,
    /// What it is about.
    pub about: About,
    /// In which way it departs.
    pub kind: Kind,
    /// The fewest operations that were found to show it; the last one is where it shows.
    pub trace: Vec<Operation>,
    /// The newest time seen at the end of the trace.
    pub now: u64,
    /// What the last operation should have brought.
    pub expected: Vec<Observation>,
    /// What it brought.
    pub got: Vec<Observation>,
    /// Where it is about the next wake-up: the latest that it may be, and what was told.
    pub wakeup: Option<(Option<u64>, Option<u64>)>,
    /// How many cases showed it; of those that looked like one that is known, some may have been others.
    pub cases: u64,
    /// The seed of the first case that showed it, for [`generate::case`](super::generate::case).
    pub case_seed: u64,
    pub(super) look: Look,
}

impl Report {
    /// Whether the check was done to its end, and nothing departed.
    #[must_use]
    pub fn is_conformant(&self) -> bool {
        self.departures.is_empty() && self.aborted.is_none()
    }

    /// How a sentence stands.
    #[must_use]
    pub fn verdict(&self, sentence: Sentence) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.sentence == sentence)
    }
}

impl Departure {
    /// The trace in the replayer's lines of input.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.trace.iter().map(write_operation)
    }

    /// What was expected of the last operation, in the replayer's lines of output.
    pub fn expected_lines(&self) -> impl Iterator<Item = String> + '_ {
        self.told(&self.expected)
    }

    /// What came, in the replayer's lines of output.
    pub fn got_lines(&self) -> impl Iterator<Item = String> + '_ {
        self.told(&self.got)
    }

    fn told<'a>(&'a self, told: &'a [Observation]) -> impl Iterator<Item = String> + 'a {
        let last = self.trace.last();
        told.iter().filter_map(move |told| Some(write_observation(told, last?, self.now)))
    }
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { about, kind, sentence, cases, .. } = self;
        writeln!(f, "{about} {kind} ({cases} cases)")?;
        writeln!(f, "  breaks {sentence}: {}", sentence.short())?;
        for line in self.lines() {
            writeln!(f, "    {line}")?;
        }
        if let Some((latest, told)) = self.wakeup {
            let show = |at: Option<u64>| {
                at.map_or_else(|| "none".into(), |at| format!("at {}", Seconds(at)))
            };
            return writeln!(
                f,
                "  wake-up expected {} or before, got {}",
                show(latest),
                show(told)
            );
        }
        list(f, "  expected", self.expected_lines())?;
        list(f, "  got", self.got_lines())
    }
}

fn list(
    f: &mut fmt::Formatter<'_>,
    head: &str,
    lines: impl Iterator<Item = String>,
) -> fmt::Result {
    let mut none = true;
    writeln!(f, "{head}")?;
    for line in lines {
        none = false;
        writeln!(f, "    {line}")?;
    }
    if none {
        writeln!(f, "    nothing")?;
    }
    Ok(())
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sentence, checked, .. } = self;
        let standing = match self.standing {
            Standing::Held => "held",
            Standing::HeldAsClaimed => "held as claimed",
            Standing::Broken => "BROKEN",
            Standing::Undecided => "undecided",
            Standing::NotClaimed => "not claimed",
            Standing::NotReached => "not reached",
        };
        let number = sentence.number();
        match self.standing {
            Standing::Held | Standing::HeldAsClaimed | Standing::Broken | Standing::Undecided => {
                write!(f, "{number:>4}  {standing:<15} {checked:>10}  {}", sentence.short())
            }
            Standing::NotClaimed | Standing::NotReached => {
                write!(f, "{number:>4}  {standing:<15} {:>10}  {}", "", sentence.short())
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { profile, seed, cases, operations, .. } = self;
        writeln!(f, "{profile}: {operations} operations in {cases} cases of seed {seed:#x}")?;
        writeln!(f, "sentence               checked")?;
        for verdict in &self.verdicts {
            writeln!(f, "{verdict}")?;
        }
        match self.departures.len() {
            0 => writeln!(f, "no departure")?,
            1 => writeln!(f, "1 departure:")?,
            count => writeln!(f, "{count} different departures:")?,
        }
        for (place, departure) in self.departures.iter().enumerate() {
            write!(f, "\n{}. {departure}", place + 1)?;
        }
        if let Some(failure) = &self.aborted {
            writeln!(f, "ended early: the subject could not be reset: {failure}")?;
        }
        Ok(())
    }
}
