//! Operations before their time has come: with instants and activities said by what they mean, such as "a
//! millisecond before the earliest deadline". So generators crowd the boundaries.

use super::{Action, Model, Operation};

/// An action, and when.
#[allow(clippy::exhaustive_structs, reason = "an instant and an action are all there is to it")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Step {
    /// The instant, chosen when the step's turn comes.
    pub when: When,
    /// The action; its activity is found when the step's turn comes.
    pub action: Action<Whom>,
}

impl Step {
    /// The operation that the step comes to after those that the model has seen. So many activities were given a
    /// number so far; an action that schedules takes the next.
    #[must_use]
    pub fn resolve(self, model: &Model, scheduled: u32) -> Operation {
        let at = self.when.resolve(model, model.earliest());
        Operation { at, action: self.action.rename(|whom| whom.resolve(model, scheduled)) }
    }
}

/// Which instant a step passes as its time.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// The newest time seen.
    Same,
    /// So much later, at most the end of time.
    Later(u64),
    /// So much earlier, at least zero: the clock runs backwards.
    Earlier(u64),
    /// At this instant, whatever was seen before.
    At(u64),
    /// This far before the end of time.
    BeforeEnd(u64),
    /// At the next wake-up, moved by so much; of an implementation that tells none, the earliest deadline.
    Wakeup(i64),
    /// At the earliest deadline, moved by so much.
    Earliest(i64),
    /// At the deadline of the n-th open activity, moved by so much.
    Deadline(usize, i64),
    /// At the next multiple of `2^bits` after the newest time seen, moved by so much; from 64 bits on, the end of
    /// time.
    Boundary(u8, i64),
}

impl When {
    /// The instant, with the next wake-up given.
    #[must_use]
    pub fn resolve(self, model: &Model, wakeup: Option<u64>) -> u64 {
        let newest = model.now();
        let near = |instant: Option<u64>, offset| {
            instant.map_or(newest, |instant| instant.saturating_add_signed(offset))
        };
        match self {
            Self::Same => newest,
            Self::Later(millis) => newest.saturating_add(millis),
            Self::Earlier(millis) => newest.saturating_sub(millis),
            Self::At(instant) => instant,
            Self::BeforeEnd(millis) => u64::MAX - millis,
            Self::Wakeup(offset) => near(wakeup, offset),
            Self::Earliest(offset) => near(model.earliest(), offset),
            Self::Deadline(which, offset) => {
                let open = model.open();
                let activity = open.get(which % open.len().max(1));
                near(activity.and_then(|open| open.deadline()).map(|(at, _)| at), offset)
            }
            Self::Boundary(bits, offset) => {
                let below = 1_u64.checked_shl(bits.into()).map_or(u64::MAX, |next| next - 1);
                (newest | below).saturating_add(1).saturating_add_signed(offset)
            }
        }
    }
}

/// Which activity a step names.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Whom {
    /// The one that the step schedules.
    Next,
    /// The n-th open one in order of scheduling, counted round and round.
    Open(usize),
    /// The n-th ever scheduled, counted round and round: mostly one long closed.
    Scheduled(usize),
    /// One that was never scheduled.
    Stranger(usize),
}

impl Whom {
    /// The number, if so many activities were given one so far.
    #[must_use]
    pub fn resolve(self, model: &Model, scheduled: u32) -> u32 {
        let open = model.open();
        match self {
            Self::Next => scheduled,
            Self::Open(which) if !open.is_empty() => open[which % open.len()].story().activity,
            Self::Open(which) | Self::Scheduled(which) if scheduled > 0 => {
                (which % scheduled as usize) as u32
            }
            // From the other end, which no run reaches.
            Self::Open(which) | Self::Scheduled(which) | Self::Stranger(which) => {
                u32::MAX - (which % 1_000) as u32
            }
        }
    }

    /// The one so many places further on.
    #[must_use]
    pub const fn further(self, places: usize) -> Self {
        match self {
            Self::Next => Self::Next,
            Self::Open(which) => Self::Open(which.wrapping_add(places)),
            Self::Scheduled(which) => Self::Scheduled(which.wrapping_add(places)),
            Self::Stranger(which) => Self::Stranger(which.wrapping_add(places)),
        }
    }
}
