//! Snapshots: an engine as data, in any serde format, and back.
//!
//! An [`Engine`] is `Serialize` and `Deserialize`. What is stored is what nobody can compute: the
//! configuration, the newest time seen, the counts, which slots are free and in which order, and a record for
//! each open activity. Deadlines and the timer wheel follow from these and are made anew, so they cannot
//! disagree. The same state gives the same bytes; ids issued before are good afterwards, and dead ones stay
//! dead. What timers did ([`TimerStats`](crate::TimerStats)) is counted from zero again: that is about the
//! wheel, not about activities.
//!
//! Every snapshot says its version. Format version 1 will be restored for ever.
//!
//! Where ten million activities should not stand in memory twice, a format that streams gives and takes one at a
//! time. A host that brings its own framing writes [`Engine::snapshot_head`] and each of
//! [`Engine::snapshot_activities`], and reads them back through a [`Restore`].

mod head;
mod record;
mod restore;
mod whole;

use serde::{Deserialize, Serialize};

use crate::Engine;
use head::HeadV1;
pub(crate) use record::RecordV1;
pub use restore::{Restore, RestoreError};

/// Everything of a snapshot but its activities. Opaque, for serde to store; says its version.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SnapshotHead(VersionedHead);

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum VersionedHead {
    V1(HeadV1),
}

/// One activity of a snapshot, with its key and details held or lent. Opaque, for serde to store; says its
/// version.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ActivitySnapshot<K, D>(VersionedRecord<K, D>);

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum VersionedRecord<K, D> {
    V1(RecordV1<K, D>),
}

impl<K, D> Engine<K, D> {
    /// Everything of a snapshot but its activities.
    ///
    /// Costs in proportion to the slots in use.
    #[must_use]
    pub fn snapshot_head(&self) -> SnapshotHead {
        SnapshotHead(VersionedHead::V1(self.head()))
    }

    /// The activities of a snapshot, [`len`](Self::len) of them, in the order in which [`Restore`] takes them.
    pub fn snapshot_activities(&self) -> impl Iterator<Item = ActivitySnapshot<&K, &D>> {
        self.activities.records().map(|record| ActivitySnapshot(VersionedRecord::V1(record)))
    }
}
