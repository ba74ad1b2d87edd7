//! Operations and observations as JSON Lines: the lines that `examples/replay` reads and prints.
//!
//! [`write_operation`] gives a line of input, [`write_observation`] a line of output, and the two readers turn them
//! back. An activity of the number 3 has the `activityId` `a3`. Times stand in seconds, exact to the
//! millisecond, with no float involved.
//!
//! Beyond the replayer's own format go `Abandon`, `AdvanceAtMost` with its `count`, and timeouts with decimals,
//! where an implementation has them: `"heartbeatTimeout":"0.001"`.

mod input;
mod object;
mod output;
mod seconds;

use alloc::string::String;
use core::fmt;

pub use input::{action_name, read_operation, write_operation};
pub use output::{read_observation, write_observation, Line};
pub(super) use seconds::Seconds;

/// Why a line cannot be read: what was expected, and what stands there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Unreadable {}
