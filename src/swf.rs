//! Amazon SWF's face on top of the engine: what its workers, deciders and policies expect to meet.
//! No I/O, and no parser of any format.

pub mod access;
pub mod token;
