//! Liveness: once it calms, everything comes to its right end at the right instant.

use heartwheel::{ActivityId, TimeoutType};

use super::{Happening, State, World, FOR_EVER};
use crate::host::Stop;
use crate::record::{Answer, Command};
use crate::tally::Seen;

impl World {
    /// No message is lost from here on, no clock steps, nobody dies, and the host is prompt.
    pub(super) fn calms(&mut self) {
        self.host.tale.tell(self.now, || "it calms".to_owned());
        self.is_calm = true;
        self.host.is_calm = true;
        self.host.fuse = None;
        self.put(
            self.now,
            if matches!(self.state, State::Dead) {
                Happening::HostReturns
            } else {
                Happening::HostResumes
            },
        );
        self.put(self.now, Happening::SettlesIn);
    }

    /// The host has caught up, and nobody holds an activity back any longer.
    pub(super) fn settles_in(&mut self) -> Result<(), Stop> {
        let events = self.host.drain(self.now, usize::MAX)?;
        self.look_at(&events)?;
        self.alarm = None;
        self.prompt_from = Some(self.host.judge.now());
        let views = self.host.engine().activities();
        let suspended = views.filter(|view| view.evidence.suspended_at.is_some());
        let suspended: Vec<ActivityId> = suspended.map(|view| view.evidence.id).collect();
        for id in suspended {
            self.host.ask(self.now, &Command::Resume { id })?;
        }
        Ok(())
    }

    /// What timed out in the calm did so at its deadline, and no worker that beats was among it.
    pub(super) fn look_at(&mut self, events: &[Answer]) -> Result<(), Stop> {
        let Some(prompt_from) = self.prompt_from else { return Ok(()) };
        for event in events {
            let Answer::TimedOut { due: (deadline, named), observed_at, story } = event else {
                continue;
            };
            if *deadline > prompt_from {
                self.host.tally.count(Seen::PromptTimeout);
                if observed_at != deadline {
                    return Err(Stop::Wrong(format!("late in the calm: {event:?}")));
                }
            }
            if *named != TimeoutType::Heartbeat || self.updated.contains(&story.id) {
                continue;
            }
            let mut workers = self.workers.iter().filter(|worker| worker.id == story.id);
            if workers.any(|worker| worker.is_surely_alive(self.now, self.weather.calm_delay)) {
                return Err(Stop::Wrong(format!("a living worker's heartbeats: {event:?}")));
            }
        }
        Ok(())
    }

    /// All workers are gone, and whatever had a deadline has come to it.
    pub(super) fn end(&mut self) -> Result<(), Stop> {
        let for_ever = self.host.judge.now().saturating_add(FOR_EVER);
        let mut waiting = Vec::new();
        for view in self.host.engine().activities() {
            if view.deadline.is_some_and(|deadline| deadline.at.as_millis() < for_ever) {
                return Err(Stop::Wrong(format!("never timed out: {view:?}")));
            }
            waiting.push(view.evidence.id);
        }
        // The others wait for ever: nobody wants them any longer.
        for id in waiting {
            let answer = self.host.ask(self.now, &Command::Abandon { id })?;
            if !matches!(answer, Answer::Closed(_)) {
                return Err(Stop::Wrong(format!("{id} can not be abandoned: {answer:?}")));
            }
        }
        self.host.ask(self.now, &Command::Shrink)?;
        self.host.judge.inspect(self.host.engine())?;
        self.host.engine().check_invariants()?;
        if !self.host.engine().is_empty() || self.host.next_wakeup().is_some() {
            return Err(Stop::Wrong(format!(
                "{} are open at the end of the world, wake-up {:?}",
                self.host.engine().len(),
                self.host.next_wakeup()
            )));
        }
        Ok(())
    }
}
