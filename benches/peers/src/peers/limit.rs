//! What the memory and the driver cost: no timer at all.

use crate::orders::HEARTBEAT_MS;
use crate::peer::Peer;

/// One cache line, as large as an engine's record would like to be.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Record {
    beats: u64,
}

/// A beat reads, changes and writes one field of one record; a poll is nothing.
#[derive(Debug)]
pub struct Limit {
    records: Vec<Record>,
}

impl Peer for Limit {
    type Handle = u32;
    const TELLS_WAKEUP: bool = false;
    const FIRES: bool = false;

    fn new() -> Self {
        Self { records: Vec::new() }
    }

    fn schedule(&mut self, _now: u64, activity: u32, _deadline: u64) -> u32 {
        self.records.push(Record { beats: 0 });
        activity
    }

    fn beat(&mut self, now: u64, handle: u32) -> bool {
        let record = &mut self.records[handle as usize];
        record.beats += 1;
        // Always so: the comparison keeps the loop from being turned into something no host could do.
        now < u64::MAX - HEARTBEAT_MS
    }

    fn complete(&mut self, _now: u64, _handle: u32) -> bool {
        true
    }

    fn poll(&mut self, _now: u64) -> Option<u32> {
        None
    }

    fn next_wakeup(&self) -> Option<u64> {
        None
    }

    fn beats(&self) -> Option<u64> {
        Some(self.records.iter().map(|record| record.beats).sum())
    }
}
