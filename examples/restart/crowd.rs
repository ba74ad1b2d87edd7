//! The workers: who beats when, and who dies in the outage.

use std::time::Duration;

use heartwheel::{ActivityId, Engine, Timeouts};

/// Keyed by the activity's number; its details are how far it has come.
pub(crate) type Host = Engine<u32, u64>;

/// What every activity is given.
pub(crate) const TIMEOUTS: Timeouts = Timeouts::NONE
    .with_heartbeat(Duration::from_millis(HEARTBEAT_MS))
    .with_start_to_close(Duration::from_secs(24 * 60 * 60));
pub(crate) const HEARTBEAT_MS: u64 = 30_000;
/// Each worker beats once in it.
pub(crate) const PERIOD_MS: u64 = 10_000;
/// The hosts look at their clock this often.
pub(crate) const STEP_MS: u64 = 10;
/// One in so many dies in the outage.
const MORTALITY: u32 = 20;

/// Who beats in which step of a period.
#[derive(Debug)]
pub(crate) struct Crowd {
    steps: Vec<Vec<u32>>,
}

impl Crowd {
    pub(crate) fn new(activities: u32) -> Self {
        let mut steps = vec![Vec::new(); (PERIOD_MS / STEP_MS) as usize];
        for activity in 0..activities {
            // Neighbours beat far apart (an odd factor from the golden ratio spreads them).
            let place = activity.wrapping_mul(0x9E37_79B9) as usize;
            let count = steps.len();
            steps[place % count].push(activity);
        }
        Self { steps }
    }

    /// Who beats at an instant.
    pub(crate) fn at(&self, now: u64) -> &[u32] {
        &self.steps[(now % PERIOD_MS / STEP_MS) as usize]
    }
}

/// Does its worker outlive the outage?
pub(crate) const fn survives(activity: u32) -> bool {
    activity % MORTALITY != 0
}

/// The ids by activity, as an engine knows them.
pub(crate) fn ids(engine: &Host, activities: u32) -> Vec<Option<ActivityId>> {
    let mut ids = vec![None; activities as usize];
    for view in engine.activities() {
        if let Some(id) = ids.get_mut(*view.evidence.key as usize) {
            *id = Some(view.evidence.id);
        }
    }
    ids
}
