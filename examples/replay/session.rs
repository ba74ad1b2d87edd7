//! Drives the engine: finds the activity a command means, and tells what came of it.

use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use heartwheel::{
    ActivityId, CancelOutcome, CommandError, Config, Engine, Outcome, ScheduleRefusal, Timeouts,
    Timestamp,
};

use super::command::{Call, Command, Recover, Timed};
use super::record::{Closing, Details, Event, Key, Output, Record, Run, What};
use super::seconds::Seconds;
use super::snapshot;

/// SWF's causes of failed decisions.
const ID_IN_USE: &str = "ACTIVITY_ID_ALREADY_IN_USE";
const ID_UNKNOWN: &str = "ACTIVITY_ID_UNKNOWN";
const TOO_MANY_OPEN: &str = "OPEN_ACTIVITIES_LIMIT_EXCEEDED";

pub(crate) struct Session<O> {
    engine: Engine<Key, Details>,
    schedulings: HashMap<Key, Scheduling>,
    refused: u64,
    output: O,
}

/// All that is kept of an activityId; what happened in its runs is for the engine and the output.
#[derive(Clone, Copy)]
struct Scheduling {
    runs: u64,
    /// The latest run, while it is open.
    open: Option<ActivityId>,
}

impl<O: Output> Session<O> {
    pub(crate) fn new(output: O) -> Self {
        Self { engine: new_engine(), schedulings: HashMap::new(), refused: 0, output }
    }

    /// Lets time pass to the line's instant, then does what the line says; a recovery has its say on what fell
    /// due until then, and a snapshot takes no time.
    pub(crate) fn apply(&mut self, line: Timed<'_>) -> io::Result<()> {
        if !matches!(line.command, Command::Recover(_) | Command::Snapshot) {
            self.drain(line.at)?;
        }
        match line.command {
            Command::Schedule { activity_id, timeouts } => self.schedule(&activity_id, timeouts),
            Command::Call { activity_id, run, call } => self.call(&activity_id, run, &call),
            Command::Advance => self.tell(What::Advanced),
            Command::Recover(recover) => self.recover(line.at, recover),
            Command::Snapshot => self.snapshot(line.at),
            Command::Sync => {
                self.tell(What::Synced)?;
                self.flush()
            }
            Command::Reset => self.reset(),
        }
    }

    /// The input has ended. With `run_on`, the clock goes on from wake-up to wake-up until nothing is armed.
    pub(crate) fn finish(&mut self, run_on: bool) -> io::Result<()> {
        self.drain(self.engine.now())?;
        if run_on {
            while let Some(wakeup) = self.engine.next_wakeup() {
                self.drain(wakeup)?;
            }
        }
        self.close_chapter()?;
        self.flush()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// Moves time to `now`, unless it is later already, and tells of everything that is due by then.
    fn drain(&mut self, now: Timestamp) -> io::Result<()> {
        let mut due = self.engine.poll(now);
        while let Some(event) = due {
            // The enum may grow, and an event we have no name for is nothing we could tell.
            if let heartwheel::Event::TimedOut(timed_out) = &event {
                let key = &timed_out.activity.key;
                let number = self.closed(key);
                let run = Run { activity_id: key, number };
                let what = What::Event { run, event: Event::TimedOut(timed_out) };
                self.output.record(&Record { at: timed_out.deadline, what })?;
            }
            // Not `now`: an older one would count as another clock regression each time.
            due = self.engine.poll(self.engine.now());
        }
        Ok(())
    }

    fn schedule(&mut self, activity_id: &str, timeouts: Timeouts) -> io::Result<()> {
        let (key, known) = match self.schedulings.get_key_value(activity_id) {
            Some((key, known)) => (Rc::clone(key), *known),
            None => (Key::from(activity_id), Scheduling { runs: 0, open: None }),
        };
        let run = Run { activity_id, number: known.runs };
        if known.open.is_some() {
            self.refused = self.refused.saturating_add(1);
            return self.tell_event(run, Event::ScheduleFailed { cause: ID_IN_USE });
        }
        match self.engine.schedule(self.engine.now(), Rc::clone(&key), timeouts) {
            Ok(id) => {
                let runs = known.runs.saturating_add(1);
                self.schedulings.insert(key, Scheduling { runs, open: Some(id) });
                self.tell_event(Run { activity_id, number: runs }, Event::Scheduled(timeouts))
            }
            Err(refused) => {
                self.refused = self.refused.saturating_add(1);
                let cause = match refused.reason {
                    ScheduleRefusal::AtCapacity { .. } | ScheduleRefusal::Exhausted | _ => {
                        TOO_MANY_OPEN
                    }
                };
                self.tell_event(run, Event::ScheduleFailed { cause })
            }
        }
    }

    fn call(&mut self, activity_id: &str, run: Option<u64>, call: &Call<'_>) -> io::Result<()> {
        match self.find(activity_id, run) {
            Ok((id, number)) => self.call_open(id, Run { activity_id, number }, call),
            Err(message) => {
                let latest = self.schedulings.get(activity_id).map_or(0, |known| known.runs);
                let number = run.unwrap_or(latest);
                self.refuse(Run { activity_id, number }, call, &message)
            }
        }
    }

    fn call_open(&mut self, id: ActivityId, run: Run<'_>, call: &Call<'_>) -> io::Result<()> {
        let now = self.engine.now();
        let refusal = match call {
            Call::Start => match self.engine.start(now, id) {
                Ok(()) => return self.tell_event(run, Event::Started),
                Err(refusal) => refusal,
            },
            Call::Heartbeat { details } => {
                let details = details.as_deref();
                match self.engine.heartbeat(now, id, details.map(Details::from)) {
                    Ok(heartbeat) => {
                        let cancel_requested = heartbeat.cancel_requested;
                        return self.tell(What::Heartbeat { run, details, cancel_requested });
                    }
                    Err(refused) => refused.reason,
                }
            }
            Call::RequestCancel => match self.engine.request_cancel(now, id) {
                Ok(outcome) => return self.cancel_requested(run, &outcome),
                Err(refusal) => refusal,
            },
            Call::Complete { result } => match self.engine.close(now, id, Outcome::Completed) {
                Ok(_) => {
                    return self.tell_close(run, Event::Completed { result: result.as_deref() })
                }
                Err(refusal) => refusal,
            },
            Call::Fail { reason, details } => match self.engine.close(now, id, Outcome::Failed) {
                Ok(_) => {
                    let (reason, details) = (reason.as_deref(), details.as_deref());
                    return self.tell_close(run, Event::Failed { reason, details });
                }
                Err(refusal) => refusal,
            },
            Call::Cancel { details } => match self.engine.close(now, id, Outcome::Canceled) {
                Ok(_) => {
                    return self.tell_close(run, Event::Canceled { details: details.as_deref() })
                }
                Err(refusal) => refusal,
            },
            Call::UpdateTimeouts { timeouts } => {
                match self.engine.update_timeouts(now, id, *timeouts) {
                    Ok(_) => return self.tell(What::TimeoutsUpdated { run, timeouts: *timeouts }),
                    Err(refusal) => refusal,
                }
            }
            Call::Suspend => match self.engine.suspend(now, id) {
                Ok(()) => return self.tell(What::Suspended { run }),
                Err(refusal) => refusal,
            },
            Call::Resume => match self.engine.resume(now, id) {
                Ok(suspended) => {
                    return self.tell(What::Resumed { run, suspended: Seconds::from(suspended) })
                }
                Err(refusal) => refusal,
            },
        };
        self.refuse(run, call, &reason(run, &refusal))
    }

    fn cancel_requested(
        &mut self,
        run: Run<'_>,
        outcome: &CancelOutcome<Key, Details>,
    ) -> io::Result<()> {
        self.tell_event(run, Event::CancelRequested)?;
        if let CancelOutcome::Canceled(_) = outcome {
            return self.tell_close(run, Event::Canceled { details: None });
        }
        Ok(())
    }

    /// The open run that a command means, or why there is none.
    fn find(&self, activity_id: &str, run: Option<u64>) -> Result<(ActivityId, u64), String> {
        let Some(&Scheduling { runs, open }) = self.schedulings.get(activity_id) else {
            return Err("never scheduled".to_owned());
        };
        match (open, run) {
            (_, Some(run)) if run > runs => {
                Err(format!("run {run} was never scheduled, run {runs} is the latest"))
            }
            (Some(_), Some(run)) if run < runs => {
                Err(format!("run {run} is closed, run {runs} is open"))
            }
            (Some(id), _) => Ok((id, runs)),
            (None, run) => Err(format!("run {} is closed", run.unwrap_or(runs))),
        }
    }

    fn refuse(&mut self, run: Run<'_>, call: &Call<'_>, message: &str) -> io::Result<()> {
        self.refused = self.refused.saturating_add(1);
        if let Call::RequestCancel = call {
            return self.tell_event(run, Event::RequestCancelFailed { cause: ID_UNKNOWN });
        }
        self.tell(What::Fault { run, action: call.action().name(), message })
    }

    /// Covers the heartbeat deadlines of the silence before any of them is told, then tells what is due even so.
    fn recover(&mut self, now: Timestamp, recover: Recover) -> io::Result<()> {
        let moved = self.engine.recover(now, recover.recovery());
        self.tell(What::Recovered { recover, moved })?;
        self.drain(self.engine.now())
    }

    /// Takes no time: a snapshot that let time pass would show in what follows, be it only in when a timeout
    /// was observed.
    fn snapshot(&mut self, at: Timestamp) -> io::Result<()> {
        snapshot::through_bytes(&mut self.engine);
        let at = at.max(self.engine.now());
        self.output.record(&Record { at, what: What::Snapshot })
    }

    fn reset(&mut self) -> io::Result<()> {
        self.close_chapter()?;
        self.tell(What::Reset)?;
        self.engine = new_engine();
        self.schedulings = HashMap::new();
        self.refused = 0;
        Ok(())
    }

    fn close_chapter(&mut self) -> io::Result<()> {
        self.output.chapter(&Closing {
            newest: self.engine.now(),
            next_deadline: self
                .engine
                .activities()
                .filter_map(|open| open.deadline)
                .map(|next| next.at)
                .min(),
            open: self.engine.len(),
            refused: self.refused,
            stats: self.engine.stats(),
        })
    }

    /// Notes that the open run has closed, and returns its number.
    fn closed(&mut self, activity_id: &str) -> u64 {
        match self.schedulings.get_mut(activity_id) {
            Some(scheduling) => {
                scheduling.open = None;
                scheduling.runs
            }
            None => 0,
        }
    }

    fn tell_close(&mut self, run: Run<'_>, event: Event<'_>) -> io::Result<()> {
        self.closed(run.activity_id);
        self.tell_event(run, event)
    }

    fn tell_event(&mut self, run: Run<'_>, event: Event<'_>) -> io::Result<()> {
        self.tell(What::Event { run, event })
    }

    fn tell(&mut self, what: What<'_>) -> io::Result<()> {
        self.output.record(&Record { at: self.engine.now(), what })
    }
}

fn new_engine() -> Engine<Key, Details> {
    Engine::new(Config::default())
}

fn reason(run: Run<'_>, refusal: &CommandError) -> String {
    match refusal {
        CommandError::NotStarted { .. } => format!("run {} has not started", run.number),
        CommandError::AlreadyStarted { .. } => {
            format!("run {} has already started", run.number)
        }
        CommandError::AlreadySuspended { .. } => {
            format!("run {} is already suspended", run.number)
        }
        CommandError::NotSuspended { .. } => format!("run {} is not suspended", run.number),
        CommandError::NotOpen { .. } | _ => format!("run {} is not open", run.number),
    }
}
