//! Scenarios at random, crowded at the boundaries: by seed for speed, by proptest for shrinking.

use heartwheel::{MissingDetails, Outcome};
use proptest::prelude::{any, prop, prop_oneof, Just, Strategy};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::model::{Limits, Policy, Revival};
use super::operation::{Operation, Scenario, Setup, Step, When, Whom};

/// Bottom and upper bits: from the smallest wheel to the default one and to more than is allowed.
const SHAPES: [(u8, u8); 11] =
    [(1, 1), (1, 1), (2, 2), (3, 1), (1, 3), (2, 5), (4, 4), (5, 3), (8, 8), (8, 8), (10, 9)];

/// Clocks at which some counter, some sign or some level turns over.
const START_CLOCKS: [u64; 8] = [
    0,
    1,
    (1 << 30) - 5,
    (1 << 32) - 3,
    (1 << 36) - 7,
    1_760_000_000_000, // an ordinary day since the epoch
    (1 << 63) - 3,
    u64::MAX - 300,
];

/// How far apart the instants of a scenario lie.
#[derive(Clone, Copy, Debug)]
enum Scale {
    /// Milliseconds: ties and exact hits.
    Tight,
    /// The widths of the wheel's levels.
    Wide,
    /// All of u64.
    Extreme,
}

/// The scenario of a seed.
pub(crate) fn scenario(seed: u64) -> Scenario {
    let mut random = Random {
        rng: SmallRng::seed_from_u64(seed),
        shape: (1, 1),
        scale: Scale::Tight,
        calm: false,
        start: 0,
    };
    random.scenario()
}

struct Random {
    rng: SmallRng,
    shape: (u8, u8),
    scale: Scale,
    /// The clock moves seldom, so that lives are long and beats are many.
    calm: bool,
    start: u64,
}

impl Random {
    fn scenario(&mut self) -> Scenario {
        self.shape = SHAPES[self.rng.random_range(0..SHAPES.len())];
        self.scale = match self.rng.random_range(0..10) {
            0..=4 => Scale::Tight,
            5..=8 => Scale::Wide,
            _ => Scale::Extreme,
        };
        self.calm = self.rng.random_bool(0.4);
        self.start = START_CLOCKS[self.rng.random_range(0..START_CLOCKS.len())];
        let setup = Setup {
            bottom_bits: self.shape.0,
            upper_bits: self.shape.1,
            max_open: self.max_open(),
            missing_details: if self.rng.random_bool(0.7) {
                MissingDetails::Keep
            } else {
                MissingDetails::Clear
            },
            max_jump: self.rng.random_ratio(1, 12).then(|| self.rng.random_range(0..2_000)),
        };
        let length = match self.scale {
            Scale::Tight | Scale::Wide => self.rng.random_range(40..400),
            // The clock is soon at its end.
            Scale::Extreme => self.rng.random_range(20..120),
        };
        let mut steps = vec![self.step()];
        steps[0].when = When::At(self.start);
        if self.rng.random_ratio(1, 80) {
            // A crowd, so that slots overflow and lists are long.
            for _ in 0..self.rng.random_range(100..250) {
                let operation = Operation::Schedule { limits: self.limits() };
                steps.push(Step { when: self.when(), operation });
            }
        }
        for _ in 0..length {
            steps.push(self.step());
        }
        Scenario { setup, steps }
    }

    fn max_open(&mut self) -> u32 {
        match self.rng.random_range(0..20) {
            0 => self.rng.random_range(0..2),
            1..=3 => self.rng.random_range(2..5),
            4..=15 => self.rng.random_range(6..13),
            _ => u32::MAX,
        }
    }

    fn step(&mut self) -> Step {
        Step { when: self.when(), operation: self.operation() }
    }

    fn operation(&mut self) -> Operation {
        match self.rng.random_range(0..120) {
            0..=23 => Operation::Schedule { limits: self.limits() },
            24..=41 => Operation::Start { whom: self.whom() },
            42..=57 => Operation::Heartbeat { whom: self.whom(), details: self.details() },
            58..=62 => Operation::RequestCancel { whom: self.whom() },
            63..=68 | 118..=119 => {
                let outcome = match self.rng.random_range(0..3) {
                    0 => Outcome::Completed,
                    1 => Outcome::Failed,
                    _ => Outcome::Canceled,
                };
                Operation::Close { whom: self.whom(), outcome }
            }
            69..=70 => Operation::Abandon { whom: self.whom() },
            71..=90 => Operation::Poll { limit: None },
            91..=98 => Operation::Poll { limit: Some(self.rng.random_range(1..4)) },
            99 => Operation::ShrinkToFit,
            100..=102 => Operation::Heartbeats {
                whom: self.whom(),
                count: self.rng.random_range(0..40),
                details: self.details(),
            },
            103..=106 => Operation::UpdateTimeouts { whom: self.whom(), limits: self.limits() },
            107..=109 => Operation::Suspend { whom: self.whom() },
            110..=113 => Operation::Resume { whom: self.whom() },
            114..=116 => Operation::Recover { revival: self.revival() },
            _ => Operation::Snapshot,
        }
    }

    fn details(&mut self) -> Option<u32> {
        if self.rng.random_bool(0.6) {
            Some(self.rng.random())
        } else {
            None
        }
    }

    fn revival(&mut self) -> Revival {
        let policy = match self.rng.random_range(0..5) {
            0 => Policy::Absolute,
            1..=2 => Policy::Rearm,
            _ => Policy::Grace(self.limit(0.8).unwrap_or(0)),
        };
        let spread = self.limit(0.5).unwrap_or(0);
        Revival { policy, spread }
    }

    fn whom(&mut self) -> Whom {
        let which = self.rng.random_range(0..1_000);
        match self.rng.random_range(0..30) {
            0..=1 => Whom::Scheduled(which),
            2 => Whom::Stranger(which),
            _ => Whom::Open(which),
        }
    }

    fn when(&mut self) -> When {
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

    fn limits(&mut self) -> Limits {
        if self.rng.random_ratio(1, 40) {
            return Limits::default();
        }
        Limits {
            schedule_to_start: self.limit(0.5),
            schedule_to_close: self.limit(0.4),
            start_to_close: self.limit(0.4),
            heartbeat: self.limit(0.65),
            shaved: self.rng.random_ratio(1, 8),
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

/// Proptest's scenarios: the same ingredients, shorter, and shrinking towards nothing.
pub(crate) fn scenarios() -> impl Strategy<Value = Scenario> {
    let start = prop::sample::select(START_CLOCKS.to_vec());
    (setups(), start, prop::collection::vec(steps(), 1..100)).prop_map(
        |(setup, start, mut steps)| {
            steps[0].when = When::At(start);
            Scenario { setup, steps }
        },
    )
}

fn setups() -> impl Strategy<Value = Setup> {
    let shape = prop::sample::select(SHAPES.to_vec());
    let max_open = prop_oneof![1 => 0_u32..4, 4 => 4_u32..13, 4 => Just(u32::MAX)];
    let missing_details = prop_oneof![Just(MissingDetails::Keep), Just(MissingDetails::Clear)];
    let max_jump = prop_oneof![11 => Just(None), 1 => (0_u64..2_000).prop_map(Some)];
    (shape, max_open, missing_details, max_jump).prop_map(
        |((bottom_bits, upper_bits), max_open, missing_details, max_jump)| Setup {
            bottom_bits,
            upper_bits,
            max_open,
            missing_details,
            max_jump,
        },
    )
}

fn steps() -> impl Strategy<Value = Step> {
    (whens(), operations()).prop_map(|(when, operation)| Step { when, operation })
}

fn operations() -> impl Strategy<Value = Operation> {
    let outcome =
        prop_oneof![Just(Outcome::Completed), Just(Outcome::Failed), Just(Outcome::Canceled)];
    prop_oneof![
        24 => limits().prop_map(|limits| Operation::Schedule { limits }),
        18 => whoms().prop_map(|whom| Operation::Start { whom }),
        16 => (whoms(), any::<Option<u32>>()).prop_map(|(whom, details)| Operation::Heartbeat { whom, details }),
        5 => whoms().prop_map(|whom| Operation::RequestCancel { whom }),
        6 => (whoms(), outcome).prop_map(|(whom, outcome)| Operation::Close { whom, outcome }),
        2 => whoms().prop_map(|whom| Operation::Abandon { whom }),
        20 => Just(Operation::Poll { limit: None }),
        8 => (1_usize..4).prop_map(|limit| Operation::Poll { limit: Some(limit) }),
        1 => Just(Operation::ShrinkToFit),
        3 => (whoms(), 0_usize..30, any::<Option<u32>>())
            .prop_map(|(whom, count, details)| Operation::Heartbeats { whom, count, details }),
        4 => (whoms(), limits())
            .prop_map(|(whom, limits)| Operation::UpdateTimeouts { whom, limits }),
        3 => whoms().prop_map(|whom| Operation::Suspend { whom }),
        4 => whoms().prop_map(|whom| Operation::Resume { whom }),
        3 => revivals().prop_map(|revival| Operation::Recover { revival }),
        1 => Just(Operation::Snapshot),
    ]
}

fn revivals() -> impl Strategy<Value = Revival> {
    let millis = || prop_oneof![2 => Just(0_u64), 3 => 1_u64..40, 2 => widths()];
    let policy = prop_oneof![
        1 => Just(Policy::Absolute),
        2 => Just(Policy::Rearm),
        2 => millis().prop_map(Policy::Grace),
    ];
    (policy, millis()).prop_map(|(policy, spread)| Revival { policy, spread })
}

fn whoms() -> impl Strategy<Value = Whom> {
    prop_oneof![
        27 => (0_usize..12).prop_map(Whom::Open),
        2 => (0_usize..100).prop_map(Whom::Scheduled),
        1 => (0_usize..500).prop_map(Whom::Stranger),
    ]
}

fn whens() -> impl Strategy<Value = When> {
    prop_oneof![
        55 => Just(When::Same),
        40 => (0_u64..6).prop_map(When::Later),
        35 => nudges().prop_map(When::Wakeup),
        15 => nudges().prop_map(When::Earliest),
        10 => (0_usize..12, nudges()).prop_map(|(which, offset)| When::Deadline(which, offset)),
        18 => widths().prop_map(When::Later),
        14 => (0_u8..64, nudges()).prop_map(|(bits, offset)| When::Boundary(bits, offset)),
        10 => prop_oneof![1_u64..4, any::<u64>()].prop_map(When::Earlier),
        1 => (0_u64..300).prop_map(When::BeforeEnd),
    ]
}

fn nudges() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0_i64), 2 => -1_i64..2]
}

fn widths() -> impl Strategy<Value = u64> {
    // Small exponents more often than large ones, or the clock is at its end at once.
    (prop_oneof![4 => 0_u32..16, 1 => 16_u32..64], -1_i64..2)
        .prop_map(|(bits, offset)| (1_u64 << bits).saturating_add_signed(offset))
}

fn limits() -> impl Strategy<Value = Limits> {
    let limit = || {
        prop_oneof![
            3 => Just(None),
            2 => (0_u64..4).prop_map(Some),
            3 => (4_u64..40).prop_map(Some),
            2 => widths().prop_map(Some),
            1 => (0_u64..3).prop_map(|less| Some(u64::MAX - less)),
        ]
    };
    (limit(), limit(), limit(), limit(), prop::bool::weighted(0.1)).prop_map(
        |(schedule_to_start, schedule_to_close, start_to_close, heartbeat, shaved)| Limits {
            schedule_to_start,
            schedule_to_close,
            start_to_close,
            heartbeat,
            shaved,
        },
    )
}
