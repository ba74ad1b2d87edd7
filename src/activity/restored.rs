//! All that a snapshot keeps of an activity, and the way there and back.

use super::{
    Moved, Order, Origin, RareEvidence, Record, Suspension, CANCEL_REQUESTED, MOVED, ONE_BEAT,
    SCHEDULED, STARTED, SUSPENDED, WAS_SUSPENDED,
};
use crate::{ActivityId, Evidence, Timeouts, Timestamp};

/// An activity without anything that follows from the rest, deadlines above all.
#[derive(Clone, Debug)]
pub(crate) struct Restored<K, D> {
    pub(crate) id: ActivityId,
    pub(crate) key: K,
    pub(crate) order: u64,
    pub(crate) timeouts: Timeouts,
    pub(crate) scheduled_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) heartbeats: u64,
    pub(crate) last_heartbeat_at: Option<Timestamp>,
    pub(crate) details: Option<D>,
    pub(crate) cancel_requested_at: Option<Timestamp>,
    /// What the heartbeat clock counts from where that is neither a heartbeat nor the start, and how many
    /// recoveries there were since.
    pub(crate) moved: Option<(Timestamp, u32)>,
    pub(crate) suspension: Suspension,
}

impl Record {
    /// What a snapshot keeps of it.
    pub(crate) fn restorable<K, D>(
        &self,
        id: ActivityId,
        origin: Origin<K>,
        details: Option<D>,
        timeouts: &Timeouts,
        rare: RareEvidence,
    ) -> Restored<K, D> {
        let order = origin.order().as_u64();
        let Evidence {
            key,
            scheduled_at,
            started_at,
            last_heartbeat_at,
            heartbeats,
            details,
            cancel_requested_at,
            ..
        } = self.evidence(id, origin, details, rare);
        Restored {
            id,
            key,
            order,
            timeouts: *timeouts,
            scheduled_at,
            started_at,
            heartbeats,
            last_heartbeat_at,
            details,
            cancel_requested_at,
            moved: rare.moved.map(|moved| (Timestamp::from_millis(self.anchor), moved.recovered)),
            suspension: rare.suspension,
        }
    }

    /// The record, and what stands apart from it.
    pub(crate) fn restore<K, D>(
        restored: Restored<K, D>,
        order: Order,
        timeouts_index: u32,
    ) -> (Self, Origin<K>, Option<D>, RareEvidence) {
        let mut origin = Origin::new(restored.key, restored.scheduled_at, order);
        let mut record = Self { timeouts: timeouts_index, ..Self::vacant(restored.id.generation) };
        let heard_at = restored.last_heartbeat_at.or(restored.started_at);
        record.tag |= match restored.started_at {
            Some(started_at) => {
                origin.started_at = started_at.as_millis();
                STARTED
            }
            None => SCHEDULED,
        };
        if restored.cancel_requested_at.is_some() {
            record.tag |= CANCEL_REQUESTED;
        }
        // Less than 2^24, so that it fits above the byte that means nothing.
        let count = (restored.heartbeats % Self::BEATS) as u32;
        record.beats = count.wrapping_mul(ONE_BEAT).to_le_bytes();
        record.anchor = heard_at.map_or(0, Timestamp::as_millis);
        let mut moved = None;
        if let (Some((anchor, recovered)), Some(heard_at)) = (restored.moved, heard_at) {
            moved = Some(Moved { heard_at, recovered });
            record.anchor = anchor.as_millis();
            record.tag |= MOVED;
        }
        if restored.suspension != Suspension::default() {
            record.tag |= WAS_SUSPENDED;
        }
        if restored.suspension.since.is_some() {
            record.tag |= SUSPENDED;
        }
        record.fix(&origin, &restored.timeouts, restored.suspension);
        let rare = RareEvidence {
            cancel_requested_at: restored.cancel_requested_at,
            beats: restored.heartbeats.saturating_sub(u64::from(count)),
            suspension: restored.suspension,
            moved,
        };
        (record, origin, restored.details, rare)
    }
}
