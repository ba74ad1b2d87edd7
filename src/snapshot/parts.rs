//! The pieces of a snapshot as a host stores them one by one: each says its version.

use serde::{Deserialize, Serialize};

use super::head::HeadV1;
use super::record::RecordV1;
use crate::Engine;

/// Everything of a snapshot but its activities. Opaque: it is for serde.
#[derive(Clone, Debug, Eq, PartialEq)]
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
pub struct SnapshotHead(VersionedHead);

#[derive(Clone, Debug, Eq, PartialEq)]
#[derive(Deserialize, Serialize)]
enum VersionedHead {
    V1(HeadV1),
}
