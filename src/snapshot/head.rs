//! What a snapshot holds beside its activities, format version 1. Its own types, so that the engine's may change.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::config::INDEX_SPACE;
use crate::slab::SlotsState;
use crate::{
    Config, Engine, Geometry, Lateness, MissingDetails, Stats, TimeoutCounts, TimerStats, Timestamp,
};

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct HeadV1 {
    config: ConfigV1,
    /// `None`: the engine has seen no time yet, so that the first one is no jump.
    newest: Option<u64>,
    counts: CountsV1,
    slots: SlotsV1,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct ConfigV1 {
    max_open: u32,
    clears_missing_details: bool,
    bottom_bits: u8,
    upper_bits: u8,
    max_jump: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct CountsV1 {
    scheduled: u64,
    heartbeats: u64,
    completed: u64,
    failed: u64,
    canceled: u64,
    abandoned: u64,
    start_to_close: u64,
    schedule_to_start: u64,
    schedule_to_close: u64,
    heartbeat: u64,
    clock_regressions: u64,
    late: u64,
    late_sum_ms: u64,
    late_max_ms: u64,
}

/// Slots stand in stretches of 65,536.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct SlotsV1 {
    /// For each stretch, the generation that its slots begin with when they are first used, or used again after
    /// the whole stretch was given back.
    floors: Vec<u32>,
    /// The stretch that new slots are taken from. Of the others each is wholly in use or not at all.
    frontier: u32,
    /// Free slots, the next one to be used first: index, and the generation it will have.
    freed: Vec<(u32, u32)>,
    /// Slots that have used up their generations.
    retired: Vec<u32>,
}

/// Counts stay below this, so that none can pass its end later: at a billion a second it takes 292 years.
const MAX_COUNT: u64 = 1 << 63;

impl<K, D> Engine<K, D> {
    pub(super) fn head(&self) -> HeadV1 {
        let Config { max_open, missing_details, geometry, max_jump } = self.config;
        let SlotsState { floors, frontier, freed, retired } = self.activities.slots_state();
        HeadV1 {
            config: ConfigV1 {
                max_open,
                clears_missing_details: missing_details == MissingDetails::Clear,
                bottom_bits: geometry.bottom_bits,
                upper_bits: geometry.upper_bits,
                max_jump,
            },
            newest: self.has_seen.then_some(self.now.as_millis()),
            counts: CountsV1::of(&self.stats),
            slots: SlotsV1 { floors, frontier, freed, retired },
        }
    }
}

impl HeadV1 {
    /// What is wrong with it, if anything is.
    pub(super) fn flaw(&self) -> Option<&'static str> {
        let counts = &self.counts;
        let [scheduled, heartbeats, regressions] =
            [counts.scheduled, counts.heartbeats, counts.clock_regressions];
        if [scheduled, heartbeats, regressions, counts.late].iter().any(|count| *count > MAX_COUNT)
        {
            return Some("a count is past what any engine reaches");
        }
        if self.config.max_open > INDEX_SPACE {
            return Some("max_open is past the index space");
        }
        let geometry = self.geometry();
        if (geometry.bottom_bits, geometry.upper_bits)
            != (self.config.bottom_bits, self.config.upper_bits)
        {
            return Some("the wheel's bits are not within 1 to 8");
        }
        None
    }

    const fn geometry(&self) -> Geometry {
        Geometry::new(self.config.bottom_bits, self.config.upper_bits)
    }

    pub(super) const fn config(&self) -> Config {
        let missing_details = if self.config.clears_missing_details {
            MissingDetails::Clear
        } else {
            MissingDetails::Keep
        };
        let config = Config::DEFAULT.with_max_open(self.config.max_open);
        let mut config =
            config.with_missing_details(missing_details).with_geometry(self.geometry());
        config.max_jump = self.config.max_jump;
        config
    }

    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest.map(Timestamp::from_millis)
    }

    /// How many activities the counts leave open; `None` if more have closed than were scheduled.
    pub(super) fn open(&self) -> Option<u64> {
        let counts = &self.counts;
        [
            counts.completed,
            counts.failed,
            counts.canceled,
            counts.abandoned,
            counts.start_to_close,
            counts.schedule_to_start,
            counts.schedule_to_close,
            counts.heartbeat,
        ]
        .into_iter()
        .try_fold(counts.scheduled, u64::checked_sub)
    }

    pub(super) fn stats(&self) -> Stats {
        let counts = &self.counts;
        Stats {
            scheduled: counts.scheduled,
            heartbeats: counts.heartbeats,
            completed: counts.completed,
            failed: counts.failed,
            canceled: counts.canceled,
            abandoned: counts.abandoned,
            timed_out: TimeoutCounts {
                start_to_close: counts.start_to_close,
                schedule_to_start: counts.schedule_to_start,
                schedule_to_close: counts.schedule_to_close,
                heartbeat: counts.heartbeat,
            },
            clock_regressions: counts.clock_regressions,
            lateness: Lateness {
                count: counts.late,
                sum_ms: counts.late_sum_ms,
                max_ms: counts.late_max_ms,
            },
            timers: TimerStats::default(),
        }
    }

    pub(super) fn into_slots(self) -> SlotsState {
        let SlotsV1 { floors, frontier, freed, retired } = self.slots;
        SlotsState { floors, frontier, freed, retired }
    }
}

impl CountsV1 {
    const fn of(stats: &Stats) -> Self {
        Self {
            scheduled: stats.scheduled,
            heartbeats: stats.heartbeats,
            completed: stats.completed,
            failed: stats.failed,
            canceled: stats.canceled,
            abandoned: stats.abandoned,
            start_to_close: stats.timed_out.start_to_close,
            schedule_to_start: stats.timed_out.schedule_to_start,
            schedule_to_close: stats.timed_out.schedule_to_close,
            heartbeat: stats.timed_out.heartbeat,
            clock_regressions: stats.clock_regressions,
            late: stats.lateness.count,
            late_sum_ms: stats.lateness.sum_ms,
            late_max_ms: stats.lateness.max_ms,
        }
    }
}
