//! The host's clock: true time, displaced by every step that it makes.

#[derive(Debug)]
pub(crate) struct Clock {
    /// What it shows at the beginning of the world.
    start: u64,
    /// Milliseconds that its steps add up to.
    displaced: i64,
}

impl Clock {
    pub(crate) const fn new(start: u64) -> Self {
        Self { start, displaced: 0 }
    }

    pub(crate) fn read(&self, true_time: u64) -> u64 {
        self.start.saturating_add(true_time).saturating_add_signed(self.displaced)
    }

    pub(crate) fn step(&mut self, by: i64) {
        self.displaced += by;
    }

    /// The true time at which it shows a reading, if no step comes in between.
    pub(crate) fn true_time_of(&self, reading: u64) -> u64 {
        let shown = i128::from(reading) - i128::from(self.start) - i128::from(self.displaced);
        u64::try_from(shown.max(0)).unwrap_or(u64::MAX)
    }
}
