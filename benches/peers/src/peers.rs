//! Each peer behind the trait, one file each.

pub mod btree;
pub mod delay_queue;
pub mod hash_wheel;
pub mod heap;
pub mod heartwheel;
pub mod limit;
pub mod nexus;
