//! What a world is like: everything that is drawn once from its seed.

use core::time::Duration;

use heartwheel::{Config, Geometry, MissingDetails};

use crate::dice::Dice;
use crate::record::{Policy, Recovering, Terms};

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;
pub(crate) const YEAR: u64 = 31_556_952 * SECOND;

/// Lives and outages are measured in it: from programs that react in milliseconds to work that takes years.
const SCALES: [u64; 8] = [10, SECOND, 60 * SECOND, HOUR, DAY, 7 * DAY, 60 * DAY, YEAR];

/// No ordinary timeout is longer.
const LONGEST: u64 = 10 * YEAR;

/// What clocks show when a world begins: zero, an ordinary day since the epoch, and instants after which some
/// counter, some sign or some level of a wheel turns over.
const STARTS: [u64; 6] =
    [0, 1_760_000_000_000, (1 << 32) - 5_000, (1 << 36) - 7_000, (1 << 48) - 9, (1 << 63) - 3];

/// Bottom and upper bits of the timer wheel; the default more often than others.
const SHAPES: [(u8, u8); 6] = [(8, 8), (8, 8), (8, 8), (1, 1), (3, 2), (5, 6)];

#[derive(Debug)]
pub(crate) struct Weather {
    pub(crate) scale: u64,
    pub(crate) clock_start: u64,
    /// When it calms.
    pub(crate) storm_ends: u64,
    /// Activities scheduled while it storms, and after.
    pub(crate) activities: u64,
    pub(crate) calm_activities: u64,
    /// Of a thousand messages.
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    /// The longest that a message is under way, in the storm and in the calm.
    pub(crate) delay: u64,
    pub(crate) calm_delay: u64,
    /// How late the host wakes up, at most.
    pub(crate) lateness: u64,
    /// How many calls the host carries out between two deaths, about.
    pub(crate) calls_per_life: Option<u64>,
    /// How long it is away.
    pub(crate) outage: u64,
    /// How often the host is suspended, its clock steps, and the people behind it act: about so far apart.
    pub(crate) between_suspensions: Option<u64>,
    pub(crate) between_steps: Option<u64>,
    pub(crate) between_whims: u64,
    /// Calls between two snapshots, about.
    pub(crate) calls_per_snapshot: u64,
    pub(crate) recovering: Recovering,
    pub(crate) rules: Rules,
    /// With a guard on jumps: how long the host waits for a saner clock before it accepts one.
    pub(crate) patience: u64,
    shape: (u8, u8),
}

/// What the engine is configured to, as far as answers depend on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) max_open: u64,
    pub(crate) keeps_details: bool,
    pub(crate) max_jump: Option<u64>,
}

impl Weather {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let middle = dice.pick(&SCALES);
        let scale = dice.around(middle);
        let length = scale.saturating_mul(10 + dice.up_to(400)).min(200 * YEAR);
        let activities = 10 + dice.up_to(250);
        let sometimes =
            |dice: &mut Dice, most: u64| if dice.one_in(3) { 0 } else { dice.up_to(most) };
        Self {
            scale,
            clock_start: dice.pick(&STARTS),
            storm_ends: length,
            activities,
            calm_activities: 2 + dice.below(8),
            lost: sometimes(dice, 500),
            duplicated: sometimes(dice, 300),
            delay: 1 + sometimes(dice, scale),
            calm_delay: 1 + scale / 1_000,
            lateness: sometimes(dice, scale * 2),
            calls_per_life: (!dice.one_in(4)).then(|| 5 + dice.up_to(2_000)),
            outage: scale * 20,
            between_suspensions: (!dice.one_in(3)).then(|| dice.around(length / 6)),
            between_steps: (!dice.one_in(3)).then(|| dice.around(length / 8)),
            between_whims: dice.around(length / (activities / 2 + 1)),
            calls_per_snapshot: 5 + dice.up_to(1_000),
            recovering: Recovering {
                policy: match dice.below(4) {
                    0 => Policy::Absolute,
                    1 => Policy::Rearm,
                    _ => Policy::Grace(dice.up_to(scale * 20)),
                },
                spread: sometimes(dice, scale),
            },
            rules: Rules {
                max_open: if dice.one_in(8) { 1 + dice.below(6) } else { 1_000_000 },
                keeps_details: !dice.one_in(3),
                // A host that follows its wake-ups polls at least that often: not a million times a life.
                max_jump: dice.one_in(4).then(|| scale + dice.up_to(scale * 100)),
            },
            patience: dice.up_to(scale * 4),
            shape: dice.pick(&SHAPES),
        }
    }

    pub(crate) fn config(&self) -> Config {
        let missing_details =
            if self.rules.keeps_details { MissingDetails::Keep } else { MissingDetails::Clear };
        Config::default()
            .with_max_open(u32::try_from(self.rules.max_open).unwrap())
            .with_missing_details(missing_details)
            .with_max_jump(self.rules.max_jump.map(Duration::from_millis))
            .with_geometry(Geometry::new(self.shape.0, self.shape.1))
    }

    pub(crate) fn terms(&self, dice: &mut Dice) -> Terms {
        Terms {
            schedule_to_start: self.limit(dice, 3),
            schedule_to_close: self.limit(dice, 3),
            start_to_close: self.limit(dice, 3),
            heartbeat: self.limit(dice, 6),
        }
    }

    /// A timeout; one in so many is NONE.
    fn limit(&self, dice: &mut Dice, none: u64) -> Option<u64> {
        if dice.one_in(none) {
            return None;
        }
        // At the ends of what a timeout can be. The latter never comes, or when everything else is over; a host
        // with a guard would have to poll towards it.
        if dice.one_in(40) {
            let never = if self.rules.max_jump.is_some() { 0 } else { u64::MAX };
            return Some(dice.pick(&[0, 0, 1, never]));
        }
        let middle = (self.scale << dice.below(6)) >> dice.below(6);
        Some(dice.around(middle).min(LONGEST))
    }
}
