//! Each workload, one file each, and what they are handed.

pub mod burst;
pub mod churn;
pub mod expiry;
pub mod idle;
pub mod memory;
pub mod sleeper;
pub mod steady;

use crate::orders::Orders;
use crate::row::Row;

/// What a pass is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pass {
    /// Whole periods are timed and nothing else is looked at.
    Timed,
    /// Every call is timed and its entries are counted.
    Worst,
}

/// One pass of one workload over one peer.
pub type Measure = fn(&Orders, Pass) -> Vec<Row>;
