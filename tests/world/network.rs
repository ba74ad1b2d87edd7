//! What lies between host and workers: it delays, loses, duplicates and, by delaying each differently, reorders.

use heartwheel::{ActivityId, Outcome};

use crate::dice::Dice;
use crate::record::Terms;
use crate::weather::Weather;

/// What a worker asks of the host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    Start,
    Heartbeat { details: Option<u64> },
    Close { outcome: Outcome },
}

/// What the host tells a worker.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reply {
    Accepted { cancel_requested: bool },
    AlreadyStarted,
    NotStarted,
    NotOpen,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Message {
    /// The host offers an activity to whoever takes it.
    Task {
        id: ActivityId,
        terms: Terms,
    },
    Call {
        from: usize,
        id: ActivityId,
        call: Call,
    },
    Reply {
        to: usize,
        call: Call,
        reply: Reply,
    },
}

/// How long each copy of a message is under way: none, one or two.
pub(crate) fn delays(weather: &Weather, is_calm: bool, dice: &mut Dice) -> [Option<u64>; 2] {
    if is_calm {
        return [Some(dice.below(weather.calm_delay + 1)), None];
    }
    let delay = |dice: &mut Dice| dice.up_to(weather.delay);
    let first = (!dice.per_mille(weather.lost)).then(|| delay(dice));
    let second = dice.per_mille(weather.duplicated).then(|| delay(dice));
    [first, second]
}
