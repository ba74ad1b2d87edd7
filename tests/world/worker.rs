//! A worker and its true life, which the host knows only by what gets through.

use heartwheel::{ActivityId, Outcome};

use crate::dice::Dice;
use crate::network::{Call, Reply};
use crate::record::Terms;
use crate::weather::Weather;

/// After so many calls without an answer it gives up.
const ATTEMPTS: u32 = 12;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// Has the task, and asks to start until it is answered.
    Starting,
    Working,
    /// Reports its end until that is answered.
    Closing(Outcome),
    /// Was told that its activity is over, and calls again all the same, so many times.
    Haunting(u32),
    /// Says nothing more.
    Gone,
}

#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) id: ActivityId,
    heartbeat: Option<u64>,
    stage: Stage,
    /// Between two heartbeats.
    period: u64,
    /// From start to end.
    work: u64,
    end: End,
    heeds_cancellation: bool,
    /// Begins to work before it is told that it may.
    is_eager: bool,
    /// How often it calls on after its end, and how far apart.
    hauntings: u32,
    haunting_gap: u64,
    retry: u64,
    attempts: u32,
    ends_at: u64,
    beats: u64,
    /// Has it been told that its start is accepted?
    is_told: bool,
    /// The first heartbeat that it sent in the calm, after it was told so.
    steady_since: Option<u64>,
    /// Only its latest wish to wake up counts.
    pub(crate) turn: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Report(Outcome),
    DieSilently,
}

impl Worker {
    pub(crate) fn new(id: ActivityId, terms: Terms, weather: &Weather, dice: &mut Dice) -> Self {
        let period = match terms.heartbeat {
            Some(heartbeat) if heartbeat < u64::MAX && dice.one_in(6) => dice.around(heartbeat),
            Some(heartbeat) if heartbeat < u64::MAX => heartbeat / (2 + dice.below(6)),
            Some(_) | None => dice.around(weather.scale),
        };
        let period = period.max(1);
        Self {
            id,
            heartbeat: terms.heartbeat,
            stage: Stage::Starting,
            period,
            work: period * dice.up_to(120) + dice.below(period),
            end: match dice.below(10) {
                0..=5 => End::Report(Outcome::Completed),
                6 => End::Report(Outcome::Failed),
                7 => End::Report(Outcome::Canceled),
                _ => End::DieSilently,
            },
            heeds_cancellation: !dice.one_in(3),
            is_eager: dice.one_in(6),
            hauntings: if dice.one_in(3) { dice.below(4) as u32 } else { 0 },
            haunting_gap: dice.up_to(weather.scale * 200),
            retry: 2 * weather.calm_delay + 1 + weather.scale / 4,
            attempts: 0,
            ends_at: 0,
            beats: 0,
            is_told: false,
            steady_since: None,
            turn: 0,
        }
    }

    /// It wakes up: what it calls, and when it wants to wake up again.
    pub(crate) fn wake(
        &mut self,
        now: u64,
        is_calm: bool,
        dice: &mut Dice,
    ) -> (Option<Call>, Option<u64>) {
        if self.stage == Stage::Working && now >= self.ends_at {
            self.stage = match self.end {
                End::Report(outcome) => Stage::Closing(outcome),
                End::DieSilently => Stage::Gone,
            };
            self.attempts = 0;
        }
        match self.stage {
            Stage::Gone => (None, None),
            Stage::Working => {
                self.beats += 1;
                if is_calm && self.is_told {
                    self.steady_since.get_or_insert(now);
                }
                let details = (!dice.one_in(4)).then_some(self.beats);
                let next = (now + self.period).min(self.ends_at);
                (Some(Call::Heartbeat { details }), Some(next))
            }
            Stage::Starting if self.is_eager => {
                self.is_eager = false;
                (Some(Call::Start), self.set_to_work(now))
            }
            Stage::Starting => self.insist(now, Call::Start),
            Stage::Closing(outcome) => self.insist(now, Call::Close { outcome }),
            Stage::Haunting(0) => {
                self.stage = Stage::Gone;
                (None, None)
            }
            Stage::Haunting(left) => {
                self.stage = Stage::Haunting(left - 1);
                let call = dice.pick(&[
                    Call::Start,
                    Call::Heartbeat { details: Some(self.beats) },
                    Call::Close { outcome: Outcome::Completed },
                ]);
                (Some(call), Some(now + self.haunting_gap))
            }
        }
    }

    fn insist(&mut self, now: u64, call: Call) -> (Option<Call>, Option<u64>) {
        self.attempts += 1;
        if self.attempts > ATTEMPTS {
            self.stage = Stage::Gone;
            return (None, None);
        }
        (Some(call), Some(now + self.retry))
    }

    /// It hears an answer: when it wants to wake up, if that changes.
    pub(crate) fn hear(&mut self, now: u64, call: Call, reply: Reply) -> Option<u64> {
        match (self.stage, call, reply) {
            (Stage::Gone | Stage::Haunting(_), _, _) => None,
            // In the second case an earlier start of its own was accepted, and the answer lost.
            (stage, Call::Start, Reply::Accepted { .. } | Reply::AlreadyStarted) => {
                self.is_told = true;
                if stage == Stage::Starting {
                    self.set_to_work(now)
                } else {
                    None
                }
            }
            // It was too eager.
            (Stage::Working, _, Reply::NotStarted) if !self.is_told => {
                self.stage = Stage::Starting;
                Some(now)
            }
            (
                Stage::Working,
                Call::Heartbeat { .. },
                Reply::Accepted { cancel_requested: true },
            ) if self.heeds_cancellation => {
                self.stage = Stage::Closing(Outcome::Canceled);
                self.attempts = 0;
                Some(now)
            }
            (Stage::Closing(_), Call::Close { .. }, Reply::Accepted { .. }) => self.depart(now),
            (_, _, Reply::NotOpen) => self.depart(now),
            (_, _, Reply::Accepted { .. } | Reply::AlreadyStarted | Reply::NotStarted) => None,
        }
    }

    fn set_to_work(&mut self, now: u64) -> Option<u64> {
        self.stage = Stage::Working;
        self.ends_at = now + self.work;
        Some((now + self.period).min(self.ends_at))
    }

    fn depart(&mut self, now: u64) -> Option<u64> {
        self.stage = Stage::Haunting(self.hauntings);
        Some(now + self.haunting_gap)
    }

    /// Has it been beating so steadily since it calmed that no heartbeat timeout can be right?
    pub(crate) fn is_surely_alive(&self, now: u64, delay: u64) -> bool {
        let has_come = self.steady_since.is_some_and(|since| since + delay < now);
        let is_steady = self.heartbeat.is_some_and(|timeout| self.period + delay < timeout);
        self.stage == Stage::Working && has_come && is_steady
    }
}
