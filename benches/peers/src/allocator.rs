//! The counting allocator: the system's, wrapped by two crates, because one counts calls and the
//! other keeps the peak. Both hand `realloc` through, so growth costs what it costs a host.

use std::alloc::System;
use std::hint::black_box;
use std::time::Instant;

use cap::Cap;
use stats_alloc::{StatsAlloc, INSTRUMENTED_SYSTEM};

#[global_allocator]
static HEAP: Cap<&StatsAlloc<System>> = Cap::new(&INSTRUMENTED_SYSTEM, usize::MAX);

/// Bytes that the process holds on the heap.
pub fn live_bytes() -> u64 {
    HEAP.allocated() as u64
}

/// The most bytes that the process ever held on the heap.
pub fn peak_bytes() -> u64 {
    HEAP.max_allocated() as u64
}

/// Calls to the allocator that could return fresh memory, so far.
pub fn allocations() -> u64 {
    let stats = INSTRUMENTED_SYSTEM.stats();
    (stats.allocations + stats.reallocations) as u64
}

/// What an allocate-and-free pair of 64 bytes costs here, counting included. Printed with every
/// table: peers that allocate at each beat pay the counting as well.
pub fn ns_per_pair() -> f64 {
    // Long enough that the clock's resolution is nothing, short enough that nobody waits.
    const PAIRS: u32 = 1_000_000;
    let begun = Instant::now();
    for _ in 0..PAIRS {
        drop(black_box(Box::new([0_u8; 64])));
    }
    begun.elapsed().as_nanos() as f64 / f64::from(PAIRS)
}
