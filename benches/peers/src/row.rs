//! One line of a table, as one pass of one workload measured it.

/// What a workload measured in one pass; what does not apply is absent.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Which of the workload's cases, where it has several.
    pub case: Option<&'static str>,
    /// How many activities lived.
    pub activities: u32,
    /// Nanoseconds per operation: a beat, a life, an event, a call.
    pub ns_per_op: Option<f64>,
    /// The worst single calls.
    pub worst: Option<Worst>,
    /// Live heap bytes per activity.
    pub bytes_per_activity: Option<f64>,
    /// Allocations per heartbeat.
    pub allocations_per_op: Option<f64>,
    /// Figures that only this workload has, by the name they bear in JSON.
    pub extras: Vec<(&'static str, f64)>,
}

/// The worst single call of each step of the clock.
///
/// Every pass does the same calls at the same steps, so a time that is not in all passes was the
/// machine's doing, not the peer's: merging keeps the lesser of each step.
#[derive(Clone, Debug, Default)]
pub struct Worst {
    /// Nanoseconds, step by step.
    pub step_ns: Vec<u32>,
    /// The most timer entries that one call visited; heartwheel only.
    pub entries: Option<u64>,
}

impl Worst {
    /// Takes what another pass over the same steps saw.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.step_ns.iter_mut().zip(&other.step_ns) {
            *mine = (*mine).min(*theirs);
        }
        self.entries = self.entries.max(other.entries);
    }

    /// The worst of all steps.
    pub fn ns(&self) -> u32 {
        self.step_ns.iter().copied().max().unwrap_or(0)
    }
}
