//! One open activity of the model: its story, its clocks, its deadlines.

use alloc::vec::Vec;

use super::super::{Limits, Policy};
use super::Rules;
use crate::TimeoutType;

/// What is known of one activity.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Story {
    /// The number it was scheduled under.
    pub activity: u32,
    /// When it was scheduled.
    pub scheduled_at: u64,
    /// When it started, if it did.
    pub started_at: Option<u64>,
    /// When its last accepted heartbeat came, if any did.
    pub last_heartbeat_at: Option<u64>,
    /// How many heartbeats were accepted.
    pub heartbeats: u64,
    /// The details last reported, if any were.
    pub details: Option<u32>,
    /// When cancellation was first requested, if it was.
    pub cancel_requested_at: Option<u64>,
    /// How many recoveries have moved its heartbeat clock since its last heartbeat or its start.
    pub recovered: u32,
    /// For how long it was suspended in all, the suspension that goes on not counted.
    pub suspended: u64,
    /// When the suspension that goes on began, if it is suspended.
    pub suspended_at: Option<u64>,
}

/// One open activity.
#[derive(Clone, Debug)]
pub struct Activity {
    pub(super) story: Story,
    pub(super) limits: Limits,
    /// How many were scheduled before it.
    order: u64,
    /// From when to when it was suspended.
    pub(super) suspensions: Vec<(u64, u64)>,
    pub(super) heartbeat_clock: Option<HeartbeatClock>,
}

/// What the heartbeat timeout is counted from, and since when suspensions move that.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeartbeatClock {
    anchor: u64,
    set_at: u64,
}

impl HeartbeatClock {
    pub(super) const fn set(now: u64) -> Self {
        Self { anchor: now, set_at: now }
    }
}

impl Activity {
    pub(super) fn new(activity: u32, now: u64, limits: Limits, order: u64) -> Self {
        let story = Story { activity, scheduled_at: now, ..Story::default() };
        Self { story, limits, order, suspensions: Vec::new(), heartbeat_clock: None }
    }

    /// What is known of it.
    pub const fn story(&self) -> &Story {
        &self.story
    }

    /// Its timeouts.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// The nearest armed deadline and its type: the four in SWF's enum order, of which a later one
    /// is taken only if it is strictly earlier in time.
    pub fn deadline(&self) -> Option<(u64, TimeoutType)> {
        let mut nearest: Option<(u64, TimeoutType)> = None;
        for (at, timeout_type) in self.deadlines().into_iter().flatten() {
            match nearest {
                Some((best, _)) if best <= at => {}
                Some(_) | None => nearest = Some((at, timeout_type)),
            }
        }
        nearest
    }

    /// Every armed deadline, in SWF's enum order.
    pub fn deadlines(&self) -> [Option<(u64, TimeoutType)>; 4] {
        if self.story.suspended_at.is_some() {
            return [None; 4];
        }
        let end = |anchor: Option<u64>, limit: Option<u64>, timeout_type| {
            // Past the end of time: never comes, not armed.
            Some((anchor?.checked_add(limit?)?, timeout_type))
        };
        let (story, limits) = (&self.story, &self.limits);
        let scheduled_at = Some(self.moved_on(story.scheduled_at, story.scheduled_at));
        let started_at = story.started_at.map(|at| self.moved_on(at, at));
        let waiting_since = if story.started_at.is_none() { scheduled_at } else { None };
        let silent_since = self.heartbeat_clock.map(|clock| self.clock(clock));
        [
            end(started_at, limits.start_to_close, TimeoutType::StartToClose),
            end(waiting_since, limits.schedule_to_start, TimeoutType::ScheduleToStart),
            end(scheduled_at, limits.schedule_to_close, TimeoutType::ScheduleToClose),
            end(silent_since, limits.heartbeat, TimeoutType::Heartbeat),
        ]
    }

    fn clock(&self, clock: HeartbeatClock) -> u64 {
        self.moved_on(clock.anchor, clock.set_at)
    }

    /// An anchor that was set at some instant, moved on by all suspended time since then.
    fn moved_on(&self, anchor: u64, set_at: u64) -> u64 {
        let mut moved = anchor;
        for (from, to) in &self.suspensions {
            let from = if *from < set_at { set_at } else { *from };
            if *to > from {
                moved = moved.saturating_add(to - from);
            }
        }
        moved
    }

    /// The heartbeat clock after a recovery, if that moves it.
    pub(super) fn revived(&self, now: u64, policy: Policy, spread: u64) -> Option<HeartbeatClock> {
        let (clock, limit) = (self.heartbeat_clock?, self.limits.heartbeat?);
        if self.story.suspended_at.is_some() {
            return None;
        }
        let before = self.clock(clock);
        let share = share(spread, self.order);
        let anchor = match (policy, now.checked_add(limit), before.checked_add(limit)) {
            (Policy::Absolute, _, _) | (Policy::Grace(_), _, None) => return None,
            (Policy::Rearm, None, _) => now,
            (Policy::Rearm, Some(deadline), _) => deadline.saturating_add(share) - limit,
            (Policy::Grace(grace), _, Some(deadline)) => {
                let least = now.saturating_add(grace).saturating_add(share);
                if deadline >= least {
                    return None;
                }
                least - limit
            }
        };
        if anchor == before {
            return None;
        }
        Some(HeartbeatClock { anchor, set_at: now })
    }

    pub(super) fn is_due(&self, now: u64, rules: &Rules) -> bool {
        self.deadline().is_some_and(|(at, _)| rules.has_come(at, now))
    }
}

/// The share of the spread of the activity scheduled as the n-th, by the formula of the documentation of
/// [`Recovery::with_spread`](crate::Recovery::with_spread).
fn share(spread: u64, n: u64) -> u64 {
    let turned = (u128::from(n) * 0x9E37_79B9_7F4A_7C15) % (1 << 64);
    // Less than spread + 1, since `turned` is less than 2^64.
    (turned * (u128::from(spread) + 1) / (1 << 64)) as u64
}
