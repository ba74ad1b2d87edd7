//! What the engine shows beside its answers: its activities, its counts, and when to wake up.

use heartwheel::{Engine, Timestamp};

use super::life::Life;
use super::Judge;
use crate::record::{due, Due, Story};

impl Judge {
    /// Looks at every activity and every count: sentence 13, and conservation.
    pub(crate) fn inspect(&self, engine: &Engine<u32, u64>) -> Result<(), String> {
        let mut lives: Vec<(Story, Option<Due>)> =
            self.open.iter().map(|life| (life.story.clone(), life.due())).collect();
        let mut views: Vec<(Story, Option<Due>)> = engine
            .activities()
            .map(|view| (Story::from(&view.evidence), view.deadline.map(due)))
            .collect();
        lives.sort_by_key(|(story, _)| story.id);
        views.sort_by_key(|(story, _)| story.id);
        if lives != views {
            return Err(format!("shows {views:?}\n  where the contract says {lives:?}"));
        }
        let due = self.open.iter().filter(|life| self.is_due(life)).count();
        // By the clock of a moment ago, for which the newest time seen stands.
        let overdue = engine.overdue(Timestamp::from_millis(self.now.saturating_sub(1)));
        if due != overdue {
            return Err(format!("{overdue} overdue, where {due} are"));
        }
        let (counted, mut counts) = (engine.stats(), self.counts);
        // What timers did is the wheel's own affair.
        counts.timers = counted.timers;
        if counted != counts {
            return Err(format!("counted {counted:?}\n  where the contract says {counts:?}"));
        }
        Ok(())
    }

    /// Sentence 10, of what the engine says when to wake up.
    pub(crate) fn judge_wakeup(&self, wakeup: Option<u64>, is_drained: bool) -> Result<(), String> {
        let earliest = self.open.iter().filter_map(Life::due).map(|(at, _)| at).min();
        let furthest = self.rules.max_jump.map_or(u64::MAX, |most| self.now.saturating_add(most));
        let is_right = match (wakeup, earliest) {
            (None, None) => true,
            (Some(wakeup), Some(earliest)) => {
                wakeup <= earliest.min(furthest) && (wakeup > self.now || !is_drained)
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        if is_right {
            return Ok(());
        }
        Err(format!("wake-up {wakeup:?}, at {}; the earliest deadline is {earliest:?}", self.now))
    }
}
