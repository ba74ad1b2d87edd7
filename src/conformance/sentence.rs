//! The sentences of the contract, by number.

use core::fmt;

/// A sentence of the [contract](crate#the-contract), by its number there.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sentence(u8);

/// What the sentences say, in short: the words of the README.
const SHORT: [&str; Sentence::COUNT] = [
    "The same configuration and the same (now, command) sequence give the same results.",
    "Four timeouts, armed and anchored as in the table.",
    "A deadline is due at the instant itself, never a millisecond early. Zero is a timeout like any other.",
    "A command first looks at the activity's own deadline: if it is due, the timeout wins. So the outcome never depends on whether or when you polled.",
    "An activity closes exactly once; then its id is dead for ever.",
    "A refused command changes nothing but the newest time seen, and hands back what you passed in.",
    "A cancel request stops no timer, and shows in the reply of every later heartbeat.",
    "A timeout event carries everything needed to explain it.",
    "Events come in (deadline, order of scheduling).",
    "`next_wakeup` is never late, and following it makes progress.",
    "Time never runs backwards; any `u64` millisecond is legal.",
    "Commands are O(1) amortised; a heartbeat touches no timer and allocates nothing.",
    "An activity that is due but not yet polled counts as open.",
    "No argument can cause a panic.",
    "A restored engine is the one that was stored: the same answers, the same ids, the same bytes again.",
    "After a silence, recovery moves heartbeat clocks as far as its policy says, and nothing else.",
    "With a guard on jumps, a time too far ahead changes nothing until the host accepts it.",
    "A suspended activity has no deadline; resumed, each clock has what it had left.",
    "Timeouts may be changed while an activity is open, and count from the same anchors.",
];

impl Sentence {
    /// How many there are.
    pub const COUNT: usize = 19;

    /// Same inputs, same results.
    pub const REPEATABLE: Self = Self(1);
    /// The four timeouts and their anchors.
    pub const TIMEOUTS: Self = Self(2);
    /// The instant of a deadline.
    pub const INSTANT: Self = Self(3);
    /// A timeout that is due wins over a command.
    pub const SETTLING: Self = Self(4);
    /// One close.
    pub const ONE_CLOSE: Self = Self(5);
    /// A refusal changes nothing.
    pub const REFUSALS: Self = Self(6);
    /// Requests to cancel.
    pub const CANCELLATION: Self = Self(7);
    /// The evidence of timeouts.
    pub const EVIDENCE: Self = Self(8);
    /// The order of timeouts.
    pub const ORDER: Self = Self(9);
    /// Wake-ups.
    pub const WAKEUPS: Self = Self(10);
    /// The timeline, its ends, and a clock that runs backwards.
    pub const TIMELINE: Self = Self(11);
    /// Cost, which no observation shows.
    pub const COST: Self = Self(12);
    /// What is due counts as open.
    pub const CAPACITY: Self = Self(13);
    /// No panic.
    pub const NO_PANIC: Self = Self(14);
    /// Snapshots.
    pub const SNAPSHOTS: Self = Self(15);
    /// Recoveries.
    pub const RECOVERY: Self = Self(16);
    /// The guard on jumps.
    pub const JUMPS: Self = Self(17);
    /// Suspensions.
    pub const SUSPENSION: Self = Self(18);
    /// Timeouts that change.
    pub const CHANGES: Self = Self(19);

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=Self::COUNT as u8).map(Self)
    }

    /// Its number, from 1.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// What it says, in short.
    #[must_use]
    pub const fn short(self) -> &'static str {
        // Only the constants above and `all` make one.
        SHORT[self.number() - 1]
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sentence {}", self.0)
    }
}
