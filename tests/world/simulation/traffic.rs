//! Calls and answers on their way, and the workers at the far end.

use heartwheel::{ActivityId, CommandError};

use super::{Happening, State, World};
use crate::host::Stop;
use crate::network::{delays, Call, Message, Reply};
use crate::record::{Answer, Command, Why};
use crate::tally::Seen;
use crate::worker::Worker;

/// Calls that wait for a suspended host; others are lost.
const BACKLOG: usize = 60;

impl World {
    pub(super) fn send(&mut self, message: Message) {
        let copies = delays(&self.weather, self.is_calm, &mut self.dice);
        match copies {
            [None, None] => self.host.tally.count(Seen::MessageLost),
            [Some(_), Some(_)] => self.host.tally.count(Seen::MessageDuplicated),
            [Some(_), None] | [None, Some(_)] => {}
        }
        for delay in copies.into_iter().flatten() {
            self.put(self.now + delay, Happening::Delivery(message));
        }
    }

    pub(super) fn deliver(&mut self, message: Message) -> Result<(), Stop> {
        match message {
            Message::Task { id, terms } => {
                let worker = Worker::new(id, terms, &self.weather, &mut self.dice);
                self.workers.push(worker);
                // It may be busy.
                let at = self.now + self.dice.up_to(self.weather.scale);
                self.worker_is_to_wake(self.workers.len() - 1, Some(at));
                Ok(())
            }
            Message::Reply { to, call, reply } => {
                let at = self.workers[to].hear(self.now, call, reply);
                self.worker_is_to_wake(to, at);
                Ok(())
            }
            Message::Call { from, id, call } => match &mut self.state {
                State::Up => {
                    let answer = self.host.ask(self.now, &command(id, call))?;
                    self.answer(from, call, &answer);
                    Ok(())
                }
                State::Suspended { backlog, .. } if backlog.len() < BACKLOG => {
                    backlog.push_back((from, id, call));
                    Ok(())
                }
                State::Suspended { .. } | State::Dead => {
                    self.host.tally.count(Seen::CallMissedTheHost);
                    Ok(())
                }
            },
        }
    }

    pub(super) fn answer(&mut self, to: usize, call: Call, answer: &Answer) {
        if self.is_calm && matches!((call, answer), (Call::Close { .. }, Answer::Closed(_))) {
            self.host.tally.count(Seen::CompletedInTheCalm);
        }
        if let Some(reply) = reply(answer) {
            self.send(Message::Reply { to, call, reply });
        }
    }

    pub(super) fn worker_wakes(&mut self, worker: usize, turn: u64) {
        let Self { now, is_calm, dice, .. } = self;
        let woken = &mut self.workers[worker];
        if woken.turn != turn {
            return;
        }
        let (call, next) = woken.wake(*now, *is_calm, dice);
        let id = woken.id;
        self.worker_is_to_wake(worker, next);
        if let Some(call) = call {
            self.send(Message::Call { from: worker, id, call });
        }
    }

    fn worker_is_to_wake(&mut self, worker: usize, at: Option<u64>) {
        let Some(at) = at else { return };
        self.workers[worker].turn += 1;
        let turn = self.workers[worker].turn;
        self.put(at, Happening::WorkerWakes { worker, turn });
    }
}

pub(super) fn command(id: ActivityId, call: Call) -> Command {
    match call {
        Call::Start => Command::Start { id },
        Call::Heartbeat { details } => Command::Heartbeat { id, details },
        Call::Close { outcome } => Command::Close { id, outcome },
    }
}

/// What a host tells a worker, if it has anything to tell.
fn reply(answer: &Answer) -> Option<Reply> {
    if let Answer::Beat { cancel_requested, .. } = answer {
        return Some(Reply::Accepted { cancel_requested: *cancel_requested });
    }
    if matches!(answer, Answer::Started | Answer::Closed(_)) {
        return Some(Reply::Accepted { cancel_requested: false });
    }
    let Answer::Refused { why: Why::Command(reason), .. } = answer else { return None };
    match reason {
        CommandError::NotOpen { .. } => Some(Reply::NotOpen),
        CommandError::NotStarted { .. } => Some(Reply::NotStarted),
        CommandError::AlreadyStarted { .. } => Some(Reply::AlreadyStarted),
        CommandError::AlreadySuspended { .. }
        | CommandError::NotSuspended { .. }
        | CommandError::JumpPending(_)
        | _ => None,
    }
}
