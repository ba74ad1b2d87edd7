//! What a silence means for heartbeats.

use super::Engine;
use crate::bank::activity::Clock;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    Absolute,
    Rearm,
    Grace(u64),
}

impl Engine {
    pub(crate) fn recover(&mut self, now: u64, policy: Policy, spread: u64) {
        let since = self.now;
        self.accept(now);
        for index in self.slab.indexes_of_open() {
            let activity = &self.slab.slots[index].activity;
            // What had come before the silence stands.
            if activity.suspended_at.is_some() || activity.is_due(since, self.fault) {
                continue;
            }
            let (Some(clock), Some(timeout)) = (activity.heartbeat, activity.timeouts.heartbeat)
            else {
                continue;
            };
            let share = share_of(activity.order, spread);
            let anchor = match policy {
                Policy::Absolute => continue,
                Policy::Rearm => match self.now.checked_add(timeout) {
                    Some(end) => end.saturating_add(share) - timeout,
                    None => self.now,
                },
                Policy::Grace(grace) => {
                    let Some(end) = clock.anchor.checked_add(timeout) else { continue };
                    let least = self.now.saturating_add(grace).saturating_add(share);
                    if end >= least {
                        continue;
                    }
                    least - timeout
                }
            };
            if anchor != clock.anchor {
                let activity = &mut self.slab.slots[index].activity;
                activity.heartbeat = Some(Clock { anchor, set_at: self.now });
                activity.recovered += 1;
                self.rearm(index);
            }
        }
    }
}

/// The part of a spread that falls to the n-th activity scheduled: multiples of the golden ratio, of which only what
/// is after the point counts.
fn share_of(n: u64, spread: u64) -> u64 {
    let after_the_point = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((u128::from(after_the_point) * (u128::from(spread) + 1)) >> 64) as u64
}
