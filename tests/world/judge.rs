//! The judge: knows what was delivered to the engine and when, and the contract of the crate docs; nothing else.
//! Sentences are cited by their number there.

mod inspection;
mod life;

use std::collections::HashSet;

use heartwheel::{ActivityId, CommandError, Outcome, Stats, TimeoutType};

use crate::record::{Answer, Command, Entry, Recovering, Why};
use crate::weather::Rules;
use life::Life;

/// What a wrong judge believes, to see that a right engine does not pass before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Belief {
    Contract,
    /// A deadline is due only after its instant (against sentence 3).
    DueAfterwards,
    /// A heartbeat without details erases those before, whatever the configuration says.
    SilenceErases,
    /// An older time counts as it is (against sentence 11).
    TimeRunsBack,
}

impl Belief {
    pub(crate) const WRONG: [Self; 3] =
        [Self::DueAfterwards, Self::SilenceErases, Self::TimeRunsBack];
}

#[derive(Debug)]
pub(crate) struct Judge {
    rules: Rules,
    belief: Belief,
    /// The newest time seen.
    now: u64,
    has_seen: bool,
    /// In order of scheduling.
    open: Vec<Life>,
    issued: HashSet<ActivityId>,
    /// The host came back and said what the silence means: that is settled before anything else happens.
    promise: Option<Recovering>,
    counts: Stats,
}

impl Judge {
    pub(crate) fn new(rules: Rules, belief: Belief) -> Self {
        Self {
            rules,
            belief,
            now: 0,
            has_seen: false,
            open: Vec::new(),
            issued: HashSet::new(),
            promise: None,
            counts: Stats::default(),
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    pub(crate) fn has_guard(&self) -> bool {
        self.rules.max_jump.is_some()
    }

    /// The host comes back from a silence, whether or not it knows how to say so to the engine.
    pub(crate) fn host_returns(&mut self, recovering: Recovering) {
        self.promise = Some(recovering);
    }

    /// Something was delivered, and answered. An error says what the answer should have been.
    pub(crate) fn hear(&mut self, entry: &Entry, answer: &Answer) -> Result<(), String> {
        if let Some(promised) = self.promise.take() {
            if !matches!(entry.command, Command::Recover(_)) {
                self.recover(entry.now, promised);
            }
        }
        let ruling = if let Command::Recover(recovering) = &entry.command {
            Answer::Recovered { moved: self.recover(entry.now, *recovering) }
        } else if matches!(entry.command, Command::Shrink) {
            Answer::Shrunk
        } else {
            match self.see(entry.now) {
                Ok(()) => self.rule(&entry.command, answer)?,
                Err(why) => refused_whole(&entry.command, why),
            }
        };
        if *answer == ruling {
            return Ok(());
        }
        Err(format!("answered {answer:?}\n  where the contract says {ruling:?}"))
    }

    /// Sentences 11 and 17.
    fn see(&mut self, now: u64) -> Result<(), Why> {
        if now < self.now && self.belief != Belief::TimeRunsBack {
            self.counts.clock_regressions += 1;
            return Ok(());
        }
        let is_unbelievable =
            self.rules.max_jump.is_some_and(|most| now.saturating_sub(self.now) > most);
        if self.has_seen && is_unbelievable {
            return Err(Why::JumpPending { from: self.now, to: now });
        }
        (self.now, self.has_seen) = (now, true);
        Ok(())
    }

    fn rule(&mut self, command: &Command, answer: &Answer) -> Result<Answer, String> {
        let ruling = match command {
            Command::Schedule { key, terms } => {
                let max_open = self.rules.max_open;
                if self.open.len() as u64 >= max_open {
                    return Ok(refused_whole(command, Why::AtCapacity { max_open }));
                }
                // The id is the engine's to choose; never one that has been (5).
                let Answer::Scheduled(id) = answer else { return Ok(Answer::Quiet) };
                if !self.issued.insert(*id) {
                    return Err(format!("{id} was issued twice"));
                }
                let order = self.counts.scheduled;
                self.counts.scheduled += 1;
                self.open.push(Life::new(*id, *key, *terms, order, self.now));
                Ok(answer.clone())
            }
            Command::Start { id } => self.start(*id),
            Command::Heartbeat { id, details } => return Ok(self.heartbeat(*id, *details)),
            Command::Heartbeats(beats) => {
                let beats = beats.iter().map(|(id, details)| self.heartbeat(*id, *details));
                return Ok(Answer::Beats(beats.collect()));
            }
            Command::RequestCancel { id } => self.request_cancel(*id),
            Command::Close { id, outcome } => self.close(*id, *outcome),
            Command::Abandon { id } => self.settle(*id).map(|place| {
                self.counts.abandoned += 1;
                Answer::Closed(self.open.remove(place).story)
            }),
            Command::UpdateTimeouts { id, terms } => self.settle(*id).map(|place| {
                self.open[place].terms = *terms;
                Answer::Updated { next: self.open[place].due() }
            }),
            Command::Suspend { id } => self.suspend(*id),
            Command::Resume { id } => self.resume(*id),
            Command::Poll => Ok(self.poll()),
            Command::Recover(_) | Command::Shrink => unreachable!("no time is too far for these"),
        };
        Ok(ruling.unwrap_or_else(|reason| refused_whole(command, Why::Command(reason))))
    }

    /// Sentence 4: the place of an activity that is open and not due.
    fn settle(&self, id: ActivityId) -> Result<usize, CommandError> {
        let place = self.open.iter().position(|life| life.story.id == id);
        place.filter(|place| !self.is_due(&self.open[*place])).ok_or(CommandError::NotOpen { id })
    }

    /// Sentence 3.
    fn is_due(&self, life: &Life) -> bool {
        life.due().is_some_and(|(at, _)| {
            if self.belief == Belief::DueAfterwards {
                at < self.now
            } else {
                at <= self.now
            }
        })
    }

    fn start(&mut self, id: ActivityId) -> Result<Answer, CommandError> {
        let place = self.settle(id)?;
        if self.open[place].story.started_at.is_some() {
            return Err(CommandError::AlreadyStarted { id });
        }
        self.open[place].start(self.now);
        Ok(Answer::Started)
    }

    fn heartbeat(&mut self, id: ActivityId, details: Option<u64>) -> Answer {
        let refused = |why| Answer::Refused { why: Why::Command(why), handed_back: details };
        let place = match self.settle(id) {
            Ok(place) => place,
            Err(reason) => return refused(reason),
        };
        let keeps = self.rules.keeps_details && self.belief != Belief::SilenceErases;
        let life = &mut self.open[place];
        if life.story.started_at.is_none() {
            return refused(CommandError::NotStarted { id });
        }
        self.counts.heartbeats += 1;
        life.beat(self.now);
        life.story.details = details.or_else(|| life.story.details.filter(|_| keeps));
        let cancel_requested = life.story.cancel_requested_at.is_some();
        Answer::Beat { cancel_requested, next: life.due() }
    }

    /// Sentence 7.
    fn request_cancel(&mut self, id: ActivityId) -> Result<Answer, CommandError> {
        let place = self.settle(id)?;
        let story = &mut self.open[place].story;
        let first_requested_at = *story.cancel_requested_at.get_or_insert(self.now);
        if story.started_at.is_some() {
            return Ok(Answer::CancelRequested { first_requested_at });
        }
        self.counts.canceled += 1;
        Ok(Answer::Closed(self.open.remove(place).story))
    }

    fn close(&mut self, id: ActivityId, outcome: Outcome) -> Result<Answer, CommandError> {
        let place = self.settle(id)?;
        if self.open[place].story.started_at.is_none() {
            return Err(CommandError::NotStarted { id });
        }
        match outcome {
            Outcome::Completed => self.counts.completed += 1,
            Outcome::Failed => self.counts.failed += 1,
            Outcome::Canceled => self.counts.canceled += 1,
            _ => unreachable!("no worker reports another"),
        }
        Ok(Answer::Closed(self.open.remove(place).story))
    }

    fn suspend(&mut self, id: ActivityId) -> Result<Answer, CommandError> {
        let place = self.settle(id)?;
        let story = &mut self.open[place].story;
        if story.suspended_at.is_some() {
            return Err(CommandError::AlreadySuspended { id });
        }
        story.suspended_at = Some(self.now);
        Ok(Answer::Suspended)
    }

    fn resume(&mut self, id: ActivityId) -> Result<Answer, CommandError> {
        let place = self.settle(id)?;
        let took = self.open[place].resume(self.now).ok_or(CommandError::NotSuspended { id })?;
        Ok(Answer::Resumed { took })
    }

    /// Sentence 16.
    fn recover(&mut self, now: u64, recovering: Recovering) -> usize {
        let stands = |life: &Life, seen: u64| life.due().is_some_and(|(at, _)| at <= seen);
        let seen = self.now;
        if now < seen {
            self.counts.clock_regressions += 1;
        } else {
            (self.now, self.has_seen) = (now, true);
        }
        let mut moved = 0;
        for life in self.open.iter_mut().filter(|life| !stands(life, seen)) {
            moved += usize::from(life.recover(self.now, recovering));
        }
        moved
    }

    /// Sentences 8 and 9.
    fn poll(&mut self) -> Answer {
        let due = self.open.iter().enumerate().filter(|(_, life)| self.is_due(life));
        // In order of scheduling, so that of equals the first stays.
        let first = due.filter_map(|(place, life)| Some((life.due()?, place)));
        let Some((due, place)) = first.min_by_key(|((at, _), _)| *at) else { return Answer::Quiet };
        let counts = &mut self.counts.timed_out;
        match due.1 {
            TimeoutType::StartToClose => counts.start_to_close += 1,
            TimeoutType::ScheduleToStart => counts.schedule_to_start += 1,
            TimeoutType::ScheduleToClose => counts.schedule_to_close += 1,
            TimeoutType::Heartbeat => counts.heartbeat += 1,
        }
        let late = self.now.saturating_sub(due.0);
        let lateness = &mut self.counts.lateness;
        lateness.count += u64::from(late > 0);
        lateness.sum_ms = lateness.sum_ms.saturating_add(late);
        lateness.max_ms = lateness.max_ms.max(late);
        Answer::TimedOut { due, observed_at: self.now, story: self.open.remove(place).story }
    }
}

/// A command that changed nothing hands back what came with it (6).
fn refused_whole(command: &Command, why: Why) -> Answer {
    let refused = |handed_back| Answer::Refused { why, handed_back };
    match command {
        Command::Schedule { key, .. } => refused(Some(u64::from(*key))),
        Command::Heartbeat { details, .. } => refused(*details),
        Command::Heartbeats(beats) => {
            Answer::Beats(beats.iter().map(|(_, details)| refused(*details)).collect())
        }
        Command::Start { .. }
        | Command::RequestCancel { .. }
        | Command::Close { .. }
        | Command::Abandon { .. }
        | Command::UpdateTimeouts { .. }
        | Command::Suspend { .. }
        | Command::Resume { .. }
        | Command::Recover(_)
        | Command::Poll
        | Command::Shrink => refused(None),
    }
}
