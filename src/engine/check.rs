//! What must hold between calls.

use alloc::format;
use alloc::string::String;

use super::Engine;

impl<K, D> Engine<K, D> {
    /// For tests: recomputes everything that the engine relies on.
    ///
    /// # Errors
    /// Says what does not hold. That is a bug in this crate.
    pub fn check_invariants(&self) -> Result<(), String> {
        let mut timers = 0;
        self.wheel.check(&self.activities, |index, place| {
            timers += 1;
            match self.activities.place(index) {
                Some(kept) if kept == place => Ok(()),
                kept => Err(format!("entry {index} stands at {place:?}, its record says {kept:?}")),
            }
        })?;
        let open = self.activities.iter().count();
        let armed = self.activities.iter().filter(|view| view.deadline.is_some()).count();
        if open != self.len() || armed != timers {
            return Err(format!(
                "{open} open, counted {}; {armed} armed, {timers} timers",
                self.len()
            ));
        }
        let stats = self.stats;
        let closed = [stats.completed, stats.failed, stats.canceled, stats.abandoned];
        let closed = closed.iter().sum::<u64>() + stats.timed_out.total();
        if stats.scheduled != closed + open as u64 {
            return Err(format!("{} scheduled, {closed} closed, {open} open", stats.scheduled));
        }
        self.activities.check()
    }
}
