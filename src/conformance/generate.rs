//! Operations at random, crowded at the boundaries: deadlines and their neighbours, the widths of a timer wheel's
//! levels, the ends of time, clocks that run backwards.
//!
//! [`Steps`] is the fast generator, by seed; [`strategies`] are proptest's, which shrink. Both make
//! [`Step`]s of the same ingredients, and [`Fitting`] makes operations of steps that a profile allows.

mod fitting;
pub mod strategies;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::{Action, Limits, Operation, Policy, Profile, Step, When, Whom};
use crate::Outcome;

pub(super) use fitting::admits;
pub use fitting::Fitting;

/// Clocks at which some counter, some sign or some level turns over.
pub const START_CLOCKS: &[u64] = &[
    0,
    1,
    (1 << 30) - 5,
    (1 << 32) - 3,
    (1 << 36) - 7,
    1_760_000_000_000, // an ordinary day since the epoch
    (1 << 63) - 3,
    u64::MAX - 300,
];

/// Bits of the bottom and the upper levels of a timer wheel: from the smallest to the common one and beyond.
const SHAPES: [(u8, u8); 11] =
    [(1, 1), (1, 1), (2, 2), (3, 1), (1, 3), (2, 5), (4, 4), (5, 3), (8, 8), (8, 8), (10, 9)];

/// How far apart the instants of a case lie.
#[derive(Clone, Copy, Debug)]
enum Scale {
    /// Milliseconds: ties and exact hits.
    Tight,
    /// The widths of a wheel's levels.
    Wide,
    /// All of u64.
    Extreme,
}

/// The case of a seed: operations that a profile allows, the same for the same seed on every 64-bit platform.
///
/// Many cases have only one of the timeouts and few of the commands, so that one departure does not hide the
/// others.
#[must_use]
pub fn case(profile: &Profile, seed: u64) -> Vec<Operation> {
    /// Long enough for several lives, short enough to be shortened fast.
    const LENGTHS: core::ops::Range<usize> = 12..70;
    let mut steps = Steps::new(seed);
    let narrowed = steps.narrow(profile);
    let length = steps.rng.random_range(LENGTHS);
    let mut fitting = Fitting::new(&narrowed);
    // Steps that the profile does not allow are left out, but not for ever.
    steps.take(8 * length).filter_map(|step| fitting.operation(step)).take(length).collect()
}

/// Seeds that do not overlap between neighbouring seeds (the splitmix64 finaliser).
#[must_use]
pub const fn case_seed(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Steps without end.
#[derive(Debug)]
pub struct Steps {
    rng: SmallRng,
    shape: (u8, u8),
    scale: Scale,
    /// The clock moves seldom, so that lives are long and beats are many.
    calm: bool,
    start: u64,
    begun: bool,
}

impl Iterator for Steps {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let when = if self.begun { self.when() } else { When::At(self.start) };
        self.begun = true;
        Some(Step { when, action: self.action() })
    }
}

impl Steps {
    /// The steps of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let shape = SHAPES[rng.random_range(0..SHAPES.len())];
        let scale = match rng.random_range(0..10) {
            0..=4 => Scale::Tight,
            5..=8 => Scale::Wide,
            _ => Scale::Extreme,
        };
        let calm = rng.random_bool(0.4);
        let start = START_CLOCKS[rng.random_range(0..START_CLOCKS.len())];
        Self { rng, shape, scale, calm, start, begun: false }
    }

    /// Bits of the bottom and the upper levels of the wheel at whose boundaries the steps crowd.
    #[must_use]
    pub const fn shape(&self) -> (u8, u8) {
        self.shape
    }

    /// As many steps as suit the scale: where instants lie far apart, the clock is soon at its end.
    pub fn length(&mut self) -> usize {
        match self.scale {
            Scale::Tight | Scale::Wide => self.rng.random_range(40..400),
            Scale::Extreme => self.rng.random_range(20..120),
        }
    }

    /// The same profile with fewer timeouts and commands, or with all.
    fn narrow(&mut self, profile: &Profile) -> Profile {
        let timeouts = match self.rng.random_range(0..4) {
            0..=1 => 1,
            2 => 2,
            _ => profile.timeouts.len(),
        };
        let commands = match self.rng.random_range(0..4) {
            0 => 1,
            1 => 3,
            2 => profile.commands.len() / 2,
            _ => profile.commands.len(),
        };
        let mut narrowed = profile.clone();
        narrowed.timeouts = self.some_of(&profile.timeouts, timeouts);
        narrowed.timeouts.extend(&profile.required);
        narrowed.commands = self.some_of(&profile.commands, commands);
        narrowed
    }

    fn some_of<T: Copy + Ord>(&mut self, all: &BTreeSet<T>, count: usize) -> BTreeSet<T> {
        let mut left: Vec<T> = all.iter().copied().collect();
        while left.len() > count {
            left.swap_remove(self.rng.random_range(0..left.len()));
        }
        left.into_iter().collect()
    }

    /// An action.
    pub fn action(&mut self) -> Action<Whom> {
        match self.rng.random_range(0..116) {
            0..=23 => self.schedule(),
            24..=41 => Action::Start { activity: self.whom() },
            42..=57 => Action::Heartbeat { activity: self.whom(), details: self.details() },
            58..=62 => Action::RequestCancel { activity: self.whom() },
            63..=70 => {
                let outcome = match self.rng.random_range(0..3) {
                    0 => Outcome::Completed,
                    1 => Outcome::Failed,
                    _ => Outcome::Canceled,
                };
                Action::Close { activity: self.whom(), outcome }
            }
            71..=72 => Action::Abandon { activity: self.whom() },
            73..=92 => Action::Advance,
            93..=100 => Action::AdvanceAtMost(self.rng.random_range(1..4)),
            101..=104 => Action::UpdateTimeouts { activity: self.whom(), limits: self.limits() },
            105..=107 => Action::Suspend { activity: self.whom() },
            108..=111 => Action::Resume { activity: self.whom() },
            112..=114 => self.recover(),
            _ => Action::Snapshot,
        }
    }

    /// A scheduling.
    pub fn schedule(&mut self) -> Action<Whom> {
        Action::Schedule { activity: Whom::Next, limits: self.limits() }
    }

    /// Details of a heartbeat, or none.
    pub fn details(&mut self) -> Option<u32> {
        if self.rng.random_bool(0.6) {
            Some(self.rng.random())
        } else {
            None
        }
    }

    fn recover(&mut self) -> Action<Whom> {
        let policy = match self.rng.random_range(0..5) {
            0 => Policy::Absolute,
            1..=2 => Policy::Rearm,
            _ => Policy::Grace(self.limit(0.8).unwrap_or(0)),
        };
        Action::Recover { policy, spread: self.limit(0.5).unwrap_or(0) }
    }

    /// An activity, mostly an open one.
    pub fn whom(&mut self) -> Whom {
        let which = self.rng.random_range(0..1_000);
        match self.rng.random_range(0..30) {
            0..=1 => Whom::Scheduled(which),
            2 => Whom::Stranger(which),
            _ => Whom::Open(which),
        }
    }

    /// An instant.
    pub fn when(&mut self) -> When {
        if self.calm && self.rng.random_bool(0.7) {
            return if self.rng.random_bool(0.7) { When::Same } else { When::Later(1) };
        }
        match self.rng.random_range(0..200) {
            0..=54 => When::Same,
            55..=74 => When::Later(1),
            75..=94 => When::Later(self.rng.random_range(0..6)),
            95..=129 => When::Wakeup(self.nudge()),
            130..=144 => When::Earliest(self.nudge()),
            145..=154 => When::Deadline(self.rng.random_range(0..64), self.nudge()),
            155..=172 => When::Later(self.width()),
            173..=186 => When::Boundary(self.bits(), self.nudge()),
            187..=196 => When::Earlier(if self.rng.random_bool(0.8) {
                self.rng.random_range(1..4)
            } else {
                self.rng.random()
            }),
            197 => match self.scale {
                Scale::Extreme => When::BeforeEnd(self.rng.random_range(0..300)),
                Scale::Tight | Scale::Wide => When::At(0),
            },
            _ => When::At(self.start.saturating_add(self.rng.random_range(0..2_000))),
        }
    }

    /// Mostly the instant itself or its neighbours.
    fn nudge(&mut self) -> i64 {
        match self.rng.random_range(0..12) {
            0..=6 => 0,
            7..=8 => -1,
            9..=10 => 1,
            _ => self.rng.random_range(-5..6),
        }
    }

    /// The exponent of a level's width, or any other that suits the scale.
    fn bits(&mut self) -> u8 {
        let (bottom, upper) = self.shape;
        match self.scale {
            Scale::Tight => self.rng.random_range(0..6),
            Scale::Wide if self.rng.random_bool(0.7) => {
                let level = self.rng.random_range(0..4);
                (bottom + level * upper).min(50)
            }
            Scale::Wide => self.rng.random_range(0..40),
            Scale::Extreme => self.rng.random_range(0..64),
        }
    }

    /// A width or its neighbour.
    fn width(&mut self) -> u64 {
        let width = 1_u64 << self.bits();
        let width = if self.rng.random_bool(0.2) {
            width.saturating_mul(self.rng.random_range(1..9))
        } else {
            width
        };
        match self.rng.random_range(0..3) {
            0 => width - 1,
            1 => width,
            _ => width.saturating_add(1),
        }
    }

    /// The timeouts of an activity.
    pub fn limits(&mut self) -> Limits {
        if self.rng.random_ratio(1, 40) {
            return Limits::default();
        }
        Limits {
            schedule_to_start: self.limit(0.5),
            schedule_to_close: self.limit(0.4),
            start_to_close: self.limit(0.4),
            heartbeat: self.limit(0.65),
        }
    }

    fn limit(&mut self, given: f64) -> Option<u64> {
        if !self.rng.random_bool(given) {
            return None;
        }
        Some(match (self.scale, self.rng.random_range(0..40)) {
            (_, 0) => 0,
            (_, 1..=4) => self.rng.random_range(1..4),
            // An end just inside or just outside of time.
            (Scale::Extreme, 5..=12) => {
                u64::MAX - self.start.saturating_sub(self.rng.random_range(0..40))
            }
            (Scale::Extreme, 13..=16) => u64::MAX - self.rng.random_range(0..3),
            (_, 5) => u64::MAX - self.rng.random_range(0..3),
            (Scale::Tight, 6..=34) => self.rng.random_range(1..40),
            (Scale::Tight | Scale::Wide, 35) => 1 << self.rng.random_range(0..64),
            _ => self.width(),
        })
    }
}
