//! One activity of a snapshot, format version 1. Its own types, so that the engine's may change.

use serde::{Deserialize, Serialize};

use crate::activity::{Restored, Suspension};
use crate::{ActivityId, Timeouts, Timestamp};

/// Key and details are held when it is read, lent when it is written.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct RecordV1<K, D> {
    index: u32,
    generation: u32,
    key: K,
    /// How many were scheduled before it.
    order: u64,
    timeouts: TimeoutsV1,
    scheduled_at: u64,
    started_at: Option<u64>,
    heartbeats: u64,
    last_heartbeat_at: Option<u64>,
    details: DetailsV1<D>,
    cancel_requested_at: Option<u64>,
    moved: Option<MovedV1>,
    suspension: Option<SuspensionV1>,
}

/// In milliseconds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct TimeoutsV1 {
    schedule_to_start: Option<u64>,
    schedule_to_close: Option<u64>,
    start_to_close: Option<u64>,
    heartbeat: Option<u64>,
}

/// An option, but told apart from options within `D` by formats that cannot nest them, such as JSON.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum DetailsV1<D> {
    Missing,
    Reported(D),
}

/// What the heartbeat clock counts from where that is neither a heartbeat nor the start.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct MovedV1 {
    anchor: u64,
    recovered: u32,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct SuspensionV1 {
    since: Option<u64>,
    total: u64,
    after_start: u64,
}

impl<K, D> RecordV1<K, D> {
    pub(crate) fn of(activity: Restored<K, D>) -> Self {
        let Suspension { since, total, after_start } = activity.suspension;
        let suspension =
            SuspensionV1 { since: since.map(Timestamp::as_millis), total, after_start };
        Self {
            index: activity.id.index,
            generation: activity.id.generation,
            key: activity.key,
            order: activity.order,
            timeouts: TimeoutsV1 {
                schedule_to_start: activity.timeouts.schedule_to_start,
                schedule_to_close: activity.timeouts.schedule_to_close,
                start_to_close: activity.timeouts.start_to_close,
                heartbeat: activity.timeouts.heartbeat,
            },
            scheduled_at: activity.scheduled_at.as_millis(),
            started_at: activity.started_at.map(Timestamp::as_millis),
            heartbeats: activity.heartbeats,
            last_heartbeat_at: activity.last_heartbeat_at.map(Timestamp::as_millis),
            details: activity.details.map_or(DetailsV1::Missing, DetailsV1::Reported),
            cancel_requested_at: activity.cancel_requested_at.map(Timestamp::as_millis),
            moved: activity
                .moved
                .map(|(anchor, recovered)| MovedV1 { anchor: anchor.as_millis(), recovered }),
            suspension: (activity.suspension != Suspension::default()).then_some(suspension),
        }
    }

    pub(super) const fn id(&self) -> ActivityId {
        ActivityId { index: self.index, generation: self.generation }
    }

    /// What is wrong with it, if anything is. `newest` is the newest time seen, `scheduled` how many were
    /// scheduled in all.
    pub(super) fn flaw(&self, newest: Timestamp, scheduled: u64) -> Option<&'static str> {
        let newest = newest.as_millis();
        let within = |instant: Option<u64>, from: u64| {
            instant.map_or(true, |instant| (from..=newest).contains(&instant))
        };
        let started = self.started_at.is_some();
        let started_at = self.started_at.unwrap_or(self.scheduled_at);
        let suspension =
            self.suspension.unwrap_or(SuspensionV1 { since: None, total: 0, after_start: 0 });
        if self.order >= scheduled {
            Some("its order is not below the number scheduled")
        } else if !within(Some(self.scheduled_at), 0) {
            Some("it was scheduled after the newest time seen")
        } else if !within(self.started_at, self.scheduled_at) {
            Some("it started before it was scheduled or after the newest time seen")
        } else if !within(self.last_heartbeat_at, started_at) {
            Some("its last heartbeat came before its start or after the newest time seen")
        } else if !within(self.cancel_requested_at, started_at) {
            Some("its cancellation was requested before its start or after the newest time seen")
        } else if !within(suspension.since, self.scheduled_at) {
            Some("it was suspended before it was scheduled or after the newest time seen")
        } else if self.last_heartbeat_at.is_some() != (self.heartbeats > 0) {
            Some("its heartbeats and the time of the last one do not agree")
        } else if matches!(self.details, DetailsV1::Reported(_)) && self.heartbeats == 0 {
            Some("it has details and no heartbeat")
        } else if !started
            && (self.heartbeats > 0 || self.cancel_requested_at.is_some() || self.moved.is_some())
        {
            Some("it has not started, and heartbeats or a requested cancellation")
        } else if suspension.after_start > if started { suspension.total } else { 0 } {
            Some("it was suspended for longer after its start than in all")
        } else {
            None
        }
    }

    pub(super) fn into_restored(self) -> Restored<K, D> {
        let suspension =
            self.suspension.map_or_else(Suspension::default, |suspension| Suspension {
                since: suspension.since.map(Timestamp::from_millis),
                total: suspension.total,
                after_start: suspension.after_start,
            });
        Restored {
            id: self.id(),
            key: self.key,
            order: self.order,
            timeouts: Timeouts {
                schedule_to_start: self.timeouts.schedule_to_start,
                schedule_to_close: self.timeouts.schedule_to_close,
                start_to_close: self.timeouts.start_to_close,
                heartbeat: self.timeouts.heartbeat,
            },
            scheduled_at: Timestamp::from_millis(self.scheduled_at),
            started_at: self.started_at.map(Timestamp::from_millis),
            heartbeats: self.heartbeats,
            last_heartbeat_at: self.last_heartbeat_at.map(Timestamp::from_millis),
            details: match self.details {
                DetailsV1::Missing => None,
                DetailsV1::Reported(details) => Some(details),
            },
            cancel_requested_at: self.cancel_requested_at.map(Timestamp::from_millis),
            moved: self.moved.map(|moved| (Timestamp::from_millis(moved.anchor), moved.recovered)),
            suspension,
        }
    }
}
