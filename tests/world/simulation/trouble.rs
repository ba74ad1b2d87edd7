//! What befalls a host from outside while it storms: suspensions, steps of its clock, and people's wishes.

use std::collections::VecDeque;

use heartwheel::ActivityId;

use super::traffic::command;
use super::{Happening, State, World};
use crate::host::Stop;
use crate::network::Call;
use crate::record::{Answer, Command};
use crate::tally::Seen;

impl World {
    pub(super) fn host_suspends(&mut self) {
        if self.is_up() && !self.is_calm {
            self.host.tale.tell(self.now, || "the host is suspended".to_owned());
            self.host.tally.count(Seen::HostSuspended);
            self.state = State::Suspended { since: self.now, backlog: VecDeque::new() };
            self.alarm = None;
            let at = self.now + self.dice.up_to(self.weather.outage);
            self.put(at, Happening::HostResumes);
        }
        self.put_after(self.weather.between_suspensions, Happening::HostSuspends);
    }

    pub(super) fn host_resumes(&mut self) -> Result<(), Stop> {
        let State::Suspended { since, backlog } = &mut self.state else { return Ok(()) };
        let (since, mut backlog) = (*since, core::mem::take(backlog));
        self.state = State::Up;
        self.host.tale.tell(self.now, || "the host resumes".to_owned());
        // The clock of some machines stands still with them.
        if self.dice.one_in(4) {
            self.host.clock.step(-i64::try_from(self.now - since).unwrap());
        }
        // Some hosts notice that there was a silence, and some of the others poll first.
        if self.dice.one_in(3) {
            self.host.recover(self.now)?;
        } else if self.dice.one_in(2) {
            let events = self.host.drain(self.now, usize::MAX)?;
            self.look_at(&events)?;
        }
        while let Some(first) = backlog.pop_front() {
            self.host.tally.count(Seen::BacklogServed);
            let mut batch = vec![first];
            while is_beat(batch.last()) && is_beat(backlog.front()) {
                batch.extend(backlog.pop_front());
            }
            self.serve(&batch)?;
        }
        Ok(())
    }

    /// Calls that have come in together; more than one only if all are heartbeats.
    fn serve(&mut self, batch: &[(usize, ActivityId, Call)]) -> Result<(), Stop> {
        if let [(from, id, call)] = batch {
            let answer = self.host.ask(self.now, &command(*id, *call))?;
            self.answer(*from, *call, &answer);
            return Ok(());
        }
        let beats = batch.iter().filter_map(|(_, id, call)| match call {
            Call::Heartbeat { details } => Some((*id, *details)),
            Call::Start | Call::Close { .. } => None,
        });
        let answer = self.host.ask(self.now, &Command::Heartbeats(beats.collect()))?;
        let Answer::Beats(answers) = answer else { return Ok(()) };
        for ((from, _, call), answer) in batch.iter().zip(answers) {
            self.answer(*from, *call, &answer);
        }
        Ok(())
    }

    pub(super) fn put_step(&mut self) {
        let by = self.dice.up_to(self.weather.scale * 60);
        let by = i64::try_from(by).unwrap() * if self.dice.one_in(2) { 1 } else { -1 };
        self.put_after(self.weather.between_steps, Happening::ClockSteps { by });
    }

    pub(super) fn clock_steps(&mut self, by: i64) {
        if self.is_calm {
            return;
        }
        self.host.clock.step(by);
        self.host.tale.tell(self.now, || format!("the host's clock steps by {by} ms"));
        let seen = if by < 0 { Seen::ClockSteppedBack } else { Seen::ClockSteppedForward };
        self.host.tally.count(seen);
        // A host whose timer runs by another clock does not notice.
        if self.dice.one_in(2) {
            self.alarm = None;
        }
        // One wrong reading is soon put right again.
        if self.dice.one_in(3) {
            let soon = self.now + self.dice.up_to(self.weather.scale);
            self.put(soon, Happening::ClockSteps { by: -by });
        } else {
            self.put_step();
        }
    }

    /// Whoever stands behind the host wants something.
    pub(super) fn whim(&mut self) -> Result<(), Stop> {
        self.put_after(Some(self.weather.between_whims), Happening::Whim);
        if !self.is_up() {
            return Ok(());
        }
        let Some(id) = self.somebody() else { return Ok(()) };
        let command = match self.dice.below(20) {
            0..=6 => Command::RequestCancel { id },
            7..=8 => Command::Abandon { id },
            9..=12 => Command::Suspend { id },
            13..=15 => Command::Resume { id },
            16..=17 => {
                self.updated.insert(id);
                let terms = self.weather.terms(&mut self.dice);
                Command::UpdateTimeouts { id, terms }
            }
            18 => Command::Shrink,
            _ => Command::Poll,
        };
        let answer = self.host.ask(self.now, &command)?;
        if matches!(answer, Answer::TimedOut { .. }) {
            self.look_at(&[answer])?;
        }
        Ok(())
    }

    /// An open activity, or one that was.
    fn somebody(&mut self) -> Option<ActivityId> {
        if self.dice.one_in(6) {
            return (!self.ids.is_empty()).then(|| self.dice.pick(&self.ids));
        }
        let open = self.host.engine().len() as u64;
        let nth = self.dice.below(open) as usize;
        self.host.engine().activities().nth(nth).map(|view| view.evidence.id)
    }
}

fn is_beat(call: Option<&(usize, ActivityId, Call)>) -> bool {
    call.is_some_and(|(_, _, call)| matches!(call, Call::Heartbeat { .. }))
}
