//! The host that embeds the engine: its clock, its journal, its deaths and its returns. Every call to the engine
//! passes the judge.

use heartwheel::Config;

use crate::clock::Clock;
use crate::judge::{Belief, Judge};
use crate::record::{Answer, Command, Entry, Recovering};
use crate::subject::{Fault, Machine, Subject};
use crate::tale::Tale;
use crate::tally::{Seen, Tally};
use crate::weather::Weather;

/// Why a host does not go on.
#[derive(Debug)]
pub(crate) enum Stop {
    Died,
    /// The judge has something to say.
    Wrong(String),
}

impl From<String> for Stop {
    fn from(wrong: String) -> Self {
        Self::Wrong(wrong)
    }
}

/// Where in a call death comes: the command is still...
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Death {
    /// The command never was.
    Unwritten,
    /// The command is in the journal, and takes effect on replay.
    Unissued,
    /// The engine has answered, and nobody heard it.
    Untold,
}

/// Death comes after so many calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fuse {
    pub(crate) calls: u64,
    pub(crate) death: Death,
}

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) clock: Clock,
    pub(crate) judge: Judge,
    pub(crate) tally: Tally,
    pub(crate) tale: Tale,
    pub(crate) fuse: Option<Fuse>,
    /// No death, and no clock that gets saner by waiting.
    pub(crate) is_calm: bool,
    config: Config,
    recovering: Recovering,
    patience: u64,
    calls_per_snapshot: u64,
    fault: Fault,
    /// None while it is dead.
    subject: Option<Subject>,
    /// What survives it: a snapshot, and the journal since.
    snapshot: Option<Vec<u8>>,
    journal: Vec<Entry>,
    /// Not the host's, but the world's: what was answered to the journal, and the state that died.
    told: Vec<Answer>,
    dead: Option<Vec<u8>>,
    /// Since when, by true time, it waits for its clock to come back.
    pub(crate) waits_since: Option<u64>,
    /// Was the last thing that it heard that nothing is due?
    is_drained: bool,
}

impl Host {
    pub(crate) fn new(weather: &Weather, fault: Fault, belief: Belief, tale: Tale) -> Self {
        let config = weather.config();
        Self {
            clock: Clock::new(weather.clock_start),
            judge: Judge::new(weather.rules, belief),
            tally: Tally::default(),
            tale,
            fuse: None,
            is_calm: false,
            config,
            recovering: weather.recovering,
            patience: weather.patience,
            calls_per_snapshot: weather.calls_per_snapshot,
            fault,
            subject: Some(Subject::new(config, fault)),
            snapshot: None,
            journal: Vec::new(),
            told: Vec::new(),
            dead: None,
            waits_since: None,
            is_drained: false,
        }
    }

    pub(crate) fn engine(&self) -> &Machine {
        &self.subject().engine
    }

    pub(crate) fn into_engine(self) -> Machine {
        self.subject.expect("calm hosts live").engine
    }

    fn subject(&self) -> &Subject {
        self.subject.as_ref().expect("nobody asks a dead host")
    }

    pub(crate) fn next_wakeup(&self) -> Option<u64> {
        self.subject().next_wakeup()
    }

    /// A command, and what the host does about a jump of the clock: it waits for a while, and then accepts it.
    pub(crate) fn ask(&mut self, true_time: u64, command: &Command) -> Result<Answer, Stop> {
        let answer = self.call(true_time, command)?;
        if !answer.is_jump_pending() {
            self.waits_since = None;
            return Ok(answer);
        }
        let waits_since = *self.waits_since.get_or_insert(true_time);
        if !self.is_calm && true_time - waits_since < self.patience {
            self.tally.count(Seen::JumpWaitedOut);
            return Ok(answer);
        }
        self.waits_since = None;
        self.tally.count(Seen::JumpAccepted);
        self.recover(true_time)?;
        self.call(true_time, command)
    }

    /// It knows that there was a silence, and says what that means.
    pub(crate) fn recover(&mut self, true_time: u64) -> Result<(), Stop> {
        self.judge.host_returns(self.recovering);
        if self.fault == Fault::NeverRecovers {
            return Ok(());
        }
        if self.fault == Fault::RecoversAfterPolling {
            while let Answer::TimedOut { .. } = self.call(true_time, &Command::Poll)? {}
        }
        let recovered = self.call(true_time, &Command::Recover(self.recovering))?;
        if matches!(recovered, Answer::Recovered { moved } if moved > 0) {
            self.tally.count(Seen::RecoveryMovedAClock);
        }
        Ok(())
    }

    /// Polls until nothing more is due, or so many events have come.
    pub(crate) fn drain(&mut self, true_time: u64, most: usize) -> Result<Vec<Answer>, Stop> {
        let mut events = Vec::new();
        while events.len() < most {
            let answer = self.ask(true_time, &Command::Poll).inspect_err(|_| {
                if !events.is_empty() {
                    self.tally.count(Seen::DiedAmidDrain);
                }
            })?;
            if !matches!(answer, Answer::TimedOut { .. }) {
                break;
            }
            events.push(answer);
        }
        Ok(events)
    }

    /// It wakes up because the engine asked for it: then something is due, or a timer moves on (10).
    pub(crate) fn wake(&mut self, true_time: u64, most: usize) -> Result<Vec<Answer>, Stop> {
        let is_asked_for = self.next_wakeup().is_some_and(|at| at <= self.clock.read(true_time));
        let moved_before = self.engine().stats().timers.moved;
        let events = self.drain(true_time, most)?;
        let is_idle = self.is_drained
            && events.is_empty()
            && self.engine().stats().timers.moved == moved_before;
        // A guard on jumps wants to be shown the time.
        if is_asked_for && is_idle && !self.judge.has_guard() {
            return Err(Stop::Wrong("a wake-up fired nothing and moved nothing".to_owned()));
        }
        Ok(events)
    }

    /// Written down, carried out, judged.
    fn call(&mut self, true_time: u64, command: &Command) -> Result<Answer, Stop> {
        let entry = Entry { now: self.clock.read(true_time), command: command.clone() };
        let death = self.burn();
        if death == Some(Death::Unwritten) {
            self.tally.count(Seen::DiedBeforeWriting);
            return Err(Stop::Died);
        }
        let is_written =
            death != Some(Death::Untold) || self.fault != Fault::WritesTheJournalAfterwards;
        if is_written {
            self.journal.push(entry.clone());
        }
        if death == Some(Death::Unissued) {
            self.tally.count(Seen::DiedBeforeIssuing);
            self.tale.tell(true_time, || format!("the host dies before it issues {entry:?}"));
            return Err(Stop::Died);
        }
        let subject = self.subject.as_mut().expect("nobody calls a dead host");
        self.tale.tell(true_time, || format!("{} {:?}", entry.now, entry.command));
        let answer = subject.apply(&entry);
        self.tale.tell(true_time, || format!("  -> {answer:?}"));
        self.is_drained = answer == Answer::Quiet;
        self.tally.operations += 1;
        self.judge.hear(&entry, &answer)?;
        self.judge.judge_wakeup(subject.next_wakeup(), self.is_drained)?;
        self.told.push(answer.clone());
        self.tally.count_answer(&answer);
        if death == Some(Death::Untold) {
            self.tally.count(Seen::DiedBeforeTelling);
            return Err(Stop::Died);
        }
        Ok(answer)
    }

    fn burn(&mut self) -> Option<Death> {
        let fuse = self.fuse.as_mut()?;
        fuse.calls = fuse.calls.saturating_sub(1);
        (fuse.calls == 0).then_some(fuse.death)
    }

    /// Between two calls; nothing is lost by it.
    pub(crate) fn snapshot_if_long_ago(&mut self) -> Result<(), Stop> {
        if (self.journal.len() as u64) < self.calls_per_snapshot {
            return Ok(());
        }
        self.snapshot = Some(self.subject().snapshot());
        self.journal.clear();
        self.told.clear();
        self.judge.inspect(self.engine())?;
        Ok(())
    }

    /// All that was not written down is gone.
    pub(crate) fn die(&mut self, true_time: u64) {
        self.tale.tell(true_time, || "the host is dead".to_owned());
        let subject = self.subject.take().expect("one dies once");
        self.dead = (self.told.len() == self.journal.len()).then(|| subject.snapshot());
        (self.waits_since, self.is_drained, self.fuse) = (None, false, None);
    }

    /// Restores and replays: every answer comes again, and the same state (1, 15).
    pub(crate) fn come_back(&mut self, true_time: u64) -> Result<(), Stop> {
        let mut subject = match &self.snapshot {
            None => Subject::new(self.config, self.fault),
            Some(snapshot) => {
                let subject = Subject::restore(snapshot, self.fault)?;
                if subject.snapshot() != *snapshot {
                    return Err(Stop::Wrong("a restored engine gives other bytes".to_owned()));
                }
                subject
            }
        };
        for (place, entry) in self.journal.iter().enumerate() {
            if self.fault == Fault::SkipsACommandOnReplay && place == self.journal.len() / 2 {
                continue;
            }
            let answer = subject.apply(entry);
            self.tally.replayed += 1;
            let Some(told) = self.told.get(place) else {
                self.tale.tell(true_time, || format!("replayed {entry:?}\n  -> {answer:?}"));
                self.judge.hear(entry, &answer)?;
                self.told.push(answer);
                continue;
            };
            if answer != *told {
                let told =
                    format!("{entry:?}, replayed, gives {answer:?}\n  where it gave {told:?}");
                return Err(Stop::Wrong(told));
            }
        }
        if let Some(dead) = self.dead.take() {
            if subject.snapshot() != dead {
                return Err(Stop::Wrong("a replayed engine gives other bytes".to_owned()));
            }
            self.tally.count(Seen::CameBackToTheSameBytes);
        }
        self.judge.inspect(&subject.engine)?;
        // Looks at every slot of the wheel, which takes longer than most lives of a host.
        if self.tally.replayed % 8 == 0 {
            subject.engine.check_invariants()?;
        }
        self.subject = Some(subject);
        self.tale.tell(true_time, || format!("the host is back, {} replayed", self.journal.len()));
        self.recover(true_time).inspect_err(|stop| {
            if matches!(stop, Stop::Died) {
                self.tally.count(Seen::DiedWhileComingBack);
            }
        })
    }
}
