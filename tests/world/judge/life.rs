//! One activity as the facts tell it: what was accepted, when, and from where its clocks count.

use heartwheel::{ActivityId, TimeoutType};

use crate::record::{Due, Policy, Recovering, Story, Terms};

#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) story: Story,
    pub(crate) terms: Terms,
    /// How many were scheduled before it.
    order: u64,
    /// From where schedule-to-start and schedule-to-close count, start-to-close, and heartbeat.
    scheduling: u64,
    start: u64,
    heard: u64,
}

impl Life {
    pub(crate) fn new(id: ActivityId, key: u32, terms: Terms, order: u64, now: u64) -> Self {
        let story = Story {
            id,
            key,
            scheduled_at: now,
            started_at: None,
            last_heartbeat_at: None,
            heartbeats: 0,
            details: None,
            cancel_requested_at: None,
            recovered: 0,
            suspended: 0,
            suspended_at: None,
        };
        Self { story, terms, order, scheduling: now, start: 0, heard: 0 }
    }

    /// The table of the crate docs, and sentences 2, 9, 11 and 18.
    pub(crate) fn due(&self) -> Option<Due> {
        if self.story.suspended_at.is_some() {
            return None;
        }
        let is_started = self.story.started_at.is_some();
        let terms = &self.terms;
        let clocks = [
            (is_started, self.start, terms.start_to_close, TimeoutType::StartToClose),
            (!is_started, self.scheduling, terms.schedule_to_start, TimeoutType::ScheduleToStart),
            (true, self.scheduling, terms.schedule_to_close, TimeoutType::ScheduleToClose),
            (is_started, self.heard, terms.heartbeat, TimeoutType::Heartbeat),
        ];
        let armed = clocks.into_iter().filter(|(is_armed, ..)| *is_armed);
        let deadlines = armed
            .filter_map(|(_, from, timeout, named)| Some((from.checked_add(timeout?)?, named)));
        // Of equals the first, in SWF's order.
        deadlines.min_by_key(|(at, _)| *at)
    }

    pub(crate) fn start(&mut self, now: u64) {
        self.story.started_at = Some(now);
        (self.start, self.heard) = (now, now);
    }

    pub(crate) fn beat(&mut self, now: u64) {
        self.story.last_heartbeat_at = Some(now);
        self.story.heartbeats += 1;
        self.story.recovered = 0;
        self.heard = now;
    }

    /// Each clock has what it had left: it did not count from the suspension, or from when it began if that was
    /// later. Says how long that was, if it was suspended.
    pub(crate) fn resume(&mut self, now: u64) -> Option<u64> {
        let since = self.story.suspended_at.take()?;
        let took = now.saturating_sub(since);
        self.story.suspended += took;
        self.scheduling += took;
        if let Some(started_at) = self.story.started_at {
            let heard_at = self.story.last_heartbeat_at.unwrap_or(started_at);
            self.start += now.saturating_sub(since.max(started_at));
            self.heard += now.saturating_sub(since.max(heard_at));
        }
        Some(took)
    }

    /// The table at `Recovery`. Says whether that moved the heartbeat clock.
    pub(crate) fn recover(&mut self, now: u64, recovering: Recovering) -> bool {
        let runs = self.story.started_at.is_some() && self.story.suspended_at.is_none();
        let (Some(timeout), true) = (self.terms.heartbeat, runs) else { return false };
        let share = share(self.order, recovering.spread);
        let from = match recovering.policy {
            Policy::Absolute => self.heard,
            // With its share it comes at the end of time at the latest; one that never comes counts from now.
            Policy::Rearm => match now.checked_add(timeout) {
                Some(deadline) => deadline.saturating_add(share).saturating_sub(timeout),
                None => now,
            },
            Policy::Grace(grace) => match self.heard.checked_add(timeout) {
                Some(deadline) => deadline.max(now + grace + share).saturating_sub(timeout),
                None => self.heard,
            },
        };
        let is_moved = from != self.heard;
        self.heard = from;
        self.story.recovered += u32::from(is_moved);
        is_moved
    }
}

/// What `Recovery::with_spread` promises to the `order`-th activity.
fn share(order: u64, spread: u64) -> u64 {
    let place = order.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((u128::from(place) * (u128::from(spread) + 1)) >> 64) as u64
}
