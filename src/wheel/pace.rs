//! Emptying upper slots a little with each step, so that no step has to empty one at once.

use super::level::{Level, LAPS};
use super::{Timers, Wheel};
use crate::image::Image;

/// How a level empties its next slots, made anew whenever the cursor enters another of its slots: the
/// least steady rate at which each of them is empty by the time it is entered.
///
/// It holds until it is made anew, for slots that near only lose entries: what is armed in their time
/// goes to the levels below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// The slot that the cursor was in, counted from the beginning of time.
    slot: u64,
    /// When the plan was made.
    made_at: u64,
    /// So many entries within so long; no slots, no entries.
    entries: u64,
    span: u64,
    /// Entries taken so far.
    taken: u64,
}

impl Plan {
    pub(super) const NONE: Self =
        Self { slot: u64::MAX, made_at: 0, entries: 0, span: 1, taken: 0 };

    /// The plan for a level's next slots as they stand.
    fn new(level: &Level, cursor: u64) -> Self {
        let mut plan =
            Self { slot: cursor >> level.shift, made_at: cursor, entries: 0, span: 1, taken: 0 };
        let (mut entries, mut ahead) = (0, 0);
        while let Some(next) = level.occupied_ahead(cursor, ahead + 1).filter(|next| *next < LAPS) {
            ahead = next;
            entries += u64::from(level.slot(level.ahead(cursor, ahead)).len);
            let span = level.begin(cursor, ahead) - cursor;
            // entries / span > plan.entries / plan.span
            if u128::from(entries) * u128::from(plan.span)
                > u128::from(plan.entries) * u128::from(span)
            {
                (plan.entries, plan.span) = (entries, span);
            }
        }
        plan
    }

    /// Is it the plan for when the cursor is in a slot, counted from the beginning of time? If not, it is made
    /// anew before it is used.
    pub(super) const fn is_for(&self, slot: u64) -> bool {
        self.slot == slot
    }

    /// For tests: the plan in words.
    pub(super) fn image(&self, image: &mut Image) {
        let Self { slot: _, made_at, entries, span, taken } = *self;
        image.instant(made_at);
        for word in [entries, span, taken] {
            image.word(word);
        }
    }

    /// How many entries must be taken on the way to `to`.
    fn quota(&self, to: u64) -> u64 {
        let step = to - self.made_at;
        let wanted = match self.entries.checked_mul(step) {
            _ if step >= self.span => self.entries,
            Some(product) => product.div_ceil(self.span),
            // Too long a step for the quick division: no more than all.
            None => self.entries,
        };
        wanted.saturating_sub(self.taken)
    }
}

impl Wheel {
    /// Empties slots ahead of a step of the cursor to `to`, no further than where the next occupied slot
    /// begins.
    pub(super) fn pace(&mut self, to: u64, timers: &mut impl Timers) {
        for number in 1..self.slots.levels.len() {
            let level = &mut self.slots.levels[number];
            if level.len == 0 {
                continue;
            }
            if !level.plan.is_for(self.cursor >> level.shift) {
                level.plan = Plan::new(level, self.cursor);
            }
            let mut quota = level.plan.quota(to);
            level.plan.taken += quota;
            while quota > 0 {
                let level = &self.slots.levels[number];
                let next = level.occupied_ahead(self.cursor, 1).filter(|next| *next < LAPS);
                let Some(ahead) = next else { break };
                quota -= self.visit((number, level.ahead(self.cursor, ahead)), quota, timers);
            }
        }
    }
}
