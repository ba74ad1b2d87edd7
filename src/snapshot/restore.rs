//! From a snapshot to an engine, one activity at a time.

use super::record::RecordV1;
use super::{ActivitySnapshot, HeadV1, SnapshotHead, VersionedHead, VersionedRecord};
use crate::engine::Activities;
use crate::slab::SlabRestore;
use crate::{ActivityId, Config, Engine, Stats, Timestamp};

/// An engine that is being restored, piece by piece.
///
/// Takes memory for what it has been given and no more, whatever the snapshot claims. Linear in activities and
/// free slots, but for sorting the latter. An activity also makes the free slots before its own, and the end makes
/// the timer wheel.
///
/// ```
/// # use heartwheel::{Config, Engine, Restore, Timeouts, Timestamp};
/// # let mut engine: Engine<String, String> = Engine::new(Config::default());
/// # let id = engine.schedule(Timestamp::from_millis(7), "encode".to_owned(), Timeouts::NONE)?;
/// // The host's own framing: here, lines of JSON.
/// let mut lines = vec![serde_json::to_string(&engine.snapshot_head())?];
/// for activity in engine.snapshot_activities() {
///     lines.push(serde_json::to_string(&activity)?);
/// }
///
/// let mut restore = Restore::new(serde_json::from_str(&lines[0])?)?;
/// for line in &lines[1..] {
///     restore.activity(serde_json::from_str(line)?)?;
/// }
/// let restored: Engine<String, String> = restore.finish()?;
/// assert!(restored.activity(id).is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Restore<K, D> {
    config: Config,
    newest: Option<Timestamp>,
    stats: Stats,
    open: u64,
    slab: SlabRestore<K, D>,
    activities: Activities<K, D>,
    place: u64,
    /// Heartbeats counted in the head and not yet in an activity.
    heartbeats_left: u64,
    /// What ended it.
    failed: Option<RestoreError>,
}

/// Why a snapshot cannot be restored: what is wrong, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The head of the snapshot contradicts itself.
    #[error("the snapshot's head: {what}")]
    Head {
        /// What is wrong.
        what: &'static str,
    },
    /// An activity contradicts itself, the head, or an activity before it.
    #[error("activity {place} of the snapshot, {id}: {what}")]
    Activity {
        /// Which one, counted from 0.
        place: u64,
        /// Its id.
        id: ActivityId,
        /// What is wrong.
        what: &'static str,
    },
    /// With all activities taken, the snapshot is not whole.
    #[error("the end of the snapshot: {what}")]
    End {
        /// What is wrong.
        what: &'static str,
    },
}

impl<K, D> Restore<K, D> {
    /// Begins with the head.
    ///
    /// # Errors
    /// [`RestoreError::Head`].
    pub fn new(head: SnapshotHead) -> Result<Self, RestoreError> {
        let VersionedHead::V1(head) = head.0;
        Self::from_head(head)
    }

    pub(super) fn from_head(head: HeadV1) -> Result<Self, RestoreError> {
        let wrong = |what| RestoreError::Head { what };
        if let Some(what) = head.flaw() {
            return Err(wrong(what));
        }
        let open =
            head.open().ok_or_else(|| wrong("more activities closed than were scheduled"))?;
        let (config, stats) = (head.config(), head.stats());
        if open > u64::from(config.max_open) {
            return Err(wrong("more activities are open than max_open allows"));
        }
        Ok(Self {
            config,
            newest: head.newest(),
            stats,
            open,
            heartbeats_left: stats.heartbeats,
            failed: None,
            slab: SlabRestore::new(head.into_slots()).map_err(wrong)?,
            activities: Activities::new(),
            place: 0,
        })
    }

    /// Takes the next activity.
    ///
    /// # Errors
    /// [`RestoreError::Activity`]; from then on every call gives the same error.
    pub fn activity(&mut self, activity: ActivitySnapshot<K, D>) -> Result<(), RestoreError> {
        let VersionedRecord::V1(record) = activity.0;
        self.record(record)
    }

    pub(super) fn record(&mut self, record: RecordV1<K, D>) -> Result<(), RestoreError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        self.take(record).map_err(|error| *self.failed.insert(error))
    }

    fn take(&mut self, record: RecordV1<K, D>) -> Result<(), RestoreError> {
        let (place, id) = (self.place, record.id());
        let wrong = |what| RestoreError::Activity { place, id, what };
        let newest =
            self.newest.ok_or_else(|| wrong("it was scheduled before any time was seen"))?;
        if self.place >= self.open {
            return Err(wrong("the counts leave fewer activities open"));
        }
        if let Some(what) = record.flaw(newest, self.stats.scheduled) {
            return Err(wrong(what));
        }
        self.heartbeats_left = self
            .heartbeats_left
            .checked_sub(record.heartbeats())
            .ok_or_else(|| wrong("it has more heartbeats than were counted"))?;
        self.activities.restore(record.into_restored(), &mut self.slab).map_err(wrong)?;
        self.place += 1;
        Ok(())
    }

    /// Ends with the wheel, made anew.
    ///
    /// # Errors
    /// [`RestoreError::End`], if activities or slots are missing; the error that ended it before.
    pub fn finish(self) -> Result<Engine<K, D>, RestoreError> {
        let wrong = |what| RestoreError::End { what };
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        if self.place != self.open {
            return Err(wrong("the counts leave more activities open"));
        }
        let slab = self.slab.finish().map_err(wrong)?;
        let activities = self.activities.with_slab(slab);
        Ok(Engine::restored(self.config, self.newest, self.stats, activities))
    }
}
